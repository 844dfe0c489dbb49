"""Populations as users hold them: neurons of one model (``eg.Population``, ``net.create``)."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls, warn
from engram.errors import InvalidArgument, NoSpikes
from engram.ir.spec import Attribute
from engram.models.definition import Neuron, as_definition
from engram.network.facts import NeuronFacts
from engram.network.giving_way import Action, Fact
from engram.network.grid import Grid
from engram.network.handle import Handle, one_for_all
from engram.network.implicit import implicit, network_or_implicit
from engram.network.values import Values
from engram.network.view import IndividualNeuron, PopulationView, ViewKinds, one_neuron, selected
from engram.persistence import files
from engram.program.creating import new_population
from engram.program.firing_rate import count_spikes, show_rate
from engram.program.histories import fit_histories, forget_history
from engram.program.neurons import Neurons
from engram.program.ranks import checked_rank, rank_at
from engram.program.readings import COPY, ReadArray, number
from engram.program.resetting import reset_neurons
from engram.program.rest import name_rest, set_rest
from engram.program.stopping import stop_rule
from engram.program.units import in_ms
from engram.state import names
from engram.telling import told

if TYPE_CHECKING:
    from engram.network.any_network import AnyNetwork
    from engram.storage.report import LoadReport

__all__ = ["READY_MADE", "Population"]

Array = npt.NDArray[Any]


REST = "pop.refractory = values sets all of them, pop[3].refractory = 1.0 those of some neurons."
READY_MADE: dict[str, type[Population]] = {}
"""Classes of populations with ready-made neurons, by the names of these; modules above fill it."""


def _refuse_population(given: Any, network: AnyNetwork | None) -> None:
    """Refuse a population, or a class of such, in place of a model."""
    kind = given if isinstance(given, type) else type(given)
    if not issubclass(kind, Population):
        return
    what = f"neuron must be an eg.Neuron, not {told(given)}"
    made = f"eg.{kind.__name__}(...)"
    advice = f"it has its neurons: {made if network is None else f'net.create({made})'}, without a geometry before it"
    if kind is Population:
        advice = "its model is pop.neuron_type" if given is not kind else "it is made of a model: eg.Neuron(...)"
    raise InvalidArgument(f"{what}\n  help: {advice}.")


@checked_calls
class Population(Grid, NeuronFacts, Handle):
    """Neurons of one model.

    ``net.create`` makes one. Attributes of its model are read and set by name, for all neurons or for some::

        pop = net.create((10, 20), neuron, name="pop")  # or 200
        pop.v = eg.Uniform(-70.0, -50.0)                # a draw for each
        pop[3:10].v = -65.0                             # a view: some of them
        pop.v[2, 3] = -60.0                             # one of them
        print(pop.v.mean(), pop[2, 3].v)

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

    _core: Neurons
    _needs: ClassVar[frozenset[str]] = frozenset()  # attributes that the neurons must have
    _views: ClassVar[ViewKinds] = ViewKinds()

    def __init__(
        self,
        geometry: int | tuple[int, ...],
        neuron: Neuron | type[Neuron],
        name: str | None = None,
        stop_condition: str | None = None,
        *,
        network: AnyNetwork | None = None,
    ) -> None:
        if isinstance(geometry, Neuron | type):
            what = f"the geometry must be a size or a shape, not {told(geometry)}"
            call = "eg.Population(100, neuron)" if network is None else "net.create(100, neuron)"
            raise InvalidArgument(f"{what}\n  help: the order is geometry, neuron: {call}.")
        _refuse_population(neuron, network)
        definition = as_definition(neuron, Neuron, "neuron")
        network = network_or_implicit(network, defines=True)
        self._check_names(definition)
        super().__init__(network, new_population(network._core, name, definition, geometry, stop_condition))
        network._populations[self.name] = self
        implicit.note(network, self)

    # -- neurons -----------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: Any) -> PopulationView:
        """Return some neurons: by rank, list or array of ranks, mask, slice, or coordinates and slices.

        A tuple of coordinates alone gives an :class:`IndividualNeuron`, whose attributes are numbers.
        """
        return selected(self, key)

    @Action
    def neuron(self, *coord: Any) -> IndividualNeuron:
        """Return one neuron: ``neuron(rank)``, ``neuron(row, column)`` or ``neuron((row, column))``."""
        at = coord[0] if len(coord) == 1 else coord
        is_place = isinstance(at, tuple | list)
        rank = rank_at(self.geometry, at, self._what) if is_place else checked_rank(self.size, at, self._what)
        return one_neuron(self, rank)

    @Fact
    def neurons(self) -> Iterator[IndividualNeuron]:
        """Go through the neurons."""
        return (one_neuron(self, rank) for rank in range(self.size))

    def __iter__(self) -> Iterator[IndividualNeuron]:
        return (one_neuron(self, rank) for rank in range(self.size))

    def __contains__(self, one: Any) -> bool:
        """Say whether a neuron or view is of this population, or a rank one of its ranks."""
        if isinstance(one, PopulationView):
            return one._population is self
        return isinstance(one, int | np.integer) and not isinstance(one, bool) and bool(0 <= one < self.size)

    # -- what the model says -----------------------------------------------------------------------------

    @Fact
    def max_delay(self) -> int:
        """The longest delay, in steps, with which something that the neurons emitted is read; 1 before compile."""
        return self._core.longest_delay

    # -- attributes --------------------------------------------------------------------------------------

    def _present(self, attribute: Attribute) -> Any:
        core = self._core
        if core.program.compiled:
            core.program.usable()
            value = core.value(attribute.name)
        elif attribute.is_table:
            value = core.rounded(attribute, core.given_value(attribute))
        else:
            value = core.initial_values()[attribute.name]
        if attribute.is_table:
            name = attribute.name
            advice = f"new = pop.{name}.copy(); new[...] = ...; pop.{name} = new."
            return ReadArray(value, f"entries of the table {name!r} are assigned all at once", advice)
        if attribute.locality == "global":
            return one_for_all(core, attribute.name, value)
        whole = value if value.shape == core.geometry else np.broadcast_to(value, core.geometry)
        return Values(core, attribute.name, whole, check=self._check_kept)

    @property
    def refractory(self) -> Any:
        """Refractory period in ms: a number if all neurons have the same, else (geometry); None if there is none."""
        if self._core.spec.refractory is None:
            return None
        if isinstance(self._core.spec.refractory, str):
            return self.get(self._core.spec.refractory)
        value, whose = self._core.refractory_now(), f"refractory of {self._what}"
        if isinstance(value, np.ndarray):
            return ReadArray(value, f"{whose} is read as a copy", REST)
        return number(value, whose, REST)

    @refractory.setter
    def refractory(self, value: Any) -> None:
        core = self._core
        if isinstance(value, str) and core.is_spiking and not core.program.compiled:
            name_rest(core, value)
        else:
            set_rest(core, value)

    def sum(self, target: str) -> Array:
        """Return the input of rate-coded neurons in the last step from projections with that target, (geometry).

        Where nothing arrives it is 0; a target that nothing could arrive from gives a warning.

        Raises:
            NotCompiled: before compile.
        """
        core = self._core
        core.program.needs_compile("sum()")
        core.program.usable()
        what = f"sum({target!r}) of {self._what} can only be read"
        if target in core.summed:
            return ReadArray(core.program.state.read(core.place(names.sum_of(target))), what, COPY)
        is_conducted = target in core.conducted
        advice = f"spikes arrive in {names.conductance(target)}." if is_conducted else _known(core.summed)
        warn(f"population {self.name!r} has no rate-coded input {target!r}: its sum is 0\n  help: {advice}")
        return ReadArray(np.zeros(core.geometry, core.dtype("float")), what, COPY)

    @property
    def spike(self) -> Array:
        """Ranks that spiked in the last step, ascending."""
        core = self._core
        if not core.is_spiking:
            raise NoSpikes(
                f"population {self.name!r} is rate-coded and has no spikes"
                "\n  help: its output is pop.r; net.monitor(pop, 'r') records it."
            )
        core.program.needs_compile("spike")
        ranks, counts = (core.value(f"{names.HISTORY}/{name}") for name in (names.RANK, names.COUNT))
        row = (core.program.state.step - 1) % len(counts)
        return ReadArray(ranks[row, : counts[row]].astype(np.int64), f"spike of {self._what} can only be read", COPY)

    # -- switched on and off -----------------------------------------------------------------------------

    @property
    def enabled(self) -> bool:
        """Whether the population takes part in the simulation."""
        return self._core.flag(names.ENABLED)

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
        core = self._core
        if core.program.compiled:
            core.program.usable()
        core.set_flag(names.ENABLED, on)
        if core.program.compiled and on and core.rate_window:  # spikes have left the window meanwhile
            show_rate(core)

    @Action
    def reset(self, attributes: Any = None) -> None:
        """Go back to the initial values, while the clock and everything else stays; spikes in flight are forgotten.

        Args:
            attributes: a name or a list of names: give only those their initial values, and forget nothing; by default
                (None, or -1) all.

        Raises:
            NotCompiled: before compile.
            UnknownAttribute: if the model has no such attribute.
        """
        reset_neurons(self._core, attributes)

    def clear(self) -> None:
        """Forget what the population has emitted and nobody has received yet, and the spikes that ``r`` counts.

        Of rate-coded neurons, projections with delays then read the present values as those of the past.

        Raises:
            NotCompiled: before compile.
        """
        self._core.program.needs_compile("clear()")
        self._core.program.usable()
        forget_history(self._core)

    @property
    def stop_condition(self) -> str | None:
        """When ``simulate_until`` may stop, as text; None if nothing was said. Can be given before compile."""
        return None if self._core.draft.stop is None else self._core.draft.stop.text

    @stop_condition.setter
    def stop_condition(self, text: str | None) -> None:
        self._core.program.not_compiled("change a stop condition")
        self._core.draft.stop = None if text is None else stop_rule(self._core, text)

    def compute_firing_rate(self, window: float) -> None:
        """Let ``r`` be the spikes of the last ``window`` ms, rounded to steps, in Hz, updated in every step.

        A population has one window: another one takes its place, with a warning. Of what was before that window only
        those spikes count that are still remembered.

        Raises:
            InvalidArgument: if the neurons are rate-coded or the window is shorter than a step.
        """
        core = self._core
        if not core.is_spiking:
            raise InvalidArgument(
                f"population {self.name!r} is rate-coded: it has no spikes to count"
                "\n  help: its output is pop.r, a rate already."
            )
        steps = core.window_steps(window, core.program.dt)
        decoding = next((p for p in core.outgoing if p.definition.name == "DecodingProjection"), None)
        if decoding is not None and core.draft.rate_window_ms not in (None, window):
            what = f"DecodingProjection {decoding.name!r} decodes {self.name!r} over {core.draft.rate_window_ms:g} ms"
            raise InvalidArgument(f"{what}, not {window:g}\n  help: give both the same window.")
        before, dt = core.rate_window, core.program.dt
        if before not in (0, steps):
            what = f"r of population {self.name!r} counts spikes over {in_ms(before, dt):g} ms"
            advice = "monitor.smoothed_rate(smooth=...) of recorded spikes gives other rates beside it."
            warn(f"{what}, and now over {in_ms(steps, dt):g} ms: there is one window\n  help: {advice}")
        if not core.program.compiled:
            core.draft.rate_window_ms = float(window)
            return
        core.program.usable()
        core.write(names.RATE_WINDOW, steps)
        try:
            fit_histories([core])
        except BaseException:  # no memory for so many steps
            core.write(names.RATE_WINDOW, before)
            raise
        count_spikes(core)

    def _check_kept(self, values: Mapping[str, Any]) -> None:
        """Refuse to assign attributes that the population keeps for itself, and values; see :class:`Input`."""

    def _made_in(self, network: AnyNetwork, name: str | None) -> Population:
        """Return a population of a network that begins as this one does; see :meth:`Network.create`.

        Raises:
            InvalidArgument: unless it is an input.
        """
        advice = f"net.create({self.geometry}, neuron) makes one of the same neurons."
        raise InvalidArgument(f"{self!r} belongs to a network already\n  help: {advice}")

    # -- files -------------------------------------------------------------------------------------------

    def save(self, file: str | os.PathLike[str]) -> Any:
        """Write the population alone; see :meth:`Network.save`. Keys in the file are the attribute names."""
        return files.save_one(self._core, file)

    def load(self, file: str | os.PathLike[str], *, only: str | Collection[str] | None = None) -> LoadReport:
        """Load what :meth:`save` wrote of this population or one like it, or what a network's file has of it.

        The network's clock, and spikes in flight, stay. If it was called otherwise, the report says so.

        Args:
            only: names of values, ``"v"`` or several; the rest stays as it is.
        """
        return files.load_one(self._network._keeper, self._core, file, only)


def _known(targets: list[str]) -> str:
    return f"it has {', '.join(map(repr, targets))}." if targets else "connect something to it first."
