"""Pass 1 over one value: its digest, and whether its elements are what the network can take.

In: the bytes of a file, piece by piece. Out: lines for an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engram.errors import DamagedFile
from engram.state import names
from engram.state.digest import SHORT_BYTES, SlotHash, hash_bytes
from engram.state.residence import Array
from engram.state.slots import Layout
from engram.storage.contract import RESEAL, Contents, Entry
from engram.storage.plan import Item, Plan
from engram.storage.values import Ruled, elements, survive

__all__ = ["check_values"]

WRONG = "(wrong digest)"


def check_values(contents: Contents, plan: Plan, widths: dict[str, int], cast: bool) -> tuple[list[str], list[str]]:
    """Read a whole file; return what does not fit the network, and the way out.

    ``widths`` says for each list of spikes how many one step can hold. Raises DamagedFile where a digest is wrong or
    where values contradict each other.
    """
    entries = {entry.key: entry for entry in contents.manifest.entries}
    limits = _limits(plan, widths)
    damaged: list[str] = []
    lines: list[str] = []
    for key, pieces in contents.stream():
        entry, item = entries.pop(key), plan.items.get(key)
        limit = limits.get(entry.slot.path) if entry.slot.layout is Layout.RING else None
        check = _Check(entry, item, plan, limit, cast) if item is not None and _has_rules(item, limit) else None
        if _hashed(pieces, entry.slot.nbytes, check) != entry.blocks:
            damaged.append(f"{entry.slot.path}: its values are damaged {WRONG}")
        elif check is not None:
            damaged += check.damaged
            lines += check.lines
    damaged += [f"{entry.slot.path}: missing" for entry in entries.values()]
    if damaged:
        advice = RESEAL if any(line.endswith(WRONG) for line in damaged) else ""
        raise DamagedFile("\n".join(["the file is damaged", *(f"  {line}" for line in damaged)]) + advice)
    return lines, ["load with cast=True, if another precision will do."] if lines else []


def _hashed(pieces: Iterable[bytes | memoryview], nbytes: int, check: _Check | None) -> bytes | None:
    """Read a value, and check it on the way; return the digests of its blocks, None if it has not so many bytes."""
    if nbytes <= SHORT_BYTES:  # these are many
        data = b"".join(pieces)
        if check is not None:
            check.run((data,))
        return hash_bytes(data) if len(data) == nbytes else None
    digest = SlotHash()

    def fed() -> Iterator[bytes | memoryview]:
        for piece in pieces:
            digest.update(piece)
            yield piece

    if check is not None:
        check.run(fed())
    else:
        for _ in fed():
            pass
    return digest.blocks() if digest.nbytes == nbytes else None


def _has_rules(item: Item, limit: _Limit | None) -> bool:
    """Say whether the elements of a value have to be looked at."""
    target = item.target
    is_ruled = target.below is not None or target.least is not None or target.offsets or limit is not None
    return is_ruled or not item.is_plain or target.owner == names.NETWORK


class _Limit(NamedTuple):
    """Of counts of spikes: how many one step can have, and how many there are altogether, if the file says so."""

    width: int
    total: int | None


def _limits(plan: Plan, widths: dict[str, int]) -> dict[str, _Limit]:
    """Return the limit of each ring of counts, by path."""
    totals = {i.path: i.entry.slot.size for i in plan.items.values() if i.target.layout is Layout.SPIKES}
    return {
        f"{spikes.rpartition('/')[0]}/{names.COUNT}": _Limit(width, totals.get(spikes))
        for spikes, width in widths.items()
    }


class _Check:
    """The elements of one value against what the network can take."""

    def __init__(self, entry: Entry, item: Item, plan: Plan, limit: _Limit | None, cast: bool) -> None:
        self.damaged: list[str] = []
        self.lines: list[str] = []
        self._entry, self._item, self._plan, self._cast = entry, item, plan, cast
        self._limit = limit
        self._total = 0
        self._ruled = Ruled(item.target, plan.lengths.get(item.target.owner))
        self._first: Array | None = None

    def run(self, pieces: Iterable[bytes | memoryview]) -> None:
        for values in elements(pieces, self._entry.slot.dtype):
            self._look(values)
        self._finish()

    def _look(self, values: Array) -> None:
        path, target = self._entry.slot.path, self._item.target
        low, high = values.min(), values.max()
        self._damage(self._ruled.fault(values))
        if target.least is not None and low < target.least:
            self._damage(f"{low}, where {target.least} is the least that can be")
        if self._limit is not None:
            self._total += int(values.sum())
            if low < 0 or high > self._limit.width:
                self._damage(f"{high} spikes in a step, at most {self._limit.width} are possible")
        if path == "network/step" and int(values[0]) != self._plan.step and self._entry.slot.shape == ():
            self._damage(f"step {values[0]}, the manifest says {self._plan.step}")
        if not self._cast and not self.lines and not survive(values, target.dtype):
            self.lines.append(
                f"{path}: {values.dtype} in the file, {target.dtype} in the network, and values would change"
            )
        if target.shape == () and self._entry.slot.shape != ():
            first = self._first = values[:1].copy() if self._first is None else self._first
            if values.tobytes() != first.tobytes() * len(values):
                self.lines = [f"{path}: different values per element in the file, one value in the network"]

    def _finish(self) -> None:
        target = self._item.target
        self._damage(self._ruled.fault_at_end())
        if self._limit is not None and self._limit.total not in (None, self._total):
            self._damage(f"counts of {self._total} spikes altogether, the lists have {self._limit.total}")
        if target.shape == () and self._entry.slot.size == 0:
            self.lines.append(f"{target.path}: no value in the file, one value in the network")

    def _damage(self, text: str) -> None:
        if text and not self.damaged:
            self.damaged.append(f"{self._entry.slot.path}: {text}")
