"""Spike events at synapses: event-driven variables, conductances, the other statements, in that order.

An event-driven variable that only one side's events write is stored at that side's events and merely *evaluated* at
the other side's: ``x + elapsed*phi1(-elapsed*k)*f``, ``x*exp(-elapsed/tau)`` where it decays to 0, with the whole steps
since its own side's last event. So storing it per synapse or per neuron gives the same bits. One that both sides write
is advanced, and stored, at both. Where a variable is kept per neuron, its values are locals of the row that is walked,
stored when all have read the old one.

With the clock of ANNarchy (``Model.event_clock``) every event of a synapse advances, and stores, all of its variables
by the steps since the synapse's last event of either side, less one where the event is a presynaptic one.
"""

from __future__ import annotations

from collections.abc import Sequence

from engram.ir import build
from engram.ir.errors import not_linear_in
from engram.ir.methods import linear_change, linear_gain
from engram.ir.nodes import (
    CONDUCTANCE,
    POST_SPIKED_SYMBOL,
    STEP_SYMBOL,
    Argument,
    Const,
    DecayTable,
    Expr,
    Index,
    Lookup,
    Place,
    Read,
    Set,
    reads,
)
from engram.ir.scope import Scope
from engram.ir.spec import LAST_SLOTS
from engram.ir.statements import assign, new_value
from engram.ir.traces import traces_of
from engram.language.linear import divide, linear_rate
from engram.language.model import Assign, Model, Ode, Statement
from engram.state import names

__all__ = ["Walk", "plastic"]

STEP, DT = Read(STEP_SYMBOL, "int"), Read("dt", "float")
NEURON = {"pre": Index.PRE, "post": Index.POST}


