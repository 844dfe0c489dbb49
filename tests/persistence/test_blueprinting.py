"""The blueprint of a network: what it says of what the user did, and that it comes back from JSON."""

import json
import warnings
from dataclasses import fields, replace

import numpy as np
import pytest

import engram as eg
from engram.blueprint.codec import from_json, to_json
from engram.blueprint.compare import compare
from engram.blueprint.digests import canonical, digest_of_blueprint, fingerprints
from engram.blueprint.records import (
    BesideRecord,
    ConnectorRecord,
    DistributionRecord,
    PopulationStart,
    ProjectionStart,
    RankSeries,
    RunsRecord,
)
from engram.persistence.blueprinting import blueprint_of
from engram.state.names import FLAGS
from engram.storage.contract import Comparison
from examples.saving import build
from tests.cases import check_each
from tests.network.small import LEAKY, LIF, PLASTIC, spiking
from tests.resume.networks import CASES as RESUMED
from tools.networks.run import CASES as COMPARED

NOTHING = Comparison()


def check_comes_back(net):
    blueprint = blueprint_of(net._core)
    read = from_json(json.loads(canonical(to_json(blueprint))))

    assert repr(read) == repr(blueprint)
    assert compare(blueprint, read) == NOTHING
    assert fingerprints(read) == fingerprints(blueprint)
    assert digest_of_blueprint(read) == digest_of_blueprint(blueprint)
    return blueprint


def check_resumed(case):
    eg.clear()
    net = eg.Network(dt=case.dt, seed=8)
    net.config(**case.settings)
    case.create(net)
    check_comes_back(net)


def check_compared(case):
    eg.clear()
    net = eg.Network(dt=case.dt, seed=8)
    net.config(**case.settings)
    next(case.script(net))
    check_comes_back(net)


def test_blueprints_of_all_kinds_of_networks_come_back_from_json():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what networks warn of is tested elsewhere
        check_each({name: (case,) for name, case in RESUMED.items()}, check_resumed)
        check_each({name: (case,) for name, case in COMPARED.items()}, check_compared)


@pytest.mark.cc
def test_compile_changes_no_blueprint():
    net, p, q, c = spiking(compiled=False)
    p.b = np.linspace(0.0, 1.0, 6)
    net.monitor(q, ["v", "spike"], period=2.0)
    before = check_comes_back(net)
    net.compile()
    net.simulate(5.0)

    assert repr(check_comes_back(net)) == repr(before)


@pytest.mark.cc
def test_blueprint_of_the_example_comes_back_from_json():
    net, _ = build(seed=3)

    assert [model.name for model in check_comes_back(net).models] == ["Izhikevich", "STDP"]


def built():
    """A network with something in every record."""
    net = eg.Network(dt=0.5, seed=3)
    net.constant("unread", 2.0)
    a, b = net.create((10, 10), LIF, name="a", stop_condition="v > 0.5 : any"), net.create(50, LIF, name="b")
    a.b, a.v = eg.Uniform(0.0, 1.0), np.linspace(0.0, 1.0, 100).reshape(10, 10)
    b.refractory = np.arange(50) * 0.1
    b.compute_firing_rate(10.0)
    b.disable()
    c = net.connect(a[2:9, 1:8:2], b, ["exc", "inh"], PLASTIC, name="c")
    c.fixed_number_pre(3, weights=eg.Normal(0.0, 1.0), delays=2.0, force_multiple_weights=True)
    c.enable_learning(period=2.0, offset=1.0)
    c.transmission = False
    net.connect(b, b, "exc", name="d")
    net.monitor(b[::2], "spike", period=2.0, period_offset=0.5, start=False, name="m")
    return net


