"""Structural plasticity beside loops in NumPy, on every backend, through files, and what is refused."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, LanguageError, NotCompiled
from engram.program import rewiring, wired
from engram.program.derived import Derived
from engram.program.synapse_columns import columns_of
from engram.state import draws
from engram.state.streams import Stream, stream_key
from engram.wiring.changes import missing
from tests.cases import matrix
from tests.interrupts import signalled

N_PRE, N_POST = 12, 9
RATE = eg.Neuron("b = 0.0", "r = b + Uniform(0.0, 1.0)")
GROWN = eg.Synapse(
    equations="age = age + 1.0\nw = w + 0.125*post.r",
    pruning="age > 4.0 and w < 1.5 : proba=0.5",
    creating="pre.r > 0.25 and pre.r*post.r > 0.25 : proba=0.25, w=0.375, d=3.0",
)
SPIKING = eg.Neuron(
    parameters="I = 0.4",
    equations="v = v + I*Uniform(0.0, 1.0) + 0.05*g_exc\ndg_exc/dt = -g_exc/5.0",
    spike="v > 1.0",
    reset="v = 0.0",
)
TRACED = eg.Synapse(
    parameters="c = Uniform(1.0, 2.0)",
    equations="dx/dt = -x/20.0 : event-driven\nage = age + 1.0",
    pre_spike="g_target += w\nx += c",
    post_spike="w += 0.01*x",
    pruning="age > 5.0 and w < 2.0 : proba=0.2",
    creating="pre.v*post.v < 0.3 : proba=0.05, w=0.3",
)
PLAIN = eg.Synapse(pruning="w < 0.25 : proba=0.2", creating="post.v < 0.5 : proba=0.05, w=0.2")


def network(synapse=GROWN, neuron=RATE, delays=1.0, backend="c", threads=1, sizes=(N_PRE, N_POST), **config):
    net = eg.Network(dt=1.0, seed=5)
    net.config(num_threads=threads, **config)
    a, b = (net.create(size, neuron, name=name) for size, name in zip(sizes, "ab", strict=True))
    proj = net.connect(a, b, "exc", synapse, name="p")
    proj.fixed_probability(0.4, weights=eg.Uniform(0.0, 1.0), delays=delays)
    net.compile(backend=backend)
    return net, proj


def begin(proj, pruning=1.0, creating=1.0):
    proj.start_creating(creating)
    proj.start_pruning(pruning)


def synapses(proj):
    wiring = proj._core.connectivity
    ends = zip(wiring.pre_of_synapses().tolist(), wiring.post_of_synapses().tolist(), strict=True)
    delays = np.broadcast_to(wiring.delay_steps, wiring.n_syn).tolist()
    values = zip(proj.array("w").tolist(), proj.array("age").tolist(), delays, strict=True)
    return {pair: list(one) for pair, one in zip(ends, values, strict=True)}


def step_by_loops(known, rates, step, uid, rules):
    """Do to the synapses what one step does: equations with the rates of its end, then pruning, then creating."""
    pre_r, post_r = rates

    def says_yes(pair, number, proba):
        key = stream_key(5, uid, Stream.STRUCTURE, step)
        return draws.synapse_uniform(key, np.array([pair[0]]), np.array([pair[1]]), step, number)[0] < proba

    for pair, one in known.items():
        one[1] += 1.0
        one[0] += 0.125 * post_r[pair[1]]
    if "pruning" in rules:
        for pair, (w, age, _) in list(known.items()):
            if age > 4.0 and w < 1.5 and says_yes(pair, 0, 0.5):
                del known[pair]
    if "creating" in rules:
        dendrites = {post for _, post in known}
        for post in dendrites:
            for pre in range(N_PRE):
                is_hit = pre_r[pre] > 0.25 and pre_r[pre] * post_r[post] > 0.25
                if (pre, post) not in known and is_hit and says_yes((pre, post), 1, 0.25):
                    known[pre, post] = [0.375, 0.0, 3]


@pytest.mark.parametrize("delays", [1.0, 3.0, eg.DiscreteUniform(1, 5)])
@pytest.mark.parametrize("periods", [(1, 1), (2, 3), (3, None), (None, 2)])
def test_rules_do_what_loops_over_synapses_and_pairs_do(delays, periods):
    net, proj = network(delays=delays)
    net.simulate(2.0)
    known = synapses(proj)
    for period, start in zip(periods, (proj.start_pruning, proj.start_creating), strict=True):
        if period is not None:
            start(float(period))
    before = set(known)
    for at in range(12):
        rules = [rule for rule, p in zip(("pruning", "creating"), periods, strict=True) if p and at % p == 0]
        net.simulate(1.0)
        rates = net.get_population("a").r, net.get_population("b").r
        step_by_loops(known, rates, 2 + at, proj._core.uid, rules)
        assert synapses(proj) == known

    assert set(known) != before


def test_order_in_which_rules_are_written_and_started_does_not_matter():
    digests = set()
    for starts in (("start_pruning", "start_creating"), ("start_creating", "start_pruning")):
        net, proj = network()
        for start in starts:
            getattr(proj, start)(2.0)
        net.simulate(20.0)
        digests.add(net.digest())

    assert len(digests) == 1


KINDS = {
    "rates": (GROWN, RATE, 1.0),
    "rates, delays": (GROWN, RATE, eg.DiscreteUniform(1, 5)),
    "plastic": (TRACED, SPIKING, 2.0),
    "plastic, delays": (TRACED, SPIKING, eg.DiscreteUniform(1, 6)),
    "plain": (PLAIN, SPIKING, eg.DiscreteUniform(1, 6)),
}


@pytest.mark.parametrize(
    ("kind", "config"),
    [(kind, {}) for kind in KINDS]
    + [
        pytest.param(kind, {"synapse_dtype": "float32"}, marks=() if kind == "plastic, delays" else pytest.mark.nightly)
        for kind in KINDS
    ],
)
def test_synapses_are_the_same_on_every_backend_and_number_of_threads(kind, config):
    found = set()
    for backend, threads in (("c", 1), ("c", 3), ("numpy", 1)):
        net, proj = network(*KINDS[kind], backend, threads, **config)
        before = proj.pre_ranks
        begin(proj, 2.0)
        for _ in range(4):
            net.simulate(7.0)
        assert proj.pre_ranks != before
        found.add(net.digest())

    assert len(found) == 1


@pytest.mark.parametrize(
    ("kind", "suffix"), matrix(["rates", "plastic, delays", "plain"], [".npz", ".mat", ".gz", ".pkl", ".data"], 2)
)
def test_file_written_in_mid_growth_resumes_to_the_bit(tmp_path, kind, suffix):
    net, proj = network(*KINDS[kind])
    begin(proj, 3.0, 2.0)
    net.simulate(13.0)
    file = tmp_path / f"growing{suffix}"
    net.save(file)
    other, _ = network(*KINDS[kind], threads=3)
    other.load(file)
    opened = eg.open(file)
    copied = net.copy()
    for one in (net, other, opened, copied):
        one.simulate(11.0)

    assert {other.digest(), opened.digest(), copied.digest()} == {net.digest()}


def test_run_split_anywhere_gives_the_same():
    whole, split = (network(*KINDS["plastic, delays"]) for _ in range(2))
    for net, proj in (whole, split):
        begin(proj, 3.0, 2.0)
        for ms in (20.0,) if net is whole[0] else (1.0, 5.0, 3.0, 11.0):
            net.simulate(ms)

    assert whole[0].digest() == split[0].digest()


def test_stopped_rules_leave_the_synapses():
    net, proj = network()
    begin(proj)
    net.simulate(5.0)
    proj.stop_pruning()
    proj.stop_creating()
    before = proj.pre_ranks
    net.simulate(5.0)

    assert proj.pre_ranks == before


def test_reset_of_synapses_brings_those_of_the_beginning():
    net, proj = network()
    before = proj.pre_ranks, proj.w
    begin(proj)
    net.simulate(10.0)
    net.reset(synapses=True)

    assert (proj.pre_ranks, proj.w) == before


def test_neurons_without_a_synapse_and_outside_of_views_get_none():
    net = eg.Network(dt=1.0, seed=1)
    a, b = net.create(6, RATE, name="a"), net.create(6, RATE, name="b")
    every = eg.Synapse(creating="pre.r > -1.0 : w=0.5")
    proj = net.connect(a[1:4], b[2:6], "exc", every)
    proj.fixed_number_pre(1, weights=0.5)
    net.compile()
    proj.dendrite(3).prune_synapses(proj.dendrite(3).pre_ranks)
    proj.start_creating()
    net.simulate(1.0)

    assert proj.post_ranks == [2, 4, 5]
    assert proj.pre_ranks == [[1, 2, 3]] * 3


def test_neuron_gets_no_synapse_to_itself_where_the_connector_makes_none():
    net = eg.Network(dt=1.0, seed=1)
    a = net.create(5, RATE, name="a")
    proj = net.connect(a, a, "exc", eg.Synapse(creating="pre.r > -1.0"))
    proj.fixed_number_pre(1, weights=0.5)
    net.compile()
    proj.start_creating()
    net.simulate(1.0)

    assert proj.pre_ranks == [[j for j in range(5) if j != i] for i in range(5)]


@pytest.mark.parametrize(
    ("condition", "looks_at"),
    [
        ("pre.r > 0.5 and post.r > limit", (6, 3)),  # 0.0 to 1.1 on one side, 0.0 to 0.8 on the other, in tenths
        ("post.r > limit and pre.r*post.r > 0.3 and pre.r > 0.5", (6, 3)),
        ("post.r > limit", (12, 3)),
        ("(pre.r > 0.5 and pre.r < 0.75) and pre.r < post.r", (2, 9)),
        ("pre.r*post.r > 0.3", (12, 9)),
        ("pre.r > 0.5 or post.r > limit", (12, 9)),
    ],
)
def test_only_pairs_of_neurons_that_can_get_one_are_looked_at(monkeypatch, condition, looks_at):
    net = eg.Network(dt=1.0, seed=5)
    a, b = (net.create(n, eg.Neuron("b = 0.0", "r = b")) for n in (N_PRE, N_POST))
    a.b, b.b = np.arange(N_PRE) / 10, np.arange(N_POST) / 10
    rule = eg.Synapse("limit = 0.55 : projection", creating=condition)
    proj = net.connect(a, b, "exc", rule).fixed_probability(0.4, weights=0.75)
    net.compile()
    sizes = []

    def spied(wiring, rows, columns, *args, **options):
        sizes.append((len(columns), len(rows)))  # rows are by post
        return missing(wiring, rows, columns, *args, **options)

    monkeypatch.setattr("engram.program.turnover.missing", spied)
    had = {(i, j) for j in proj.post_ranks for i in proj.dendrite(j).pre_ranks}
    proj.start_creating()
    net.simulate(1.0)

    holds = eval("lambda pre, post, limit: " + condition.replace(".r", ""))  # noqa: S307  the text is above
    wanted = {(i, j) for i in range(N_PRE) for j in range(N_POST) if holds(i / 10, j / 10, 0.55)}
    assert sizes == [looks_at]
    assert {(i, j) for j in proj.post_ranks for i in proj.dendrite(j).pre_ranks} == had | wanted


def test_objects_and_texts_mean_the_same():
    texts = eg.Synapse(pruning="w < 0.5 : proba=0.25", creating="pre.r > 0.5 : proba=0.5, w=2.0, d=3.0")
    objects = eg.Synapse(pruning=eg.Pruning("w < 0.5", 0.25), creating=eg.Creating("pre.r > 0.5", 0.5, w=2.0, d=3.0))

    assert texts.spec.fingerprint == objects.spec.fingerprint
    assert dict(texts.spec.blocks)["creating"] == "pre.r > 0.5 : proba=0.5, w=2.0, d=3.0"
    assert texts.spec.fingerprint != eg.Synapse(pruning="w < 0.5").spec.fingerprint


@pytest.mark.parametrize(
    ("kind", "flags", "said"),
    [
        (eg.Pruning, {"proba": 2.0}, r"Pruning\(\): 'proba' must be a number from 0 to 1, not 2.0\n  help: "),
        (eg.Creating, {"d": -1}, r"Creating\(\): 'd' must be a number of ms, 0 or more, not -1\n  help: "),
        (eg.Creating, {"w": float("inf")}, "'w' must be a finite number, not inf"),
        (eg.Creating, {"proba": True}, "'proba' must be a number from 0 to 1, not True"),
    ],
)
def test_object_with_numbers_that_can_not_be_is_refused_when_it_is_made(kind, flags, said):
    with pytest.raises(InvalidArgument, match=said):
        kind("pre.r > 0.5", **flags)
    assert str(eg.Pruning("w < 1.0", np.float32(0.5))) == "w < 1.0 : proba=0.5"
    with pytest.raises(InvalidArgument, match=r"here they are arguments: Creating\('pre.r > 0.5', proba=0.1, w=1.0\)"):
        eg.Creating("pre.r > 0.5 : proba=0.1, w=1.0")
    with pytest.raises(InvalidArgument, match="the condition is empty"):
        eg.Pruning("  ")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"pruning": "age > 1.0"}, "unknown name 'age'"),
        ({"pruning": "w > 1.0 : w=2.0"}, "unknown flag 'w'"),
        ({"pruning": "w > 1.0 : proba=1.5"}, "must be a number from 0 to 1"),
        ({"creating": "w > 1.0"}, "pairs without a synapse, which have no 'w'"),
        ({"creating": "pre.r > Uniform(0.0, 1.0)"}, "can't draw random numbers"),
        ({"creating": "pre.r > 0.5 : d=-1.0"}, "a number of ms, 0 or more"),
        ({"parameters": "w = 1.0 : projection", "creating": "pre.r > 0.5 : w=2.0"}, "can't have a weight 'w'"),
    ],
)
def test_rule_that_can_not_be_is_refused_with_its_place(rule, said):
    with pytest.raises(LanguageError, match=said) as caught:
        eg.Synapse(**rule).model  # noqa: B018  the text is read here at the latest

    assert "^" in str(caught.value)


@pytest.mark.parametrize("locality", ["projection", "postsynaptic"])
def test_new_synapses_have_the_weight_that_several_share(locality):
    net = eg.Network(dt=1.0, seed=5)
    a, b = net.create(N_PRE, RATE), net.create(N_POST, RATE)
    rule = eg.Synapse(f"w = 0.5 : {locality}", creating="pre.r > 0.25 : proba=0.2")
    proj = net.connect(a, b, "exc", rule).fixed_probability(0.4, weights=0.75)
    net.compile()
    before = proj.nb_synapses
    proj.start_creating()
    net.simulate(3.0)

    assert proj.nb_synapses > before
    assert np.all(np.array(proj.w) == 0.75)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("backend", "threads"), [("c", 3), ("numpy", 1)])
def test_number_of_synapses_over_time_is_recorded(tmp_path, kind, backend, threads):
    net, proj = network(*KINDS[kind], backend, threads)
    each, some = net.monitor(proj, "nb_synapses"), net.monitor(proj, "nb_synapses", period=3.0)
    begin(proj, 2.0)
    counts = []
    for _ in range(7):
        net.simulate(1.0)
        counts.append(proj.nb_synapses)
    net.save(tmp_path / "counted.npz")
    opened = eg.open(tmp_path / "counted.npz")
    for one in (net, opened):
        one.simulate(2.0)

    assert len(set(counts)) > 2
    assert each.get("nb_synapses", keep=True).tolist()[:7] == counts
    assert some.get("nb_synapses", keep=True).tolist() == counts[::3]
    assert opened.digest() == net.digest()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("backend", "threads"), [("c", 3), ("numpy", 1)])
def test_values_of_synapses_that_come_and_go_are_recorded(tmp_path, kind, backend, threads):
    net, proj = network(*KINDS[kind], backend, threads)
    row = proj.dendrite(0)
    more = [name for name in proj.variables if name != "w"]
    every, some = net.monitor(row, "w"), net.monitor(proj, ["w", *more], period=3.0)
    begin(proj, 2.0)
    seen, fields = [], []
    for _ in range(9):
        net.simulate(1.0)
        seen.append(row.receptive_field(fill=np.nan))
        fields.append(proj.connectivity_matrix(fill=np.nan))
    proj.stop_creating()
    row.prune_synapses(row.pre_ranks)  # which may be done though they are recorded
    net.save(tmp_path / "growing.npz")
    opened = eg.open(tmp_path / "growing.npz")
    for one in (net, opened):
        one.simulate(2.0)
    recorded = some.recording("w")

    np.testing.assert_array_equal(every.receptive_fields()[:9], seen)
    np.testing.assert_array_equal(some.receptive_fields()[:3], fields[::3])
    assert np.isnan(every["w"][9:]).all()  # the neuron has lost all of its synapses
    ever = ~np.isnan(every.receptive_fields()).all(axis=0)
    np.testing.assert_array_equal(every["w"], every.receptive_fields()[:, ever])
    dense = some.receptive_fields()[:, recorded.posts, recorded.neurons]
    np.testing.assert_array_equal(recorded.samples["w"].values, dense)
    assert [row.shape[0] for row in some["w"][0]] == np.bincount(recorded.posts)[np.unique(recorded.posts)].tolist()
    some.save(tmp_path / "w.npz", "w", keep=True)
    with np.load(tmp_path / "w.npz") as saved:
        assert np.array_equal(saved["w"], dense, equal_nan=True)
        assert np.array_equal([saved["w.post"], saved["w.pre"]], [recorded.posts, recorded.neurons])
    assert opened.digest() == net.digest()
    with pytest.raises(InvalidArgument, match=r"is recorded of whole projections\n  help: net.monitor\(p"):
        net.monitor(row, "nb_synapses")


def recording_others():
    """Return a network that records synapses which are others since its last run."""
    net, proj = network()
    fields = net.monitor(proj.dendrite(0), "w")
    net.simulate(1.0)
    proj.prune_synapse(proj.dendrite(0).pre_ranks[0], 0)
    proj.create_synapse(next(pre for pre in range(N_PRE) if pre not in proj.dendrite(0).pre_ranks), 0, w=0.9)
    return net, proj, fields


def test_interrupt_anywhere_while_synapses_are_taken_over_leaves_nothing_of_before():
    n, hits, codes = 0, True, [one.__code__ for one in (Derived.follow, Derived._make, Derived._lay_out_anew)]
    while hits:
        (net, proj, fields), n = recording_others(), n + 1
        hits = signalled(n, lambda: net.simulate(1.0), codes)  # noqa: B023  called at once
        net.simulate(1.0)
        now = proj.dendrite(0).receptive_field(fill=np.nan)
        np.testing.assert_array_equal(fields.receptive_fields()[-1], now, err_msg=f"line {n}")

    assert n > 40


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_run_that_failed_while_it_took_over_synapses_records_those_of_now(monkeypatch, error):
    net, proj, fields = recording_others()
    with monkeypatch.context() as patch:
        patch.setattr("engram.program.recording.wiring_of", lambda *_: (_ for _ in ()).throw(error))
        with pytest.raises(error):
            net.simulate(1.0)
    net.simulate(1.0)

    np.testing.assert_array_equal(fields.receptive_fields()[-1], proj.dendrite(0).receptive_field(fill=np.nan))


@pytest.mark.parametrize("is_growing", [True, False])
def test_monitor_of_synapses_that_come_and_go_on_one_side_alone_stays_empty(tmp_path, is_growing):
    kept = eg.Synapse(equations="age = age + 1.0\nw = w + 0.125*post.r")
    nets = [network(one)[0] for one in ((GROWN, kept) if is_growing else (kept, GROWN))]
    for net in nets:
        net.monitor(net.get_projection("p"), ["w", "age"], period=2.0, name="m")
        net.monitor(net.get_projection("p"), "nb_synapses", name="n")
        net.simulate(5.0)
    nets[0].save(tmp_path / "a.npz")
    with pytest.warns(
        eg.EngramWarning, match="m: the synapses of 'p' come and go by rules .*; its records were not loaded"
    ):
        nets[1].load(tmp_path / "a.npz")
    nets[1].simulate(2.0)

    assert len(nets[1].get_monitor("m")["w"]) == 1
    assert len(nets[1].get_monitor("n")["nb_synapses"]) == 7


def test_recorded_synapses_of_one_pair_and_what_their_neuron_has():
    net = eg.Network(dt=1.0, seed=5)
    a, b = net.create(4, RATE, name="a"), net.create(3, RATE, name="b")
    rule = eg.Synapse(equations="n = n + 1 : int\ntop = 2.0*post.r : postsynaptic", pruning="n == 2 and pre.r < 2.0")
    proj = net.connect(a, b, "exc", rule, name="p")
    proj.connect_from(([2, 0, 2], [1, 1, 1]), weights=0.5, duplicates="keep")
    net.compile()
    several, of_one = net.monitor(proj, ["n", "top"], period=2.0), net.monitor(proj.dendrite(1), ["n", "top"])
    proj.start_pruning()
    tops = []
    for _ in range(3):
        net.simulate(1.0)
        tops.append(2.0 * b.r[1])

    assert several.recording("n").neurons.tolist() == [0, 2, 2]
    np.testing.assert_array_equal(several.get("n", reshape=False, keep=True), [[1.0] * 3, [np.nan] * 3])
    np.testing.assert_array_equal(of_one.receptive_fields("n")[:, [0, 2]], [[1.0, 2.0]] + [[np.nan] * 2] * 2)
    np.testing.assert_array_equal(of_one.receptive_fields("n")[::2], several.receptive_fields("n")[:, 1])
    np.testing.assert_array_equal(of_one["top"], [tops[0], np.nan, np.nan])
    np.testing.assert_array_equal(several["top"][:, 1], of_one["top"][::2])
    assert np.isnan(several["top"][:, [0, 2]]).all()
    assert np.isnan(eg.plot.trace(of_one, "n").lines[1].get_ydata()).tolist() == [False, True, True]
    several.get("n")
    proj.stop_pruning()
    proj.create_synapse(3, 0, w=1.0)
    net.simulate(2.0)
    assert several.recording("n").posts.tolist() == [0]
    for wrong in ("top", "w"):
        with pytest.raises(InvalidArgument, match="'top' .*no value for each synapse|does not record 'w'"):
            several.receptive_fields(wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_views_of_the_synapses_follow_them(kind):
    net, proj = network(*KINDS[kind])
    held = proj.dendrite(2)
    begin(proj)
    for _ in range(3):
        net.simulate(4.0)
        lists = dict(zip(proj.post_ranks, zip(proj.pre_ranks, proj.w, strict=True), strict=True))
        expected = np.zeros((N_POST, N_PRE))
        for post, (pre, weights) in lists.items():
            expected[post, pre] = weights

        assert np.array_equal(proj.connectivity_matrix(), expected)
        assert np.array_equal(proj.weights_csr().toarray(), expected)
        table = columns_of(proj._core)  # of to_dataframe()
        listed = zip(*(table[name].tolist() for name in ("post", "pre", "w")), strict=True)
        assert {(i, j): w for i, j, w in listed} == {(i, j): expected[i, j] for i, (js, _) in lists.items() for j in js}
        assert np.array_equal(proj.receptive_fields().reshape(-1), expected.reshape(-1))
        assert (held.pre_ranks if held.size else []) == lists.get(2, ([], []))[0]
        assert net.memory_footprint().rows  # spikes in flight are counted, too


@pytest.mark.parametrize(("neuron", "value"), [(SPIKING, "v"), (RATE, "r")], ids=["spikes", "rates"])
def test_arrays_change_in_place_unless_somebody_looks_at_them(monkeypatch, neuron, value):
    monkeypatch.setattr("engram.state.room.SLACK", 1)
    monkeypatch.setattr("engram.state.room.WASTE", 100)
    rules = {"pruning": "w < 0.25 : proba=0.2", "creating": f"post.{value} < 0.5 : proba=0.05, w=0.2"}
    net, proj = network(eg.Synapse(**rules), neuron, eg.DiscreteUniform(1, 5))
    begin(proj)
    net.simulate(2.0)  # since when there is room
    state, path, other = net._core.state, f"projections/p/{proj._core.ranks_name}", net.copy()
    is_looked_at, moves = [False, True, False, False] * 3, []
    for looks in is_looked_at:
        views = [state["projections/p/w"], state[path]] if looks else []
        then, sizes = [view.copy() for view in views], proj.nb_synapses
        places = [state[name].ctypes.data for name in ("projections/p/w", path)]
        while proj.nb_synapses == sizes:
            net.simulate(1.0)
        moves.append([state[name].ctypes.data for name in ("projections/p/w", path)] != places)
        assert all(np.array_equal(view, before) for view, before in zip(views, then, strict=True))
    other.simulate(net.time - other.time)

    assert moves == is_looked_at
    assert other.digest() == net.digest()
    assert any(row.name == "spare" for row in net.memory_footprint().rows)


def test_failure_before_anything_has_changed_leaves_a_network_that_goes_on(monkeypatch):
    net, proj = network(TRACED, SPIKING, 2.0)
    begin(proj, 2.0)
    net.simulate(3.0)
    before, other = proj.pre_ranks, net.copy()
    with monkeypatch.context() as patch:
        patch.setattr("engram.program.rewiring.roomy", lambda *_: bytes(1 << 62))
        patch.setattr(net._core.state, "in_place", lambda *_: None)
        with pytest.raises(MemoryError, match="memory is short for creating in step 3.*\n.*was left out"):
            net.simulate(5.0)
    other.get_projection("p").stop_pruning()
    other.get_projection("p").stop_creating()
    other.simulate(1.0)

    assert (net.time, proj.pre_ranks) == (4.0, before)
    assert proj.w == other.get_projection("p").w
    net.simulate(4.0)
    assert proj.pre_ranks != before


def test_rule_that_can_not_be_followed_is_refused_before_a_run():
    with pytest.raises(InvalidArgument, match="d=70000: .* at most 65535 are possible\n  help: d is in ms"):
        network(eg.Synapse(equations="age = age + 1.0", creating="pre.r > 0.5 : d=70000.0"))
    net = eg.Network(dt=1.0)
    cells = net.create(3, RATE)
    proj = net.connect(cells, cells, "exc", eg.Synapse("c = 1.0", creating="pre.r > 0.5")).all_to_all(1.0)
    proj.c = eg.Uniform(1.0, 2.0, rng=np.random.default_rng(1))
    net.compile()
    with pytest.raises(InvalidArgument, match=r"which no file has.*\n  help: c = Uniform\(1.0, 2.0\) without rng="):
        proj.start_creating()


@pytest.mark.parametrize("rule", ["pruning", "creating"])
@pytest.mark.parametrize("text", ["", "  ", ": proba=0.5", "# w < 0.1\n"])
def test_rule_without_a_condition_is_refused_where_it_is_written(rule, text):
    with pytest.raises(InvalidArgument, match=rf"{rule} has no condition: .*\n  help: .*None, for no rule"):
        eg.Synapse(**{rule: text})


def test_rule_is_not_started_where_it_can_not_be():
    net, proj = network(eg.Synapse(equations="age = age + 1.0", pruning="w < 0.0"))
    with pytest.raises(InvalidArgument, match=r"no rule `creating`\n  help: write eg.Synapse\(..., creating="):
        proj.start_creating()
    for period in (0.1, 0.0, -1.0, -math.inf):
        with pytest.raises(
            InvalidArgument, match=r"pruning: period must be at least one step \(1 ms\), not .*\n  help: "
        ):
            proj.start_pruning(period)
    for period in (math.nan, math.inf):
        with pytest.raises(InvalidArgument, match=r"pruning: period: expected a finite number of ms, got (nan|inf)\n"):
            proj.start_pruning(period)
    early = eg.Network()
    cells = early.create(2, RATE)
    late = early.connect(cells, cells, "exc", eg.Synapse(pruning="w < 0.0")).all_to_all(1.0)
    with pytest.raises(NotCompiled, match="after net.compile"):
        late.start_pruning()


# -- what goes wrong, and who looks ----------------------------------------------------------------------


@pytest.mark.cc
def test_change_for_which_memory_is_short_leaves_nothing_bound_to_what_is_gone(monkeypatch):
    net, proj = network(TRACED, SPIKING, delays=eg.DiscreteUniform(1, 4), sizes=(300, 300))
    net.simulate(5.0)
    real = rewiring.roomy
    with monkeypatch.context() as patch:
        patch.setattr(type(proj._core.program.state), "in_place", lambda *_: None)  # so that memory is asked for

        def short(*args):
            patch.setattr(rewiring, "roomy", real)
            raise MemoryError

        patch.setattr(rewiring, "roomy", short)
        with pytest.raises(MemoryError):
            proj.dendrite(0).prune_synapses(proj.dendrite(0).pre_ranks[:2])
    garbage = [np.full(proj.nb_synapses + 1000 * k, np.nan) for k in range(8)]  # where the arrays of loops were
    other = net.copy()
    for one in (net, other):
        one.simulate(3.0)
    assert len(garbage) == 8
    assert net.digest() == other.digest()


@pytest.mark.cc
def test_columns_are_those_of_the_synapses_if_others_could_not_be_made(monkeypatch):
    net = eg.Network(dt=1.0, seed=5)
    a = net.create(N_PRE, SPIKING, name="a")
    stdp = eg.Synapse(
        equations="dx/dt = -x/20.0 : event-driven", pre_spike="g_target += w\nx += 1.0", post_spike="w += x"
    )
    both = [net.connect(a, net.create(N_POST, SPIKING, name=name), "exc", stdp, name=f"a{name}") for name in "bc"]
    for proj in both:
        proj.fixed_probability(0.5, weights=0.5, delays=eg.DiscreteUniform(1, 5))
    net.compile()
    net.simulate(5.0)
    for proj in both:
        proj.delay = eg.DiscreteUniform(1, 5)  # synapses of a pair of neurons stand in another order by delay
    other, real = net.copy(), wired._columns

    def columns(projection, *rest):
        if projection.name == "ac":
            monkeypatch.undo()
            raise KeyboardInterrupt
        return real(projection, *rest)

    monkeypatch.setattr(wired, "_columns", columns)
    with pytest.raises(KeyboardInterrupt):
        net.simulate(1.0)
    for one in (net, other):
        one.simulate(20.0)
    assert net.digest() == other.digest()


def test_weights_are_read_as_lists_whether_or_not_a_synapse_has_come_with_another():
    net = eg.Network(dt=1.0, seed=5)
    a, b = net.create(3, RATE, name="a"), net.create(2, RATE, name="b")
    proj = net.connect(a, b, "exc", eg.Synapse(creating="pre.r > 2.0 : w=1.0")).all_to_all(weights=0.5)
    net.compile()
    assert proj.w == [[0.5] * 3] * 2


def test_who_reads_while_rules_are_tested_waits_for_the_end_of_what_is_being_run():
    net, proj = network()
    begin(proj)
    read = threading.Thread(target=lambda: proj.dendrite(0).pre_ranks)
    with proj._core.program.lock:
        read.start()
        read.join(0.2)
        assert read.is_alive()
    read.join(60.0)
    assert not read.is_alive()
