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
_INTERVALS = names.intervals("")
_RANKS = (names.POST_RANKS, names.PRE_RANKS)
_OF_SYNAPSES = frozenset({*_RANKS, names.ROW_START, names.DELAY_STEPS})
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
    return slot.owner.startswith(_OF_MONITORS) and (name == names.PERIOD or name.startswith(_INTERVALS))


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
    samples: dict[str, dict[str, Slot]] = {}
    for slot in slots:
        if is_of_several(slot):
            several.setdefault(slot.owner, {})[slot.name] = slot
    for slot in records:
        if slot.owner.startswith(_OF_MONITORS) and slot.owner not in flat and not is_of_several(slot):
            samples.setdefault(slot.owner, {})[slot.name] = slot
    found: dict[str, Together] = {}
    for owner, parts in several.items():
        if owner.startswith(_OF_MONITORS):
            found[owner] = _Samples(parts, {name: slot.shape[0] for name, slot in samples.get(owner, {}).items()}, step)
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
    """Whether a monitor has recorded in times that can be, and has as many samples as belong to them."""

    def __init__(self, parts: Mapping[str, Slot], rows: Mapping[str, int], step: int | None) -> None:
        self._left, self._rows, self._step = {*parts}, rows, step
        self._pieces: dict[str, list[Array]] = {name: [] for name in parts}

    def take(self, name: str, at: int, values: Array) -> None:
        self._pieces[name].append(values.copy())

    def end(self, name: str) -> str:
        self._left.discard(name)
        if name != names.PERIOD and (wrong := self._impossible(name)):
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
        if name == names.PERIOD or variable not in self._rows or self._step is None or len(period) != 1:
            return ""
        times = self._read(name)
        begin, end = times[::2], np.where(times[1::2] == _STILL, self._step, times[1::2])
        # a reset without monitors sets the clock back in an interval: of it there may be more samples, never fewer
        least = int(np.maximum((end - begin) // period[0], 0).sum())
        rows = self._rows[variable]
        what = f"{rows} samples of {variable!r}, where the times in which it was recorded have {least} at least"
        return what if rows < least else ""
