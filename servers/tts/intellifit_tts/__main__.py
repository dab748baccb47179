# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m intellifit_tts: the server's start."""

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
        from .server import run  # the heavy imports come after the flags are known to be right

        run(config)
    except StartError as err:
        sys.stderr.write(f"intellifit_tts: {err}\n")
        return 2
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A clause that is still being computed cannot be interrupted, and nobody waits for it any more.
    os._exit(status)
