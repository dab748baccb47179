# SPDX-License-Identifier: GPL-3.0-or-later
"""The process: one ready line, one line for why it cannot begin, gone within five seconds of SIGTERM."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import TONE_VOICES
from tests.test_engine import TONE_SHA256

ROOT = Path(__file__).parent.parent
START = 60


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "intellifit_tts", "--voices", str(TONE_VOICES), "--voice", "tone", "--port", "0", *more]


@contextmanager
def process(*more: str, before: Sequence[str] = ()) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run a server and read its ready line."""
    started = subprocess.Popen([*before, *command(*more)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert started.stdout is not None
        line = started.stdout.readline()
        assert line, started.communicate()[1]
        yield started, json.loads(line)
    finally:
        started.kill()
        started.communicate()


def test_process_tells_that_it_is_ready_and_stops() -> None:
    with process("--voice-sha256", f"tone={TONE_SHA256}") as (started, ready):
        assert ready["event"] == "ready"
        assert (ready["device"], ready["provider"], ready["model"], ready["voice"]) == ("cpu", "CPUExecutionProvider", "piper", "tone")
        assert ready["load_ms"] > 0
        url = f"http://127.0.0.1:{ready['port']}"
        assert httpx.get(f"{url}/healthz").status_code == 200
        reply = httpx.post(f"{url}/v1/audio/speech", json={"input": "A secret of Erika's. [[x]]"})
        assert reply.status_code == 200
        started.send_signal(signal.SIGTERM)
        out, err = started.communicate(timeout=10)
        assert started.returncode == 0
        assert out == "", "one line on stdout, no more"
        logged = [json.loads(line) for line in err.splitlines()]
        assert any(line["msg"] == "speech" and line["outcome"] == "ok" for line in logged)
        assert "Erika" not in err
        assert "secret" not in err


def test_process_lets_a_text_end_when_it_is_told_to_stop() -> None:
    with (
        process() as (started, ready),
        httpx.stream(
            "POST", f"http://127.0.0.1:{ready['port']}/v1/audio/speech", json={"input": "Ten reps. " * 200, "response_format": "pcm"}
        ) as reply,
    ):
        chunks = reply.iter_bytes()
        size = len(next(chunks))
        started.send_signal(signal.SIGTERM)
        size += sum(len(chunk) for chunk in chunks)
        assert started.wait(10) == 0
    assert size / 2 / 22050 > 100


def test_process_is_gone_in_five_seconds_whatever_it_does() -> None:
    """A client that takes nothing holds a reply up for thirty seconds; the end of the server does not wait for it."""
    body = json.dumps({"input": "Ten reps. " * 200, "speed": 0.25, "sample_rate": 48000}).encode()
    with process() as (started, ready), socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", ready["port"]))
        client.sendall(b"POST /v1/audio/speech HTTP/1.1\r\nHost: tts\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        assert client.recv(1000)
        time.sleep(0.5)
        began = time.monotonic()
        started.send_signal(signal.SIGTERM)
        started.wait(10)
        assert time.monotonic() - began < 5.5
        assert started.returncode == 0


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--voice-sha256", f"tone={'00' * 32}"], "has the checksum"),
        (["--voice", "amy"], "amy.onnx is missing"),
        (["--voices", "/nowhere"], "/nowhere is not a folder"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1"),
        (["--port", "http"], "--port"),
    ],
)
def test_process_says_in_one_line_why_it_cannot_begin(more: list[str], told: str) -> None:
    ended = subprocess.run(command(*more), cwd=ROOT, capture_output=True, text=True, timeout=START, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert told in ended.stderr


def test_process_says_that_its_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(command("--port", port), cwd=ROOT, capture_output=True, text=True, timeout=START, check=False)
    assert ended.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in ended.stderr


def test_process_reaches_no_net(tmp_path: Path) -> None:
    """Whatever opens a connection of its own, a look-up of a name too, shows up here."""
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    # -D makes strace the child and the server the process that is started and stopped.
    with process(before=[strace, "-D", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(trace)]) as (started, ready):
        url = f"http://127.0.0.1:{ready['port']}"
        assert httpx.post(f"{url}/v1/audio/speech", json={"input": "Ten reps."}).status_code == 200
        assert httpx.get(f"{url}/healthz").status_code == 200
        started.send_signal(signal.SIGTERM)
        assert started.wait(20) == 0
    lines = trace.read_text().splitlines()
    assert any("sendto" in line for line in lines), "the trace saw the replies"
    assert [line for line in lines if "AF_INET" in line] == []
