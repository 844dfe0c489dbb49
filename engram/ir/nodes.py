"""What a kernel means: typed expressions over the arrays of the tree, and the shape of the loop around them.

In: built by ``ir/lower.py``. Out: run by ``ir/interpret.py``, which defines the meaning, and printed as C by
``native/emit.py``. A kernel is stateless: whatever it remembers stands in the arrays that its arguments name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Literal

from engram.state import names

__all__ = [
    "CONDUCTANCE",
    "EMITTED_SYMBOL",
    "EXACT_DT_SYMBOL",
    "H_SYMBOL",
    "OFFSET_SYMBOL",
    "PERIOD_SYMBOL",
    "POST_SPIKED_SYMBOL",
    "STEP_SYMBOL",
    "Argument",
    "Const",
    "DecayTable",
    "DrawSpec",
    "Entry",
    "Expr",
    "Index",
    "Kernel",
    "KernelKind",
    "Lookup",
    "Operation",
    "Place",
    "Propagator",
    "Random",
    "Read",
    "Set",
    "Side",
    "Type",
    "lookups",
    "nodes_of",
    "reads",
]

Type = Literal["float", "int", "bool"]

# Attributes have names without a dot or a slash, so nothing that a user defines is mistaken for one of these.
STEP_SYMBOL = "clock.step"
POST_SPIKED_SYMBOL = "event.post_spiked"  # DELIVER: whether the postsynaptic neuron spiked in the step of emission
EMITTED_SYMBOL = "clock.emitted"  # DELIVER: the step in which the spike was emitted
EXACT_DT_SYMBOL = "clock.dt"  # dt in float64, for milliseconds that are rounded once, whatever the kernel computes in
H_SYMBOL = "clock.h"  # ms that equations advance by: dt, or a whole learning period
PERIOD_SYMBOL, OFFSET_SYMBOL = names.LEARNING_PERIOD, names.LEARNING_OFFSET


class Index(str, Enum):
    """Which element of an argument's array belongs to the element that the loop is at."""

    ONE = "one"  # the array holds one number
    OWN = "own"  # the neuron itself
    PRE = "pre"  # the synapse's presynaptic neuron
    POST = "post"  # the synapse's postsynaptic neuron
    SYNAPSE = "synapse"  # the synapse
    TABLE = "table"  # none: a Lookup says which
    ROWS = "rows"  # a Lookup says in which row; in it the neuron itself


Side = Literal["own", "pre", "post", "network"]
What = Literal["slot", "before", "sum", "kept", "over", "propagator", "decay", "conductance", "input", "constant"]


@dataclass(frozen=True)
class Place:
    """Where the values of an argument stand: whose they are, what, and of which name.

    Args:
        name: of an attribute, a hidden slot or a constant; of a target; of the first variable of a propagator.
        side: of a synapse its own, or one of its neurons; of a neuron its own; or the network.
        what: a slot; what it was ``before`` the resets of a step; a ``sum`` of inputs of that target; what a
            conductance was before anything arrived (``kept``); a number over the population (``over``); a table
            (``propagator``, ``decay``); of a projection the ``conductance`` of its first, second ... target at the post
            neurons, or their ``input`` of rates.
        operation: with ``over``: ``mean`` ...
        number: of the target; of the propagator.
    """

    name: str = ""
    side: Side = "own"
    what: What = "slot"
    operation: str = ""
    number: int = 0

    @cached_property
    def symbol(self) -> str:
        """The name inside of kernels: ``v``, ``pre.r``, ``sum.exc``, ``post.mean.v``; nobody takes it apart."""
        side = f"{self.side}." if self.side in ("pre", "post") else ""
        match self.what:
            case "slot":
                return f"{side}{self.name}"
            case "over":
                return f"{side}{self.operation}.{self.name}"
            case "conductance":
                return f"g_target.{self.number}" if self.number else "g_target"
            case "input":
                return "sum"
            case "constant":
                return f"constants.{self.name}"
            case "propagator":
                return f"propagator.{self.name}{'.rest' if self.number else ''}"
            case what:
                return f"{side}{what}.{self.name}"


CONDUCTANCE = Place(what="conductance")  # of a projection's first target


@dataclass(frozen=True)
class Argument:
    """One array that a kernel works on.

    Args:
        place: where it stands; by the place's symbol expressions read it.
        dtype: of the array: ``float64``, ``float32``, ``int64``, ``int32``, ``bool``.
        index: see :class:`Index`.
        written: the kernel assigns to it.
        history: the array is a ring of past values; the kernel reads the row that the delay asks for: one row
            for all synapses (``uniform``) or one per synapse (``each``).
        lag: with ``history``: 0 reads the value of delay steps ago, 1 one step later (synaptic equations).
        entries: of a table, read by :class:`Entry`: how many numbers it holds, each once for every element unless
            ``index`` is ONE.
    """

    place: Place
    dtype: str
    index: Index
    written: bool = False
    history: Literal["", "uniform", "each"] = ""
    lag: int = 0
    entries: int = 0

    @property
    def symbol(self) -> str:
        """Its name inside the kernel."""
        return self.place.symbol

    @property
    def type(self) -> Type:
        """The type of its values in expressions."""
        return "float" if self.dtype.startswith("float") else "bool" if self.dtype == "bool" else "int"


