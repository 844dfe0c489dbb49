"""What a network occupies in memory, object by object.

Made by ``net.memory_footprint()``. In: a network. Out: :class:`Memory`, which is read by printing it or through its
``rows``. Counted are arrays: the values of the tree, what is derived from them for the loops, and what the user gave
and Python keeps. The interpreter, its modules and kernels come on top; they don't grow with the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from engram import markup
from engram.contents import Contents
from engram.explain.table import table
from engram.ir.rows import InFlight
from engram.program.packing import all_packed
from engram.program.program import Program
from engram.state.room import spare_bytes
from engram.state.slots import Role

__all__ = ["Memory", "MemoryRow", "memory_footprint"]

VALUES, WIRING, RECORDS, DERIVED, PYTHON = "values", "wiring", "records", "derived", "python"
KINDS = (VALUES, WIRING, RECORDS, DERIVED, PYTHON)
HEAD = ("MB", *KINDS, "total")
OF_ROLE = {Role.WIRING: WIRING, Role.RECORD: RECORDS, Role.SCRATCH: DERIVED}
PACKED = {"index": WIRING, "start": WIRING, "weight": VALUES, "offsets": DERIVED}  # arrays of PackedRows


@dataclass(frozen=True)
class MemoryRow:
    """One array or record.

    Args:
        of: the object, by path; projections that share rows are named together.
        name: of the slot, or of what is derived.
        kind: ``values``, ``wiring``, ``records``, ``derived`` (never saved), ``python`` (what the user gave).
        bytes: that it occupies.
    """

    of: str
    name: str
    kind: str
    bytes: int


@dataclass(frozen=True, repr=False)
class Memory(Contents):
    """What a network occupies; ``print`` it, or go through its rows."""

    rows: tuple[MemoryRow, ...]

    def _members(self) -> tuple[MemoryRow, ...]:
        return self.rows

    @property
    def total(self) -> int:
        """Bytes of everything."""
        return sum(row.bytes for row in self.rows)

    def by_object(self) -> dict[str, dict[str, int]]:
        """Return the bytes of each object by kind, the largest object first."""
        found: dict[str, dict[str, int]] = {}
        for row in self.rows:
            kinds = found.setdefault(row.of, dict.fromkeys(KINDS, 0))
            kinds[row.kind] += row.bytes
        return dict(sorted(found.items(), key=lambda item: -sum(item[1].values())))

    def table(self) -> str:
        """Return a line for each object and the total as a table in Markdown, in MB of 1e6 bytes."""
        return table(HEAD, self._lines(), left=(0,))

    def _lines(self) -> list[tuple[str, ...]]:
        objects = self.by_object()
        total = {kind: sum(kinds[kind] for kinds in objects.values()) for kind in KINDS}
        return [
            (of, *(f"{kinds[kind] / 1e6:,.3f}" for kind in KINDS), f"{sum(kinds.values()) / 1e6:,.3f}")
            for of, kinds in [*objects.items(), ("total", total)]
        ]

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        return markup.table(HEAD, [[*map(markup.plain, line)] for line in self._lines()], left=(0,))


def memory_footprint(program: Program, *, python: bool = True, native: bool = True) -> Memory:
    """Count what a network occupies.

    Args:
        python: what users gave and Python keeps: initial values, weights of connectors.
        native: the arrays on which kernels work.
    """
    rows: list[MemoryRow] = []
    with program.lock:
        if native:
            rows += _values(program)
            rows += _packed(program)
            rows += _derived(program)
            rows += _kept(program)
        if python:
            rows += _given(program)
    return Memory(tuple(row for row in rows if row.bytes))


def _values(program: Program) -> Iterator[MemoryRow]:
    for slot, nbytes in program.state.memory():
        yield MemoryRow(slot.owner, slot.name, OF_ROLE.get(slot.role, VALUES), nbytes)


def _packed(program: Program) -> Iterator[MemoryRow]:
    for rows in all_packed(program).values():
        for name, kind in PACKED.items():
            array = getattr(rows, name)
            yield MemoryRow(" + ".join(rows.paths), name, kind, 0 if array is None else array.nbytes)


def _derived(program: Program) -> Iterator[MemoryRow]:
    """What ``Rows`` hold beside the arrays of the tree."""
    known = {array.ctypes.data for array in program.state.arrays()}
    for path, rows in program.rows.items():
        for field in fields(rows):
            found = getattr(rows, field.name)
            in_it = vars(found).values() if isinstance(found, InFlight) else [] if found is None else [found]
            sizes = [array.nbytes for array in in_it if array.ctypes.data not in known]
            if sizes:
                yield MemoryRow(path, field.name, DERIVED, sum(sizes))


def _kept(program: Program) -> Iterator[MemoryRow]:
    """What is kept since somebody asked which synapses end at a neuron, and for the next change of synapses."""
    state = program.state
    for projection in program.projections.values():
        arenas = [state.arena(slot.path)[0] for slot in state.of(projection.path) if state.is_array(slot.path)]
        yield MemoryRow(projection.path, "spare", DERIVED, sum(map(spare_bytes, arenas)))
        reach = projection.memo.get("reach")
        if reach is not None:
            columns = program.kept_columns.known(reach)
            yield MemoryRow(projection.path, "columns", DERIVED, 0 if columns is None else columns.nbytes)


def _given(program: Program) -> Iterator[MemoryRow]:
    for owner in (*program.populations.values(), *program.projections.values()):
        for name, value in owner.draft.values.items():
            yield MemoryRow(owner.path, f"given {name}", PYTHON, _bytes(value))
    for projection in program.projections.values():
        if projection.draft.connection is not None:
            for name in ("connector", "weights", "delays"):
                yield MemoryRow(
                    projection.path, f"given {name}", PYTHON, _bytes(getattr(projection.draft.connection, name))
                )


def _bytes(value: Any) -> int:
    """Return the bytes of the arrays in what a user gave: an array, or a dataclass that holds some."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, tuple | list):
        return sum(map(_bytes, value))
    return sum(_bytes(getattr(value, field.name)) for field in fields(value)) if is_dataclass(value) else 0
