# SPDX-License-Identifier: GPL-3.0-or-later
"""How a text is cut. The golden file holds what a person has read and found right; `pytest --update` writes it anew."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from intellifit_tts.clauses import FIRST_LIMIT, LIMIT, End, split
from intellifit_tts.text import clean, speakable

GOLDEN = Path(__file__).parent / "golden" / "clauses.json"

TEXTS = [
    "Yes.",
    "Great work today, you lifted ten kilos more than last week. Rest for ninety seconds, then we go again!",
    "Okay, let's start with three sets of twelve squats at sixty kilos, keep your back straight, and breathe out on the way up.",
    "Great work today—you lifted ten kilos more than last week and your form was clean on every single rep that I counted under the bar",
    "I can book you with the trainer on Friday at five thirty in the evening or on Saturday at ten in the morning if that suits you better "
    "because on Sunday the gym opens only at noon and closes at four in the afternoon",
    "One, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve.",
    'Dr. Smith said: rest at 5 p.m. today. Then J. R. came, e.g. with 1,000.5 kg and 3:30 h. No. 5 is next? "Yes!" he said. Good.',
    "She said no. Then we left at 6 p.m. Tomorrow we train.",
    "# Leg day\n\n- **Squats**: 3*12 @ 60 kg\n- Rows – slow, then fast...\n\n1. Warm up\n2. Lift!!!\n\nSee [the guide](https://x.y/z).",
    "first do squats. then rest. it is enough. approx. ten minutes",
    "今天练腿。三组，十二次！",
    "... — !!! 🙂",
    "\n\n,\n;\nGo",
    "Rest is important; sleep even more: eight hours (at least) a night!",
    "a" * 300,
]


def test_split_is_as_the_golden_file_says(request: pytest.FixtureRequest) -> None:
    got = [{"text": text, "clauses": [[clause.end.name, clause.text] for clause in split(clean(text))]} for text in TEXTS]
    if request.config.getoption("--update"):
        GOLDEN.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert got == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.0, 4.0])
def test_split_holds_its_limits_and_loses_no_word(speed: float) -> None:
    scale = min(1.0, max(speed, 0.3))
    chance = random.Random(7)
    words = ["rest", "and", "squats", "for", "sixty", "kilos,", "then", "breathe.", "out!", "Go", "— up", "(slowly)", "x" * 90, "Mr.", "\n", "5:30"]
    for _ in range(200):
        text = clean(" ".join(chance.choice(words) for _ in range(chance.randint(1, 150)))[:2000])
        clauses = split(text, speed)
        for number, clause in enumerate(clauses):
            # A full stop or a comma may be put behind.
            assert len(clause.text) <= (LIMIT if number else FIRST_LIMIT) * scale + 1, clause
            assert speakable(clause.text)
        spoken = "".join(char for clause in clauses for char in clause.text if char.isalnum())
        assert spoken == "".join(char for char in text if char.isalnum())


def test_split_begins_with_a_short_clause() -> None:
    clauses = split(clean(TEXTS[2]))
    assert len(clauses) > 1
    assert len(clauses[0].text) <= FIRST_LIMIT
    assert clauses[0].end is End.COMMA
