"""The form of what synapses remember: one value each, one per neuron of a side, or one for the whole projection.

The form is the shape of the array in the tree: (n_syn,), (n_pre, 1), (1, n_post) or (). Kernels are chosen by it; the
values that they compute are the same. Event-driven variables begin with one value per neuron where the model allows
it (``ir/lifting.py``); whoever sets them synapse by synapse sets them apart for good. What the presynaptic side's
events write can be kept per neuron only while all spikes of a neuron arrive at once, which after a change of delays
they may not do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.nodes import Index
from engram.ir.spec import LAST_SLOTS, Attribute
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.distributions import Distribution

__all__ = ["adjust_forms", "form_at_start", "forms", "lifted_shape", "lifted_side", "per_synapse", "set_apart"]

Array = npt.NDArray[Any]
AT_ONCE = 1 << 14  # synapses whose index stays in the processor's cache
SIDES = {"pre": Index.PRE, "post": Index.POST}


def lifted_shape(projection: Synapses, name: str) -> tuple[int, ...]:
    """Return the shape of a value that is kept per neuron; () if that can't be."""
    side = _sides(projection).get(name)
    if side is None:
        return ()
    return (projection.pre.size, 1) if side == "pre" else (1, projection.post.size)


def _sides(projection: Synapses) -> dict[str, str]:
    """The side whose neurons can hold a value, by its name."""
    sides = {name: side for name, side, *_ in projection.spec.liftable}
    if LAST_SLOTS["pre"] in projection.spec.last_slots:
        sides[LAST_SLOTS["pre"]] = "pre"
    return sides


def form_at_start(projection: Synapses, name: str, n_syn: int, delay_steps: Array) -> tuple[int, ...]:
    """Return the shape with which a value begins: per neuron, where no two of its synapses begin differently."""
    side = _sides(projection).get(name)
    attribute = projection.spec.attribute(name)
    is_lifted = side == "post" or (side == "pre" and delay_steps.shape == ())
    if is_lifted and (attribute is None or _begins_equal(projection, attribute)):
        return lifted_shape(projection, name)
    return (n_syn,)


def _begins_equal(projection: Synapses, attribute: Attribute) -> bool:
    value = projection.draft.values.get(attribute.name, attribute.default)
    if isinstance(value, str):  # init=U
        other = projection.spec.attribute(value)
        return other is None or _begins_equal(projection, other)
    return not isinstance(value, Distribution)


def forms(projection: Synapses, shape_of: Callable[[str], tuple[int, ...]], delays: str) -> dict[str, Index]:
    """Return what values have one element per, where that is not the synapse; kernels are chosen by it.

    Args:
        shape_of: the shape of a value, by its name.
        delays: see :func:`engram.program.wired.delay_kind`.
    """
    found: dict[str, Index] = {}
    weight = projection.spec.attribute(names.WEIGHT)
    is_local = weight is not None and weight.locality == "local"
    if is_local and shape_of(names.WEIGHT) == () and not projection.spec.is_plastic:
        found[names.WEIGHT] = Index.ONE
    last = LAST_SLOTS["pre"]
    if (
        delays != "each"
        and not projection.has_flights
        and last in projection.spec.last_slots
        and len(shape_of(last)) == 2
    ):
        found[last] = Index.PRE
    for name, side, *_ in projection.spec.liftable:
        returns_equal = shape_of(names.initial(name)) == ()  # to which reset() would set it
        if len(shape_of(name)) == 2 and returns_equal and (side == "post" or last in found):
            found[name] = SIDES[side]
    for _ in projection.spec.liftable:  # what reads one that is apart is apart, and so on
        for name, _, *others in projection.spec.liftable:
            if not found.keys() >= set(others):
                found.pop(name, None)
    return found


def set_apart(projection: Synapses, names: Iterable[str]) -> None:
    """Give some values one element per synapse."""
    state = projection.program.state
    for name in names:
        slot = state.slot(projection.place(name))
        if slot.lifted and slot.shape == slot.lifted:
            values = per_synapse(projection, name)
            state.put(slot.with_shape(values.shape), values)


def adjust_forms(projection: Synapses) -> None:
    """Set apart what is kept per neuron though the delays, or what else was loaded, no longer allow it.

    One weight for all, too, which a file of another model has brought, where the synapses change theirs.
    """
    state, weight = projection.program.state, projection.spec.attribute(names.WEIGHT)
    if weight is not None and weight.locality == "local" and projection.spec.is_plastic:
        slot = state.slot(projection.place(names.WEIGHT))
        if slot.shape == ():
            state.put(slot.with_shape((projection.n_syn,)), np.full(projection.n_syn, state[slot.path]))
    if not _sides(projection):
        return
    kind = "each" if state.slot(projection.place(names.DELAY_STEPS)).shape else "uniform"
    found = forms(projection, lambda name: state.slot(projection.place(name)).shape, kind)
    set_apart(projection, [name for name in _sides(projection) if name not in found])


def lifted_side(projection: Synapses, name: str) -> str:
    """Return the side whose neurons hold a value now: ``pre``, ``post``, or "" if no side does."""
    slot = projection.program.state.slot(projection.place(name))
    return _sides(projection)[name] if slot.lifted and slot.shape == slot.lifted else ""


def per_synapse(projection: Synapses, name: str) -> Array:
    """Return a value with one element per synapse, in canonical order; what is kept per post neuron on purpose, or is
    one number, stays as it is. A view where it stands so in the tree.
    """
    state = projection.program.state
    slot = state.slot(projection.place(name))
    values: Array = state[slot.path]
    side = lifted_side(projection, name)
    if not side:
        return values
    wiring = projection.connectivity
    if side == "post":
        return _of_columns(values[0], wiring.ranks)
    return np.repeat(values[:, 0], np.diff(wiring.row_start))


def _of_columns(values: Array, ranks: Array) -> Array:
    """Return for each synapse the value of its column; NumPy would make an index of 8 bytes for all of them first."""
    found = np.empty(len(ranks), values.dtype)
    for low in range(0, len(ranks), AT_ONCE):
        np.take(values, ranks[low : low + AT_ONCE], out=found[low : low + AT_ONCE], mode="clip")  # others need a copy
    return found
