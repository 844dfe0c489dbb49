"""Errors of model text, one class per situation, each drawn with a caret under the place.

In: what is wrong, and a ``TextPlace``. Out: exceptions whose message says what, where, what was expected, and what to
type next. Raised by ``language/parser.py`` and ``language/connection.py``, all of one model together.
"""

from __future__ import annotations

from engram import errors
from engram.elsewhere.near import nearest
from engram.errors import LanguageError
from engram.language.place import TextPlace

__all__ = [
    "AssignedParameter",
    "BadDerivative",
    "BadLeftSide",
    "BadSyntax",
    "BadValue",
    "DuplicateDefinition",
    "DuplicateFlag",
    "ExtraAssignment",
    "InvalidCharacter",
    "MisplacedFlag",
    "MisplacedName",
    "MisplacedRate",
    "MissingAssignment",
    "MissingElse",
    "MissingRate",
    "MissingSpike",
    "MixedMethods",
    "ModelErrors",
    "NotAvailable",
    "NotLinear",
    "RecursiveFunction",
    "ReservedName",
    "TextError",
    "TooLarge",
    "UnbalancedParenthesis",
    "UnknownFlag",
    "UnknownFunction",
    "UnknownMethod",
    "UnknownName",
    "UnknownTarget",
    "WrongArgumentCount",
    "WrongKind",
    "WrongLocality",
]


MOST_SHOWN = 12  # errors of one model in a message


class TextError(LanguageError):
    """Something is wrong at one place of a model's text.

    Args:
        what: the problem in one line, naming the thing.
        place: where it is; ``line`` and ``column`` stand there.
        details: further lines: expected and got, known names.
        advice: what to type next.
        identifier: the name, flag or function that the error is about.
    """

    def __init__(
        self,
        what: str,
        place: TextPlace | None = None,
        details: tuple[str, ...] = (),
        advice: str = "",
        identifier: str = "",
    ) -> None:
        lines = [what]
        if place is not None:
            lines.append(place.draw())
        lines += [f"  {line}" for line in details]
        if advice:
            lines.append(f"  help: {advice}")
        self.message = "\n".join(lines)
        self.place = place
        self.identifier = identifier
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class ModelErrors(LanguageError):
    """Several things are wrong in one model; ``errors`` holds all in the order of the text, the message the first."""

    def __init__(self, model: str, errors: tuple[TextError, ...] = ()) -> None:
        listed = "".join(f"\n\n{type(e).__name__}: {e}" for e in errors[:MOST_SHOWN])
        more = f"\n\n... and {len(errors) - MOST_SHOWN} more" if len(errors) > MOST_SHOWN else ""
        super().__init__(f"{len(errors)} errors in {model}{listed}{more}" if errors else model)
        self.errors = errors


class BadSyntax(TextError):
    """The text is not a sentence of the language. (It is no SyntaxError: IPython would show the line of a file.)"""


class InvalidCharacter(BadSyntax):
    """A character that no token begins with."""


class UnbalancedParenthesis(BadSyntax):
    """A parenthesis without its partner."""


class MissingAssignment(BadSyntax):
    """A statement without ``=``, ``+=``, ``-=``, ``*=`` or ``/=``."""


class ExtraAssignment(BadSyntax):
    """An assignment operator where none can stand: a second one, or one in an expression."""


class MissingElse(BadSyntax):
    """A conditional without its ``else``."""


class BadLeftSide(BadSyntax):
    """The left side of a statement is not a name."""


class UnknownName(TextError, NameError):
    """A name that stands for nothing here. ``known`` lists what does, ``suggestion`` the nearest or None.

    ``hint`` says what to type whatever is known; ``advice`` does where nothing near is. With ``may_come`` a constant of
    that name, declared later, would make the text right.
    """

    def __init__(
        self,
        what: str,
        place: TextPlace | None = None,
        identifier: str = "",
        known: tuple[str, ...] = (),
        advice: str = "",
        hint: str = "",
        may_come: bool = False,
    ) -> None:
        self.may_come = may_come
        self.known = tuple(sorted(dict.fromkeys(known), key=lambda name: (name.lower(), name)))
        self.suggestion = self._near(identifier)
        short = self.known if self.suggestion is None or len(self.known) <= 16 else ()
        shown = ", ".join(short[:50]) + (", ..." if len(short) > 50 else "")
        advice = hint or (f"did you mean '{self.suggestion}'?" if self.suggestion else advice)
        super().__init__(what, place, (f"known here: {shown}",) if shown else (), advice, identifier)

    def _near(self, identifier: str) -> str | None:
        return nearest(identifier, self.known)


class UnknownFunction(UnknownName):
    """A function that does not exist. One of another name is suggested for typing errors alone: sinc is not sin."""

    def _near(self, identifier: str) -> str | None:
        near = nearest(identifier, self.known)
        if near is None or near.lower() == identifier.lower():
            return near
        return near if len(identifier) >= 5 and abs(len(near) - len(identifier)) <= 1 else None


class UnknownFlag(UnknownName):
    """A flag that does not exist."""


class UnknownMethod(UnknownName):
    """A numerical method that does not exist."""


class UnknownTarget(UnknownName):
    """``pre.sum(target)`` with a target that the population does not have."""


class WrongArgumentCount(TextError, TypeError):
    """A function or distribution with too many or too few arguments."""


class MisplacedFlag(TextError):
    """A flag that can't stand on this statement."""


class DuplicateFlag(TextError):
    """Two flags of one variable that contradict each other."""


class MisplacedName(TextError):
    """A name or construct that exists, but not in this text."""


class DuplicateDefinition(TextError):
    """A second definition of one name."""


class ReservedName(TextError):
    """A definition of a name that the language or the state tree keeps for itself."""


class AssignedParameter(TextError, TypeError):
    """An assignment to a parameter."""


class WrongLocality(TextError):
    """Something shared depends on, or is assigned by, something that each element has for itself."""


class BadDerivative(TextError):
    """A differential equation where none can stand, or one that can't be solved for its derivative."""


class NotLinear(TextError):
    """A method for linear equations on one that isn't."""


class MixedMethods(TextError):
    """Two coupled methods in one neuron."""


class MissingRate(TextError):
    """A rate-coded neuron without ``r``."""


class MisplacedRate(TextError):
    """A spiking neuron that defines ``r``."""


class MissingSpike(TextError):
    """``reset`` or ``refractory`` without ``spike``."""


class BadValue(TextError):
    """A value that a parameter, initial value or argument can't have."""


class RecursiveFunction(TextError, RecursionError):
    """A function that calls itself."""


class TooLarge(TextError):
    """A model above the budget of text, nodes, depth or draws."""


class NotAvailable(TextError, errors.NotAvailable):
    """The same of one place in a text."""


class WrongKind(TextError, TypeError):
    """A synapse that does not fit its presynaptic population (spiking or rate-coded)."""
