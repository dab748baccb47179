# SPDX-License-Identifier: GPL-3.0-or-later
"""A text cut into the clauses that are spoken one after the other.

The first clause is short, for the listener waits for it; the later ones are as long as a breath, for a voice sounds the better the more
of a sentence it sees. None is longer than its limit: a clause being computed cannot be stopped, and everything else waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from .text import speakable


class End(Enum):
    """End is how a clause ends; the value is the pause after it in milliseconds."""

    CUT = 30
    COMMA = 120
    SENTENCE = 250
    PARAGRAPH = 400


@dataclass(frozen=True)
class Clause:
    """Clause is one piece of speech."""

    text: str
    end: End


FIRST_LIMIT = 80
"""Characters of the first clause at most."""
LIMIT = 110
"""Characters of every later clause at most: about seven seconds of speech."""
FIRST_ENOUGH = 12
"""From so many characters on the first clause ends at a comma."""
ENOUGH = 40
"""From so many characters on a later clause ends at a comma."""

# A mark ends a clause where a blank follows it ("1,000" and "3:30" go on), those of Chinese and Japanese everywhere.
_STOP = re.compile(r"""(?P<sentence>[.!?]+["')]*(?=\s|$)|[。！？]+)|(?P<comma>[,;:]["')]*(?=\s|$)|[、，；：]|\s+[-–—]+(?=\s)|(?<=\w)—(?=\w))""")
# A full stop after a title or an initial ends no sentence, after these others none before a number, after a short word none before a small letter.
_TITLE = re.compile(r"(?:^|[\s(\"'])(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e|[A-HJ-Z])\.$")
_NUMBERED = re.compile(r"(?:^|[\s(\"'])(?:no|nr|fig|approx|ca|p)\.$", re.IGNORECASE)
_SHORT = re.compile(r"(?:^|[\s(\"'])(?:\w{1,4}|\w+\.\w+|approx)\.$")
# Where a sentence without a comma may be cut: before a conjunction, else before a preposition.
_JOINTS = (
    re.compile(r"\s(?=(?:and|but|or|because|so|then|while|when|which|if|until)\s)", re.IGNORECASE),
    re.compile(r"\s(?=(?:that|with|for|before|after|from|to|at|in|on)\s)", re.IGNORECASE),
)


def split(text: str, speed: float = 1.0) -> list[Clause]:
    """Cut a cleaned text; slow speech is cut finer, since its clauses take longer to compute."""
    scale = min(1.0, max(speed, 0.3))
    clauses: list[Clause] = []
    held = ""
    for piece in _pieces(text):
        first = not clauses
        limit = int((FIRST_LIMIT if first else LIMIT) * scale)
        if held and len(held) + 1 + len(piece.text) > limit:
            _add(clauses, held, End.COMMA, scale)
            held = ""
        held = f"{held} {piece.text}" if held else piece.text
        enough = len(held) >= (FIRST_ENOUGH if not clauses else ENOUGH)
        if piece.end is not End.COMMA or enough:
            _add(clauses, held, piece.end, scale)
            held = ""
    if held:
        _add(clauses, held, End.SENTENCE, scale)
    return clauses


def _pieces(text: str) -> Iterator[Clause]:
    """Cut at every end of a line, a sentence and a clause."""
    lines = [line.strip() for line in text.split("\n")]
    for number, line in enumerate(lines):
        if not line:
            continue
        blank_follows = number + 1 < len(lines) and not lines[number + 1]
        pieces = list(_line(line))
        if not pieces:
            continue
        yield from pieces[:-1]
        # A line ends like a sentence, with or without a full stop: headings and entries of lists have none.
        yield Clause(pieces[-1].text, End.PARAGRAPH if blank_follows else End.SENTENCE)


def _line(line: str) -> Iterator[Clause]:
    start = 0
    for stop in _STOP.finditer(line):
        head, rest = line[start : stop.end()], line[stop.end() :].lstrip()
        if stop["sentence"] and _goes_on(head, rest):
            continue
        end = End.SENTENCE if stop["sentence"] else End.COMMA
        mark = stop[0]
        if mark.strip().strip("-–—") == "":  # the voice knows commas, not dashes
            head = line[start : stop.start()] + ","
        if head.strip(" ,;:"):
            yield Clause(head.strip(), end)
        start = stop.end()
    if rest := line[start:].strip():
        yield Clause(rest, End.SENTENCE)


def _goes_on(head: str, rest: str) -> bool:
    """Tell whether a sentence goes on behind its mark: "Dr. Smith", "No. 5", "at 5 p.m. on Friday", "\"Yes!\" he said"."""
    if not rest:
        return False
    if not head.endswith("."):
        return rest[0].islower() and head[-1] in "\"')"
    return bool(_TITLE.search(head) or (rest[0].isdigit() and _NUMBERED.search(head)) or (rest[0].islower() and _SHORT.search(head)))


def _add(clauses: list[Clause], text: str, end: End, scale: float) -> None:
    """Add a clause, in several where it is too long; one without a letter or a digit is none."""
    while True:
        limit = int((FIRST_LIMIT if not clauses else LIMIT) * scale)
        if len(text) <= limit:
            break
        at = _cut(text, limit)
        head, text = text[:at].strip(" ,"), text[at:].strip()
        if speakable(head):
            # The comma keeps the voice up, so that a cut does not sound like an end.
            clauses.append(Clause(head + ",", End.CUT))
    if speakable(text):
        if text[-1].isalnum():
            text += "." if end in (End.SENTENCE, End.PARAGRAPH) else ","
        clauses.append(Clause(text, end))


def _cut(text: str, limit: int) -> int:
    """Find where to cut a text that has more characters than its limit: at a joint, else between words, else within one."""
    limit -= 1  # the comma that is put there
    for joint in _JOINTS:
        found = [match.start() for match in joint.finditer(text, limit // 3) if match.start() <= limit]
        if found:
            return found[-1]
    blank = text.rfind(" ", limit // 3, limit + 1)
    return blank if blank > 0 else limit
