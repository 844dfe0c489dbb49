"""Rate-coded networks."""

from __future__ import annotations

import numpy as np

import engram as eg
from engram.ir.methods import METHODS
from tools.networks.case import ALL, BOTH, THREADS, Case, Script

__all__ = ["RATES"]

WAVE = """
    r = 1.0 + 0.8*sin(omega*t + phase)
    half = 0.5*r - 0.1
"""
SOURCE = eg.Neuron(parameters="omega = 0.3\nphase = 0.0", equations=WAVE, name="source")
LEAKY = eg.Neuron(
    parameters="tau = 10.0 : population\nB = 0.1",
    equations="tau*dr/dt = -r + sum(exc) - sum(inh) + B + 0.01*Normal(0.0, 1.0) : min = 0.0, exponential",
    name="leaky",
)


def _sources(net: eg.Network, n: int, name: str = "pre") -> eg.Population:
    pop = net.create(n, SOURCE, name=name)
    pop.omega, pop.phase = eg.Uniform(0.2, 0.6), eg.Uniform(0.0, 6.0)
    return pop


def dense(net: eg.Network) -> Script:
    """All to all: one weight and many, delays of one, some and various steps, several projections on a target."""
    a, b = net.create(150, LEAKY, name="a"), net.create((10, 13), LEAKY, name="b")
    net.connect(a, b, "exc", name="late").all_to_all(weights=eg.Uniform(0.0, 0.01), delays=3.0)
    net.connect(a, b, "exc", name="now").all_to_all(weights=0.001)
    net.connect(b, a, "inh", name="scattered").all_to_all(weights=0.002, delays=eg.Uniform(1.0, 8.0))
    net.connect(b, b, "inh", name="forced").all_to_all(weights=0.001, force_multiple_weights=True)
    net.connect(a, a, "exc", name="own").all_to_all(weights=eg.Normal(0.0, 0.01), allow_self_connections=True)
    net.monitor(b, ["r", "sum(exc)"], period=5.0)
    yield
    a.r = eg.Uniform(0.25, 0.75)
    net.simulate(70.0)
    yield
    net.simulate(50.0)


def sparse(net: eg.Network) -> Script:
    """Every connector, each with one weight and with many, and with delays."""
    pops = [net.create(n, LEAKY, name=f"p{k}") for k, n in enumerate((140, 140, 200))]
    connectors = {
        "one_to_one": (),
        "fixed_probability": (0.15,),
        "fixed_number_pre": (9,),
        "fixed_number_post": (7,),
        "fixed_total_number": (800,),
    }
    for k, (connector, arguments) in enumerate(connectors.items()):
        for weights, delays in ((0.01, 0.0), (eg.Uniform(0.0, 0.02), 4.0), (eg.Uniform(0.0, 0.02), eg.Uniform(1, 6))):
            pre, post = pops[k % 3], pops[(k + 1) % 3]
            target = "exc" if k % 2 else "inh"
            getattr(net.connect(pre, post, target), connector)(*arguments, weights=weights, delays=delays)
    net.connect(pops[0], pops[0], "exc").fixed_probability(0.1, weights=0.02, allow_self_connections=True)
    yield
    net.simulate(80.0)


def psp(net: eg.Network) -> Script:
    """How contributions are joined: sum, max, min, mean; expressions of weight, pre and post."""
    neuron = eg.Neuron(
        parameters="base = 1.0",
        equations="r = 0.1*sum(add) + 0.1*sum(top) + 0.2*sum(low) + 0.3*sum(avg)",
    )
    pre, post = _sources(net, 70), net.create(90, neuron, name="post")
    post.base = eg.Uniform(0.5, 2.0)
    ways = {
        "add": ("sum", "w*pre.r*post.base"),
        "top": ("max", "w*log(1.0 + pre.r)"),
        "low": ("min", "abs(w - pre.half)"),
        "avg": ("mean", "if pre.r > 1.0: w*pre.r else: -w"),
    }
    for target, (operation, text) in ways.items():
        projection = net.connect(pre, post, target, eg.Synapse(psp=text, operation=operation))
        projection.fixed_probability(0.4, weights=eg.Uniform(0.1, 0.9))
    net.connect(pre, post, "avg").all_to_all(weights=0.125)
    net.monitor(post, ["r", "sum(add)", "sum(low)"], period=7.0)
    yield
    net.simulate(60.0)


