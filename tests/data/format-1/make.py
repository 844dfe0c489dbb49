"""The network of these files, and what wrote them: ``python tests/data/format-1/make.py``, once.

Its equations have neither ``exp`` nor other functions whose last bit depends on a library, so that the same bits come
out wherever it goes on.
"""

from pathlib import Path

import engram as eg

FOLDER = Path(__file__).parent
SUFFIXES = (".npz", ".engram", ".gz", ".mat", ".h5", ".txt")
MORE_MS = 20.0


def build() -> eg.Network:
    """Return the network at its beginning: something of each kind that files hold."""
    net = eg.Network(dt=0.5, seed=11)
    net.constant("gain", 1.5)
    cell = eg.Neuron(
        parameters="tau = 8.0 : population\nbase = Uniform(0.9, 1.4)\nkind = 3 : int",
        equations="""
            tau*dv/dt = -v + base + gain*g_exc + 0.1*Normal(0.0, 1.0) : init = 0.2, explicit
            tau*dg_exc/dt = -g_exc : explicit
            above = v > 0.8 : bool
        """,
        functions="half(x) = x/2.0",
        spike="v > 1.0",
        reset="v = half(0.1)",
        refractory=2.0,
        name="cell",
    )
    plastic = eg.Synapse(
        parameters="eta = 0.01 : projection\nw_max = 2.0 : projection",
        equations="dtrace/dt = -trace/10.0 : explicit",
        pre_spike="g_target += w\ntrace += 1.0",
        post_spike="w = clip(w + eta*trace, 0.0, w_max)",
        name="plastic",
    )
    growing = eg.Synapse(
        parameters="k = 0.5 : projection",
        equations="age += 1.0 : init = Uniform(0.0, 9.0)",
        psp="k*w*pre.r",
        pruning="age > 30.0 : proba=0.3",
        creating="pre.r > 0.2 : proba=0.1, w=0.25",
        name="growing",
    )
    rate = eg.Neuron(equations="4.0*dr/dt = -r + sum(exc) + sum(lateral) : explicit, min=0.0", name="rate")
    exc, inh = net.create((4, 3), cell, name="exc"), net.create(5, cell, name="inh")
    wave = net.create(eg.TimedArray([[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]], schedule=[0.0, 12.0], period=25.0), name="wave")
    noise = net.create(eg.PoissonPopulation(6, rates=40.0), name="noise")
    cells = net.create(4, rate, name="Zürich")
    net.connect(noise, exc, "exc", name="drive").fixed_probability(0.5, weights=eg.Uniform(0.2, 0.8), delays=1.5)
    recurrent = net.connect(exc, inh, "exc", plastic, name="recurrent")
    recurrent.fixed_number_pre(3, weights=eg.Uniform(0.0, 1.0), delays=eg.Uniform(0.5, 6.0))
    net.connect(inh, exc[1:3, :], "exc", name="back").all_to_all(-0.1, delays=2.0)
    net.connect(wave, cells, "exc", name="shown").all_to_all(0.4)
    lateral = net.connect(cells, cells, "lateral", growing, name="lateral")
    lateral.fixed_probability(0.6, weights=0.1, delays=eg.Uniform(0.5, 3.0))
    net.monitor(exc, ["spike", "v"], period=1.0, name="seen")
    net.monitor(recurrent, "w", period=5.0, name="weights")
    return net


def begin() -> eg.Network:
    """Return the network as it was saved: in the middle of things."""
    net = build()
    exc = net.get_population("exc")
    exc.compute_firing_rate(20.0)
    net.compile()
    net.get_projection("lateral").start_pruning(2.0)
    net.get_projection("lateral").start_creating(1.0)
    net.get_projection("recurrent").enable_learning()
    net.simulate(41.5)
    net.default_rng.random(3)
    exc.base = 1.3
    return net


if __name__ == "__main__":
    net = begin()
    for suffix in SUFFIXES:
        net.save(FOLDER / f"network{suffix}")
    net.get_population("exc").save(FOLDER / "population.npz")
    net.get_projection("recurrent").save(FOLDER / "projection.npz")
    net.save_parameters(FOLDER / "parameters.json")
    saved = net.digest()
    net.simulate(MORE_MS)
    print("as saved", saved, "and later", net.digest())
