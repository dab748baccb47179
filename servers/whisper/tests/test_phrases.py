"""Hallucinations go, what members say stays."""

from __future__ import annotations

import pytest

from intellifit_whisper.engine import Segment
from intellifit_whisper.phrases import hallucinated, plain

PROMPT = "A member talks with a coach about squat, bench press and deadlift."


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech", "gone"),
    [
        (" Thank you.", -0.2, 0.05, False),  # Said clearly.
        (" Thank you.", -0.9, 0.05, True),
        (" Thank you.", -0.2, 0.7, True),
        (" Thanks for watching!", -1.0, 0.5, True),
        (" Untertitel der Amara.org-Community", -0.8, 0.1, True),
        (" Thank you, book the squat rack.", -1.2, 0.9, False),  # More than the phrase.
        (" Deadlift.", -1.2, 0.9, False),  # A word of the prompt may be said.
        (" about squat, bench press and deadlift.", -1.2, 0.1, True),  # The prompt read back.
        (" about squat, bench press and deadlift.", -0.2, 0.1, False),
        (" ...", -0.1, 0.0, True),
        (" ♪♪", -0.1, 0.0, True),
        (" 60", -1.5, 0.9, False),
    ],
)
def test_hallucinated(text: str, logprob: float, no_speech: float, gone: bool) -> None:
    segment = Segment(0, 1, text, avg_logprob=logprob, no_speech_prob=no_speech)
    assert hallucinated(segment, PROMPT) is gone


def test_plain() -> None:
    assert plain("  Sous-titres réalisés, 60 kg!") == "sous titres realises 60 kg"


@pytest.mark.parametrize(
    ("words", "seconds", "gone"),
    [(4, 1.0, False), (4, 0.3, False), (10, 1.0, False), (11, 1.0, True), (150, 5.0, True), (30, 5.0, False)],
)
def test_nobody_speaks_that_fast(words: int, seconds: float, gone: bool) -> None:
    """Music becomes a loop of one word, at a rate that no mouth reaches, and without a doubt."""
    segment = Segment(start=2.0, end=2.0 + seconds, text="No, " * words, avg_logprob=-0.1, no_speech_prob=0.0)
    assert hallucinated(segment, "") is gone
