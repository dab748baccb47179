# SPDX-License-Identifier: GPL-3.0-or-later
"""Health: whether the default voice says a word now, not whether the process exists."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from . import audio, logs
from .engine import WARM_UP, Engine
from .speaker import Speaker

FRESH = 5.0
"""Seconds that a result is told again for."""
PATIENCE = 10.0
"""Seconds that the word may take."""
STUCK = 30.0
"""Seconds after which a clause is not computed but stuck: its limits make it take a few at worst."""


class Health:
    """Health speaks a word, at most once in five seconds, however many ask."""

    def __init__(self, engine: Engine, speaker: Speaker) -> None:
        self._engine = engine
        self._speaker = speaker
        self._asking = asyncio.Lock()
        self._known_until = 0.0
        self._reason = ""

    async def reason(self) -> str:
        """Return why the server is not healthy, empty when it is."""
        async with self._asking:
            if time.monotonic() >= self._known_until:
                self._reason = await self._ask()
                self._known_until = time.monotonic() + FRESH
        stuck = self._speaker.stuck()
        if stuck > STUCK:
            return f"a clause has been computed for {stuck:.0f} seconds"
        return self._reason

    async def _ask(self) -> str:
        # On a thread of its own: a word that waits behind the clauses of a full queue would call a busy server sick.
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._speak), PATIENCE)
        except TimeoutError:
            return f"the voice did not say a word within {PATIENCE:g} seconds"
        except Exception as err:
            logs.log.exception("the voice failed at a word")
            return f"the voice failed at a word: {type(err).__name__}"

    def _speak(self) -> str:
        voice = self._engine.voices[self._engine.default_voice]
        parts = list(self._engine.synthesize(voice.id, WARM_UP, 1.0))
        sound = audio.trim(np.concatenate([audio.empty(), *parts]), voice.sample_rate)
        return "" if sound.size else "the voice made no sound of a word"
