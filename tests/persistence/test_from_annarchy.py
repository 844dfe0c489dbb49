"""Files of ANNarchy, loaded into the network of the same model."""

import pickle
import warnings

import numpy as np
import pytest

import engram as eg
from engram.errors import DamagedFile, LoadWarning, StateMismatch, UnsupportedFile
from tests.cases import check_each
from tests.persistence.annarchy_networks import FILES, FOLDERS, NEURONS, assert_as_expected, built, expected

SPIKING = next(folder for folder in FOLDERS if folder.name == "spiking")
RATE = next(folder for folder in FOLDERS if folder.name == "rate")


def load(target, file, **options):
    """Load, and see that a warning says what the file lacks, if it lacks something."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        report = target.load(file, **options)
    texts = [str(one.message) for one in caught if one.category is LoadWarning]
    assert len(texts) == bool(report.kept or report.skipped or report.reset)
    assert all("written by ANNarchy" in text for text in (*texts, str(report)))
    assert ("not verified" in str(report)) == (report.format in ("pickle", "mat"))
    return report


@pytest.mark.cc
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: "-".join(folder.parts[-2:]))
def test_every_file_gives_what_annarchy_had(folder):
    """Into a network with other synapses, that has run: the network's files, each object's, those of connectivity."""
    net = built(folder)
    populations, projections = expected(folder)["populations"], expected(folder)["projections"]

    def check(file):
        net.reset()
        net.simulate(7.0)
        stem = file.name.partition(".")[0]
        if stem == "data":
            report = load(net, file)
            assert net.current_step == expected(folder)["step"]
            assert_as_expected(net, folder, [*populations, *projections])
        elif stem in populations:
            report = load(net.get_population(stem), file)
            assert_as_expected(net, folder, [stem])
        else:
            name = stem.removeprefix("conn_")
            report = load(net.get_projection(name), file)
            assert_as_expected(net, folder, [name], None if name == stem else ["w"])
        assert not report.exact
        assert not report.skipped or all(path.endswith("/r") for path in report.skipped)
        net.simulate(5.0)

    files = [file for file in FILES if file.parent == folder]
    assert len(files) == 18
    check_each({file.name: (file,) for file in files}, check)


@pytest.mark.cc
def test_connectivity_of_theirs_connects():
    def check(file):
        net = built(file.parent, lambda projection: projection.from_file(file))
        (name,) = expected(file.parent)["projections"]
        assert_as_expected(net, file.parent, [name], ["w"])

    names = ("conn_", "proj0", "ff")
    check_each({str(file): (file,) for file in FILES if file.name.startswith(names)}, check)


@pytest.mark.cc
def test_what_such_files_lack_starts_anew_and_the_report_says_so(tmp_path):
    net = built(SPIKING)
    spikes = net.monitor(net.get_population("pop0"), ["spike"])
    net.simulate(20.0)
    assert sum(map(len, spikes.get("spike", keep=True).values()))

    report = load(net, SPIKING / "data.npz")

    net.save(tmp_path / "now.npz")
    with eg.read(tmp_path / "now.npz") as now:
        assert now["populations/pop0/history/rank"].size == 0
        assert not now["populations/pop0/refractory_left"][:].any()
        assert (now["projections/proj0/last_post"][:] == 100).all()
    assert not any(map(len, spikes.get("spike").values()))
    assert {"populations/pop0/history/rank", "projections/proj0/last_pre"} <= {*report.reset}
    assert "populations/pop0/refractory" in report.kept
    assert "no spike is in flight" in str(report)
    assert "history" not in str(report)  # which is said in words
    assert "dt, seed" in str(report)

    with pytest.raises(StateMismatch, match="does not go on to the bit"):
        net.load(SPIKING / "data.npz", exact=True)


@pytest.mark.cc
def test_a_past_of_rates_is_what_they_are_now(tmp_path):
    net = built(RATE, lambda projection: projection.all_to_all(0.5, delays=9.0))
    net.simulate(20.0)

    load(net, RATE / "data.mat")

    net.save(tmp_path / "now.npz")
    with eg.read(tmp_path / "now.npz") as now:
        past = now["populations/inp/history/r"][:]
    assert (past == np.array(expected(RATE)["populations"]["inp"]["attributes"]["r"])).all()


@pytest.mark.cc
def test_parts_are_loaded_also_under_other_names(tmp_path):
    net = built(SPIKING)
    net.simulate(3.0)
    report = load(net, SPIKING / "data.txt.gz", only=["populations/pop1/v"])
    assert report.loaded == ("populations/pop1/v",)
    assert net.current_step == 3
    assert_as_expected(net, SPIKING, ["pop1"], ["v"])

    swapped = built(SPIKING)
    with pytest.raises(StateMismatch, match=r"populations/pop0: geometry \(8,\) in the file, \(12,\)"):
        swapped.load(SPIKING / "data.txt", rename={"pop0": "pop1", "pop1": "pop0"})


@pytest.mark.cc
def test_connectivity_of_theirs_has_ranks_of_populations_also_of_views(tmp_path):
    net = eg.Network(dt=1.0, seed=1)
    pre, post = (net.create(n, NEURONS["rate"], name=name) for n, name in ((12, "a"), (8, "b")))
    view = net.connect(pre[2:9], post[1:6], "exc", name="ab")
    root = {"name": "ab", "post_ranks": [1, 5], "pre_ranks": [[2, 8], [3]], "w": [[0.5, 1.5], [2.5]]}
    rest = {"delay": None, "max_delay": 2, "uniform_delay": 2, "size": 2, "nb_synapses": 3}

    view.from_file(pickled(tmp_path, {**root, **rest}))
    net.compile()

    assert (list(view.post_ranks), [list(row) for row in view.pre_ranks]) == ([1, 5], [[2, 8], [3]])
    assert ([list(row) for row in view.w], view.delay) == ([[0.5, 1.5], [2.5]], 2.0)
    other = eg.Network(dt=1.0, seed=1)
    ends = [other.create(n, NEURONS["rate"]) for n in (12, 8)]
    with pytest.raises(eg.EngramError, match="pre rank"):
        other.connect(ends[0][0:2], ends[1], "exc").from_file(tmp_path / "file.txt")


@pytest.mark.cc
@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_a_given_list_stays_what_reset_returns_to(tmp_path):
    net = built(SPIKING, lambda projection: projection.from_file(SPIKING / "conn_proj0.npz"))
    (other,) = (folder for folder in FOLDERS if folder.name == "spiking" and folder != SPIKING)
    net.simulate(10.0)
    given = [list(row) for row in expected(SPIKING)["projections"]["proj0"]["attributes"]["w"]]

    net.load(other / "data.npz")
    assert_as_expected(net, other, ["pop0", "pop1", "proj0"])
    net.save(tmp_path / "run.npz")
    opened = eg.open(tmp_path / "run.npz")
    for one in (net, opened):
        one.simulate(20.0)
    assert net.digest() == opened.digest()

    net.reset(synapses=True)
    assert [list(row) for row in net.get_projection("proj0").w] == given


@pytest.mark.cc
def test_the_warning_points_at_the_line_that_loads():
    with pytest.warns(LoadWarning) as caught:
        built(RATE).load(RATE / "data.npz")
    assert caught[0].filename == __file__


# -- forms that no fixture has -----------------------------------------------------------------------------


def small(**synapse):
    """A network of 2 by 2 and 3 neurons, with single weights."""
    net = eg.Network(dt=0.5, seed=1)
    pre = net.create((2, 2), eg.Neuron(parameters="k = 1.0 : int", equations="r = k"), name="pre")
    post = net.create(3, eg.Neuron(equations="r = sum(exc)"), name="post")
    net.connect(pre, post, "exc", eg.Synapse(**synapse) if synapse else None, name="ab").all_to_all(0.5)
    net.compile()
    return net


def projection(**more):
    names = [name for name in more if name not in ("post_ranks", "pre_ranks", "delays", "target", "pre", "post")]
    return {
        "name": "ab",
        "pre": "pre",
        "post": "post",
        "target": "exc",
        "post_ranks": [0, 2],
        "attributes": names,
        "parameters": [],
        "variables": names,
        "delays": 0.5,
        "pre_ranks": [[0, 3], [1]],
        **more,
    }


def pickled(tmp_path, root, name="file.txt"):
    (tmp_path / name).write_bytes(pickle.dumps(root, protocol=5))
    return tmp_path / name


@pytest.mark.cc
def test_rows_delays_and_values_per_neuron_are_put_where_they_belong(tmp_path):
    net = small(parameters="bias = 0.1 : postsynaptic\nk = 2.0 : projection")
    root = projection(w=[[0.25, 0.75], [1.5]], delays=[[1.0, 2.5], [0.5]], bias=[7.0, 9.0], k=4.0)

    load(net.get_projection("ab"), pickled(tmp_path, root))

    ab = net.get_projection("ab")
    assert (list(ab.post_ranks), [list(row) for row in ab.pre_ranks]) == ([0, 2], [[0, 3], [1]])
    assert [list(row) for row in ab.w] == [[0.25, 0.75], [1.5]]
    assert [list(row) for row in ab.delay] == [[1.0, 2.5], [0.5]]
    assert (list(ab.bias), ab.k) == ([7.0, 9.0], 4.0)


@pytest.mark.cc
def test_a_single_weight_and_grids_of_neurons(tmp_path):
    net = small()
    load(net.get_projection("ab"), pickled(tmp_path, projection(w=2.0, attributes=["w", "w"])))
    assert net.get_projection("ab").w == 2.0
    assert net.get_projection("ab").nb_synapses == 3

    grid = {"name": "pre", "geometry": (2, 2), "size": 4}
    grid |= {"attributes": ["k", "r"], "parameters": ["k"], "variables": ["r"]}
    values = {"k": np.arange(4).reshape(2, 2), "r": np.arange(4.0).reshape(2, 2)}
    load(net.get_population("pre"), pickled(tmp_path, {**grid, **values}))
    assert net.get_population("pre").r.tolist() == [[0.0, 1.0], [2.0, 3.0]]


@pytest.mark.cc
def test_what_annarchy_does_not_save_stays_and_what_numpy_left_is_passed_over(tmp_path):
    """It leaves out convolutions; before version 2.1, NumPy's savez took its argument allow_pickle for a value."""
    net = small()
    r = {"attributes": ["r"], "parameters": [], "variables": ["r"], "r": np.arange(3.0)}
    pre = {"name": "pre", "geometry": (2, 2), "size": 4, **r, "r": np.zeros((2, 2))}
    post = {"name": "post", "geometry": (3,), "size": 3, **r}
    names = {"populations": ["pre", "post"], "projections": ["ab"]}
    root = {"time_step": 7, "net_id": 0, "pre": pre, "post": post, "obj_names": names, "allow_pickle": True}

    report = load(net, pickled(tmp_path, root))

    assert (net.current_step, net.get_population("post").r.tolist()) == (7, [0.0, 1.0, 2.0])
    assert {"projections/ab/w", "populations/pre/k"} == {*report.kept}
    with pytest.raises(StateMismatch, match="populations/post: not in the file"):
        net.load(pickled(tmp_path, {name: one for name, one in root.items() if name != "post"}))