def test_blueprint_says_what_handles_were_told():
    blueprint = check_comes_back(built())
    (a, b), (c, d), (m,) = blueprint.populations, blueprint.projections, blueprint.monitors

    assert blueprint.settings.dt_ms == 0.5
    assert blueprint.settings.seed == 3
    assert [(model.kind, model.name) for model in blueprint.models] == [
        ("neuron", "LIF"),
        ("synapse", "plastic"),
        ("synapse", "default spiking synapse"),
    ]
    assert (a.name, a.geometry, a.model, a.stop) == ("a", (10, 10), 0, "v > 0.5 : any")
    assert dict(a.start.values)["b"] == DistributionRecord("Uniform", (("max", 1.0), ("min", 0.0)))
    assert isinstance(dict(a.start.values)["v"], BesideRecord)
    assert isinstance(b.start.refractory_ms, BesideRecord)
    assert (b.start.rate_window_ms, b.start.enabled) == (10.0, False)
    assert c.pre.ranks == RunsRecord(tuple(RankSeries(row * 10 + 1, 4, 2) for row in range(2, 9)))
    assert (c.post.population, c.post.ranks, c.targets) == ("b", None, ("exc", "inh"))
    assert c.connector == ConnectorRecord(
        "FixedNumberPre",
        (("number", 3),),
        DistributionRecord("Normal", (("max", None), ("min", None), ("mu", 0.0), ("redraw", False), ("sigma", 1.0))),
        2.0,
        False,
        True,
    )
    assert (c.start.learning_period_ms, c.start.learning_offset_ms, c.start.transmission) == (2.0, 1.0, False)
    assert d.connector is None
    assert (m.population, m.ranks, m.variables) == ("b", RunsRecord((RankSeries(0, 25, 2),)), ("spike",))
    assert (m.period_ms, m.offset_ms, m.active) == (2.0, 0.5, False)
    assert [(one.name, one.value, one.is_own) for one in blueprint.constants] == [("unread", 2.0, True)]
    assert blueprint.notes == ()


def test_generators_of_the_users_own_are_noted():
    """Of values that only compile can draw: of neurons they are drawn when they are given, and are data."""
    net, p, _, c = spiking(compiled=False)
    p.b = c.gain = c.own = eg.Uniform(0.0, 1.0, seed=3)

    assert check_comes_back(net).notes == (
        "projections/c: own: Uniform(0.0, 1.0) is drawn from a generator of its own, which is not recorded; "
        "where it is drawn again, the seed decides",
    )


def method(net):
    return blueprint_of(net._core).models[0].method


def test_method_stands_in_models_where_it_acts():
    """The network's method is a rule of the models that have an equation for it, and of no others."""
    nets = [eg.Network(seed=1) for _ in range(3)]
    nets[1].config(method="exponential")
    nets[2].config(method="exponential")
    nets[0].create(3, LEAKY, name="p")
    nets[1].create(3, LEAKY, name="p")
    nets[2].create(3, eg.Neuron(equations="dr/dt = -r/10.0 : explicit"), name="p")
    named = replace(
        blueprint_of(nets[2]._core), settings=replace(blueprint_of(nets[2]._core).settings, method="explicit")
    )

    assert [*map(method, nets)] == ["explicit", "exponential", ""]
    assert compare(blueprint_of(nets[0]._core), blueprint_of(nets[1]._core)).model_changed == {
        "populations/p": "method explicit in the file, exponential in the network"
    }
    assert compare(named, blueprint_of(nets[2]._core)) == NOTHING


def test_event_clock_stands_in_models_where_it_acts():
    nets = [eg.Network(seed=1) for _ in range(2)]
    nets[1].config(event_clock="annarchy")
    for net in nets:
        p = net.create(3, LIF, name="p")
        trace = eg.Synapse(equations="dx/dt = -x/10.0 : event-driven", pre_spike="g_target += w*x ; x += 1.0")
        net.connect(p, p, "exc", trace, name="traced").all_to_all()
        net.connect(p, p, "exc", name="plain").all_to_all()

    assert compare(*(blueprint_of(net._core) for net in nets)).model_changed == {
        "projections/traced": "event_clock exact in the file, annarchy in the network"
    }


def test_operation_and_order_of_creation_are_rules():
    def network(operation, names):
        net = eg.Network(seed=1)
        p = {name: net.create(3, LEAKY, name=name) for name in names}
        net.connect(p["a"], p["b"], "exc", eg.Synapse(operation=operation), name="c").all_to_all()
        return blueprint_of(net._core)

    found = compare(network("sum", "ab"), network("max", "ba"))

    assert found.model_changed == {"projections/c": "operation sum in the file, max in the network"}
    assert found.notes == (
        "populations/a was created before populations/b in the file, after it in the network: they act in that order",
    )


def test_equal_models_of_several_definitions_stand_once():
    net = eg.Network(seed=1)
    for _ in range(3):
        net.create(3, eg.Neuron(equations="r = 1.0"))

    assert [one.model for one in check_comes_back(net).populations] == [0, 0, 0]


@pytest.mark.parametrize(
    ("section", "start", "handle"),
    [("populations", PopulationStart, eg.Population), ("projections", ProjectionStart, eg.Projection)],
)
def test_every_switch_stands_in_records_and_at_handles(section, start, handle):
    assert {one.name for one in fields(start) if one.type == "bool"} == {*FLAGS[section]}
    assert all(isinstance(getattr(handle, flag), property) for flag in FLAGS[section])
