"""float32: what is stored in it, what stays exact, what files of the other precision do."""

import json

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, StateMismatch
from engram.storage.formats import SUFFIXES
from tests.cases import each
from tests.resume.networks import LEAKY, STDP

pytestmark = pytest.mark.cc
BACKENDS = pytest.mark.parametrize("backend", ["c", "numpy"])

LIF = eg.Neuron(
    parameters="tau = 10.0 : population\n I = 2.0",
    equations="tau*dv/dt = -v + I + g_exc + 0.1*Normal(0.0, 1.0)\n dg_exc/dt = -g_exc/5.0",
    spike="v > 1.0",
    reset="v = 0.0",
    refractory=4.7,
    name="lif",
)


def network(backend="c", dt=0.1, **settings):
    net = eg.Network(dt=dt, seed=3)
    net.config(**settings)
    p = net.create(70, LIF, name="p")
    p.I = eg.Uniform(0.5, 3.0)
    net.connect(p, p, "exc", STDP, name="c").fixed_number_pre(5, weights=eg.Uniform(0.0, 0.03), delays=1.0)
    net.monitor(p, ["v", "spike"], name="m")
    p.compute_firing_rate(10.0)
    net.compile(backend=backend)
    return net


def floats(net):
    return {path: slot.dtype.name for path, slot in net._core.state.slots().items() if slot.dtype.kind == "f"}


def test_dtype_when_float32_is_that_of_all_floats_but_constants():
    net = eg.Network(seed=1)
    net.config(dtype=eg.float32)
    net.constant("half", 0.5)
    p = net.create(3, eg.Neuron(equations="x = half + mean(x)\n dr/dt = -r*0.1 : linear", name="some"), name="p")
    net.connect(p, p, "exc", name="c").all_to_all(weights=eg.Uniform(0.0, 1.0))
    net.compile()

    exact = {"network/constants/half", "populations/p/internal/op/mean.x"}
    assert {path for path, name in floats(net).items() if name == "float64"} == exact
    assert floats(net)["projections/c/w"] == "float32"
    assert p.x.dtype == np.float32


def test_synapse_dtype_when_float32_is_that_of_what_synapses_store():
    found = floats(network(synapse_dtype=eg.float32))

    narrow = {path for path, name in found.items() if name == "float32"}
    assert narrow >= {"projections/c/w", "projections/c/x", "projections/c/A_plus"}
    assert all(path.startswith("projections/c/") for path in narrow)
    assert found["populations/p/g_exc"] == "float64"


@each(
    ("settings", "precision"),
    [
        ({"dtype": "float32"}, ("float32", "float32")),
        ({"dtype": np.dtype("float32")}, ("float32", "float32")),
        ({"precision": "float"}, ("float32", "float32")),
        ({"precision": "double"}, ("float64", "float64")),
        ({"dtype": float}, ("float64", "float64")),
        ({"synapse_dtype": eg.float32}, ("float64", "float32")),
        ({"dtype": eg.float32, "synapse_dtype": eg.float32}, ("float32", "float32")),
    ],
)
def test_precision_can_be_said_in_several_ways(settings, precision):
    net = eg.Network()
    net.config(**settings)

    found = net._core.config.precision
    assert (found.neurons, found.synapses) == precision


@each(
    ("settings", "said"),
    [
        ({"dtype": eg.float64, "synapse_dtype": "float16"}, "synapse_dtype: expected eg.float32 or eg.float64, got"),
        ({"dtype": int}, "dtype: expected eg.float32"),
        ({"dtype": None}, "dtype: expected eg.float32"),
        ({"precision": "half"}, "precision: expected eg.float32"),
        ({"dtype": eg.float32, "synapse_dtype": eg.float64}, "synapses can't be stored in more than dtype=float32"),
    ],
)
def test_precision_that_cannot_be_is_refused(settings, said):
    net = eg.Network()
    before = net._core.config
    with pytest.raises(InvalidArgument, match=said):
        net.config(**settings)

    assert net._core.config == before


def test_precision_after_compile_is_refused():
    net = network()
    with pytest.raises(InvalidArgument, match="only num_threads can be changed after compile"):
        net.config(dtype=eg.float32)


def test_value_beyond_float32_is_refused_and_nothing_changes():
    net = network(dtype=eg.float32)
    p = net.get_population("p")
    before = p.I.tobytes()
    with pytest.raises(InvalidArgument, match=r"'I' of population 'p': float32 holds .* up to 3.4e\+38, got 1e\+39"):
        p.I = 1e39
    p.tau = np.inf

    assert p.I.tobytes() == before
    assert p.tau == np.inf


def test_values_given_before_the_precision_are_rounded_to_it():
    net = eg.Network(seed=1)
    p = net.create(2, LIF, name="p")
    p.I = [0.1, 0.2]
    net.config(dtype=eg.float32)
    net.compile()

    assert p.I.tobytes() == np.array([0.1, 0.2], np.float32).tobytes()


@BACKENDS
def test_number_in_an_equation_that_float32_cannot_hold_is_infinite(backend):
    net = eg.Network(seed=1)
    net.config(dtype=eg.float32, check_finite=False)
    p = net.create(1, eg.Neuron(equations="r = -1e300\n x = 1e-300 + 0.1", name="large and small"))
    net.compile(backend=backend)
    net.step()

    assert (p.r.tolist(), p.x.tolist()) == ([-np.inf], [np.float32(0.1)])


# -- time ------------------------------------------------------------------------------------------------


