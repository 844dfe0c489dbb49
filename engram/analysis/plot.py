"""Plots of what a network did: ``eg.plot.raster(monitor)`` and its like; each returns the axes that it has drawn into.

In: a monitor (which keeps what it has recorded), what it gives, or arrays; a projection. Needs matplotlib (``pip
install 'engram-sim[plot]'``), which is imported when something is drawn. Nothing is shown: that is ``plt.show()``.
"""

from __future__ import annotations

import math
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from engram.analysis.axes import (
    HasRecording,
    HasSynapses,
    PlotSpikes,
    bars,
    dots_of,
    finite,
    groups,
    named,
    new_axes,
    recorded_at,
    source_of,
    unfit,
    with_gaps,
)
from engram.analysis.forms import positive_ms
from engram.analysis.intervals import inter_spike_interval
from engram.analysis.rates import population_rate
from engram.analysis.spikes import RANKS, listed, whole_numbers
from engram.callers import checked, plain_number
from engram.elsewhere.lookup import no_name
from engram.errors import InvalidArgument
from engram.program.units import in_ms
from engram.telling import told

__all__ = ["connectivity", "isi", "raster", "rate", "trace", "weights"]

Array = npt.NDArray[Any]
PIXELS = 1000  # of a matrix, along each axis: larger ones are drawn in cells of several neurons
LABELLED = 10  # lines that a legend names
BINS = 50


def __getattr__(name: str) -> NoReturn:
    """Say what is near a name that is not here."""
    raise no_name(name, __all__, __name__)


@checked
def raster(spikes: Any, dt: float | None = None, ranks: Any = None, ax: Any = None) -> Any:
    """Draw one dot per spike, neurons over time.

    Args:
        spikes: a monitor, a dictionary ``{rank: [steps]}``, a structured array of (time, rank), a pair (times, ranks);
            or a dictionary of these by name, which are drawn above each other.
        dt: ms per step of a dictionary, 1 by default; monitors, and times in ms, need none.
        ranks: neurons that are drawn; all by default.
        ax: axes to draw into; new ones by default.
    """
    sources = {label: dots_of(given, dt, ranks) for label, given in groups(spikes).items()}
    ax, floor = new_axes(ax), 0
    for label, (times, found) in sources.items():
        style = {"linestyle": "none", "marker": ".", "markersize": 3.0, "markeredgewidth": 0.0, "rasterized": True}
        ax.plot(times, found.ranks + floor, label=label or None, **style)
        floor += int(found.neurons.max(initial=-1)) + 1
    ax.set(xlabel="time (ms)", ylabel="neuron")
    ax.margins(0.01)
    return _named(ax, [*sources])


@checked
def rate(spikes: Any, smooth: float = 0.0, dt: float = 1.0, ranks: Any = None, ax: Any = None) -> Any:
    """Draw the mean rate of the neurons over time.

    Args:
        spikes: as in :func:`raster`; of a dictionary by name each is a line.
        smooth: ms, time constant of a low-pass.
        dt: ms per step; a monitor knows it.
        ranks, ax: as in :func:`raster`.
    """
    lines = {}
    for label, given in groups(spikes).items():
        found, dt_ms, intervals = source_of(given, dt, "rate")
        window = (min(a for a, _ in intervals), max(b for _, b in intervals)) if intervals else None
        rates = population_rate(found, smooth, dt_ms, window, ranks)
        first = window[0] if window else int(found.of(ranks).steps.min(initial=2**62))
        steps = first + np.arange(len(rates))
        rates[~recorded_at(steps, intervals)] = np.nan
        lines[label] = (in_ms(steps, dt_ms), rates)
    ax = new_axes(ax)
    for label, (times, rates) in lines.items():
        ax.plot(times, rates, label=label or None)
    ax.set(xlabel="time (ms)", ylabel="rate (Hz)")
    ax.set_ylim(bottom=0.0)
    return _named(ax, [*lines])


