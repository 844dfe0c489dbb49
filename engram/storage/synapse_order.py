"""Whether the synapses of a file stand in order, and how many some neurons have.

In: ranks, row starts and delays of a projection, piece by piece, in any order. Out: what is wrong, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engram.state import names
from engram.state.residence import Array
from engram.state.slots import Slot

__all__ = ["RANKS", "Bits", "Order", "PerPost"]

RANKS = (names.POST_RANKS, names.PRE_RANKS)
"""Names of what says with whom the neurons of the rows are connected; a projection of engram's has one of them."""


class Bits:
    """A mark for each of many synapses, one bit each."""

    def __init__(self, n: int) -> None:
        self._n, self.bytes = n, np.zeros(-(-n // 8), np.uint8)

    def mark(self, at: int, which: Array) -> None:
        """Mark those after ``at`` where ``which`` is true."""
        which = which[: max(self._n - at, 0)]
        if which.any():  # memory that nothing is written to is none
            packed = np.packbits(np.concatenate([np.zeros(at % 8, bool), which]))
            self.bytes[at // 8 : at // 8 + len(packed)] |= packed

    def mark_at(self, positions: Array) -> None:
        """Mark some."""
        positions = positions[(positions > 0) & (positions < self._n)]
        np.bitwise_or.at(self.bytes, positions >> 3, (128 >> (positions & 7)).astype(np.uint8))


class Order:
    """Whether the synapses of each row ascend: by delay, then by rank, where rows are of pre neurons; else by rank.

    Args:
        parts: of these, ranks, row starts and delays.
        counted: what shall be known of the numbers of synapses; each is told when all has been seen.
    """

    def __init__(self, parts: Mapping[str, Slot], counted: Sequence[PerPost] = ()) -> None:
        self._counted = counted
        self._ranks = next(name for name in RANKS if name in parts)
        n = parts[self._ranks].size
        delays = parts.get(names.DELAY_STEPS)
        self._by_delay = self._ranks == names.POST_RANKS and delays is not None and delays.shape != ()
        self._left = {names.ROW_START, self._ranks, *((names.DELAY_STEPS,) if self._by_delay else ())}
        self._falls, self._borders = Bits(n), Bits(n)
        self._later = Bits(n) if self._by_delay else None
        self._earlier = Bits(n) if self._by_delay else None
        self._last: dict[str, Array] = {}

    def take(self, name: str, at: int, values: Array) -> None:
        """Take elements of one part."""
        for one in self._counted:
            one.take(name, at, values)
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
        """Note that a part is complete; return what is wrong, if it was the last one."""
        if name not in self._left:
            return ""
        self._left.remove(name)
        if self._left:
            return ""
        return self._disorder() or next(filter(None, (one.end() for one in self._counted)), "")

    def _disorder(self) -> str:
        begin_anew = self._falls.bytes
        if self._later is not None and self._earlier is not None:
            begin_anew = (begin_anew & ~self._later.bytes) | self._earlier.bytes
        wrong = begin_anew & ~self._borders.bytes
        if not wrong.any():
            return ""
        byte = int(np.argmax(wrong != 0))
        position = 8 * byte + int(np.argmax(np.unpackbits(wrong[byte : byte + 1])))
        by = f"{names.DELAY_STEPS}, then {self._ranks}" if self._by_delay else self._ranks
        return f"the synapses of a row must ascend by {by}; those at {position - 1} and {position} don't"


class PerPost:
    """How many synapses post neurons have.

    Args:
        is_by_post: whether rows are of post neurons.
        ranks: of those whose synapses are counted; None: counted are those that have any.
        told: is called when all is known; returns what is wrong, in words.

    Attributes:
        n: the number.
    """

    def __init__(self, is_by_post: bool, ranks: Array | None, told: Callable[[], str]) -> None:
        self.n: int | None = None
        self._part = names.ROW_START if is_by_post else names.POST_RANKS
        self._is_by_post, self._ranks, self._told = is_by_post, ranks, told
        self._seen, self._some = 0, np.zeros(0, np.int64)
        self._last = np.zeros(0, np.int64)

    def take(self, name: str, at: int, values: Array) -> None:
        """Take elements of one part of the projection."""
        if name != self._part:
            return
        if self._is_by_post:
            starts = np.concatenate([self._last, values])
            counts, first = np.diff(starts), at - len(self._last)
            self._last = starts[-1:]
            own = np.arange(first, first + len(counts))
            self._seen += int((counts > 0).sum() if self._ranks is None else counts[np.isin(own, self._ranks)].sum())
        elif self._ranks is None:
            self._some = np.union1d(self._some, values)
        else:
            self._seen += int(np.isin(values, self._ranks).sum())

    def end(self) -> str:
        """Note that all has come; return what is wrong."""
        self.n = self._seen + len(self._some)
        return self._told()
