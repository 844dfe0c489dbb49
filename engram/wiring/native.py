"""The door to ``wiring.c``, ``derived.c``, ``changes.c`` and ``moves.c`` of ``native/c``: arrays in, arrays filled.

In: the name of a C function and its arguments. Out: nothing; the function fills the arrays that it was given. The
results do not depend on the number of threads.
"""

from __future__ import annotations

import ctypes
import functools
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import warn
from engram.errors import CompileError
from engram.native.agreement import agreed
from engram.native.compiler import NoCompiler
from engram.native.library import core
from engram.native.pool import POOL
from engram.state.kinds import Kind, Numbers
from engram.wiring.kinds import NUMBERS, TOTAL
from engram.wiring.pattern import Pattern

__all__ = ["Argument", "library", "run", "scratch_words"]

Array = npt.NDArray[Any]
Argument = Array | list[Array] | Pattern | Numbers | int | float | None

_int, _long, _key, _pointer, _double = (
    ctypes.c_int,
    ctypes.c_int64,
    ctypes.c_uint64,
    ctypes.c_void_p,
    ctypes.c_double,
)
# The arguments of eg_wiring_<name>, after (parallel, n_chunks).
_OF_WIRING: dict[str, tuple[Any, ...]] = {
    "count": (_pointer, _pointer),
    "fill": (_pointer, _pointer, _long, _pointer, _pointer),
    "draw": (_long, _long, _long, *[_pointer] * 5, _key, _double, _long, _pointer),
    "sort": (_long, _long, *[_pointer] * 4, _long, _pointer),
    "rename": (_long, _pointer, _pointer),
}
_OF_DERIVED: dict[str, tuple[Any, ...]] = {
    "group": (_long, _long, _pointer, _pointer, _long, *[_pointer] * 5),
    "seen": (_long, *[_pointer] * 3),
    "segments": (_long, _pointer, _pointer, _long, _pointer, _pointer),
    "number": (_long, _long, *[_pointer] * 4),
}
_OF_CHANGES: dict[str, tuple[Any, ...]] = {
    "missing": (*[_long] * 4, *[_pointer] * 4, _long, _pointer, _long, _key, _long, _long, _double, *[_pointer] * 4),
    "compared": (_long, _long, _pointer, _long, _long, _double, _long, _pointer, _pointer),
    "chosen": (_long, *[_pointer] * 3, _key, _long, _long, _double, _pointer),
}
_CHANGE = (*[_long] * 4, _pointer, _pointer)  # ``change``
_MOVES = [_pointer] * 4  # ``row_moves``
_OF_MOVES: dict[str, tuple[Any, ...]] = {
    "positions": (_long, *[_pointer] * 6, _long, _pointer),
    "resegmented": (_long, _long, _pointer, _pointer, _long, _long, *[_pointer] * 3),
    "changed": (*_CHANGE, _long, *[_pointer] * 4),
    "row_moves": (*_CHANGE, _pointer, _long, *[_pointer] * 5),
    "turned": (*_CHANGE, *[_pointer] * 6, *_MOVES, _long, _pointer),
    "flights": (
        *(_long, _long, *[_pointer] * 3),
        *(*[_long] * 4, _pointer, _pointer),
        *(_long, _pointer, _pointer, _long, *_MOVES),
        *(_long, *[_pointer] * 5),
    ),
}
_FILES = {"derived": _OF_DERIVED, "changes": _OF_CHANGES, "moves": _OF_MOVES}
"""Those beside ``wiring.c``, which needs agreement on structures."""
_FILE_OF = {name: file for file, functions in _FILES.items() for name in functions}


class _Pattern(ctypes.Structure):
    """``eg_pattern``."""

    _fields_ = (
        ("kind", _long),
        ("n_rows", _long),
        ("n_columns", _long),
        ("skip_self", _long),
        ("number", _long),
        ("p", _double),
        ("key", _key),
        ("excluded", _pointer),
        ("binomial", _pointer),
        ("first_row", _long),
        ("last_row", _long),
        ("low", _long),
        ("high", _long),
        ("width", _long),
        ("first_block", _long),
        ("last_block", _long),
    )


class _Distribution(ctypes.Structure):
    """``eg_distribution``."""

    _fields_ = (
        *(("kind", _int), ("a", _double), ("b", _double), ("min", _double), ("max", _double)),
        ("redraw", _int),
    )


