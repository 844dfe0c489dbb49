"""One population or projection reset, while the clock and all others stay: its initial values, some of them or all."""

from __future__ import annotations

from typing import Any

from engram.errors import InvalidArgument, NotAvailable
from engram.ir.spec import Attribute
from engram.program.assigning import put_values
from engram.program.component import Component
from engram.program.event_values import hold_from_now
from engram.program.histories import fit_histories
from engram.program.initial import reset_population, reset_projection, wire_anew
from engram.program.neurons import Neurons
from engram.program.runner import Runner
from engram.program.synapses import Synapses
from engram.program.wired import wire
from engram.state import names
from engram.telling import told

__all__ = ["reset_neurons", "reset_synapses"]


def reset_neurons(population: Neurons, asked: Any) -> None:
    """Give a population its initial values, and nothing in flight; or some attributes theirs.

    Args:
        asked: names of attributes, one or a list; None or -1: all.

    Raises:
        NotCompiled: before compile.
        UnknownAttribute: if there is no such attribute.
    """
    _check_usable(population)
    some = _some(population, asked)
    table = next((attribute.name for attribute in some or () if attribute.is_table), None)
    if table is not None:
        advice = "it stays what it was given; assign other entries."
        raise InvalidArgument(f"population {population.name!r}: the table {table!r} can't be reset\n  help: {advice}")
    program = population.program
    with program.lock, program.whole(f"reset() of {population.path}"):
        if some is None:
            reset_population(population)
        for attribute in some or ():
            population.write(attribute.name, population.value(names.initial(attribute.name)))


def reset_synapses(projection: Synapses, asked: Any, anew: bool, runner: Runner) -> None:
    """Give the attributes of a projection other than ``w`` their initial values, or some of them.

    Args:
        asked: names of attributes, one or a list; None or -1: all.
        anew: draw connectivity, weights and delays again.
        runner: of the network.

    Raises:
        NotCompiled: before compile.
        UnknownAttribute: if there is no such attribute.
        InvalidArgument: if ``w`` is asked for by name.
        NotAvailable: if synapses shall be drawn again while spikes are in flight.
    """
    _check_usable(projection)
    some = _some(projection, asked)
    if names.WEIGHT in (attribute.name for attribute in some or ()):
        advice = f"{projection.name}.reset(synapses=True) draws synapses and weights again."
        raise InvalidArgument(f"{projection.where}: the weights can't be reset alone\n  help: {advice}")
    if anew:
        _draw_anew(projection, runner)
    program = projection.program
    with program.lock, program.whole(f"reset() of {projection.path}"):
        if some is None or anew:
            reset_projection(projection)
            return
        hold_from_now(projection, [attribute.name for attribute in some])
        for attribute in some:
            put_values(projection, attribute, projection.value(names.initial(attribute.name)))


def _draw_anew(projection: Synapses, runner: Runner) -> None:
    program = projection.program
    counts = [program.state[f"{spikes}/{names.COUNT}"] for spikes in projection.pre.spike_lists]
    if any(count.any() for count in counts):
        what = f"spikes of {projection.pre.name!r} may be in flight"
        advice = f"{projection.pre.name}.clear() drops them; net.reset(synapses=True) begins the whole network again."
        raise NotAvailable(f"{projection.where}: {what}, and synapses can't be drawn again then\n  help: {advice}")
    drawn = wire(projection)
    with program.lock, program.whole(f"reset() of {projection.path}"):
        wire_anew(projection, drawn)
        fit_histories([projection.pre, projection.post])
        runner.derived.follow()


def _check_usable(component: Component) -> None:
    component.program.needs_compile("reset()")
    component.program.usable()


def _some(component: Component, asked: Any) -> list[Attribute] | None:
    """Return the attributes that are asked for; None for all."""
    if asked is None or (type(asked) is int and asked == -1):  # as scripts say that were written for ANNarchy
        return None
    listed = [asked] if isinstance(asked, str) else asked
    if not isinstance(listed, list | tuple) or not all(isinstance(name, str) for name in listed):
        what = f"reset() of {component.kind} {component.name!r} takes names of attributes, or nothing for all"
        one = component.attributes[-1:]
        raise InvalidArgument(f"{what}, not {told(asked)}\n  help: reset({one}).")
    return [component.attribute(name) for name in listed]
