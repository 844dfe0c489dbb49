"""Do the objects of a file and of a network agree? Lists every fact that differs, with both sides' values.

Most facts must agree. Those in ``RULES``, and the order in which objects were created, decide how a run goes on: values
can be loaded where they differ, but what follows is not what would have followed.

In: the dictionaries of a manifest and of a description. Out: lines for one error. Called by ``plan``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["Comparison", "compare"]

Facts = dict[str, Any]
RULES = ("model", "method", "event_clock")


@dataclass(frozen=True)
class Comparison:
    """What differs. ``lines`` and ``helps`` belong into the error; ``unfit`` are the objects that they are about.

    ``unmatched`` are monitors that exist on one side only or record something else there: no error.
    ``model_changed`` says of objects by path which rules differ, ``reordered`` which were created in another order.
    """

    lines: tuple[str, ...]
    helps: tuple[str, ...]
    unfit: frozenset[str]
    unmatched: frozenset[str]
    model_changed: dict[str, str]
    reordered: tuple[str, ...]


def compare(theirs: tuple[Facts, ...], mine: tuple[Facts, ...], is_wanted: Callable[[str], bool]) -> Comparison:
    """Compare the wanted objects of a file (``theirs``) and a network by path."""
    in_file = {facts["path"]: facts for facts in theirs if is_wanted(facts["path"])}
    here = {facts["path"]: facts for facts in mine if is_wanted(facts["path"])}
    lines: list[str] = []
    helps: list[str] = []
    unfit, unmatched, model_changed = set(), set(), {}
    for path in sorted(in_file.keys() | here.keys()):
        found = _differences(path, in_file.get(path), here.get(path))
        if path.startswith("monitors/"):
            if found:
                unmatched.add(path)
            continue
        if path in in_file and path in here and (changes := _changes(in_file[path], here[path])):
            model_changed[path] = changes
        if found:
            unfit.add(path)
            lines += found
            helps.append(_help(path, in_file.get(path), here.get(path)))
    reordered = tuple(
        line for group in ("populations/", "projections/") for line in _reordered(group, list(in_file), list(here))
    )
    return Comparison(tuple(lines), tuple(helps), frozenset(unfit), frozenset(unmatched), model_changed, reordered)


def _changes(theirs: Facts, mine: Facts) -> str:
    """Say in which rules two objects differ; "" if in none."""
    changed = [rule for rule in RULES if theirs.get(rule) != mine.get(rule)]
    return "; ".join(
        f"{rule} {_shown(theirs, rule)} in the file, {_shown(mine, rule)} in the network"
        if rule != "model"
        else "equations differ"
        for rule in changed
        if rule == "model" or "model" not in changed  # other equations may ask for no method
    )


def _reordered(group: str, theirs: list[str], mine: list[str]) -> list[str]:
    """Name the first two objects of a group that both sides have, and that they created in another order."""
    place = {path: number for number, path in enumerate(mine) if path.startswith(group)}
    common = [path for path in theirs if path in place]
    return [
        f"{first} was created before {second} in the file, after it in the network: they act in that order"
        for first, second in pairwise(common)
        if place[first] > place[second]
    ][:1]


def _differences(path: str, theirs: Facts | None, mine: Facts | None) -> list[str]:
    if theirs is None:
        return [f"{path}: not in the file"]
    if mine is None:
        return [f"{path}: in the file only"]
    return [
        f"{path}: {fact} {_shown(theirs, fact)} in the file, {_shown(mine, fact)} in the network"
        for fact in sorted(theirs.keys() | mine.keys())
        if fact not in RULES and _plain(theirs.get(fact)) != _plain(mine.get(fact))
    ]


def _help(path: str, theirs: Facts | None, mine: Facts | None) -> str:
    group, name = path.split("/", 1)
    thing = group.removesuffix("s")
    if theirs is None:
        return f"remove {thing} {name!r} from the script, or load with {group}=False."
    if mine is None:
        return f"add {thing} {name!r} to the script, or load with only= and what both have."
    fact = next(f for f in ("size", "geometry", *sorted(theirs.keys() | mine.keys()))
                if f not in RULES and _plain(theirs.get(f)) != _plain(mine.get(f)))  # fmt: skip
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
