"""Many values as few stretches of memory: values of one arena stand side by side, and are looked at or copied together.

In: paths. Out: arrays that cover them. Called by ``network/finite.py``; a network of thousands of populations would
otherwise pay for each of its values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engram.state.residence import Array
from engram.state.tree import State

__all__ = ["Places", "Stretch"]


@dataclass(frozen=True)
class Stretch:
    """A flat piece of memory.

    Args:
        values: the elements, those of others between them too.
        paths: whose they are.
    """

    values: Array
    paths: tuple[str, ...]


class Places:
    """Where the arrays of a tree stand in their arenas, as long as its version stays."""

    def __init__(self, state: State) -> None:
        self._state, self._version = state, state.version
        self._known: dict[str, tuple[Array, int, int]] = {}

    def stretches(self, paths: Iterable[str]) -> list[Stretch]:
        """Return what covers the arrays at ``paths``; at least half of what it covers is theirs."""
        if self._version != self._state.version:
            self._known, self._version = {}, self._state.version
        arenas: dict[int, tuple[Array, list[tuple[int, int, str]]]] = {}
        for path in paths:
            whole, begin, end = self._known.get(path) or self._place(path)
            arenas.setdefault(whole.ctypes.data, (whole, []))[1].append((begin, end, path))
        found = []
        for whole, members in arenas.values():
            members.sort()
            first, last = members[0][0], members[-1][1]
            if 2 * sum(end - begin for begin, end, _ in members) >= last - first:
                found.append(Stretch(whole[first:last], tuple(path for *_, path in members)))
            else:
                found += [Stretch(whole[begin:end], (path,)) for begin, end, path in members]
        return found

    def _place(self, path: str) -> tuple[Array, int, int]:
        whole, first = self._state.arena(path)
        place = self._known[path] = whole, first, first + self._state.array(path).size
        return place
