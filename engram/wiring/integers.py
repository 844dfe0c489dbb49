"""Words of cells in NumPy, and unbiased integers made of them, bit for bit as in ``native/c/engram_patterns.h``.

In: a key, rows and blocks. Out: words, integers.

Source: Lemire 2019, ACM Trans. Model. Comput. Simul. 29:3 (integers below n, of which each is equally likely).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.words import Words, threefry_words

__all__ = ["below", "calls_of", "is_refused", "stream", "words_of"]

Array = npt.NDArray[Any]

_MASK32 = 0xFFFFFFFF


def calls_of(key: int, rows: Array, blocks: Array, first: int, n: int) -> list[Words]:
    """Return the four words of calls ``first`` ... ``first`` + n - 1 of each cell, (n_cells * n,) uint32 each."""
    counter = (np.repeat(rows, n), np.tile(first + np.arange(n), len(rows)), np.repeat(blocks, n))
    row, call, block = (word.astype(np.uint32) for word in counter)
    return threefry_words((key & _MASK32, key >> 32 & _MASK32, 0, 0), (row, call, block, np.zeros_like(row)))


def words_of(key: int, rows: Array, blocks: Array, first: int, n: int) -> Array:
    """Return words ``first`` (a multiple of 4) ... ``first`` + n - 1 of each cell, (n_cells, n) uint64."""
    calls = (n + 3) // 4
    words = calls_of(key, rows, blocks, first // 4, calls)
    return np.stack(words, axis=1).reshape(len(rows), 4 * calls)[:, :n].astype(np.uint64)


def stream(key: int, row: int, block: int) -> Iterator[int]:
    """Yield the words of one cell."""
    first = 0
    while True:
        yield from words_of(key, np.array([row]), np.array([block]), first, 1024)[0].tolist()
        first += 1024


def is_refused(products: Array, n: Array) -> Array:
    """Whether words are refused of which products with n were made; the others give an integer below n, uniformly."""
    return np.asarray((products & np.uint64(_MASK32)) < np.uint64(1 << 32) % n)


def below(words: Iterator[int], n: int) -> int:
    """Return an integer below n from the first word that is not refused."""
    while True:
        product = next(words) * n
        if product % 2**32 >= 2**32 % n:
            return product >> 32
