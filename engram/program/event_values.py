"""Values that are given to event-driven variables: they hold from the moment at which they are set.

A synapse remembers the step of the last event of each side, and decays are counted from there. So before a variable
is set, an event takes place at which nothing happens: it brings what the events of that side write, in all synapses
of the neuron, to the present step, and is their last event. Neurons are taken whole, since they may hold a variable
for all of their synapses (``ir/lifting.py``): the bits do not depend on where it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import RunKernel
from engram.ir.precision import stored
from engram.ir.spec import LAST_SLOTS
from engram.program.compiling import code_of, fillers
from engram.program.interrupts import held_interrupts
from engram.program.lifting import forms
from engram.program.places import projection_path
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.tree import State

__all__ = ["hold_from_now"]

Array = npt.NDArray[Any]


def hold_from_now(projection: Synapses, variables: Iterable[str], synapses: Array | None = None) -> None:
    """Let values that are about to be set hold from the present step on; nothing else gets another meaning.

    Args:
        projection: compiled.
        variables: names of attributes; only those that are event-driven matter.
        synapses: the positions of those that will be set; None for all.
    """
    side_of = dict(projection.spec.dated)
    sides = {side_of[name] for name in variables if name in side_of}
    for side in sorted({"pre" if side == "both" else side for side in sides}):
        k = _of_before(projection, side, synapses)
        if len(k):
            _pass_time(projection, side, k)


def _of_before(projection: Synapses, side: str, synapses: Array | None) -> Array:
    """Return the positions of the synapses whose last event of a side was before the present step: of all, or of those
    that belong to the same neurons as some.
    """
    wiring, state = projection.connectivity, projection.program.state
    neuron = wiring.pre_of_synapses() if side == "pre" else wiring.ranks
    is_before = _last_event(projection, side) < state.step
    if synapses is not None:
        is_meant = np.zeros(wiring.n_pre if side == "pre" else wiring.n_post, bool)
        is_meant[neuron[synapses]] = True
        is_before = is_before & is_meant[neuron]
    return np.flatnonzero(is_before)


def _last_event(projection: Synapses, side: str) -> Array:
    """Return the step of the last event of a side, (n_syn,)."""
    wiring, last = projection.connectivity, projection.value(LAST_SLOTS[side])
    if side == "post":
        return last.reshape(-1)[wiring.ranks]
    return last if last.ndim == 1 else last[wiring.pre_of_synapses(), 0]


def _pass_time(projection: Synapses, side: str, k: Array) -> None:
    """Let an event take place at some synapses, at which nothing happens."""
    from engram.ir.interpret import run_events  # with the text of models: importing engram must be quick

    program, wiring = projection.program, projection.connectivity
    for fill in fillers(projection, code_of(projection)):  # parameters may have been set since the last run
        fill()
    jobs, state = _jobs(projection, side), State()
    for path in {path for job in jobs for path in job.paths}:
        state.put(program.state.slot(path), program.state.read(path))
    at = {"k": k, "pre": wiring.pre_of_synapses()[k], "post": wiring.ranks[k].astype(np.int64)}
    for job in jobs:
        run_events(job, state, program.state.step, program.dt, **at)
    _keep_current(projection, side, k, state)
    with held_interrupts() as interrupted:
        for job in jobs:
            for path, argument in zip(job.paths, job.kernel.arguments, strict=True):
                if argument.written:
                    program.state.write(path, state.array(path))
    if interrupted:
        raise KeyboardInterrupt


def _keep_current(projection: Synapses, side: str, k: Array, state: State) -> None:
    """Keep what both sides write where the other side's event was in this step: it is no older, nor rounded again."""
    both = [name for name, of in projection.spec.dated if of == "both"]
    if both:
        step = projection.program.state.step
        current = k[_last_event(projection, "post" if side == "pre" else "pre")[k] == step]
        for name in both:
            state.write(projection.place(name), projection.value(name)[current], current)


def _jobs(projection: Synapses, side: str) -> list[RunKernel]:
    from engram.ir.lower_synapses import lower_passing  # as above

    program, state = projection.program, projection.program.state

    def shape_of(name: str) -> tuple[int, ...]:
        return state.slot(projection.place(name)).shape

    form = forms(projection, shape_of, "each" if shape_of(names.DELAY_STEPS) else "uniform")
    constants = program.known_constants(projection.spec.constants)
    jobs = []
    for kernel in lower_passing(projection.definition.model, side, form, constants):
        kernel = stored(kernel, program.config.precision, "synapse")
        paths = tuple(projection_path(projection, a) for a in kernel.arguments)
        jobs.append(RunKernel(kernel, "", paths, projection.post.size, projection.pre.size))
    return jobs
