# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus is told."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics, generate_latest

_SECONDS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """Metrics counts what one server does; each server has a registry of its own, so that tests can run several."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "intellifit_tts_requests_total", "Requests to /v1/audio/speech by how they ended.", ["outcome"], registry=self.registry
        )
        self.characters = Counter("intellifit_tts_characters_total", "Characters of accepted texts.", registry=self.registry)
        self.audio_seconds = Counter("intellifit_tts_audio_seconds_total", "Seconds of sound made.", registry=self.registry)
        self.busy_seconds = Counter("intellifit_tts_busy_seconds_total", "Seconds that workers computed.", registry=self.registry)
        self.clause_seconds = Histogram("intellifit_tts_clause_seconds", "Seconds to compute one clause.", buckets=_SECONDS, registry=self.registry)
        self.first_chunk_seconds = Histogram(
            "intellifit_tts_first_chunk_seconds", "Seconds from a request to its first sound.", buckets=_SECONDS, registry=self.registry
        )
        self._open = Gauge("intellifit_tts_open_requests", "Requests being spoken or waiting.", registry=self.registry)
        self._pending = Gauge("intellifit_tts_pending_clauses", "Clauses being computed or waiting for it.", registry=self.registry)

    def watch(self, open_requests: Callable[[], float], pending_clauses: Callable[[], float]) -> None:
        """Tell where to look when the gauges are asked for."""
        self._open.set_function(open_requests)
        self._pending.set_function(pending_clauses)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)
