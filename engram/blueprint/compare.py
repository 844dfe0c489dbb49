"""What differs between two blueprints, by the concerns of the fields in which they do.

In: a file's blueprint and a network's. Out: a :class:`Comparison`, as ``storage`` reads it. Nothing here knows any
field by name: a field's concern, and the words for it, stand at the field.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from engram.blueprint.codec import write_record
from engram.blueprint.digests import canonical
from engram.blueprint.fields import Concern, Saying, concern_of, order_of, saying_of, table_of
from engram.blueprint.records import Blueprint
from engram.blueprint.values import ranks_apart
from engram.elsewhere.near import most_alike
from engram.state.names import NB_SYNAPSES, ROW_START, RULES
from engram.storage.contract import EMPTIED, OR_PART, OR_VALUES, Comparison

__all__ = ["compare"]

_LONGEST = 80  # characters of a value that a line shows
_WHOLE = 1 << 62
_MOST_PAIRED = 50  # objects without a counterpart, up to which counterparts of other names are looked for

Test = Callable[[str], bool]


def _every(path: str) -> bool:
    return bool(path)


class _Difference(NamedTuple):
    """A field in which two objects differ, and both values as text."""

    concern: Concern
    fact: str
    theirs: str
    mine: str
    saying: Saying

    @property
    def text(self) -> str:
        theirs, mine = (f"{value} {self.saying.unit}".rstrip() for value in (self.theirs, self.mine))
        return self.saying.phrase or f"{self.fact} {theirs} in the file, {mine} in the network"


@dataclass
class _Found:
    """A comparison that is being made."""

    lines: list[str] = field(default_factory=list)
    helps: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    model_changed: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    recipes: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    lone: dict[str, str] = field(default_factory=dict)  # what only a file has, and what it may be here, by paths
    ends: dict[str, set[str]] = field(default_factory=dict)  # the same of populations that projections connect

    def refuse(self, path: str, line: str, advice: str) -> None:
        self.lines.append(line)
        self.helps.append(advice)
        self.unfit.append(path)

    def done(self) -> Comparison:
        # what would need two names at once is none of them: one population can't be two
        torn = {old for old, news in self.ends.items() if len(news) > 1}
        ends = {old: new for old, (new, *_) in self.ends.items() if old not in torn and new != old}
        lone = {old: new for old, new in self.lone.items() if old not in torn}
        return Comparison(
            tuple(self.lines),
            tuple(self.helps),
            frozenset(self.unfit),
            frozenset(self.unmatched),
            self.model_changed,
            tuple(self.notes),
            tuple(self.recipes),
            tuple(self.taken),
            renames=tuple(one for one in (lone, ends) if one),
        )


def compare(
    theirs: Blueprint,
    mine: Blueprint,
    is_wanted: Test = _every,
    has_values: Test = _every,
    *,
    is_full: bool = False,
) -> Comparison:
    """Compare the blueprint of a file (``theirs``) with that of a network.

    Args:
        is_wanted: whether an object takes part, by its path.
        has_values: whether the file has values of an object; others are compared as if it lacked them.
        is_full: say all that differs, a line for each, however long: not as many as a report has room for.
    """
    found, models = _Found(), _Models(theirs, mine, is_full)
    lacking: dict[str, bool] = {}  # sections of which the file has nothing, and whether nothing was wrong before
    has_other = False  # a section that may be loaded alone
    is_same = theirs is mine  # the file says what the network does
    for one in _differences("", theirs.settings, mine.settings, models):
        if one.concern is Concern.STRUCTURE:
            found.refuse("network", one.text, one.saying.advice.format(one.theirs))
        elif one.concern is Concern.RULE:
            found.notes.append(one.text)
    for part in fields(Blueprint):
        order = order_of(part)
        if order is None:
            continue
        in_file = _by_path(part.name, theirs, lambda path: is_wanted(path) and has_values(path))
        here = _by_path(part.name, mine, is_wanted)
        is_all_well = not found.helps
        for path in sorted(in_file.keys() ^ here.keys()) if is_same else {**in_file, **here}:
            _compare_one(path, in_file.get(path), here.get(path), models, found)
        if here and part.name != "monitors" and not _by_path(part.name, theirs, has_values):
            lacking[part.name] = is_all_well
        elif here and part.name != "monitors":
            has_other = True
        if part.name == "monitors":
            _compare_recorded(in_file, here, theirs, mine, found)
        if part.name == "projections":
            _compare_ends(in_file.keys() & here.keys(), theirs, mine, is_wanted, found)
        if part.name != "monitors":
            found.lone |= _renamed(in_file, here, models)
        swapped = _swapped([*in_file], [*here]) if order is Concern.RULE else ""
        if swapped:
            found.notes.append(swapped)
    if has_other and any(lacking.values()):
        section = next(iter(lacking))
        found.helps.insert(0, f"the file has no {section}: load with {section}=False.")
    elif lacking and not has_other:
        found.helps.insert(0, f"the file has no values of {' and '.join(lacking)}: take another one, saved with them.")
    return found.done()


def _by_path(section: str, blueprint: Blueprint, is_part: Test) -> dict[str, Any]:
    named = ((f"{section}/{record.name}", record) for record in getattr(blueprint, section))
    return {path: record for path, record in named if is_part(path)}


def _compare_one(path: str, theirs: Any, mine: Any, models: _Models, found: _Found) -> None:
    """Note what differs between the two sides' objects of one path; None: a side has none."""
    section, name = path.split("/", 1)
    thing = section.removesuffix("s")
    differences: list[_Difference] = []
    refused: list[_Difference] = []
    rules: dict[str, None] = {}
    if theirs is not None and mine is not None:
        differences = [] if models.are_same(theirs, mine) else [*_differences("", theirs, mine, models)]
        refused = [one for one in differences if one.concern is Concern.STRUCTURE]
        rules = dict.fromkeys(one.text for one in differences if one.concern is Concern.RULE)
        if any(one.concern is Concern.RECIPE for one in differences):
            found.recipes.append(path)
    if section == "monitors":
        if theirs is None or mine is None or refused:
            found.unmatched.append(path)
        else:
            starts = [one for one in differences if one.concern is Concern.START and one.saying.fact]
            found.taken += [f"{path}: {one.text}; the file's stands" for one in starts]
        if refused:
            texts = "; ".join(one.text for one in refused)
            found.notes.append(f"{path}: {texts}{EMPTIED}")
    elif theirs is None:
        advice = f"remove {thing} {name!r} from the script{OR_PART}"
        found.refuse(path, f"{path}: not in the file", advice)
    elif mine is None:
        advice = f"add {thing} {name!r} to the script{OR_PART}"
        found.refuse(path, f"{path}: in the file only", advice)
    else:
        for one in refused:
            if one.fact in ("pre population", "post population"):
                for old, new in ((theirs.pre, mine.pre), (theirs.post, mine.post)):
                    found.ends.setdefault(f"populations/{old.population}", set()).add(f"populations/{new.population}")
            advice = f"build {thing} {name!r} with {one.fact} {one.theirs}{OR_VALUES}"
            found.refuse(path, f"{path}: {one.text}", one.saying.advice.format(one.theirs) or advice)
        if rules:
            found.model_changed[path] = ("\n" if models.is_full else "; ").join(rules)


