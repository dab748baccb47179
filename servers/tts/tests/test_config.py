# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server is told when it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from intellifit_tts.config import parse, processors
from intellifit_tts.errors import StartError

BASE = ["--voices", "/voices", "--voice", "joe"]
DIGEST = "ab" * 32


def test_parse_takes_flags_over_the_environment_over_defaults() -> None:
    env = {"INTELLIFIT_TTS_VOICES": "/env", "INTELLIFIT_TTS_VOICE": "amy", "INTELLIFIT_TTS_QUEUE": "3", "INTELLIFIT_TTS_PORT": ""}
    config = parse(["--voice", "joe", "--workers", "2"], env)
    assert (config.voices, config.voice, config.queue, config.worker_count) == (Path("/env"), "joe", 3, 2)
    assert (config.host, config.port, config.device, config.timeout) == ("127.0.0.1", 21436, "auto", 60.0)


def test_parse_shares_the_processors_out() -> None:
    config = parse(BASE, {})
    assert 1 <= config.worker_count <= 4
    assert config.worker_count * config.threads_each <= max(processors(), 1)
    assert parse([*BASE, "--threads", "3"], {}).threads_each == 3


def test_parse_reads_checksums() -> None:
    want = {"joe": DIGEST, "amy": "cd" * 32}
    assert parse([*BASE, "--voice-sha256", f"joe={DIGEST.upper()}", "--voice-sha256", f"amy={'cd' * 32}"], {}).voice_sha256 == want
    assert parse(BASE, {"INTELLIFIT_TTS_VOICE_SHA256": f"joe={DIGEST}, amy={'cd' * 32}"}).voice_sha256 == want
    assert parse(BASE, {}).voice_sha256 == {}


@pytest.mark.parametrize(
    ("argv", "env", "told"),
    [
        (["--voices", "/voices"], {}, "--voice "),
        (["--voice", "joe"], {}, "--voices "),
        ([*BASE, "--port", "65536"], {}, "65536"),
        ([*BASE, "--port", "http"], {}, "http"),
        ([*BASE, "--workers", "-1"], {}, "-1"),
        ([*BASE, "--queue", "1.5"], {}, "1.5"),
        ([*BASE, "--timeout", "nan"], {}, "nan"),
        ([*BASE, "--timeout", "0"], {}, "above 0"),
        ([*BASE, "--device", "tpu"], {}, "tpu"),
        ([*BASE, "--log-level", "loud"], {}, "loud"),
        ([*BASE, "--nonsense"], {}, "--nonsense"),
        ([*BASE, "--voice-sha256", "joe=abc"], {}, "SHA-256"),
        ([*BASE, "--voice-sha256", DIGEST], {}, "SHA-256"),
        (BASE, {"INTELLIFIT_TTS_QUEUE": "many"}, "many"),
        (BASE, {"INTELLIFIT_TTS_DEVICE": "tpu"}, "tpu"),
        (BASE, {"INTELLIFIT_TTS_VOICE_SHA256": "joe"}, "INTELLIFIT_TTS_VOICE_SHA256"),
    ],
)
def test_parse_refuses_what_cannot_be_meant(argv: list[str], env: dict[str, str], told: str) -> None:
    with pytest.raises(StartError) as refused:
        parse(argv, env)
    assert told in str(refused.value)
