"""python -m intellifit_whisper: the server's start."""

from __future__ import annotations

import os
import sys

from .config import parse
from .errors import StartError
from .logs import setup


def main() -> int:
    """Start, serve and end; what stops the start is one line on stderr."""
    try:
        config = parse(sys.argv[1:], os.environ)
        setup(config.log_level)
        from .server import run  # The heavy imports come after the flags are known to be right.

        return run(config)
    except StartError as err:
        sys.stderr.write(f"intellifit_whisper: {err}\n")
        return 2


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A window that is still being decoded cannot be interrupted, and nobody waits for it any more.
    os._exit(status)
