# SPDX-License-Identifier: GPL-3.0-or-later
"""The speaker: computes the clauses of several requests on a few threads, in turn: no text, however long, keeps another one from its first clause."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from intellifit_tts import audio
from intellifit_tts.audio import Samples
from intellifit_tts.clauses import Clause
from intellifit_tts.engine import Engine
from intellifit_tts.errors import APIError
from intellifit_tts.metrics import Metrics
from intellifit_tts.request import Speech

RETRY_AFTER = 1
"""Seconds after which a client that found the queue full may come again: a clause takes less."""


class ClientGoneError(Exception):
    """ClientGoneError says that nobody listens any more."""


class Speaker:
    """Speaker owns the worker threads. Its methods belong to the event loop, but for _compute, which runs on the threads."""

    def __init__(self, engine: Engine, metrics: Metrics, *, workers: int, queue: int, deadline: float) -> None:
        self.engine = engine
        self.metrics = metrics
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="voice")
        self._room = workers + queue
        self._deadline = deadline
        self._open = 0
        self._pending = 0
        self._running: dict[int, float] = {}  # when each thread began what it computes now; a thread writes its own entry only
        metrics.watch(lambda: self._open, lambda: self._pending)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count a request among those open; raises busy when there is no room for it."""
        if self._open >= self._room:
            raise APIError(503, "busy", f"{self._open} texts are being spoken or waiting already", retry_after=RETRY_AFTER)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def speak(self, speech: Speech, gone: asyncio.Event) -> AsyncGenerator[Samples, None]:
        """Yield the sound of each clause with the pause behind it, as soon as it is there.

        Raises ClientGoneError when gone is set: a clause being computed then ends after the part it is at, one that waits never begins.
        """
        stop = threading.Event()
        left = self._deadline
        leaving = asyncio.ensure_future(gone.wait())
        try:
            for clause in speech.clauses:
                began = time.monotonic()
                self._pending += 1
                computing = asyncio.wrap_future(self._pool.submit(self._compute, speech, clause, stop))
                computing.add_done_callback(self._ended)
                await asyncio.wait((computing, leaving), timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if gone.is_set():
                    raise ClientGoneError
                if not computing.done():
                    raise APIError(504, "deadline", f"the text was not spoken within {self._deadline:g} seconds")
                left = max(0.0, left - (time.monotonic() - began))
                sound = computing.result()
                if sound.size:
                    yield sound
        finally:
            stop.set()
            leaving.cancel()

    def stuck(self) -> float:
        """Return how many seconds the longest of the running clauses has been computed for."""
        now = time.monotonic()
        return max((now - began for began in self._running.copy().values()), default=0.0)

    def close(self) -> None:
        """Forget the clauses that wait. One that is being computed cannot be stopped and is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ended(self, computing: asyncio.Future[Samples]) -> None:
        self._pending -= 1
        if not computing.cancelled():
            computing.exception()  # seen: whoever waits for it raises it, and when its client is gone nobody needs to

    def _compute(self, speech: Speech, clause: Clause, stop: threading.Event) -> Samples:
        if stop.is_set():
            return audio.empty()
        began = time.monotonic()
        self._running[threading.get_ident()] = began
        try:
            parts = []
            for part in self.engine.synthesize(speech.voice.id, clause.text, speech.speed):
                if stop.is_set():
                    return audio.empty()
                parts.append(part)
            sound = _finished(parts, speech, clause)
        finally:
            del self._running[threading.get_ident()]
            took = time.monotonic() - began
            self.metrics.busy_seconds.inc(took)
            self.metrics.clause_seconds.observe(took)
        self.metrics.audio_seconds.inc(sound.size / speech.sample_rate)
        return sound


def _finished(parts: list[Samples], speech: Speech, clause: Clause) -> Samples:
    """Trim a clause, put the pause behind it that its end asks for, and bring it to the rate asked for; nothing stays nothing."""
    rate = speech.voice.sample_rate
    sound = audio.trim(np.concatenate([audio.empty(), *parts]), rate)
    if not sound.size:
        return sound
    sound = audio.resample(sound, rate, speech.sample_rate)
    return np.concatenate([sound, audio.silence(clause.end.value / speech.speed, speech.sample_rate)])
