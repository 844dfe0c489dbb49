"""Parameters as a JSON file that people edit: ``save_parameters`` and ``load_parameters``.

In: a path, and a schema of what the network has. Out: checked values, of which nothing has been set yet. Called by
``network``, which sets them. (Writing is in ``parameters_write.py``.)
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict

from engram.state.spelling import hidden_in
from engram.storage.parameters_errors import BadParameters, Problem, Source, escape, listing, nearest
from engram.storage.parameters_text import MAX_BYTES, Kind, Member, Node, decode, parse
from engram.storage.parameters_values import Attribute, Number, checked
from engram.storage.parameters_write import dump_parameters, write_parameters
from engram.storage.reading import opened

__all__ = [
    "Attribute",
    "Parameters",
    "Schema",
    "Setting",
    "dump_parameters",
    "parse_parameters",
    "read_parameters",
    "write_parameters",
]

SECTIONS = ("populations", "projections", "network", "constants")
ONE = {"populations": "population", "projections": "projection"}


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
            source = Source(name, "")
            what = f"the file has {file.size} bytes, more than {MAX_BYTES}"
            raise BadParameters(name, [Problem(what, source, 0, 0, (), "arrays are saved with save().")])
        data = file.pread(file.size, 0)
    return parse_parameters(data, schema, name=name, global_only=global_only, strict=strict)


def parse_parameters(
    data: bytes, schema: Schema, *, name: str = "parameters", global_only: bool = True, strict: bool = True
) -> Parameters:
    """Return what the bytes of a parameters file say; see :func:`read_parameters`."""
    source = decode(data, name)
    document, problems = parse(source)
    check = _Check(source, schema, global_only, strict, problems)
    check.document(document)
    if check.problems:
        raise BadParameters(name, check.problems)
    return Parameters(check.values, check.network, check.skipped, check.warnings)


class _Check:
    """Compares one document with one schema, and collects what is to be set and what is wrong."""

    def __init__(
        self, source: Source, schema: Schema, global_only: bool, strict: bool, problems: list[Problem]
    ) -> None:
        self.source = source
        self.schema = schema
        self.objects = {"populations": schema["populations"], "projections": schema["projections"]}
        self.global_only = global_only
        self.strict = strict
        self.problems = problems
        self.values: list[Setting] = []
        self.network: dict[str, Any] = {}
        self.skipped: list[str] = []
        self.warnings: list[str] = []

    def document(self, node: Node) -> None:
        """Check the whole document."""
        for section in self.members(node, "the document"):
            if section.key == "network":
                self.members(section.node, "'network'")
                self.network = section.node.plain() if section.node.kind is Kind.OBJECT else {}
            elif section.key == "constants":
                for constant in self.members(section.node, "'constants'"):
                    self.constant(constant)
            elif section.key in ONE:
                for one in self.members(section.node, f"'{section.key}'"):
                    self.object(section.key, one)
            else:
                self.unknown(section, "section", section.key, SECTIONS)

    def object(self, section: str, member: Member) -> None:
        """Check all attributes of one population or projection."""
        name = unicodedata.normalize("NFC", member.key)
        known = self.objects[section]
        title = f"{ONE[section]} '{escape(name)}'"
        if name not in known:
            self.unknown(member, ONE[section], f"{section}/{name}", known, self.misplaced(section, name))
            return
        for one in self.members(member.node, title):
            attribute = unicodedata.normalize("NFC", one.key)
            path = f"{section}/{name}/{attribute}"
            found = known[name].get(attribute)
            if found is None:
                fitting = [key for key, value in known[name].items() if value.is_global or not self.global_only]
                self.unknown(one, "parameter", path, fitting, owner=f" of {title}")
            elif self.global_only and not found.is_global:
                self.skipped.append(path)
            else:
                what = f"{'parameter' if found.is_parameter else 'variable'} '{escape(attribute)}' of {title}"
                self.value(Setting(section, name, attribute, 0), one.node, found, what)

    def constant(self, member: Member) -> None:
        """Check one constant."""
        name = unicodedata.normalize("NFC", member.key)
        found = self.schema["constants"].get(name)
        if found is None:
            self.unknown(member, "constant", f"constants/{name}", self.schema["constants"])
        else:
            self.value(Setting("constants", "", name, 0), member.node, found, f"constant '{escape(name)}'")

    def value(self, setting: Setting, node: Node, attribute: Attribute, title: str) -> None:
        """Check one value."""
        if node.kind is Kind.BROKEN:
            return  # reported by the reader
        found = checked(node, attribute, title, self.source)
        if isinstance(found, Problem):
            self.problems.append(found)
        else:
            self.values.append(setting._replace(value=found))

    def members(self, node: Node, title: str) -> tuple[Member, ...]:
        """Return the entries of a node that must be an object."""
        if node.kind is Kind.OBJECT:
            return tuple(node.value)
        if node.kind is not Kind.BROKEN:
            details = ("expected: an object, { ... }", f"got: {node.kind.value}")
            self.problems.append(Problem(f"{title} is no object", self.source, node.start, node.end, details))
        return ()

    def unknown(
        self, member: Member, kind: str, path: str, known: Mapping[str, Any] | list[str] | tuple[str, ...],
        advice: str = "", owner: str = "",
    ) -> None:  # fmt: skip
        """Report a name that the network does not have."""
        details = (f"known here: {listing(known)}",)
        advice = advice or nearest(member.key, known)
        hidden = hidden_in(member.key)
        what = f"unknown {kind} '{escape(member.key)}'{owner}" + (f", which has {hidden}" if hidden else "")
        problem = Problem(what, self.source, member.start, member.end, details, advice)
        if self.strict:
            self.problems.append(problem)
        else:
            self.skipped.append(path)
            self.warnings.append(f"{problem}\n  it was skipped")

    def misplaced(self, section: str, name: str) -> str:
        """Return advice if an object stands in the other section."""
        other = "projections" if section == "populations" else "populations"
        return f"'{escape(name)}' is a {ONE[other]}: write it under \"{other}\"." if name in self.objects[other] else ""
