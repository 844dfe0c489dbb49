"""Initial values: at compile, at ``reset``, and for what a load can't keep.

Called by ``network/compiling.py``, :class:`Network` and ``files.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engram.errors import InvalidArgument
from engram.network.histories import forget_history
from engram.network.lifting import form_at_start
from engram.network.listed import keep_at_start, refuse_lost
from engram.network.parts import write_parts
from engram.network.synapses import put_connectivity
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.slots import OnReset
from engram.state.streams import Stream

if TYPE_CHECKING:
    from engram.ir.spec import Attribute
    from engram.network.network import Network
    from engram.network.population import Population
    from engram.network.projection import Projection
    from engram.state.slots import Slot
    from engram.wiring.connect import Wired

__all__ = [
    "fill_projection",
    "forget_events",
    "initial_value",
    "redraw_projection",
    "reset_population",
    "reset_projection",
    "restore_definitions",
    "set_initial",
]

NEVER = -10000  # the step of events that did not happen
PLAIN = {OnReset.ZERO: 0, OnReset.NEVER: NEVER}


def set_initial(population: Population) -> None:
    """Fill the slots ``init/...`` of a population."""
    state = population._network._state
    for name, value in population._initial_values().items():
        population._check_limit(name, value)
        slot = state.slot(population._place(names.initial(name)))
        state.put(slot.with_shape(value.shape), value)
    if population._place(names.REFRACTORY) in state:
        population._write(names.REFRACTORY, population._refractory_ms())
    if population.is_spiking:
        population._write(names.RATE_WINDOW, population._rate_window_at_start(population._network.dt))
    population._write(names.ENABLED, population._draft.enabled)


def restore_definitions(network: Network) -> None:
    """Give the slots from which ``reset`` restores the values that the user's definitions say."""
    refuse_lost(network)
    network._write(names.SEED, network._first_seed)
    for name in network._slot_constants:
        network._write(names.constant(name), network._constants[name])
    for population in network._populations.values():
        set_initial(population)
    for projection in network._projections.values():
        _set_switches(projection)


def reset_population(population: Population) -> None:
    """Give a population its initial values: attributes from ``init``, nothing in flight, nobody at rest."""
    state = population._network._state
    for slot in state.of(population._path):
        if slot.on_reset is OnReset.INITIAL:
            state.write(slot.path, population._value(names.initial(slot.name)))
    forget_history(population)  # values of the past become those that were just set
    for slot in state.of(population._path):
        if slot.on_reset in PLAIN:
            state.write(slot.path, PLAIN[slot.on_reset])


def fill_projection(projection: Projection, drawn: Wired) -> None:
    """Put connectivity, weights and initial values of synaptic attributes into the tree."""
    put_connectivity(projection, drawn.connectivity)
    write_parts(projection)
    _put_weights(projection, drawn)
    keep_at_start(projection, drawn)
    state = projection._network._state
    known: dict[str, np.ndarray] = {}
    for attribute in projection._spec.attributes:
        if attribute.name == names.WEIGHT:
            continue
        value = known[attribute.name] = _first_value(projection, attribute, known)
        state.put(state.slot(projection._place(names.initial(attribute.name))).with_shape(value.shape), value)
        if attribute.locality == "local":
            _begin(projection, attribute.name, drawn, value)
        else:
            projection._write(attribute.name, value)
    _forget_arrivals(projection, drawn)
    forget_events(projection)
    _set_switches(projection)


def _set_switches(projection: Projection) -> None:
    """Set flags and learning period to what the user said before compile."""
    for flag, value in projection._draft.flags.items():
        if projection._place(flag) in projection._network._state:
            projection._write(flag, value)
    for name, steps in projection._learning_at_start(projection._network.dt).items():
        projection._write(name, steps)


def redraw_projection(projection: Projection, drawn: Wired) -> None:
    """Put synapses into the tree that were drawn again; what the user switched stays as it is."""
    put_connectivity(projection, drawn.connectivity)
    _put_weights(projection, drawn)
    keep_at_start(projection, drawn)
    state = projection._network._state
    known: dict[str, np.ndarray] = {}
    for attribute in projection._spec.attributes:
        if attribute.name == names.WEIGHT:
            continue
        of_initial = state.slot(projection._place(names.initial(attribute.name)))
        initial = state[of_initial.path]
        if attribute.locality == "local":
            if initial.shape != ():  # one per synapse: drawn again as well
                initial = _first_value(projection, attribute, known)
                state.put(of_initial.with_shape(initial.shape), initial)
            _begin(projection, attribute.name, drawn, initial)
        known[attribute.name] = initial
    _forget_arrivals(projection, drawn)


