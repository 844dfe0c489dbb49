"""Names that users of other simulators type, and what is meant by them here."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from engram.errors import UnknownAttribute
from engram.program.component import Component

__all__ = ["meant_by", "no_attribute", "no_member"]

_OF_NETWORKS = {
    "run": "simulate(ms)",
    "populations": "get_populations()",
    "projections": "get_projections()",
    "monitors": "get_monitors()",
    "set_seed": "config(seed=...) before compile()",
    "num_threads": "config(num_threads=...)",
    "add": "create(...), connect(...) or monitor(...)",
    "get": "get_population(name), get_projection(name) or get_monitor(name)",
    "instances": "copy() or parallel_run(...)",
    "store": "save(file)",
    "restore": "load(file)",
}
"""What somebody may call of a network -> what it is called."""

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


def no_member(handle: Any, component: Component, name: str) -> UnknownAttribute:
    """Return the error about a name that is read of a handle, which has none of it, nor its model."""
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
