"""The blueprint in files: what a network writes of itself, what it reads, and the comparison of the two.

In: a network or one of its objects, and manifests. Out: JSON data, a blueprint, a comparison.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from engram.blueprint.adopt import adopted
from engram.blueprint.codec import from_json, to_json
from engram.blueprint.compare import compare
from engram.blueprint.digests import canonical
from engram.blueprint.fits import check_owners
from engram.blueprint.given import check_lists, given_paths, is_given
from engram.blueprint.records import Blueprint
from engram.errors import DamagedFile, SaveError
from engram.persistence.adopting import adopt, check_adoptable
from engram.persistence.facts import facts_of
from engram.persistence.lists import with_rounded_lists
from engram.persistence.opening import definition_of
from engram.persistence.reading import blueprint_in, owners_in
from engram.persistence.viewed import check_views
from engram.program.callbacks import CALLBACK
from engram.program.places import network_path
from engram.program.program import Program
from engram.state import names
from engram.storage.contract import Comparison

if TYPE_CHECKING:
    from engram.storage.contract import Manifest

__all__ = ["Advice", "FileBlueprint", "Recorded", "no_advice"]


class Recorded:
    """A blueprint as files have it: the JSON data, and their one text, by which equal ones are known."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self._document = to_json(blueprint)
        self._is_readable = False
        self.text = canonical(self._document)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON data; read once, as every file that holds it will be.

        Raises:
            SaveError: if it could not be read.
        """
        if not self._is_readable:
            try:
                from_json(self._document)
            except DamagedFile as error:
                raise SaveError(f"this can't be saved so that it could be loaded again: {error}") from error
            self._is_readable = True
        return self._document


def _of_other_models(theirs: Blueprint, mine: Recorded) -> set[str]:
    """Return the paths of objects that have other models in a file."""
    if theirs is mine.blueprint:
        return set()
    found = set()
    for section in ("populations", "projections"):
        in_file, here = (
            {one.name: blueprint.models[one.model].fingerprint for one in getattr(blueprint, section)}
            for blueprint in (theirs, mine.blueprint)
        )
        found |= {f"{section}/{name}" for name in in_file.keys() & here if in_file[name] != here[name]}
    return found


def _idle_constants(*blueprints: Blueprint) -> frozenset[str]:
    """Return the paths of constants that a network was given, and that nothing reads in any of some blueprints."""
    read, given = set(), set()
    for blueprint in blueprints:
        given |= {one.name for one in blueprint.constants}
        read |= {name for model in blueprint.models for name in model.constants}
        stops = " ".join(one.stop for one in blueprint.populations if one.stop is not None)
        read |= set(re.findall(r"\w+", stops))
    return frozenset(network_path(names.constant(name)) for name in given - read)


def _listed(blueprint: Blueprint) -> frozenset[str]:
    """Return the names of the projections that have given lists."""
    return frozenset(one.name for one in blueprint.projections if is_given(one.connector))


def _lists_of_one(theirs: Blueprint, mine: Blueprint) -> frozenset[str]:
    """Return the paths of what stands beside given lists where only one of two blueprints has one."""
    if theirs is mine:
        return frozenset()
    return frozenset(path for name in _listed(theirs) ^ _listed(mine) for path in given_paths(f"projections/{name}"))


def _flights(*blueprints: Blueprint) -> frozenset[str]:
    """Return the paths of what is in flight where delays have changed: values that come and go."""
    parts = (names.IN_FLIGHT_SINCE, *(part for some in names.IN_FLIGHT.values() for part in some))
    owners = {f"projections/{one.name}" for blueprint in blueprints for one in blueprint.projections}
    return frozenset(f"{owner}/{part}" for owner in owners for part in parts)


Advice: TypeAlias = Callable[[Sequence[Mapping[str, str]], int], str]


def no_advice(pairs: Sequence[Mapping[str, str]], n_lines: int) -> str:
    """Say nothing."""
    return ""


def _all_of(name: str) -> None:
    """Say that a monitor records all neurons."""


class FileBlueprint:
    """The blueprint of the file that is being loaded, compared with the network's.

    Args:
        mine: what the network would write.
        callbacks: of the network, in words.
        advice: what to type where objects have other names, of pairs of paths, and of how many differences there are.
        recorded: gives the ranks that a monitor of the network records, by its name; None: all.
        has_pasts: whether the file holds what delays read; those of ANNarchy don't.
    """

    def __init__(
        self,
        mine: Recorded,
        callbacks: Iterable[str] = (),
        advice: Advice = no_advice,
        recorded: Callable[[str], Any] = _all_of,
        has_pasts: bool = True,
    ) -> None:
        self._has_pasts = has_pasts
        self._mine, self._callbacks, self._advice, self._recorded = mine, [*callbacks], advice, recorded
        self._read: tuple[Manifest, Blueprint] | None = None
        self._loaded: frozenset[str] = frozenset()  # objects whose values come from the file
        self._same: frozenset[str] = frozenset()  # those among them that have the same model there

    def of(self, manifest: Manifest) -> Blueprint:
        """Return the blueprint of the file; where it says what the network says, nothing is read."""
        if self._read is None or self._read[0] is not manifest:
            is_same = manifest.kind == "network" and canonical(manifest.blueprint) == self._mine.text
            if is_same:  # the network's own slots say how many values there are
                check_owners(self._mine.blueprint, owners_in(manifest))
                if _listed(self._mine.blueprint):
                    check_lists(self._mine.blueprint, manifest.entries)
            self._read = manifest, self._mine.blueprint if is_same else self._checked(blueprint_in(manifest))
        return self._read[1]

    def _checked(self, theirs: Blueprint) -> Blueprint:
        """Refuse models that are not what their fingerprints say, by which they are compared; mine need no look."""
        known = {*self._mine.blueprint.models}
        for record in theirs.models:
            if record not in known:
                definition_of(record)
        return theirs

    @property
    def lists(self) -> frozenset[str]:
        """Names of the projections that have given lists in the file that was read."""
        return _listed(self._read[1]) if self._read else frozenset()

    def compare(self, manifest: Manifest, is_wanted: Callable[[str], bool]) -> Comparison:
        """Compare the objects that take part; see ``storage/contract.py``."""
        owners, theirs = owners_in(manifest), self.of(manifest)
        found = compare(theirs, self._mine.blueprint, is_wanted, owners.__contains__)
        self._loaded = frozenset(filter(is_wanted, owners)) - found.unmatched
        self._same = self._loaded - _of_other_models(theirs, self._mine)
        blueprints = theirs, self._mine.blueprint
        text = self._advice(found.renames, len(found.lines)) if found.renames else ""
        if text:
            found = replace(found, helps=(text, *found.helps))
        slots = (entry.slot for entry in manifest.entries)
        facts = facts_of(theirs, slots, lambda one: self._recorded(one.name))
        facts = facts if self._has_pasts else replace(facts, pasts={})
        idle = _idle_constants(*blueprints) | _lists_of_one(*blueprints) | _flights(*blueprints)
        found = replace(found, idle=idle, facts=facts)
        return (
            replace(found, notes=(*found.notes, *self._other_calls(manifest))) if all(map(is_wanted, owners)) else found
        )

    def _other_calls(self, manifest: Manifest) -> Iterator[str]:
        """Name the callbacks that only one side has: they may write whatever they like."""
        theirs = Counter(text for text in manifest.not_saved if text.startswith(CALLBACK))
        mine = Counter(self._callbacks)
        yield from (f"{text} is of the saved network alone" for text in (theirs - mine).elements())
        yield from (f"{text} is of this network alone" for text in (mine - theirs).elements())

    def check(self, program: Program) -> None:
        """Raise DamagedFile if a network could not have begun as the file says; nothing was loaded yet."""
        if self._read is not None:
            check_views(program, self._read[0].entries, self._loaded)
        if self._read is not None and self._read[0].kind == "network" and self._read[1] is not self._mine.blueprint:
            check_adoptable(program, self._read[1], *self._tests)

    def adopt(self, program: Program, manifest: Manifest) -> Recorded:
        """Let a network whose values come from the file have begun as it says; return what its files say now."""
        theirs, mine = self.of(manifest), self._mine.blueprint
        if theirs is not mine:
            adopt(program, theirs, *self._tests)
            return Recorded(with_rounded_lists(program, adopted(mine, theirs, *self._tests)))
        return self._mine

    @property
    def _tests(self) -> tuple[Callable[[str], bool], Callable[[str], bool]]:
        return self._loaded.__contains__, self._same.__contains__
