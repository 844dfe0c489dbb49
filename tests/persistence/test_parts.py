"""Parts of a file: what stays beside them must still be of the same neurons and synapses."""

import numpy as np
import pytest

import engram as eg
from engram.errors import StateMismatch
from tests.network.small import LIF


def built(sizes=(10, 8), seed=1, neuron=LIF):
    net = eg.Network(dt=1.0, seed=seed)
    pre, post = (net.create(n, neuron, name=name) for n, name in zip(sizes, "ab", strict=True))
    net.connect(pre, post, "exc", name="ab").fixed_number_pre(4, weights=eg.Uniform(0.0, 1.0))
    net.compile(backend="numpy")
    return net


PARTS = {
    "only": lambda net, path: net.load(path, only="projections/ab"),
    "each": lambda net, path: net.load(path, only=[f"projections/ab/{one}" for one in eg.read(path)["projections/ab"]]),
    "populations": lambda net, path: net.load(path, populations=False),
    "projection": lambda net, path: net.get_projection("ab").load(path),
    "its own file": lambda net, path: net.get_projection("ab").load(path.with_name("ab.npz")),
}  # fmt: skip


@pytest.mark.parametrize("load", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize(
    ("neuron", "sizes", "text"),
    [
        (LIF, (10, 20), "post population 'b' has 8 neurons in the file, 20 here"),
        (LIF, (10, 6), "post population 'b' has 8 neurons in the file, 6 here"),
        (eg.LeakyIntegrator, (14, 8), "pre population 'a' has 10 neurons in the file, 14 here"),
    ],
)
def test_synapses_between_more_or_fewer_neurons_are_refused(tmp_path, load, neuron, sizes, text):
    there, net = built(neuron=neuron), built(sizes, 2, neuron)
    there.save(tmp_path / "a.npz")
    there.get_projection("ab").save(tmp_path / "ab.npz")
    before = net.digest()
    with pytest.raises(StateMismatch, match=f"projections/ab: {text}\n  help: build the populations of 'ab'"):
        load(net, tmp_path / "a.npz")
    assert net.digest() == before
    load(built(seed=2, neuron=neuron), tmp_path / "a.npz")


def test_who_is_connected_is_not_loaded_without_the_rest(tmp_path):
    there, net = built(), built(seed=2)
    there.save(tmp_path / "a.npz")
    before = net.digest()
    for name in ("row_start", "post_ranks"):
        with pytest.raises(StateMismatch, match=rf"{name}: another connectivity .*\n(.*\n)*  help: .*'projections/ab'"):
            net.load(tmp_path / "a.npz", only=f"projections/ab/{name}")
    assert net.digest() == before
    there.load(tmp_path / "a.npz", only="projections/ab/row_start")  # where it is the same
    net.load(tmp_path / "a.npz", only=[f"projections/ab/{name}" for name in ("row_start", "post_ranks", "w")])
    np.testing.assert_array_equal(net.weights()["ab"].toarray(), there.weights()["ab"].toarray())
