"""The layout of rate-coded synapses follows from those that are there, whatever put them there."""

import numpy as np
import pytest

import engram as eg
from engram.program.layouts import layout_of, possible_layouts
from tests.cases import each
from tests.contracts.kernel_contract import bits
from tests.network.small import LEAKY

CONNECT = {
    "full": lambda c: c.all_to_all(weights=eg.Uniform(0.0, 0.1), allow_self_connections=True),
    "others": lambda c: c.all_to_all(weights=eg.Uniform(0.0, 0.1)),
    "short list": lambda c: c.fixed_number_pre(7, weights=eg.Uniform(0.0, 0.1)),
}


def recurrent(connect, size=20, seed=1):
    """A population that projects on itself."""
    net = eg.Network(dt=1.0, seed=seed)
    p = net.create(size, LEAKY, name="p")
    connect(net.connect(p, p, "exc", name="c"))
    net.compile()
    p.r = np.linspace(0.0, 1.0, size)
    return net


def compiled_layout(net):
    return net._keeper.runner.derived.code["projections/c"][0].kernel.layout


@each("layout", CONNECT)
def test_layout_is_that_of_the_synapses(layout):
    net = recurrent(CONNECT[layout])

    assert compiled_layout(net) == layout_of(net.get_projection("c")._core) == layout


def test_layout_between_populations_is_full_or_a_list():
    net = eg.Network(seed=1)
    p, q = net.create(6, LEAKY), net.create(5, LEAKY)
    every = net.connect(p, q, "exc").all_to_all()
    part = net.connect(p[:3], q, "exc").all_to_all()
    net.compile()

    assert [layout_of(every._core), layout_of(part._core)] == ["full", "short list"]


@each(("size", "layout"), [(65_535, "short list"), (65_536, "list")])
def test_list_is_short_where_ranks_fit_into_16_bits(size, layout):
    assert compiled_layout(recurrent(lambda c: c.one_to_one(0.5), size)) == layout


@each("n", [20 * 20, 20 * 19])
def test_layout_of_as_many_synapses_in_other_places_is_a_list(n):
    net = recurrent(lambda c: c.fixed_total_number(n, weights=eg.Uniform(0.0, 0.1)))
    c = net.get_projection("c")

    assert len(possible_layouts(c._core, c.nb_synapses)) == 2
    assert compiled_layout(net) == "short list"


@pytest.mark.parametrize("before", CONNECT)
@pytest.mark.parametrize("after", CONNECT)
def test_layout_after_a_load_is_that_of_the_file(tmp_path, before, after):
    saved, net = recurrent(CONNECT[after]), recurrent(CONNECT[before], seed=2)
    saved.simulate(5.0)
    saved.save(tmp_path / "state.npz")
    net.load(tmp_path / "state.npz")
    loaded = compiled_layout(net)
    for network in (saved, net):
        network.simulate(20.0)

    assert loaded == after
    assert bits(net) == bits(saved)


@each("layout", CONNECT)
def test_layout_when_weights_and_delays_are_set_stays(layout):
    net = recurrent(CONNECT[layout])
    c = net.get_projection("c")
    c.w = 0.05
    c.delay = 3.0
    net.reset(synapses=True)

    assert compiled_layout(net) == layout


@each("layout", CONNECT)
def test_explain_before_compile_shows_the_kernels_of_the_layout_to_come(layout):
    net = eg.Network(seed=1)
    p = net.create(20, LEAKY, name="p")
    CONNECT[layout](net.connect(p, p, "exc", name="c"))
    before = [kernel.source for kernel in net.explain("c").kernels]
    net.compile()
    after = [kernel.source for kernel in net.explain("c").kernels]

    assert compiled_layout(net) == layout
    assert before == after
