"""One value of a file that is read and not loaded: shape and dtype at once, elements when they are asked for."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import DamagedFile, InvalidArgument, UnsupportedFile
from engram.state.digest import BLOCK_BYTES, SlotHash, hash_bytes
from engram.storage.contract import Contents, Mappable
from engram.storage.load import about_file

__all__ = ["StoredValue", "UnknownPath"]

Array = npt.NDArray[Any]


class UnknownPath(InvalidArgument, KeyError):
    """A file has nothing at that path."""

    def __str__(self) -> str:  # KeyError would print it quoted, in one line
        return str(self.args[0])


class StoredValue:
    """A value of a file. ``value[:]`` and ``np.asarray(value)`` are arrays; ``value[3:5]`` reads what it needs.

    Nothing is given out that is not what was saved: digests are checked whenever something is read, of a file whose
    values stand as they are (``.engram``) those of the blocks of 1 MiB that are touched, else of the whole value.
    Of such a file ``value.map()`` is an array that takes no memory, for which less is promised.
    """

    def __init__(self, contents: Contents, number: int, file: str) -> None:
        self._contents, self._number, self._file = contents, number, file
        self._entry = contents.manifest.entries[number]
        slot = self._entry.slot
        self.path, self.shape, self.dtype, self.unit, self.role = (
            slot.path,
            slot.shape,
            slot.dtype,
            slot.unit,
            slot.role,
        )

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._entry.slot.size

    @property
    def nbytes(self) -> int:
        """Number of bytes of the value."""
        return self._entry.slot.nbytes

    @property
    def digest(self) -> str:
        """The digest of the value by the manifest: equal for equal values of one dtype and shape."""
        return self._entry.digest

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{self.path} is one number and has no len()")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return iter(self[:])

    def __float__(self) -> float:
        return float(self._alone())

    def __int__(self) -> int:
        return int(self._alone())

    def __format__(self, spec: str) -> str:
        return format(self._alone(), spec) if spec else str(self)

    def _alone(self) -> Any:
        if self.size != 1:
            raise TypeError(
                f"{self.path} has {self.size} elements, and is no number\n  help: [:] gives them as an array."
            )
        return self._whole().item()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError(f"{self.path} stands in a file: there is no array without a copy")
        return self._whole() if dtype is None else self._whole().astype(dtype, copy=False)

    def __getitem__(self, index: Any) -> Any:
        if not self.shape and isinstance(index, slice) and index == slice(None):
            return self._whole()  # so that [:] is the array of every value
        rows = self._rows(index)
        if rows is None:
            return self._whole()[index]
        rest = index[1:] if isinstance(index, tuple) else ()
        first, stop, inner = rows
        row_bytes = self.nbytes // self.shape[0]
        data = self._span(first * row_bytes, (stop - first) * row_bytes)
        if data is None:
            return self._whole()[index]
        found = np.frombuffer(data, self.dtype).reshape(stop - first, *self.shape[1:])
        return found.copy()[(inner, *rest)]

    def map(self, *, verified: bool = True) -> Array:
        """Return the value where it stands in an ``.engram`` file, as an array that can't be written to.

            w = eg.read("run.engram")["projections/ee/w"].map(verified=False)

        Elements are read when they are looked at, and are no copy: what another program does to the file changes them,
        and if it makes the file shorter, looking at them ends this process (SIGBUS). Engram's own saves do neither.

        Args:
            verified: read all of it once, in bounded memory, and compare it with its digest; without that nothing is
                read, and nothing is known of what the elements are.

        Raises:
            DamagedFile: if it is not what was saved.
            UnsupportedFile: if values don't stand in this file as they are.
        """
        contents = self._contents
        with about_file(self._file):
            data = contents.mapped(self._number) if isinstance(contents, Mappable) else None
            if data is None:
                advice = f"engram convert {self._file} NEW.engram; [:] takes a copy of a value from any file."
                raise UnsupportedFile(f"{self.path}: only values of .engram files can be mapped\n  help: {advice}")
            if verified:
                digest = SlotHash()
                for piece in contents.alone(self._number):
                    digest.update(piece)
                if digest.blocks() != self._entry.blocks:
                    raise DamagedFile(f"{self.path}: the value is damaged")
        return np.frombuffer(data, self.dtype).reshape(self.shape)

    def _rows(self, index: Any) -> tuple[int, int, Any] | None:
        """Return the rows that an index needs, from and to, and the index within them; None for all of them."""
        first = index[0] if isinstance(index, tuple) and index else index
        length = self.shape[0] if self.shape and self.size else 0
        if isinstance(first, slice):
            at = range(length)[first]
            if not at:
                return None
            low, high = min(at[0], at[-1]), max(at[0], at[-1]) + 1
            start = at[0] - low
            end = at[-1] - low + (1 if at.step > 0 else -1)
            return low, high, slice(start, None if end < 0 else end, at.step)
        try:
            row = operator.index(first)
        except TypeError:
            return None
        if isinstance(first, bool | np.bool_) or not -length <= row < length:
            return None  # NumPy says what is wrong with it
        row %= length
        return row, row + 1, 0

    def _span(self, start: int, length: int) -> bytes | None:
        """Return verified bytes of the value, None where they do not stand as they are."""
        blocks = []
        with about_file(self._file):
            for block in range(start // BLOCK_BYTES, -(-(start + length) // BLOCK_BYTES)):
                at = block * BLOCK_BYTES
                data = self._contents.span(self._number, at, min(BLOCK_BYTES, self.nbytes - at))
                if data is None:
                    return None
                self._check(data, self._entry.blocks[8 * block : 8 * block + 8], f" in block {block}")
                blocks.append(data)
        skip = start % BLOCK_BYTES
        return b"".join(blocks)[skip : skip + length]

    def _whole(self) -> Array:
        """Read everything."""
        with about_file(self._file):
            pieces = self._contents.alone(self._number)
            data = bytearray()
            for piece in pieces:
                data += piece
            if len(data) != self.nbytes:
                raise DamagedFile(f"{self.path}: the value is damaged (it has another length)")
            self._check(data, self._entry.blocks)
        return np.frombuffer(data, self.dtype).reshape(self.shape)

    def _check(self, data: bytes | bytearray, digests: bytes, where: str = "") -> None:
        if hash_bytes(memoryview(data)) != digests:
            raise DamagedFile(f"{self.path}: the value is damaged{where}")

    def __repr__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"<{self.path}: {self.dtype.name} {self.shape}{unit}, in '{self._file}'; [:] reads it>"
