"""One server for all tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .fakes import FakeEngine, Live, serving


@pytest.fixture(scope="package")
def shared_live() -> Iterator[Live]:
    """A server with an engine that answers at once."""
    with serving(max_bytes=1_000_000, max_seconds=60) as live:
        yield live


@pytest.fixture
def live(shared_live: Live) -> Live:
    """The shared server, its engine's memory wiped."""
    fresh = FakeEngine()
    shared_live.engine.said = fresh.said
    shared_live.engine.fail = None
    shared_live.engine.asks.clear()
    shared_live.engine.lengths.clear()
    return shared_live
