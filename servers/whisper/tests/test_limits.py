"""Bad input: a 4xx with a code for each, and the server alive after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .fakes import Live, serving
from .recordings import bombed_mp3, encoded
from .signals import noise, raw_wav, tone, voice_like, wav

PCM = (tone(1.0) * 32767).astype("<i2").tobytes()
NAN = np.full(16_000, np.nan, dtype="<f4").tobytes()
INFINITE = np.array([0.1, np.inf] * 8_000, dtype="<f8").tobytes()

BAD = {
    "no bytes": (b"", 400, "audio_empty"),
    "text": (b"This is no recording, whatever its name says.\n" * 50, 415, "audio_format"),
    "a playlist": (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", 415, "audio_format"),
    "random bytes": (b"\x00\x01" + noise(1).tobytes(), 415, "audio_format"),
    "a RIFF that is no WAVE": (b"RIFF\x00\x00\x00\x00AVI LIST", 415, "audio_format"),
    "a header alone": (raw_wav(b""), 400, "audio_empty"),
    "no data chunk": (raw_wav(PCM)[:36], 400, "audio_empty"),
    "a header cut short": (raw_wav(PCM)[:30], 400, "audio_unreadable"),
    "a size that lies": (raw_wav(PCM, size=10_000_000), 400, "audio_unreadable"),
    "half a frame": (raw_wav(PCM[:31_999]), 400, "audio_unreadable"),
    "1 Hz": (raw_wav(PCM, rate=1), 400, "audio_rate"),
    "0 Hz": (raw_wav(PCM, rate=0), 400, "audio_rate"),
    "384 kHz": (raw_wav(PCM, rate=384_000), 400, "audio_rate"),
    "32 channels": (raw_wav(PCM, channels=32), 400, "audio_channels"),
    "no channels": (raw_wav(PCM, channels=0), 400, "audio_channels"),
    "13 bits": (raw_wav(PCM, bits=13), 400, "audio_unreadable"),
    "ADPCM": (raw_wav(PCM, code=2, bits=4), 415, "audio_format"),
    "NaN": (raw_wav(NAN, code=3, bits=32), 400, "audio_unreadable"),
    "infinite": (raw_wav(INFINITE, code=3, bits=64), 400, "audio_unreadable"),
    "61 s": (raw_wav(bytes(61 * 8_000), rate=8_000, bits=8), 413, "audio_too_long"),
    "1 MB": (raw_wav(bytes(1_000_001)), 413, "audio_too_large"),
    "4 MB": (raw_wav(bytes(4_000_000)), 413, "audio_too_large"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_wav(live: Live, name: str) -> None:
    body, status, code = BAD[name]
    reply = live.transcribe(body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert reply.json()["error"]["message"]
    assert live.engine.lengths == []
    assert live.alive()


@pytest.mark.parametrize("container", ["ogg", "webm", "flac", "mp3", "mp4", "adts"])
def test_containers_are_read_and_damage_is_refused(live: Live, container: str) -> None:
    whole = encoded(voice_like(3.0), container)
    assert live.transcribe(whole).status_code == 200
    assert abs(live.engine.lengths[0] - 48_000) < 4_000
    spoiled = whole[:64] + noise(2).tobytes()[: len(whole)]
    assert live.transcribe(spoiled).status_code in (400, 415)
    assert live.transcribe(whole[:40]).status_code in (400, 415)
    assert live.alive()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_truncated_opus(live: Live, share: float) -> None:
    whole = encoded(voice_like(3.0), "ogg")
    reply = live.transcribe(whole[: int(len(whole) * share)])
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "audio_unreadable")
    assert live.alive()


def test_bomb_stops_at_the_limit(live: Live) -> None:
    bomb = bombed_mp3(seconds=2 * 3600, most=900_000)
    reply = live.transcribe(bomb)
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "audio_too_long")
    assert live.alive()


def test_what_is_odd_but_good(live: Live) -> None:
    for body, samples in (
        (wav(tone(0.1)), 1_600),
        (wav(tone(1.0), rate=8_000, channels=2), 32_000),
        (wav(tone(1.0), rate=48_000, channels=2), 5_333),
        (raw_wav(PCM, size=0xFFFFFFFF), 16_000),
        (raw_wav(PCM, size=0), 16_000),
        (raw_wav((tone(1.0) * 9).astype("<f4").tobytes(), code=3, bits=32), 16_000),
    ):
        assert live.transcribe(body).status_code == 200
        assert abs(live.engine.lengths[-1] - samples) <= 64


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"response_format": "yaml"}, 400, "response_format"),
        ({"response_format": "srt", "stream": "true"}, 400, "response_format"),
        ({"temperature": "hot"}, 400, "temperature"),
        ({"temperature": "1.5"}, 400, "temperature"),
        ({"temperature": "nan"}, 400, "temperature"),
        ({"language": "xx"}, 400, "language_unknown"),
        ({"language": "e" * 500}, 400, "language_unknown"),
        ({"stream": "maybe"}, 400, "stream"),
        ({"timestamp_granularities[]": "word"}, 400, "timestamp_granularities"),
        ({"timestamp_granularities[]": "syllable", "response_format": "verbose_json"}, 400, "timestamp_granularities"),
        ({"prompt": "squat " * 1000}, 400, "prompt_too_long"),
        ({"prompt": "squat " * 10_000}, 400, "multipart"),
        ({"model": "gpt-4o"}, 404, "model_not_found"),
        ({f"field{n}": "x" for n in range(60)}, 400, "multipart"),
    ],
)
def test_bad_fields(live: Live, fields: dict[str, Any], status: int, code: str) -> None:
    reply = live.transcribe(**fields)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    assert live.alive()


def test_bad_forms(live: Live) -> None:
    post = live.client.post
    path = "/v1/audio/transcriptions"
    kind = {"content-type": "multipart/form-data; boundary=x"}
    for reply, status, code in (
        (post(path, content=b"{}", headers={"content-type": "application/json"}), 415, "content_type"),
        (post(path, content=b"", headers={}), 415, "content_type"),
        (post(path, content=b"--y\r\nnonsense", headers=kind), 400, "multipart"),
        (post(path, content=b"--x\r\n\r\n--x--", headers={"content-type": "multipart/form-data"}), 400, "multipart"),
        (post(path, data={"model": "whisper-1"}, files={"other": b"x"}), 400, "file_missing"),
        (post(path, files=[("file", b"a"), ("file", b"b")]), 400, "multipart"),
        (post(path, files={"file": wav(tone(1)), "model": b"x"}), 400, "multipart"),
        (live.client.get("/v1/audio/speech"), 404, "not_found"),
        (live.client.get(path), 405, "method_not_allowed"),
        (post("/v1/audio/turn", content=wav(tone(1))), 404, "turn_unavailable"),
    ):
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    assert live.alive()


def test_a_body_without_a_length_is_bounded(live: Live) -> None:
    def endless() -> object:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(1000):
            yield bytes(65_536)

    kind = {"content-type": "multipart/form-data; boundary=x"}
    reply = live.client.post("/v1/audio/transcriptions", content=endless(), headers=kind)  # type: ignore[arg-type]
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "audio_too_large")
    assert live.alive()


def test_an_hour_of_silence() -> None:
    hour = raw_wav(b"\x80" * (3600 * 8_000 // 2), rate=8_000, bits=8)
    with serving() as live:  # The default: half an hour.
        assert live.transcribe(hour).status_code == 200
        assert live.engine.lengths == [1800 * 16_000]
        longer = raw_wav(b"\x80" * (3600 * 8_000 // 2 + 8_000), rate=8_000, bits=8)
        reply = live.transcribe(longer)
        assert (reply.status_code, reply.json()["error"]["code"]) == (413, "audio_too_long")
