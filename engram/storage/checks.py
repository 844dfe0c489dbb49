"""Pass 1 over one value: its digest, and whether its elements are what the network can take.

In: the bytes of a file, piece by piece. Out: lines for an error. Called by ``load`` for every value of a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from engram.errors import DamagedFile
from engram.state.digest import SlotHash
from engram.state.slots import Layout
from engram.state.tree import Array
from engram.storage.contract import Contents, Entry
from engram.storage.plan import Item, Plan
from engram.storage.values import elements, survive

__all__ = ["check_values"]


def check_values(contents: Contents, plan: Plan, widths: dict[str, int], cast: bool) -> tuple[list[str], list[str]]:
    """Read a whole file; return what does not fit the network, and the way out.

    ``widths`` says for each list of spikes how many one step can hold. Raises DamagedFile where a digest is wrong or
    where values contradict each other.
    """
    entries = {entry.key: entry for entry in contents.manifest.entries}
    damaged: list[str] = []
    lines: list[str] = []
    for key, pieces in contents.stream():
        check = _Check(entries[key], plan.items.get(key), plan, widths, cast)
        check.run(pieces)
        damaged += check.damaged
        lines += check.lines
        entries.pop(key)
    damaged += [f"{entry.slot.path}: missing" for entry in entries.values()]
    if damaged:
        raise DamagedFile("\n".join(["the file is damaged", *(f"  {line}" for line in damaged)]))
    return lines, ["load with cast=True, if another precision will do."] if lines else []


class _Check:
    def __init__(self, entry: Entry, item: Item | None, plan: Plan, widths: dict[str, int], cast: bool) -> None:
        self.damaged: list[str] = []
        self.lines: list[str] = []
        self._entry, self._item, self._plan, self._cast = entry, item, plan, cast
        self._width = -1  # of a count of spikes: the most that one step can have
        self._total = 0
        self._last: int | None = None
        self._first: Array | None = None
        path = entry.slot.path
        for spikes, width in widths.items():
            if path == spikes.rpartition("/")[0] + "/count" and entry.slot.layout is Layout.RING:
                self._width = width
                self._spikes = next((i.entry.slot.size for i in plan.items.values() if i.target.path == spikes), None)

    def run(self, pieces: Iterator[memoryview]) -> None:
        slot = self._entry.slot
        digest, size = SlotHash(), 0

        def hashed() -> Iterator[memoryview]:
            nonlocal size
            for piece in pieces:
                digest.update(piece)
                size += piece.nbytes
                yield piece

        if self._item is None or not self._has_rules(self._item):
            for _ in hashed():
                pass
        else:
            for values in elements(hashed(), slot.dtype):
                self._look(values, self._item)
            self._finish(self._item)
        if size != slot.nbytes or digest.blocks() != self._entry.blocks:
            self.damaged = [f"{slot.path}: its values are damaged (wrong digest)"]
            self.lines = []

    def _has_rules(self, item: Item) -> bool:
        target = item.target
        ruled = target.below is not None or target.offsets or self._width >= 0 or target.path == "network/step"
        return ruled or item.entry.slot.dtype != target.dtype or not item.has_same_form

    def _look(self, values: Array, item: Item) -> None:
        path, target = self._entry.slot.path, item.target
        low, high = values.min(), values.max()
        if target.below is not None and not (low >= 0 and high < target.below):
            self._damage(f"values from {low} to {high}, allowed are 0 to {target.below - 1}")
        if target.offsets:
            starts = self._last if self._last is not None else 0
            if int(values[0]) < starts or (self._last is None and values[0] != 0) or (values[1:] < values[:-1]).any():
                self._damage("row starts must begin at 0 and never decrease")
            self._last = int(values[-1])
        if self._width >= 0:
            self._total += int(values.sum())
            if low < 0 or high > self._width:
                self._damage(f"{high} spikes in a step, at most {self._width} are possible")
        if path == "network/step" and int(values[0]) != self._plan.step and item.entry.slot.shape == ():
            self._damage(f"step {values[0]}, the manifest says {self._plan.step}")
        if not self._cast and not self.lines and not survive(values, target.dtype):
            self.lines.append(
                f"{path}: {values.dtype} in the file, {target.dtype} in the network, and values would change"
            )
        if target.shape == () and self._entry.slot.shape != ():
            first = self._first = values[:1].copy() if self._first is None else self._first
            if values.tobytes() != first.tobytes() * len(values):
                self.lines = [f"{path}: different values per element in the file, one value in the network"]

    def _finish(self, item: Item) -> None:
        target = item.target
        if target.offsets:
            length = self._plan.lengths.get(target.owner)
            if self._last is None or (length is not None and self._last != length):
                self._damage(f"row starts must end at the number of elements, {length}, not {self._last}")
        if self._width >= 0 and self._spikes is not None and self._total != self._spikes:
            self._damage(f"counts of {self._total} spikes altogether, the lists have {self._spikes}")
        if target.shape == () and self._entry.slot.size == 0:
            self.lines.append(f"{target.path}: no value in the file, one value in the network")

    def _damage(self, text: str) -> None:
        if not self.damaged:
            self.damaged.append(f"{self._entry.slot.path}: {text}")
