"""What plots stand on: axes, and the forms in which users give what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from engram.analysis.forms import positive_ms, spikes_of, times_of
from engram.analysis.recording import Recording
from engram.analysis.spikes import Spikes, grouped
from engram.errors import InvalidArgument, NotCompiled
from engram.optional import PLOT, optional
from engram.program.units import in_ms
from engram.telling import told

__all__ = [
    "HasRecording",
    "HasSynapses",
    "PlotSpikes",
    "bars",
    "dots_of",
    "finite",
    "groups",
    "named",
    "new_axes",
    "recorded_at",
    "source_of",
    "unfit",
    "with_gaps",
]

Array = npt.NDArray[Any]
T = TypeVar("T")


@runtime_checkable
class HasRecording(Protocol):
    """A monitor."""

    def recording(self, variables: str | list[str] | None = None, keep: bool = True) -> Recording:
        """Return what was recorded."""

    def __contains__(self, name: Any) -> bool:
        """Say whether a variable is recorded."""


@runtime_checkable
class HasSynapses(Protocol):
    """A projection."""

    @property
    def name(self) -> str:
        """For titles."""

    @property
    def nb_synapses(self) -> int:
        """How many there are."""

    def array(self, name: str) -> Array:
        """Return an attribute: (n_syn,), or () if it is one for all."""

    def weights_csr(self, name: str = "w") -> Any:
        """Return an attribute as a sparse matrix, post neurons by pre neurons."""


SPIKES = ("a monitor that records spikes, or spikes as its get('spike') gives them", "m = net.monitor(pop, 'spike')")
TAKES = {
    "raster": SPIKES,
    "rate": SPIKES,
    "isi": SPIKES,
    "trace": ("a monitor that records a variable, or an array (time, neurons)", "m = net.monitor(pop, 'v')"),
    "weights": ("a projection, or numbers", "proj = net.connect(...)"),
    "connectivity": ("a projection or a matrix (post, pre)", "proj = net.connect(...)"),
}
"""What each plot draws, and how one gets it."""


def unfit(given: Any, plot: str) -> InvalidArgument:
    """Return the error of a plot that was given something else than it draws: what it draws, and what draws that."""
    expected, how = TAKES[plot]
    name = how.partition(" ")[0]
    advice = f"{how}, net.compile() and net.simulate(...), then eg.plot.{plot}({name})."
    if plot in ("weights", "connectivity") and hasattr(type(given), "nb_synapses"):
        named(plot, lambda: given.nb_synapses)  # which raises what is missing: compile()
    if isinstance(given, HasRecording):
        advice = "eg.plot.raster(m), rate and isi draw the spikes of a monitor, eg.plot.trace(m) its variables"
        advice += "; monitor.object is what it records."
    elif isinstance(given, HasSynapses):
        advice = (
            "eg.plot.weights(proj) and eg.plot.connectivity(proj) draw synapses; net.monitor(proj, 'w') records them."
        )
    return InvalidArgument(f"eg.plot.{plot}(): expected {expected}, got {given!r:.60}\n  help: {advice}")


def named(plot: str, read: Callable[[], T]) -> T:
    """Read what a plot draws; what is not compiled is told by the name of the plot."""
    try:
        return read()
    except NotCompiled as error:
        what, _, help_ = str(error).partition("\n")
        needs = f"eg.plot.{plot}() needs a compiled network" if what.endswith("needs a compiled network") else what
        raise NotCompiled(f"{needs}\n{help_}") from None


def _is_data(given: Any) -> bool:
    """Say whether something could be numbers or spikes, and is no object of a network."""
    return isinstance(given, Mapping | list | tuple | np.ndarray | np.generic | int | float) or hasattr(
        given, "__array__"
    )


class PlotSpikes(NamedTuple):
    """Spikes, ms per step, and from which to which steps they were recorded: none if that is not known."""

    spikes: Spikes
    dt_ms: float
    intervals: list[tuple[int, int]]


def source_of(given: Any, dt: float, plot: str, ranks: Any = None) -> PlotSpikes:
    """Return the spikes of a monitor, which keeps them, or of what else ``spikes_of`` reads."""
    if isinstance(given, HasRecording):
        if "spike" not in given:
            raise unfit(given, plot)
        found = named(plot, lambda: given.recording("spike"))
        return PlotSpikes(found.spikes["spike"].of(ranks), found.dt_ms, found.intervals)
    if not _is_data(given):
        raise unfit(given, plot)
    return PlotSpikes(spikes_of(given, dt).of(ranks), positive_ms(dt, "dt"), [])


def dots_of(given: Any, dt: float | None, ranks: Any = None) -> tuple[Array, Spikes]:
    """Return the times of spikes in ms, (n,), and the spikes themselves.

    Args:
        given: as of :func:`source_of`.
        dt: ms per step; None: 1 ms where spikes are steps, and times as they are where they are times.
        ranks: of the neurons; all by default.
    """
    timed = times_of(given) if dt is None and _is_data(given) else None
    if timed is None:
        found, dt_ms, _ = source_of(given, 1.0 if dt is None else dt, "raster", ranks)
        return in_ms(found.steps, dt_ms), found
    times, number = np.unique(timed[0], return_inverse=True)  # the number of a time serves as its step
    some = grouped(number.reshape(-1), timed[1]).of(ranks)
    return times[some.steps], some


def groups(given: Any) -> dict[str, Any]:
    """Return what is drawn together, by its label: a dictionary with names as keys, or one thing without a label."""
    is_several = isinstance(given, Mapping) and given and all(isinstance(key, str) for key in given)
    return dict(given) if is_several else {"": given}


def new_axes(ax: Any) -> Any:
    """Return axes to draw into: those given, or of a new figure.

    Raises:
        InvalidArgument: if they are no axes of matplotlib.
        MissingLibrary: without matplotlib.
    """
    if ax is None:
        pyplot = optional("matplotlib.pyplot", PLOT)
        return pyplot.subplots(layout="constrained")[1]
    if not isinstance(ax, optional("matplotlib.axes", PLOT).Axes):
        raise InvalidArgument(f"ax: expected axes of matplotlib, got {told(ax)}\n  help: figure, ax = plt.subplots()")
    return ax


def finite(values: Any, what: str, plot: str = "") -> Array:
    """Return numbers as an array of at least one axis.

    Args:
        plot: that was given them.

    Raises:
        InvalidArgument: if some are none, NaN or infinite.
    """
    try:
        array = np.atleast_1d(np.asarray(values))
    except ValueError:  # lists of different lengths
        array = np.zeros(1, object)
    if array.dtype.kind not in "biuf":
        if plot:
            raise unfit(values, plot)
        raise InvalidArgument(f"{what}: expected numbers, got {told(values)}")
    wrong = int(np.count_nonzero(~np.isfinite(array)))
    if wrong:
        found = f"{wrong} of {array.size} values are NaN or infinite"
        raise InvalidArgument(f"{what}: {found}\n  help: values[np.isfinite(values)] are those that can be drawn.")
    return array


def recorded_at(steps: Array, intervals: list[tuple[int, int]]) -> Array:
    """Return which steps, ascending, were recorded: not those of a pause; all where no intervals are known."""
    ends = [end for pair in sorted(intervals) for end in pair]
    return np.searchsorted(ends[1:-1], steps, side="right") % 2 == 0 if ends else np.ones(len(steps), bool)


def with_gaps(times: Array, values: Array) -> tuple[Array, Array]:
    """Return a line that is broken where times are further apart than they are elsewhere: a monitor was paused."""
    apart = np.diff(times)
    gaps = np.flatnonzero(apart > 1.5 * apart.min(initial=np.inf)) + 1
    return np.insert(times, gaps, times[gaps]), np.insert(values.astype(np.float64), gaps, np.nan)


def bars(ax: Any, values: Array, bins: Any, label: str) -> None:
    """Draw how often values occur; ``bins`` are edges, or how many there are."""
    counts, edges = np.histogram(values, bins)
    ax.stairs(counts, edges, fill=True, alpha=0.7, label=label or None)
