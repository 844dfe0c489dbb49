"""What to say where something is infinite or NaN.

In: what the finite check has found. Out: an error that names the value, the neuron or synapse, the step, and what
stood there before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engram.errors import NotFinite
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.state.finite import Damage
from engram.state.residence import Array

if TYPE_CHECKING:
    from engram.state.tree import State

__all__ = ["Moment", "described_damage", "error_of"]

NAMED = 3  # values beside the first that a message names


@dataclass(frozen=True)
class Moment:
    """When it happened: after ``good`` finished steps all was finite, after ``bad`` not; they are one apart at best.

    Args:
        before, after: the values at both moments, by path, where they are known.
    """

    good: int
    bad: int
    before: Mapping[str, Array] = field(default_factory=dict)
    after: Mapping[str, Array] = field(default_factory=dict)


def described_damage(program: Program, found: Sequence[Damage]) -> str:
    """Return which values are damaged, in words."""
    ordered = _in_order(program, found)
    texts = [
        f"{_title(program, d.path)} ({len(d.elements)} of {program.state.array(d.path).size})" for d in ordered[:NAMED]
    ]
    return ", ".join(texts) + (f" and {len(ordered) - NAMED} more" if len(ordered) > NAMED else "")


def error_of(program: Program, found: Sequence[Damage], moment: Moment) -> NotFinite:
    """Return the error that says what was found."""
    first, *others = _in_order(program, found)
    path = program.state.slot(first.path).owner
    owner, state = program.by_path[path], program.state
    position = int(first.elements[0])
    values = np.reshape(moment.after.get(first.path, state.array(first.path)), -1)
    element, place = _element(owner, first.path, values.size, position)
    now = _values(owner, values.size, position, moment.after, state)
    before = _values(owner, values.size, position, moment.before)
    many = f" (and {len(first.elements) - 1} more)" if len(first.elements) > 1 else ""
    lines = [f"{_title(program, first.path)} {_when(program, moment, values[position])}{place}{many}"]
    lines += [f"  before it: {_listed(before)}"] if before else []
    variables = set(owner.variables) | {"w"}
    lines.append(f"  {'after it' if before else 'now'}: {_listed({k: v for k, v in now.items() if k in variables})}")
    parameters = {k: v for k, v in now.items() if k not in variables}
    lines += [f"  parameters: {_listed(parameters)}"] if parameters else []
    lines += [f"  infinite or NaN as well: {described_damage(program, others)}"] if others else []
    lines += _advice(program, moment, owner, is_nan=bool(np.isnan(values[position])))
    return NotFinite("\n".join(lines), first.path, element, moment.good, before, now)


def _when(program: Program, moment: Moment, value: float) -> str:
    if moment.good == moment.bad:
        return f"is {value:g} before step {moment.good}"  # it was set, or has been said
    if moment.bad - moment.good == 1:
        return f"became {value:g} in step {moment.good}, at {moment.good * program.dt:g} ms"
    return f"became {value:g} in one of the steps {moment.good} to {moment.bad - 1}, or was set"


def _advice(program: Program, moment: Moment, owner: Neurons | Synapses, is_nan: bool) -> tuple[str, str]:
    now = program.state.step
    stands = "at the end of that step" if (moment.bad, now) == (moment.good + 1, moment.bad) else f"after {now} steps"
    reset = "reset()" if owner.section == "populations" else "reset(synapses=True)"
    mend = f"set finite values where net.damage says, load() or {reset}"
    cause = "look for a division by 0 or a difference of infinite numbers, or try " if is_nan else "try "
    cause += f"a dt smaller than {program.dt:g} ms, another method, min= and max=; "
    return (
        f"  the network stands {stands}, damaged: it can be looked at and saved; {mend}",
        f"  help: {'' if moment.good == moment.bad else cause}"
        "config(check_finite=False) before compile() lets runs go on.",
    )


def _in_order(program: Program, found: Sequence[Damage]) -> list[Damage]:
    """What was found: populations first, in the order of creation; what arrives, then the others as in the text."""
    owners = {owner.path: (number, owner.spec) for number, owner in enumerate(program.components)}

    def key(damage: Damage) -> tuple[int, bool, int]:
        path, _, name = damage.path.rpartition("/")
        number, spec = owners[path]
        names = [a.name for a in spec.attributes]
        return number, name not in spec.conductances, names.index(name) if name in names else -1

    return sorted(found, key=key)


def _title(program: Program, path: str) -> str:
    slot = program.state.slot(path)
    kind, _, name = slot.owner.partition("/")
    return f"{slot.name} of {kind.removesuffix('s')} '{name}'"


def _element(
    owner: Neurons | Synapses, path: str, size: int, position: int
) -> tuple[int | tuple[int, int] | None, str]:
    """Which neuron or synapse an element of a value belongs to, and the same in words."""
    name = path.rpartition("/")[2]
    attribute = owner.spec.attribute(name)
    if attribute is not None and attribute.locality == "global":
        return None, ""
    if owner.section == "projections" and size == owner.n_syn:
        return owner.pair(position), f": {owner.element(name, position)}"
    return position, f": neuron {position}"


def _values(
    owner: Neurons | Synapses, size: int, position: int, given: Mapping[str, Array], state: State | None = None
) -> dict[str, float]:
    """The attributes of an element as they are given, or else in the tree; those of its owner too."""
    values = {}
    for name in owner.attributes:
        path = f"{owner.path}/{name}"
        is_there = state is not None and path in state and state.is_array(path)
        array = given[path] if path in given else state.array(path) if state is not None and is_there else None
        is_table = owner.attribute(name).is_table
        if array is not None and array.size in (1, size) and not is_table:
            values[name] = array.reshape(-1)[position if array.size == size else 0].item()
    return values


def _listed(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:.6g}" for name, value in values.items())
