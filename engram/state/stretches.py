"""Many values as few stretches of memory: values of one arena stand side by side, and are looked at or copied together.

In: paths. Out: arrays that cover them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engram.state.residence import Array
from engram.state.tree import State

__all__ = ["Stretch", "stretches"]

BETWEEN = 1024  # elements: to go through so many takes less than a stretch of its own


@dataclass(frozen=True)
class Stretch:
    """A flat piece of memory.

    Args:
        values: the elements, those of others between them too.
        paths: whose they are.
    """

    values: Array
    paths: tuple[str, ...]


def stretches(state: State, paths: Iterable[str]) -> list[Stretch]:
    """Return what covers the arrays at ``paths``, and what stands between them where that is next to nothing."""
    arenas: dict[int, tuple[Array, list[tuple[int, int, str]]]] = {}
    for path in paths:
        whole, first = state.arena(path)
        arenas.setdefault(id(whole), (whole, []))[1].append((first, first + state.array(path).size, path))
    return [stretch for whole, members in arenas.values() for stretch in _covered(whole, sorted(members))]


def _covered(whole: Array, members: list[tuple[int, int, str]]) -> Iterator[Stretch]:
    begin, end, paths = members[0][0], members[0][1], list[str]()
    for first, last, path in members:
        if first > end + BETWEEN:
            yield Stretch(whole[begin:end], tuple(paths))
            begin, paths = first, []
        end = max(end, last)
        paths.append(path)
    yield Stretch(whole[begin:end], tuple(paths))
