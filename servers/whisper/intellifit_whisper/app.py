"""The HTTP surface: transcriptions, the end of a turn, models, health and metrics, every error in OpenAI's shape."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from .audio import Unpacker
from .config import Config
from .engine import Engine
from .errors import Refusal, busy
from .form import Rules, read_body, read_form
from .health import Health
from .lane import Call, Gone, Lane, leaving
from .logs import log, note
from .metrics import Metrics
from .transcribe import Transcriber
from .turn import COMPLETE, SmartTurn
from .turn import read as read_turn

# A turn's last eight seconds are a quarter of a megabyte; a whole minute may come.
MAX_TURN_BYTES = 2 * 1024 * 1024
_DRAIN_BYTES = 64 * 1024 * 1024
_DRAIN_SECONDS = 1.0
_CLIENT_CLOSED = 499  # nginx's status for a client that left; it is only logged.


class Server:
    """Everything the routes share."""

    def __init__(self, config: Config, engine: Engine, turn: SmartTurn | None) -> None:
        self.config = config
        self.turn = turn
        self.metrics = Metrics()
        self.lane = Lane("decode", config.workers, config.queue)
        self.turns = Lane("turn", 1, max(4, config.queue))
        self.health = Health(engine, self.lane)
        self.transcriber = Transcriber(config, engine, self.lane, Unpacker(config.max_seconds), self.metrics)
        self.rules = Rules((config.name,), engine.languages, config.language, config.max_bytes)
        self._reading = 0
        self._started = int(time.time())
        self.metrics.tell(model=config.name, device=engine.device, compute_type=engine.compute_type)
        self.metrics.watch("running", "Decodes under way.", lambda: self.lane.running)
        self.metrics.watch("waiting", "Requests that wait for a worker.", lambda: self.lane.waiting)

    async def transcribe(self, request: Request) -> Response:
        """POST /v1/audio/transcriptions."""
        call = Call(self.config.timeout)
        self.lane.check()
        with self._reader():
            form = await call.wait(read_form(request, self.rules))
        with contextlib.ExitStack() as ending:
            watch = asyncio.create_task(_watch(request, call))
            ending.callback(watch.cancel)
            return await self.transcriber.reply(form, call, ending)

    async def end_of_turn(self, request: Request) -> Response:
        """POST /v1/audio/turn."""
        if (turn := self.turn) is None:
            raise Refusal(404, "turn_unavailable", "this server was started without --turn-model")
        call = Call(self.config.timeout)
        self.turns.check()
        with self._reader():
            samples = read_turn(await call.wait(read_body(request, MAX_TURN_BYTES)))
        with leaving(await self.turns.seat(call)) as seat:
            began = time.monotonic()
            probability = await seat.run(call, lambda: turn.probability(samples))
            took = time.monotonic() - began
        self.metrics.stages.labels("turn").observe(took)
        told = {"complete": probability > COMPLETE, "probability": round(probability, 6), "took_ms": round(took * 1000)}
        return JSONResponse(told)

    async def models(self, request: Request) -> Response:
        """GET /v1/models."""
        card = {"id": self.config.name, "object": "model", "created": self._started, "owned_by": "local"}
        return JSONResponse({"object": "list", "data": [card]})

    async def healthz(self, request: Request) -> Response:
        """GET /healthz."""
        if fault := await self.health.fault():
            raise Refusal(503, "unhealthy", fault, retry_after=1)
        return JSONResponse({"status": "ok"})

    async def metrics_page(self, request: Request) -> Response:
        """GET /metrics."""
        page, kind = self.metrics.text()
        return Response(page, media_type=kind)

    @contextlib.contextmanager
    def _reader(self) -> Iterator[None]:
        """Bodies being read are held in memory: as many as could be served next, and no more."""
        if self._reading >= self.config.workers + self.config.queue + 4:
            raise busy(1)
        self._reading += 1
        try:
            yield
        finally:
            self._reading -= 1


def build(config: Config, engine: Engine, turn: SmartTurn | None) -> FastAPI:
    """The application."""
    server = Server(config, engine, turn)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        server.transcriber.unpacker.prepare()
        yield
        server.lane.close()
        server.turns.close()
        await server.transcriber.unpacker.close()

    app = FastAPI(title="intellifit_whisper", lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.server = server
    for path, method, answer in (
        ("/v1/audio/transcriptions", "POST", server.transcribe),
        ("/v1/audio/turn", "POST", server.end_of_turn),
        ("/v1/models", "GET", server.models),
        ("/healthz", "GET", server.healthz),
        ("/metrics", "GET", server.metrics_page),
    ):
        app.add_route(path, _guarded(server, path, answer), methods=[method])
    app.add_exception_handler(HTTPException, _no_such_route)
    return app


Answer = Callable[[Request], Awaitable[Response]]


def _guarded(server: Server, path: str, answer: Answer) -> Answer:
    """The route with its errors turned into replies, counted and logged."""

    async def guarded(request: Request) -> Response:
        began = time.monotonic()
        code = ""
        try:
            reply = await answer(request)
        except Refusal as refusal:
            code = refusal.code
            drained = await _drained(request)
            server.metrics.refusals.labels(code).inc()
            reply = JSONResponse(refusal.body(), refusal.status, refusal.headers())
            if not drained:
                reply.headers["Connection"] = "close"
        except (Gone, ClientDisconnect):
            server.metrics.gone.inc()
            reply = Response(status_code=_CLIENT_CLOSED)
        except Exception:
            log.exception("unanswered")
            reply = JSONResponse(Refusal(500, "internal", "the server failed; the log says why").body(), 500)
        server.metrics.requests.labels(path, str(reply.status_code)).inc()
        level = logging.DEBUG if path in ("/healthz", "/metrics") and reply.status_code == 200 else logging.INFO
        took = round((time.monotonic() - began) * 1000)
        note(level, "request", path=path, status=reply.status_code, code=code, took_ms=took)
        return reply

    return guarded


async def _drained(request: Request) -> bool:
    """Read what is left of a refused body, within reason: a connection closed on a client that still sends is reset, and the
    reply is lost with it."""
    left = _DRAIN_BYTES
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return False
    except (TimeoutError, ClientDisconnect):
        return False
    except RuntimeError:
        return True  # The body has been read to its end.
    return True


async def _watch(request: Request, call: Call) -> None:
    """Tell the call when its client is gone. To be started when the body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    call.leave()


async def _no_such_route(_: Request, err: Exception) -> Response:
    assert isinstance(err, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(err.status_code, "http")
    return JSONResponse(Refusal(err.status_code, code, err.detail).body(), err.status_code, err.headers)
