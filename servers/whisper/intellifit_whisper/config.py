"""What the server is started with: flags, each with an environment twin (--model-sha256, INTELLIFIT_WHISPER_MODEL_SHA256)."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

from .errors import StartError

PREFIX = "INTELLIFIT_WHISPER_"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the server is started with, checked."""

    model: Path
    host: str = "127.0.0.1"
    port: int = 21435
    model_name: str = ""
    model_sha256: str = ""
    turn_model: Path | None = None
    turn_model_sha256: str = ""
    device: str = "auto"
    compute_type: str = "auto"
    window: str = "auto"
    language: str = "en"
    workers: int = 1
    threads: int = 0
    queue: int = 8
    timeout: float = 60.0
    max_bytes: int = 25 * 1024 * 1024
    max_seconds: int = 30 * 60
    log_level: str = "info"

    @property
    def name(self) -> str:
        """The name requests give the model: --model-name, else the directory's."""
        return self.model_name or self.model.resolve().name

    @property
    def threads_each(self) -> int:
        """Threads of one worker: --threads, else the processors this process may use, shared out."""
        return self.threads or max(1, processors() // self.workers)


def parse(argv: Sequence[str], env: Mapping[str, str]) -> Config:
    """Read the flags, with the environment under them; a bad or missing value is a StartError that names it."""
    parser = _Parser(prog="python -m intellifit_whisper", description=__doc__, allow_abbrev=False)
    defaults = {field.name: field.default for field in fields(Config) if field.default is not MISSING}

    def flag(name: str, read: Callable[[str], Any], help: str) -> None:
        field = name.replace("-", "_")
        parser.add_argument(f"--{name}", type=read, default=env.get(PREFIX + field.upper(), defaults.get(field)), help=help)

    flag("model", Path, "directory of the CTranslate2 model (model.bin, config.json, tokenizer.json, vocabulary)")
    flag("model-name", str, "name requests give the model (default: the directory's name)")
    flag("model-sha256", _sha256, "refuse to start when model.bin has another SHA-256")
    flag("turn-model", _optional_path, "Smart Turn v3 ONNX file; without it /v1/audio/turn answers 404")
    flag("turn-model-sha256", _sha256, "refuse to start when the turn model has another SHA-256")
    flag("host", str, "address to listen on")
    flag("port", _between(0, 65535), "port to listen on; 0 takes a free one, told in the ready line")
    flag("device", _one_of("auto", "cpu", "cuda"), "where to decode; cuda fails to start without a usable GPU")
    flag("compute-type", str, "CTranslate2 compute type (auto: int8 on a CPU, float16 on a GPU)")
    flag(
        "window",
        _one_of("auto", "short", "full"),
        "encoder window of short clips (auto: short on a CPU, full on a GPU)",
    )
    flag("language", str, "language pinned where a request names none; auto detects")
    flag("workers", _between(1, 64), "decodes at a time")
    flag("threads", _between(0, 256), "threads of each worker (0: the processors, shared out)")
    flag("queue", _between(0, 10_000), "requests that may wait for a worker; one more is told 503")
    flag("timeout", _seconds, "seconds a request may take, waiting included")
    flag("max-bytes", _between(1, 1 << 30), "largest file")
    flag("max-seconds", _between(1, 6 * 3600), "longest file")
    flag("log-level", _one_of("debug", "info", "warning", "error"), "least level that is logged")
    chosen = vars(parser.parse_args(list(argv)))
    if not chosen["model"]:
        raise StartError(f"--model (or {PREFIX}MODEL) is missing: the directory of the Whisper model")
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
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def _sha256(text: str) -> str:
    if text and not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a SHA-256 of 64 hexadecimal digits")
    return text.lower()


def _optional_path(text: str) -> Path | None:
    return Path(text) if text else None
