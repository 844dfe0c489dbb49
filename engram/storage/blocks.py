"""A value as blocks of 1 MiB: how values are cut for writing.

In: the pieces of a leaf. Out: memoryviews. Each block has a digest (``state/digest.py``), and files hold those, so that
a reader can verify any part of a value without reading all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engram.state.digest import BLOCK_BYTES, bytes_of
from engram.state.residence import Array

__all__ = ["blocks_of", "count_blocks"]


def blocks_of(pieces: Iterable[Array]) -> Iterator[memoryview]:
    """Give the joined bytes of arrays in blocks of 1 MiB (the last may be shorter); copies only across borders."""
    joined = bytearray()
    for piece in pieces:
        view = memoryview(bytes_of(piece))
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
