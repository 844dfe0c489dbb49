"""A spiking and a rate-coded network that tests of the user's surface share."""

import engram as eg

LIF = eg.Neuron(
    parameters="tau = 10.0 : population\n n = 3 : int\n on = True : bool\n b = 0.5",
    equations="""
        s = 0.5*s + 1.0 : population
        k += n : int
        tau*dv/dt = -v + b + g_exc + 0.2*Normal(0.0, 1.0) : init = 0.25
    """,
    spike="v > 0.6",
    reset="v = 0.0",
    refractory=2.0,
    name="LIF",
)
LEAKY = eg.Neuron(
    parameters="tau = 10.0 : population\n B = 0.5", equations="tau*dr/dt = -r + sum(exc) + B", name="leaky"
)
PLASTIC = eg.Synapse(
    parameters="eta = 0.1 : projection\n gain = 1.0 : postsynaptic\n own = 2.0",
    pre_spike="g_target += w*gain ; w += eta*own",
    name="plastic",
)


def spiking(compiled=True, **settings):
    """Return (net, p of 6, q of (2, 3), c): three kinds of attributes on both."""
    net = eg.Network(**{"seed": 1, **settings})
    p, q = net.create(6, LIF, name="p"), net.create((2, 3), LIF, name="q")
    c = net.connect(p, q, "exc", PLASTIC, name="c").all_to_all(
        weights=eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 4.0)
    )
    if compiled:
        net.compile()
    return net, p, q, c


def rated(**settings):
    """Return (net, p of 4, q of 3, c)."""
    net = eg.Network(**{"seed": 1, **settings})
    p, q = net.create(4, LEAKY, name="p"), net.create(3, LEAKY, name="q")
    c = net.connect(p, q, "exc", name="c").all_to_all(weights=0.5)
    net.compile()
    return net, p, q, c
