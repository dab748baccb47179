"""Word error rate."""

from __future__ import annotations

import re
from collections.abc import Iterable


def words(text: str) -> list[str]:
    """The words alone, in lower case."""
    return re.sub(r"[^a-z0-9' ]+", " ", text.lower()).split()


def errors(said: list[str], got: list[str]) -> int:
    """Edit distance in words."""
    row = list(range(len(got) + 1))
    for at, one in enumerate(said, 1):
        before, row = row, [at]
        for to, other in enumerate(got, 1):
            row.append(min(before[to] + 1, row[-1] + 1, before[to - 1] + (one != other)))
    return row[-1]


def rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Word error rate in percent, over all pairs of what was said and what was heard."""
    counted = [(errors(words(said), words(got)), len(words(said))) for said, got in pairs]
    return 100 * sum(wrong for wrong, _ in counted) / sum(length for _, length in counted)
