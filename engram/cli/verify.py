"""``engram verify``: whether a file is what was saved. No network is built."""

from __future__ import annotations

from engram.cli.output import say
from engram.errors import DamagedFile
from engram.persistence.reading import read

__all__ = ["verify"]


def verify(file: str) -> int:
    """Read all of a file once; returns the exit status: 0 if it is whole, 1 if it is damaged."""
    try:
        found = read(file)
        with found:
            _ = found.blueprint  # which is read, and checked, when it is asked for
            faults, count = found.verify(), len(found)
    except DamagedFile as error:
        faults, count = (str(error),), 0
    for fault in faults:
        say(fault)
    say(f"{file}: damaged" if faults else f"{file}: whole, {count} values")
    return 1 if faults else 0
