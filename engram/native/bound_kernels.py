"""The job that runs a kernel, as C runs it: the structure that all kernels get (``eg_args``), and how it is filled."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import CompileError
from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import Index
from engram.ir.rows import Rows
from engram.native.binding import Binder
from engram.native.shared import address
from engram.native.structures import I64, Args
from engram.state.streams import Stream, stream_key

__all__ = ["bind_kernel", "check_arrays", "lengths"]

Array = npt.NDArray[Any]
COUNTED = (Index.TABLE, Index.ROWS)  # arrays whose lengths kernels are told


def bind_kernel(b: Binder, job: RunKernel) -> tuple[int, int]:
    """Return the addresses of the kernel, and of its ``eg_args``."""
    arrays, shared = [b[path] for path in job.paths], b.shared
    rows = b.program.rows[job.projection] if job.projection else None
    check_arrays(job, arrays, rows)
    for found in map(shared.spikes, job.found):
        b.bound.keeps.append(found)
        found.set_ranges(job.ranges)
    ranges = b.keep((I64 * len(job.ranges))(*job.ranges)) if job.ranges else None
    argument = b.keep(
        Args(
            b.pointers(arrays),
            b.keep((I64 * max(1, len(arrays)))(*lengths(job, arrays))),
            _keys(b, job),
            ctypes.addressof(shared.fills),
            job.n,
            job.n_pre,
            b.spikes(job.spikes) if job.spikes else None,
            b.spikes(job.axons) if job.axons else None,
            b.keep_shared(shared.rows(job.projection, rows)) if rows is not None else None,
            b.spikes(job.compared) if job.compared else None,
            b.keep_shared(shared.ahead(job.ahead, job.n)) if job.ahead else None,
            ranges,
            max(0, len(job.ranges) - 1),
        )
    )
    return address(b.program.code[job.code].run), argument


def _keys(b: Binder, job: RunKernel) -> int | None:
    draws = job.kernel.draws
    if not draws:
        return None
    b.shared.add_fills(draws)
    b.bound.key = seed, epoch = b.key
    key = stream_key(seed, job.uid, Stream.SYNAPSE if job.projection else Stream.EQUATION, epoch << 32)
    return b.keep((ctypes.c_uint64 * len(draws))(*(key for _ in draws)))


def lengths(job: RunKernel, arrays: Sequence[Array]) -> Iterator[int]:
    """Yield what a kernel is told of the lengths of its arrays: 0 of those that it knows."""
    for array, argument in zip(arrays, job.kernel.arguments, strict=True):
        yield len(array) if argument.history or argument.index in COUNTED else 0


def check_arrays(job: RunKernel, arrays: Sequence[Array], rows: Rows | None) -> None:
    """Refuse to hand a kernel arrays other than it was compiled for: it would read and write beyond their ends."""
    n_syn = 0 if rows is None else len(rows.rank)
    sizes = {Index.ONE: 1, Index.OWN: job.n, Index.POST: job.n, Index.PRE: job.n_pre, Index.SYNAPSE: n_syn}
    sizes[Index.ROWS] = job.n
    for argument, path, array in zip(job.kernel.arguments, job.paths, arrays, strict=True):
        if argument.index is Index.TABLE:
            continue  # the kernel is told its length
        size = sizes[argument.index] * (
            len(array) if argument.history or argument.index is Index.ROWS else argument.entries or 1
        )
        if array.dtype != np.dtype(argument.dtype) or array.size != size:
            found, wanted = f"{array.size} {array.dtype}", f"{size} {argument.dtype}"
            raise CompileError(
                f"{path} has {found}, kernel {job.kernel.name!r} expects {wanted}\n  help: this is our bug."
            )
