from __future__ import annotations

import io
import zlib

import h5py
import numpy as np
import pytest

from engram.errors import DamagedFile, EngramError, MissingLibrary, UnsupportedFile
from engram.storage.hdf5 import read as hdf5_read
from engram.storage.hdf5.format import HDF5
from engram.storage.hdf5.read import slabs
from tests.contracts.format_contract import FormatContract, MemoryReader, few, joined, leaf, manifest_of, read, written


class TestHdf5(FormatContract):
    format = HDF5

    def test_flipped_bits_of_every_byte_are_refused_or_change_nothing(self):
        self.flip(lambda position: (position % 8,))  # one of each, as HDF5 is slow


def rewritten(data, **how):
    """What h5py makes of a file when it copies all datasets."""
    out = io.BytesIO()
    with h5py.File(io.BytesIO(data)) as old, h5py.File(out, "w") as new:

        def copy(name, one):
            if isinstance(one, h5py.Dataset):
                new.create_dataset(name, data=one[()], dtype=one.dtype, **(how if one.shape and one.size else {}))

        old.visititems(copy)
    return out.getvalue()


@pytest.mark.parametrize("how", [{}, {"compression": "gzip", "shuffle": True, "fletcher32": True}, {"chunks": True}])
def test_file_that_others_wrote_again_loads(how):
    leaves = [*few(), leaf("projections/ee/w", np.arange(400_000.0).reshape(2, 200_000))]
    manifest = manifest_of(leaves)
    values = {entry.key: joined(one) for entry, one in zip(manifest.entries, leaves, strict=True)}

    assert read(HDF5, rewritten(written(HDF5, manifest, leaves), **how)) == (manifest, values)


def test_while_files_are_read_no_folder_may_have_plugins(monkeypatch):
    seen, inner = [], hdf5_read._group

    def watched(*args):
        seen.append(h5py.h5pl.size())
        return inner(*args)

    monkeypatch.setattr(hdf5_read, "_group", watched)
    h5py.h5pl.append(b"/one/more")
    folders = [h5py.h5pl.get(k) for k in range(h5py.h5pl.size())]
    data = written(HDF5, manifest_of(few()), few())
    read(HDF5, rewritten(data, chunks=True))
    with pytest.raises(DamagedFile):
        read(HDF5, data[:-9])

    assert (set(seen), folders[-1]) == ({0}, b"/one/more")
    assert [h5py.h5pl.get(k) for k in range(h5py.h5pl.size())] == folders
    h5py.h5pl.remove(len(folders) - 1)


def test_names_that_hdf5_can_not_have_are_told_from_those_written_instead():
    leaves = [leaf(f"populations/{name}/v", np.array([float(k)])) for k, name in enumerate(("%252E", "%2E", "."))]
    values = read(HDF5, written(HDF5, manifest_of(leaves), leaves))[1]

    assert values == {one.slot.path: joined(one) for one in leaves}


def inflating(pieces, filters=(h5py.h5z.FILTER_DEFLATE,)):
    """A file of ours with one chunk that was deflated as often, and inflates to more than it holds, by as many MiB."""
    leaves = [leaf("projections/ee/w", np.arange(40.0))]
    out = io.BytesIO(rewritten(written(HDF5, manifest_of(leaves), leaves)))
    with h5py.File(out, "a") as file:
        del file["projections/ee/w"]
        how = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        how.set_chunk((40,))
        for one in filters:
            how.set_filter(one, 0, (4,)) if one == h5py.h5z.FILTER_DEFLATE else how.set_shuffle()
        space = h5py.h5s.create_simple((40,))
        made = h5py.h5d.create(file["projections/ee"].id, b"w", h5py.h5t.IEEE_F64LE, space, how)
        data = np.arange(40.0).tobytes() + bytes(pieces << 20)
        for one in filters:
            data = zlib.compress(data, 9) if one == h5py.h5z.FILTER_DEFLATE else data
        made.write_direct_chunk((0,), data)
    return manifest_of(leaves), out.getvalue()


