# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a text is spoken."""

from __future__ import annotations

import time

import pytest

from intellifit_tts.clauses import split
from intellifit_tts.text import clean, speakable


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Great work.", "Great work."),
        ("  two\t words \u00a0 ", "two words"),
        ("[[həlˈoʊ]]", "həlˈoʊ"),
        ("[`[həlˈoʊ]`]", "həlˈoʊ"),
        ("[\u200b[həlˈoʊ]\u200b]", "həlˈoʊ"),
        ("say [[[[a]]]] [b](c) [[d", "say a b d"),
        ("# Legs\n## Day *two*", "Legs\nDay two"),
        ("- **Squats**\n* _Rows_\n+ `Curls`\n- [x] done", "Squats\nRows\nCurls\ndone"),
        ("1. Warm up\n2) Lift", "1, Warm up\n2, Lift"),
        ("> quoted\n>> twice", "quoted\ntwice"),
        ("before\n---\nafter", "before\n\nafter"),
        ("```python\nprint\n```", "print"),
        ("[the guide](https://example.org/a_b) ![a squat](x.png)", "the guide a squat"),
        ("see https://example.org/x?y=1 now", "see now"),
        ("<b>bold</b><br/> RPE < 8 and > 6", "bold RPE < 8 and > 6"),
        ("| set | reps |\n|---|---|\n| 1 | 12 |", "set, reps,\n\n1, 12,"),
        ("3*12 and 3 * 12", "3 × 12 and 3 × 12"),
        ("go 💪🏽👩‍🚒🇺🇸 now ❤️", "go now"),
        ("1️⃣ at 60° → rest", "1 at 60°, rest"),
        ("don’t “stop”", 'don\'t "stop"'),
        ("No!!! Really?!", "No! Really?"),
        ("Well... okay… Now", "Well, okay. Now"),
        ("a\x00b\x07c\x1b[31md", "a b c 31md"),
        ("x\ud800y\u202ez\ufeff", "xyz"),
        ("Cafe\u0301", "Café"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        (", so", "so"),
    ],
)
def test_clean(text: str, want: str) -> None:
    assert clean(text) == want


@pytest.mark.parametrize(("text", "want"), [("a", True), ("7", True), ("½", True), ("今", True), ("... — !?", False), ("", False), ("'\"()", False)])
def test_speakable(text: str, want: bool) -> None:
    assert speakable(text) is want


UNITS = [
    "<a",
    "[",
    "- ",
    "---x",
    " -",
    "*",
    "`",
    "<!--",
    "https://",
    "[a](",
    "1. ",
    ". ",
    "...",
    "!?",
    ", ",
    " → ",
    "# ",
    "> ",
    "-\t",
    "\n",
    "—",
    "e.g. ",
    "A. ",
    "no. ",
    "1 *",
    "_",
    "~~~",
    "́",
    "。",
    "a and ",
]


@pytest.mark.parametrize("unit", UNITS)
def test_clean_takes_little_time_for_any_text(unit: str) -> None:
    """No pattern of ours backtracks for long: 2,000 characters of anything are read in a moment."""
    for end in ("", "x", "\nx"):
        text = (unit * 2000)[: 2000 - len(end)] + end
        began = time.process_time()
        split(clean(text))
        assert time.process_time() - began < 0.5
