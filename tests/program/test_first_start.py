"""On an empty cache everything that a network of plain synapses needs is compiled at once, and later nothing."""

import pytest

import engram as eg
from engram.native.library import compilations
from engram.program.first_start import compile_first

pytestmark = pytest.mark.cc

NOISES = {"none": "0.0", "mean": "mean(v)", "normal": "Normal(0.0, 1.0)", "poisson": "Poisson(2.0)"}


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGRAM_CACHE_DIR", str(tmp_path / "cache"))


def network(noise="none", weights=0.1, delays=1.0):
    net = eg.Network(seed=1)
    equations = f"dv/dt = -v + g_exc + 1.5 + {NOISES[noise]}"
    p = net.create(20, eg.Neuron(equations=equations, spike="v > 1.0", reset="v = 0.0"), name="p")
    net.connect(p, p, "exc", name="c").fixed_probability(0.5, weights=weights, delays=delays)
    return net


@pytest.mark.slow
@pytest.mark.parametrize(
    ("noise", "weights", "delays"),
    [
        pytest.param("mean", 0.1, 1.0, marks=pytest.mark.nightly),
        pytest.param("normal", eg.Uniform(0.0, 0.1), 1.0, marks=pytest.mark.nightly),
        ("poisson", eg.Gamma(2.0, 0.1), eg.Uniform(1.0, 5.0)),
    ],
)
def test_first_start_compiles_everything_side_by_side(empty_cache, noise, weights, delays):
    net = network(noise, weights, delays)
    before = compilations()
    compile_first(net._core)
    ahead = compilations()
    net.compile()
    net.simulate(5.0)

    assert ahead > before
    assert compilations() == ahead


@pytest.mark.slow
def test_network_that_was_seen_in_part_compiles_nothing_again_and_the_rest_when_it_is_needed(empty_cache):
    network().compile()
    before = compilations()
    net = network("normal", eg.Uniform(0.0, 1.0), eg.Uniform(1.0, 4.0))
    compile_first(net._core)

    assert compilations() == before
    net.compile()
    net.simulate(5.0)
    assert net.current_step == 5
    assert compilations() > before
