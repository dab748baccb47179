"""A recogniser by script, and a server around it on a real socket: disconnects and streams are only there to be seen."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from intellifit_whisper.app import Server, build
from intellifit_whisper.config import Config
from intellifit_whisper.engine import Ask, Hearing, Segment, Word
from intellifit_whisper.turn import SmartTurn
from intellifit_whisper.wav import Samples

from .signals import tone, wav

HELLO = (
    Segment(0.0, 1.5, " Ready when you are.", avg_logprob=-0.2, tokens=(1, 2), words=(Word(0.0, 0.4, " Ready", 0.9),)),
    Segment(1.5, 3.25, " Three sets of ten.", avg_logprob=-0.3, tokens=(3,), words=(Word(1.5, 1.9, " Three", 0.8),)),
)


class FakeEngine:
    """Hears what it is told to hear, as slowly as it is told to."""

    device = "cpu"
    compute_type = "int8"
    languages = frozenset({"en", "de"})

    def __init__(self, segments: Sequence[Segment] = HELLO) -> None:
        self.said = list(segments)
        self.asks: list[Ask] = []
        self.lengths: list[int] = []
        self.fail: Exception | None = None
        self.hold: threading.Event | None = None  # While set and not fired, every segment waits for it.
        self.at_once = 0
        self.most_at_once = 0
        self.windows = 0  # Segments that were decoded, by all requests.
        self._lock = threading.Lock()

    def hear(self, samples: Samples, ask: Ask, stopped: Callable[[], bool]) -> Hearing:
        """Begin."""
        self.asks.append(ask)
        self.lengths.append(len(samples))
        return Hearing(ask.language, len(samples) / 16_000, self._decode(stopped))

    def _decode(self, stopped: Callable[[], bool]) -> Iterator[Segment]:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            for segment in self.said:
                if stopped():
                    return
                if self.hold is not None:
                    self.hold.wait(20)
                if self.fail is not None:
                    raise self.fail
                self.windows += 1
                yield segment
        finally:
            with self._lock:
                self.at_once -= 1


class Live:
    """A server that listens, and a client of it."""

    def __init__(self, url: str, server: Server, engine: FakeEngine) -> None:
        self.url = url
        self.server = server
        self.engine = engine
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def transcribe(self, body: bytes | None = None, **fields: Any) -> httpx.Response:
        """Send a clip."""
        return self.client.post("/v1/audio/transcriptions", files=self.files(body), data=fields)

    @staticmethod
    def files(body: bytes | None = None) -> dict[str, tuple[str, bytes, str]]:
        """The form's file."""
        return {"file": ("clip.wav", wav(tone(1.0)) if body is None else body, "audio/wav")}

    def alive(self) -> bool:
        """Whether the server still answers a good request."""
        return bool(self.transcribe().status_code == 200)


@contextlib.contextmanager
def serving(engine: FakeEngine | None = None, turn: SmartTurn | None = None, **config: Any) -> Iterator[Live]:
    """A listening server around an engine."""
    engine = engine or FakeEngine()
    app = build(Config(model=Path("fake"), **config), engine, turn)
    runner = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        until(lambda: runner.started)
        port = runner.servers[0].sockets[0].getsockname()[1]
        live = Live(f"http://127.0.0.1:{port}", app.state.server, engine)
        with live.client:
            yield live
    finally:
        if engine.hold is not None:
            engine.hold.set()
        runner.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not end"


def until(true: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become so in time"
        time.sleep(0.01)


def events(text: str) -> list[dict[str, Any]]:
    """The server-sent events of a body."""
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]