@BACKENDS
@pytest.mark.parametrize("rest", [0.7, 1.1, 2.3, 4.7, 4.9, 12.3])
def test_refractory_period_in_float32_is_as_many_steps_as_in_float64(backend, rest):
    """4.7 as a float32 is 4.6999998: 46.999998 steps of 0.1 ms."""
    named = eg.Neuron(parameters="rest = 1.0", equations="v = 1.0", spike="v > 0.5", refractory="rest", name="named")
    net = eg.Network(dt=0.1, seed=1)
    net.config(dtype=eg.float32)
    p, q = net.create(2, LIF, name="p"), net.create(2, named, name="q")
    p.refractory, q.rest = rest, rest
    net.compile(backend=backend)
    p.v = 2.0
    net.step()

    assert net._core.state["populations/p/refractory_left"].tolist() == [round(rest * 10)] * 2
    assert net._core.state["populations/q/refractory_left"].tolist() == [round(rest * 10)] * 2


@BACKENDS
def test_time_in_float32_is_rounded_once(backend):
    neuron = eg.Neuron(equations="now = t\n since = t - t_last", spike="modulo(now, 7.0) == 0", name="clock")
    net = eg.Network(dt=0.1, seed=1)
    net.config(dtype=eg.float32)
    p = net.create(1, neuron)
    net.compile(backend=backend)
    net._core.state.array("network/step")[...] = 12_345_670
    net.simulate(0.4)

    assert p.now.tolist() == [np.float32(1234567.3)]
    net._core.state.array("populations/pop0/last_spike")[...] = net.current_step
    net.step()
    assert p.since.tolist() == [0.0]


@BACKENDS
def test_uniform_draw_in_float32_stays_below_one(backend):
    """The float32 nearest to a double just below 1 is 1; the log of 1 - u would be infinite."""

    def draw(**settings):
        net = eg.Network(dt=1.0, seed=1)
        net.config(**settings)
        p = net.create(20_000, eg.Neuron(equations="r = Uniform(0.0, 1.0)", name="draws"), name="pop0")
        net.compile(backend=backend)
        net._core.state.array("network/step")[...] = 335  # where neuron 9597 draws 0.9999999922
        net.step()
        return p.r

    assert np.float32(draw().max()) == 1.0
    assert draw(dtype=eg.float32).max() == np.float32(1.0 - 2.0**-24)


# -- files -----------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_float32_file_when_loaded_into_float64_is_converted(tmp_path, suffix):
    narrow, wide = network(dtype=eg.float32), network()
    narrow.simulate(20.0)
    narrow.save(tmp_path / f"a{suffix}")
    report = wide.load(tmp_path / f"a{suffix}")

    assert not report.exact
    assert "populations/p/v" in report.converted
    assert wide.get_population("p").v.tobytes() == narrow.get_population("p").v.astype(np.float64).tobytes()
    assert wide.current_step == narrow.current_step


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_float64_file_when_loaded_into_float32_is_refused_unless_it_is_cast(tmp_path, suffix):
    narrow, wide = network(dtype=eg.float32), network()
    wide.simulate(20.0)
    wide.save(tmp_path / f"a{suffix}")
    before = narrow.digest()
    with pytest.raises(StateMismatch, match="populations/p/v: float64 in the file, float32 in the network") as caught:
        narrow.load(tmp_path / f"a{suffix}")

    assert "load with cast=True" in str(caught.value)
    assert narrow.digest() == before
    narrow.load(tmp_path / f"a{suffix}", cast=True)
    assert narrow.get_population("p").v.tobytes() == wide.get_population("p").v.astype(np.float32).tobytes()


def test_parameters_of_float32_are_written_as_short_as_they_were_given(tmp_path):
    net = eg.Network(seed=1)
    net.config(dtype=eg.float32)
    p = net.create(2, LEAKY, name="p")
    p.tau = 0.1
    net.compile()
    net.save_parameters(tmp_path / "a.json")
    p.tau = 3.0
    net.load_parameters(tmp_path / "a.json")

    assert json.loads((tmp_path / "a.json").read_text())["populations"]["p"]["tau"] == 0.1
    assert p.tau == np.float32(0.1)


# -- what else reads floats ------------------------------------------------------------------------------


def test_rates_and_records_in_float32_have_the_values_of_the_spikes():
    net = network(dtype=eg.float32)
    p, m = net.get_population("p"), net._monitors["m"]
    net.simulate(30.0)
    spikes = m.get("spike", keep=True)
    last = net.current_step - 1
    counts = [sum(1 for step in spikes[rank] if step > last - 100) for rank in range(p.size)]

    assert p.r.tolist() == [n * 100.0 for n in counts]
    assert any(counts)
    recorded = m.get("v")
    assert recorded.dtype == np.float32
    assert recorded[-1].tobytes() == p.v.tobytes()


@BACKENDS
def test_reductions_of_float32_are_summed_up_in_float64(backend):
    neuron = eg.Neuron(
        equations="m = mean(r) : population\n n = norm2(r) : population\n r += Uniform(0.0, 1.0)", name="s"
    )
    net = eg.Network(seed=1)
    net.config(dtype=eg.float32)
    p = net.create(1000, neuron)
    net.compile(backend=backend)
    net.step()
    before = p.r.astype(np.float64)
    net.step()

    assert p.m == pytest.approx(before.mean(), rel=1e-7)
    assert p.n == pytest.approx(np.sqrt((before**2).sum()), rel=1e-7)
