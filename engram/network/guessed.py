"""Names that users type of networks and of what stands in them, and what is meant by them here."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from engram.elsewhere.lookup import member_help
from engram.elsewhere.near import is_slip, nearest
from engram.errors import UnknownAttribute
from engram.program.component import Component, listed
from engram.program.recorder import Recorder
from engram.telling import short

__all__ = [
    "no_attribute",
    "no_member",
    "no_result",
    "not_assigned",
    "not_set",
    "refuse_as_property",
    "unassignable",
]

_SAID_TO = {
    "population": {"name", "geometry", "size", "dimension"},
    "projection": {"name", "pre", "post", "target"},
}
"""What calls that make objects are told by name, and what follows from it."""


def unassignable(name: str, component: Component) -> str:
    """Return what to do where a member of a handle can't be assigned."""
    if name == "enabled":
        return "pop.disable() and pop.enable() switch it."
    if name not in _SAID_TO[component.kind]:
        values = ", ".join(component.attributes) or "none"
        return f"what can be assigned are the values of its model: {values}."
    if component.kind == "population":
        call = "net.create(100, neuron, name='exc')"
    else:
        call = "net.connect(pre, post, 'exc', name='exc_exc')"
    return f"it is said when the object is made: {call}."


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
    if elsewhere := _elsewhere(component, name):
        return elsewhere
    members = _members(handle)
    return component.unknown(name, members, methods=_methods(handle, members), called=short(handle))


def not_assigned(component: Component, assignable: Iterable[str], name: str) -> UnknownAttribute:
    """Return the error about a name that something is assigned to, which the object has not, nor its model."""
    return _elsewhere(component, name) or component.unknown(name, assignable, is_assigned=True)


def _elsewhere(component: Component, name: str) -> UnknownAttribute | None:
    """Return the error about what an object of another simulator has, and nothing of the model is meant by."""
    help_ = "" if component.meant_by(name) else member_help(component.kind, name)
    what = f"{component.kind} {component.name!r} has no attribute or method {name!r}"
    return UnknownAttribute(f"{what}\n  help: {help_}") if help_ else None


def no_attribute(network: Any, name: str) -> AttributeError:
    """Return the error about a name that a network has not."""
    refuse_as_property(network, name)
    if any(name in known for known in (network._populations, network._projections, network._monitors)):
        return UnknownAttribute(f"a network has no attribute {name!r}\n  help: it is net[{name!r}].")
    return _nothing_of("a network", "network", network, name)


def no_result(monitor: Any, core: Recorder, name: str) -> AttributeError:
    """Return the error about a name that a monitor has not."""
    if name in core.variables:
        got = f"it is `monitor.get({name!r}, keep=True)`, one row for each sample, or m[{name!r}]."
        return UnknownAttribute(f"monitor {core.name!r} has no attribute {name!r}\n  help: {got}")
    return _nothing_of(f"monitor {core.name!r}", "monitor", monitor, name)


def not_set(monitor: Any, core: Recorder, name: str) -> UnknownAttribute:
    """Return the error about what is assigned to a monitor."""
    what = f"monitor {core.name!r}"
    if not hasattr(type(monitor), name):
        return UnknownAttribute(f"{what} has no attribute {name!r}\n  help: {_nearest(monitor, 'monitor', name)}")
    advice = {
        "period": "monitor.start(period=10.0) takes another one, once what was recorded is fetched with get().",
        "variables": "monitor.start(['v', 'spike']) records others, too.",
    }.get(name, f"it is said when the monitor is made: net.monitor(..., {name}=...).")
    if name not in ("period", "period_offset", "variables", "name"):
        advice = "it follows from what is recorded."
    return UnknownAttribute(f"{name!r} of {what} can't be assigned\n  help: {advice}")


def _nothing_of(what: str, kind: str, one: Any, name: str) -> AttributeError:
    if name[:1] == "_":  # Python and its tools ask for many
        return AttributeError(name)
    help_ = member_help(kind, name) or _nearest(one, kind, name)
    return UnknownAttribute(f"{what} has no attribute {name!r}\n  help: {help_}")


def _nearest(one: Any, kind: str, name: str) -> str:
    """Name what an object has, or has elsewhere, that is near a name; else what can be called."""
    members = _members(one)
    near = nearest(name, members)
    elsewhere = member_help(kind, name, is_near=True)
    if near and (not elsewhere or is_slip(name, near)):
        return f"did you mean {near!r}?"
    return elsewhere or listed(_methods(one, members), short(one))


def _members(one: Any) -> list[str]:
    return [member for member in dir(type(one)) if member[:1] != "_"]


def _methods(one: Any, members: list[str]) -> list[str]:
    """Return those names that are called."""
    return [name for name in members if callable(getattr(type(one), name))]
