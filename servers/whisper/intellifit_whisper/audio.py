"""From a file's bytes to 16 kHz mono samples: WAV here, every compressed container in a process of its own (unpack.py)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import numpy as np
from av import AudioFrame
from av.audio.resampler import AudioResampler

from . import wav
from .errors import Refusal
from .limits import RATE
from .unpack import REFUSED
from .wav import Samples


def sniff(body: bytes) -> str:
    """The container of a file, by its first bytes and never by its name; what is none of the known ones is refused."""
    if not body:
        raise Refusal(400, "audio_empty", "the file is empty")
    for container, at, magic in _MAGIC:
        if body[at : at + len(magic)] == magic:
            return container
    if len(body) > 1 and body[0] == 0xFF and body[1] & 0xE0 == 0xE0:
        return "aac" if body[1] & 0xF6 == 0xF0 else "mp3"
    raise Refusal(415, "audio_format", "the file is no audio that is read here: WAV, FLAC, MP3, AAC, MP4, Ogg or WebM")


# By FFmpeg's name for the demuxer.
_MAGIC = (
    ("wav", 0, b"RIFF"),
    ("flac", 0, b"fLaC"),
    ("ogg", 0, b"OggS"),
    ("matroska", 0, b"\x1a\x45\xdf\xa3"),
    ("mp3", 0, b"ID3"),
    ("mov", 4, b"ftyp"),
)


def from_wav(body: bytes, max_seconds: float) -> Samples:
    """A WAV file's samples at 16 kHz, mixed to one channel."""
    wave = wav.read(body)
    if wave.seconds > max_seconds:
        raise Refusal(413, "audio_too_long", f"the recording lasts {wave.seconds:.0f} s, {max_seconds:g} s are allowed")
    samples = wave.mono()
    return samples if wave.rate == RATE else resample(samples, wave.rate)


def resample(samples: Samples, rate: int) -> Samples:
    """The same sound at 16 kHz, in blocks, so that a long one is never there more than twice."""
    resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
    pieces: list[Samples] = []
    for start in range(0, len(samples), rate * 10):
        frame = AudioFrame.from_ndarray(samples[None, start : start + rate * 10], format="flt", layout="mono")
        frame.sample_rate = rate
        pieces += [out.to_ndarray()[0] for out in resampler.resample(frame)]
    pieces += [out.to_ndarray()[0] for out in resampler.resample(None)]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32)


_COMMAND = (sys.executable, "-m", f"{__package__}.unpack")
# Nothing of the server's environment: no proxy, no credentials, no preloaded library.
_ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).resolve().parent.parent), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}


class Unpacker:
    """Decodes compressed files, each in a fresh process; the next one is started ahead, so that nobody waits for it."""

    def __init__(self, max_seconds: float) -> None:
        self._max_seconds = max_seconds
        self._spare: asyncio.Task[Process] | None = None

    async def decode(self, body: bytes, container: str) -> Samples:
        """The file's samples; a cancelled decode ends its process."""
        process = await self._take()
        order = json.dumps({"container": container, "max_seconds": self._max_seconds})
        try:
            out, told = await process.communicate(order.encode() + b"\n" + body)
        finally:
            await _end(process)
        if process.returncode == 0:
            return await asyncio.to_thread(_samples, out)
        raise _refusal(process.returncode, told, container)

    def prepare(self) -> None:
        """Start the process that will decode the next file."""
        self._spare = asyncio.create_task(self._start())

    async def close(self) -> None:
        """End the process that waits for a file."""
        if self._spare is None:
            return
        spare, self._spare = self._spare, None
        spare.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await _end(await spare)

    async def _take(self) -> Process:
        """The process that waits, or a new one; it is nobody else's from here on, and the next one is on its way."""
        spare = self._spare or asyncio.create_task(self._start())
        self.prepare()
        try:
            process = await asyncio.shield(spare)
        except asyncio.CancelledError:
            spare.add_done_callback(_discard)
            raise
        return process if process.returncode is None else await self._start()

    async def _start(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *_COMMAND, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=_ENVIRONMENT, start_new_session=True
        )


def _discard(started: asyncio.Task[Process]) -> None:
    """End a process that was still starting when nobody wanted it any more."""
    if not started.cancelled() and started.exception() is None:
        with contextlib.suppress(ProcessLookupError):
            started.result().kill()


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _samples(out: bytes) -> Samples:
    return np.frombuffer(out, dtype="<i2").astype(np.float32) / np.float32(32768.0)


def _refusal(status: int | None, told: bytes, container: str) -> Refusal:
    """What the process said, or what its death means."""
    if status == REFUSED:
        with contextlib.suppress(ValueError, KeyError, IndexError):
            said = json.loads(told.splitlines()[-1])
            return Refusal(said["status"], said["code"], said["message"])
    return Refusal(400, "audio_unreadable", f"the {container} file cannot be decoded")
