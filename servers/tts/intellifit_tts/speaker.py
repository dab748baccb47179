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

from . import audio
from .audio import Samples
from .clauses import Clause
from .engine import Engine
from .errors import busy, late
from .metrics import Metrics
from .request import Speech

RETRY_AFTER = 1
"""Seconds after which a client that found the queue full may come again: a clause takes less."""


class Gone(Exception):
    """Gone says that nobody listens any more."""


class Speaker:
    """Speaker owns the worker threads. Its methods belong to the event loop, but for _compute, which runs on the threads."""

    def __init__(self, engine: Engine, metrics: Metrics, *, workers: int, queue: int, timeout: float) -> None:
        self.engine = engine
        self.metrics = metrics
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="voice")
        self._room = workers + queue
        self._timeout = timeout
        self._open = 0
        self._pending = 0
        self._running: dict[int, float] = {}  # when each thread began what it computes now; a thread writes its own entry only
        metrics.watch(lambda: self._open, lambda: self._pending)

    def check(self) -> None:
        """Refuse now what would be refused later: for before a body is read."""
        if self._open >= self._room:
            raise busy(RETRY_AFTER)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count a request among those open; raises busy when there is no room for it."""
        self.check()
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def speak(self, speech: Speech, gone: asyncio.Event) -> AsyncGenerator[Samples, None]:
        """Yield the sound of each clause with the pause behind it, as soon as it is there.

        Raises Gone when gone is set: a clause being computed then ends after the part it is at, one that waits never begins.
        """
        stop = threading.Event()
        left = self._timeout
        leaving = asyncio.ensure_future(gone.wait())
        try:
            for clause in speech.clauses:
                began = time.monotonic()
                self._pending += 1
                computing = asyncio.wrap_future(self._pool.submit(self._compute, speech, clause, stop))
                computing.add_done_callback(self._ended)
                await asyncio.wait((computing, leaving), timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if gone.is_set():
                    raise Gone
                if not computing.done():
                    raise late(self._timeout)
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
