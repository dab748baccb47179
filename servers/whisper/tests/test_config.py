"""Flags, their environment twins and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from intellifit_whisper.config import PREFIX, Config, parse
from intellifit_whisper.errors import StartError

SHA = "ab" * 32


def test_defaults() -> None:
    config = parse(["--model", "models/base"], {})
    assert config == Config(model=Path("models/base"))
    assert (config.name, config.language, config.queue, config.timeout) == ("base", "en", 8, 60)
    assert config.threads_each >= 1


def test_flags() -> None:
    given = f"--model m --model-name base --model-sha256 {SHA.upper()} --turn-model t.onnx --host 0.0.0.0 --port 0"
    given += " --device cpu --compute-type int8 --window full --language de --workers 2 --threads 3 --queue 0 --timeout 1.5"
    given += " --max-bytes 1000 --max-seconds 60 --log-level error"
    assert parse(given.split(), {}) == Config(
        model=Path("m"),
        model_name="base",
        model_sha256=SHA,
        turn_model=Path("t.onnx"),
        host="0.0.0.0",
        port=0,
        device="cpu",
        compute_type="int8",
        window="full",
        language="de",
        workers=2,
        threads=3,
        queue=0,
        timeout=1.5,
        max_bytes=1000,
        max_seconds=60,
        log_level="error",
    )


def test_the_environment_stands_in_and_flags_win() -> None:
    env = {PREFIX + "MODEL": "m", PREFIX + "QUEUE": "3", PREFIX + "MODEL_SHA256": SHA, PREFIX + "TURN_MODEL": ""}
    config = parse(["--queue", "4"], env)
    assert (config.model, config.queue, config.model_sha256, config.turn_model) == (Path("m"), 4, SHA, None)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("", "--model"),
        ("--model m --port 70000", "--port"),
        ("--model m --port x", "--port"),
        ("--model m --queue -1", "--queue"),
        ("--model m --workers 0", "--workers"),
        ("--model m --timeout 0", "--timeout"),
        ("--model m --timeout soon", "--timeout"),
        ("--model m --device tpu", "--device"),
        ("--model m --model-sha256 abc", "--model-sha256"),
        ("--model m --unknown 1", "--unknown"),
    ],
)
def test_bad_flags_are_named(given: str, named: str) -> None:
    with pytest.raises(StartError, match=named) as caught:
        parse(given.split(), {})
    assert "\n" not in str(caught.value)


def test_bad_environment_is_named() -> None:
    with pytest.raises(StartError, match="queue"):
        parse(["--model", "m"], {PREFIX + "QUEUE": "many"})
