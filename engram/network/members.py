"""Populations, projections and monitors of a network, found by name. For :class:`Network`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.network.any_network import AnyNetwork, found
from engram.network.handle import is_among
from engram.network.monitor import Monitor
from engram.network.population import Population
from engram.network.projection import Projection
from engram.network.view import PopulationView
from engram.network.weights import set_weights
from engram.state.spelling import spelled
from engram.telling import told

if TYPE_CHECKING:
    from engram.program.neurons import Neurons
    from engram.program.synapses import Synapses

__all__ = ["Members"]


@checked_calls
class Members(AnyNetwork):
    """A network that knows its objects by name; see :class:`engram.Network`."""

    _populations: dict[str, Population]
    _projections: dict[str, Projection]
    _monitors: dict[str, Monitor]

    def __contains__(self, one: Any) -> bool:
        """Say whether a population, projection or monitor is of this network, or has that name here."""
        kinds = (self._populations, self._projections, self._monitors)
        return any(one in known if isinstance(one, str) else is_among(known, one) for known in kinds)

    def __iter__(self) -> Iterator[Population]:
        """Go through the populations in the order of their creation."""
        return iter(self.get_populations())

    def __len__(self) -> int:
        """Return the number of populations."""
        return len(self._populations)

    def __bool__(self) -> bool:
        return True  # also without populations

    def __getitem__(self, name: str) -> Any:
        """Return the population, projection or monitor of that name.

        Raises:
            InvalidArgument: if there is none, or there are several, of different kinds.
        """
        kinds: dict[str, dict[str, Any]] = {
            "population": self._populations,
            "projection": self._projections,
            "monitor": self._monitors,
        }
        asked = spelled(name, "the name of an object")
        having = [kind for kind, known in kinds.items() if asked in known]
        if len(having) > 1:
            advice = " or ".join(f"get_{kind}({name!r})" for kind in having)
            raise InvalidArgument(f"there are a {' and a '.join(having)} {name!r}\n  help: {advice} says which.")
        known = {name: one for some in kinds.values() for name, one in some.items()}
        return found(known, name, "population, projection or monitor")

    def get_monitor(self, name: str) -> Monitor:
        """Return a monitor by name."""
        return found(self._monitors, name, "monitor")

    def get_population(self, name: str) -> Population:
        """Return a population by name."""
        return found(self._populations, name, "population")

    def get_projection(self, name: str) -> Projection:
        """Return a projection by name."""
        return found(self._projections, name, "projection")

    def get_monitors(self) -> list[Monitor]:
        """Return all monitors in the order of their creation."""
        return list(self._monitors.values())

    def get_populations(self) -> list[Population]:
        """Return all populations in the order of their creation."""
        return list(self._populations.values())

    def get_projections(
        self,
        post: Population | PopulationView | str | None = None,
        pre: Population | PopulationView | str | None = None,
        target: str | None = None,
        suppress_error: bool = False,
    ) -> list[Projection]:
        """Return the projections in the order of their creation.

        Args:
            post, pre: only those of this population, or of the whole one of which this is a view; names will do.
            target: only those with this target, alone or among others.
            suppress_error: return an empty list if none is as asked.

        Raises:
            InvalidArgument: if none is as asked, or something is no population.
        """
        ends = {"post": post, "pre": pre}
        named = {side: _population_name(one, side) for side, one in ends.items() if one is not None}
        those = [
            projection
            for projection in self._projections.values()
            if all(getattr(projection._core, side).name == name for side, name in named.items())
            and (target is None or target in projection._core.targets)
        ]
        if not those and not suppress_error and (named or target is not None):
            asked = {**named, **({} if target is None else {"target": target})}
            words = ", ".join(f"{side}={name!r}" for side, name in asked.items())
            for name in named.values():
                found(self._populations, name, "population")
            raise InvalidArgument(f"there is no projection with {words}\n  help: suppress_error=True gives [].")
        return those

    def _asked_projections(self, asked: Any) -> list[Projection]:
        """Return the projections that a call is about: all of the network for None.

        Raises:
            InvalidArgument: if something is no projection of the network.
        """
        if asked is None:
            return self.get_projections()
        listed = list(asked) if isinstance(asked, list | tuple) else [asked]
        for one in listed:
            if not is_among(self._projections, one):
                what = f"expected projections of this network, got {told(one)}"
                raise InvalidArgument(f"{what}\n  help: give a list of them, or nothing for all.")
        return listed

    def _core_of(self, owner: Population | Projection) -> Neurons | Synapses:
        """Return what a population or projection of this network is and has."""
        for known in (self._populations, self._projections):
            if is_among(known, owner):
                return owner._core
        raise InvalidArgument(
            f"explain needs a population or projection of this network, or its name, not {told(owner, 80)}"
            "\n  help: net.explain(pop), net.explain('exc')."
        )

    def weights(self) -> dict[str, Any]:
        """Return the weights of all projections by name, as ``scipy.sparse.csr_matrix``, post neurons by pre neurons.

        Raises:
            NotCompiled: before :meth:`compile`.
        """
        self._core.needs_compile("weights()")
        return {projection.name: projection.weights_csr() for projection in self.get_projections()}

    def set_weights(self, weights: Mapping[str, Any]) -> None:
        """Set the weights of some projections: all that are given, or none if one is wrong.

        A matrix that :meth:`weights` returns now changes nothing, also where all synapses have one number, or where it
        adds up several synapses of a pair, which no other matrix can set.

        Args:
            weights: by name of the projection, what ``proj.w`` takes: matrices as :meth:`weights` returns them, with an
                entry for each synapse, arrays in canonical order, numbers.

        Raises:
            NotCompiled: before :meth:`compile`.
            InvalidArgument: if there is no such projection, or none is named, a value does not fit, or the network is
                simulating in another thread; nothing has changed.
        """
        with self._keeper.runner.callbacks.kept_out("set_weights()", in_callbacks=True):
            set_weights(self._core, weights, {one.name: one.weights_csr for one in self.get_projections()})


def _population_name(one: Any, side: str) -> str:
    """Return the name of the population that a user gave: itself, a view of it, or a name."""
    if isinstance(one, str):
        return one
    if not isinstance(one, Population | PopulationView):
        raise InvalidArgument(
            f"get_projections(): {side} must be a population or its name, not {told(one)}"
            "\n  help: net.get_projections(post=pop), net.get_projections(pre='exc')."
        )
    return (one._population if isinstance(one, PopulationView) else one).name
