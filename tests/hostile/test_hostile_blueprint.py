"""Files whose seals are right and whose blueprint lies: each is refused, whatever its format, and nothing is loaded."""

import copy
from dataclasses import replace

import numpy as np
import pytest

import engram as eg
from engram.blueprint.codec import from_json
from engram.blueprint.values import beside
from engram.errors import DamagedFile, EngramError, StateMismatch, UnsupportedFile
from engram.persistence.files import described
from engram.state.slots import Role, Slot
from engram.state.tree import Leaf
from engram.storage.formats import SUFFIXES, format_for
from engram.storage.load import source_of
from engram.storage.manifest import entries_of
from engram.storage.save import save
from tests.cases import check_each, sometimes, tried
from tests.contracts.format_contract import MemoryWriter
from tests.network.small import LIF, PLASTIC

DEEP = []
for _ in range(200):
    DEEP = [DEEP]


def manifest_of(path):
    with source_of(path) as source:
        return source.contents.manifest


@pytest.fixture(scope="module")
def net():
    net = eg.Network(dt=1.0, seed=3)
    a, b = net.create(12, LIF, name="a"), net.create(5, LIF, name="b")
    net.connect(a[[0, 1, 5, 7]], b, "exc", PLASTIC, name="c").all_to_all(weights=eg.Uniform(0.0, 1.0))
    net.connect(b, a, "exc", name="d").all_to_all(0.5)
    e = net.connect(a, b, "exc", name="e")
    e.connect_from(([0, 3, 5, 11], [0, 1, 1, 4], [0.1, 0.2, 0.3, 0.4], [1.0, 2.0, 3.0, 2.0]))
    net.connect(a, b, "exc", name="f").from_matrix(np.full((5, 12), 0.5))
    net.monitor(b[::2], "v", name="m")
    net.compile(backend="numpy")
    e.delay = 1.0  # now the list stands beside the synapses
    net.simulate(3.0)
    return net


@pytest.fixture(scope="module")
def forge(net, tmp_path_factory):
    """Write a file with another blueprint; its seals are right."""
    folder = tmp_path_factory.mktemp("files")
    for suffix in SUFFIXES:
        net.save(folder / f"honest{suffix}")
    honest = manifest_of(folder / "honest.engram")
    leaves = net._core.state.leaves()

    def forged(suffix, change, **values):
        blueprint = copy.deepcopy(honest.blueprint)
        change(blueprint)
        out, changed = MemoryWriter(), {path.replace("__", "/"): value for path, value in values.items()}
        parts = [
            Leaf(leaf.slot.with_shape(changed[path].shape), (changed[path],)) if path in changed else leaf
            for leaf in leaves
            for path in (leaf.slot.path,)
        ]
        entries = entries_of("network", parts)
        format_for(f"x{suffix}").write(out, replace(honest, blueprint=blueprint, entries=entries), parts)
        path = folder / f"forged{suffix}"
        path.write_bytes(out.data)
        return path

    return forged


def setter(place, value):
    def change(data):
        *outer, last = place
        for step in outer:
            data = data[step]
        data[last] = value(data[last]) if callable(value) else value

    return change


def places(data, place=()):
    if place:
        yield place
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, one in inside:
        yield from places(one, (*place, step))


