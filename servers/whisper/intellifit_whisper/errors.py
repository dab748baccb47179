"""What a client is told when a request is not answered: one exception, in OpenAI's error shape."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A request that is not answered, with the status, the code a program branches on and the sentence a person reads."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The reply's body: {"error": {"message", "type", "code"}}."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"message": self.message, "type": kind, "code": self.code}}

    def headers(self) -> dict[str, str]:
        """The reply's headers beside the usual ones."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


def busy(retry_after: int) -> Refusal:
    """Every worker decodes and the waiting room is full."""
    return Refusal(503, "busy", "every worker is decoding and the queue is full; try again later", retry_after=retry_after)


def late(seconds: float) -> Refusal:
    """The request ran past its deadline."""
    return Refusal(504, "timeout", f"the request was not answered within {seconds:g} s")


class StartError(Exception):
    """Something the server was started with cannot work; its message is the one line printed before it exits."""
