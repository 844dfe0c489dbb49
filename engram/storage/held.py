"""What a file would hold, held in memory: read as files are, so that whatever loads those loads this.

In: a description, and leaves. Out: :class:`Held`, a ``contract.Contents``. The values are copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.digest import SHORT_BYTES, bytes_of, digest_tree
from engram.state.tree import Leaf
from engram.storage.blocks import blocks_of
from engram.storage.contract import Manifest

__all__ = ["Held"]


class Held:
    """Values of a network, with what is said of them; can be pickled.

    Args:
        manifest: with the digests of the values.
        arrays: as its entries say, read-only.
    """

    def __init__(self, manifest: Manifest, arrays: Iterable[npt.NDArray[Any]]) -> None:
        self.manifest, self.arrays = manifest, tuple(arrays)

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        return sum(array.nbytes for array in self.arrays)

    def leaves(self) -> list[Leaf]:
        """Return the values as a tree has them."""
        return [Leaf(entry.slot, (array,)) for entry, array in zip(self.manifest.entries, self.arrays, strict=True)]

    def digest(self) -> str:
        """Return the digest of the values, that of the network whose they are."""
        return digest_tree(self.leaves())

    def stream(self) -> Iterator[tuple[str, Iterable[bytes | memoryview]]]:
        """Give all values."""
        for number, entry in enumerate(self.manifest.entries):
            yield entry.key, self.alone(number)

    def alone(self, number: int) -> Iterable[bytes | memoryview]:
        """Give one value."""
        array = self.arrays[number]
        return (bytes_of(array),) if 0 < array.nbytes <= SHORT_BYTES else blocks_of((array,))  # short ones are many

    def span(self, number: int, start: int, length: int) -> bytes:
        """Return some bytes of a value."""
        flat = np.ascontiguousarray(self.arrays[number]).reshape(-1).view(np.uint8)
        return flat[start : start + length].tobytes()
