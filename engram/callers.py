"""The user's side of a call: arguments are checked first, and warnings and errors point at the user's line.

``@checked`` on a function, or ``@checked_calls`` on a class for all its public methods, reads the annotations. What
they say in plain words (``bool``, ``str``, ``str | None``, ``list[str]`` ...) is checked in every call, as are the
number and the names of arguments; everything else is checked where it is used. Both, and ``@shortened`` alone, cut the
frames of engram out of the traceback of an :class:`EngramError`: its message is what a user has to read.
Names of arguments that scripts for ANNarchy have are taken, too: ``spellings.py`` lists them.
``ENGRAM_TRACEBACK=full`` leaves them in. What messages call ``eg.Network`` is called as the user has imported it.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import sys
import warnings
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from types import FrameType, TracebackType
from typing import Any, TypeVar

import numpy as np

from engram.elsewhere.lookup import instead_of
from engram.errors import EngramError, EngramWarning, InvalidArgument, WrongCall
from engram.spellings import respelled
from engram.telling import as_imported, short, told

__all__ = [
    "checked",
    "checked_calls",
    "notebook",
    "plain_float",
    "plain_number",
    "shortened",
    "users_names",
    "warn",
    "whole_number",
]

C = TypeVar("C")
F = TypeVar("F", bound=Callable[..., Any])
SPECIAL = ("__init__", "__call__", "__getitem__")
OPERATORS = ("__setitem__", "__getattr__", "__setattr__", "__delattr__")  # whose arguments Python has checked
OURS = frozenset({"engram", "contextlib", "functools", "lark", "numpy", "scipy"})  # whose frames say nothing to a user
PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def _is_text(values: Any) -> bool:
    return isinstance(values, Collection) and all(isinstance(item, str) for item in values)


def _is_dictionary(value: Any) -> bool:
    return isinstance(value, dict) and _is_text(value)


KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "bool": ("True or False", lambda value: isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")),
    "str": ("text", lambda value: isinstance(value, str)),
    "os.PathLike[str]": ("a path", lambda value: isinstance(value, os.PathLike)),
    "list[str]": ("a list of names", lambda value: isinstance(value, list) and _is_text(value)),
    "tuple[str, ...]": ("", lambda value: isinstance(value, tuple) and _is_text(value)),
    "Collection[str]": ("a collection of names", lambda value: not isinstance(value, str) and _is_text(value)),
    "dict[str, Any]": ("a dictionary with names as keys", _is_dictionary),
    "type": ("a type", lambda value: isinstance(value, type)),
    "None": ("None", lambda value: value is None),
}
"""What annotations mean: the words for it, and whether a value is of that kind."""


@dataclass(frozen=True)
class _Rule:
    """What one function takes: names of its arguments, those that must be given, and the kinds of some."""

    name: str
    positional: tuple[str, ...]
    known: frozenset[str]
    required: frozenset[str]
    any_number: bool
    any_name: bool
    kinds: dict[str, tuple[str, ...]]
    least: int  # arguments without names that are all that must be given, if any number of them is
    enough: int  # so many arguments without names are right at once: at most `self` has to be given; -1 if more has

    def check(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Raise if the call can't be."""
        if kwargs or not self.least <= len(args) <= len(self.positional):
            self._check_names(args, kwargs)
        if not self.kinds:
            return
        for name, value in (*zip(self.positional, args, strict=False), *kwargs.items()):
            kinds = self.kinds.get(name)
            if kinds is not None and not any(KINDS[kind][1](value) for kind in kinds):
                expected = " or ".join(filter(None, (KINDS[kind][0] for kind in kinds)))
                what = f"{self.name}(): {name} must be {expected}, not {told(value)}"
                raise InvalidArgument(what + self._order(name, len(args)))

    def _check_names(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        given = {*self.positional[: len(args)], *kwargs}
        if (
            not self.required <= given
            or (len(args) > len(self.positional) and not self.any_number)
            or len(given) < min(len(args), len(self.positional)) + len(kwargs)
            or not (self.any_name or given <= self.known)
        ):
            raise self._wrong_call(args, kwargs)

    def _order(self, name: str, given: int) -> str:
        """Say in which order the arguments are given, where one of several has another kind than it should."""
        order = [one for one in self.positional if one not in ("self", "cls")]
        if name not in self.positional[:given] or len(order) < 3 or given < len(self.positional) - len(order) + 2:
            return ""
        return f"\n  help: the order is {', '.join(order)}."

    def _wrong_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> WrongCall:
        named = (*self.positional, *sorted(self.known - {*self.positional}))
        takes = [name for name in named if name not in ("self", "cls")]
        help_ = f"it takes {', '.join(takes) or 'none'}."
        unknown = [name for name in kwargs if name not in self.known]
        foreign = {name: instead_of(name, self.name, takes) for name in unknown if self.any_name}
        meant = next((name for name, help_ in foreign.items() if help_), None)
        missing = [name for name in takes if name in self.required and name not in kwargs]
        missing = [name for name in missing if name not in self.positional[: len(args)]]
        if self.name == "set" and takes == ["values"] and (values := _values_of_set(args, kwargs)):
            what = f"unknown argument {unknown[0]!r}" if unknown else f"too many arguments: {told(args[-1])}"
            help_ = f"values are given by name in a dictionary: `{short(args[0])}.set({told(values, 200)})`."
        elif unknown and not self.any_name:
            what, help_ = f"unknown argument {unknown[0]!r}", instead_of(unknown[0], self.name, takes) or help_
        elif missing and meant is not None:
            what, help_ = f"unknown argument {meant!r}", foreign[meant]
        elif missing:
            what = f"argument {missing[0]!r} is missing"
        elif len(args) > len(self.positional):
            what = f"too many arguments: {told(args[len(self.positional)])}"
        else:
            what = f"argument {next(n for n in kwargs if n in self.positional[: len(args)])!r} is given twice"
        return WrongCall(f"{self.name}(): {what}\n  help: {help_}")


def _values_of_set(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return what ``pop.set(v=3.0)`` and ``pop.set("v", 3.0)`` mean; nothing if it is something else."""
    is_pair = len(args) == 3 and isinstance(args[1], str)
    return {args[1]: args[2]} if is_pair else kwargs


def _rule(function: Callable[..., Any], name: str) -> _Rule:
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    kinds = {p.name: _kinds(p.annotation) for p in named}
    required = frozenset(p.name for p in named if p.default is p.empty)
    positional = tuple(p.name for p in named if p.kind is not p.KEYWORD_ONLY)
    return _Rule(
        name,
        positional,
        frozenset(p.name for p in named),
        required,
        any(p.kind is p.VAR_POSITIONAL for p in parameters),
        any(p.kind is p.VAR_KEYWORD for p in parameters),
        {parameter: found for parameter, found in kinds.items() if found},
        len(required) if required <= {*positional} else len(named) + 1,
        len(required) if required <= {"self"} else -1,
    )


def _kinds(annotation: Any) -> tuple[str, ...]:
    """Return the kinds that an annotation names, none if it names anything that is not in the table."""
    parts = annotation.split(" | ") if isinstance(annotation, str) else []
    return tuple(parts) if all(part in KINDS for part in parts) else ()


def checked(function: F, name: str = "") -> F:
    """Check the arguments of every call.

    Args:
        function: its annotations are text, as ``from __future__ import annotations`` leaves them.
        name: for messages; that of the function by default.
    """

    mine: _Rule | None = None  # made by the first call: importing engram must be quick

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal mine
        try:
            if mine is None:
                mine = _rule(function, name or function.__name__)
            if kwargs or len(args) > mine.enough:
                if kwargs and not (mine.any_name or kwargs.keys() <= mine.known):
                    kwargs = respelled(mine.name, mine.known, kwargs)
                mine.check(args, kwargs)
            return function(*args, **kwargs)
        except EngramError as error:
            raise _cut(error)  # ENGRAM_TRACEBACK=full shows where it was  # noqa: B904  it is the same error

    return call  # type: ignore[return-value]  # it takes and returns the same


def checked_calls(cls: type[C]) -> type[C]:
    """Check the arguments of all public methods of a class, and of its constructor; errors of its members are cut."""
    for name in _methods(cls):
        function = vars(cls)[name]
        setattr(cls, name, checked(function, cls.__name__ if name == "__init__" else name))
    for name, member in [*vars(cls).items()]:
        if isinstance(member, property) and name[:1] != "_":
            parts: list[Any] = [one and shortened(one) for one in (member.fget, member.fset, member.fdel)]
            setattr(cls, name, type(member)(*parts))
        elif name in OPERATORS:
            setattr(cls, name, shortened(member))
    _hide_annotations(cls)
    return cls


def _hide_annotations(cls: type) -> None:
    """Leave out what a class says of its private attributes: ``help()`` would show it."""
    public = {name: kind for name, kind in vars(cls).get("__annotations__", {}).items() if name[:1] != "_"}
    if public:
        cls.__annotations__ = public
    elif "__annotations__" in vars(cls):
        del cls.__annotations__


def shortened(function: F) -> F:
    """Cut the frames of engram out of the tracebacks of errors that a function raises."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except EngramError as error:
            raise _cut(error)  # ENGRAM_TRACEBACK=full shows where it was  # noqa: B904  as above

    return call  # type: ignore[return-value]  # it takes and returns the same


def _cut(error: EngramError) -> EngramError:
    """Leave of the traceback of an error, and of what caused it, the frames of the user's own functions.

    Its message calls what is ours as the user's line does.
    """
    if error.args and isinstance(error.args[0], str):
        text = as_imported(error.args[0], _names(_users_frame()[0]))
        if text != error.args[0]:
            error.args = (text, *error.args[1:])
            for kept in {"message", "msg"} & {*dir(error)}:  # what a LanguageError, or an ImportError, prints
                setattr(error, kept, text)
    one: BaseException | None = error
    for _ in range(10 if os.environ.get("ENGRAM_TRACEBACK") != "full" else 0):
        if one is None:
            break
        one.__traceback__ = _users(one.__traceback__)
        one = one.__cause__
    return error


def _users(trace: TracebackType | None) -> TracebackType | None:
    found = []
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0] not in OURS:
            found.append(trace)
        trace = trace.tb_next
    following = None
    for one in reversed(found):
        one.tb_next, following = following, one
    return following


def _methods(cls: type) -> Iterable[str]:
    return [n for n, f in vars(cls).items() if inspect.isfunction(f) and (n[:1] != "_" or n in SPECIAL)]


def plain_number(value: Any) -> Any:
    """Return the real number that a value of the user's is, or None if it is none.

    NumPy's scalars and arrays of one number are such, as ``pop[0].v`` is, and come back as Python's; ``True`` and
    ``False`` are none.
    """
    if isinstance(value, np.ndarray | np.generic) and value.shape in ((), (1,)):
        value = value.item()
    return None if isinstance(value, bool) or not isinstance(value, Real) else value


def whole_number(value: Any) -> int | None:
    """Return the whole number that a value of the user's is, or None: ``150.0``, as 600/4 gives it, is one."""
    number = plain_number(value)
    if isinstance(number, float):
        return int(number) if number.is_integer() else None
    return int(number) if isinstance(number, Integral) else None


def plain_float(value: Any) -> float | None:
    """Return the number that a value of the user's is as a float; None if it is none, or beyond all floats."""
    number = plain_number(value)
    try:
        return None if number is None else float(number)
    except OverflowError:
        return None


def notebook() -> Any:
    """Return IPython's shell, in which cells are run, perhaps again; None outside of it."""
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()


def warn(text: str, category: type[Warning] = EngramWarning) -> None:
    """Warn, with the place of the line that called engram."""
    frame, level = _users_frame()
    warnings.warn(as_imported(text, _names(frame)), category, stacklevel=level)


def _users_frame() -> tuple[FrameType, int]:
    """Return the frame that has called engram, and how many there are from that of our caller up to it."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith((PACKAGE, contextlib.__file__)):
        frame, level = frame.f_back, level + 1
    return frame, level


def users_names() -> dict[str, Any]:
    """Return what the line that called engram knows by name."""
    return _names(_users_frame()[0])


def _names(frame: FrameType) -> dict[str, Any]:
    return {**frame.f_globals, **frame.f_locals}
