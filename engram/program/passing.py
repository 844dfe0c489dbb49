"""What runs an event of a side at which nothing happens, for ``event_values.py``; kept beside the synapses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import Index, Kernel, KernelKind
from engram.ir.precision import stored
from engram.ir.rows import Rows
from engram.program.compiling import fillers
from engram.program.lifting import forms
from engram.program.places import projection_path
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.tree import State

__all__ = ["Passing", "PassingOf", "passing", "passing_of"]

Array = npt.NDArray[Any]


class PassingOf(NamedTuple):
    """All that passing events of a projection follow from: where it is the same, so are they.

    Args:
        form: what each of its values has one element per, by name.
        constants: names of those that its model reads and that there are.
    """

    form: dict[str, Index]
    constants: frozenset[str]


@dataclass(frozen=True)
class Passing:
    """Such events of one side.

    Args:
        state: the tree.
        events: lets kernels run at the synapses of some neurons, ascending, in the present step.
        written: paths of what they write.
        fillers: compute their tables from parameters.
    """

    state: State
    events: Callable[[Array], None]
    written: Sequence[str]
    fillers: Sequence[Callable[[], None]]

    def fill(self) -> None:
        """Compute the tables, where the parameters have changed."""
        for fill in self.fillers:
            fill()

    def __call__(self, neurons: Array) -> None:
        """Let one take place at the synapses of some neurons, ascending, by the parameters of now."""
        self.fill()
        for path in self.written:  # before it is: an interrupt may follow
            self.state.note_written(path)
        self.events(neurons)


def passing_of(projection: Synapses, constants: frozenset[str]) -> PassingOf:
    """Return what it follows from, as the synapses are kept now."""
    program = projection.program

    def shape_of(name: str) -> tuple[int, ...]:
        return program.state.slot(projection.place(name)).shape

    form = forms(projection, shape_of, "each" if shape_of(names.DELAY_STEPS) else "uniform")
    return PassingOf(form, constants)


def passing(projection: Synapses, side: str, of: PassingOf) -> Passing:
    """Return what runs such an event."""
    program, synapse = projection.program, projection.definition
    precision = program.config.precision

    def lower() -> Iterator[Kernel]:
        from engram.ir.lower_synapses import lower_passing  # what was compiled before needs none of it

        return (
            stored(kernel, precision, "synapse") for kernel in lower_passing(synapse.model, side, of.form, of.constants)
        )

    form = sorted((name, index.value) for name, index in of.form.items())
    code = program.backend.code(f"passing {synapse.key} {side} {form} {sorted(of.constants)} {precision}", lower)
    n_pre, n_post = projection.pre.size, projection.post.size
    jobs = []
    for one in code:
        paths = tuple(projection_path(projection, argument) for argument in one.kernel.arguments)
        n = n_pre if one.kernel.kind is KernelKind.PRE_EVENTS else n_post
        jobs.append(RunKernel(one.kernel, one.key, paths, n, n_pre, projection=projection.path))
    n = n_pre if side == "pre" else n_post
    events = program.backend.events(jobs, code, program.state, _rows(projection, side), n, program.dt)
    written = {p for job in jobs for p, a in zip(job.paths, job.kernel.arguments, strict=True) if a.written}
    return Passing(program.state, events, sorted(written), fillers(projection, code))


def _rows(projection: Synapses, side: str) -> Rows:
    """Return the synapses as such events walk them: those of a neuron at once, whatever their delays."""
    from engram.wiring.derived import transpose_index  # loaded with synapses: importing engram must be quick

    wiring = projection.connectivity
    segment = np.zeros((wiring.n_rows, 2), np.uint32)
    segment[:, 1] = np.diff(wiring.row_start)
    rows = Rows(wiring.row_start, wiring.ranks, np.zeros(1, np.int64), segment, None, None, None, None, None)
    known = projection.program.rows.get(projection.path)
    if side == "pre":
        return rows
    if known is not None and known.rank is wiring.ranks and known.column_slot is not None:
        return replace(known, delay=rows.delay, segment=segment, delay_of=None, in_flight=None, axons_in_flight=None)
    made = transpose_index(wiring, threads=projection.program.threads)
    return replace(rows, column_start=made.start, column_slot=made.slot, column_pre=made.rank)
