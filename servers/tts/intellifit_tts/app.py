# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes: OpenAI's /v1/audio/speech with what belongs to it, /healthz and /metrics."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from . import __version__, logs
from .engine import MODEL, Engine
from .errors import Refusal
from .health import Health
from .metrics import Metrics
from .request import MAX_BODY, read
from .response import SpeechResponse
from .speaker import Speaker

BODY_PATIENCE = 10.0
"""Seconds that a body may take to arrive."""


def build(engine: Engine, speaker: Speaker, metrics: Metrics) -> FastAPI:
    """Return the application around an engine."""
    app = FastAPI(title="intellifit_tts", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    health = Health(engine, speaker)
    started = int(time.time())

    @app.post("/v1/audio/speech")
    async def speech(request: Request) -> Response:
        began = time.monotonic()
        try:
            speaker.check()
            asked = read(await _body(request), engine.voices, engine.default_voice)
        except Refusal as err:
            metrics.requests.labels(err.code).inc()
            raise
        return SpeechResponse(speaker, asked, began)

    @app.get("/v1/audio/voices")
    async def voices() -> dict[str, Any]:
        return {"voices": [vars(voice) for voice in engine.voices.values()]}

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [_model(started)]}

    @app.get("/v1/models/{model}")
    async def model(model: str) -> dict[str, Any]:
        if model != MODEL:
            raise Refusal(404, "model_unknown", f"there is no model of that name; there is {MODEL}", param="model")
        return _model(started)

    @app.get("/healthz")
    async def healthz() -> Response:
        reason = await health.reason()
        if reason:
            raise Refusal(503, "unhealthy", reason, retry_after=1)
        return JSONResponse({"status": "ok", "device": engine.device, "provider": engine.provider, "voice": engine.default_voice})

    @app.get("/metrics")
    async def metrics_text() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    @app.exception_handler(Refusal)
    async def known(_: Request, err: Refusal) -> Response:
        return err.response()

    @app.exception_handler(HTTPException)
    async def unrouted(_: Request, err: HTTPException) -> Response:
        code = {404: "not_found", 405: "method_not_allowed"}.get(err.status_code, "request_invalid")
        reply = Refusal(err.status_code, code, str(err.detail)).response()
        reply.headers.update(err.headers or {})
        return reply

    @app.exception_handler(Exception)
    async def unknown(_: Request, err: Exception) -> Response:
        logs.log.error("a request failed", exc_info=err)
        return Refusal(500, "internal", "the server failed at this request").response()

    return app


async def _body(request: Request) -> bytes:
    """Read a body, but no more of it than a text can have and no longer than a client needs."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    raise Refusal(413, "body_too_large", f"the body has more than {MAX_BODY} bytes")
    except TimeoutError as err:
        raise Refusal(408, "body_slow", f"the body did not arrive within {BODY_PATIENCE:g} seconds") from err
    except ClientDisconnect as err:
        raise Refusal(400, "body_incomplete", "the client left before its body had arrived") from err
    return bytes(body)


def _model(started: int) -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": started, "owned_by": "local"}
