"""What the rest of engram needs to know of a model without its equations: attributes, kind, targets.

In: a checked model. Out: :class:`ModelSpec`, and the same as JSON, which the cache keeps, so that a script whose models
have been seen before neither parses nor lowers anything. Kernels have their signature (everything but the loop body).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from engram.ir.events import LAST_SLOTS, traces_of
from engram.ir.nodes import Argument, DrawSpec, Index, Kernel, KernelKind
from engram.language.model import Kind, Locality, Model, Type, Variable
from engram.state import distributions
from engram.state.distributions import Distribution

__all__ = ["Attribute", "ModelSpec", "signature", "signature_from_json", "signature_to_json", "spec_of"]

Value = float | int | bool | str | Distribution  # a string names another attribute or a constant


@dataclass(frozen=True)
class Attribute:
    """One parameter or variable; ``default`` is its value before anything happens."""

    name: str
    default: Value
    locality: Locality
    type: Type
    is_variable: bool
    implicit: bool = False


@dataclass(frozen=True)
class ModelSpec:
    """A neuron or synapse as the network sees it.

    Args:
        attributes: parameters, then variables, in order of definition.
        refractory: ms, the name of an attribute, or None.
        last_slots: of a synapse: slots with the steps of last events, as (name, one per what).
        is_plastic: of a synapse: something assigns to ``w``.
        has_post_spike: of a synapse: it has statements for postsynaptic spikes.
        reads_pre, reads_post: of a synapse: attributes of its neighbours.
        equations: the text of each block, for files and reports.
    """

    kind: Kind
    name: str
    attributes: tuple[Attribute, ...]
    spiking: bool | None
    targets: tuple[str, ...]
    refractory: float | str | None
    last_slots: tuple[tuple[str, str], ...]
    is_plastic: bool
    has_post_spike: bool
    reads_pre: tuple[str, ...]
    reads_post: tuple[str, ...]
    equations: tuple[tuple[str, str], ...]

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of that name, or None."""
        return next((a for a in self.attributes if a.name == name), None)

    def to_json(self) -> dict[str, Any] | None:
        """Return the spec as JSON data; None if it holds something that is no data (a NumPy generator)."""
        defaults = [a.default for a in self.attributes if isinstance(a.default, Distribution)]
        if any(d.rng is not None for d in defaults):
            return None
        data = asdict(replace(self, attributes=()))
        data["attributes"] = [{**vars(a), "default": _plain(a.default)} for a in self.attributes]
        return data

    @staticmethod
    def from_json(data: dict[str, Any]) -> ModelSpec:
        """Return the spec that :meth:`to_json` wrote."""
        attributes = tuple(Attribute(**{**a, "default": _value(a["default"])}) for a in data["attributes"])
        lists = {k: tuple(data[k]) for k in ("targets", "reads_pre", "reads_post")}
        pairs = {k: tuple((a, b) for a, b in data[k]) for k in ("last_slots", "equations")}
        return ModelSpec(**{**data, **lists, **pairs, "attributes": attributes})


def spec_of(model: Model) -> ModelSpec:
    """Return what the network needs to know of a checked model."""
    attributes = [Attribute(p.name, p.value, p.locality, p.type, is_variable=False) for p in model.parameters] + [
        Attribute(v.name, v.init, v.locality, v.type, is_variable=True, implicit=v.implicit) for v in model.variables
    ]
    is_synapse = model.kind == "synapse"
    last = tuple((LAST_SLOTS[side][0], LAST_SLOTS[side][1].value) for side in traces_of(model).sides())
    return ModelSpec(
        kind=model.kind,
        name=model.name,
        attributes=tuple(attributes),
        spiking=model.spiking,
        targets=model.targets,
        refractory=model.refractory,
        last_slots=last if is_synapse else (),
        is_plastic=any(s.name == "w" for s in (*model.equations, *model.pre_spike, *model.post_spike))
        or isinstance(model.attribute("w"), Variable),
        has_post_spike=bool(model.post_spike),
        reads_pre=model.reads_pre,
        reads_post=model.reads_post,
        equations=model.texts,
    )


def _plain(value: Value) -> Any:
    if isinstance(value, Distribution):
        arguments = {k: v for k, v in vars(value).items() if k != "rng"}
        return {"distribution": type(value).__name__, "arguments": arguments}
    return value


def _value(data: Any) -> Value:
    if isinstance(data, dict):
        kind: type[Distribution] = getattr(distributions, data["distribution"])
        return kind(**data["arguments"])
    value: Value = data
    return value


def signature(kernel: Kernel) -> Kernel:
    """Return the kernel without its loop body: what is needed to call the compiled function."""
    return Kernel(kernel.name, kernel.kind, kernel.arguments, draws=kernel.draws, into=kernel.into, gates=kernel.gates)


def signature_to_json(kernel: Kernel) -> dict[str, Any]:
    """Return a signature as JSON data."""
    return {
        "name": kernel.name,
        "kind": kernel.kind.value,
        "arguments": [{**vars(a), "index": a.index.value} for a in kernel.arguments],
        "draws": [vars(d) for d in kernel.draws],
        "into": kernel.into,
        "gates": list(kernel.gates),
    }


def signature_from_json(data: dict[str, Any]) -> Kernel:
    """Return the signature that :func:`signature_to_json` wrote."""
    return Kernel(
        name=data["name"],
        kind=KernelKind(data["kind"]),
        arguments=tuple(Argument(**{**a, "index": Index(a["index"])}) for a in data["arguments"]),
        draws=tuple(DrawSpec(**d) for d in data["draws"]),
        into=data["into"],
        gates=tuple(data["gates"]),
    )
