"""Files read without a network: every format, verified, and no more of them than is asked for."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

import engram as eg
from engram.errors import DamagedFile, InvalidArgument, LoadWarning, ReadError, StateMismatch, UnsupportedFile
from engram.persistence.converting import values_in
from engram.state.tree import Leaf
from engram.storage.formats import SUFFIXES
from engram.storage.load import load
from engram.storage.save import save
from engram.storage.stored import StoredFile
from tests.storage.small import Small


@pytest.fixture(params=SUFFIXES)
def stored(request, tmp_path):
    net = Small()
    path = tmp_path / f"a{request.param}"
    save(path, net.description, net.state.leaves())
    return net, StoredFile(path)


def saved(tmp_path, values, suffix=".engram"):
    """The file of a network one of whose arrays is long."""
    net = Small()
    net.state.stage({}, 0)
    slot = net.state.slot("projections/ee/x")
    staged = net.state.stage({slot.path: slot.with_shape(values.shape)}, 10)
    staged.fresh[slot.path] = values
    net.state.commit(staged)
    path = tmp_path / f"long{suffix}"
    save(path, net.description, net.state.leaves())
    return path


def test_all_values_are_as_they_were_saved(stored):
    net, file = stored
    for path in net.state.slots():
        expected = net.state.read(path)
        found = file[path]
        assert (found.shape, found.dtype, found.path) == (expected.shape, expected.dtype, path)
        np.testing.assert_array_equal(found[...], expected)
        np.testing.assert_array_equal(found[:], expected)
    assert list(file) == sorted(net.state.slots())


def test_many_values_of_a_stream_are_read_in_two_passes(tmp_path, monkeypatch):
    net = Small()
    save(tmp_path / "a.gz", net.description, net.state.leaves())
    file = StoredFile(tmp_path / "a.gz")
    kind, passes = type(file.contents), []
    stream = kind.stream
    monkeypatch.setattr(kind, "stream", lambda self: passes.append(1) or stream(self))

    for path in list(file):
        np.testing.assert_array_equal(file[path][...], net.state.read(path))
    assert len(passes) == 2 < len(file)


def test_what_a_terminal_would_obey_is_not_shown_as_it_stands(tmp_path):
    net = Small()
    net.change("models", 0, blocks=(("equations", "m1 = 1.0 # \x1b[2J\nr = m1"),))
    save(tmp_path / "a.txt", replace(net.description, not_saved=("\x1b]0;all yours\x07",)), net.state.leaves())
    file, other = StoredFile(tmp_path / "a.txt"), Small(model="m2")
    file.manifest = replace(file.manifest, engram="\x1b[31m")
    with pytest.warns(LoadWarning) as seen:
        report = load(tmp_path / "a.txt", other.state, other.compare)
    with pytest.raises(StateMismatch) as refused:
        load(tmp_path / "a.txt", other.state, other.compare, exact=True)
    for text in (str(report), report._repr_html_(), str(seen[0].message), str(refused.value), repr(file)):
        assert "\x1b" not in text
        assert "x1b" in text


def test_indices_are_numpys(stored):
    net, file = stored
    expected, found = net.state.read("monitors/m/v"), file["monitors/m/v"]
    for index in (
        0,
        -1,
        slice(2, 5),
        slice(None, None, -2),
        slice(7, 2, -1),
        (1, 2),
        (slice(1, 4), 3),
        [0, 3],
        ...,
        (),
    ):
        np.testing.assert_array_equal(found[index], expected[index])
    assert len(found) == len(expected)
    np.testing.assert_array_equal(np.add(found, 1.0), expected + 1.0)
    with pytest.raises(IndexError):
        found[len(expected)]


def test_one_pass_gives_everything(stored):
    net, file = stored
    found = {path: np.concatenate([*pieces, np.empty(0)]) for path, pieces in file.each()}
    assert found.keys() == set(net.state.slots())
    np.testing.assert_array_equal(found["populations/exc/v"], net.state.read("populations/exc/v"))
    assert [path for path, _ in file.each()] == list(found)  # pieces may be left
    assert file.verify() == ()


def test_what_stands_below_a_path(stored):
    _, file = stored
    branch = file["projections"]
    assert [name in branch for name in ("ee/w", "ee", "w")] == [True, True, False]
    assert branch["ee"]["w"].path == "projections/ee/w"
    assert {"projections", "projections/ee", "projections/ee/w"} <= set(file._ipython_key_completions_())
    assert "projections/ee" in repr(file)
    assert "values for resuming" in repr(file)
    assert "\n  ee\n" in repr(branch)


def test_one_number_is_a_number_and_more_are_none(stored):
    _, file = stored
    step = file["network/step"]
    assert (float(step), int(step)) == (float(step[:]), int(step[:]))
    assert f"{step:.3f}" == f"{float(step):.3f}"
    assert f"{step}" == str(step)
    with pytest.raises(TypeError, match=r"populations/exc/v has 6 elements, and is no number\n  help: \[:\] gives"):
        float(file["populations/exc/v"])


def test_unknown_path_and_closed_file(stored):
    _, file = stored
    with pytest.raises(KeyError, match="did you mean 'projections/ee/w'"):
        file["projections/ee/ww"]
    with pytest.raises(InvalidArgument):
        file["projections/ee"]["nothing like it"]
    assert file.get("nothing") is None
    with file:
        array = file["populations/exc/v"][:]
    assert array.shape == (6,)
    with pytest.raises(ReadError, match="was closed"):
        file["populations/exc/v"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_file_of_one_object_has_short_names(tmp_path, suffix):
    net = Small()
    leaves = net.state.leaves([slot.path for slot in net.state.of("populations/exc")])
    save(tmp_path / f"exc{suffix}", net.describe("population", "populations/exc"), leaves)
    file = StoredFile(tmp_path / f"exc{suffix}")
    assert file.kind == "population"
    assert "v" in file
    assert file["v"].digest == file["populations/exc/v"].digest


def test_only_the_blocks_that_are_touched_are_read_and_verified(tmp_path):
    values = np.arange(400_000.0)
    path = saved(tmp_path, values)
    data = bytearray(path.read_bytes())
    data[data.find(values[300_000:300_010].tobytes())] ^= 1  # in block 2 of 4
    path.write_bytes(data)
    found = StoredFile(path)["projections/ee/x"]
    np.testing.assert_array_equal(found[100:131_100], values[100:131_100])
    np.testing.assert_array_equal(found[-1], values[-1])
    with pytest.raises(DamagedFile, match="projections/ee/x: the value is damaged in block 2"):
        found[300_000]
    with pytest.raises(DamagedFile, match="projections/ee/x"):
        found.map()
    np.testing.assert_array_equal(found.map(verified=False)[:300_000], values[:300_000])
    assert len(StoredFile(path).verify()) == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damage_is_found_at_the_value(tmp_path, suffix):
    values = np.random.default_rng(1).random(300_000)
    path = saved(tmp_path, values, suffix)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    file = StoredFile(path)
    with pytest.raises(DamagedFile):
        file["projections/ee/x"][:]
    assert file.verify()


def test_what_the_network_says_of_itself(tmp_path):
    net = eg.Network(dt=0.5, seed=7)
    exc = net.create(3, eg.Neuron("tau = 10.0 : population", "tau*dv/dt = -v\nr = v"), name="exc")
    net.compile()
    net.simulate(5.0)
    net.save(tmp_path / "a.npz")
    exc.save(tmp_path / "exc.npz")
    with eg.read(tmp_path / "a.npz") as file:
        assert (file.dt, file.time, file.step, file.seed, file.kind) == (0.5, 5.0, 10, 7, "network")
        assert "dv/dt = -(v/tau)" in file.models["populations/exc"]
        assert "dt 0.5 ms" in repr(file)
    assert eg.read(tmp_path / "exc.npz")["v"].shape == (3,)
    with eg.open(tmp_path / "a.npz", lazy=True) as file:
        assert file["populations/exc/v"][:].tolist() == exc.v.tolist()
    with pytest.raises(InvalidArgument, match="lazy=True"):
        eg.open(tmp_path / "a.npz", num_threads=2, lazy=True)


def test_maps_are_what_was_saved_also_when_the_file_is_closed_or_replaced(tmp_path):
    net, path = Small(), tmp_path / "a.engram"
    save(path, net.description, net.state.leaves())
    with StoredFile(path) as file:
        maps = {name: file[name].map() for name in file}
    path.unlink()
    path.write_bytes(b"of somebody else")
    for name, found in maps.items():
        expected = net.state.read(name)
        assert (found.shape, found.dtype, found.flags.writeable) == (expected.shape, expected.dtype, False)
        np.testing.assert_array_equal(found, expected)


def test_value_of_a_closed_file_is_not_taken_from_another_one(tmp_path):
    path, other = saved(tmp_path, np.arange(4.0)), tmp_path / "other"
    other.write_bytes(b"\1" * path.stat().st_size)
    with StoredFile(path) as file:
        found = file["projections/ee/x"]
    with open(other, "rb"):  # under the number that the file had
        for read in (lambda: found[:], found.map, lambda: found.map(verified=False)):
            with pytest.raises(ReadError, match="was closed"):
                read()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_sizes_that_contradict_the_network_are_refused_before_there_is_memory(tmp_path, suffix):
    net = eg.Network(dt=1.0)
    net.create(3, eg.Neuron(equations="r = r"), name="exc")
    net.compile()
    net.save(tmp_path / "a.npz")
    values, lie = np.zeros(4_000_000), tmp_path / f"b{suffix}"
    with eg.read(tmp_path / "a.npz") as file, values_in(file) as leaves:
        save(lie, file.manifest.description(), [
            Leaf(leaf.slot.with_shape(values.shape), (values,)) if leaf.slot.name == "r" else leaf for leaf in leaves
        ])  # fmt: skip
    tracemalloc.start()
    with eg.read(lie) as file, pytest.raises(DamagedFile, match="values of 4000000 neurons, the blueprint says 3"):
        file["populations/exc/r"][:]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < values.nbytes / 2


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix != ".engram"])
def test_of_other_formats_nothing_is_mapped(tmp_path, suffix):
    found = StoredFile(saved(tmp_path, np.arange(4.0), suffix))["projections/ee/x"]
    with pytest.raises(UnsupportedFile, match=r"engram convert .* NEW\.engram"):
        found.map()