def reductions(net: eg.Network) -> Script:
    """Mean, max, min, norm1, norm2 over populations of several blocks: by neurons, synapses, and stop conditions."""
    neuron = eg.Neuron(
        parameters="tau = 10.0 : population\nx0 = 1.0",
        equations="""
            v = x0*cos(t/3.0 + x0) + 0.1*sum(exc)
            av = mean(v) : population
            hi = max(v) : population
            lo = min(v) : population
            length = norm2(v)/(1.0 + norm1(v)) : population
            tau*dtrace/dt + trace = av : population, exponential
            r = pos(v - mean(v)) + trace/(1.0 + norm2(v)) + hi - lo
        """,
    )
    big = net.create(1000, neuron, stop_condition="mean(r) > 1000.0", name="big")
    odd, one = net.create(129, neuron, name="odd"), net.create(1, neuron, name="one")
    for pop in (big, odd, one):
        pop.x0 = eg.Normal(0.0, 1.0)
    synapse = eg.Synapse(equations="x = pre.r - mean(pre.r) + 0.1*max(post.r) - 0.2*min(pre.v)\nw += 0.001*x")
    net.connect(odd, big, "exc", synapse, name="plastic").fixed_number_pre(3, weights=0.1)
    net.connect(big, one, "exc", name="all").all_to_all(weights=eg.Uniform(0.0, 0.01))
    yield
    net.simulate(40.0)
    net.simulate_until(20.0, big)


def methods(net: eg.Network) -> Script:
    """Every method for one equation and for two coupled ones."""
    for method in sorted(METHODS):
        neuron = eg.Neuron(
            parameters="I = 0.5\ntau = 7.0 : population",
            equations=f"""
                tau*dv/dt = -v - 2.0*u + I : {method}, init = 1.0
                du/dt = 0.5*v - u + 0.1*I : {method}
                r = v
            """,
        )
        net.create(70, neuron, name=method).I = eg.Uniform(0.0, 1.0)
    curved = eg.Neuron(parameters="a = 0.4", equations="dr/dt = a*r*(1.0 - r) : init = 0.1", name="the network's")
    net.create(70, curved, name="default").a = eg.Uniform(0.1, 0.9)
    yield
    net.simulate(20.0)


def localities(net: eg.Network) -> Script:
    """Synapses with variables of the projection, of each post neuron and of each synapse; pre.sum, post.sum; delays."""
    synapse = eg.Synapse(
        parameters="eta = 0.02 : projection\ntau = 8.0 : projection\nscale = 0.4 : postsynaptic\nbias = 0.1",
        functions="squash(x) = x/(1.0 + abs(x))",
        equations="""
            cycles = cycles + 1 : projection, int
            drive = eta*cycles : projection, max = 0.5
            tau*dtheta/dt + theta = post.r^2 : postsynaptic, exponential
            heard = scale*post.sum(exc) - 0.1 : postsynaptic, min = 0.0, max = 1.5
            dtrace/dt = (pre.r - trace)/5.0 : semiimplicit
            dfast/dt = squash(pre.r) - fast : midpoint
            back = pre.sum(back)
            dw/dt = eta*trace*fast + 0.01*bias*back - drive*w*0.1 + 0.01*heard : min = 0.0, max = theta + 0.5
        """,
        psp="w*squash(pre.r + trace)",
    )
    neuron = eg.Neuron(
        parameters="omega = 0.4",
        equations="5.0*dv/dt + v = sum(exc) - 0.3*sum(back) + 1.0 + sin(omega*t) : exponential\nr = pos(v)",
    )
    a, b = net.create(60, neuron, name="a"), net.create(80, neuron, name="b")
    a.omega = eg.Uniform(0.3, 0.8)
    forth = net.connect(a, b, "exc", synapse, name="forth")
    forth.fixed_probability(0.3, weights=eg.Uniform(0.0, 0.1))
    net.connect(b, a, "exc", synapse, name="other").fixed_number_pre(5, weights=0.01)
    late = eg.Synapse(equations="x = pre.r + 0.1*post.v\nw += 0.001*x : max = 0.2")
    net.connect(a, b, "exc", late, name="late").fixed_probability(0.2, weights=0.01, delays=eg.Uniform(1.0, 4.0))
    for pre, post in ((a, b), (b, a)):
        net.connect(pre, post, "back").fixed_number_pre(5, weights=eg.Uniform(0.0, 0.1))
    yield
    forth.bias, forth.scale = eg.Uniform(0.0, 0.2), eg.Uniform(0.2, 0.6)
    net.simulate(60.0)


def learning(net: eg.Network) -> Script:
    """Hebb, Oja, IBCM; learning with periods and offsets; switched off and on in various ways."""
    neuron = eg.models.LeakyIntegrator(tau=5.0, sum="0.3*sum(exc)")
    pre = _sources(net, 66)
    rules = (eg.models.Hebb(eta=0.001), eg.models.Oja(eta=0.002, alpha=0.8), eg.models.IBCM(eta=0.0005, tau=30.0))
    found = []
    for k in range(9):
        post = net.create(20 + k, neuron, name=f"post{k}")
        projection = net.connect(pre, post, "exc", rules[k % 3], name=f"plastic{k}")
        found.append(projection.fixed_probability(0.5, weights=eg.Uniform(0.0, 0.05), delays=float(k % 4)))
    found[6].enable_learning(period=5.0)
    yield
    found[7].enable_learning(period=4.0, offset=3.0)
    net.simulate(25.0)
    net.disable_learning([found[0]])
    found[1].plasticity = found[2].update = found[3].transmission = False
    yield
    net.simulate(20.0)
    net.enable_learning(found[:2], period=2.0)
    found[2].update = found[3].transmission = True
    net.simulate(25.0)


