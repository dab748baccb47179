# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server is started with: flags, each with a twin in the environment (--queue, INTELLIFIT_TTS_QUEUE)."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn

from .errors import StartError

PREFIX = "INTELLIFIT_TTS_"


@dataclass(frozen=True, slots=True)
class Config:
    """Config is everything that the server is started with, checked."""

    voices: Path
    voice: str
    voice_sha256: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 21436
    device: str = "auto"
    workers: int = 0
    threads: int = 0
    queue: int = 16
    timeout: float = 60.0
    log_level: str = "info"

    @property
    def worker_count(self) -> int:
        """Workers: --workers, else one on fewer than four processors and on more a worker to two, at most four."""
        return self.workers or max(1, min(4, processors() // 2))

    @property
    def threads_each(self) -> int:
        """Threads of one worker: --threads, else the processors this process may use, shared out."""
        return self.threads or max(1, processors() // self.worker_count)


def parse(argv: Sequence[str], env: Mapping[str, str]) -> Config:
    """Read the flags, with the environment under them; a bad or missing value is a StartError that names it."""
    parser = _Parser(prog="python -m intellifit_tts", description=__doc__, allow_abbrev=False)
    defaults = {entry.name: entry.default for entry in fields(Config) if entry.default is not MISSING}

    def flag(name: str, read: Callable[[str], Any], help: str) -> None:
        variable = name.replace("-", "_")
        # An empty variable is none: compose files pass those that are not set on like that.
        default = env.get(PREFIX + variable.upper()) or defaults.get(variable)
        parser.add_argument(f"--{name}", type=read, default=default, help=help)

    flag("voices", Path, "folder with <id>.onnx and <id>.onnx.json of each voice")
    flag("voice", str, "id of the voice that speaks when a request names none")
    flag("host", str, "address to listen on")
    flag("port", _between(0, 65535), "port to listen on; 0 takes a free one, told in the ready line")
    flag("device", _one_of("auto", "cpu", "cuda"), "where to speak; cuda fails to start without a usable GPU")
    flag("workers", _between(0, 64), "clauses computed at a time (0: a worker to two processors, four at most)")
    flag("threads", _between(0, 256), "threads of each worker (0: the processors, shared out)")
    flag("queue", _between(0, 10_000), "requests that may wait for a worker; one more is told 503")
    flag("timeout", _seconds, "seconds a request may wait and be computed for; sending is not counted")
    flag("log-level", _one_of("debug", "info", "warning", "error"), "least level that is logged")
    parser.add_argument(
        "--voice-sha256",
        type=_checksum,
        action="append",
        metavar="ID=HEX",
        help="refuse to start when <id>.onnx has another SHA-256; may be repeated, in the environment separated by commas",
    )
    chosen = vars(parser.parse_args(list(argv)))
    for name in ("voices", "voice"):
        if not chosen[name]:
            raise StartError(f"--{name} (or {PREFIX}{name.upper()}) is missing")
    chosen["voice_sha256"] = dict(chosen["voice_sha256"] or _checksums(env.get(f"{PREFIX}VOICE_SHA256", "")))
    return Config(**chosen)


def processors() -> int:
    """Processors this process may use: its affinity, less where its control group allows fewer."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return count
    return count if quota == "max" else max(1, min(count, round(int(quota) / int(period))))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise StartError(message)


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,12}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number between {low} and {high}")
        return int(text)

    return read


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(allowed)}")
        return text

    return read


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def _checksum(text: str) -> tuple[str, str]:
    voice, _, digest = text.partition("=")
    if not voice or not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise argparse.ArgumentTypeError(f"{text!r} is not ID=HEX with the 64 hexadecimal digits of a SHA-256")
    return voice, digest.lower()


def _checksums(text: str) -> list[tuple[str, str]]:
    try:
        return [_checksum(pair.strip()) for pair in text.split(",") if pair.strip()]
    except argparse.ArgumentTypeError as err:
        raise StartError(f"{PREFIX}VOICE_SHA256: {err}") from err
