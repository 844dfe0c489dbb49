"""Files whose objects have other names than in the network that loads them.

In: an open file, and names. Out: the same with the objects called as the network calls them, in manifest, blueprint and
values alike; whatever loads it sees no difference to a file that was written so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from engram.blueprint.codec import from_json, to_json
from engram.elsewhere.near import nearest
from engram.errors import InvalidArgument
from engram.state.spelling import spelled
from engram.storage.annarchy.content import Content, called
from engram.storage.annarchy.read import AnnarchyFile
from engram.storage.contract import Contents, Manifest
from engram.storage.load import Source, about_file
from engram.telling import told

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint, SideRecord

__all__ = ["Owners", "asked_of", "counterpart", "named", "renamed", "renamed_one", "renamed_path", "told_names"]

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
    said = _said(source)
    known = _known(said)
    busy = {*known} if only is None else _busy(said, known, only)
    owners = _owners(known, _named(said, known, names, source.path), source.path, busy)
    return _with_owners(source, said, owners, uids), owners


def named(source: Source, names: Mapping[str, str]) -> Owners:
    """Return which objects of a file have other names, and here, as a user has said."""
    said = _said(source)
    return _named(said, _known(said), names, source.path)


def _called(old: str) -> str:
    """Return the name, or the path, that an object of a file of ANNarchy has here."""
    section, slash, name = old.partition("/")
    return f"{section}/{called(name)}" if slash and section in SECTIONS else called(old)


def told_names(source: Source, owners: Owners) -> dict[str, str]:
    """Return names of objects of a file, and here, as ``rename=`` takes them: paths where several have one name."""
    said = _said(source)
    known = Counter(path.partition("/")[2] for path in _known(said))
    told = {}
    for old, new in owners.items():
        section, _, name = old.partition("/")
        there = said.paths[old].there.get(name, name) if isinstance(said, Content) and old in said.paths else name
        told[there if known[name] < 2 else f"{section}/{there}"] = new.partition("/")[2]
    return told


def asked_of(
    only: Sequence[str] | None = None, populations: bool = True, projections: bool = True, **other: Any
) -> Sequence[str] | None:
    """Return what a load asks for, by paths, from its options; None for all of a file."""
    if only is not None or (populations and projections):
        return only
    return [section for section, asked in zip(SECTIONS, (populations, projections), strict=False) if asked]


def counterpart(source: Source, path: str, ends: Sequence[str]) -> tuple[str, Owners] | None:
    """Return which object of a network's file is likeliest meant by one that it lacks, and what else has other names.

    Args:
        path: of the object here.
        ends: names of the populations that a projection connects here.

    Returns:
        None where the file has it, or may lack it; "" for the path where it has nothing of that kind.
    """
    manifest = source.contents.manifest
    section = path.partition("/")[0]
    owners = sorted({entry.slot.owner for entry in manifest.entries if entry.slot.owner.startswith(f"{section}/")})
    if manifest.kind != "network" or path in owners or (manifest.origin and section == "projections"):
        return None
    near = nearest(path, owners) or (owners[0] if owners else "")
    theirs = _ends(_said(source)).get(near, ()) if ends else ()
    return near, {
        f"populations/{old}": f"populations/{new}" for old, new in zip(theirs, ends, strict=False) if old != new
    }


def renamed_one(source: Source, path: str, ends: Sequence[str], uids: Mapping[str, int]) -> tuple[Source, str]:
    """Return the file of one object as if it were of another one of its kind, and what to say of that.

    Args:
        path: of the object here; a file of this one, and what is no file of one such object, comes back as it is.
        ends: names of the populations that a projection connects here, which those of the file become, if the one
            of the file and the one here can be told by each other.
        uids: of objects here, by path.
    """
    manifest = source.contents.manifest
    named = {entry.slot.owner for entry in manifest.entries}
    if manifest.kind == "network" or len(named) != 1 or path in named:
        return source, ""
    old = named.pop()
    if old.partition("/")[0] != path.partition("/")[0]:
        return source, ""
    said = _said(source)
    owners = {old: path}
    theirs: tuple[str, ...] = _ends(said).get(old, ("", "")) if ends else ()
    pairs = set() if "" in theirs else {*zip(theirs, ends, strict=True)}
    if all(len({*side}) == len(pairs) for side in zip(*pairs, strict=True)):
        owners |= {f"populations/{one}": f"populations/{new}" for one, new in pairs}
    owners |= _giving_way(owners, _known(said))
    return _with_owners(source, said, owners, uids), f"the file is of {old}, whose values {path} has now"


def _said(source: Source) -> Blueprint | Content:
    """Return what a file says of its objects."""
    if isinstance(source.contents, AnnarchyFile):
        return source.contents.content
    with about_file(source.path):
        return from_json(source.contents.manifest.blueprint)


def _known(said: Blueprint | Content) -> list[str]:
    """Return the paths of the objects of which a file speaks."""
    if isinstance(said, Content):
        return [*said.paths]
    return [f"{section}/{one.name}" for section in SECTIONS for one in getattr(said, section)]


def _ends(said: Blueprint | Content) -> dict[str, tuple[str, str]]:
    """Return the names of the populations that projections of a file connect, by paths; "" of what it doesn't name."""
    if isinstance(said, Content):
        return {f"projections/{name}": (one.pre or "", one.post or "") for name, one in said.projections.items()}
    return {f"projections/{one.name}": (one.pre.population, one.post.population) for one in said.projections}


