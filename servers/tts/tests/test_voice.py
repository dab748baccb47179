# SPDX-License-Identifier: GPL-3.0-or-later
"""A real voice, where INTELLIFIT_TEST_VOICES names a folder with one: what it sounds like in figures."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from intellifit_tts import audio
from intellifit_tts.clauses import split
from intellifit_tts.config import Config
from intellifit_tts.engine import PiperEngine
from intellifit_tts.metrics import Metrics
from intellifit_tts.request import read
from intellifit_tts.speaker import Speaker
from intellifit_tts.text import clean

REPLY = (
    "Great work today, you lifted ten kilos more than last week. Rest for ninety seconds, then we go again! "
    "Okay, let's start with three sets of twelve squats at sixty kilos, keep your back straight, and breathe out on the way up. "
    "How does your shoulder feel? I can book you with the trainer on Friday at five thirty in the evening."
)


@pytest.fixture(scope="module")
def engine(real_voices: Path) -> PiperEngine:
    voice = sorted(real_voices.glob("*.onnx"))[0].stem
    return PiperEngine(Config(voices=real_voices, voice=voice))


@pytest.fixture
def speaker(engine: PiperEngine) -> Iterator[Speaker]:
    speaker = Speaker(engine, Metrics(), workers=1, queue=4, timeout=60)
    yield speaker
    speaker.close()


async def timed(speaker: Speaker, body: str) -> tuple[list[audio.Samples], list[float]]:
    """Speak a body; return the sound of its clauses and when each was there."""
    asked = read(body.encode(), speaker.engine.voices, speaker.engine.default_voice)
    began = time.perf_counter()
    sounds, at = [], []
    async for sound in speaker.speak(asked, asyncio.Event()):
        sounds.append(sound)
        at.append(time.perf_counter() - began)
    return sounds, at


def test_clauses_are_equally_loud_and_never_clip(engine: PiperEngine, capsys: pytest.CaptureFixture[str]) -> None:
    levels, peaks = [], []
    rate = engine.voices[engine.default_voice].sample_rate
    for _ in range(3):
        for clause in split(clean(REPLY)):
            sound = np.concatenate(list(engine.synthesize(engine.default_voice, clause.text, 1.0)))
            levels.append(audio.active_level(audio.trim(sound, rate), rate))
            peaks.append(float(np.max(np.abs(sound))))
    with capsys.disabled():
        print(f"\nlevels {min(levels):.1f} to {max(levels):.1f} dBFS, median {statistics.median(levels):.1f}; highest peak {max(peaks):.2f}")
    assert max(peaks) < 1.0
    assert statistics.median(levels) == pytest.approx(audio.ACTIVE_LEVEL, abs=3)
    assert max(levels) - min(levels) < 8


def test_silence_is_trimmed_and_pauses_are_natural(speaker: Speaker) -> None:
    sounds, _ = asyncio.run(timed(speaker, '{"input": "Rest for ninety seconds. Then we go again, slowly."}'))
    rate = speaker.engine.voices[speaker.engine.default_voice].sample_rate
    for sound in sounds:
        loud = np.flatnonzero(np.abs(sound) > audio.SILENCE)
        assert loud[0] / rate < 0.05
        assert 0.2 < (len(sound) - loud[-1]) / rate < 0.4


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 48000])
def test_rates(speaker: Speaker, rate: int) -> None:
    native = speaker.engine.voices[speaker.engine.default_voice].sample_rate
    plain, _ = asyncio.run(timed(speaker, '{"input": "Rest for ninety seconds."}'))
    other, _ = asyncio.run(timed(speaker, f'{{"input": "Rest for ninety seconds.", "sample_rate": {rate}}}'))
    # Piper draws the length of each phoneme anew every time.
    assert len(other[0]) / rate == pytest.approx(len(plain[0]) / native, rel=0.25)
    assert audio.active_level(other[0], rate) == pytest.approx(audio.active_level(plain[0], native), abs=3)


def test_speed_changes_how_long_it_takes_to_say(speaker: Speaker) -> None:
    lengths = []
    for speed in (0.5, 1.0, 2.0):
        sounds, _ = asyncio.run(timed(speaker, f'{{"input": "Rest for ninety seconds, then we go again!", "speed": {speed}}}'))
        lengths.append(sum(len(sound) for sound in sounds))
    assert lengths[0] > 1.5 * lengths[1] > 1.5 * 1.5 * lengths[2]


def test_first_chunk_comes_long_before_the_last(speaker: Speaker, capsys: pytest.CaptureFixture[str]) -> None:
    rate = speaker.engine.voices[speaker.engine.default_voice].sample_rate
    firsts, factors, lasts = [], [], []
    body = f'{{"input": "{REPLY}"}}'
    for _ in range(5):
        sounds, at = asyncio.run(timed(speaker, body))
        firsts.append(at[0] * 1000)
        lasts.append(at[-1] * 1000)
        factors.append(at[-1] / (sum(len(sound) for sound in sounds) / rate))
    with capsys.disabled():
        print(
            f"\nfirst chunk {statistics.median(firsts):.0f} ms, last {statistics.median(lasts):.0f} ms, real-time factor "
            f"{statistics.median(factors):.3f} (medians of 5; others may use the processor)"
        )
    assert statistics.median(firsts) < statistics.median(lasts) / 3
    assert statistics.median(factors) < 0.5
