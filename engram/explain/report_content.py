"""What a report says, and a notebook shows: populations, projections, and after these the models, with their values.

In: a network, compiled or not. Out: a :class:`Document` without a format. The equations of a model are said by
``report_models.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy.typing as npt

from engram.explain.document import Block, Cell, Heading, Math, Paragraph, Table, Text, Verbatim
from engram.explain.report_models import equations
from engram.explain.report_values import current_text, initial_text, value_text
from engram.language.connection import complete_synapse
from engram.language.forms import distribution_text
from engram.language.model import Model
from engram.language.printer import number_text
from engram.language.symbols import symbol
from engram.program.drafts import PER_SYNAPSE
from engram.program.given import Given
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.state.distributions import Distribution

__all__ = ["model_blocks", "model_equations", "network_blocks", "report_blocks"]

Array = npt.NDArray[Any]


def report_blocks(program: Program, gather_subprojections: bool) -> tuple[Block, ...]:
    """Return the sections of a report.

    Args:
        gather_subprojections: one row for all projections of one synapse between the same populations.
    """
    populations, projections = [*program.populations.values()], [*program.projections.values()]
    neurons = _labelled(populations, "Neuron")
    synapses = _labelled(projections, "Synapse")
    blocks = [*_network(program), *_populations(populations, neurons)]
    blocks += _projections(program, projections, synapses, gather_subprojections)
    blocks += _models("Neuron models", populations, neurons, program)
    blocks += _models("Synapse models", projections, synapses, program)
    return tuple(blocks)


def network_blocks(program: Program) -> list[Block]:
    """Return what a network consists of, without its models."""
    populations, projections = [*program.populations.values()], [*program.projections.values()]
    neurons, synapses = _labelled(populations, "Neuron"), _labelled(projections, "Synapse")
    found = [*_network(program), *_populations(populations, neurons)]
    found += _projections(program, projections, synapses, gather=False)
    return [block for block in found if not isinstance(block, Heading)]


def model_blocks(owner: Neurons | Synapses) -> list[Block]:
    """Return what the neurons of a population or the synapses of a projection compute, with their values."""
    found: list[Block] = []
    if isinstance(owner, Synapses):
        found += _projections(owner.program, [owner], _labelled([owner], "Synapse"), gather=False)[1:]
    if owner.definition.description:
        found.append(Paragraph(_text(owner.definition.description)))
    return [*found, *map(_of_one, _equations_and_values([owner]))]


def _of_one(block: Block) -> Block:
    """Return a block without the column that says whose the values are."""
    if not isinstance(block, Table) or block.header[-1] != "Of":
        return block
    return Table(block.header[:-1], tuple(row[:-1] for row in block.rows))


def _key(owner: Neurons | Synapses) -> str:
    """Return what tells models apart; a synapse means something else after rate-coded neurons."""
    return f"{owner.definition.key} {owner.is_spiking}"


def _labelled(owners: Iterable[Neurons | Synapses], kind: str) -> dict[str, str]:
    """Return what each model is called, by its key: its name, or a number; no two are called the same."""
    labels: dict[str, str] = {}
    for owner in owners:
        if _key(owner) not in labels:
            name = owner.definition.name or f"{kind} {len(labels) + 1}"
            used = set(labels.values())
            again = (f"{name} ({k})" for k in range(2, len(used) + 3))
            labels[_key(owner)] = name if name not in used else next(new for new in again if new not in used)
    return labels


def _text(text: str) -> Cell:
    return (Text(text),)


def _code(text: str) -> Cell:
    return (Verbatim(text),)


# -- overview ----------------------------------------------------------------------------------------------


def _network(program: Program) -> list[Block]:
    settings = [
        ("Step", _code(f"{program.dt!r} ms")),
        ("Method of equations that name none", _code(program.config.method)),
    ]
    if program.config.event_clock != "exact":
        settings.append(("Clock of event-driven variables", _code(program.config.event_clock)))
    if program.config.seed is not None:
        settings.append(("Seed", _code(str(program.seed))))
    blocks: list[Block] = [Heading(1, _text("Network")), Table(("Setting", "Value"), _rows(settings))]
    if program.constants:
        rows = tuple((_code(n), (Math(symbol(n)),), _code(number_text(v))) for n, v in program.constants_now.items())
        blocks.append(Table(("Constant", "Symbol", "Value"), rows))
    return blocks


def _rows(settings: list[tuple[str, Cell]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple((_text(name), value) for name, value in settings)


def _populations(populations: list[Neurons], labels: dict[str, str]) -> list[Block]:
    rows = tuple(
        (
            _text(p.name),
            _code(" x ".join(map(str, p.geometry))),
            _code(str(p.size)),
            _text("spiking" if p.is_spiking else "rate-coded"),
            _text(labels[_key(p)]),
        )
        for p in populations
    )
    header = ("Population", "Geometry", "Neurons", "Kind", "Neuron model")
    return [Heading(1, _text("Populations")), Table(header, rows) if rows else Paragraph(_text("None."))]


def _projections(program: Program, projections: list[Synapses], labels: dict[str, str], gather: bool) -> list[Block]:
    groups: dict[tuple[str, ...], list[Synapses]] = {}
    for p in projections:
        alike = (p.pre.name, p.post.name, *p.targets, _key(p))
        groups.setdefault(alike if gather else (p.name,), []).append(p)
    header = ["Projection", "Pre", "Post", "Target", "Synapse model", "Connector", "Weights", "Delays (ms)"]
    rows = []
    for group in groups.values():
        first = group[0]
        row = [_names(p.name for p in group)]
        row += [
            _names(_part(p.pre, p.pre_ranks) for p in group),
            _names(_part(p.post, p.post_ranks) for p in group),
        ]
        row += [_code(", ".join(first.targets)), _text(labels[_key(first)])]
        row += [_each(f(p) for p in group) for f in (_connector, _weights, _delays)]
        if program.compiled:
            row.append(_code(str(sum(p.n_syn for p in group))))
        rows.append(tuple(row))
    header += ["Synapses"] if program.compiled else []
    table = Table(tuple(header), tuple(rows))
    return [Heading(1, _text("Projections")), table if rows else Paragraph(_text("None."))]


def _part(population: Neurons, ranks: Array | None) -> str:
    return population.name if ranks is None else f"{population.name} ({len(ranks)} of {population.size})"


def _names(texts: Iterable[str]) -> Cell:
    """Return different texts once each."""
    return _text(", ".join(dict.fromkeys(texts)))


def _each(texts: Iterable[str]) -> Cell:
    """Return different pieces of code once each."""
    parts: list[Text | Verbatim] = []
    for text in dict.fromkeys(texts):
        parts += [Text(", "), Verbatim(text)] if parts else [Verbatim(text)]
    return tuple(parts)


def _connector(projection: Synapses) -> str:
    connection = projection.draft.connection
    if connection is None:
        return "not connected yet"
    extra = ", allow_self_connections" if connection.allow_self and projection.pre is projection.post else ""
    return connection.connector.call + extra


def _weights(projection: Synapses) -> str:
    connection = projection.draft.connection
    given = projection.draft.values.get("w", "" if connection is None else connection.weights)
    return value_text(projection.given_value(projection.attribute("w")) if isinstance(given, Given) else given)


def _delays(projection: Synapses) -> str:
    connection = projection.draft.connection
    if connection is None:
        return ""
    if isinstance(connection.delays, Distribution):
        return distribution_text(connection.delays)
    if connection.delays == PER_SYNAPSE:
        return str(PER_SYNAPSE)
    return number_text(max(float(connection.delays), projection.program.dt))


# -- models ------------------------------------------------------------------------------------------------


def _models(
    title: str, owners: list[Neurons] | list[Synapses], labels: dict[str, str], program: Program
) -> list[Block]:
    groups: dict[str, list[Neurons | Synapses]] = {key: [] for key in labels}
    for owner in owners:
        groups[_key(owner)].append(owner)
    blocks: list[Block] = [Heading(1, _text(title))] if groups else []
    for key, group in groups.items():
        blocks += _model(labels[key], group, program)
    return blocks


def _model(label: str, owners: list[Neurons | Synapses], program: Program) -> list[Block]:
    definition = owners[0].definition
    blocks: list[Block] = [Heading(2, _text(label))]
    if definition.description:
        blocks.append(Paragraph(_text(definition.description)))
    kind = "Spiking" if owners[0].is_spiking else "Rate-coded"
    names = ", ".join(o.name for o in owners)
    blocks.append(Paragraph(_text(f"{kind} {definition.spec.kind} of {names}.")))
    return blocks + _equations_and_values(owners)


def _equations_and_values(owners: list[Neurons | Synapses]) -> list[Block]:
    return model_equations(owners[0]) + _parameters(owners) + _variables(owners)


def model_equations(owner: Neurons | Synapses) -> list[Block]:
    """Return the equations of neurons or synapses."""
    return equations(_complete(owner.definition.model, owner.is_spiking), owner.program.config.method)


def _complete(model: Model, is_spiking: bool) -> Model:
    return complete_synapse(model, is_spiking) if model.kind == "synapse" else model


def _parameters(owners: list[Neurons | Synapses]) -> list[Block]:
    rows: list[tuple[Cell, ...]] = []
    for attribute in owners[0].spec.attributes:
        if not attribute.is_variable:
            values = _by_value({o.name: current_text(o, attribute) for o in owners})
            head = (_code(attribute.name), (Math(symbol(attribute.name)),))
            tail = (_text(_one_per(owners[0], attribute.locality)), _text(attribute.type))
            rows += [(*head, _code(value), *tail, _text(names)) for value, names in values.items()]
    if isinstance(owners[0].spec.refractory, float | int):  # no attribute, yet it has a value
        values = _by_value({o.name: value_text(o.refractory_now()) for o in owners if isinstance(o, Neurons)})
        tail = (_text("neuron"), _text("float"))
        rows += [(_code("refractory"), (), _code(value), *tail, _text(names)) for value, names in values.items()]
    header = ("Parameter", "Symbol", "Value", "One per", "Type", "Of")
    return [_titled("Parameters"), Table(header, tuple(rows))] if rows else []


def _variables(owners: list[Neurons | Synapses]) -> list[Block]:
    rows: list[tuple[Cell, ...]] = []
    for attribute in owners[0].spec.attributes:
        if attribute.is_variable:
            values = _by_value({o.name: initial_text(o, attribute) for o in owners})
            head = (_code(attribute.name), (Math(symbol(attribute.name)),))
            tail = (_text(_one_per(owners[0], attribute.locality)), _text(attribute.type))
            rows += [(*head, _code(value), *tail, _text(names)) for value, names in values.items()]
    header = ("Variable", "Symbol", "Initial value", "One per", "Type", "Of")
    return [_titled("Variables"), Table(header, tuple(rows))] if rows else []


def _by_value(values: dict[str, str]) -> dict[str, str]:
    """Return the names of the objects that have each value; ``all`` if there is one value."""
    found: dict[str, list[str]] = {}
    for name, value in values.items():
        found.setdefault(value, []).append(name)
    return {value: ", ".join(names) if len(found) > 1 else "all" for value, names in found.items()}


def _one_per(owner: Neurons | Synapses, locality: str) -> str:
    words = {"neuron": ("neuron", "population"), "synapse": ("synapse", "projection")}[owner.spec.kind]
    return {"local": words[0], "global": words[1], "semiglobal": "post neuron"}[locality]


def _titled(title: str) -> Heading:
    return Heading(3, _text(title))
