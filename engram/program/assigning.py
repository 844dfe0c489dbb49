"""Assignments to the attributes of a population or projection: all of them, or none if one is wrong.

Before compile what is assigned stands in the draft; afterwards it is written into the tree, in the form that it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.ir.spec import Attribute
from engram.program.compiling import ready_for
from engram.program.component import Component
from engram.program.event_values import hold_from_now
from engram.program.given import Given, InSteps, Keyed, with_some
from engram.program.lifting import adjust_forms, per_synapse
from engram.program.limits import check_limit
from engram.program.listed import keep_weights
from engram.program.neurons import Neurons
from engram.program.reach import reach_of
from engram.program.sparse_values import is_dense, is_matrix, of_dense, of_matrix
from engram.program.step_size import caution
from engram.program.synapses import Synapses
from engram.program.tables import checked_table, put_table
from engram.program.values import refuse_flags, refuse_fractions
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.slots import Slot
from engram.state.streams import Stream
from engram.telling import told

__all__ = [
    "assign",
    "assign_all",
    "assign_some_neurons",
    "assign_to_many",
    "checked_for_some",
    "in_canonical_order",
    "put_values",
    "ready_for_shapes",
    "set_some_neurons",
]

Array = npt.NDArray[Any]
Assigned = Array | Distribution | Given | InSteps


def assign(component: Component, attribute: Attribute, value: Any) -> None:
    """Assign one attribute; see :func:`assign_all`."""
    if isinstance(value, Distribution):
        assign_all(component, {attribute.name: value})
        return
    new = _checked_values(component, attribute, value)
    caution(component, {attribute.name: new})
    _take_all(component, [(attribute, new)])


def assign_all(component: Component, values: Mapping[str, Any]) -> None:
    """Assign several attributes at once: all of them, or none if one is wrong.

    Args:
        component: a population or projection.
        values: by name, each a number, an array with one element per neuron or synapse, a distribution, or the name of
            another attribute.

    Raises:
        UnknownAttribute: if the model has no such attribute.
        InvalidArgument: if a value has the wrong shape or type, or is one that the model does not allow.
    """
    checked = []
    with component.program.all_draws_or_none(values.values()):
        for name, value in values.items():
            attribute = component.attribute(name)
            checked.append((attribute, _checked(component, attribute, value)))
        caution(component, {attribute.name: new for attribute, new in checked})
    _take_all(component, checked)


def assign_to_many(values: Iterable[tuple[Component, Mapping[str, Any]]]) -> None:
    """Assign attributes of several components of one compiled network: all of them, or none if one is wrong.

    Args:
        values: of each component once; what is wrong first is said, be it while they are given.
    """
    checked: dict[Component, list[tuple[Attribute, Assigned]]] = {}
    for component, its in values:
        attributes = [(component.attribute(name), value) for name, value in its.items()]
        checked[component] = [(one, _checked(component, one, value)) for one, value in attributes]
        caution(component, {one.name: new for one, new in checked[component]})
    for component, its_checked in checked.items():  # what can't be compiled is found before anything is written
        if isinstance(component, Synapses):
            ready_for_shapes(component, {one: new.shape for one, new in its_checked if isinstance(new, np.ndarray)})
    for component, its_checked in checked.items():
        _take_all(component, its_checked)


# -- checked -----------------------------------------------------------------------------------------------


def _checked(component: Component, attribute: Attribute, value: Any) -> Assigned:
    """Return what is assigned: values, or before compile a distribution that it draws."""
    if isinstance(value, Distribution) and not (attribute.is_table and isinstance(component, Neurons)):
        return _checked_law(component, attribute, value)
    return _checked_values(component, attribute, value)


def _checked_values(component: Component, attribute: Attribute, value: Any) -> Assigned:
    """Return the values that are assigned: numbers, lists, an array, or those of another attribute."""
    if attribute.is_table and isinstance(component, Neurons):
        return checked_table(component, attribute, value)
    if isinstance(component, Synapses):
        value = _from_lists(component, attribute, value)
    if isinstance(value, str):
        other = _other(component, attribute, value)
        value = _present(component, other) if component.program.compiled else component.given_value(other)
    is_sized = component.program.compiled or component.is_sized(attribute)
    shape = component.shape(attribute) if is_sized else ()
    new = component.held(attribute, value, shape, component.called(attribute.name))
    check_limit(component, attribute.name, new)
    return new


def _checked_law(component: Component, attribute: Attribute, law: Distribution) -> Assigned:
    """Return the values that a distribution gives, or what compile draws them from."""
    is_compiled, what = component.program.compiled, component.called(attribute.name)
    refuse_fractions(law, component.exact(attribute.type), what)
    if attribute.locality == "global":
        if not is_compiled and law.rng is None:
            return Given(Keyed(law, Stream.ATTRIBUTE, component.program.next_draw()))
        new = component.held(attribute, component.draw(law, ()), (), what)
    elif is_compiled:
        new = _drawn_now(component, attribute, law).astype(component.dtype(attribute.type))
    elif law.rng is not None and component.is_sized(attribute):
        new = component.draw(law, component.shape(attribute)).astype(component.exact(attribute.type))
    else:
        return law
    check_limit(component, attribute.name, new)
    return new


def _other(component: Component, attribute: Attribute, text: str) -> Attribute:
    """Return the attribute whose values are assigned."""
    if not text.isidentifier():
        called = component.called(attribute.name)
        what = f"{called}: a text names an attribute, whose values are copied, got {told(text)}"
        number = re.match(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text)
        of_values = f"write the number, {number[0].strip()}, without quotes or units." if number else "write a number."
        advice = "random values are drawn by e.g. eg.Uniform(0.0, 1.0)." if "(" in text else of_values
        if re.search(r"\bt\b", text):
            advice = f"what follows from t is an equation of the model, '{attribute.name} = {text.strip()}'."
            if attribute.name == "rates":
                advice = f"a formula is given where it is made: eg.PoissonPopulation(100, rates={told(text.strip())})."
        raise InvalidArgument(f"{what}\n  help: {advice}")
    return component.attribute(text)


def _present(component: Component, attribute: Attribute) -> Array:
    """Return the values that an attribute has, in the order of the tree."""
    return (
        per_synapse(component, attribute.name) if isinstance(component, Synapses) else component.value(attribute.name)
    )


def _drawn_now(component: Component, attribute: Attribute, distribution: Distribution) -> Array:
    """Draw one value per element for an assignment."""
    if isinstance(component, Synapses):
        component.program.usable()
        return component.drawn(attribute, distribution, Stream.ATTRIBUTE, component.program.next_draw())
    return component.draw(distribution, component.shape(attribute))


# -- taken -------------------------------------------------------------------------------------------------


def _take_all(component: Component, checked: Sequence[tuple[Attribute, Assigned]]) -> None:
    """Let attributes have what was checked: all of them, or none if kernels for it can't be compiled."""
    program = component.program
    if not program.compiled:
        component.draft.values |= {attribute.name: value for attribute, value in checked}
        return
    program.usable()
    if not isinstance(component, Synapses):
        _write(component, checked)
        return
    values = [(attribute, value) for attribute, value in checked if isinstance(value, np.ndarray)]
    with program.lock:  # a save must not see half of it
        ready_for_shapes(component, {attribute: value.shape for attribute, value in values})
        hold_from_now(component, [attribute.name for attribute, _ in values])
        for attribute, value in values:
            put_values(component, attribute, value)


