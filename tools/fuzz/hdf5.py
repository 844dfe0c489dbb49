"""Ways to spoil HDF5 files: with h5py, which leaves all checksums of the library right."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

__all__ = ["HDF5"]


def _changed(data: bytes, change: Callable[[Any, list[str]], None]) -> bytes:
    """Return a file after its datasets, of which the paths are given, were changed."""
    file = io.BytesIO(data)
    with h5py.File(file, "a", track_order=False) as opened:
        paths: list[str] = []
        opened.visititems(lambda name, one: paths.append(name) if isinstance(one, h5py.Dataset) else None)
        change(opened, sorted(paths))
    return file.getvalue()


def hdf5_value(rng: random.Random, data: bytes) -> bytes:
    """Change one byte of a value."""

    def change(file: Any, paths: list[str]) -> None:
        one = file[rng.choice([path for path in paths if file[path].size and file[path].dtype.kind != "S"])]
        values = one[...]
        values.reshape(-1).view(np.uint8)[rng.randrange(values.nbytes)] ^= 1 << rng.randrange(8)
        one[...] = values

    return _changed(data, change)


def hdf5_dataset(rng: random.Random, data: bytes) -> bytes:
    """Put another dataset in a place: of another type, shape, layout; in chunks; elsewhere; huge and empty."""

    def change(file: Any, paths: list[str]) -> None:
        path = rng.choice(paths)
        shape = rng.choice(((), (0,), (1 << 50,), (3, 3), (1 << 20, 1 << 20)))
        kinds = ("f8", "i8", "u1", ">f8", "f2", "c16", "S32", h5py.string_dtype(), np.dtype([("a", "f8")]), "bool")
        how: dict[str, Any] = {}
        if shape and shape[0]:
            chunks = tuple(min(axis, rng.choice((1, 16, 1 << 12))) for axis in shape)
            how = rng.choice(({}, {"chunks": chunks}, {"chunks": chunks, "compression": rng.choice(("gzip", "lzf"))}))
            if not how and shape[0] > 3:
                how = {"external": [("/etc/hostname", 0, h5py.h5f.UNLIMITED)]}
        del file[path]
        file.create_dataset(path, shape, rng.choice(kinds), track_times=False, **how)

    return _changed(data, change)


def hdf5_link(rng: random.Random, data: bytes) -> bytes:
    """Let a path be a link: soft, external, to a group above, to another value, to nothing."""

    def change(file: Any, paths: list[str]) -> None:
        path = rng.choice(paths)
        kinds = (h5py.SoftLink("/"), h5py.SoftLink("/nowhere"), h5py.ExternalLink("/etc/hostname", "/"))
        target = rng.choice((*kinds, file["/"], file[rng.choice(paths)], None))
        del file[path]
        if target is not None:
            file[path] = target

    return _changed(data, change)


def hdf5_more(rng: random.Random, data: bytes) -> bytes:
    """Add what no network has."""

    def change(file: Any, paths: list[str]) -> None:
        place = f"{rng.choice(paths).rpartition('/')[0]}/x{rng.randrange(10)}"
        file[place] = rng.choice((1.0, np.zeros(3), np.dtype("f8"), "text"))

    return _changed(data, change)


def hdf5_end(rng: random.Random, data: bytes) -> bytes:
    """Add junk, and let the superblock say that it belongs there; its checksum is wrong then."""
    junk = rng.randbytes(rng.randrange(1, 500))
    return data[:28] + (len(data) + len(junk)).to_bytes(8, "little") + data[36:] + junk


HDF5 = (hdf5_value, hdf5_dataset, hdf5_dataset, hdf5_link, hdf5_more, hdf5_end)
