"""From names in equations to the arrays they stand for, and from the AST to IR expressions.

In: a checked model and, for synapses, the two neuron models it connects. Out: IR expressions, and the list of
arguments that they turned out to need. Called by ``ir/lower.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engram.errors import LanguageError
from engram.ir import build
from engram.ir.nodes import Argument, Const, DrawSpec, Expr, Index, Read, Type
from engram.language import nodes as ast
from engram.language.model import Function, Locality, Model
from engram.language.model import Type as Storage

__all__ = ["LOCAL_INDEX", "NotAvailable", "Scope", "storage_dtype"]

DTYPES: dict[Storage, str] = {"float": "float64", "int": "int64", "bool": "bool"}
LOCAL_INDEX = {"neuron": Index.OWN, "synapse": Index.SYNAPSE}
BUILT_IN: dict[str, Type] = {"t": "float", "dt": "float"}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


class NotAvailable(LanguageError, NotImplementedError):
    """The text is right, but engram can't do what it says yet."""


def storage_dtype(kind: Storage) -> str:
    """Return the dtype in which an attribute of a model is stored."""
    return DTYPES[kind]


@dataclass
class Scope:
    """What names mean in one kernel, and which arrays it needs.

    Args:
        model: the neuron or synapse whose text is lowered.
        single: local attributes of a synapse that are one number for all synapses (``w`` of most).
        pre, post: neuron models, for ``pre.x`` and ``post.x``.
        delays: how a projection's delays look to this kernel: ``none`` (one step), ``uniform``, ``each``.
        lag: see :class:`engram.ir.nodes.Argument`.
        constants: names of constants, one number each.
    """

    model: Model
    single: frozenset[str] = frozenset()
    pre: Model | None = None
    post: Model | None = None
    delays: str = "none"
    lag: int = 0
    constants: frozenset[str] = frozenset()
    renamed: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, Argument] = field(default_factory=dict)
    draws: dict[int, DrawSpec] = field(default_factory=dict)

    # -- arrays ------------------------------------------------------------------------------------------

    def need(self, argument: Argument) -> Read:
        """Make ``argument`` one of the kernel's and return a read of it."""
        known = self.arguments.get(argument.symbol)
        self.arguments[argument.symbol] = replace(argument, written=argument.written or bool(known and known.written))
        return Read(argument.symbol, argument.type)

    def own(self, name: str, written: bool = False) -> Read:
        """Read (or announce a write to) an attribute of the model itself."""
        attribute = self.model.attribute(name)
        if attribute is None:
            raise NotAvailable(f"{name!r} can't be used in {self.model.kind} {self.model.name!r} yet")
        index = self._index(attribute.locality, self.model.kind)
        if name in self.single:
            index = Index.ONE
        return self.need(Argument(name, storage_dtype(attribute.type), index, written))

    def neighbour(self, side: str, name: str) -> Read:
        """Read ``pre.x`` or ``post.x``; what is before a delay comes from the history of that variable."""
        model = self.pre if side == "pre" else self.post
        attribute = model.attribute(name) if model else None
        if attribute is None:
            raise NotAvailable(f"'{side}.{name}' is not an attribute that synapses can read")
        index = Index.ONE if attribute.locality == "global" else Index.PRE if side == "pre" else Index.POST
        argument = Argument(f"{side}.{name}", storage_dtype(attribute.type), index)
        if side == "pre" and index is Index.PRE and model is not None and name in {v.name for v in model.variables}:
            if self.delays == "uniform":
                argument = replace(argument, history="uniform", lag=self.lag)
            elif self.delays == "each":
                argument = replace(argument, history="each", lag=self.lag)
        elif (
            side == "pre"
            and index is Index.ONE
            and self.delays != "none"
            and attribute in (model.variables if model else ())
        ):
            raise NotAvailable(f"'pre.{name}' is global to its population and can't be read with a delay yet")
        return self.need(argument)

    @staticmethod
    def _index(locality: Locality, kind: str) -> Index:
        if locality == "global":
            return Index.ONE
        return Index.POST if locality == "semiglobal" else LOCAL_INDEX[kind]

    # -- expressions -------------------------------------------------------------------------------------

    def lower(self, expr: ast.Expr) -> Expr:
        """Translate one AST expression."""
        match expr:
            case ast.Number(value):
                kind: Type = "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "float"
                return Const(value, kind)
            case ast.Name(name):
                return self._name(name)
            case ast.Neighbour(side, name):
                return self.neighbour(side, name)
            case ast.Unary(sign, operand):
                return build.neg(self.lower(operand)) if sign == "-" else self.lower(operand)
            case ast.Binary("^", left, right):
                return build.power(self.lower(left), self.lower(right))
            case ast.Binary(sign, left, right) | ast.Compare(sign, left, right) | ast.Logic(sign, left, right):
                return build.op(sign, self.lower(left), self.lower(right))
            case ast.Not(operand):
                return build.op("not", self.lower(operand))
            case ast.Conditional(condition, then, otherwise):
                return build.select(self.lower(condition), self.lower(then), self.lower(otherwise))
            case ast.Call(function, args):
                return self._call(function, args)
            case ast.Draw():
                return self._draw(expr)
            case ast.Sum(target, "own"):
                return self._sum(target)
            case _:
                raise NotAvailable(f"{type(expr).__name__} can't be used in {self.model.kind} equations yet")

    def written(self, name: str) -> Read:
        """Announce a write to ``name`` and return the symbol to write."""
        if name == "g_target":
            return self.need(Argument("g_target", "float64", Index.POST, written=True))
        return self.own(name, written=True)

    def lower_name(self, name: str) -> Expr:
        """Read ``name`` as it stands on a left side."""
        return self._name(name)

    def _name(self, name: str) -> Expr:
        name = self.renamed.get(name, name)
        if name in BUILT_IN:
            return Read(name, BUILT_IN[name])
        if name in self.renamed.values():
            return Read(name, "float")
        if name == "g_target":
            return self.need(Argument("g_target", "float64", Index.POST))
        if self.model.attribute(name) is None and name in self.constants:
            return self.need(Argument(f"constants.{name}", "float64", Index.ONE))
        return self.own(name)

    def _sum(self, target: str | None) -> Expr:
        targets = [target] if target is not None else list(self.model.targets)
        inputs = [self.need(Argument(f"sum.{name}", "float64", LOCAL_INDEX[self.model.kind])) for name in targets]
        total: Expr = inputs[0] if inputs else build.f(0.0)
        for term in inputs[1:]:
            total = build.add(total, term)
        return total

    def _call(self, function: str, args: tuple[ast.Expr, ...]) -> Expr:
        user = next((u for u in self.model.functions if u.name == function), None)
        if user is not None:
            return self.lower(_substitute(user, args))
        values = [self.lower(a) for a in args]
        zero = build.f(0.0)
        match function, values:
            case "pos", [x]:
                return build.op("max", x, zero)
            case "neg", [x]:
                return build.op("min", x, zero)
            case "clip", [x, low, high]:
                return build.op("min", build.op("max", x, low), high)
            case "round", [x]:
                # half away from zero, as in C; floor(x + 0.5) is wrong for 0.49999999999999994
                whole = build.op("floor", build.op("abs", x))
                up = build.op(">=", build.sub(build.op("abs", x), whole), build.f(0.5))
                size = build.add(whole, build.convert(build.convert(up, "int"), "float"))
                return build.select(build.op("<", x, zero), build.neg(size), size)
            case (("pow" | "power"), [x, y]):
                return build.power(x, y)
            case _:
                return build.op(function, *values)

    def _draw(self, draw: ast.Draw) -> Expr:
        args = [build.convert(self.lower(a), "float") for a in draw.args]
        match draw.distribution, args:
            case "Uniform", [low, high]:
                return build.add(low, build.mul(build.sub(high, low), self._standard(draw, "uniform")))
            case "DiscreteUniform", [low, high]:
                width = build.op("+", build.sub(high, low), build.f(1.0))
                return build.op("floor", build.op("+", low, build.mul(width, self._standard(draw, "uniform"))))
            case "Normal", [mu, sigma]:
                return build.op("+", mu, build.mul(sigma, self._standard(draw, "normal")))
            case "LogNormal", [mu, sigma]:
                return build.op("exp", build.op("+", mu, build.mul(sigma, self._standard(draw, "normal"))))
            case "Exponential", [rate]:
                return build.div(self._standard(draw, "exponential"), rate)
            case _:
                raise NotAvailable(f"{draw.distribution} can't be drawn in equations yet")

    def _standard(self, draw: ast.Draw, kind: str) -> Read:
        if self.model.kind == "synapse":
            raise NotAvailable("random draws in the equations of synapses are not available yet")
        spec = DrawSpec(f"draw.{draw.number}", kind, draw.number)  # type: ignore[arg-type]  # one of the three literals
        self.draws[draw.number] = spec
        return Read(spec.symbol, "float")


def _substitute(function: Function, args: tuple[ast.Expr, ...]) -> ast.Expr:
    """Return the body of a user function with its arguments put in."""
    values: Mapping[str, ast.Expr] = dict(zip(function.arguments, args, strict=True))

    def put(expr: ast.Expr) -> ast.Expr:
        match expr:
            case ast.Name(name) if name in values:
                return values[name]
            case ast.Unary() | ast.Not():
                return replace(expr, operand=put(expr.operand))
            case ast.Binary() | ast.Compare() | ast.Logic():
                return replace(expr, left=put(expr.left), right=put(expr.right))
            case ast.Conditional():
                return replace(expr, condition=put(expr.condition), then=put(expr.then), otherwise=put(expr.otherwise))
            case ast.Call():
                return replace(expr, args=tuple(put(a) for a in expr.args))
            case _:
                return expr

    return put(function.value)
