"""The exception family. Everything that engram raises on purpose is an :class:`EngramError`.

Each class also derives from the built-in that it resembles, and carries its facts as attributes. A message says
what is wrong, where, what was expected and what was found, and (after ``help:``) what to type next.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = [
    "ANNarchyException",
    "BrokenNetwork",
    "ClearedNetwork",
    "CompileError",
    "DamagedFile",
    "EngramError",
    "EngramWarning",
    "InvalidArgument",
    "InvalidConfiguration",
    "LanguageError",
    "LoadWarning",
    "MissingFile",
    "MissingLibrary",
    "NoSpikes",
    "NoSuchElement",
    "NotAvailable",
    "NotCompiled",
    "NotFinite",
    "ParametersError",
    "ReadError",
    "RunFailed",
    "SaveError",
    "StateMismatch",
    "UnknownAttribute",
    "UnknownSetting",
    "UnsupportedFile",
    "WorkerLost",
    "WrongCall",
]


class EngramError(Exception):
    """The root of all errors that engram raises on purpose."""

    def _render_traceback_(self) -> Any:
        """Return the lines that IPython shows: those of the user, not also of the call of ours that has raised."""
        users = trace = self.__traceback__
        while trace is not None:
            if trace.tb_frame.f_globals.get("__name__") != "engram.callers":
                users = trace
            trace = trace.tb_next
        if users is not None:
            users.tb_next = None
        shell = sys.modules["IPython"].get_ipython()
        return shell.InteractiveTB.structured_traceback(type(self), self, self.__traceback__)


class LanguageError(EngramError, ValueError):
    """A model's text is wrong. The subclasses, one per situation, stand in ``engram.language.errors``."""


class NotAvailable(LanguageError, NotImplementedError):
    """What is asked for is right, but this version can't do it yet."""


class InvalidArgument(EngramError, ValueError):
    """An argument of a call has a value that it can't have."""


class WrongCall(InvalidArgument, TypeError):
    """An argument of a call is missing, unknown, given twice, or one too many."""


class UnknownSetting(InvalidArgument):
    """There is no such setting of a network.

    Attributes:
        setting: its name.
    """

    def __init__(self, message: str, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting


class NoSuchElement(InvalidArgument, IndexError):
    """Values are indexed by what is no index of theirs."""


class UnknownAttribute(EngramError, AttributeError):
    """A population, projection or view has no such attribute."""


class NoSpikes(InvalidArgument, UnknownAttribute):
    """Spikes are asked for of neurons that have none: rate-coded ones."""


class NotCompiled(EngramError, RuntimeError, AttributeError):
    """The call needs a compiled network, or the attribute: ``hasattr`` says that it is not there yet."""


class CompileError(EngramError, RuntimeError):
    """No C compiler was found, or it refused generated code."""


class BrokenNetwork(EngramError, RuntimeError):
    """A load failed half way (a disk error): only load, restore and reset are possible."""


class ClearedNetwork(EngramError, RuntimeError):
    """What is used belongs to an implicit network that is gone: by ``eg.clear()``, or since its cell was run again."""


class NotFinite(EngramError, FloatingPointError):
    """A value became infinite or NaN. The network stands after that step: it can be looked at and saved.

    Attributes:
        path: of the value, ``populations/exc/v``.
        element: a neuron's rank, or a synapse as (pre, post); None of a value that is one for all.
        step: in which it happened; the first of those in question if it is not known.
        before, after: the values of that element's variables before and after the step; empty if they are not known.
    """

    def __init__(
        self,
        message: str,
        path: str,
        element: int | tuple[int, int] | None,
        step: int,
        before: dict[str, float],
        after: dict[str, float],
    ) -> None:
        super().__init__(message)
        self.path, self.element, self.step, self.before, self.after = path, element, step, before, after


class RunFailed(EngramError, RuntimeError):
    """A run of a parameter study has raised an exception.

    Attributes:
        number: of the run.
        args_of_run, parameters: what it was given, by position and by name.
        seed: that it had.
        error: what it raised; None if that could not travel here.
    """

    def __init__(
        self,
        message: str,
        number: int,
        args_of_run: tuple[object, ...],
        parameters: dict[str, object],
        seed: int,
        error: BaseException | None,
    ) -> None:
        super().__init__(message)
        self.number, self.args_of_run, self.parameters = number, args_of_run, parameters
        self.seed, self.error = seed, error


class WorkerLost(EngramError, RuntimeError):
    """A process that did runs of a parameter study is gone: killed, or crashed."""


class SaveError(EngramError, OSError):
    """A file could not be written; the old one, if there was one, is as it was."""


class ReadError(EngramError, OSError):
    """A file could not be opened or read."""


class MissingFile(ReadError, FileNotFoundError):
    """There is no file of that name."""


class MissingLibrary(EngramError, ImportError):
    """A call needs a library that is not installed; nothing else does."""


class DamagedFile(EngramError, ValueError):
    """A file's content contradicts itself: truncated, changed, or not written by the program it claims."""


class UnsupportedFile(EngramError, ValueError):
    """A file is whole, but of a kind or version that can't be loaded here."""


class StateMismatch(EngramError, ValueError):
    """A file does not fit the network. ``differences`` lists all of them; nothing was loaded."""

    def __init__(self, message: str, differences: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.differences = differences


class EngramWarning(UserWarning):
    """The root of all warnings that engram gives: ``warnings.simplefilter("error", eg.EngramWarning)`` raises them."""


class LoadWarning(EngramWarning):
    """A network does not go on as the saved one would have, or lacks what no file holds; the report says what."""


class ParametersError(EngramError, ValueError):
    """A parameters file (JSON) can't be read or does not fit; nothing was set."""


# names under which scripts written for ANNarchy catch errors
ANNarchyException = EngramError
InvalidConfiguration = InvalidArgument
