"""A network with everything that a blueprint can speak of."""

import warnings

import numpy as np

import engram as eg

__all__ = ["unusual"]


def unusual():
    """What stands outside of models, views in any order, values of all kinds, a stop condition that calls functions."""
    eg.Constant("k", 0.25)
    eg.add_function("shared(x) = x + k")
    net = eg.Network(dt=0.5, seed=3)
    net.constant("own", 2.0)
    net.config(dtype=eg.float32)
    cell = eg.Neuron("tau = 10.0 : population\n n = 3 : int\n on = True : bool\n b = 0.5",
                     "k_ += n : int\n tau*dv/dt = -v + b + g_exc : init = 0.25", "v > 0.6", reset="v = 0.0",
                     refractory=2.0, name="cell")  # fmt: skip
    p = net.create((10, 20), cell, name="p", stop_condition="shared(v)  >  own : all")
    q = net.create(10_000, cell, name="q")
    p.b, p.n, p.on = np.linspace(0.0, 1.0, 200).reshape(10, 20), np.arange(200), np.arange(200) % 2 == 0
    p[3:7].v = eg.Uniform(0.0, 1.0)
    p.tau = eg.Uniform(5.0, 10.0)
    p.refractory = np.linspace(0.0, 3.0, 200)
    q.refractory = 1.5
    q.compute_firing_rate(10.0)
    order = np.random.default_rng(5).permutation(10_000)
    gain = eg.Synapse("gain = 1.0 : postsynaptic", pre_spike="g_target += w*gain", name="gain")
    c = net.connect(p[::-3], q[order[:6000]], "exc", gain, name="c")
    c.fixed_number_post(3, weights=eg.Normal(0.0, 1.0), delays=eg.Uniform(0.5, 5.0))
    c.gain = np.linspace(0.0, 1.0, 10_000)
    c.enable_learning(period=1.5, offset=0.5)
    c.plasticity = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the sizes differ
        net.connect(q[[7, 3, 9]], p, "exc", name="d").one_to_one(weights=0.5)
    rng = np.random.default_rng(7)
    pairs = rng.permutation(6_000)[:50]
    f = net.connect(q[::2], p, "exc", gain, name="f")
    f.connect_from((pairs % 5_000, pairs % 200, rng.random(50), 5.0 * rng.random(50)))
    rate = net.create(4, eg.Neuron("b = 0.5\n u = 0.0", "r = b + u + sum(exc)"), name="r")
    rate.b, rate.u = eg.Uniform(0.0, 1.0), 0.25
    net.connect(rate, rate, "exc", eg.Synapse(psp="w*pre.r", operation="max"), name="e").all_to_all(0.5, delays=2.0)
    net.monitor(q[order[:5000]], ["spike", "v"], period=1.5, period_offset=0.5, name="m")
    net.monitor(p[[4, 2]], "k_", start=False, name="n")
    return net
