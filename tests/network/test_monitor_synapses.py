"""Monitors of projections and dendrites: what is recorded of synapses, and in which shape it comes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, LoadWarning

FIRING = eg.Neuron(
    parameters="I = 1.5",
    equations="10.0*dv/dt = -v + I\ndg_exc/dt = -g_exc/5.0",
    spike="v + g_exc > 1.0",
    reset="v = 0.0",
)
STDP = eg.Synapse(
    parameters="c = 1.0",
    equations="""
        dx/dt = -x/20.0 : event-driven
        dy/dt = -y/20.0 : event-driven
        total = t : projection
        near = t + post.v : postsynaptic
    """,
    pre_spike="g_target += w\nx += c\nw -= 0.01*y",
    post_spike="y += 1.0\nw += 0.01*x",
)
RATE = eg.Neuron(parameters="b = 1.0", equations="r = b + 0.1*sum(exc)")
HEBB = eg.Synapse(equations="dw/dt = 0.01*pre.r*post.r\ntotal = t : projection\nnear = post.r : postsynaptic")
BACKENDS = [pytest.param("c", marks=pytest.mark.cc), "numpy"]
KINDS = {"spikes": (FIRING, STDP, ["w", "x", "y", "total", "near"]), "rates": (RATE, HEBB, ["w", "total", "near"])}


def network(kind="spikes", backend="numpy", period=1.0, threads=1, late=False, delays=2.0):
    neuron, synapse, variables = KINDS[kind]
    net = eg.Network(dt=0.5, seed=3)
    net.config(num_threads=threads)
    a, b = net.create(6, neuron, name="a"), net.create(5, neuron, name="b")
    a.set({"b" if kind == "rates" else "I": np.linspace(1.2, 3.0, 6)})
    p = net.connect(a, b, "exc", synapse, name="p").fixed_probability(0.5, weights=eg.Uniform(0.0, 0.1), delays=delays)
    if late:
        net.compile(backend=backend)
    m = net.monitor(p, variables, period=period, name="m")
    if not late:
        net.compile(backend=backend)
    d = net.monitor(p.dendrite(3), variables, name="d")
    return net, p, m, d


@pytest.mark.parametrize("late", [False, True], ids=["before compile", "after compile"])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", KINDS)
def test_samples_are_what_the_projection_has_at_the_time(kind, backend, late):
    net, p, m, d = network(kind, backend, late=late)
    seen = {name: [] for name in m.variables}
    for step in range(9):
        net.step()
        for name in seen:
            if step % 2 == 0:
                seen[name].append(getattr(p, name))
    of_all, flat, one = m.get(keep=True), m.get(reshape=False), d.get()

    assert of_all["w"].shape == (5, p.size)
    assert flat["w"].shape == (5, p.nb_synapses)
    assert one["w"].shape == (9, p.dendrite(3).size)
    for name in (name for name in seen if name not in ("total", "near")):
        assert [[row.tolist() for row in rows] for rows in of_all[name]] == seen[name]
        assert [[x for row in rows for x in row] for rows in seen[name]] == flat[name].tolist()
        assert [rows[p.post_ranks.index(3)] for rows in seen[name]] == one[name][::2].tolist()
    for name in ("total", "near"):
        assert of_all[name].tolist() == seen[name] == flat[name].tolist()
    assert one["near"][::2].tolist() == of_all["near"][:, p.post_ranks.index(3)].tolist()
    assert one["total"].shape == (9,)
    assert m.times("w") == {"w": {"start": [0], "stop": [9]}}
    with pytest.warns(eg.EngramWarning, match="since then no time has passed"):
        assert m.get("w").shape == (0, p.size)


@pytest.mark.cc
@pytest.mark.parametrize("kind", KINDS)
def test_recording_goes_on_in_files_copies_and_on_other_backends(kind, tmp_path):
    nets = [network(kind, *how)[0] for how in (("c",), ("c", 1.0, 3), ("numpy",))]
    for one in nets:
        one.simulate(5.0)
    nets[0].save(tmp_path / "n.npz")
    other = network(kind, "c")[0]
    assert other.load(tmp_path / "n.npz").exact
    nets += [eg.open(tmp_path / "n.npz"), nets[0].copy(), pickle.loads(pickle.dumps(nets[0])), other]
    for one in nets:
        one.simulate(5.0)

    assert len({one.digest() for one in nets[:2] + nets[3:]}) == 1
    for one in nets[1:]:
        for name in ("m", "d"):
            found, wanted = (n.get_monitor(name).get(keep=True, reshape=False) for n in (one, nets[0]))
            for variable, values in wanted.items():
                np.testing.assert_allclose(found[variable], values, rtol=1e-12)
    assert repr(nets[3].get_monitor("d").object) == repr(nets[0].get_monitor("d").object)
    assert nets[3].get_monitor("m").object is nets[3].get_projection("p")


def test_pause_reset_and_remove_are_those_of_any_monitor():
    net, p, m, d = network()
    net.simulate(3.0)
    m.pause()
    net.simulate(2.0)
    m.resume()
    net.simulate(1.0)
    assert m.get("w").shape == (4, p.size)
    assert m.times("w") == {"w": {"start": [0, 10], "stop": [6, 12]}}
    d.reset()
    assert d.get("w").shape == (0, p.dendrite(3).size)
    d.stop()
    m.remove()
    assert net.get_monitors() == [d]
    net.reset()
    assert d.get("w").shape[0] == 0


def test_whole_projection_at_every_step_warns():
    net, p, *_ = network()

    with pytest.warns(UserWarning, match=r"every synapse of projection 'p' at every step\n  help: give it a per"):
        net.monitor(p, "w")


def test_what_can_not_be_recorded_is_refused():
    net, p, *_ = network()
    plain = net.get_population("a")

    with pytest.raises(InvalidArgument, match="has no spikes of its own"):
        net.monitor(p, "spike")
    with pytest.raises(InvalidArgument, match="'c' is a parameter of projection 'p'; only variables can be recorded"):
        net.monitor(p.dendrite(3), "c")
    with pytest.raises(InvalidArgument, match="expected a population, a view, a projection or a dendrite"):
        net.monitor(p.synapse(p.dendrite(3).pre_ranks[0], 3), "w")
    assert net.monitor(plain, "v").name == "Monitor_a"
    assert net.monitor(p.dendrite(3), "w").name == "Monitor_p"


@pytest.mark.parametrize("backend", BACKENDS)
def test_synapses_change_only_while_nothing_is_recorded(backend):
    net, p, m, d = network(backend=backend)
    net.simulate(2.0)
    row, digest = p.dendrite(3), net.digest()
    with pytest.raises(InvalidArgument, match=r"'m' has samples of its synapses.*\n  help: fetch them with get"):
        row.prune_synapse(row.pre_ranks[0])
    assert net.digest() == digest
    m.get()
    d.get()
    row.prune_synapse(row.pre_ranks[0])
    p.delay = 1.0
    net.simulate(2.0)

    assert [values.tolist() for values in m.get("w")[-1]] == p.w
    assert d.get("w")[-1].tolist() == row.w


@pytest.mark.parametrize("backend", BACKENDS)
def test_other_delays_leave_the_order_and_other_forms_the_values(backend):
    net, p, m, d = network(backend=backend)
    net.simulate(4.0)
    p.delay = 1.0 + np.arange(p.nb_synapses) % 3  # x was one value for each pre neuron
    net.simulate(4.5)

    for name in ("w", "x", "y"):
        assert [values.tolist() for values in m.get(name, keep=True)[-1]] == getattr(p, name)
        assert d.get(name, keep=True)[-1].tolist() == getattr(p.dendrite(3), name)
    assert len(m.get("x")) == 9


def test_load_of_other_synapses_alone_drops_what_was_recorded(tmp_path):
    net, p, m, d = network()
    net.simulate(2.0)
    p.save(tmp_path / "same.npz")
    other = network()[1]
    other.dendrite(3).prune_synapse(other.dendrite(3).pre_ranks[0])
    other.save(tmp_path / "other.npz")
    p.load(tmp_path / "same.npz")
    assert len(m.get("w", keep=True)) == 2
    with pytest.warns(LoadWarning, match="monitors 'm', 'd': the samples were of synapses that are others now"):
        p.load(tmp_path / "other.npz")

    assert len(m.get("w", keep=True)) == len(d.get("w", keep=True)) == 0
    net.simulate(1.0)
    assert [values.tolist() for values in m.get("w")[-1]] == p.w


def test_files_and_tables_have_them_flat(tmp_path):
    net, p, m, d = network()
    net.simulate(3.0)
    m.save(tmp_path / "w.npy", "w", keep=True, reshape=True)
    recording = d.recording(["w", "total"])

    np.testing.assert_array_equal(np.load(tmp_path / "w.npy"), m.get("w", keep=True, reshape=False))
    assert recording.neurons.tolist() == p.dendrite(3).pre_ranks
    assert recording.posts.tolist() == [3] * p.dendrite(3).size
    assert m.recording("w").posts.tolist() == [post for post in p.post_ranks for _ in p[post].pre_ranks]
    assert recording.samples["w"].values.shape == (6, p.dendrite(3).size)
    with pytest.raises(InvalidArgument, match="'near' of monitor 'm' has a value for each post neuron"):
        m.recording()
