"""What a manifest says about values: slots of one kind are described once, and each owner gives its lengths.

In: slots in path order. Out: the manifest's fields ``slots`` and ``owners``, and from those slots again. A thousand
populations of one model have one list of descriptions, whatever their sizes: an owner says which list is its, and how
long the axes of its values are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

import numpy as np

from engram.errors import DamagedFile
from engram.state.digest import type_code
from engram.state.slots import Layout, Role, Slot
from engram.storage.blocks import count_blocks
from engram.storage.document import Fields, checked_path, short, typed

__all__ = ["MOST_SLOTS", "Described", "describe", "parse"]

MOST_SLOTS = 1 << 20  # few bytes may describe many values, which take memory
MOST_DIMENSIONS = 32
DTYPES = {
    code: np.dtype(code)
    for code in "|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f4 <f8 <c8 <c16".split()  # never O, V, structured, datetime
}
FLAGS = ("hidden", "free_length", "may_be_single", "offsets")


@dataclass(frozen=True)
class _Kind:
    """What slots of different owners have in common."""

    name: str
    dtype: np.dtype[Any]
    role: Role
    unit: str
    hidden: bool
    free_length: bool
    may_be_single: bool
    has_below: bool
    offsets: bool
    layout: Layout
    axes: int


@dataclass(frozen=True)
class _Owner:
    """One owner of values: whose slots are of these kinds (the list of that number), with axes of these lengths."""

    path: str
    number: int
    kinds: tuple[_Kind, ...]
    lengths: list[int]
    below: list[int]

    def shapes(self) -> Iterator[tuple[_Kind, tuple[int, ...]]]:
        at = 0
        for kind in self.kinds:
            yield kind, tuple(self.lengths[at : at + kind.axes])
            at += kind.axes

    @property
    def form(self) -> tuple[Any, ...]:
        """What its slots follow from, beside its path."""
        return self.number, tuple(self.lengths), tuple(self.below)

    def facts(self) -> Iterator[tuple[Any, ...]]:
        """Give what slots have behind their owner."""
        below = iter(self.below)
        for kind, shape in self.shapes():
            yield (
                kind.name,
                shape,
                kind.dtype,
                kind.role,
                kind.unit,
                kind.hidden,
                kind.free_length,
                kind.may_be_single,
                next(below) if kind.has_below else None,
                kind.offsets,
                kind.layout,
            )


@dataclass(frozen=True)
class Described:
    """The values of a manifest, checked. ``blocks`` is the number of their blocks of 1 MiB."""

    owners: tuple[_Owner, ...]
    blocks: int

    def slots(self) -> tuple[list[Slot], list[int]]:
        """Return all slots in path order, and the numbers of their blocks; they share what owners have in common."""
        known: dict[tuple[Any, ...], tuple[list[tuple[Any, ...]], list[int]]] = {}
        slots: list[Slot] = []
        counts: list[int] = []
        for owner in self.owners:
            if (form := owner.form) not in known:
                alike = [Slot("", *facts) for facts in owner.facts()]
                known[form] = [slot[1:] for slot in alike], [count_blocks(slot.nbytes) for slot in alike]
            facts, blocks = known[form]
            path = (owner.path,)
            slots += [tuple.__new__(Slot, path + more) for more in facts]  # in a third of the time of Slot(...)
            counts += blocks
        return slots, counts


def describe(slots: Iterable[Slot]) -> dict[str, Any]:
    """Return the fields ``slots`` and ``owners`` for slots in path order."""
    lists: dict[tuple[tuple[Any, ...], ...], int] = {}
    known: dict[tuple[tuple[Any, ...], ...], dict[str, Any]] = {}  # of owners that differ in their paths alone
    owners = []
    for path, group in groupby(slots, attrgetter("owner")):
        members = list(group)
        form = tuple([slot[1:] for slot in members])
        if form not in known:
            number = lists.setdefault(tuple(map(_facts, members)), len(lists))
            lengths = [length for slot in members for length in slot.shape]
            below = [slot.below for slot in members if slot.below is not None]
            known[form] = {"slots": number, "lengths": lengths, "below": below}
        owners.append({"path": path, **known[form]})
    return {"slots": [[_description(*facts) for facts in kinds] for kinds in lists], "owners": owners}


def _facts(slot: Slot) -> tuple[Any, ...]:
    flags = (slot.hidden, slot.free_length, slot.may_be_single, slot.offsets, slot.below is not None)
    return slot.name, type_code(slot.dtype), slot.role, slot.unit, slot.layout, len(slot.shape), *flags


def _description(
    name: str, dtype: str, role: Role, unit: str, layout: Layout, axes: int, *flags: bool
) -> dict[str, Any]:
    facts = {"name": name, "dtype": dtype, "role": role.value, "unit": unit, "layout": layout.value, "axes": axes}
    return facts | dict(zip((*FLAGS, "below"), flags, strict=True))


def parse(lists: list[Any], documents: list[Any], most_bytes: int) -> Described:
    """Check both fields; memory is bounded by their text, time by MOST_SLOTS too.

    Slots are made later: each has three bytes of text (a length), or a block whose digest must be in the file.

    Args:
        most_bytes: the most that the values can take together.
    """
    kinds = [_kinds(typed(described, list, "slots")) for described in lists]
    owners: list[_Owner] = []
    known: dict[tuple[Any, ...], tuple[int, int]] = {}  # bytes and blocks
    count = total = blocks = used = 0
    last = ""
    for document in documents:
        owner, used = _owner(typed(document, dict, "owners"), kinds, used)
        count += len(owner.kinds)
        if count > MOST_SLOTS:
            raise DamagedFile(f"the manifest describes more than {MOST_SLOTS} values")
        if f"{owner.path}/" <= last:  # no owner is below another: so are the paths of all values in order
            raise DamagedFile(f"the manifest lists {owner.path!r} twice, or not in order")
        last = f"{owner.path}/"
        sizes = known.get(form := owner.form)
        nbytes, more = known[form] = sizes or _sizes(owner, most_bytes)
        total, blocks = total + nbytes, blocks + more
        owners.append(owner)
    if used != len(kinds):
        raise DamagedFile("the manifest describes slots that nobody has")
    if total > most_bytes:
        raise DamagedFile(f"the manifest promises {total} bytes of values, the file can hold at most {most_bytes}")
    return Described(tuple(owners), blocks)


def _kinds(documents: list[Any]) -> tuple[_Kind, ...]:
    kinds = tuple(_kind(typed(document, dict, "slots")) for document in documents)
    if not kinds:
        raise DamagedFile("slots: an empty list in the manifest")
    for kind, other in pairwise(kinds):
        if other.name <= kind.name:
            raise DamagedFile(f"the manifest lists {other.name!r} twice, or not in order")
    return kinds


def _kind(document: dict[str, Any]) -> _Kind:
    name = checked_path(document.get("name"), "slots: name")
    fields = Fields(document, name)
    fields.take("name", str)
    hidden, free_length, may_be_single, offsets = (fields.take(flag, bool) for flag in FLAGS)
    kind = _Kind(
        name=name,
        dtype=DTYPES[fields.choice("dtype", tuple(DTYPES))],
        role=Role(fields.choice("role", [role.value for role in Role])),
        unit=fields.take("unit", str),
        hidden=hidden,
        free_length=free_length,
        may_be_single=may_be_single,
        has_below=fields.take("below", bool),
        offsets=offsets,
        layout=Layout(fields.choice("layout", [layout.value for layout in Layout])),
        axes=fields.integer("axes", 0, MOST_DIMENSIONS + 1),
    )
    fields.done()
    return kind


def _owner(document: dict[str, Any], kinds: list[tuple[_Kind, ...]], used: int) -> tuple[_Owner, int]:
    """Return an owner, and how many lists are in use with it: they are numbered in the order of their first use."""
    path = checked_path(document.get("path"), "owners: path")
    if path != "network" and (path.count("/") != 1 or path.startswith("network/")):
        raise DamagedFile(f"owners: impossible path in the manifest: {short(path)}")
    fields = Fields(document, path)
    fields.take("path", str)
    number = fields.integer("slots", 0, min(used + 1, len(kinds)))
    owner = _Owner(path, number, kinds[number], fields.integers("lengths"), fields.integers("below"))
    axes, below = sum(kind.axes for kind in owner.kinds), sum(kind.has_below for kind in owner.kinds)
    if (len(owner.lengths), len(owner.below)) != (axes, below):
        fields.fail("lengths and below", f"{axes} and {below} numbers", (owner.lengths, owner.below))
    fields.done()
    return owner, max(used, number + 1)


def _sizes(owner: _Owner, most_bytes: int) -> tuple[int, int]:
    """Return how many bytes and blocks the values of an owner have; raises DamagedFile for an impossible shape."""
    total = blocks = 0
    for kind, shape in owner.shapes():
        nbytes = math.prod(shape) * kind.dtype.itemsize
        # NumPy refuses shapes whose product overflows even where a zero makes the array empty
        is_possible = nbytes or math.prod(max(n, 1) for n in shape) * kind.dtype.itemsize < 2**63
        if nbytes > min(most_bytes, 2**63 - 1) or not is_possible:
            raise DamagedFile(
                f"{owner.path}/{kind.name}: shape in the manifest: expected at most {most_bytes} bytes, "
                f"which is what the file can hold, got {short(shape)}"
            )
        total += nbytes
        blocks += count_blocks(nbytes)
    return total, blocks