LIES = {
    "a name twice": (("populations", 1, "name"), "a"),
    "a name in another form": (("populations", 0, "name"), "e\u0301"),
    "an owner that it lacks": (("monitors",), []),
    "another name": (("monitors", 0, "name"), "n"),
    "ranks beyond the population": (("projections", 0, "pre", "ranks", "list", "ranks", 3), 12),
    "a rank twice": (("projections", 0, "pre", "ranks", "list", "ranks", 3), 5),
    "thousands of millions of neurons": (("populations", 1, "geometry"), [10**9]),
    "more neurons than can be": (("populations", 1, "geometry"), [2**31, 2]),
    "one neuron more": (("populations", 1, "geometry"), [6]),
    "nesting": (("notes",), DEEP),
    "another population": (("projections", 0, "post", "population"), "a"),
    "models that nobody uses": (("models",), lambda models: [*models, models[0]]),
    "thousands of populations": (("populations",), lambda some: some * 20_000),
    "a list with another digest": (("projections", 2, "connector", "arguments", "ranks", "beside", "digest"), "0" * 32),
    "a list that the synapses are not": (
        ("projections", 3, "connector", "arguments", "ranks", "beside", "digest"),
        "0" * 32,
    ),
    "a list of thousands of millions": (
        ("projections", 2, "connector", "arguments", "ranks", "beside", "shape"),
        [4 * 10**9],
    ),
    "a list of other rows": (("projections", 2, "connector", "arguments", "row_start", "beside", "shape"), [14]),
    "a list of floats": (("projections", 2, "connector", "arguments", "ranks", "beside", "dtype"), "<f8"),
    "a list without rows": (("projections", 2, "connector", "arguments"), lambda some: {"ranks": some["ranks"]}),
    "a list with drawn weights": (
        ("projections", 2, "connector", "weights"),
        {"distribution": {"name": "Uniform", "arguments": {"max": 1.0, "min": 0.0}}},
    ),
    "a rule that is a list": (("projections", 2, "connector", "pattern"), "AllToAll"),
    "a list that is a rule": (("projections", 1, "connector", "pattern"), "GivenList"),
    "a rule with given weights": (
        ("projections", 1, "connector", "weights"),
        {"beside": {"dtype": "<f8", "shape": [60], "digest": "0" * 32}},
    ),
    "other equations than its fingerprint says": (
        ("models", 0, "blocks", "equations"),
        lambda text: text.replace("0.2", "0.3"),
    ),
    "a step of no length": (("settings", "dt_ms"), 0.0),
}


def test_honest_files_are_loaded(net, forge):
    """Else the tests below would prove nothing."""
    check_each({suffix: (suffix,) for suffix in SUFFIXES}, lambda one: net.load(forge(one, lambda data: None)).loaded)


def test_blueprint_that_lies_is_refused_in_every_format_and_nothing_is_loaded(net, forge):
    before = net.digest()

    def check(suffix, place, value):
        file = forge(suffix, setter(place, value))
        with pytest.raises((DamagedFile, StateMismatch), match=r"not loaded|nothing was loaded"):
            net.load(file)
        assert net.digest() == before
        with pytest.raises((DamagedFile, UnsupportedFile)):
            eg.open(file)

    cases = {f"{what} {suffix}": (suffix, *LIES[what]) for what, suffix in tried(LIES, SUFFIXES, 1)}
    check_each({what: case for what, case in cases.items() if "thousands of pop" not in what or ".npz" in what}, check)


VALUES = {
    "a period of no step": {"monitors__m__internal__period": np.array(0)},
    "a learning period of no step": {"projections__c__learning__period": np.array(0)},
    "a delay of no step": {"projections__d__delay_steps": np.array(0, np.uint16)},
    "a clock in another shape": {"network__step": np.array([7])},
    "a window before the beginning": {"populations__a__internal__rate__window": np.array(-1)},
    "records of other neurons": {"monitors__m__internal__ranks": np.array([0, 2, 3])},
    "a generator that can't be": {"network__default_rng": np.full(6, 2**64 - 1, np.uint64)},
}


@pytest.mark.filterwarnings("ignore")
def test_values_that_no_network_has_are_refused_and_do_no_harm(net, forge):
    names = set(net._core.state.slots())

    def check(values):
        assert {path.replace("__", "/") for path in values} <= names, names
        with pytest.raises((DamagedFile, StateMismatch)):
            eg.open(forge(".engram", lambda data: None, **values))

    check_each({what: (values,) for what, values in VALUES.items()}, check)


LISTS = {
    "ranks beyond the population": {"ranks": np.array([0, 1, 1, 5], np.uint32)},
    "rows that descend": {"row_start": np.array([0, 2, 1, *[4] * 10])},
    "rows beyond the list": {"row_start": np.array([0, *[9] * 11, 4])},
    "a delay of no step": {"delay_steps": np.array([1, 0, 3, 2], np.uint16)},
    "fewer weights": {"w": np.array([0.1, 0.2, 0.3])},
    "no ranks": {"ranks": np.zeros(0, np.uint32)},
}


