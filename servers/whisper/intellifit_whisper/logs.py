"""Logs as JSON lines on stderr. Nothing that a member said or that a client sent as text is ever logged."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

log = logging.getLogger("intellifit_whisper")


def setup(level: str) -> None:
    """Send every logger of the process through the JSON lines, libraries from warning upwards only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(level.upper())


def note(level: int, event: str, **fields: Any) -> None:
    """Log one event with its fields."""
    log.log(level, event, extra={"fields": fields})


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        line: dict[str, Any] = {"time": when, "level": record.levelname, "msg": record.getMessage()}
        if record.name != log.name:
            line["logger"] = record.name
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
