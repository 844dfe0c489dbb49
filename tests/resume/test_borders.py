"""Across steps 2^31 and 2^32, where the key of draws changes: the same in C, in the interpreter, saved or split."""

import functools
from itertools import product

import numpy as np
import pytest

import engram as eg
from engram.state import draws
from engram.state.streams import Stream, object_uid, stream_key
from tests.cases import matrix
from tests.resume import networks

pytestmark = pytest.mark.cc

BORDERS = (2**31, 2**32)
BEFORE, AFTER = 13, 17  # steps on either side
EVERY_DRAW = eg.Neuron(
    parameters="n = 8.0 : population\n lam = 1.5",
    equations="""
        shared = Gamma(2.0, 0.5) + Poisson(3.0) : population
        counts = Poisson(2.0) + Binomial(n, 0.3) + DiscreteUniform(0, 3)
        own = Poisson(lam) + Gamma(2.0, 0.5)
        dv/dt = 0.1*(shared + counts + own - v) + 0.1*Normal(0.0, 1.0) + g_exc
    """,
    spike="v > 5.0",
    reset="v = Uniform(0.0, 1.0)",
    refractory=2.0,
    name="every draw",
)
NOISY = eg.Synapse(
    parameters="tau = 15.0 : projection",
    equations="dx/dt = -x/tau : event-driven\n dy/dt = -y/tau : event-driven",
    pre_spike="g_target += w*Uniform(0.5, 1.5) ; x += 1.0 ; w += 0.01*y*Exponential(2.0)",
    post_spike="y += Gamma(2.0, 0.1) ; w -= 0.01*x",
    name="noisy",
)
NOISY_RATE = eg.Synapse(
    parameters="eta = 0.01 : projection",
    equations="z = Normal(0.0, 1.0) : postsynaptic\n dw/dt = eta*(pre.r*post.r - w) + 0.001*(Normal(0.0, 1.0) + z)",
    psp="w*pre.r*Uniform(0.9, 1.1)",
    name="noisy rates",
)


def noisy(net):
    p, q = net.create(70, EVERY_DRAW, name="p"), net.create(20, EVERY_DRAW, name="q")
    forth = net.connect(p, q, "exc", NOISY, name="forth")
    forth.fixed_total_number(200, weights=eg.Uniform(0.0, 0.1), delays=eg.DiscreteUniform(1, 9))
    net.connect(q, p, "exc", NOISY, name="back").fixed_probability(0.1, weights=0.1, delays=4.0)
    rates = net.create(20, networks.LEAKY, name="rates")
    late = net.connect(rates, rates, "exc", NOISY_RATE, name="late")
    late.all_to_all(weights=eg.Uniform(0.0, 0.01), delays=eg.DiscreteUniform(1, 5))
    late.enable_learning(period=3.0, offset=1.0)
    q.compute_firing_rate(8.0)
    net.monitor(q, ["v", "g_exc", "spike"], period=4.0, period_offset=1.0)


# without those whose exp() and sin() may differ by an ulp between C and NumPy
CASES = {name: case for name, case in networks.CASES.items() if "shared" not in name} | {"noisy": networks.Case(noisy)}


@pytest.fixture(autouse=True)
def _cases(monkeypatch):
    monkeypatch.setattr(networks, "CASES", CASES)


def before(name, border, threads=1, backend="c"):
    """Return a network that stands before the border; its first run lets the engine take many steps at a time."""
    net = networks.started(name, threads=threads, backend=backend)
    networks.run(net, 30)
    net.current_step = border - BEFORE
    return net


@functools.cache
def across(name, border, threads=1, backend="c"):
    """The state behind the border, reached in one piece."""
    net = before(name, border, threads, backend)
    networks.run(net, BEFORE + AFTER)
    return net.digest(), networks.spikes(net)


DOUBLE = [name for name in CASES if "float32" not in name]  # the key of a draw does not know what becomes of it
SINGLE = [pytest.param(*pair, marks=pytest.mark.nightly) for pair in product(sorted({*CASES} - {*DOUBLE}), BORDERS)]


@pytest.mark.parametrize(("name", "border"), [*matrix(DOUBLE, BORDERS, 1), *SINGLE])
def test_run_is_the_same_with_any_threads_and_in_the_interpreter(name, border):
    expected = across(name, border)

    assert across(name, border, 2) == across(name, border, 3) == expected
    assert across(name, border, backend="numpy") == expected


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("steps", "suffix"), [(BEFORE - 1, "npz"), (BEFORE, "mat"), (BEFORE + 1, "gz")])
@pytest.mark.parametrize("name", ["noisy", "stdp", "rates", "recorders"])
def test_run_when_saved_at_the_border_and_loaded_elsewhere_goes_on_to_the_bit(name, steps, suffix, border, tmp_path):
    first = before(name, border)
    networks.run(first, steps)
    first.save(tmp_path / f"state.{suffix}")
    second = networks.build(name, seed=7, threads=2)
    second.load(tmp_path / f"state.{suffix}")
    for part in (1, BEFORE + AFTER - steps - 1):
        networks.run(second, part)

    assert (second.digest(), networks.spikes(second)) == across(name, border)


@pytest.mark.parametrize("backend", ["c", "numpy"])
def test_draws_have_the_key_of_their_own_step_wherever_the_clock_is_set(backend):
    net = eg.Network(seed=42)
    pop = net.create(70, eg.Neuron(equations="r = Uniform(0.0, 1.0)"), name="p")
    monitor = net.monitor(pop, "r", start=False)
    net.compile(backend=backend)
    net.simulate(30.0)
    monitor.start()
    expected, keys = [], set()
    for first in (2**32 - 2, 2**33 - 2, 2**31 - 2):
        net.current_step = first
        net.simulate(4.0)
        for step in range(first, first + 4):
            key = stream_key(42, object_uid("populations/p"), Stream.EQUATION, step)
            expected.append(draws.neuron_uniform(key, step, 0, 0, 70))
            keys.add(key)

    assert len(keys) == 3
    assert monitor.get("r").tobytes() == np.array(expected).tobytes()
    assert monitor.times()["r"]["stop"][1:] == [2**32 + 2, 2**33 + 2, 2**31 + 2]
