"""A file that lacks one value, or holds another, is seen: forgetting a slot at save can't go unnoticed."""

import warnings

import numpy as np
import pytest

import engram as eg
from engram.errors import EngramError, LoadWarning
from engram.persistence import files
from engram.state.slots import Role
from engram.state.tree import Leaf
from engram.storage.save import save
from tests.cases import sometimes
from tests.resume.networks import BOTH_SIDES, FIXED_REST, HEBB, IZHIKEVICH, LEAKY, NAMED_REST, SHARED, STDP, run

pytestmark = [pytest.mark.cc, pytest.mark.slow]


def plastic(net, offset):
    exc = net.create((9, 10), IZHIKEVICH, name="exc")
    exc.noise = 20.0 + offset
    exc.compute_firing_rate(10.0)
    stdp = net.connect(exc, exc, "exc", STDP, name="plastic")
    stdp.fixed_probability(0.3, weights=eg.Uniform(0.0, 0.03), delays=eg.Uniform(1.0, 10.0))
    net.connect(exc, exc, "inh", name="single").fixed_number_pre(9, weights=0.5, delays=2.0)
    net.monitor(exc, ["v", "g_exc"], period=2.0, period_offset=0.5, name="sometimes")
    net.monitor(exc, ["spike", "r"])


def resting(net, offset):
    named = net.create(66, NAMED_REST, name="named")
    fixed = net.create(65, FIXED_REST, name="fixed")
    named.rest = eg.Uniform(0.0, 9.0)
    named.tau = 10.0 + offset
    fixed.refractory = np.arange(65) % 7 + offset
    net.connect(named, fixed, "exc", BOTH_SIDES, name="sides").fixed_probability(0.3, weights=eg.Uniform(0.0, 0.3))
    net.connect(named, fixed, "other", name="unread").fixed_probability(0.1, delays=eg.Uniform(1.0, 3.0))
    net.monitor(named, ["spike", "v"])
    net.monitor(fixed, ["spike", "v"])


def rates(net, offset):
    shared = net.create(70, SHARED, name="shared")
    rate = net.create(67, LEAKY, name="rate")
    net.connect(shared, shared, "exc", name="own").fixed_probability(0.1, weights=0.01, delays=4.0)
    hebb = net.connect(rate, rate, "exc", HEBB, name="uniform")
    hebb.all_to_all(weights=eg.Uniform(0.0, 0.01), delays=3.0)
    hebb.enable_learning(period=2.0, offset=0.5)
    net.connect(rate, rate, "inh", name="scattered").fixed_number_pre(9, weights=0.01, delays=eg.Uniform(1.0, 8.0))
    net.monitor(shared, ["spike", "v"])
    net.monitor(rate, ["r", "sum(exc)"], period=1.0, name="rates")


PARTS = {"plastic": plastic, "resting": resting, "rates": rates}


def built(part, seed, offset):
    """One of three networks that have every kind of slot between them; ``offset`` shifts whatever a user can set."""
    net = eg.Network(dt=0.5, seed=seed)
    PARTS[part](net, offset)
    net.compile()
    for population in net.get_populations():
        values = {
            a.name: _shifted(population, a, offset) for a in population._core.spec.attributes if not a.is_variable
        }
        population.set(values)
    for projection in net.get_projections():
        for a in projection._core.spec.attributes:
            if not a.is_variable and a.name != "w":
                projection.set({a.name: a.default * (1 + offset / 100)})
    run(net, 40 + offset)
    _stir(net, offset)
    return net


