"""Single synapses, dendrites and lists by post neuron, on all residences, as NumPy finds them in canonical arrays."""

import itertools

import numpy as np
import pytest

import engram as eg
from engram.program import kept_columns
from engram.program.packing import packed_rows
from tests.cases import check_each

FIRES = eg.Neuron(equations="v += 0.3 : init = 0.0", spike="v > 1.0", reset="v = 0.0")
RATE = eg.Neuron(equations="r = 1.0")
TRACES = "dx/dt = -x/20.0 : event-driven\ndy/dt = -y/20.0 : event-driven"
BOTH = eg.Synapse(
    equations=TRACES, pre_spike="g_target += w\nx += 1.0\nw -= 0.01*y", post_spike="y += 1.0\nw += 0.01*x"
)
PRE_ONLY = eg.Synapse(parameters="u = 0.5 : postsynaptic", equations="", pre_spike="g_target += w*u\nw = 0.99*w")
LEARNS = eg.Synapse(parameters="u = 0.5 : postsynaptic", equations="w += 0.01*u*pre.r*post.r")

SYNAPSES = {"plain": None, "both sides": BOTH, "pre side": PRE_ONLY, "rates": LEARNS}
PARTS = {"whole": (slice(None), slice(None)), "views": (slice(2, 11), [7, 0, 3, 4, 9])}
DELAYS = {"one delay": 2.0, "delays differ": eg.Uniform(1.0, 5.0)}
KEPT = {"kept": 1 << 20, "searched": 0}  # bytes


def projections(synapse, parts, delays, backend="c", number=90, threads=2, seed=5):
    """Three projections from one population to others, which packed rows share; there are multapses."""
    net = eg.Network(dt=1.0, seed=seed)
    net.config(num_threads=threads)
    neuron = RATE if synapse == "rates" else FIRES
    pre, found = net.create(13, neuron), []
    for k in range(3):
        post = net.create(10 + k, neuron)
        sides = pre[PARTS[parts][0]], post[PARTS[parts][1]]
        projection = net.connect(*sides, "exc", SYNAPSES[synapse])
        found.append(projection.fixed_total_number(number, weights=eg.Uniform(0.0, 1.0), delays=DELAYS[delays]))
    net.compile(backend=backend)
    net.simulate(4.0)
    return found


def by_post(projection):
    """Pre ranks, post ranks and positions in canonical order of all synapses, by post, then pre."""
    wiring = projection._core.connectivity
    pre, post = wiring.pre_of_synapses(), wiring.post_of_synapses()
    order = np.lexsort((pre, post))
    return pre[order], post[order], order


def listed(values, post):
    return [values[post == rank].tolist() for rank in np.flatnonzero(np.bincount(post))]


def attributes(projection):
    return [name for name in projection.attributes if projection._core.spec.attribute(name).locality == "local"]


def check_reads(projection):
    pre, post, order = by_post(projection)
    steps = np.broadcast_to(projection.array("delay_steps"), len(order))[order]
    ranks, counts = np.flatnonzero(np.bincount(post)), np.bincount(post)
    values = {name: projection.array(name)[order] for name in attributes(projection)}

    assert projection.post_ranks == ranks.tolist()
    assert (projection.size, len(projection)) == (len(ranks), len(ranks))
    assert projection.nb_synapses_per_dendrite == counts[ranks].tolist()
    assert projection.pre_ranks == listed(pre, post)
    if projection.array("delay_steps").strides != (0,):  # one for each
        assert projection.delay == listed(steps * 1.0, post)
    for name, expected in values.items():
        assert getattr(projection, name) == listed(expected, post)

    assert [dendrite.post_rank for dendrite in projection] == ranks.tolist()
    for index, dendrite in enumerate(projection):
        mine = post == dendrite.post_rank
        assert (dendrite.idx, dendrite.size) == (index, mine.sum())
        assert dendrite.pre_ranks == pre[mine].tolist()
        assert np.broadcast_to(dendrite.delay, mine.sum()).tolist() == steps[mine].tolist()
        assert {name: dendrite.get(name) for name in values} == {n: values[n][mine].tolist() for n in values}
        synapses = list(dendrite.synapses)
        assert [synapse.rank for synapse in synapses] == pre[mine].tolist()
        assert [synapse.delay for synapse in synapses] == steps[mine].tolist()
        for name in values:
            assert [synapse.get(name) for synapse in synapses] == values[name][mine].tolist()


