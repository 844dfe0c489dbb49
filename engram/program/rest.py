"""Refractory periods that users set: numbers, arrays and distributions, for all neurons of a population or some.

They are given as values of attributes are: a distribution is drawn by compile, with the network's seed, or at once
afterwards; one with a generator of its own when it is given.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.program.given import Keyed, with_some
from engram.program.neurons import Neurons
from engram.program.values import as_values, reshaped
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.streams import Stream
from engram.telling import told

__all__ = ["check_drawn_rest", "name_rest", "set_rest"]

Array = npt.NDArray[Any]


def set_rest(neurons: Neurons, value: Any, ranks: Array | None = None) -> None:
    """Set the refractory periods of neurons, in ms, or none if one is wrong.

    Args:
        neurons: of the population.
        value: a number, an array, or a distribution.
        ranks: of those that get them; of all by default.

    Raises:
        InvalidArgument: if there can't be such periods, or they follow an attribute.
    """
    period = neurons.spec.refractory
    _refuse_none(neurons)
    if isinstance(period, str):
        raise InvalidArgument(f"{_title(neurons)} the attribute {period!r}\n  help: set that: pop.{period} = ...")
    if isinstance(value, str) and ranks is None:
        advice = f"name it before compile(), or in the model: refractory={told(value, 40)}."
        raise InvalidArgument(f"{_title(neurons)} in ms from compile() on, not {told(value)}\n  help: {advice}")
    with neurons.program.all_draws_or_none((value,)):
        checked = _checked(neurons, value, ranks)
    if neurons.program.compiled:
        assert isinstance(checked, np.ndarray), "distributions are drawn at once"
        neurons.program.usable()
        neurons.program.state.write(neurons.place(names.REFRACTORY), checked, ranks)
        return
    if period is None:
        neurons.define(neurons.definition.with_refractory(0.0))
    if ranks is None:
        neurons.draft.refractory_ms = checked  # type: ignore[assignment]  # no Keyed: those are of some neurons
        return
    before = neurons.draft.refractory_ms
    before = np.asarray(period or 0.0, np.float64) if before is None else before
    some = with_some(before, ranks, checked, neurons.geometry)  # type: ignore[arg-type]  # Keyed or values, as above
    neurons.draft.refractory_ms = some


def name_rest(neurons: Neurons, name: str) -> None:
    """Let the refractory periods be an attribute of the neurons, before compile."""
    _refuse_none(neurons)
    neurons.define(neurons.definition.with_refractory(name))
    neurons.draft.refractory_ms = None


def check_drawn_rest(neurons: Neurons, values: Array) -> None:
    """Refuse refractory periods that were drawn and can't be.

    Raises:
        InvalidArgument: naming the first of them.
    """
    wrong = np.flatnonzero(~(values.reshape(-1) >= 0))
    if wrong.size:
        rank = int(wrong[0])
        what = f"{neurons.called(names.REFRACTORY)}: {values.flat[rank]:g} ms was drawn for neuron {rank}"
        raise InvalidArgument(f"{what}; expected 0 or more\n  help: give the distribution a bound: min=0.0.")


def _title(neurons: Neurons) -> str:
    return f"population {neurons.name!r}: the refractory period is"


def _refuse_none(neurons: Neurons) -> None:
    """Refuse periods where the kernels of a compiled network know none, and of rate-coded neurons."""
    if neurons.spec.refractory is None and (neurons.program.compiled or not neurons.is_spiking):
        advice = "give refractory=... to the Neuron, or set it before compile()."
        advice = advice if neurons.is_spiking else "neurons with a spike condition can have one."
        raise InvalidArgument(f"{_title(neurons)} not part of the model\n  help: {advice}")


def _checked(neurons: Neurons, value: Any, ranks: Array | None) -> Array | Distribution | Keyed:
    """Return refractory periods in ms, one or one each, or what compile draws them from."""
    shape = neurons.geometry if ranks is None else np.shape(ranks)
    what = neurons.called(names.REFRACTORY)
    if ranks is not None:
        whom = f"neuron {int(ranks.flat[0])}" if ranks.size == 1 else f"{ranks.size} neurons"
        what = f"{names.REFRACTORY!r} of {whom} of population {neurons.name!r}"
    if isinstance(value, Distribution):
        if not neurons.program.compiled and value.rng is None:
            return value if ranks is None else Keyed(value, Stream.ATTRIBUTE, neurons.program.next_draw())
        drawn = neurons.draw(value, shape)
        check_drawn_rest(neurons, drawn)
        return drawn
    checked = as_values(reshaped(value, shape, what), np.dtype(np.float64), shape, what)
    if not (checked >= 0).all():
        raise InvalidArgument(
            f"{what}: expected ms, 0 or more, got {told(value)}"
            "\n  help: a number of ms, an array with one for each neuron, or eg.Uniform(1.0, 5.0)."
        )
    return checked