@checked
def trace(
    values: Any,
    variable: str | None = None,
    dt: float = 1.0,
    ranks: Any = None,
    ax: Any = None,
    *,
    label: str | None = None,
    legend: bool = True,
) -> Any:
    """Draw values over time, a line for each neuron.

    Args:
        values: a monitor, or an array (time,) or ``(time, *geometry)``.
        variable: which one of the monitor, if it records several; what an array is called.
        dt: ms between samples of an array; a monitor knows it.
        ranks: neurons that are drawn; all by default. Of an array, its columns.
        ax: axes to draw into; new ones by default.
        label: of the axis, such as ``v (mV)``; the name of what is drawn by default.
        legend: say which line is which neuron's, where there are several and at most ten.
    """
    if isinstance(values, HasRecording):
        times, columns, neurons, variable = _samples(values, variable)
    else:
        array = finite(values, "values", "trace")
        columns = array.reshape(len(array), math.prod(array.shape[1:]))
        times, neurons = np.arange(len(array)) * positive_ms(dt, "dt"), np.arange(columns.shape[1])
    places = np.arange(len(neurons)) if ranks is None else _places(ranks, neurons)
    ax, is_labelled = new_axes(ax), legend and 1 < len(places) <= LABELLED
    for place in places.tolist():
        name = str(neurons[place]) if is_labelled else None
        ax.plot(*with_gaps(times, columns[:, place]), linewidth=1.0, label=name)
    ax.set(xlabel="time (ms)", ylabel=label or variable or "value")
    if is_labelled:
        ax.legend(title="neuron", loc="upper right", frameon=False)
    return ax


@checked
def weights(projection: Any, name: str = "w", bins: int = BINS, ax: Any = None) -> Any:
    """Draw how often each weight occurs.

    Args:
        projection: a projection, a sparse matrix, numbers, or a dictionary of these by name.
        name: of the attribute that is drawn.
        bins: how many bars.
        ax: axes to draw into; new ones by default.
    """
    count = plain_number(bins)
    if count is None or count != int(count) or count < 1:
        raise InvalidArgument(f"bins: expected how many, 1 or more, got {told(bins)}\n  help: bins=50.")
    found = {label: _values(given, name) for label, given in groups(projection).items()}
    edges = np.histogram_bin_edges(np.concatenate(list(found.values())), int(count))
    ax = new_axes(ax)
    for label, values in found.items():
        bars(ax, values, edges, label)
    ax.set(xlabel="weight" if name == "w" else name, ylabel="synapses")
    return _named(ax, [*found])


