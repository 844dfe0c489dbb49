"""Populations that bring something into a network from outside: rates that are set, spikes that are drawn or given.

Each is a population of a ready-made neuron (``models/inputs.py``); what its class adds is how it is told. One that is
made without a network waits until ``net.create`` makes one like it, or the implicit network is used.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.errors import InvalidArgument, UnknownAttribute
from engram.ir.spec import Attribute
from engram.models import inputs as models
from engram.network.implicit import implicit
from engram.network.population import READY_MADE, Population
from engram.program.assigning import assign_all
from engram.program.given import InSteps
from engram.program.ranks import checked_geometry
from engram.program.tables import given_for_good
from engram.program.trains import emitted, several, split, with_ends
from engram.program.values import as_values, reshaped
from engram.state.distributions import Distribution
from engram.telling import told

if TYPE_CHECKING:
    from engram.models.definition import Neuron
    from engram.network.any_network import AnyNetwork

__all__ = ["Geometry", "Input", "InputArray", "PoissonPopulation", "SpikeSourceArray"]

Array = npt.NDArray[Any]
Geometry = int | tuple[int, ...]


class Input(Population):
    """A population of a ready-made neuron; see :mod:`engram.network.inputs`.

    Args:
        geometry: of the population.
        neuron: its model.
        values: that its attributes begin with.
        name: of the population.
        network: that it belongs to.
    """

    def __init__(
        self, geometry: Any, neuron: Neuron, values: Mapping[str, Any], name: str | None, network: AnyNetwork | None
    ) -> None:
        self._asked = checked_geometry(geometry), neuron, dict(values), name
        if network is None:
            implicit.begin_anew()
            implicit.waiting.append(self)
        else:
            self._join(network)

    def _join(self, network: AnyNetwork) -> None:
        """Become a population of a network."""
        geometry, neuron, values, name = self._asked
        super().__init__(geometry, neuron, name, network=network)
        assign_all(self._core, values)
        del self._asked  # which may be large, and stands in the network from now on

    def _made_in(self, network: AnyNetwork, name: str | None) -> Input:
        """Return a population of a network that begins as this one does; see :meth:`Network.create`."""
        if "_core" not in vars(self):
            geometry, neuron, values, own_name = self._asked
            if self in implicit.waiting:
                implicit.waiting.remove(self)
        elif self._network.compiled:
            what = f"{self!r} belongs to a network that is compiled, and can't be made in another one"
            raise InvalidArgument(f"{what}\n  help: make a new one, without a network, and give it to create().")
        else:
            geometry, neuron, values, own_name = self._core.geometry, self._core.definition, {}, self._core.name
        new: Input = type(self).__new__(type(self))
        new._asked = geometry, neuron, values, name or own_name
        new._join(network)
        if "_core" in vars(self):
            new._core.draft = copy.deepcopy(self._core.draft)
        return new

    def __getattr__(self, name: str) -> Any:
        if name not in ("_core", "_network"):
            return super().__getattr__(name)
        network = implicit.get()  # which takes in what waits, if it can
        if name not in vars(self):
            self._join(network)
        return vars(self)[name]

    def __reduce__(self) -> Any:
        return super().__reduce__() if "_core" in vars(self) else (_waiting, (type(self), self._asked))

    def __repr__(self) -> str:
        if "_core" in vars(self):
            return super().__repr__()
        sizes = " x ".join(map(str, self._asked[0]))
        return f"<{type(self).__name__}: {sizes} neurons, of no network yet>"

    # -- values ------------------------------------------------------------------------------------------

    def _assign(self, attribute: Attribute, value: Any) -> None:
        self.set({attribute.name: value})

    def set(self, values: dict[str, Any]) -> None:
        """Assign several attributes at once; see :meth:`Population.set`."""
        super().set(self._fitted(values))

    def _give(self, values: dict[str, Any]) -> None:
        """Assign tables, and what belongs to them: all of it, or nothing if something is wrong."""
        assign_all(self._core, values)
        given_for_good(self._core, values)

    def _fitted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is to be assigned when a user assigns something.

        Raises:
            UnknownAttribute: if it can't be assigned.
        """
        self._check_own(values)
        return dict(values)

    def _check_own(self, values: Iterable[str]) -> None:
        refused = next((name for name in values if name in self._own), None)
        if refused is not None:
            what = f"{refused!r} of {type(self).__name__} {self.name!r} can't be assigned"
            raise UnknownAttribute(f"{what}\n  help: {self._own[refused]}")

    _own: ClassVar[dict[str, str]] = {}  # attributes that the population keeps for itself -> what to do instead


