"""Plots draw what they are given, into the axes that they return."""

import sys

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from scipy.sparse import coo_matrix

import engram as eg
from engram.analysis.recording import Recording, Samples
from engram.analysis.spikes import Spikes
from engram.errors import InvalidArgument, MissingLibrary
from tests.analysis.examples import SPIKES, structured
from tests.cases import each

matplotlib.use("Agg")


class Monitor:
    """What plots know of a monitor; it paused from step 4 to 6."""

    def __contains__(self, name):
        return name in ("v", "g", "spike")

    def recording(self, variables=None, keep=True):
        """Return two neurons' samples and spikes."""
        steps = np.array([0, 1, 2, 3, 6, 7])
        samples = {"v": Samples(steps, np.arange(12.0).reshape(6, 2)), "g": Samples(steps, np.arange(6.0))}
        spikes = {"spike": Spikes(np.array([1, 3, 7]), np.array([3, 0]), np.array([4, 9]))}
        asked = {variables} if variables else {"v", "g", "spike"}
        kept = [{name: part for name, part in parts.items() if name in asked} for parts in (samples, spikes)]
        return Recording("m", 0.5, np.array([4, 9]), *kept, [(0, 4), (6, 8)])


class Projection:
    """What plots know of a projection."""

    name, nb_synapses = "c", 3

    def array(self, name):
        """Return one number for all, or one for each."""
        return np.float64(0.5) if name == "one" else np.array([0.1, 0.2, -0.4])

    def weights_csr(self, name="w"):
        """Return the same as a matrix."""
        return coo_matrix((self.array(name), ([0, 1, 1], [2, 0, 3])), (2, 4)).tocsr()


@pytest.fixture
def ax():
    return Figure().add_subplot()


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def points(line):
    return line.get_xydata().tolist()


@pytest.mark.parametrize(
    "draw",
    [
        lambda **more: eg.plot.raster(SPIKES, **more),
        lambda **more: eg.plot.rate(SPIKES, **more),
        lambda **more: eg.plot.trace(np.zeros((3, 2)), **more),
        lambda **more: eg.plot.weights([0.5, 1.0], **more),
        lambda **more: eg.plot.connectivity(np.eye(3), **more),
        lambda **more: eg.plot.isi(SPIKES, **more),
    ],
)
def test_every_plot_returns_its_axes_labelled_and_says_what_it_needs(draw, ax, monkeypatch):
    new = draw()

    assert draw(ax=ax) is ax
    assert new is not ax
    assert new.get_figure() in map(plt.figure, plt.get_fignums())
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    with pytest.raises(InvalidArgument, match="ax: expected axes of matplotlib, got 3"):
        draw(ax=3)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingLibrary, match=r"matplotlib is not installed\n  help: pip install 'engram-sim\[plot\]'"):
        draw()


def test_raster_is_a_dot_per_spike_and_populations_stand_above_each_other(ax):
    eg.plot.raster({"a": Monitor(), "b": structured(SPIKES, 0.1)}, dt=0.1, ax=ax)
    a, b = ax.lines

    assert points(a) == [[0.5, 4.0], [1.5, 4.0], [3.5, 4.0]]
    assert [rank for _, rank in points(b)] == [10, 10, 10, 12, 12, 12, 12, 15]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "neuron")


def test_raster_of_some_neurons_has_theirs_alone(ax):
    eg.plot.raster(SPIKES, ranks=[5, 0], ax=ax)

    assert points(ax.lines[0]) == [[7.0, 5.0], [2.0, 0.0], [5.0, 0.0], [9.0, 0.0]]


def test_spikes_with_times_need_no_step(ax):
    times, ranks = [0.7, 1 / 3, 0.7, 2.0], [3, 1, 1, 2]
    eg.plot.raster((times, ranks), ranks=[1, 3], ax=ax)
    eg.plot.raster(structured({4: [1, 5]}, 0.3), ax=ax)
    eg.plot.raster({4: [1, 5]}, dt=0.5, ax=ax)
    eg.plot.raster({4: [1, 5]}, ax=ax)

    assert points(ax.lines[0]) == [[1 / 3, 1.0], [0.7, 1.0], [0.7, 3.0]]
    assert [points(line) for line in ax.lines[1:]] == [[[k * 1, 4], [k * 5, 4]] for k in (0.3, 0.5, 1.0)]
    with pytest.raises(InvalidArgument, match="0.333333 is no multiple of dt=0.1"):
        eg.plot.raster((times, ranks), dt=0.1, ax=ax)
    with pytest.raises(InvalidArgument, match="expected times in ms, got nan"):
        eg.plot.raster(([np.nan], [1]), ax=ax)


