# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the server: load and warm the voices, listen, say so in one line, stop within five seconds of SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from typing import Any

import uvicorn

from intellifit_tts import __version__, logs
from intellifit_tts.app import create
from intellifit_tts.config import Config, parse
from intellifit_tts.engine import MODEL, PiperEngine
from intellifit_tts.errors import StartError
from intellifit_tts.metrics import Metrics
from intellifit_tts.speaker import Speaker

DRAIN = 4
"""Seconds that texts being spoken get to end when the server is told to stop; with what follows it is gone within five."""


class Server(uvicorn.Server):
    """Server is uvicorn's, which also tells that it is ready."""

    def __init__(self, config: uvicorn.Config, ready: dict[str, object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the ready line: from here on a connection is answered."""
        await super().startup(sockets)
        if self.started:
            print(json.dumps(self._ready), flush=True)  # noqa: T201


def main() -> None:
    """Run until told to stop."""
    config = parse(sys.argv[1:], os.environ)
    logs.set_up()
    try:
        run(config)
    except StartError as err:
        print(f"intellifit_tts: {err}", file=sys.stderr, flush=True)  # noqa: T201
        sys.exit(1)
    # A clause being computed cannot be stopped, and Python would wait for its thread.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def run(config: Config) -> None:
    """Load, listen and serve; raises StartError when it cannot begin."""
    began = time.monotonic()
    listening = _listen(config)  # before the voices are loaded: a taken port is known at once
    engine = PiperEngine(config)
    load_ms = round((time.monotonic() - began) * 1000)
    metrics = Metrics()
    speaker = Speaker(engine, metrics, workers=config.workers, queue=config.queue, deadline=config.deadline)
    host, port = listening.getsockname()[:2]
    facts: dict[str, Any] = {
        "device": engine.device,
        "provider": engine.provider,
        "model": MODEL,
        "voice": engine.default_voice,
        "voices": list(engine.voices),
        "load_ms": load_ms,
        "host": host,
        "port": port,
        "workers": config.workers,
        "threads": config.threads,
        "queue": config.queue,
        "version": __version__,
    }
    logs.event("voices loaded", **facts)
    # uvicorn raises the signal again when it has drained; nothing is left to do for it then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server = Server(
        uvicorn.Config(
            create(engine, speaker, metrics),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=DRAIN,
        ),
        {"event": "ready", **facts},
    )
    server.run(sockets=[listening])
    speaker.close()
    logs.event("stopped")


def _listen(config: Config) -> socket.socket:
    """Take the address, so that one that is taken ends the start with one line."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, kind)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as err:
        raise StartError(f"cannot listen on {config.host} port {config.port}: {err.strerror or err}") from err
    return listening


if __name__ == "__main__":
    main()
