"""Recordings as files of plain arrays, which NumPy and h5py open: ``.npy``, ``.npz``, ``.h5``.

In: a path and arrays by name. Out: a file, whole or not at all. These files are for reading elsewhere; ``net.save``
writes those from which a network goes on.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.optional import optional
from engram.storage.files import replacing

__all__ = ["SUFFIXES", "write_arrays"]

Array = npt.NDArray[Any]
HDF5 = (".h5", ".hdf5")
SUFFIXES = (".npy", ".npz", *HDF5)


def write_arrays(file: str | os.PathLike[str], arrays: Mapping[str, Array], is_one: bool = False) -> None:
    """Write arrays into a file whose suffix says its kind.

    Args:
        arrays: by name; in ``.h5`` a ``/`` in a name makes a group.
        is_one: there is one array, and the file may have no name for it, as ``.npy`` hasn't.

    Raises:
        InvalidArgument: if the suffix is none of these, or ``.npy`` is asked to hold several.
        MissingLibrary: if ``.h5`` is asked for without h5py.
        SaveError: if the file could not be written; what was there before is as it was.
    """
    suffix = PurePath(file).suffix.lower()
    if suffix not in SUFFIXES:
        kinds = ", ".join(SUFFIXES)
        raise InvalidArgument(
            f"{os.fspath(file)!r}: unknown suffix {suffix!r}\n  help: recordings are saved as {kinds}."
        )
    if suffix == ".npy":
        if not is_one:
            raise InvalidArgument(
                f"{os.fspath(file)!r}: .npy holds one array, not {', '.join(arrays) or 'none'}\n"
                "  help: save as .npz or .h5, or one variable alone."
            )
        (values,) = arrays.values()
        with replacing(file) as out:
            np.lib.format.write_array(out, values, allow_pickle=False)
    elif suffix == ".npz":
        _write_npz(file, arrays)
    else:
        _write_hdf5(file, arrays)


def _write_npz(file: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    with replacing(file) as out, zipfile.ZipFile(out, "w") as archive:
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, values, allow_pickle=False)


def _write_hdf5(file: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    h5py = optional("h5py")
    with tempfile.TemporaryFile() as scratch:  # HDF5 writes here and there, files of ours front to back
        with h5py.File(scratch, "w") as made:
            for name, values in arrays.items():
                made.create_dataset(name, data=values)
        scratch.seek(0)
        with replacing(file) as out:
            shutil.copyfileobj(scratch, out, 1 << 20)
