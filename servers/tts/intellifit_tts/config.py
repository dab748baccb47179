# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server is told when it starts: flags, each with a twin in the environment (--queue, INTELLIFIT_TTS_QUEUE)."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ENV_PREFIX = "INTELLIFIT_TTS_"
DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Config:
    """Config is how one server runs."""

    voices: Path
    """The folder with <id>.onnx and <id>.onnx.json of each voice."""
    voice: str
    """The voice that speaks when a request names none."""
    host: str = "127.0.0.1"
    port: int = 21436
    """0 takes a free one; the ready line tells which."""
    device: str = "auto"
    """auto takes a GPU where there is one; cuda refuses to start without."""
    queue: int = 16
    """Requests that may wait besides those being spoken; more are answered 503."""
    threads: int = 2
    """Threads that one clause is computed with."""
    workers: int = 1
    """Clauses computed at the same time."""
    deadline: float = 60.0
    """Seconds that one request may wait and be computed for, the sending of its audio not counted."""
    checksums: Mapping[str, str] | None = None
    """SHA-256 of a voice's .onnx by its id; another file is refused at start."""


def cores() -> int:
    """Cores that this process may use, which a container's limit or taskset can make fewer than the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Config:
    """Read flags and their twins in the environment; exits with status 2 and one line for what cannot be meant."""
    parser = argparse.ArgumentParser(
        prog="intellifit_tts",
        description="Speak text over HTTP with Piper voices.",
        epilog=f"Each flag has a twin in the environment: --voices is {ENV_PREFIX}VOICES, --voice-sha256 is {ENV_PREFIX}VOICE_SHA256 "
        "(several separated by commas). A flag wins.",
    )
    cpus = cores()
    workers = 1 if cpus < 4 else min(4, cpus // 2)

    def flag(name: str, convert: Callable[[str], object], default: object, text: str, **more: object) -> None:
        variable = ENV_PREFIX + name.upper().replace("-", "_")
        given = environ.get(variable, "")
        if given:
            try:
                default = convert(given)
            except (ValueError, argparse.ArgumentTypeError) as err:
                parser.error(f"{variable}={given}: {err}")
        required = default is None
        shown = "" if required else f" (default: {default})"
        parser.add_argument(f"--{name}", type=convert, default=default, required=required, help=text + shown, **more)  # type: ignore[arg-type]

    flag("host", str, "127.0.0.1", "address to listen on")
    flag("port", _whole(0, 65535), 21436, "port to listen on, 0 for a free one")
    flag("device", _one_of(DEVICES), "auto", "auto, cpu or cuda; cuda fails where there is no such GPU", metavar="DEVICE")
    flag("voices", Path, None, "folder with <id>.onnx and <id>.onnx.json", metavar="DIR")
    flag("voice", str, None, "id of the voice that speaks when a request names none", metavar="ID")
    flag("queue", _whole(0, 10_000), 16, "requests that may wait; more are answered 503", metavar="N")
    flag("workers", _whole(1, 64), workers, "clauses computed at the same time", metavar="N")
    flag("threads", _whole(1, 64), max(1, cpus // workers), "threads that one clause is computed with", metavar="N")
    flag("deadline", _seconds, 60.0, "seconds that one request may wait and be computed for", metavar="SECONDS")
    given = environ.get(f"{ENV_PREFIX}VOICE_SHA256", "")
    parser.add_argument(
        "--voice-sha256", action="append", type=_checksum, metavar="ID=HEX", help="refuse to start when <id>.onnx is another file; may be repeated"
    )
    args = parser.parse_args(argv)
    try:
        pairs = args.voice_sha256 or [_checksum(pair.strip()) for pair in given.split(",") if pair.strip()]
    except argparse.ArgumentTypeError as err:
        parser.error(f"{ENV_PREFIX}VOICE_SHA256: {err}")
    return Config(
        voices=args.voices,
        voice=args.voice,
        host=args.host,
        port=args.port,
        device=args.device,
        queue=args.queue,
        threads=args.threads,
        workers=args.workers,
        deadline=args.deadline,
        checksums=dict(pairs),
    )


def _whole(low: int, high: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not within {low} to {high}")
        return value

    convert.__name__ = "whole number"  # what argparse calls it in its message
    return convert


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError(f"{text} is not within 0 to 3600 seconds")
    return value


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(choices)}")
        return text

    return convert


def _checksum(text: str) -> tuple[str, str]:
    voice, _, digest = text.partition("=")
    if not voice or not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise argparse.ArgumentTypeError(f"{text!r} is not ID=HEX with the 64 digits of a SHA-256")
    return voice, digest.lower()
