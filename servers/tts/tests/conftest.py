# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests share: a voice of tones that can be held up, and a server on a port of its own that speaks with it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn

from intellifit_tts.app import build
from intellifit_tts.audio import Samples
from intellifit_tts.engine import VoiceInfo
from intellifit_tts.metrics import Metrics
from intellifit_tts.speaker import Speaker

TONE_VOICES = Path(__file__).parent / "voices"
PATIENCE = 10.0


class FakeEngine:
    """FakeEngine says a tenth of a second of tone a character; a test may hold its clauses up or make them fail."""

    def __init__(self) -> None:
        self.device = "cpu"
        self.provider = "FakeExecutionProvider"
        self.voices: Mapping[str, VoiceInfo] = {
            "tone": VoiceInfo("tone", "Tone", "en-US", 22050),
            "low": VoiceInfo("low", "Low", "en-GB", 16000),
        }
        self.default_voice = "tone"
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.fails = ""
        self.mute = ""
        self._held: dict[str, threading.Event] = {}

    def hold(self, word: str) -> threading.Event:
        """Hold up every clause with this word until the event is set."""
        return self._held.setdefault(word, threading.Event())

    def synthesize(self, voice: str, text: str, speed: float) -> Iterator[Samples]:
        self.begun.append(text)
        for word, event in self._held.items():
            if word in text and not event.wait(PATIENCE):
                raise TimeoutError(f"{text!r} was held up for too long")
        if self.fails and self.fails in text:
            raise RuntimeError("the voice broke")
        rate = self.voices[voice].sample_rate
        if not self.mute or self.mute not in text:
            at = np.arange(int(rate * 0.1 * len(text) / speed))
            yield (0.3 * np.sin(2 * np.pi * 220 * at / rate)).astype(np.float32)
        self.ended.append(text)


class Running:
    """Running is a server that a test speaks to."""

    def __init__(self, url: str, engine: FakeEngine, speaker: Speaker) -> None:
        self.url = url
        self.engine = engine
        self.speaker = speaker
        self.client = httpx.Client(base_url=url, timeout=PATIENCE)

    def speak(self, **asked: Any) -> httpx.Response:
        return self.client.post("/v1/audio/speech", json=asked)

    def outcomes(self) -> dict[str, float]:
        """Count how requests ended, as /metrics tells."""
        counts = {}
        for line in self.client.get("/metrics").text.splitlines():
            if line.startswith("intellifit_tts_requests_total{"):
                counts[line.split('"')[1]] = float(line.split()[-1])
        return counts


def wait_for(what: Callable[[], object], message: str) -> None:
    """Wait until something holds; the test fails when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > deadline:
            pytest.fail(f"waited in vain: {message}")
        time.sleep(0.01)


@contextmanager
def running(*, workers: int = 1, queue: int = 4, timeout: float = PATIENCE) -> Iterator[Running]:
    """Run a server on a free port."""
    engine = FakeEngine()
    metrics = Metrics()
    speaker = Speaker(engine, metrics, workers=workers, queue=queue, timeout=timeout)
    config = uvicorn.Config(
        build(engine, speaker, metrics), log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        wait_for(lambda: server.started, "the server to start")
        served = Running(f"http://127.0.0.1:{listening.getsockname()[1]}", engine, speaker)
        with served.client:
            yield served
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()
        speaker.close()
        assert not thread.is_alive(), "the server did not stop"


@pytest.fixture
def served() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def real_voices() -> Path:
    """The folder of real voices; a test that needs one is skipped where none is named."""
    folder = os.environ.get("INTELLIFIT_TEST_VOICES", "")
    if not folder:
        pytest.skip("INTELLIFIT_TEST_VOICES names no folder with Piper voices")
    return Path(folder)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files anew")
