"""Jobs as C runs them: their functions, and what these are told.

In: jobs of ``ir/``, which declare the fields of their structures. Out: :func:`bind`. There is a row for each thing that
a field may say, and none for kinds of jobs: ``eg_`` and the name of a kind is its function, in ``native/c``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engram.errors import CompileError
from engram.ir.jobs import EngineJob, Job
from engram.ir.kernel_job import RunKernel
from engram.ir.told import Handover, RecordPlaces, Structure, Told
from engram.native.agreement import MIXED, agreed
from engram.native.binding import Binder, Bound, Record
from engram.native.bound_kernels import bind_kernel
from engram.native.library import shipped_names
from engram.native.shared import address
from engram.native.structures import I64, TYPES, ArrayC, Block, Pointer, structure
from engram.state import names

__all__ = ["TOLD", "bind", "function_of"]

Array = npt.NDArray[Any]
Fill: TypeAlias = Callable[[Binder, Any], Any]  # of one field, given what the attribute of the job is


def bind(binder: Binder, job: Job) -> Bound:
    """Return a job as the engine walks it."""
    bound = binder.begin(job)
    if isinstance(job, RunKernel):
        bound.run, bound.arg = bind_kernel(binder, job)
    else:
        assert isinstance(job, EngineJob), "a job runs a kernel or is the engine's own"
        bound.run, bound.arg = _bind_engine_job(binder, job)
    if job.only_if:
        bound.enabled = binder.at(job.only_if)
    return bound


def function_of(kind: type[EngineJob]) -> Any:
    """Return the function that runs the jobs of a kind.

    Raises:
        CompileError: if C has no such file or function, or other structures than the kind's fields say.
    """
    name, here = f"eg_{_in_c(kind)}", f"{kind.__name__} of {kind.__module__}"
    structures = {each.__name__: each for each in _filling_of(kind).all_structures}
    if kind.file not in shipped_names():
        known = ", ".join(shipped_names())
        what = f"{name} should stand in engram/native/c/{kind.file}.c, as {here} says, and there is no such file"
        raise CompileError(f"{what}\n  known here: {known}\n  help: {MIXED}")
    function = getattr(agreed(kind.file, structures, here=here), name, None)
    if function is None:
        raise CompileError(f"engram/native/c/{kind.file}.c has no function {name}, as {here} says\n  help: {MIXED}")
    return function


def _bind_engine_job(b: Binder, job: EngineJob) -> tuple[int, int]:
    kind = type(job)
    filling, program = _filling_of(kind), b.program
    job.check(program.state, program.packed)
    structure = filling.filled(b, job)
    if filling.record:
        recorded: RecordPlaces = filling.record[1](job)
        parts = tuple(map(program.state.blocks, recorded.records))
        block = getattr(structure, filling.record[0])
        block.least = job.room(program.state)
        b.bound.record = Record(block, parts, block.least)
    if kind not in b.functions:
        b.functions[kind] = address(function_of(kind))
    return b.functions[kind], b.keep(structure)


# -- what structures are made of -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Filling:
    """A structure, and how it is filled.

    Args:
        structure: of ctypes.
        fills: for each field, what finds the attribute of the job, and what makes the field's value of it.
        record: the field that says where rows of a record go, and what finds the attribute; None if there is none.
        all_structures: it, and those to which it leads.
    """

    structure: type[ctypes.Structure]
    fills: tuple[tuple[Callable[[Any], Any], Fill], ...]
    record: tuple[str, Callable[[Any], Any]] | None
    all_structures: tuple[type[ctypes.Structure], ...]

    def filled(self, b: Binder, of: Structure) -> ctypes.Structure:
        """Return the structure of a job, or of a part of one."""
        return self.structure(*[fill(b, attribute(of)) for attribute, fill in self.fills])


def _filling_of(kind: type[Structure]) -> _Filling:
    """Return a kind's structure, and how it is filled."""
    return _made(kind)  # type: ignore[arg-type]  # mypy takes classes for not hashable


