"""Run a + b == run a, save, load elsewhere, run b: the same digest and the same spikes, whatever lies between."""

import functools
import json
import subprocess
import sys

import numpy as np
import pytest

import engram as eg
from engram.storage.formats import SUFFIXES
from tests.cases import matrix, tried
from tests.resume.networks import CASES, IZHIKEVICH, LEAKY, SHARED, STDP, build, run, spikes, started

pytestmark = pytest.mark.cc

STEPS = 60
OTHER_SEED = 7
# precision matters to what is saved, and nothing else: float32 is nightly where no file is written in many ways
DOUBLE = [pytest.param(name, marks=pytest.mark.nightly if "float32" in name else ()) for name in CASES]


@functools.cache
def uninterrupted(name, steps=STEPS):
    """Digest and spikes of a run in one piece."""
    net = started(name)
    run(net, steps)
    return net.digest(), spikes(net)


def assert_same_end(net, name, steps=STEPS):
    digest, emitted = uninterrupted(name, steps)
    assert spikes(net) == emitted
    assert net.digest() == digest


@pytest.mark.parametrize("name", CASES)
def test_case_when_run_moves_everything_that_it_shall_prove(name):
    net = started(name)
    before = net.digest()
    run(net, STEPS)

    assert net.digest() != before
    assert net.digest() != uninterrupted(name, STEPS - 1)[0]
    assert all(any(ranks.values()) for ranks in spikes(net).values())


def test_network_that_has_run_draws_with_the_seed_of_what_it_loads(tmp_path):
    """Without projections nothing of the tree moves when a file is loaded."""
    noisy = eg.Neuron(equations="r = Uniform(0.0, 1.0)")
    nets = [eg.Network(seed=seed) for seed in (1, 2)]
    for net in nets:
        net.create(3, noisy)
        net.compile()
        net.simulate(2.0)
    nets[0].save(tmp_path / "state.npz")
    nets[1].load(tmp_path / "state.npz")
    for net in nets:
        net.simulate(2.0)
    assert nets[1].digest() == nets[0].digest()


@pytest.mark.parametrize(("name", "split"), matrix(CASES, (0, 1, 2, 3, 5, 8, 13, 21, 40, STEPS - 1, STEPS), 2))
def test_run_when_split_anywhere_goes_on_to_the_bit(tmp_path, name, split):
    first = started(name)
    run(first, split)
    first.save(tmp_path / "state.npz")
    second = build(name, seed=OTHER_SEED)
    run(second, 11)  # whatever it did before must not matter
    second.load(tmp_path / "state.npz")
    run(second, STEPS - split)

    assert_same_end(second, name)


@pytest.mark.parametrize(("turn", "name"), [*enumerate(CASES)])
def test_run_when_put_down_five_times_goes_on_to_the_bit(tmp_path, turn, name):
    cuts = sorted(np.random.default_rng(3).choice(np.arange(1, STEPS), 4, replace=False).tolist())
    net, step = started(name), 0
    for k, cut in enumerate([*cuts, STEPS]):
        run(net, cut - step)
        step = cut
        file = tmp_path / f"{k}{SUFFIXES[(turn + k) % len(SUFFIXES)]}"
        net.save(file)
        net = build(name, seed=100 + k, threads=1 + k % 3)
        net.load(file)

    assert_same_end(net, name)


@pytest.mark.parametrize("name", DOUBLE)
def test_run_when_restored_three_times_in_one_process_repeats_itself(tmp_path, name):
    net = started(name)
    run(net, 20)
    net.save(tmp_path / "state.npz")
    for _ in range(3):
        run(net, STEPS - 20)
        assert_same_end(net, name)
        net.load(tmp_path / "state.npz")
        assert net.current_step == started(name).current_step + 20


@pytest.mark.parametrize(("name", "threads"), matrix(CASES, (2, 3, 4, 8), 2))
def test_run_when_threads_are_more_gives_the_same_bits(name, threads):
    net = started(name, threads=threads)
    run(net, STEPS)

    assert_same_end(net, name)


