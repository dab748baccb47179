"""What comes back, in each format."""

from __future__ import annotations

from typing import Any

import pytest

from intellifit_whisper.engine import Segment
from intellifit_whisper.formats import clock, srt

from .fakes import FakeEngine, Live, events, serving
from .signals import tone, wav

TEXT = "Ready when you are. Three sets of ten."


def as_field(name: str, value: object) -> dict[str, Any]:
    return {name: value}


def test_json_is_the_default(live: Live) -> None:
    reply = live.transcribe(model="whisper-1")
    assert (reply.status_code, reply.json()) == (200, {"text": TEXT})
    assert live.engine.lengths == [16_000]


@pytest.mark.parametrize(
    ("format", "kind", "body"),
    [
        ("json", "application/json", '{"text": "' + TEXT + '"}'),
        ("text", "text/plain; charset=utf-8", TEXT + "\n"),
        (
            "srt",
            "application/x-subrip; charset=utf-8",
            "1\n00:00:00,000 --> 00:00:01,500\nReady when you are.\n\n2\n00:00:01,500 --> 00:00:03,250\nThree sets of ten.\n\n",
        ),
        (
            "vtt",
            "text/vtt; charset=utf-8",
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nReady when you are.\n\n"
            "00:00:01.500 --> 00:00:03.250\nThree sets of ten.\n\n",
        ),
    ],
)
def test_formats(live: Live, format: str, kind: str, body: str) -> None:
    reply = live.transcribe(response_format=format)
    assert (reply.status_code, reply.headers["content-type"], reply.text) == (200, kind, body)


def test_verbose_json_has_segments_and_our_fields(live: Live) -> None:
    reply = live.transcribe(response_format="verbose_json").json()
    assert reply["task"] == "transcribe"
    assert (reply["language"], reply["duration"], reply["text"]) == ("en", 1.0, TEXT)
    assert (reply["no_speech"], reply["audio_ms"], reply["speech_ms"]) == (False, 1000, 1000)
    assert reply["stt_ms"] >= 0
    assert [one["text"] for one in reply["segments"]] == [" Ready when you are.", " Three sets of ten."]
    assert reply["segments"][1] == {
        "id": 1,
        "seek": 150,
        "start": 1.5,
        "end": 3.25,
        "text": " Three sets of ten.",
        "tokens": [3],
        "temperature": 0.0,
        "avg_logprob": -0.3,
        "compression_ratio": 1.0,
        "no_speech_prob": 0.0,
    }
    assert "words" not in reply


@pytest.mark.parametrize("field", ["timestamp_granularities[]", "timestamp_granularities"])
def test_words_on_request(live: Live, field: str) -> None:
    reply = live.transcribe(response_format="verbose_json", **as_field(field, "word")).json()
    assert [word["word"] for word in reply["words"]] == ["Ready", "Three"]
    assert reply["words"][1] == {"word": "Three", "start": 1.5, "end": 1.9, "probability": 0.8}
    assert "segments" not in reply
    assert live.engine.asks[0].words


def test_words_and_segments(live: Live) -> None:
    reply = live.transcribe(response_format="verbose_json", **as_field("timestamp_granularities[]", ["word", "segment"])).json()
    assert len(reply["words"]) == len(reply["segments"]) == 2


def test_stream_joins_its_deltas(live: Live) -> None:
    reply = live.transcribe(stream="true")
    assert reply.headers["content-type"].startswith("text/event-stream")
    told = events(reply.text)
    assert [one["type"] for one in told] == ["transcript.text.delta", "transcript.text.delta", "transcript.text.done"]
    assert "".join(one.get("delta", "") for one in told) == told[-1]["text"] == TEXT
    assert told[-1]["no_speech"] is False
    assert told[-1]["audio_ms"] == 1000


def test_stream_tells_an_error_that_comes_late(live: Live) -> None:
    live.engine.fail = RuntimeError("the GPU is gone")
    told = events(live.transcribe(stream="true").text)
    assert [one["type"] for one in told] == ["error"]
    assert told[0]["error"]["code"] == "internal"
    live.engine.fail = None
    assert live.alive()


def test_stream_refuses_bad_input_with_a_status(live: Live) -> None:
    assert live.transcribe(b"RIFF", stream="true").status_code == 415


def test_nobody_spoke() -> None:
    with serving(FakeEngine([])) as live:
        assert live.transcribe().json() == {"text": ""}
        reply = live.transcribe(response_format="verbose_json")
        assert (reply.status_code, reply.json()["no_speech"], reply.json()["segments"]) == (200, True, [])
        assert live.transcribe(response_format="text").text == "\n"
        assert live.transcribe(response_format="vtt").text == "WEBVTT\n\n"
        assert live.transcribe(response_format="srt").text == ""
        told = events(live.transcribe(stream="1").text)
        assert [one["type"] for one in told] == ["transcript.text.done"]
        assert told[0]["no_speech"] is True


def test_the_ask_reaches_the_engine(live: Live) -> None:
    live.transcribe(language="DE", prompt=" squat, deadlift ", temperature="0.4")
    live.transcribe(language="auto")
    live.transcribe()
    first, second, third = live.engine.asks
    assert (first.language, first.prompt, first.temperature, first.words) == ("de", "squat, deadlift", 0.4, False)
    assert (second.language, third.language, third.prompt) == ("auto", "en", "")


def test_models(live: Live) -> None:
    reply = live.client.get("/v1/models").json()
    assert [one["id"] for one in reply["data"]] == ["fake"]
    assert live.transcribe(model="fake").status_code == live.transcribe(model="").status_code == 200


def test_metrics_count(live: Live) -> None:
    live.transcribe(wav(tone(0.5)))
    live.transcribe(b"")
    page = live.client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    for line in (
        'intellifit_whisper_requests_total{route="/v1/audio/transcriptions",status="200"}',
        'intellifit_whisper_refusals_total{code="audio_empty"}',
        'intellifit_whisper_stage_seconds_count{stage="stt"}',
        'intellifit_whisper_model_info{compute_type="int8",device="cpu",model="fake"} 1.0',
        "intellifit_whisper_audio_seconds_total",
        "intellifit_whisper_waiting 0.0",
        "process_resident_memory_bytes",
    ):
        assert line in page.text


def test_clock_carries_over() -> None:
    assert clock(3661.9996, ",") == "01:01:02,000"
    assert clock(0.0004, ".") == "00:00:00.000"


def test_a_cue_cannot_end_itself() -> None:
    assert srt([Segment(0, 1, " one\n\n2\n00:00:00,000 --> three")]).count("\n\n") == 1
