"""Compressed recordings, made by the codecs in PyAV's wheel."""

from __future__ import annotations

import io

import av
import numpy as np
from av.audio import AudioStream
from av.audio.resampler import AudioResampler

from .signals import RATE, Samples

_CODECS = {
    "ogg": ("libopus", 48_000),
    "webm": ("libopus", 48_000),
    "flac": ("flac", 48_000),
    "mp3": ("libmp3lame", 44_100),
    "mp4": ("aac", 44_100),
    "adts": ("aac", 44_100),
}


def encoded(samples: Samples, container: str, rate: int = 0, bit_rate: int = 0) -> bytes:
    """The samples in a container."""
    codec, usual = _CODECS[container]
    out = io.BytesIO()
    with av.open(out, "w", format=container) as target:
        stream = target.add_stream(codec, rate=rate or usual, layout="mono")
        assert isinstance(stream, AudioStream)
        if bit_rate:
            stream.bit_rate = bit_rate
        format = "fltp" if codec in ("aac", "libmp3lame") else "s16"
        resampler = AudioResampler(format=format, layout="mono", rate=rate or usual)
        frame = av.AudioFrame.from_ndarray((samples * 32767).astype("int16")[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return out.getvalue()


def bombed_mp3(seconds: int, most: int) -> bytes:
    """A small file that plays for hours: silence at the lowest rates, its frames over and over."""
    once = encoded(np.zeros(RATE * 20, dtype=np.float32), "mp3", rate=8_000, bit_rate=8_000)
    frames = once[once.index(b"\xff\xe3") :] if b"\xff\xe3" in once else once
    file = frames * (seconds // 20)
    return file[:most]
