"""The real model, when INTELLIFIT_TEST_MODEL names one: real speech, real noise, and no worse than the library alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from intellifit_whisper import audio
from intellifit_whisper.config import Config
from intellifit_whisper.engine import Ask, Segment
from intellifit_whisper.formats import joined
from intellifit_whisper.health import fixture, hears
from intellifit_whisper.limits import RATE
from intellifit_whisper.wav import Samples
from intellifit_whisper.whisper import Whisper, doubted

from .signals import noise, pink, tone, voice_like
from .wer import rate, words

MODEL = os.environ.get("INTELLIFIT_TEST_MODEL", "")
DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not MODEL, reason="INTELLIFIT_TEST_MODEL names no Whisper model")


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper(Config(model=Path(MODEL), device="cpu"))


@pytest.fixture(scope="module")
def clips() -> list[tuple[str, Samples]]:
    manifest = DATA / "speech" / "manifest.jsonl"
    if not manifest.is_file():
        pytest.skip(f"{manifest} is absent")
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    return [(row["text"], audio.from_wav((DATA / "speech" / row["file"]).read_bytes(), 60)) for row in rows]


def heard(whisper: Whisper, samples: Samples, ask: Ask | None = None) -> list[Segment]:
    return list(whisper.hear(samples, ask or Ask(), lambda: False).segments)


def direct(whisper: Whisper, samples: Samples, **more: Any) -> str:
    """The same model through the library alone."""
    found, _ = whisper._model.transcribe(
        samples, language="en", beam_size=1, vad_filter=True, condition_on_previous_text=False, **more
    )
    return "".join(segment.text for segment in found).strip()


def test_word_error_rate_is_that_of_the_library(whisper: Whisper, clips: list[tuple[str, Samples]]) -> None:
    ours = rate((said, joined(heard(whisper, samples))) for said, samples in clips)
    theirs = rate((said, direct(whisper, samples)) for said, samples in clips)
    print(f"WER {ours:.2f} %, the library's {theirs:.2f} %")  # noqa: T201
    assert ours <= theirs + 0.5
    assert ours < 15


def test_word_error_rate_in_noise(whisper: Whisper, clips: list[tuple[str, Samples]]) -> None:
    noisy = [(said, pink(samples, 10, seed)) for seed, (said, samples) in enumerate(clips)]
    ours = rate((said, joined(heard(whisper, samples))) for said, samples in noisy)
    theirs = rate((said, direct(whisper, samples)) for said, samples in noisy)
    print(f"10 dB: WER {ours:.2f} %, the library's {theirs:.2f} %")  # noqa: T201
    # One draw of noise moves a handful of the 219 words either way; compare_windows.py draws five times as many.
    assert ours <= theirs + 3


@pytest.mark.parametrize("file", ["silence-3s", "pinknoise-5s", "brownnoise-5s", "beat120bpm-4s"])
@pytest.mark.parametrize("language", ["en", "auto"])
def test_no_word_on_what_is_no_speech(whisper: Whisper, file: str, language: str) -> None:
    path = DATA / "vad" / f"{file}.wav"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    assert heard(whisper, audio.from_wav(path.read_bytes(), 60), Ask(language=language)) == []


def test_no_word_on_200_made_noises(whisper: Whisper) -> None:
    random = np.random.default_rng(11)
    said = [text for n in range(200) if (text := joined(heard(whisper, made_noise(n, random))))]
    assert said == []


def made_noise(n: int, random: np.random.Generator) -> Samples:
    """Hum, hiss, thumps, plates, beeps and silence, no two alike."""
    seconds = float(random.uniform(0.3, 6))
    count = round(seconds * RATE)
    t = np.arange(count) / RATE
    hiss = pink(np.full(count, 1e-3, dtype=np.float32), -float(random.uniform(0, 40)), n)
    made: Any
    match n % 6:
        case 0:
            made = hiss
        case 1:  # Thumps of a beat.
            beat = float(random.uniform(0.3, 0.8))
            made = np.sin(2 * np.pi * 55 * t) * np.exp(-12 * (t % beat)) * 0.8
        case 2:  # Plates: inharmonic rings that fall off.
            strike = float(random.uniform(0.7, 2))
            made = sum(np.sin(2 * np.pi * f * t) for f in random.uniform(800, 6000, 6)) * np.exp(-6 * (t % strike)) * 0.1
        case 3:  # A fan.
            made = hiss + 0.05 * np.sin(2 * np.pi * float(random.uniform(50, 200)) * t)
        case 4:  # Beeps of a machine.
            made = tone(seconds, float(random.uniform(400, 3000)))[:count] * ((t % 1) < 0.2)
        case _:
            made = noise(seconds, n, float(random.uniform(0, 0.3)))[:count]
    return np.asarray(np.clip(made, -1, 1), dtype=np.float32)


def test_words_have_times_in_order(whisper: Whisper, clips: list[tuple[str, Samples]]) -> None:
    said, samples = max(clips, key=lambda clip: len(clip[1]))
    padded = np.concatenate([np.zeros(RATE * 2, dtype=np.float32), samples])
    found = heard(whisper, padded, Ask(words=True))
    times = [(word.start, word.end) for segment in found for word in segment.words]
    assert len(times) >= len(words(said)) - 2
    assert all(start <= end for start, end in times)
    assert times == sorted(times)
    assert 1.5 < times[0][0] < 3.5
    assert times[-1][1] <= len(padded) / RATE


def test_the_language_is_found_when_it_is_asked_for(whisper: Whisper, clips: list[tuple[str, Samples]]) -> None:
    hearing = whisper.hear(max(clips, key=lambda clip: len(clip[1]))[1], Ask(language="auto"), lambda: False)
    assert hearing.language == "en"
    assert joined(list(hearing.segments))


def test_a_prompt_leads_the_spelling(whisper: Whisper) -> None:
    plainly, led = (joined(heard(whisper, fixture(), Ask(prompt=prompt))) for prompt in ("", "READY WHEN YOU ARE, SIR."))
    assert "ready" in plainly.lower()
    assert "ready" in led.lower()
    long = joined(heard(whisper, fixture(), Ask(prompt="squat, bench press, deadlift, " * 120)))
    assert "when you are" in long.lower()


def test_long_recordings_are_heard_to_the_end(whisper: Whisper, clips: list[tuple[str, Samples]]) -> None:
    said, samples = max(clips, key=lambda clip: len(clip[1]))
    gap = np.zeros(RATE * 125, dtype=np.float32)
    found = heard(whisper, np.concatenate([samples, gap, samples, gap, samples]))
    assert rate([(" ".join([said] * 3), joined(found))]) < 10
    starts = [segment.start for segment in found]
    assert starts == sorted(starts)
    assert starts[-1] > 260


def test_stopping_stops(whisper: Whisper, clips: list[tuple[str, Samples]]) -> None:
    everything = np.concatenate([samples for _, samples in clips])
    hearing = whisper.hear(everything, Ask(), lambda: True)
    assert len(list(hearing.segments)) <= 1


def test_a_repeated_sound_does_not_run_away(whisper: Whisper) -> None:
    text = joined(heard(whisper, np.tile(fixture(), 12)))
    assert len(text.split()) < 12 * 6
    assert joined(heard(whisper, voice_like(8))).count(" ") < 30


def test_a_short_window_is_doubted_when_it_should_be() -> None:
    def segment(end: float, logprob: float = -0.3, ratio: float = 1.0, tokens: int = 5) -> Segment:
        return Segment(0, end, " x", avg_logprob=logprob, compression_ratio=ratio, tokens=tuple(range(tokens)))

    assert not doubted([segment(2.0)], 2.2, 50)
    assert doubted([], 2.0, 50)
    assert doubted([segment(0.8)], 2.0, 50)
    assert doubted([segment(2.0, logprob=-0.8)], 2.0, 50)
    assert doubted([segment(2.0, ratio=2.5)], 2.0, 50)
    assert doubted([segment(1.0, tokens=20), segment(2.0, tokens=30)], 2.0, 50)


def test_the_model_hears_the_fixture(whisper: Whisper) -> None:
    assert hears(whisper, fixture()) == ""
    assert "ready" in joined(heard(whisper, fixture())).lower()
