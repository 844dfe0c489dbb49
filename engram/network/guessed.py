"""Names that users type of networks and of what stands in them, and what is meant by them here."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import Any

from engram.elsewhere.lookup import member_help
from engram.errors import UnknownAttribute
from engram.program.component import NEAR, Component, listed
from engram.program.recorder import Recorder

__all__ = ["meant_by", "no_attribute", "no_member", "no_result", "not_set", "refuse_as_property", "unassignable"]

_OF_MODELS = {"weights": "w", "weight": "w", "rate": "r", "rates": "r"}
"""What somebody may call an attribute -> its name in most models."""


def meant_by(name: str, component: Component) -> str:
    """Return the attribute of a model that is meant by a name which it has not; empty if that is not certain."""
    meant = "rates" if name == "rate" and component.spec.attribute("rates") is not None else _OF_MODELS.get(name, "")
    return meant if component.spec.attribute(meant) is not None else ""


_SAID_TO = {
    "population": {"name", "geometry", "size", "dimension"},
    "projection": {"name", "pre", "post", "target"},
}
"""What calls that make objects are told by name, and what follows from it."""


def unassignable(name: str, component: Component) -> str:
    """Return what to do where a member of a handle can't be assigned."""
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
    meant = meant_by(name, component)
    help_ = "" if meant else member_help(component.kind, name)
    if help_:
        what = f"{component.kind} {component.name!r} has no attribute or method {name!r}"
        return UnknownAttribute(f"{what}\n  help: {help_}")
    members = _members(handle)
    return component.unknown(name, members, meant, methods=_methods(handle, members), called=_short(handle))


def no_attribute(network: Any, name: str) -> AttributeError:
    """Return the error about a name that a network has not."""
    refuse_as_property(network, name)
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
    near = get_close_matches(name, members, 1, NEAR)
    elsewhere = member_help(kind, name, 0.8)
    if near and (not elsewhere or get_close_matches(name, near, 1, 0.8)):
        return f"did you mean {near[0]!r}?"
    return elsewhere or listed(_methods(one, members), _short(one))


def _short(one: Any) -> str:
    """Return what a user may call an object of such a kind."""
    kinds = {"Network": "net", "Projection": "proj", "Monitor": "monitor", "Dendrite": "dendrite"}
    return next((kinds[base.__name__] for base in type(one).__mro__ if base.__name__ in kinds), "pop")


def _members(one: Any) -> list[str]:
    return [member for member in dir(type(one)) if member[:1] != "_"]


def _methods(one: Any, members: list[str]) -> list[str]:
    """Return those names that are called."""
    return [name for name in members if callable(getattr(type(one), name))]