def check_writes(projection):
    """Of a synapse and of a dendrite; nothing else changes."""
    pre, post, order = by_post(projection)
    expected = projection.array("w").copy()
    here = np.flatnonzero((pre == pre[7]) & (post == post[7]))  # ascending, as k counts
    projection.synapse(int(pre[7]), int(post[7]), len(here) - 1).w = 7.5
    expected[order[here[-1]]] = 7.5
    assert projection.array("w").tobytes() == expected.tobytes()

    for rank, values in zip(projection.post_ranks[-2:], itertools.cycle([0.25, None])):
        mine = order[post == rank]
        expected[mine] = np.arange(len(mine)) if values is None else values
        projection[rank].w = list(range(len(mine))) if values is None else values
        assert projection.array("w").tobytes() == expected.tobytes()


def check_all(synapse, parts, delays, backend="c"):
    for projection in projections(synapse, parts, delays, backend):
        assert (packed_rows(projection._core) is not None) == (synapse == "plain" and backend == "c")
        check_reads(projection)
        check_writes(projection)
        check_reads(projection)
    projection._network.simulate(3.0)
    check_reads(projection)


@pytest.mark.cc
@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("synapse", SYNAPSES)
def test_synapses_are_those_of_the_canonical_arrays(synapse, kept, monkeypatch):
    monkeypatch.setattr(kept_columns, "MOST_BYTES", KEPT[kept])
    check_each(itertools.product([synapse], PARTS, DELAYS), check_all)


@pytest.mark.parametrize("kept", KEPT)
def test_synapses_are_those_of_the_canonical_arrays_when_numpy_runs_them(kept, monkeypatch):
    monkeypatch.setattr(kept_columns, "MOST_BYTES", KEPT[kept])
    check_each(itertools.product(SYNAPSES, ["views"], ["delays differ"], ["numpy"]), check_all)


@pytest.mark.cc
@pytest.mark.parametrize("synapse", SYNAPSES)
def test_synapses_that_take_the_place_of_others_are_found(synapse, tmp_path):
    """They are as many, so that arrays are filled in place."""
    one, other, _ = projections(synapse, "whole", "delays differ")
    stranger, *_ = projections(synapse, "whole", "delays differ", seed=6)
    stranger._network.save(tmp_path / "net.npz")
    check_reads(one)

    one._network.load(tmp_path / "net.npz")
    assert (one.pre_ranks, one.w, one.delay) == (stranger.pre_ranks, stranger.w, stranger.delay)
    check_reads(one)
    check_reads(other)
    one._network.reset(synapses=True)
    one.delay = 1.0
    check_reads(one)
    check_reads(other)


@pytest.mark.cc
def test_rows_that_are_cut_otherwise_have_the_same_synapses():
    one, *_ = projections("plain", "whole", "delays differ", threads=1)
    check_reads(one)
    packed_rows(one._core).cut(np.array([0, 64, 65, *packed_rows(one._core).cuts[-1:]]))

    check_reads(one)
    check_writes(one)


@pytest.mark.cc
def test_a_weight_that_serves_all_becomes_one_for_each_when_one_is_set():
    net = eg.Network(dt=1.0, seed=5)
    projection = net.connect(net.create(4, FIRES), net.create(3, FIRES), "exc").all_to_all(weights=0.5)
    net.compile()
    assert (projection.w, projection[1].w, projection.synapse(2, 1).w) == (0.5, 0.5, 0.5)

    projection[1].w = [1.0, 2.0, 3.0, 4.0]

    assert projection.w == [[0.5] * 4, [1.0, 2.0, 3.0, 4.0], [0.5] * 4]


@pytest.mark.cc
def test_what_loops_have_is_not_kept_again():
    shared, *_ = projections("both sides", "whole", "one delay")
    own, *_ = projections("pre side", "whole", "one delay")
    assert shared.pre_ranks
    assert own.pre_ranks

    assert shared._network._core.kept_columns.nbytes == 0
    assert own._network._core.kept_columns.nbytes == 4 * 90 + 8 * 11
