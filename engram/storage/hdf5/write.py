"""Writes HDF5 files front to back: h5py lays the file out, the values are put between what it wrote.

h5py writes here and there, and a save goes to the disk once, in order. So the library is given a file that only
remembers: datasets are allocated and stay empty, which takes no memory. What it did write, groups and headers, is
small. Then everything is written in the order of the file.
Metadata have checksums (``libver`` v110) and no times: same state, same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from engram.errors import SaveError
from engram.state.slots import Role, Slot
from engram.state.tree import Leaf
from engram.storage.blocks import blocks_of
from engram.storage.contract import PIECE_BYTES, Writer
from engram.storage.hdf5.library import h5py, text_type, type_of
from engram.storage.hdf5.names import BLOCKS, DIGEST, MANIFEST, OURS, hdf5_tree
from engram.storage.nesting import Tree

__all__ = ["write_file"]

VERSION = ("v110", "v110")
PAGE = 512  # bytes of what is remembered together


class _Layout(io.RawIOBase):
    """A file that is as long as it was told, and holds what was written to it; the rest is zero."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}
        self._at = self.size = 0

    def readable(self) -> bool:
        """Say yes, as the next ones do."""
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self.size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def truncate(self, size: int | None = None) -> int:
        self.size = self._at if size is None else size
        return self.size

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        for at, page, part in _pages(self._at, view.nbytes):
            self._pages.setdefault(page, bytearray(PAGE))[part] = view[at : at + part.stop - part.start]
        self._at += view.nbytes
        self.size = max(self.size, self._at)
        return view.nbytes

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        view[:] = self.between(self._at, self._at + view.nbytes)
        self._at += view.nbytes
        return view.nbytes

    def between(self, start: int, stop: int) -> bytes:
        """Return what was written from one place to another."""
        zeros = bytearray(PAGE)
        return b"".join(bytes(self._pages.get(page, zeros)[part]) for _, page, part in _pages(start, stop - start))


def _pages(start: int, length: int) -> Iterator[tuple[int, int, slice]]:
    """Go through an extent page by page: how much of it is done, the page, and the part of that."""
    at = 0
    while at < length:
        page, first = divmod(start + at, PAGE)
        last = min(PAGE, first + length - at)
        yield at, page, slice(first, last)
        at += last - first


class _Extent(NamedTuple):
    """Where a value stands in the file."""

    start: int
    leaf: Leaf


def write_file(out: Writer, keys: Sequence[str], leaves: Sequence[Leaf], ours: dict[str, bytes]) -> None:
    """Write everything.

    Args:
        ours: the texts in ``/engram``, and the digests of all blocks.
    """
    layout = _Layout()
    with h5py().File(layout, "w", libver=VERSION) as file:
        places = _lay_out(file, hdf5_tree(keys), leaves)
        group = file.create_group(OURS)
        for name in (MANIFEST, DIGEST):
            _text(group, name, ours[name])
        array = np.frombuffer(ours[BLOCKS], "<u8")
        places += _dataset(group, BLOCKS, Leaf(Slot("", BLOCKS, array.shape, array.dtype, Role.STATE), (array,)))
    at = 0
    for place in sorted(places):
        _copy(out, layout, at, place.start)
        for block in blocks_of(place.leaf.pieces):
            out.write(block)
        at = place.start + place.leaf.slot.nbytes
        if out.tell() != at:
            raise SaveError(f"{place.leaf.slot.path}: {place.leaf.slot.nbytes} bytes expected, not {out.tell()}")
    _copy(out, layout, at, layout.size)


def _copy(out: Writer, layout: _Layout, start: int, stop: int) -> None:
    for first in range(start, stop, PIECE_BYTES):
        out.write(layout.between(first, min(first + PIECE_BYTES, stop)))


def _lay_out(group: Any, tree: Tree, leaves: Sequence[Leaf]) -> list[_Extent]:
    """Make groups and datasets; return where the values are to stand."""
    places = []
    for name, below in tree.items():
        if isinstance(below, int):
            places += _dataset(group, name, leaves[below])
        else:
            places += _lay_out(group.create_group(name), below, leaves)
    return places


def _dataset(group: Any, name: str, leaf: Leaf) -> list[_Extent]:
    """Make a dataset whose place is known and whose values are not written; one without values has no place."""
    h5d, h5s, slot = h5py().h5d, h5py().h5s, leaf.slot
    space = h5s.create_simple(slot.shape) if slot.shape else h5s.create(h5s.SCALAR)
    made = h5d.create(group.id, name.encode("utf-8"), type_of(slot.dtype), space, _as_laid_out())
    return [_Extent(made.get_offset(), leaf)] if slot.nbytes else []


def _as_laid_out() -> Any:
    h5d = h5py().h5d
    how = h5py().h5p.create(h5py().h5p.DATASET_CREATE)
    how.set_layout(h5d.CONTIGUOUS)
    how.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    how.set_fill_time(h5d.FILL_TIME_NEVER)
    how.set_obj_track_times(False)
    return how


def _text(group: Any, name: str, data: bytes) -> None:
    kind = text_type(len(data))
    made = h5py().h5d.create(group.id, name.encode("ascii"), kind, h5py().h5s.create(h5py().h5s.SCALAR), _as_laid_out())
    made.write(h5py().h5s.ALL, h5py().h5s.ALL, np.array(data, f"S{len(data)}"), kind)
