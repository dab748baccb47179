# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server is told when it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from intellifit_tts.config import parse

BASE = ["--voices", "/voices", "--voice", "joe"]
DIGEST = "ab" * 32


def test_parse_takes_flags_over_the_environment_over_defaults() -> None:
    environ = {"INTELLIFIT_TTS_VOICES": "/env", "INTELLIFIT_TTS_VOICE": "amy", "INTELLIFIT_TTS_QUEUE": "3", "INTELLIFIT_TTS_PORT": ""}
    config = parse(["--voice", "joe", "--workers", "2"], environ)
    assert (config.voices, config.voice, config.queue, config.workers) == (Path("/env"), "joe", 3, 2)
    assert (config.host, config.port, config.device, config.deadline) == ("127.0.0.1", 21436, "auto", 60.0)
    assert config.threads >= 1


def test_parse_reads_checksums() -> None:
    want = {"joe": DIGEST, "amy": "cd" * 32}
    assert parse([*BASE, "--voice-sha256", f"joe={DIGEST.upper()}", "--voice-sha256", f"amy={'cd' * 32}"], {}).checksums == want
    assert parse(BASE, {"INTELLIFIT_TTS_VOICE_SHA256": f"joe={DIGEST}, amy={'cd' * 32}"}).checksums == want
    assert parse(BASE, {}).checksums == {}


@pytest.mark.parametrize(
    ("argv", "environ", "told"),
    [
        ([], {}, "--voice"),
        (["--voice", "joe"], {}, "--voices"),
        ([*BASE, "--port", "65536"], {}, "65536"),
        ([*BASE, "--port", "http"], {}, "http"),
        ([*BASE, "--workers", "0"], {}, "not within 1 to 64"),
        ([*BASE, "--queue", "-1"], {}, "not within"),
        ([*BASE, "--deadline", "nan"], {}, "nan"),
        ([*BASE, "--device", "tpu"], {}, "tpu"),
        ([*BASE, "--voice-sha256", "joe=abc"], {}, "SHA-256"),
        ([*BASE, "--voice-sha256", DIGEST], {}, "SHA-256"),
        (BASE, {"INTELLIFIT_TTS_QUEUE": "many"}, "INTELLIFIT_TTS_QUEUE"),
        (BASE, {"INTELLIFIT_TTS_DEVICE": "tpu"}, "INTELLIFIT_TTS_DEVICE"),
        (BASE, {"INTELLIFIT_TTS_VOICE_SHA256": "joe"}, "INTELLIFIT_TTS_VOICE_SHA256"),
    ],
)
def test_parse_refuses_what_cannot_be_meant(argv: list[str], environ: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse(argv, environ)
    assert stopped.value.code == 2
    assert told in capsys.readouterr().err
