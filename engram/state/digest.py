"""Digests over values: the same value has the same digest, in any file format and on any machine.

A digest detects damage and compares networks; xxh3 is no signature and does not protect against intent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from engram.state.slots import Slot
from engram.state.tree import Leaf

__all__ = ["SlotHash", "digest_leaf", "digest_tree", "type_code"]


def type_code(dtype: np.dtype[Any]) -> str:
    """Return the dtype as it is written in manifests: ``<f8``, ``<u4``, ``|b1``."""
    return str(dtype.newbyteorder("<").str)


class SlotHash:
    """The xxh3_128 of one value, fed in pieces: over dtype, shape, little-endian bytes in C order."""

    def __init__(self, slot: Slot) -> None:
        self._hash = xxhash.xxh3_128(f"{type_code(slot.dtype)} {list(slot.shape)}".encode("ascii"))

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Feed the next bytes."""
        self._hash.update(data)

    def hexdigest(self) -> str:
        """Return 32 hexadecimal digits."""
        return str(self._hash.hexdigest())


def digest_leaf(leaf: Leaf) -> str:
    """Return the digest of one leaf."""
    digest = SlotHash(leaf.slot)
    for piece in leaf.pieces:
        digest.update(_bytes(piece))
    return digest.hexdigest()


def digest_tree(leaves: Iterable[Leaf]) -> str:
    """Return one digest over paths and values of all leaves, independent of their order."""
    lines = sorted(f"{leaf.slot.path} {digest_leaf(leaf)}" for leaf in leaves)
    return str(xxhash.xxh3_128("\n".join(lines).encode("utf-8")).hexdigest())


def _bytes(piece: npt.NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(piece).reshape(-1).view(np.uint8).data