def conductance_names(net: eg.Network) -> Script:
    """Rate-coded neurons with variables called g_...; conditionals, types, functions, blocks that read each other."""
    eg.add_function("bump(x, m) = exp(-(x - m)*(x - m)/2.0)")
    neuron = eg.Neuron(
        parameters="n = 3 : int\non = True : bool\nrest = -0.5",
        functions="slope(x, a, b) = if x > 0.0: a*x else: b*x",
        equations="""
            dg_mod/dt = (sum(mod) - g_mod)/5.0 : min = -1.0
            g_now = 0.5*g_mod + sum(exc)
            up = up + 1 : int, init = -3
            odd = modulo(up, n) == 1 : bool
            total += up : int, max = 300
            x = if odd and on: slope(g_now, 2.0, 0.1) else: bump(g_now, rest) + 0.01*t
            r = ite(x > 0.5, 1.0 - exp(-x), x^2 + sqrt(abs(x))*log(1.0 + abs(g_mod)))
        """,
    )
    pre, post = _sources(net, 70), net.create(100, neuron, name="post")
    post.n, post.on = eg.DiscreteUniform(2, 5), np.arange(100) % 3 == 0
    net.connect(pre, post, "mod", name="mod").fixed_number_pre(6, weights=eg.Uniform(-0.2, 0.2))
    net.connect(post, post, "exc", name="own").fixed_number_post(5, weights=eg.Uniform(-0.2, 0.2), delays=2.0)
    net.monitor(post, ["g_mod", "g_now", "r", "odd"], period=3.0)
    yield
    net.simulate(60.0)


def constants(net: eg.Network) -> Script:
    """Constants of the network, changed while it runs."""
    gain, limit = net.constant("gain", 0.7), net.constant("limit", 3.0)
    neuron = eg.Neuron(
        parameters="x0 = 1.0", equations="v = gain*x0*t + limit*sum(exc)\nr = if v > limit: limit else: v"
    )
    a, b = net.create(70, neuron, name="a"), net.create(30, neuron, name="b")
    a.x0 = eg.Uniform(0.0, 0.3)
    net.connect(a, b, "exc", eg.Synapse(psp="gain*w*pre.r")).all_to_all(weights=eg.Uniform(0.0, 0.1))
    yield
    net.simulate(20.0)
    gain.set(1.4)
    net.simulate(15.0)
    limit.set(-1.0)
    net.simulate(15.0)


def draws(net: eg.Network) -> Script:
    """Every distribution in equations, with numbers and with parameters, per element and for the population."""
    neuron = eg.Neuron(
        parameters="m = 1.0\ns = 0.5 : population",
        equations="""
            one = Normal(0.0, 1.0) : population
            a = Normal(m, s)
            b = Uniform(-m, m + 1.0)
            c = Exponential(m)
            d = Poisson(3.0*m)
            e = Binomial(9, 0.3)
            f = Gamma(2.0, m)
            g = LogNormal(0.0, s)
            h = DiscreteUniform(1, 6)
            r = a + b + 0.1*c + d + e + f + g + h + one + sum(exc)
        """,
    )
    synapse = eg.Synapse(equations="w = 0.9*w + 0.01*Uniform(0.0, 1.0)\nz = Normal(0.0, 1.0) : postsynaptic")
    a, b = net.create(2100, neuron, name="a"), net.create(40, neuron, name="b")
    a.m = eg.Uniform(0.5, 1.5)
    b.m = eg.Gamma(4.0, 0.25)
    net.connect(b, b, "exc", synapse, name="noisy").fixed_probability(0.4, weights=eg.LogNormal(-3.0, 0.2))
    net.connect(b, a, "exc", name="plain").fixed_number_pre(2, weights=eg.Exponential(9.0))
    yield
    net.simulate(12.0)


FLOAT32, SYNAPSES32 = {"dtype": eg.float32}, {"synapse_dtype": eg.float32}
RATES = (
    Case(dense, ALL),
    Case(dense, settings=FLOAT32, suffix=" in float32"),
    Case(sparse, ALL),
    Case(sparse, settings=SYNAPSES32, suffix=" with float32 synapses"),
    Case(psp, BOTH),
    Case(reductions, ALL),
    Case(methods, dt=0.25, settings={"method": "midpoint"}),
    Case(localities, THREADS, dt=0.5),
    Case(learning, BOTH),
    Case(conductance_names, BOTH),
    Case(constants),
    Case(draws, ALL),
)
