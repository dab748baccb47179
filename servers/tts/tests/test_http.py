# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client sees, over real connections with a voice of tones."""

from __future__ import annotations

import base64
import json
import socket
import struct
import time
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from intellifit_tts import health
from intellifit_tts.logs import JSONFormatter
from tests.conftest import Running, running, wait_for

TEXT = "Welcome, dear member. Second we row. Third we rest."
CLAUSES = ["Welcome, dear member.", "Second we row.", "Third we rest."]
HEADER = 44


def events(body: str) -> list[dict[str, Any]]:
    """Read the events of a stream."""
    return [json.loads(line.removeprefix("data: ")) for line in body.split("\n\n") if line]


def test_wav(served: Running) -> None:
    reply = served.speak(input=TEXT)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "audio/wav"
    assert reply.headers["x-sample-rate"] == "22050"
    assert "content-length" not in reply.headers
    magic, riff, kind, _, _, code, channels, rate, _, _, bits, _, size = struct.unpack("<4sI4s4sIHHIIHH4sI", reply.content[:HEADER])
    assert (magic, kind, code, channels, rate, bits) == (b"RIFF", b"WAVE", 1, 1, 22050, 16)
    assert riff == size == 0xFFFFFFFF
    # Each clause lasts a tenth of a second a character, 40 ms are left for its end, a quarter of a second is its pause.
    seconds = (len(reply.content) - HEADER) / 2 / 22050
    assert seconds == pytest.approx(sum(len(clause) * 0.1 + 0.25 for clause in CLAUSES), abs=0.05)
    assert served.engine.ended == CLAUSES


def test_pcm_is_the_wav_without_its_header(served: Running) -> None:
    reply = served.speak(input=TEXT, response_format="pcm")
    assert reply.headers["content-type"] == "audio/pcm"
    assert reply.headers["x-sample-rate"] == "22050"
    assert reply.content == served.speak(input=TEXT, response_format="wav").content[HEADER:]


def test_sse(served: Running) -> None:
    reply = served.speak(input=TEXT, response_format="pcm", stream_format="sse")
    assert reply.headers["content-type"] == "text/event-stream"
    assert reply.headers["x-sample-rate"] == "22050"
    got = events(reply.text)
    assert [event["type"] for event in got] == ["speech.audio.delta"] * 3 + ["speech.audio.done"]
    sound = b"".join(base64.b64decode(event["audio"]) for event in got[:-1])
    assert sound == served.speak(input=TEXT, response_format="pcm").content
    assert got[-1]["audio_ms"] == round(len(sound) / 2 / 22.05)


def test_sse_of_wav_has_one_header(served: Running) -> None:
    got = events(served.speak(input=TEXT, stream_format="sse").text)
    sound = [base64.b64decode(event["audio"]) for event in got[:-1]]
    assert [chunk[:4] == b"RIFF" for chunk in sound] == [True, False, False]


@pytest.mark.parametrize(
    ("voice", "asked", "want"), [("tone", None, 22050), ("low", None, 16000), ("tone", 16000, 16000), ("low", 48000, 48000), ("tone", 8000, 8000)]
)
def test_sample_rate(served: Running, voice: str, asked: int | None, want: int) -> None:
    reply = served.speak(input="Ten reps.", voice=voice, response_format="pcm", **({"sample_rate": asked} if asked else {}))
    assert reply.headers["x-sample-rate"] == str(want)
    sound = np.frombuffer(reply.content, "<i2")
    assert len(sound) / want == pytest.approx(0.9 + 0.25, abs=0.02)
    tone = sound[: int(want * 0.8)].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
    assert np.argmax(spectrum) * want / len(tone) == pytest.approx(220, abs=2)


def test_speed_shortens_clauses_and_pauses(served: Running) -> None:
    lengths = [len(served.speak(input=TEXT, response_format="pcm", speed=speed).content) for speed in (0.5, 1, 2.0, 4)]
    for slow, fast in pairwise(lengths):
        assert fast / slow == pytest.approx(0.5, abs=0.02)


def test_first_chunk_is_sent_before_the_last_is_made(served: Running) -> None:
    release = served.engine.hold("Third")
    with served.client.stream("POST", "/v1/audio/speech", json={"input": TEXT, "response_format": "pcm"}) as reply:
        chunks = reply.iter_bytes()
        first = next(chunks)
        assert len(first) > 22050
        assert "Third we rest." not in served.engine.ended
        release.set()
        rest = b"".join(chunks)
    assert served.engine.ended == CLAUSES
    assert len(first + rest) / 2 / 22050 == pytest.approx(sum(len(clause) * 0.1 + 0.25 for clause in CLAUSES), abs=0.05)


