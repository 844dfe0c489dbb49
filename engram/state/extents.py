"""Many values as few extents of memory: values of one arena stand side by side, and are looked at or copied together.

In: paths. Out: arrays that cover them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engram.state.residence import Array
from engram.state.tree import State

__all__ = ["Extent", "extents"]

BETWEEN = 1024  # elements: to go through so many takes less than an extent of its own


@dataclass(frozen=True)
class Extent:
    """A flat piece of memory. It keeps none alive, and follows a value that moves as long as none of several leaves the
    memory that they share (``State.apart``).

    Args:
        paths: whose the elements are, in the order in which they stand.
        length: of several, with those of others between them.
    """

    paths: tuple[str, ...]
    length: int

    def values(self, state: State) -> Array:
        """Return the elements."""
        arena, first = state.arena(self.paths[0])
        length = self.length if len(self.paths) > 1 else state.array(self.paths[0]).size
        return arena[first : first + length]


def extents(state: State, paths: Iterable[str]) -> list[Extent]:
    """Return what covers the arrays at ``paths``, and what stands between them where that is next to nothing."""
    arenas: dict[int, list[tuple[int, int, str]]] = {}
    for path in paths:
        whole, first = state.arena(path)
        arenas.setdefault(id(whole), []).append((first, first + state.array(path).size, path))
    return [extent for members in arenas.values() for extent in _covered(sorted(members))]


def _covered(members: list[tuple[int, int, str]]) -> Iterator[Extent]:
    begin, end, paths = members[0][0], members[0][1], list[str]()
    for first, last, path in members:
        if first > end + BETWEEN:
            yield Extent(tuple(paths), end - begin)
            begin, paths = first, []
        end = max(end, last)
        paths.append(path)
    yield Extent(tuple(paths), end - begin)
