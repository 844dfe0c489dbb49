"""What users ask a monitor for beside the recorded values themselves: statistics, files, tables of other libraries.

Inherited by ``Monitor``, and thin: each method fetches, and calls the function of ``engram.analysis`` that does it.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar

import numpy.typing as npt

from engram.analysis import counts, intervals, rates
from engram.analysis.forms import spikes_of
from engram.analysis.recording import Recording, Samples
from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.network.as_one import between_steps
from engram.program.recordable import beside_samples
from engram.program.recorder import Recorder
from engram.program.synapse_samples import columns_of
from engram.state import names

if TYPE_CHECKING:
    from engram.analysis.spikes import Spikes

__all__ = ["Results"]

Array = npt.NDArray[Any]
T = TypeVar("T")


@checked_calls
class Results(ABC):
    """What can be made of a recording.

    ``spikes`` is what ``get("spike")`` has given, as a dictionary or structured; by default the spikes are fetched, and
    dropped as ``get`` does unless ``keep``. Times are those of the network, and rates those over the intervals of the
    last ``get``.
    """

    _core: Recorder

    @property
    @abstractmethod
    def name(self) -> str:
        """The name by which files know the monitor."""

    @property
    @abstractmethod
    def object(self) -> Any:
        """What is recorded: it has ``ranks`` and a ``name``."""

    @abstractmethod
    def get(
        self,
        variables: str | list[str] | None = None,
        keep: bool = False,
        reshape: bool = True,
        force_dict: bool = False,
        structured: bool = False,
    ) -> Any:
        """Return what was recorded."""

    @abstractmethod
    def _asked(self, variables: str | list[str] | None) -> list[str]:
        """Names of what is asked for, all of it recorded."""

    @abstractmethod
    def _got(self, asked: list[str], reshape: bool, structured: bool) -> dict[str, Any]:
        """What was recorded, which stays; its intervals are those of the last ``get`` from now on."""

    @abstractmethod
    def _fetched(self, asked: list[str], reshape: bool, structured: bool) -> dict[str, Any]:
        """What was recorded, which stays."""

    @abstractmethod
    def _elements(self, asked: list[str]) -> tuple[Array, Array | None]:
        """Ranks of what is recorded, (n,) int64, of synapses of both ends, pre and post; for neurons None is second.

        Raises:
            InvalidArgument: if there are several variables, of other synapses each.
        """

    @abstractmethod
    def _drop(self, asked: list[str], how: str) -> None:
        """Drop what was recorded of some variables, which the method of that name has handed out."""

    @abstractmethod
    def _handed_out(self, name: str) -> tuple[str, str]:
        """Say what has handed out what was recorded of a variable, if no time has passed since, and what keeps it."""

    @abstractmethod
    def _say_if_handed_out(self, asked: list[str]) -> None:
        """Warn whoever takes nothing for what was recorded; see :meth:`_handed_out`."""

    @abstractmethod
    def _intervals_of_get(self, name: str) -> tuple[list[int], list[int]]:
        """Where those of the last ``get`` of a variable begin and end, in steps; if there was none, those of now."""

    @property
    def _dt_ms(self) -> float:
        return self._core.program.dt

    # -- statistics --------------------------------------------------------------------------------------

    def raster_plot(self, spikes: Any = None, *, keep: bool = False) -> tuple[Array, Array]:
        """Return the times of all spikes in ms and their ranks; see :func:`engram.raster_plot`."""
        return self._from("raster_plot", spikes, keep, counts.raster_plot, dt=self._dt_ms)

    def histogram(
        self,
        spikes: Any = None,
        bins: float | None = None,
        per_neuron: bool = False,
        recording_window: tuple[int, int] | None = None,
        *,
        keep: bool = False,
    ) -> Array:
        """Count spikes over time, in bins of so many ms; see :func:`engram.histogram`."""
        asked = (bins, per_neuron, recording_window, self._dt_ms)
        return self._from("histogram", spikes, keep, counts.histogram, *asked)

    def mean_fr(self, spikes: Any = None, *, keep: bool = False) -> float:
        """Return the mean firing rate in Hz over the recording and all recorded neurons; pauses don't count."""

        def mean(found: Spikes) -> float:
            return counts.mean_fr(found, self._duration(), self._dt_ms)

        return self._from("mean_fr", spikes, keep, mean)

    def smoothed_rate(self, spikes: Any = None, smooth: float = 0.0, *, keep: bool = False) -> Array:
        """Return the rate of each neuron in each step of the recording; see :func:`engram.smoothed_rate`."""

        def smoothed(found: Spikes) -> Array:
            window, parts = self._window(), self._recorded_in()
            return rates.smoothed_rate(found, smooth, self._dt_ms, window, recorded=parts)

        return self._from("smoothed_rate", spikes, keep, smoothed)

    def population_rate(self, spikes: Any = None, smooth: float = 0.0, *, keep: bool = False) -> Array:
        """Return the mean rate over the neurons, (steps + 1,); see :func:`engram.population_rate`."""

        def mean(found: Spikes) -> Array:
            return rates.population_rate(found, smooth, self._dt_ms, self._window())

        return self._from("population_rate", spikes, keep, mean)

    def inter_spike_interval(
        self, spikes: Any = None, ranks: Any = None, per_neuron: bool = False, *, keep: bool = False
    ) -> Any:
        """Return the intervals between spikes in ms; see :func:`engram.inter_spike_interval`."""
        return self._between(spikes, keep, intervals.inter_spike_interval, ranks, per_neuron)

    def coefficient_of_variation(
        self, spikes: Any = None, ranks: Any = None, per_neuron: bool = False, *, keep: bool = False
    ) -> Any:
        """Return how irregular each neuron's intervals are; see :func:`engram.coefficient_of_variation`."""
        return self._between(spikes, keep, intervals.coefficient_of_variation, ranks, per_neuron)

    def _from(self, how: str, given: Any, keep: bool, make: Callable[..., T], *args: Any, **named: Any) -> T:
        """Make something of spikes, and drop those that are fetched for it, once it is made, unless ``keep``.

        Args:
            how: the method that makes it.
        """
        if given is not None:
            return make(self._spikes(given), *args, **named)
        with self._core.program.lock:  # as ``between_steps``
            found = self._spikes(self._got(self._asked("spike"), reshape=True, structured=True)["spike"])
            made = make(found, *args, **named)
            self._say_if_handed_out(["spike"])
            if not keep:
                self._drop(["spike"], how)
        return made

    def _between(self, given: Any, keep: bool, make: Callable[..., Any], ranks: Any, per_neuron: bool) -> Any:
        dt_ms = self._dt_ms

        def between(found: Spikes) -> Any:
            if given is None:
                self._duration()
            return make(found, ranks, per_neuron, dt_ms, self._recorded_in())

        return self._from(make.__name__, given, keep, between)

    def _spikes(self, given: Any) -> Spikes:
        found = spikes_of(given, self._dt_ms)
        return found if found.is_complete else found.of(self.object.ranks)

    def _recorded_in(self) -> list[tuple[int, int]]:
        return list(zip(*self._intervals_of_get("spike"), strict=True))

    def _duration(self) -> int:
        steps = sum(stop - start for start, stop in self._recorded_in())
        if steps == 0:
            since, advice = self._handed_out("spike")
            advice = advice or "simulate before; each statistic takes the spikes out, unless called with keep=True."
            since = f" since {since}" if since else ""
            raise InvalidArgument(f"monitor {self.name!r} has recorded no step{since}\n  help: {advice}")
        return steps

    def _window(self) -> tuple[int, int]:
        self._duration()
        return min(start for start, _ in self._recorded_in()), max(stop for _, stop in self._recorded_in())

    # -- elsewhere ---------------------------------------------------------------------------------------

    @between_steps
    def save(
        self,
        filename: str | os.PathLike[str],
        variables: str | list[str] | None = None,
        keep: bool = False,
        reshape: bool = False,
        force_dict: bool = False,
    ) -> None:
        """Write what was recorded into a file of plain arrays, and drop it unless ``keep``, once it is written.

        Args:
            filename: ``.npy`` holds one variable, ``.npz`` and ``.h5`` or ``.hdf5`` (with h5py) any number, by name.
                Spikes are structured arrays of (time in ms, rank).
            variables, keep, reshape: as in :meth:`get`; of a projection always (time, synapses). Of a variable ``w`` of
                synapses that come and go there are also ``w.post`` and ``w.pre``, their ranks, but in ``.npy``.
            force_dict: write names though there is one variable; not into ``.npy``.
        """
        from engram.analysis.archives import write_arrays  # what most scripts never need

        asked = self._asked(variables)
        reshape = reshape and self._core.projection is None  # files hold no lists of arrays
        found = self.get(asked, keep=True, reshape=reshape, force_dict=True, structured=True)
        is_one = len(asked) == 1 and not force_dict
        if PurePath(filename).suffix.lower() != ".npy":
            found |= self._ends(asked)
        write_arrays(filename, found, is_one)
        if not keep:
            self._drop(asked, "save")

    def _ends(self, asked: list[str]) -> dict[str, Array]:
        """Ranks of both ends of synapses that come and go, by what they are called in files."""
        varying = [name for name in asked if names.pre_of(name) in beside_samples(self._core.whom, name)]
        ends = {name: columns_of(self._core, [name]) for name in varying}
        return {f"{name}.{side}": ends[name][side == "post"] for name in varying for side in ("post", "pre")}

    def to_dataframe(self, variables: str | list[str] | None = None, keep: bool = True) -> Any:
        """Return a ``pandas.DataFrame``: a row for each sample, or for each spike.

        Spikes have the columns ``time`` (ms) and ``rank``; a variable has a column for each rank, over ``time`` (ms),
        and several have columns (variable, rank).

        Of synapses (post, pre), ranks in the whole populations, stand for the rank: columns (variable, post, pre).

        Args:
            variables: one name, a list, or None for all; spikes alone.
            keep: what was recorded stays, so that tables can be made again.
        """
        from engram.analysis.tables import data_frame  # what most scripts never need

        return self._made("to_dataframe", data_frame, variables, keep)

    def to_xarray(self, variables: str | list[str] | None = None, keep: bool = True) -> Any:
        """Return an ``xarray.Dataset`` over ``time`` (ms) and ``rank``, of synapses ``synapse``, ``post``, ``pre``.

        Arguments as in :meth:`to_dataframe`.
        """
        from engram.analysis.tables import dataset  # as above

        return self._made("to_xarray", dataset, variables, keep)

    def to_neo(self, variables: str | list[str] | None = None, keep: bool = True) -> Any:
        """Return a ``neo.Block`` of spike trains and signals; arguments as in :meth:`to_dataframe`."""
        from engram.analysis.tables import neo_block  # as above

        return self._made("to_neo", neo_block, variables, keep)

    @between_steps
    def _made(self, how: str, make: Callable[[Recording], Any], variables: str | list[str] | None, keep: bool) -> Any:
        made = make(self.recording(variables))
        if not keep:
            self._drop(self._asked(variables), how)
        return made

    @between_steps
    def recording(self, variables: str | list[str] | None = None, keep: bool = True) -> Recording:
        """Return samples with the steps at which they were taken, and spikes; arguments as in :meth:`to_dataframe`."""
        asked = self._asked(variables)
        found = self._fetched(asked, reshape=self._core.projection is None, structured=True)
        spikes = {name: self._spikes(values) for name, values in found.items() if values.dtype.names is not None}
        samples = {
            name: Samples(self._core.sample_steps(name, len(values)), values)
            for name, values in found.items()
            if name not in spikes
        }
        (ranks, posts), first = self._elements(asked), [*spikes, *asked][:1]
        for name, each in samples.items():
            if self._core.projection is not None and each.values.shape[1:] not in ((), ranks.shape):
                what = f"{name!r} of monitor {self.name!r} has a value for each post neuron, and none for each synapse"
                raise InvalidArgument(f"{what}\n  help: ask for other variables, and get({name!r}) alone.")
        has_gaps = any(beside_samples(self._core.whom, name) for name in samples)
        intervals = [pair for name in first for pair in zip(*self._core.intervals(name), strict=True)]
        self._say_if_handed_out(asked)
        if not keep:
            self._drop(asked, "recording")
        return Recording(self.name, self._dt_ms, ranks, samples, spikes, intervals, posts, has_gaps)
