"""A synapse between two populations: what only the connection decides.

In: the checked models of a synapse and of its pre and post neurons. Out: the synapse with its defaults filled in, or
errors with carets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engram.language.errors import MisplacedName, UnknownName, UnknownTarget, WrongKind
from engram.language.model import Model, Ode, Parameter
from engram.language.nodes import Binary, Expr, GlobalOp, Name, Neighbour, Sum
from engram.language.parts import raise_problems
from engram.language.place import TextPlace
from engram.language.source import Block, Source
from engram.language.synapses import default_pre_spike
from engram.language.trees import nodes_of

__all__ = ["check_connection", "complete_synapse", "expressions"]


def complete_synapse(synapse: Model, is_spiking: bool) -> Model:
    """Return the synapse with the defaults of its presynaptic kind.

    A spiking one without ``psp`` gets ``g_target += w`` unless a statement changes g; a rate-coded one without ``psp``
    gets ``w*pre.r``.
    """
    if is_spiking:
        pre_spike = default_pre_spike(synapse.pre_spike) if synapse.psp is None else synapse.pre_spike
        return replace(synapse, spiking=True, pre_spike=pre_spike)
    if synapse.psp is not None:
        return replace(synapse, spiking=False)
    reads = tuple(dict.fromkeys((*synapse.reads_pre, "r")))
    return replace(synapse, spiking=False, psp=Binary("*", Name("w"), Neighbour("pre", "r")), reads_pre=reads)


def expressions(model: Model) -> Iterator[Expr]:
    """Yield every expression of a model, but those of its functions."""
    statements = (*model.equations, *model.event_driven, *model.reset, *model.axon_reset)
    for statement in (*statements, *model.pre_spike, *model.post_spike, *model.pre_axon_spike):
        yield statement.rate if isinstance(statement, Ode) else statement.value
    yield from (e for e in (model.spike, model.axon_spike, model.psp) if e is not None)
    yield from (rule.value for rule in (model.pruning, model.creating) if rule is not None)
    for variable in model.variables:
        yield from (b for b in (variable.minimum, variable.maximum) if b is not None)


def check_connection(
    synapse: Model,
    pre: Model,
    post: Model,
    target: str,
    *,
    pre_targets: Iterable[str] | None = None,
    post_targets: Iterable[str] | None = None,
) -> None:
    """Raise what is wrong with a synapse between these two kinds of neurons.

    Args:
        synapse, pre, post: checked models.
        target: the target of the projection, for messages.
        pre_targets, post_targets: targets that are connected to each population; None while that is not known, and
            then any may be asked for.

    Raises:
        LanguageError: UnknownName for ``pre.x`` without such an attribute, UnknownTarget for ``pre.sum(exc)`` that is
            not connected, WrongKind for events after rate-coded neurons; ``ModelErrors`` when there are several.
    """
    blocks = {name: Block(name, text) for name, text in synapse.texts}
    source = Source("synapse", synapse.name, blocks)
    neurons = {"pre": pre, "post": post}
    connected = {"pre": pre_targets, "post": post_targets}
    targets = {side: tuple(known) for side, known in connected.items() if known is not None}
    _check_kind(source, synapse, pre, post, target)
    seen: dict[Expr, None] = dict.fromkeys(n for e in expressions(synapse) for n in nodes_of(e))
    for node in seen:
        _check_node(source, node, neurons, targets)
    raise_problems(source)


def _check_node(source: Source, node: Expr, neurons: dict[str, Model], targets: dict[str, tuple[str, ...]]) -> None:
    """Report one node that reads what its population does not have."""
    match node:
        case Neighbour(side, name):
            _check_attribute(source, node, neurons[side], side, name)
        case Sum(asked, "pre" | "post" as side) if asked is not None and asked not in targets.get(side, (asked,)):
            what = f"'{side}.sum({asked})': nothing is connected to the target '{asked}'"
            source.report(UnknownTarget(what, source.place(node.span), asked, targets[side]))
        case GlobalOp(op, Neighbour(side, name)):
            _check_is_local(source, node, neurons[side], op, side, name)
        case Name(id) if id in ("t_pre", "t_post") and not neurons[id.removeprefix("t_")].spiking:
            what = f"'{id}': the {id.removeprefix('t_')} population is rate-coded and has no spikes"
            advice = f"a rate-coded neuron has its rate, '{id.removeprefix('t_')}.r'."
            source.report(MisplacedName(what, source.place(node.span), advice=advice, identifier=id))
        case _:
            pass


def _check_kind(source: Source, synapse: Model, pre: Model, post: Model, target: str) -> None:
    """Events need spikes, and only rate-coded input has other operations than the sum."""
    place = TextPlace(source.title)
    if synapse.spiking and not pre.spiking:
        called = f" '{pre.name}'" if pre.name else ""
        what = f"a spiking synapse can't follow the rate-coded neuron{called} (target '{target}')"
        source.report(WrongKind(what, place, advice="give a `psp` instead of events, or a neuron with `spike`."))
    elif synapse.spiking and not post.spiking:
        called = f" '{post.name}'" if post.name else ""
        what = f"a spiking synapse can't act on the rate-coded neuron{called} (target '{target}')"
        advice = "rates arrive there: give a `psp` such as 'w*pre.r', with pre.r from compute_firing_rate()."
        source.report(WrongKind(what, place, advice=advice))
    if synapse.post_spike and not post.spiking:
        what = "`post_spike` needs a spiking postsynaptic neuron"
        source.report(WrongKind(what, TextPlace(source.title, "post_spike"), advice="remove `post_spike`."))
    if synapse.pre_axon_spike and pre.spiking and pre.axon_spike is None:
        what = "`pre_axon_spike` needs a presynaptic neuron with `axon_spike`"
        advice = "remove it, or give the neuron axon_spike='v > ...'."
        source.report(WrongKind(what, TextPlace(source.title, "pre_axon_spike"), advice=advice))
    if pre.spiking and post.spiking and synapse.operation != "sum":
        what = f"spikes are added up; the operation '{synapse.operation}' needs a rate-coded neuron"
        source.report(WrongKind(what, place, advice="remove `operation`."))


def _check_attribute(source: Source, node: Neighbour, neuron: Model, side: str, name: str) -> None:
    attribute = neuron.attribute(name)
    if isinstance(attribute, Parameter) and attribute.is_table:
        what = f"'{side}.{name}': '{name}' of the {side} neuron is a table"
        advice = f"let the neuron read it, 'y = {name}[k]', and write '{side}.y' here."
        source.report(MisplacedName(what, source.place(node.span), advice=advice, identifier=name))
    if attribute is not None:
        return
    called = f" '{neuron.name}'" if neuron.name else ""
    what = f"'{side}.{name}': the {side} neuron{called} has no attribute '{name}'"
    known = (*(p.name for p in neuron.parameters), *(v.name for v in neuron.variables))
    advice = "name one of these, or define it in `parameters` or `equations` of that neuron."
    source.report(UnknownName(what, source.place(node.span), name, known, advice))


def _check_is_local(source: Source, node: GlobalOp, neuron: Model, op: str, side: str, name: str) -> None:
    attribute = neuron.attribute(name)
    if attribute is not None and attribute.locality != "local":
        what = f"{op}({side}.{name}): '{name}' has one value for the population"
        source.report(MisplacedName(what, source.place(node.span), advice=f"write '{side}.{name}'.", identifier=name))
