"""Values on their way from a file into the tree: cut into elements, converted, moved in time.

In: pieces of bytes. Out: arrays of elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from engram.state import names
from engram.state.residence import Array
from engram.state.slots import Layout, Slot
from engram.storage.contract import Facts
from engram.storage.together import Together, is_of_several, of_owners, unequal_lists

__all__ = ["Limit", "Ruled", "Rules", "convert", "elements", "moved", "survive"]

_CLOCK, _SEED = f"{names.NETWORK}/{names.STEP}", f"{names.NETWORK}/{names.SEED}"
_GENERATOR = f"{names.NETWORK}/{names.DEFAULT_RNG}"
_WORDS = 6  # of a generator: state and increment in two each, whether half a word is left, and that
_PAST = f"{names.HISTORY}/{names.COUNT}"


class Limit(NamedTuple):
    """Of counts of spikes: how many one step can have, and how many there are altogether, if that is known."""

    width: int
    total: int | None


class Ruled:
    """What the elements of a value must be, whichever the network; see :class:`Rules`.

    Args:
        slot: says some of the rules.
        length: the number of elements that row starts divide, if it is known.
        limit: of counts of spikes.
        number: that it must be.
        most: the most that it can be.
        among: ascending, the numbers of which each element must be one.
        together: judges it with others of its owner.
        wrong: what is known to be wrong with it, in words.
    """

    def __init__(
        self,
        slot: Slot,
        length: int | None = None,
        limit: Limit | None = None,
        number: int | None = None,
        most: int | None = None,
        among: Array | None = None,
        together: Together | None = None,
        wrong: str = "",
    ) -> None:
        self._slot, self._length, self._least, self._most = slot, length, slot.least, most
        self._limit = limit
        self._number = number if not slot.shape else None
        self._is_generator = slot.owner == names.NETWORK and slot.path == _GENERATOR
        self._last: int | None = None
        self._total = self._seen = 0
        self.highest = 0  # of what has come so far
        self._among, self._together, self._wrong = among, together, wrong
        facts = (slot.below, self._least, most, self._limit, self._number, together)
        self._is_empty = not (slot.offsets or self._is_generator) and all(fact is None for fact in facts)

    @staticmethod
    def may_be(slot: Slot) -> bool:
        """Whether there may be rules for a value; for most there are none, and to ask is quick."""
        if slot.below is not None or slot.layout in (Layout.RING, Layout.TABLE) or slot.offsets:
            return True
        return slot.name in names.LEAST or slot.owner == names.NETWORK or is_of_several(slot)

    def fault(self, values: Array) -> str:
        """Take the next elements, at least one; return what is wrong with them, in words, or nothing."""
        if self._is_empty:
            return ""
        if values.dtype.kind not in "iub" and not (values.dtype.kind == "f" and np.isfinite(values).all()):
            return "something else than whole numbers"
        if self._together is not None:
            self._together.take(self._slot.name, self._seen, values)
            self._seen += len(values)
        low, high = (values[0], values[0]) if len(values) == 1 else (values.min(), values.max())
        self.highest = max(self.highest, int(high))
        if self._slot.below is not None and not (low >= 0 and high < self._slot.below):
            return f"values from {low} to {high}, allowed are 0 to {self._slot.below - 1}"
        if self._among is not None and not _are_among(values, self._among):
            return "neurons that the monitor does not record"
        if self._slot.offsets:
            first, last = int(values[0]), self._last
            self._last = int(values[-1])
            if (first if last is None else first < last) or (values[1:] < values[:-1]).any():
                return "row starts must begin at 0 and never decrease"
        if self._least is not None and low < self._least:
            return f"{low}, where {self._least} is the least that can be"
        if self._most is not None and high > self._most:
            return f"{high}, where {self._most} is the most that the file has a past for"
        if self._number is not None and int(low) != self._number:
            return f"{self._slot.name} {low}, the manifest says {self._number}"
        if self._is_generator and (len(values) != _WORDS or values[-2] > 1 or values[-1] >= 1 << 32):
            return "no state of a generator"
        return self._fault_of_counts(values) if self._limit is not None else ""

    def _fault_of_counts(self, values: Array) -> str:
        assert self._limit is not None
        self._total += int(values.sum())
        wrong = values[(values < 0) | (values > self._limit.width)]
        return f"{wrong[0]} spikes in a step, 0 to {self._limit.width} are possible" if len(wrong) else ""

    def fault_at_end(self) -> str:
        """Return what is wrong now that there are no more."""
        if self._wrong:
            return self._wrong
        if self._slot.offsets and (self._last is None or self._length not in (None, self._last)):
            return f"row starts must end at the number of elements, {self._length}, not {self._last}"
        if self._limit is not None and self._limit.total not in (None, self._total):
            return f"counts of {self._total} spikes altogether, the lists have {self._limit.total}"
        return "" if self._together is None else self._together.end(self._slot.name)

    def fault_of(self, pieces: Iterable[Array]) -> str:
        """Take all elements; return the first thing that is wrong."""
        faults = [self.fault(piece) for piece in pieces if piece.size]
        return next(filter(None, faults), "") or self.fault_at_end()


class Rules:
    """What the values of a file must be by each other, by their slots and by the manifest.

    Ranks are in range, row starts in order, periods and delays long enough, counts of spikes those of the lists, clock
    and seed those of the manifest; windows of firing rates and delays are no longer than the past, the user's generator
    is one. The synapses of a row stand in order; what monitors have recorded is of their neurons, and whole. Tables
    have entries.

    Args:
        slots: of all values, of the file or, where they are loaded, of the network.
        step, seed: by the manifest; None where it says none.
        lists: slots of the lists of spikes that a network has; those of the file by default.
        facts: what the blueprint says of the values.
    """

    def __init__(
        self,
        slots: Iterable[Slot],
        step: int | None,
        seed: int | None,
        lists: Iterable[Slot] | None = None,
        facts: Facts | None = None,
    ) -> None:
        listed = [*slots]
        found = [slot for slot in listed if Ruled.may_be(slot)]
        records = [slot for slot in listed if slot.layout is Layout.BLOCKS]
        self._ruled = {slot.path for slot in found}
        self._numbers = {_CLOCK: step, _SEED: seed}
        self._lengths = _lengths_of(found)
        self._limits = _limits_of(found if lists is None else lists, {slot.path: slot.size for slot in found})
        self._pasts = {slot.owner: slot.shape[0] for slot in found if slot.name == _PAST and slot.shape}
        self._facts = Facts() if facts is None else facts
        self._together = of_owners(found, records, step, self._facts.flat)
        self._delays: dict[str, Ruled] = {}  # by owner
        self._unequal = unequal_lists({slot.path: slot for slot in records})

    def may_be(self, path: str) -> bool:
        """Whether there may be rules for a value; for most there are none."""
        return path in self._ruled

    def of(self, slot: Slot) -> Ruled:
        """Return those of one value."""
        owner, path = slot.owner, slot.path
        most = self._pasts.get(owner, 1) - 1 if slot.name == names.RATE_WINDOW else None
        if slot.name == names.DELAY_STEPS:
            most = self._facts.pasts.get(owner)
        length = self._lengths.get(owner) if slot.offsets else None
        limit = self._limits.get(path) if slot.layout is Layout.RING else None
        is_event = slot.layout is Layout.BLOCKS and slot.below is not None
        among = self._facts.ranks.get(owner) if is_event else None
        together = self._together.get(owner) if is_of_several(slot) else None
        wrong = "a table without entries" if slot.layout is Layout.TABLE and not slot.size else ""
        wrong = wrong or self._unequal.get(path, "")
        found = Ruled(slot, length, limit, self._numbers.get(path), most, among, together, wrong)
        if slot.name == names.DELAY_STEPS:
            self._delays[slot.owner] = found
        return found

    def longest(self) -> dict[str, int]:
        """Return the longest delays that have come, in steps, by projection."""
        return {owner: ruled.highest for owner, ruled in self._delays.items()}

    def is_needed(self, slot: Slot) -> bool:
        """Whether a value must be seen even where it is not loaded, if others of its owner are."""
        return is_of_several(slot) and slot.owner in self._together


def _lengths_of(slots: Iterable[Slot]) -> dict[str, int]:
    """Return by owner how many elements row starts divide: there is a rank for each."""
    ranks = (slot for slot in slots if slot.below is not None and slot.layout is Layout.PLAIN and slot.free_length)
    return {slot.owner: slot.shape[0] for slot in ranks if len(slot.shape) == 1}


def _limits_of(slots: Iterable[Slot], totals: Mapping[str, int]) -> dict[str, Limit]:
    """Return the limit of each ring of counts, by path.

    Args:
        slots: among them the lists of spikes, whose elements are ranks of neurons that can spike in a step.
        totals: how many spikes a list has, by path; of others that is unknown.
    """
    lists = (slot for slot in slots if slot.layout is Layout.SPIKES and slot.below is not None)
    return {
        f"{slot.path.rpartition('/')[0]}/{names.COUNT}": Limit(int(slot.below or 0), totals.get(slot.path))
        for slot in lists
    }


def _are_among(values: Array, ranks: Array) -> bool:
    """Say whether each element is one of some that ascend."""
    positions = np.minimum(np.searchsorted(ranks, values), max(len(ranks) - 1, 0))
    return len(ranks) > 0 and bool((ranks[positions] == values).all())


def elements(pieces: Iterable[bytes | memoryview], dtype: np.dtype[Any]) -> Iterator[Array]:
    """Give the elements of a value whose bytes come in pieces of any size; each array is valid until the next."""
    rest = b""
    for piece in pieces:
        data: bytes | memoryview = rest + bytes(piece) if rest else piece
        whole = len(data) // dtype.itemsize
        rest = bytes(data[whole * dtype.itemsize :])
        if whole:
            yield np.frombuffer(data, dtype, whole)


def convert(values: Array, dtype: np.dtype[Any]) -> Array:
    """Return values of another dtype, by NumPy's rules, silently."""
    with np.errstate(all="ignore"):
        return values.astype(dtype)


