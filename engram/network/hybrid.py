"""Projections between rate-coded and spiking populations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.models.hybrid import current, decoded
from engram.network.any_network import found
from engram.network.handle import Handle
from engram.network.implicit import implicit, network_or_implicit
from engram.network.projection import Projection
from engram.network.view import PopulationView
from engram.telling import told

if TYPE_CHECKING:
    from engram.network.any_network import AnyNetwork
    from engram.network.population import Population

    Side = Population | PopulationView | str

__all__ = ["CurrentInjection", "DecodingProjection"]


@checked_calls
class CurrentInjection(Projection):
    """The rate of each neuron of a population is added to the conductance of one spiking neuron, in every step.

    ``g_target`` gets ``pre.r`` of the step before; :meth:`connect_current` connects neuron to neuron. Rate-coded
    populations can also be connected to spiking ones by any other projection, with weights.

    Where no equation changes ``g_target`` it is 0 again in the next step, and the rate is a current. Where it decays
    (``IF_curr_exp``: ``tau*dg_exc/dt = -g_exc``) what arrives in all steps adds up, to about ``tau/dt`` times the rate.

    Args:
        pre: rate-coded neurons, such as a :class:`TimedArray`.
        post: as many spiking neurons.
        target: ``exc`` for ``g_exc``.
        name, network: as of :class:`Projection`.

    Raises:
        InvalidArgument: if the populations have other kinds, or different sizes.

    Example::

        current = eg.CurrentInjection(net.create(eg.TimedArray(amperes)), cells, "exc")
        current.connect_current()
    """

    def __init__(
        self,
        pre: Population | PopulationView | str,
        post: Population | PopulationView | str,
        target: str,
        name: str | None = None,
        *,
        network: AnyNetwork | None = None,
    ) -> None:
        sides = _checked("CurrentInjection", pre, post, network, from_spikes=False)
        if sides[0].size != sides[1].size:
            sizes = f"{sides[0].size} and {sides[1].size} neurons"
            advice = "a Projection with a connector and weights connects populations of any sizes."
            raise InvalidArgument(f"CurrentInjection connects neuron to neuron, not {sizes}\n  help: {advice}")
        super().__init__(pre, post, target, current(), name, network=network)

    def connect_current(self) -> CurrentInjection:
        """Connect each neuron of the one population to that with the same rank of the other."""
        self.one_to_one()
        return self


@checked_calls
class DecodingProjection(Projection):
    """The firing rates of spiking neurons, weighted and averaged over the synapses of each rate-coded neuron.

    ``sum(target)`` is the mean over the synapses of ``w*pre.r``, with ``pre.r`` the spikes of the last ``window`` ms in
    Hz: the population's own firing rate (:meth:`Population.compute_firing_rate`), which this switches on. Any connector
    will do; delays count.

    Args:
        pre: spiking neurons.
        post: rate-coded neurons.
        target: ``exc`` for ``sum(exc)``.
        window: in ms; 0: one step.
        name, network: as of :class:`Projection`.

    Raises:
        InvalidArgument: if the populations have other kinds, or the rate of ``pre`` is computed over another window.
    """

    def __init__(
        self,
        pre: Population | PopulationView | str,
        post: Population | PopulationView | str,
        target: str,
        window: float = 0.0,
        name: str | None = None,
        *,
        network: AnyNetwork | None = None,
    ) -> None:
        side = _checked("DecodingProjection", pre, post, network, from_spikes=True)[0]
        core = (side.population if isinstance(side, PopulationView) else side)._core
        asked, known = window or core.program.dt, core.draft.rate_window_ms
        if known is not None and known != asked:
            what = f"the firing rate of {core.name!r} is computed over {known:g} ms, and here over {asked:g} ms"
            raise InvalidArgument(f"DecodingProjection: {what}\n  help: give both the same window.")
        core.window_steps(asked, core.program.dt)
        super().__init__(pre, post, target, decoded(), name, network=network)
        core.draft.rate_window_ms = asked


def _checked(
    what: str, pre: Side, post: Side, network: AnyNetwork | None, from_spikes: bool
) -> list[Population | PopulationView]:
    """Return the two sides of a hybrid projection.

    Raises:
        InvalidArgument: if one side has not the kind of neurons that it must have.
    """
    implicit.refuse_waiting(network, pre, post)
    sides: list[Any] = []
    for side, given, is_spiking in (("pre", pre, from_spikes), ("post", post, not from_spikes)):
        one: Any = (
            found(network_or_implicit(network)._populations, given, "population") if isinstance(given, str) else given
        )
        if not isinstance(one, Handle | PopulationView):
            advice = f"the order is pre, post, target: eg.{what}(pre, post, 'exc')."
            raise InvalidArgument(
                f"{what}: {side} must be a population or a view of one, not {told(one)}\n  help: {advice}"
            )
        if one.is_spiking != is_spiking:
            kind = "spiking" if is_spiking else "rate-coded"
            advice = "a Projection connects populations of one kind; CurrentInjection goes from rates to spikes, "
            advice += "DecodingProjection from spikes to rates."
            raise InvalidArgument(f"{what}: the {side} population {one.name!r} must be {kind}\n  help: {advice}")
        sides.append(one)
    return sides
