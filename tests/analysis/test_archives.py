"""Files of plain arrays. ``.npy`` and ``.npz`` are tested where monitors save (``tests/network/test_results.py``)."""

import sys
from types import SimpleNamespace

import numpy as np

from engram.analysis.archives import write_arrays


class Hdf5:
    """Stands in for ``h5py.File``: writes names where HDF5 would write data."""

    def __init__(self, scratch, mode):
        self.scratch, self.mode = scratch, mode

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.scratch.write(b"the end")

    def create_dataset(self, name, data):
        self.scratch.write(f"{self.mode} {name} {data.tolist()}\n".encode())


def test_hdf5_becomes_the_file_when_it_is_complete(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", SimpleNamespace(File=Hdf5))
    write_arrays(tmp_path / "x.HDF5", {"p/v": np.arange(2), "q/v": np.arange(3)})

    assert (tmp_path / "x.HDF5").read_bytes() == b"w p/v [0, 1]\nw q/v [0, 1, 2]\nthe end"
