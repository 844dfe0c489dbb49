"""What monitors make of their recordings: statistics, files, tables."""

import sys

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, MissingLibrary, NotCompiled, SaveError
from tests.cases import each
from tests.network.small import rated

pytestmark = pytest.mark.cc

# spikes in steps 3, 7, 11 ... from its own start on
CLOCK = eg.Neuron(parameters="a = 0.0", equations="c = ite(t < a, 0.0, c + 1.0)", spike="c > 3.5", reset="c = 0.0")


def ticking(variables="spike", dt=0.5, ranks=None, **options):
    """Return (net, monitor): neuron 0 spikes in steps 3, 7 ...; 1 in 7, 11 ...; 2 never."""
    net = eg.Network(dt=dt, seed=1)
    p = net.create(3, CLOCK, name="p")
    p.a = [0.0, 4 * dt, 1e6]
    m = net.monitor(p if ranks is None else p[ranks], variables, **options)
    net.compile()
    return net, m


def test_statistics_are_over_the_recording_and_all_recorded_neurons():
    net, m = ticking()
    net.simulate(10.0)  # 20 steps
    spikes = m.get("spike")

    assert spikes == {0: [3, 7, 11, 15, 19], 1: [7, 11, 15, 19], 2: []}
    assert m.mean_fr(spikes) == 9 / 3 / 10.0 * 1000.0
    assert m.raster_plot(spikes)[0].tolist() == [1.5, 3.5, 5.5, 7.5, 9.5, 3.5, 5.5, 7.5, 9.5]
    assert m.histogram(spikes, bins=2.0).tolist() == [1, 2, 2, 2, 2]
    assert m.smoothed_rate(spikes).shape == (3, 20)
    assert m.smoothed_rate(spikes)[0].tolist() == [0.0] * 3 + [500.0] * 16 + [0.0]
    assert m.population_rate(spikes).tolist() == [0.0] * 3 + [2000 / 3, 0, 0, 0] + [4000 / 3, 0, 0, 0] * 3 + [
        4000 / 3,
        0.0,
    ]
    assert m.inter_spike_interval(spikes) == [2.0] * 7
    assert m.coefficient_of_variation(spikes) == [0.0, 0.0]


def test_statistics_without_spikes_fetch_them_and_drop_them():
    net, m = ticking()
    net.simulate(10.0)
    first = m.mean_fr()
    net.simulate(4.0)  # steps 20 to 27: 2 spikes of each of two neurons

    assert first == 9 / 3 / 10.0 * 1000.0
    assert m.times("spike") == {"spike": {"start": [0], "stop": [20]}}
    assert m.population_rate().tolist() == [0, 0, 0, 4000 / 3, 0, 0, 0, 4000 / 3, 0]
    with pytest.raises(InvalidArgument, match=r"has recorded no step since population_rate\(\) has handed out"):
        m.mean_fr()


STATISTICS = (
    "raster_plot histogram mean_fr smoothed_rate population_rate inter_spike_interval coefficient_of_variation".split()
)


def test_several_statistics_are_made_of_spikes_that_are_kept():
    net, m = ticking()
    net.simulate(4.0)
    kept = m.get("spike", keep=True)
    made = {name: getattr(m, name)(kept) for name in STATISTICS}

    for _ in range(2):
        for name, expected in made.items():
            found = getattr(m, name)(keep=True)
            assert np.array_equal(found, expected, equal_nan=True) or found == expected, name
    assert m.get("spike") == kept
    with pytest.raises(InvalidArgument, match="has recorded no step.*\n  help: .*keep=True"):
        m.mean_fr()


EMPTIED = {
    "raster_plot": lambda m, folder: m.raster_plot(),
    "get": lambda m, folder: m.get("spike"),
    "kept": lambda m, folder: m.get(keep=True),
    "item": lambda m, folder: m["spike"],
    "save": lambda m, folder: m.save(folder / "m.npz"),
    "table": lambda m, folder: m.recording(),
    "plot": lambda m, folder: eg.plot.raster(m),
}


