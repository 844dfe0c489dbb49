"""The rules of the language about whole models: the rate ``r``, methods, random draws, what needs a spike.

In: a ``Scope`` and the lines of a model. Out: problems in the scope's source.
"""

from __future__ import annotations

from collections.abc import Iterable

from engram.language.errors import (
    BadDerivative,
    BadSyntax,
    BadValue,
    DuplicateDefinition,
    MisplacedFlag,
    MisplacedName,
    MisplacedRate,
    MissingRate,
    MissingSpike,
    MixedMethods,
    NotLinear,
    WrongLocality,
)
from engram.language.functions import inlined
from engram.language.linear import linear_rate, not_linear
from engram.language.lines import EVENTS, Line
from engram.language.methods import METHODS
from engram.language.model import Variable
from engram.language.nodes import Call, Expr, Name
from engram.language.place import TextPlace
from engram.language.scope import SHARING, Scope, elementwise_nodes, has_draw
from engram.language.source import Source
from engram.language.trees import nodes_of, span_of
from engram.language.values import fold

__all__ = [
    "check_bound",
    "check_bounds",
    "check_initial_values",
    "check_methods",
    "check_needs_spike",
    "check_rate",
    "check_resting",
]


def check_rate(scope: Scope) -> None:
    """A rate-coded neuron defines ``r``; a spiking one does not."""
    source, attribute = scope.source, scope.attribute("r")
    if not scope.is_spiking and attribute is None and not _may_be_defined(source, "r"):
        what = "a rate-coded neuron must define 'r', its output"
        advice = "add 'r = ...' to the equations, or give a `spike` condition."
        if "dr" in scope.variables:
            advice = "write its differential equation as 'dr/dt = ...'."
        source.report(MissingRate(what, TextPlace(source.title), advice=advice, identifier="r"))
        source.assumed.add("r")
    if scope.is_spiking and attribute is not None:
        what = "'r' of a spiking neuron is its firing rate and cannot be defined"
        advice = "choose another name; compute_firing_rate() fills 'r'."
        source.report(MisplacedRate(what, source.place(attribute.span), advice=advice, identifier="r"))


def _may_be_defined(source: Source, name: str) -> bool:
    """Whether a wrong statement was, or may have been, the definition of a name."""
    blocks = ("equations", "parameters")
    unread = [p for p in source.problems if isinstance(p, BadSyntax) and p.place is not None]
    return name in source.assumed or any(p.place.block in blocks for p in unread if p.place is not None)


def check_needs_spike(scope: Scope) -> None:
    """``reset``, ``axon_spike`` ... need ``spike``; ``axon_reset`` needs ``axon_spike``."""
    source = scope.source
    given = [name for name in source.blocks if source.content(name)]
    for name in ("reset", "axon_spike", "axon_reset", "refractory", "refractory_input"):
        if name in given and "spike" not in given:
            what = f"`{name}` needs a `spike` condition: without it the neuron is rate-coded"
            source.report(MissingSpike(what, TextPlace(source.title, name), advice="add spike='v > v_thresh'."))
    if "spike" in given and "axon_reset" in given and "axon_spike" not in given:
        what = "`axon_reset` needs an `axon_spike` condition"
        source.report(MissingSpike(what, TextPlace(source.title, "axon_reset"), advice="add axon_spike='...'."))
    if "spike" in given and "refractory_input" in given and "refractory" not in given:
        what = "`refractory_input` has no effect: the neuron has no refractory period"
        source.report(BadValue(what, TextPlace(source.title, "refractory_input"), advice="add refractory=2.0, in ms."))


def check_resting(scope: Scope, lines: Iterable[Line]) -> None:
    """Report what an equation shall do while its neuron is refractory, where no neuron, or no single one, ever is."""
    source = scope.source
    for line in lines:
        if line.flags.resting is None:
            continue
        place, word = (
            source.place(line.flags.span("refractory")),
            "unless" if line.flags.resting == "holds" else "while",
        )
        what = f"the flag '{word} refractory' has no effect"
        attribute = scope.attribute(line.name)
        if not scope.is_spiking:
            what, advice = f"{what}: a rate-coded neuron is never refractory", "remove the flag."
        elif not source.content("refractory"):
            what += ": the neuron has no refractory period"
            advice = "give it one, such as refractory=2.0, or remove the flag."
        elif attribute is not None and attribute.locality == "global":
            what += f": '{line.name}' is one for the population, which is never refractory as a whole"
            advice = "remove it, or the flag that makes the variable global."
        else:
            continue
        source.report(MisplacedFlag(what, place, advice=advice, identifier=f"{word} refractory"))


def check_methods(scope: Scope, lines: Iterable[Line]) -> None:
    """Check each method flag against its equation, and those of one neuron against each other."""
    listed = list(lines)
    coupled: Line | None = None
    for line in listed:
        method = line.flags.method
        if method is None:
            continue
        place = scope.source.place(line.flags.span("method"))
        if not line.is_ode:
            what = f"the method '{method}' belongs to a differential equation, and this is none"
            scope.source.report(MisplacedFlag(what, place, advice="remove the flag.", identifier=method))
        elif method == "event-driven":
            _check_event_driven(scope, line, listed, place)
        elif method == "exponential":
            _check_linear(scope, line, method)
        if scope.kind == "neuron" and line.is_ode and METHODS[method].is_coupled:
            if coupled is not None and coupled.flags.method != method:
                what = f"'{method}' and '{coupled.flags.method}' can't be mixed in one neuron: each solves all at once"
                advice = f"use '{coupled.flags.method}' for '{line.name}' too."
                scope.source.report(MixedMethods(what, place, advice=advice, identifier=method))
            coupled = coupled or line


