"""The rules of the language about names: what may be read where, and assigned by whom.

In: a ``Scope``, and the lines and expressions of a model. Out: problems in the scope's source.
"""

from __future__ import annotations

from collections.abc import Iterable

from engram.elsewhere.near import nearest
from engram.language.errors import (
    AssignedParameter,
    BadDerivative,
    MisplacedName,
    MisplacedRate,
    ReservedName,
    UnknownName,
    WrongLocality,
)
from engram.language.hints import name_hint
from engram.language.lines import EVENTS, Line
from engram.language.nodes import Expr, GlobalOp, Item, Name, Neighbour, Sum
from engram.language.printer import to_text
from engram.language.scope import CONDUCTANCE, SHARING, WHITE_NOISE, Scope, constant_advice, elementwise_nodes
from engram.language.vocabulary import RESERVED

__all__ = ["check_assigned", "check_reads", "check_sharing"]

_WORD = {0: "local", 1: "semi-global", 2: "global"}


def check_reads(scope: Scope, exprs: Iterable[Expr]) -> None:
    """Report every name and construct that can't be read in this model; an unknown name once."""
    unknown: set[str] = set()
    for expr in exprs:
        nodes = elementwise_nodes(expr)
        indexed = {id(node.table) for node in nodes if isinstance(node, Item)}
        for node in nodes:
            match node:
                case Item(table):
                    _check_item(scope, table)
                case Name(name) if id(node) not in indexed and scope.is_table(name):
                    _report_whole_table(scope, node)
                case Name(name) if "/" in name:
                    _report_derivative(scope, node)
                case Name(name) if name not in unknown:
                    if not _check_name(scope, node):
                        unknown.add(name)
                case GlobalOp(op, Name(name)):
                    _check_global_op(scope, node, op, name)
                case Neighbour() | Sum() | GlobalOp():
                    _check_construct(scope, node)
                case _:
                    pass


def check_assigned(scope: Scope, lines: Iterable[Line]) -> None:
    """Report assignments to what can't be assigned there."""
    for line in lines:
        place = scope.source.place(line.head)
        parameter = scope.parameters.get(line.name)
        is_of_synapse = scope.kind == "synapse" and line.block in EVENTS
        if parameter is not None and is_of_synapse and parameter.locality != "local":
            what = f"{line.block} belongs to one synapse and cannot assign the {parameter.locality} '{line.name}'"
            advice = f"drop the flag of '{line.name}': each synapse then has a variable of its own."
            scope.source.report(WrongLocality(what, place, advice=advice, identifier=line.name))
        elif parameter is not None:
            what = f"'{line.name}' is a parameter and cannot be assigned"
            move = "move it to `equations` as" if line.block in EVENTS else "remove it from `parameters` and make it"
            advice = f"{move} a variable with init={_value_text(scope, line.name)}."
            scope.source.report(AssignedParameter(what, place, advice=advice, identifier=line.name))
        elif line.name == "g_target":
            _check_g_target(scope, line)
        elif line.block in EVENTS:
            _check_event_target(scope, line)


def check_sharing(scope: Scope, name: str, expr: Expr, what: str) -> None:
    """Report what ``expr``, a part of the shared variable ``name``, reads though each element has its own."""
    attribute = scope.attribute(name)
    if attribute is None or attribute.locality == "local":
        return
    sharing = SHARING[attribute.locality]
    for node in elementwise_nodes(expr):
        if scope.sharing(node) < sharing and _is_known(scope, node):
            text = to_text(node)
            message = f"{what} of the {_WORD[sharing]} '{name}' can't depend on '{text}', which is not shared as widely"
            place = scope.source.place(node.span)
            instead = f"use mean({text})" if scope.kind == "neuron" and isinstance(node, Name) else "share that too"
            if isinstance(node, Name) and scope.is_table(node.id):
                instead = f"give '{node.id}' the flag 'population' as well"
            advice = f"drop the flag of '{name}', or {instead}."
            scope.source.report(WrongLocality(message, place, advice=advice, identifier=name))


def _is_known(scope: Scope, node: Expr) -> bool:
    return not isinstance(node, Name) or node.id in scope.known