@cache
def _made(kind: type[Structure]) -> _Filling:
    fields, fills, record = [], [], None
    used: list[type[ctypes.Structure]] = []
    for name, told, of in kind.fields:
        if isinstance(told, Told):
            type_c, fill = TOLD[told]
            used += [ArrayC] if type_c is ArrayC else []
        else:
            part = _filling_of(told)
            type_c, fill = Pointer, _each(part)
            used += part.all_structures
        fields.append((name, type_c))
        fills.append((attrgetter(of), fill))
        if told is Told.RECORD:
            record = name, attrgetter(of)
    made = structure(f"eg_{_in_c(kind)}{'_args' if issubclass(kind, EngineJob) else ''}", *fields)
    return _Filling(made, tuple(fills), record, (made, *dict.fromkeys(used)))


def _in_c(kind: type[Structure]) -> str:
    return kind.name.replace(" ", "_")


# -- what fields say -------------------------------------------------------------------------------------------


def _each(filling: _Filling) -> Fill:
    def fill(b: Binder, parts: tuple[Structure, ...]) -> int:
        return b.keep((filling.structure * len(parts))(*[filling.filled(b, part) for part in parts]))

    return fill


def _start(b: Binder, path: str) -> int | None:
    return b.at(path) if path else None


def _array(b: Binder, path: str) -> Any:
    array = b[path]
    return ArrayC(array.ctypes.data, array.size, array.itemsize)


def _size(b: Binder, path: str) -> int:
    return b[path].size if path else 0


def _length(b: Binder, path: str) -> int:
    return len(b[path])


def _type(b: Binder, path: str) -> int:
    return TYPES[b[path].dtype.name]


def _is_float(b: Binder, path: str) -> int:
    return int(bool(path) and b[path].dtype == np.float32)


def _number(b: Binder, number: int) -> int:
    return int(number)


def _count(b: Binder, things: tuple[Any, ...]) -> int:
    return len(things)


def _starts(b: Binder, paths: tuple[str, ...]) -> int:
    return b.pointers([b[path] for path in paths])


def _spikes(b: Binder, path: str) -> int:
    return b.spikes(path)


def _handover(b: Binder, handover: Handover) -> int:
    return b.handover(*handover)


def _record(b: Binder, recorded: RecordPlaces) -> Any:
    parts = map(b.program.state.blocks, recorded.records)
    head, steps = (*(part.head.ctypes.data for part in parts), None)[:2]
    due = (names.ACTIVE, names.PERIOD, names.OFFSET, names.ORIGIN)
    return Block(head, steps, *(b.at(f"{recorded.monitor}/{name}") for name in due))


def _packed(b: Binder, key: str) -> int:
    return b.packed(key)


def _arena(b: Binder, path: str) -> int:
    arena, _ = b.program.state.arena(path)
    return int(arena.ctypes.data)


def _first(b: Binder, path: str) -> int:
    return b.program.state.arena(path)[1]


def _behind(b: Binder, path: str) -> int:
    return _first(b, path) + b[path].size


TOLD: dict[Told, tuple[Any, Fill]] = {
    Told.START: (Pointer, _start),
    Told.ARRAY: (ArrayC, _array),
    Told.SIZE: (I64, _size),
    Told.LENGTH: (I64, _length),
    Told.TYPE: (I64, _type),
    Told.IS_FLOAT: (I64, _is_float),
    Told.NUMBER: (I64, _number),
    Told.COUNT: (I64, _count),
    Told.STARTS: (Pointer, _starts),
    Told.SPIKES: (Pointer, _spikes),
    Told.HANDOVER: (Pointer, _handover),
    Told.RECORD: (Block, _record),
    Told.PACKED: (Pointer, _packed),
    Told.ARENA: (Pointer, _arena),
    Told.FIRST: (I64, _first),
    Told.BEHIND: (I64, _behind),
}
"""What each field is in C, and what makes it; a list of structures follows from what these are filled with."""
