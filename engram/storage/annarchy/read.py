"""Opens what ANNarchy wrote: a file -> :class:`AnnarchyFile`, read as engram's own files are.

In: a file, and what its first bytes say. Out: its values, each under the path that it has in a network. Everything
stands in memory, so that a second pass reads what the first one saw; digests are those of what was read, as the files
have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import UnsupportedFile
from engram.state.slots import Role, Slot
from engram.state.tree import Leaf
from engram.storage.annarchy.archives import read_archive
from engram.storage.annarchy.content import AnnarchyPopulation, AnnarchyProjection, Content, content_of
from engram.storage.annarchy.matlab import read_matlab
from engram.storage.annarchy.plain import Budget, of_pickle
from engram.storage.contract import Manifest, Reader
from engram.storage.gzip_stream import MAX_RATIO, GzipFeed
from engram.storage.held import Held
from engram.storage.manifest import entries_of
from engram.storage.pickles.byte_source import ByteSource, FileFeed

__all__ = ["ORIGIN", "AnnarchyFile", "opened_annarchy"]

ORIGIN = "ANNarchy"


class AnnarchyFile(Held):
    """A file of ANNarchy: a manifest of our own making, in which seed and blueprint say nothing.

    Args:
        content: of the file.
    """

    def __init__(self, content: Content) -> None:
        leaves = sorted(_leaves(content), key=lambda leaf: leaf.slot.path)
        entries = entries_of(content.kind, leaves)
        manifest = Manifest(content.kind, 0, "", content.step or 0, 0, {}, {}, entries, (), ORIGIN)
        super().__init__(manifest, (array for leaf in leaves for array in leaf.pieces))
        self.content = content


def opened_annarchy(file: Reader, name: str, found: tuple[Any, int] | None = None) -> AnnarchyFile:
    """Read a file of a format: ``npz``, ``gz``, ``pickle`` or ``mat``.

    Args:
        found: what the machine of ``pickles`` has made of it already, and how many bytes that were.

    Raises:
        UnsupportedFile: if ANNarchy did not write it, or it asks for something to be executed.
        DamagedFile: if it is damaged.
    """
    try:
        return AnnarchyFile(content_of(_root(file, name, found)))
    except MemoryError:
        raise UnsupportedFile("its values, which have to be in memory, take more of it than there is") from None


def _root(file: Reader, name: str, found: tuple[Any, int] | None) -> Any:
    match name:
        case "npz":
            return read_archive(file)
        case "mat":
            return read_matlab(file)
        case "gz":
            return of_pickle(lambda: ByteSource(GzipFeed(file)), Budget(MAX_RATIO * file.size), found)
        case _:
            return of_pickle(lambda: ByteSource(FileFeed(file)), Budget(file.size), found)


def _leaves(content: Content) -> Iterator[Leaf]:
    if content.step is not None:
        yield _leaf("network", "step", np.array(content.step, np.int64), Role.STATE)
    for population in content.populations.values():
        yield from _values(f"populations/{population.name}", population)
    for projection in content.projections.values():
        owner = f"projections/{projection.name}"
        yield from _values(owner, projection)
        wiring = {"post_ranks": projection.post_ranks, "row_start": projection.row_start,
                  "pre_ranks": projection.pre_ranks, "delays": projection.delays_ms,
                  "delay_steps": projection.delay_steps}  # fmt: skip
        for name, array in wiring.items():
            if array is not None and name not in projection.values:
                yield _leaf(owner, name, array, Role.WIRING, "ms" if name == "delays" else "")


def _values(owner: str, one: AnnarchyPopulation | AnnarchyProjection) -> Iterator[Leaf]:
    for name, array in one.values.items():
        yield _leaf(owner, name, array, Role.PARAMETER if name in one.parameters else Role.STATE)


def _leaf(owner: str, name: str, array: npt.NDArray[Any], role: Role, unit: str = "") -> Leaf:
    return Leaf(Slot(owner, name, array.shape, array.dtype, role, unit), (array,))