def library() -> ctypes.CDLL | None:
    """Return ``wiring.c`` as a library, or None on a machine without a C compiler."""
    return _library(os.environ.get("CC", ""), os.environ.get("PATH", ""))


def run(library: ctypes.CDLL, name: str, chunks: int, *arguments: Argument) -> None:
    """Call ``eg_wiring_<name>``, on the engine's threads if there are several pieces; None is a null pointer."""
    function = getattr(_other(_FILE_OF[name]) if name in _FILE_OF else library, f"eg_wiring_{name}")
    passed: list[Any] = []
    for argument in arguments:  # a change of synapses has 150 of them
        if type(argument) is np.ndarray:
            passed.append(argument.ctypes.data)
        elif argument is None or isinstance(argument, int | float):
            passed.append(argument)
        else:
            passed.extend(_passed(argument))
    if chunks > 1:
        with POOL:
            is_unknown = function(ctypes.cast(core("engine").eg_parallel, _pointer), chunks, *passed)
    else:  # one piece needs no pool, and no engine
        is_unknown = function(_serial(library), chunks, *passed)
    if is_unknown:
        raise CompileError(f"engram/native/c/engram_rules.h has no row for {arguments[0]}; this is our bug")


def scratch_words(library: ctypes.CDLL, pattern: Pattern, longest: int) -> int:
    """Return how many uint64 ``fill`` needs per piece for cells of at most ``longest`` columns."""
    return int(library.eg_wiring_scratch(*_passed(pattern), longest))


@functools.cache
def _serial(library: ctypes.CDLL) -> ctypes.c_void_p:
    """Return the function that does pieces one after the other."""
    return ctypes.cast(library.eg_serial, _pointer)


def _passed(argument: Argument) -> tuple[Any, ...]:
    """What C gets for it: a distribution comes with the function that draws from it."""
    match argument:
        case list():
            return ((_pointer * len(argument))(*(array.ctypes.data for array in argument)),)
        case Pattern():
            return (ctypes.byref(_pattern(argument)),)
        case tuple():
            return _sampler(argument[0]), ctypes.byref(_Distribution(*argument))
        case _:
            return (argument,)


def _pattern(pattern: Pattern) -> _Pattern:
    p, excluded = pattern, None if pattern.excluded is None else pattern.excluded.ctypes.data
    binomial = _sampler(Kind.BINOMIAL) if p.kind == TOTAL else None
    whole = (p.kind, p.n_rows, p.n_columns, p.skip_self, p.number, p.p, p.key, excluded, binomial)
    return _Pattern(*whole, *p.row_range, *p.drawn_columns, p.width, *p.blocks)


def _sampler(kind: int) -> ctypes.c_void_p:
    """Return the function that draws from distributions of a kind."""
    function = core("draws").eg_sample_row if kind <= Kind.EXPONENTIAL else core("rejection").eg_reject_row
    return ctypes.cast(function, _pointer)


@functools.lru_cache(maxsize=8)
def _library(*asked: str) -> ctypes.CDLL | None:
    """Load it once per process; ``asked`` is what the choice of a compiler depends on."""
    try:
        library = agreed("wiring", {"eg_pattern": _Pattern, "eg_distribution": _Distribution}, NUMBERS)
    except NoCompiler:
        return None
    except CompileError as error:  # a compiler without its headers, a full disk: kernels will say so too, if needed
        warn(f"synapses are drawn in NumPy, slowly, since {error}")
        return None
    _declare(library, _OF_WIRING)
    library.eg_wiring_count.restype = library.eg_wiring_fill.restype = _int  # whether there is no such pattern
    library.eg_wiring_scratch.argtypes = [_pointer, _long]
    library.eg_wiring_scratch.restype = _long
    return library


@functools.cache
def _other(file: str) -> ctypes.CDLL:
    library = core(file)
    _declare(library, _FILES[file])
    return library


def _declare(library: ctypes.CDLL, functions: dict[str, tuple[Any, ...]]) -> None:
    for name, arguments in functions.items():
        function = getattr(library, f"eg_wiring_{name}")
        function.argtypes = [_pointer, _int, *arguments]
        function.restype = None
