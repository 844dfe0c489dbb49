"""Parameters as a JSON file that people edit: ``save_parameters`` and ``load_parameters``.

In: a path, and a schema of what the network has. Out: checked values, of which nothing has been set yet.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict

from engram.state.spelling import escape, hidden_in
from engram.storage.parameters.errors import SHOWN_PROBLEMS, BadParameters, Problem, Source, listing, nearest, shown
from engram.storage.parameters.text import MAX_BYTES, Path, decode, parse
from engram.storage.parameters.tokens import BROKEN
from engram.storage.parameters.values import Attribute, Number, Unfit, advice_for, checked, described, kind_of
from engram.storage.reading import opened

__all__ = [
    "Parameters",
    "Schema",
    "Setting",
    "parse_parameters",
    "read_parameters",
]

SECTIONS = ("populations", "projections", "network", "constants")
ONE = {"populations": "population", "projections": "projection"}
LONGEST = 200  # characters of a name that a message shows


class Schema(TypedDict):
    """What a network has: attributes by object name, and constants."""

    populations: Mapping[str, Mapping[str, Attribute]]
    projections: Mapping[str, Mapping[str, Attribute]]
    constants: Mapping[str, Attribute]


class Setting(NamedTuple):
    """One value to be set. ``object`` is empty for a constant, whose name is ``attribute``."""

    section: str
    object: str
    attribute: str
    value: Number


@dataclass(frozen=True)
class Parameters:
    """What a file says.

    Args:
        values: to be set, checked, in the order of the file.
        network: the dictionary as it stands in the file.
        skipped: paths that are not set: local ones under ``global_only``, unknown ones unless ``strict``.
        warnings: one text for each unknown name, unless ``strict``.
    """

    values: list[Setting]
    network: dict[str, Any]
    skipped: list[str]
    warnings: list[str]


def read_parameters(
    path: str | os.PathLike[str], schema: Schema, *, global_only: bool = True, strict: bool = True
) -> Parameters:
    """Return what a parameters file says, checked against the network's schema.

    Args:
        global_only: list local parameters and variables as skipped instead of returning values for them.
        strict: an unknown name is an error; otherwise a warning, and it is skipped.

    Raises:
        ParametersError: names all problems of the file, with line and column.
        ReadError: if it can't be read (MissingFile: if there is none).
    """
    name = os.fspath(path)
    with opened(path) as file:
        if file.size > MAX_BYTES:
            what = f"the file has {file.size} bytes, more than {MAX_BYTES}"
            Source(name, "").stop(what, 0, 0, advice="arrays are saved with save().")
        data = file.pread(file.size, 0)
    return parse_parameters(data, schema, name=name, global_only=global_only, strict=strict)


def parse_parameters(
    data: bytes, schema: Schema, *, name: str = "parameters", global_only: bool = True, strict: bool = True
) -> Parameters:
    """Return what the bytes of a parameters file say; see :func:`read_parameters`."""
    check = _Check(decode(data, name), schema, global_only, strict)
    check.document()
    if check.source.problems:
        raise BadParameters(name, check.source.problems)
    return check.found


class _Check:
    """Compares one document with one schema, and collects what is to be set and what is wrong."""

    def __init__(self, source: Source, schema: Schema, global_only: bool, strict: bool) -> None:
        self.source = source
        self.value, self.places = parse(source)
        self.schema = schema
        self.objects = {"populations": schema["populations"], "projections": schema["projections"]}
        self.global_only = global_only
        self.strict = strict
        self.unknowns = 0
        self.found = Parameters([], {}, [], [])

    def document(self) -> None:
        """Check the whole document."""
        for path, section in self.members(self.value, (), "the document"):
            key = path[-1]
            if key not in SECTIONS:
                self.unknown(path, "section", key, SECTIONS)
                continue
            for below, one in self.members(section, path, f"'{key}'"):
                if key == "network":
                    self.found.network[below[-1]] = one
                elif key == "constants":
                    self.attribute(Setting(key, "", _name(below), 0), below, one, self.schema["constants"])
                else:
                    self.object(key, below, one)

    def object(self, section: str, path: Path, value: Any) -> None:
        """Check all attributes of one population or projection."""
        name = _name(path)
        known = self.objects[section].get(name)
        title = f"{ONE[section]} '{shown(name, LONGEST)}'"
        if known is None:
            self.unknown(path, ONE[section], f"{section}/{name}", self.objects[section], self.misplaced(section, name))
            return
        for below, one in self.members(value, path, title):
            self.attribute(Setting(section, name, _name(below), 0), below, one, known, f" of {title}")

    def attribute(
        self, setting: Setting, path: Path, value: Any, known: Mapping[str, Attribute], owner: str = ""
    ) -> None:
        """Check one attribute or constant."""
        found = known.get(setting.attribute)
        kind = "parameter" if owner else "constant"
        whole = "/".join(setting[:3] if owner else (setting.section, setting.attribute))
        if found is None:
            fitting = [key for key, one in known.items() if one.is_global or not self.global_only]
            self.unknown(path, kind, whole, fitting, owner=owner)
        elif self.global_only and not found.is_global:
            self.found.skipped.append(whole)
        else:
            title = f"{kind if found.is_parameter else 'variable'} '{escape(setting.attribute)}'{owner}"
            self.number(setting, path, value, found, title)

    def number(self, setting: Setting, path: Path, value: Any, attribute: Attribute, title: str) -> None:
        """Check one value."""
        if value is BROKEN:
            return
        start, end = self.places[path].value
        text = self.source.text[start:end]
        try:
            self.found.values.append(setting._replace(value=checked(value, text, attribute)))
        except Unfit as unfit:
            details = (f"expected: {unfit}", f"got: {described(value, text)}")
            self.source.note(f"{title} can't have this value", start, end, *details, advice=advice_for(value))

    def members(self, value: Any, path: Path, title: str) -> Iterator[tuple[Path, Any]]:
        """Give path and value of each entry of what must be an object."""
        if isinstance(value, dict):
            yield from (((*path, key), one) for key, one in value.items())
        elif value is not BROKEN:
            details = ("expected: an object, { ... }", f"got: {kind_of(value)}")
            self.source.note(f"{title} is no object", *self.places[path].value, *details)

    def unknown(
        self, path: Path, kind: str, name: str, known: Collection[str],
        advice: str = "", owner: str = "",
    ) -> None:  # fmt: skip
        """Report a name that the network does not have."""
        key, place = path[-1], self.places[path].key
        hidden = hidden_in(key)
        what = f"unknown {kind} '{shown(key, LONGEST)}'{owner}" + (f", which has {hidden}" if hidden else "")
        details: tuple[str, ...] = ()
        self.unknowns += 1
        if self.unknowns <= SHOWN_PROBLEMS:  # comparing thousands of names with thousands would take minutes
            details, advice = (f"known here: {listing(known)}",), advice or nearest(key, known)
        if self.strict:
            self.source.note(what, *place, *details, advice=advice)
        else:
            self.found.skipped.append(name)
            self.found.warnings.append(f"{Problem(what, self.source, *place, details, advice)}\n  it was skipped")

    def misplaced(self, section: str, name: str) -> str:
        """Return advice if an object stands in the other section."""
        other = "projections" if section == "populations" else "populations"
        return f"'{escape(name)}' is a {ONE[other]}: write it under \"{other}\"." if name in self.objects[other] else ""


def _name(path: Path) -> str:
    return unicodedata.normalize("NFC", path[-1])
