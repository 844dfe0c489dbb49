"""``engram verify``: whether a file is what was saved. No network is built."""

from __future__ import annotations

from engram.cli.commands import ANY_FILE, Command
from engram.cli.output import say
from engram.errors import DamagedFile
from engram.persistence.reading import read

__all__ = ["COMMAND", "verify"]

ORIGIN = "engram"


def verify(file: str) -> int:
    """Read all of a file once; returns the exit status: 0 if it is whole, 1 if it is damaged."""
    try:
        found = read(file)
        with found:
            _ = found.is_ours and found.blueprint  # which is read, and checked, when it is asked for
            faults, count, origin = found.verify(), len(found), found.origin
    except DamagedFile as error:
        faults, count, origin = (str(error),), 0, ORIGIN
    for fault in faults:
        say(fault)
    if faults:
        say(f"{file}: damaged")
    elif origin == ORIGIN:
        say(f"{file}: whole, {count} values")
    else:
        say(f"{file}: readable, {count} values; {origin} writes no digests: changed numbers would not be noticed")
    return 1 if faults else 0


COMMAND = Command(
    "whether a file is what was saved",
    "Reads all of a file; checks every digest, what no network could take (ranks, row starts, delays, "
    "periods, counts of spikes, the clock), whether all values of the network are there, in its shapes, and whether "
    "models are what was saved. "
    "Exit status 1, and a line for each fault, if it is damaged.",
    verify,
    (ANY_FILE,),
)
