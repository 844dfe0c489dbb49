"""Values that are given to event-driven variables: they hold from the moment at which they are set.

A synapse remembers the step of the last event of each side, and decays are counted from there. So before a variable
is set, an event takes place at which nothing happens: it brings what the events of that side write, in all synapses
of the neuron, to the present step, and is their last event. Neurons are taken whole, since they may hold a variable
for all of their synapses (``ir/lifting.py``): the bits do not depend on where it is kept. What had an event in this
step stays as it is, so that there may be one more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.spec import LAST_SLOTS
from engram.program.reach import reach_of
from engram.program.synapses import Synapses
from engram.state import names

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
        neurons = _neurons(projection, side, synapses)
        if len(neurons):
            projection.program.passing(projection, side)(neurons)


def _neurons(projection: Synapses, side: str, synapses: Array | None) -> Array:
    """Return the neurons of a side, ascending, at whose synapses the last event may have been before the present step:
    of those that have synapses all, or those that some belong to.
    """
    reach, last = reach_of(projection), projection.value(LAST_SLOTS[side])
    if synapses is None:
        neurons = np.flatnonzero(np.diff(projection.value(names.ROW_START)) if side == "pre" else reach.per_post)
    else:
        neurons = reach.pre_of(synapses) if side == "pre" else reach.post_of(synapses)
        if len(neurons) > 1:  # as np.unique, which loads what takes 25 ms
            neurons = np.flatnonzero(np.bincount(neurons))
    is_for_each = side == "pre" and last.ndim == 1
    return neurons if is_for_each else neurons[last.reshape(-1)[neurons] < projection.program.state.step]
