"""Monitors as users hold them: what is recorded while a network runs (``eg.Monitor``, ``net.monitor``).

What was recorded stands in the tree and is saved with it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from engram.analysis.forms import RECORD
from engram.analysis.spikes import by_time
from engram.callers import checked_calls, warn
from engram.errors import InvalidArgument
from engram.network.as_one import between_steps
from engram.network.dendrite import Dendrite
from engram.network.gone import shown_if_there
from engram.network.guessed import no_result, not_set
from engram.network.handle import handle_of
from engram.network.implicit import implicit, network_or_implicit
from engram.network.population import Population
from engram.network.projection import Projection
from engram.network.results import Results
from engram.network.view import PopulationView
from engram.program.building import add_recorder, record_more
from engram.program.drafts import MonitorDraft
from engram.program.recordable import events_and_sums, locality_of
from engram.program.recorder import Intervals, Recorder, copy_blocks
from engram.program.synapse_samples import columns_of, fields_of, synapse_samples
from engram.program.synapses import Synapses
from engram.program.unheard import has_no_rate, warn_of_silent_rate
from engram.program.units import in_ms
from engram.telling import told

if TYPE_CHECKING:
    from engram.network.any_network import AnyNetwork

__all__ = ["BOLD", "MONITORS", "Monitor"]

Array = npt.NDArray[Any]
FEW = 1 << 16  # events at a time
Recordable: TypeAlias = Population | PopulationView | Projection | Dendrite


@checked_calls
class Monitor(Results):
    """Records variables of a population, and its spikes; or variables of synapses.

    Args:
        obj: the population or a view of it, a projection, or a dendrite of one.
        variables: names of variables, ``[]`` for those that :meth:`start` will name; of populations also ``spike``,
            ``axon_spike``, ``sum(target)``; of a whole projection ``nb_synapses``.
        period: ms between samples of variables; every step by default, of which whole projections warn. Spikes are all
            recorded.
        period_offset: ms from the start of a period to its sample.
        start: begin to record at once.
        name: ``Monitor_<name of what is recorded>`` by default, numbered if there are several.
        network: that of the population or projection by default.

    Raises:
        InvalidArgument: if there is no such variable, or a period is no whole number of steps, 1 or more.
    """

    _needs_variables: ClassVar[bool] = True

    def __init__(
        self,
        obj: Recordable,
        variables: str | list[str] | tuple[str, ...] = "",
        period: float | None = None,
        period_offset: float | None = None,
        start: bool = True,
        name: str | None = None,
        *,
        network: AnyNetwork | None = None,
    ) -> None:
        implicit.refuse_waiting(network, obj)
        whole, ranks = _whole(obj)
        network = network_or_implicit(whole._network if network is None else network)
        if network is not whole._network:
            raise InvalidArgument(
                f"{whole._core.kind} {whole.name!r} belongs to another network"
                "\n  help: record it in its own: leave out network=, or call monitor() of that network."
            )
        if variables == "" and self._needs_variables:
            raise _nothing_named(obj, whole)
        named = _names(variables or ())
        draft = MonitorDraft(period, period_offset, bool(start))
        projection = whole._core if isinstance(whole, Projection) else None
        population = whole._core.post if isinstance(whole, Projection) else whole._core
        whom = (projection or population).path
        key = name if name is not None else (whom, None if ranks is None else ranks.tobytes(), named)
        before = network._made_in_cells.before(key, lambda one: network._monitors.get(one.name) is one)
        replaced = before._core if before else None
        with network._core.lock:  # the network may be simulated by another thread
            core = Recorder(network._core, name, population, ranks, named, draft, projection, replaced)
            if before:
                before.remove()
            add_recorder(core)
        is_of_all = isinstance(obj, Projection) and any(locality_of(obj._core, name) != "global" for name in named)
        if is_of_all and core.steps_at_start(network._core.dt)[0] == 1:
            what = f"monitor {core.name!r} records every synapse of projection {whole.name!r} at every step"
            warn(f"{what}\n  help: give it a period= in ms, or record some dendrites.")
        if network.compiled and "r" in named and has_no_rate(core.whom):  # else compile() says so
            warn_of_silent_rate(population, f"monitor {core.name!r}")
        self._hold(network, core, whole if isinstance(whole, Projection) else obj)
        network._made_in_cells.note(key, self)

    def _hold(self, network: AnyNetwork, core: Recorder, whom: Recordable) -> None:
        self._network, self._core, self._object = network, core, whom
        self._last: dict[str, Intervals] = {}  # of what the last ``get`` of each variable has brought
        self._has_told = False  # that it has recorded nothing
        self._forgotten: dict[str, tuple[int, str]] = {}  # in which step it was dropped, of each variable, and by what
        network._monitors[core.name] = self

    @property
    def variables(self) -> list[str]:
        """Names of what is recorded."""
        return list(self._core.variables)

    @property
    def period(self) -> float:
        """Ms between samples of variables."""
        return float(in_ms(self._core.rhythm[0], self._core.program.dt))

    @property
    def period_offset(self) -> float:
        """Ms from the start of a period to its sample."""
        return float(in_ms(self._core.rhythm[1], self._core.program.dt))

    @property
    def name(self) -> str:
        """The name by which files know the monitor."""
        return self._core.name

    def __reduce__(self) -> Any:
        return handle_of, (self._network, self._core.path)  # a handle is copied and pickled with its network

    @property
    def object(self) -> Recordable:
        """What is recorded: a population, a view, a projection or a dendrite."""
        if isinstance(self._object, Projection) and self._core.ranks is not None:
            return self._object.dendrite(int(self._core.ranks[0]))
        return self._object

    @property
    def _parts(self) -> list[Any]:
        """What of a network comes with the monitor where it is taken out of it."""
        return [self]

    @shown_if_there
    def __repr__(self) -> str:
        return repr(self._core)

    @shown_if_there
    def _repr_html_(self) -> str:
        from engram.explain.shown import shown  # which most scripts never need

        return shown(self._core, repr(self))

    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_":
            raise AttributeError(name)
        raise no_result(self, self._core, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name[:1] != "_":
            raise not_set(self, self._core, name)
        object.__setattr__(self, name, value)

    # -- recording ---------------------------------------------------------------------------------------

    @between_steps
    def start(self, variables: str | list[str] | tuple[str, ...] | None = None, period: float | None = None) -> None:
        """Begin to record.

        Args:
            variables: names; those that the monitor does not know yet are recorded beside the others from now on. All
                are switched together: for variables that are recorded at other times make another monitor.
            period: ms between samples from now on; only while nothing is recorded.

        Raises:
            EngramError: if there is no such variable, others would begin with those that are named, or there are
                samples of another period; nothing has changed.
        """
        core = self._core
        core.check_there()
        named = self._core.variables if variables is None else _names(variables)
        core.check_variables(named)
        others = [name for name in self.variables if name not in named]
        if others and not core.active:
            what = f"monitor {self.name!r} switches all variables together, {', '.join(others)} with {', '.join(named)}"
            advice = f"another one records them alone: net.monitor(..., {list(named)!r})."
            raise InvalidArgument(f"{what}\n  help: {advice}")
        if period is not None:
            core.change_period(period)
        more = tuple(name for name in named if name not in self.variables)
        if more:
            record_more(core, more)
        core.switch(True)

    @between_steps
    def resume(self) -> None:
        """Go on recording after :meth:`pause`."""
        self._core.switch(True)

    @between_steps
    def pause(self) -> None:
        """Stop recording; what was recorded stays."""
        self._core.switch(False)

    @between_steps
    def stop(self) -> None:
        """Stop recording and drop what was recorded."""
        self._core.switch(False)
        self.reset()

    @between_steps
    def reset(self) -> None:
        """Drop what was recorded."""
        self._has_told = True  # whoever drops it knows that it is gone
        if self._core.program.compiled:
            self._core.drop()

    @between_steps
    def remove(self) -> None:
        """Take the monitor out of its network, with what was recorded: it costs no time and no memory any more.

        Raises:
            InvalidArgument: if it was removed already.
        """
        self._core.check_there()
        self._core.program.remove_monitor(self._core)
        del self._network._monitors[self.name]

    # -- results -----------------------------------------------------------------------------------------

    @between_steps
    def get(
        self,
        variables: str | list[str] | None = None,
        keep: bool = False,
        reshape: bool = True,
        force_dict: bool = False,
        structured: bool = False,
    ) -> Any:
        """Return what was recorded, and drop it unless ``keep``.

        Args:
            variables: one name, a list, or None for all.
            keep: later samples are appended to these.
            reshape: ``(time, *geometry)`` instead of ``(time, n)``.
            force_dict: a dictionary though there is one variable.
            structured: spikes as one array of (time, rank) in the order of time, which is in ms.

        Returns:
            For a variable ``(time, *geometry)``, for a global one (time,); of a dendrite (time, synapses), by ascending
            pre rank; of a projection (time, dendrites) arrays of synapses, and one (time, synapses), dendrite by
            dendrite, unless ``reshape``; of what has a value for each post neuron (time, dendrites). Synapses that come
            and go are all that were there at some time, with NaN while one was not; of what has a value for each post
            neuron then all neurons. For ``spike`` and ``axon_spike`` a dictionary from each rank to its list of step
            numbers. A dictionary of them unless one variable is asked for by name.
        """
        asked = self._asked(variables)
        result = self._got(asked, reshape, structured)
        self._say_if_handed_out(asked)
        if not keep:
            self._drop(asked, "get")
        return result[asked[0]] if len(asked) == 1 and not force_dict and variables is not None else result

    def _got(self, asked: list[str], reshape: bool, structured: bool) -> dict[str, Any]:
        result = self._fetched(asked, reshape, structured)
        self._last |= {name: self._core.intervals(name) for name in asked}
        return result

    def _handed_out(self, name: str) -> tuple[str, str]:
        step, how = self._forgotten.get(name, (-1, ""))
        if step != self._core.program.state.step or not self._is_new(name):
            return "", ""
        or_so = f", or m[{name!r}], keeps" if how == "get" else " keeps"
        return (
            f"{how}() has handed out what was recorded of {name!r} and forgotten it",
            f"{how}(..., keep=True){or_so} it.",
        )

    def _say_if_handed_out(self, asked: list[str]) -> None:
        for what, advice in map(self._handed_out, asked):
            if what:
                warn(f"monitor {self.name!r}: {what}; since then no time has passed\n  help: {advice}")
                return
        is_off = not self._core.active
        if is_off:
            never = not any(name in self._forgotten or self._core.intervals(name)[0] for name in asked)
        else:
            never = self._core.program.state.step == 0
        if asked and never and not self._has_told:
            self._has_told = True
            advice = "monitor.start() lets it record." if is_off else "net.simulate(1000.0) comes before."
            warn(f"monitor {self.name!r} has recorded no step yet: what it gives is empty\n  help: {advice}")

    def _is_new(self, name: str) -> bool:
        """Whether no time has passed since a variable began to be recorded, or to be recorded anew."""
        starts, stops = self._core.intervals(name)
        return starts == stops

    def _fetched(self, asked: list[str], reshape: bool, structured: bool) -> dict[str, Any]:
        self._core.program.needs_compile(f"monitor {self.name!r}")
        self._core.program.usable()
        return {name: self._recorded(name, reshape, structured) for name in asked}

    def _asked(self, variables: str | list[str] | None) -> list[str]:
        asked = self.variables if variables is None else [variables] if isinstance(variables, str) else list(variables)
        for name in asked:
            if name not in self.variables:
                raise InvalidArgument(
                    f"monitor {self.name!r} does not record {name!r}\n  help: it records {', '.join(self.variables)}."
                )
        return asked

    def _drop(self, asked: list[str], how: str) -> None:
        now = self._core.program.state.step
        self._forgotten |= {name: (now, how) for name in asked if not self._is_new(name)}
        self._core.drop(tuple(asked))

    def __getitem__(self, name: str) -> Any:
        """Return what was recorded of a variable, and keep it."""
        return self.get(name, keep=True)

    def __contains__(self, name: Any) -> bool:
        """Say whether a variable is recorded."""
        return name in self.variables

    def __iter__(self) -> Iterator[str]:
        """Go through the names of what is recorded, as through the keys of a dictionary."""
        return iter(self.variables)

    def __len__(self) -> int:
        """Return how many variables are recorded."""
        return len(self._core.variables)

    def __bool__(self) -> bool:
        return True  # also of one that records nothing yet

    @between_steps
    def receptive_fields(self, variable: str = "w", keep: bool = True) -> Array:
        """Return what was recorded of synapses as a field of the pre population's geometry for each time.

        There is NaN where there was no synapse; several synapses of one pair are added up.

        Args:
            variable: that was recorded, with a value for each synapse.
            keep: what was recorded stays.

        Returns:
            ``(time, *geometry)`` of a dendrite, ``(time, post neurons, *geometry)`` of a projection.

        Raises:
            InvalidArgument: if it records neurons, or the variable has no value for each synapse.
        """
        (asked,) = self._asked(variable)
        projection = self._core.projection
        if projection is None or locality_of(projection, asked) != "local":
            what = f"{asked!r} of monitor {self.name!r} has no value for each synapse, and no receptive fields"
            raise InvalidArgument(f"{what}\n  help: get({asked!r}); net.monitor(proj.dendrite(0), 'w') records some.")
        self._core.program.needs_compile(f"monitor {self.name!r}")
        self._core.program.usable()
        fields = fields_of(self._core, asked)
        self._say_if_handed_out([asked])
        if not keep:
            self._drop([asked], "receptive_fields")
        return fields

    def times(self, variables: str | list[str] | None = None) -> dict[str, dict[str, list[int]]]:
        """Return when the last :meth:`get`'s samples were taken: ``{name: {"start": [steps], "stop": [steps]}}``."""
        found = {name: self._intervals_of_get(name) for name in self._asked(variables)}
        return {name: {"start": start, "stop": stop} for name, (start, stop) in found.items()}

    def _intervals_of_get(self, name: str) -> Intervals:
        return self._last[name] if name in self._last else self._core.intervals(name)

    def _recorded(self, name: str, reshape: bool, structured: bool) -> Any:
        if not self._core.is_event(name):
            if self._core.projection is not None:
                return self._of_synapses(name, self._core.projection, reshape)
            values = self._core.samples(name)
            return values if reshape or values.ndim == 1 else values.reshape(len(values), math.prod(values.shape[1:]))
        rank, step = self._core.events(name)
        if not structured:
            return by_time(step.copy(), rank.copy(), self.object.ranks).to_dict()
        events = np.empty(step.rows, RECORD)  # filled block by block: recordings may be half of what memory holds
        copy_blocks(rank, events["rank"])
        copy_blocks(step, events["time"])
        times = events["time"]
        for k in range(0, len(times), FEW):
            times[k : k + FEW] = in_ms(times[k : k + FEW], self._core.program.dt)
        return events

    def _of_synapses(self, name: str, projection: Synapses, reshape: bool) -> Any:
        found = synapse_samples(self._core, name)
        values, locality = found.values, locality_of(projection, name)
        if locality != "local" or found.post is None:
            return values[:, 0] if locality == "semiglobal" and self._core.ranks is not None else values
        if not reshape or self._core.ranks is not None:
            return values
        begins = np.flatnonzero(np.diff(found.post, prepend=-1)).tolist()
        dendrites = np.empty((len(values), len(begins)), object)
        for number, (low, high) in enumerate(itertools.pairwise([*begins, len(found.post)])):
            dendrites[:, number] = [*values[:, low:high]]
        return dendrites

    def _elements(self, asked: list[str]) -> tuple[Array, Array | None]:
        if self._core.projection is None:
            return np.asarray(self.object.ranks, np.int64), None
        return columns_of(self._core, asked)


