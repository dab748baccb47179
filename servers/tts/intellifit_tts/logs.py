# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs: one JSON object a line on stderr. What is spoken never stands in them."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

log = logging.getLogger("intellifit_tts")


class JSONFormatter(logging.Formatter):
    """JSONFormatter writes a record as one line of JSON, with what stands in its `fields` beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "msg": record.getMessage(),
        }
        if record.name != log.name:
            line["logger"] = record.name
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def setup(level: str) -> None:
    """Send every log of the process to stderr, those of libraries from warning upwards only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(level.upper())
    # Piper tells the text that it speaks at level debug and its unknown phonemes at level warning.
    logging.getLogger("piper").setLevel(logging.ERROR)


def note(level: int, event: str, **fields: Any) -> None:
    """Log one event with its fields."""
    log.log(level, event, extra={"fields": fields})
