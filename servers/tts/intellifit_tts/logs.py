# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs: one JSON object a line on stderr. What is spoken never stands in them."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

LOG = logging.getLogger("intellifit_tts")


class JSONFormatter(logging.Formatter):
    """JSONFormatter writes a record as one line of JSON, with what stands in its `fields` beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "msg": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up() -> None:
    """Send every log of the process to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Piper tells the text that it speaks at level debug and its unknown phonemes at level warning.
    logging.getLogger("piper").setLevel(logging.ERROR)


def event(message: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log one thing that happened."""
    LOG.log(level, message, extra={"fields": fields})
