"""What the rest of engram needs to know of a model without its equations: attributes, kind, targets.

In: made by ``ir/describe.py``. Out: :class:`ModelSpec`, and the same as JSON, which the cache keeps, so that a script
whose models have been seen before neither parses nor lowers anything. Kernels have their signature (``signatures.py``).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engram.state import distributions, names
from engram.state.distributions import Distribution
from engram.state.limits import Limit

__all__ = [
    "LAST_SLOTS",
    "Attribute",
    "Chance",
    "ModelSpec",
    "Pace",
    "RuleSpec",
    "storage_dtype",
]

if TYPE_CHECKING:
    from engram.language.model import Kind, Locality, Type

LAST_SLOTS = {"pre": names.LAST_PRE, "post": names.LAST_POST}
"""The slots with the step of the last event of each side."""

DTYPES = {"int": "int64", "bool": "bool"}


def storage_dtype(kind: str, real: str = "float64") -> str:
    """Return the dtype in which an attribute of a model is stored.

    Args:
        kind: ``float``, ``int`` or ``bool``.
        real: that of floats.
    """
    return DTYPES.get(kind, real)


Value = float | int | bool | str | Distribution  # a string names another attribute or a constant


@dataclass(frozen=True)
class Attribute:
    """One parameter or variable; ``default`` is its value before anything happens, that of a table its only entry."""

    name: str
    default: Value
    locality: Locality
    type: Type
    is_variable: bool
    implicit: bool = False
    is_table: bool = False


@dataclass(frozen=True)
class Pace:
    """An equation ``tau*dx/dt = -x + ...`` whose time constant is a product of parameters and constants.

    Args:
        variable: x.
        factor: tau is so much
        powers: times each of these names, to that power.
        method: "" where the network's default integrates it.
        is_linear: whether other methods could.
    """

    variable: str
    factor: float
    powers: dict[str, int]
    method: str
    is_linear: bool


@dataclass(frozen=True)
class Chance:
    """A parameter that is a rate of spikes drawn in each step: above ``most/dt`` every step has one."""

    parameter: str
    most: float


@dataclass(frozen=True)
class RuleSpec:
    """A rule by which synapses go or come: with which probability, and the weight and delay in ms of new ones."""

    proba: float
    w: float
    d: float | None


@dataclass(frozen=True)
class ModelSpec:
    """A neuron or synapse as the network sees it.

    Args:
        attributes: parameters, then variables, in order of definition.
        conductances: of a spiking neuron: its variables that are inputs.
        refractory: ms, the name of an attribute, or None.
        drops_input: of a neuron: what arrives while it is refractory is dropped.
        last_slots: of a synapse: slots with the steps of last events.
        dated: of a synapse: event-driven variables, which hold from when they are set, each with the side whose events
            write it (pre, post or both); none with the clock of ANNarchy, by which they are of long ago.
        liftable: of a synapse: event-driven variables that may be kept per neuron, as (name, side of the neurons,
            others that must be kept so too ...).
        is_plastic: of a synapse: something assigns to ``w``.
        reads_pre: of a synapse: presynaptic attributes in its psp and equations, which see delayed values.
        reductions: numbers over whole populations that it reads, as (side, operation, variable).
        sums: of a synapse: inputs of its neurons that it reads, as (side, target); an empty target is all of them. Of
            a spiking neuron its own, which are of rates.
        constants: names of constants that it, or a function of its, reads, also as values of parameters.
        has_axon_spike: of a neuron: it has axonal spikes; of a synapse: it has statements for them.
        needs_columns: of a spiking synapse: some loop goes over the synapses of each postsynaptic neuron.
        compares_spikes: of a synapse: it looks for postsynaptic spikes in the step of a presynaptic one.
        is_additive: of a synapse: events only add to (or subtract from) conductances.
        is_plain: of a synapse: it has a weight, which spikes add to the conductance, and nothing else.
        blocks: the model printed anew, by the arguments of ``eg.Neuron`` and ``eg.Synapse``, for files.
        fingerprint: of what it computes, see ``language/printed.py``.
        asks_for_method: some differential equation names no method: the network's integrates it.
        limits: what values parameters may have.
        paces, chances: what a step should not be too long for; see ``program/step_size.py``.
        pruning, creating: of a synapse: its rules of structural plasticity.
        cautions: what the user is told when the model is made, although it is understood.
    """

    kind: Kind
    name: str
    attributes: tuple[Attribute, ...]
    spiking: bool | None
    targets: tuple[str, ...]
    conductances: tuple[str, ...]
    refractory: float | str | None
    drops_input: bool
    last_slots: tuple[str, ...]
    dated: tuple[tuple[str, str], ...]
    liftable: tuple[tuple[str, ...], ...]
    is_plastic: bool
    reads_pre: tuple[str, ...]
    reductions: tuple[tuple[str, str, str], ...]
    sums: tuple[tuple[str, str], ...]
    constants: tuple[str, ...]
    has_axon_spike: bool
    needs_columns: bool
    compares_spikes: bool
    is_additive: bool
    is_plain: bool
    blocks: tuple[tuple[str, str], ...]
    fingerprint: str
    asks_for_method: bool
    limits: tuple[Limit, ...]
    paces: tuple[Pace, ...]
    chances: tuple[Chance, ...]
    cautions: tuple[str, ...]
    pruning: RuleSpec | None = None
    creating: RuleSpec | None = None

    def limit(self, name: str) -> Limit | None:
        """Return the rule of a parameter, or None."""
        return self._limits.get(name)

    @property
    def has_rules(self) -> bool:
        """Whether synapses may come and go by themselves."""
        return self.pruning is not None or self.creating is not None

    @cached_property
    def paced(self) -> frozenset[str]:
        """Names of parameters and constants of which it depends whether steps are too long."""
        return frozenset(name for pace in self.paces for name in pace.powers).union(c.parameter for c in self.chances)

    @cached_property
    def _limits(self) -> dict[str, Limit]:
        return {limit.name: limit for limit in self.limits}

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of that name, or None."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Attribute]:
        return {a.name: a for a in self.attributes}

    def to_json(self) -> dict[str, Any] | None:
        """Return the spec as JSON data; None if it holds something that is no data (a NumPy generator)."""
        defaults = [a.default for a in self.attributes if isinstance(a.default, Distribution)]
        if any(d.rng is not None for d in defaults):
            return None
        data = asdict(replace(self, attributes=()))
        data["attributes"] = [{**vars(a), "default": _plain(a.default)} for a in self.attributes]
        data["refractory"] = None if self.refractory is None else _plain(self.refractory)
        return data

    @staticmethod
    def from_json(data: dict[str, Any]) -> ModelSpec:
        """Return the spec that :meth:`to_json` wrote."""
        attributes = tuple(Attribute(**{**a, "default": _value(a["default"])}) for a in data["attributes"])
        data = {**data, "refractory": _value(data["refractory"])}
        lists = {
            k: tuple(data[k]) for k in ("targets", "conductances", "last_slots", "reads_pre", "constants", "cautions")
        }
        tuples = {
            k: tuple(tuple(row) for row in data[k]) for k in ("dated", "liftable", "blocks", "reductions", "sums")
        }
        rows = {"limits": Limit, "paces": Pace, "chances": Chance}
        records = {field: tuple(kind(**row) for row in data[field]) for field, kind in rows.items()}
        rules = {field: data[field] and RuleSpec(**data[field]) for field in ("pruning", "creating")}
        return ModelSpec(**{**data, **lists, **tuples, **records, **rules, "attributes": attributes})


def _plain(value: Value) -> Any:
    if isinstance(value, Distribution):
        arguments = {k: v for k, v in vars(value).items() if k != "rng"}
        return {"distribution": type(value).__name__, "arguments": arguments}
    if isinstance(value, float) and math.isinf(value):  # which JSON has no number for
        return {"float": str(value)}
    return value


def _value(data: Any) -> Any:
    if isinstance(data, dict) and "float" in data:
        return float(data["float"])
    if isinstance(data, dict):
        kind: type[Distribution] = getattr(distributions, data["distribution"])
        return kind(**data["arguments"])
    return data
