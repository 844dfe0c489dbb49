"""What users do to a network: views, monitors, stops, resets, files, clocks, values set while it runs."""

from __future__ import annotations

import numpy as np

import engram as eg
from tools.networks.case import BOTH, THREADS, Case, Script
from tools.networks.plastic import NOISY, PAIRS
from tools.networks.rates import LEAKY

__all__ = ["USAGE"]


def views(net: eg.Network) -> Script:
    """Views as the two sides of projections, as what is recorded, and as what is set."""
    a, b = net.create((12, 10), NOISY, name="a"), net.create(90, NOISY, name="b")
    rates = net.create(140, LEAKY, name="rates")
    net.connect(a[2:9, 1::2], b[::3], "exc", name="parts").fixed_probability(0.4, weights=eg.Uniform(0.0, 0.3))
    net.connect(b[[5, 3, 80, 41]], a, "exc", PAIRS, name="plastic").all_to_all(weights=eg.Uniform(0.0, 0.3), delays=3.0)
    net.connect(a[:60], a[60:], "exc", name="halves").fixed_number_pre(4, weights=0.1, delays=eg.Uniform(1.0, 5.0))
    net.connect(rates[:70], rates[35:], "exc", name="overlap").fixed_number_post(6, weights=eg.Uniform(0.0, 0.05))
    net.connect(rates[10:20], rates[100:110], "inh", name="pairs").one_to_one(weights=0.1, delays=2.0)
    net.connect(rates[20:90], rates, "inh", name="total").fixed_total_number(300, weights=eg.Uniform(0.0, 0.02))
    net.monitor(a[3:60:4], ["spike", "v"], name="some")
    net.monitor(rates[[100, 7, 50]], "r", period=3.0, name="three")
    a[5:30].B = 1.5
    yield
    net.simulate(40.0)
    b[::2].v = eg.Uniform(0.0, 0.9)
    a[7].v = 0.5
    rates[:50].B = np.linspace(0.0, 1.0, 50)
    net.simulate(40.0)


def monitors(net: eg.Network) -> Script:
    """Periods, offsets, monitors that start late, pause, stop, are read; spikes, variables, conductances, sums."""
    a, rates = net.create(70, NOISY, name="a"), net.create((5, 14), LEAKY, name="rates")
    net.connect(a, a, "exc").fixed_probability(0.1, weights=0.1, delays=eg.Uniform(1.0, 20.0))
    net.connect(rates, rates, "exc").fixed_probability(0.2, weights=0.02)
    always = net.monitor(a, ["v", "spike"], name="always")
    sometimes = net.monitor(a, ["v", "g_exc"], period=4.0, period_offset=3.0, name="sometimes")
    late = net.monitor(a, ["spike"], start=False, name="late")
    sums = net.monitor(rates, ["r", "sum(exc)"], period=2.0, name="sums")
    yield
    net.simulate(15.0)
    sometimes.pause()
    late.start()
    net.simulate(12.0)
    sometimes.resume()
    always.get("spike")
    net.monitor(rates, "r", name="added")
    yield
    net.simulate(20.0)
    late.pause()
    sums.stop()
    net.simulate(10.0)
    sums.start()
    net.simulate(10.0)


def imaging(net: eg.Network) -> Script:
    """Monitors of the BOLD signal: of several populations, of parts of one; before and after they begin."""
    a, rates = net.create(70, NOISY, name="a"), net.create((5, 14), LEAKY, name="rates")
    net.connect(a, a, "exc").fixed_probability(0.1, weights=0.1, delays=eg.Uniform(1.0, 20.0))
    rates.B = eg.Uniform(0.5, 1.0)
    a.compute_firing_rate(20.0)
    whole = net.boldmonitor([a, rates], normalize_input=[0.0, 10.0], recorded_variables="q")
    regions = net.boldmonitor_from_slices(rates, [range(30), range(30, 70)], eg.balloon_CL, {"I_CBF": "r"})
    yield
    net.simulate(10.0)
    whole.start()
    net.simulate(7.0)
    regions.start()
    yield
    net.simulate(20.0)
    whole.stop()
    net.simulate(5.0)


def stops(net: eg.Network) -> Script:
    """Runs that end when conditions of populations hold: any, all, and, or."""
    growing = eg.Neuron(parameters="by = 1.0\nlimit = 40.0 : population", equations="r += by + 0.1*sum(exc)")
    a = net.create(70, growing, stop_condition="r > 30.0 : any", name="a")
    b = net.create(130, growing, stop_condition="(r > limit) and (mean(r) >= 5.0) : all", name="b")
    noisy = net.create(70, NOISY, stop_condition="spiked : any", name="noisy")
    a.by, b.by = eg.Uniform(0.5, 1.0), eg.Uniform(0.5, 1.0)
    net.connect(a, b, "exc").fixed_number_pre(3, weights=0.001)
    yield
    net.simulate_until(200.0, a)
    net.simulate_until(200.0, [b, noisy], operator="or")
    yield
    net.simulate_until(300.0, [a, b], operator="and")


