"""Whether the records of monitors are whole.

In: what says when, and of whom, a monitor has recorded, piece by piece, in any order. Out: what is wrong, in words.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engram.state import names
from engram.state.residence import Array
from engram.state.slots import Slot
from engram.storage.contract import OfSynapses
from engram.storage.synapse_order import RANKS, Bits, PerPost

__all__ = ["WITH_RECORDS", "Samples"]

_INTERVALS, _PER_POST, _PRE = names.intervals(""), names.per_post(""), names.pre_of("")
WITH_RECORDS = (_INTERVALS, _PER_POST, _PRE)
"""How the names of what is judged begin."""

_STILL = -1  # the end of an interval that goes on


class Samples:
    """Whether a monitor has recorded in times that can be, and has as many samples as belong to them.

    Args:
        parts: of these, all that is judged.
        records: of the monitor.
        step: at which it was saved; None if the file does not say.
        of: which synapses it records; None: it records neurons.
        wiring: the values of their projection that are judged.

    Attributes:
        counted: numbers of synapses that must be known, too.
    """

    def __init__(
        self,
        parts: Mapping[str, Slot],
        records: Mapping[str, Slot],
        step: int | None,
        of: OfSynapses | None,
        wiring: Mapping[str, Slot],
    ) -> None:
        self._left, self._records, self._step = {*parts}, records, step
        self._pieces: dict[str, list[Array]] = {name: [] for name in parts}
        self._unjudged = [name for name in parts if name.startswith(_INTERVALS)]
        variables = (name.removeprefix(_PER_POST) for name in parts if name.startswith(_PER_POST))
        counted = [_Counted(variable, records) for variable in variables]
        self._counted = {name: one for one in counted for name in one.parts if name in parts}
        self._owner = next(iter(parts.values())).owner
        self._is_flat = of is not None
        self._widths: dict[str, int | PerPost] = {}
        self.counted: list[PerPost] = []
        if of is not None and names.ROW_START in wiring and (some := wiring.keys() & {*RANKS}):
            self._find_widths(of, wiring[some.pop()])

    def take(self, name: str, at: int, values: Array) -> None:
        """Take elements of one part."""
        if (counted := self._counted.get(name)) is not None:
            counted.take(name, at, values)
        else:
            self._pieces[name].append(values.copy())

    def end(self, name: str) -> str:
        """Note that a part is complete; return what is wrong, if that is known now."""
        self._left.discard(name)
        if (counted := self._counted.get(name)) is not None:
            if wrong := counted.end(name):
                return wrong
        elif name.startswith(_INTERVALS) and (wrong := self._impossible(name)):
            return wrong
        return self._fault_now()

    def _fault_now(self) -> str:
        """Judge what can be judged by now, and was not; return what is wrong."""
        for name in () if self._left else tuple(self._unjudged):
            rows = self._rows_of(name.removeprefix(_INTERVALS))
            if rows is None:
                continue
            self._unjudged.remove(name)
            if wrong := rows if isinstance(rows, str) else self._fault_of(name, rows):
                return wrong
        return ""

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

    def _find_widths(self, of: OfSynapses, ranks: Slot) -> None:
        """Find how many values of each variable are taken at a time, or who counts them."""
        several = PerPost(ranks.name == names.PRE_RANKS, of.ranks, self._told)
        for variable in (name.removeprefix(_INTERVALS) for name in self._unjudged):
            width: int | PerPost = 1
            if variable in of.each:
                width = ranks.size if of.ranks is None else several
            elif variable in of.per_post:
                width = several if of.ranks is None else len(of.ranks)
            self._widths[variable] = width
        self.counted = [several] if several in self._widths.values() else []

    def _told(self) -> str:
        wrong = self._fault_now()
        return f"{self._owner}: {wrong}" if wrong else ""

    def _rows_of(self, variable: str) -> int | str | None:
        """Return how many samples there are of a variable, or that there is a part of one; None: it is not known."""
        counts, record = (self._records.get(name) for name in (names.per_post(variable), variable))
        if record is None or counts is not None or not self._is_flat:
            return next((one.shape[0] for one in (counts, record) if one is not None), None)
        width = self._widths.get(variable)
        width = width.n if isinstance(width, PerPost) else width
        if not width:
            return None
        rows, rest = divmod(record.size, width)
        return f"{record.size} values of {variable!r}, where {width} are taken at a time" if rest else rows

    def _fault_of(self, name: str, rows: int) -> str:
        variable, period = name.removeprefix(_INTERVALS), self._read(names.PERIOD)
        if self._step is None or len(period) != 1:
            return ""
        times = self._read(name)
        begin, end = times[::2], np.where(times[1::2] == _STILL, self._step, times[1::2])
        # a reset without monitors sets the clock back in an interval: of it there may be more samples, never fewer
        least = int(np.maximum((end - begin) // period[0], 0).sum())
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
        self._falls, self._borders, self._synapses = Bits(n), Bits(n), 0
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