@pytest.mark.parametrize("name", DOUBLE)
def test_run_when_threads_change_on_the_way_gives_the_same_bits(name):
    net = started(name)
    for k in range(STEPS // 5):
        net.config(num_threads=1 + k % 3)
        run(net, 5)

    assert_same_end(net, name)


@pytest.mark.parametrize("name", DOUBLE)
def test_run_when_made_step_by_step_gives_the_same_bits(name):
    net = started(name)
    for _ in range(STEPS):
        run(net, 1)

    assert_same_end(net, name)


def test_run_when_long_equals_a_thousand_of_one_step():
    at_once, by_steps = started("stdp"), started("stdp", threads=2)
    run(at_once, 1000)
    for _ in range(1000):
        by_steps.step()

    assert at_once.digest() == by_steps.digest()


@pytest.mark.parametrize(("name", "suffix"), matrix(CASES, SUFFIXES, 1))
def test_file_when_loaded_and_saved_again_has_the_same_bytes(tmp_path, name, suffix):
    first, second = started(name), build(name, seed=OTHER_SEED, threads=2)
    run(first, 30)
    first.save(tmp_path / f"first{suffix}")
    second.load(tmp_path / f"first{suffix}")
    second.save(tmp_path / f"second{suffix}")

    assert (tmp_path / f"second{suffix}").read_bytes() == (tmp_path / f"first{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("name", "how"),
    matrix(CASES, ({}, {"projections": True}, {"synapses": True}, {"monitors": False}, {"populations": False}), 1),
)
def test_reset_after_load_equals_reset_in_the_process_that_saved(tmp_path, name, how):
    first, second = started(name), build(name, seed=OTHER_SEED)
    run(first, 30)
    first.save(tmp_path / "state.npz")
    second.load(tmp_path / "state.npz")
    for net in (first, second):
        net.reset(**how)

    assert second.digest() == first.digest()
    run(first, 20)
    run(second, 20)
    assert second.digest() == first.digest()


@pytest.mark.parametrize("name", DOUBLE)
def test_reset_when_everything_is_reset_repeats_the_run(name):
    net = build(name)
    run(net, 25)
    digest = net.digest()
    net.reset(synapses=True)
    run(net, 25)

    assert net.digest() == digest


def test_distributions_assigned_after_load_draw_the_same_values(tmp_path):
    first, second = started("shared"), build("shared", seed=OTHER_SEED)
    run(first, 10)
    first.save(tmp_path / "state.mat")
    second.load(tmp_path / "state.mat")
    for net in (first, second):
        net.get_population("p").v = eg.Uniform(0.0, 1.0)
        net.get_population("p").v = eg.Normal(0.0, 1.0)
        net.get_projection("forth").w = eg.Uniform(0.0, 1.0)
        net.get_projection("back").w = eg.Uniform(0.0, 1.0)  # one weight for all becomes one each
        net.get_projection("back").gain = eg.Exponential(2.0)
    run(first, 10)
    run(second, 10)

    assert first.default_rng.random(5).tolist() == second.default_rng.random(5).tolist()
    assert second.digest() == first.digest()


def test_generator_of_the_user_when_saved_goes_on_where_it_was(tmp_path):
    first, second = build("recorders"), build("recorders", seed=OTHER_SEED)
    kept = second.default_rng
    first.default_rng.integers(0, 10, 3, dtype=np.uint32)  # leaves half a word in the generator
    first.save(tmp_path / "state.npz")
    second.load(tmp_path / "state.npz")

    assert kept is second.default_rng
    assert first.default_rng.integers(0, 1000, 9).tolist() == second.default_rng.integers(0, 1000, 9).tolist()


def test_generator_of_the_user_when_one_population_is_loaded_is_left_alone(tmp_path):
    net, twin = build("recorders"), build("recorders")
    net.get_population("p").save(tmp_path / "p.npz")
    net.default_rng.random(3)
    twin.default_rng.random(3)
    net.get_population("p").load(tmp_path / "p.npz")

    assert net.default_rng.random(5).tolist() == twin.default_rng.random(5).tolist()


NEURONS = {"rates": LEAKY, "shared": SHARED, "stdp": IZHIKEVICH}


def weighted(name, weights, seed):
    net = eg.Network(seed=seed)
    p, q = net.create(90, NEURONS[name], name="p"), net.create(80, NEURONS[name], name="q")
    net.connect(p, q, "exc", name="c").all_to_all(weights=weights, delays=2.0)
    net.compile()
    run(net, 10)
    return net


@pytest.mark.parametrize("forms", [(0.25, eg.Uniform(0.0, 0.5)), (eg.Uniform(0.0, 0.5), 0.25)], ids=["one", "many"])
@pytest.mark.parametrize("name", NEURONS)
def test_weights_when_file_and_network_have_them_in_different_forms_take_that_of_the_file(tmp_path, name, forms):
    first, second = weighted(name, forms[0], 1), weighted(name, forms[1], 2)
    first.save(tmp_path / "state.npz")
    second.load(tmp_path / "state.npz")

    assert second.digest() == first.digest()
    run(first, 10)
    run(second, 10)
    assert second.digest() == first.digest()


def delayed(delays, seed=1, kind="rates"):
    net = eg.Network(seed=seed)
    p = net.create(70, NEURONS[kind], name="p")
    q = net.create(66, NEURONS[kind], name="q")
    net.connect(p, q, "exc", name="c").fixed_probability(0.3, weights=eg.Uniform(0.0, 0.1), delays=delays)
    net.monitor(p, "r")
    net.compile()
    return net


@pytest.mark.parametrize("kind", ["rates", "stdp"])
@pytest.mark.parametrize("mine", [0.0, 3.0, eg.Uniform(1.0, 6.0)], ids=str)
@pytest.mark.parametrize("theirs", [0.0, 5.0, eg.Uniform(1.0, 12.0)], ids=str)
def test_delays_of_the_file_when_the_network_was_built_with_others_replace_them(tmp_path, kind, mine, theirs):
    first, second = delayed(theirs, 1, kind), delayed(mine, 2, kind)
    run(first, 20)
    first.save(tmp_path / "state.npz")
    run(second, 4)
    report = second.load(tmp_path / "state.npz")

    assert second.digest() == first.digest(), str(report)
    run(first, 20)
    run(second, 20)
    assert second.digest() == first.digest()


def test_projection_when_loaded_alone_with_longer_delays_delivers_each_spike_once(tmp_path):
    neuron = eg.Neuron(equations="n += g_exc\n v = 0.0", spike="v > 0.5 or t == 4.0", reset="v = 0.0", name="at four")
    nets = []
    for delay in (9.0, 2.0):
        net = eg.Network(seed=1)
        p, q = net.create(3, neuron, name="p"), net.create(2, neuron, name="q")
        net.connect(p, q, "exc", name="c").all_to_all(weights=1.0, delays=delay)
        m = net.monitor(q, "n")
        net.compile()
        nets.append((net, m))
    (long, _), (short, m) = nets
    long.get_projection("c").save(tmp_path / "c.npz")
    short.simulate(1.0)
    short.get_projection("c").load(tmp_path / "c.npz")
    short.simulate(30.0)

    # emitted in step 4 by three neurons, delivered in step 13
    assert short.get_projection("c").delay == 9.0
    assert m.get("n")[:, 0].tolist() == [0.0] * 13 + [3.0] * 18


def test_initial_values_of_synapses_when_the_connectivity_differs_come_from_the_file(tmp_path):
    synapse = eg.Synapse(parameters="k = 1.0", pre_spike="g_target += w*k", name="scaled")
    nets = []
    for seed in (1, 2):
        net = eg.Network(seed=seed)
        p = net.create(60, IZHIKEVICH, name="p")
        c = net.connect(p, p, "exc", synapse, name="c").fixed_probability(0.2)
        c.k = eg.Uniform(0.0, 1.0)
        net.compile()
        nets.append(net)
    first, second = nets
    assert first.get_projection("c").nb_synapses != second.get_projection("c").nb_synapses
    first.get_projection("c").k = 2.0
    first.save(tmp_path / "state.npz")
    second.load(tmp_path / "state.npz")
    first.reset(projections=True)
    second.reset(projections=True)

    assert second.digest() == first.digest()
    assert max(max(row) for row in second.get_projection("c").k) < 1.0


def test_plastic_weights_when_learning_is_switched_off_stay_off_after_load(tmp_path):
    first, second = started("stdp"), build("stdp", seed=OTHER_SEED)
    run(first, 10)
    first.get_projection("forth").disable_learning()
    first.save(tmp_path / "state.gz")
    second.load(tmp_path / "state.gz")
    weights = second.get_projection("forth").array("w")
    run(second, 50)

    assert second.get_projection("forth").plasticity is False
    assert second.get_projection("forth").array("w").tobytes() == weights.tobytes()


def test_two_networks_in_one_process_when_interleaved_do_not_meet():
    alone, first, second = started("stdp"), started("stdp"), started("stdp", seed=9, threads=2)
    run(alone, 30)
    for _ in range(15):
        run(first, 2)
        run(second, 2)

    assert first.digest() == alone.digest()
    assert second.digest() != alone.digest()


@pytest.mark.parametrize("name", DOUBLE)
def test_interpreter_when_it_goes_on_from_its_own_file_gives_the_same_bits(tmp_path, name):
    whole, first, second = (started(name, backend="numpy") for _ in range(3))
    run(whole, 6)
    run(first, 4)
    first.save(tmp_path / "state.npz")
    report = second.load(tmp_path / "state.npz")
    run(second, 2)

    assert report.exact
    assert second.digest() == whole.digest()


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_interpreter_when_it_loads_a_file_of_kernels_says_that_it_is_not_exact(tmp_path):
    first, second = started("rates"), build("rates", backend="numpy")
    run(first, 4)
    first.save(tmp_path / "state.npz")
    report = second.load(tmp_path / "state.npz")

    assert second.digest() == first.digest()
    assert not report.exact
    assert "backend c in the file, numpy in the network" in str(report)


def test_run_when_loaded_by_a_fresh_process_goes_on_to_the_bit(tmp_path):
    """All networks, in one format each, nightly in all: saved here, loaded there with another seed and threads."""
    files = {}
    for name, suffix in tried(CASES, SUFFIXES, 1):
        net = started(name, threads=2)
        run(net, 23)
        path = str(tmp_path / f"{name}{suffix}")
        net.save(path)
        files[path] = name
    command = [sys.executable, "-m", "tests.resume.fresh", str(STEPS - 23), json.dumps(files)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)

    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)
    assert found == {path: uninterrupted(name)[0] for path, name in files.items()}


def test_weights_of_the_cases_fill_their_mantissa():
    """Float32 weights would add up exactly in any order, and prove nothing."""
    net = build("stdp")
    weights = net.get_projection("forth").array("w")

    assert weights.dtype == np.float64
    assert np.count_nonzero(weights.astype(np.float32) != weights) > 0.9 * len(weights)
    assert STDP.spec.is_plastic