def check_bounds(scope: Scope) -> None:
    """Bounds draw no random numbers, and leave room between them."""
    for variable in scope.variables.values():
        _check_order(scope, variable)
        for bound in (variable.minimum, variable.maximum):
            if bound is not None:
                check_bound(scope.source, variable.name, bound)


def check_bound(source: Source, name: str, bound: Expr) -> None:
    """Report a bound that draws random numbers."""
    if has_draw(bound):
        what = f"a bound of '{name}' can't be random"
        source.report(MisplacedName(what, source.place(bound.span), advice="name the draw by a statement."))


def _check_order(scope: Scope, variable: Variable) -> None:
    low, high = (fold(b) if b is not None else None for b in (variable.minimum, variable.maximum))
    if low is not None and high is not None and low > high and variable.maximum is not None:
        what = f"the bounds of '{variable.name}' leave no value: min={low} is above max={high}"
        place = scope.source.place(variable.maximum.span)
        scope.source.report(BadValue(what, place, advice="exchange them.", identifier=variable.name))


def check_initial_values(scope: Scope) -> None:
    """A shared variable starts from a parameter that is shared as widely."""
    for variable in scope.variables.values():
        parameter = scope.parameters.get(variable.init) if isinstance(variable.init, str) else None
        if parameter is not None and parameter.is_table:
            what = f"'{variable.name}' can't start from the table '{parameter.name}', which is read entry by entry"
            scope.source.report(BadValue(what, scope.source.place(variable.span), identifier=variable.name))
        elif parameter is not None and SHARING[parameter.locality] < SHARING[variable.locality]:
            start = f"the {parameter.locality} '{parameter.name}'"
            what = f"the {variable.locality} '{variable.name}' can't start from {start}"
            source = scope.source
            advice = "give both the same locality."
            source.report(WrongLocality(what, source.place(variable.span), advice=advice, identifier=variable.name))


def _check_event_driven(scope: Scope, line: Line, lines: list[Line], place: TextPlace) -> None:
    """An event-driven variable decays, in a synapse, to a steady state that only parameters decide."""
    source = scope.source
    if scope.kind == "neuron":
        asked = place.text[place.start : place.end]  # which may be the old word for it
        what = f"{asked!r} belongs to synapses: a neuron is updated in every step"
        source.report(MisplacedFlag(what, place, advice="use 'exponential'.", identifier="event-driven"))
        return
    variable = scope.variables.get(line.name)
    if variable is not None and variable.locality != "local":
        what = f"the event-driven '{line.name}' must be local: its events are those of one synapse"
        source.report(WrongLocality(what, place, advice="drop the locality.", identifier=line.name))
    again = [x for x in lines if x.name == line.name and x.block not in EVENTS and x is not line]
    if again:
        what = f"the event-driven '{line.name}' takes no part in the steps, so no equation can change it"
        advice = "move the statement to `pre_spike` or `post_spike`."
        source.report(DuplicateDefinition(what, source.place(again[0].head), advice=advice, identifier=line.name))
    if not _check_linear(scope, line, "event-driven"):
        return
    for node in elementwise_nodes(line.value):
        is_fixed = isinstance(node, Name) and (
            node.id in (line.name, "dt") or node.id in scope.parameters or node.id in scope.constants
        )
        if isinstance(node, Name) and node.id not in scope.known:
            continue
        if (_is_leaf(node) and not is_fixed) or has_draw(node):
            what = f"the event-driven '{line.name}' can depend on parameters only"
            advice = "write ': exponential' in its place: it is solved in every step."
            source.report(BadDerivative(what, source.place(node.span), advice=advice, identifier=line.name))
            return


def _is_leaf(node: Expr) -> bool:
    return type(node).__name__ in ("Name", "Neighbour", "Sum", "GlobalOp")


def _check_linear(scope: Scope, line: Line, method: str) -> bool:
    """Whether an equation has the normal form, or is constant; what keeps it from that is reported."""
    calls_user = any(isinstance(n, Call) and n.function in scope.functions for n in nodes_of(line.value))
    if calls_user and scope.source.problems:
        return False  # what a wrong function computes is not looked at
    rate = inlined(line.value, scope.functions)
    term = next(iter(not_linear(rate, (line.name,))), None)
    if term is None and (method == "exponential" or linear_rate(rate, line.name) is not None):
        return True
    place = scope.source.place(line.span if term is None else span_of(term))
    what = f"the method '{method}' needs an equation that is linear in '{line.name}'"
    details = (f"expected: the form tau*d{line.name}/dt + {line.name} = S, with {line.name} in neither tau nor S",)
    advice = "use 'explicit', 'midpoint' or 'rk4'."
    scope.source.report(NotLinear(what, place, details, advice, line.name))
    return False
