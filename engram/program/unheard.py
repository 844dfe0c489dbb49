"""What a network computes in vain, said once when it is compiled: nothing, what nobody reads, with rates that are 0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TypeGuard

from engram.callers import warn
from engram.elsewhere.near import nearest
from engram.program.constants import PROGRAMS
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.state import names

__all__ = ["has_no_rate", "near_target", "warn_of_silent_rate", "warn_of_vain"]


def warn_of_vain(program: Program) -> None:
    """Warn of an empty network, of synapses to which nobody listens, and of firing rates that nothing computes."""
    if not program.populations:
        advice = "create populations in it first, e.g. net.create(100, neuron)."
        if program.is_implicit and any(other.populations and not other.is_cleared for other in PROGRAMS):
            advice = "this is the implicit network; net.compile() is that of a network 'net' that you made."
        warn(f"compile(): the network is empty\n  help: {advice}")
    unread = [(one, target) for one, target in _unread(program) if not near_target(target, one.post)]
    if unread:
        one, target = unread[0]
        others = "; nor what others bring" if len(unread) > 1 else ""
        known = ", ".join(repr(name) for name in one.post.spec.targets)
        what = f"{one.where}: no equation of {one.post.name!r} reads what comes in by the target {target!r}{others}"
        read = f"g_{target}" if one.is_spiking and one.post.is_spiking else f"sum({target})"
        take = (
            f"its neurons read {known}: take such a target, or write" if known else "its neurons read no input: write"
        )
        warn(f"{what}\n  help: {take} {read} in their equations.")
    found = ((one, neurons) for one in program.projections.values() for neurons in _without_rate(one))
    few = [*islice(found, 2)]
    if few:
        projection, neurons = few[0]
        others = "; so are those that other projections read" if len(few) > 1 else ""
        what = f"{projection.where}: it reads the firing rate 'r' of {neurons.name!r}, which nothing computes: it is 0"
        warn(f"{what}{others}\n  help: {neurons.name}.compute_firing_rate(50.0) before compile().")
    for monitor in program.monitors.values():
        if "r" in monitor.variables and has_no_rate(monitor.whom):
            warn_of_silent_rate(monitor.whom, f"monitor {monitor.name!r}")
            break


def has_no_rate(whom: object) -> TypeGuard[Neurons]:
    """Say whether these are spiking neurons whose firing rate ``r`` nothing computes."""
    return isinstance(whom, Neurons) and whom.is_spiking and not whom.rate_window


def warn_of_silent_rate(neurons: Neurons, where: str) -> None:
    """Warn whoever reads or records the firing rate of such neurons."""
    what = f"{where}: nothing computes the firing rate 'r' of {neurons.name!r}: it is 0"
    spikes = f"net.monitor({neurons.name}, 'spike') records spikes"
    warn(f"{what}\n  help: {neurons.name}.compute_firing_rate(50.0) lets r count those of 50 ms; {spikes}.")


def near_target(target: str, post: Neurons) -> str:
    """Return the target that neurons read and that one which they don't read resembles: a slip, told at once; or ""."""
    known = post.spec.targets
    if target in known:
        return ""
    return nearest(target, known) or nearest(target.removeprefix(names.conductance("")), known) or ""


def _unread(program: Program) -> Iterator[tuple[Synapses, str]]:
    """Yield the targets by which something arrives that nothing reads: no neuron, synapse, condition or monitor."""
    read = {population.path: _inputs_in(population) for population in program.populations.values()}
    for monitor in program.monitors.values():
        read.setdefault(monitor.whom.path, set()).update(monitor.variables)
    for one in program.projections.values():
        for side in (one.pre, one.post):
            read[side.path] |= _inputs_in(one)
    for one in program.projections.values():
        known = {*one.post.spec.targets, *(one.post.draft.stop.targets if one.post.draft.stop else ())}
        for target in one.targets:
            if target not in known and not {f"sum({target})", "sum()", f"g_{target}"} & read[one.post.path]:
                yield one, target


def _inputs_in(component: Neurons | Synapses) -> set[str]:
    """Return what the texts of a model name of inputs: ``sum(exc)``, ``sum()``, ``g_exc``."""
    return set(re.findall(r"sum\(\w*\)|g_\w+", _text(component)))


def _text(component: Neurons | Synapses) -> str:
    return "\n".join(str(block) for _, block in component.spec.blocks)


def _without_rate(projection: Synapses) -> Iterator[Neurons]:
    """Yield the spiking neurons whose rate is read, and that have none."""
    text = _text(projection)
    for side, neurons in (("pre", projection.pre), ("post", projection.post)):
        is_refused = side == "pre" and not projection.is_spiking  # see check_rates_of
        is_silent = neurons.is_spiking and neurons.draft.rate_window_ms is None and not is_refused
        if is_silent and re.search(rf"\b{side}\.r\b", text):
            yield neurons
