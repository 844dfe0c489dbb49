"""Networks opened from files alone: no script, nothing drawn, nothing that this process has declared.

In: a file. Out: a compiled network that goes on where the saved one stood. Sizes are believed only as far as values
in the file have them.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from engram.errors import BrokenNetwork, DamagedFile, UnsupportedFile
from engram.persistence import files
from engram.persistence.adopting import adopt
from engram.persistence.keeper import Keeper
from engram.persistence.opening import program_of
from engram.persistence.paths import checked_path
from engram.persistence.reading import blueprint_in, without_equations
from engram.persistence.recorded import Recorded
from engram.persistence.starts import Arrays
from engram.program.backends import BACKENDS, chosen_backend
from engram.program.building import allocate
from engram.program.config import changed
from engram.program.first_start import compile_first
from engram.program.garbage import no_collection
from engram.state import names
from engram.state.residence import Array
from engram.state.slots import Layout, Role, Slot
from engram.storage.load import about_file, source_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engram.blueprint.records import Blueprint
    from engram.storage.contract import Manifest
    from engram.storage.load import Source

__all__ = ["found_beside", "opened", "opened_source"]

MOST_OF_VIEWS = 1 << 25  # neurons in all views of a file, beside one for each of its bytes
PARTS = (names.PRE_PART, names.POST_PART, names.PART)


@no_collection()
def opened(file: str | os.PathLike[str], backend: str | None, num_threads: int | None) -> Keeper:
    """Return who keeps the network of a file, compiled and loaded; see :func:`engram.open`."""
    with source_of(checked_path(file)) as source:
        return opened_source(source, backend, num_threads)


@no_collection()
def opened_source(source: Source, backend: str | None, num_threads: int | None) -> Keeper:
    """Return the same of what was opened already."""
    manifest = source.contents.manifest
    with about_file(source.path):
        _check_kind(manifest, source.path)
        blueprint = _with_what_there_is(blueprint_in(manifest), manifest)
        parts = [entry.slot.path for entry in manifest.entries if entry.slot.name in PARTS]
        ranks = values_of(source.contents, parts) if parts else {}
        program = program_of(blueprint, Arrays(partial(found_beside, ranks), has_values=False, has_lists=False))
    if num_threads is not None:
        program.config = changed(program.config, {"num_threads": num_threads})
    said = BACKENDS[blueprint.settings.backend]
    asked = backend or (None if said.is_compiled else said.name)  # where there is no compiler, whatever works
    program.backend = chosen_backend(asked, partial(compile_first, program))
    settings = replace(blueprint.settings, backend=program.backend.name)
    keeper = Keeper(program)
    with keeper.runner.new_tree():
        allocate(program, partial(_check_complete, source.path, manifest))
        program.compiled, keeper.recorded = True, Recorded(replace(blueprint, settings=settings))
        _loaded(keeper, source)
        adopt(program, blueprint)
    return keeper


def _loaded(keeper: Keeper, source: Source) -> None:
    try:
        files.load(keeper, source)
    except BrokenNetwork as error:
        raise DamagedFile(str(error).partition("\n")[0]) from error


def found_beside(ranks: dict[str, Array], path: str) -> Array:
    """Return ranks of a view that stand beside a blueprint; raises DamagedFile if the file lacks them."""
    if path not in ranks:
        raise DamagedFile(f"the file lacks {path}")
    return ranks[path]


def _check_kind(manifest: Manifest, path: str) -> None:
    if manifest.origin:
        raise UnsupportedFile(without_equations(manifest.origin))
    if manifest.kind != "network":
        advice = f"build its network, and load it with net.get_{manifest.kind}(...).load({path!r})."
        raise UnsupportedFile(f"it holds one {manifest.kind} and no network\n  help: {advice}")


def _with_what_there_is(blueprint: Blueprint, manifest: Manifest) -> Blueprint:
    """Return the blueprint without monitors of which the file has no records: it may have been saved without.

    Raises:
        UnsupportedFile: if there are no values of a population or projection, or views have more neurons together than
            can be believed.
    """
    owners = {entry.slot.owner for entry in manifest.entries}
    for section in ("populations", "projections"):
        missing = [one.name for one in getattr(blueprint, section) if f"{section}/{one.name}" not in owners]
        if missing:
            what = f"it has no values of {len(missing)} {section}, {missing[0]!r} the first"
            raise UnsupportedFile(f"{what}\n  help: open a file that was saved with all of them.")
    monitors = tuple(one for one in blueprint.monitors if f"monitors/{one.name}" in owners)
    sides = (side for one in blueprint.projections for side in (one.pre, one.post))
    views = [*(side.ranks for side in sides), *(one.ranks for one in monitors)]
    count = sum(ranks.count for ranks in views if ranks is not None)
    if count > MOST_OF_VIEWS + sum(entry.slot.nbytes for entry in manifest.entries):
        what = f"its views have {count:,} neurons together, more than a file of this size can speak of"
        advice = "build the network by its script, and load the file into it."
        raise UnsupportedFile(f"{what}\n  help: {advice}")
    return blueprint if monitors == blueprint.monitors else replace(blueprint, monitors=monitors)


def _check_complete(path: str, manifest: Manifest, needed: Iterable[Slot]) -> None:
    """Refuse a file that lacks a value of the network, or has it in another size, before memory is asked for."""
    in_file = {entry.slot.path: entry.slot for entry in manifest.entries}
    with about_file(path):
        for slot in (slot for slot in needed if slot.role is not Role.SCRATCH):
            its = in_file.get(slot.path)
            if its is None:
                raise DamagedFile(f"the file lacks {slot.path}")
            is_fixed = slot.layout is Layout.PLAIN and not (slot.free_length or slot.may_be_single or slot.lifted)
            if is_fixed and its.shape != slot.shape:
                raise DamagedFile(f"{slot.path}: shape {its.shape} in the file, {slot.shape} by its blueprint")