@dataclass(frozen=True)
class Const:
    """A number."""

    value: float | int | bool
    type: Type


@dataclass(frozen=True)
class Read:
    """The present value of an argument, a local, ``t``, ``dt``, or of one of the symbols above."""

    symbol: str
    type: Type


@dataclass(frozen=True)
class Entry:
    """One number of an argument that is a table."""

    symbol: str
    number: int
    type: Type = "float"


@dataclass(frozen=True)
class Operation:
    """A row of the table in ``ir/operations.py`` applied to arguments."""

    name: str
    args: tuple[Expr, ...]
    type: Type


@dataclass(frozen=True)
class DrawSpec:
    """One random draw per element and step, a function of (seed, object, element, step, number).

    ``uniform`` in (0, 1), ``normal`` (0, 1) and ``exponential`` (1) take no arguments, ``gamma`` a shape (the scale is
    1), ``binomial`` a number of trials and a probability, ``poisson`` a mean.

    Args:
        tabled: UPDATE: a ``binomial`` or ``poisson`` whose arguments are the same for all neurons of a step: elements
            take one word each, and a table (``state/tables.py``), where otherwise each has words of its own.
    """

    kind: Literal["uniform", "normal", "exponential", "gamma", "binomial", "poisson"]
    number: int
    tabled: bool = False

    @property
    def is_chunked(self) -> bool:
        """Whether a loop over neurons draws it for a chunk of neighbours at a time."""
        return self.tabled or self.kind in ("uniform", "normal", "exponential")


@dataclass(frozen=True)
class Random:
    """The value of a draw; two nodes with the same number are the same draw."""

    draw: DrawSpec
    args: tuple[Expr, ...] = ()
    type: Type = "float"


@dataclass(frozen=True)
class Lookup:
    """Entry ``index`` of a table, an argument of the kernel; ``beyond`` where the table has no such entry.

    Of a table with rows (:attr:`Index.ROWS`) it is the entry of the neuron itself in row ``index``.
    """

    table: str
    index: Expr
    beyond: Expr
    type: Type = "float"


Expr = Const | Read | Entry | Operation | Random | Lookup


@dataclass(frozen=True)
class Set:
    """Give a symbol a new value: an argument that is written, or a local that is born here.

    ``text`` is the equation that this line comes from, canonical and ASCII, for whoever reads the C.
    """

    symbol: str
    value: Expr
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Propagator:
    """The exact solution over one step of ``dx/dt = A x + b``, with A and b constant during the step.

    ``x(t+dt) = P x + Q b`` with ``P = exp(A dt)`` and ``Q`` its integral. A is made of parameters alone, so P and Q are
    computed between runs, when parameters can change, and passed as one table.

    Args:
        place: of the argument that holds the table.
        sources: where the parameters that A is made of stand.
        variables: x.
        rates: A, in 1/ms; Const 0.0 where a variable does not depend on another.
        inputs: variables by the same b, as numbers: those of a group need one column of Q, the sum of theirs.
        entries: what the table holds, in order: (``P``, row, column) or (``Q``, row, group of inputs).
        index: ONE if all parameters in A are global, else OWN.
    """

    place: Place
    variables: tuple[str, ...]
    rates: tuple[tuple[Expr, ...], ...]
    inputs: tuple[tuple[int, ...], ...]
    entries: tuple[tuple[str, int, int], ...]
    index: Index
    sources: tuple[Place, ...] = ()

    @property
    def symbol(self) -> str:
        """Of the argument that holds the table."""
        return self.place.symbol


@dataclass(frozen=True)
class DecayTable:
    """How an event-driven variable has changed after k = 0, 1 ... steps; it follows from parameters: one for all.

    ``exp(-k*dt/tau)``, by which a decay to 0 is multiplied. With ``decay`` the gain by which b - decay*x of
    ``tau*dx/dt = b - decay*x`` is multiplied to give the change: ``k*dt/tau*phi1(-decay*k*dt/tau)``.

    Args:
        place: of the argument that holds the table.
        tau: in ms.
    """

    place: Place
    tau: Expr
    decay: Expr | None = None

    @property
    def symbol(self) -> str:
        """Of the argument that holds the table."""
        return self.place.symbol

    @property
    def parameters(self) -> tuple[Expr, ...]:
        """What its entries follow from."""
        return (self.tau,) if self.decay is None else (self.tau, self.decay)


