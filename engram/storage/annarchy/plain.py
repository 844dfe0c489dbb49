"""Pickles as the machine of ``pickles`` found them -> numbers, texts, lists, dictionaries and arrays of NumPy's.

In: a source that can be opened twice. Out: the values themselves, all in memory: ANNarchy's files are small pickles of
numbers in boxes, which nobody streams. Nothing is executed; see ``pickles/read.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from engram.errors import DamagedFile, UnsupportedFile
from engram.storage.annarchy.sizes import check_lengths
from engram.storage.pickles.arrays import Array, Bytes
from engram.storage.pickles.byte_source import ByteSource
from engram.storage.pickles.read import read_pickle

__all__ = ["Budget", "of_pickle", "shaped"]

_CONTAINERS = frozenset({Array, dict, list, tuple})
_MEMORY_PER_BYTE = 64  # of an opcode; an empty list and its place in the memo take about as much


_SPARE = 1 << 16  # small lists that are held twice, of names say, do no harm


def _half_of_memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


class Budget:
    """How many bytes of values are still believed: at most what the file can hold, or half of the machine's memory."""

    def __init__(self, most: int) -> None:
        self.left = min(most, _half_of_memory())

    def spend(self, nbytes: int) -> None:
        """Raise DamagedFile where values take more than can be."""
        self.left -= nbytes
        if self.left < 0:
            raise DamagedFile("it describes more values than a file of its size, or this machine, can hold")


def of_pickle(start: Callable[[], ByteSource], budget: Budget, found: tuple[Any, int] | None = None) -> Any:
    """Return what a pickle describes; sources must begin at its first byte and end with it.

    Args:
        found: what the machine has made of it, and of how many bytes, if that was done already.

    Raises:
        DamagedFile, UnsupportedFile: if it holds anything but numbers, texts, containers and arrays of them.
    """
    if found is None:
        source = start()
        found = read_pickle(source, min(_MEMORY_PER_BYTE * budget.left, _half_of_memory())), source.position
    root, nbytes = found
    check_lengths(root)
    if _weight(root, {}) > nbytes + _SPARE:
        raise DamagedFile("it has the same values in more places than it has bytes")
    arrays: dict[int, Array] = {}
    _find(root, arrays)
    values: dict[int, Any] = {}
    source = start()
    for array in sorted(arrays.values(), key=_offset):
        if isinstance(array.data, Bytes):
            budget.spend(array.data.length)
            values[id(array)] = _numbers(array, source)
    return _plain(root, values)


def _weight(node: Any, known: dict[int, int]) -> int:
    """Return how many numbers, or bytes of arrays, one meets below a node; those that are shared, again and again."""
    found = known.get(id(node))
    if found is None:
        found = node.data.length if type(node) is Array and isinstance(node.data, Bytes) else 0
        inner = _inner(node)
        found += len(inner) + sum(_weight(one, known) for one in inner if type(one) in _CONTAINERS)
        known[id(node)] = found
    return found


def _inner(node: Any) -> Any:
    """Return what a node holds."""
    node = node.data if type(node) is Array else node
    return node.values() if type(node) is dict else node if type(node) in (list, tuple) else ()


def _find(node: Any, found: dict[int, Array]) -> None:
    """Collect the arrays; nesting is bounded by the machine, and what is met again by its weight."""
    if type(node) is Array:
        found[id(node)] = node
    for one in _inner(node):
        if type(one) in _CONTAINERS:
            _find(one, found)


def _offset(array: Array) -> int:
    return array.data.offset if isinstance(array.data, Bytes) and array.data.data is None else -1


def _numbers(array: Array, source: ByteSource) -> Any:
    data, kind = array.data, array.type
    assert isinstance(data, Bytes)
    assert kind is not None  # the machine has seen to it
    if data.data is None:
        if data.offset < source.position:
            raise DamagedFile("two arrays of the pickle stand in the same bytes")
        source.skip(data.offset - source.position)
        content = source.read(data.length)
    else:
        content = data.data
    return shaped(content, kind, array.shape, array.is_fortran)


def shaped(content: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], is_fortran: bool) -> Any:
    """Return an array, little-endian and in C order, from its bytes.

    Raises:
        UnsupportedFile: if they are of a kind that networks don't have.
        DamagedFile: if they can't be.
    """
    if dtype.kind not in "biufU" or (dtype.kind == "f" and dtype.itemsize not in (4, 8)):
        raise UnsupportedFile(f"it holds an array of {dtype}, which ANNarchy does not write")
    if not dtype.itemsize:
        raise DamagedFile("it holds an array of empty texts")
    try:
        found = np.frombuffer(content, dtype).reshape(shape, order="F" if is_fortran else "C")
        if dtype.kind == "U":
            found.tolist()  # which finds texts of impossible letters
    except ValueError as error:
        raise DamagedFile(f"it holds an array that can't be: {error}") from None
    return np.ascontiguousarray(found, dtype.newbyteorder("<")).reshape(shape)


def _plain(node: Any, values: dict[int, Any]) -> Any:
    if type(node) is dict:
        return {name: _plain(value, values) for name, value in node.items()}
    if type(node) in (list, tuple):
        if not _CONTAINERS.isdisjoint(map(type, node)):
            return [_plain(one, values) for one in node]
        return [*node]
    if type(node) is not Array:
        return node
    if id(node) in values:
        return values[id(node)]
    items = _plain(node.data, values)
    if node.shape == ():
        return items[0]
    if node.is_fortran and len(node.shape) > 1:
        raise UnsupportedFile("it holds an array of objects in Fortran order")
    return items if len(node.shape) == 1 else _nested(items, node.shape)


def _nested(items: list[Any], shape: tuple[int, ...]) -> list[Any]:
    """Return the items of an array of objects as lists of lists."""
    for length in reversed(shape[1:]):
        items = [items[at : at + length] for at in range(0, len(items), length)] if length else [[] for _ in items]
    return items