def test_rate_is_drawn_over_the_time_of_the_recording_and_not_in_pauses(ax):
    eg.plot.rate(Monitor(), ax=ax)
    eg.plot.rate(SPIKES, dt=0.5, ax=ax)
    recorded, given = (line.get_xydata() for line in ax.lines)

    np.testing.assert_array_equal(recorded[:, 1], [0, 1000, 0, 1000, np.nan, np.nan, 0, 1000, 0])
    assert recorded[:, 0].tolist() == [0.5 * k for k in range(9)]
    assert given[[0, -1]].tolist() == [[1.0, 500.0], [10.0, 500.0]]
    assert ax.get_ylabel() == "rate (Hz)"


def test_trace_is_a_line_for_each_neuron_broken_in_pauses(ax):
    eg.plot.trace(Monitor(), "v", ranks=[9, 4], ax=ax)
    first, second = (line.get_xydata() for line in ax.lines)

    np.testing.assert_array_equal(first[:, 1], [1, 3, 5, 7, np.nan, 9, 11])
    assert second[[0, -1]].tolist() == [[0.0, 0.0], [3.5, 10.0]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["9", "4"]
    assert ax.get_ylabel() == "v"


def test_trace_has_the_label_that_is_given_and_a_legend_unless_it_is_left_out(ax):
    eg.plot.trace(Monitor(), "v", ax=ax, label="v (mV)", legend=False)
    assert (ax.get_ylabel(), ax.get_legend()) == ("v (mV)", None)
    eg.plot.trace(np.zeros((3, 2)), "u", ax=ax, label="u (pA)")
    assert (ax.get_ylabel(), len(ax.get_legend().get_texts())) == ("u (pA)", 2)


def test_trace_of_a_global_variable_or_an_array_is_drawn(ax):
    eg.plot.trace(Monitor(), "g", ax=ax)
    eg.plot.trace(np.arange(8.0).reshape(2, 2, 2), dt=0.1, ax=ax)

    assert len(ax.lines) == 5
    assert points(ax.lines[4]) == [[0.0, 3.0], [0.1, 7.0]]


def test_weights_are_counted_also_where_one_number_is_all(ax):
    eg.plot.weights(Projection(), bins=3, ax=ax)
    eg.plot.weights({"one": Projection()}, "one", ax=ax)
    several, one = (patch.get_data() for patch in ax.patches)

    assert several.values.tolist() == [1, 0, 2]
    assert one.values.sum() == 3


def test_connectivity_is_post_by_pre_with_nothing_where_no_synapse_is(ax):
    eg.plot.connectivity(Projection(), ax=ax)
    (image,) = ax.images

    np.testing.assert_array_equal(
        image.get_array().filled(np.nan), [[np.nan, np.nan, 0.1, np.nan], [0.2, np.nan, np.nan, -0.4]]
    )
    assert image.get_clim() == (-0.4, 0.4)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-0.5, 3.5), (1.5, -0.5))


def test_connectivity_of_many_neurons_is_drawn_in_cells_with_the_mean_of_their_synapses(ax):
    eg.plot.connectivity(coo_matrix(([1.0, 3.0, 5.0], ([0, 2, 2500], [1, 0, 3])), (2501, 4)), ax=ax)
    cells = ax.images[0].get_array()

    assert cells.shape == (834, 2)
    assert (cells[0, 0], cells[833, 1], cells.count()) == (2.0, 5.0, 2)
    assert ax.get_ylim() == (2500.5, -0.5)


def test_intervals_are_counted_in_bars_of_whole_steps_without_pauses(ax):
    eg.plot.isi({"m": Monitor(), "d": SPIKES}, dt=0.5, ax=ax)
    eg.plot.isi(SPIKES, bins=4.0, ax=ax)
    recorded, given, wide = (patch.get_data() for patch in ax.patches)

    assert recorded.values.tolist() == [0, 1] + [0] * 8
    assert given.values.tolist() == [1, 0, 1, 1, 0, 1, 0, 0, 0, 1]
    assert given.edges[0] == 0.25
    assert wide.values.tolist() == [3, 1, 1]


