"""Populations below their handles: sizes, what projections ask of them, and what they began with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.ir.spec import Attribute
from engram.models.definition import Neuron
from engram.program.component import Component
from engram.program.drafts import PopulationDraft
from engram.program.given import Given, Keyed
from engram.program.units import steps_rounded, warn_of_rest
from engram.program.values import reshaped
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.streams import Stream

if TYPE_CHECKING:
    from engram.ir.precision import Float
    from engram.program.program import Program
    from engram.program.synapses import Synapses

__all__ = ["Neurons"]

Array = npt.NDArray[Any]


class Neurons(Component):
    """The neurons of a population.

    Args:
        program: that they belong to.
        name: ``pop0``, ``pop1`` ... for None.
        definition: the model.
        geometry: the shape of local attributes.

    Attributes:
        longest_delay: with which something that they emitted is read, in steps.
        incoming, outgoing: projections, in order of creation.
    """

    section: ClassVar[Literal["populations"]] = "populations"
    draft: PopulationDraft
    definition: Neuron

    def __init__(self, program: Program, name: str | None, definition: Neuron, geometry: tuple[int, ...]) -> None:
        super().__init__(program, program.new_name(self.section, name), definition)
        self.geometry = geometry
        self.size = math.prod(geometry)
        self.draft = PopulationDraft()
        self.longest_delay = 1
        self.incoming: list[Synapses] = []
        self.outgoing: list[Synapses] = []

    def __repr__(self) -> str:
        sizes = " x ".join(map(str, self.geometry))
        return f"<Population {self.name!r}: {sizes} neuron{'s' * (self.size != 1)}{self.of_model}>"

    def draw_with_generators(self) -> None:
        """Draw what the model draws from generators of the user's own: now, once."""
        for attribute in self.spec.attributes:
            if isinstance(attribute.default, Distribution) and attribute.default.rng is not None:
                drawn = self.draw(attribute.default, self.shape(attribute))
                self.draft.values[attribute.name] = drawn.astype(self.exact(attribute.type))

    @property
    def is_spiking(self) -> bool:
        """Whether the neurons emit spikes."""
        return bool(self.spec.spiking)

    @property
    def real(self) -> Float:
        """The dtype of floats."""
        return self.program.config.precision.neurons

    def shape(self, attribute: Attribute) -> tuple[int, ...]:
        """The geometry, or () for what is one number; of a table that of one row, or of one entry."""
        one = () if attribute.locality == "global" else self.geometry
        return (1, *one) if attribute.is_table else one

    def is_sized(self, attribute: Attribute) -> bool:
        """Always: the size is known from the beginning."""
        return True

    def element(self, name: str, position: int) -> str:
        """Name a neuron."""
        return f"neuron {position}"

    def held(self, attribute: Attribute, value: Any, shape: tuple[int, ...], what: str) -> Array:
        """Return a value that the attribute can have; an array of other dimensions is read row by row."""
        return super().held(attribute, reshaped(value, shape, what), shape, what)

    # -- what others ask of it ---------------------------------------------------------------------------

    @property
    def inputs(self) -> set[str]:
        """Targets of the projections that arrive here."""
        return {target for projection in self.incoming for target in projection.targets}

    @property
    def summed(self) -> list[str]:
        """Targets of which what arrives is summed up anew in each step, for ``sum(target)``, sorted."""
        if not self.is_spiking:
            return sorted(self.inputs | set(self.spec.targets))
        read = {target for side, target in self.spec.sums if side == "own"}
        every = {t for p in self.incoming if not p.is_spiking for t in p.targets} if "" in read else set()
        return sorted((read | every) - {""})

    def input_of(self, target: str) -> str:
        """The slot that rates are added to: what is summed up for a target, or the conductance of spiking neurons."""
        is_summed = not self.is_spiking or target in self.summed
        return names.sum_of(target) if is_summed else names.conductance(target)

    @property
    def conducted(self) -> set[str]:
        """Targets that arrive at conductances: those of spikes, and of rates that no ``sum`` is made of."""
        if not self.is_spiking:
            return set()
        summed = self.summed
        return {t for p in self.incoming for t in p.targets if p.is_spiking or t not in summed}

    @property
    def delayed_variables(self) -> list[str]:
        """Variables that projections read, perhaps with a delay, sorted."""
        read: set[str] = set()
        for projection in self.outgoing:
            # even where the delay is one step: a file may bring longer ones
            read |= {*projection.spec.reads_pre, *(() if projection.is_spiking else ("r",))}  # r by the default psp
        return sorted(a.name for a in self.spec.attributes if a.is_variable and a.name in read)

    @property
    def reductions(self) -> list[tuple[str, str]]:
        """Numbers over the whole population that somebody reads: (operation, variable), sorted."""
        found = {(op, name) for side, op, name in self.spec.reductions if side == "own"}
        found |= set(self.draft.stop.reductions if self.draft.stop is not None else ())
        for which, projections in (("pre", self.outgoing), ("post", self.incoming)):
            found |= {(op, name) for p in projections for side, op, name in p.spec.reductions if side == which}
        return sorted(found)

    @property
    def emitted(self) -> tuple[str, ...]:
        """The lists of spikes and of axonal spikes, as names of slots."""
        if not self.is_spiking:
            return ()
        return (names.HISTORY, names.AXON) if self.spec.has_axon_spike else (names.HISTORY,)

    @property
    def spike_lists(self) -> tuple[str, ...]:
        """Paths of the lists of spikes and of axonal spikes."""
        return tuple(map(self.place, self.emitted))

    @property
    def pasts(self) -> list[str]:
        """Paths of what is remembered of the steps before."""
        lists = [f"{spikes}/{component}" for spikes in self.emitted for component in (names.COUNT, names.RANK)]
        return [self.place(name) for name in (*lists, *map(names.past, self.delayed_variables))]

    # -- what it began with ------------------------------------------------------------------------------

    def given_values(self) -> dict[str, Array]:
        """Initial values of all attributes but tables, () or geometry each, floats in float64."""
        known: dict[str, Array] = {}
        for attribute in self.spec.attributes:
            if attribute.is_table:
                continue
            value = self.default(attribute, known)
            if isinstance(value, Distribution):
                value = self.keyed(attribute, value, self.shape(attribute))
            known[attribute.name] = value.astype(self.exact(attribute.type), copy=False)
        return known

    def given_value(self, attribute: Attribute) -> Array:
        """Return a copy of the initial values of an attribute, or of the entries of a table, not rounded."""
        if attribute.is_table:
            entries = np.asarray(self.default(attribute, {}))
            return np.array(entries if entries.ndim else np.full(self.shape(attribute), entries), order="C")
        value: Array = self.given_values()[attribute.name].copy()
        return value

    def initial_values(self) -> dict[str, Array]:
        """Initial values of all attributes but tables, () or geometry each, as the network stores them."""
        return {name: self.rounded(self.attribute(name), value) for name, value in self.given_values().items()}

    def refractory_ms(self) -> Array:
        """The refractory periods that it began with, (geometry), where the model has a number for them."""
        given = self.draft.refractory_ms
        value = np.asarray(self.spec.refractory, np.float64) if given is None else given
        attribute = Attribute(names.REFRACTORY, 0.0, "local", "float", is_variable=False)
        if isinstance(value, Given):
            value = self._settled(value, attribute, {})
        elif isinstance(value, Distribution):
            value = self.keyed(attribute, value, self.geometry)
        return np.broadcast_to(value, self.geometry)

    def keyed(self, attribute: Attribute, distribution: Distribution, shape: tuple[int, ...]) -> Array:
        """Draw an initial value, or refractory periods, which have a stream of their own."""
        if attribute.name == names.REFRACTORY:
            return self.drawn_by(Keyed(distribution, Stream.REFRACTORY, 0), shape)
        return super().keyed(attribute, distribution, shape)

    def refractory_now(self) -> Any:
        """The refractory period in ms where the model has a number for it: one for all neurons if they agree, else an
        array (geometry).
        """
        value = self.value(names.REFRACTORY) if self.program.compiled else self.refractory_ms()
        if value.size and (value == value.flat[0]).all():
            return float(value.flat[0])
        return value.copy()

    # -- firing rates ------------------------------------------------------------------------------------

    @property
    def rate_window(self) -> int:
        """The window of firing rates in steps; 0 if none is computed."""
        if self.program.compiled:
            return int(self.value(names.RATE_WINDOW)) if self.is_spiking else 0
        return self.rate_window_at_start(self.program.dt)

    def rate_window_at_start(self, dt_ms: float) -> int:
        """The window in steps of ``dt_ms`` that was given before compile."""
        window = self.draft.rate_window_ms
        return 0 if window is None else steps_rounded(window, dt_ms, "window")

    def window_steps(self, window: float, dt_ms: float) -> int:
        """Return a window in steps of ``dt_ms``, at least one; warn if it is no whole number of them."""
        steps = steps_rounded(window, dt_ms, "window")
        if steps < 1:
            what = f"population {self.name!r}: a window of {window:g} ms is shorter than one step, {dt_ms:g} ms"
            advice = "rates are spikes in the last window, in Hz: take one in which some fall, such as 50.0."
            raise InvalidArgument(f"{what}\n  help: {advice}")
        warn_of_rest(window, steps, dt_ms, f"population {self.name!r}: window")
        return steps