def _check_name(scope: Scope, node: Name, in_operation: bool = False) -> bool:
    """Whether a name is known here; if not, it is reported."""
    if node.id in scope.known or node.id in scope.source.assumed:
        return True
    place = scope.source.place(node.span)
    elsewhere = _elsewhere(scope, node.id)
    if node.id.startswith("'"):
        what = f"a name in quotes, {node.id}, can be the value of a parameter only"
        scope.source.report(MisplacedName(what, place, advice="write it without quotes."))
        return False
    if elsewhere:
        advice = f"name one of them: '{node.id}.r'." if elsewhere.startswith("is no value") else ""
        if node.id == "g_target" and scope.kind == "neuron":
            advice = "name the target: g_exc, g_inh ..."
        elif node.id in ("t_pre", "t_post") and scope.kind == "neuron":
            last = "the time of a neuron's own last spike is 't_last'"
            advice = f"{last}." if scope.is_spiking else f"{last}, if it has a `spike` condition."
        elif node.id == "t_last":
            advice = "give it a `spike` condition." if scope.kind == "neuron" else "write 't_pre' or 't_post'."
        scope.source.report(MisplacedName(f"'{node.id}' {elsewhere}", place, advice=advice, identifier=node.id))
        return False
    what = f"unknown name '{node.id}'"
    hint = name_hint(node.id, scope.known) or _conductance_hint(scope, node.id)
    advice = "" if in_operation else constant_advice(node.id)
    may_come = bool(advice) and not hint and node.id != WHITE_NOISE
    hint = hint or _suffix_hint(scope, node.id)
    if in_operation:
        advice = "it is over an attribute of the neurons: define that in `equations` or `parameters`."
    elif not advice and node.id not in RESERVED:
        advice = f"give it a value in `parameters`: '{node.id} = ...'; or an equation."
    scope.source.report(UnknownName(what, place, node.id, scope.known, advice, hint, may_come))
    return False


def _check_item(scope: Scope, table: Name) -> None:
    """Report an index behind what is no table."""
    if scope.is_table(table.id) or table.id not in scope.known:  # what is not known is reported as such
        return
    what = f"'{table.id}' is no table and has no entries"
    advice = "equations know no indices: each neuron or synapse computes for itself."
    if table.id in scope.parameters and scope.kind == "neuron":
        advice = f"in `parameters` write '{table.id} = {_value_text(scope, table.id)} : table'."
    scope.source.report(MisplacedName(what, scope.source.place(table.span), advice=advice, identifier=table.id))


def _report_whole_table(scope: Scope, node: Name) -> None:
    what = f"'{node.id}' is a table, which is read entry by entry"
    advice = f"write '{node.id}[k]', with a whole number k that counts from 0."
    scope.source.report(MisplacedName(what, scope.source.place(node.span), advice=advice, identifier=node.id))


def _conductance_hint(scope: Scope, name: str) -> str:
    """Say how a conductance is written where its name is not known."""
    if not CONDUCTANCE.match(name):
        return ""
    if scope.kind == "neuron":
        return f"a rate-coded neuron reads its input as sum({name[2:]})."
    return f"the conductance that a synapse acts on is 'g_target', one of the neuron's by name 'post.{name}'."


def _suffix_hint(scope: Scope, name: str) -> str:
    """Say how a synapse reads an attribute of its neurons, where a name that means one elsewhere is not known."""
    stem, _, side = name.rpartition("_")
    if name.startswith(("pre_", "post_")):
        side, _, stem = name.partition("_")
    near = nearest(name, tuple(one for one in scope.known if one not in ("t_pre", "t_post")))
    if not stem or side not in ("pre", "post") or near:
        return ""
    reads = f"a synapse reads the attribute '{stem}' of the {side}synaptic neuron as '{side}.{stem}'"
    if scope.kind == "neuron":
        return f"{reads}; a neuron reads none of another."
    return f"{reads}; a parameter of that name is given in `parameters`: '{name} = ...'."


def _elsewhere(scope: Scope, name: str) -> str:
    """Say where a name of the language is known that isn't known here."""
    if name in ("t_pre", "t_post"):
        return "is known in synapses only"
    if name == "t_last":
        return "is known in spiking neurons only" if scope.kind == "neuron" else "is known in neurons only"
    if name == "g_target":
        return "is known in synapses only" if scope.kind == "neuron" else "is known in spiking synapses only"
    if name in ("pre", "post"):
        return "is known in synapses only" if scope.kind == "neuron" else "is no value: it has attributes"
    return ""


def _check_construct(scope: Scope, node: Neighbour | Sum | GlobalOp) -> None:
    """Report ``pre.x`` in neurons, ``sum(exc)`` in synapses, global operations on what isn't a population's."""
    source, place = scope.source, scope.source.place(node.span)
    match node:
        case Neighbour(side, name) if scope.kind == "neuron":
            what = f"'{side}.{name}' is known in synapses only"
            source.report(MisplacedName(what, place, advice=f"a neuron's own attribute is '{name}'."))
        case Sum(target, side) if scope.kind == "neuron" and side != "own":
            what = f"'{side}.sum({target or ''})' is known in synapses only"
            source.report(MisplacedName(what, place, advice=f"a neuron's own input is 'sum({target or ''})'."))
        case Sum(target, "own") if scope.kind == "synapse":
            what = f"'sum({target or ''})' belongs to neurons"
            source.report(MisplacedName(what, place, advice=f"write 'pre.sum({target or ''})' or 'post.sum(...)'."))
        case GlobalOp(_, Neighbour() as operand):
            _check_construct(scope, operand)
        case _:
            pass


