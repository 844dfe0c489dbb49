"""What a network computes in vain, said once when it is compiled: nothing at all, or with firing rates that are 0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from engram.callers import warn
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.synapses import Synapses

__all__ = ["warn_of_vain"]


def warn_of_vain(program: Program) -> None:
    """Warn of a network without populations, and of synapses that read a firing rate which nothing computes."""
    if not program.populations:
        warn("compile(): the network is empty\n  help: create populations in it first, e.g. net.create(100, neuron).")
    found = ((one, neurons) for one in program.projections.values() for neurons in _without_rate(one))
    few = [*islice(found, 2)]
    if few:
        projection, neurons = few[0]
        others = "; others read such, too" if len(few) > 1 else ""
        what = f"{projection.where}: it reads the firing rate 'r' of {neurons.name!r}, which nothing computes: it is 0"
        warn(f"{what}{others}\n  help: {neurons.name}.compute_firing_rate(50.0) before compile().")


def _without_rate(projection: Synapses) -> Iterator[Neurons]:
    """Yield the spiking neurons whose rate is read, and that have none."""
    text = "\n".join(str(block) for _, block in projection.spec.blocks)
    for side, neurons in (("pre", projection.pre), ("post", projection.post)):
        is_refused = side == "pre" and not projection.is_spiking  # see check_rates_of
        is_silent = neurons.is_spiking and neurons.draft.rate_window_ms is None and not is_refused
        if is_silent and re.search(rf"\b{side}\.r\b", text):
            yield neurons
