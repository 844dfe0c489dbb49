"""What runs a passing event: one of a side at which nothing happens.

In: a projection, as its values are kept now. Out: jobs for the interpreter, which ``event_values.py`` runs and
``derived.py`` keeps for as long as what they follow from is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import Index, Kernel
from engram.ir.precision import Precision, stored
from engram.ir.signatures import event_from_json, event_to_json
from engram.models.definition import Synapse
from engram.native.cache import recall, remember
from engram.program.backend import Code
from engram.program.compiling import fillers
from engram.program.lifting import forms
from engram.program.places import projection_path
from engram.program.synapses import Synapses
from engram.state import names

__all__ = ["Passing", "PassingOf", "passing", "passing_of"]


class PassingOf(NamedTuple):
    """All that passing events of a projection follow from: where it is the same, so are they.

    Args:
        form: what each of its values has one element per, by name.
        constants: names of those that its model reads and that there are.
    """

    form: dict[str, Index]
    constants: frozenset[str]


class Passing(NamedTuple):
    """What runs the passing events of one side.

    Args:
        jobs: for the interpreter, in their order.
        fillers: compute the tables that these read from the parameters of now, before they run.
    """

    jobs: list[RunKernel]
    fillers: list[Callable[[], None]]


def passing_of(projection: Synapses) -> PassingOf:
    """Return what passing events follow from, as the synapses are kept now."""
    program = projection.program

    def shape_of(name: str) -> tuple[int, ...]:
        return program.state.slot(projection.place(name)).shape

    form = forms(projection, shape_of, "each" if shape_of(names.DELAY_STEPS) else "uniform")
    return PassingOf(form, program.known_constants(projection.spec.constants))


def passing(projection: Synapses, side: str, of: PassingOf) -> Passing:
    """Return what runs the passing events of a side."""
    kernels = _kernels(projection.definition, side, of, projection.program.config.precision)
    sizes = projection.post.size, projection.pre.size
    jobs = []
    for kernel in kernels:
        paths = tuple(projection_path(projection, a) for a in kernel.arguments)
        jobs.append(RunKernel(kernel, "", paths, *sizes))
    return Passing(jobs, fillers(projection, tuple(Code(kernel) for kernel in kernels)))


def _kernels(synapse: Synapse, side: str, of: PassingOf, precision: Precision) -> list[Kernel]:
    """Return the kernels of such an event, from the cache or lowered: reading the text of a model takes 100 ms."""
    form = sorted((name, index.value) for name, index in of.form.items())
    key = f"passing {synapse.key} {side} {form} {sorted(of.constants)} {precision}"
    known = recall(key)
    if known is not None:
        return [event_from_json(one) for one in known["kernels"]]
    from engram.ir.lower_synapses import lower_passing  # what was lowered before needs none of it

    lowered = lower_passing(synapse.model, side, of.form, of.constants)
    kernels = [stored(kernel, precision, "synapse") for kernel in lowered]
    remember(key, {"kernels": [event_to_json(kernel) for kernel in kernels]})
    return kernels
