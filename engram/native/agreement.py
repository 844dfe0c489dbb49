"""Whether Python and C mean the same by a structure or a number: sizes and places of fields, compared on loading.

In: the name of a file of ``native/c``, ctypes structures and numbers by their names in C. Out: the library. See
``c/engram_agreement.h``.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from engram.errors import CompileError
from engram.native.library import core

__all__ = ["MIXED", "Structures", "agreed"]

MIXED = (
    "who has changed one side, or added to it, changes the other, too (see 'job of the engine' in CONTRIBUTING.md). "
    "If you have changed neither, the installation mixes files of two versions: install engram anew."
)
Structures: TypeAlias = Mapping[str, type[ctypes.Structure]]  # by their names in C
_Extent: TypeAlias = tuple[int, int]  # bytes from the beginning of the structure, and how many; or a number, and 0
_Pairs: TypeAlias = tuple[tuple[str, type[ctypes.Structure]], ...]


class _PlaceC(ctypes.Structure):
    """``eg_place``."""

    _fields_ = (("name", ctypes.c_char_p), ("at", ctypes.c_int64), ("size", ctypes.c_int64))


def agreed(
    name: str, structures: Structures, numbers: Mapping[str, int] = MappingProxyType({}), here: str = "engram.native"
) -> ctypes.CDLL:
    """Return the library of ``native/c/<name>.c``, which has these structures and numbers as Python has them.

    All numbers are compared that either side has.

    Args:
        here: where they stand in Python, for messages.

    Raises:
        CompileError: if it has them otherwise, naming every difference.
    """
    library = core(name)
    _compare(name, library, tuple(structures.items()), tuple(numbers.items()), here)
    return library


@functools.cache
def _compare(
    name: str, library: ctypes.CDLL, structures: _Pairs, numbers: tuple[tuple[str, int], ...], where: str
) -> None:
    """Compare once per process and library."""
    in_c = dict(_in_c(library))
    here = dict(_here(structures)) | {number: (value, 0) for number, value in numbers}
    ours = {structure for structure, _ in structures} | {place for place, (_, size) in in_c.items() if not size}
    ours |= {number for number, _ in numbers}
    differences = [
        f"  {place}: {_said(in_c.get(place))} in C, {_said(here.get(place))} in Python"
        for place in {**here, **in_c}
        if place.partition(".")[0] in ours and here.get(place) != in_c.get(place)
    ]
    if differences:
        what = f"engram/native/c/{name}.c has other structures than Python, which would write to wrong places"
        both = f"  in C EG_AGREEMENT lists them, at the end of the file, in Python {where}"
        raise CompileError("\n".join([what, *differences, both, f"  help: {MIXED}"]))


def _in_c(library: ctypes.CDLL) -> Iterator[tuple[str, _Extent]]:
    at = ctypes.addressof(_PlaceC.in_dll(library, "eg_agreement"))
    while (place := _PlaceC.from_address(at)).name is not None:  # the last one has no name
        yield place.name.decode("ascii"), (place.at, place.size)
        at += ctypes.sizeof(_PlaceC)


def _here(structures: _Pairs) -> Iterator[tuple[str, _Extent]]:
    for name, structure in structures:
        yield name, (0, ctypes.sizeof(structure))
        for field, *_ in structure._fields_:
            at = getattr(structure, field)
            yield f"{name}.{field}", (at.offset, at.size)


def _said(place: _Extent | None) -> str:
    if place is None:
        return "missing"
    return f"{place[1]} bytes at {place[0]}" if place[1] else str(place[0])
