"""Packed rows are a matter of memory: whatever is done to them, results are those of the interpreter to the bit."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import engram as eg
from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import KernelKind
from engram.ir.schedule import Schedule
from engram.program.building import made_ready
from engram.program.packing import all_packed, bundles, even_cuts, fair_cuts
from engram.storage.formats import SUFFIXES
from tests.cases import each, tried

pytestmark = pytest.mark.cc
WEIGHTS = eg.Uniform(0.05, 0.35)  # float64 weights that fill the mantissa
DELAYS = eg.Uniform(0.1, 2.0)


def neuron(more=""):
    return eg.Neuron(
        equations=f"""
            20*dv/dt = (-60 - v) + g_exc*(0 - v) + g_inh*(-80 - v) + 20
            5*dg_exc/dt = -g_exc
            10*dg_inh/dt = -g_inh
            {more}
        """,
        spike="v > -50",
        reset="v = -60",
        refractory=2.0,
    )


def network(backend="c", threads=1, delays=DELAYS):
    """Three populations, all connected with all, two projections between some; those of one population share rows."""
    net = eg.Network(dt=0.1, seed=3)
    net.config(num_threads=threads)
    sizes = {"a": 150, "b": 70, "c": 33}
    cells = {name: net.create(n, neuron(), name=name) for name, n in sizes.items()}
    for cell in cells.values():
        cell.v = eg.Uniform(-60.0, -49.0)
    for pre in "abc":
        for post in "abc":
            one = net.connect(cells[pre], cells[post], "inh" if pre == "b" else "exc", name=pre + post)
            one.fixed_probability(0.2, weights=WEIGHTS, delays=delays)
    net.connect(cells["a"], cells["b"], "exc", name="again").fixed_probability(0.1, weights=0.05, delays=1.0)
    net.connect(cells["a"], cells["c"], "inh", name="single").fixed_probability(0.1, weights=0.02)
    net.connect(cells["c"], cells["a"], "exc", name="multiple").fixed_total_number(500, weights=WEIGHTS)
    net.compile(backend=backend)
    return net


def switch(net, on):
    net.get_projection("ab").transmission = on
    net.get_projection("cc").transmission = on


def changes():
    """What users do to a network between two runs."""

    def one_weight(net):
        net.get_projection("ab").w = 0.21

    def weight_per_synapse(net):
        net.get_projection("single").w = eg.Uniform(0.0, 0.1)

    def weights(net):
        projection = net.get_projection("ca")
        projection.w = np.linspace(0.0, 0.3, projection.nb_synapses)

    yield lambda net: None
    yield lambda net: switch(net, False)
    yield lambda net: switch(net, True)
    yield from (one_weight, weight_per_synapse, weights)
    yield lambda net: net.get_population("b").disable()
    yield lambda net: net.reset(synapses=True)


def test_networks_go_on_like_in_the_interpreter_whatever_is_changed():
    nets, plain = [network(threads=threads) for threads in (1, 2, 3)], network("numpy")

    assert all(any(len(rows.paths) > 1 for rows in all_packed(net._core).values()) for net in nets)
    assert not all_packed(plain._core)
    for change in changes():
        for net in (plain, *nets):
            change(net)
            net.simulate(2.0)  # as long as a spike may be under way
        assert [net.digest() for net in nets] == [plain.digest()] * len(nets)
    assert plain.get_population("a").get("v").std() > 0


def test_delays_when_changed_while_nothing_is_in_flight():
    c, plain = network(), network("numpy")
    for net in (c, plain):
        net.get_projection("ab").delay = 0.3
        projection = net.get_projection("cb")
        projection.delay = np.linspace(0.1, 3.0, projection.nb_synapses)
        net.simulate(5.0)
    assert c.digest() == plain.digest()


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_files_know_nothing_of_packing(tmp_path):
    c, plain = network(threads=2), network("numpy")
    for net, name in ((c, "c"), (plain, "plain")):
        net.simulate(4.0)
        for suffix in SUFFIXES:
            net.save(tmp_path / f"{name}{suffix}")
    expected = c.digest()
    c.simulate(3.0)
    end, rows = c.digest(), all_packed(c._core)

    for suffix in SUFFIXES:
        assert c.load(tmp_path / f"c{suffix}").exact
        assert all_packed(c._core) == rows  # filled in place
        assert c.digest() == expected, suffix
        c.load(tmp_path / f"plain{suffix}")
        c.simulate(3.0)
        assert c.digest() == end, suffix
        fresh = network(threads=3)
        fresh.load(tmp_path / f"plain{suffix}")
        fresh.simulate(3.0)
        assert fresh.digest() == end, suffix


@pytest.mark.parametrize("suffix", [".npz", ".gz"])
def test_files_with_other_synapses_replace_those_of_the_network(suffix, tmp_path):
    saved = network(delays=eg.Uniform(0.5, 4.0))
    saved.get_projection("aa").w = 0.3
    saved.simulate(5.0)
    saved.save(tmp_path / f"x{suffix}")
    saved.simulate(4.0)

    other = network(threads=2)
    other.simulate(2.0)
    other.load(tmp_path / f"x{suffix}")
    other.simulate(4.0)
    assert other.digest() == saved.digest()


def test_part_of_a_file_is_loaded_into_the_rows_of_all(tmp_path):
    net = network()
    before = net.get_projection("ab").array("w")
    others = {name: net.get_projection(name).array("w") for name in ("aa", "ac", "again")}
    net.save(tmp_path / "x.npz")
    net.get_projection("ab").w = 0.5
    net.load(tmp_path / "x.npz", only=["projections/ab/w"])

    assert np.array_equal(net.get_projection("ab").array("w"), before)
    assert all(np.array_equal(net.get_projection(name).array("w"), w) for name, w in others.items())


def test_bundles_have_one_projection_to_each_population_and_follow_the_order_of_creation():
    net = network()
    names = [[p.name for p in bundle] for bundle in bundles(net._core)]

    assert names == [["aa", "ab", "ac"], ["ba", "bb", "bc"], ["ca", "cb", "cc"], ["again"], ["single"], ["multiple"]]


def test_reading_weights_gives_copies():
    net = network()
    net.get_projection("ab").array("w").copy()[:] = 7.0
    assert net.get_projection("ab").array("w").max() < 1.0
    with pytest.raises(ValueError, match="read-only"):
        net._core.state["projections/ab/w"][:] = 7.0


def test_arenas_are_cut_fairly_in_whole_cache_lines():
    reached = [(0, 640, 100), (640, 64, 9900)]
    assert fair_cuts(704, reached, 1).tolist() == [0, 704]
    assert fair_cuts(704, [(0, 704, 1000)], 2).tolist() == even_cuts(704, 2).tolist() == [0, 320, 704]
    assert fair_cuts(704, reached, 2).tolist() == [0, 704, 704] or fair_cuts(704, reached, 2)[1] % 64 == 0
    uneven = fair_cuts(6400, [(0, 3200, 3000), (3200, 3200, 1000)], 2)
    assert uneven[1] == 2176  # 2133 targets have half of the synapses


def test_slices_are_short_enough_for_16_bits_or_few():
    assert np.diff(even_cuts(100_000, 1)).max() <= 1 << 16
    assert len(even_cuts(100_000, 1)) == 3
    assert len(even_cuts(100_000, 2)) == 3
    assert len(even_cuts(1 << 21, 1)) == 2  # 32 slices would be too many: 32 bits


def described(sizes, models, threads=2):
    net = eg.Network(dt=0.1, seed=1)
    net.config(num_threads=threads)
    cells = [net.create(n, model) for n, model in zip(sizes, models, strict=True)]
    for cell in cells:
        net.connect(cell, cell, "exc").fixed_probability(0.1, weights=eg.Uniform(0.0, 1.0))
    net.compile()
    return net


def owns(net):
    return [
        job.ranges
        for job in net._keeper.runner.derived.jobs
        if isinstance(job, RunKernel) and job.kernel.kind is KernelKind.UPDATE
    ]


@each("sizes", [[900], [900, 900], [128, 64, 1088]])
def test_threads_update_the_neurons_to_which_they_deliver_and_wait_once_less(sizes):
    net = described(sizes, [neuron()] * len(sizes))
    alike = [replace(job, ranges=()) if isinstance(job, RunKernel) else job for job in net._keeper.runner.derived.jobs]

    assert [own[-1] for own in owns(net)] == sizes
    assert all(begin % 64 == 0 for own in owns(net) for begin in own[:-1] if begin != own[-1])
    assert sum(net._keeper.runner.derived.jobs.barriers) < sum(Schedule(alike).barriers)


def test_neurons_are_shared_out_evenly_where_models_differ():
    assert owns(described([900, 400], [neuron(), neuron("x = 2.0*v")])) == [(), ()]


def test_neurons_are_shared_out_evenly_where_slices_are_cut_by_synapses():
    net = eg.Network(dt=0.1, seed=1)
    net.config(num_threads=2)
    many, few = net.create(640, neuron()), net.create(640, neuron())
    net.connect(many, many, "exc").all_to_all(weights=eg.Uniform(0.0, 1.0))
    net.connect(few, few, "exc").fixed_probability(0.05, weights=eg.Uniform(0.0, 1.0))
    net.compile()

    assert owns(net) == [(), ()]


class Fixed:
    """Always the same number of threads."""

    def __init__(self, threads):
        self.threads = threads

    def next(self, left, most):
        return min(left, 50), self.threads

    def took(self, steps, seconds):
        pass


def test_fewer_threads_than_slices_deliver_the_same():
    """Threads that the system does not give, or that are not worth it."""
    digests = set()
    for most, used in ((1, 1), (3, 2), (3, 3), (4, 3)):
        net = eg.Network(dt=0.1, seed=1)
        net.config(num_threads=most)
        cells = net.create(700, neuron())
        cells.v = eg.Uniform(-60.0, -49.0)
        net.connect(cells, cells, "exc").fixed_probability(0.1, weights=WEIGHTS, delays=DELAYS)
        net.compile()
        net._keeper.runner.derived.engine._pace = Fixed(used)
        net.simulate(20.0)
        digests.add(net.digest())
    assert len(digests) == 1


@each(("order", "weights"), tried(itertools.permutations("abc"), [WEIGHTS, 0.1], 1))
def test_projections_connected_in_any_order_run(order, weights):
    """Rows stand in the order of populations, whatever the order in which projections were made."""

    def connected(backend):
        net = eg.Network(dt=0.1, seed=3)
        cells = {name: net.create(40, neuron(), name=name) for name in "abc"}
        for cell in cells.values():
            cell.v = eg.Uniform(-60.0, -49.0)
        for post in order:
            pre = cells["b"][10:30]
            net.connect(pre, cells[post], "exc", name=post).fixed_probability(0.3, weights=weights, delays=DELAYS)
        net.compile(backend=backend)
        net.simulate(4.0)
        for post in order:
            net.get_projection(post).w = np.linspace(0.1, 0.2, net.get_projection(post).nb_synapses)
        net.simulate(4.0)
        return net

    assert connected("c").digest() == connected("numpy").digest()


def test_bundle_of_mixed_and_uniform_delays_is_packed_once():
    net = network()
    rows = all_packed(net._core)
    net.simulate(1.0)
    made_ready(net._keeper.runner)  # as after every load
    net.simulate(1.0)

    assert any({"projections/ab", "projections/again"} & set(r.paths) for r in rows.values())
    assert all(all_packed(net._core)[path] is kept for path, kept in rows.items())


def two_ways(seed):
    net = eg.Network(dt=0.1, seed=seed)
    cells = [net.create(n, neuron(), name=name) for n, name in ((3, "a"), (30, "b"), (4, "c"))]
    one = net.connect(cells[0], cells[1], "exc", name="ab")
    one.fixed_probability(0.5, weights=eg.Uniform(0.0, 1.0), delays=eg.Uniform(0.1, 30.0))
    net.connect(cells[0], cells[2], "exc", name="ac").all_to_all(weights=eg.Uniform(0.0, 1.0))
    net.compile()
    return net


@pytest.mark.parametrize("seed", range(1, 6))
def test_delays_of_a_wiring_that_was_replaced_are_forgotten(seed, tmp_path):
    """The other projection of the rows arrives as it was."""
    saved, other = two_ways(seed), two_ways(99)
    saved.save(tmp_path / "net.npz")

    assert other.load(tmp_path / "net.npz").exact
    assert other.digest() == saved.digest()


def test_network_that_cannot_be_made_ready_after_a_load_is_not_run(tmp_path, monkeypatch):
    saved, other = two_ways(1), two_ways(2)
    saved.save(tmp_path / "net.npz")

    def fail():
        raise MemoryError("no room")

    monkeypatch.setattr(other._keeper.runner.derived, "follow", fail)
    with pytest.raises(eg.errors.BrokenNetwork, match="no room"):
        other.load(tmp_path / "net.npz")
    monkeypatch.undo()
    with pytest.raises(eg.errors.BrokenNetwork, match="could not be made ready"):
        other.simulate(1.0)
    other.load(tmp_path / "net.npz")

    assert other.digest() == saved.digest()
