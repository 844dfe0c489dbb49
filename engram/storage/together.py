"""What several values of one owner must be together: whether synapses stand in order, whether records are whole.

In: elements of these values, piece by piece, in any order. Out: what is wrong, in words, once the last one has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import numpy as np

from engram.state import names
from engram.state.residence import Array
from engram.state.slots import Layout, Slot

__all__ = ["Together", "is_of_several", "of_owners", "unequal_lists"]

_OF_MONITORS = "monitors/"
_INTERVALS, _PER_POST, _PRE = names.intervals(""), names.per_post(""), names.pre_of("")
_RANKS = (names.POST_RANKS, names.PRE_RANKS)
_OF_SYNAPSES = frozenset({*_RANKS, names.ROW_START, names.DELAY_STEPS})
_WITH_RECORDS = (_INTERVALS, _PER_POST, _PRE)
_STILL = -1  # the end of an interval that goes on


class Together(Protocol):
    """Values of one owner that are judged when all have been seen."""

    def take(self, name: str, at: int, values: Array) -> None:
        """Take elements of the value with that name, which begin at its element ``at``."""

    def end(self, name: str) -> str:
        """Note that the value with that name is complete; return what is wrong, if it was the last one."""


def is_of_several(slot: Slot) -> bool:
    """Whether a value may be judged together with others; most are not, and to ask is quick."""
    name = slot.name
    if name in _OF_SYNAPSES:
        return slot.layout is Layout.PLAIN
    return slot.owner.startswith(_OF_MONITORS) and (name == names.PERIOD or name.startswith(_WITH_RECORDS))


def of_owners(
    slots: Iterable[Slot], records: Iterable[Slot], step: int | None, flat: frozenset[str]
) -> dict[str, Together]:
    """Return by owner what judges its values together.

    Args:
        slots: of a file; those will do that have rules.
        records: those among all that are lists of blocks.
        step: at which it was saved; None if it does not say.
        flat: monitors whose records have no rows, as they are of synapses.
    """
    several: dict[str, dict[str, Slot]] = {}
    recorded: dict[str, dict[str, Slot]] = {}
    for slot in slots:
        if is_of_several(slot):
            several.setdefault(slot.owner, {})[slot.name] = slot
    for slot in records:
        if slot.owner.startswith(_OF_MONITORS):
            recorded.setdefault(slot.owner, {})[slot.name] = slot
    found: dict[str, Together] = {}
    for owner, parts in several.items():
        if owner.startswith(_OF_MONITORS):
            found[owner] = _Samples(parts, recorded.get(owner, {}), step, owner in flat)
        elif (
            names.ROW_START in parts and len(parts.keys() & {*_RANKS}) == 1
        ):  # files of ANNarchy have both, in any order
            found[owner] = _Order(parts)
    return found


def unequal_lists(slots: Mapping[str, Slot]) -> dict[str, str]:
    """Return what is wrong with records of events whose two lists are not equally long, by the path of the ranks."""
    found = {}
    for path, slot in slots.items():
        if slot.layout is Layout.BLOCKS and slot.below is not None and slot.owner.startswith(_OF_MONITORS):
            steps = slots.get(f"{path.removesuffix(names.RANK)}{names.STEP}")
            if steps is not None and steps.shape != slot.shape:
                found[path] = f"{slot.size} neurons that have spiked, at {steps.size} times"
    return found


# -- synapses ----------------------------------------------------------------------------------------------


class _Bits:
    """A mark for each of many synapses, one bit each."""

    def __init__(self, n: int) -> None:
        self._n, self.bytes = n, np.zeros(-(-n // 8), np.uint8)

    def mark(self, at: int, which: Array) -> None:
        """Mark those after ``at`` where ``which`` is true."""
        which = which[: max(self._n - at, 0)]
        if which.any():  # memory that nothing is written to is none
            packed = np.packbits(np.concatenate([np.zeros(at % 8, bool), which]))
            self.bytes[at // 8 : at // 8 + len(packed)] |= packed

    def mark_at(self, places: Array) -> None:
        """Mark some."""
        places = places[(places > 0) & (places < self._n)]
        np.bitwise_or.at(self.bytes, places >> 3, (128 >> (places & 7)).astype(np.uint8))


class _Order:
    """Whether the synapses of each row ascend: by delay, then by rank, where rows are of pre neurons; else by rank."""

    def __init__(self, parts: Mapping[str, Slot]) -> None:
        self._ranks = next(name for name in _RANKS if name in parts)
        n = parts[self._ranks].size
        delays = parts.get(names.DELAY_STEPS)
        self._by_delay = self._ranks == names.POST_RANKS and delays is not None and delays.shape != ()
        self._left = {names.ROW_START, self._ranks, *((names.DELAY_STEPS,) if self._by_delay else ())}
        self._falls, self._borders = _Bits(n), _Bits(n)
        self._later = _Bits(n) if self._by_delay else None
        self._earlier = _Bits(n) if self._by_delay else None
        self._last: dict[str, Array] = {}

    def take(self, name: str, at: int, values: Array) -> None:
        if name == names.ROW_START:
            self._borders.mark_at(values)
            return
        if name not in self._left:
            return
        last = self._last.get(name)
        if last is not None:
            values, at = np.concatenate([last, values]), at - 1
        self._last[name] = values[-1:].copy()
        before, after = values[:-1], values[1:]
        if name == self._ranks:
            self._falls.mark(at + 1, after < before)
        elif self._later is not None and self._earlier is not None:
            self._later.mark(at + 1, after > before)
            self._earlier.mark(at + 1, after < before)

    def end(self, name: str) -> str:
        if name not in self._left:
            return ""
        self._left.remove(name)
        if self._left:
            return ""
        begin_anew = self._falls.bytes
        if self._later is not None and self._earlier is not None:
            begin_anew = (begin_anew & ~self._later.bytes) | self._earlier.bytes
        wrong = begin_anew & ~self._borders.bytes
        if not wrong.any():
            return ""
        byte = int(np.argmax(wrong != 0))
        place = 8 * byte + int(np.argmax(np.unpackbits(wrong[byte : byte + 1])))
        by = f"{names.DELAY_STEPS}, then {self._ranks}" if self._by_delay else self._ranks
        return f"the synapses of a row must ascend by {by}; those at {place - 1} and {place} don't"


# -- monitors ----------------------------------------------------------------------------------------------


class _Samples:
    """Whether a monitor has recorded in times that can be, and has as many samples as belong to them.

    Args:
        parts: of these, all that is judged.
        records: of the monitor.
        step: at which it was saved; None if the file does not say.
        is_flat: whether it is of synapses.
    """

    def __init__(self, parts: Mapping[str, Slot], records: Mapping[str, Slot], step: int | None, is_flat: bool) -> None:
        self._left, self._records, self._step, self._is_flat = {*parts}, records, step, is_flat
        self._pieces: dict[str, list[Array]] = {name: [] for name in parts}
        variables = (name.removeprefix(_PER_POST) for name in parts if name.startswith(_PER_POST))
        counted = [_Counted(variable, records) for variable in variables]
        self._counted = {name: one for one in counted for name in one.parts if name in parts}

    def take(self, name: str, at: int, values: Array) -> None:
        if (counted := self._counted.get(name)) is not None:
            counted.take(name, at, values)
        else:
            self._pieces[name].append(values.copy())

    def end(self, name: str) -> str:
        self._left.discard(name)
        if (counted := self._counted.get(name)) is not None:
            if wrong := counted.end(name):
                return wrong
        elif name.startswith(_INTERVALS) and (wrong := self._impossible(name)):
            return wrong
        faults = () if self._left else map(self._fault_of, self._pieces)
        return next(filter(None, faults), "")

    def _read(self, name: str) -> Array:
        pieces = self._pieces[name]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)

    def _impossible(self, name: str) -> str:
        times = self._read(name)
        if len(times) % 2:
            return "an interval without an end"
        begin, end = times[::2], times[1::2]
        wrong = (begin < 0) | (end < _STILL)
        wrong[:-1] |= end[:-1] == _STILL  # only the last one goes on
        if not wrong.any():
            return ""
        k = int(np.argmax(wrong))
        return f"an interval from step {begin[k]} to {end[k]}"

    def _fault_of(self, name: str) -> str:
        variable = name.removeprefix(_INTERVALS)
        period = self._read(names.PERIOD)
        counted = names.per_post(variable) if self._is_flat else variable
        if not name.startswith(_INTERVALS) or counted not in self._records or self._step is None or len(period) != 1:
            return ""
        times = self._read(name)
        begin, end = times[::2], np.where(times[1::2] == _STILL, self._step, times[1::2])
        # a reset without monitors sets the clock back in an interval: of it there may be more samples, never fewer
        least = int(np.maximum((end - begin) // period[0], 0).sum())
        rows = self._records[counted].shape[0]
        what = f"{rows} samples of {variable!r}, where the times in which it was recorded have {least} at least"
        return what if rows < least else ""


class _Counted:
    """Whether samples of synapses that come and go have as many values as were counted, and ranks that ascend.

    Args:
        variable: that was recorded.
        records: of the monitor.
    """

    def __init__(self, variable: str, records: Mapping[str, Slot]) -> None:
        self._variable, self._values = variable, records.get(variable)
        self._pre = records.get(names.pre_of(variable))  # None: there is a value for each neuron
        self._per_post = records[names.per_post(variable)]
        self.parts = [names.per_post(variable), *([] if self._pre is None else [names.pre_of(variable)])]
        self._left = {*self.parts}
        n = 0 if self._pre is None else self._pre.size
        self._falls, self._borders, self._synapses = _Bits(n), _Bits(n), 0
        self._last = np.zeros(0, np.int64)

    def take(self, name: str, at: int, values: Array) -> None:
        """Take elements of one of both parts."""
        if name == self.parts[0]:
            ends = np.cumsum(values, dtype=np.int64) + self._synapses
            self._borders.mark_at(ends)
            self._synapses = int(ends[-1]) if len(ends) else self._synapses
        else:
            ranks = np.concatenate([self._last, values])
            self._falls.mark(at - len(self._last) + 1, ranks[1:] < ranks[:-1])
            self._last = ranks[-1:]

    def end(self, name: str) -> str:
        """Note that a part is complete; return what is wrong, if it was the last one."""
        self._left.discard(name)
        if self._left:
            return ""
        n = self._per_post.size if self._pre is None else self._synapses
        sizes = {f"values of {self._variable!r}": self._values, "ranks of pre neurons": self._pre}
        for what, slot in sizes.items():
            if slot is not None and slot.size != n:
                return f"{slot.size} {what}, where {n} were counted"
        return (
            "the ranks of a neuron's synapses don't ascend" if (self._falls.bytes & ~self._borders.bytes).any() else ""
        )
