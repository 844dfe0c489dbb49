"""Initial values: at compile, at ``reset``, and for what a load can't keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engram.errors import InvalidArgument
from engram.program.beside import write_beside
from engram.program.histories import forget_history
from engram.program.in_flight import forget_flights
from engram.program.lifting import form_at_start
from engram.program.limits import check_limit
from engram.program.listed import keep_at_start
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.recorded_synapses import drop_recorded
from engram.program.rest import check_drawn_rest
from engram.program.synapses import Synapses
from engram.program.wired import put_connectivity
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.slots import OnReset
from engram.state.streams import Stream

if TYPE_CHECKING:
    from engram.ir.spec import Attribute
    from engram.state.slots import Slot
    from engram.wiring.connect import Wired

__all__ = [
    "fill_projection",
    "forget_events",
    "initial_value",
    "reset_population",
    "reset_projection",
    "restore_definitions",
    "set_initial",
    "wire_anew",
]

NEVER = -10000  # the step of events that did not happen
PLAIN = {OnReset.ZERO: 0, OnReset.NEVER: NEVER}


def set_initial(population: Neurons) -> None:
    """Fill the slots ``init/...`` of a population."""
    state = population.program.state
    for name, value in population.initial_values().items():
        check_limit(population, name, value)
        slot = state.slot(population.place(names.initial(name)))
        state.put(slot.with_shape(value.shape), value)
    if population.place(names.REFRACTORY) in state:
        periods = population.refractory_ms()
        check_drawn_rest(population, periods)
        population.write(names.REFRACTORY, periods)
    if population.is_spiking:
        population.write(names.RATE_WINDOW, population.rate_window_at_start(population.program.dt))
    _set_flags(population)


def restore_definitions(program: Program) -> None:
    """Give the slots from which ``reset`` restores the values that the user's definitions say."""
    program.write(names.SEED, program.first_seed)
    for name in program.slot_constants:
        program.write(names.constant(name), program.constants[name])
    for population in program.populations.values():
        set_initial(population)
    for projection in program.projections.values():
        _set_switches(projection)


def reset_population(population: Neurons, parameters: bool = True) -> None:
    """Give a population its initial values: attributes from ``init``, nothing in flight, nobody at rest.

    Args:
        parameters: these, too; otherwise variables alone.
    """
    state = population.program.state
    kept = set() if parameters else set(population.parameters)
    for slot in state.of(population.path):
        if slot.on_reset is OnReset.INITIAL and slot.name not in kept:
            state.write(slot.path, population.value(names.initial(slot.name)))
    forget_history(population)  # values of the past become those that were just set
    for slot in state.of(population.path):
        if slot.on_reset in PLAIN:
            state.write(slot.path, PLAIN[slot.on_reset])


def fill_projection(projection: Synapses, drawn: Wired) -> None:
    """Put connectivity, weights and initial values of synaptic attributes into the tree."""
    put_connectivity(projection, drawn.connectivity)
    write_beside(projection)
    _put_weights(projection, drawn)
    keep_at_start(projection, drawn)
    state = projection.program.state
    known: dict[str, np.ndarray] = {}
    for attribute in projection.spec.attributes:
        if attribute.name == names.WEIGHT:
            continue
        value = known[attribute.name] = _first_value(projection, attribute, known)
        state.put(state.slot(projection.place(names.initial(attribute.name))).with_shape(value.shape), value)
        if attribute.locality == "local":
            _begin(projection, attribute.name, drawn, value)
        else:
            projection.write(attribute.name, value)
    _forget_arrivals(projection, drawn)
    forget_events(projection)
    _set_switches(projection)


def _set_switches(projection: Synapses) -> None:
    """Set flags and learning period to what the user said before compile."""
    _set_flags(projection)
    for name, steps in projection.learning_at_start(projection.program.dt).items():
        projection.write(name, steps)


def _set_flags(component: Neurons | Synapses) -> None:
    for flag, value in component.draft.flags.items():
        if component.place(flag) in component.program.state:
            component.write(flag, value)


def wire_anew(projection: Synapses, drawn: Wired) -> None:
    """Put synapses into the tree that were drawn again; what the user switched stays as it is."""
    forget_flights(projection)
    drop_recorded(projection)
    put_connectivity(projection, drawn.connectivity)
    _put_weights(projection, drawn)
    keep_at_start(projection, drawn)
    state = projection.program.state
    known: dict[str, np.ndarray] = {}
    for attribute in projection.spec.attributes:
        if attribute.name == names.WEIGHT:
            continue
        of_initial = state.slot(projection.place(names.initial(attribute.name)))
        initial = state[of_initial.path]
        if attribute.locality == "local":
            if initial.shape != ():  # one per synapse: drawn again as well
                initial = _first_value(projection, attribute, known)
                state.put(of_initial.with_shape(initial.shape), initial)
            _begin(projection, attribute.name, drawn, initial)
        known[attribute.name] = initial
    _forget_arrivals(projection, drawn)