def survive(values: Array, dtype: np.dtype[Any]) -> bool:
    """Return whether every element is the same number in ``dtype``; minus zero counts, any NaN is a NaN.

    There and back is not enough where integers meet floats: 2**63 - 1 becomes 2.0**63, which some processors turn
    into 2**63 - 1 again. So bounds are compared first.
    """
    if values.dtype == dtype or not len(values):
        return True
    if dtype.kind in "iub" and values.dtype.kind in "iub":
        low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        return low <= int(values.min()) and int(values.max()) <= high
    there = convert(values, dtype)
    if dtype.kind in "iub":
        low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        inside = (values >= float(low)) & (values < float(high + 1))  # powers of two: exact as floats
        return bool(inside.all()) and _same(convert(there, values.dtype), values)
    if values.dtype.kind in "iu" and (there >= float(int(np.iinfo(values.dtype).max) + 1)).any():
        return False
    return _same(convert(there, values.dtype), values)


def moved(values: Array, steps: int) -> Array:
    """Return step numbers moved by ``steps``; they stop at the ends of their type, and its lowest value means never."""
    if values.dtype.kind not in "iu" or not steps:
        return values + values.dtype.type(steps) if steps else values
    low, high = int(np.iinfo(values.dtype).min), int(np.iinfo(values.dtype).max)
    never = (values == low) if low < 0 else np.zeros(values.shape, bool)
    steps = max(min(steps, high - low), low - high)
    if steps > 0:
        result = np.where(values > high - steps, high, values + _wrapped(steps, values.dtype))
    else:
        result = np.where(values < low - steps, low, values + _wrapped(steps, values.dtype))
    return np.where(never, low, result).astype(values.dtype)


def _wrapped(steps: int, dtype: np.dtype[Any]) -> Array:
    return np.array([steps % (1 << 8 * dtype.itemsize)], f"<u{dtype.itemsize}").view(dtype)


def _same(found: Array, values: Array) -> bool:
    if found.tobytes() == values.tobytes():
        return True
    bits = f"u{values.dtype.itemsize}"
    equal = found.view(bits) == values.view(bits)
    if values.dtype.kind == "f":
        equal |= np.isnan(found) & np.isnan(values)
    return bool(equal.all())
