"""What a load is told of names: paths of the file, and what its objects are called here.

In: an open file, a program, and what the user gave. Out: the same as the network calls it, or what no network takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engram.elsewhere.near import nearest
from engram.errors import InvalidArgument
from engram.persistence.renaming import asked_of, named, renamed, renamed_path, told_names
from engram.storage.annarchy.read import AnnarchyFile

if TYPE_CHECKING:
    from engram.program.component import Component
    from engram.program.program import Program
    from engram.storage.load import Source

__all__ = ["as_here", "with_names"]


def as_here(source: Source, only: tuple[str, ...]) -> tuple[str, ...]:
    """Return paths of a file as they are here, where names may have a slash in it."""
    if source.contents.manifest.origin:
        assert isinstance(source.contents, AnnarchyFile)  # their manifest says so
        return tuple(map(source.contents.content.path_of, only))
    return only


def with_names(
    program: Program, source: Source, rename: dict[str, str], options: dict[str, Any]
) -> tuple[Source, dict[str, Any]]:
    """Return a network's file with other names, and the options of its load as these call it."""
    only, asked = options.get("only"), asked_of(**options)
    uids = {} if asked is None else {one.path: one.uid for one in program.components}
    new, owners = renamed(source, rename, uids, asked)
    _check_names(program, source, rename)
    return new, options if only is None else options | {"only": tuple(renamed_path(path, owners) for path in only)}


def _check_names(program: Program, source: Source, rename: Mapping[str, str]) -> None:
    """Refuse names that rename= gives and no object of the network has; what gives way to them may have any."""
    for old, new in named(source, rename).items():
        section, _, name = new.partition("/")
        known: Mapping[str, Component] | None = None
        if section != "monitors":
            known = program.populations if section == "populations" else program.projections
        if known is not None and name not in known:
            near = nearest(name, known)
            advice = f"did you mean {near!r}?" if near else f"it has {', '.join([*known][:20]) or 'none'}."
            what = f"this network has no {section.removesuffix('s')} {name!r}"
            raise InvalidArgument(f"rename={told_names(source, {old: new})}: {what}\n  help: {advice}")
