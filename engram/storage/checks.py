"""Pass 1 over one value: its digest, and whether its elements are what the network can take.

In: the bytes of a file, piece by piece. Out: lines for an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engram.errors import DamagedFile
from engram.state.digest import SHORT_BYTES, SlotHash, hash_bytes
from engram.state.residence import Array
from engram.storage.contract import RESEAL, Contents, Entry
from engram.storage.plan import Item, Plan
from engram.storage.values import Ruled, Rules, elements, survive

__all__ = ["check_values"]

WRONG = "(wrong digest)"
LOCAL = "give each element its own in the model, as in the file, or load other values with only=, and assign this one."


def check_values(contents: Contents, plan: Plan, cast: bool) -> tuple[list[str], list[str]]:
    """Read a whole file; return what does not fit the network, and the way out.

    Raises DamagedFile where a digest is wrong or where values contradict each other.
    """
    entries = {entry.key: entry for entry in contents.manifest.entries}
    manifest, slots = contents.manifest, [item.target for item in plan.items.values()]
    if len(slots) < len(entries):
        slots += [entry.slot for key, entry in entries.items() if key not in plan.items]
    rules = Rules(slots, manifest.step, manifest.seed, plan.mine.values(), plan.facts)
    owners = {item.target.owner for item in plan.items.values()}
    damaged: list[str] = []
    lines: list[str] = []
    helps: list[str] = []
    came: list[str] = []
    for key, item, pieces in plan.in_turn(contents.stream()):
        entry = entries[key] if item is None else item.entry
        came.append(key)
        check: _Check | _Seen | None = None
        if item is not None:
            check = _check_of(entry, item, rules, cast)
        elif rules.is_needed(entry.slot) and entry.slot.owner in owners:
            check = _Seen(entry, rules.of(entry.slot))
        if _hashed(pieces, entry.slot.nbytes, check) != entry.blocks:
            damaged.append(f"{entry.slot.path}: its values are damaged {WRONG}")
        elif check is not None:
            damaged += check.damaged
            lines += check.lines
            helps += [check.advice] if check.lines else []
    if len(came) < len(entries):
        missing = entries.keys() - came
        damaged += [f"{entry.slot.path}: missing" for key, entry in entries.items() if key in missing]
    plan.longest = rules.longest()
    if damaged:
        advice = RESEAL if any(line.endswith(WRONG) for line in damaged) else ""
        raise DamagedFile("\n".join(["the file is damaged", *(f"  {line}" for line in damaged)]) + advice)
    return lines, helps


def _hashed(pieces: Iterable[bytes | memoryview], nbytes: int, check: _Check | _Seen | None) -> bytes | None:
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


def _check_of(entry: Entry, item: Item, rules: Rules, cast: bool) -> _Check | None:
    """Return what looks at the elements of a value; None where nothing is to be seen."""
    if item.is_plain and not rules.may_be(item.path):
        return None
    return _Check(entry, item, rules.of(item.target), cast)


class _Seen:
    """The elements of one value that is not loaded, with which others must agree."""

    def __init__(self, entry: Entry, ruled: Ruled) -> None:
        self.damaged: list[str] = []
        self.lines: list[str] = []
        self.advice = ""
        self._entry, self._ruled = entry, ruled

    def run(self, pieces: Iterable[bytes | memoryview]) -> None:
        fault = self._ruled.fault_of(elements(pieces, self._entry.slot.dtype))
        self.damaged = [f"{self._entry.slot.path}: {fault}"] if fault else []


class _Check:
    """The elements of one value against what the network can take."""

    def __init__(self, entry: Entry, item: Item, ruled: Ruled, cast: bool) -> None:
        self.damaged: list[str] = []
        self.lines: list[str] = []
        self.advice = "load with cast=True, if another precision will do."
        self._entry, self._item, self._ruled, self._cast = entry, item, ruled, cast
        self._first: Array | None = None

    def run(self, pieces: Iterable[bytes | memoryview]) -> None:
        for values in elements(pieces, self._entry.slot.dtype):
            self._look(values)
        self._finish()

    def _look(self, values: Array) -> None:
        path, target = self._entry.slot.path, self._item.target
        self._damage(self._ruled.fault(values))
        if not self._cast and not self.lines and not survive(values, target.dtype):
            self.lines.append(
                f"{path}: {values.dtype} in the file, {target.dtype} in the network, and values would change"
            )
        if target.shape == () and self._entry.slot.shape != ():
            first = self._first = values[:1].copy() if self._first is None else self._first
            if values.tobytes() != first.tobytes() * len(values):
                self.lines = [f"{path}: different values per element in the file, one value in the network"]
                self.advice = LOCAL

    def _finish(self) -> None:
        target = self._item.target
        self._damage(self._ruled.fault_at_end())
        if target.shape == () and self._entry.slot.size == 0:
            self.lines.append(f"{target.path}: no value in the file, one value in the network")
            self.advice = LOCAL

    def _damage(self, text: str) -> None:
        if text and not self.damaged:
            self.damaged.append(f"{self._entry.slot.path}: {text}")
