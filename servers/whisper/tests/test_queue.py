"""Who waits, who is sent away, and what becomes of clients that leave."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from intellifit_whisper.lane import Call, Gone, Lane

from .fakes import FakeEngine, Live, events, serving, until
from .recordings import encoded
from .signals import tone, voice_like, wav


def held() -> FakeEngine:
    engine = FakeEngine()
    engine.hold = threading.Event()
    return engine


def release(engine: FakeEngine) -> None:
    assert engine.hold is not None
    engine.hold.set()


def send(pool: ThreadPoolExecutor, live: Live) -> Future[httpx.Response]:
    return pool.submit(lambda: httpx.post(live.url + "/v1/audio/transcriptions", files=live.files(), timeout=30))


def raw_request(live: Live, **fields: str) -> socket.socket:
    """A request whose connection is ours to close."""
    request = httpx.Request("POST", live.url + "/v1/audio/transcriptions", files=live.files(), data=fields)
    head = f"POST {request.url.path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in request.headers.items()) + "\r\n"
    connection = socket.create_connection((request.url.host, request.url.port or 80), timeout=20)
    connection.sendall(head.encode() + request.read())
    return connection


def test_busy_beyond_the_queue() -> None:
    engine = held()
    with serving(engine, workers=2, queue=1) as live, ThreadPoolExecutor(8) as pool:
        first = [send(pool, live) for _ in range(2)]
        until(lambda: engine.at_once == 2)
        third = send(pool, live)
        until(lambda: live.server.lane.waiting == 1)
        began = time.monotonic()
        refused = live.transcribe()
        assert time.monotonic() - began < 1
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
        assert refused.json()["error"]["type"] == "server_error"
        assert int(refused.headers["retry-after"]) >= 1
        assert "intellifit_whisper_waiting 1.0" in live.client.get("/metrics").text
        release(engine)
        assert [one.result().status_code for one in (*first, third)] == [200] * 3
        assert engine.most_at_once == 2
        until(lambda: live.server.lane.running == live.server.lane.waiting == 0)
        assert live.alive()


def test_no_queue_at_all() -> None:
    engine = held()
    with serving(engine, queue=0) as live, ThreadPoolExecutor(1) as pool:
        first = send(pool, live)
        until(lambda: engine.at_once == 1)
        assert live.transcribe().status_code == 503
        release(engine)
        assert first.result().status_code == 200


def test_order_is_kept() -> None:
    engine = held()
    with serving(engine) as live, ThreadPoolExecutor(4) as pool:
        replies = [send(pool, live)]
        until(lambda: engine.at_once == 1)
        for at in range(3):
            language = ("en", "de", "auto")[at]
            ask = {"language": language}
            replies.append(
                pool.submit(httpx.post, live.url + "/v1/audio/transcriptions", files=live.files(), data=ask, timeout=30)
            )
            until(lambda at=at: live.server.lane.waiting == at + 1)  # type: ignore[misc]
        release(engine)
        assert [reply.result().status_code for reply in replies] == [200] * 4
        assert [ask.language for ask in engine.asks] == ["en", "en", "de", "auto"]


def test_a_client_that_leaves_the_queue_is_never_decoded() -> None:
    engine = held()
    with serving(engine) as live, ThreadPoolExecutor(1) as pool:
        first = send(pool, live)
        until(lambda: engine.at_once == 1)
        waiting = raw_request(live)
        until(lambda: live.server.lane.waiting == 1)
        waiting.close()
        until(lambda: live.server.lane.waiting == 0)
        release(engine)
        assert first.result().status_code == 200
        until(lambda: live.server.lane.running == 0)
        assert len(engine.asks) == 1
        assert "intellifit_whisper_clients_gone_total 1.0" in live.client.get("/metrics").text


@pytest.mark.parametrize("stream", ["false", "true"])
def test_a_client_that_leaves_a_decode_stops_it_after_the_window(stream: str) -> None:
    engine = held()
    engine.said = engine.said * 50
    with serving(engine) as live:
        running = raw_request(live, stream=stream)
        until(lambda: engine.at_once == 1)
        running.close()
        until(lambda: live.server.metrics.gone._value.get() == 1 or stream == "true")
        assert live.server.lane.running == 1  # The thread is still in its window, and keeps its seat.
        time.sleep(0.3)
        release(engine)
        until(lambda: live.server.lane.running == 0)
        assert engine.windows <= 2
        assert live.alive()


def test_a_stream_ends_with_its_client() -> None:
    engine = FakeEngine()
    engine.said = engine.said * 5000
    with serving(engine) as live:
        with live.client.stream("POST", "/v1/audio/transcriptions", files=live.files(), data={"stream": "true"}) as reply:
            next(reply.iter_lines())
        until(lambda: live.server.lane.running == 0)
        assert live.alive()


def test_the_deadline_is_kept_while_waiting_and_while_decoding() -> None:
    engine = held()
    with serving(engine, timeout=0.5) as live, ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        both = [send(pool, live), send(pool, live)]
        for late in both:
            reply = late.result()
            assert (reply.status_code, reply.json()["error"]["code"]) == (504, "timeout")
        assert time.monotonic() - began < 3
        assert live.server.lane.running == 1
        release(engine)
        until(lambda: live.server.lane.running == 0)
        assert len(engine.asks) == 1
        assert live.alive()


def test_a_stream_past_its_deadline_says_so() -> None:
    engine = held()
    with serving(engine, timeout=0.5) as live:
        told = events(live.transcribe(stream="true").text)
        assert told[-1]["error"]["code"] == "timeout"
        release(engine)
        until(lambda: live.server.lane.running == 0)


def test_an_upload_that_stalls_holds_no_worker() -> None:
    with serving(timeout=1, queue=0) as live:
        stalled = socket.create_connection(("127.0.0.1", live.client.base_url.port or 0), timeout=20)
        head = "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n"
        stalled.sendall((head + "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n").encode())
        assert live.alive()
        assert b"504" in stalled.recv(64)
        stalled.close()


def test_a_failing_engine_is_an_error_not_an_end() -> None:
    engine = FakeEngine()
    engine.fail = RuntimeError("what a member said must not be told")
    with serving(engine) as live:
        reply = live.transcribe()
        assert (reply.status_code, reply.json()["error"]["code"]) == (500, "internal")
        assert "member" not in reply.text
        engine.fail = None
        assert live.alive()
        assert live.server.lane.running == 0


def test_a_compressed_clip_keeps_its_seat_while_it_is_unpacked() -> None:
    with serving(workers=1, queue=8) as live, ThreadPoolExecutor(6) as pool:
        clip = encoded(voice_like(2.0), "ogg")
        path = live.url + "/v1/audio/transcriptions"
        replies = [pool.submit(httpx.post, path, files=live.files(clip), timeout=60) for _ in range(6)]
        assert [reply.result().status_code for reply in replies] == [200] * 6
        assert live.engine.most_at_once == 1


def test_clips_unpacked_at_the_same_time_are_not_mixed_up() -> None:
    with serving(workers=4, queue=8) as live, ThreadPoolExecutor(8) as pool:
        path = live.url + "/v1/audio/transcriptions"
        clips = [encoded(voice_like(0.5 + n), "flac") for n in range(8)]
        replies = [pool.submit(httpx.post, path, files=live.files(clip), timeout=60) for clip in clips]
        assert [reply.result().status_code for reply in replies] == [200] * 8
        assert sorted(round(length / 16_000 - 0.5) for length in live.engine.lengths) == list(range(8))


def test_a_refusal_reaches_a_client_that_still_sends() -> None:
    engine = held()
    with serving(engine, queue=0) as live, ThreadPoolExecutor(1) as pool:
        first = send(pool, live)
        until(lambda: engine.at_once == 1)
        connection = socket.create_connection(("127.0.0.1", live.client.base_url.port or 0), timeout=20)
        head = "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n"
        connection.sendall(head.encode())
        for _ in range(80):
            connection.sendall(bytes(100_000))
        reply = b""
        while b'"busy"}}' not in reply:
            more = connection.recv(65_536)
            assert more
            reply += more
        assert reply.startswith(b"HTTP/1.1 503")
        assert b"connection: close" not in reply.lower()
        connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.close()
        release(engine)
        assert first.result().status_code == 200


def test_many_at_once_end_one_way_or_the_other() -> None:
    with serving(workers=2, queue=4) as live, ThreadPoolExecutor(32) as pool:
        path = live.url + "/v1/audio/transcriptions"
        clips = [wav(tone(0.2)), b"", encoded(voice_like(0.5), "mp3")]
        statuses = [
            reply.result().status_code
            for reply in [pool.submit(httpx.post, path, files=live.files(clips[n % 3]), timeout=60) for n in range(90)]
        ]
        assert set(statuses) <= {200, 400, 503}
        assert statuses.count(200) > 5
        until(lambda: live.server.lane.running == live.server.lane.waiting == 0)
        assert live.alive()


@pytest.mark.parametrize("end", ["client gone", "cancelled", "cancelled first"])
def test_lane_loses_no_seat_that_is_passed_on_as_its_client_leaves(end: str) -> None:
    async def run() -> None:
        lane = Lane("t", 1, 4)
        seat = await lane.seat(Call(5))
        call = Call(5)
        waiting = asyncio.ensure_future(lane.seat(call))
        await asyncio.sleep(0.01)
        assert lane.waiting == 1
        if end == "cancelled first":
            waiting.cancel()
        seat.leave()
        call.leave() if end == "client gone" else waiting.cancel()
        try:
            (await waiting).leave()
            assert end == "client gone"
        except (Gone, asyncio.CancelledError):
            pass
        assert (lane.running, lane.waiting) == (0, 0)
        (await lane.seat(Call(5))).leave()
        lane.close()

    asyncio.run(run())


def test_lane_lets_the_health_check_in_first() -> None:
    async def run() -> None:
        lane = Lane("t", 1, 1)
        seat = await lane.seat(Call(5))
        order: list[str] = []

        async def client() -> None:
            got = await lane.seat(Call(5))
            order.append("client")
            got.leave()

        async def health() -> None:
            got = await lane.seat(Call(5), ahead=True)
            order.append("health")
            got.leave()

        tasks = [asyncio.ensure_future(client())]
        await asyncio.sleep(0.01)
        tasks.append(asyncio.ensure_future(health()))
        await asyncio.sleep(0.01)
        seat.leave()
        await asyncio.gather(*tasks)
        assert order == ["health", "client"]
        lane.close()

    asyncio.run(run())
