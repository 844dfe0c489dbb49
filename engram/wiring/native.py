"""The door to ``native/c/wiring.c``: one call, arrays in, arrays filled.

In: the name of a C function and its arguments. Out: nothing; the function fills the arrays that it was given.
Called by the other modules of ``wiring``. The results do not depend on the number of threads.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.native.library import core
from engram.state.tree import aligned

__all__ = ["DistributionNumbers", "Pattern", "chunks_of", "run", "scratch"]

Array = npt.NDArray[Any]
Argument = Array | ctypes.Structure | int | float | None

WORTH_A_THREAD = 1 << 16  # synapses; a thread's share of less takes shorter than waking it

_int, _long, _key, _pointer, _double = (
    ctypes.c_int,
    ctypes.c_int64,
    ctypes.c_uint64,
    ctypes.c_void_p,
    ctypes.c_double,
)
# The arguments of eg_wiring_<name>, after (parallel, n_chunks).
_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "count": (_pointer, _pointer),
    "fill": (_pointer, _pointer, _pointer, _pointer),
    "draw": (_long, _long, _pointer, _pointer, _pointer, _key, _pointer, _pointer, _double),
    "sort": (_long, _long, *[_pointer] * 7),
    "group": (_long, _long, _pointer, _pointer, _long, *[_pointer] * 5),
    "seen": (_long, *[_pointer] * 3),
    "segments": (_long, _pointer, _pointer, _long, _pointer, _pointer),
}


class Pattern(ctypes.Structure):
    """``eg_pattern``: what a connector is made of, in its own orientation."""

    _fields_ = (
        ("kind", _long),
        ("n_rows", _long),
        ("n_columns", _long),
        ("skip_self", _long),
        ("number", _long),
        ("p", _double),
        ("key", _key),
        ("own", _pointer),
    )


class DistributionNumbers(ctypes.Structure):
    """``eg_distribution``: a distribution in numbers, as ``Distribution.as_numbers`` gives them."""

    _fields_ = (("kind", _int), ("a", _double), ("b", _double), ("min", _double), ("max", _double))


def chunks_of(work: int, threads: int) -> int:
    """Return into how many pieces to cut ``work`` synapses (or neurons) for at most ``threads`` threads."""
    return max(1, min(threads, 1 + work // WORTH_A_THREAD))


def run(name: str, chunks: int, *arguments: Argument) -> None:
    """Call ``eg_wiring_<name>`` on the engine's threads; None is a null pointer."""
    getattr(_library(), f"eg_wiring_{name}")(_parallel(chunks > 1), chunks, *map(_passed, arguments))


def scratch(n_columns: int, chunks: int) -> Array:
    """Return the zeroed bit sets that ``fill`` needs for a fixed number per row."""
    return aligned((chunks, int(_library().eg_wiring_scratch(n_columns))), np.uint64)


def _passed(argument: Argument) -> Any:
    if isinstance(argument, np.ndarray):
        return argument.ctypes.data
    return ctypes.byref(argument) if isinstance(argument, ctypes.Structure) else argument


@functools.cache
def _library() -> ctypes.CDLL:
    library = core("wiring")
    for name, arguments in _ARGUMENTS.items():
        function = getattr(library, f"eg_wiring_{name}")
        function.argtypes = [_pointer, _int, *arguments]
        function.restype = None
    library.eg_wiring_scratch.argtypes = [_long]
    library.eg_wiring_scratch.restype = _long
    return library


@functools.cache
def _parallel(threaded: bool) -> int | None:
    """Return the address of the function that shares out work; one piece needs no pool, and no engine."""
    function = core("engine").eg_parallel if threaded else _library().eg_serial
    return ctypes.cast(function, _pointer).value
