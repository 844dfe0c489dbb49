"""Networks that are made of their blueprints have these blueprints, and run as the networks that were recorded."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest

import engram as eg
from engram.blueprint.codec import from_json, to_json
from engram.blueprint.digests import canonical
from engram.blueprint.records import Blueprint
from engram.errors import DamagedFile
from engram.models.registry import REGISTRY
from engram.persistence.adopting import adopt
from engram.persistence.blueprinting import blueprint_of
from engram.persistence.copies import arrays_beside
from engram.persistence.keeper import Keeper
from engram.persistence.opening import program_of
from engram.persistence.starts import Arrays
from engram.state import names
from examples.saving import build
from tests.blueprint.changes import changes
from tests.cases import check_each
from tests.fuzz.generator import make_text
from tests.network.described import network as described
from tests.network.small import LIF, spiking
from tests.network.unusual import unusual
from tests.persistence.test_blueprinting import built
from tests.resume.networks import CASES as RESUMED
from tests.strategies import examples
from tools.networks.run import CASES as COMPARED


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    eg.clear()


def network_of(*given):
    return eg.Network._of(Keeper(program_of(*given)))


def opened(net):
    """What a process that knows nothing makes of a network's blueprint, read from JSON."""
    blueprint, arrays = from_json(json.loads(canonical(to_json(blueprint_of(net._core))))), arrays_beside(net._core)
    eg.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = network_of(blueprint, Arrays(arrays.__getitem__))

    assert repr(blueprint_of(made._core)) == repr(blueprint)
    assert (REGISTRY.constants, REGISTRY.names) == ({}, set())
    return made


def check_runs_alike(net, other, ms=5.0):
    other._core.write(names.DRAWS, net._core.value(names.DRAWS))  # as a file would
    for one in (net, other):
        one.compile()
    assert other.digest() == net.digest()
    for one in (net, other):
        one.simulate(ms)
    assert other.digest() == net.digest()


def resumed(case):
    net = eg.Network(dt=case.dt, seed=8)
    net.config(**case.settings)
    case.create(net)
    return net


def compared(case):
    net = eg.Network(dt=case.dt, seed=8)
    net.config(**case.settings)
    next(case.script(net))
    return net


