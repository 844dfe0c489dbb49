"""Whether Python and C mean the same by a structure: sizes, and where each field stands, compared when C is loaded.

In: the name of a file of ``native/c``, and ctypes structures by their names in C. Out: the library. See
``c/engram_agreement.h``.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from engram.errors import CompileError
from engram.native.library import core

__all__ = ["Structures", "agreed"]

Structures: TypeAlias = Mapping[str, type[ctypes.Structure]]  # by their names in C
Place: TypeAlias = tuple[int, int]  # bytes from the beginning of the structure, and how many there are


class _PlaceC(ctypes.Structure):
    """``eg_place``."""

    _fields_ = (("name", ctypes.c_char_p), ("at", ctypes.c_int64), ("size", ctypes.c_int64))


def agreed(name: str, structures: Structures) -> ctypes.CDLL:
    """Return the library of ``native/c/<name>.c``, which has these structures as Python has them.

    Raises:
        CompileError: if it has them otherwise, naming every difference.
    """
    library = core(name)
    _compare(name, library, tuple(structures.items()))
    return library


@functools.cache
def _compare(name: str, library: ctypes.CDLL, structures: tuple[tuple[str, type[ctypes.Structure]], ...]) -> None:
    """Compare once per process and library."""
    in_c, here = dict(_in_c(library)), dict(_here(structures))
    ours = {structure for structure, _ in structures}
    differences = [
        f"  {place}: {_said(in_c.get(place))} in C, {_said(here.get(place))} in Python"
        for place in {**here, **in_c}
        if place.partition(".")[0] in ours and here.get(place) != in_c.get(place)
    ]
    if differences:
        what = f"engram/native/c/{name}.c has other structures than Python, which would write to wrong places"
        advice = "the installation mixes files of two versions: install engram anew. Otherwise this is our bug."
        raise CompileError("\n".join([what, *differences, f"  help: {advice}"]))


def _in_c(library: ctypes.CDLL) -> Iterator[tuple[str, Place]]:
    at = ctypes.addressof(_PlaceC.in_dll(library, "eg_agreement"))
    while (place := _PlaceC.from_address(at)).name is not None:  # the last one has no name
        yield place.name.decode("ascii"), (place.at, place.size)
        at += ctypes.sizeof(_PlaceC)


def _here(structures: tuple[tuple[str, type[ctypes.Structure]], ...]) -> Iterator[tuple[str, Place]]:
    for name, structure in structures:
        yield name, (0, ctypes.sizeof(structure))
        for field, *_ in structure._fields_:
            at = getattr(structure, field)
            yield f"{name}.{field}", (at.offset, at.size)


def _said(place: Place | None) -> str:
    return "missing" if place is None else f"{place[1]} bytes at {place[0]}"
