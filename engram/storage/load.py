"""Loading: a file into a living network, all of it or nothing of it, verified twice.

Pass 1 reads everything and compares it with the manifest and the network; then all memory is allocated; pass 2 reads
the same descriptor again, copies into place and hashes what arrived.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engram.callers import warn
from engram.elsewhere.near import nearest_path
from engram.errors import BrokenNetwork, DamagedFile, InvalidArgument, LoadWarning, StateMismatch, UnsupportedFile
from engram.state import names
from engram.state.digest import digest_leaf, hash_bytes, hash_leaf
from engram.state.residence import Array
from engram.state.slots import Layout, Role, Slot
from engram.state.tree import Staged, State
from engram.storage.checks import check_values
from engram.storage.contract import Compare, Contents, Manifest, OtherVersion
from engram.storage.fill import fill, fill_with
from engram.storage.formats import format_meant, opener_of
from engram.storage.plan import Item, Plan, make_plan, mismatch
from engram.storage.reading import opened
from engram.storage.report import LoadReport
from engram.storage.wanted import WHOLE, Wanted, parts_above, wanted_of, with_end

__all__ = ["Source", "about_file", "check_kind", "load", "source_of", "values_of", "warn_of"]

MONITORS = "monitors/"
BeforeWrite: TypeAlias = Callable[[Contents, Callable[[Slot], bool], Mapping[str, int]], None]
Adopt: TypeAlias = Callable[[Manifest], None]
Initial: TypeAlias = Callable[[str, tuple[int, ...], int], Array]


@dataclass(frozen=True)
class Source:
    """A file that was opened and recognised; its values have not been looked at.

    Args:
        path: for messages.
        name: of its format.
        contents: read through one descriptor, whatever happens to the path meanwhile.
        has_suffix: whether the path says which format was meant; what is held in memory has none.
    """

    path: str
    name: str
    contents: Contents
    has_suffix: bool = True


@contextmanager
def source_of(path: str | os.PathLike[str]) -> Iterator[Source]:
    """Open a file and read what it says of itself.

    Raises:
        MissingFile, ReadError, UnsupportedFile, DamagedFile: as for loading it.
    """
    shown = os.fspath(path)
    with opened(path) as file:
        name, opener = opener_of(file, shown)
        with about_file(shown):
            contents = opener(file)
        yield Source(shown, name, contents)


def load(
    path: str | os.PathLike[str] | Source,
    state: State,
    compare: Compare,
    *,
    populations: bool = True,
    projections: bool = True,
    monitors: bool = True,
    only: Collection[str] | None = None,
    single: str | None = None,
    cast: bool = False,
    exact: bool = False,
    before_write: BeforeWrite | None = None,
    initial: Initial | None = None,
    adopt: Adopt | None = None,
    revise: Callable[[LoadReport], LoadReport] | None = None,
    tell: Callable[[LoadReport], object] | None = None,
) -> LoadReport:
    """Fill ``state`` from a file; see the format's documentation for what happens in which case.

    Args:
        path: of the file, or the file opened.
        compare: compares what the file is with what the network is.
        only: paths of objects or values; the rest stays as it is.
        single: the object to load into, when the call is ``Population.load`` or ``Projection.load``.
        cast: accept a dtype in which some values don't survive.
        exact: refuse whatever would not go on to the bit.
        before_write: called when everything was checked, with what the file holds, whether a value of it takes
            part, and the longest delays that come, in steps by projection; it refuses what storage
            can't judge, compiles what is missing and may add slots to the tree. If it raises, nothing has changed.
        initial: gives the initial values of a slot, from its path, its shape and the step that the clock will stand at,
            for those that are reset; zeros without it.
        adopt: called after a whole load, with the manifest.
        revise: returns the report as it shall be, where what is loaded is not what stood in a file.
        tell: called last, if the user is to be warned; :func:`warn_of` without it.

    Raises:
        MissingFile, ReadError, UnsupportedFile, DamagedFile, StateMismatch, InvalidArgument: nothing has changed.
        BrokenNetwork: the second reading failed; the values can't be trusted until another load succeeds.
    """
    wanted = wanted_of(populations, projections, monitors, only, single, cast, exact)
    if state.broken and wanted.is_partial:
        raise BrokenNetwork(f"only a whole load can repair this network: {state.broken}")
    with nullcontext(path) if isinstance(path, Source) else source_of(path) as source:
        shown, contents, has_suffix = source.path, source.contents, source.has_suffix
        with about_file(shown):
            check_kind(contents.manifest, single, shown)
            job = _Job(shown, contents, state, compare, wanted)
            plan = job.checked()
        written = state.written
        if before_write is not None:
            with about_file(shown):
                before_write(contents, wanted.has_value, plan.longest)
        if state.written != written:
            with about_file(shown):
                plan = job.checked_again(plan)
        fresh = _initial_values(plan, initial)
        staged = _staged(state, plan)
        _write(state, contents, plan, staged, fresh, shown)
    if has_suffix and format_meant(shown).name != source.name:
        plan.notes.append(f"the suffix is misleading: by its content this is a file of format {source.name!r}")
    report = _report(shown, source.name, contents.manifest, plan, wanted.is_partial)
    if revise is not None:
        report = revise(report)
    if adopt is not None and not wanted.is_partial:
        adopt(contents.manifest)
    lost = (*report.kept, *report.skipped, *report.reset)
    asked = () if monitors else MONITORS  # without them, that they are empty is no news
    if plan.has_other_rules or any(not path.startswith(asked) for path in lost):
        (tell or warn_of)(report)
    return report


def warn_of(report: LoadReport, *more: str) -> None:
    """Warn that a network does not go on as the saved one would have, or what it lacks, and of what else there is."""
    said = report.goes_on or f"the network does not go on as the saved one would have\n{report}"
    warn("\n".join([said, *more]), LoadWarning)


def values_of(contents: Contents, paths: Collection[str]) -> dict[str, Array]:
    """Return some small values of a file by their paths; all of the file is read for them.

    Raises:
        DamagedFile, ReadError: as for loading it.
    """
    found = {}
    wanted = {entry.key: entry for entry in contents.manifest.entries if entry.slot.path in paths}
    for key, pieces in contents.stream():
        data = b"".join(bytes(piece) for piece in pieces if key in wanted)
        if key in wanted:
            slot = wanted[key].slot
            if hash_bytes(data) != wanted[key].blocks:
                raise DamagedFile(f"{slot.path}: the value is damaged")
            found[slot.path] = np.frombuffer(data, slot.dtype).reshape(slot.shape).copy()
    return found


@dataclass(frozen=True)
class _Job:
    """One load: everything that planning needs."""

    path: str
    contents: Contents
    state: State
    compare: Compare
    wanted: Wanted

    def planned(self) -> Plan:
        """Decide what to do, from names and shapes."""
        manifest, only = self.contents.manifest, self.wanted.only
        one = "/".join(only[0].split("/")[:2]) if only is not None and self.wanted.is_single else None
        slots = self.state.slots() if one is None else {slot.path: slot for slot in self.state.of(one)}
        if only is not None:
            paths = (*slots, *(entry.slot.path for entry in manifest.entries))
            known = {part for path in paths for part in parts_above(path)}
            for name in only:
                if name not in known:
                    what = f"only={name!r}: neither '{self.path}' nor the network has that"
                    raise InvalidArgument(f"{what}\n  help: {_near(name, known)}")
            self.wanted.check_named([*slots.values(), *(entry.slot for entry in manifest.entries)])
        return make_plan(self.path, manifest, slots, self.compare, self.state.step, self.wanted)

    def checked(self) -> Plan:
        """Decide, and read every value; raises if the load can't be done."""
        try:
            plan = self.planned()
        except StateMismatch:
            check_values(self.contents, Plan(), True)  # a damaged file should not be blamed on the network
            raise
        lines, helps = check_values(self.contents, plan, self.wanted.cast)
        entries = self.contents.manifest.by_path() if plan.wiring else {}
        for slot in plan.wiring:
            if digest_leaf(self.state.leaf(slot.path)) != entries[slot.path].digest:
                lines.append(f"{slot.path}: another connectivity in the file than in the network")
                helps.append(f"load with only=[{slot.owner!r}], which brings the connectivity along.")
        if lines:
            raise mismatch(self.path, lines, helps)
        return plan

    def checked_again(self, plan: Plan) -> Plan:
        """Return the plan for the tree as it is now; values are read again if others are concerned."""
        now = self.planned()
        return now if now.items == plan.items else self.checked()