def switched(net: eg.Network) -> Script:
    """Firing rates over windows, populations that rest for a while, what is in flight forgotten; single steps."""
    a, b = net.create(90, NOISY, name="a"), net.create(70, NOISY, name="b")
    rates = net.create(66, LEAKY, name="rates")
    net.connect(a, b, "exc").fixed_probability(0.1, weights=0.2, delays=eg.Uniform(1.0, 9.0))
    net.connect(b, a, "exc", PAIRS).fixed_probability(0.1, weights=eg.Uniform(0.0, 0.2), delays=5.0)
    net.connect(rates, rates, "exc").fixed_probability(0.1, weights=0.02, delays=6.0)
    a.compute_firing_rate(10.0)
    net.monitor(a, ["r", "spike"], period=2.0)
    yield
    net.simulate(30.0)
    b.compute_firing_rate(25.0)
    a.disable()
    rates.disable()
    yield
    net.simulate(15.0)
    a.enable()
    a.compute_firing_rate(5.0)
    for _ in range(10):
        net.step()
    rates.enable()
    b.clear()
    rates.clear()
    net.simulate(20.0)


def _mixed(net: eg.Network) -> tuple[eg.Population, eg.Projection]:
    a, rates = net.create(130, NOISY, name="a"), net.create(100, LEAKY, name="rates")
    a.B = eg.Uniform(0.5, 1.2)
    plastic = net.connect(a, a, "exc", PAIRS, name="plastic")
    plastic.fixed_probability(0.1, weights=eg.Uniform(0.0, 0.2), delays=eg.Uniform(1.0, 9.0))
    net.connect(a, a, "exc", name="packed").fixed_number_pre(8, weights=eg.Uniform(0.0, 0.1), delays=3.0)
    hebb = net.connect(rates, rates, "exc", eg.Hebb(eta=0.001), name="hebb")
    hebb.fixed_probability(0.2, weights=eg.Uniform(0.0, 0.02), delays=4.0)
    net.monitor(a, ["spike", "v"], period=2.0)
    net.monitor(rates, "r")
    return a, plastic


def resets(net: eg.Network) -> Script:
    """Back to the start: neurons, synapses, recordings, each alone and all."""
    a, plastic = _mixed(net)
    yield
    net.simulate(30.0)
    plastic.tau_plus = 12.0
    net.reset()
    yield
    net.simulate(20.0)
    net.reset(populations=False, monitors=False)
    net.simulate(10.0)
    net.reset(projections=True)
    yield
    a.B = 1.1
    net.simulate(20.0)
    net.reset(projections=True, synapses=True)
    yield
    net.simulate(20.0)


def resumed(net: eg.Network) -> Script:
    """A file is loaded while the network stands elsewhere; then parts of it; then the network goes on."""
    a, plastic = _mixed(net)
    yield
    net.simulate(30.0)
    net.default_rng.normal(size=5)
    saved = yield
    net.simulate(17.0)
    plastic.w = 0.1
    a.disable()
    net.load(saved)
    yield
    a.v = net.default_rng.uniform(0.0, 0.5, size=130)
    net.simulate(25.0)
    net.load(saved, only="projections/packed")
    net.load(saved, only=["populations/a"])
    net.simulate(15.0)


def clocks(net: eg.Network) -> Script:
    """The clock is set: forward, far, and by time."""
    _mixed(net)
    yield
    net.simulate(20.0)
    net.current_step = 1000
    net.simulate(15.0)
    net.time = 500_000.0
    yield
    net.simulate(15.0)
    net.current_step = 7
    net.simulate(10.0)


def values(net: eg.Network) -> Script:
    """Attributes set after compile: from distributions, arrays, lists; one number becomes many and back; delays."""
    a, plastic = _mixed(net)
    one = net.connect(a, a, "exc", name="one").fixed_probability(0.1, weights=0.05)
    yield
    one.delay = 6.0
    plastic.delay = [[1.0 + k % 7 for k in range(n)] for n in plastic.nb_synapses_per_dendrite]
    a.v, a.B = eg.Uniform(0.0, 1.0), np.linspace(0.5, 1.2, 130)
    a.tau = 12.0
    rates = net.get_population("rates")
    rates.r = eg.Normal(0.5, 0.1)
    plastic.w = eg.Uniform(0.0, 0.2)
    plastic.x = 0.001
    net.simulate(15.0)
    one.w = eg.Uniform(0.0, 0.1)
    packed = net.get_projection("packed")
    packed.w = [[0.01 * k for k in range(8)]] * 130
    yield
    net.simulate(15.0)
    one.w = 0.04
    net.get_projection("hebb").w = 0.005
    net.simulate(25.0)


USAGE = (
    Case(views, BOTH),
    Case(monitors),
    Case(imaging, BOTH),
    Case(stops, BOTH),
    Case(switched, THREADS),
    Case(resets),
    Case(resumed, BOTH),
    Case(clocks),
    Case(values, THREADS),
)
