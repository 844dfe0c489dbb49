"""SPEC 6.3, Q2: the clock of event-driven variables, engram's and, for comparison, that of ANNarchy."""

import math

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.spec.running import sink, source, watch

TRACE = eg.Synapse(
    parameters="tau = 10.0 : projection", equations="tau*dx/dt = -x : event-driven", pre_spike="x += 1", name="trace"
)
PAIR = eg.Synapse(
    parameters="tau = 10.0",
    equations="tau*dx/dt = -x : event-driven\ntau*dy/dt = 0.5 - y : event-driven",
    pre_spike="g_target += w ; x += 1 ; seen = y",
    post_spike="y += 1 ; heard = x",
    name="pair",
)


def network(synapse, clock, arriving, posts=(), delays=1.0, backend="numpy"):
    """One synapse at which spikes arrive in some steps, and whose post neuron spikes in others."""
    net = eg.Network(seed=1)
    net.config(event_clock=clock)
    pre = net.create(1, source(*(step - int(delays) for step in arriving)))
    post = net.create(1, source(*posts) if posts else sink())
    proj = net.connect(pre, post, "exc", synapse).all_to_all(1.0, delays=delays, force_multiple_weights=True)
    net.compile(backend=backend)
    return net, proj


@pytest.mark.parametrize("delays", [1.0, 3.0])
@pytest.mark.parametrize(
    ("clock", "decays"), [("exact", (math.exp(-0.3), math.exp(-0.1))), ("annarchy", (math.exp(-0.2), math.exp(0.0)))]
)
def test_decay_between_two_arrivals_is_one_step_short_in_annarchy(clock, decays, delays, backend):
    """[run]: spikes arrive in steps 3, 6 and 7."""
    net, proj = network(TRACE, clock, (3, 6, 7), delays=delays, backend=backend)
    x = watch(net, backend, 8, lambda: proj.x[0][0], compiled=True)

    second = decays[0] + 1.0
    third = second * decays[1] + 1.0
    assert x == pytest.approx([0.0, 0.0, 0.0, 1.0, 1.0, 1.0, second, third], rel=1e-15)


@pytest.mark.parametrize("clock", ["exact", "annarchy"])
def test_decay_from_an_arrival_to_a_postsynaptic_spike_is_exact(clock, backend):
    """[run]: an arrival in step 7, a postsynaptic spike in step 8."""
    net, proj = network(PAIR, clock, (7,), (8,), backend=backend)
    heard = watch(net, backend, 9, lambda: proj.heard[0][0], compiled=True)

    assert heard[8] == pytest.approx(math.exp(-0.1), rel=1e-15)


@pytest.mark.parametrize("clock", ["exact", "annarchy"])
def test_variables_of_both_sides_are_advanced_by_every_event_in_annarchy(clock, backend):
    """Arrivals in steps 2 and 7, postsynaptic spikes in 4 and 8: decays add up over the events between."""
    net, proj = network(PAIR, clock, (2, 7), (4, 8), backend=backend)
    seen, heard = watch(net, backend, 9, lambda: proj.seen[0][0], lambda: proj.heard[0][0], compiled=True)
    short = clock == "annarchy"

    def decayed(y, elapsed):
        return 0.5 + (y - 0.5) * math.exp(-elapsed / 10.0)

    # y begins at 0 when the run does, in ANNarchy 10000 steps before
    assert seen[2] == pytest.approx(0.5 if short else decayed(0.0, 2), rel=1e-15)
    assert heard[4] == pytest.approx(math.exp(-0.2), rel=1e-15)
    assert seen[7] == pytest.approx(decayed(1.5, 2) if short else decayed(decayed(0.0, 4) + 1.0, 3), rel=1e-14)
    x = math.exp(-0.4) + 1.0 if short else math.exp(-0.5) + 1.0
    assert heard[8] == pytest.approx(x * math.exp(-0.1), rel=1e-14)


@pytest.mark.cc
def test_both_backends_and_any_threads_give_the_same_bits_with_the_clock_of_annarchy():
    digests = []
    for backend, threads in (("numpy", 1), ("c", 1), ("c", 3)):
        net = eg.Network(seed=1)
        net.config(event_clock="annarchy", num_threads=threads)
        neuron = eg.Neuron(
            parameters="every = 5 : int", equations="n = n + 1 : int, init=-1", spike="modulo(n, every) == 0"
        )
        one, other = net.create(70, neuron, name="one"), net.create(130, neuron, name="other")
        proj = net.connect(one, other, "exc", PAIR).all_to_all(eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 4.0))
        net.compile(backend=backend)
        one.every, other.every = np.arange(70) % 7 + 2, np.arange(130) % 11 + 2
        net.simulate(40.0)
        digests.append([proj.array(name).tobytes() for name in ("seen", "heard", "x", "y")])

    assert digests[1] == digests[2]
    for native, meaning in zip(digests[1], digests[0], strict=True):
        np.testing.assert_allclose(np.frombuffer(native), np.frombuffer(meaning), rtol=1e-14)


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_run_goes_on_after_a_load_and_another_clock_is_another_model(tmp_path, backend):
    nets = [network(PAIR, clock, (2, 7, 9), (4, 8), backend=backend) for clock in ("annarchy", "annarchy", "exact")]
    nets[0][0].simulate(6.0)
    nets[0][0].save(tmp_path / "a.npz")

    assert nets[1][0].load(tmp_path / "a.npz").exact
    assert nets[2][0].load(tmp_path / "a.npz").model_changed == ("projections/proj0",)
    for net, _ in nets:
        net.simulate(6.0)
    assert nets[0][0].digest() == nets[1][0].digest() != nets[2][0].digest()


def test_clock_is_chosen_before_the_first_projection():
    net = eg.Network(seed=1)
    net.config(event_clock="annarchy")
    pop = net.create(1, sink())
    net.connect(pop, pop, "exc", TRACE)

    with pytest.raises(InvalidArgument, match="event_clock can't be changed once there are projections"):
        net.config(event_clock="exact")
    with pytest.raises(InvalidArgument, match="event_clock: expected 'exact' or 'annarchy', got 'ANNarchy'"):
        eg.Network().config(event_clock="ANNarchy")
    net.config(event_clock="annarchy", num_threads=2)


def test_synapses_without_event_driven_variables_are_the_same_with_both_clocks():
    net = eg.Network(seed=1)
    net.config(event_clock="annarchy")
    pop = net.create(2, sink())
    plain, stdp = net.connect(pop, pop, "exc"), net.connect(pop, pop, "exc", eg.STDP)
    other = eg.Network(seed=1)
    cells = other.create(2, sink())

    assert plain.synapse_type.key == other.connect(cells, cells, "exc").synapse_type.key
    assert stdp.synapse_type.key == f"{eg.STDP().key} annarchy"
