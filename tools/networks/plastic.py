"""Spiking networks whose synapses change."""

from __future__ import annotations

import engram as eg
from tools.networks.case import ALL, BOTH, THREADS, Case, Script
from tools.networks.rates import FLOAT32, SYNAPSES32

__all__ = ["PLASTIC"]

NOISY = eg.Neuron(
    parameters="tau = 10.0 : population\nB = 0.9",
    equations="tau*dv/dt = -v + g_exc + B + 0.4*Normal(0.0, 1.0)\n5.0*dg_exc/dt = -g_exc : exponential",
    spike="v > 1.0",
    reset="v = 0.0",
    refractory=3.0,
    name="noisy",
)
PAIRS = eg.Synapse(
    parameters="""
        tau_plus = 20.0 : projection
        tau_minus = 60.0 : projection
        A_plus = 0.002 : projection
        A_minus = 0.0007 : projection
        w_max = 0.3 : projection
    """,
    equations="dx/dt = -x/tau_plus : event-driven\ndy/dt = -y/tau_minus : event-driven",
    pre_spike="g_target += w ; x += A_plus ; w = clip(w + y, 0.0, w_max)",
    post_spike="y -= A_minus ; w = clip(w + x, 0.0, w_max)",
    name="pairs",
)


def event_driven(net: eg.Network) -> Script:
    """STDP by traces, with delays of one, of some and of various steps; what is kept once per neuron."""
    a, b = net.create(150, NOISY, name="a"), net.create((7, 20), NOISY, name="b")
    various = net.connect(a, b, "exc", PAIRS, name="various")
    various.fixed_probability(0.2, weights=eg.Uniform(0.0, 0.3), delays=eg.Uniform(1.0, 10.0))
    net.connect(b, a, "exc", PAIRS, name="late").fixed_number_pre(9, weights=0.05, delays=4.0)
    own = net.connect(a, a, "exc", PAIRS, name="own").fixed_number_post(7, weights=eg.Uniform(0.0, 0.1))
    net.monitor(a, "spike")
    net.monitor(b, ["spike", "v", "g_exc"], period=3.0)
    yield
    own.tau_plus = 15.0
    net.simulate(60.0)
    yield
    own.plasticity = False
    net.simulate(40.0)


