"""One transcription from its bytes to its reply: a seat, the samples, the hearing, the format or the stream of events."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from . import audio
from .audio import Unpacker
from .config import Config
from .engine import Engine, Hearing, Segment
from .errors import Refusal
from .form import Form
from .formats import Heard, event, joined, render
from .lane import Call, Gone, Lane, Seat
from .limits import RATE
from .logs import log, note
from .metrics import Metrics
from .wav import Samples


class Transcriber:
    """Answers requests whose form has been read."""

    def __init__(self, config: Config, engine: Engine, lane: Lane, unpacker: Unpacker, metrics: Metrics) -> None:
        self.unpacker = unpacker
        self._max_seconds = config.max_seconds
        self._engine = engine
        self._lane = lane
        self._metrics = metrics

    async def reply(self, form: Form, call: Call, ending: contextlib.ExitStack) -> Response:
        """The reply. What `ending` holds is undone with the request, which for a stream is when the stream ends."""
        container = audio.sniff(form.body)
        asked = time.monotonic()
        seat = await self._lane.seat(call)
        ending.callback(seat.leave)
        waited = time.monotonic() - asked
        self._metrics.stages.labels("queue").observe(waited)
        samples = await self._samples(form.body, container, seat, call)
        hearing = _Task(self, form, samples, waited, call)
        if form.stream:
            return _Stream(hearing.events(seat), ending.pop_all())
        heard = await seat.run(call, hearing.hear)
        body, kind = render(heard, form.format, segments=form.segments, words=form.ask.words)
        return Response(body, media_type=kind)

    async def _samples(self, body: bytes, container: str, seat: Seat, call: Call) -> Samples:
        began = time.monotonic()
        if container == "wav":
            samples = await seat.run(call, lambda: audio.from_wav(body, self._max_seconds))
        else:
            samples = await call.wait(self.unpacker.decode(body, container))
        self._metrics.stages.labels("decode").observe(time.monotonic() - began)
        self._metrics.audio.inc(len(samples) / RATE)
        return samples


class _Task:
    """One clip's hearing, in a worker's thread."""

    def __init__(self, of: Transcriber, form: Form, samples: Samples, waited: float, call: Call) -> None:
        self._of = of
        self._ask = form.ask
        self._samples = samples
        self._waited = waited
        self._call = call

    def hear(self, each: Callable[[Segment], None] = lambda _: None) -> Heard:
        """Hear the clip to its end, or to where its request ended."""
        began = time.monotonic()
        hearing = self._of._engine.hear(self._samples, self._ask, self._call.stopped.is_set)
        segments: list[Segment] = []
        for segment in hearing.segments:
            self._of._lane.proved()
            segments.append(segment)
            each(segment)
        return self._done(hearing, segments, time.monotonic() - began)

    async def events(self, seat: Seat) -> AsyncIterator[str]:
        """Hear the clip and tell each segment as it comes; the last event holds all of the text."""
        said: asyncio.Queue[Segment | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def each(segment: Segment) -> None:
            loop.call_soon_threadsafe(said.put_nowait, segment)

        hearing = asyncio.ensure_future(seat.run(self._call, lambda: self.hear(each)))
        hearing.add_done_callback(lambda _: said.put_nowait(None))
        told = ""
        try:
            while (segment := await said.get()) is not None:
                delta = segment.text if told else segment.text.lstrip()
                told += delta
                if delta:
                    yield event("transcript.text.delta", delta=delta)
            yield self._last(hearing)
        finally:
            self._call.leave()
            hearing.cancel()

    def _last(self, hearing: asyncio.Future[Heard]) -> str:
        try:
            heard = hearing.result()
        except Refusal as refusal:
            return event("error", **refusal.body())
        except Gone:
            return ""
        except Exception:
            log.exception("unanswered")
            return event("error", **Refusal(500, "internal", "the server failed; the log says why").body())
        return event("transcript.text.done", text=heard.text, language=heard.language, **heard.extra)

    def _done(self, hearing: Hearing, segments: list[Segment], took: float) -> Heard:
        heard = Heard(
            segments=segments,
            language=hearing.language,
            audio_ms=round(len(self._samples) / RATE * 1000),
            speech_ms=round(hearing.speech_seconds * 1000),
            stt_ms=round(took * 1000),
            queue_ms=round(self._waited * 1000),
        )
        metrics = self._of._metrics
        metrics.stages.labels("stt").observe(took)
        metrics.rate.observe(took * RATE / len(self._samples) if len(self._samples) else 0)
        metrics.speech.inc(hearing.speech_seconds)
        metrics.dropped.inc(hearing.dropped)
        metrics.redone.inc(hearing.redone)
        metrics.silent.inc(not joined(segments))
        note(logging.INFO, "heard", segments=len(segments), dropped=hearing.dropped, redone=hearing.redone, **heard.extra)
        return heard


class _Stream(StreamingResponse):
    """A stream of events that lets go of its seat however it ends."""

    def __init__(self, events: AsyncIterator[str], ending: contextlib.ExitStack) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._ending:
            await super().__call__(scope, receive, send)
