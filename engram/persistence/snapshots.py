"""Snapshots: the complete state of a network in memory, to go back to, or on from, any number of times.

A snapshot is what a file would hold (``storage/held.py``), and restoring one is loading it: so nothing can be in a file
that is not in a snapshot, or the other way round.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from engram.errors import StateMismatch
from engram.persistence import files
from engram.persistence.opened import opened_source
from engram.persistence.paths import checked_path
from engram.program.config import changed
from engram.program.garbage import no_collection
from engram.state.tree import Leaf
from engram.storage.held import Held
from engram.storage.load import Source
from engram.storage.report import IN_MEMORY
from engram.storage.save import save, sealed

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper
    from engram.storage.save import SaveReport

__all__ = ["forked", "held", "restore", "saved"]


def held(keeper: Keeper) -> Held:
    """Return the complete state of a network."""
    program = keeper.program
    program.needs_compile("snapshot()")
    program.usable()
    with program.lock, no_collection():
        keeper.runner.store_generator()
        arrays = []
        for path in program.state.slots():
            array = program.state.read(path)
            array.flags.writeable = False
            arrays.append((path, array))
        leaves = [Leaf(program.state.slot(path).with_shape(array.shape), (array,)) for path, array in arrays]
        return Held(sealed(files.described(keeper), leaves), [array for _, array in arrays])


def restore(keeper: Keeper, kept: Held, name: str) -> None:
    """Let a network stand where it stood.

    Args:
        name: of the snapshot, for messages.

    Raises:
        StateMismatch: if the network is another one by now; nothing has changed.
    """
    keeper.program.needs_compile("restore()")
    keeper.runner.callbacks.refuse("restore()")
    manifest = replace(kept.manifest, not_saved=keeper.not_saved())  # callbacks stay: they are the script's
    last = keeper.load_report
    try:
        files.load(keeper, _source(Held(manifest, kept.arrays), name), exact=True)
    except StateMismatch as error:
        apart = tuple(one.replace(" in the file", " in the snapshot") for one in error.differences)
        text = "\n  ".join([f"the network is not what it was for {name}; nothing was restored", *apart])
        advice = "fork() of the snapshot gives the network that it is of."
        raise StateMismatch(f"{text}\n  help: {advice}", apart) from error
    keeper.load_report = last


def forked(kept: Held, seed: int | None, num_threads: int | None, name: str) -> Keeper:
    """Return who keeps a new network that stands where a snapshot was taken.

    Args:
        seed: of what is drawn from then on; None: it goes on to the bit.
        name: of the snapshot, for messages.
    """
    keeper = opened_source(_source(kept, name), None, num_threads)
    if keeper.load_report is not None and keeper.load_report.exact and not keeper.load_report.not_saved:
        keeper.load_report = None  # there is nothing to tell
    if seed is not None:
        keeper.program.config = changed(keeper.program.config, {"seed": seed})
        keeper.runner.seed_anew()
    return keeper


def saved(kept: Held, file: str | os.PathLike[str]) -> SaveReport:
    """Write the file that the network would have written."""
    manifest = kept.manifest
    return save(checked_path(file), manifest.description(), kept.leaves())


def _source(kept: Held, name: str) -> Source:
    return Source(name, IN_MEMORY, kept, has_suffix=False)
