"""Where somebody speaks: Silero's voice activity detection before anything is decoded, and cuts in long recordings.

Whisper invents words where there are none. What it never gets to hear it cannot make words of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps

from .limits import RATE
from .wav import Samples

# A cough, a plate or a beat lasts less than `min_speech_duration_ms` above the threshold; the shortest "yes" does not. Pauses
# shorter than `min_silence_duration_ms` stay in, with the pads they keep sentences as Whisper learned them.
OPTIONS = VadOptions(
    threshold=0.5, neg_threshold=0.35, min_speech_duration_ms=90, min_silence_duration_ms=1000, speech_pad_ms=400
)

# A longer recording is heard in pieces: the spectrogram of half an hour would take a gigabyte.
PIECE_SECONDS = 240
_SEARCH_SECONDS = 30
_QUIET_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a recording in which somebody speaks."""

    offset: int  # Samples before it.
    samples: Samples
    spans: list[dict[str, Any]]  # {"start", "end"} in samples of this piece.

    @property
    def speech(self) -> Samples:
        """The spans alone, joined."""
        return np.concatenate([self.samples[span["start"] : span["end"]] for span in self.spans])

    @property
    def seconds(self) -> float:
        """How long the spans are together."""
        return float(sum(span["end"] - span["start"] for span in self.spans)) / RATE


def speech(samples: Samples) -> list[Piece]:
    """The pieces of a recording that hold speech, with where in them."""
    found = ((offset, piece, get_speech_timestamps(piece, OPTIONS)) for offset, piece in pieces(samples))
    return [Piece(offset, piece, spans) for offset, piece, spans in found if spans]


def pieces(samples: Samples, seconds: int = PIECE_SECONDS) -> Iterator[tuple[int, Samples]]:
    """The recording in parts of at most so many seconds, cut where it is quietest, each with its offset in samples."""
    start = 0
    while len(samples) - start > seconds * RATE:
        end = start + seconds * RATE
        search = end - _SEARCH_SECONDS * RATE
        cut = search + _quietest(samples[search:end])
        yield start, samples[start:cut]
        start = cut
    if start < len(samples):
        yield start, samples[start:]


def _quietest(samples: Samples) -> int:
    """The middle of the quietest 0.3 s."""
    width = int(_QUIET_SECONDS * RATE)
    energy = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
    return int(np.argmin(energy[width:] - energy[:-width])) + width // 2
