# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples between the voice and the wire."""

from __future__ import annotations

import io
import math
import wave

import numpy as np
import pytest

from intellifit_tts import audio
from intellifit_tts.audio import Samples

RATE = 22050


def tone(hertz: float, seconds: float, level: float = 0.3, rate: int = RATE) -> Samples:
    at = np.arange(round(rate * seconds))
    return (level * np.sin(2 * np.pi * hertz * at / rate)).astype(np.float32)


def faded(samples: Samples, rate: int = RATE) -> Samples:
    """Let a tone begin and end as a clause does."""
    ramp = rate // 50
    window = np.ones(len(samples), dtype=np.float32)
    window[:ramp] = 0.5 - 0.5 * np.cos(np.pi * np.arange(ramp) / ramp)
    window[-ramp:] = window[:ramp][::-1]
    return (samples * window).astype(np.float32)


def level_at(samples: Samples, hertz: float, rate: int) -> float:
    """Return the amplitude of a tone in the middle of the samples."""
    middle = samples[len(samples) // 4 : -len(samples) // 4].astype(np.float64) * np.hanning(len(samples[len(samples) // 4 : -len(samples) // 4]))
    at = np.arange(len(middle))
    return float(abs(np.sum(middle * np.exp(-2j * np.pi * hertz * at / rate))) * 2 / np.sum(np.hanning(len(middle))))


def decibels(ratio: float) -> float:
    return 20 * math.log10(max(ratio, 1e-12))


def test_trim_takes_silence_off_both_ends() -> None:
    sound = np.concatenate([audio.silence(300, RATE), tone(440, 0.5), audio.silence(400, RATE)])
    kept = audio.trim(sound, RATE)
    assert len(kept) / RATE == pytest.approx(0.5 + 0.01 + 0.04, abs=0.025)
    assert kept[0] == 0.0
    assert abs(kept[-1]) < 0.001
    assert audio.active_level(kept, RATE) == pytest.approx(audio.active_level(tone(440, 0.5), RATE), abs=0.5)


def test_trim_keeps_a_pause_within_and_a_faint_end() -> None:
    faint = tone(3000, 0.1, level=0.005)
    sound = np.concatenate([tone(440, 0.2), audio.silence(200, RATE), faint, audio.silence(300, RATE)])
    assert len(audio.trim(sound, RATE)) / RATE == pytest.approx(0.2 + 0.2 + 0.1 + 0.04, abs=0.025)


@pytest.mark.parametrize("sound", [audio.empty(), audio.silence(100, RATE), np.full(RATE, 0.001, dtype=np.float32), np.zeros(1, dtype=np.float32)])
def test_trim_makes_nothing_of_silence(sound: Samples) -> None:
    assert audio.trim(sound, RATE).size == 0
    assert audio.active_level(sound, RATE) == -math.inf


def test_trim_does_not_write_into_its_input() -> None:
    sound = tone(440, 0.1)
    before = sound.copy()
    audio.trim(sound, RATE)
    np.testing.assert_array_equal(sound, before)


def test_limit_bends_peaks_and_nothing_else() -> None:
    quiet = tone(440, 0.1, level=0.79)
    np.testing.assert_array_equal(audio.limit(quiet), quiet)
    loud = audio.limit(tone(440, 0.1, level=3.0))
    assert 0.95 < np.max(np.abs(loud)) <= 1.0
    rising = audio.limit(np.linspace(-2, 2, 1001, dtype=np.float32))
    assert np.all(np.diff(rising) >= 0)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22051, 24000, 44100, 47981, 48000])
def test_resample_keeps_what_the_new_rate_holds(rate: int) -> None:
    seconds = 0.5
    out = audio.resample(faded(tone(1000, seconds)), RATE, rate)
    assert len(out) == round(RATE * seconds * rate / RATE)
    want = faded(tone(1000, seconds, rate=rate), rate)
    middle = slice(rate // 20, -rate // 20)
    assert np.max(np.abs(out[middle] - want[middle])) < 0.001


@pytest.mark.parametrize(("rate", "hertz"), [(8000, 4400), (8000, 7000), (8000, 10000), (16000, 8800), (16000, 10500)])
def test_resample_makes_no_alias(rate: int, hertz: int) -> None:
    """A tone that the new rate cannot hold would come back mirrored: at least 80 dB of it must be gone."""
    out = audio.resample(faded(tone(hertz, 1.0)), RATE, rate)
    middle = out[len(out) // 10 : -len(out) // 10]
    assert decibels(float(np.max(np.abs(middle))) / 0.3) < -80


def test_resample_passes_the_band_of_speech_flat() -> None:
    for hertz in (100, 500, 2000, 3000, 3500):
        out = audio.resample(faded(tone(hertz, 0.5)), RATE, 8000)
        assert decibels(level_at(out, hertz, 8000) / 0.3) == pytest.approx(0, abs=0.1), hertz


def test_resample_of_nothing_and_to_the_same_rate() -> None:
    sound = tone(440, 0.1)
    assert audio.resample(sound, RATE, RATE) is sound
    assert audio.resample(audio.empty(), RATE, 16000).size == 0
    assert audio.resample(sound[:1], RATE, 16000).size == 1


def test_pcm16_clips_and_rounds() -> None:
    data = audio.pcm16(np.array([0.0, 1.0, -1.0, 1.5, -1.5, 0.5 / 32767, 1 / 32767], dtype=np.float32))
    assert np.frombuffer(data, "<i2").tolist() == [0, 32767, -32767, 32767, -32767, 0, 1]


def test_wav_header_is_read_by_others() -> None:
    sound = audio.pcm16(tone(440, 0.1))
    with wave.open(io.BytesIO(audio.wav_header(RATE, len(sound)) + sound)) as read:
        assert (read.getframerate(), read.getnchannels(), read.getsampwidth(), read.getnframes()) == (RATE, 1, 2, len(sound) // 2)
    streamed = audio.wav_header(RATE)
    assert len(streamed) == 44
    assert streamed[4:8] == streamed[40:44] == b"\xff\xff\xff\xff"
