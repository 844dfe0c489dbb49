"""What the model calls by the name of a handle's member is what users read and set."""

import pytest

import engram as eg
from engram.errors import InvalidArgument

NAMES = "id width height depth dimension initialized neuron neurons rank population reset connector_name".split()


def test_attribute_of_the_model_wins_over_members_that_give_way():
    text = "\n".join(f"{name} = {k}.0" for k, name in enumerate(NAMES))
    net = eg.Network(seed=1)
    pop = net.create(2, eg.Neuron(parameters=text, equations="r = id"))
    proj = net.connect(
        pop, pop, "exc", eg.Synapse(parameters=f"{text.replace('0.0', '0.0 : projection')}")
    ).all_to_all()
    net.compile(backend="numpy")

    for k, name in enumerate(NAMES):
        assert getattr(pop, name).tolist() == [k, k]
        assert getattr(pop[1:], name).tolist() == [k]
        assert getattr(pop[(1,)], name) == k
        setattr(pop[0:1], name, 50.0 + k)
        assert getattr(pop, name).tolist() == [50.0 + k, k]
    assert proj.id == 0.0
    proj.id = 3.0
    assert proj.id == 3.0


def test_attribute_of_a_synapse_wins_over_members_of_its_parts():
    names = "rank post_rank idx synapses receptive_field".split()
    net = eg.Network(seed=1)
    pop = net.create(2, eg.Neuron(equations="r = 1.0"))
    model = eg.Synapse(parameters="\n".join(f"{name} = {k}.0" for k, name in enumerate(names)))
    proj = net.connect(pop, pop, "exc", model).all_to_all()
    net.compile(backend="numpy")
    synapse, dendrite = proj.synapse(0, 1), proj[1]

    for k, name in enumerate(names):
        setattr(synapse, name, 50.0 + k)
        assert (getattr(synapse, name), getattr(dendrite, name)) == (50.0 + k, [50.0 + k])
    assert (len(list(dendrite)), synapse in dendrite, {*names} <= {*dir(synapse)}) == (1, True, True)


def test_attribute_with_the_name_of_any_other_member_is_refused():
    with pytest.raises(InvalidArgument, match=r"attribute 'ranks' of the neuron would clash with Population.ranks"):
        eg.Network(seed=1).create(2, eg.Neuron(parameters="ranks = 1.0", equations="r = ranks"))


def test_members_that_give_way_are_found_and_described():
    assert {"neuron", "reset", "init", "id"} <= {*dir(eg.Population)}
    assert eg.Population.reset.__doc__.startswith("Go back to the initial values")
    assert eg.Population.init.__doc__.startswith("Initial values by name")
