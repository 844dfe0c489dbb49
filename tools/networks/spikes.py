"""Spiking networks without plasticity."""

from __future__ import annotations

import numpy as np

import engram as eg
from tools.networks.case import ALL, BOTH, THREADS, Case, Script
from tools.networks.rates import FLOAT32, SYNAPSES32

__all__ = ["CELL", "SPIKES"]

WEIGHTS, DELAYS = eg.Uniform(0.05, 0.35), eg.Uniform(0.1, 2.0)
CELL = eg.Neuron(
    parameters="tau = 20.0 : population\nI = 20.0",
    equations="""
        tau*dv/dt = (-60.0 - v) + g_exc*(0.0 - v) + g_inh*(-80.0 - v) + I
        5.0*dg_exc/dt = -g_exc : exponential
        10.0*dg_inh/dt = -g_inh : exponential
    """,
    spike="v > -50.0",
    reset="v = -60.0",
    refractory=2.0,
    name="cell",
)


def connectors(net: eg.Network) -> Script:
    """Izhikevich neurons, instantaneous inputs, every connector; multapses."""
    exc = net.create(160, eg.Izhikevich(noise=5.0), name="exc")
    inh = net.create((5, 13), eg.Izhikevich(a=0.1, d=2.0, noise=5.0, i_offset=3.0), name="inh")
    net.connect(exc, inh, "exc").all_to_all(weights=eg.Uniform(0.0, 0.2), delays=eg.Uniform(1.0, 9.0))
    net.connect(exc, exc, "exc").fixed_probability(0.1, weights=0.5, delays=3.0)
    net.connect(inh, exc, "inh").fixed_number_pre(8, weights=eg.Uniform(0.0, 1.0))
    net.connect(inh, inh, "inh").fixed_number_post(5, weights=eg.Normal(0.3, 0.1), delays=2.0)
    net.connect(inh, exc[:65], "inh").one_to_one(weights=0.1)
    multiple = net.connect(exc, inh, "exc", name="multiple")
    multiple.fixed_total_number(1500, weights=eg.Uniform(0.0, 0.3), delays=eg.Uniform(1.0, 5.0))
    net.connect(exc, exc, "exc", name="few").fixed_total_number(90, weights=0.2, allow_self_connections=True)
    net.monitor(exc, "spike")
    net.monitor(inh, ["spike", "v"], period=2.0)
    yield
    net.simulate(100.0)
    yield
    net.simulate(60.0)


def integrate_and_fire(net: eg.Network) -> Script:
    """Leaky neurons with refractoriness: currents and conductances, exponential and alpha-shaped."""
    models = (
        eg.IF_curr_exp(tau_refrac=1.5, i_offset=2.0),
        eg.IF_cond_exp(tau_refrac=0.5, i_offset=2.0),
        eg.IF_curr_alpha(tau_refrac=3.0, i_offset=2.0),
        eg.IF_cond_alpha(tau_refrac=2.0, i_offset=2.0),
    )
    pops = [net.create(70, model, name=f"p{k}") for k, model in enumerate(models)]
    for k, pop in enumerate(pops):
        pop.v = eg.Uniform(-65.0, -51.0)
        net.connect(pop, pops[k - 1], "exc").fixed_probability(0.2, weights=eg.Uniform(0.0, 0.05), delays=DELAYS)
        net.connect(pop, pops[k - 2], "inh").fixed_number_pre(4, weights=0.02, delays=1.0)
        net.monitor(pop, "spike")
    yield
    net.simulate(20.0)


def adaptive(net: eg.Network) -> Script:
    """AdEx, exponential and alpha-shaped conductances."""
    for k, model in enumerate((eg.EIF_cond_exp_isfa_ista, eg.EIF_cond_alpha_isfa_ista)):
        pop = net.create(80, model(i_offset=2.0, tau_refrac=1.0), name=f"p{k}")
        pop.v = eg.Uniform(-70.0, -50.0)
        net.connect(pop, pop, "exc").fixed_probability(0.1, weights=eg.Uniform(0.0, 0.02), delays=DELAYS)
        net.monitor(pop, ["spike", "w"], period=1.0)
    yield
    net.simulate(20.0)


def channels(net: eg.Network) -> Script:
    """Hodgkin-Huxley."""
    pop = net.create(70, eg.HH_cond_exp(), name="pop")
    pop.i_offset = eg.Uniform(0.0, 9.0)
    net.connect(pop, pop, "exc").fixed_probability(0.1, weights=eg.Uniform(0.0, 0.02), delays=0.5)
    net.monitor(pop, ["spike", "v"], period=0.5)
    yield
    net.simulate(5.0)


