"""The footprint of a network is that of its arrays, byte by byte."""

import numpy as np
import pytest

import engram as eg
from tests.cases import each
from tests.network.small import rated, spiking
from tests.resume.networks import CASES, started

pytestmark = pytest.mark.cc

SPIKER = eg.Neuron(equations="dv/dt = -v + g_exc", spike="v > 1.0", reset="v = 0.0", name="spiker")


def found(memory, of, name):
    """Return the bytes of one row."""
    (row,) = (r for r in memory.rows if (r.of, r.name) == (of, name))
    return row.bytes


def packed(weights, n=70_000, n_syn_per_pre=3, n_pre=50):
    """Return a compiled network with synapses that only add their weight."""
    net = eg.Network(seed=1)
    p, q = net.create(n_pre, SPIKER, name="p"), net.create(n, SPIKER, name="q")
    net.connect(p, q, "exc", name="c").fixed_number_post(n_syn_per_pre, weights=weights, delays=eg.Uniform(1.0, 4.0))
    net.compile()
    return net


def test_values_of_neurons_count_as_many_bytes_as_their_arrays_have():
    net, p, q, c = spiking()
    memory = net.memory_footprint()

    assert found(memory, "populations/p", "v") == p.v.nbytes == 6 * 8
    assert found(memory, "populations/p", "k") == 6 * 8
    assert found(memory, "populations/q", "on") == 6
    assert found(memory, "populations/q", "tau") == 8
    assert found(memory, "projections/c", "w") == c.nb_synapses * 8
    assert found(memory, "projections/c", "post_ranks") == c.nb_synapses * 4
    assert found(memory, "projections/c", "delay_steps") == c.nb_synapses * 2


def test_packed_synapses_are_counted_once_and_as_they_stand():
    one, many = packed(0.5).memory_footprint(), packed(eg.Uniform(0.0, 1.0)).memory_footprint()

    assert found(one, "projections/c", "index") == 150 * 2
    assert "weight" not in {r.name for r in one.rows}
    assert found(many, "projections/c", "weight") == 150 * 8
    for memory in (one, many):
        assert {"post_ranks", "delay_steps"}.isdisjoint(r.name for r in memory.rows)


def test_what_is_kept_of_synapses_that_somebody_asked_for_is_counted():
    net = packed(0.5)
    before = net.memory_footprint().total
    assert sum(map(len, net.get_projection("c").pre_ranks)) == 150

    memory = net.memory_footprint()

    assert memory.total - before == found(memory, "projections/c", "columns") == 150 * 4 + 70_001 * 8


@each("name", CASES)
def test_footprint_covers_every_value_that_is_saved(name):
    net = started(name)
    net.simulate(20.0)
    memory = net.memory_footprint()
    saved = sum(piece.nbytes for leaf in net._core.state.leaves() for piece in leaf.pieces)

    assert memory.total >= saved > 0
    assert all(r.bytes > 0 for r in memory.rows)
    assert len({(r.of, r.name) for r in memory.rows}) == len(memory.rows)


def test_derived_tables_count_what_is_no_slot():
    net, _, _, c = spiking()
    rows = net._core.rows[c._core.path]
    derived = sum(r.bytes for r in net.memory_footprint().rows if r.kind == "derived" and r.of == c._core.path)

    assert derived == rows.segment.nbytes + rows.delay.nbytes


def test_records_grow_while_something_is_recorded():
    net, p, *_ = spiking(compiled=False)
    net.monitor(p, "v", name="m")
    net.compile()
    before = net.memory_footprint().total
    net.simulate(10.0)
    after = net.memory_footprint()

    assert found(after, "monitors/m", "v") == 10 * p.size * 8
    assert after.total - before == 10 * p.size * 8


def test_sides_are_counted_apart():
    net, p, *_ = spiking(compiled=False)
    p.v = np.linspace(0.0, 0.5, 6)
    net.compile()
    both, python, native = (net.memory_footprint(*sides) for sides in ((), (True, False), (False, True)))

    assert found(python, "populations/p", "given v") == 48
    assert {r.kind for r in python.rows} == {"python"}
    assert "python" not in {r.kind for r in native.rows}
    assert both.total == python.total + native.total
    assert net.memory_footprint(False, False).total == 0


def test_footprint_before_compile_is_what_was_given():
    net, p, *_ = spiking(compiled=False)
    p.v = np.zeros(6)
    memory = net.memory_footprint(show_cpp_side=False)

    assert [(r.of, r.name, r.bytes) for r in memory.rows] == [("populations/p", "given v", 48)]


def test_table_has_a_line_for_each_object_and_the_total():
    net, *_ = rated()
    memory = net.memory_footprint()
    head, _, *lines = str(memory).splitlines()
    objects = [line.strip("| ").split()[0] for line in lines]

    assert head.split() == "| MB | values | wiring | records | derived | python | total |".split()
    assert objects == [*memory.by_object(), "total"]
    assert {"populations/p", "populations/q", "projections/c", "network"} < set(objects)
    assert float(lines[-1].split("|")[-2].replace(",", "")) == round(memory.total / 1e6, 3)
    assert sum(sum(kinds.values()) for kinds in memory.by_object().values()) == memory.total
