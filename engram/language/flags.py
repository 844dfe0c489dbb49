"""Flags after the colon: ``init=0.0, min=0.0, population, exponential``.

In: raw flags of one statement. Out: a :class:`Flags` record. Which flags a kind of statement may have is a row of
``ALLOWED``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engram.elsewhere.near import nearest
from engram.language.build import RawFlag
from engram.language.errors import DuplicateFlag, MisplacedFlag, UnknownFlag, UnknownMethod
from engram.language.model import Locality, Resting, Type
from engram.language.nodes import NOWHERE, Binary, Expr, Name, Span
from engram.language.source import Source
from engram.language.vocabulary import LOCALITIES, METHOD_FLAGS, RESTING, TYPES, UNITS

__all__ = ["ALLOWED", "Flags", "read_flags"]

ALLOWED: dict[str, frozenset[str]] = {
    "parameters": frozenset({"locality", "type", "table"}),
    "equations": frozenset({"locality", "type", "init", "min", "max", "method", "refractory"}),
    "reset": frozenset(),
    "axon_reset": frozenset(),
    "pre_spike": frozenset({"locality", "type", "init", "min", "max", "unless_post"}),
    "post_spike": frozenset({"locality", "type", "init", "min", "max"}),
    "pre_axon_spike": frozenset({"locality", "type", "init", "min", "max"}),
    "functions": frozenset({"type"}),
}
"""Block -> groups of flags that its statements may have."""

_GROUPS: dict[str, tuple[str, ...]] = {
    "locality": tuple(LOCALITIES),
    "type": tuple(TYPES),
    "table": ("table",),
    "init": ("init",),
    "min": ("min",),
    "max": ("max",),
    "method": (*METHOD_FLAGS, "method"),
    "refractory": tuple(RESTING),
    "unless_post": ("unless_post",),
}
_OTHER_NAMES = {
    "euler": "explicit",
    "forward": "explicit",
    "backward": "implicit",
    "rk2": "midpoint",
    "exponential_euler": "exponential",
    "exponential-euler": "exponential",
    "exp_euler": "exponential",
    "event_driven": "event-driven",
    "shared": "population",
    "double": "float",
    "boolean": "bool",
    "integer": "int",
    **{f"{word}{mark}refractory": f"{word} refractory" for word in ("unless", "while") for mark in "_-"},
}
"""What other simulators call a flag -> its name here."""

_SAYS_NOTHING = {"reset": "unless_refractory"}
"""Block -> a flag of ANNarchy's that is taken there and changes nothing: neurons that rest are not reset anyway."""

_ADVICE = {
    "unless_post": "it skips a statement of `pre_spike` when both neurons spike in one step.",
    "refractory": "it says what an equation in `equations` does while its neuron is refractory.",
    "table": "a table is a parameter: its entries are given, and read as 'x[k]'.",
    "method": "a method belongs to a differential equation in `equations`.",
}
_VALUED = ("init", "min", "max", "method")


@dataclass(frozen=True)
class Flags:
    """The flags of one statement; None where one is absent. ``init``, ``min`` and ``max`` are raw expressions."""

    locality: Locality | None = None
    type: Type | None = None
    is_table: bool = False
    init: Expr | None = None
    minimum: Expr | None = None
    maximum: Expr | None = None
    method: str | None = None
    unless_post: bool = False
    resting: Resting | None = None
    spans: dict[str, Span] = field(default_factory=dict, compare=False)

    def span(self, group: str) -> Span:
        """Return where the flag of a group stands."""
        return self.spans.get(group, NOWHERE)


def read_flags(source: Source, block: str, raw: tuple[RawFlag, ...]) -> Flags:
    """Return the flags of one statement of ``block``; unknown, misplaced and repeated ones are reported."""
    found: dict[str, RawFlag] = {}
    for flag in raw:
        if flag.name == _SAYS_NOTHING.get(block) and flag.value is None:
            continue
        group = next((g for g, names in _GROUPS.items() if flag.name in names), None)
        if _is_welcome(source, block, flag, group) and group is not None:
            if group in found and block != "functions":
                what = f"a second flag of the kind '{group}': '{flag.name}' after '{found[group].name}'"
                source.report(DuplicateFlag(what, source.place(flag.span), advice="keep one.", identifier=flag.name))
            found.setdefault(group, flag)
    if block == "functions":
        return Flags()
    return Flags(
        locality=LOCALITIES[found["locality"].name][0] if "locality" in found else None,
        type=TYPES[found["type"].name] if "type" in found else None,
        is_table="table" in found,
        init=found["init"].value if "init" in found else None,
        minimum=found["min"].value if "min" in found else None,
        maximum=found["max"].value if "max" in found else None,
        method=_method(source, found["method"]) if "method" in found else None,
        unless_post="unless_post" in found,
        resting=RESTING[found["refractory"].name] if "refractory" in found else None,
        spans={group: flag.span for group, flag in found.items()},
    )


