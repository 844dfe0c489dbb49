"""Between C order, in which engram keeps values, and MATLAB's column-major order, in bounded memory.

In: a leaf, or a place in a file. Out: pieces of bytes in the other order, so that ``x(i+1, j+1)`` in MATLAB is
``x[i, j]``. Notation: d0 is the length of the first axis, a *column* is one
combination of the other indices, columns are counted with the second axis fastest, as they lie in the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.storage.contract import PIECE_BYTES, Reader

__all__ = ["Stored", "is_vector", "to_columns", "to_rows"]

_BLOCK_BYTES = 8 << 20  # reordered at a time
_SCAN_BYTES = 1 << 13  # columns up to this size are read together and picked from; longer ones one by one

Array = npt.NDArray[Any]


def is_vector(shape: Sequence[int]) -> bool:
    """Say whether both orders are the same: at most one axis is longer than 1, or there is nothing."""
    return sum(n != 1 for n in shape) <= 1 or 0 in shape


def to_columns(shape: tuple[int, ...], dtype: np.dtype[Any], pieces: Iterable[Array]) -> Iterator[memoryview]:
    """Give a value (C-contiguous pieces that joined are the value) in column-major order."""
    if is_vector(shape):
        for piece in pieces:
            yield _bytes(np.ascontiguousarray(piece))
        return
    width = math.prod(shape[1:])
    rows = [piece.reshape(-1, width) for piece in pieces if piece.size]
    at_once = max(1, _BLOCK_BYTES // (shape[0] * dtype.itemsize))
    for first in range(0, width, at_once):
        columns = np.arange(first, min(first + at_once, width))
        if len(shape) > 2:
            columns = np.ravel_multi_index(np.unravel_index(columns, shape[1:], "F"), shape[1:])
        if at_once > 1:
            block = np.empty((len(columns), shape[0]), dtype)
            start = 0
            for row in rows:
                block[:, start : start + len(row)] = row[:, columns].T
                start += len(row)
            yield _bytes(block)
        else:
            step = _BLOCK_BYTES // dtype.itemsize
            for row in rows:
                for start in range(0, len(row), step):
                    yield _bytes(np.ascontiguousarray(row[start : start + step, columns[0]]))


@dataclass(frozen=True)
class Stored:
    """Numbers in a file: ``dtype`` is what they are, ``stored`` what they are written as."""

    file: Reader
    offset: int
    dtype: np.dtype[Any]
    stored: np.dtype[Any]


def to_rows(place: Stored, shape: tuple[int, ...]) -> Iterator[memoryview]:
    """Give the value at ``place`` in C order, in pieces of at most PIECE_BYTES."""
    if 0 in shape:
        return
    if is_vector(shape):
        shape = (math.prod(shape),)
    yield from _rows(place, 0, 1, shape)


def _rows(place: Stored, start: int, step: int, shape: tuple[int, ...]) -> Iterator[memoryview]:
    """Give the part that begins at element ``start`` and whose first axis goes on every ``step`` elements."""
    width = math.prod(shape[1:])
    at_once = _BLOCK_BYTES // (width * max(place.dtype.itemsize, place.stored.itemsize))
    if not at_once:  # one row alone is too large
        for i in range(shape[0]):
            yield from _rows(place, start + i * step, step * shape[0], shape[1:])
        return
    for first in range(0, shape[0], at_once):
        n = min(at_once, shape[0] - first)
        block = np.empty((width, n), place.dtype)
        _gather(place, start + first * step, step, shape[0] * step, block)
        axes = block.reshape(*reversed(shape[1:]), n)
        data = _bytes(np.ascontiguousarray(axes.transpose()))
        for at in range(0, len(data), PIECE_BYTES):
            yield data[at : at + PIECE_BYTES]


def _gather(place: Stored, start: int, step: int, stride: int, block: Array) -> None:
    """Fill ``block[c, i]`` with element ``start + c*stride + i*step``."""
    width, n = block.shape
    item = place.stored.itemsize
    span = (n - 1) * step + 1  # elements of one column that are touched
    at_once = max(1, PIECE_BYTES // (stride * item)) if stride * item <= _SCAN_BYTES else 1
    for column in range(0, width, at_once):
        count = min(at_once, width - column)
        length = (count - 1) * stride + span
        data = place.file.pread(length * item, place.offset + (start + column * stride) * item)
        run = np.frombuffer(data, place.stored)
        strides = (stride * item, step * item)
        columns = np.lib.stride_tricks.as_strided(run, (count, n), strides, writeable=False)
        with np.errstate(invalid="ignore"):  # of damaged numbers; their digest says so
            block[column : column + count] = columns


def _bytes(array: Array) -> memoryview:
    return array.reshape(-1).view(np.uint8).data