def _write(component: Component, values: Sequence[tuple[Attribute, Assigned]]) -> None:
    with component.program.lock:
        for attribute, value in values:
            assert isinstance(value, np.ndarray), "after compile nothing is drawn later"
            if attribute.is_table:
                put_table(component, attribute.name, value)
            else:
                component.write(attribute.name, value)


def ready_for_shapes(synapses: Synapses, coming: Mapping[Attribute, tuple[int, ...]]) -> None:
    """Compile the kernels for the form that attributes will have; refuses what can't be, and changes nothing."""
    shapes = {a.name: shape for a, shape in coming.items() if shape not in ((), _slot(synapses, a).shape)}
    if shapes:
        ready_for(synapses, shapes)


def put_values(synapses: Synapses, attribute: Attribute, value: Array, is_new: bool = False) -> None:
    """Give an attribute another value, in the form that this needs and for which there are kernels.

    Args:
        is_new: nobody else has the array.
    """
    state, slot = synapses.program.state, _slot(synapses, attribute)
    if attribute.name == names.WEIGHT:
        keep_weights(synapses)
    if value.shape in ((), slot.shape):
        state.write(slot.path, value)
        return
    state.put(slot.with_shape(value.shape), value.astype(slot.dtype, copy=not is_new))
    adjust_forms(synapses)


def _slot(synapses: Synapses, attribute: Attribute) -> Slot:
    return synapses.program.state.slot(synapses.place(attribute.name))


# -- some neurons ------------------------------------------------------------------------------------------


def checked_for_some(neurons: Neurons, name: str, ranks: Array, value: Any) -> Array | Keyed:
    """Return what some neurons are assigned, in the shape of ``ranks`` or as one number; compile draws the rest.

    Raises:
        UnknownAttribute: if the model has no such attribute.
        InvalidArgument: if it is one for all neurons, or the value has the wrong shape or type, or is not allowed.
    """
    attribute = neurons.attribute(name)
    if attribute.is_table:
        what = f"{name!r} is a table of population {neurons.name!r}, which is given as a whole"
        raise InvalidArgument(f"{what}\n  help: pop.{name} = entries, an array with a row for each moment.")
    if attribute.locality == "global":
        what = f"{name!r} is one number for all of population {neurons.name!r}, not one for each neuron"
        raise InvalidArgument(f"{what}\n  help: pop.{name} = {told(value, 40)} sets it for all of them.")
    whom = f"neuron {int(ranks.flat[0])}" if ranks.size == 1 else f"{ranks.size} neurons"
    what = f"{name!r} of {whom} of population {neurons.name!r}"
    if isinstance(value, str):
        other = _other(neurons, attribute, value)
        copied = _present(neurons, other) if neurons.program.compiled else neurons.given_value(other)
        value = copied if other.locality == "global" or other.is_table else copied.reshape(-1)[ranks]
    if isinstance(value, Distribution):
        refuse_fractions(value, neurons.exact(attribute.type), what)
        if not neurons.program.compiled and value.rng is None:
            return Keyed(value, Stream.ATTRIBUTE, neurons.program.next_draw())
        value = neurons.draw(value, np.shape(ranks))
    values = neurons.held(attribute, value, np.shape(ranks), what)
    check_limit(neurons, name, values, ranks)
    return values