def _begin(projection: Projection, name: str, drawn: Wired, value: np.ndarray | int) -> None:
    """Give a value of the synapses that were drawn the form and the numbers with which it begins."""
    state = projection._network._state
    slot = state.slot(projection._place(name))
    shape = form_at_start(projection, name, drawn.connectivity.n_syn, drawn.connectivity.delay_steps)
    state.put(slot.with_shape(shape), np.full(shape, value, slot.dtype))


def _forget_arrivals(projection: Projection, drawn: Wired) -> None:
    """Let no presynaptic spike have arrived at the synapses that were drawn."""
    state = projection._network._state
    if names.LAST_PRE in projection._spec.last_slots:
        slot = state.slot(projection._place(names.LAST_PRE))
        _begin(projection, slot.name, drawn, _no_event(slot, state.step))


def _put_weights(projection: Projection, drawn: Wired) -> None:
    state, attribute = projection._network._state, projection._spec.attribute(names.WEIGHT)
    slot = state.slot(projection._place(names.WEIGHT))
    weights = _assigned_weights(projection, drawn.weights).astype(slot.dtype, copy=False)
    if attribute is not None and attribute.locality != "local":
        if (weights != weights.flat[0]).any() if weights.size else False:
            raise InvalidArgument(
                f"{slot.path} is {attribute.locality}: its weights can't differ from synapse to synapse"
            )
        weights = np.full(slot.shape, weights.flat[0] if weights.size else 0, slot.dtype)
    state.put(slot.with_shape(weights.shape), weights)


def _first_value(projection: Projection, attribute: Attribute, known: dict[str, np.ndarray]) -> np.ndarray:
    """Return an initial value as the definitions say."""
    value = projection._default(attribute, known)
    if isinstance(value, Distribution):
        value = _drawn_start(projection, attribute, value)
    value = projection._rounded(attribute, value)
    projection._check_limit(attribute.name, value)
    return value


def _drawn_start(projection: Projection, attribute: Attribute, value: Distribution) -> np.ndarray:
    number = [a.name for a in projection._spec.attributes].index(attribute.name)
    law = projection._same_draws(names.initial(attribute.name), value)
    return projection._drawn(attribute, law, Stream.INITIAL, number)


def _assigned_weights(projection: Projection, drawn: np.ndarray) -> np.ndarray:
    """Return the connector's weights, or what the user assigned to ``w`` before compile."""
    attribute = projection._spec.attribute(names.WEIGHT)
    if names.WEIGHT not in projection._draft.values or attribute is None:
        return drawn
    value = projection._default(attribute, {})
    if isinstance(value, Distribution):
        return _drawn_start(projection, attribute, value).astype(drawn.dtype)
    return np.full_like(drawn, projection._rounded(attribute, value))


def reset_projection(projection: Projection) -> None:
    """Give synaptic attributes other than ``w`` their initial values, and forget all events."""
    for attribute in projection._spec.attributes:
        if attribute.name != names.WEIGHT:
            projection._write(attribute.name, projection._value(names.initial(attribute.name)))
    forget_events(projection)


def forget_events(projection: Projection) -> None:
    """Let nothing have happened at the synapses: their values hold from now on."""
    state = projection._network._state
    for name in projection._spec.last_slots:
        projection._write(name, _no_event(state.slot(projection._place(name)), state.step))


def _no_event(slot: Slot, step: int) -> int:
    """The step of the last event where there has been none."""
    return step if slot.on_reset is OnReset.NOW else NEVER


def initial_value(network: Network, path: str, shape: tuple[int, ...], step: int) -> np.ndarray:
    """Return the initial value of a slot of a projection whose number of synapses has changed.

    Args:
        step: the present one when all is done.
    """
    state = network._state
    slot = state.slot(path)
    if slot.on_reset in (OnReset.NEVER, OnReset.NOW):
        return np.full(shape, _no_event(slot, step), np.int64)
    initial = f"{slot.owner}/{names.initial(slot.name)}"
    value = state[initial] if initial in state else np.zeros((), slot.dtype)
    # One value per synapse has no counterpart among the new synapses, and any other choice would be invented.
    return np.full(shape, value if value.shape == () else 0, value.dtype)