def escape(net: eg.Network) -> Script:
    """GIF: spikes at random, a moving threshold."""
    a, b = net.create(90, eg.GIF_curr(refractory_period=1.0), name="a"), net.create(66, eg.GIF_curr_exp(), name="b")
    net.connect(a, b, "exc").fixed_probability(0.2, weights=eg.Uniform(0.0, 30.0), delays=DELAYS)
    net.connect(b, a, "inh").fixed_probability(0.2, weights=0.5)
    net.monitor(a, "spike")
    net.monitor(b, "spike")
    yield
    net.simulate(80.0)


def refractory(net: eg.Network) -> Script:
    """Rest by a number, set per neuron, by a parameter, by a variable; t_last, several statements at a spike."""
    pops = []
    for name, rest in (("number", 1.7), ("each", 2.0), ("parameter", "t_dead"), ("variable", "pause"), ("none", None)):
        neuron = eg.Neuron(
            parameters="t_dead = 2.0\nI = 1.0",
            equations="""
                age = age + 1.0 : population
                pause = 0.1*age + 0.25
                5.0*dv/dt = I - v + g_exc + 0.2*Normal(0.0, 1.0)
                5.0*dg_exc/dt = -g_exc : exponential
                since = t - t_last
                dx/dt = -x/9.0
            """,
            spike="(v > 0.8) and (x < 3.0)",
            reset="v = ite(x > 1.0, -0.1, 0.0) ; x += 1.0",
            refractory=rest,
        )
        pop = net.create(70, neuron, name=name)
        pop.I = eg.Uniform(0.8, 2.0)
        net.monitor(pop, "spike")
        pops.append(pop)
    pops[1].refractory = np.arange(70) % 9 + 0.5
    pops[2].t_dead = eg.Uniform(0.5, 4.0)
    net.connect(pops[4], pops[0], "exc").fixed_probability(0.1, weights=0.3)
    net.connect(pops[3], pops[1], "exc").fixed_probability(0.1, weights=WEIGHTS, delays=3.0)
    yield
    net.simulate(50.0)
    pops[0].refractory = 0.5
    net.simulate(30.0)


def resting(net: eg.Network) -> Script:
    """What holds and what goes on in refractoriness; input that is dropped then, of several kinds."""
    neuron = eg.Neuron(
        parameters="I = 1.0",
        equations="""
            5.0*dv/dt = I - v + g_exc - w : rk4, unless refractory
            9.0*dw/dt = 0.2*v - w : rk4, while refractory
            5.0*dg_exc/dt = -g_exc : exponential, unless refractory
            seen = g_now + g_gap : while refractory
        """,
        spike="v > 0.8",
        reset="v = 0.0 ; w += 0.1",
        refractory=3.0,
        refractory_input="drop",
    )
    a, b = net.create(150, neuron, name="a"), net.create(70, neuron, name="b")
    a.I, b.I = eg.Uniform(0.5, 2.0), eg.Uniform(0.5, 2.0)
    net.connect(a, b, "exc").fixed_probability(0.2, weights=WEIGHTS, delays=DELAYS)
    net.connect(b, a, "exc").fixed_probability(0.2, weights=WEIGHTS, delays=3.0)
    net.connect(b, b, "now").fixed_number_pre(5, weights=0.1)
    net.connect(a, a, "gap", eg.Synapse(psp="w*(pre.v - post.v)")).fixed_number_pre(3, weights=0.1)
    net.monitor(a, ["spike", "g_exc"])
    yield
    net.simulate(20.0)
    b.disable()
    net.simulate(5.0)
    b.enable()
    a.g_exc = 0.3
    yield
    net.simulate(20.0)


def axons(net: eg.Network) -> Script:
    """Axonal spikes with a reset and synapses of their own; transmission switched off and on."""
    neuron = eg.Neuron(
        parameters="tau = 10.0 : population",
        equations="tau*dv/dt = -v + g_exc + 0.9 + 0.4*Normal(0.0, 1.0)\nu *= 0.9",
        spike="v > 1.0",
        axon_spike="v > 0.9",
        reset="v = 0.0",
        axon_reset="u += 1.0",
        refractory=3.0,
    )
    synapse = eg.Synapse(
        pre_spike="g_target += w", pre_axon_spike="g_target += 0.2*w\ncount += 1", post_spike="w *= 0.99"
    )
    a, b = net.create(90, neuron, name="a"), net.create(70, neuron, name="b")
    forth = net.connect(a, b, "exc", synapse, name="forth")
    forth.fixed_probability(0.2, weights=eg.Uniform(0.0, 0.1), delays=eg.Uniform(1.0, 6.0))
    net.connect(b, a, "exc", eg.Synapse(pre_axon_spike="g_target += w")).fixed_number_pre(5, weights=0.05, delays=2.0)
    net.connect(b, b, "exc").fixed_number_pre(5, weights=0.05)
    net.monitor(a, ["spike", "axon_spike"])
    yield
    net.simulate(50.0)
    forth.axon_transmission = False
    net.simulate(30.0)
    forth.axon_transmission = True
    net.simulate(40.0)