BOLD = "BoldMonitor"
"""The model of the population that monitors of the BOLD signal make and record."""

MONITORS: dict[str, type[Monitor]] = {}
"""Classes of such monitors by that model's name; the module of each adds it."""


def _names(variables: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (variables,) if isinstance(variables, str) else tuple(variables)


def _nothing_named(obj: Recordable, whole: Population | Projection) -> InvalidArgument:
    """Return the error of a monitor that records nothing: what it could record."""
    core, kind = whole._core, "proj" if isinstance(whole, Projection) else "pop"
    known = [*events_and_sums(core), *core.variables]
    example = next((name for name in ("spike", "r", "w") if name in known), next(iter(known), "v"))
    advice = f"net.monitor({kind}, {example!r}{', period=10.0' if kind == 'proj' else ''}); "
    advice += f"{whole.name!r} has {', '.join(known)}; net.monitor({kind}, []) is given names by start()."
    return InvalidArgument(f"a monitor of {core.kind} {whole.name!r} that records nothing\n  help: {advice}")


def _whole(obj: Recordable | str) -> tuple[Population | Projection, Array | None]:
    """Return the population or projection of which something is to be recorded, and ranks if it is not all of it."""
    if isinstance(obj, PopulationView):
        return obj._population, obj._ranks.copy()
    if isinstance(obj, Dendrite):
        pre = obj._pre._population if isinstance(obj._pre, PopulationView) else obj._pre
        return pre._network._projections[obj._core.name], np.array([obj._post])
    if isinstance(obj, Population | Projection):
        return obj, None
    advice = "what is recorded comes first: net.monitor(pop, 'v'), net.monitor(proj, 'w', period=10.0)."
    if isinstance(obj, str):
        advice = f"net[{obj!r}] is what the network has of that name: net.monitor(net[{obj!r}], 'v')."
    raise InvalidArgument(
        f"expected a population, a view, a projection or a dendrite to record, got {told(obj)}\n  help: {advice}"
    )
