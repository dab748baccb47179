# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client is told when a request is not answered: one exception, in OpenAI's error shape."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse


class Refusal(Exception):
    """Refusal is a request that is not answered: a status, a code that programs read and a sentence that people read."""

    def __init__(self, status: int, code: str, message: str, *, param: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """Return the JSON of OpenAI's errors."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    def headers(self) -> dict[str, str]:
        """Return the headers of the reply beside the usual ones."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}

    def response(self) -> JSONResponse:
        """Return the refusal as an HTTP reply."""
        reply = JSONResponse(self.body(), self.status, self.headers())
        if self.status in (408, 413):
            reply.headers["Connection"] = "close"  # the rest of the body is not read
        return reply


def busy(retry_after: int) -> Refusal:
    """Return what a client is told when the queue is full."""
    return Refusal(503, "busy", "every worker is speaking and the queue is full; try again later", retry_after=retry_after)


def late(seconds: float) -> Refusal:
    """Return what a client is told when its request took too long."""
    return Refusal(504, "timeout", f"the request was not answered within {seconds:g} s")


class StartError(Exception):
    """StartError is why the server cannot start; its message is the one line printed before it ends."""
