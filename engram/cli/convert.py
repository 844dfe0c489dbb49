"""``engram convert``: a file into another format, or into one that ANNarchy reads. No network is built."""

from __future__ import annotations

from engram.cli.output import say
from engram.persistence.converting import convert as convert_file

__all__ = ["convert"]


def convert(source: str, target: str, to: str) -> int:
    """Write what is in a file into another; returns the exit status."""
    say(str(convert_file(source, target, to)))
    return 0
