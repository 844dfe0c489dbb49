"""Networks to be put down and picked up again: one function each, which builds it and says what to record.

``build(name, seed)`` is what a user's script would do; ``begin`` is what only the first process does after compile, so
that a file that lacks it shows. Populations are larger than several strides of 64 elements, and weights fill their
mantissa, so that another cut among threads would give another order of sums if it could.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

import engram as eg

IZHIKEVICH = eg.Neuron(
    parameters="""
        a = 0.02 : population
        b = 0.2 : population
        c = -65.0 : population
        d = 8.0 : population
        tau_ampa = 5.0 : population
        tau_nmda = 150.0 : population
        v_rev = 0.0 : population
        v_thresh = 30.0 : population
        noise = 5.0
    """,
    equations="""
        dg_exc/dt = -g_exc/tau_ampa
        dg_inh/dt = -g_inh/tau_nmda
        I = g_exc*(v_rev - v) - g_inh + noise*Normal(0.0, 1.0)
        dv/dt = 0.04*v^2 + 5.0*v + 140.0 - u + I : init = -65.0
        du/dt = a*(b*v - u) : init = -13.0
    """,
    spike="v > v_thresh",
    reset="v = c ; u += d",
    name="Izhikevich",
)
STDP = eg.Synapse(
    parameters="""
        tau_plus = 20.0 : projection
        tau_minus = 60.0 : projection
        A_plus = 0.0002 : projection
        A_minus = 6.6e-05 : projection
        w_max = 0.03 : projection
    """,
    equations="dx/dt = -x/tau_plus : event-driven\n dy/dt = -y/tau_minus : event-driven",
    pre_spike="g_target += w ; x += A_plus ; w = clip(w + y, 0.0, w_max)",
    post_spike="y -= A_minus ; w = clip(w + x, 0.0, w_max)",
    name="STDP",
)
LEAKY = eg.Neuron(
    parameters="tau = 10.0 : population\n B = 0.1",
    equations="""
        I = sum(exc) - sum(inh) + B + 0.01*Normal(0.0, 1.0)
        tau*dr/dt = -r + I : min = 0.0, exponential
    """,
    name="leaky integrator",
)
NAMED_REST = eg.Neuron(
    parameters="tau = 10.0 : population\n tau_g = 5.0 : population\n rest = 6.0",
    equations="""
        tau_g*dg_exc/dt = -g_exc : exponential
        tau*dv/dt = -v + g_exc + 0.9 + 0.4*Normal(0.0, 1.0) : exponential
    """,
    spike="v > 1.0",
    reset="v = 0.0",
    refractory="rest",
    name="named rest",
)
DROPPING = eg.Neuron(
    parameters="tau = 10.0 : population",
    equations="""
        tau*dv/dt = -v + g_exc - w + 0.9 + 0.4*Normal(0.0, 1.0) : exponential
        dg_exc/dt = -g_exc/5.0 : exponential, unless refractory
        dw/dt = -w/30.0 : exponential, while refractory
    """,
    spike="v > 1.0",
    reset="v = 0.0 ; w += 0.05",
    refractory=3.0,
    refractory_input="drop",
    name="dropping",
)
FIXED_REST = eg.Neuron(
    parameters="tau = 10.0 : population",
    equations="tau*dv/dt = -v + g_exc + 0.9 + 0.4*Normal(0.0, 1.0)",
    spike="v > 1.0",
    reset="v = 0.0",
    refractory=7.0,
    name="fixed rest",
)
SHARED = eg.Neuron(
    parameters="tau = 20.0 : population\n odd = 3 : int",
    equations="""
        dx/dt = -x/tau + 0.3*Normal(0.0, 1.0) + sin(t/7.0) : population
        n += 1 : population, int
        k += odd : int
        up = x > 0.0 : bool
        dv/dt = (x - v)/tau + 0.05*Uniform(0.0, 1.0) + 0.1*Exponential(2.0) + g_exc + ite(t - t_last > 1.0, 0.02, 0.0)
    """,
    spike="v > 0.5 and up",
    reset="v = 0.0 ; k = 0",
    name="shared",
)
HEBB = eg.Synapse(
    parameters="eta = 0.01 : projection", equations="dw/dt = eta*pre.r*post.r : min = 0.0, max = 0.02", name="Hebb"
)
BOTH_SIDES = eg.Synapse(
    parameters="tau = 15.0\n gain = 0.5 : postsynaptic",
    equations="dz/dt = (0.25 - z)/tau : event-driven",
    pre_spike="g_target += w*z*gain ; z += 0.1",
    post_spike="z *= 0.5",
    name="both sides",
)


def stdp(net):
    exc = net.create(200, IZHIKEVICH, name="PFC_exc")
    inh = net.create((7, 20), IZHIKEVICH, name="PFC_inh")
    inh.a = 0.1
    forth = net.connect(exc, inh, "exc", STDP, name="forth")
    forth.connect_fixed_probability(0.2, weights=eg.Uniform(0.0, 0.03), delays=eg.Uniform(1.0, 10.0))
    net.monitor(exc, "spike")
    net.monitor(inh, ["spike", "v", "g_exc"])


def rates(net):
    pop1 = net.create(150, LEAKY, name="pop1")
    pop2 = net.create((10, 14), LEAKY, name="pop2")
    net.connect(pop1, pop2, "exc", name="late").all_to_all(weights=eg.Uniform(0.0, 0.01), delays=3.0)
    net.connect(pop2, pop1, "inh", name="scattered").all_to_all(weights=0.002, delays=eg.Uniform(1.0, 8.0))
    own = net.connect(pop1, pop1, "exc", HEBB, name="own").all_to_all(weights=eg.Uniform(0.0, 0.01))
    own.enable_learning(period=2.0)
    some = net.connect(pop2, pop2, "inh", eg.models.Oja(eta=0.001), name="some")
    some.fixed_probability(0.3, weights=eg.Uniform(0.0, 0.01), delays=2.0)
    net.monitor(pop2, ["r", "sum(exc)"], period=3.0)


def begin_rates(net):
    net.get_population("pop1").r = eg.Uniform(0.25, 0.75)


def resting(net):
    p = net.create(150, NAMED_REST, name="named")
    p.rest = eg.Uniform(0.0, 12.0)
    q = net.create(140, FIXED_REST, name="fixed")
    q.refractory = np.arange(140) % 9 + 0.5
    net.connect(p, q, "exc", name="one weight").fixed_probability(0.1, weights=0.1, delays=4.0)
    net.connect(q, p, "exc", name="weights").fixed_number_pre(12, weights=0.1, force_multiple_weights=True)
    q.compute_firing_rate(10.0)
    net.connect(p, p, "exc", name="own").fixed_number_post(9, weights=eg.Normal(0.0, 0.1), delays=2.0)
    net.monitor(p, "spike")
    net.monitor(q, ["v", "spike"])


def dropping(net):
    """Input that is lost in refractory periods, an equation that goes on in them and one that holds."""
    a, b = (net.create(n, DROPPING, name=name) for n, name in ((150, "a"), (70, "b")))
    gap = eg.Synapse(psp="w*(pre.v - post.v)", name="gap junction")
    net.connect(b, b, "exc", gap, name="gaps").fixed_number_pre(5, weights=eg.Uniform(0.0, 0.02))
    for pre, post in ((a, b), (b, a)):
        proj = net.connect(pre, post, "exc", name=f"{pre.name} to {post.name}")
        proj.fixed_probability(0.2, weights=eg.Uniform(0.0, 0.3), delays=eg.Uniform(0.5, 4.0))
    net.monitor(a, ["g_exc", "spike"])
    net.monitor(b, "spike")


def shared(net):
    p = net.create(130, SHARED, name="p")
    q = net.create(3, SHARED, name="q")
    forth = net.connect(p, q, "exc", BOTH_SIDES, name="forth")
    forth.all_to_all(weights=eg.Uniform(0.0, 0.1), delays=eg.Uniform(1.0, 6.0))
    net.connect(q, p, "exc", BOTH_SIDES, name="back").all_to_all(weights=0.1, delays=5.0)
    net.monitor(p, ["x", "k", "up", "spike"])


def begin_shared(net):
    net.get_projection("back").z = eg.Uniform(0.0, 1.0)
    net.get_projection("back").gain = eg.Uniform(0.5, 1.0)
    net.get_population("p").tau = 17.0


def recorders(net):
    p = net.create(70, NAMED_REST, name="p")
    net.connect(p, p, "exc", name="c").fixed_probability(0.1, weights=0.1, delays=eg.Uniform(1.0, 20.0))
    net.monitor(p, ["v", "spike"], name="always")
    net.monitor(p, ["v", "g_exc"], period=4.0, period_offset=3.0, name="sometimes")
    net.monitor(p, ["spike"], start=False, name="late")


def begin_recorders(net):
    net.get_population("p").compute_firing_rate(8.0)
    net.simulate(5.0)
    net._monitors["sometimes"].pause()
    net._monitors["late"].start()
    net.simulate(2.0)
    net._monitors["sometimes"].resume()
    net._monitors["always"].get("spike")


def given(net):
    """Lists of synapses, others in each script: what a file brings is what was given to the saved network."""
    rng = np.random.default_rng(net.seed)
    p, q = net.create(150, IZHIKEVICH, name="p"), net.create(70, IZHIKEVICH, name="q")
    r = net.create(40, LEAKY, name="r")
    r.B = eg.Uniform(0.0, 0.2)

    def some(rows, columns, top):
        exists = rng.random((rows, columns)) < 0.3
        return np.where(exists, top * rng.random((rows, columns)), np.nan)

    net.connect(p, q, "exc", STDP, name="plastic").from_matrix(some(70, 150, 0.03), delays=2.0)
    late = net.connect(q[::-2], p[10:70], "exc", name="late")
    late.from_matrix(some(60, 35, 0.1), delays=np.ceil(9.0 * rng.random((60, 35))))
    pairs = rng.integers(0, 150, 900), rng.integers(0, 150, 900)
    net.connect(p, p, "inh", name="twice").connect_from((*pairs, 0.01 * rng.random(900)), duplicates="keep")
    net.connect(p, q, "inh", name="one weight").connect_from(([0, 1, 2], [3, 4, 5]), weights=0.01, delays=3.0)
    net.connect(r, r, "exc", name="rates").from_matrix(some(40, 40, 0.02), delays=np.ceil(4.0 * rng.random((40, 40))))
    net.connect(q, p, "inh", name="none").connect_from((np.zeros(0, int), np.zeros(0, int)))
    net.monitor(p, "spike")


def begin_given(net):
    net.get_projection("late").delay = 2.0
    net.get_projection("twice").w = 0.005
    net.get_projection("rates").dendrite(net.get_projection("rates").post_ranks[0]).w = 0.01


@dataclass(frozen=True)
class Case:
    """A network: what builds it, what the first process does after compile, the step in ms, settings."""

    create: Callable
    begin: Callable = lambda net: None
    dt: float = 1.0
    settings: dict = field(default_factory=dict)


CASES = {
    "stdp": Case(stdp),
    "rates": Case(rates, begin_rates),
    "resting": Case(resting, dt=0.5),
    "dropping": Case(dropping, dt=0.5),
    "shared": Case(shared, begin_shared),
    "recorders": Case(recorders, begin_recorders),
    "given": Case(given, begin_given),
    "stdp in float32": Case(stdp, settings={"dtype": eg.float32}),
    "rates in float32": Case(rates, begin_rates, settings={"dtype": eg.float32}),
    "resting in float32": Case(resting, dt=0.5, settings={"dtype": eg.float32}),
    "given in float32": Case(given, begin_given, settings={"dtype": eg.float32}),
    "shared with float32 synapses": Case(shared, begin_shared, settings={"synapse_dtype": eg.float32}),
}


def build(name, seed=42, threads=1, backend="c"):
    """Return the compiled network as another script would build it: any seed, any number of threads."""
    net = eg.Network(dt=CASES[name].dt, seed=seed)
    net.config(num_threads=threads, **CASES[name].settings)
    CASES[name].create(net)
    net.compile(backend=backend)
    return net


def started(name, seed=42, threads=1, backend="c"):
    """Return the network of the first process, before its run."""
    net = build(name, seed, threads, backend)
    CASES[name].begin(net)
    return net


def run(net, steps):
    """Simulate whole steps."""
    net.simulate(steps * net.dt)


def spikes(net):
    """Return all recorded spikes, by monitor."""
    recording = [m for m in net._monitors.values() if "spike" in m.variables]
    return {m.name: m.get("spike", keep=True) for m in recording}
