"""What a model asks for and lowering can't give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engram.errors import LanguageError

if TYPE_CHECKING:
    from engram.language.model import Ode

__all__ = ["MethodMismatch"]


class MethodMismatch(LanguageError):
    """An ODE has not the form that its method needs.

    Attributes:
        method, variable: names.
        term: the part of the equation that does not fit, as text; empty if it is the whole.
    """

    def __init__(self, method: str, ode: Ode, needed: str, term: str = "") -> None:
        where = f"\n  the term {term} is not" if term else ""
        super().__init__(
            f"method {method!r} needs an equation {needed}\n  {ode.text}{where}\n"
            f"  help: take another method, e.g. `: rk4`, or write the equation in that form."
        )
        self.method = method
        self.variable = ode.name
        self.term = term
