"""What to write instead of a name or an argument of another simulator.

In: what a user typed. Out: the help of a message, ``""`` where there is none. Read when a name is not found, and then
alone: the rows stand in ``names.txt`` (names of the module), ``arguments.txt`` (of
calls) and ``members.txt`` (of objects).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from engram.elsewhere.near import NEARER, is_slip, nearest
from engram.telling import as_imported

__all__ = ["arguments", "instead_of", "member_help", "members", "names", "no_name"]

SHORT = {"engram": "eg", "engram.models": "eg.models", "engram.analysis.plot": "eg.plot"}  # what users write
PARTS = ("engram.models", "engram.analysis.plot")  # of few names, which a message lists
EXCEPTION = 0.9  # of 1: as near to the name of one is what was meant to be it: nobody types these by chance
ANY = "*"  # in place of a callable: all that have no row of their own


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


def member_help(kind: str, name: str, is_near: bool = False) -> str:
    """Return what to write for what a network, population, projection or monitor has elsewhere.

    Args:
        is_near: whether a name that is near is taken, too.
    """
    known = [one for owner, one in members() if owner == kind]
    near = name if name in known else nearest(name, known) if is_near else None
    return f"{members()[kind, near]}." if near else ""


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
    near = nearest(argument, known)
    return f"did you mean {near!r}?" if near else ""


def no_name(name: str, known: Collection[str], module: str = "engram") -> AttributeError | ImportError:
    """Return the error about a name that a module of engram has not.

    ``from engram import NeuronGroup`` would throw away the text of an AttributeError, so that gets an ImportError.
    """
    advice = "" if name[:1] == "_" else _instead(name, known, module)
    if advice and _is_imported() and find_spec(f"{module}.{name}") is None:
        advice = re.sub(r"\beg\.(?=[a-zA-Z])", "", advice)  # it is imported like the name
        return ImportError(f"cannot import name {name!r} from {module!r}\n  help: {advice}", name=module)
    advice = as_imported(advice, sys._getframe(2).f_globals)
    return AttributeError(f"module {module!r} has no attribute {name!r}" + (f"\n  help: {advice}" if advice else ""))


def _instead(name: str, known: Collection[str], module: str) -> str:
    """Return what to write for a name of other simulators, for one that is near those that are known, or what is."""
    users = sys._getframe(3).f_globals
    if name in names():
        return f"{names()[name]}."
    mine = [alias for alias, one in users.items() if isinstance(one, ModuleType) and one.__name__ == module]
    short = SHORT.get(module, module)
    short = mine[0] if mine and short not in mine else short
    folded = {one.casefold(): one for one in names()}
    if name.casefold() in folded and name.casefold() not in {one.casefold() for one in known}:
        foreign = folded[name.casefold()]
        return f"of {foreign}: {names()[foreign]}."
    if near := _nearest(name, known, module):
        return f"did you mean {short}.{near}?"
    if module not in PARTS and (of_network := _of_network(name)):
        return of_network
    if other := nearest(name, names(), NEARER):
        return f"of {other}: {names()[other]}."
    return f"there are {', '.join(sorted(known))}." if module in PARTS else ""


def _of_network(name: str) -> str:
    """Say what a network has of that name, or of what it is called elsewhere."""
    if hasattr(getattr(sys.modules.get("engram"), "Network", None), name):
        return f"it is of a network: net.{name}, where net is e.g. eg.Network(dt=0.1)."
    return member_help("network", name)


def _nearest(name: str, known: Collection[str], module: str) -> str:
    near = nearest(name, sorted(known)) or ""
    kind = getattr(sys.modules[module], near) if near and not is_slip(name, near, EXCEPTION) else None
    return "" if isinstance(kind, type) and issubclass(kind, BaseException) else near


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
