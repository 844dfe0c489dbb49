"""What a parameters file says, compared with what a network has.

In: a path, and a schema of what the network has. Out: checked values, of which nothing has been set yet.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from engram.elsewhere.near import nearest
from engram.state.spelling import escape, hidden_in
from engram.storage.parameters.errors import SHOWN_PROBLEMS, BadParameters, ParameterText, Problem, listing, shown
from engram.storage.parameters.text import MAX_BYTES, Path, Spans, decode, parse
from engram.storage.parameters.values import Attribute, Number, Unfit, checked, described
from engram.storage.reading import opened

__all__ = ["LOCAL_HELP", "Parameters", "Schema", "Setting", "parse_parameters", "read_parameters"]

LOCAL_HELP = "\n  help: global_only=False sets them, to one value for all elements."
"""How the warning of local parameters ends."""

ONE = {"populations": "population", "projections": "projection", "constants": "constant"}
LONGEST = 200  # characters of a name that a message shows

Schema: TypeAlias = Mapping[str, Mapping[str, Any]]
"""What a network has: under "populations" and "projections" attributes by object and name, "constants" by name."""


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
        warnings: one text for each unknown name, unless ``strict``; one for all local ones that are skipped.
    """

    values: list[Setting] = field(default_factory=list)
    network: dict[str, Any] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


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
            ParameterText(name, "").stop(what, 0, 0, advice="arrays are saved with save().")
        data = file.pread(file.size, 0)
    return parse_parameters(data, schema, name=name, global_only=global_only, strict=strict)


def parse_parameters(
    data: bytes, schema: Schema, *, name: str = "parameters", global_only: bool = True, strict: bool = True
) -> Parameters:
    """Return what the bytes of a parameters file say; see :func:`read_parameters`."""
    source = decode(data, name)
    document, places = parse(source)
    mended = {problem.start for problem in source.problems}
    check = _Check(source, places, {**schema, "network": {}}, global_only, strict, mended)
    check.compare((), document, check.known)
    if source.problems:
        raise BadParameters(source)
    if check.local:
        what = f"'{shown(name, LONGEST)}' has local parameters or variables, which were skipped: {listing(check.local)}"
        check.found.warnings.append(f"{what}{LOCAL_HELP}")
    return check.found


@dataclass
class _Check:
    """Compares a document with what a network has, and collects what is to be set and what is wrong."""

    source: ParameterText
    places: Mapping[Path, Spans]
    known: Schema
    global_only: bool
    strict: bool
    mended: set[int]  # where values begin that are reported already
    unknowns: int = 0
    local: list[str] = field(default_factory=list)  # paths of what is skipped for being no global parameter
    found: Parameters = field(default_factory=Parameters)

    def compare(self, path: Path, value: Any, known: Any) -> None:
        """Check what stands at a path; ``known`` is an attribute, or what the network has below, by name."""
        start, end = self.places[path].value
        if start in self.mended:
            return
        if isinstance(known, Attribute):
            self.attribute(path, value, known)
        elif not isinstance(value, dict):
            details = ("expected: an object, { ... }", f"got: {described(value, self.source.text[start:end])[0]}")
            self.source.note(f"{_title(path)} is no object", start, end, *details)
        elif path == ("network",):
            self.found.network.update(value)
        else:
            for key, below in value.items():
                one = known.get(unicodedata.normalize("NFC", key))
                if one is None:
                    self.unknown((*path, key), known)
                else:
                    self.compare((*path, key), below, one)

    def attribute(self, path: Path, value: Any, attribute: Attribute) -> None:
        """Check the value of an attribute or constant."""
        section, *owner, name = spelled = [unicodedata.normalize("NFC", name) for name in path]
        if self.global_only and not attribute.is_global:
            self.local.append("/".join(spelled))
            self.found.skipped.append(self.local[-1])
            return
        start, end = self.places[path].value
        text = self.source.text[start:end]
        try:
            self.found.values.append(Setting(section, "".join(owner), name, checked(value, text, attribute)))
        except Unfit as unfit:
            got, advice = described(value, text)
            what = f"{_title(path, attribute.is_parameter)} can't have this value"
            self.source.note(what, start, end, f"expected: {unfit}", f"got: {got}", advice=advice)

    def unknown(self, path: Path, known: Mapping[str, Any]) -> None:
        """Report a name that the network does not have."""
        place, hidden = self.places[path].key, hidden_in(path[-1])
        what = f"unknown {_title(path)}" + (f", which has {hidden}" if hidden else "")
        details: tuple[str, ...] = ()
        advice = ""
        self.unknowns += 1
        if self.unknowns <= SHOWN_PROBLEMS:  # comparing thousands of names with thousands would take minutes
            names = [name for name, one in known.items() if not (self.global_only and _is_local(one))]
            details, advice = (f"known here: {listing(names)}",), self.meant(path, names)
        if self.strict:
            self.source.note(what, *place, *details, advice=advice)
        else:
            self.found.skipped.append(unicodedata.normalize("NFC", "/".join(path)))
            self.found.warnings.append(f"{Problem(what, self.source, *place, details, advice)}\n  it was skipped")

    def meant(self, path: Path, names: list[str]) -> str:
        """Return advice if there is an object of that name in another section, or a name like it."""
        for section in ("populations", "projections"):
            if len(path) == 2 and path[1] in self.known[section]:
                return f"'{escape(path[1])}' is a {ONE[section]}: write it under \"{section}\"."
        near = nearest(path[-1], names)
        return f"did you mean '{escape(near)}'?" if near else ""


def _is_local(known: Any) -> bool:
    return isinstance(known, Attribute) and not known.is_global


def _title(path: Path, is_parameter: bool = True) -> str:
    """Return what messages call that which stands at a path."""
    names = [shown(name, LONGEST) for name in path]
    if len(names) < 2:
        return f"section '{names[0]}'" if names else "the document"
    owner = f"{ONE[path[0]]} '{names[1]}'"
    return owner if len(names) == 2 else f"{'parameter' if is_parameter else 'variable'} '{names[2]}' of {owner}"