def test_nothing_is_computed_for_a_client_that_has_left(served: Running) -> None:
    release = served.engine.hold("Second")
    with served.client.stream("POST", "/v1/audio/speech", json={"input": TEXT}) as reply:
        next(reply.iter_bytes())
        wait_for(lambda: "Second we row." in served.engine.begun, "the second clause to begin")
    wait_for(lambda: served.outcomes().get("cancelled") == 1, "the request to be cancelled while its second clause is computed")
    release.set()
    wait_for(lambda: served.speaker.stuck() == 0, "the worker to be free")
    assert served.speak(input="After it.").status_code == 200
    assert "Third we rest." not in served.engine.begun


def test_a_client_that_leaves_the_queue_is_not_computed_for(served: Running) -> None:
    release = served.engine.hold("Holding")
    url = urlsplit(served.url)
    body = json.dumps({"input": "Holding the worker."}).encode()
    holder = post(url.hostname, url.port, body)
    wait_for(lambda: served.engine.begun, "the first clause to begin")
    waiter = post(url.hostname, url.port, json.dumps({"input": "Waiting in vain."}).encode())
    time.sleep(0.1)  # nothing tells from outside that it waits
    waiter.close()
    wait_for(lambda: served.outcomes().get("cancelled") == 1, "the waiting request to be cancelled")
    release.set()
    assert b"200 OK" in holder.recv(200)
    holder.close()
    assert served.speak(input="After it.").status_code == 200
    assert "Waiting in vain." not in served.engine.begun