def ordered(net: eg.Network) -> Script:
    """Resets that assign what the population shares, one neuron after another."""
    neuron = eg.Neuron(
        parameters="I = 1.0",
        equations="""
            count = count : population, int
            dlevel/dt = -level/9.0 : population
            5.0*dv/dt = I - v + g_exc - 0.01*level
        """,
        spike="v > 0.8",
        reset="v = -0.01*level ; level += v + 1.0 ; count += 1",
        axon_spike="v > 0.75",
        axon_reset="count -= 1",
        refractory=2.0,
    )
    a, b = net.create(1500, neuron, name="a"), net.create(70, CELL, name="b")
    a.I = eg.Uniform(0.8, 2.0)
    net.connect(a, b, "exc").fixed_number_pre(20, weights=WEIGHTS, delays=DELAYS)
    net.connect(b, a, "exc").fixed_number_post(20, weights=0.1)
    net.monitor(a, ["spike", "count"])
    yield
    net.simulate(20.0)
    yield
    net.simulate(20.0)


def packed(net: eg.Network) -> Script:
    """Projections that share packed rows, single weights and a weight per synapse, switched and changed."""
    cells = {name: net.create(n, CELL, name=name) for name, n in {"a": 150, "b": 70, "c": 33}.items()}
    for cell in cells.values():
        cell.v = eg.Uniform(-60.0, -49.0)
    for pre in "abc":
        for post in "abc":
            one = net.connect(cells[pre], cells[post], "inh" if pre == "b" else "exc", name=pre + post)
            one.fixed_probability(0.2, weights=WEIGHTS, delays=DELAYS if pre != "c" else 1.0)
    net.connect(cells["a"], cells["b"], "exc", name="again").fixed_probability(0.1, weights=0.05, delays=1.0)
    single = net.connect(cells["a"], cells["c"], "inh", name="single").fixed_probability(0.1, weights=0.02)
    forced = net.connect(cells["a"], cells["a"], "inh", name="forced")
    forced.fixed_number_post(9, weights=0.02, force_multiple_weights=True)
    net.connect(cells["c"], cells["a"], "exc", name="multiple").fixed_total_number(500, weights=WEIGHTS)
    net.monitor(cells["a"], "spike")
    yield
    net.simulate(8.0)
    net.get_projection("ab").transmission = False
    single.w = eg.Uniform(0.0, 0.1)
    forced.w = 0.03
    yield
    net.simulate(7.0)
    net.get_projection("ab").transmission = True
    ca = net.get_projection("ca")
    ca.w = np.linspace(0.0, 0.3, ca.nb_synapses)
    net.simulate(5.0)


def currents(net: eg.Network) -> Script:
    """Continuous transmission, a projection with two targets, conductances that vanish, decay, and rise."""
    neuron = eg.Neuron(
        parameters="I = 1.0",
        equations="""
            dg_fast/dt = -g_fast/2.0 : exponential
            dg_slow/dt = -g_slow/9.0
            dalpha/dt = (g_slow - alpha)/3.0 : exponential
            dv/dt = 0.2*(I - v) + g_gap + g_now + 0.1*g_fast - 0.1*alpha + 0.1*g_exc
        """,
        spike="v > 1.5",
        reset="v = -0.5",
    )
    a, b = net.create(70, neuron, name="a"), net.create(40, neuron, name="b")
    a.I, b.I = eg.Uniform(0.5, 3.0), eg.Uniform(0.5, 3.0)
    gap = eg.Synapse(psp="w*(pre.v - post.v)")
    net.connect(a, a, "gap", gap).fixed_probability(0.2, weights=eg.Uniform(0.0, 0.05))
    net.connect(a, b, "gap", gap).all_to_all(weights=0.002)
    both = net.connect(a, b, ["fast", "slow"], eg.Synapse(pre_spike="g_target += w ; w *= 0.98"))
    both.fixed_probability(0.3, weights=eg.Uniform(0.0, 0.2), delays=2.0)
    net.connect(b, a, "now").fixed_number_pre(4, weights=eg.Normal(0.0, 0.2), delays=eg.Uniform(0.5, 4.0))
    net.monitor(b, ["spike", "g_slow", "g_gap"], period=2.0)
    yield
    net.simulate(50.0)


SPIKES = (
    Case(connectors, ALL),
    Case(integrate_and_fire, BOTH, dt=0.1),
    Case(adaptive, dt=0.1),
    Case(channels, dt=0.01),
    Case(escape, THREADS, dt=0.5),
    Case(refractory, ALL, dt=0.5),
    Case(ordered, ALL, dt=0.5),
    Case(resting, ALL, dt=0.5),
    Case(axons, BOTH),
    Case(packed, ALL, dt=0.1),
    Case(packed, settings=FLOAT32, dt=0.1, suffix=" in float32"),
    Case(packed, settings=SYNAPSES32, dt=0.1, suffix=" with float32 synapses"),
    Case(currents, BOTH, dt=0.5),
)
