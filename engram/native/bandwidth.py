"""The bandwidth of this machine's memory, measured: what a profile compares kernels with.

In: a number of threads. Out: bytes per second.
"""

from __future__ import annotations

import ctypes
import functools
import time

from engram.native.agreement import agreed
from engram.native.library import core
from engram.native.pool import POOL
from engram.state.residence import aligned

__all__ = ["ARRAY_BYTES", "bandwidth"]

ARRAY_BYTES = 32 << 20  # of each of three arrays: together beyond the caches of most machines
REPEATS = 15
Pointer = ctypes.c_void_p


class _Triad(ctypes.Structure):
    """``eg_triad_args``."""

    _fields_ = (("a", Pointer), ("b", Pointer), ("c", Pointer), ("n", ctypes.c_int64))


@functools.cache
def bandwidth(threads: int) -> float:
    """Return how many bytes per second ``threads`` threads read and write in STREAM's triad: the best of a few runs.

    Measured once per process and number of threads; it takes some tenths of a second and 100 MB.
    """
    n = ARRAY_BYTES // 8
    arrays = [aligned((n,), float) for _ in range(3)]
    for array in arrays:
        array[...] = 1.0  # its pages exist from now on
    arguments = _Triad(*(array.ctypes.data for array in arrays), n)
    task = ctypes.cast(agreed("bandwidth", {"eg_triad_args": _Triad}).eg_triad, Pointer)
    parallel = core("engine").eg_parallel
    parallel.argtypes, parallel.restype = [Pointer, Pointer, ctypes.c_int], None
    times = []
    with POOL:
        for _ in range(REPEATS):
            begin = time.perf_counter()
            parallel(task, ctypes.addressof(arguments), threads)
            times.append(time.perf_counter() - begin)
    return 3 * ARRAY_BYTES / min(times)
