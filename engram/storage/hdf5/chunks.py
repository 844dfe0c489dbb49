"""Chunks of HDF5 datasets: which filters they may have gone through, and that each inflates to what it holds.

The library inflates a chunk to its end, whatever that takes: two megabytes would fill two gigabytes of memory. So each
is inflated here first, in pieces, and no further than it may be long.
"""

from __future__ import annotations

import math
import zlib
from typing import Any

from engram.errors import DamagedFile, UnsupportedFile
from engram.storage.contract import PIECE_BYTES, Reader
from engram.storage.hdf5.library import h5py

__all__ = ["check_chunks", "check_filters"]

SUM_BYTES = 4  # what fletcher32 appends


def check_filters(how: Any, path: str) -> None:
    """Raise UnsupportedFile for other filters than deflate, shuffle and fletcher32, or for an odd order of them."""
    h5z, filters = h5py().h5z, _filters(how)
    if {*filters} - {h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32}:
        raise UnsupportedFile(f"{path} in the HDF5 file has a filter other than deflate, shuffle and fletcher32")
    if len({*filters}) < len(filters):
        raise UnsupportedFile(f"{path} in the HDF5 file has one filter twice")
    if [one for one in filters if one != h5z.FILTER_FLETCHER32] == [h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE]:
        raise UnsupportedFile(f"{path} in the HDF5 file was deflated before it was shuffled")


def check_chunks(file: Reader, dataset: Any, itemsize: int) -> None:
    """Raise DamagedFile if a chunk of a dataset is not there, or inflates to more than it holds."""
    how, deflate = dataset.get_create_plist(), h5py().h5z.FILTER_DEFLATE
    filters = _filters(how)
    if deflate not in filters:
        return
    at, most = filters.index(deflate), math.prod(how.get_chunk()) * itemsize + SUM_BYTES

    def check(chunk: Any) -> None:
        is_deflated = not chunk.filter_mask >> at & 1  # the mask has the filters that were left out
        if chunk.byte_offset + chunk.size > file.size:
            raise DamagedFile("values in the HDF5 file are not all there")
        if is_deflated and not _is_within(most, file, chunk.byte_offset, chunk.size):
            raise DamagedFile("values in the HDF5 file are damaged: a chunk inflates to more than it holds")

    dataset.chunk_iter(check)


def _filters(how: Any) -> list[int]:
    """Return the filters of a dataset, in the order in which a writer applies them."""
    return [how.get_filter(k)[0] for k in range(how.get_nfilters())]


def _is_within(most: int, file: Reader, start: int, length: int) -> bool:
    """Whether deflated bytes inflate to at most so many; what can't be inflated at all, the library refuses."""
    inflate, left = zlib.decompressobj(), most
    try:
        for at in range(0, length, PIECE_BYTES):
            data = file.pread(min(PIECE_BYTES, length - at), start + at)
            while data and left >= 0 and not inflate.eof:
                left -= len(inflate.decompress(data, PIECE_BYTES))
                data = inflate.unconsumed_tail
        while left >= 0 and (more := inflate.decompress(b"", PIECE_BYTES)):
            left -= len(more)
    except zlib.error:
        return True
    return left >= 0
