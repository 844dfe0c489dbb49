"""Saving and loading of networks, single objects and parameters: what ``storage`` needs to be told, and what follows.

``storage`` is imported when a file is written or read: it is a quarter of engram, and ``import engram`` must be
quick.
"""

from __future__ import annotations

import copy
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.callers import warn
from engram.errors import BrokenNetwork, EngramError, InvalidArgument, LoadWarning
from engram.program import loaded_flights
from engram.program.assigning import assign_all
from engram.program.building import component_made_ready, made_ready
from engram.program.compiling import coming_code, compiled
from engram.program.component import Component
from engram.program.constants import set_constant
from engram.program.finite import FiniteCheck
from engram.program.garbage import no_collection
from engram.program.in_flight import forget_flights
from engram.program.initial import initial_value
from engram.program.interrupts import held_interrupts
from engram.program.layouts import possible_layouts
from engram.program.listed import add_slots, drop_slots, keep_all
from engram.program.neurons import Neurons
from engram.program.packing import is_plain
from engram.program.program import Program
from engram.program.recorded_synapses import drop_void, synapses_of
from engram.program.runner import Runner
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.digest import hash_bytes
from engram.telling import told

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper
    from engram.persistence.recorded import Advice
    from engram.program.backend import Code
    from engram.program.recorder import Recorder
    from engram.state.slots import Slot
    from engram.storage.contract import Contents, Description, Entry, Manifest
    from engram.storage.load import Source
    from engram.storage.parameters.values import Attribute
    from engram.storage.report import LoadReport
    from engram.storage.save import SaveReport

__all__ = ["checked_path", "described", "load", "load_one", "load_parameters", "save", "save_one", "save_parameters"]

Path = str | os.PathLike[str]
ONE = hash_bytes(np.uint16(1).tobytes())  # what a file says of a delay of one step


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
        return _load_opened(keeper, source, component, advice, **options)


def _load_opened(
    keeper: Keeper, source: Source, component: Neurons | Synapses | None, advice: Advice, **options: Any
) -> LoadReport:
    from engram.persistence.recorded import FileBlueprint
    from engram.storage.load import load as load_file
    from engram.storage.load import warn_of

    program, runner = keeper.program, keeper.runner

    def initial(path: str, shape: tuple[int, ...], step: int) -> npt.NDArray[Any]:
        return initial_value(program, path, shape, step)

    theirs: FileBlueprint
    is_whole = component is None and options.get("only") is None and _takes_all(**options)

    def before_write(contents: Contents, is_wanted: Callable[[Slot], bool]) -> None:
        theirs.check(program)
        flights = _checked_flights(contents, is_wanted)
        _compile_for(program, contents.manifest.entries)
        _make_room(program, contents.manifest.entries, theirs.lists if is_whole else None)
        new_flights.extend(loaded_flights.add_slots(program, flights))

    def recorded(name: str) -> npt.NDArray[Any] | None:
        monitor = program.monitors.get(name)
        return None if monitor is None else monitor.ranks

    with program.lock, held_interrupts() as interrupted:
        runner.store_generator()  # what the file doesn't bring stays as it is now
        synapses = {} if is_whole or program.state.broken else synapses_of(program)
        has_pasts = not source.contents.manifest.origin
        theirs = FileBlueprint(keeper.recorded, map(str, runner.callbacks), advice, recorded, has_pasts)
        whole: list[Manifest] = []
        new_flights: list[Synapses] = []
        told: list[LoadReport] = []  # warned of when all is done: a filter may make an error of it
        source, revise = _as_ours(keeper, source, options, advice)
        hooks: dict[str, Any] = {
            "initial": initial,
            "before_write": before_write,
            "adopt": whole.append,
            "revise": revise,
            "tell": told.append,
        }
        try:
            report = load_file(source, program.state, theirs.compare, **hooks, **options)
        except BaseException:
            _drop_lists(runner)
            for projection in () if program.state.broken else new_flights:
                forget_flights(projection)
            raise
        with _ready_or_broken(program, report.path):
            for manifest in whole:
                keeper.recorded = theirs.adopt(program, manifest)
                keeper.parameters = copy.deepcopy(manifest.parameters)
            _drop_lists(runner)
            loaded_flights.forget_others(program, report.loaded)
            _make_ready(runner, component)
            emptied = drop_void(synapses, report.loaded)
        if whole:
            lacking = [text for text in report.not_saved if text not in keeper.not_saved()]
            report = replace(report, not_saved=(*lacking, *theirs.of(whole[0]).notes))
        report, text = _without_void(report, emptied)
        keeper.load_report = report
    if told:
        warn_of(report)
    elif text:
        warn(f"{text}\n  help: fetch samples with get() before such a load.", LoadWarning)
    if interrupted:  # the load has been finished: half of one would be no network
        raise KeyboardInterrupt
    return report


