# SPDX-License-Identifier: GPL-3.0-or-later
"""From flags to a listening server: load and warm the voices, listen, say so in one line, drain when told to end."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

from . import __version__
from .app import build
from .config import Config
from .engine import MODEL, PiperEngine
from .errors import StartError
from .metrics import Metrics
from .speaker import Speaker

DRAIN_SECONDS = 4
"""Seconds that texts being spoken get to end when the server is told to stop; with what follows it is gone within five."""


def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT; raises StartError when it cannot begin."""
    with _ended_by_signals() as serving, _listener(config) as listener:
        began = time.monotonic()
        engine = PiperEngine(config)
        load_ms = round((time.monotonic() - began) * 1000)
        metrics = Metrics()
        speaker = Speaker(engine, metrics, workers=config.worker_count, queue=config.queue, timeout=config.timeout)
        host, port = listener.getsockname()[:2]
        ready: dict[str, Any] = {
            "event": "ready",
            "device": engine.device,
            "provider": engine.provider,
            "model": MODEL,
            "voice": engine.default_voice,
            "voices": list(engine.voices),
            "workers": config.worker_count,
            "threads": config.threads_each,
            "host": host,
            "port": port,
            "load_ms": load_ms,
            "version": __version__,
        }
        serving()
        _Server(build(engine, speaker, metrics), json.dumps(ready)).run(sockets=[listener])
        speaker.close()


class _Server(uvicorn.Server):
    """_Server is uvicorn's, which also tells that it is ready."""

    def __init__(self, app: Any, ready: str) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=DRAIN_SECONDS,
                h11_max_incomplete_event_size=64 * 1024,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the ready line: from here on a connection is answered."""
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(self._ready + "\n")
            sys.stdout.flush()


@contextmanager
def _listener(config: Config) -> Iterator[socket.socket]:
    """Take the address before the voices are loaded, so that a port in use is known at once."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((config.host, config.port))
        except OSError as err:
            raise StartError(f"cannot listen on {config.host} port {config.port}: {err.strerror or err}") from err
        yield listener


@contextmanager
def _ended_by_signals() -> Iterator[Callable[[], None]]:
    """Until serving() is called a signal ends the process at once, as process 1 of a container too; after it, uvicorn drains.

    uvicorn raises the signal again when it has drained: nothing is left to do for it then.
    """
    draining = False

    def end(number: int, frame: FrameType | None) -> None:
        if not draining:
            os._exit(128 + number)

    def serving() -> None:
        nonlocal draining
        draining = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    yield serving
