"""Networks built, begun again, and made ready after a load: the tree allocated, filled, and what follows from it.

``allocate`` makes the tree of what the components are; it draws nothing. ``_pour`` fills it with what they begin with,
for which synapses are drawn; a file may do that instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

import numpy as np

from engram.program.backend import Backend
from engram.program.beside import write_beside
from engram.program.compiling import check_inputs_of, check_rates_of
from engram.program.constants import check_constant
from engram.program.garbage import no_collection
from engram.program.histories import fit_histories, forget_history
from engram.program.initial import (
    fill_projection,
    forget_events,
    reset_population,
    reset_projection,
    restore_definitions,
    set_initial,
    wire_anew,
)
from engram.program.list_records import settle
from engram.program.listed import refuse_lost
from engram.program.neuron_slots import neuron_slots
from engram.program.neurons import Neurons
from engram.program.packing import bundles, is_plain
from engram.program.program import Program
from engram.program.recorder import Recorder
from engram.program.recording import recorder_slots
from engram.program.runner import Runner
from engram.program.step_size import caution, caution_of_delays
from engram.program.stopping import stop_slots
from engram.program.structure import check_rules
from engram.program.synapse_slots import synapse_slots
from engram.program.synapses import Synapses
from engram.program.tables import give_up_tables, put_tables
from engram.program.wired import wire
from engram.state import names
from engram.state.residence import aligned
from engram.state.slots import Layout, Role, Slot

__all__ = [
    "add_recorder",
    "allocate",
    "begin_again",
    "build",
    "component_made_ready",
    "made_ready",
    "needed_slots",
    "record_more",
    "slots_of",
]


def slots_of(component: Neurons | Synapses) -> list[Slot]:
    """Return the slots that a population or projection needs."""
    return [*(neuron_slots(component) if isinstance(component, Neurons) else synapse_slots(component))]


def needed_slots(program: Program) -> tuple[dict[Neurons, list[Slot]], list[Slot]]:
    """Return the slots of a network whose components are complete: those of each population, and all others.

    The clock, and what is drawn, have theirs in its tree already.
    """
    for projection in program.projections.values():
        check_inputs_of(projection)
        check_rules(projection)
    of_populations = {p: slots_of(p) for p in program.populations.values()}
    more = [slot for projection in program.projections.values() for slot in slots_of(projection)]
    more += [slot for monitor in program.monitors.values() for slot in recorder_slots(monitor)]
    return of_populations, more


def allocate(program: Program, check: Callable[[Iterable[Slot]], None] | None = None) -> None:
    """Allocate the tree of a network whose components are complete: no synapses yet, histories of one step, no values.

    Args:
        program: whose tree has the clock alone.
        check: looks at all slots first, before there is memory for them; may raise.
    """
    state, constants = program.state, program.slot_constants
    of_populations, more = needed_slots(program)
    if check is not None:
        check(chain(map(state.slot, state.slots()), more, *of_populations.values()))
    state.add(Slot(names.NETWORK, names.constant(n), (), np.dtype(np.float64), Role.PARAMETER) for n in constants)
    state.add(slot for slots in of_populations.values() for slot in slots if slot.layout is not Layout.SPIKES)
    for population, slots in of_populations.items():
        for slot in slots:
            if slot.layout is Layout.SPIKES:
                state.put(slot, aligned((1, population.size), slot.dtype))
    state.add(stop_slots(program))
    state.add(more)


def build(runner: Runner, backend: Backend) -> None:
    """Build a network as its components were told: allocate, draw, fill, compile. If that fails, all is as before."""
    program = runner.program
    for projection in program.projections.values():
        check_rates_of(projection)
    program.backend = backend
    with program.lock, no_collection(), runner.new_tree():
        allocate(program)
        _pour(program)
        program.write(names.DRAWS_AT_COMPILE, program.value(names.DRAWS))
        program.compiled = True
        program.first_seed = program.seed
        runner.derived.follow()
    settle(program)
    for population in program.populations.values():
        give_up_tables(population)
    for component in program.components:
        caution(component)
    caution_of_delays(program)


def _pour(program: Program) -> None:
    """Fill the tree with what a network begins with: constants, synapses, which are drawn, and initial values."""
    populations = [*program.populations.values()]
    for name in program.slot_constants:
        check_constant(program, name, program.constants[name])
        program.write(names.constant(name), program.constants[name])
    # Projection -> Connectivity, weights -> arrays, bundle by bundle: there is never more of them in memory than needed
    for bundle in bundles(program):
        undrawn = {}
        for projection in bundle:
            drawn = wire(projection, draws_later=program.backend.is_compiled and is_plain(projection))
            fill_projection(projection, drawn)
            if drawn.undrawn is not None:
                undrawn[projection.path] = drawn.undrawn
            del drawn  # packing gives up what it has copied
        program.backend.hold(program, bundle, undrawn)
    fit_histories(populations)
    for population in populations:
        set_initial(population)
        put_tables(population)
        reset_population(population)
    for monitor in program.monitors.values():
        _begin(monitor)


def add_recorder(monitor: Recorder) -> None:
    """Let a monitor belong to its network, which may be compiled."""
    monitor.program.add_monitor(monitor)
    if monitor.program.compiled:
        monitor.program.state.add(recorder_slots(monitor))
        _begin(monitor)


def record_more(monitor: Recorder, variables: tuple[str, ...]) -> None:
    """Let a monitor record other variables beside its own, which it can; from now on, if it is recording."""
    program = monitor.program
    with program.lock:
        monitor.variables += variables
        program.changes += 1
        if program.compiled:
            program.state.add(slot for slot in recorder_slots(monitor) if slot.path not in program.state)
            monitor.begin_intervals(variables)


def _begin(monitor: Recorder) -> None:
    monitor.begin()
    write_beside(monitor)


def begin_again(
    runner: Runner,
    populations: bool,
    projections: bool,
    synapses: bool,
    monitors: bool,
    reseed_rng: bool,
    parameters: bool,
) -> None:
    """Go back to time 0; see :meth:`Network.reset`."""
    program = runner.program
    refuse_lost(program)
    with program.lock, program.whole("reset()"):
        state = program.state
        if state.broken:  # no value can be trusted: everything is made anew from the definitions
            populations = synapses = monitors = reseed_rng = parameters = True
            restore_definitions(program)
            state.broken = ""
        program.write(names.STEP, 0)
        if reseed_rng:
            program.write(names.DRAWS, program.value(names.DRAWS_AT_COMPILE))
            runner.restart_generator()
        else:
            program.next_trial()
        if synapses:
            for projection in program.projections.values():
                wire_anew(projection, wire(projection))
            fit_histories(program.populations.values())
            runner.derived.follow()  # what can't be made is found out here
        for projection in program.projections.values():
            if projections or synapses:
                reset_projection(projection, parameters)
            else:
                forget_events(projection)
        for population in program.populations.values():
            if populations:
                reset_population(population, parameters)
            else:
                forget_history(population)
        for monitor in program.monitors.values() if monitors else ():
            monitor.drop()


def made_ready(runner: Runner) -> None:
    """Derive what follows from the values of a whole network, which have just been replaced."""
    runner.restore_generator()
    for monitor in runner.program.monitors.values():
        monitor.loaded()
    fit_histories(runner.program.populations.values())
    runner.derived.follow()


def component_made_ready(runner: Runner, component: Neurons | Synapses) -> None:
    """Derive what follows from the values of one component, which have just been replaced."""
    fit_histories([component.pre, component.post] if isinstance(component, Synapses) else [component])
    runner.derived.follow()
