# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples between the voice and the wire: silence trimmed, loudness kept, rate changed, 16 bits out."""

from __future__ import annotations

import math
import struct

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""Mono sound; full scale is ±1."""

SILENCE = 10 ** (-55 / 20)
"""Below this level a frame is silence. Piper's own pauses lie under -90 dBFS, the faintest ends of words above -50."""
FRAME_MS = 10
LEAD_MS = 10
"""What stays of the silence before the first sound."""
TAIL_MS = 40
"""What stays of the silence behind the last sound, so that a breath can die away."""
FADE_MS = 4

KNEE = 0.8
"""From here on peaks are bent instead of cut, so that a fixed gain can never clip."""

ACTIVE_LEVEL = -21.0
"""dBFS that speech is brought to, its pauses not counted: loud enough for a phone, with room for peaks."""

UNKNOWN_SIZE = 0xFFFFFFFF
"""The size in the header of a WAV whose end is not known when it begins."""


def empty() -> Samples:
    """Return no sound."""
    return np.zeros(0, dtype=np.float32)


def silence(milliseconds: float, rate: int) -> Samples:
    """Return so much silence."""
    return np.zeros(round(rate * milliseconds / 1000), dtype=np.float32)


def trim(samples: Samples, rate: int) -> Samples:
    """Take the silence off both ends, but for a little, and fade what stays in and out; only silence becomes no sound."""
    frame = rate * FRAME_MS // 1000
    loud = np.flatnonzero(_levels(samples, frame) > SILENCE)
    if loud.size == 0:
        return empty()
    start = max(0, int(loud[0]) * frame - rate * LEAD_MS // 1000)
    end = min(len(samples), (int(loud[-1]) + 1) * frame + rate * TAIL_MS // 1000)
    kept = samples[start:end].copy()
    fade = min(rate * FADE_MS // 1000, len(kept) // 2)
    ramp = np.linspace(0.0, 1.0, fade, endpoint=False, dtype=np.float32)
    kept[:fade] *= ramp
    kept[len(kept) - fade :] *= ramp[::-1]
    return kept


def active_level(samples: Samples, rate: int) -> float:
    """Return the level of the frames that are not silence in dBFS (RMS); -inf when all are."""
    levels = _levels(samples, rate * FRAME_MS // 1000)
    loud = levels[levels > SILENCE]
    return 10 * math.log10(float(np.mean(loud**2))) if loud.size else -math.inf


def limit(samples: Samples) -> Samples:
    """Bend peaks above the knee towards full scale, which they never reach."""
    size = np.abs(samples)
    room = 1.0 - KNEE
    bent = np.sign(samples) * (KNEE + room * np.tanh((size - KNEE) / room))
    return np.where(size > KNEE, bent, samples).astype(np.float32)


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """Change the rate of a clause without aliases.

    The whole clause goes through one Fourier transform: what the new rate cannot hold is left out, behind a slope over the last 8 % of the
    band so that nothing rings. That is exact for every pair of rates, costs a few milliseconds a clause and needs no library; it is
    possible because a clause is short and begins and ends in silence, so that no filter needs to remember the one before.
    """
    if rate == wanted or len(samples) == 0:
        return samples
    divisor = math.gcd(rate, wanted)
    step, new_step = rate // divisor, wanted // divisor
    # Zeros behind the clause take up what the transform's circle would carry over to its beginning, and fill up to a whole number of steps.
    padded = math.ceil((len(samples) + rate // 50) / step) * step
    new_length = padded // step * new_step
    spectrum = np.fft.rfft(samples, padded)
    bins = min(len(spectrum), new_length // 2 + 1)
    spectrum = spectrum[:bins]
    slope = max(1, bins * 8 // 100)
    spectrum[bins - slope :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, slope + 1) / slope)
    result = np.fft.irfft(spectrum, new_length) * (new_length / padded)
    return result[: round(len(samples) * wanted / rate)].astype(np.float32)


def pcm16(samples: Samples) -> bytes:
    """Return little-endian signed 16-bit samples."""
    whole: npt.NDArray[np.int16] = np.rint(np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2")
    return whole.tobytes()


def wav_header(rate: int, size: int = UNKNOWN_SIZE) -> bytes:
    """Return the 44 bytes before 16-bit mono samples; without a size, those of a WAV that is streamed."""
    riff = UNKNOWN_SIZE if size == UNKNOWN_SIZE else size + 36
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", size)


def _levels(samples: Samples, frame: int) -> npt.NDArray[np.float64]:
    """Return the RMS of each frame, the last one filled up with silence."""
    count = math.ceil(len(samples) / frame)
    padded = np.zeros(count * frame, dtype=np.float64)
    padded[: len(samples)] = samples
    levels: npt.NDArray[np.float64] = np.sqrt(np.mean(padded.reshape(count, frame) ** 2, axis=1)) if count else padded
    return levels
