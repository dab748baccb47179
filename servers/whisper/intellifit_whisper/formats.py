"""What was heard, in each of OpenAI's response formats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .engine import Segment


@dataclass(frozen=True, slots=True)
class Heard:
    """A clip that has been heard to its end."""

    segments: Sequence[Segment]
    language: str
    audio_ms: int
    speech_ms: int
    stt_ms: int
    queue_ms: int

    @property
    def text(self) -> str:
        """Everything that was said."""
        return joined(self.segments)

    @property
    def extra(self) -> dict[str, Any]:
        """Our fields beside OpenAI's."""
        return {
            "no_speech": not self.text,
            "audio_ms": self.audio_ms,
            "speech_ms": self.speech_ms,
            "stt_ms": self.stt_ms,
            "queue_ms": self.queue_ms,
        }


def joined(segments: Sequence[Segment]) -> str:
    """The segments' text in one; Whisper's own spaces are at their beginnings."""
    return "".join(segment.text for segment in segments).strip()


def render(heard: Heard, format: str, *, segments: bool, words: bool) -> tuple[str, str]:
    """The reply's body and its media type."""
    match format:
        case "text":
            return heard.text + "\n", "text/plain; charset=utf-8"
        case "srt":
            return srt(heard.segments), "application/x-subrip; charset=utf-8"
        case "vtt":
            return vtt(heard.segments), "text/vtt; charset=utf-8"
        case "verbose_json":
            return json.dumps(verbose(heard, segments=segments, words=words), ensure_ascii=False), "application/json"
        case _:
            return json.dumps({"text": heard.text}, ensure_ascii=False), "application/json"


def verbose(heard: Heard, *, segments: bool, words: bool) -> dict[str, Any]:
    """The verbose_json reply."""
    reply: dict[str, Any] = {
        "task": "transcribe",
        "language": heard.language,
        "duration": heard.audio_ms / 1000,
        "text": heard.text,
    }
    if segments:
        reply["segments"] = [_segment(at, one) for at, one in enumerate(heard.segments)]
    if words:
        reply["words"] = [
            {"word": word.word.strip(), "start": word.start, "end": word.end, "probability": word.probability}
            for segment in heard.segments
            for word in segment.words
        ]
    return reply | heard.extra


def srt(segments: Sequence[Segment]) -> str:
    """SubRip: numbered cues with commas in their times."""
    return "".join(
        f"{at}\n{clock(one.start, ',')} --> {clock(one.end, ',')}\n{_cue(one)}\n\n" for at, one in enumerate(segments, 1)
    )


def vtt(segments: Sequence[Segment]) -> str:
    """WebVTT: its header, then cues."""
    return "WEBVTT\n\n" + "".join(f"{clock(one.start, '.')} --> {clock(one.end, '.')}\n{_cue(one)}\n\n" for one in segments)


def clock(seconds: float, point: str) -> str:
    """Hours, minutes, seconds and milliseconds."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{point}{milliseconds:03d}"


def event(kind: str, **fields: Any) -> str:
    """One server-sent event."""
    return f"data: {json.dumps({'type': kind, **fields}, ensure_ascii=False)}\n\n"


def _cue(segment: Segment) -> str:
    # A cue's text must not hold what ends a cue or looks like its times.
    return " ".join(segment.text.split()).replace("-->", "->")


def _segment(at: int, segment: Segment) -> dict[str, Any]:
    return {
        "id": at,
        "seek": round(segment.start * 100),
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "tokens": list(segment.tokens),
        "temperature": segment.temperature,
        "avg_logprob": round(segment.avg_logprob, 4),
        "compression_ratio": round(segment.compression_ratio, 4),
        "no_speech_prob": round(segment.no_speech_prob, 4),
    }
