"""Neurons of populations that bring something into a network: what they emit stands in tables, or is drawn.

Tables are read by an index that the neurons keep: their clock and their position are variables like any other, which
are saved, recorded and reset as such.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from engram.models.definition import Neuron

__all__ = [
    "correlated_spike_trains",
    "input_array",
    "poisson",
    "spike_source_array",
    "timed_array",
    "timed_poisson",
]

_SCHEDULE = """
    schedule = 0.0 : table, population
    blocks = 1 : table, population, int
    period = -1.0 : population
"""
"""When rows of a table begin: times in ms, how many there are, and after how many ms they begin again (-1: never)."""

_CLOCK = """
    begins = block < blocks[0] and clock >= max(round(schedule[block]/dt), block) : population, bool
    ends = period > 0.0 and clock >= round(period/dt) - 1 : population, bool
    shown = if begins: block else: shown : population, int, init=-1
    block = if ends: 0 else: (if begins: block + 1 else: block) : population, int
    clock = if ends: 0 else: clock + 1 : population, int
"""
"""Which row is shown. At most one begins in a step, so that a schedule of zeros is one row a step, and none is left out
where two times are rounded to one step, or where the schedule has become another one in mid-run."""

_DRAWN = "Uniform(0.0, 1.0)*1000.0/dt"  # spikes at a rate in Hz: where it is below that rate


@cache
def input_array() -> Neuron:
    """Return rates that nothing changes but the user."""
    return Neuron(equations="r = r", name="InputArray", description="Rates that are set from outside.")


@cache
def timed_array() -> Neuron:
    """Return rates that follow a table, row after row."""
    return Neuron(
        parameters=f"rates = 0.0 : table\n{_SCHEDULE}",
        equations=f"{_CLOCK}\nr = rates[shown]",
        name="TimedArray",
        description="Rates that follow a table.",
    )


@cache
def spike_source_array() -> Neuron:
    """Return neurons that spike in given steps.

    ``steps`` has those of all neurons, one after another, each ascending and with -1 behind the last; those of a neuron
    begin at ``first``. It has emitted ``position`` of them.
    """
    return Neuron(
        parameters="steps = -1 : table, population, int\nfirst = 0 : table, int",
        equations="clock = clock + 1 : population, int, init=-1\nposition = position : int",
        spike="steps[first[0] + position] == clock",
        reset="position += 1",
        name="SpikeSourceArray",
        description="Spikes at given times.",
    )


def poisson(rates: str, parameters: Any = None, refractory: Any = None) -> Neuron:
    """Return neurons that spike at random, at a rate in Hz.

    Args:
        rates: ``rates``, a parameter of that name, or an expression for it.
        parameters: what the expression reads, as of :class:`Neuron`.
        refractory: as of :class:`Neuron`.
    """
    is_parameter = rates == "rates"
    return Neuron(
        parameters="rates = 0.0" if is_parameter else parameters,
        equations=None if is_parameter else f"rates = {rates}",
        spike=f"{_DRAWN} < rates",
        refractory=refractory,
        name="PoissonPopulation",
        description="Poisson spikes at a rate in Hz.",
    )


@cache
def timed_poisson(is_shared: bool) -> Neuron:
    """Return neurons that spike at random, at rates that follow a table.

    Args:
        is_shared: whether all neurons have the same rate.
    """
    flag = ", population" if is_shared else ""
    return Neuron(
        parameters=f"rates = 0.0 : table{flag}\n{_SCHEDULE}",
        equations=f"{_CLOCK}\nrate = rates[shown]{' : population' if is_shared else ''}",
        spike=f"{_DRAWN} < rate",
        name="TimedPoissonPopulation",
        description="Poisson spikes at rates that follow a table.",
    )


def correlated_spike_trains(refractory: Any = None) -> Neuron:
    """Return neurons that spike at random, all at one rate, which fluctuates: an Ornstein-Uhlenbeck process.

    Source:
        Brette R (2009) Generation of correlated spike trains. Neural Comput 21:188-215.
    """
    return Neuron(
        parameters=f"""
            mu = 0.0 : table, population
            sigma = 0.0 : table, population
            tau = 10.0 : population
            {_SCHEDULE}
        """,
        equations=f"""
            {_CLOCK}
            x = x + dt*(mu[shown] - x)/tau + sqrt(dt/tau)*sigma[shown]*Normal(0.0, 1.0) : population
        """,
        spike=f"{_DRAWN} < x",
        refractory=refractory,
        name="HomogeneousCorrelatedSpikeTrains",
        description="Poisson spikes at a common rate that fluctuates.",
    )
