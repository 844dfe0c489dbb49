"""A value as blocks of 1 MiB: how values are cut for writing, and the digest that each block has.

In: the pieces of a leaf, or of a file. Out: memoryviews, and xxh3_64 numbers (``engram/blocks.npy`` holds them, so that
a reader can verify any part of a value without reading all of it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import xxhash

from engram.state.tree import Array

__all__ = ["BLOCK_BYTES", "BlockHash", "blocks_of", "bytes_of", "count_blocks"]

BLOCK_BYTES = 1 << 20


def bytes_of(piece: Array) -> memoryview:
    """Return the bytes of an array, little-endian in C order, without a copy where it is stored so."""
    little = np.ascontiguousarray(piece, piece.dtype.newbyteorder("<"))
    return little.reshape(-1).view(np.uint8).data


def blocks_of(pieces: Iterable[Array]) -> Iterator[memoryview]:
    """Give the joined bytes of arrays in blocks of 1 MiB (the last may be shorter); copies only across borders."""
    joined = bytearray()
    for piece in pieces:
        view = bytes_of(piece)
        while view.nbytes:
            room = BLOCK_BYTES - len(joined)
            part, view = view[:room], view[room:]
            if part.nbytes == BLOCK_BYTES:
                yield part
                continue
            joined += part
            if len(joined) == BLOCK_BYTES:
                yield memoryview(joined)
                joined = bytearray()
    if joined:
        yield memoryview(joined)


def count_blocks(nbytes: int) -> int:
    """Return how many blocks a value has."""
    return -(-nbytes // BLOCK_BYTES)


class BlockHash:
    """Collects the digests of one value's blocks from pieces of any size."""

    def __init__(self) -> None:
        self._digests: list[int] = []
        self._hash = xxhash.xxh3_64()
        self._room = BLOCK_BYTES

    def update(self, data: bytes | memoryview) -> None:
        """Feed the next bytes."""
        view = memoryview(data)
        while view.nbytes:
            part, view = view[: self._room], view[self._room :]
            self._hash.update(part)
            self._room -= part.nbytes
            if not self._room:
                self._close()

    def digests(self) -> list[int]:
        """Return one number per block, after the last byte."""
        if self._room < BLOCK_BYTES:
            self._close()
        return self._digests

    def _close(self) -> None:
        self._digests.append(self._hash.intdigest())
        self._hash.reset()
        self._room = BLOCK_BYTES
