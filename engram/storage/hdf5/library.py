"""h5py, which is imported when the first HDF5 file is written or met, and what both sides ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from engram.optional import optional
from engram.version import extra

__all__ = ["DTYPES", "h5py", "stored", "text_type", "type_of", "without_plugins"]

DTYPES = frozenset(map(np.dtype, ("?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8")))
"""What a value may be made of."""


def h5py() -> Any:
    """Return the library; raises MissingLibrary."""
    return optional("h5py", extra("hdf5"))


@contextmanager
def without_plugins() -> Iterator[None]:
    """Let the library look for plug-ins nowhere: a file may name filters that are code in some folder of the machine.

    The folders are back afterwards: the user's own HDF5 files may need them.
    """
    known = h5py().h5pl
    folders = [known.get(number) for number in range(known.size())]
    for _ in folders:
        known.remove(0)
    try:
        yield
    finally:
        for folder in folders:
            known.append(folder)


def type_of(dtype: np.dtype[Any]) -> Any:
    """Return how HDF5 calls a dtype."""
    return h5py().h5t.py_create(stored(dtype), logical=True)


def stored(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return what stands in the file for a dtype: HDF5 has no bool, and Octave can't read the enumeration of h5py's."""
    return np.dtype("u1") if dtype == np.bool_ else dtype


def text_type(length: int) -> Any:
    """Return the type of an ASCII text of so many bytes; Octave knows no other."""
    h5t = h5py().h5t
    kind = h5t.C_S1.copy()
    kind.set_size(length)
    kind.set_cset(h5t.CSET_ASCII)
    kind.set_strpad(h5t.STR_NULLPAD)
    return kind
