# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that a client is told, in OpenAI's shape."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse


class StartError(Exception):
    """StartError is why the server cannot start, in words for whoever started it."""


class APIError(Exception):
    """APIError is what a client is told: a status, a code that programs read and a sentence that people read."""

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

    def response(self) -> JSONResponse:
        """Return the error as an HTTP reply."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else None
        return JSONResponse(self.body(), status_code=self.status, headers=headers)