def _without_void(report: LoadReport, emptied: list[Recorder]) -> tuple[LoadReport, str]:
    """Return the report of a load of parts after which monitors are empty, and what it says of them."""
    if not emptied:
        return report, ""
    from engram.storage.contract import STAYED

    named = ", ".join(repr(one.name) for one in emptied)
    text = f"monitor{'s' * (len(emptied) > 1)} {named}: the samples were of synapses that are others now"
    text = f"{text}, and were dropped"
    paths = tuple(path for one in emptied for path in one.records())
    noted = report.noted | {*paths}
    notes = [STAYED.replace("monitors", "other monitors") if note == STAYED else note for note in report.notes]
    return replace(report, reset=(*report.reset, *paths), notes=(*notes, text), noted=noted), text


def _as_ours(
    keeper: Keeper, source: Source, options: dict[str, Any], advice: Advice
) -> tuple[Source, Callable[[LoadReport], LoadReport] | None]:
    """Return what is loaded, and who words the report: of a file of ANNarchy what one of the network's would hold."""
    if not source.contents.manifest.origin:
        return source, None
    from engram.persistence.theirs import fitted

    found = fitted(keeper, source, advice, **options)
    options.pop("exact", None)  # which was asked for there
    return found.source, found.report


@contextmanager
def _ready_or_broken(program: Program, path: str) -> Iterator[None]:
    """Say so where a network whose values have come from a file can't be made ready with them."""
    try:
        yield
    except BaseException as error:
        what = f"the network could not be made ready ({type(error).__name__}: {error})"
        program.state.broken = f"'{path}' was loaded, but {what}"
        if isinstance(error, EngramError) or not isinstance(error, Exception):
            raise
        raise BrokenNetwork(f"{program.state.broken}\n  help: load a whole file, or reset().") from error


def _takes_all(populations: bool = True, projections: bool = True, **other: Any) -> bool:
    return populations and projections


def _make_room(program: Program, entries: tuple[Entry, ...], listed: frozenset[str] | None) -> None:
    """Make ready for the values of a file: for given lists, or keep those that are here.

    Args:
        entries: what will be loaded.
        listed: names of projections that have lists in the file; None: it is no whole load, which brings none.
    """
    if listed is not None:
        add_slots(program, listed)
        return
    changed = {entry.slot.owner for entry in entries}
    for projection in program.projections.values():
        if projection.path in changed:
            keep_all(projection)


def _checked_flights(contents: Contents, is_wanted: Callable[[Slot], bool]) -> list[str]:
    """Return the projections to which a load brings what is in flight; refuse what can't be, before it is written."""
    from engram.storage.load import values_of

    some = loaded_flights.brought((entry.slot for entry in contents.manifest.entries), is_wanted)
    if some:
        paths = {slot.path for slots in some.values() for slot in slots.values() if slot.name != names.POST_RANKS}
        loaded_flights.check_brought(some, values_of(contents, paths), contents.manifest.step)
    return sorted(some)


def _drop_lists(runner: Runner) -> None:
    """Take away what stands beside lists that the network does not have, or not any more."""
    if drop_slots(runner.program):
        runner.check = FiniteCheck(runner.derived)  # which knew all slots


def _make_ready(runner: Runner, component: Neurons | Synapses | None) -> None:
    """Derive what follows from values that have just been replaced: of one component, or for None of the network."""
    if component is None:
        made_ready(runner)
    else:
        component_made_ready(runner, component)
    if runner.damage:
        advice = "assign other values, or load() a file that was saved before."
        warn(f"what was loaded is damaged, infinite or NaN: {runner.damage}\n  help: {advice}")


def checked_path(file: Path) -> Path:
    """Return the path of a file, a leading ``~`` replaced by the home folder.

    Raises:
        InvalidArgument: if it is no path.
    """
    if not isinstance(file, str | os.PathLike) or isinstance(os.fspath(file), bytes):
        raise InvalidArgument(
            f"expected a path, got {told(file)}"
            "\n  help: the name of a file comes first: net.save('net.npz'), eg.open('net.npz')."
        )
    return os.path.expanduser(file)