def _compare_ends(paths: Collection[str], theirs: Blueprint, mine: Blueprint, is_wanted: Test, found: _Found) -> None:
    """Refuse synapses between more or fewer neurons; populations that take part are compared themselves."""
    records = [{one.name: one for one in blueprint.projections} for blueprint in (theirs, mine)]
    sizes = [{one.name: math.prod(one.geometry) for one in blueprint.populations} for blueprint in (theirs, mine)]
    for path in sorted(paths):
        name = path.partition("/")[2]
        if path in found.unfit or not is_wanted(f"{path}/{ROW_START}"):
            continue
        texts = []
        for side in ("pre", "post"):
            ends = [getattr(one[name], side) for one in records]
            in_file, here = (size.get(end.population) for size, end in zip(sizes, ends, strict=True))
            is_part = is_wanted(f"populations/{ends[1].population}")
            if not is_part and ends[1].ranks is None and None not in (in_file, here) and in_file != here:
                texts.append(f"{side} population {ends[1].population!r} has {in_file} neurons in the file, {here} here")
        if texts:
            advice = f"build the populations of {name!r} with as many neurons as in the file{OR_VALUES}"
            found.refuse(path, f"{path}: {', '.join(texts)}", advice)


def _compare_recorded(
    in_file: dict[str, Any], here: dict[str, Any], theirs: Blueprint, mine: Blueprint, found: _Found
) -> None:
    """Leave out what was recorded of synapses where they come and go on one side only: its samples are others."""
    varying = [_varying(blueprint) for blueprint in (theirs, mine)]
    for path in sorted((in_file.keys() & here.keys()) - {*found.unmatched}):
        record = here[path]
        there, is_here = (record.projection in one for one in varying)
        if there != is_here and record.variables != (NB_SYNAPSES,):
            found.unmatched.append(path)
            side = "in the file, and not here" if there else "here, and not in the file"
            found.notes.append(f"{path}: the synapses of {record.projection!r} come and go by rules {side}{EMPTIED}")


def _varying(blueprint: Blueprint) -> set[str]:
    """Return the names of the projections whose synapses come and go by rules."""
    has_rules = [any(name in RULES for name, _ in model.blocks) for model in blueprint.models]
    return {one.name for one in blueprint.projections if has_rules[one.model]}