@pytest.mark.parametrize("how", ["mean_fr", "get", "save"])
@pytest.mark.parametrize("what", EMPTIED)
def test_whatever_reads_spikes_that_were_handed_out_says_so_until_time_has_passed(what, how, tmp_path):
    net, m = ticking()
    with pytest.warns(
        eg.EngramWarning, match=r"'Monitor_p' has recorded no step yet.*\n  help: net.simulate\(1000.0\) comes"
    ):
        assert m.raster_plot(keep=True)[0].size == 0
    assert m.raster_plot(keep=True)[0].size == 0  # which is said once
    net.simulate(4.0)
    if how == "save":
        m.save(tmp_path / "first.npz")
    else:
        getattr(m, how)()

    said = rf"{how}\(\) has handed out what was recorded of 'spike'.*\n  help: {how}\(\.\.\., keep=True\)"
    with pytest.warns(eg.EngramWarning, match=said):
        EMPTIED[what](m, tmp_path)
    net.simulate(4.0)
    EMPTIED[what](m, tmp_path)


def test_statistics_that_cannot_be_made_drop_nothing():
    net, m = ticking()
    net.simulate(4.0)

    with pytest.raises(InvalidArgument, match="bins: expected ms above 0, got -1.0"):
        m.histogram(bins=-1.0)
    assert len(m.raster_plot()[0]) == 3


def test_pauses_count_neither_as_time_nor_as_intervals():
    net, m = ticking()
    net.simulate(4.0)
    m.pause()
    net.simulate(8.0)
    m.resume()
    net.simulate(4.0)
    spikes = m.get("spike", structured=True)

    assert spikes["rank"].tolist() == [0, 0, 1, 0, 1, 0, 1]
    assert m.mean_fr(spikes) == 7 / 3 / 8.0 * 1000.0
    assert m.inter_spike_interval(spikes, per_neuron=True) == {0: [2.0, 2.0], 1: [2.0]}
    assert m.smoothed_rate(spikes).shape == (3, 32)
    assert np.count_nonzero(m.smoothed_rate(spikes), axis=1).tolist() == [8, 4, 0]  # 2 ms for each interval


def test_view_has_its_own_neurons_in_its_order():
    net, m = ticking(["spike", "c"], ranks=[2, 0])
    net.simulate(4.0)

    assert list(m.get("spike", keep=True)) == [2, 0]
    assert m.mean_fr(m.get("spike", keep=True)) == 2 / 2 / 4.0 * 1000.0
    assert m.histogram(m.get("spike", keep=True), per_neuron=True)[:, 0].tolist() == [0, 1]
    assert m.get("c", keep=True).tolist() == [[0.0, c] for c in (1, 2, 3, 0, 1, 2, 3, 0)]


def test_structured_spikes_are_times_in_ms_and_ranks_in_the_order_of_time():
    net, m = ticking(dt=0.1)
    net.simulate(1.0)
    found = m.get("spike", structured=True)

    assert found.dtype.names == ("time", "rank")
    assert found.tolist() == [(0.3, 0), (0.7, 0), (0.7, 1)]
    with pytest.warns(eg.EngramWarning, match="since then no time has passed"):
        assert m.get("spike") == {0: [], 1: [], 2: []}


@each(("period", "offset"), [(None, None), (1.5, None), (1.5, 1.0), (2.0, 0.5)])
def test_samples_know_the_steps_at_which_they_were_taken(period, offset):
    net = eg.Network(dt=0.5, seed=1)
    p = net.create((2, 2), eg.Neuron(equations="r = t\n s = t : population"), name="p")
    net.compile()
    net.simulate(2.5)
    m = net.monitor(p, ["r", "s"], period, offset)
    net.simulate(5.0)
    m.pause()
    net.simulate(3.5)
    m.resume()
    net.simulate(6.0)
    m.get("r")
    net.simulate(2.0)
    found = m.recording()

    assert len(found.samples["s"].steps) > len(found.samples["r"].steps) > 0
    for name in ("r", "s"):
        samples = found.samples[name]
        assert (samples.steps * 0.5).tolist() == samples.values.reshape(len(samples.values), -1)[:, 0].tolist()
    with pytest.raises(
        InvalidArgument, match="not the same number of samples: r has .*, s has .*\n  help: ask for one"
    ):
        found.common_steps()


def test_recording_changes_nothing_that_get_says():
    net, m = ticking()
    net.simulate(4.0)
    m.get("spike")
    net.simulate(2.0)
    m.recording()

    assert m.times("spike") == {"spike": {"start": [0], "stop": [8]}}
    assert m.recording(keep=False).spikes["spike"].to_dict() == {0: [11], 1: [11], 2: []}
    with pytest.warns(eg.EngramWarning, match="recording.. has handed out"):
        assert m.recording().spikes["spike"].to_dict() == {0: [], 1: [], 2: []}