def test_nothing_is_drawn_without_spikes(ax):
    silent = {0: [], 1: []}
    for draw in (eg.plot.raster, eg.plot.rate, eg.plot.isi):
        draw(silent, ax=ax)

    assert [len(line.get_xydata()) for line in ax.lines] == [0, 0]


def test_trace_of_no_samples_is_an_empty_plot(ax):
    for nothing in ([], np.zeros((0, 3))):
        eg.plot.trace(nothing, ax=ax)

    assert sum(len(line.get_xdata()) for line in ax.lines) == 0


@each(
    ("call", "said"),
    [
        (lambda: eg.plot.trace(Monitor()), r"expected one variable of monitor 'm', got v, g, spike\n  help: .*'v'"),
        (lambda: eg.plot.trace(Monitor(), "spike"), r"got spike\n  help: eg.plot.raster draws spikes"),
        (lambda: eg.plot.trace(Monitor(), "v", ranks=[3]), "neuron 3 was not recorded\n  help: recorded are 4, 9"),
        (lambda: eg.plot.trace([1.0, np.nan]), "values: 1 of 2 values are NaN or infinite"),
        (lambda: eg.plot.trace([1.0], dt=0), "dt: expected ms above 0, got 0"),
        (lambda: eg.plot.weights([1.0, np.inf]), "weights: 1 of 2 values are NaN or infinite"),
        (lambda: eg.plot.weights([[1.0], [2.0, 3.0]]), r"expected a projection, or numbers, got \[\[1.0\]"),
        (lambda: eg.plot.weights([1.0], bins=-3), "bins: expected how many, 1 or more, got -3"),
        (lambda: eg.plot.isi(SPIKES, bins=-1.0), "bins: expected ms above 0, got -1.0"),
        (lambda: eg.plot.connectivity(3), r"expected a projection or a matrix \(post, pre\), got 3"),
        (
            lambda: eg.plot.connectivity(eg.Network().create(2, eg.Neuron(equations="r = 1"))),
            "matrix .*, got <Population",
        ),
        (lambda: eg.plot.connectivity([[1.0], [2.0, 3.0]]), r"matrix \(post, pre\), got \[\[1.0\]"),
        (lambda: eg.plot.raster(Monitor(), ranks=[3]), "ranks: neuron 3 was not recorded"),
        (lambda: eg.plot.rate(structured(SPIKES)), "doesn't say which neurons were recorded"),
        (lambda: eg.plot.raster(3), "spikes: expected a dictionary"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_opens_no_figure(call, said):
    with pytest.raises(InvalidArgument, match=said):
        call()
    assert plt.get_fignums() == []


@each("plot", ["raster", "rate", "isi", "trace", "weights", "connectivity"])
def test_other_kinds_of_objects_are_told_what_the_plot_takes_and_what_draws_them(plot):
    net = eg.Network()
    pop = net.create(2, eg.Neuron(equations="r = 1"))
    draw = getattr(eg.plot, plot)
    for other in (net, pop, pop[:1], eg.Uniform(0, 1), None, "v", eg.Neuron):
        with pytest.raises(
            InvalidArgument, match=rf"eg.plot.{plot}\(\): expected a .*, got .*\n  help: .*eg.plot.{plot}\("
        ):
            draw(other)
    if plot in ("weights", "connectivity"):
        with pytest.raises(InvalidArgument, match=r"got <.*Monitor.*\n  help: eg.plot.raster\(m\)"):
            draw(Monitor())
    else:
        with pytest.raises(InvalidArgument, match=r"got <.*Projection.*\n  help: eg.plot.weights\(proj\)"):
            draw(Projection())
    assert plt.get_fignums() == []


def test_spikes_of_a_monitor_without_any_and_weights_of_a_matrix():
    net = eg.Network()
    m = net.monitor(net.create(2, eg.Neuron(equations="r = 1"), name="p"), "r")
    net.compile(backend="numpy")
    with pytest.raises(
        InvalidArgument, match=r"a monitor that records spikes.*got <Monitor.*\n  help: .*eg.plot.trace\(m\)"
    ):
        eg.plot.raster(m)
    ax = eg.plot.weights(Projection().weights_csr())
    assert ax.patches[0].get_data().values.sum() == 3
