"""What differs between two blueprints, by the concerns of the fields in which they do.

In: a file's blueprint and a network's. Out: lines for one error, one warning, and the projections whose synapses were
asked for in another way. Nothing here knows any field by name: a field's concern stands at the field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from engram.blueprint.codec import write_record
from engram.blueprint.digests import canonical
from engram.blueprint.fields import Concern, concern_of, order_of, table_of
from engram.blueprint.records import Blueprint

__all__ = ["Comparison", "compare"]

_LONGEST = 80  # characters of a value that a line shows


@dataclass(frozen=True)
class Comparison:
    """What differs.

    Args:
        refused: lines about what must agree and does not.
        rules: lines about what lets the network go on differently.
        recipes: paths of projections whose synapses, weights or delays were asked for in another way.
        unmatched: paths of monitors that exist on one side only, or record something else there.
    """

    refused: tuple[str, ...]
    rules: tuple[str, ...]
    recipes: tuple[str, ...]
    unmatched: tuple[str, ...]


class _Difference(NamedTuple):
    """A field, in which two objects differ, and both values as text."""

    concern: Concern
    path: str
    fact: str
    theirs: str
    mine: str

    @property
    def line(self) -> str:
        theirs, mine = (text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..." for text in self[3:])
        return f"{self.path}: {self.fact} {theirs} in the file, {mine} in the network"


def compare(theirs: Blueprint, mine: Blueprint) -> Comparison:
    """Compare the blueprint of a file (``theirs``) with that of a network."""
    lines: dict[Concern, list[str]] = {concern: [] for concern in Concern}
    recipes: dict[str, None] = {}
    unmatched: dict[str, None] = {}
    for path, found in _objects(theirs, mine):
        for one in found:
            if path.startswith("monitors/") and one.concern is Concern.STRUCTURE:
                unmatched[path] = None
            elif one.concern is Concern.RECIPE:
                recipes[path] = None
            else:
                lines[one.concern].append(one.line if one.fact else f"{path}: {one.theirs}")
    for section, order in ((part.name, order_of(part)) for part in fields(Blueprint)):
        swapped = "" if order is None else _swapped(section, getattr(theirs, section), getattr(mine, section))
        if order is not None and swapped:
            lines[order].append(swapped)
    return Comparison(tuple(lines[Concern.STRUCTURE]), tuple(lines[Concern.RULE]), tuple(recipes), tuple(unmatched))


def _objects(theirs: Blueprint, mine: Blueprint) -> Iterator[tuple[str, list[_Difference]]]:
    """Give the path of each object of either side, with its differences."""
    models = _Models(theirs, mine)
    yield "network", [*_differences("network", "", theirs.settings, mine.settings, models)]
    for one in fields(Blueprint):
        if order_of(one) is None:
            continue
        in_file, here = ({record.name: record for record in getattr(b, one.name)} for b in (theirs, mine))
        for name in {**in_file, **here}:
            path = f"{one.name}/{name}"
            if name in in_file and name in here:
                yield path, [*_differences(path, "", in_file[name], here[name], models)]
            else:
                what = "in the file only" if name in in_file else "not in the file"
                yield path, [_Difference(Concern.STRUCTURE, path, "", what, "")]


class _Models:
    """The differences of pairs of models, each looked for once: many objects share a few."""

    def __init__(self, theirs: Blueprint, mine: Blueprint) -> None:
        self._theirs, self._mine = theirs, mine
        self._found: dict[tuple[str, int, int], list[_Difference]] = {}

    def between(self, table: str, number: int, other: int) -> list[_Difference]:
        """Return what differs between entries of a table; the path is left open."""
        key = (table, number, other)
        if key not in self._found:
            pair = getattr(self._theirs, table)[number], getattr(self._mine, table)[other]
            self._found[key] = [*_differences("", "model.", *pair, self)]
        return self._found[key]


def _differences(path: str, prefix: str, theirs: Any, mine: Any, models: _Models) -> Iterator[_Difference]:
    """Give what differs between two records of one class, field by field."""
    data, other = write_record(theirs), write_record(mine)
    for one in fields(theirs):
        name, concern = one.name, concern_of(one)
        if table_of(one) is not None:
            found = models.between(table_of(one) or "", data[name], other[name])
            yield from (difference._replace(path=path) for difference in found)
        elif concern is None:
            yield from _differences(path, f"{prefix}{name}.", getattr(theirs, name), getattr(mine, name), models)
        else:
            yield from _of_data(concern, path, f"{prefix}{name}", data[name], other[name])


def _of_data(concern: Concern, path: str, fact: str, theirs: Any, mine: Any) -> Iterator[_Difference]:
    """Give what differs in the JSON data of one field, by the innermost fields that both have."""
    texts = canonical(theirs), canonical(mine)
    if texts[0] == texts[1]:
        return
    if isinstance(theirs, dict) and isinstance(mine, dict) and theirs.keys() == mine.keys():
        for key in theirs:
            yield from _of_data(concern, path, f"{fact}.{key}", theirs[key], mine[key])
    else:
        yield _Difference(concern, path, fact, *texts)


def _swapped(section: str, theirs: Any, mine: Any) -> str:
    """Name the first two objects that both sides have in another order; "" if there are none."""
    in_file, here = [one.name for one in theirs], [one.name for one in mine]
    common = {*in_file} & {*here}
    pairs = zip((n for n in in_file if n in common), (n for n in here if n in common), strict=True)
    first, other = next(((a, b) for a, b in pairs if a != b), ("", ""))
    return f"{section}: {first!r} was created before {other!r} in the file, after it in the network" if first else ""
