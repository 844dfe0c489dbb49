"""Given lists of synapses in a blueprint: the record of one, and whether it and the values of a file belong together.

The record of a list has the digests of its canonical arrays. These stand beside the blueprint once: in the slots of the
projection's synapses while those are what was given, else in slots of their own (``names.GIVEN``), which are empty till
then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy.typing as npt

from engram.blueprint.fields import shown, wrong
from engram.blueprint.records import BesideRecord, Blueprint, ConnectorRecord, DistributionRecord
from engram.blueprint.values import beside
from engram.errors import DamagedFile
from engram.state import names
from engram.state.slots import Slot

__all__ = [
    "GIVEN_LIST",
    "Described",
    "check_given",
    "check_lists",
    "described",
    "given_paths",
    "given_record",
    "is_given",
    "of_given",
]

Array = npt.NDArray[Any]

GIVEN_LIST = "GivenList"
RANKS, ROWS = "ranks", "row_start"  # the arguments of its record


class Described(Protocol):
    """A value of a file as its manifest describes it."""

    @property
    def slot(self) -> Slot:
        """Where it stands, and its shape."""

    @property
    def digest(self) -> str:
        """Of the value."""


def is_given(record: ConnectorRecord | None) -> bool:
    """Whether the synapses were given one by one."""
    return record is not None and record.pattern == GIVEN_LIST


def given_record(
    row_start: BesideRecord,
    ranks: BesideRecord,
    weights: float | BesideRecord,
    delays: float | BesideRecord,
    force_multiple_weights: bool,
) -> ConnectorRecord:
    """Return the record of a list of which some arrays are described."""
    arguments = ((RANKS, ranks), (ROWS, row_start))
    return ConnectorRecord(GIVEN_LIST, arguments, weights, delays, True, force_multiple_weights)


def of_given(record: ConnectorRecord) -> dict[str, BesideRecord]:
    """Return the arrays of a list by the names of slots of their own."""
    parts = dict(record.arguments)
    found: dict[str, object] = {names.GIVEN_ROWS: parts.get(ROWS), names.GIVEN_RANKS: parts.get(RANKS)}
    found |= {names.GIVEN_WEIGHT: record.weights, names.GIVEN_DELAYS: record.delays_ms}
    return {name: one for name, one in found.items() if isinstance(one, BesideRecord)}


def described(array: Array) -> float | BesideRecord:
    """Return a number, or the record of an array."""
    return beside(array) if array.ndim else float(array)


# -- what must be true of a record -------------------------------------------------------------------------


def check_given(place: str, record: ConnectorRecord, n_pre: int, n_post: int, real: str) -> None:
    """Raise DamagedFile if a list contradicts itself, or the whole populations that it connects.

    Args:
        real: the dtype of weights.
    """
    arrays = of_given(record)
    if {*dict(record.arguments)} != {RANKS, ROWS} or not {names.GIVEN_ROWS, names.GIVEN_RANKS} <= arrays.keys():
        got = ", ".join(name for name, _ in record.arguments)
        raise wrong(f"{place}.arguments", f"{RANKS} and {ROWS} of a given list, which stand beside it", shown(got))
    shape = arrays[names.GIVEN_RANKS].shape
    rows = arrays[names.GIVEN_ROWS].shape
    facts = {
        names.GIVEN_ROWS: ("<i8", rows if rows in ((n_pre + 1,), (n_post + 1,)) else (n_pre + 1,)),
        names.GIVEN_RANKS: ("<u4", shape[:1]),
        names.GIVEN_WEIGHT: (real, shape),
        names.GIVEN_DELAYS: ("<u2", shape),
    }
    for name, one in arrays.items():
        if (one.dtype, one.shape) != facts[name]:
            expected, got = (f"{dtype} of shape {size}" for dtype, size in (facts[name], (one.dtype, one.shape)))
            raise wrong(f"{place}: {name}", expected, got)
    for name, value in (("weights", record.weights), ("delays_ms", record.delays_ms)):
        if isinstance(value, DistributionRecord):
            raise wrong(f"{place}.{name}", "a number or an array, of a given list", f"{value.name}, a distribution")
    if not record.allow_self:
        raise wrong(f"{place}.allow_self", "true, of a given list", "false")


def check_lists(blueprint: Blueprint, entries: Iterable[Described]) -> None:
    """Raise DamagedFile if the values of a file are not the lists that its blueprint speaks of.

    Args:
        entries: all values of the file.
    """
    lists = {f"projections/{one.name}": one.connector for one in blueprint.projections if is_given(one.connector)}
    found: dict[str, dict[str, Described]] = {owner: {} for owner in lists}
    for entry in entries:
        if entry.slot.owner in found:
            found[entry.slot.owner][entry.slot.name] = entry
        elif entry.slot.name in names.GIVEN and entry.slot.owner.startswith("projections/"):
            raise DamagedFile(f"{entry.slot.path}: the blueprint knows of no given list")
    for owner, record in lists.items():
        if record is not None and found[owner]:
            _check_list(owner, record, found[owner])


def _check_list(owner: str, record: ConnectorRecord, entries: Mapping[str, Described]) -> None:
    missing = next((name for name in names.GIVEN if name not in entries), None)
    if missing is not None:
        raise DamagedFile(f"the file lacks {owner}/{missing}")
    apart = {name for name in names.GIVEN if entries[name].slot.shape != (0,)}
    if names.GIVEN_ROWS in apart:  # an empty list has no ranks
        apart |= {name for name, one in of_given(record).items() if one.shape == (0,)}
    if apart - {names.GIVEN_WEIGHT} and apart != {*of_given(record)}:
        raise DamagedFile(
            f"{owner}/{min(apart)}: of a given list all arrays stand beside the blueprint, or the weights"
        )
    for name, one in of_given(record).items():
        entry = entries[name] if name in apart else _shared(entries, name)
        if entry is None or entry.digest != one.digest:
            path = f"{owner}/{name}" if entry is None else entry.slot.path
            got = "none" if entry is None else f"{entry.slot.shape} with the digest {entry.digest}"
            raise wrong(path, f"the given list, {one.shape} with the digest {one.digest}", got)


def _shared(entries: Mapping[str, Described], name: str) -> Described | None:
    """Return where a part of a list stands that has no slot of its own: among the synapses."""
    if name == names.GIVEN_RANKS:
        return entries.get(names.POST_RANKS, entries.get(names.PRE_RANKS))
    return entries.get(name.removeprefix("given/"))


def given_paths(owner: str) -> frozenset[str]:
    """Return the paths of what a projection with a list has beside its synapses."""
    return frozenset(f"{owner}/{name}" for name in names.GIVEN)
