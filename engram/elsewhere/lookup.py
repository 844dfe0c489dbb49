"""What to write instead of a name or an argument of another simulator.

In: what a user typed. Out: the help of a message, ``""`` where there is none. Read when a name is not found, and then
alone: the rows stand in ``names.txt`` (names of the module), ``arguments.txt`` (of
calls) and ``members.txt`` (of objects).
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

__all__ = ["arguments", "instead_of", "member_help", "members", "names", "no_name"]

SHORT = {"engram": "eg", "engram.models": "eg.models", "engram.analysis.plot": "eg.plot"}  # what users write
ANY = "*"  # in place of a callable, or of an argument: all that have no row of their own


@cache
def names() -> dict[str, str]:
    """Return what to write for each name of other simulators."""
    return {name: help_ for words, help_ in _rows("names.txt") for name in words}


@cache
def arguments() -> dict[tuple[str, str], str]:
    """Return what to write for arguments of other simulators, by the name of the callable and theirs."""
    return _by_owner("arguments.txt")


@cache
def members() -> dict[tuple[str, str], str]:
    """Return what to write for attributes and methods of other simulators, by the kind of object and theirs."""
    return _by_owner("members.txt")


def member_help(kind: str, name: str, cutoff: float = 1.0) -> str:
    """Return what to write for what a network, population, projection or monitor has elsewhere.

    Args:
        cutoff: how near to it a name has to be, of 1.
    """
    known = [one for owner, one in members() if owner == kind]
    near = get_close_matches(name, known, 1, cutoff)
    return f"{members()[kind, near[0]]}." if near else ""


def instead_of(argument: str, call: str, known: Collection[str]) -> str:
    """Return what to write in place of an argument that a call does not take.

    Args:
        call: the name of what is called.
        known: the arguments that it takes.
    """
    if help_ := arguments().get((call, argument)):
        return f"{help_}."
    everywhere = arguments().get((ANY, argument), "")
    if any(f"`{name}=`" in everywhere for name in known):
        return f"{everywhere}."
    near = get_close_matches(argument, known, 1)
    of_any = arguments().get((call, ANY), "")
    return f"did you mean {near[0]!r}?" if near else f"{of_any}." if of_any else ""


def no_name(name: str, known: Collection[str], module: str = "engram") -> AttributeError | ImportError:
    """Return the error about a name that a module of engram has not.

    ``from engram import NeuronGroup`` would throw away the text of an AttributeError, so that gets an ImportError.
    """
    advice = "" if name[:1] == "_" else _instead(name, known, module)
    if advice and _is_imported() and find_spec(f"{module}.{name}") is None:
        return ImportError(f"cannot import name {name!r} from {module!r}\n  help: {advice}", name=module)
    return AttributeError(f"module {module!r} has no attribute {name!r}" + (f"\n  help: {advice}" if advice else ""))


def _instead(name: str, known: Collection[str], module: str) -> str:
    """Return what to write for a name of other simulators, or one that is near those that are known."""
    if name in names():
        return f"{names()[name]}."
    short, users = SHORT.get(module, module), sys._getframe(3).f_globals
    mine = [alias for alias, one in users.items() if isinstance(one, ModuleType) and one.__name__ == module]
    short = mine[0] if mine and short not in mine else short
    if near := _nearest(name, known, 0.75, module):
        return f"did you mean {short}.{near}?"
    foreign = _nearest(name, names(), 0.85)
    return f"of {foreign}: {names()[foreign]}." if foreign else ""


def _nearest(name: str, known: Collection[str], cutoff: float, module: str = "") -> str:
    folded = {one.casefold(): one for one in sorted(known, reverse=True)}
    near = folded.get(name.casefold()) or "".join(get_close_matches(name, known, 1, cutoff))
    is_typo = bool(get_close_matches(name.casefold(), [near.casefold()], 1, 0.9))
    kind = getattr(sys.modules[module], near) if near and module and not is_typo else None
    return "" if isinstance(kind, type) and issubclass(kind, BaseException) else near  # nobody types these by chance


def _is_imported() -> bool:
    """Say whether the module was asked by ``from module import name``, of which Python's own frame tells."""
    return sys._getframe(3).f_globals.get("__name__") == "importlib._bootstrap"


def _by_owner(file: str) -> dict[tuple[str, str], str]:
    """Return the rows of a file with owners, behind the word "of"."""
    found = {}
    for words, help_ in _rows(file):
        at = words.index("of")
        found.update({(owner, name): help_ for name in words[:at] for owner in words[at + 1 :]})
    return found


def _rows(file: str) -> list[tuple[list[str], str]]:
    """Return the words and the help of each row: lines of words, then one that is indented; ``#`` begins a comment."""
    rows: list[tuple[list[str], str]] = []
    words: list[str] = []
    for line in (Path(__file__).parent / file).read_text("utf-8").splitlines():
        if line.startswith(" "):
            rows.append((words, line.strip()))
            words = []
        elif not line.startswith("#"):
            words = [*words, *line.split()]
    return rows