def _compile_for(program: Program, entries: tuple[Entry, ...]) -> None:
    """Compile the kernels for the form that projections will have, before anything is written."""
    shapes_of: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for entry in entries:
        shapes_of[entry.slot.owner][entry.slot.name] = entry.slot.shape
    needed: dict[str, Code] = {}  # many projections share a few
    no_delay = {entry.slot.owner for entry in entries if entry.slot.name == names.DELAY_STEPS and entry.blocks == ONE}
    for projection in program.projections.values():
        shapes = shapes_of[projection.path]
        is_apart = names.IN_FLIGHT_SINCE in shapes
        if {names.WEIGHT, names.DELAY_STEPS} <= shapes.keys() and (is_apart or not is_plain(projection)):
            n_syn = shapes[projection.ranks_name][0]
            kind = "each" if shapes[names.DELAY_STEPS] else "none" if projection.path in no_delay else "uniform"
            layouts = possible_layouts(projection, n_syn)
            needed |= {code.key: code for code in coming_code(projection, shapes, kind, layouts, is_apart)}
    compiled(needed.values())


def _description(
    program: Program, kind: str, document: dict[str, Any], parameters: dict[str, Any], not_saved: tuple[str, ...] = ()
) -> Description:
    from engram.storage.contract import Description

    return Description(kind, program.state.step, program.seed, document, parameters, not_saved)


# -- parameters --------------------------------------------------------------------------------------------


def save_parameters(keeper: Keeper, file: Path, extra: dict[str, Any] | None) -> None:
    """Write the global parameters; see :meth:`Network.save_parameters`."""
    from engram.storage.parameters.write import write_parameters

    program = keeper.program
    populations = {p.name: _global_parameters(p) for p in program.populations.values()}
    projections = {p.name: _global_parameters(p) for p in program.projections.values()}
    kept = keeper.parameters if extra is None else extra
    keeper.parameters = write_parameters(checked_path(file), populations, projections, kept, program.constants_now)


def _global_parameters(owner: Component) -> dict[str, Any]:
    return {
        a.name: np.asarray(owner.number(a), owner.dtype(a.type))[()]
        for a in owner.spec.attributes
        if a.locality == "global" and not a.is_variable and not a.is_table
    }


def load_parameters(keeper: Keeper, file: Path, global_only: bool, verbose: bool, strict: bool) -> dict[str, Any]:
    """Set parameters from a file; see :meth:`Network.load_parameters`."""
    from engram.storage.parameters.read import read_parameters

    program = keeper.program
    owners: dict[str, dict[str, Component]] = {
        "populations": dict(program.populations),
        "projections": dict(program.projections),
    }
    schema: dict[str, dict[str, Any]] = {
        section: {name: _schema(owner) for name, owner in named.items()} for section, named in owners.items()
    }
    schema["constants"] = {name: _constant_schema(program, name) for name in program.constants}
    found = read_parameters(checked_path(file), schema, global_only=global_only, strict=strict)
    for text in found.warnings:
        warn(text)
    with keeper.runner.callbacks.kept_out("load_parameters()", in_callbacks=True):
        for section, name, attribute, value in found.values:
            if section == "constants":
                set_constant(program, attribute, float(value))
            else:
                assign_all(owners[section][name], {attribute: value})
    keeper.parameters = copy.deepcopy(found.network)
    if verbose:
        for section, name, attribute, value in found.values:
            print(f"{section}/{name}/{attribute} = {value}")  # noqa: T201  asked for
        for path in found.skipped:
            print(f"{path}: skipped")  # noqa: T201
    return found.network


def _constant_schema(program: Program, name: str) -> Attribute:
    from engram.storage.parameters.values import Attribute

    limits = [owner.spec.limit(name) for owner in program.components if name in owner.spec.constants]
    return Attribute(np.dtype(np.float64), "float", limit=next((limit for limit in limits if limit), None))


def _schema(owner: Component) -> dict[str, Attribute]:
    from engram.storage.parameters.values import Attribute

    return {
        a.name: Attribute(
            owner.dtype(a.type), a.type, a.locality == "global", not a.is_variable, owner.spec.limit(a.name)
        )
        for a in owner.spec.attributes
        if not a.is_table
    }
