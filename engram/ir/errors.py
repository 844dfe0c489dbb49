"""What a model asks for and lowering can't give."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from engram.errors import EngramError, LanguageError
from engram.language.errors import BadValue, ModelErrors, TextError
from engram.language.linear import not_linear
from engram.language.nodes import Expr
from engram.language.place import TextPlace
from engram.language.printer import to_text
from engram.language.source import Block, Source
from engram.language.trees import span_of
from engram.state.limits import RULES, Limit

if TYPE_CHECKING:
    from engram.language.model import Assign, Model, Ode

__all__ = [
    "BadCoefficient",
    "MethodMismatch",
    "misfits",
    "mismatch",
    "not_linear_in",
    "out_of_limits",
    "split_system",
    "text_of",
    "together",
]


class MethodMismatch(TextError):
    """An ODE has not the form that its method needs.

    Attributes:
        variable: name of the ODE's variable.
        method: name of the method.
        term: the part of the equation that does not fit, as text; empty if it is the whole.
    """

    def __init__(
        self,
        what: str,
        place: TextPlace | None = None,
        details: tuple[str, ...] = (),
        advice: str = "",
        identifier: str = "",
        method: str = "",
        term: str = "",
    ) -> None:
        super().__init__(what, place, details, advice, identifier)
        self.variable = identifier
        self.method = method
        self.term = term


class BadCoefficient(EngramError, ValueError):
    """A coefficient of an equation with the method ``linear`` is infinite or not a number, so it has no solution.

    Attributes:
        variable: name of the equation's variable.
        parameters: names of what the coefficient is made of.
    """

    def __init__(self, message: str, variable: str = "", parameters: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.variable = variable
        self.parameters = parameters


def mismatch(model: Model, ode: Ode, method: str, needed: str, term: Expr | None = None, why: str = "") -> TextError:
    """Return the error of an equation that its method can't solve, with the caret under the term to blame.

    Args:
        needed: what the method needs: ``linear in v``.
        term: the part that does not fit; None if it is the whole equation.
        why: what is wrong with the term.
    """
    text = "" if term is None else to_text(term)
    details = (f"the term {text} {why or 'is not'}",) if text else ()
    advice = "take another method, such as ': rk4', or write the equation in that form."
    place = text_of(model).place(ode.span if term is None else span_of(term))
    what = f"method '{method}' needs an equation {needed}"
    return MethodMismatch(what, place, details, advice, ode.name, method, text)


def not_linear_in(model: Model, ode: Ode, method: str, names: Collection[str]) -> LanguageError:
    """Return the error of an equation that is not linear in some variables, naming the terms that are not."""
    return together(model, misfits(model, ode, method, names))


def misfits(model: Model, ode: Ode, method: str, names: Collection[str]) -> list[TextError]:
    """Return one error for each term that keeps an equation from being linear in some variables."""
    needed = f"linear in {', '.join(names)}"
    return [mismatch(model, ode, method, needed, term) for term in not_linear(ode.rate, names) or (None,)]


def together(model: Model, problems: Sequence[TextError]) -> LanguageError:
    """Return one error for all problems of a model: the only one as itself."""
    return problems[0] if len(problems) == 1 else ModelErrors(text_of(model).title, tuple(problems))


def out_of_limits(model: Model, limits: Sequence[Limit]) -> LanguageError:
    """Return the error of parameters whose values in the text are not allowed, with carets under their names."""
    problems = []
    for limit in limits:
        rule, parameter = RULES[limit.rule], next(p for p in model.parameters if p.name == limit.name)
        details = (f"it divides in {limit.why}",) if limit.why else ()
        what = f"'{limit.name}' must be {rule.words}, got {parameter.value}"
        place = text_of(model).place(parameter.span)
        problems.append(BadValue(what, place, details, rule.advice, limit.name))
    return together(model, problems)


def split_system(model: Model, between: Assign, method: str, names: Sequence[str]) -> TextError:
    """Return the error of equations that are solved together, with an assignment between them."""
    text = between.text
    what = f"the method '{method}' solves {' and '.join(names)} together, and '{text}' stands between their equations"
    place = text_of(model).place(between.span)
    return MethodMismatch(what, place, (), f"move '{text}' before or after the equations.", names[0], method, text)


def text_of(model: Model) -> Source:
    """Return the text of a model, in which errors have a place."""
    return Source(model.kind, model.name, {name: Block(name, text) for name, text in model.texts})
