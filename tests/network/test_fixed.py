"""What Python does with its own objects is refused of handles, in words."""

import pytest

import engram as eg
from engram.errors import InvalidArgument, UnknownAttribute
from tests.cases import check_each


def test_elements_and_attributes_cannot_be_replaced_or_deleted():
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(3, eg.Neuron(equations="r = 1.0"), name="p")
    proj = net.connect(pop, pop, "exc", name="c").all_to_all(0.5)
    net.compile(backend="numpy")

    def check(thing, name):
        with pytest.raises(InvalidArgument, match=r"can't be assigned\n  help: their attributes can: x\[1\].name = 3"):
            thing[1] = 3
        with pytest.raises(InvalidArgument, match=r"can't be deleted\n  help: dendrite.prune_synapse"):
            del thing[1]
        with pytest.raises(UnknownAttribute, match=f"'{name}' of <.*> can't be deleted\n  help: its attributes"):
            delattr(thing, name)

    check_each({"population": (pop, "r"), "view": (pop[1:], "r"), "projection": (proj, "w"),
                "dendrite": (proj[1], "w"), "synapse": (proj[1][0], "w")}, check)  # fmt: skip
    assert (proj[1].w, pop.r.tolist()) == (0.5, [0.0, 0.0, 0.0])
