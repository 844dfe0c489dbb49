"""A checked model: what a neuron's or synapse's text says, as data.

In: built by ``language/parser.py`` from the arguments of ``eg.Neuron`` and ``eg.Synapse``. Out: of
what kernels and slots are made. Every name in it is known, every locality right.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from engram.language.nodes import NOWHERE, Expr, Span
from engram.state.distributions import Distribution

__all__ = [
    "Assign",
    "EventClock",
    "Function",
    "Kind",
    "Locality",
    "Model",
    "Ode",
    "Parameter",
    "Resting",
    "Rule",
    "Statement",
    "Type",
    "Variable",
]

Kind = Literal["neuron", "synapse"]
Locality = Literal["local", "semiglobal", "global"]  # one per element / one per post neuron (synapses) / one
Type = Literal["float", "int", "bool"]
EventClock = Literal["exact", "annarchy"]
Resting = Literal["holds", "goes on"]  # what an equation does while its neuron is refractory


@dataclass(frozen=True)
class Parameter:
    """A named constant of the model, which the user can set.

    ``value`` is a number, the name of a constant, or a distribution. A table has any number of entries, or of rows with
    one for each neuron; its ``value`` is the only one until the user sets others.
    """

    name: str
    value: float | int | bool | str | Distribution
    locality: Locality
    type: Type = "float"
    is_table: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Variable:
    """Something that changes during a run. Implicit ones (``g_exc``, ``w``, ``r``) have ``implicit=True``.

    ``init`` is a number, the name of a parameter or constant, or a distribution.
    ``minimum`` and ``maximum`` clamp the variable right after the statements that carry these flags.
    """

    name: str
    init: float | int | bool | str | Distribution = 0.0
    locality: Locality = "local"
    type: Type = "float"
    minimum: Expr | None = None
    maximum: Expr | None = None
    implicit: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Assign:
    """``x = e`` and ``x += e`` (``op`` is ``=``, ``+=``, ``-=``, ``*=`` or ``/=``).

    In a synapse's ``pre_spike`` the name ``g_target`` stands for the conductance of the projection's target.
    ``resting`` is as of :class:`Ode`.
    """

    name: str
    op: Literal["=", "+=", "-=", "*=", "/="]
    value: Expr
    text: str  # canonical one-line text, printed from the tree: ASCII, fit for a comment in C
    _: KW_ONLY
    unless_post: bool = False
    clamped: bool = False  # carries the variable's bounds
    resting: Resting | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Ode:
    """``dx/dt = rate``, solved for the derivative wherever it stood in the text, user functions put in place.

    ``sides`` are both sides of the equation as it is printed anew: ``dx/dt`` and the rate, with its calls of functions.
    Where solving brings random draws into another order, or one into several places, it is the equation as written: who
    reads the print counts the draws as they were counted, and their numbers are part of what is drawn.

    ``method`` is what the text asks for; None means the default of the network. ``resting`` is what it does while its
    neuron is refractory; None means that conductances go on, and all else holds.
    """

    name: str
    rate: Expr
    text: str  # canonical one-line text of the equation as it was written
    sides: tuple[Expr, ...]
    _: KW_ONLY
    method: str | None = None
    clamped: bool = False
    resting: Resting | None = None
    span: Span = field(default=NOWHERE, compare=False)


Statement = Assign | Ode


@dataclass(frozen=True)
class Function:
    """A user function: one expression over its own arguments, constants and other functions."""

    name: str
    arguments: tuple[str, ...]
    value: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Rule:
    """When synapses go, or come: where ``value`` is true, with probability ``proba``.

    ``w`` and ``d``, in ms, are what new ones have; None means the delay of all, or one step where there are several.
    """

    value: Expr
    proba: float = 1.0
    w: float = 0.0
    d: float | None = None


@dataclass(frozen=True)
class Model:
    """A whole checked neuron or synapse.

    Args:
        kind: ``neuron`` or ``synapse``.
        name: for messages: the user's name for the model, or ``""``.
        texts: source of each block as the user gave it (block name -> text), for messages and for files.
        spiking: of a neuron: it has a ``spike`` condition. Of a synapse: it has ``pre_spike``, ``post_spike`` ...
            None where a synapse's text does not decide (the presynaptic population does).
        targets: of a neuron: names whose input it reads, ``("exc", "inh")`` for ``sum(exc)`` or ``g_exc``.
        conductances: of a spiking neuron: its variables that are inputs, ``("g_exc", "g_inh")``. They are recorded
            before the neurons' update, and change while a neuron rests. A rate-coded neuron's inputs are no variables.
        reads_pre, reads_post: of a synapse: names of the neighbours' attributes that it reads.
        refractory: ms, or the name of an attribute.
        drops_input: of a neuron: what arrives while it is refractory is dropped, not kept.
        pruning, creating: of a synapse: when it goes, and where one comes.
        psp: of a synapse with continuous transmission; the default ``w*pre.r`` is not filled in here.
        draws: number of random draws in the equations.
        cautions: what the user should be told, although it is understood.
        event_clock: how event-driven variables count the time: ``exact``, or ``annarchy``, see ``ir/events.py``.
    """

    kind: Kind
    name: str
    texts: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...] = ()
    variables: tuple[Variable, ...] = ()
    equations: tuple[Statement, ...] = ()
    functions: tuple[Function, ...] = ()
    spiking: bool | None = None
    spike: Expr | None = None
    reset: tuple[Assign, ...] = ()
    axon_spike: Expr | None = None
    axon_reset: tuple[Assign, ...] = ()
    refractory: float | str | None = None
    drops_input: bool = False
    targets: tuple[str, ...] = ()
    conductances: tuple[str, ...] = ()
    psp: Expr | None = None
    operation: Literal["sum", "max", "min", "mean"] = "sum"
    pre_spike: tuple[Assign, ...] = ()
    post_spike: tuple[Assign, ...] = ()
    pre_axon_spike: tuple[Assign, ...] = ()
    event_driven: tuple[Ode, ...] = ()  # taken out of ``equations``
    pruning: Rule | None = None
    creating: Rule | None = None
    reads_pre: tuple[str, ...] = ()
    reads_post: tuple[str, ...] = ()
    draws: int = 0
    event_clock: EventClock = "exact"
    cautions: tuple[str, ...] = field(default=(), compare=False)

    def attribute(self, name: str) -> Parameter | Variable | None:
        """Return the parameter or variable of that name, or None."""
        attributes: tuple[Parameter | Variable, ...] = (*self.parameters, *self.variables)
        return next((a for a in attributes if a.name == name), None)

    def holds(self, statement: Statement) -> bool:
        """Whether an equation of a neuron leaves its variable as it is while the neuron is refractory."""
        if self.refractory is None or statement.resting is not None:
            return statement.resting == "holds"
        return statement.name not in self.conductances