def post(host: str | None, port: int | None, body: bytes) -> socket.socket:
    """Send a request without waiting for its reply."""
    connection = socket.create_connection((host, port), timeout=10)
    connection.sendall(b"POST /v1/audio/speech HTTP/1.1\r\nHost: tts\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    return connection


def test_a_full_queue_is_busy_at_once() -> None:
    with running(workers=1, queue=1) as served:
        release = served.engine.hold("Holding")
        url = urlsplit(served.url)
        body = json.dumps({"input": "Holding the worker."}).encode()
        held = [post(url.hostname, url.port, body), post(url.hostname, url.port, body)]
        wait_for(lambda: "intellifit_tts_open_requests 2.0" in served.client.get("/metrics").text, "two requests to be open")
        began = time.monotonic()
        reply = served.speak(input="No room.")
        assert time.monotonic() - began < 1
        assert reply.status_code == 503
        assert reply.headers["retry-after"] == "1"
        assert reply.json()["error"]["code"] == "busy"
        assert reply.json()["error"]["type"] == "server_error"
        assert served.client.get("/healthz").status_code == 200, "a busy server is not sick"
        release.set()
        for connection in held:
            assert b"200 OK" in connection.recv(200)
            connection.close()
        wait_for(lambda: "intellifit_tts_open_requests 0.0" in served.client.get("/metrics").text, "no request to be open")
        assert served.speak(input="Room again.").status_code == 200


def test_a_long_text_lets_a_short_one_in_between() -> None:
    with running(workers=1, queue=4) as served:
        release = served.engine.hold("Second")
        url = urlsplit(served.url)
        long = post(url.hostname, url.port, json.dumps({"input": TEXT}).encode())
        wait_for(lambda: "Second we row." in served.engine.begun, "the second clause of the long text to begin")
        short = post(url.hostname, url.port, json.dumps({"input": "Me too."}).encode())
        wait_for(lambda: "intellifit_tts_pending_clauses 2.0" in served.client.get("/metrics").text, "the short text to wait")
        release.set()
        assert b"200 OK" in short.recv(200)
        wait_for(lambda: "Third we rest." in served.engine.ended, "the long text to end")
        assert served.engine.begun.index("Me too.") < served.engine.begun.index("Third we rest.")
        long.close()
        short.close()


def test_a_timeout_ends_a_text_that_takes_too_long() -> None:
    with running(timeout=0.3) as served:
        release = served.engine.hold("Holding")
        reply = served.speak(input="Holding the worker.")
        assert reply.status_code == 504
        assert reply.json()["error"]["code"] == "timeout"
        release.set()
        assert served.speak(input="After it.").status_code == 200


def test_a_voice_that_fails_at_the_first_clause_is_an_error(served: Running) -> None:
    served.engine.fails = "Welcome"
    reply = served.speak(input=TEXT)
    assert reply.status_code == 500
    assert reply.json()["error"]["code"] == "engine_failed"
    assert "broke" not in reply.text, "what the engine says is for the log"
    served.engine.fails = ""
    assert served.speak(input=TEXT).status_code == 200


def test_a_voice_that_fails_later_breaks_the_reply_off(served: Running) -> None:
    """A client must not take half a text for the whole."""
    served.engine.fails = "Third"
    with pytest.raises(httpx.RemoteProtocolError):
        served.speak(input=TEXT)
    got = events(served.speak(input=TEXT, stream_format="sse").text)
    assert [event["type"] for event in got] == ["speech.audio.delta"] * 2 + ["error"]
    assert got[-1]["error"]["code"] == "engine_failed"
    assert served.speak(input="After it.").status_code == 200


def test_a_clause_without_sound_is_passed_over(served: Running) -> None:
    served.engine.mute = "Second"
    reply = served.speak(input=TEXT, response_format="pcm")
    assert len(reply.content) / 2 / 22050 == pytest.approx(len(CLAUSES[0] + CLAUSES[2]) * 0.1 + 0.5, abs=0.05)
    served.engine.mute = "e"
    reply = served.speak(input=TEXT)
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "input_empty"


BAD = [
    (b"", "body_invalid"),
    (b"{", "body_invalid"),
    (b"[]", "body_invalid"),
    (b"null", "body_invalid"),
    (b'"text"', "body_invalid"),
    (b"\xff\xfe\x00", "body_invalid"),
    (b"[" * 100_000, "body_invalid"),
    (b'{"input":' + b"[" * 100_000, "body_invalid"),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\n--x--", "body_invalid"),
    ({}, "input_empty"),
    ({"input": None}, "input_empty"),
    ({"input": ""}, "input_empty"),
    ({"input": " \n\t "}, "input_empty"),
    ({"input": "... — !!! 🙂 [[]]"}, "input_empty"),
    ({"input": "\x00\x01\ufeff"}, "input_empty"),
    ({"input": "\ud800\udfff\ud800"}, "input_empty"),
    ({"input": 5}, "input_invalid"),
    ({"input": ["a"]}, "input_invalid"),
    ({"input": {"text": "a"}}, "input_invalid"),
    ({"input": "a" * 2001}, "input_too_long"),
    ({"input": " " * 2001}, "input_too_long"),
    ({"input": "a", "voice": "alloy"}, "voice_unknown"),
    ({"input": "a", "voice": ""}, "voice_unknown"),
    ({"input": "a", "voice": 7}, "voice_unknown"),
    ({"input": "a", "voice": {"id": "nobody"}}, "voice_unknown"),
    ({"input": "a", "voice": {"id": ["tone"]}}, "voice_unknown"),
    ({"input": "a", "voice": "../../etc/passwd"}, "voice_unknown"),
    ({"input": "a", "response_format": "mp3"}, "response_format"),
    ({"input": "a", "response_format": "opus"}, "response_format"),
    ({"input": "a", "response_format": "aac"}, "response_format"),
    ({"input": "a", "response_format": "flac"}, "response_format"),
    ({"input": "a", "response_format": "midi"}, "response_format"),
    ({"input": "a", "response_format": ["wav"]}, "response_format"),
    ({"input": "a", "stream_format": "chunks"}, "stream_format"),
    ({"input": "a", "stream_format": 1}, "stream_format"),
    ({"input": "a", "speed": 0.24}, "speed"),
    ({"input": "a", "speed": 4.01}, "speed"),
    ({"input": "a", "speed": 0}, "speed"),
    ({"input": "a", "speed": -1}, "speed"),
    ({"input": "a", "speed": "1"}, "speed"),
    ({"input": "a", "speed": True}, "speed"),
    (b'{"input":"a","speed":NaN}', "speed"),
    (b'{"input":"a","speed":1e999}', "speed"),
    (b'{"input":"a","speed":' + b"9" * 400 + b"}", "speed"),
    (b'{"input":"a","speed":' + b"9" * 5000 + b"}", "body_invalid"),
    ({"input": "a", "sample_rate": 7999}, "sample_rate"),
    ({"input": "a", "sample_rate": 48001}, "sample_rate"),
    ({"input": "a", "sample_rate": 16000.5}, "sample_rate"),
    ({"input": "a", "sample_rate": "16000"}, "sample_rate"),
    ({"input": "a", "sample_rate": True}, "sample_rate"),
]


def test_bad_input_is_told_and_survived(served: Running) -> None:
    for body, code in BAD:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = served.client.post("/v1/audio/speech", content=content)
        assert reply.status_code == 400, (content[:80], reply.text)
        error = reply.json()["error"]
        assert error["code"] == code, (content[:80], error)
        assert error["type"] == "invalid_request_error"
        assert error["message"]
    assert served.speak(input="After them all.").status_code == 200
    assert served.engine.begun == ["After them all."]


def test_a_format_that_is_not_made_names_those_that_are(served: Running) -> None:
    message = served.speak(input="a", response_format="mp3").json()["error"]["message"]
    assert "wav" in message
    assert "pcm" in message


def test_a_body_too_large_is_not_read_to_its_end(served: Running) -> None:
    reply = served.client.post("/v1/audio/speech", content=b'{"input":"' + b"a" * 300_000)
    assert reply.status_code == 413
    assert reply.json()["error"]["code"] == "body_too_large"
    assert served.speak(input="After it.").status_code == 200


def test_what_openai_clients_send_besides_is_let_pass(served: Running) -> None:
    reply = served.speak(
        model="gpt-4o-mini-tts", input="Ten reps.", voice={"id": "low"}, instructions="Be kind.", speed=None, stream_format=None, seed=1
    )
    assert reply.status_code == 200
    assert reply.headers["x-sample-rate"] == "16000"


def test_two_thousand_characters_are_spoken(served: Running) -> None:
    reply = served.speak(input="Ten reps. " * 200, speed=4, response_format="pcm", sample_rate=8000)
    assert reply.status_code == 200
    assert len(served.engine.ended) == 200


def test_other_routes_answer_in_the_same_shape(served: Running) -> None:
    for method, path, status, code in [
        ("GET", "/nope", 404, "not_found"),
        ("GET", "/v1/audio/speech", 405, "method_not_allowed"),
        ("GET", "/v1/models/gpt-9", 404, "model_unknown"),
        ("POST", "/v1/audio/transcriptions", 404, "not_found"),
        ("GET", "/docs", 404, "not_found"),
    ]:
        reply = served.client.request(method, path)
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


def test_a_connection_that_breaks_off_in_its_body_harms_nobody(served: Running) -> None:
    url = urlsplit(served.url)
    for sent in (b"", b"\x00\xff garbage\r\n\r\n", b"POST /v1/audio/speech HTTP/1.1\r\nHost: tts\r\nContent-Length: 500\r\n\r\n{"):
        with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
            connection.sendall(sent)
    assert served.speak(input="After them.").status_code == 200


def test_voices_and_models(served: Running) -> None:
    assert served.client.get("/v1/audio/voices").json() == {
        "voices": [
            {"id": "tone", "name": "Tone", "language": "en-US", "sample_rate": 22050},
            {"id": "low", "name": "Low", "language": "en-GB", "sample_rate": 16000},
        ]
    }
    models = served.client.get("/v1/models").json()
    assert models["object"] == "list"
    assert [model["id"] for model in models["data"]] == ["piper"]
    assert served.client.get("/v1/models/piper").json()["id"] == "piper"


def test_health_speaks_a_word_and_remembers_it_for_a_while(served: Running) -> None:
    for _ in range(3):
        reply = served.client.get("/healthz")
        assert reply.status_code == 200
        assert reply.json()["device"] == "cpu"
    assert served.engine.ended == ["ready"]


@pytest.mark.parametrize(("fault", "reason"), [("fails", "failed at a word"), ("mute", "no sound")])
def test_health_fails_with_the_voice(served: Running, fault: str, reason: str) -> None:
    setattr(served.engine, fault, "ready")
    reply = served.client.get("/healthz")
    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "unhealthy"
    assert reason in reply.json()["error"]["message"]


def test_health_fails_when_a_worker_is_stuck(served: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "STUCK", 0.05)
    release = served.engine.hold("Holding")
    url = urlsplit(served.url)
    with post(url.hostname, url.port, json.dumps({"input": "Holding the worker."}).encode()):
        wait_for(lambda: served.speaker.stuck() > 0.05, "the worker to be stuck")
        reply = served.client.get("/healthz")
        assert reply.status_code == 503
        assert "computed for" in reply.json()["error"]["message"]
        release.set()
        wait_for(lambda: served.client.get("/healthz").status_code == 200, "the server to be healthy again")


def test_metrics_count_what_was_spoken(served: Running) -> None:
    served.speak(input=TEXT)
    served.speak(input="")
    text = served.client.get("/metrics").text
    assert 'intellifit_tts_requests_total{outcome="ok"} 1.0' in text
    assert 'intellifit_tts_requests_total{outcome="input_empty"} 1.0' in text
    assert f"intellifit_tts_characters_total {len(TEXT)}.0" in text
    assert "intellifit_tts_first_chunk_seconds_count 1.0" in text
    assert "intellifit_tts_clause_seconds_count 3.0" in text


def test_logs_hold_no_text(served: Running, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="intellifit_tts"):
        served.engine.fails = "Third"
        with pytest.raises(httpx.RemoteProtocolError):
            served.speak(input=TEXT)
        served.speak(input="Sekret", voice="nobody")
    told = "\n".join(JSONFormatter().format(record) for record in caplog.records)
    assert "speech" in told
    assert "Third we" not in told
    assert "Sekret" not in told
