"""What runs an event of a side at which nothing happens, for ``event_values.py``; kept by ``derived.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import Index
from engram.ir.precision import stored
from engram.program.backend import Code
from engram.program.compiling import fillers
from engram.program.lifting import forms
from engram.program.places import projection_path
from engram.program.synapses import Synapses
from engram.state import names

__all__ = ["Passing", "PassingOf", "passing", "passing_of"]


class PassingOf(NamedTuple):
    """What follows from this: the form of a projection's values, and the constants that there are."""

    form: dict[str, Index]
    constants: frozenset[str]


class Passing(NamedTuple):
    """Jobs for the interpreter, and what computes their tables from parameters."""

    jobs: list[RunKernel]
    fillers: list[Callable[[], None]]


def passing_of(projection: Synapses) -> PassingOf:
    """Return what it follows from, as the synapses are kept now."""
    program = projection.program

    def shape_of(name: str) -> tuple[int, ...]:
        return program.state.slot(projection.place(name)).shape

    form = forms(projection, shape_of, "each" if shape_of(names.DELAY_STEPS) else "uniform")
    return PassingOf(form, program.known_constants(projection.spec.constants))


def passing(projection: Synapses, side: str, of: PassingOf) -> Passing:
    """Return what runs such an event."""
    from engram.ir.lower_synapses import lower_passing  # with the text of models: importing engram must be quick

    made = lower_passing(projection.definition.model, side, *of)
    kernels = [stored(kernel, projection.program.config.precision, "synapse") for kernel in made]
    sizes = projection.post.size, projection.pre.size
    jobs = []
    for kernel in kernels:
        paths = tuple(projection_path(projection, a) for a in kernel.arguments)
        jobs.append(RunKernel(kernel, "", paths, *sizes))
    return Passing(jobs, fillers(projection, tuple(Code(kernel) for kernel in kernels)))
