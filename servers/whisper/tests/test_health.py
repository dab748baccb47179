"""Health is told by a decode, seldom, and never at a client's cost."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from intellifit_whisper.engine import Segment
from intellifit_whisper.health import Health, fixture

from .fakes import FakeEngine, serving, until


def test_a_healthy_server_decodes_once_for_many() -> None:
    with serving() as live, ThreadPoolExecutor(8) as pool:
        replies = [pool.submit(httpx.get, live.url + "/healthz", timeout=20) for _ in range(8)]
        assert {(reply.result().status_code, reply.result().json()["status"]) for reply in replies} == {(200, "ok")}
        assert live.engine.lengths == [len(fixture())]


def test_a_clients_decode_is_proof_enough() -> None:
    with serving() as live:
        assert live.alive()
        assert live.client.get("/healthz").status_code == 200
        assert len(live.engine.lengths) == 1


def test_a_decode_that_fails_is_told_and_heals() -> None:
    engine = FakeEngine()
    engine.fail = RuntimeError("CUDA out of memory")
    with serving(engine) as live:
        reply = live.client.get("/healthz")
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "unhealthy")
        assert "RuntimeError" in reply.json()["error"]["message"]
        assert reply.headers["retry-after"] == "1"
        engine.fail = None
        assert live.client.get("/healthz").status_code == 503  # For five seconds.
        live.server.health._checked = time.monotonic() - 6
        assert live.client.get("/healthz").status_code == 200


def test_a_model_that_hears_nonsense_is_not_healthy() -> None:
    for said in ([], [Segment(0, 1, " bananas")]):
        with serving(FakeEngine(said)) as live:
            reply = live.client.get("/healthz")
            assert reply.status_code == 503
            assert "clear recording" in reply.json()["error"]["message"]


def test_a_stuck_worker_is_not_healthy() -> None:
    engine = FakeEngine()
    engine.hold = threading.Event()
    with serving(engine, timeout=0.3) as live:
        live.server.health = Health(engine, live.server.lane, timeout=0.3)
        assert live.transcribe().status_code == 504
        reply = live.client.get("/healthz")
        assert reply.status_code == 503
        assert "within 0.3 s" in reply.json()["error"]["message"]
        engine.hold.set()
        until(lambda: live.server.lane.running == 0)


def test_a_busy_server_that_gets_on_is_healthy() -> None:
    engine = FakeEngine()
    engine.hold = threading.Event()
    with serving(engine) as live, ThreadPoolExecutor(1) as pool:
        live.server.health = Health(engine, live.server.lane, timeout=0.5)
        first = pool.submit(live.transcribe)
        until(lambda: engine.at_once == 1)
        check = ThreadPoolExecutor(1).submit(httpx.get, live.url + "/healthz", timeout=20)
        time.sleep(0.2)
        live.server.lane.proved()  # A segment of the long decode came while the check waited.
        assert check.result().status_code == 200
        engine.hold.set()
        assert first.result().status_code == 200