@checked
def connectivity(projection: Any, name: str = "w", ax: Any = None) -> Any:
    """Draw the weights as a matrix, post neurons by pre neurons; grey where there is no synapse.

    Matrices of more than 1,000 neurons are drawn in cells of several, each with the mean of its synapses.

    Args:
        projection: a projection, a sparse matrix, or an array (post, pre).
        name: of the attribute that is drawn.
        ax: axes to draw into; new ones by default.
    """
    shape, post, pre, values = _matrix(projection, name)
    cell = max(1, -(-max(shape) // PIXELS))
    rows, columns = (max(1, -(-n // cell)) for n in shape)
    places = post // cell * columns + pre // cell
    counts = np.bincount(places, minlength=rows * columns)
    sums = np.bincount(places, values, rows * columns)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).reshape(rows, columns)
    ax, high = new_axes(ax), float(np.abs(values).max(initial=0.0)) or 1.0
    style = {"cmap": "RdBu_r", "vmin": -high, "vmax": high} if (values < 0).any() else {"cmap": "viridis"}
    extent = (-0.5, columns * cell - 0.5, rows * cell - 0.5, -0.5)
    ax.set_facecolor("0.9")
    image = ax.imshow(means, extent=extent, aspect="auto", interpolation="nearest", **style)
    ax.set(xlabel="pre neuron", ylabel="post neuron", xlim=(-0.5, shape[1] - 0.5), ylim=(shape[0] - 0.5, -0.5))
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_major_locator().set_params(integer=True)
    ax.figure.colorbar(image, ax=ax, label="weight" if name == "w" else name)
    return ax


@checked
def isi(spikes: Any, bins: float | None = None, dt: float = 1.0, ranks: Any = None, ax: Any = None) -> Any:
    """Draw how often each interval between two spikes of a neuron occurs.

    Args:
        spikes: as in :func:`raster`.
        bins: ms of one bar; by default as many steps as give 50 bars or fewer.
        dt: ms per step; a monitor knows it.
        ranks, ax: as in :func:`raster`.
    """
    found = {}
    for label, given in groups(spikes).items():
        source = source_of(given, dt, "isi", ranks)
        found[label] = _intervals(source), source.dt_ms
    step = min(dt_ms for _, dt_ms in found.values())
    longest = max(float(values.max(initial=step)) for values, _ in found.values())
    width = step * np.ceil(longest / step / BINS) if bins is None else positive_ms(bins, "bins")
    edges = np.arange(0.0, longest + width, width) + step / 2  # intervals are whole steps: none lies on an edge
    ax = new_axes(ax)
    for label, (values, _) in found.items():
        bars(ax, values, edges, label)
    ax.set(xlabel="interval (ms)", ylabel="intervals")
    return _named(ax, [*found])


def _intervals(source: PlotSpikes) -> Array:
    return np.array(inter_spike_interval(source.spikes, dt=source.dt_ms, recorded=source.intervals), np.float64)


def _named(ax: Any, labels: list[str]) -> Any:
    if labels != [""]:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=4, frameon=False, markerscale=4)
    return ax


def _samples(monitor: HasRecording, variable: str | None) -> tuple[Array, Array, Array, str]:
    """Times in ms (t,), values (t, n), the ranks (n,), and the name of what is drawn."""
    found = named("trace", lambda: monitor.recording(variable))
    if len(found.samples) != 1:
        held = ", ".join([*found.samples, *found.spikes])
        advice = (
            f"name one, variable={next(iter(found.samples))!r}." if found.samples else "eg.plot.raster draws spikes."
        )
        raise InvalidArgument(
            f"trace(): expected one variable of monitor {found.monitor!r}, got {held}\n  help: {advice}"
        )
    ((name, samples),) = found.samples.items()
    is_global = samples.values.ndim == 1
    columns = samples.rows if len(samples.steps) else np.zeros((0, 0))
    finite(np.where(np.isnan(columns), 0.0, columns) if found.has_gaps else columns, name)
    neurons = np.arange(columns.shape[1]) if is_global or not len(samples.steps) else found.neurons
    return in_ms(samples.steps, found.dt_ms), columns, neurons, name


def _places(ranks: Any, neurons: Array) -> Array:
    asked = whole_numbers(ranks, "ranks", **RANKS)
    missing = np.setdiff1d(asked, neurons)
    if len(missing):
        what = f"ranks: neuron {missing[0]} was not recorded"
        advice = f"recorded are {listed(neurons)}." if len(neurons) else "nothing was recorded yet: simulate before."
        raise InvalidArgument(f"{what}\n  help: {advice}")
    order = np.argsort(neurons, kind="stable")
    return order[np.searchsorted(neurons, asked, sorter=order)]


def _values(given: Any, name: str) -> Array:
    if not isinstance(given, HasSynapses):
        is_sparse = callable(getattr(given, "tocoo", None))
        return finite(given.data if is_sparse else given, "weights", "weights").reshape(-1)
    return finite(np.broadcast_to(given.array(name), (given.nb_synapses,)), f"{name} of {given.name}")


def _matrix(given: Any, name: str) -> tuple[tuple[int, int], Array, Array, Array]:
    """Shape, and post rank, pre rank and value of each entry."""
    if isinstance(given, HasSynapses):
        given = given.weights_csr(name)
    if callable(getattr(given, "tocoo", None)):  # all sparse matrices of scipy, which need not be imported for it
        entries = given.tocoo()
        return entries.shape, entries.row, entries.col, finite(entries.data, name)
    is_array = isinstance(given, list | tuple) or hasattr(given, "__array__")  # NumPy would go through anything else
    try:
        array = np.asarray(given) if is_array else np.empty(0)
    except ValueError:  # lists of different lengths
        array = np.empty(0)
    if array.ndim != 2 or array.dtype.kind not in "biuf" or 0 in array.shape:
        raise unfit(given, "connectivity")
    post, pre = np.nonzero(~np.isnan(array))
    return array.shape, post, pre, finite(array[post, pre], name)
