"""From flags to a listening server: load, warm up, then listen, say so in one line, and drain when told to end."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FrameType

import uvicorn

from . import __version__
from .app import build
from .config import Config
from .engine import Engine
from .errors import StartError
from .health import fixture, hears
from .logs import note
from .turn import SmartTurn

DRAIN_SECONDS = 4  # Of the 5 s that the whole end may take.


def run(config: Config) -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    with _ended_by_signals() as serving, _listener(config) as listener:
        began = time.monotonic()
        engine = load(config)
        if config.language not in (*engine.languages, "auto"):
            raise StartError(f"--language {config.language} is none that the model knows")
        turn = _load_turn(config)
        loaded = time.monotonic()
        warm_up(engine, turn)
        ready = {
            "event": "ready",
            "device": engine.device,
            "compute_type": engine.compute_type,
            "model": config.name,
            "turn": turn is not None,
            "workers": config.workers,
            "threads": config.threads_each,
            "host": config.host,
            "port": listener.getsockname()[1],
            "load_ms": round((loaded - began) * 1000),
            "warmup_ms": round((time.monotonic() - loaded) * 1000),
            "version": __version__,
        }
        serving()
        _Server(config, engine, turn, json.dumps(ready)).run(sockets=[listener])
    return 0


def load(config: Config) -> Engine:
    """The recogniser on its device; with "auto", a GPU that turns out not to work is passed over with a warning."""
    from .whisper import Whisper  # Loads CTranslate2, which no test of the HTTP surface needs.

    try:
        engine = Whisper(config)
        if engine.device == "cuda":
            hears(engine, fixture())  # Missing CUDA libraries show at the first decode.
    except StartError:
        raise
    except Exception as err:
        why = str(err).splitlines()[0] if str(err) else type(err).__name__
        if config.device == "auto" and _on_gpu():
            note(logging.WARNING, "gpu unusable, decoding on the cpu", reason=why)
            return load(replace(config, device="cpu"))
        raise StartError(f"the model {config.model} cannot be loaded: {why}") from err
    return engine


def warm_up(engine: Engine, turn: SmartTurn | None) -> None:
    """Decode once with everything, so that the first client waits no longer than the next."""
    samples = fixture()
    if turn is not None:
        turn.probability(samples)
    if fault := hears(engine, samples):
        raise StartError(f"the model does not hear: {fault}")


class _Server(uvicorn.Server):
    def __init__(self, config: Config, engine: Engine, turn: SmartTurn | None, ready: str) -> None:
        super().__init__(
            uvicorn.Config(
                build(config, engine, turn),
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=DRAIN_SECONDS,
                timeout_keep_alive=75,  # A client that keeps connections, as Go's does, must not find them closed.
                h11_max_incomplete_event_size=64 * 1024,
                ws="none",
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(self._ready + "\n")
            sys.stdout.flush()


def _load_turn(config: Config) -> SmartTurn | None:
    return SmartTurn(config.turn_model, config.turn_model_sha256) if config.turn_model else None


def _on_gpu() -> bool:
    from .device import choose

    return choose("auto") == "cuda"


@contextlib.contextmanager
def _listener(config: Config) -> Iterator[socket.socket]:
    """The bound socket: taken before the model is loaded, so that a port in use is known at once."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((config.host, config.port))
        except OSError as err:
            raise StartError(f"cannot listen on {config.host}:{config.port}: {err.strerror}") from err
        yield listener


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[Callable[[], None]]:
    """Until serving() is called a signal ends the process at once; after it, uvicorn drains and ends in order."""
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