def _near(name: str, known: Collection[str]) -> str:
    """Return what may have been meant by a path that there is not."""
    takeable = [path for path in known if path.partition("/")[0] not in WHOLE]
    ends = with_end(name, takeable)
    meant = ends[0] if ends else nearest_path(name, takeable)
    there = f"did you mean {meant!r}?" if meant else "eg.read(file) shows what there is."
    return f"paths are 'populations/exc' of an object, 'populations/exc/v' of a value; {there}"


@contextmanager
def about_file(path: str) -> Iterator[None]:
    """Say in errors of the lower layers which file they are about."""
    try:
        yield
    except (DamagedFile, UnsupportedFile) as error:
        is_helped = isinstance(error, UnsupportedFile) or "\n  help:" in str(error)
        advice = "" if is_helped else "\n  help: take another copy of the file, or one that was saved before."
        kind = UnsupportedFile if isinstance(error, OtherVersion) else type(error)  # of what users can name
        raise kind(f"'{path}' was not loaded: {error}{advice}") from error


def check_kind(manifest: Manifest, single: str | None, path: str) -> None:
    """Refuse the file of one object where another one, or a network, is to be loaded."""
    kind = manifest.kind
    if kind == "network":
        return
    owners = sorted({entry.slot.owner for entry in manifest.entries})
    if len(owners) != 1 or not owners[0].startswith(f"{kind}s/"):
        raise DamagedFile(f"as the file of one {kind} it holds values of {', '.join(owners[:20]) or 'nothing'}")
    if single is None or single.partition("/")[0] != f"{kind}s":
        raise UnsupportedFile(
            f"it holds one {kind} ({owners[0]}), not {single or 'a network'}\n"
            f"  help: load it with the method of that {kind}: net.get_{kind}(...).load({path!r})."
        )
    if single != owners[0]:
        name = owners[0].partition("/")[2]
        advice = f"net.get_{kind}({name!r}).load({path!r})."
        raise mismatch(path, [f"{single}: the file holds {owners[0]}"], [advice])


