"""Whether the server can hear: by a real decode of a short recording of its own.

A decode for a client is as good a proof. So a busy server, whose workers bring segment after segment, is not asked to decode
one clip more, and a check never takes a worker more often than every five seconds.
"""

from __future__ import annotations

import asyncio
import time
from importlib.resources import files

from . import audio
from .engine import Ask, Engine
from .errors import Refusal
from .lane import Call, Lane, leaving
from .phrases import plain
from .wav import Samples

FRESH_SECONDS = 5.0
TIMEOUT_SECONDS = 10.0
WORDS = frozenset({"ready", "when", "you", "are"})


def fixture() -> Samples:
    """The recording: "Ready when you are"."""
    return audio.from_wav(files(__package__).joinpath("assets/ready.wav").read_bytes(), 10)


def hears(engine: Engine, samples: Samples) -> str:
    """Decode the recording; what is wrong with what was heard, or nothing."""
    hearing = engine.hear(samples, Ask(), lambda: False)
    heard = set(plain(" ".join(segment.text for segment in hearing.segments)).split())
    return "" if heard & WORDS else f"of a clear recording of 4 words {len(heard)} others were heard"


class Health:
    """The last check, and the one that is under way."""

    def __init__(self, engine: Engine, lane: Lane, timeout: float = TIMEOUT_SECONDS) -> None:
        self._engine = engine
        self._lane = lane
        self._timeout = timeout
        self._samples = fixture()
        self._checked = float("-inf")
        self._fault = ""
        self._check: asyncio.Task[None] | None = None

    async def fault(self) -> str:
        """What is wrong, or nothing; several who ask at once wait for one check."""
        now = time.monotonic()
        if now - self._checked > FRESH_SECONDS:
            if now - self._lane.last_proof <= FRESH_SECONDS:
                return ""
            if self._check is None or self._check.done():
                self._check = asyncio.create_task(self._decode())
            await asyncio.shield(self._check)
        return self._fault

    async def _decode(self) -> None:
        began = time.monotonic()
        try:
            self._fault = await self._heard()
        except Exception as err:
            self._fault = f"the decode ended in {type(err).__name__}"
        if self._fault and self._lane.last_proof > began:
            self._fault = ""  # Clients were answered while the check waited for a worker.
        self._checked = time.monotonic()

    async def _heard(self) -> str:
        call = Call(self._timeout)
        try:
            with leaving(await self._lane.seat(call, ahead=True)) as seat:
                return await seat.run(call, lambda: hears(self._engine, self._samples))
        except Refusal:
            return f"no worker decoded a short recording within {self._timeout:g} s"
