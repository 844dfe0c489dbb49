"""Files into files, without a network."""

import pytest

import engram as eg
from engram.errors import InvalidArgument, LoadWarning, SaveError, UnsupportedFile
from tests.cases import check_each
from tests.persistence.annarchy_networks import FOLDERS, assert_as_expected, built, expected

SUFFIXES = (".npz", ".engram", ".gz", ".mat", ".h5", ".txt")
SPIKING = next(folder for folder in FOLDERS if folder.name == "spiking")


@pytest.fixture(scope="module", params=["rate", "ragged"])
def saved(request, tmp_path_factory):
    """A network with the values of a file of ANNarchy, the folder of that, and its file."""
    folder = next(folder for folder in FOLDERS if folder.name == request.param)
    net = built(folder)
    net.monitor(net.get_populations()[0], ["r"] if request.param == "rate" else ["spike"])
    with pytest.warns(LoadWarning):
        net.load(folder / "data.npz")
    path = tmp_path_factory.mktemp(request.param) / "run.npz"
    net.save(path)
    return net, folder, path


@pytest.mark.cc
def test_every_format_becomes_every_other_with_the_bytes_of_a_save(saved, tmp_path):
    net, _, _ = saved
    for suffix in SUFFIXES:
        net.save(tmp_path / f"saved{suffix}")

    def check(old, new):
        eg.convert(tmp_path / f"saved{old}", tmp_path / f"new{new}")
        assert (tmp_path / f"new{new}").read_bytes() == (tmp_path / f"saved{new}").read_bytes()

    check_each([(old, new) for old in SUFFIXES for new in SUFFIXES if old != new], check)


@pytest.mark.cc
@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
@pytest.mark.parametrize("suffix", [".npz", ".gz", ".txt"])
def test_files_for_annarchy_are_read_with_equal_values(suffix, saved, tmp_path):
    net, folder, path = saved
    populations, projections = expected(folder)["populations"], expected(folder)["projections"]

    report = eg.convert(path, tmp_path / f"theirs{suffix}", to="annarchy")

    assert "spikes in flight" in str(report)
    other = built(folder)
    other.load(tmp_path / f"theirs{suffix}")
    assert other.current_step == net.current_step
    assert_as_expected(other, folder, [*populations, *projections])

    third = built(folder)
    for name in (*populations, *projections):
        mine, theirs = (
            one.get_population(name) if name in populations else one.get_projection(name) for one in (net, third)
        )
        mine.save(tmp_path / "one.engram")
        eg.convert(tmp_path / "one.engram", tmp_path / f"one{suffix}", to="annarchy")
        theirs.load(tmp_path / f"one{suffix}")
    assert_as_expected(third, folder, [*populations, *projections])


@pytest.mark.cc
def test_what_annarchy_can_not_load_becomes_what_it_can(tmp_path):
    eg.convert(SPIKING / "data.mat", tmp_path / "data.npz", to="annarchy")
    with eg.read(SPIKING / "data.mat") as one, eg.read(tmp_path / "data.npz") as other:
        assert [*one] == [*other]
        assert all((one[path][...] == other[path][...]).all() for path in one)


@pytest.mark.cc
def test_what_can_not_be_converted_is_refused_with_the_way_out(saved, tmp_path):
    _, _, path = saved

    def refused(source, target, to, error, message):
        with pytest.raises(error, match=message):
            eg.convert(source, tmp_path / target, to=to)
        assert not (tmp_path / target).exists()

    check_each(
        [
            (SPIKING / "data.npz", "x.npz", "engram", UnsupportedFile, r"no equations[\s\S]*help: build its network"),
            (SPIKING / "conn_proj0.gz", "x.gz", "annarchy", UnsupportedFile, "from_file"),
            (path, "x.mat", "annarchy", SaveError, "can't be .mat, which ANNarchy can't load itself"),
            (path, "x.engram", "annarchy", SaveError, "can't be .engram"),
            (path, "x.npz", "brian", InvalidArgument, "must be 'engram' or 'annarchy'"),
        ],
        refused,
    )


@pytest.mark.cc
def test_names_that_such_files_can_not_have_are_refused(tmp_path):
    net = eg.Network(dt=1.0, seed=1)
    net.create(1, eg.Neuron(equations="r = r"), name="time_step")
    net.compile()
    net.save(tmp_path / "a.npz")
    with pytest.raises(SaveError, match=r"populations/time_step[\s\S]*help: give one of them another name"):
        eg.convert(tmp_path / "a.npz", tmp_path / "b.npz", to="annarchy")
