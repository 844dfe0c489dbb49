"""Every ready-made neuron against the published equations, integrated independently: when it spikes.

A spike of engram stands for a step; in it the published neuron must cross its threshold, but for 0.1 % of the time that
has passed since the start. Steps are first order: with 0.01 ms each spike is late by 0.005 to 0.03 ms, the more so the
shallower the threshold is crossed and the steeper a spike rises. So the drives make no spike in the first 10 ms (20 ms
where the rise is computed explicitly), and come in volleys that make the threshold be crossed steeply.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import engram as eg
from benchmarks import published
from benchmarks.independent import Array, Arrival, Cell, integrate
from engram import models
from tests.cases import each

DT_MS, DELAY_MS, UNTIL_MS, TOLERANCE = 0.01, 1.0, 150.0, 1e-3
# in volleys, the later spikes of which find the neuron refractory
EXC_MS = (*(20.0, 20.5, 21.0, 21.5, 23.0, 25.0), *(45.0, 46.0, 46.5, 47.0, 49.0), *(62.0, 63.0, 64.0, 65.0, 67.0, 70.0))
EXC_MS += (*(90.0, 90.5, 91.0, 91.5, 92.0), *(115.0, 116.0, 117.0, 118.0, 119.0, 120.0, 121.0, 122.0, 123.0))
INH_MS = (55.0, 85.0, 87.0)


@dataclass(frozen=True)
class Case:
    """A driven neuron.

    Args:
        neuron: engram's.
        cell: the published one.
        n: spikes.
        weights: of the arriving excitatory and inhibitory spikes; none arrive if they are 0.
        inputs: the states of the cell to which they are added, each with a factor.
        values: of the population when it starts.
    """

    neuron: eg.Neuron
    cell: Cell
    n: int
    weights: tuple[float, float] = (0.0, 0.0)
    inputs: tuple[tuple[int, float], tuple[int, float]] = ((1, 1.0), (2, 1.0))
    values: dict[str, float] = field(default_factory=dict)


def leaky(kind: Any, shape: Any, n: int, weights: tuple[float, float] = (0.0, 0.0), **settings: float) -> Case:
    model = getattr(models, f"IF_{kind}_{shape}")
    settings |= {"tau_refrac": 5.0}
    return Case(model(**settings), published.leaky(kind, shape, **settings), n, weights)


def adaptive(shape: Any, n: int, weights: tuple[float, float] = (0.0, 0.0), **settings: float) -> Case:
    model = getattr(models, f"EIF_cond_{shape}_isfa_ista")
    settings |= {"tau_refrac": 5.0}
    return Case(model(**settings), published.adaptive(shape, **settings), n, weights, ((2, 1.0), (3, 1.0)))


def gif(model: Any, n: int, weights: tuple[float, float], inputs: Any, **settings: float) -> Case:
    """A GIF neuron whose escape rate is all but a step, so that it spikes where its potential meets the threshold."""
    settings |= {"refractory_period": 4.0}
    return Case(model(delta_u=1e-4, **settings), published.gif(**settings), n, weights, inputs)


def hodgkin_huxley(n: int, weights: tuple[float, float] = (0.0, 0.0), **settings: float) -> Case:
    inputs = ((4, 1.0), (5, 1.0))
    return Case(models.HH_cond_exp(**settings), published.hodgkin_huxley(**settings), n, weights, inputs)


def izhikevich(n: int, current: float, u: float, weights: tuple[float, float] = (0.0, 0.0)) -> Case:
    """The paper's neuron; a spike that arrives is a current that lasts for a step."""
    cell = published.izhikevich(i_offset=current, u=u)
    return Case(models.Izhikevich(i_offset=current), cell, n, weights, ((0, DT_MS), (0, -DT_MS)), {"u": u})


