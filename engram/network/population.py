"""Populations: neurons of one model.

Called by users (``eg.Population``, ``net.create``). A population says which slots it needs; ``network/compiling.py``
allocates them, and the attributes are views of them afterwards.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.ir.spec import Attribute
from engram.models.definition import Neuron
from engram.network import files
from engram.network.drafts import PopulationDraft
from engram.network.firing_rate import count_spikes, show_rate
from engram.network.given import Given, Keyed, with_some
from engram.network.histories import fit_histories, forget_history
from engram.network.implicit import network_or_implicit
from engram.network.owner import Owner, as_definition
from engram.network.population_slots import population_slots
from engram.network.step_size import caution
from engram.network.stopping import stop_rule
from engram.network.units import steps_rounded, warn_of_rest
from engram.network.values import Values, as_values
from engram.network.view import PopulationView, selected
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.slots import Slot
from engram.state.streams import Stream

if TYPE_CHECKING:
    from engram.ir.precision import Float
    from engram.network.network import Network
    from engram.network.projection import Projection
    from engram.storage.report import LoadReport

__all__ = ["Population"]

Array = npt.NDArray[Any]


@checked_calls
class Population(Owner):
    """Neurons of one model.

    Args:
        geometry: number of neurons, or a tuple (rows, columns, ...) of them; ranks are in C order.
        neuron: the model.
        name: ``pop0``, ``pop1`` ... by default.
        stop_condition: when ``simulate_until`` may stop: ``r > 5.0 : any`` (or ``: all``), ``spiked: any``.
        network: that the population belongs to; the implicit one by default.

    Raises:
        InvalidArgument: if the geometry is no size, or the name is taken.
        LanguageError: if the text of the condition is wrong.
    """

    _section: ClassVar[Literal["populations"]] = "populations"
    _draft: PopulationDraft
    _fields: ClassVar[frozenset[str]] = frozenset({"refractory", "stop_condition"})

    def __init__(
        self,
        geometry: int | tuple[int, ...],
        neuron: Neuron | type[Neuron],
        name: str | None = None,
        stop_condition: str | None = None,
        *,
        network: Network | None = None,
    ) -> None:
        definition = as_definition(neuron, Neuron, "neuron")
        self._geometry = _checked_geometry(geometry)
        network = network_or_implicit(network)
        super().__init__(network, network._new_name(self._section, name), definition)
        self._draft = PopulationDraft()
        self._longest_delay = 1
        self._incoming: list[Projection] = []
        self._outgoing: list[Projection] = []
        if stop_condition is not None:
            self._draft.stop = stop_rule(self, stop_condition)
        for attribute in self._spec.attributes:
            if isinstance(attribute.default, Distribution) and attribute.default.rng is not None:
                drawn = self._draw(attribute.default, self._shape(attribute))  # now, once
                self._draft.values[attribute.name] = drawn.astype(self._exact(attribute.type))
        network._add_population(self)

    # -- size --------------------------------------------------------------------------------------------

    @property
    def geometry(self) -> tuple[int, ...]:
        """The shape of local attributes."""
        return self._geometry

    @property
    def size(self) -> int:
        """Number of neurons."""
        return math.prod(self._geometry)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: Any) -> PopulationView:
        """Return some neurons: by rank, list or array of ranks, slice, or coordinates and slices."""
        return selected(self, key)

    def __iter__(self) -> Iterator[PopulationView]:
        """Yield every neuron as a view."""
        return (selected(self, rank) for rank in range(self.size))

    @property
    def ranks(self) -> Array:
        """The ranks of the neurons, (size,) int32."""
        return np.arange(self.size, dtype=np.int32)

    @property
    def neuron_type(self) -> Neuron:
        """The model."""
        return self._definition  # type: ignore[return-value]  # the constructor checked it

    @property
    def targets(self) -> list[str]:
        """Names of the inputs that the equations read."""
        return list(self._spec.targets)

    @property
    def _inputs(self) -> set[str]:
        """Targets of the projections that arrive here."""
        return {target for projection in self._incoming for target in projection._targets}

    @property
    def _delayed_variables(self) -> list[str]:
        """Variables that projections read, perhaps with a delay, sorted."""
        read: set[str] = set()
        for projection in self._outgoing:
            # even where the delay is one step: a file may bring longer ones
            read |= {*projection._spec.reads_pre, *(() if projection.is_spiking else ("r",))}  # r by the default psp
        return sorted(a.name for a in self._spec.attributes if a.is_variable and a.name in read)

    @property
    def _reductions(self) -> list[tuple[str, str]]:
        """Numbers over the whole population that somebody reads: (operation, variable), sorted."""
        found = {(op, name) for side, op, name in self._spec.reductions if side == "own"}
        found |= set(self._draft.stop.reductions if self._draft.stop is not None else ())
        for which, projections in (("pre", self._outgoing), ("post", self._incoming)):
            found |= {(op, name) for p in projections for side, op, name in p._spec.reductions if side == which}
        return sorted(found)

    @property
    def _emitted(self) -> tuple[str, ...]:
        """The lists of spikes and of axonal spikes, as names of slots."""
        if not self.is_spiking:
            return ()
        return (names.HISTORY, names.AXON) if self._spec.has_axon_spike else (names.HISTORY,)

    @property
    def _real(self) -> Float:
        return self._network._config.precision.neurons

    @property
    def is_spiking(self) -> bool:
        """Whether the neurons emit spikes."""
        return bool(self._spec.spiking)

    def __repr__(self) -> str:
        return f"<Population {self.name!r}: {self.size} neurons>"

    # -- attributes --------------------------------------------------------------------------------------

    def _shape(self, attribute: Attribute) -> tuple[int, ...]:
        return () if attribute.locality == "global" else self._geometry

    def _present(self, attribute: Attribute) -> Any:
        if self._network._compiled:
            self._network._usable()
            value = self._value(attribute.name)
        else:
            value = self._initial_values()[attribute.name]
        if attribute.locality == "global":
            return value.item()
        whole = value if value.shape == self._geometry else np.broadcast_to(value, self._geometry)
        return Values(self, attribute.name, whole)

    def _is_sized(self, attribute: Attribute) -> bool:
        return True

    def _copied(self, name: str) -> Any:
        if self._spec.attribute(name) is None:
            raise self._unknown(name)
        return self._given_values()[name].copy()

    def _assign(self, attribute: Attribute, value: Array | Distribution | Given) -> None:
        network = self._network
        if not network.compiled:
            self._draft.values[attribute.name] = value  # a distribution is drawn with the seed that compile finds
            return
        network._usable()
        self._write(attribute.name, value)

    def _drawn_now(self, attribute: Attribute, distribution: Distribution) -> Array:
        return self._draw(distribution, self._shape(attribute))

    def _element(self, name: str, position: int) -> str:
        return f"neuron {position}"

    def _checked_some(self, name: str, ranks: Array, value: Any) -> Array | Keyed:
        """Return what some neurons are assigned, in the shape of ``ranks`` or as one number; compile draws the rest.

        Raises:
            UnknownAttribute: if the model has no such attribute.
            InvalidArgument: if it is one for all neurons, or the value has the wrong shape or type, or is not allowed.
        """
        attribute = self._spec.attribute(name)
        if attribute is None:
            raise self._unknown(name)
        if attribute.locality == "global":
            raise InvalidArgument(f"{name!r} is one number for population {self.name!r}: assign it there")
        whom = f"neuron {int(ranks.flat[0])}" if ranks.size == 1 else f"{ranks.size} neurons"
        what = f"{self._place(name)} of {whom}"
        if isinstance(value, Distribution):
            if not self._network.compiled and value.rng is None:
                return Keyed(value, Stream.ATTRIBUTE, self._network._next_draw())
            value = self._draw(value, np.shape(ranks))
        values = self._held(attribute, value, np.shape(ranks), what)
        self._check_limit(name, values, ranks)
        return values

    def _assign_some(self, name: str, ranks: Array, values: Array | Keyed) -> None:
        """Give some neurons other values of an attribute."""
        if self._network.compiled:
            self._network._usable()
            self._network._state.write(self._place(name), values, ranks)
            return
        before, attribute = self._draft.values.get(name), self._spec.attribute(name)
        if before is None and attribute is not None and not isinstance(attribute.default, str | Distribution):
            before = np.asarray(attribute.default, self._exact(attribute.type))
        self._draft.values[name] = with_some(before, ranks, values, self._geometry)

    def _set_some(self, name: str, ranks: Array, value: Any) -> Array:
        """Set an attribute of some neurons, or nothing if the value is wrong; return the values that they have now."""
        with self._network._all_draws_or_none((value,)):
            values = self._checked_some(name, ranks, value)
            caution(self, {name: values}, lambda _: ranks)
        self._assign_some(name, ranks, values)
        return values.draw(self, np.shape(ranks)) if isinstance(values, Keyed) else values

    def _given_values(self) -> dict[str, Array]:
        """Initial values of all attributes, () or geometry each, floats in float64."""
        known: dict[str, Array] = {}
        for attribute in self._spec.attributes:
            value = self._default(attribute, known)
            if isinstance(value, Distribution):
                value = self._keyed(attribute, value, self._shape(attribute))
            known[attribute.name] = value.astype(self._exact(attribute.type), copy=False)
        return known

    def _initial_values(self) -> dict[str, Array]:
        """Initial values of all attributes, () or geometry each, as the network stores them."""
        given = self._given_values()
        return {a.name: self._rounded(a, given[a.name]) for a in self._spec.attributes}

    @property
    def refractory(self) -> Any:
        """Refractory period in ms: a number if all neurons have the same, else (geometry); None if there is none."""
        if self._spec.refractory is None:
            return None
        if isinstance(self._spec.refractory, str):
            return self.get(self._spec.refractory)
        value = self._value(names.REFRACTORY) if self._network.compiled else self._refractory_ms()
        return float(value.flat[0]) if value.size and (value == value.flat[0]).all() else value.copy()

    @refractory.setter
    def refractory(self, value: Any) -> None:
        self._set_refractory(value)

    def _set_refractory(self, value: Any) -> None:
        attribute, title = self._spec.refractory, f"population {self.name!r}: the refractory period is"
        if attribute is None:
            raise InvalidArgument(f"{title} not part of the model\n  help: give refractory=... to the Neuron.")
        if isinstance(attribute, str):
            raise InvalidArgument(f"{title} the attribute {attribute!r}\n  help: set that: pop.{attribute} = ...")
        what = self._place(names.REFRACTORY)
        checked = as_values(value, np.dtype(np.float64), self._geometry, what)
        if (checked < 0).any() or np.isnan(checked).any():
            raise InvalidArgument(f"{what}: expected ms, 0 or more, got {value!r:.60}")
        if self._network.compiled:
            self._write(names.REFRACTORY, checked)
        else:
            self._draft.refractory_ms = checked

    def _refractory_ms(self) -> Array:
        given = self._draft.refractory_ms
        value = np.asarray(self._spec.refractory, np.float64) if given is None else given
        return np.broadcast_to(value, self._geometry)

    def sum(self, target: str) -> Array:
        """Return the input of rate-coded neurons in the last step from projections with that target, (geometry)."""
        path = self._place(names.sum_of(target))
        if path not in self._network._state:
            raise InvalidArgument(f"population {self.name!r} has no rate-coded input {target!r}")
        return self._network._state.read(path)

    @property
    def spike(self) -> Array:
        """Ranks that spiked in the last step, ascending."""
        if not self.is_spiking:
            raise InvalidArgument(f"population {self.name!r} is rate-coded and has no spikes")
        self._network._needs_compile("spike")
        ranks, counts = (self._value(f"{names.HISTORY}/{name}") for name in (names.RANK, names.COUNT))
        row = (self._network._state.step - 1) % len(counts)
        return ranks[row, : counts[row]].astype(np.int64)

    # -- switched on and off -----------------------------------------------------------------------------

    @property
    def enabled(self) -> bool:
        """Whether the population takes part in the simulation."""
        return bool(self._value(names.ENABLED)) if self._network.compiled else self._draft.enabled

    def enable(self) -> None:
        """Let the population take part in the simulation again; see :meth:`disable`."""
        self._switch(True)

    def disable(self) -> None:
        """Leave the population out of the simulation until :meth:`enable`; saved and resumed.

        Its variables, its inputs and ``r`` stay as they are, and it emits no spikes; what it emitted before arrives
        when it is due, once. What arrives here is lost, and synapses that end here rest. Monitors go on.
        """
        self._switch(False)

    def _switch(self, on: bool) -> None:
        network = self._network
        if not network.compiled:
            self._draft.enabled = on
            return
        network._usable()
        self._write(names.ENABLED, on)
        if on and self._rate_window:  # spikes have left the window meanwhile
            show_rate(self)

    def clear(self) -> None:
        """Forget what the population has emitted and nobody has received yet, and the spikes that ``r`` counts.

        Of rate-coded neurons, projections with delays then read the present values as those of the past.

        Raises:
            NotCompiled: before compile.
        """
        self._network._needs_compile("clear()")
        self._network._usable()
        forget_history(self)

    @property
    def stop_condition(self) -> str | None:
        """When ``simulate_until`` may stop, as text; None if nothing was said. Can be given before compile."""
        return None if self._draft.stop is None else self._draft.stop.text

    @stop_condition.setter
    def stop_condition(self, text: str | None) -> None:
        self._network._not_compiled("change a stop condition")
        self._draft.stop = None if text is None else stop_rule(self, text)

    # -- slots -------------------------------------------------------------------------------------------

    def _slots(self) -> Iterator[Slot]:
        return population_slots(self)

    @property
    def _pasts(self) -> list[str]:
        """Paths of what is remembered of the steps before."""
        lists = [f"{spikes}/{part}" for spikes in self._emitted for part in (names.COUNT, names.RANK)]
        return [self._place(name) for name in (*lists, *map(names.past, self._delayed_variables))]

    def _spike_lists(self) -> tuple[str, ...]:
        """Paths of the lists of spikes and of axonal spikes."""
        return tuple(map(self._place, self._emitted))

    def compute_firing_rate(self, window: float) -> None:
        """Let ``r`` be the spikes of the last ``window`` ms, rounded to steps, in Hz, updated in every step.

        Raises:
            InvalidArgument: if the neurons are rate-coded or the window is shorter than a step.
        """
        if not self.is_spiking:
            raise InvalidArgument(f"population {self.name!r} is rate-coded: it has no spikes to count")
        steps = self._window_steps(window, self._network.dt)
        if not self._network.compiled:
            self._draft.rate_window_ms = float(window)
            return
        self._network._usable()
        before = self._rate_window
        self._write(names.RATE_WINDOW, steps)
        try:
            fit_histories([self])
        except BaseException:  # no memory for so many steps
            self._write(names.RATE_WINDOW, before)
            raise
        count_spikes(self)
        self._network._derived.reschedule(self)

    @property
    def _rate_window(self) -> int:
        """The window of firing rates in steps; 0 if none is computed."""
        if self._network.compiled:
            return int(self._value(names.RATE_WINDOW)) if self.is_spiking else 0
        return self._rate_window_at_start(self._network.dt)

    def _rate_window_at_start(self, dt_ms: float) -> int:
        """The window in steps of ``dt_ms`` that was given before compile."""
        window = self._draft.rate_window_ms
        return 0 if window is None else steps_rounded(window, dt_ms, "window")

    def _window_steps(self, window: float, dt_ms: float) -> int:
        """Return a window in steps of ``dt_ms``, at least one; warn if it is no whole number of them."""
        steps = steps_rounded(window, dt_ms, "window")
        if steps < 1:
            raise InvalidArgument(f"population {self.name!r}: a window of {window:g} ms is shorter than one step")
        warn_of_rest(window, steps, dt_ms, f"population {self.name!r}: window")
        return steps

    def _check_times(self, dt_ms: float) -> None:
        """Refuse a step that does not fit what was given in ms; warn of what it rounds."""
        if self._draft.rate_window_ms is not None:
            self._window_steps(self._draft.rate_window_ms, dt_ms)

    # -- files -------------------------------------------------------------------------------------------

    def save(self, file: str | os.PathLike[str]) -> Any:
        """Write the population alone; see :meth:`Network.save`. Keys in the file are the attribute names."""
        return files.save_one(self._network, self, file)

    def load(self, file: str | os.PathLike[str]) -> LoadReport:
        """Load what :meth:`save` wrote. The network's clock, and spikes in flight, stay."""
        return files.load_one(self._network, self, file)


def _checked_geometry(geometry: Any) -> tuple[int, ...]:
    sizes = geometry if isinstance(geometry, tuple | list) else (geometry,)
    if not sizes or any(isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1 for n in sizes):
        raise InvalidArgument(f"geometry must be a whole number or a tuple of them, 1 or more each, not {geometry!r}")
    if int(np.prod([int(n) for n in sizes], dtype=np.float64)) >= 2**32:
        raise InvalidArgument(f"a population has at most 2^32 - 1 neurons, geometry {geometry!r} has more")
    return tuple(int(n) for n in sizes)
