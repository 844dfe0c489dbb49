"""Names that users of other simulators type, and what is meant by them here."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import Any

from engram.errors import UnknownAttribute
from engram.program.component import Component

__all__ = ["meant_by", "no_attribute", "no_member", "no_name", "refuse_as_property"]

_OF_NETWORKS = {
    "run": "simulate(ms)",
    "populations": "get_populations()",
    "projections": "get_projections()",
    "monitors": "get_monitors()",
    "num_threads": "config(num_threads=...)",
    "add": "create(...), connect(...) or monitor(...)",
    "get": "get_population(name), get_projection(name) or get_monitor(name)",
    "instances": "copy() or parallel_run(...)",
    "store": "save(file)",
    "restore": "load(file)",
    "instance": "pop.v, proj.w and simulate(ms): there is no compiled module of the network's own, as in ANNarchy",
}
"""What somebody may call of a network -> what it is called."""

_OF_ENGRAM = {
    "NeuronGroup": "it is eg.Population here",
    "Synapses": "it is eg.Projection here",
    "PoissonGroup": "it is eg.PoissonPopulation here",
    "PoissonInput": "it is eg.PoissonPopulation here",
    "SpikeGenerator": "it is eg.SpikeSourceArray here",
    "SpikeGeneratorGroup": "it is eg.SpikeSourceArray here",
    "SpikeSourcePoisson": "it is eg.PoissonPopulation here",
    "poisson_generator": "it is eg.PoissonPopulation here",
    "spike_generator": "it is eg.SpikeSourceArray here",
    "StateMonitor": "it is eg.Monitor here",
    "SpikeMonitor": "it is eg.Monitor here",
    "PopulationRateMonitor": "it is eg.Monitor here",
    "spike_recorder": "it is eg.Monitor here",
    "multimeter": "it is eg.Monitor here",
    "network_operation": "it is eg.every here",
    "run": "it is eg.simulate here",
    "Run": "it is eg.simulate here",
    "Simulate": "it is eg.simulate here",
    "Simulation": "it is eg.Network here",
    "Create": "it is eg.Population here, or net.create",
    "Connect": "it is eg.Projection here, or net.connect",
    "load_parameter": "XML is not read; eg.load_parameters(file) reads JSON",
    "parallel_run": "it is net.parallel_run of a network",
    "ResetKernel": "it is eg.clear() here",
    "start_scope": "it is eg.clear() here",
    "end": "nothing has to be ended; eg.clear() forgets the network",
    "defaultclock": "the step is eg.setup(dt=0.1), or eg.Network(dt=0.1)",
    "SetKernelStatus": "it is eg.setup(...) here, or eg.Network(...)",
    "GetStatus": "values are attributes here, e.g. pop.v",
    "SetStatus": "values are attributes here, e.g. pop.v = -60.0",
    "store": "it is eg.save(file) here",
    "restore": "it is eg.load(file) here",
    **dict.fromkeys(("ms", "second", "us"), "times are plain numbers, in ms"),
    **dict.fromkeys(("mV", "nA", "pA", "nS", "Hz", "pF"), "numbers are plain: their units are those of your equations"),
}
"""Names of other simulators -> what to write here."""


_OF_MODELS = {"weights": "w", "weight": "w", "rate": "r", "rates": "r"}
"""What somebody may call an attribute -> its name in most models."""


_OF_HANDLES = {
    "record": "eg.Monitor(pop, 'v') or net.monitor(pop, 'v') records.",
    "monitor": "eg.Monitor(pop, 'v') or net.monitor(pop, 'v') records.",
    "spikes": "eg.Monitor(pop, 'spike') or net.monitor(pop, 'spike') records them.",
    "plot": "eg.plot.raster(monitor), eg.plot.trace(monitor) and others of eg.plot draw.",
}
"""What somebody may call of a population or projection, and is done elsewhere -> how."""


def meant_by(name: str, component: Component) -> str:
    """Return the attribute of a model that is meant by a name which it has not; empty if that is not certain."""
    meant = _OF_MODELS.get(name, "")
    return meant if component.spec.attribute(meant) is not None else ""


def refuse_as_property(one: Any, name: str) -> None:
    """Raise what a property of an object has raised, if it is that which is read.

    Python drops an AttributeError of a property and calls ``__getattr__``, which knows less of the reason.
    """
    member = inspect.getattr_static(type(one), name, None)
    if isinstance(member, property) and member.fget is not None:
        member.fget(one)


def no_member(handle: Any, component: Component, name: str) -> UnknownAttribute:
    """Return the error about a name that is read of a handle, which has none of it, nor its model."""
    refuse_as_property(handle, name)
    members = [member for member in dir(type(handle)) if member[:1] != "_"]
    if name in _OF_HANDLES:
        return UnknownAttribute(
            f"{component.kind} {component.name!r} has no attribute or method {name!r}\n  help: {_OF_HANDLES[name]}"
        )
    return component.unknown(name, members, meant_by(name, component), methods=_methods(handle, members))


def _methods(handle: Any, members: list[str]) -> list[str]:
    """Return those names that are called."""
    return [name for name in members if callable(getattr(type(handle), name))]


def no_attribute(network: Any, name: str) -> AttributeError:
    """Return the error about a name that a network has not."""
    refuse_as_property(network, name)
    if name[:1] == "_":  # Python and its tools ask for many
        return AttributeError(name)
    near = get_close_matches(name, [known for known in dir(type(network)) if known[:1] != "_"], 1)
    instead = _OF_NETWORKS.get(name) or (f"{near[0]!r}" if near else "")
    advice = (
        f"\n  help: {'it is ' + instead if name in _OF_NETWORKS else 'did you mean ' + instead + '?'}"
        if instead
        else ""
    )
    return UnknownAttribute(f"a network has no attribute {name!r}{advice}")


def no_name(name: str, known: list[str]) -> AttributeError:
    """Return the error about a name that ``engram`` has not."""
    near = get_close_matches(name, known, 1, 0.75) if name[:1] != "_" else []
    advice = f"\n  help: did you mean eg.{near[0]}?" if near else ""
    if name in _OF_ENGRAM:
        advice = f"\n  help: {_OF_ENGRAM[name]}."
    return AttributeError(f"module 'engram' has no attribute {name!r}{advice}")