def _waiting(kind: type[Input], asked: Any) -> Input:
    """Return the copy of an input without a network; it waits, too."""
    new: Input = kind.__new__(kind)
    new._asked = asked
    implicit.waiting.append(new)
    return new


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
                if not (np.isfinite(given) & (given >= 0.0)).all():
                    raise InvalidArgument(
                        f"PoissonPopulation: rates are in Hz, 0 or more, not {told(rates)}"
                        "\n  help: rates=20.0, one for each neuron, or a formula of t as text."
                    )
        if text == "rates" and parameters:
            advice = "parameters are for an expression: rates='base + amplitude*sin(t)'."
            raise InvalidArgument(f"PoissonPopulation: the rates read no parameters\n  help: {advice}")
        super().__init__(geometry, models.poisson(text, parameters, refractory), values, name, network)

    def _fitted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        rates = self._core.spec.attribute("rates")
        if "rates" in values and rates is not None and rates.is_variable:
            what = f"the rates of PoissonPopulation {self.name!r} are computed in every step: assigning has no effect"
            advice = "set the parameters of the expression, or make it with numbers: PoissonPopulation(n, rates=20.0)."
            raise UnknownAttribute(f"{what}\n  help: {advice}")
        return super()._fitted(values)


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

    _own: ClassVar[dict[str, str]] = dict.fromkeys(("steps", "first"), "spike_times = [...] gives other spikes.")
    _assignable: ClassVar[frozenset[str]] = Population._assignable | {"spike_times"}

    def __init__(self, spike_times: Any, name: str | None = None, *, network: AnyNetwork | None = None) -> None:
        trains = several(spike_times, None)
        super().__init__(len(trains), models.spike_source_array(), _of_trains(trains), name, network)

    @property
    def spike_times(self) -> Any:
        """Times in ms, a list for each neuron, rounded to steps once it is known how long these are.

        They can be set at any time, to lists for all neurons or for the first ones. The clock of the population goes
        on: times that are over have been.
        """
        return [train.tolist() for train in self._trains()]

    @spike_times.setter
    def spike_times(self, times: Any) -> None:
        trains = several(times, self.size)
        values = _of_trains(trains)
        if self._core.program.compiled:
            steps = values["steps"].at(self._network._core.dt)
            values["position"] = emitted(steps, values["first"][0], self.clock + 1)
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
                raise InvalidArgument(f"{self.name}: the time {min(over):g} ms is over: the next step is at {now:g} ms")
        self.spike_times = [np.concatenate(pair) for pair in zip(self._trains(), more, strict=True)]

    def _trains(self) -> list[Array]:
        """Return the times of each neuron in ms: as they were given, until it is known how long steps are."""
        draft = self._core.draft.values.get("steps")
        if isinstance(draft, InSteps):
            return split(draft.ms, self.get("first")[0])
        return [train * self._network._core.dt for train in split(self.get("steps"), self.get("first")[0])]


def _of_trains(trains: list[Array]) -> dict[str, Any]:
    ms, first = with_ends(trains)
    return {"steps": InSteps(ms), "first": first[np.newaxis]}


READY_MADE |= {kind.__name__: kind for kind in (InputArray, PoissonPopulation, SpikeSourceArray)}