def _stir(net, offset):
    """Let some fire, and others when the spikes of those arrive, then give every variable a value of its own."""
    for turn in range(2):
        for population in net.get_populations():
            if population.is_spiking:
                spread = np.arange(population.size).reshape(population.geometry)
                population.v = np.where(spread % (offset + 1) == turn, 50.0, population.v)
            if population.name == "shared":
                population.x = 5.0
        run(net, 1)
    for owner in (*net.get_populations(), *net.get_projections()):
        small = 0.01 if owner in net.get_populations() else 1e-5
        for a in owner._core.spec.attributes:
            array = net._core.state.read(f"{owner._core.path}/{a.name}")
            if a.name == "w" or (a.is_variable and a.type != "bool"):
                array = array * (1 + offset / 100) + (offset * small if array.dtype.kind == "f" else offset)
                net._core.state.write(f"{owner._core.path}/{a.name}", array)
    if "shared" in net._populations:
        net.get_population("shared").up = offset == 2
        net.get_projection("own").transmission = offset == 2


def _shifted(population, attribute, offset):
    value = population.get(attribute.name)
    return value + (1 if attribute.type == "int" else 0.001) * offset


@pytest.fixture(scope="module", params=PARTS)
def nets(request):
    """A network to be saved, and one that differs from it wherever it can."""
    return built(request.param, 42, 2), built(request.param, 7, 3)


def leaves_of(net):
    net._keeper.runner.store_generator()
    return {leaf.slot.path: leaf for leaf in net._core.state.leaves()}


def save_leaves(net, file, leaves):
    save(file, files.described(net._keeper), list(leaves.values()))


def values(leaf):
    return b"".join(piece.tobytes() for piece in leaf.pieces)


def outcome(net, file, digest, spare=None):
    """``seen``: another digest than ``digest`` after the load; ``refused``; or ``unseen``. ``spare`` is loaded then."""
    before = net.digest()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LoadWarning)
            net.load(file)
    except EngramError:
        assert net.digest() == before
        return "refused"
    found = net.digest()
    if spare is not None:
        net.load(spare)
    return "unseen" if found == digest else "seen"


def test_networks_have_every_kind_of_slot():
    slots = [slot for part in PARTS for slot in built(part, 1, 2)._core.state.slots().values()]
    names = {slot.name for slot in slots}

    assert {slot.role for slot in slots} == set(Role) - {Role.SCRATCH}
    assert {"history/rank", "history/count", "history/r", "refractory", "refractory_left", "g_other"} <= names
    assert {"last_pre", "last_post", "transmission", "plasticity", "update", "init/z"} <= names
    assert {"step", "seed", "draws", "draws_at_compile", "default_rng", "internal/intervals/v"} <= names
    assert names >= set(INERT), "a reason for a slot that is gone"


def test_slot_when_dropped_at_save_is_refused_or_seen(nets, tmp_path):
    first, second = nets
    leaves, digest = leaves_of(first), first.digest()
    outcomes = {}
    spare = tmp_path / "spare.engram"
    second.save(spare)
    for path in sometimes(leaves, 2):  # everyday the others are changed, below
        save_leaves(first, tmp_path / "dropped.engram", {p: leaf for p, leaf in leaves.items() if p != path})
        outcomes[path] = outcome(second, tmp_path / "dropped.engram", digest, spare)

    assert len(leaves) > 60
    assert [path for path, how in outcomes.items() if how == "unseen"] == []
    hidden = {path for path, leaf in leaves.items() if leaf.slot.hidden or leaf.slot.role is Role.WIRING}
    assert {path for path, how in outcomes.items() if how == "refused"} >= hidden & {*outcomes}


def changed(leaf):
    """The same leaf with another value; its first element goes up, or the last comes down."""
    array = np.concatenate([np.atleast_1d(p).reshape(-1) for p in leaf.pieces]) if leaf.pieces else None
    if array is None or not array.size:
        return None
    array = array.copy()
    if array.dtype == bool:
        array[0] = not array[0]
    elif leaf.slot.below is not None:
        array[0] = (array[0] + 1) % leaf.slot.below
    else:
        array[0] += 1
    return Leaf(leaf.slot, (array.reshape(leaf.slot.shape),))


