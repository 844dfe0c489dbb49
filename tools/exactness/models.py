"""The models of the matrix: small networks, each with what must survive in a file, and with three kinds of delays.

In: a network and delays. Out: its populations and projections, not compiled. To add a model is to add a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

import engram as eg
from tools.networks.plastic import NOISY
from tools.networks.rates import LEAKY
from tools.networks.spikes import CELL

__all__ = ["DELAYS", "MODELS", "Model", "built"]

Delays: TypeAlias = Any  # what connectors take: a number in ms, or a distribution
WEIGHTS = eg.Uniform(0.0, 0.2)
DELAYS: Mapping[str, Callable[[float], Delays]] = {
    "none": lambda dt: dt,
    "uniform": lambda dt: 5 * dt,
    "per synapse": lambda dt: eg.Uniform(dt, 9 * dt),
}


@dataclass(frozen=True)
class Model:
    """One row.

    Args:
        build: makes the network.
        dt: step in ms.
        begin: what only the first process does after compile; whatever a file brings needs no script.
        settings: for ``net.config``.
    """

    build: Callable[[eg.Network, Delays], None]
    dt: float = 1.0
    begin: Callable[[eg.Network], None] = lambda net: None
    settings: Mapping[str, Any] = field(default_factory=dict)


def rate(net: eg.Network, delays: Delays) -> None:
    """Leaky integrators with noise; what was emitted steps ago is read."""
    a, b = net.create(70, LEAKY, name="a"), net.create((5, 13), LEAKY, name="b")
    net.connect(a, b, "exc", name="forth").all_to_all(weights=eg.Uniform(0.0, 0.02), delays=delays)
    net.connect(b, a, "inh", name="back").fixed_probability(0.3, weights=0.01, delays=delays)
    net.monitor(b, ["r", "sum(exc)"], period=3.0)


def refractory(net: eg.Network, delays: Delays) -> None:
    """Leaky integrate-and-fire neurons that rest after a spike, some longer than others."""
    a, b = net.create(90, CELL, name="a"), net.create(40, CELL, name="b")
    a.v, b.v = eg.Uniform(-60.0, -49.0), eg.Uniform(-60.0, -49.0)
    b.refractory = np.arange(40) % 5 * 0.5 + 0.2
    net.connect(a, b, "exc", name="forth").fixed_probability(0.3, weights=WEIGHTS, delays=delays)
    net.connect(b, a, "inh", name="back").fixed_number_pre(5, weights=0.1, delays=delays)
    net.monitor(a, ["spike", "v"], period=0.3)


def izhikevich(net: eg.Network, delays: Delays) -> None:
    """Two equations, noise in each step, a firing rate over a window."""
    exc = net.create(80, eg.Izhikevich(noise=9.0), name="exc")
    inh = net.create((4, 10), eg.Izhikevich(a=0.1, d=2.0, noise=9.0), name="inh")
    net.connect(exc, inh, "exc", name="forth").fixed_probability(0.3, weights=eg.Uniform(0.0, 0.9), delays=delays)
    net.connect(inh, exc, "inh", name="back").fixed_number_pre(6, weights=eg.Uniform(0.0, 0.5), delays=delays)
    exc.compute_firing_rate(10.0)
    net.monitor(exc, ["spike", "r"])


def channels(net: eg.Network, delays: Delays) -> None:
    """Hodgkin-Huxley: stiff equations in small steps."""
    pop = net.create(40, eg.HH_cond_exp(), name="pop")
    pop.i_offset, pop.v = eg.Uniform(2.0, 20.0), eg.Uniform(-70.0, 0.0)
    net.connect(pop, pop, "exc", name="own").fixed_probability(0.2, weights=eg.Uniform(0.0, 0.02), delays=delays)
    net.monitor(pop, ["spike", "v"], period=0.05)


def trains(net: eg.Network, delays: Delays) -> None:
    """STDP: traces that are written at spikes alone."""
    a, b = net.create(80, NOISY, name="a"), net.create(40, NOISY, name="b")
    net.connect(a, b, "exc", eg.STDP(w_max=0.4), name="stdp").fixed_probability(0.3, weights=WEIGHTS, delays=delays)
    net.connect(b, a, "exc", name="back").fixed_number_pre(4, weights=0.05, delays=delays)
    net.monitor(b, "spike")


def resources(net: eg.Network, delays: Delays) -> None:
    """STP: resources that depend on when the last spike came."""
    a, b = net.create(80, NOISY, name="a"), net.create(40, NOISY, name="b")
    stp = net.connect(a, b, "exc", eg.STP(tau_rec=80.0, tau_facil=30.0, U=0.2), name="stp")
    stp.fixed_probability(0.3, weights=eg.Uniform(0.0, 0.5), delays=delays)
    net.connect(b, b, "exc", name="own").fixed_number_pre(4, weights=0.05, delays=delays)
    net.monitor(b, ["spike", "g_exc"], period=2.0)


def gaps(net: eg.Network, delays: Delays) -> None:
    """Gap junctions, which read the potential of both sides in each step, beside late spikes."""
    neuron = eg.Neuron(
        parameters="I = 1.0",
        equations="""
            dv/dt = 0.2*(I - v) + g_gap + 0.1*g_exc + 0.1*Normal(0.0, 1.0)
            dg_exc/dt = -g_exc/5.0 : exponential
        """,
        spike="v > 0.9",
        reset="v = 0.0",
        refractory=2.0,
    )
    a = net.create(70, neuron, name="a")
    a.I = eg.Uniform(0.5, 1.5)
    gap = eg.Synapse(psp="w*(pre.v - post.v)")
    net.connect(a, a, "gap", gap, name="gaps").fixed_number_pre(5, weights=eg.Uniform(0.0, 0.02))
    net.connect(a, a, "exc", name="late").fixed_probability(0.1, weights=WEIGHTS, delays=delays)
    net.monitor(a, ["spike", "g_gap"], period=2.0)


def inputs(net: eg.Network, delays: Delays) -> None:
    """Every input in mid-stream, and what joins rates with spikes."""
    n = 12
    rows = np.arange(3.0 * n).reshape(3, n) / 9.0
    steps = [[float(k + 3 * j) for j in range(30)] for k in range(n)]
    spiking = [
        eg.TimedPoissonPopulation(n, [100.0, 400.0, 200.0], [0.0, 7.0, 19.0], period=31.0, name="timed poisson"),
        eg.HomogeneousCorrelatedSpikeTrains(n, [80.0, 200.0], 0.4, 10.0, schedule=[0.0, 25.0], name="correlated"),
        eg.PoissonPopulation(n, rates="200.0*(1.0 + sin(t/9.0))", refractory=3.0, name="poisson"),
        eg.SpikeSourceArray(steps, name="given spikes"),
    ]
    timed = net.create(eg.TimedArray(rows, schedule=[0.0, 11.0, 23.0], period=37.0, name="timed"))
    array = net.create(eg.InputArray(n, name="array"))
    neurons, rates = net.create(n, NOISY, name="neurons"), net.create(n, LEAKY, name="rates")
    for source in map(net.create, spiking):
        projection = net.connect(source, neurons, "exc", name=f"{source.name} to neurons")
        projection.fixed_probability(0.3, weights=WEIGHTS, delays=delays)
    for source in (timed, array):
        net.connect(source, rates, "exc", name=f"{source.name} to rates").all_to_all(weights=0.01, delays=delays)
    eg.CurrentInjection(timed, neurons, "exc", name="current", network=net).connect_current()
    eg.DecodingProjection(neurons, rates, "exc", window=5.0, name="decoding", network=net).all_to_all(weights=0.1)
    net.monitor(neurons, "spike")
    net.monitor(rates, "r")


def begin_inputs(net: eg.Network) -> None:
    """Only the file knows of these rates."""
    net.get_population("array").r = np.linspace(0.0, 1.0, 12)


def imaging(net: eg.Network, delays: Delays) -> None:
    """What imaging would see of rates and spikes, in the middle of a baseline."""
    neurons, rates = net.create(20, NOISY, name="neurons"), net.create(12, LEAKY, name="rates")
    net.connect(neurons, neurons, "exc", name="late").fixed_probability(0.2, weights=WEIGHTS, delays=delays)
    rates.r = 1.0
    net.boldmonitor(neurons, mapping={"I_CBF": "v"}, recorded_variables="I_CBF", start=True)
    slices = [[0, 1, 2], range(3, 12)]
    net.boldmonitor_from_slices(rates, slices, eg.balloon_CL, normalize_input=30.0, start=True)


def learning(net: eg.Network, delays: Delays) -> None:
    """Rules that learn in some steps only, one switched off by the first process."""
    a, b = net.create(60, LEAKY, name="a"), net.create(40, LEAKY, name="b")
    rare = net.connect(a, b, "exc", eg.Hebb(eta=0.01), name="rare")
    rare.fixed_probability(0.3, weights=eg.Uniform(0.0, 0.05), delays=delays)
    rare.enable_learning(period=4.0, offset=1.0)
    off = net.connect(b, a, "exc", eg.Oja(eta=0.01), name="off")
    off.fixed_probability(0.3, weights=eg.Uniform(0.0, 0.05), delays=delays)
    net.monitor(b, "r", period=5.0, period_offset=2.0)


def begin_learning(net: eg.Network) -> None:
    """A flag, a period and a parameter that no script of the second process sets."""
    net.get_projection("off").disable_learning()
    net.get_projection("rare").eta = 0.02
    net.get_population("a").r = eg.Uniform(0.2, 0.8)


def growing(net: eg.Network, delays: Delays) -> None:
    """Synapses that come and go: of spikes, while some are in flight, and of rates."""
    learns = eg.Synapse(
        equations="dx/dt = -x/20.0 : event-driven\nw = w - 0.002",
        pre_spike="g_target += w\nx += 1.0",
        post_spike="w += 0.01*x",
        pruning="w < 0.05 : proba=0.2",
        creating="post.v > 0.5 : proba=0.02, w=0.1",
    )
    a, b = net.create(30, NOISY, name="a"), net.create(20, NOISY, name="b")
    net.connect(a, b, "exc", learns, name="spikes").fixed_probability(0.3, weights=WEIGHTS, delays=delays)
    learns = eg.Synapse(
        equations="w = w - 0.004 + 0.01*pre.r",
        pruning="w < 0.05 : proba=0.2",
        creating="post.r > 0.1 : proba=0.02, w=0.1, d=2.0",
    )
    c = net.create(25, LEAKY, name="c")
    net.connect(c, c, "exc", learns, name="rates").fixed_probability(0.3, weights=WEIGHTS, delays=delays)
    net.monitor(b, "spike")
    net.monitor(net.get_projection("spikes"), ["w", "x"], period=4.0)
    net.monitor(net.get_projection("rates"), "w", period=3.0)


def begin_growing(net: eg.Network) -> None:
    """Rules are started by the first process alone."""
    for number, name in enumerate(("spikes", "rates")):
        net.get_projection(name).start_pruning(3.0 + number)
        net.get_projection(name).start_creating(2.0)


def functions(net: eg.Network, delays: Delays) -> None:
    """Functions and constants of users; one constant is changed by the first process."""
    eg.add_function("bump_of_exactness(x, m) = exp(-(x - m)*(x - m)/2.0)")
    net.constant("gain", 0.7)
    net.constant("limit", 3.0)
    neuron = eg.Neuron(
        parameters="x0 = 1.0\nn = 3 : int",
        functions="slope(x, a, b) = if x > 0.0: a*x else: b*x",
        equations="""
            count += 1 : int
            odd = modulo(count, n) == 1 : bool
            dv/dt = (gain*x0 + slope(sum(exc), 1.0, 0.1) - v)/9.0 + 0.05*Normal(0.0, 1.0)
            r = if odd: min(v, limit) else: bump_of_exactness(v, 0.5)
        """,
    )
    a = net.create(70, neuron, name="a")
    a.x0, a.n = eg.Uniform(0.0, 2.0), eg.DiscreteUniform(2, 5)
    net.connect(a, a, "exc", eg.Synapse(psp="gain*w*pre.r"), name="own").fixed_number_pre(
        6, weights=eg.Uniform(-0.2, 0.2), delays=delays
    )
    net.monitor(a, ["r", "odd"], period=3.0)


def begin_functions(net: eg.Network) -> None:
    """Only the file knows of this constant."""
    net.get_constant("gain").set(1.1)


MODELS: Mapping[str, Model] = {
    "rate": Model(rate),
    "rate in float32": Model(rate, settings={"dtype": eg.float32}),
    "LIF with refractoriness": Model(refractory, 0.1),
    "Izhikevich with noise": Model(izhikevich),
    "HH": Model(channels, 0.01),
    "STDP": Model(trains),
    "STP": Model(resources),
    "gap junctions": Model(gaps),
    "inputs": Model(inputs, begin=begin_inputs),
    "imaging": Model(imaging),
    "learning periods": Model(learning, begin=begin_learning),
    "structural plasticity": Model(growing, begin=begin_growing),
    "functions and constants": Model(functions, begin=begin_functions),
}


def built(name: str, delays: str, seed: int, threads: int = 1, is_first: bool = False) -> eg.Network:
    """Return a compiled network as some script would build it; ``is_first``: as the one that is saved began."""
    model = MODELS[name]
    eg.clear()
    net = eg.Network(dt=model.dt, seed=seed)
    net.config(num_threads=threads, **model.settings)
    model.build(net, DELAYS[delays](model.dt))
    net.compile()
    if is_first:
        model.begin(net)
    return net
