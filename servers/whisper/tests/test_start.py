"""The process: what keeps it from starting, what it says when it listens, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ctranslate2
import httpx
import pytest

from .fakes import Live

MODEL = os.environ.get("INTELLIFIT_TEST_MODEL", "")
HERE = Path(__file__).resolve().parents[1]
needs_model = pytest.mark.skipif(not MODEL, reason="INTELLIFIT_TEST_MODEL names no Whisper model")


def start(*flags: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "intellifit_whisper", *flags]
    return subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def started(*flags: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, object]]]:
    process = start("--model", MODEL, "--port", "0", *flags)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr and process.stderr.read()
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def hollow(tmp_path: Path) -> Path:
    """A model directory with everything but a model."""
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_text("{}")
    return tmp_path


def fixture_bytes() -> bytes:
    return (HERE / "intellifit_whisper/assets/ready.wav").read_bytes()


def refused(*flags: str) -> str:
    """The one line of a start that fails."""
    process = start(*flags)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert out == ""
    lines = [line for line in err.splitlines() if not line.startswith("{")]
    assert len(lines) == 1
    assert lines[0].startswith("intellifit_whisper: ")
    return lines[0]


def test_no_model() -> None:
    assert "--model" in refused()
    assert "does not exist" in refused("--model", "/nowhere", "--port", "0")


def test_a_model_that_lacks_a_file(hollow: Path) -> None:
    (hollow / "tokenizer.json").unlink()
    assert "lacks tokenizer.json" in refused("--model", str(hollow), "--port", "0")


def test_a_model_with_another_checksum(hollow: Path) -> None:
    assert "not the pinned" in refused("--model", str(hollow), "--port", "0", "--model-sha256", "0" * 64)


def test_a_model_that_is_none(hollow: Path) -> None:
    assert "cannot be loaded" in refused("--model", str(hollow), "--port", "0")


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="there is a GPU")
def test_a_gpu_that_is_asked_for_and_absent(hollow: Path) -> None:
    assert "--device cuda was asked for" in refused("--model", str(hollow), "--port", "0", "--device", "cuda")


def test_a_port_in_use(hollow: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "cannot listen" in refused("--model", str(hollow), "--port", port)


@needs_model
def test_a_language_the_model_does_not_know() -> None:
    assert "--language xx" in refused("--model", MODEL, "--port", "0", "--language", "xx")


def test_no_library_may_reach_the_net() -> None:
    code = "import intellifit_whisper.whisper, huggingface_hub.constants as c; print(c.HF_HUB_OFFLINE)"
    told = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"


@needs_model
def test_ready_says_what_runs_and_a_signal_ends_it() -> None:
    with started("--model-name", "base", "--device", "cpu", "--threads", "1") as (process, ready):
        assert ready["event"] == "ready"
        assert (ready["device"], ready["compute_type"], ready["model"], ready["turn"]) == ("cpu", "int8", "base", False)
        assert isinstance(ready["load_ms"], int)
        url = f"http://127.0.0.1:{ready['port']}"
        assert httpx.get(url + "/healthz", timeout=30).status_code == 200
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out) == (0, "")
        assert time.monotonic() - began < 5
        assert all(json.loads(line) for line in err.splitlines())


@needs_model
def test_a_signal_lets_the_running_request_end() -> None:
    with started() as (process, ready):
        request = httpx.Request("POST", "http://x/v1/audio/transcriptions", files=Live.files(fixture_bytes()))
        body = request.read()
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        port = ready["port"]
        assert isinstance(port, int)
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(f"POST {request.url.path} HTTP/1.1\r\n{head}Expect: 100-continue\r\n\r\n".encode())
            assert b"100 Continue" in connection.recv(1000)  # The request is being read.
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            connection.sendall(body)
            reply = b"".join(iter(lambda: connection.recv(10_000), b""))
        assert b" 200 OK" in reply
        assert b"eady when you are" in reply
        process.communicate(timeout=10)
        assert process.returncode == 0


@needs_model
def test_a_long_decode_does_not_outlast_the_end() -> None:
    jfk = HERE.parents[2] / "shared/data/speech/jfk.wav"
    if not jfk.is_file():
        pytest.skip(f"{jfk} is absent")
    import io
    import wave

    with wave.open(str(jfk)) as file:
        frames = file.readframes(file.getnframes())
    long = io.BytesIO()
    with wave.open(long, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(frames * 60)
    with started("--window", "full") as (process, ready), ThreadPoolExecutor(1) as pool:
        url = f"http://127.0.0.1:{ready['port']}/v1/audio/transcriptions"
        reply = pool.submit(httpx.post, url, files=Live.files(long.getvalue()), timeout=30)
        time.sleep(1.5)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
        assert time.monotonic() - began < 6
        assert process.returncode == 0
        with contextlib.suppress(httpx.HTTPError):
            assert reply.result().status_code != 200
