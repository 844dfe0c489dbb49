"""Saving and loading of networks and of single objects: what is written, and which file is read for what.

``storage`` is imported when a file is written or read: it is a quarter of engram, and ``import engram`` must be quick.
How a network takes over what was read stands in ``loading.py``, files of parameters in ``parameter_files.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engram.callers import warn
from engram.persistence.loading import load_opened
from engram.persistence.paths import Path, checked_path
from engram.program import loaded_flights
from engram.program.garbage import no_collection
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.synapses import Synapses

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper
    from engram.persistence.recorded import Advice
    from engram.storage.contract import Description
    from engram.storage.load import Source
    from engram.storage.report import LoadReport
    from engram.storage.save import SaveReport

__all__ = ["described", "load", "load_one", "save", "save_one"]


def save(keeper: Keeper, file: Path, populations: bool, projections: bool, monitors: bool) -> SaveReport:
    """Write a network; see :meth:`Network.save`."""
    from engram.storage.save import save as save_file

    program, runner = keeper.program, keeper.runner
    program.needs_compile("save()")
    program.usable()
    wanted = {"populations": populations, "projections": projections, "monitors": monitors}
    with program.lock, no_collection():
        if runner.damage:
            advice = "assign other values, or load() a file that was saved before."
            warn(f"what is saved is damaged, infinite or NaN: {runner.damage}\n  help: {advice}")
        runner.store_generator()
        paths = [path for path in program.state.slots() if wanted.get(path.split("/")[0], True)]
        report = save_file(checked_path(file), described(keeper), program.state.leaves(paths))
        return replace(report, not_saved=(*report.not_saved, *keeper.recorded.blueprint.notes))


def described(keeper: Keeper) -> Description:
    """Return what files say of a compiled network beside its values."""
    facts = keeper.recorded.document, keeper.parameters, keeper.not_saved()
    return _description(keeper.program, "network", *facts)


def save_one(component: Neurons | Synapses, file: Path) -> SaveReport:
    """Write one population or projection."""
    from engram.persistence.blueprinting import blueprint_of_one
    from engram.persistence.recorded import Recorded
    from engram.storage.save import save as save_file

    program = component.program
    program.needs_compile("save()")
    program.usable()
    with program.lock:
        paths = [slot.path for slot in program.state.of(component.path)]
        description = _description(program, component.kind, Recorded(blueprint_of_one(component)).document, {})
        return save_file(checked_path(file), description, program.state.leaves(paths))


def load(keeper: Keeper, file: Path | Source, **options: Any) -> LoadReport:
    """Load a network; see :meth:`Network.load`."""
    from engram.storage.wanted import named_paths

    keeper.program.needs_compile("load()")
    rename = options.pop("rename", None)
    is_some = options.get("only") is not None
    if is_some:
        options["only"] = named_paths(options["only"])
        loaded_flights.refuse_some(options["only"])
    if rename is None and not is_some:
        return _load(keeper, file, **options)
    from engram.persistence.given_names import as_here, with_names

    keeper.runner.callbacks.refuse("load()")  # before a file is looked for
    with _opened(file) as source:
        if is_some:
            options["only"] = as_here(source, options["only"])
        if rename is None or source.contents.manifest.kind != "network":  # of another kind it will be refused
            return _load(keeper, source, **options)
        new, renamed = with_names(keeper.program, source, rename, options)
        return _load(keeper, new, other_names=_other_names(keeper, source, rename, options), **renamed)


def _opened(file: Path | Source) -> AbstractContextManager[Source]:
    from engram.storage.load import Source, source_of

    return nullcontext(file) if isinstance(file, Source) else source_of(checked_path(file))


def _other_names(keeper: Keeper, source: Source, names: Mapping[str, str], options: Mapping[str, Any]) -> Advice:
    """Return what says which names to type where those of the file and of the network differ."""

    def advice(pairs: Sequence[Mapping[str, str]], n_lines: int) -> str:
        from engram.persistence.other_names import OtherNames

        return OtherNames(keeper, source, names, options).advice(pairs, n_lines)

    return advice


def load_one(
    keeper: Keeper, component: Neurons | Synapses, file: Path, only: str | Collection[str] | None = None
) -> LoadReport:
    """Load one population or projection, from its own file, that of another one, or that of a network.

    Args:
        only: names of its values; None: all of it.
    """
    from engram.persistence.other_names import check_has
    from engram.persistence.renaming import renamed_one
    from engram.storage.wanted import paths_below

    program = keeper.program
    program.needs_compile("load()")
    options: dict[str, Any] = {} if only is None else {"only": paths_below(component.path, only)}
    loaded_flights.refuse_some(options.get("only", ()))
    ends = (component.pre.name, component.post.name) if isinstance(component, Synapses) else ()
    with _opened(file) as source:
        check_has(keeper, source, component.path, ends)
        new, note = renamed_one(source, component.path, ends, {one.path: one.uid for one in program.components})
        report = _load(keeper, new, component, single=component.path, **options)
        if note:
            keeper.load_report = report = replace(report, notes=(note, *report.notes))
        return report


@no_collection()  # its names go before the search for garbage comes back: nobody goes through what was read
def _load(
    keeper: Keeper,
    file: Path | Source,
    component: Neurons | Synapses | None = None,
    other_names: Advice | None = None,
    **options: Any,
) -> LoadReport:
    keeper.runner.callbacks.refuse("load()")  # before a file is looked for
    with _opened(file) as source, keeper.runner.callbacks.kept_out("load()"):
        advice = other_names or _other_names(keeper, source, {}, options)
        return load_opened(keeper, source, component, advice, **options)


def _description(
    program: Program, kind: str, document: dict[str, Any], parameters: dict[str, Any], not_saved: tuple[str, ...] = ()
) -> Description:
    from engram.storage.contract import Description

    return Description(kind, program.state.step, program.seed, document, parameters, not_saved)
