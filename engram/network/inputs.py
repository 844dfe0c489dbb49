"""Populations that bring something into a network from outside: rates that are set, spikes that are drawn or given.

Their neurons stand in ``models/inputs.py``, what they have in common in ``input.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

import engram.models.inputs as models  # as a name of the package it would be looked for among the models first
from engram.callers import checked_calls, warn
from engram.errors import InvalidArgument, UnknownAttribute
from engram.network.input import Geometry, Input
from engram.network.population import READY_MADE
from engram.program.given import InSteps
from engram.program.ranks import checked_geometry
from engram.program.readings import read_lists
from engram.program.trains import emitted, several, split, with_ends
from engram.program.values import as_values, reshaped
from engram.state.distributions import Distribution
from engram.telling import told

if TYPE_CHECKING:
    from engram.network.any_network import AnyNetwork

__all__ = ["InputArray", "PoissonPopulation", "SpikeSourceArray"]

Array = npt.NDArray[Any]


@checked_calls
class InputArray(Input):
    """Rates that the user sets: ``pop.r = image``; nothing else changes them.

    Args:
        geometry: number of neurons, or a tuple of sizes.
        name, network: as of :class:`Population`.
    """

    def __init__(self, geometry: Geometry, name: str | None = None, *, network: AnyNetwork | None = None) -> None:
        super().__init__(geometry, models.input_array(), {}, name, network)


@checked_calls
class PoissonPopulation(Input):
    """Neurons that spike at random, each at its rate.

    Args:
        geometry: number of neurons, or a tuple of sizes.
        name: of the population.
        rates: in Hz: a number or an array, then ``pop.rates`` can be set at any time; or an expression of ``t`` and
            ``parameters``, such as ``10.0*(1.0 + sin(2.0*pi*t/250.0))``.
        target: instead of rates: they are what arrives for this target from rate-coded populations.
        parameters: of the expression, as of :class:`Neuron`.
        refractory: in ms, as of :class:`Neuron`.
        network: as of :class:`Population`.

    Raises:
        InvalidArgument: if neither rates nor a target are given, or both.
    """

    def __init__(
        self,
        geometry: Geometry,
        name: str | None = None,
        rates: Any = None,
        target: str | None = None,
        parameters: Any = None,
        refractory: Any = None,
        *,
        network: AnyNetwork | None = None,
    ) -> None:
        values: dict[str, Any] = {}
        if (rates is None) == (target is None):
            what = "PoissonPopulation needs rates in Hz, or a target" + (", not both" if target is not None else "")
            raise InvalidArgument(f"{what}\n  help: PoissonPopulation(100, rates=20.0)")
        if target is not None:
            text = f"sum({target})"
        elif isinstance(rates, str):
            text = rates
        else:
            shape = checked_geometry(geometry)
            text, values, what = "rates", {"rates": rates}, "rates of PoissonPopulation"
            if not isinstance(rates, Distribution):
                given = values["rates"] = as_values(reshaped(rates, shape, what), np.dtype(np.float64), shape, what)
                _check_rates(given, rates)
        if text == "rates" and parameters:
            advice = "parameters are for an expression: rates='base + amplitude*sin(t)'."
            raise InvalidArgument(f"PoissonPopulation: the rates read no parameters\n  help: {advice}")
        super().__init__(geometry, models.poisson(text, parameters, refractory), values, name, network)

    def _check_kept(self, values: Mapping[str, Any]) -> None:
        super()._check_kept(values)
        if "rates" in values and self._is_computed:
            what = f"the rates of PoissonPopulation {self.name!r} are computed in every step: assigning has no effect"
            raise UnknownAttribute(f"{what}\n  help: {self._fires_by()}")
        if "rates" in values and not isinstance(values["rates"], Distribution | str):
            rates = np.zeros(())
            with suppress(TypeError, ValueError):  # of what are no numbers the assignment will speak
                rates = np.asarray(values["rates"], np.float64)
            _check_rates(rates, values["rates"])

    @property
    def _is_computed(self) -> bool:
        """Whether an expression, or what arrives, says the rates."""
        rates = self._core.spec.attribute("rates")
        return rates is not None and rates.is_variable

    def _fires_by(self) -> str:
        if self._is_computed:
            return "set the parameters of the expression, or make it with numbers: PoissonPopulation(n, rates=20.0)."
        return f"{self.name}.rates = 50.0 sets the rates at which it fires, in Hz."


def _check_rates(rates: npt.NDArray[Any], given: Any) -> None:
    """Refuse rates that no neuron can spike at."""
    if not (np.isfinite(rates) & (rates >= 0.0)).all():
        raise InvalidArgument(
            f"PoissonPopulation: rates are in Hz, 0 or more, not {told(given)}"
            "\n  help: rates=20.0, one for each neuron, or a formula of t as text."
        )


@checked_calls
class SpikeSourceArray(Input):
    """Neurons that spike at given times.

    Args:
        spike_times: in ms: a list for one neuron, or one for each; rounded to steps, in each of which a neuron spikes
            at most once. A neuron with a time t spikes in step t/dt.
        name, network: as of :class:`Population`.

    Raises:
        InvalidArgument: if a time is negative, infinite or no number.
    """

    _kept: ClassVar[dict[str, str]] = dict.fromkeys(("steps", "first"), "spike_times = [...] gives other spikes.")

    def __init__(self, spike_times: Any, name: str | None = None, *, network: AnyNetwork | None = None) -> None:
        trains = several(spike_times, None)
        super().__init__(len(trains), models.spike_source_array(), _of_trains(trains), name, network)

    def _fires_by(self) -> str:
        return f"{self.name}.spike_times = [...] gives other spikes."

    @property
    def spike_times(self) -> Any:
        """Times in ms, a list for each neuron, rounded to steps once it is known how long these are.

        They can be set at any time, to lists for all neurons or for the first ones. The clock of the population goes
        on: times that are over have been. What is read are lists of now, which can't be changed.
        """
        what = f"the spike times that are read of {self.name} are copies, which would change alone"
        advice = (
            f"{self.name}.spike_times = [...] gives other spikes, add_spikes([...]) more; copy.deepcopy() is yours."
        )
        return read_lists((train.tolist() for train in self._trains()), what, advice)

    @spike_times.setter
    def spike_times(self, times: Any) -> None:
        trains = several(times, self.size)
        values = _of_trains(trains)
        if self._core.program.compiled:
            steps = values["steps"].at(self._network._core.dt)
            values["position"] = emitted(steps, values["first"][0], self.clock + 1)
            if len(steps) and (steps <= self.clock).all():
                now = (self.clock + 1) * self._network._core.dt
                what = f"all spike times are over, the next step is at {now:g} ms: no spikes will come"
                warn(f"{self.name}: {what}\n  help: {_from_now(now)}")
        self._give(values)

    def add_spikes(self, times: Any) -> None:
        """Let more spikes follow, also while the network runs.

        Args:
            times: in ms: a list for one neuron, or one for each.

        Raises:
            InvalidArgument: if a time can't be, or is over.
        """
        more, dt = several(times, self.size), self._network._core.dt
        if self._core.program.compiled:
            over = [float(t) for train in more for t in train[:1] if np.rint(t / dt) <= self.clock]
            if over:
                now = (self.clock + 1) * dt
                what = f"the time {min(over):g} ms is over: the next step is at {now:g} ms"
                raise InvalidArgument(f"{self.name}: {what}\n  help: {_from_now(now)}")
        self.spike_times = [np.concatenate(pair) for pair in zip(self._trains(), more, strict=True)]

    def _trains(self) -> list[Array]:
        """Return the times of each neuron in ms: as they were given, until it is known how long steps are."""
        draft = self._core.draft.values.get("steps")
        if isinstance(draft, InSteps):
            return split(draft.ms, self.get("first")[0])
        return [train * self._network._core.dt for train in split(self.get("steps"), self.get("first")[0])]


def _from_now(now: float) -> str:
    return f"times count from compile() or reset() on: {now + 5.0:g} is 5 ms from now."


def _of_trains(trains: list[Array]) -> dict[str, Any]:
    ms, first = with_ends(trains)
    return {"steps": InSteps(ms), "first": first[np.newaxis]}


READY_MADE |= {name: globals()[name] for name in __all__}
