"""Short encoder windows against full ones: word error rate and time, clean and in noise.

    INTELLIFIT_TEST_MODEL=DIR python -m tests.compare_windows

On the labelled recordings of ../shared/data/speech, each five times: clean, under pink noise 20, 10 and 5 dB below the speech,
and under white noise 10 dB below it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from intellifit_whisper import audio
from intellifit_whisper.config import Config
from intellifit_whisper.engine import Ask
from intellifit_whisper.formats import joined
from intellifit_whisper.wav import Samples
from intellifit_whisper.whisper import Whisper

from .signals import pink, white
from .wer import errors, words

SPEECH = Path(__file__).resolve().parents[4] / "shared" / "data" / "speech"


@dataclass
class Tally:
    """What one window did to one kind of recordings."""

    wrong: int = 0
    said: int = 0
    redone: int = 0
    times: list[float] = field(default_factory=list)

    def line(self) -> str:
        """A row of the table."""
        rate = 100 * self.wrong / self.said
        return f"{rate:6.2f} % {np.median(self.times):7.2f} s {self.redone:3d} of {len(self.times)}"


def main() -> None:
    """Print the table."""
    rows = [json.loads(line) for line in (SPEECH / "manifest.jsonl").read_text().splitlines()]
    engines = {
        window: Whisper(Config(model=Path(os.environ["INTELLIFIT_TEST_MODEL"]), device="cpu", window=window))
        for window in ("full", "short")
    }
    tallies: dict[tuple[str, str], Tally] = {}
    for seed, row in enumerate(rows):
        samples = audio.from_wav((SPEECH / row["file"]).read_bytes(), 60)
        for kind, noisy in kinds(samples, seed).items():
            for window, engine in engines.items():
                for key in (kind, "all"):
                    tallies.setdefault((key, window), Tally())
                began = time.monotonic()
                hearing = engine.hear(noisy, Ask(), lambda: False)
                got = joined(list(hearing.segments))
                took = time.monotonic() - began
                for key in (kind, "all"):
                    tally = tallies[key, window]
                    tally.wrong += errors(words(row["text"]), words(got))
                    tally.said += len(words(row["text"]))
                    tally.redone += hearing.redone
                    tally.times.append(took)
    for (kind, window), tally in sorted(tallies.items()):
        sys.stdout.write(f"{kind:12s} {window:6s} {tally.line()}\n")


def kinds(samples: Samples, seed: int) -> dict[str, Samples]:
    """The recording clean and under noises."""
    return {
        "clean": samples,
        "pink 20 dB": pink(samples, 20, seed),
        "pink 10 dB": pink(samples, 10, seed),
        "pink 5 dB": pink(samples, 5, seed),
        "white 10 dB": white(samples, 10, seed),
    }


if __name__ == "__main__":
    main()