@pytest.mark.cc
def test_names_with_a_slash_are_read_and_renamed(tmp_path):
    net = small()
    one = {"attributes": ["r"], "parameters": [], "variables": ["r"]}
    pre = {"name": "PFC/pre", "geometry": (2, 2), "size": 4, **one, "r": np.ones((2, 2))}
    post = {"name": "post", "geometry": (3,), "size": 3, **one, "r": np.arange(3.0)}
    root = {"time_step": 7, "net_id": 0, "PFC/pre": pre, "post": post, "ab": projection(w=2.0, pre="PFC/pre")}
    path = pickled(tmp_path, root)

    assert eg.read(path)["populations/PFC%2Fpre/r"][:].tolist() == [[1.0, 1.0], [1.0, 1.0]]
    with pytest.raises(
        StateMismatch, match="help: if these have other names here, load with rename={'PFC/pre': 'pre'}"
    ):
        net.load(path)
    with pytest.raises(StateMismatch, match="load with rename={'PFC/pre': 'pre'}"):
        net.load(path, only="projections/ab")
    load(net, path, rename={"PFC/pre": "pre"})
    assert (net.get_population("pre").r.tolist(), net.get_projection("ab").w) == ([[1.0, 1.0], [1.0, 1.0]], 2.0)
    load(small(), path, rename={"populations/PFC/pre": "pre"}, only="projections/ab")
    for only in ("populations/PFC/pre/r", "populations/PFC%2Fpre"):
        assert "populations/pre/r" in load(small(), path, rename={"PFC/pre": "pre"}, only=only).loaded
    with eg.read(path) as file:
        assert file["populations/PFC/pre/r"][:].tolist() == file["populations"]["PFC/pre"]["r"][:].tolist()
        assert "populations/PFC/pre" in file
        assert "populations/PFC" not in file
    eg.convert(path, tmp_path / "again.txt", to="annarchy")
    again = pickle.loads((tmp_path / "again.txt").read_bytes())
    assert (again["PFC/pre"]["name"], again["ab"]["pre"]) == ("PFC/pre", "PFC/pre")
    assert again["obj_names"] == {"populations": ["PFC/pre", "post"], "projections": ["ab"]}
    with pytest.raises(DamagedFile, match="two objects have that name"):
        eg.read(pickled(tmp_path, {**root, "PFC%2Fpre": {**pre, "name": "PFC%2Fpre"}}))


