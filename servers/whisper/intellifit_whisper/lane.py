"""Who decodes and who waits: a fixed number of workers, a bounded queue, a deadline, and clients that leave.

A decode in a thread cannot be ended from outside. So a request that is over lets go of its seat at once for the client, but
the seat itself is free again only when the thread has come back: never are there more decodes than workers.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from .errors import busy, late

T = TypeVar("T")


class Gone(Exception):
    """The client closed the connection: there is nobody to answer."""


class Call:
    """One request's patience: what it waits for ends at its deadline, or when its client is gone."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.began = time.monotonic()
        self.stopped = threading.Event()
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def left(self) -> float:
        """Seconds to the deadline."""
        return self.timeout - (time.monotonic() - self.began)

    def leave(self) -> None:
        """The client is gone."""
        self.stopped.set()
        if not self._gone.done():
            self._gone.set_result(None)

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """The awaitable's result; it is cancelled when the deadline passes first (a Refusal) or the client leaves (Gone)."""
        task = asyncio.ensure_future(awaitable)
        try:
            either: set[asyncio.Future[Any]] = {task, self._gone}
            await asyncio.wait(either, timeout=max(0.0, self.left), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
        finally:
            if not task.done():
                self.stopped.set()
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task
        if self._gone.done():
            raise Gone
        raise late(self.timeout)


class Lane:
    """Workers and their queue."""

    def __init__(self, name: str, workers: int, waiting: int) -> None:
        self._workers = workers
        self._room = waiting
        self._free = workers
        self._line: deque[asyncio.Future[None]] = deque()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._usual = 1.0  # Seconds a decode takes, a moving average.
        self.last_proof = -math.inf  # When a decode last came to something, on the monotonic clock.

    @property
    def running(self) -> int:
        """Seats taken."""
        return self._workers - self._free

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return len(self._line)

    def check(self) -> None:
        """Refuse now what would be refused later: for before a body is read."""
        if not self._free and len(self._line) >= self._room:
            raise busy(self.retry_after())

    def retry_after(self) -> int:
        """Seconds until the queue has most likely moved on."""
        return min(60, max(1, math.ceil(self._usual * (len(self._line) + 1) / self._workers)))

    async def seat(self, call: Call, *, ahead: bool = False) -> Seat:
        """Wait for a worker. `ahead` is for the health check, which is let in first and counts for nothing in the queue."""
        if self._free and not self._line:
            self._free -= 1
            return Seat(self)
        if not ahead:
            self.check()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.appendleft(place) if ahead else self._line.append(place)
        try:
            await call.wait(asyncio.shield(place))
        except BaseException:
            if place.done() and not place.cancelled():
                self._pass_on()
            else:
                self._line.remove(place)
            raise
        return Seat(self)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Run the work in a worker's thread."""
        return self._threads.submit(work)

    def proved(self) -> None:
        """A decode came to something just now."""
        self.last_proof = time.monotonic()

    def close(self) -> None:
        """Take no more work; what runs is left to run."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _took(self, seconds: float) -> None:
        self._usual += 0.2 * (seconds - self._usual)

    def _pass_on(self) -> None:
        while self._line:
            place = self._line.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1


class Seat:
    """A worker's time, held by one request until it leaves and its thread is back."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._began = time.monotonic()
        self._running: Future[object] | None = None
        self._left = False

    async def run(self, call: Call, work: Callable[[], T]) -> T:
        """Run the work in the worker's thread and wait for it as long as the call does."""
        future = self._lane.submit(work)
        self._running = future  # type: ignore[assignment]
        return await call.wait(asyncio.shield(asyncio.wrap_future(future)))

    def leave(self) -> None:
        """Give the seat back, at once or when the thread comes back."""
        if self._left:
            return
        self._left = True
        self._lane._took(time.monotonic() - self._began)
        if self._running is None or self._running.done():
            self._lane._pass_on()
            return
        loop = asyncio.get_running_loop()

        def back(_: Future[object]) -> None:
            with contextlib.suppress(RuntimeError):  # The loop is closed: the server has ended.
                loop.call_soon_threadsafe(self._lane._pass_on)

        self._running.add_done_callback(back)


@contextlib.contextmanager
def leaving(seat: Seat) -> Iterator[Seat]:
    """The seat, given back at the end."""
    try:
        yield seat
    finally:
        seat.leave()