def ready_made(net: eg.Network) -> Script:
    """STDP and STP as they come, flags and learning switched off and on."""
    pops = [net.create(70 + k, NOISY, name=f"p{k}") for k in range(4)]
    facilitating, trains = eg.STP(tau_rec=80.0, tau_facil=30.0, U=0.2), eg.STDP(w_max=0.4)
    found = []
    for k, synapse in enumerate((trains, eg.STP(), trains, facilitating, trains, eg.STDP(A_minus=0.02))):
        projection = net.connect(pops[k % 4], pops[(k + 1 + k // 4) % 4], "exc", synapse, name=f"plastic{k}")
        found.append(projection.fixed_probability(0.2, weights=eg.Uniform(0.0, 0.4), delays=float(k)))
    net.monitor(pops[0], "spike")
    yield
    found[3].U = eg.Uniform(0.1, 0.4)
    net.simulate(50.0)
    net.disable_learning(found[0])
    found[1].transmission = found[2].plasticity = found[4].update = False
    yield
    net.simulate(40.0)
    net.enable_learning()
    found[1].transmission = True
    net.simulate(40.0)


def continuous(net: eg.Network) -> Script:
    """Traces that are equations of every step, of synapse, post neuron and projection; learning with a period."""
    synapse = eg.Synapse(
        parameters="tau = 8.0 : projection\neta = 0.02",
        equations="""
            steps = steps + 1 : projection, int
            tau*dmean_v/dt + mean_v = post.v : postsynaptic, exponential
            tau*dx/dt + x = 0.0 : exponential
            dy/dt = -y/tau + 0.1*post.v
            w += eta*x*(post.v - mean_v) : min = 0.0, max = 1.0
        """,
        pre_spike="g_target += w ; x += 1.0",
        post_spike="y += 1.0 ; w -= 0.01*y",
    )
    a, b = net.create(80, NOISY, name="a"), net.create(66, NOISY, name="b")
    net.connect(a, b, "exc", synapse).fixed_probability(0.2, weights=eg.Uniform(0.0, 0.2), delays=2.0)
    rare = net.connect(b, a, "exc", synapse).fixed_number_pre(6, weights=eg.Uniform(0.0, 0.2))
    yield
    rare.enable_learning(period=4.0, offset=1.0)
    net.simulate(40.0)
    rare.disable_learning()
    net.simulate(20.0)


def both_sides(net: eg.Network) -> Script:
    """Events that read times of spikes and variables of the neurons, and change what a post neuron keeps."""
    timed = eg.Synapse(
        parameters="tau = 10.0 : projection\ngain = 0.5 : postsynaptic",
        equations="dz/dt = (0.25 - z)/15.0 : event-driven",
        pre_spike="g_target += w*z*gain ; z += 0.1 ; w -= 0.02*exp((t_post - t)/tau)*w : min = 0.0",
        post_spike="z *= 0.5 ; w += 0.03*exp((t_pre - t)/tau)*pre.B : max = 1.0",
    )
    reading = eg.Synapse(
        equations="spread = max(post.v) - mean(pre.v)\ndw/dt = 0.001*spread*post.B",
        pre_spike="g_target += w*pre.B/(1.0 + post.v*post.v)",
        post_spike="w += 0.01*pre.v : max = 1.0",
    )
    a, b = net.create(70, NOISY, name="a"), net.create(90, NOISY, name="b")
    forth = net.connect(a, b, "exc", timed, name="forth")
    forth.fixed_probability(0.3, weights=eg.Uniform(0.0, 0.3), delays=eg.Uniform(0.5, 6.0))
    net.connect(b, a, "exc", timed, name="back").all_to_all(weights=0.01, delays=5.0)
    net.connect(b, b, "exc", reading, name="reading").fixed_number_pre(5, weights=0.02)
    yield
    forth.gain = eg.Uniform(0.5, 1.0)
    net.simulate(50.0)


def changing(net: eg.Network) -> Script:
    """Delays that change, and synapses that come and go, while spikes are in flight; synapses that are recorded."""
    a, b = net.create(90, NOISY, name="a"), net.create(60, NOISY, name="b")
    plastic = net.connect(a, b, "exc", PAIRS, name="plastic").fixed_probability(0.2, weights=0.1, delays=6.0)
    plain = net.connect(a, b, "exc", name="plain")
    plain.fixed_probability(0.2, weights=eg.Uniform(0.0, 0.2), delays=eg.Uniform(1.0, 9.0))
    net.connect(a, a, "exc", name="beside").fixed_probability(0.1, weights=eg.Uniform(0.0, 0.2), delays=2.0)
    net.monitor(plastic, ["w", "x", "y"], period=4.0)
    yield
    for delay_ms in (3.0, 9.0, 2.0):
        net.simulate(20.0)
        plastic.delay = plain.delay = delay_ms
        net.simulate(1.0)
        yield
    dendrite = plain.dendrite(7)
    dendrite.prune_synapse(dendrite.pre_ranks[0])
    dendrite.create_synapse(next(k for k in range(90) if k not in dendrite.pre_ranks), w=0.1, delay=8.0)
    net.simulate(20.0)


PLASTIC = (
    Case(changing, ALL),
    Case(event_driven, ALL),
    Case(event_driven, settings=FLOAT32, suffix=" in float32"),
    Case(event_driven, settings=SYNAPSES32, suffix=" with float32 synapses"),
    Case(event_driven, settings={"event_clock": "annarchy"}, suffix=" with annarchy's clock"),
    Case(ready_made, THREADS),
    Case(continuous, BOTH, dt=0.5),
    Case(both_sides, BOTH, dt=0.5),
)
