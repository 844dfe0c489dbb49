"""Models whose texts may have flags that don't exist: each is left out, with a warning, as ANNarchy does in silence."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import engram
from engram.callers import warn
from engram.errors import LanguageError
from engram.language.errors import UnknownFlag

__all__ = ["Neuron", "Synapse"]


class Neuron(engram.Neuron):
    """A neuron model; see :class:`engram.Neuron`. Unknown flags are left out with a warning."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _made(super().__init__, args, kwargs)


class Synapse(engram.Synapse):
    """A synapse model; see :class:`engram.Synapse`. Unknown flags are left out with a warning."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _made(super().__init__, args, kwargs)


def _made(make: Callable[..., None], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Make a model, leaving out what flags nobody knows.

    Raises:
        LanguageError: if something else is wrong.
    """
    try:
        make(*args, **kwargs)
    except LanguageError as error:
        flags = _unknown_flags(error)
        texts = dict(signature(make).bind(*args, **kwargs).arguments) if flags else {}
        for flag in sorted(flags, key=lambda flag: flag.place.start if flag.place else 0, reverse=True):
            if not _leave_out(flag, texts):
                raise
        if not flags:
            raise
        for flag in flags:
            warn(f"{str(flag).partition('  help:')[0].rstrip()}\n  it is left out\n  help: take it out of the text.")
        _made(make, (), texts)


def _unknown_flags(error: LanguageError) -> list[UnknownFlag]:
    """Return the errors about unknown flags of which one consists; none if something else is wrong for good."""
    errors = getattr(error, "errors", ()) or (error,)
    flags = [one for one in errors if isinstance(one, UnknownFlag)]
    others = [one for one in errors if not isinstance(one, UnknownFlag)]
    return flags if all(getattr(one, "may_come", False) for one in others) else []  # a constant, declared later


def _leave_out(flag: UnknownFlag, texts: dict[str, Any]) -> bool:
    """Take a flag out of the text that has it; later ones in that text are out already. Say whether it was found."""
    place = flag.place
    given = texts.get(place.block) if place else None
    text = "\n".join(given) if isinstance(given, list) and all(isinstance(one, str) for one in given) else given
    if place is None or not isinstance(text, str) or text[: place.end] != place.text[: place.end]:
        return False
    before, after = text[: place.start].rstrip(" \t"), text[place.end :].lstrip(" \t")
    if before.endswith(":") and after.startswith(","):
        after = after[1:]
    else:
        before = before[:-1]  # the colon or comma of the flag
    texts[place.block] = before + after
    return True
