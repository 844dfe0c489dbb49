"""Whether a file has all values of the network that its blueprint describes, in shapes that this can take.

In: a blueprint, and how the file describes its values. Out: a line for each that is missing, or that does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from engram.errors import EngramError, UnsupportedFile
from engram.persistence.opening import program_of
from engram.persistence.starts import Arrays
from engram.program.building import needed_slots
from engram.state.slots import Layout, Role, Slot
from engram.storage.shapes import target_shape

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint
    from engram.state.residence import Array
    from engram.storage.contract import Manifest

__all__ = ["faults_of_shapes", "misfits", "with_what_there_is"]

MOST_OF_VIEWS = 1 << 25  # neurons in all views of a file, beside one for each of its bytes


def with_what_there_is(blueprint: Blueprint, manifest: Manifest) -> Blueprint:
    """Return the blueprint without monitors of which the file has no records: it may have been saved without.

    Raises:
        UnsupportedFile: if there are no values of a population or projection, or views have more neurons together than
            can be believed.
    """
    owners = {entry.slot.owner for entry in manifest.entries}
    for section in ("populations", "projections"):
        missing = [one.name for one in getattr(blueprint, section) if f"{section}/{one.name}" not in owners]
        if missing:
            what = f"it has no values of {len(missing)} {section}, {missing[0]!r} the first"
            raise UnsupportedFile(f"{what}\n  help: open a file that was saved with all of them.")
    monitors = tuple(one for one in blueprint.monitors if f"monitors/{one.name}" in owners)
    sides = (side for one in blueprint.projections for side in (one.pre, one.post))
    views = [*(side.ranks for side in sides), *(one.ranks for one in monitors)]
    count = sum(ranks.count for ranks in views if ranks is not None)
    if count > MOST_OF_VIEWS + sum(entry.slot.nbytes for entry in manifest.entries):
        what = f"its views have {count:,} neurons together, more than a file of this size can speak of"
        advice = "build the network by its script, and load the file into it."
        raise UnsupportedFile(f"{what}\n  help: {advice}")
    return blueprint if monitors == blueprint.monitors else replace(blueprint, monitors=monitors)


def misfits(manifest: Manifest, needed: Iterable[Slot]) -> Iterator[str]:
    """Give a line for each value of a network that a file lacks, or has in a shape that it can't take."""
    in_file = {entry.slot.path: entry.slot for entry in manifest.entries}
    lengths: dict[str, int] = {}  # how many synapses a projection has
    for slot in (slot for slot in needed if slot.role is not Role.SCRATCH):
        its = in_file.get(slot.path)
        if its is None:
            yield f"the file lacks {slot.path}"
            continue
        is_fixed = slot.layout is Layout.PLAIN and not (slot.free_length or slot.may_be_single or slot.lifted)
        if is_fixed and its.shape != slot.shape:
            yield f"{slot.path}: shape {its.shape} in the file, {slot.shape} by its blueprint"
        elif target_shape(its, slot, {}) is None:
            shape = f"({', '.join(['n', *map(str, slot.shape[1:])])})"
            yield f"{slot.path}: shape {its.shape} in the file, {shape} by its blueprint"
        elif slot.layout is Layout.PLAIN and slot.is_long_as(its.shape) and len(its.shape) == 1:
            n = lengths.setdefault(slot.owner, its.shape[0])
            if its.shape[0] != n:
                yield f"{slot.path}: {its.shape[0]} elements, other arrays of {slot.owner} have {n}"


def faults_of_shapes(blueprint: Blueprint, manifest: Manifest, read: Callable[[str], Array]) -> list[str]:
    """Return a line for each value that a file lacks, or has in another shape than the network that it describes.

    Nothing is built, and no memory taken for values. Files of single objects, and of parts of a network, say nothing.

    Args:
        read: gives ranks of views that stand beside the blueprint, by path.
    """
    if manifest.kind != "network":
        return []
    try:
        known = with_what_there_is(blueprint, manifest)
    except UnsupportedFile:
        return []
    try:
        program = program_of(known, Arrays(read, has_values=False, has_lists=False))
        of_populations, others = needed_slots(program)
    except EngramError as error:
        return [str(error)]
    of_network = map(program.state.slot, program.state.slots())
    return [*misfits(manifest, chain(of_network, others, *of_populations.values()))]
