"""Populations whose rates follow a table: row after row, at the times of a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

import engram.models.inputs as models  # as a name of the package it would be looked for among the models first
from engram.callers import checked_calls, warn
from engram.errors import InvalidArgument
from engram.models.rectified import after_rectification, before_rectification
from engram.network.input import Geometry, Input
from engram.network.population import READY_MADE
from engram.program.ranks import checked_geometry
from engram.telling import told

if TYPE_CHECKING:
    from engram.network.any_network import AnyNetwork

__all__ = ["HomogeneousCorrelatedSpikeTrains", "TimedArray", "TimedPoissonPopulation"]

Array = npt.NDArray[Any]
ROWS = "one row for each time, first of all: np.zeros((n_times, n_neurons))."


class _Scheduled(Input):
    """A population whose tables have a schedule."""

    _tables: ClassVar[tuple[str, ...]] = ("rates",)  # tables with a row for each entry of the schedule
    _kept: ClassVar[dict[str, str]] = {"blocks": "it follows from the rates and the schedule."}

    def _fitted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        fitted = super()._fitted(values)
        given = [name for name in (*self._tables, "schedule") if name in fitted]
        if given:
            table = self._tables[0]
            if table in fitted:
                fitted[table] = _rows(fitted[table], type(self).__name__)
            rows = len(fitted[table] if table in fitted else self.get(table))
            times = fitted["schedule"] if "schedule" in fitted else _longer(self.schedule, rows)
            fitted |= _checked_schedule(rows, times, type(self).__name__, fitted.get("period", self.period))
            if self._core.program.compiled:
                fitted |= self._standing(fitted["schedule"])
        elif "period" in fitted:
            fitted |= _checked_period(fitted["period"], type(self).__name__)
        return fitted

    def set(self, values: dict[str, Any]) -> None:
        """Assign several attributes at once; see :meth:`Population.set`. ``reset()`` keeps rates and schedule."""
        self._give(self._fitted(values))

    def _changed(self, rows: int, values: dict[str, Any], schedule: Any, period: float | None, reset: bool) -> None:
        """Give tables other rows, and perhaps another schedule; all of it, or nothing."""
        times = _longer(self.schedule, rows) if schedule is None else schedule
        period = self.period if period is None else period
        values |= _checked_schedule(rows, times, type(self).__name__, period)
        if reset:
            values |= {"clock": 0, "block": 0, "shown": -1}
        elif self._core.program.compiled:
            values |= self._standing(values["schedule"])
        self._give(values)

    def _standing(self, times: Array) -> dict[str, int]:
        """Return which row is shown, and which is the next, where another schedule goes on from where the clock is."""
        if np.array_equal(times, self.schedule):
            return {}
        steps = np.maximum(np.floor(times / self._network._core.dt + 0.5), np.arange(len(times)))
        begun = int((steps < self.clock).sum())
        return {"block": begun, "shown": begun - 1}


def _longer(times: Array, rows: int) -> Array:
    """Return a schedule for so many rows that goes on as another one: in equal steps from 0 on, or cut off."""
    step = times[1] if len(times) > 1 else 0.0
    is_even = rows > len(times) > 1 and np.array_equal(times, np.arange(len(times)) * step)
    return np.arange(rows) * step if is_even else times[:rows]


def _checked_schedule(rows: int, schedule: Any, what: str, period: float = -1.0) -> dict[str, Any]:
    """Return the schedule of a table of ``rows`` rows.

    Args:
        schedule: when each row begins, in ms; or a number, after how many ms the next one begins (0: in every step).

    Raises:
        InvalidArgument: if it is no ascending list of times, or has more entries than there are rows, or the period is
            no number.
    """
    try:
        times = np.asarray(schedule, np.float64)
    except (ValueError, TypeError):
        times = np.empty(0)
    if times.ndim == 0:
        times = np.arange(rows) * times
    if times.ndim > 1 or not len(times):
        raise InvalidArgument(
            f"{what}: schedule must be a number or a list of times in ms, not {told(schedule, 80)}"
            "\n  help: schedule=10.0, or one time for each row of rates."
        )
    if not np.isfinite(times).all() or (times < 0).any() or (np.diff(times) < 0).any():
        raise InvalidArgument(
            f"{what}: schedule must be ascending times in ms, 0 or more, not {told(schedule, 80)}"
            "\n  help: sort the times, and the rows of rates with them."
        )
    if len(times) > rows:
        raise InvalidArgument(
            f"{what}: schedule has {len(times)} times for {rows} rows of rates"
            "\n  help: give one time for each row, or the ms that each row lasts: schedule=10.0."
        )
    if len(times) < rows:
        more = rows - len(times)
        unshown = f"the last {more} of them are not shown" if more > 1 else "the last one is not shown"
        advice = "give one time for each row, or the ms that each row lasts: schedule=10.0."
        warn(f"{what}: schedule has {len(times)} times for {rows} rows of rates: {unshown}\n  help: {advice}")
    fitted = _checked_period(period, what)
    late = int((times >= fitted["period"]).sum()) if fitted["period"] > 0.0 else 0
    if late:
        shown = f"{late} of {len(times)} rows begin when the period of {period:g} ms is over: they are not shown"
        warn(f"{what}: {shown}\n  help: give a period beyond {times[-1]:g} ms, or fewer rows.")
    return {"schedule": times, "blocks": [len(times)], **fitted}


def _checked_period(period: Any, what: str) -> dict[str, Any]:
    if not isinstance(period, int | float | np.number) or isinstance(period, bool) or not np.isfinite(period):
        raise InvalidArgument(f"{what}: period must be a number of ms, or -1 for none, not {told(period)}")
    return {"period": float(period)}


def _rows(rates: Any, what: str) -> Array:
    """Return rates with a row for each time.

    Raises:
        InvalidArgument: if there is none, or they are no finite numbers.
    """
    try:
        array = np.asarray(rates)
        array = array.astype(np.float64, casting="same_kind" if array.dtype.kind != "O" else "unsafe")
    except (ValueError, TypeError):
        got = f"not {told(rates, 80)}"
        raise InvalidArgument(f"{what}: rates must be an array (times, *geometry), {got}\n  help: {ROWS}") from None
    if array.ndim == 0 or not array.size:
        got = f"not one of shape {array.shape}" if array.ndim else f"not {told(rates)}"
        raise InvalidArgument(f"{what}: rates must be an array (times, *geometry), {got}\n  help: {ROWS}")
    if not np.isfinite(array).all():
        raise InvalidArgument(f"{what}: rates must be finite numbers, and some are infinite or NaN")
    return array


@checked_calls
class TimedArray(_Scheduled):
    """Rates that follow a table, row after row.

    ``r`` is 0 before the first time of the schedule; a row stays until the next one begins, the last one for ever or
    until the period ends. Neurons that the array is connected to see a row one step after it began. ``reset()`` begins
    again.

    Args:
        rates: (times, geometry); None: zeros, until :meth:`update`.
        geometry: that of one row by default.
        schedule: when each row begins, in ms, rounded to steps; a number: how long each stays (0: one step).
        period: in ms, after which all begins again; -1: never.
        name, network: as of :class:`Population`.

    Raises:
        InvalidArgument: if the shapes do not agree, or the schedule has more times than there are rows.

    Example::

        bars = eg.TimedArray(rates=np.eye(4), schedule=100.0, period=400.0)
        inp = net.create(bars)
    """

    _kept: ClassVar[dict[str, str]] = {
        **_Scheduled._kept,
        "r": "it follows from the rates: update(rates, reset=False) gives others; an InputArray is set by hand.",
    }

    def __init__(
        self,
        rates: Any = None,
        geometry: Geometry | None = None,
        schedule: Any = 0.0,
        period: float = -1.0,
        name: str | None = None,
        *,
        network: AnyNetwork | None = None,
    ) -> None:
        if rates is None:
            if geometry is None:
                raise InvalidArgument("TimedArray needs rates, or a geometry\n  help: TimedArray(rates=array)")
            rates = np.zeros((1, *checked_geometry(geometry)))
        array = _rows(rates, "TimedArray")
        shape = checked_geometry(geometry) if geometry is not None else (array.shape[1:] or (1,))
        values = {"rates": _shaped(array, shape), **_checked_schedule(len(array), schedule, "TimedArray", period)}
        super().__init__(shape, models.timed_array(), values, name, network)

    def update(self, rates: Any, schedule: Any = None, period: float | None = None, reset: bool = True) -> None:
        """Give other rates, before compile or after.

        Args:
            rates: (times, geometry).
            schedule, period: others; None: as they are, and a schedule in equal steps goes on for more rows.
            reset: begin again with the first row; otherwise what is shown is replaced at once by the same row of these.

        Raises:
            InvalidArgument: if something can't be; nothing has changed.
        """
        array = _shaped(_rows(rates, "TimedArray"), self.geometry)
        self._changed(len(array), {"rates": array}, schedule, period, reset)
        if self._core.program.compiled and not reset and self.shown >= 0:
            self._core.write("r", self.rates[min(self.shown, len(array) - 1)])


def _shaped(rates: Array, geometry: tuple[int, ...]) -> Array:
    """Return rows of rates in the shape of a population.

    Raises:
        InvalidArgument: if they have not as many entries as there are neurons.
    """
    if rates[0].size != np.prod(geometry):
        wanted = ", ".join(["n_times", *map(str, geometry)])
        what = f"rates have rows of shape {rates.shape[1:]}, and the geometry is {geometry}"
        raise InvalidArgument(f"{what}\n  help: give an array ({wanted}), or another geometry.")
    return rates.reshape(len(rates), *geometry)


@checked_calls
class TimedPoissonPopulation(_Scheduled):
    """Neurons that spike at random, at rates that follow a table.

    Args:
        geometry: number of neurons, or a tuple of sizes.
        rates: in Hz: (times), one for all neurons, or (times, geometry).
        schedule: when each begins, in ms; as of :class:`TimedArray`.
        period: in ms, after which all begins again; -1: never.
        name, network: as of :class:`Population`.

    Raises:
        InvalidArgument: if there are not as many times as rates.
    """

    _kept: ClassVar[dict[str, str]] = {
        **_Scheduled._kept,
        "rate": "it follows from the rates: update(rates) gives others.",
    }

    def __init__(
        self,
        geometry: Geometry,
        rates: Any,
        schedule: Any,
        period: float = -1.0,
        name: str | None = None,
        *,
        network: AnyNetwork | None = None,
    ) -> None:
        array, shape = _rows(rates, "TimedPoissonPopulation"), checked_geometry(geometry)
        values: dict[str, Any] = {"rates": array if array.ndim == 1 else _shaped(array, shape)}
        values |= _checked_schedule(len(array), schedule, "TimedPoissonPopulation", period)
        super().__init__(shape, models.timed_poisson(array.ndim == 1), values, name, network)

    def update(self, rates: Any, schedule: Any = None, period: float | None = None, reset: bool = True) -> None:
        """Give other rates, of the form that the first ones had; see :meth:`TimedArray.update`."""
        array = _rows(rates, "TimedPoissonPopulation")
        array = array if array.ndim == 1 else _shaped(array, self.geometry)
        self._changed(len(array), {"rates": array}, schedule, period, reset)


@checked_calls
class HomogeneousCorrelatedSpikeTrains(_Scheduled):
    """Neurons that spike at random, with the same rate and the same correlation between any two of them.

    All have one rate, which fluctuates around the given one with the time constant ``tau``: the correlation of two
    trains falls as exp(-\\|s\\|/tau), and its integral over s, in units of the rate, is ``corr``.

    Args:
        geometry: number of neurons, or a tuple of sizes.
        rates: in Hz, above 0; a number, or one for each time of the schedule.
        corr: total correlation, 0 to 1; a number, or one for each time.
        tau: time constant of the fluctuations, in ms.
        schedule: when each begins, in ms; None: one for ever.
        period: in ms, after which all begins again; -1: never.
        refractory: in ms, as of :class:`Neuron`.
        name, network: as of :class:`Population`.

    Raises:
        InvalidArgument: if a rate, a correlation or the schedule can't be.

    Source:
        Brette R (2009) Generation of correlated spike trains. Neural Comput 21:188-215.
    """

    _tables: ClassVar[tuple[str, ...]] = ("mu", "sigma")
    _kept: ClassVar[dict[str, str]] = {
        **_Scheduled._kept,
        **dict.fromkeys(("mu", "sigma", "tau"), "it follows from rates, corr and tau: update() gives others."),
    }

    def __init__(
        self,
        geometry: Geometry,
        rates: Any,
        corr: Any,
        tau: float,
        schedule: Any = None,
        period: float = -1.0,
        name: str | None = None,
        refractory: Any = None,
        *,
        network: AnyNetwork | None = None,
    ) -> None:
        values = _fluctuations(rates, corr, tau)
        times = 0.0 if schedule is None else schedule
        values |= {"tau": float(tau), "x": values["mu"][0]}
        values |= _checked_schedule(len(values["mu"]), times, "HomogeneousCorrelatedSpikeTrains", period)
        super().__init__(geometry, models.correlated_spike_trains(refractory), values, name, network)

    @property
    def rates(self) -> Any:
        """Rates in Hz: a number, or one for each time of the schedule; computed from what is stored, ``mu``, ``sigma``.

        Others can be given at any time; the schedule goes on.
        """
        return _one_or_all(self._rates_and_corr()[0])

    @rates.setter
    def rates(self, rates: Any) -> None:
        self._let_be(rates, self._rates_and_corr()[1])

    @property
    def corr(self) -> Any:
        """Total correlations, read and given as :attr:`rates` are."""
        return _one_or_all(self._rates_and_corr()[1])

    @corr.setter
    def corr(self, corr: Any) -> None:
        self._let_be(self._rates_and_corr()[0], corr)

    def _rates_and_corr(self) -> tuple[Array, Array]:
        deviation = self.get("sigma") / np.sqrt(2.0)
        pairs = zip(self.get("mu").tolist(), deviation.tolist(), strict=True)
        rates, deviations = np.array([after_rectification(*pair) for pair in pairs]).T
        return rates, np.minimum(deviations**2 * (2.0 * self.tau / 1000.0) / rates, 1.0)  # 1.0 may be rounded up

    def _let_be(self, rates: Any, corr: Any) -> None:
        values = _fluctuations(rates, corr, self.tau)
        self._changed(len(values["mu"]), values, None, None, reset=False)

    def update(
        self,
        rates: Any,
        corr: Any,
        schedule: Any = None,
        tau: float | None = None,
        period: float | None = None,
        reset: bool = True,
    ) -> None:
        """Give other rates and correlations; see :meth:`TimedArray.update`."""
        values = _fluctuations(rates, corr, self.tau if tau is None else tau)
        values |= {} if tau is None else {"tau": float(tau)}
        self._changed(len(values["mu"]), values, schedule, period, reset)


def _one_or_all(values: Array) -> Any:
    return values.item() if len(values) == 1 else values


def _fluctuations(rates: Any, corr: Any, tau: float) -> dict[str, Any]:
    """Return mean and strength of the fluctuations, before what is below 0 is cut off, for rates and correlations."""
    needs = "HomogeneousCorrelatedSpikeTrains needs rates above 0 Hz, corr from 0 to 1, tau above 0 ms"
    got = f"not rates={told(rates)}, corr={told(corr)}, tau={told(tau)}"
    advice = "rates and corr are numbers, or lists with one for each time of the schedule."
    given = f"{needs}, {got}\n  help: {advice}"
    try:
        pair = (np.atleast_1d(np.asarray(one, np.float64)) for one in (rates, corr))
        rates, corr = np.broadcast_arrays(*pair)
        is_right = rates.ndim == 1 and rates.size > 0 and 1e-3 <= float(tau) < np.inf
    except (ValueError, TypeError):
        raise InvalidArgument(given) from None
    if not (is_right and ((rates >= 1e-6) & (rates < np.inf)).all() and ((corr >= 0.0) & (corr <= 1.0)).all()):
        raise InvalidArgument(given)
    deviations = np.sqrt(corr * rates / (2.0 * tau / 1000.0))
    pairs = [before_rectification(float(r), float(s)) for r, s in zip(rates, deviations, strict=True)]
    mean, deviation = np.array(pairs).T
    return {"mu": mean, "sigma": np.sqrt(2.0) * deviation}  # of the noise; x has 1/sqrt(2) of it


READY_MADE |= {name: globals()[name] for name in __all__}
