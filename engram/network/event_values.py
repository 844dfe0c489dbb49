"""Values that are given to event-driven variables: they hold from the moment at which they are set.

A synapse remembers the step of the last event of each side, and decays are counted from there. So before a variable is
set, an event takes place at which nothing happens: it brings what the events of that side write, in all synapses of the
neuron, to the present step, and is their last event. Neurons are taken whole, since they may hold a variable for all of
their synapses (``ir/lifting.py``): the bits do not depend on where it is kept. Called by :class:`Projection`
and ``network/some_synapses.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import RunKernel
from engram.ir.precision import stored
from engram.ir.spec import LAST_SLOTS
from engram.network.interrupts import held_interrupts
from engram.network.lifting import forms
from engram.network.places import projection_path
from engram.state import names
from engram.state.tree import State

if TYPE_CHECKING:
    from engram.network.projection import Projection

__all__ = ["hold_from_now"]

Array = npt.NDArray[Any]


def hold_from_now(projection: Projection, variables: Iterable[str], synapses: Array | None = None) -> None:
    """Let values that are about to be set hold from the present step on; nothing else gets another meaning.

    Args:
        projection: compiled.
        variables: names of attributes; only those that are event-driven matter.
        synapses: the positions of those that will be set; None for all.
    """
    side_of = dict(projection._spec.dated)
    sides = {side_of[name] for name in variables if name in side_of}
    for side in sorted({"pre" if side == "both" else side for side in sides}):
        k = _of_before(projection, side, synapses)
        if len(k):
            _pass_time(projection, side, k)


def _of_before(projection: Projection, side: str, synapses: Array | None) -> Array:
    """Return the positions of the synapses whose last event of a side was before the present step: of all, or of those
    that belong to the same neurons as some.
    """
    wiring, state = projection._connectivity, projection._network._state
    neuron = wiring.pre_of_synapses() if side == "pre" else wiring.ranks
    is_before = _last_event(projection, side) < state.step
    if synapses is not None:
        is_meant = np.zeros(wiring.n_pre if side == "pre" else wiring.n_post, bool)
        is_meant[neuron[synapses]] = True
        is_before = is_before & is_meant[neuron]
    return np.flatnonzero(is_before)


def _last_event(projection: Projection, side: str) -> Array:
    """Return the step of the last event of a side, (n_syn,)."""
    wiring, last = projection._connectivity, projection._value(LAST_SLOTS[side])
    if side == "post":
        return last.reshape(-1)[wiring.ranks]
    return last if last.ndim == 1 else last[wiring.pre_of_synapses(), 0]


def _pass_time(projection: Projection, side: str, k: Array) -> None:
    """Let an event take place at some synapses, at which nothing happens."""
    from engram.ir.interpret import run_events  # with the text of models: importing engram must be quick

    network, wiring = projection._network, projection._connectivity
    network._derived.fill_of(projection)
    jobs, state = _jobs(projection, side), State()
    for path in {path for job in jobs for path in job.paths}:
        state.put(network._state.slot(path), network._state.read(path))
    where = {"k": k, "pre": wiring.pre_of_synapses()[k], "post": wiring.ranks[k].astype(np.int64)}
    for job in jobs:
        run_events(job, state, network._state.step, network.dt, **where)
    _keep_current(projection, side, k, state)
    with held_interrupts() as interrupted:
        for job in jobs:
            for path, argument in zip(job.paths, job.kernel.arguments, strict=True):
                if argument.written:
                    network._state.write(path, state.array(path))
    if interrupted:
        raise KeyboardInterrupt


def _keep_current(projection: Projection, side: str, k: Array, state: State) -> None:
    """Keep what both sides write where the other side's event was in this step: it is no older, nor rounded again."""
    both = [name for name, of in projection._spec.dated if of == "both"]
    if both:
        step = projection._network._state.step
        current = k[_last_event(projection, "post" if side == "pre" else "pre")[k] == step]
        for name in both:
            state.write(projection._place(name), projection._value(name)[current], current)


def _jobs(projection: Projection, side: str) -> list[RunKernel]:
    from engram.ir.lower import lower_passing  # as above

    network, state = projection._network, projection._network._state

    def shape_of(name: str) -> tuple[int, ...]:
        return state.slot(projection._place(name)).shape

    form = forms(projection, shape_of, "each" if shape_of(names.DELAY_STEPS) else "uniform")
    constants = network._known_constants(projection._spec.constants)
    jobs = []
    for kernel in lower_passing(projection.synapse_type.model, side, form, constants):
        kernel = stored(kernel, network._config.precision, "synapse")
        paths = tuple(projection_path(projection, a) for a in kernel.arguments)
        jobs.append(RunKernel(kernel, "", paths, projection._post.size, projection._pre.size))
    return jobs
