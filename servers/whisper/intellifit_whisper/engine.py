"""What the server needs of a recogniser, and the words it uses for what it heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from .wav import Samples


@dataclass(frozen=True, slots=True)
class Ask:
    """How a request wants its clip heard."""

    language: str = "en"  # A code, or "auto".
    prompt: str = ""
    temperature: float = 0.0
    words: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its times in seconds."""

    start: float
    end: float
    word: str
    probability: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech with what Whisper thinks of it; times in seconds from the clip's start."""

    start: float
    end: float
    text: str
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 1.0
    temperature: float = 0.0
    tokens: tuple[int, ...] = ()
    words: tuple[Word, ...] = ()


@dataclass(slots=True)
class Hearing:
    """A clip being heard. Decoding happens while the segments are iterated over; the counts are final after the last."""

    language: str
    speech_seconds: float
    segments: Iterator[Segment]
    dropped: int = field(default=0)  # Segments that were hallucinations.
    redone: int = field(default=0)  # Short windows that were doubted and decoded again in full.


class Engine(Protocol):
    """A speech recogniser. `hear` is called from as many threads as there are workers."""

    device: str
    compute_type: str
    languages: frozenset[str]

    def hear(self, samples: Samples, ask: Ask, stopped: Callable[[], bool]) -> Hearing:
        """Start hearing a clip; once stopped() is true no further window is decoded."""
        ...
