"""Arguments of connectors by their place, what they are by default, and hints about storage."""

import inspect

import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.cases import each
from tests.network.small import LEAKY, LIF

HINTS = "force_multiple_weights storage_format storage_order"
COMMON = f"weights delays allow_self_connections {HINTS}"
ORDER = {
    "all_to_all": COMMON,
    "one_to_one": f"weights delays {HINTS}",
    "fixed_probability": f"probability {COMMON}",
    "fixed_number_pre": f"number {COMMON}",
    "fixed_number_post": f"number {COMMON}",
    "fixed_total_number": f"number {COMMON}",
    "gaussian": "amp sigma delays limit allow_self_connections",
    "dog": "amp_pos sigma_pos amp_neg sigma_neg delays limit allow_self_connections",
}


def connected(name, *args, cell=LEAKY, sizes=(4, 4), **more):
    net = eg.Network(seed=1)
    c = getattr(net.connect(net.create(sizes[0], cell), net.create(sizes[1], cell), "exc"), name)(*args, **more)
    net.compile(backend="numpy")
    return c


@each("name", ORDER)
def test_arguments_may_be_given_by_their_place(name):
    _, *names, more = inspect.signature(getattr(eg.Projection, name)).parameters
    defaults = inspect.signature(getattr(eg.Projection, name)).parameters

    assert (" ".join(names), more) == (ORDER[name], "more")
    assert defaults["delays"].default == 0.0
    assert "weights" not in names or defaults["weights"].default == 1.0
    assert "limit" not in names or defaults["limit"].default == 0.01


def test_one_to_one_connects_as_many_as_there_are_on_both_sides():
    with pytest.warns(UserWarning, match=r"one_to_one\(\): the sizes differ, the first 3 neurons are connected"):
        c = connected("one_to_one", 2.0, 3.0, sizes=(5, 3))

    assert (c.post_ranks, c.pre_ranks, c.w, c.delay) == ([0, 1, 2], [[0], [1], [2]], 2.0, 3.0)


@each("storage", ["lil", "csr", "dense", "ell", "coo"])
@each("cell", [LEAKY, LIF])
def test_storage_is_a_hint_that_changes_nothing(cell, storage):
    hinted = connected("all_to_all", 0.5, cell=cell, storage_format=storage, storage_order="pre_to_post")

    assert (hinted.w, hinted.nb_synapses) == (0.5, 16)
    assert hinted._network.digest() == connected("all_to_all", 0.5, cell=cell)._network.digest()


@each(("name", "value"), [("storage_format", "foo"), ("storage_order", "lil")])
@each("connector", ["all_to_all", "connect_from"])
def test_hint_that_nobody_knows_is_refused(connector, name, value):
    pairs = [([0], [1])] if connector == "connect_from" else []
    with pytest.raises(InvalidArgument, match=rf"{connector}\(.*: {name} must be one of .*, not '{value}'"):
        connected(connector, *pairs, **{name: value})


def test_each_synapse_has_a_weight_of_its_own_where_they_are_plastic_or_it_is_asked_for():
    asked = connected("all_to_all", 0.5, force_multiple_weights=True, sizes=(2, 1))
    by_place = connected("one_to_one", 0.5, 0.0, True, "lil", "post_to_pre")
    assert by_place.w == [[0.5]] * 4
    net = eg.Network(seed=1)
    p = net.create(2, LEAKY)
    plastic = net.connect(p, p, "exc", eg.Hebb()).one_to_one(0.5)
    net.compile(backend="numpy")

    assert (asked.w, plastic.w) == ([[0.5, 0.5]], [[0.5], [0.5]])
    assert (connected("one_to_one", 0.5).w, connected("one_to_one", eg.Uniform(1.0, 2.0)).w == 0.5) == (0.5, False)