def _check_global_op(scope: Scope, node: GlobalOp, op: str, name: str) -> None:
    source, place = scope.source, scope.source.place(node.span)
    attribute = scope.attribute(name)
    if scope.kind == "synapse":
        what = f"{op}({name}): a global operation is over a population, not over synapses"
        source.report(MisplacedName(what, place, advice=_global_hint(scope, op, name), identifier=name))
    elif attribute is None and name not in scope.known:
        if isinstance(node.operand, Name):
            _check_name(scope, node.operand, in_operation=True)
    elif attribute is not None and attribute.locality != "local":
        what = f"{op}({name}): '{name}' has one value for the population"
        source.report(WrongLocality(what, place, advice=f"write '{name}'.", identifier=name))
    elif scope.is_table(name):
        _report_whole_table(scope, Name(name, node.operand.span))
    elif attribute is None:
        what = f"{op}({name}): a global operation is over an attribute of the neurons"
        source.report(MisplacedName(what, place, advice=f"write '{name}'.", identifier=name))


def _global_hint(scope: Scope, op: str, name: str) -> str:
    """Say what a global operation in a synapse could have been."""
    if name in ("pre", "post"):
        return f"name an attribute of the neurons: '{op}({name}.r)'."
    if scope.attribute(name) is not None:
        return f"'{name}' is an attribute of the synapse; those of the neurons are '{op}(pre.r)' or '{op}(post.r)'."
    return f"write '{op}(pre.{name})' or '{op}(post.{name})'."


def _check_g_target(scope: Scope, line: Line) -> None:
    if line.block in ("pre_spike", "pre_axon_spike"):
        return
    what = f"'g_target' cannot be assigned in {line.block}"
    advice = "presynaptic spikes change it: move the statement to `pre_spike`."
    if scope.kind == "neuron":
        advice = "name the target: g_exc, g_inh ..."
    problem = MisplacedName(what, scope.source.place(line.head), advice=advice, identifier="g_target")
    scope.source.report(problem)


def _check_event_target(scope: Scope, line: Line) -> None:
    """Check the left side of a statement in ``reset``, ``pre_spike`` ..."""
    source, place = scope.source, scope.source.place(line.head)
    variable = scope.variables.get(line.name)
    if line.name in source.assumed:
        return
    if line.name in RESERVED:
        what, advice = f"'{line.name}' cannot be assigned", f"assign another name, such as '{line.name}_0'."
        source.report(ReservedName(what, place, advice=advice, identifier=line.name))
    elif line.name == "r" and scope.kind == "neuron" and scope.is_spiking:
        what = "'r' of a spiking neuron is its firing rate and cannot be assigned"
        source.report(MisplacedRate(what, place, advice="see compute_firing_rate().", identifier="r"))
    elif variable is None:
        what = f"unknown name '{line.name}'"
        advice = f"define it in `equations`: '{line.name} = {line.name} : init=0.0' is changed by events alone."
        source.report(UnknownName(what, place, line.name, tuple(scope.variables), advice))
    elif scope.kind == "synapse" and variable.implicit and CONDUCTANCE.match(line.name):
        what = f"'{line.name}' would be a new variable of the synapse, not the conductance of the neuron"
        advice = "write 'g_target'; a variable of the synapse needs another name, or an equation."
        source.report(MisplacedName(what, place, advice=advice, identifier=line.name))
    elif variable.implicit and _is_neighbours(scope, line.name):
        _report_suffix(scope, line)
    elif variable.locality != "local" and scope.kind == "synapse":
        what = f"{line.block} belongs to one synapse and cannot assign the {variable.locality} variable '{line.name}'"
        advice = f"drop the flag of '{line.name}'."
        source.report(WrongLocality(what, place, advice=advice, identifier=line.name))


def _is_neighbours(scope: Scope, name: str) -> bool:
    """Whether the name of a new variable of a synapse is one that elsewhere is an attribute of a neuron."""
    source = scope.source
    is_meant = name in source.declared or source.is_printed
    return scope.kind == "synapse" and name.endswith(("_pre", "_post")) and not is_meant


def _report_suffix(scope: Scope, line: Line) -> None:
    """Report ``v_post += w``, which elsewhere acts on the neuron."""
    stem, _, side = line.name.rpartition("_")
    what = f"'{line.name}' would be a new variable of the synapse, not an attribute of the {side}synaptic neuron"
    act = "a synapse acts on the neuron by 'g_target += w', which its equations read as e.g. g_exc"
    advice = f"{act}; with an initial value it is a variable of the synapse: '{line.text} : init=0.0'."
    if stem and line.op == "=":
        advice = f"a synapse reads '{side}.{stem}', and {advice.removeprefix('a synapse ')}"
    place = scope.source.place(line.head)
    scope.source.report(MisplacedName(what, place, advice=advice, identifier=line.name))


def _value_text(scope: Scope, name: str) -> str:
    value = scope.parameters[name].value
    return str(value) if isinstance(value, float | int | str) else "..."


def _report_derivative(scope: Scope, node: Name) -> None:
    what = f"'{node.id}' can't be read"
    advice = "give its right side a name by a statement, and read that."
    scope.source.report(BadDerivative(what, scope.source.place(node.span), advice=advice, identifier=node.id))
