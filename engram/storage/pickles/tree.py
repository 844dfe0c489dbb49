"""What a pickle may describe: a finite tree of plain containers, numbers, texts and arrays.

In: the object that the machine in ``read`` made. Out: nothing, or an error. Cost: one look at each container,
however often it is shared.
"""

from __future__ import annotations

from typing import Any

from engram.errors import DamagedFile, UnsupportedFile
from engram.storage.pickles.arrays import Array

__all__ = ["MAX_DEPTH", "check_tree"]

MAX_DEPTH = 100

_LEAVES = frozenset({str, int, float, bool, type(None)})


def check_tree(root: Any) -> None:
    """Refuse what is no data, cycles, and nesting deeper than MAX_DEPTH; every shared node is visited once."""
    heights: dict[int, int] = {}
    open_nodes: set[int] = set()
    todo = [root]
    while todo:
        node = todo[-1]
        if id(node) in heights:
            todo.pop()
            continue
        below = _containers(node)
        waiting = [child for child in below if id(child) not in heights]
        if waiting:
            if id(node) in open_nodes:
                raise DamagedFile("the pickle has an object that contains itself")
            open_nodes.add(id(node))
            if len(open_nodes) > MAX_DEPTH:
                raise DamagedFile(f"the pickle is nested deeper than {MAX_DEPTH}")
            todo.extend(waiting)
            continue
        todo.pop()
        open_nodes.discard(id(node))
        heights[id(node)] = 1 + max((heights[id(child)] for child in below), default=0)
        if heights[id(node)] > MAX_DEPTH:
            raise DamagedFile(f"the pickle is nested deeper than {MAX_DEPTH}")


def _containers(node: Any) -> list[Any]:
    """Return what ``node`` holds that can hold something itself."""
    items: Any = node
    if type(node) is dict:
        items = node.values()
    elif type(node) is Array:
        if node.type is None:
            raise DamagedFile("the pickle has an array without a state")
        items = node.data if type(node.data) is list else ()
    elif type(node) not in (list, tuple):
        if type(node) not in _LEAVES:
            raise UnsupportedFile(f"the pickle holds {type(node).__name__}, which is neither number, text nor array")
        return []
    if {type(item) for item in items} <= _LEAVES:
        return []
    return [item for item in items if type(item) not in _LEAVES]