class Walk:
    """What happens at the synapses of a neuron when it spikes: ``row`` once, ``body`` at each synapse, then ``end``.

    Args:
        model: the synapse.
        side: of the neuron: ``pre`` (or its axonal spikes) or ``post``.
        statements: of that event; none at a passing one, which leaves alone what had an event in this step.
        scope: of the kernel.
        targets: how many conductances ``g_target`` stands for.
    """

    def __init__(self, model: Model, side: str, statements: Sequence[Assign], scope: Scope, targets: int = 1) -> None:
        self._scope, self._side, self._neuron = scope, side, NEURON[side]
        self._is_passing = not statements
        self._row: list[Set] = []
        self._body: list[Set] = []
        traces = traces_of(model)
        other = "post" if side == "pre" else "pre"
        for ode in traces.of_one(side):
            if self._is_lifted(ode.name):
                self._give(ode.name, self._decayed(ode, side), ode.text)
            else:
                self._body.append(Set(scope.written(ode.name).symbol, self._decayed(ode, side), ode.text))
        for ode in traces.both:
            self._body.append(Set(scope.written(ode.name).symbol, self._decayed(ode, *traces.sides), ode.text))
        for ode in traces.of_one(other):
            self._body.append(Set(f"now.{ode.name}", self._decayed(ode, other), ode.text))
            scope.renamed[ode.name] = f"now.{ode.name}"
        self._statements(statements, targets)
        self._remembers = side in traces.sides

    # -- results -----------------------------------------------------------------------------------------

    def at_synapses(self) -> tuple[tuple[Set, ...], tuple[Set, ...], tuple[Set, ...]]:
        """Return (row, body, end) of a loop over the synapses of each neuron.

        What stands per neuron of the presynaptic side is not stored there: other threads may still have to read it.
        """
        body, end = self._body, list[Set]()
        if self._remembers and self._index_of_last(self._side) is Index.SYNAPSE:
            body = [*body, *self._stamp()]
        elif self._remembers and self._side == "post":
            end = [*self._stores(), *self._stamp()]
        row, body, end = self._needed(self._row, body, end)
        return tuple(row), tuple(body), tuple(end)

    def at_neuron(self) -> tuple[Set, ...]:
        """Return what is left to be done once for each neuron, when all its synapses have been visited."""
        return tuple(self._needed([*self._row, *self._stores(), *self._stamp()])[0])

    # -- event-driven variables --------------------------------------------------------------------------

    def _is_lifted(self, name: str) -> bool:
        return self._scope.forms.get(name) is self._neuron

    def _give(self, name: str, value: Expr, text: str) -> None:
        """Give a variable of the neuron its next value, a local of the row."""
        local = f"row.{name}.{len(self._row)}"
        self._row.append(Set(local, value, text))
        self._scope.renamed[name] = local

    def _decayed(self, ode: Ode, *sides: str) -> Expr:
        """The value now of a variable that events of ``sides`` write."""
        steps, old = self._elapsed(sides), self._scope.own(ode.name)
        new = self._advanced(ode, steps)
        return build.select(build.op(">", steps, Const(0, "int")), new, old) if self._is_passing else new

    def _advanced(self, ode: Ode, steps: Read) -> Expr:
        """The value of a variable some steps after its last event."""
        scope = self._scope
        rate = linear_rate(ode.rate, ode.name)
        if rate is None:
            raise not_linear_in(scope.model, ode, "event-driven", (ode.name,))
        elapsed_ms = build.mul(build.convert(steps, "float"), DT)
        x = scope.own(ode.name)
        if scope.lower_float(rate.steady) == build.f(0.0):  # then a factor keeps the digits of what is nearly gone
            tau = scope.lower_float(divide(rate.divisor, rate.decay))
            factor = build.op("exp", build.neg(build.div(elapsed_ms, tau)))
            return build.mul(x, self._looked_up(DecayTable(Place(ode.name, what="decay"), tau), steps, factor))
        gain = linear_gain(rate, elapsed_ms, scope)
        if gain is None:
            return build.add(x, linear_change(rate, x, elapsed_ms, scope))
        table = DecayTable(
            Place(ode.name, what="decay"), scope.lower_float(rate.divisor), scope.lower_float(rate.decay)
        )
        return build.add(x, build.mul(self._looked_up(table, steps, gain), scope.lower_float(rate.numerator)))

    def _looked_up(self, table: DecayTable, steps: Read, computed: Expr) -> Expr:
        """The entry of a table, where its parameters are those of the whole projection; else what it would hold."""
        scope = self._scope
        if not all(map(scope.is_fixed, table.parameters)):
            return computed
        scope.tables[table.symbol] = table
        scope.need(Argument(table.place, "float64", Index.TABLE))
        return Lookup(table.symbol, steps, computed)

    def _elapsed(self, sides: tuple[str, ...]) -> Read:
        """Whole steps since the last event of one side, or of either: a local, of the row if it is one for all."""
        indices = [self._index_of_last(side) for side in sides]
        lasts = [
            self._scope.need(Argument(Place(LAST_SLOTS[side]), "int64", index))
            for side, index in zip(sides, indices, strict=True)
        ]
        steps = build.op("-", STEP, lasts[0] if len(lasts) == 1 else build.op("max", *lasts))
        if self._scope.model.event_clock == "annarchy" and self._side == "pre":
            steps = build.op("max", build.op("-", steps, Const(1, "int")), Const(0, "int"))
        local = Set(f"elapsed.{'.'.join(sides)}", steps)
        statements = self._row if all(index is self._neuron for index in indices) else self._body
        if local not in statements:
            statements.append(local)
        return Read(local.symbol, "int")

    def _index_of_last(self, side: str) -> Index:
        return Index.POST if side == "post" else self._scope.forms.get(LAST_SLOTS["pre"], Index.SYNAPSE)

    # -- statements --------------------------------------------------------------------------------------

    def _statements(self, statements: Sequence[Assign], targets: int) -> None:
        scope = self._scope
        for target in range(targets):
            scope.g_target = Place(what="conductance", number=target)
            for statement in statements:
                if statement.name == "g_target":
                    self._body += self._at_synapse(statement)
        scope.g_target = CONDUCTANCE
        for statement in statements:
            if self._is_lifted(statement.name):
                self._give(statement.name, new_value(statement, scope, "float"), statement.text)
            elif statement.name != "g_target":
                self._body += self._at_synapse(statement)

    def _at_synapse(self, statement: Assign) -> list[Set]:
        def guard(changed: Statement, new: Expr, old: Read) -> Expr:
            new = plastic(self._scope, changed, new, old)
            if not statement.unless_post:
                return new
            return build.select(Read(POST_SPIKED_SYMBOL, "bool"), old, new)

        return assign(statement, self._scope, guard)

    # -- storing -----------------------------------------------------------------------------------------

    def _stores(self) -> list[Set]:
        """Store the variables of the neuron."""
        names = [name for name, index in self._scope.forms.items() if index is self._neuron]
        last = {name: local for name, local in self._scope.renamed.items() if name in names}
        return [Set(self._scope.written(name).symbol, Read(local, "float")) for name, local in last.items()]

    def _stamp(self) -> list[Set]:
        argument = Argument(Place(LAST_SLOTS[self._side]), "int64", self._index_of_last(self._side), written=True)
        return [Set(self._scope.need(argument).symbol, STEP)]

    def _needed(self, *parts: Sequence[Set]) -> list[list[Set]]:
        """Return the parts, which run one after the other, without the locals that nobody reads."""
        needed = {a.symbol for a in self._scope.arguments.values() if a.written}
        kept: list[list[Set]] = []
        for part in reversed(parts):
            kept.insert(0, [])
            for statement in reversed(part):
                if statement.symbol in needed:
                    kept[0].insert(0, statement)
                    needed |= reads(statement.value)
        return kept


def plastic(scope: Scope, statement: Statement, new: Expr, old: Read) -> Expr:
    """``plasticity=False`` freezes the weights; everything else goes on."""
    if statement.name != "w":
        return new
    return build.select(scope.need(Argument(Place(names.PLASTICITY), "bool", Index.ONE)), new, old)
