"""Keyed random words in NumPy: Threefry4x32-20, and what is made of its words first.

In: a key from ``state/streams.py`` and counters. Out: words, and units in (0, 1), bitwise equal to those of
``native/c/engram_draws.h``, which explains the counters.

Sources: Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3 (Threefry4x32-20); Box & Muller
1958, Ann. Math. Stat. 29:610.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engram.state.elementary import draw_log, draw_sincos_turn

__all__ = [
    "SECOND_CALL",
    "SMALL_WORD",
    "Counter",
    "Floats",
    "Words",
    "neuron_words",
    "normal_of",
    "of_elements",
    "radii",
    "tail_units",
    "threefry",
    "threefry_words",
    "unit32",
    "unit53",
    "unit_tail",
]

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint32]
Counter = int | npt.NDArray[np.integer]

SECOND_CALL = 0x8000  # in a draw number: the second call of a draw whose first word was small
SMALL_WORD = 4096
_MASK32 = 0xFFFFFFFF
_PARITY = 0x1BD11BDA
_ROTATIONS = ((10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20))


def threefry_words(key: tuple[int, int, int, int], counter: tuple[Words, Words, Words, Words]) -> list[Words]:
    """Return the four words of Threefry4x32-20 for any four-word key.

    Args:
        key: four numbers below 2**32.
        counter: four (n,) uint32 of one shape. Not modified.
    Returns:
        four (n,) uint32.
    """
    parity = _PARITY ^ key[0] ^ key[1] ^ key[2] ^ key[3]
    schedule = (*key, parity)
    x = [word + np.uint32(k) for word, k in zip(counter, key, strict=True)]
    for round_ in range(20):
        odd = round_ % 2  # in odd rounds words 1 and 3 change places
        for i, rotation in zip((0, 2), _ROTATIONS[round_ % 8], strict=True):
            j = (i + 1 + 2 * odd) % 4
            x[i] += x[j]
            low = x[j] >> np.uint32(32 - rotation)
            x[j] <<= np.uint32(rotation)
            x[j] |= low
            x[j] ^= x[i]
        if round_ % 4 == 3:
            injection = round_ // 4 + 1
            for i in range(4):
                x[i] += np.uint32((schedule[(injection + i) % 5] + (injection if i == 3 else 0)) & _MASK32)
    return x


def _low_words(counter: Counter) -> Words:
    """Return the lower 32 bits of a number or of each element of an array."""
    if isinstance(counter, int):
        return np.asarray(counter & _MASK32, np.uint32)
    return counter.astype(np.uint32, copy=False)


def threefry(key: int, a: Counter, b: Counter, step: int, draw: Counter) -> tuple[Words, Words, Words, Words]:
    """Return the four words of counter (a, b, step, draw), of which the lower 32 bits count.

    Args:
        key: 64 bits, from :func:`engram.state.streams.stream_key`.
        a, b, draw: numbers or (n,) integers, broadcast together.
    Returns:
        four (n,) uint32; n = 1 for numbers.
    """
    shape = np.broadcast_shapes(*(np.shape(word) for word in (a, b, draw)), (1,))
    counter = [np.array(np.broadcast_to(_low_words(word), shape)) for word in (a, b, step, draw)]
    words = threefry_words(
        (key & _MASK32, (key >> 32) & _MASK32, 0, 0), (counter[0], counter[1], counter[2], counter[3])
    )
    return words[0], words[1], words[2], words[3]


def unit32(u: Words) -> Floats:
    """Return ``(u + 0.5) * 2**-32``, in (0, 1)."""
    return np.asarray((u.astype(np.float64) + 0.5) * 2.0**-32)


def unit53(high: Words, low: Words) -> Floats:
    """Return ``(m + 0.5) * 2**-52`` for the upper 52 bits m of two words: 53 significant bits, in (0, 1)."""
    m = (high.astype(np.uint64) << np.uint64(20)) | (low >> np.uint32(12)).astype(np.uint64)
    return np.asarray((m.astype(np.float64) + 0.5) * 2.0**-52)


def unit_tail(high: Words, low: Words) -> Floats:
    """Return :func:`unit32` of the first word; a small one is extended to 64 bits by the second."""
    m = ((high & np.uint32(SMALL_WORD - 1)).astype(np.uint64) << np.uint64(32)) | low.astype(np.uint64)
    return np.where(high < SMALL_WORD, (m.astype(np.float64) + 0.5) * 2.0**-64, unit32(high))


def radii(u: Floats) -> Floats:
    """Return the radii of Box-Muller."""
    return np.asarray(np.sqrt(-2.0 * draw_log(u)))


def normal_of(radius: Words, angle: Words, extension: Words) -> Floats:
    """Return a standard normal value of two words; the third extends the first where that is small."""
    _, cosine = draw_sincos_turn(unit32(angle))
    return np.asarray(radii(unit_tail(radius, extension)) * cosine)


def neuron_words(key: int, step: int, draw: int, first: int, n: int) -> tuple[Words, int]:
    """Return the words of the blocks of 64 that hold elements first ... first + n, and the number of the first block.

    Returns:
        (blocks, 4, 16) uint32: read in this order it is the order of elements.
    """
    first_block = first // 64
    blocks = max(-(-(first + n) // 64) - first_block, 0)
    counter = 16 * first_block + np.arange(16 * blocks, dtype=np.int64)
    words = threefry(key, counter, 0, step, draw) if blocks else 4 * (np.empty(0, np.uint32),)
    return np.stack([word.reshape(blocks, 16) for word in words], axis=1), first_block


def tail_units(words: Words, columns: slice, first_block: int, key: int, step: int, draw: int) -> Floats:
    """Return the units of some of the four columns of :func:`neuron_words`; a second call extends small words."""
    units = unit32(words[:, columns])
    block, column, lane = np.nonzero(words[:, columns] < SMALL_WORD)
    if block.size:
        second = threefry(key, 16 * (first_block + block) + lane, 0, step, draw | SECOND_CALL)
        number = column * (columns.step or 1)
        low = np.choose(number, second)
        units[block, column, lane] = unit_tail(words[block, number, lane], low)
    return units


def of_elements(values: Floats, first: int, n: int) -> Floats:
    """Return the values of elements first ... first + n - 1 of the blocks that :func:`neuron_words` returned."""
    return values.reshape(-1)[first % 64 : first % 64 + n]
