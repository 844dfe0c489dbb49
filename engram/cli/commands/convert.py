"""``engram convert``: a file into another format, or into one that ANNarchy reads. No network is built."""

from __future__ import annotations

from engram.cli.commands import Command
from engram.cli.output import say
from engram.persistence.converting import convert as convert_file

__all__ = ["COMMAND", "convert"]


def convert(source: str, target: str, to: str, reseal: bool) -> int:
    """Write what is in a file into another; returns the exit status."""
    say(str(convert_file(source, target, to, reseal=reseal)))
    return 0


COMMAND = Command(
    "write a file in another format, or for ANNarchy",
    "Writes what is in SRC into DST, whose suffix says how: engram convert a.npz b.engram. With --to annarchy "
    "DST is a file that ANNarchy loads (.npz, .gz; others are pickles), and SRC may be its own, too, a .mat say. "
    "Values are checked as `engram verify` does.",
    convert,
    (
        ("source", {"metavar": "SRC", "help": "that engram saved, of any format"}),
        ("target", {"metavar": "DST", "help": "where to write"}),
        ("--to", {"choices": ("engram", "annarchy"), "default": "engram", "help": "whose file it shall be"}),
        ("--reseal", {"action": "store_true", "help": "of a file edited on purpose: hash values anew as they are now"}),
    ),
)