def _initial_values(plan: Plan, initial: Initial | None) -> dict[str, Array]:
    values = {}
    for path, slot in plan.reset.items():
        if slot.layout is Layout.PLAIN and initial is not None:
            found = np.asarray(initial(path, slot.shape, plan.step), slot.dtype)
            values[path] = np.ascontiguousarray(np.broadcast_to(found, slot.shape))
    return values


def _staged(state: State, plan: Plan) -> Staged:
    """Allocate everything. Lists of spikes are reset to none, other slots to their shape."""
    slots = {item.path: item.target for item in plan.items.values()}
    for path, slot in plan.reset.items():
        slots[path] = slot.with_shape((0,)) if slot.layout is Layout.SPIKES else slot
    return state.stage(slots, plan.step, _same_wiring(state, plan))


def _same_wiring(state: State, plan: Plan) -> frozenset[str]:
    """Return the owners whose wiring the file brings as it is here, or not at all: what follows from it stays.

    Of the latter only those whose values are packed: their order in memory follows from the wiring.
    """
    wiring = [
        item
        for item in plan.items.values()
        if item.target.role is Role.WIRING
        and item.target.layout is Layout.PLAIN  # others are what was given, from which nothing follows
    ]
    changed = {item.target.owner for item in wiring if not _is_there(state, item)}
    return frozenset((state.with_values_elsewhere() | {item.target.owner for item in wiring}) - changed)


def _is_there(state: State, item: Item) -> bool:
    """Say whether the network has the value that the file brings."""
    mine = state.leaf(item.path)
    return item.is_plain and item.target.shape == mine.slot.shape and hash_leaf(mine) == item.entry.blocks


def _write(state: State, contents: Contents, plan: Plan, staged: Staged, fresh: dict[str, Array], path: str) -> None:
    try:
        state.give_up(staged)
        fill(contents, plan, staged, state)
        for name, slot in plan.reset.items():
            for piece in staged.pieces[name]:
                piece[...] = 0
            if name in fresh and slot.size:
                fill_with(staged.pieces[name], fresh[name])
        state.commit(staged)
    except BaseException as error:
        state.broken = f"loading '{path}' failed half way ({type(error).__name__}: {error})"
        if not isinstance(error, Exception):
            raise
        raise BrokenNetwork(
            f"{state.broken}\n  help: load a whole file; until then this network can't be used."
        ) from error
    state.broken = ""


def _is_of_other_model(path: str, changed: Mapping[str, str]) -> bool:
    """Say whether a path is of what attributes began with, where other attributes are said of another model."""
    owner, found, _ = path.partition(f"/{names.initial('')}")
    return bool(found) and owner in changed


def _report(path: str, name: str, manifest: Manifest, plan: Plan, is_partial: bool) -> LoadReport:
    return LoadReport(
        path=path,
        format=name,
        loaded=tuple(sorted(item.path for item in plan.items.values())),
        kept=tuple(plan.kept),
        skipped=tuple(plan.skipped),
        reset=tuple(plan.reset),
        converted=tuple(plan.converted),
        model_changed=tuple(plan.model_changed),
        differences=tuple(f"{name}: {text}" for name, text in plan.model_changed.items()),
        reconnected=tuple(plan.reconnected),
        taken=tuple(plan.taken),
        not_saved=manifest.not_saved,
        notes=tuple(plan.notes),
        noted=frozenset(
            path for path in (*plan.kept, *plan.skipped, *plan.reset) if _is_of_other_model(path, plan.model_changed)
        ),
        exact=plan.is_exact,
        is_whole=not is_partial,
    )