class KernelKind(str, Enum):
    """The loop around the body."""

    UPDATE = "update"  # once per neuron and step; then the spike condition, then reset of those that spiked
    GLOBALS = "globals"  # once per population and step
    KEEP = "keep"  # once per neuron and step, before anything arrives
    DROP = "drop"  # once per neuron and step, when everything has arrived
    DELIVER = "deliver"  # once per synapse whose presynaptic spike arrives in this step
    PRE_EVENTS = "pre_events"  # once per presynaptic neuron whose spike arrives in this step; the delay is uniform
    POST_EVENTS = "post_events"  # once per synapse whose postsynaptic neuron spiked in this step
    GATHER = "gather"  # once per synapse and step; the results of one row are summed up
    SYNAPSES = "synapses"  # once per synapse and step


@dataclass(frozen=True)
class Kernel:
    """One loop over neurons or synapses.

    Args:
        name: for messages and comments: ``Izhikevich update``.
        arguments: the arrays, in the order in which they are passed.
        draws: random numbers, fresh in each step.
        prelude: values that are the same for all elements of a step.
        body: assignments in order, each seeing those before it.
        spike: UPDATE of a spiking neuron: the condition, which sees the body's results.
        reset: what neurons that spike do then.
        axon_spike, axon_reset: the same for axonal spikes, tested where ``spike`` is false.
        row_begin: before the synapses of a neuron: the postsynaptic one of SYNAPSES, the one that spiked of DELIVER and
            POST_EVENTS, where it gives values to locals alone.
        row_end: POST_EVENTS: after the last synapse of a neuron.
        result: GATHER: what is summed up into the argument ``into``; with ``ahead`` what will be in the next step.
        operation: GATHER: how: sum, max, min or mean.
        axonal: DELIVER, PRE_EVENTS: of axonal spikes.
        tables: DELIVER, PRE_EVENTS, POST_EVENTS: by how much event-driven variables have decayed.
        columns: the loop goes over the synapses of each postsynaptic neuron though rows are presynaptic.
        layout: GATHER, SYNAPSES: of rows that are postsynaptic: the name of a row of ``ir/layouts.py``.
        ahead: SYNAPSES: the weighted sums of the next step can be made of what the kernel has at hand; GATHER: such a
            kernel may have made them.
        gates: arguments (one bool each) that must all be true, else the kernel does nothing.
        periodic: SYNAPSES, GLOBALS: arguments for the period and its offset say in which steps the kernel runs.
        propagators: of equations with the method ``linear``.
        at_spikes: in a signature, UPDATE: arguments that are touched only where a neuron spikes.
        real: in which precision it computes.
        assigned: arguments that are assigned anew in each step, before anything reads them: no state.
    """

    name: str
    kind: KernelKind
    arguments: tuple[Argument, ...]
    body: tuple[Set, ...] = ()
    prelude: tuple[Set, ...] = ()
    draws: tuple[DrawSpec, ...] = ()
    spike: Expr | None = None
    reset: tuple[Set, ...] = ()
    axon_spike: Expr | None = None
    axon_reset: tuple[Set, ...] = ()
    row_begin: tuple[Set, ...] = ()
    row_end: tuple[Set, ...] = ()
    result: Expr | None = None
    operation: Literal["sum", "max", "min", "mean"] = "sum"
    into: str = ""
    columns: bool = False
    layout: str = ""
    ahead: bool = False
    axonal: bool = False
    tables: tuple[DecayTable, ...] = ()
    gates: tuple[str, ...] = ()
    periodic: bool = False
    propagators: tuple[Propagator, ...] = ()
    at_spikes: tuple[str, ...] = ()
    assigned: tuple[str, ...] = ()
    real: Literal["float64", "float32"] = "float64"

    def argument(self, symbol: str) -> Argument | None:
        """Return the argument of that symbol, or None for a local."""
        return next((a for a in self.arguments if a.symbol == symbol), None)

    @property
    def is_ordered(self) -> bool:
        """UPDATE: whether resets assign what all neurons share: they run one after another, by rank, in one thread."""
        return self.kind is KernelKind.UPDATE and any(a.written and a.index is Index.ONE for a in self.arguments)

    def statements(self) -> tuple[Set, ...]:
        """All assignments of the kernel."""
        return (*self.prelude, *self.row_begin, *self.body, *self.reset, *self.axon_reset, *self.row_end)

    def expressions(self) -> Iterator[Expr]:
        """All expressions of the kernel."""
        for statement in self.statements():
            yield statement.value
        yield from (e for e in (self.spike, self.axon_spike, self.result) if e is not None)


def nodes_of(expr: Expr) -> Iterator[Expr]:
    """Yield ``expr`` and everything inside it."""
    stack: list[Expr] = [expr]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Operation | Random):
            stack.extend(node.args)
        elif isinstance(node, Lookup):
            stack.extend((node.index, node.beyond))


def reads(expr: Expr) -> set[str]:
    """Return the symbols that ``expr`` reads."""
    return {node.symbol for node in nodes_of(expr) if isinstance(node, Read | Entry)}


def lookups(expr: Expr) -> set[str]:
    """Return the symbols of the tables in which ``expr`` looks something up."""
    return {node.table for node in nodes_of(expr) if isinstance(node, Lookup)}