def assign_some_neurons(neurons: Neurons, name: str, ranks: Array, values: Array | Keyed) -> None:
    """Give some neurons other values of an attribute, which were checked."""
    if neurons.program.compiled:
        neurons.program.usable()
        neurons.program.state.write(neurons.place(name), values, ranks)
        return
    before, attribute = neurons.draft.values.get(name), neurons.attribute(name)
    assert not isinstance(before, InSteps), "of tables, which are given as a whole"
    if before is None and not isinstance(attribute.default, str | Distribution):
        before = np.asarray(attribute.default, neurons.exact(attribute.type))
    neurons.draft.values[name] = with_some(before, ranks, values, neurons.geometry)


def set_some_neurons(neurons: Neurons, name: str, ranks: Array, value: Any) -> Array:
    """Set an attribute of some neurons, or nothing if the value is wrong; return the values that they have now."""
    with neurons.program.all_draws_or_none((value,)):
        values = checked_for_some(neurons, name, ranks, value)
        caution(neurons, {name: values}, lambda _: ranks)
    assign_some_neurons(neurons, name, ranks, values)
    return neurons.drawn_by(values, np.shape(ranks)) if isinstance(values, Keyed) else values


# -- lists of synapses -------------------------------------------------------------------------------------


def _from_lists(synapses: Synapses, attribute: Attribute, value: Any) -> Any:
    """Return what is assigned, lists per post neuron in the order in which the tree has the values."""
    if attribute.locality == "local":
        value = in_canonical_order(synapses, synapses.called(attribute.name), value)
    if attribute.name == names.WEIGHT:
        refuse_flags(value, synapses.called(attribute.name))
    if attribute.locality == "semiglobal" and isinstance(value, list) and synapses.program.compiled:
        value = _spread(synapses, attribute, value)
    return value


def _spread(synapses: Synapses, attribute: Attribute, values: list[Any]) -> Any:
    """Spread a list with one value per post neuron that has synapses; the other neurons keep theirs."""
    ranks = reach_of(synapses).post_ranks
    if len(values) != len(ranks):
        return values
    spread = synapses.value(attribute.name).tolist()
    for rank, value in zip(ranks, values, strict=True):
        spread[rank] = value
    return spread


def _are_lists(value: Any) -> bool:
    """Say whether a value is a list per post neuron, or a 2-D array, whose rows are such."""
    if isinstance(value, np.ndarray):
        return value.ndim == 2
    return isinstance(value, list) and any(isinstance(row, list | np.ndarray) for row in value)


def in_canonical_order(synapses: Synapses, what: str, value: Any) -> Any:
    """Bring a list or row of an array for each post neuron, or a matrix, into canonical order; else ``value``.

    Raises:
        InvalidArgument: if there are not as many lists, or values in one, as synapses, or entries in other places.
    """
    if is_matrix(value):
        return of_matrix(synapses, what, value)
    if _are_lists(value):
        return _of_lists(synapses, what, value)
    if isinstance(value, list | tuple | np.ndarray) and np.ndim(value) == 1 and len(value) not in (1, synapses.n_syn):
        shape = (synapses.post.size, synapses.pre.size)
        advice = f"a number sets them all; else give a list for each post neuron, or an array {shape} (post, pre)."
        raise InvalidArgument(f"{what}: expected {synapses.n_syn} values, got {len(value)}\n  help: {advice}")
    return value


def _of_lists(synapses: Synapses, what: str, lists: list[Any] | Array) -> Array:
    reach = reach_of(synapses)
    wanted = [n for n in reach.per_post.tolist() if n]
    given = [len(row) if isinstance(row, list | tuple | np.ndarray) else "a number" for row in lists]
    if given != wanted and is_dense(synapses, lists):
        return of_dense(synapses, what, np.asarray(lists))
    if given != wanted:
        shape = (synapses.post.size, synapses.pre.size)
        raise InvalidArgument(
            f"{what}: expected {len(wanted)} lists with a value per synapse of each neuron "
            f"({wanted[:5]}{' ...' if len(wanted) > 5 else ''}), got {len(given)} lists "
            f"({given[:5]}{' ...' if len(given) > 5 else ''})\n"
            f"  help: give such lists, or an array {shape}: a row for each post neuron, a column for each pre neuron."
        )
    flat = lists.reshape(-1) if isinstance(lists, np.ndarray) else np.concatenate([np.asarray(row) for row in lists])
    return reach.in_canonical_order(flat)