def _begin(projection: Synapses, name: str, drawn: Wired, value: np.ndarray | int) -> None:
    """Give a value of the synapses that were drawn the form and the numbers with which it begins."""
    state = projection.program.state
    slot = state.slot(projection.place(name))
    shape = form_at_start(projection, name, drawn.connectivity.n_syn, drawn.connectivity.delay_steps)
    state.put(slot.with_shape(shape), np.full(shape, value, slot.dtype))


def _forget_arrivals(projection: Synapses, drawn: Wired) -> None:
    """Let no presynaptic spike have arrived at the synapses that were drawn."""
    state = projection.program.state
    if names.LAST_PRE in projection.spec.last_slots:
        slot = state.slot(projection.place(names.LAST_PRE))
        _begin(projection, slot.name, drawn, _no_event(slot, state.step))


def _put_weights(projection: Synapses, drawn: Wired) -> None:
    state, attribute = projection.program.state, projection.spec.attribute(names.WEIGHT)
    slot = state.slot(projection.place(names.WEIGHT))
    weights = _assigned_weights(projection, drawn.weights).astype(slot.dtype, copy=False)
    if attribute is not None and attribute.locality != "local":
        if (weights != weights.flat[0]).any() if weights.size else False:
            what = f"{projection.called(names.WEIGHT)} is {attribute.locality}, and the weights of its connector differ"
            flag = "projection" if attribute.locality == "global" else "postsynaptic"
            advice = f"give the connector one number, or take the flag :{flag} off {names.WEIGHT} in the synapse."
            raise InvalidArgument(f"{what}\n  help: {advice}")
        weights = np.full(slot.shape, weights.flat[0] if weights.size else 0, slot.dtype)
    state.put(slot.with_shape(weights.shape), weights)


def _first_value(projection: Synapses, attribute: Attribute, known: dict[str, np.ndarray]) -> np.ndarray:
    """Return an initial value as the definitions say."""
    value = projection.default(attribute, known)
    if isinstance(value, Distribution):
        value = _drawn_start(projection, attribute, value)
    value = projection.rounded(attribute, value)
    check_limit(projection, attribute.name, value)
    return value


def _drawn_start(projection: Synapses, attribute: Attribute, value: Distribution) -> np.ndarray:
    number = [a.name for a in projection.spec.attributes].index(attribute.name)
    law = projection.same_draws(names.initial(attribute.name), value)
    return projection.drawn(attribute, law, Stream.INITIAL, number)


def _assigned_weights(projection: Synapses, drawn: np.ndarray) -> np.ndarray:
    """Return the connector's weights, or what the user assigned to ``w`` before compile."""
    attribute = projection.spec.attribute(names.WEIGHT)
    if names.WEIGHT not in projection.draft.values or attribute is None:
        return drawn
    value = projection.default(attribute, {})
    if isinstance(value, Distribution):
        return _drawn_start(projection, attribute, value).astype(drawn.dtype)
    return np.full_like(drawn, projection.rounded(attribute, value))


def reset_projection(projection: Synapses, parameters: bool = True) -> None:
    """Give synaptic attributes other than ``w``, or variables alone, their initial values, and forget all events."""
    for attribute in projection.spec.attributes:
        if attribute.name != names.WEIGHT and (parameters or attribute.is_variable):
            projection.write(attribute.name, projection.value(names.initial(attribute.name)))
    forget_events(projection)


def forget_events(projection: Synapses) -> None:
    """Let nothing have happened at the synapses: their values hold from now on."""
    state = projection.program.state
    for name in projection.spec.last_slots:
        projection.write(name, _no_event(state.slot(projection.place(name)), state.step))


def _no_event(slot: Slot, step: int) -> int:
    """The step of the last event where there has been none."""
    return step if slot.on_reset is OnReset.NOW else NEVER


def initial_value(program: Program, path: str, shape: tuple[int, ...], step: int) -> np.ndarray:
    """Return the initial value of a slot of a projection whose number of synapses has changed.

    Args:
        step: the present one when all is done.
    """
    state = program.state
    slot = state.slot(path)
    if slot.on_reset in (OnReset.NEVER, OnReset.NOW):
        return np.full(shape, _no_event(slot, step), np.int64)
    initial = f"{slot.owner}/{names.initial(slot.name)}"
    value = state[initial] if initial in state else np.zeros((), slot.dtype)
    # One value per synapse has no counterpart among the new synapses, and any other choice would be invented.
    return np.full(shape, value if value.shape == () else 0, value.dtype)
