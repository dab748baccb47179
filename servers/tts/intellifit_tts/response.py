# SPDX-License-Identifier: GPL-3.0-or-later
"""The reply that carries speech: sent clause by clause, given up when its client leaves.

It is an ASGI response of its own because the status depends on the first clause, which is computed while somebody must already watch
whether the client is still there.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from contextlib import aclosing
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from . import audio, logs
from .audio import Samples
from .errors import Refusal
from .request import FORMATS, Speech
from .speaker import Gone, Speaker

STALL = 30.0
"""Seconds that a client may take nothing for."""
SENDING = 900.0
"""Seconds that a client may take for the whole of a text: 2,000 characters at a quarter of the speed last nine minutes."""


class SpeechResponse(Response):
    """SpeechResponse speaks a text to one client."""

    def __init__(self, speaker: Speaker, speech: Speech, began: float) -> None:
        """Answer a request that arrived at began, a time of time.monotonic()."""
        super().__init__()
        self._speaker = speaker
        self._speech = speech
        self._began = began
        self._started = False
        self._first: float | None = None
        self._samples = 0
        self._sending = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the reply; whatever happens ends in one line of the log and one count of the metrics."""
        outcome = "stopped"  # by the server, when nothing below says otherwise
        try:
            with self._speaker.admitted():
                await self._speak(receive, send)
            outcome = "ok"
        except Gone:
            outcome = "cancelled"
        except Refusal as err:
            outcome = err.code
            await self._fail(err, scope, receive, send)
        except Exception:
            outcome = "engine_failed"
            logs.log.exception("a clause could not be computed")
            await self._fail(Refusal(500, "engine_failed", "the voice failed at this text"), scope, receive, send)
        finally:
            self._record(outcome)

    async def _speak(self, receive: Receive, send: Send) -> None:
        gone = asyncio.Event()
        watching = asyncio.create_task(_watch(receive, gone))
        try:
            async with aclosing(self._speaker.speak(self._speech, gone)) as sounds:
                async for sound in sounds:
                    await self._chunk(sound, send)
            if not self._started:  # espeak knows letters that it has no sounds for
                raise Refusal(400, "input_empty", "the input has nothing to speak: this voice has no sounds for it", param="input")
            await self._put({"type": "http.response.body", "body": self._last(), "more_body": False}, send)
        finally:
            watching.cancel()

    async def _chunk(self, sound: Samples, send: Send) -> None:
        data = audio.pcm16(sound)
        if not self._started:
            if self._speech.format == "wav":
                data = audio.wav_header(self._speech.sample_rate) + data
            self._first = time.monotonic() - self._began
            self._started = True
            await self._put({"type": "http.response.start", "status": 200, "headers": self._head()}, send)
        self._samples += sound.size
        if self._speech.stream_format == "sse":
            data = _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})
        await self._put({"type": "http.response.body", "body": data, "more_body": True}, send)

    async def _put(self, message: Message, send: Send) -> None:
        """Send, but wait for a client no longer than it may take."""
        began = time.monotonic()
        try:
            await asyncio.wait_for(send(message), min(STALL, max(0.0, SENDING - self._sending)))
        except (TimeoutError, OSError) as err:
            raise Gone from err
        self._sending += time.monotonic() - began

    def _head(self) -> list[tuple[bytes, bytes]]:
        kind = "text/event-stream" if self._speech.stream_format == "sse" else FORMATS[self._speech.format]
        return [
            (b"content-type", kind.encode()),
            (b"x-sample-rate", str(self._speech.sample_rate).encode()),
            (b"cache-control", b"no-store"),
        ]

    def _last(self) -> bytes:
        if self._speech.stream_format != "sse":
            return b""
        # OpenAI counts tokens here; a Piper voice has none.
        usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
        return _event({"type": "speech.audio.done", "usage": usage, "characters": self._speech.characters, "audio_ms": self._audio_ms()})

    async def _fail(self, err: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell an error: by the status where none is sent yet, else by an event, else by a reply that breaks off, which no client takes for whole."""
        if not self._started:
            await err.response()(scope, receive, send)
        elif self._speech.stream_format == "sse":
            await self._put({"type": "http.response.body", "body": _event({"type": "error", **err.body()}), "more_body": False}, send)

    def _record(self, outcome: str) -> None:
        metrics = self._speaker.metrics
        metrics.requests.labels(outcome).inc()
        if self._first is not None:
            metrics.characters.inc(self._speech.characters)
            metrics.first_chunk_seconds.observe(self._first)
        logs.note(
            logging.INFO if outcome in ("ok", "cancelled", "input_empty") else logging.WARNING,
            "speech",
            outcome=outcome,
            voice=self._speech.voice.id,
            characters=self._speech.characters,
            clauses=len(self._speech.clauses),
            first_ms=None if self._first is None else round(self._first * 1000),
            total_ms=round((time.monotonic() - self._began) * 1000),
            audio_ms=self._audio_ms(),
        )

    def _audio_ms(self) -> int:
        return round(self._samples * 1000 / self._speech.sample_rate)


async def _watch(receive: Receive, gone: asyncio.Event) -> None:
    """Wait until the client leaves; the body is read already."""
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