def _is_welcome(source: Source, block: str, flag: RawFlag, group: str | None) -> bool:
    """Whether the flag exists, may stand in this block, and has a value exactly if it needs one."""
    place = source.place(flag.span)
    allowed = ALLOWED[block]
    if group is None:
        known = _names(source, allowed)
        hint = f"write '{_OTHER_NAMES[flag.name]}'." if flag.name in _OTHER_NAMES else _not_needed(flag.name)
        if _OTHER_NAMES.get(flag.name) in RESTING and "refractory" not in allowed:
            hint = "leave it out: a neuron that rests does not spike, and is not reset; an equation may be "
            hint += f"'{_OTHER_NAMES[flag.name]}'."
        valued = nearest(flag.name, tuple(one for one in known if one in _VALUED)) if flag.value is not None else ""
        hint = hint or (f"did you mean '{valued}'?" if valued else "")
        source.report(UnknownFlag(f"unknown flag '{flag.name}'", place, flag.name, known, hint=hint))
        return False
    only = LOCALITIES[flag.name][1] if group == "locality" else None
    if only is not None and source.kind != only:
        here = "population" if source.kind == "neuron" else "projection"
        what = f"the flag '{flag.name}' belongs to {only}s"
        advice = f"for one value in the whole {here} write '{here}'."
        source.report(MisplacedFlag(what, place, advice=advice, identifier=flag.name))
        return False
    if group == "refractory" and source.kind != "neuron":
        what = f"the flag '{flag.name}' belongs to neurons: a synapse has no refractory period"
        source.report(MisplacedFlag(what, place, advice="remove the flag.", identifier=flag.name))
        return False
    if group == "table" and source.kind != "neuron":
        what = "the flag 'table' belongs to neurons"
        advice = "read the table in an equation of the neuron, and that variable as 'pre.x' or 'post.x'."
        source.report(MisplacedFlag(what, place, advice=advice, identifier=flag.name))
        return False
    if group not in allowed:
        what = f"the flag '{flag.name}' can't stand in {block}"
        listed = f"flags here: {', '.join(_names(source, allowed)) or 'none'}"
        is_old = flag.name in _OTHER_NAMES and "refractory" in allowed and source.kind == "neuron"
        advice = f"write '{_OTHER_NAMES[flag.name]}'." if is_old else _ADVICE.get(group, "")
        source.report(MisplacedFlag(what, place, (listed,), advice, flag.name))
        return False
    if (flag.value is not None) != (flag.name in _VALUED):
        what = f"the flag '{flag.name}' {'takes no value' if flag.value is not None else 'needs a value'}"
        advice = f"write '{flag.name}'." if flag.value is not None else f"write '{flag.name}=...'."
        source.report(MisplacedFlag(what, place, advice=advice, identifier=flag.name))
        return False
    return True


def _not_needed(name: str) -> str:
    """Return why what Brian2 writes behind a colon stands nowhere here: units, ``constant``."""
    if name in ("constant", "const"):
        return "leave it out: a parameter changes only where it is assigned."
    no_units = "leave it out: there are no units; after ':' stand flags, such as init=0.0 or exponential."
    return no_units if name in UNITS else ""


def _names(source: Source, allowed: frozenset[str]) -> tuple[str, ...]:
    """Return the flags of some groups that this kind of model may use."""
    names = [name for group in sorted(allowed) for name in _GROUPS[group] if name not in ("double", "exact")]
    names = [n for n in names if n not in LOCALITIES or LOCALITIES[n][1] in (None, source.kind)]
    return tuple(n for n in names if n not in (*RESTING, "table") or source.kind == "neuron")


def _method(source: Source, flag: RawFlag) -> str | None:
    """Return the canonical name of a method given as ``rk4`` or ``method=rk4``."""
    name = flag.name if flag.value is None else _spelt(flag.value)
    if name not in METHOD_FLAGS:
        what = f"unknown method '{name}'"
        hint = f"write '{_OTHER_NAMES[name]}'." if name in _OTHER_NAMES else ""
        source.report(UnknownMethod(what, source.place(flag.span), name, tuple(METHOD_FLAGS), hint=hint))
    return METHOD_FLAGS.get(name)


def _spelt(value: Expr) -> str:
    """Return ``event-driven`` from the difference that it looks like."""
    match value:
        case Name(id):
            return id.strip("'")
        case Binary("-", Name(left), Name(right)):
            return f"{left}-{right}"
        case _:
            return "?"