def _renamed(in_file: dict[str, Any], here: dict[str, Any], models: _Models) -> dict[str, str]:
    """Return paths of objects that only a file has, and which they may be here: what is alike but for names."""
    lone, others = ({path: one[path] for path in one if path not in other}
                    for one, other in ((in_file, here), (here, in_file)))  # fmt: skip
    found: dict[str, str] = {}
    for old, theirs in lone.items() if max(len(lone), len(others)) <= _MOST_PAIRED else ():
        alike = [path for path, mine in others.items() if _are_alike(theirs, mine, models)]
        if alike:
            found[old] = most_alike(old, alike)
            del others[found[old]]
    return found


def _are_alike(theirs: Any, mine: Any, models: _Models) -> bool:
    mine = replace(mine, name=theirs.name, uid=theirs.uid)
    return not any(one.concern in (Concern.STRUCTURE, Concern.RULE) for one in _differences("", theirs, mine, models))


class _Models:
    """The differences of pairs of models, each looked for once: many objects share a few."""

    def __init__(self, theirs: Blueprint, mine: Blueprint, is_full: bool) -> None:
        self._theirs, self._mine, self.is_full = theirs, mine, is_full
        self.longest = _WHOLE if is_full else _LONGEST
        self._found: dict[tuple[str, int, int], list[_Difference]] = {}

    def between(self, table: str, number: int, other: int) -> list[_Difference]:
        """Return what differs between entries of a table."""
        key = (table, number, other)
        if key not in self._found:
            pair = getattr(self._theirs, table)[number], getattr(self._mine, table)[other]
            found = [*_differences("", *pair, self)]
            if any(one.saying.phrase for one in found):  # which says more than that only one has something
                found = [one for one in found if one.saying.none not in (one.theirs, one.mine)]
            told = Saying(phrase=self._told(*pair))
            self._found[key] = [one._replace(saying=told) if one.saying.phrase else one for one in found]
        return self._found[key]

    def _told(self, theirs: Any, mine: Any) -> str:
        lines = theirs.lines_apart(mine) if self.is_full else []
        return "\n".join(lines) or _cut(theirs.told(mine), 2 * self.longest)

    def are_same(self, theirs: Any, mine: Any) -> bool:
        """Whether two records say the same, and so do the entries of tables that they refer to."""
        tables = ((table_of(one), one.name) for one in fields(theirs))
        return theirs == mine and not any(
            self.between(table, getattr(theirs, name), getattr(mine, name)) for table, name in tables if table
        )


def _differences(
    prefix: str, theirs: Any, mine: Any, models: _Models, concern: Concern | None = None
) -> Iterator[_Difference]:
    """Give what differs between two records of one class, by their innermost fields."""
    for one in fields(theirs):
        value, other = getattr(theirs, one.name), getattr(mine, one.name)
        saying, of, table = saying_of(one), concern_of(one) or concern, table_of(one)
        fact = f"{prefix} {saying.fact or one.name}".lstrip()
        if table is not None:
            yield from models.between(table, value, other)
        elif of is None or (_has_parts(value) and type(value) is type(other)):
            yield from _differences(fact, value, other, models, of)
        elif value != other and _data(theirs, one.name) != _data(mine, one.name):
            theirs_text, mine_text = (_text(one, saying, models.longest) for one in (value, other))
            if theirs_text == mine_text and hasattr(value, "words"):
                theirs_text, mine_text = ranks_apart(value, other)
            yield _Difference(of, fact, theirs_text, mine_text, saying)


def _data(record: Any, name: str) -> str:
    """Return the JSON text of a field: in it the order of named values, and which NaN it is, count for nothing."""
    return canonical(write_record(record)[name])


def _has_parts(value: Any) -> bool:
    """Whether a value is a record whose fields say more than the whole."""
    return is_dataclass(value) and not hasattr(value, "words")


def _text(value: Any, saying: Saying, longest: int) -> str:
    """Return a value as a line shows it."""
    if hasattr(value, "words"):
        text: str = value.words()
    elif value is None or value == "":
        text = saying.none
    elif isinstance(value, tuple) and value and all(type(one) is int for one in value):
        text = str(value)  # as the geometry of a population is printed, and can be typed
    elif isinstance(value, tuple):
        text = f"[{', '.join(_text(one, saying, longest) for one in value[:longest])}]"
    else:
        text = value if isinstance(value, str) and value.isprintable() else repr(value)
    return _cut(text, longest)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _swapped(theirs: list[str], mine: list[str]) -> str:
    """Name the first two objects in a row that both sides have, the other way round; "" if there are none."""
    place = {path: number for number, path in enumerate(mine)}
    pairs = pairwise(path for path in theirs if path in place)
    first, other = next(((a, b) for a, b in pairs if place[a] > place[b]), ("", ""))
    if not first:
        return ""
    return f"{first} was created before {other} in the file, after it in the network: they act in that order"