def test_slot_when_saved_with_another_value_is_refused_or_seen(nets, tmp_path):
    first, second = nets
    leaves, digest = leaves_of(first), first.digest()
    outcomes, empty = {}, []
    for path in sometimes([*leaves][1:] + [*leaves][:1], 2):
        leaf = leaves[path]
        other = changed(leaf)
        if other is None:
            empty.append(path)
            continue
        save_leaves(first, tmp_path / "changed.engram", {**leaves, path: other})
        outcomes[path] = outcome(second, tmp_path / "changed.engram", digest)

    assert empty == [], "every slot of this network must have a value"
    assert [path for path, how in outcomes.items() if how == "unseen"] == []


# Slots whose value may change without any *other* value noticing within the steps that the test runs, and why.
INERT = {
    "r": "the rate of spiking neurons: 0, or computed anew in each step",
    "draws": "counts what the user draws; read at the next assignment of a distribution",
    "draws_at_compile": "read by reset()",
    "default_rng": "read by the user",
    "g_other": "a target that is connected but not read by the neuron",
    "update": "freezes continuous equations",
    "learning/period": "of continuous equations",
    "learning/offset": "of continuous equations",
    "last_spike": "read by equations with t_last, t_pre or t_post",
    "internal/rate/window": "read when a file was loaded, since the length of histories follows from it",
    "internal/rate/count": "of the spikes in the window",
    "I": "computed anew in each step before it is read",
    "up": "computed anew in each step before it is read",
    "sum/exc": "zeroed at the start of each step",
    "sum/inh": "zeroed at the start of each step",
    "odd": "an addend of k, which is an integer that only its own reset reads",
    "k": "an integer that only its own reset reads",
    "n": "a global counter that nothing reads",
}


# ... but in these somebody reads it.
READ = {
    *("projections/uniform/update", "projections/uniform/learning/period", "projections/uniform/learning/offset"),
    *("populations/shared/last_spike", "populations/exc/internal/rate/count"),
}


def is_inert(slot):
    if slot.path in READ:
        return False
    if slot.role is Role.RECORD or slot.name.startswith("init/"):
        return True  # what was recorded is output; initial values are read by reset()
    if slot.name == "internal/origin":
        return slot.owner not in ("monitors/sometimes", "monitors/rates")  # the others sample in every step
    if slot.owner == "populations/fixed" and slot.name.startswith("history/"):
        return True  # no projection leaves it: the last step's spikes are read by Population.spike
    if slot.name == "plasticity":
        return slot.owner != "projections/plastic"  # it freezes weights that change
    return slot.name in INERT


def test_slot_when_changed_between_two_steps_changes_what_happens_next(nets):
    """A slot that nothing reads would be saved for nothing, or read too late: those that are inert have a reason."""
    net, _ = nets
    slots = {path: s for path, s in net._core.state.slots().items() if s.role is not Role.RECORD}
    begin = {path: net._core.state[path].copy() for path in slots}

    def end(path):
        for name, value in begin.items():
            net._core.state.write(name, value)
        if path:
            changed = net._core.state[path].copy()
            _change(changed, slots[path])
            net._core.state.write(path, changed)
        for monitor in net._monitors.values():
            monitor.reset()
        run(net, 60)
        return {name: values(leaf) for name, leaf in leaves_of(net).items() if name != path}

    silent = []
    expected = end("")
    for path, slot in slots.items():
        if slot.role is not Role.WIRING and path not in ("network/step", "network/seed") and not is_inert(slot):
            found = end(path)
            if all(found[name] == expected[name] for name in found):
                silent.append(path)
    end("")

    assert silent == []


def _change(array, slot):
    if array.dtype == bool:
        array[...] = ~array
    elif slot.name == "history/rank":
        array[...] = (array + 1) % slot.below
    elif slot.name == "history/count":
        array[...] = 0
    else:
        array[...] = array * 1.5 + 0.25 if array.dtype.kind == "f" else array + array.dtype.type(1)
