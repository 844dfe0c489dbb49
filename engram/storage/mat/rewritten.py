"""MAT-files of engram's that another program has written anew: ``scipy.io.savemat`` of what ``loadmat`` gave.

In: a file. Out: what it says of the network, and its values, all in memory, as they are there now. Types and axes of
length 1, which ``loadmat(..., simplify_cells=True)`` forgets, are those of the manifest, if every number survives that.
"""

from __future__ import annotations

import math

import numpy as np

from engram.errors import DamagedFile, UnsupportedFile
from engram.state.residence import Array
from engram.state.slots import Slot
from engram.state.tree import Leaf
from engram.storage.contract import Description, Reader
from engram.storage.mat.format import MAT, placed
from engram.storage.mat.order import to_rows
from engram.storage.mat.read import Numbers
from engram.storage.values import convert, survive

__all__ = ["is_rewritten", "read_rewritten"]

HEAD_BYTES = 128


def is_rewritten(file: Reader) -> bool:
    """Say whether this is such a file, and neither one as engram writes it, nor of somebody else."""
    if not MAT.recognises(file.pread(min(HEAD_BYTES, file.size), 0)):
        return False
    try:
        MAT.open(file)
    except DamagedFile:
        return True
    except UnsupportedFile:
        return False
    return False


def read_rewritten(file: Reader) -> tuple[Description, list[Leaf]]:
    """Return what a file says of its network, and its values; nothing is verified but that they can be what they were.

    Raises:
        DamagedFile: if it can't be read, lacks something, or has something else.
    """
    manifest, found = placed(file)
    leaves = [Leaf(entry.slot, (_value(entry.slot, *found[index]),)) for index, entry in enumerate(manifest.entries)]
    return manifest.description(), leaves


def _value(slot: Slot, place: str, value: object) -> Array:
    """Return a value as the manifest has it."""
    if type(value) is not Numbers or not (_is_like(value.dims, slot.shape)):
        got = value.dims if type(value) is Numbers else type(value).__name__
        raise DamagedFile(f"{place}: the manifest says {slot.dtype} {slot.shape}, the MAT-file has {got}")
    array = np.frombuffer(b"".join(to_rows(value.place, value.dims)), value.place.dtype).reshape(slot.shape)
    if not survive(array.reshape(-1), slot.dtype):
        raise DamagedFile(f"{place}: the manifest says {slot.dtype}, which numbers of the MAT-file can't be")
    return convert(array, slot.dtype)


def _is_like(dims: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Say whether two shapes differ in axes of length 1 alone, or hold nothing."""
    longer, others = ([n for n in one if n != 1] for one in (dims, shape))
    return longer == others or math.prod(dims) == math.prod(shape) == 0