def of_array(array):
    one = beside(array)
    return {"dtype": one.dtype, "shape": [*one.shape], "digest": one.digest}


@pytest.mark.filterwarnings("ignore")
def test_lists_that_can_not_be_are_refused_though_all_digests_are_right(net, forge):
    places = {"ranks": ("arguments", "ranks"), "row_start": ("arguments", "row_start"), "delay_steps": ("delays_ms",)}

    def check(name, value):
        where = ("projections", 2, "connector", *places.get(name, ("weights",)), "beside")
        with pytest.raises(DamagedFile):
            eg.open(forge(".engram", setter(where, of_array(value)), **{f"projections__e__given__{name}": value}))

    check_each({what: next(iter(some.items())) for what, some in LISTS.items()}, check)


def other(value):
    """Another value, of the same kind where it has one."""
    if value is None:
        return 1.5
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value * 1000 + 1
    if isinstance(value, str):
        return f"{value}x"
    return [*value, *value[-1:]] if isinstance(value, list) else {**value, "x": 1}


@pytest.mark.filterwarnings("ignore")
def test_whatever_stands_in_a_blueprint_the_file_is_opened_or_refused(net, forge):
    def check(place):
        try:
            opened = eg.open(forge(".engram", setter(place, other)))
        except (DamagedFile, UnsupportedFile):
            return
        opened.step()

    every = sometimes(places(manifest_of(forge(".engram", lambda data: None)).blueprint), 3)
    check_each({str(place): (place,) for place in every if place != ("settings", "backend")}, check)


def test_values_of_what_an_honest_blueprint_lacks_are_damage(net, tmp_path):
    slot = Slot.at("populations/z/v", (2,), np.dtype("<f8"), Role.STATE)
    leaves = [*net._core.state.leaves(), Leaf(slot, (np.zeros(2),))]
    save(tmp_path / "more.npz", described(net._keeper), leaves)
    with pytest.raises(DamagedFile, match="it holds values of 'populations/z', which its blueprint lacks"):
        net.load(tmp_path / "more.npz")


def test_each_place_of_a_blueprint_is_read_strictly(net, tmp_path):
    net.save(tmp_path / "net.engram")
    blueprint = manifest_of(tmp_path / "net.engram").blueprint

    def check(*place):
        changed = copy.deepcopy(blueprint)
        setter(place, [[]])(changed)
        with pytest.raises(DamagedFile, match="the blueprint can't be read"):
            from_json(changed)

    check_each(places(blueprint), check)


def test_file_of_one_object_has_the_blueprint_of_one(net, forge, tmp_path):
    pop, proj = net.get_population("a"), net.get_projection("c")
    pop.save(tmp_path / "a.npz")
    proj.save(tmp_path / "c.npz")
    kinds = {path: manifest_of(tmp_path / f"{path}.npz").blueprint for path in "ac"}

    assert [
        [len(said[s]) for s in ("populations", "projections", "monitors", "models")] for said in kinds.values()
    ] == [
        [1, 0, 0, 1],
        [2, 1, 0, 2],
    ]
    for path, owner in (("a", pop), ("c", proj)):
        honest = manifest_of(tmp_path / f"{path}.npz")
        leaves = net._core.state.leaves([slot.path for slot in net._core.state.of(owner._core.path)])
        other = manifest_of(forge(".engram", lambda data: None)).blueprint
        out = MemoryWriter()
        format_for("x.npz").write(out, replace(honest, blueprint=other), leaves)
        (tmp_path / "forged.npz").write_bytes(out.data)
        with pytest.raises(DamagedFile, match=f"as the file of one {owner._core.kind} it has the blueprint of"):
            owner.load(tmp_path / "forged.npz")
        assert owner.load(tmp_path / f"{path}.npz").loaded


def test_manifest_of_a_file_is_read_without_its_values_and_refused_alike(net, tmp_path):
    net.save(tmp_path / "net.npz")
    manifest = manifest_of(tmp_path / "net.npz")
    (tmp_path / "text.npz").write_text("hello")

    assert [one["name"] for one in manifest.blueprint["populations"]] == ["a", "b"]
    with pytest.raises(EngramError, match=r"text.npz' is of no kind that engram knows"):
        manifest_of(tmp_path / "text.npz")
