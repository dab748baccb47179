"""What the server counts, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)
_RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0)


class Metrics:
    """One server's counts, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        name = "intellifit_whisper_"
        self.requests = self._counter(name + "requests", "Requests answered, by route and status.", "route", "status")
        self.refusals = self._counter(name + "refusals", "Requests refused, by code.", "code")
        self.stages = Histogram(
            name + "stage_seconds", "Time of each stage.", ["stage"], buckets=_BUCKETS, registry=self.registry
        )
        self.rate = Histogram(
            name + "real_time_factor", "Decoding time over the clip's length.", buckets=_RATES, registry=self.registry
        )
        self.audio = self._counter(name + "audio_seconds", "Sound received.")
        self.speech = self._counter(name + "speech_seconds", "Speech found in it.")
        self.silent = self._counter(name + "no_speech", "Clips in which nobody spoke.")
        self.dropped = self._counter(name + "hallucinations_dropped", "Segments dropped as hallucinations.")
        self.redone = self._counter(name + "short_windows_redone", "Short windows doubted and decoded again in full.")
        self.gone = self._counter(name + "clients_gone", "Requests whose client left before the reply.")

    def watch(self, name: str, help: str, read: Callable[[], float]) -> None:
        """Report a value that is read when somebody asks."""
        Gauge("intellifit_whisper_" + name, help, registry=self.registry).set_function(read)

    def tell(self, **labels: str) -> None:
        """Report what is loaded."""
        gauge = Gauge("intellifit_whisper_model_info", "What is loaded.", list(labels), registry=self.registry)
        gauge.labels(**labels).set(1)

    def text(self) -> tuple[bytes, str]:
        """The page and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_PLAIN_0_0_4

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(name, help, labels, registry=self.registry)