def test_chunk_that_inflates_to_more_than_it_holds_is_refused():
    manifest, data = inflating(0)
    assert read(HDF5, data)[0] == manifest

    for filters in ((h5py.h5z.FILTER_DEFLATE,), (h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE)):
        with pytest.raises(DamagedFile, match="inflates to more than it holds"):
            read(HDF5, inflating(3, filters)[1])


@pytest.mark.parametrize("second", [h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE])
def test_filters_of_which_the_second_hides_what_the_first_inflates_to_are_refused(second):
    with pytest.raises(UnsupportedFile, match="twice|before it was shuffled"):
        read(HDF5, inflating(0, (h5py.h5z.FILTER_DEFLATE, second))[1])


def test_slabs_cover_an_array_in_its_order():
    shape = (3, 5, 7)
    whole = np.arange(105).reshape(shape)
    for itemsize in (1, 1 << 14, 1 << 18, 1 << 20):
        boxes = [
            whole[tuple(slice(a, a + n) for a, n in zip(first, count, strict=True))]
            for first, count in slabs(shape, itemsize)
        ]
        assert np.concatenate([box.reshape(-1) for box in boxes]).tolist() == list(range(105))
        assert max(box.size for box in boxes) * itemsize <= 1 << 20


def spoilt(change):
    """A file of ours after h5py has changed it."""
    file = io.BytesIO(written(HDF5, manifest_of(few()), few()))
    with h5py.File(file, "a") as opened:
        change(opened, next(name for name in opened if name != "engram"))
    return file.getvalue()


def linked(kind):
    def change(file, name):
        del file[name]
        file[name] = kind

    return change


def replaced(**how):
    def change(file, name):
        group = file[name]
        first = next(iter(group)) if isinstance(group, h5py.Group) else None
        parent, key = (group, first) if first else (file, name)
        while isinstance(parent[key], h5py.Group):
            parent, key = parent[key], next(iter(parent[key]))
        old = parent[key]
        shape, dtype = old.shape or (), old.dtype
        del parent[key]
        parent.create_dataset(key, **{"shape": shape, "dtype": dtype, **how})

    return change


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (linked(h5py.SoftLink("/engram")), UnsupportedFile),
        (linked(h5py.ExternalLink("other.h5", "/x")), UnsupportedFile),
        (lambda file, name: file[name].__setitem__("again", file["/"]), EngramError),
        (lambda file, name: file.__setitem__("kind", np.dtype("f8")), UnsupportedFile),
        (lambda file, name: file.__setitem__("more", 3.0), DamagedFile),
        (lambda file, name: file.__delitem__(name), DamagedFile),
        (lambda file, name: file["engram"].__setitem__("more", 3.0), DamagedFile),
        (lambda file, name: file.__delitem__("engram"), UnsupportedFile),
        (replaced(dtype="f2"), UnsupportedFile),
        (replaced(dtype=h5py.string_dtype()), UnsupportedFile),
        (replaced(dtype=">f8"), UnsupportedFile),
        (replaced(shape=(7, 7, 7)), DamagedFile),
        (replaced(shape=(1 << 40,), chunks=(1 << 26,)), UnsupportedFile),
        (replaced(shape=(1 << 40,), chunks=(1 << 10,), compression="gzip"), DamagedFile),
        (replaced(shape=(9,), chunks=(3,), compression="lzf"), UnsupportedFile),
        (replaced(shape=(4,), dtype="f8", external=[("/etc/hostname", 0, 32)]), UnsupportedFile),
    ],
)
def test_what_no_file_of_ours_has_is_refused(change, error):
    with pytest.raises(error):
        read(HDF5, spoilt(change))


def test_without_h5py_the_message_says_what_to_type(monkeypatch):
    data = written(HDF5, manifest_of(few()), few())
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)

    for call in (lambda: HDF5.open(MemoryReader(data)), lambda: HDF5.check(manifest_of(few()))):
        with pytest.raises(MissingLibrary, match=r"pip install 'engram-sim\[hdf5\]'"):
            call()
