"""Reads HDF5 files: groups and datasets of numbers, whoever wrote the file again; everything else is refused.

In: a file. Out: for each dataset nested dictionaries (groups) of :class:`Dataset`, which only say where the values are.
Contiguous values are read from the file itself; others (``h5repack`` may have put them in chunks) by h5py.

Refused: soft and external links, groups that hold themselves, committed types, values in other files or of other
datasets, filters but deflate, shuffle and fletcher32, chunks of more than 64 MiB, or that inflate to more than they
hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engram.errors import DamagedFile, EngramError, UnsupportedFile
from engram.storage.contract import PIECE_BYTES, Reader
from engram.storage.hdf5.chunks import check_chunks, check_filters
from engram.storage.hdf5.library import DTYPES, h5py, type_of, without_plugins
from engram.storage.nesting import MAX_LEVELS
from engram.storage.reading import AsFile

__all__ = ["Dataset", "HeldOpen", "group_of", "slabs"]

MOST_CHUNK_BYTES = 64 << 20


class _Raw(AsFile):
    """A file as h5py reads it: it looks at all of a buffer."""

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer, with zeros beyond the end."""
        view = memoryview(buffer).cast("B")
        found = super().readinto(view)
        view[found:] = bytes(view.nbytes - found)
        return view.nbytes


class HeldOpen:
    """The library's view of a file."""

    def __init__(self, file: Reader) -> None:
        self.reader = file
        _check_end(file)
        try:
            with without_plugins():
                self.root = h5py().File(_Raw(file), "r").id
        except (OSError, RuntimeError, ValueError) as error:
            raise DamagedFile(f"the HDF5 file is damaged: {error}") from None


def _check_end(file: Reader) -> None:
    """Compare the size of a file with what its superblock says ("HDF5 File Format Specification", 3.0, II.A)."""
    head = file.pread(min(64, file.size), 0)
    version = head[8] if len(head) > 8 else 0
    at, sizes = (40, 13) if version == 0 else (44, 13) if version == 1 else (28, 9)
    if len(head) < 64 or version > 3 or head[sizes] != 8:
        raise DamagedFile("the superblock of the HDF5 file is damaged, or of a kind that engram does not know")
    if int.from_bytes(head[at : at + 8], "little") != file.size:
        raise DamagedFile("the end of the HDF5 file is missing, or something was added to it")


@dataclass(frozen=True)
class Dataset:
    """Numbers of one dataset: their kind and shape, and where they stand."""

    file: HeldOpen
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    inner: Any  # of h5py
    start: int | None  # in the file, where they stand as they are

    @property
    def nbytes(self) -> int:
        """Bytes of all numbers."""
        return math.prod(self.shape) * self.dtype.itemsize

    def span(self, start: int, length: int) -> bytes | None:
        """Return some bytes; None unless they stand in the file as they are."""
        return None if self.start is None else self.file.reader.pread(length, self.start + start)

    def pieces(self, file: Reader | None = None) -> Iterator[memoryview]:
        """Give the bytes in C order, in pieces of at most ``PIECE_BYTES``."""
        if self.start is not None:
            reader = file or self.file.reader
            for at in range(0, self.nbytes, PIECE_BYTES):
                yield memoryview(reader.pread(min(PIECE_BYTES, self.nbytes - at), self.start + at))
            return
        check_chunks(self.file.reader, self.inner, self.dtype.itemsize)
        for first, count in slabs(self.shape, self.dtype.itemsize):
            array = np.empty(count, self.dtype)
            try:
                space = self.inner.get_space()
                if self.shape:
                    space.select_hyperslab(first, count)
                memory = h5py().h5s.create_simple(count) if self.shape else space
                with without_plugins():
                    self.inner.read(memory, space, array, type_of(self.dtype))
            except (OSError, RuntimeError, ValueError) as error:
                raise DamagedFile(f"values in the HDF5 file are damaged: {error}") from None
            yield memoryview(array.tobytes())