def test_rates_have_no_spikes_for_statistics():
    net, p, _, _ = rated()
    m = net.monitor(p, "r")

    with pytest.raises(InvalidArgument, match="does not record 'spike'\n  help: it records r"):
        m.mean_fr()


def test_statistics_before_compile_are_refused():
    net = eg.Network(dt=1.0)
    m = net.monitor(net.create(3, CLOCK), "spike")

    with pytest.raises(NotCompiled, match="call compile"):
        m.raster_plot()


def test_save_writes_plain_arrays_and_drops_them(tmp_path):
    net, m = ticking(["spike", "c"])
    net.simulate(4.0)
    values, spikes = m.get("c", keep=True), m.get("spike", keep=True, structured=True)
    m.save(tmp_path / "c.npy", "c", keep=True)
    m.save(tmp_path / "c.npz", ["c"], keep=True)
    m.save(tmp_path / "spike.npy", "spike", keep=True)
    m.save(str(tmp_path / "all.npz"))

    assert np.load(tmp_path / "c.npy").tobytes() == values.tobytes()
    assert np.load(tmp_path / "spike.npy").tobytes() == spikes.tobytes()
    with np.load(tmp_path / "all.npz") as found, np.load(tmp_path / "c.npz") as one:
        assert {name: found[name].tobytes() for name in found} == {"spike": spikes.tobytes(), "c": values.tobytes()}
        assert list(one) == ["c"]
    with pytest.warns(eg.EngramWarning, match="save.. has handed out"):
        assert (m.get("c").shape, m.get("spike")) == ((0, 3), {0: [], 1: [], 2: []})


@pytest.mark.parametrize(
    ("name", "options", "error", "said"),
    [
        (
            "x.txt",
            {},
            InvalidArgument,
            r"unknown suffix '.txt'\n  help: recordings are saved as .npy, .npz, .h5, .hdf5",
        ),
        ("x", {}, InvalidArgument, "unknown suffix ''"),
        ("x.npy", {}, InvalidArgument, r".npy holds one array, not spike, c\n  help: save as .npz or .h5"),
        ("x.npy", {"variables": "c", "force_dict": True}, InvalidArgument, ".npy holds one array, not c"),
        ("x.npz", {"variables": "v"}, InvalidArgument, "does not record 'v'"),
        ("file/x.npz", {}, SaveError, "could not be written"),
        ("x.h5", {}, MissingLibrary, "h5py is not installed\n  help: pip install h5py"),
    ],
)
def test_save_that_cannot_be_leaves_recording_and_folder_as_they_were(
    tmp_path, monkeypatch, name, options, error, said
):
    monkeypatch.setitem(sys.modules, "h5py", None)
    (tmp_path / "file").write_text("")
    net, m = ticking(["spike", "c"])
    net.simulate(4.0)

    with pytest.raises(error, match=said):
        m.save(tmp_path / name, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert m.get("c").shape == (8, 3)


def test_tables_without_their_library_say_what_to_install(monkeypatch):
    for name in ("pandas", "xarray", "neo"):
        monkeypatch.setitem(sys.modules, name, None)
    net, m = ticking()
    net.simulate(4.0)

    for method, library in ((m.to_dataframe, "pandas"), (m.to_xarray, "xarray"), (m.to_neo, "neo")):
        with pytest.raises(MissingLibrary, match=f"{library} is not installed\n  help: pip install {library}"):
            method(keep=False)
    assert len(m.get("spike", structured=True)) == 3


def test_rates_are_over_the_steps_of_which_spikes_are_there_though_other_variables_stay():
    net = eg.Network(dt=1.0, seed=1)
    p = net.create(4, eg.Neuron(parameters="b = 1.2", equations="dv/dt = b/10.0", spike="v > 1.0", reset="v = 0.0"))
    alone, beside = net.monitor(p, "spike"), net.monitor(p, ["spike", "v"])
    net.compile()
    for _ in range(2):
        net.simulate(40.0)
        assert alone.mean_fr() == beside.mean_fr() > 0

    assert beside.times() == {"spike": {"start": [40], "stop": [80]}, "v": {"start": [0], "stop": [80]}}
    assert beside.get("v").shape == (80, 4)
    for statistic in (beside.mean_fr, beside.inter_spike_interval):
        with pytest.raises(InvalidArgument, match="has recorded no step"):
            statistic()
    with pytest.raises(InvalidArgument, match="does not record 'zz'"):
        beside.times("zz")
