"""Sounds made by arithmetic, the same on every machine."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
import numpy.typing as npt

RATE = 16_000
Samples = npt.NDArray[np.float32]


def tone(seconds: float, hertz: float = 440.0, level: float = 0.3) -> Samples:
    """A sine."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def voice_like(seconds: float) -> Samples:
    """Harmonics of a wandering pitch under a syllable rhythm: not speech, but shaped like it."""
    t = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * (120 * t + 4 * np.sin(2 * np.pi * 0.7 * t))
    harmonics = np.sum([np.sin(k * phase) / k**1.3 for k in range(1, 20)], axis=0)
    return np.asarray(0.1 * harmonics * (0.55 + 0.45 * np.sin(2 * np.pi * 3.3 * t)), dtype=np.float32)


def noise(seconds: float, seed: int = 1, level: float = 0.1) -> Samples:
    """White noise."""
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def wav(samples: Samples, rate: int = RATE, channels: int = 1) -> bytes:
    """A WAV file of 16 bits; more channels repeat the one."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat((samples * 32767).astype("<i2"), channels).tobytes())
    return out.getvalue()


def raw_wav(data: bytes, *, code: int = 1, channels: int = 1, rate: int = RATE, bits: int = 16, size: int = -1) -> bytes:
    """A WAV file whose header says what it is told to say."""
    width = channels * bits // 8
    fmt = struct.pack("<HHIIHH", code, channels, rate, (rate * width) & 0xFFFFFFFF, width & 0xFFFF, bits)
    claimed = len(data) if size < 0 else size
    riff = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", claimed) + data
    return b"RIFF" + struct.pack("<I", len(riff) & 0xFFFFFFFF) + riff


def pink(samples: Samples, decibels: float, seed: int) -> Samples:
    """The samples under pink noise that many decibels below them."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(samples)))
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), len(samples))
    return _under(samples, shaped, decibels)


def white(samples: Samples, decibels: float, seed: int) -> Samples:
    """The samples under white noise that many decibels below them."""
    return _under(samples, np.random.default_rng(seed).standard_normal(len(samples)), decibels)


def _under(samples: Samples, noise: npt.NDArray[np.float64], decibels: float) -> Samples:
    level = np.sqrt(np.mean(samples**2)) / np.std(noise) * 10 ** (-decibels / 20)
    return np.asarray(np.clip(samples + level * noise, -1, 1), dtype=np.float32)
