"""Initial values: at compile, at ``reset``, and for what a load can't keep.

Called by ``network/compiling.py``, :class:`Network` and ``files.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engram.errors import InvalidArgument
from engram.ir.spec import LAST_SLOTS
from engram.network.histories import forget_history
from engram.network.lifting import form_at_start
from engram.network.synapses import put_connectivity
from engram.state.distributions import Distribution
from engram.state.slots import Layout
from engram.state.streams import Stream

if TYPE_CHECKING:
    from engram.ir.spec import Attribute
    from engram.network.network import Network
    from engram.network.population import Population
    from engram.network.projection import Projection
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
KEPT_ON_RESET = ("init/", "internal/rate/window", "enabled")


def set_initial(population: Population) -> None:
    """Fill the slots ``init/...`` of a population."""
    state, path = population._network._state, population._path
    for name, value in population._initial_values().items():
        slot = state.slot(f"{path}/init/{name}")
        state.put(slot.with_shape(value.shape), value)
    if f"{path}/refractory" in state:
        state[f"{path}/refractory"][...] = population._refractory_ms()
    if population.is_spiking:
        state[f"{path}/internal/rate/window"][...] = population._rate_window
    state[f"{path}/enabled"][...] = population._enabled


def restore_definitions(network: Network) -> None:
    """Give the slots from which ``reset`` restores the values that the user's definitions say."""
    state = network._state
    state["network/seed"][...] = network._first_seed
    for name, value in network._constants.items():
        state[f"network/constants/{name}"][...] = value
    for population in network._populations.values():
        set_initial(population)
    for projection in network._projections.values():
        _set_switches(projection)


def reset_population(population: Population) -> None:
    """Give a population its initial values: attributes from ``init``, nothing in flight, nobody at rest."""
    state, path = population._network._state, population._path
    for attribute in population._spec.attributes:
        state[f"{path}/{attribute.name}"][...] = state[f"{path}/init/{attribute.name}"]
    forget_history(population)
    for slot in state.slots().values():
        is_other = slot.layout is not Layout.PLAIN or slot.name.startswith(KEPT_ON_RESET)
        if slot.owner == path and slot.hidden and not is_other:
            state[slot.path][...] = NEVER if slot.name == "last_spike" else 0


def fill_projection(projection: Projection, drawn: Wired) -> None:
    """Put connectivity, weights and initial values of synaptic attributes into the tree."""
    put_connectivity(projection, drawn.connectivity)
    _put_weights(projection, drawn)
    reset_projection(projection, first=True)
    _set_switches(projection)


def _set_switches(projection: Projection) -> None:
    """Set flags and learning period to what the user said before compile."""
    state, path = projection._network._state, projection._path
    for flag, value in projection._flags.items():
        if f"{path}/{flag}" in state:
            state[f"{path}/{flag}"][...] = value
    for name, steps in projection._learning.items():
        state[f"{path}/{name}"][...] = steps


def redraw_projection(projection: Projection, drawn: Wired) -> None:
    """Put synapses into the tree that were drawn again; what the user switched stays as it is."""
    put_connectivity(projection, drawn.connectivity)
    _put_weights(projection, drawn)
    state, path = projection._network._state, projection._path
    for attribute in projection._spec.attributes:
        name = f"{path}/{attribute.name}"
        if attribute.name == "w" or attribute.locality != "local":
            continue
        initial = state[f"{path}/init/{attribute.name}"]
        if initial.shape != ():  # one per synapse: drawn again as well
            initial = _first_value(projection, attribute, {})
            state.put(state.slot(f"{path}/init/{attribute.name}").with_shape(initial.shape), initial)
        shape = form_at_start(projection, attribute.name, drawn.connectivity.n_syn, drawn.connectivity.delay_steps)
        values = np.full(shape, initial, state[name].dtype)
        state.put(state.slot(name).with_shape(values.shape), values)
    if LAST_SLOTS["pre"] in projection._spec.last_slots:
        slot = state.slot(f"{path}/{LAST_SLOTS['pre']}")
        shape = form_at_start(projection, slot.name, drawn.connectivity.n_syn, drawn.connectivity.delay_steps)
        state.put(slot.with_shape(shape), np.full(shape, NEVER, np.int64))


def _put_weights(projection: Projection, drawn: Wired) -> None:
    state, path = projection._network._state, projection._path
    slot, attribute = state.slot(f"{path}/w"), projection._spec.attribute("w")
    weights = _assigned_weights(projection, drawn.weights).astype(slot.dtype, copy=False)
    if attribute is not None and attribute.locality != "local":
        if (weights != weights.flat[0]).any() if weights.size else False:
            raise InvalidArgument(f"{path}/w is {attribute.locality}: its weights can't differ from synapse to synapse")
        weights = np.full(slot.shape, weights.flat[0] if weights.size else 0, slot.dtype)
    state.put(slot.with_shape(weights.shape), weights)


def _first_value(projection: Projection, attribute: Attribute, known: dict[str, np.ndarray]) -> np.ndarray:
    """Return an initial value as the definitions say."""
    value = projection._default(attribute, known)
    if isinstance(value, Distribution):
        number = [a.name for a in projection._spec.attributes].index(attribute.name)
        value = projection._drawn(attribute, value, Stream.INITIAL, number)
    return value.astype(projection._dtype(attribute.type))


def _assigned_weights(projection: Projection, drawn: np.ndarray) -> np.ndarray:
    """Return the connector's weights, or what the user assigned to ``w`` before compile."""
    value, attribute = projection._initial.get("w"), projection._spec.attribute("w")
    if value is None or attribute is None:
        return drawn
    if isinstance(value, Distribution):
        number = [a.name for a in projection._spec.attributes].index("w")
        return projection._drawn(attribute, value, Stream.INITIAL, number).astype(drawn.dtype)
    return np.full_like(drawn, value)


def reset_projection(projection: Projection, first: bool = False) -> None:
    """Give synaptic attributes other than ``w`` their initial values, and forget all events."""
    state, path = projection._network._state, projection._path
    known: dict[str, np.ndarray] = {}
    for attribute in projection._spec.attributes:
        if attribute.name == "w":
            continue
        target, initial = f"{path}/{attribute.name}", f"{path}/init/{attribute.name}"
        if first:
            value = _first_value(projection, attribute, known)
            state.put(state.slot(initial).with_shape(value.shape), value)
        state[target][...] = known[attribute.name] = state[initial]
    forget_events(projection)


def forget_events(projection: Projection) -> None:
    """Set the steps of last events to long ago."""
    state = projection._network._state
    for name in LAST_SLOTS.values():
        if f"{projection._path}/{name}" in state:
            state[f"{projection._path}/{name}"][...] = NEVER


def initial_value(network: Network, path: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return the initial value of a slot of a projection whose number of synapses has changed."""
    owner, name = path.rsplit("/", 1)
    state = network._state
    if name in LAST_SLOTS.values():
        return np.full(shape, NEVER, np.int64)
    value = state[f"{owner}/init/{name}"] if f"{owner}/init/{name}" in state else np.zeros((), state.slot(path).dtype)
    # One value per synapse has no counterpart among the new synapses, and any other choice would be invented.
    return np.full(shape, value if value.shape == () else 0, value.dtype)
