"""Digests over values: the same value has the same digest, in any file format and on any machine.

In: leaves, or a slot and bytes. Out: digests. A value is cut into *blocks* of 1 MiB, each of which has a digest of its
own; a value's digest is made of those, so that threads and ranks compute it side by side, and a file that holds the
blocks' digests needs none for the whole. A digest detects damage and compares networks; xxh3 is no signature and does
not protect against intent. Definition and known answers: ``docs/decisions/0009-streams.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from engram.state.slots import Slot
from engram.state.tree import Leaf

__all__ = [
    "BLOCK_BYTES",
    "SHORT_BYTES",
    "SlotHash",
    "bytes_of",
    "digest_leaf",
    "digest_of",
    "digest_tree",
    "hash_bytes",
    "hash_leaf",
    "type_code",
]

BLOCK_BYTES = 1 << 20
SHORT_BYTES = 1 << 12  # up to here a copy costs less than the steps around views: networks may have many short values


@lru_cache(maxsize=64)
def type_code(dtype: np.dtype[Any]) -> str:
    """Return the dtype as it is written in manifests: ``<f8``, ``<u4``, ``|b1``."""
    return str(dtype.newbyteorder("<").str)


def digest_of(slot: Slot, blocks: bytes) -> str:
    """Return the digest of a value, 32 hexadecimal digits, from those of its blocks (8 bytes each, in order)."""
    text = f"{type_code(slot.dtype)} {list(slot.shape)}".encode("ascii")
    return str(xxhash.xxh3_128_hexdigest(text + blocks))


class SlotHash:
    """The digests of one value's blocks, fed in pieces of any size: little-endian bytes in C order."""

    def __init__(self) -> None:
        self._digests = bytearray()
        self._hash = xxhash.xxh3_64()
        self._room = BLOCK_BYTES

    @property
    def nbytes(self) -> int:
        """How many bytes there were so far."""
        return len(self._digests) // 8 * BLOCK_BYTES + BLOCK_BYTES - self._room

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Feed the next bytes."""
        view = memoryview(data)
        if view.nbytes < self._room:  # short values are many
            self._hash.update(view)
            self._room -= view.nbytes
            return
        while view.nbytes:
            part, view = view[: self._room], view[self._room :]
            self._hash.update(part)
            self._room -= part.nbytes
            if not self._room:
                self._close()

    def blocks(self) -> bytes:
        """Return the digests of all blocks, after the last byte."""
        if self._room < BLOCK_BYTES:
            self._close()
        return bytes(self._digests)

    def _close(self) -> None:
        self._digests += self._hash.intdigest().to_bytes(8, "little")
        self._hash.reset()
        self._room = BLOCK_BYTES


def hash_bytes(data: bytes | memoryview) -> bytes:
    """Return the digests of a value's blocks, all of whose bytes are at hand."""
    if len(data) <= BLOCK_BYTES:
        return xxhash.xxh3_64_intdigest(data).to_bytes(8, "little") if data else b""
    digest = SlotHash()
    digest.update(data)
    return digest.blocks()


def hash_leaf(leaf: Leaf) -> bytes:
    """Return the digests of the blocks of one leaf."""
    pieces = leaf.pieces
    if type(pieces) is tuple and leaf.slot.nbytes <= SHORT_BYTES:  # these are many
        return hash_bytes(b"".join(map(bytes_of, pieces)))
    digest = SlotHash()
    for piece in pieces:
        digest.update(bytes_of(piece))
    return digest.blocks()


def digest_leaf(leaf: Leaf) -> str:
    """Return the digest of one leaf."""
    return digest_of(leaf.slot, hash_leaf(leaf))


def digest_tree(leaves: Iterable[Leaf]) -> str:
    """Return one digest over paths and values of all leaves, independent of their order."""
    lines = sorted(f"{leaf.slot.path} {digest_leaf(leaf)}" for leaf in leaves)
    return str(xxhash.xxh3_128("\n".join(lines).encode("utf-8")).hexdigest())


def bytes_of(piece: npt.NDArray[Any]) -> bytes | memoryview:
    """Return the bytes of an array, little-endian in C order, without a copy of what is long and stored so."""
    little = piece if piece.dtype.byteorder != ">" else piece.astype(piece.dtype.newbyteorder("<"))
    if little.nbytes <= SHORT_BYTES:
        return little.tobytes()
    return np.ascontiguousarray(little).reshape(-1).view(np.uint8).data
