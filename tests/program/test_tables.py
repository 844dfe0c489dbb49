"""Parameters that are tables: given with any number of rows, read by whole numbers and by times."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument

READER = eg.Neuron(
    parameters="rows = 0.5 : table\nlist = 1 : table, population, int",
    equations="""
        k = k + 1 : int, init=-2
        late = list[t/2.0]
        r = rows[k] + 10*list[k]
    """,
)


def run(net, backend="c"):
    pop = net.create((2, 2), READER, name="pop")
    pop.set({"rows": np.arange(8.0).reshape(2, 4), "list": [1, 2, 3]})
    seen = net.monitor(pop, ["r", "late"])
    net.compile(backend=backend)
    net.simulate(5.0)
    return pop, seen.get()


def test_entries_are_read_by_index_and_time_and_are_zero_outside():
    for backend in ("c", "numpy"):
        pop, found = run(eg.Network(dt=1.0), backend)
        rows = np.arange(8.0).reshape(2, 2, 2)
        zero = np.zeros((2, 2))
        expected = [zero, rows[0] + 10.0, rows[1] + 20.0, zero + 30.0, zero]  # k is -1 in the first step
        assert np.array_equal(found["r"], expected)
        assert found["late"][:, 0, 0].tolist() == [1.0, 1.0, 2.0, 2.0, 3.0]
        assert pop.rows.shape == (2, 2, 2)
        assert pop.list.tolist() == [1, 2, 3]
        assert pop[1, 1].rows.tolist() == [3.0, 7.0]
        assert pop[:2].rows.tolist() == [[0.0, 1.0], [4.0, 5.0]]
        with pytest.raises(InvalidArgument, match="entries of the table 'rows' are assigned all at once"):
            pop.rows[0] = 1.0


def test_number_of_a_table_is_its_only_entry():
    net = eg.Network(dt=1.0)
    pop = net.create(2, READER)
    net.compile()
    net.simulate(3.0)
    assert pop.rows.tolist() == [[0.5, 0.5]]
    assert pop.late.tolist() == [0.0, 0.0]


def test_tables_stay_when_the_network_is_reset_and_travel_with_it(tmp_path):
    net = eg.Network(dt=1.0)
    pop, _ = run(net)
    pop.rows = np.ones((5, 4))
    pop.list = 7
    net.save(tmp_path / "tables.npz")
    net.reset()
    assert pop.rows.shape == (5, 2, 2)
    assert pop.list.tolist() == [7]
    loaded = eg.Network(dt=1.0)
    other, _ = run(loaded)
    assert loaded.load(tmp_path / "tables.npz").exact
    copied = eg.Network(dt=1.0)
    fresh = copied.create((2, 2), READER, name="pop")
    fresh.rows = np.ones((5, 4))
    excerpt = net.excerpt(net.get_populations())
    assert excerpt.get_population("pop").list.tolist() == [7]
    for network in (loaded, eg.open(tmp_path / "tables.npz"), net.copy(), copied.copy(), excerpt):
        assert network.get_population("pop").rows.tolist() == np.ones((5, 2, 2)).tolist()
    assert other.list.tolist() == [7]


def test_what_can_not_be_a_table_is_refused_and_changes_nothing():
    net = eg.Network(dt=1.0)
    pop, _ = run(net)
    before = pop.rows
    for value, message in (
        (np.ones((2, 3)), "expected an array of rows with"),
        (np.ones((0, 2, 2)), "n at least 1"),
        ("list", "a table is given as values"),
        (eg.Uniform(0.0, 1.0), "a table is given as values"),
        ([[1.0, 2.0], [3.0]], "expected an array of rows"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            pop.set({"list": [5], "rows": value})
    with pytest.raises(InvalidArgument, match="is a table of population 'pop', which is given as a whole"):
        pop[:2].rows = 1.0
    with pytest.raises(InvalidArgument, match="the table 'rows' can't be reset"):
        pop.reset("rows")
    with pytest.raises(InvalidArgument, match="whole numbers"):
        pop.list = [0.5]
    assert np.array_equal(pop.rows, before)
    assert pop.list.tolist() == [1, 2, 3]


def test_table_by_time_is_right_in_float32():
    for backend in ("c", "numpy"):
        net = eg.Network(dt=0.1)
        net.config(dtype=eg.float32)
        pop = net.create(1, eg.Neuron(parameters="list = 0.0 : table, population", equations="r = list[t/dt]"))
        pop.list = np.arange(500.0)
        seen = net.monitor(pop, "r")
        net.compile(backend=backend)
        net.simulate(50.0)
        assert seen.get("r").ravel().tolist() == list(range(500))
