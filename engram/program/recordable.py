"""What monitors can record: one row for each kind of quantity, the first that knows a name.

In: a population, or a projection, and the name of what a user would like to record. Out: its row, which says who may,
where its values stand, what they are like, and when in a step they are taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engram.errors import EngramError, InvalidArgument
from engram.program.neurons import Neurons
from engram.program.synapses import Synapses
from engram.state import names
from engram.telling import told

__all__ = [
    "QUANTITIES",
    "Quantity",
    "Sample",
    "beside_samples",
    "counts_synapses",
    "events_and_sums",
    "locality_of",
    "quantity_of",
    "recordable",
]

COUNT = names.NB_SYNAPSES  # of a projection: how many synapses it has

Sample = tuple[tuple[int, ...], np.dtype[Any]]  # the shape and the dtype of what is taken at one time


@dataclass(frozen=True)
class Quantity:
    """A kind of quantity.

    Args:
        knows: whether a name means it.
        refusal: why a population, or a projection, has none of that name; None if it has.
        source: the slot below the population with its values; of events the list of them.
        sample: what is taken of the whole population at one time, or what of synapses is a row; None: events.
        is_early: whether it is taken before the neurons' update, as inputs are, or at a step's end.
    """

    knows: Callable[[str], bool]
    refusal: Callable[[Any, str], EngramError | None]
    source: Callable[[str], str]
    sample: Callable[[Any, str], Sample] | None
    is_early: Callable[[Any, str], bool]


def _no_spikes(population: Neurons, name: str) -> EngramError | None:
    if population.is_spiking:
        return None
    what = f"population {population.name!r} is rate-coded and has no spikes to record"
    return InvalidArgument(f"{what}\n  help: its output is a rate: net.monitor(net[{population.name!r}], 'r').")


def _no_axon_spikes(population: Neurons, name: str) -> EngramError | None:
    if population.spec.has_axon_spike:
        return None
    advice = "give its neurons axon_spike='v > ...'."
    return InvalidArgument(f"population {population.name!r} has no axonal spikes to record\n  help: {advice}")


def _no_input(population: Neurons, name: str) -> EngramError | None:
    target = _target(name)
    if target in population.summed:
        return None
    what = f"population {population.name!r} has no rate-coded input {target!r}"
    return InvalidArgument(f"{what}\n  help: connect something to it first, or read it in the equations.")


def _no_variable(whom: Neurons | Synapses, name: str) -> EngramError | None:
    attribute = whom.spec.attribute(name)
    if attribute is None and isinstance(whom, Synapses) and name in ("spike", "axon_spike"):
        advice = f"record those of its neurons: net.monitor(net[{whom.pre.name!r}], {name!r})."
        return InvalidArgument(f"projection {whom.name!r} has no spikes of its own\n  help: {advice}")
    if attribute is None:
        others = events_and_sums(whom)
        return whom.unknown(name, others, known=[*whom.variables, *others])
    if attribute.is_variable or names.pre_of(name) in beside_samples(
        whom, name
    ):  # what comes and goes is recorded, too
        return None
    return InvalidArgument(
        f"{name!r} is a parameter of {whom.kind} {whom.name!r}; only variables can be recorded\n"
        f"  help: no equation changes it: read {whom.name}.{name}, or keep it in the callback that sets it."
    )


def events_and_sums(whom: Neurons | Synapses) -> list[str]:
    """Return what can be recorded of a population, or a projection, beside its variables."""
    if isinstance(whom, Synapses):
        varying = (one.name for one in whom.spec.attributes if names.pre_of(one.name) in beside_samples(whom, one.name))
        return [COUNT, *(name for name in varying if name not in whom.variables)]
    events = [("spike", whom.is_spiking), ("axon_spike", whom.spec.has_axon_spike)]
    return [*(name for name, is_there in events if is_there), *(f"sum({t})" for t in whom.summed)]


def _target(name: str) -> str:
    """The target of ``sum(target)``."""
    return name[4:-1]


def _sample_of_input(population: Neurons, name: str) -> Sample:
    return population.geometry, population.dtype("float")


def _sample_of_variable(population: Neurons, name: str) -> Sample:
    attribute = population.spec.attribute(name)
    assert attribute is not None, "there is no such variable"
    return population.shape(attribute), population.dtype(attribute.type)


def _row_of_synapses(projection: Synapses, name: str) -> Sample:
    return (), projection.dtype(projection.attribute(name).type)


QUANTITIES = (
    Quantity("spike".__eq__, _no_spikes, lambda _: names.HISTORY, None, lambda *_: False),
    Quantity("axon_spike".__eq__, _no_axon_spikes, lambda _: names.AXON, None, lambda *_: False),
    Quantity(
        lambda name: name.startswith("sum(") and name.endswith(")"),
        _no_input,
        lambda name: names.sum_of(_target(name)),
        _sample_of_input,
        lambda *_: True,
    ),
)
"""What can be recorded of a population beside its variables; no name is known to two rows."""

OF_NEURONS = Quantity(
    lambda _: True,
    _no_variable,
    lambda name: name,
    _sample_of_variable,
    lambda population, name: name in population.spec.conductances,
)
"""All else that can be recorded of a population."""

OF_COUNT = Quantity(
    COUNT.__eq__, lambda *_: None, lambda _: names.ROW_START, lambda *_: ((), np.dtype(np.int64)), lambda *_: False
)
"""The number of synapses: where the last row ends."""

OF_SYNAPSES = Quantity(lambda _: True, _no_variable, lambda name: name, _row_of_synapses, lambda *_: False)
"""All else that can be recorded of a projection."""


def counts_synapses(whom: Neurons | Synapses, name: str) -> bool:
    """Whether a name means the number of synapses of a projection."""
    return OF_COUNT.knows(name) and isinstance(whom, Synapses) and whom.spec.attribute(name) is None


def locality_of(projection: Synapses, name: str) -> str:
    """Return what a recorded quantity of a projection has one value per: see ``Attribute.locality``."""
    return "global" if counts_synapses(projection, name) else projection.attribute(name).locality


def beside_samples(whom: Neurons | Synapses, name: str) -> tuple[str, ...]:
    """Return the records, below a monitor, that say of which synapses the samples of a quantity are.

    There are some where rules let synapses come and go, so that two samples may be of others: how many each neuron had,
    and from which neurons they came.
    """
    if not isinstance(whom, Synapses) or not whom.spec.has_rules:
        return ()
    locality = locality_of(whom, name)
    found = (names.per_post(name), names.pre_of(name))
    return found if locality == "local" else found[:1] if locality == "semiglobal" else ()


def quantity_of(whom: Neurons | Synapses, name: str) -> Quantity:
    """Return the row of what a name means."""
    if isinstance(whom, Neurons):
        return next((row for row in QUANTITIES if row.knows(name)), OF_NEURONS)
    return OF_COUNT if counts_synapses(whom, name) else OF_SYNAPSES


def recordable(whom: Neurons | Synapses, name: object) -> Quantity:
    """Return the row of what is to be recorded of a population or projection.

    Raises:
        EngramError: if it has nothing of that name.
    """
    if not isinstance(name, str):
        raise InvalidArgument(
            f"monitor of {whom.name!r}: expected names of variables, got {told(name)}"
            "\n  help: net.monitor(pop, ['v', 'spike'])."
        )
    row = quantity_of(whom, name)
    if (refusal := row.refusal(whom, name)) is not None:
        raise refusal
    return row
