"""``python -m engram`` is the ``engram`` command."""

from __future__ import annotations

import sys

from engram.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
