"""From names in equations to the arrays they stand for, and from the AST to IR expressions.

In: a checked model and, for synapses, the two neuron models it connects. Out: IR expressions, and the list of
arguments that they turned out to need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from engram.errors import NotAvailable
from engram.ir import build
from engram.ir.errors import text_of
from engram.ir.nodes import (
    CONDUCTANCE,
    EXACT_DT_SYMBOL,
    STEP_SYMBOL,
    Argument,
    Const,
    DecayTable,
    DrawSpec,
    Expr,
    Index,
    Lookup,
    Operation,
    Place,
    Propagator,
    Random,
    Read,
    Side,
    reads,
)
from engram.ir.spec import storage_dtype
from engram.ir.times import Difference, difference
from engram.language import errors as language
from engram.language import nodes as ast
from engram.language.linear import negate
from engram.language.model import Locality, Model, Parameter
from engram.language.trees import rewrite, substitute
from engram.state import names

__all__ = ["LOCAL_INDEX", "Scope"]

LOCAL_INDEX = {"neuron": Index.OWN, "synapse": Index.SYNAPSE}
EXACT_DT, STEP = Read(EXACT_DT_SYMBOL, "float"), Read(STEP_SYMBOL, "int")
LAST_SPIKE = {
    "t_last": (Place(names.LAST_SPIKE), Index.OWN),
    "t_pre": (Place(names.LAST_SPIKE, "pre"), Index.PRE),
    "t_post": (Place(names.LAST_SPIKE, "post"), Index.POST),
}


@dataclass
class Scope:
    """What names mean in one kernel, and which arrays it needs.

    Args:
        model: the neuron or synapse whose text is lowered.
        forms: what attributes and hidden slots of a synapse have one value per, where that is not the synapse: ONE
            (``w`` of most), PRE or POST (event-driven variables that are kept per neuron).
        pre, post: neuron models, for ``pre.x`` and ``post.x``.
        delays: how a projection's delays look to this kernel: ``none`` (one step), ``uniform``, ``each``.
        lag: see :class:`engram.ir.nodes.Argument`.
        constants: names of constants, one number each.
        inputs: of a neuron: targets that are connected, for ``sum()``.
        pre_inputs, post_inputs: of a synapse: the same of its neighbours, for ``pre.sum()`` and ``post.sum()``.
        g_target: the place of the conductance: that of one of several targets.
        renamed: names that stand for a local in the part that is being lowered.
        before: shared variables that mean, in the part that is being lowered, what they were before the resets.
    """

    model: Model
    forms: Mapping[str, Index] = field(default_factory=dict)
    pre: Model | None = None
    post: Model | None = None
    delays: str = "none"
    lag: int = 0
    constants: frozenset[str] = frozenset()
    inputs: tuple[str, ...] = ()
    pre_inputs: tuple[str, ...] = ()
    post_inputs: tuple[str, ...] = ()
    g_target: Place = CONDUCTANCE
    renamed: dict[str, str] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    arguments: dict[str, Argument] = field(default_factory=dict)
    draws: dict[int, DrawSpec] = field(default_factory=dict)
    propagators: list[Propagator] = field(default_factory=list)
    tables: dict[str, DecayTable] = field(default_factory=dict)

    # -- arrays ------------------------------------------------------------------------------------------

    def need(self, argument: Argument) -> Read:
        """Make ``argument`` one of the kernel's and return a read of it."""
        known = self.arguments.get(argument.symbol)
        self.arguments[argument.symbol] = replace(argument, written=argument.written or bool(known and known.written))
        return Read(argument.symbol, argument.type)

    def is_fixed(self, expr: Expr) -> bool:
        """Whether an expression has one value for the projection, made of parameters, during a run."""
        return all(self._is_parameter(symbol) for symbol in reads(expr))

    def _is_parameter(self, symbol: str) -> bool:
        attribute = self.model.attribute(symbol)
        if attribute is None:
            known = self.arguments.get(symbol)
            return symbol == "dt" or (known is not None and known.place.what == "constant")
        return isinstance(attribute, Parameter) and attribute.locality == "global"

    def own(self, name: str, written: bool = False) -> Read:
        """Read (or announce a write to) an attribute of the model itself."""
        attribute = self.model.attribute(name)
        if attribute is None:
            raise NotAvailable(f"{name!r} can't be used in {self.model.kind} {self.model.name!r} yet")
        index = self.forms.get(name) or self._index(attribute.locality, self.model.kind)
        return self.need(Argument(Place(name), storage_dtype(attribute.type), index, written))

    def written(self, name: str) -> Read:
        """Announce a write to ``name`` and return the symbol to write."""
        if name == "g_target":
            return self.need(Argument(self.g_target, "float64", Index.POST, written=True))
        return self.own(name, written=True)

    def neighbour(self, side: Side, name: str, span: ast.Span = ast.NOWHERE) -> Read:
        """Read ``pre.x`` or ``post.x``; what is before a delay comes from the history of that variable."""
        model = self.pre if side == "pre" else self.post
        attribute = model.attribute(name) if model else None
        if attribute is None or model is None:
            raise NotAvailable(f"'{side}.{name}' is not an attribute that synapses can read")
        index = Index.ONE if attribute.locality == "global" else Index.PRE if side == "pre" else Index.POST
        argument = Argument(Place(name, side), storage_dtype(attribute.type), index)
        is_variable = name in {v.name for v in model.variables}
        if side == "pre" and is_variable and self.delays in ("uniform", "each"):
            if index is Index.ONE and self.delays == "each":
                what = f"'pre.{name}' has one value for the whole population, and each synapse has its own delay"
                advice = f"make {name!r} a variable of each neuron (without the flag 'population'), or give one delay."
                raise language.NotAvailable(what, text_of(self.model).place(span), advice=advice)
            argument = replace(argument, history=self.delays, lag=self.lag)  # type: ignore[arg-type]  # one of the two
        return self.need(argument)

    @staticmethod
    def _index(locality: Locality, kind: str) -> Index:
        if locality == "global":
            return Index.ONE
        return Index.POST if locality == "semiglobal" else LOCAL_INDEX[kind]

    @contextmanager
    def renaming(self, names: Mapping[str, str]) -> Iterator[None]:
        """Let some names stand for locals for a while."""
        before = dict(self.renamed)
        self.renamed.update(names)
        try:
            yield
        finally:
            self.renamed = before

    # -- expressions -------------------------------------------------------------------------------------

    def lower_float(self, expr: ast.Expr) -> Expr:
        """Translate one AST expression to a float."""
        return build.convert(self.lower(expr), "float")

    def lower(self, expr: ast.Expr) -> Expr:
        """Translate one AST expression."""
        match expr:
            case ast.Number(value):
                is_bool, is_int = isinstance(value, bool), isinstance(value, int)
                return build.number(value, "bool" if is_bool else "int" if is_int else "float")
            case ast.Name(name):
                return self.lower_name(name, expr.span)
            case ast.Neighbour(side, name):
                return self.neighbour(side, name, expr.span)
            case ast.Unary(sign, operand):
                return build.neg(self.lower(operand)) if sign == "-" else self.lower(operand)
            case ast.Binary("^", left, right):
                return build.power(self.lower(left), self.lower(right))
            case ast.Binary() | ast.Compare() if (found := difference(expr)) is not None:
                return self._since(expr, found)
            case ast.Binary(sign, left, right) | ast.Compare(sign, left, right) | ast.Logic(sign, left, right):
                return build.op(sign, self.lower(left), self.lower(right))
            case ast.Not(operand):
                return build.op("not", self.lower(operand))
            case ast.Conditional(condition, then, otherwise):
                return build.select(self.lower(condition), self.lower(then), self.lower(otherwise))
            case ast.Cast(kind, operand):
                return build.convert(self.lower(operand), kind)
            case ast.Call(function, args):
                return self._call(function, args, expr.span)
            case ast.Draw():
                return self._draw(expr)
            case ast.Sum(target, side):
                return self._sum(target, side, expr.span)
            case ast.Item(ast.Name(name), index):
                return self._item(name, self.lower(index))
            case ast.GlobalOp(op, ast.Name(name)):
                return self.need(Argument(Place(name, what="over", operation=op), "float64", Index.ONE))
            case ast.GlobalOp(op, ast.Neighbour(side, name)):
                return self.need(Argument(Place(name, side, "over", op), "float64", Index.ONE))
            case _:
                raise NotAvailable(f"{type(expr).__name__} can't be used here")

    def lower_name(self, name: str, span: ast.Span = ast.NOWHERE) -> Expr:
        """Translate a name: a local, a built-in, an attribute or a constant.

        Raises:
            UnknownName: if it is a constant that other networks have, and this one has not.
        """
        if name in self.renamed:
            return Read(self.renamed[name], "float")
        if name in ("t", "dt"):
            return Read(name, "float")
        if name in LAST_SPIKE:
            return Operation("ms", (self._step_of(name), EXACT_DT), "float")
        if name == "g_target":
            return self.need(Argument(self.g_target, "float64", Index.POST))
        attribute = self.model.attribute(name)
        if attribute is not None and name in self.before:
            return self.need(Argument(Place(name, what="before"), storage_dtype(attribute.type), Index.ONE))
        if attribute is not None:
            return self.own(name)
        if name in self.constants:
            return self.need(Argument(Place(name, "network", "constant"), "float64", Index.ONE))
        what = f"unknown name '{name}': this network has no such constant"
        known = (*(p.name for p in self.model.parameters), *(v.name for v in self.model.variables), *self.constants)
        advice = f"declare it before compile(): net.constant('{name}', ...), or eg.Constant for all networks."
        raise language.UnknownName(what, text_of(self.model).place(span), name, known, advice)

    def _item(self, name: str, index: Expr) -> Expr:
        attribute = self.model.attribute(name)
        if attribute is None:
            raise NotAvailable(f"the table {name!r} can't be used in {self.model.kind} {self.model.name!r}")
        indexed = Index.TABLE if attribute.locality == "global" else Index.ROWS
        self.need(Argument(Place(name), storage_dtype(attribute.type), indexed))
        zero = build.number({"float": 0.0, "int": 0, "bool": False}[attribute.type], attribute.type)
        number = build.op("entry", index) if index.type == "float" else build.convert(index, "int")
        return Lookup(name, number, zero, attribute.type)

    def _step_of(self, name: str) -> Read:
        """The step that a time belongs to."""
        if name == "t":
            return STEP
        place, index = LAST_SPIKE[name]
        return self.need(Argument(place, "int64", index))

    def _since(self, expr: ast.Expr, found: Difference) -> Expr:
        """Translate a sum or comparison in which times cancel out: steps are subtracted, the rest is added after."""
        steps: Expr | None = None
        for name, count in sorted(found.counts.items(), key=lambda item: -item[1]):  # the first is positive
            times, step = abs(count), self._step_of(name)
            term = step if times == 1 else build.mul(Const(times, "int"), step)
            steps = term if steps is None else build.op("+" if count > 0 else "-", steps, term)
        if steps is None:
            raise ValueError("a difference of no times")
        value: Expr = Operation("ms", (steps, EXACT_DT), "float")
        if found.factor != ast.Number(1):
            value = build.mul(self.lower(found.factor), value)
        if isinstance(expr, ast.Compare):
            return build.op(expr.op, value, self.lower(negate(found.rest)))
        return build.add(value, self.lower(found.rest))

    def _sum(self, target: str | None, side: Side, span: ast.Span) -> Expr:
        model = {"own": self.model, "pre": self.pre, "post": self.post}[side]
        index = {"own": Index.OWN, "pre": Index.PRE, "post": Index.POST}[side]
        if model is not None and model.spiking and side != "own":
            neuron = f"neuron {model.name!r}" if model.name else "the neuron"
            what = f"{neuron} is spiking, and sum() is the input of rate-coded neurons"
            advice = f"the input of a spiking neuron is its conductance, 'g_{target or 'exc'}'."
            raise language.NotAvailable(what, text_of(self.model).place(span), advice=advice)
        if side != "own":
            self._refuse_late_sum(side, target, span)
        every = {"own": self.inputs, "pre": self.pre_inputs, "post": self.post_inputs}[side]
        targets = every if target is None else (target,)
        inputs = [self.need(Argument(Place(name, side, "sum"), "float64", index)) for name in targets]
        total: Expr = inputs[0] if inputs else build.f(0.0)
        for term in inputs[1:]:
            total = build.op("+", total, term)
        return total

    def _refuse_late_sum(self, side: str, target: str | None, span: ast.Span) -> None:
        """Refuse ``pre.sum()``, ``post.sum()`` where they would not be the sums that are meant: sums have no history.

        Without a delay, equations (lag 1) see the sums of this step; in a psp (lag 0) sums are still being made.
        """
        if self.lag and (side == "post" or self.delays == "none"):
            return
        text = f"{side}.sum({target or ''})"
        where = "with a delay of more than one step" if self.lag else "in psp, where sums are still being made"
        advice = f"give the neuron a variable, 'y = sum({target or ''})', and write '{side}.y' here."
        raise language.NotAvailable(f"'{text}' can't be read {where}", text_of(self.model).place(span), advice=advice)

    def _call(self, function: str, args: tuple[ast.Expr, ...], span: ast.Span) -> Expr:
        user = next((u for u in self.model.functions if u.name == function), None)
        if user is not None:
            body = rewrite(user.value, lambda node: replace(node, span=span))  # messages show the call
            return self.lower(substitute(body, dict(zip(user.arguments, args, strict=True))))
        values = [self.lower(a) for a in args]
        match function, values:
            case (("floor" | "ceil" | "round"), [x]) if x.type != "float":
                return build.convert(x, "int")
            case (("max" | "min"), [x, y]):
                return build.op("larger" if function == "max" else "smaller", x, y)
            case "pos", [x]:
                return build.at_least(x, build.zero(x))
            case "neg", [x]:
                return build.at_most(x, build.zero(x))
            case "clip", [x, low, high]:
                return build.at_most(build.at_least(x, low), high)
            case (("pow" | "power"), [x, y]):
                return build.power(x, y)
            case _:
                return build.op(function, *values)

    # -- random draws ------------------------------------------------------------------------------------

    def _draw(self, draw: ast.Draw) -> Expr:
        args = [self.lower_float(a) for a in draw.args]
        match draw.distribution, args:
            case "Uniform", [low, high]:
                return build.op("between", low, high, self._random(draw, "uniform"))
            case "DiscreteUniform", [low, high]:
                return build.op("whole_between", low, high, self._random(draw, "uniform"))
            case (("Normal" | "LogNormal"), [mu, sigma]):
                spread = build.mul(build.checked("not_negative", sigma), self._random(draw, "normal"))
                normal = build.op("+", mu, spread)
                return build.op("exp", normal) if draw.distribution == "LogNormal" else normal
            case "Exponential", [rate]:
                return build.div(self._random(draw, "exponential"), build.checked("positive", rate))
            case "Gamma", [alpha, scale]:
                return build.mul(build.checked("positive", scale), self._random(draw, "gamma", alpha))
            case "Binomial", [trials, p]:
                return self._random(draw, "binomial", trials, p)
            case "Poisson", [mean]:
                return self._random(draw, "poisson", mean)
            case _:
                raise NotAvailable(f"{draw.distribution} can't be drawn in equations")

    def _random(self, draw: ast.Draw, kind: str, *args: Expr) -> Random:
        spec = DrawSpec(kind, draw.number)  # type: ignore[arg-type]  # one of the literals
        self.draws[draw.number] = spec
        return Random(spec, args)
