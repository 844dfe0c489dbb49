"""Raw expressions -> expressions: each call becomes what its name says.

In: trees from ``syntax.py``, where ``sum(exc)``, ``Normal(0, 1)`` and ``ite(a, b, c)`` are all calls. Out: trees with
Sum, GlobalOp, Draw, Conditional, and Calls of known functions with the right number of arguments. Whether the *names*
in them are known is for ``check.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce

from engram.elsewhere.near import nearest
from engram.language.draws import check_arguments
from engram.language.errors import BadValue, MisplacedName, UnknownFunction, WrongArgumentCount
from engram.language.hints import function_hint, table_hint
from engram.language.nodes import Binary, Call, Conditional, Draw, Expr, GlobalOp, Name, Neighbour, Number, Span, Sum
from engram.language.source import Source
from engram.language.trees import nodes_of, rewrite
from engram.language.vocabulary import ALIASES, DISTRIBUTIONS, FUNCTIONS, GLOBAL_OPS, NUMBERS

__all__ = ["Resolver"]


class Resolver:
    """Resolves all expressions of one model, and counts their random draws.

    Args:
        source: takes the problems.
        functions: names of the arguments of each user function.
        hidden: attribute and argument names; they hide ``pi`` and ``E``.
        is_open: a function that is unknown may be declared later: its calls stay as they are.
    """

    def __init__(
        self, source: Source, functions: Mapping[str, tuple[str, ...]], hidden: set[str], is_open: bool = False
    ) -> None:
        self._source = source
        self._functions = functions
        self._hidden = hidden
        self._is_open = is_open
        self.draws = 0

    def resolve(self, expr: Expr) -> Expr:
        """Return the expression with all calls resolved; problems are reported and leave the call as it is."""
        return rewrite(expr, self._node)

    def _node(self, node: Expr) -> Expr:
        """Return what a node means, whose children are resolved already."""
        match node:
            case Number(value) if isinstance(value, float) and math.isinf(value):
                self._source.report(BadValue("a number above 1.8e308", self._source.place(node.span)))
                return node
            case Name(id) if id in NUMBERS and id not in self._hidden:
                return Number(NUMBERS[id], node.span)
            case Call():
                return self._call(node)
            case _:
                return node

    def _call(self, call: Call) -> Expr:
        """Return what a call means."""
        name = ALIASES.get(call.function, call.function)
        if name.endswith("="):
            return call  # an argument with a name: the call around it reports it
        known = {**self._functions, **FUNCTIONS, **DISTRIBUTIONS}
        named = next((a for a in call.args if isinstance(a, Call) and a.function.endswith("=")), None)
        if named is not None:
            return self._named_argument(call, named, known.get(name, ()))
        if name == "sum":
            return self._sum(call)
        if name in FUNCTIONS and name in GLOBAL_OPS and len(call.args) > 1:
            return reduce(lambda a, b: Call(name, (a, b), call.span), call.args)
        if name in GLOBAL_OPS:
            return self._global_op(call)
        if name not in known:
            return self._unknown(call)
        is_complete = self._check_count(call, name, known[name])
        if name in DISTRIBUTIONS:
            if is_complete:
                check_arguments(self._source, call, name)
            self.draws += 1
            return Draw(name, call.args, self.draws - 1, call.span)
        if name == "ite" and len(call.args) == 3:
            return Conditional(call.args[0], call.args[1], call.args[2], call.span)
        return Call(name, call.args, call.span)

    def _check_count(self, call: Call, name: str, names: tuple[str, ...]) -> bool:
        """Whether a call has as many arguments as the function takes; if not, it is reported."""
        given = len(call.args)
        if given == len(names):
            return True
        what = f"{name}() takes {len(names)} argument{'s' if len(names) != 1 else ''}, not {given}"
        details = (f"expected: {name}({', '.join(names)})",)
        self._source.report(WrongArgumentCount(what, self._source.place(call.span), details, identifier=name))
        return False

    def _named_argument(self, call: Call, argument: Call, names: tuple[str, ...]) -> Expr:
        what = f"'{argument.function}' can't stand here: arguments have no names in equations"
        advice = f"give them in their order: {call.function}({', '.join(names) or '...'})."
        if call.function in DISTRIBUTIONS and argument.function in ("min=", "max=", "redraw="):
            advice = f"clip({call.function}(...), low, high) keeps a value within bounds."
        self._source.report(MisplacedName(what, self._source.place(argument.span), advice=advice))
        return Number(0, call.span)

    def _sum(self, call: Call) -> Expr:
        names = [a.id for a in call.args if isinstance(a, Name) and not a.id.startswith("'")]
        if len(call.args) <= 1 and len(names) == len(call.args):
            return Sum(names[0] if names else None, "own", call.span)
        what = "sum() takes the name of a target, or nothing for all targets"
        nodes = [node for argument in call.args for node in nodes_of(argument)]
        targets = [node.id.strip("'") for node in nodes if isinstance(node, Name)]
        advice = f"write {' + '.join(f'sum({target})' for target in targets)}."
        if not targets or any(not isinstance(n, Name) and not (isinstance(n, Binary) and n.op == "+") for n in nodes):
            advice = "write sum(exc): it adds up w*pre.r of the synapses; others add up what psp= of eg.Synapse says."
        place = self._source.place(call.span)
        self._source.report(WrongArgumentCount(what, place, advice=advice, identifier="sum"))
        return Number(0, call.span)

    def _global_op(self, call: Call) -> Expr:
        operand = call.args[0] if len(call.args) == 1 else None
        if isinstance(operand, Name | Neighbour):
            return GlobalOp(GLOBAL_OPS[call.function], operand, call.span)
        what = f"{call.function}() takes one attribute, over all neurons of the population"
        advice = "name the value by a statement."
        if call.function in FUNCTIONS:
            what += ", or several values"
            word = "smaller" if call.function == "min" else "larger"
            advice = f"{call.function}(a, b) is the {word} of two values; to have it over the population, {advice}"
        place = self._source.place(call.span)
        self._source.report(WrongArgumentCount(what, place, advice=advice, identifier=call.function))
        return Number(0, call.span)

    def _unknown(self, call: Call) -> Expr:
        if call.function in self._source.assumed or (self._is_open and call.function.isidentifier()):
            return call
        known = (*FUNCTIONS, *self._functions, *GLOBAL_OPS, *DISTRIBUTIONS, "sum")
        what, advice = f"unknown function '{call.function}'", function_hint(call.function)
        table = "" if nearest(call.function, known) else table_hint(call.function, call.args)
        if call.function in self._hidden:
            what = f"'{call.function}' is no function"
            multiply = "'*' before the parenthesis multiplies; past values come through projections with a delay."
            advice = table or multiply
        elif call.function == "g" and len(call.args) == 1 and isinstance(call.args[0], Name):
            advice = f"the conductance of a target is written 'g_{call.args[0].id}'."
            self._source.assumed.add(call.args[0].id)
        span = Span(call.span.block, call.span.start, call.span.start + len(call.function))
        place = self._source.place(span)
        known = () if advice or table else known
        advice = advice or table or f"declare it before the model: eg.add_function('{call.function}(...) = ...')."
        self._source.report(UnknownFunction(what, place, call.function, known, advice))
        return call