def _with_owners(source: Source, said: Blueprint | Content, owners: Owners, uids: Mapping[str, int]) -> Source:
    """Return a file whose objects have other paths."""
    if isinstance(said, Content):
        return replace(source, contents=AnnarchyFile(said.renamed(partial(renamed_path, owners=owners))))
    manifest = source.contents.manifest
    new = replace(manifest, blueprint=to_json(_blueprint(said, owners, uids)), entries=tuple(
        entry._replace(key=renamed_path(entry.key, owners),
                       slot=entry.slot._replace(owner=owners.get(entry.slot.owner, entry.slot.owner)))
        for entry in manifest.entries
    ))  # fmt: skip
    return replace(source, contents=_Renamed(source.contents, new, owners))


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


def _named(said: Blueprint | Content, known: list[str], names: Mapping[str, str], file: str) -> Owners:
    owners: Owners = {}
    if isinstance(said, Content):  # names may have a slash there
        names = {_called(old): new for old, new in names.items()}
    for old, new in names.items():
        meant = [path for path in known if old in (path, path.partition("/")[2])]
        if not meant:
            near = nearest(old, [path.partition("/")[2] for path in known])
            advice = f"did you mean {near!r}?" if near else f"eg.read({file!r}) shows what it has."
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
    return owners


def _owners(known: list[str], named: Owners, file: str, busy: set[str]) -> Owners:
    owners = {**named}
    if len({*owners.values()}) == len(owners):
        owners |= _giving_way(owners, [path for path in known if path not in busy])
    here = [owners.get(path, path) for path in known]
    twice = next((path for path in here if here.count(path) > 1), None) if len({*here}) < len(here) else None
    if twice is not None:
        advice = "rename the other one, too; {'a': 'b', 'b': 'a'} swaps two."
        raise InvalidArgument(f"rename=: two objects of '{file}' would be {twice}\n  help: {advice}")
    return owners


def _giving_way(owners: Owners, idle: Iterable[str]) -> Owners:
    """Return new paths of objects whose own others are given: of the names that those give up, such as nobody takes."""
    olds = {new: old for old, new in owners.items()}
    found = {}
    for path in idle:
        if path in olds and path not in owners:
            free = olds[path]
            while free in olds:  # given up, and taken by a third
                free = olds[free]
            found[path] = free
    return found


def _busy(said: Blueprint | Content, known: Sequence[str], only: Sequence[str]) -> set[str]:
    """Return the objects that have a part in what is asked for, or are at an end of a projection that has."""
    named = {"/".join(path.split("/")[:2]) for path in only}
    busy = {path for path in known if path in named or path.partition("/")[0] in named}
    ends = (pair for path, pair in _ends(said).items() if path in busy)
    return busy | {f"populations/{name}" for pair in ends for name in pair}


def _blueprint(said: Blueprint, owners: Owners, uids: Mapping[str, int]) -> Blueprint:
    taken = {*uids.values()}

    def name(section: str, old: str) -> str:
        return owners.get(f"{section}/{old}", f"{section}/{old}").partition("/")[2]

    def uid(path: str, number: int) -> int:
        if path in uids:
            return uids[path]
        while number in taken:  # that of an object here, whose name the file's has given up
            number = (number + 1) % (1 << 32)
        taken.add(number)
        return number

    def side(record: SideRecord) -> SideRecord:
        return replace(record, population=name("populations", record.population))

    def monitor(one: Any) -> Any:
        projection = None if one.projection is None else name("projections", one.projection)
        whom = name("populations", one.population)
        return replace(one, name=name("monitors", one.name), population=whom, projection=projection)

    def called(section: str, one: Any, **more: Any) -> Any:
        new = name(section, one.name)
        return replace(one, name=new, uid=uid(f"{section}/{new}", one.uid), **more)

    return replace(
        said,
        populations=tuple(called("populations", one) for one in said.populations),
        projections=tuple(
            called("projections", one, pre=side(one.pre), post=side(one.post)) for one in said.projections
        ),
        monitors=tuple(map(monitor, said.monitors)),
    )