SHORT = {"tau_syn_E": 2.0, "tau_syn_I": 2.0}  # alpha functions that rise steeply
SLOW = {"tau_syn_E": 5.0, "tau_syn_I": 10.0}  # of the networks of Brette et al.
PULSES = ((0, DT_MS / 250.0), (0, -DT_MS / 250.0))  # currents of one step that charge 250 pF
CASES = {
    "Izhikevich, current": izhikevich(3, 10.0, -4.0),
    "Izhikevich, spikes": izhikevich(5, 2.0, -13.0, (1500.0, 300.0)),
    "IF_curr_exp, current": leaky("curr", "exp", 4, i_offset=1.0),
    "IF_curr_exp, spikes": leaky("curr", "exp", 11, (4.0, 1.0), i_offset=0.3),
    "IF_cond_exp, current": leaky("cond", "exp", 4, i_offset=1.0),
    "IF_cond_exp, spikes": leaky("cond", "exp", 12, (0.08, 0.05), i_offset=0.3),
    "IF_curr_alpha, current": leaky("curr", "alpha", 4, i_offset=1.0),
    "IF_curr_alpha, spikes": leaky("curr", "alpha", 8, (3.0, 1.0), i_offset=0.3, **SHORT),
    "IF_cond_alpha, current": leaky("cond", "alpha", 4, i_offset=1.0),
    "IF_cond_alpha, spikes": leaky("cond", "alpha", 11, (0.1, 0.05), i_offset=0.3, **SHORT),
    "EIF_cond_exp_isfa_ista, current": adaptive("exp", 4, i_offset=0.8),
    "EIF_cond_exp_isfa_ista, spikes": adaptive("exp", 11, (0.05, 0.02), i_offset=0.3),
    "EIF_cond_alpha_isfa_ista, current": adaptive("alpha", 4, i_offset=0.8),
    "EIF_cond_alpha_isfa_ista, spikes": adaptive("alpha", 11, (0.06, 0.02), i_offset=0.3, **SHORT),
    "HH_cond_exp, current": hodgkin_huxley(4, i_offset=0.13),
    "HH_cond_exp, spikes": hodgkin_huxley(21, (0.02, 0.02), i_offset=0.2, **SLOW),
    "GIF_curr, current": gif(models.GIF_curr, 5, (0.0, 0.0), PULSES, I_ext=500.0),
    "GIF_curr, spikes": gif(models.GIF_curr, 5, (20000.0, 20000.0), PULSES, I_ext=450.0),
    "GIF_curr_exp, current": gif(models.GIF_curr_exp, 5, (0.0, 0.0), ((2, 1.0), (3, 1.0)), I_ext=500.0),
    "GIF_curr_exp, spikes": gif(models.GIF_curr_exp, 8, (500.0, 500.0), ((2, 1.0), (3, 1.0)), I_ext=350.0),
}


def simulated(case: Case) -> Array:
    """Return the beginnings in ms of the steps in which engram's neuron spikes."""
    net = eg.Network(dt=DT_MS, seed=1)
    population = net.create(1, case.neuron, name="driven")
    population.set(case.values)
    for target, times, weight in zip(("exc", "inh"), (EXC_MS, INH_MS), case.weights, strict=True):
        if weight:
            once = eg.Neuron(parameters="at = 0.0", spike="abs(t - at) < dt/2.0", name="spikes at a given time")
            source = net.create(len(times), once, name=f"{target} spikes")
            source.at = np.array(times) - DELAY_MS
            net.connect(source, population, target).all_to_all(weights=weight, delays=DELAY_MS)
    monitor = net.monitor(population, "spike")
    net.compile()
    net.simulate(UNTIL_MS)
    return np.array(monitor.get("spike")[0], float) * DT_MS


def expected(case: Case) -> Array:
    """Return the times in ms at which the published neuron spikes."""
    arrivals = [
        Arrival(time, state, weight * factor)
        for times, weight, (state, factor) in zip((EXC_MS, INH_MS), case.weights, case.inputs, strict=True)
        for time in times
        if weight
    ]
    return integrate(case.cell, np.array([UNTIL_MS]), sorted(arrivals, key=lambda a: a.time_ms)).spikes


def test_cases_cover_every_spiking_neuron() -> None:
    names = {model.__name__ for model in models.list_standard_neurons()} - {"LeakyIntegrator"}

    assert set(CASES) == {f"{name}, {drive}" for name in names for drive in ("current", "spikes")}


@pytest.mark.cc
@each("name", CASES)
def test_neuron_spikes_when_the_published_one_does(name: str) -> None:
    case = CASES[name]

    steps, times = simulated(case), expected(case)

    assert len(steps) == len(times) == case.n
    outside = np.maximum(steps - times, times - (steps + DT_MS))
    assert np.max(outside / times) < TOLERANCE


@pytest.mark.cc
def test_leaky_integrator_follows_the_published_one() -> None:
    """It is driven by a constant, by excitation that oscillates, and by inhibition: states v, sine, cosine."""
    net = eg.Network(dt=DT_MS, seed=1)
    wave = net.create(1, eg.Neuron(equations="r = 1.0 + sin(t/20.0)"), name="wave")
    still = net.create(1, eg.Neuron(parameters="r = 0.7", equations=""), name="still")
    population = net.create(1, models.LeakyIntegrator(tau=8.0, B=0.4, T=1.5), name="driven")
    net.connect(wave, population, "exc").all_to_all(weights=2.0)
    net.connect(still, population, "inh").all_to_all(weights=0.5)
    monitor = net.monitor(population, ["v", "r"])
    net.compile()
    net.simulate(UNTIL_MS)
    recorded = monitor.get()

    cell = Cell(
        lambda y: np.array([(-y[0] + 2.0 * (1.0 + y[1]) - 0.35 + 0.4) / 8.0, y[2] / 20.0, -y[1] / 20.0]),
        (0.0, 0.0, 1.0),
        np.inf,
    )
    v = integrate(cell, DT_MS * np.arange(1.0, UNTIL_MS / DT_MS + 1.0)).states[:, 0]
    assert np.abs(recorded["v"][:, 0] - v).max() < TOLERANCE * np.ptp(v)
    assert np.abs(recorded["r"][:, 0] - np.maximum(v - 1.5, 0.0)).max() < TOLERANCE * np.ptp(v)
    assert 0.2 < np.mean(recorded["r"] > 0.0) < 0.8
