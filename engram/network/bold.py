"""Monitors of the BOLD signal as users hold them: what imaging would see of the activity of populations.

A :class:`BoldMonitor` is a population of its own, which has the equations of a model (``models/bold.py``), projections
that bring the means of the recorded populations, and a monitor of that population. All three are saved and resumed
like any others; which monitors are such ones, their population's model says.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from engram.callers import checked_calls
from engram.models.definition import Synapse
from engram.network.bold_asked import (
    Source,
    model_of,
    numbers_of,
    refuse,
    regions_of,
    sources_of,
    variables_of,
    whole_of,
)
from engram.network.gone import shown_if_there
from engram.network.implicit import implicit, network_or_implicit
from engram.network.monitor import BOLD, MONITORS, Monitor
from engram.network.population import Population
from engram.network.view import PopulationView

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["BoldMonitor"]


@checked_calls
class BoldMonitor(Monitor):
    """Records the BOLD signal of some populations, which are one region.

    It computes nothing until :meth:`start`: then each step averages a variable over each population, and the model
    reads the weighted sum of these means as its input, one step later, as other inputs do.

    Args:
        populations: one, or a list; rate-coded or spiking, whole or views.
        bold_model: an instance or class; :class:`engram.balloon_RN` by default.
        mapping: which variable of the populations is which input of the model; ``{"I_CBF": "r"}`` by default. Spiking
            populations need :meth:`Population.compute_firing_rate` for ``r``.
        scale_factor: weight of each population, a number or a list; by default its share of all neurons.
        normalize_input: for how many ms from the start on the mean ``base`` of a population is measured, a number or a
            list; the input is 0 meanwhile, and ``(x - base)/base`` afterwards. None or 0: the input is ``x``.
        recorded_variables: names of variables of the model beside its output, which is always recorded.
        start: begin at once.
        name: of the monitor and of its population; ``BoldMonitor0`` ... by default.
        network: that of the populations by default.

    Raises:
        InvalidArgument: if an argument can't be, or the network is compiled; nothing was made.

    Example::

        bold = net.boldmonitor([exc, inh], normalize_input=2000.0, recorded_variables="I_CBF")
        net.compile()
        net.simulate(1000.0)
        bold.start()
        net.simulate(20000.0)
        signal = bold.get("BOLD")  # (time, 1)
    """

    def __init__(
        self,
        populations: Any,
        bold_model: Any = None,
        mapping: dict[str, Any] | None = None,
        scale_factor: Any = None,
        normalize_input: Any = None,
        recorded_variables: str | list[str] | tuple[str, ...] | None = None,
        start: bool = False,
        name: str | None = None,
        *,
        network: Network | None = None,
    ) -> None:
        sources = sources_of(populations)
        share = 1.0 / sum(one.size for one in sources)
        scales = numbers_of(scale_factor, len(sources), "scale_factor", "a number", -np.inf)
        self._begin(
            sources,
            network,
            bold_model,
            mapping,
            scales or [one.size * share for one in sources],
            numbers_of(normalize_input, len(sources), "normalize_input", "ms, 0 or more", 0.0),
            recorded_variables,
            start,
            name,
        )

    @classmethod
    def of_slices(
        cls,
        population: Population,
        slices: Any,
        bold_model: Any = None,
        mapping: dict[str, Any] | None = None,
        normalize_input: Any = 0,
        recorded_variables: str | list[str] | tuple[str, ...] | None = None,
        start: bool = False,
        name: str | None = None,
        *,
        network: Network | None = None,
    ) -> BoldMonitor:
        """Return a monitor of several regions, which are parts of one population; see :class:`BoldMonitor`.

        Args:
            population: the whole.
            slices: for each region a list of ranks, or a view; ``get`` returns (time, regions).
            bold_model, mapping, normalize_input, recorded_variables, start, name, network: as of :class:`BoldMonitor`.

        Raises:
            InvalidArgument: if there is no slice, or a slice has no neurons or some of another population.
        """
        (whole,) = sources_of([population])
        views = regions_of(whole, slices)
        new = cls.__new__(cls)
        windows = numbers_of(normalize_input, 1, "normalize_input", "ms, 0 or more", 0.0)
        new._begin([whole], network, bold_model, mapping, [1.0], windows, recorded_variables, start, name, views)
        return new

    def _begin(
        self,
        sources: list[Source],
        network: Network | None,
        bold_model: Any,
        mapping: dict[str, Any] | None,
        scales: list[float],
        windows_ms: list[float],
        recorded: str | list[str] | tuple[str, ...] | None,
        start: bool,
        name: str | None,
        regions: list[PopulationView] | None = None,
    ) -> None:
        """Make the population, its inputs and the monitor, once all is known to be right."""
        model, signals = model_of(bold_model), import_module("engram.models.bold_signals")
        implicit.refuse_waiting(network, *sources)
        net: Any = network_or_implicit(whole_of(sources[0])._network if network is None else network)
        read = variables_of(model, {"I_CBF": "r"} if mapping is None else mapping, sources)
        names = [recorded] if isinstance(recorded, str) else list(recorded or ())
        variables = tuple(dict.fromkeys([*model.output, *names]))
        neuron = signals.recording(model, scales, windows_ms or [0.0] * len(sources), BOLD)
        refuse(sources, net, neuron, variables, windows_ms)
        if name is None:
            name = next(new for k in range(len(net._populations) + 1) if (new := f"{BOLD}{k}") not in net)
        net._core.monitor_name(name, "")  # which must be right before anything is made
        population = net.create(1 if regions is None else len(regions), neuron, name=name)
        for target, variable in read.items():
            for number, source in enumerate(sources):
                to = signals.signal_target(target, number)
                _bring(net, source, population, variable, to, regions)
        if not start:
            population.disable()
        Monitor.__init__(self, population, variables, start=start, name=name, network=net)

    @property
    def population(self) -> Population:
        """The population that has the equations: one neuron for each region; its parameters can be set."""
        made: Population = self._network._populations[self._core.population.name]
        return made

    @property
    def _parts(self) -> list[Any]:
        network: Any = self._network
        return [self.population, *network.get_projections(post=self.population, suppress_error=True), self]

    @shown_if_there
    def __repr__(self) -> str:
        return f"<{BOLD} {self.name!r}: {', '.join(self.variables)}>"

    def start(self, variables: str | list[str] | tuple[str, ...] | None = None, period: float | None = None) -> None:
        """Begin to compute and to record, or go on after :meth:`stop`; see :meth:`Monitor.start`."""
        super().start(variables, period)
        self.population.enable()

    def resume(self) -> None:
        """Go on, after :meth:`pause` or :meth:`stop`."""
        super().resume()
        self.population.enable()

    def stop(self) -> None:
        """Stop computing and recording; what was recorded stays until :meth:`get` or :meth:`reset`."""
        self.pause()
        self.population.disable()


def _bring(
    network: Network,
    source: Source,
    population: Population,
    variable: str,
    target: str,
    regions: list[PopulationView] | None,
) -> None:
    """Let the mean of a variable, over all or over each region, arrive at a target."""
    synapse = Synapse(psp=f"pre.{variable}", operation="mean", name="BoldInput", description="A mean.")
    projection = network.connect(source, population, target, synapse, f"{population.name}_{target}")
    if regions is None:
        projection.all_to_all(1.0)
        return
    pre = np.concatenate([one.ranks for one in regions])
    post = np.repeat(np.arange(len(regions)), [one.size for one in regions])
    projection.connect_from((pre, post, np.ones(len(pre))))


MONITORS[BOLD] = BoldMonitor