def check_opened(make, *case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what networks warn of is tested elsewhere
        net = make(*case)
    opened(net)


def test_networks_of_blueprints_have_these_blueprints():
    check_each({name: (resumed, case) for name, case in RESUMED.items()}, check_opened)
    check_each({name: (compared, case) for name, case in COMPARED.items()}, check_opened)
    check_each({"described": (described,), "built": (built,), "example": (lambda: build(seed=3)[0],)}, check_opened)


def random_network(text):
    """A model of random text in a network."""
    net = eg.Network(dt=0.5, seed=3)
    if text.kind == "neuron":
        net.create(3, eg.Neuron(**text.arguments), name="p")
    else:
        neuron = LIF if text.spiking else eg.Neuron(equations="r = 1.0")
        p = net.create(4, neuron, name="p")
        net.connect(p, p, "exc", eg.Synapse(**text.arguments), name="c").all_to_all(eg.Uniform(0.0, 1.0))
    return net


def test_networks_of_random_models_have_their_blueprints():
    count = 0
    for seed in range(examples(150)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as above
            try:
                net = random_network(make_text(seed))
            except eg.EngramError:
                continue
        opened(net)
        count += 1

    assert count > examples(40)


@pytest.mark.cc
def test_network_with_all_kinds_of_values_opens_and_runs_alike():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one_to_one
        net = unusual()
        made = opened(net)

    check_runs_alike(net, made)
    assert made.simulate_until(3.0, made.get_population("p")) == net.simulate_until(3.0, net.get_population("p"))
    for one in (net, made):
        one.reset(synapses=True)
    assert made.digest() == net.digest()


@pytest.mark.cc
def test_opened_networks_run_alike():
    for case in ("stdp", "rates", "resting in float32"):
        net = resumed(RESUMED[case])
        check_runs_alike(net, opened(net), 20.0)


def test_recorded_uids_hold():
    net, *_ = spiking(compiled=False)
    blueprint = blueprint_of(net._core)
    p, q = blueprint.populations
    swapped = replace(blueprint, populations=(replace(p, uid=q.uid), replace(q, uid=p.uid)))

    assert blueprint_of(network_of(swapped)._core) == swapped


def test_opening_draws_nothing():
    net = unusual()
    blueprint, arrays = blueprint_of(net._core), arrays_beside(net._core)

    assert not network_of(blueprint, Arrays(arrays.__getitem__))._core.value("draws").any()


def damaged(blueprint, section, k, **changes):
    records = list(getattr(blueprint, section))
    records[k] = replace(records[k], **changes)
    return replace(blueprint, **{section: tuple(records)})


def start(record, **changes):
    return {"start": replace(record.start, **changes)}


def test_blueprints_of_what_cannot_be_are_refused_by_name():
    net, *_ = spiking(compiled=False)
    net.monitor(net.get_population("p"), "v", name="m")
    sound = blueprint_of(net._core)
    p, c, _ = sound.populations[0], sound.projections[0], sound.monitors[0]
    cases = {
        "method": (damaged(sound, "models", 0, method="rk4"), "models[0].method"),
        "no method": (damaged(sound, "models", 1, method="rk4"), "models[1].method"),
        "stop": (damaged(sound, "populations", 0, stop="nobody > 1"), "population 'p'"),
        "value of nobody": (damaged(sound, "populations", 0, **start(p, values=(("nobody", 1.0),))), "'nobody'"),
        "value of another type": (
            damaged(sound, "populations", 0, **start(p, values=(("n", 1.5),))),
            "populations/p/n",
        ),
        "flag for a number": (damaged(sound, "populations", 0, **start(p, values=(("b", True),))), "populations/p/b"),
        "period": (damaged(sound, "projections", 0, **start(c, learning_period_ms=0.75)), "projection 'c'"),
        "window": (damaged(sound, "populations", 0, **start(p, rate_window_ms=0.3)), "populations/p: rate_window"),
        "refractory": (damaged(sound, "populations", 0, **start(p, refractory_ms=float("nan"))), "s/p/refractory"),
        "targets": (damaged(sound, "projections", 0, targets=("1",)), "projection 'c'"),
        "variable": (damaged(sound, "monitors", 0, variables=("nothing",)), "monitor 'm'"),
        "huge": (damaged(sound, "populations", 0, geometry=(2**32 - 1,)), ""),
    }

    def check(blueprint, words):
        if not words:
            assert network_of(blueprint).get_population("p").size == 2**32 - 1
            return
        with pytest.raises(DamagedFile) as caught:
            network_of(blueprint)
        assert words in str(caught.value)

    check_each(cases, check)


def test_arrays_that_are_others_are_refused():
    net = unusual()
    blueprint, arrays = blueprint_of(net._core), arrays_beside(net._core)
    for path in sorted(arrays.keys() - {"populations/p/refractory"}):
        place = path.partition("/given/")[0]  # digests are those of a list in canonical order, which all arrays decide
        with pytest.raises(DamagedFile, match=place):
            network_of(blueprint, Arrays({**arrays, path: np.roll(arrays[path], 1)}.__getitem__))
    with pytest.raises(DamagedFile, match="missing"):
        network_of(blueprint)


def adopting(seed, **changes):
    """A script whose starts and recipes can differ, while its structure doesn't."""
    said = {"weights": 0.5, "b": 0.25, "tau": 5.0, "period": 2.0, "window": 5.0, "rest": 1.0, "k": 2.0, **changes}
    net = eg.Network(dt=0.5, seed=seed)
    net.constant("k", said["k"])
    p, q = net.create(6, LIF, name="p"), net.create((2, 3), LIF, name="q")
    p.b, p.tau, q.refractory = said["b"], said["tau"], said["rest"]
    p.compute_firing_rate(said["window"])
    gain = eg.Synapse("gain = 1.0 : postsynaptic\n own = 1.0", pre_spike="g_target += w*gain*own", name="gain")
    c = net.connect(p, q, "exc", gain, name="c")
    c.fixed_number_pre(3, weights=said["weights"], delays=eg.Uniform(0.5, 3.0))
    c.own, c.gain = said.get("own", 1.0), said.get("gain", 1.0)
    c.enable_learning(said["period"])
    net.monitor(p, "v", period=said["period"], start="off" not in changes, name="m")
    net.compile()
    return net


OTHERS = {
    "weights": eg.Uniform(0.0, 1.0),
    "b": np.linspace(0.0, 1.0, 6),
    "tau": 7.0,
    "period": 1.0,
    "window": 2.0,
    "rest": np.linspace(0.5, 3.0, 6).reshape(2, 3),
    "k": 3.0,
    "own": eg.Normal(0.0, 1.0),
    "gain": np.linspace(0.0, 1.0, 6),
    "off": True,
}


@pytest.mark.cc
def test_network_that_adopts_began_as_the_file_says(tmp_path):
    """Without it, what is drawn again after a load would be the wiring of the script that loads."""
    saved, loading = adopting(1, **OTHERS), adopting(2)
    saved.simulate(5.0)
    saved.save(tmp_path / "saved.npz")
    loading.load(tmp_path / "saved.npz")

    assert repr(blueprint_of(loading._core)) == repr(blueprint_of(saved._core))
    for one in (saved, loading):
        one.reset(synapses=True)
    assert loading.digest() == saved.digest()
    for one in (saved, loading):
        one._core.state.broken = "it is"
        one.reset()
    assert loading.digest() == saved.digest()


@pytest.mark.cc
def test_only_what_was_loaded_is_adopted():
    net, its = adopting(1), blueprint_of(adopting(2, tau=7.0, window=2.0, period=1.0, weights=0.75)._core)
    before = blueprint_of(net._core)
    adopt(net._core, its, {"populations/p"}.__contains__)
    after = blueprint_of(net._core)

    assert after.populations == (replace(before.populations[0], start=its.populations[0].start), before.populations[1])
    assert (after.projections, after.monitors) == (before.projections, before.monitors)


@pytest.mark.cc
def test_network_that_can_not_adopt_is_as_it_was():
    net = adopting(1)
    before = blueprint_of(net._core)
    its = damaged(
        blueprint_of(adopting(2, **OTHERS)._core),
        "projections",
        0,
        **start(before.projections[0], values=(("own", True),)),
    )

    with pytest.raises(DamagedFile):
        adopt(net._core, its)
    assert repr(blueprint_of(net._core)) == repr(before)


@pytest.mark.cc
def test_generators_of_users_stay_where_the_blueprint_agrees():
    net = adopting(1, weights=eg.Uniform(0.0, 1.0, seed=3))
    given = net.get_projection("c")._core.draft.connection.weights
    adopt(net._core, blueprint_of(net._core))

    assert net.get_projection("c")._core.draft.connection.weights is given


def check_change(change, arrays):
    try:
        read = from_json(to_json(change.value))
    except DamagedFile:
        return
    try:
        net = network_of(read, Arrays(lambda path: arrays.get(path, np.zeros(0))))
    except DamagedFile:
        return
    made = blueprint_of(net._core)
    assert made.projections == read.projections
    assert made.monitors == read.monitors
    assert [one.uid for one in made.populations] == [one.uid for one in read.populations]
    assert made.models == read.models


def test_whatever_is_changed_in_a_blueprint_opens_or_is_damaged():
    net = unusual()
    blueprint, arrays = blueprint_of(net._core), arrays_beside(net._core)
    found = [one for one in changes(blueprint, Blueprint) if one.table is None]

    check_each({one.place: (one, arrays) for one in found}, check_change)