def slabs(shape: tuple[int, ...], itemsize: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Cut an array, in C order, into boxes of at most ``PIECE_BYTES``: where each begins, and its shape."""
    if not shape:
        yield (), ()
        return
    below = math.prod(shape[1:]) * itemsize
    if below == 0 or shape[0] == 0:
        return
    if below <= PIECE_BYTES:
        step = PIECE_BYTES // below
        for at in range(0, shape[0], step):
            yield (at, *(0,) * (len(shape) - 1)), (min(step, shape[0] - at), *shape[1:])
        return
    for at in range(shape[0]):
        for first, count in slabs(shape[1:], itemsize):
            yield (at, *first), (1, *count)


def group_of(file: HeldOpen) -> dict[str, Any]:
    """Return all groups and datasets. Errors: DamagedFile, UnsupportedFile."""
    try:
        with without_plugins():
            return _group(file, file.root, (), "")
    except EngramError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, UnicodeError) as error:
        raise DamagedFile(f"the HDF5 file is damaged: {error}") from None


def _group(file: HeldOpen, group: Any, above: tuple[Any, ...], where: str) -> dict[str, Any]:
    h5l, h5o, h5g, h5d = (getattr(h5py(), name) for name in ("h5l", "h5o", "h5g", "h5d"))
    address = h5o.get_info(group).addr
    if address in above or len(above) > MAX_LEVELS:
        raise DamagedFile(f"the group {where or '/'} in the HDF5 file holds itself, or is too deep")
    found: dict[str, Any] = {}
    for name in list(group):
        path = f"{where}/{name.decode('utf-8')}"
        if group.links.get_info(name).type != h5l.TYPE_HARD:
            raise UnsupportedFile(f"{path} in the HDF5 file is a link; engram reads what stands in the file itself")
        one = h5o.open(group, name)
        if isinstance(one, h5g.GroupID):
            found[name.decode("utf-8")] = _group(file, one, (*above, address), path)
        elif isinstance(one, h5d.DatasetID):
            found[name.decode("utf-8")] = _dataset(file, one, path)
        else:
            raise UnsupportedFile(f"{path} in the HDF5 file is neither a group nor a dataset")
    return found


def _dataset(file: HeldOpen, one: Any, path: str) -> Dataset:
    h5py_ = h5py()
    h5d, h5s, h5t, how, space = h5py_.h5d, h5py_.h5s, h5py_.h5t, one.get_create_plist(), one.get_space()
    kind = one.get_type()
    dtype = _dtype_of(kind, h5t, path)
    if space.get_simple_extent_type() not in (h5s.SIMPLE, h5s.SCALAR) or kind.committed():
        raise UnsupportedFile(f"{path} in the HDF5 file is no plain array")
    layout = how.get_layout()
    if layout not in (h5d.CONTIGUOUS, h5d.CHUNKED, h5d.COMPACT) or how.get_external_count():
        raise UnsupportedFile(f"the values of {path} in the HDF5 file stand elsewhere")
    check_filters(how, path)
    shape = tuple(map(int, space.get_simple_extent_dims())) if space.get_simple_extent_ndims() else ()
    if layout == h5d.CHUNKED and math.prod(how.get_chunk()) * dtype.itemsize > MOST_CHUNK_BYTES:
        raise UnsupportedFile(f"{path} in the HDF5 file has chunks of more than {MOST_CHUNK_BYTES >> 20} MiB")
    found = Dataset(file, dtype, shape, one, one.get_offset() if layout == h5d.CONTIGUOUS else None)
    is_placed = found.start is not None and found.start + found.nbytes <= file.reader.size
    if layout == h5d.CONTIGUOUS and found.nbytes and not is_placed:
        raise DamagedFile(f"the values of {path} in the HDF5 file are not all there")
    return found


def _dtype_of(kind: Any, h5t: Any, path: str) -> np.dtype[Any]:
    """Return the dtype of a dataset: of numbers, or of one text."""
    dtype: np.dtype[Any] = kind.dtype
    if isinstance(kind, h5t.TypeStringID):
        if kind.is_variable_str():
            raise UnsupportedFile(f"{path} in the HDF5 file is a text of variable length")
        return np.dtype(f"S{kind.get_size()}")
    if dtype not in DTYPES or dtype == np.bool_ or not kind.equal(type_of(dtype)):
        raise UnsupportedFile(f"{path} in the HDF5 file has the type {dtype}, which is none of a network's")
    return dtype
