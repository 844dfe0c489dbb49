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
from engram.persistence.completeness import misfits, with_what_there_is
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
from engram.storage.load import about_file, source_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engram.state.slots import Slot
    from engram.storage.contract import Manifest
    from engram.storage.load import Source

__all__ = ["found_beside", "opened", "opened_source"]

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
        blueprint = with_what_there_is(blueprint_in(manifest), manifest)
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


def _check_complete(path: str, manifest: Manifest, needed: Iterable[Slot]) -> None:
    """Refuse a file that lacks a value of the network, or has it in another size, before memory is asked for."""
    fault = next(misfits(manifest, needed), "")
    if fault:
        with about_file(path):
            raise DamagedFile(fault)
