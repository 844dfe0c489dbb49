"""How a network takes over what a file holds: checked before anything is written, all or nothing, and made ready.

In: an opened file, and what is wanted of it, from ``files.py``. Out: a report.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.callers import warn
from engram.errors import BrokenNetwork, EngramError, LoadWarning
from engram.program import loaded_flights
from engram.program.building import component_made_ready, made_ready
from engram.program.compiling import coming_code, compiled
from engram.program.finite import FiniteCheck
from engram.program.histories import remember
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
from engram.state.slots import Layout

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper
    from engram.persistence.recorded import Advice
    from engram.program.backend import Code
    from engram.program.recorder import Recorder
    from engram.state.slots import Slot
    from engram.storage.contract import Contents, Entry, Manifest
    from engram.storage.load import Source
    from engram.storage.report import LoadReport

__all__ = ["load_opened"]

LATE = "what is in flight arrives by the delays of the file, so that spikes may arrive twice or never"
ONE = hash_bytes(np.uint16(1).tobytes())  # what a file says of a delay of one step


def load_opened(
    keeper: Keeper, source: Source, component: Neurons | Synapses | None, advice: Advice, **options: Any
) -> LoadReport:
    """Fill a network with what a file holds, or leave it as it was.

    Args:
        component: that alone is loaded; None: the network.
        advice: says which names to type where those of the file and of the network differ.
        options: of :meth:`Network.load`, but for the names.
    """
    with keeper.program.lock, held_interrupts() as interrupted:
        loading = _Loading(keeper, source, component, advice, options)
        keeper.load_report = report = loading.fill()
    loading.warn(report)
    if interrupted:  # the load has been finished: half of one would be no network
        raise KeyboardInterrupt
    return report


class _Loading:
    """One load: what it is asked on the way, and what was there before; for arguments see :func:`load_opened`."""

    def __init__(
        self,
        keeper: Keeper,
        source: Source,
        component: Neurons | Synapses | None,
        advice: Advice,
        options: dict[str, Any],
    ) -> None:
        from engram.persistence.recorded import FileBlueprint

        self._keeper, self._program, self._runner = keeper, keeper.program, keeper.runner
        self._component, self._options = component, options
        self._runner.store_generator()  # what the file doesn't bring stays as it is now
        self._is_whole = component is None and options.get("only") is None and _takes_all(**options)
        program, is_broken = self._program, bool(self._program.state.broken)
        self._synapses = {} if self._is_whole or is_broken else synapses_of(program)
        self._delays = {} if self._is_whole or is_broken else loaded_flights.delays_in_flight(program)
        self._with_samples = [] if is_broken else [one for one in program.monitors.values() if one.has_samples]
        has_pasts, callbacks = not source.contents.manifest.origin, map(str, self._runner.callbacks)
        self._theirs = FileBlueprint(keeper.recorded, callbacks, advice, self._recorded, has_pasts)
        self._source, self._revise = _as_ours(keeper, source, options, advice)
        self._manifests: list[Manifest] = []  # of a whole load
        self._new_flights: list[Synapses] = []
        self._take_back: Callable[[], None] = lambda: None  # longer pasts, if the load then fails
        self._told: list[LoadReport] = []  # warned of when all is done: a filter may make an error of it
        self._emptied: list[Recorder] = []  # whose samples were of other synapses
        self._void = ""  # what there is to say of them
        self._late = ""  # and of spikes that are in flight

    def fill(self) -> LoadReport:
        """Fill the network, or leave it as it was."""
        from engram.storage.load import load as load_file

        hooks: dict[str, Any] = {
            "initial": partial(initial_value, self._program),
            "before_write": self._before_write,
            "adopt": self._manifests.append,
            "revise": self._revise,
            "tell": self._told.append,
        }
        try:
            report = load_file(self._source, self._program.state, self._theirs.compare, **hooks, **self._options)
        except BaseException:
            _drop_lists(self._runner)
            if not self._program.state.broken:
                self._take_back()
                for projection in self._new_flights:
                    forget_flights(projection)
            raise
        with _ready_or_broken(self._program, report.path):
            self._make_ready(report)
        for manifest in self._manifests:
            lacking = [text for text in report.not_saved if text not in self._keeper.not_saved()]
            report = replace(report, not_saved=(*lacking, *self._theirs.of(manifest).notes))
        report, self._void = _without_void(report, self._emptied)
        if others := loaded_flights.given_others(self._delays, report.loaded):
            self._late = f"projection{'s' * (len(others) > 1)} {', '.join(map(repr, others))}: {LATE}"
            report = replace(report, notes=(*report.notes, self._late))
        return report

    def warn(self, report: LoadReport) -> None:
        """Warn of what the user should know of a load that has been finished."""
        from engram.storage.load import warn_of

        reset = {*report.reset}
        lost = [one for one in self._with_samples if one not in self._emptied and reset & {*one.records()}]
        named = ", ".join(repr(one.name) for one in lost)
        dropped = f"the samples that monitor{'s' * (len(lost) > 1)} {named} had were dropped" if lost else ""
        noted = () if self._told else (self._void, self._late)  # which the report says, too
        more = [text for text in (dropped, *noted) if text]
        if dropped or self._void:
            more.append("  help: fetch samples with get() before such a load.")
        if self._late:
            more.append(
                "  help: load the whole file; or set proj.delay, which lets each arrive once, when it would have."
            )
        if self._told:
            warn_of(report, *more)
        elif more:
            warn("\n".join(more), LoadWarning)

    def _recorded(self, name: str) -> npt.NDArray[Any] | None:
        monitor = self._program.monitors.get(name)
        return None if monitor is None else monitor.ranks

    def _before_write(self, contents: Contents, is_wanted: Callable[[Slot], bool], longest: Mapping[str, int]) -> None:
        program, entries = self._program, contents.manifest.entries
        self._theirs.check(program)
        flights = _checked_flights(contents, is_wanted)
        _compile_for(program, entries)
        _make_room(program, entries, self._theirs.lists if self._is_whole else None)
        self._new_flights.extend(loaded_flights.add_slots(program, flights))
        named = ((program.by_path.get(path), steps) for path, steps in longest.items())
        pasts = (entry.slot for entry in entries if entry.slot.layout is Layout.RING)
        brought = {slot.owner for slot in pasts if is_wanted(slot)}
        # which memory may be short for
        self._take_back = remember({one: steps for one, steps in named if isinstance(one, Synapses)}, brought)

    def _make_ready(self, report: LoadReport) -> None:
        """Derive what follows from values that have just been replaced, in a component or in the network."""
        for manifest in self._manifests:
            self._keeper.recorded = self._theirs.adopt(self._program, manifest)
            self._keeper.parameters = copy.deepcopy(manifest.parameters)
        _drop_lists(self._runner)
        loaded_flights.forget_others(self._program, report.loaded)
        if self._component is None:
            made_ready(self._runner)
        else:
            component_made_ready(self._runner, self._component)
        if damage := self._runner.damage:
            advice = "assign other values, or load() a file that was saved before."
            warn(f"what was loaded is damaged, infinite or NaN: {damage}\n  help: {advice}")
        self._emptied = drop_void(self._synapses, report.loaded)


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
    from engram.persistence.from_annarchy import fitted

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
        values = values_of(contents, loaded_flights.lists_of(some))
        loaded_flights.check_brought(some, values, contents.manifest.step)
    return sorted(some)


def _drop_lists(runner: Runner) -> None:
    """Take away what stands beside lists that the network does not have, or not any more."""
    if drop_slots(runner.program):
        runner.check = FiniteCheck(runner.derived)  # which knew all slots


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