@pytest.mark.cc
def test_float32_takes_what_it_can_hold(tmp_path):
    net = eg.Network(dt=1.0, seed=1)
    net.config(dtype=np.float32)
    net.create(2, eg.Neuron(equations="r = r"), name="pre")
    net.compile()
    root = {"name": "pre", "geometry": (2,), "size": 2, "attributes": ["r"], "parameters": [], "variables": ["r"]}

    report = load(net.get_population("pre"), pickled(tmp_path, {**root, "r": np.array([0.5, np.float32(0.1)])}))
    assert report.converted == ("populations/pre/r",)
    assert net.get_population("pre").r.tolist() == [0.5, np.float32(0.1)]

    with pytest.raises(StateMismatch, match="values would change"):
        net.get_population("pre").load(pickled(tmp_path, {**root, "r": np.array([0.5, 0.1])}))


@pytest.mark.cc
def test_what_does_not_fit_is_refused_and_nothing_has_changed(tmp_path):
    net = small()
    before = net.digest()

    def refused(root, error, message):
        with pytest.raises(error, match=message):
            net.get_projection("ab").load(pickled(tmp_path, root))
        assert net.digest() == before

    check_each(
        {
            "rank": (
                projection(w=1.0, pre_ranks=[[0, 4], [1]]),
                StateMismatch,
                "pre rank 4 in the file, 4 pre neurons",
            ),
            "post": (projection(w=1.0, post_ranks=[0, 3]), StateMismatch, "post rank 3"),
            "pre": (projection(w=1.0, pre="post"), StateMismatch, "pre post in the file, pre in the network"),
            "target": (projection(w=1.0, target="inh"), StateMismatch, "target inh in the file, exc"),
            "dt": (projection(w=1.0, delays=0.75), StateMismatch, "no multiples of dt = 0.5 ms"),
            "delay": (projection(w=1.0, delays=float("nan")), StateMismatch, "delays from 0 to 65535 steps"),
            "row": (projection(w=[[1.0], [1.0]]), StateMismatch, "2 values in the file, .* one per synapse"),
            "rows": (projection(w=[[1.0], [1.0, 2.0]]), DamagedFile, "projections/ab/w: 3 values"),
            "twice": (projection(w=1.0, post_ranks=[2, 2]), DamagedFile, "twice among its post_ranks"),
            "lacking": (projection(w=1.0, attributes=["w", "x"]), DamagedFile, "'x' among its attributes"),
            "text": (projection(w="much"), DamagedFile, "expected numbers, got 'much'"),
            "other": ({"a": 1}, UnsupportedFile, "neither engram nor ANNarchy saved it"),
        },
        refused,
    )


def test_nothing_is_wrong_with_any_file_of_annarchy():
    paths = [path for folder in FOLDERS for path in sorted(folder.iterdir()) if path.suffix != ".json"]
    wrong = {}
    for path in paths:
        with eg.read(path) as file:
            wrong[path] = file.verify()
    assert len(paths) > 90
    assert not any(wrong.values()), {path: lines for path, lines in wrong.items() if lines}
