"""Do the objects of a file and of a network agree? Lists every fact that differs, with both sides' values.

In: the dictionaries of a manifest and of a description. Out: lines for one error. Called by ``plan``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Comparison", "compare"]

Facts = dict[str, Any]
NOT_COMPARED = ("path", "model")


@dataclass(frozen=True)
class Comparison:
    """What differs. ``lines`` and ``helps`` belong into the error; ``unfit`` are the objects that they are about.

    ``unmatched`` are monitors that exist on one side only or record something else there: no error.
    """

    lines: tuple[str, ...]
    helps: tuple[str, ...]
    unfit: frozenset[str]
    unmatched: frozenset[str]
    model_changed: tuple[str, ...]


def compare(theirs: tuple[Facts, ...], mine: tuple[Facts, ...], is_wanted: Callable[[str], bool]) -> Comparison:
    """Compare the wanted objects of a file (``theirs``) and a network by path."""
    in_file = {facts["path"]: facts for facts in theirs if is_wanted(facts["path"])}
    here = {facts["path"]: facts for facts in mine if is_wanted(facts["path"])}
    lines: list[str] = []
    helps: list[str] = []
    unfit, unmatched, model_changed = set(), set(), []
    for path in sorted(in_file.keys() | here.keys()):
        found = _differences(path, in_file.get(path), here.get(path))
        if path.startswith("monitors/"):
            if found:
                unmatched.add(path)
            continue
        if path in in_file and path in here and in_file[path].get("model") != here[path].get("model"):
            model_changed.append(path)
        if found:
            unfit.add(path)
            lines += found
            helps.append(_help(path, in_file.get(path), here.get(path)))
    return Comparison(tuple(lines), tuple(helps), frozenset(unfit), frozenset(unmatched), tuple(model_changed))


def _differences(path: str, theirs: Facts | None, mine: Facts | None) -> list[str]:
    if theirs is None:
        return [f"{path}: not in the file"]
    if mine is None:
        return [f"{path}: in the file only"]
    return [
        f"{path}: {fact} {_shown(theirs, fact)} in the file, {_shown(mine, fact)} in the network"
        for fact in sorted(theirs.keys() | mine.keys())
        if fact not in NOT_COMPARED and _plain(theirs.get(fact)) != _plain(mine.get(fact))
    ]


def _help(path: str, theirs: Facts | None, mine: Facts | None) -> str:
    group, name = path.split("/", 1)
    thing = group.removesuffix("s")
    if theirs is None:
        return f"remove {thing} {name!r} from the script, or load with {group}=False."
    if mine is None:
        return f"add {thing} {name!r} to the script, or load with only= and what both have."
    fact = next(f for f in ("size", "geometry", *sorted(theirs.keys() | mine.keys()))
                if f not in NOT_COMPARED and _plain(theirs.get(f)) != _plain(mine.get(f)))  # fmt: skip
    return f"build {thing} {name!r} with {fact} {_shown(theirs, fact)}, or load with only= and what both have."


def _plain(value: Any) -> Any:
    """Make values comparable that went through JSON with those that did not: tuples are lists there."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def _shown(facts: Facts, fact: str) -> str:
    value = facts.get(fact, "(none)")
    text = f"({', '.join(map(str, value))})" if isinstance(value, list | tuple) else str(value)
    return text if text.isprintable() and len(text) <= 80 else repr(value)[:80]
