# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client asks for: the body of /v1/audio/speech, read with care.

It is read by hand, not by a model of pydantic: every mistake has a code of its own, and whatever OpenAI's clients send besides
("instructions", a "model" of another name) is let pass.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .clauses import Clause, split
from .engine import VoiceInfo
from .errors import Refusal
from .text import clean

MAX_INPUT = 2000
"""Characters of a text at most."""
MAX_BODY = 256 * 1024
"""Bytes of a body at most: 2,000 characters are 24 kB however they are escaped, and some clients send instructions along."""

FORMATS = {"wav": "audio/wav", "pcm": "audio/pcm"}
OTHER_FORMATS = ("mp3", "opus", "aac", "flac")
STREAM_FORMATS = ("audio", "sse")
MIN_SPEED, MAX_SPEED = 0.25, 4.0
MIN_RATE, MAX_RATE = 8000, 48000


@dataclass(frozen=True)
class Speech:
    """Speech is one text to be spoken, cut into its clauses."""

    clauses: tuple[Clause, ...]
    characters: int
    voice: VoiceInfo
    format: str
    stream_format: str
    speed: float
    sample_rate: int


def read(body: bytes, voices: Mapping[str, VoiceInfo], default_voice: str) -> Speech:
    """Read a body; raises an Refusal that says what is wrong with it."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as err:  # of ValueError: UnicodeDecodeError and JSONDecodeError
        raise Refusal(400, "body_invalid", "the body is not JSON") from err
    if not isinstance(asked, dict):
        raise Refusal(400, "body_invalid", "the body is not a JSON object")
    text = _text(asked)
    speed = _speed(asked)
    voice = _voice(asked, voices, default_voice)
    chosen = Speech(
        clauses=(),
        characters=len(text),
        voice=voice,
        format=_format(asked),
        stream_format=_choice(asked, "stream_format", STREAM_FORMATS),
        speed=speed,
        sample_rate=_sample_rate(asked, voice),
    )
    clauses = tuple(split(clean(text), speed))
    if not clauses:
        raise Refusal(400, "input_empty", "the input has nothing to speak: no letter and no digit", param="input")
    return Speech(**{**vars(chosen), "clauses": clauses})


def _text(asked: dict[str, Any]) -> str:
    text = asked.get("input")
    if text is None or text == "":
        raise Refusal(400, "input_empty", "the input is empty", param="input")
    if not isinstance(text, str):
        raise Refusal(400, "input_invalid", "the input is not a text", param="input")
    if len(text) > MAX_INPUT:
        raise Refusal(400, "input_too_long", f"the input has {len(text)} characters; at most {MAX_INPUT} are spoken at once", param="input")
    return text


def _voice(asked: dict[str, Any], voices: Mapping[str, VoiceInfo], default: str) -> VoiceInfo:
    name = asked.get("voice")
    if isinstance(name, dict):  # OpenAI's way to name a voice of one's own
        name = name.get("id", "")
    if name is None:
        name = default
    if not isinstance(name, str) or name not in voices:
        shown = name[:80] if isinstance(name, str) else ""
        raise Refusal(400, "voice_unknown", f"there is no voice {shown!r}; there are {', '.join(voices)}", param="voice")
    return voices[name]


def _format(asked: dict[str, Any]) -> str:
    name = asked.get("response_format")
    if name is None:
        return "wav"
    if isinstance(name, str) and name in FORMATS:
        return name
    works = " and ".join(FORMATS)
    if isinstance(name, str) and name in OTHER_FORMATS:
        raise Refusal(400, "response_format", f"{name} is not made here; {works} are", param="response_format")
    raise Refusal(400, "response_format", f"the response_format is none of those made here: {works}", param="response_format")


def _choice(asked: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = asked.get(name)
    if value is None:
        return choices[0]
    if isinstance(value, str) and value in choices:
        return value
    raise Refusal(400, name, f"the {name} is none of {', '.join(choices)}", param=name)


def _speed(asked: dict[str, Any]) -> float:
    speed = asked.get("speed")
    if speed is None:
        return 1.0
    # NaN, which Python reads in JSON, is within no bounds.
    if isinstance(speed, bool) or not isinstance(speed, (int, float)) or not MIN_SPEED <= speed <= MAX_SPEED:
        raise Refusal(400, "speed", f"the speed is not a number from {MIN_SPEED:g} to {MAX_SPEED:g}", param="speed")
    return float(speed)


def _sample_rate(asked: dict[str, Any], voice: VoiceInfo) -> int:
    rate = asked.get("sample_rate")
    if rate is None:
        return voice.sample_rate
    if isinstance(rate, bool) or not isinstance(rate, int) or not MIN_RATE <= rate <= MAX_RATE:
        raise Refusal(400, "sample_rate", f"the sample_rate is not a whole number from {MIN_RATE} to {MAX_RATE}", param="sample_rate")
    return rate
