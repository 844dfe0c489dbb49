"""Random distributions in equations: arguments with which there is nothing to draw from.

In: a call of a distribution, its arguments resolved. Out: problems for literal arguments that can never be right;
what attributes will hold is not known here.
"""

from __future__ import annotations

from collections.abc import Callable

from engram.language.errors import BadValue
from engram.language.nodes import Binary, Call, Expr, Number, Unary
from engram.language.source import Source
from engram.language.trees import nodes_of
from engram.language.values import fold
from engram.language.vocabulary import DISTRIBUTIONS

__all__ = ["check_arguments"]

_Rule = tuple[tuple[str, ...], Callable[..., bool], str]  # arguments, whether they are right, what they must be


def _not_negative(name: str) -> _Rule:
    return (name,), lambda x: x >= 0, f"{name} must not be negative"


def _positive(name: str) -> _Rule:
    return (name,), lambda x: x > 0, f"{name} must be above 0"


def _whole(name: str) -> _Rule:
    return (name,), lambda x: float(x).is_integer(), f"{name} must be a whole number"


_ORDERED: _Rule = ("min", "max"), lambda low, high: low <= high, "min must not be above max"
_RULES: dict[str, tuple[_Rule, ...]] = {
    "Uniform": (_ORDERED,),
    "DiscreteUniform": (_whole("min"), _whole("max"), _ORDERED),
    "Normal": (_not_negative("sigma"),),
    "LogNormal": (_not_negative("sigma"),),
    "Exponential": (_positive("Lambda"),),
    "Gamma": (_positive("alpha"), _positive("beta")),
    "Binomial": (_not_negative("n"), _whole("n"), (("p",), lambda p: 0 <= p <= 1, "p must lie in [0, 1]")),
    "Poisson": (_not_negative("Lambda"),),
}


def check_arguments(source: Source, call: Call, distribution: str) -> None:
    """Report the first literal argument that the distribution can't have."""
    given = dict(zip(DISTRIBUTIONS[distribution], call.args, strict=False))
    constant = {name: arg for name, arg in given.items() if _is_constant(arg)}
    values = {name: fold(arg) for name, arg in constant.items()}
    for name, value in values.items():
        if value is None:
            _report(source, call, distribution, constant[name], f"{name} has no finite value")
            return
    for names, is_right, must in _RULES[distribution]:
        if all(name in values for name in names) and not is_right(*(values[name] for name in names)):
            got = ", ".join(f"{name} = {values[name]}" for name in names)
            at = constant[names[0]] if len(names) == 1 else call
            _report(source, call, distribution, at, f"{must}, got {got}")
            return


def _is_constant(expr: Expr) -> bool:
    return all(isinstance(node, Number | Unary | Binary) for node in nodes_of(expr))


def _report(source: Source, call: Call, distribution: str, at: Expr, what: str) -> None:
    source.report(BadValue(f"{distribution}(): {what}", source.place(at.span), identifier=call.function))
