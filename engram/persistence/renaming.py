"""Files whose objects have other names than in the network that loads them.

In: an open file, and names. Out: the same with the objects called as the network calls them, in manifest, blueprint and
values alike; whatever loads it sees no difference to a file that was written so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any

from engram.blueprint.codec import from_json, to_json
from engram.errors import InvalidArgument
from engram.state.spelling import spelled
from engram.storage.annarchy.read import Theirs
from engram.storage.contract import Contents, Manifest
from engram.storage.load import Source, about_file
from engram.telling import told

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint, SideRecord

__all__ = ["renamed", "renamed_path"]

SECTIONS = ("populations", "projections", "monitors")
Owners = dict[str, str]  # paths of objects in the file, and here


def renamed(
    source: Source, names: Mapping[str, str] | Any, uids: Mapping[str, int], only: Sequence[str] | None = None
) -> tuple[Source, Owners]:
    """Return a network's file with other names, and which paths have changed.

    Args:
        names: of objects of the file (``exc``, or ``populations/exc`` where several have that name), and here.
        uids: of objects here, by path, where these go on drawing as they did: with their own seed.
        only: paths of the file that are asked for; None: all of it. What nobody asks for gives way to a new name.

    Raises:
        InvalidArgument: if the file has no such object, or two would have one name.
    """
    if not isinstance(names, Mapping) or not all(isinstance(one, str) for pair in names.items() for one in pair):
        advice = 'rename={"exc": "PFC_exc"}: names in the file, and here.'
        raise InvalidArgument(f"rename= takes a dictionary of names, got {told(names)}\n  help: {advice}")
    manifest = source.contents.manifest
    if isinstance(source.contents, Theirs):
        content = source.contents.content
        owners = _owners([*content.paths], names, source.path, only)
        return replace(source, contents=Theirs(content.renamed(partial(renamed_path, owners=owners)))), owners
    with about_file(source.path):
        blueprint = from_json(manifest.blueprint)
    known = [f"{section}/{one.name}" for section in SECTIONS for one in getattr(blueprint, section)]
    owners = _owners(known, names, source.path, only)
    said = replace(manifest, blueprint=to_json(_blueprint(blueprint, owners, uids)), entries=tuple(
        entry._replace(key=renamed_path(entry.key, owners),
                       slot=entry.slot._replace(owner=owners.get(entry.slot.owner, entry.slot.owner)))
        for entry in manifest.entries
    ))  # fmt: skip
    return replace(source, contents=_Renamed(source.contents, said, owners)), owners


def renamed_path(path: str, owners: Owners) -> str:
    """Return what a path of the file, of an object or below one, is here."""
    section, _, rest = path.partition("/")
    name, slash, below = rest.partition("/")
    return owners.get(f"{section}/{name}", f"{section}/{name}") + slash + below if name else path


class _Renamed:
    """A file, its values under other keys; see ``contract.Contents``."""

    def __init__(self, contents: Contents, manifest: Manifest, owners: Owners) -> None:
        self.manifest, self._contents, self._owners = manifest, contents, owners

    def stream(self) -> Iterator[tuple[str, Iterable[bytes | memoryview]]]:
        """Give all values."""
        for key, pieces in self._contents.stream():
            yield renamed_path(key, self._owners), pieces

    def alone(self, number: int) -> Iterable[bytes | memoryview]:
        """Give one value."""
        return self._contents.alone(number)

    def span(self, number: int, start: int, length: int) -> bytes | None:
        """Return some bytes of a value."""
        return self._contents.span(number, start, length)


def _owners(known: list[str], names: Mapping[str, str], file: str, only: Sequence[str] | None) -> Owners:
    owners: Owners = {}
    for old, new in names.items():
        meant = [path for path in known if old in (path, path.partition("/")[2])]
        if not meant:
            near = get_close_matches(old, [path.partition("/")[2] for path in known], 1)
            advice = f"did you mean {near[0]!r}?" if near else f"eg.read({file!r}) shows what it has."
            raise InvalidArgument(f"rename={{{old!r}: ...}}: '{file}' has no object of that name\n  help: {advice}")
        if len(meant) > 1:
            advice = f"say which: rename={{{meant[0]!r}: {new!r}}}."
            raise InvalidArgument(f"rename={{{old!r}: ...}}: that may be {' or '.join(meant)}\n  help: {advice}")
        section = meant[0].partition("/")[0]
        called = spelled(new.removeprefix(f"{section}/"))
        if "/" in called:
            advice = f"rename={{{old!r}: {called.rpartition('/')[2]!r}}}: a name, and no path."
            what = f"{meant[0]} of the file stays among the {section}"
            raise InvalidArgument(f"rename={{{old!r}: {new!r}}}: {what}\n  help: {advice}")
        owners[meant[0]] = f"{section}/{called}"
    olds = {new: old for old, new in owners.items()}
    if only is not None and len(olds) == len(owners):
        owners |= {path: olds[path] for path in known if path in olds and path not in owners and _is_idle(path, only)}
    here = [owners.get(path, path) for path in known]
    twice = next((path for path in here if here.count(path) > 1), None) if len({*here}) < len(here) else None
    if twice is not None:
        advice = "rename the other one, too; {'a': 'b', 'b': 'a'} swaps two."
        raise InvalidArgument(f"rename=: two objects of '{file}' would be {twice}\n  help: {advice}")
    return owners


def _is_idle(path: str, only: Sequence[str]) -> bool:
    """Whether an object has no part in what is asked for, nor may be at an end of it."""
    section = path.partition("/")[0]
    ends = {"projections"} if section == "populations" else set[str]()
    return not any(f"{one}/".startswith(f"{path}/") or one.partition("/")[0] in ends or one == section for one in only)


def _blueprint(said: Blueprint, owners: Owners, uids: Mapping[str, int]) -> Blueprint:
    def name(section: str, old: str) -> str:
        return owners.get(f"{section}/{old}", f"{section}/{old}").partition("/")[2]

    def side(record: SideRecord) -> SideRecord:
        return replace(record, population=name("populations", record.population))

    def monitor(one: Any) -> Any:
        projection = None if one.projection is None else name("projections", one.projection)
        whom = name("populations", one.population)
        return replace(one, name=name("monitors", one.name), population=whom, projection=projection)

    def called(section: str, one: Any, **more: Any) -> Any:
        new = name(section, one.name)
        return replace(one, name=new, uid=uids.get(f"{section}/{new}", one.uid), **more)

    return replace(
        said,
        populations=tuple(called("populations", one) for one in said.populations),
        projections=tuple(
            called("projections", one, pre=side(one.pre), post=side(one.post)) for one in said.projections
        ),
        monitors=tuple(map(monitor, said.monitors)),
    )
