"""Strangers' bytes in a process of their own."""

from __future__ import annotations

import asyncio
import http.server
import threading

import numpy as np
import pytest

from intellifit_whisper import audio
from intellifit_whisper.audio import Unpacker
from intellifit_whisper.errors import Refusal
from intellifit_whisper.wav import Samples

from .recordings import encoded
from .signals import tone, voice_like


def decode(body: bytes, container: str, *, max_seconds: float = 60) -> Samples:
    async def run() -> Samples:
        unpacker = Unpacker(max_seconds)
        unpacker.prepare()
        try:
            return await unpacker.decode(body, container)
        finally:
            await unpacker.close()

    return asyncio.run(run())


@pytest.mark.parametrize("container", ["ogg", "webm", "flac", "mp3", "mp4", "adts"])
def test_sound_survives(container: str) -> None:
    body = encoded(tone(2.0, 440.0), container)
    samples = decode(body, audio.sniff(body))
    assert samples.dtype == np.float32
    assert abs(len(samples) - 32_000) < 4_000
    spectrum = np.abs(np.fft.rfft(samples[4_000:20_000]))
    assert abs(int(spectrum.argmax()) - 440) <= 2
    assert 0.2 < float(np.abs(samples[4_000:20_000]).max()) < 0.4


def test_aliases_are_rejected_when_a_rate_is_lowered() -> None:
    rate = 48_000
    t = np.arange(rate) / rate
    high = (0.5 * np.sin(2 * np.pi * 11_000 * t)).astype(np.float32)  # Would fold to 5 kHz.
    low = audio.resample(high, rate)
    assert abs(len(low) - 16_000) <= 16
    assert float(np.sqrt(np.mean(low[500:-500] ** 2))) < 0.35 * 10 ** (-50 / 20)


def test_a_playlist_in_disguise_reaches_nothing() -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        playlist = f"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{server.server_port}/x.ts\n#EXT-X-ENDLIST\n".encode()
        for container in ("mp3", "aac", "ogg", "matroska", "mov", "flac"):
            with pytest.raises(Refusal) as caught:
                decode(playlist, container)
            assert caught.value.status == 400
        server.shutdown()
    assert asked == []


def test_too_long_is_known_before_it_is_all_unpacked() -> None:
    body = encoded(voice_like(4.0), "flac")
    with pytest.raises(Refusal, match="longer than 3 s"):
        decode(body, "flac", max_seconds=3)


def test_a_crash_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(audio, "_COMMAND", (sys.executable, "-c", "import os; os.abort()"))
    with pytest.raises(Refusal) as caught:
        decode(encoded(tone(0.5), "mp3"), "mp3")
    assert (caught.value.status, caught.value.code) == (400, "audio_unreadable")


def test_a_cancelled_decode_ends_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(audio, "_COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))

    async def run() -> None:
        unpacker = Unpacker(60)
        unpacker.prepare()
        assert unpacker._spare is not None
        process = await unpacker._spare
        task = asyncio.ensure_future(unpacker.decode(b"x", "mp3"))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert process.returncode is not None
        await unpacker.close()

    asyncio.run(run())


def test_a_spare_that_died_is_replaced() -> None:
    async def run() -> Samples:
        unpacker = Unpacker(60)
        unpacker.prepare()
        assert unpacker._spare is not None
        spare = await unpacker._spare
        spare.kill()
        await spare.wait()
        try:
            return await unpacker.decode(encoded(tone(1.0), "flac"), "flac")
        finally:
            await unpacker.close()

    assert len(asyncio.run(run())) == 16_000


def test_mutated_files_are_decoded_or_refused() -> None:
    random = np.random.default_rng(7)
    statuses = {200}
    for container in ("ogg", "webm", "flac", "mp3", "mp4"):
        whole = bytearray(encoded(voice_like(1.0), container))
        for _ in range(6):
            spoiled = bytearray(whole)
            for at in random.integers(0, len(spoiled), 20):
                spoiled[at] = random.integers(0, 256)
            try:
                kind = audio.sniff(bytes(spoiled))
                if kind != "wav":
                    decode(bytes(spoiled), kind)
            except Refusal as refusal:
                statuses.add(refusal.status)
    assert statuses <= {200, 400, 413, 415}
