"""The connectors of a projection, as methods: each says which synapses there shall be, and returns the projection.

Synapses are drawn at compile by ``wiring``; arguments are checked at once. Mixed into :class:`Projection`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from engram.callers import checked_calls, plain_number
from engram.errors import InvalidArgument
from engram.network.given_lists import ListConnectors, refuse_second, unknown_of
from engram.program.creating import check_connection
from engram.program.drafts import PER_SYNAPSE, Connection
from engram.state.distributions import Distribution
from engram.telling import told
from engram.wiring.errors import check_storage

if TYPE_CHECKING:
    from typing_extensions import Self

    from engram.wiring.connectors import Connector

__all__ = ["Connectors"]

Value = float | Distribution


def _patterns() -> ModuleType:
    """Return the module of connectors, which is loaded when the first projection is connected."""
    return import_module("engram.wiring.connectors")


def _bells() -> ModuleType:
    """Return the module of connectors by distance."""
    return import_module("engram.wiring.bells")


def _plain(value: Value) -> Value:
    """Return a number of NumPy's as one of Python's, and anything else as it is: it is checked with the connector."""
    number = plain_number(value)
    return value if number is None else number


@checked_calls
class Connectors(ListConnectors):
    """Connector methods that take a rule. ``connect_<name>`` is another name for each.

    Common arguments: ``weights`` (a number or a distribution), ``delays`` in ms (0.0: one step),
    ``allow_self_connections`` (matters within one population only), ``force_multiple_weights`` (store one weight per
    synapse though all are equal); ``storage_format`` and ``storage_order`` are accepted as hints and change no result.

    Raises:
        BadConnector: if an argument can't be.
    """

    def all_to_all(
        self,
        weights: Value = 1.0,
        delays: Value = 0.0,
        allow_self_connections: bool = False,
        force_multiple_weights: Any = False,
        storage_format: str | None = None,
        storage_order: str | None = None,
        **more: Any,
    ) -> Self:
        """Connect every pair."""
        hints = force_multiple_weights, storage_format, storage_order
        return self._connect(_patterns().AllToAll(), weights, delays, allow_self_connections, *hints, **more)

    def one_to_one(
        self,
        weights: Value = 1.0,
        delays: Value = 0.0,
        force_multiple_weights: Any = False,
        storage_format: str | None = None,
        storage_order: str | None = None,
        **more: Any,
    ) -> Self:
        """Connect rank k to rank k, as far as both populations go."""
        if storage_format == "dense":
            what = "one_to_one(): storage_format='dense' is not possible, as each row has one synapse"
            raise InvalidArgument(f"{what}\n  in {self._core.where}\n  help: leave it out.")
        hints = force_multiple_weights, storage_format, storage_order
        return self._connect(_patterns().OneToOne(), weights, delays, True, *hints, **more)

    def fixed_probability(
        self,
        probability: float,
        weights: Value = 1.0,
        delays: Value = 0.0,
        allow_self_connections: bool = False,
        force_multiple_weights: Any = False,
        storage_format: str | None = None,
        storage_order: str | None = None,
        **more: Any,
    ) -> Self:
        """Connect each pair with a probability, independently."""
        hints = force_multiple_weights, storage_format, storage_order
        return self._connect(
            _patterns().FixedProbability(probability), weights, delays, allow_self_connections, *hints, **more
        )

    def fixed_number_pre(
        self,
        number: int,
        weights: Value = 1.0,
        delays: Value = 0.0,
        allow_self_connections: bool = False,
        force_multiple_weights: Any = False,
        storage_format: str | None = None,
        storage_order: str | None = None,
        **more: Any,
    ) -> Self:
        """Give each post neuron ``number`` different pre neurons."""
        hints = force_multiple_weights, storage_format, storage_order
        return self._connect(
            _patterns().FixedNumberPre(number), weights, delays, allow_self_connections, *hints, **more
        )

    def fixed_number_post(
        self,
        number: int,
        weights: Value = 1.0,
        delays: Value = 0.0,
        allow_self_connections: bool = False,
        force_multiple_weights: Any = False,
        storage_format: str | None = None,
        storage_order: str | None = None,
        **more: Any,
    ) -> Self:
        """Connect each pre neuron to ``number`` different post neurons."""
        hints = force_multiple_weights, storage_format, storage_order
        return self._connect(
            _patterns().FixedNumberPost(number), weights, delays, allow_self_connections, *hints, **more
        )

    def fixed_total_number(
        self,
        number: int,
        weights: Value = 1.0,
        delays: Value = 0.0,
        allow_self_connections: bool = False,
        force_multiple_weights: Any = False,
        storage_format: str | None = None,
        storage_order: str | None = None,
        **more: Any,
    ) -> Self:
        """Make ``number`` synapses, the pre and post neuron of each drawn independently of all others.

        A pair may get several synapses (multapses).
        """
        hints = force_multiple_weights, storage_format, storage_order
        return self._connect(
            _patterns().FixedTotalNumber(number), weights, delays, allow_self_connections, *hints, **more
        )

    def gaussian(
        self,
        amp: float,
        sigma: float,
        delays: Value = 0.0,
        limit: float = 0.01,
        allow_self_connections: bool = False,
        **more: Any,
    ) -> Self:
        """Connect neurons that are near: ``w = amp*exp(-d2/(2*sigma^2))`` of the squared distance of their coordinates.

        Coordinates are normalised to [0, 1] along each axis of the whole populations, also where views are connected.

        Args:
            limit: synapses with weights of at most ``limit*amp`` are left out.
        """
        near = _bells().Gaussian(_plain(amp), _plain(sigma), _plain(limit))
        return self._connect(near, PER_SYNAPSE, delays, allow_self_connections, **more)

    def dog(
        self,
        amp_pos: float,
        sigma_pos: float,
        amp_neg: float,
        sigma_neg: float,
        delays: Value = 0.0,
        limit: float = 0.01,
        allow_self_connections: bool = False,
        **more: Any,
    ) -> Self:
        """Connect neurons by a difference of two Gaussians; see :meth:`gaussian`.

        Args:
            limit: weights of at most ``limit*abs(amp_pos - amp_neg)`` on either side of 0 are left out.
        """
        bells = (amp_pos, sigma_pos, amp_neg, sigma_neg, limit)
        near = _bells().DifferenceOfGaussians(*map(_plain, bells))
        return self._connect(near, PER_SYNAPSE, delays, allow_self_connections, **more)

    connect_gaussian = gaussian
    connect_dog = dog
    connect_all_to_all = all_to_all
    connect_one_to_one = one_to_one
    connect_fixed_probability = fixed_probability
    connect_fixed_number_pre = fixed_number_pre
    connect_fixed_number_post = fixed_number_post
    connect_fixed_total_number = fixed_total_number

    def _connect(
        self,
        connector: Connector,
        weights: Value,
        delays: Value,
        allow_self: bool,
        /,
        force_multiple_weights: Any = False,
        storage_format: str | None = None,
        storage_order: str | None = None,
        **unknown: Any,
    ) -> Self:
        core = self._core
        core.program.not_compiled("connect")
        if unknown:
            raise unknown_of(self, self._connect, connector.call, unknown)
        if not isinstance(force_multiple_weights, bool):
            what = f"force_multiple_weights must be True or False, not {told(force_multiple_weights)}"
            raise InvalidArgument(f"{connector.call}: {what}\n  in {core.where}\n  help: leave it out.")
        check_storage(connector.call, storage_format, storage_order, core.where)
        refuse_second(core)
        asked = Connection(connector, _plain(weights), _plain(delays), allow_self, force_multiple_weights)
        check_connection(core, asked, core.program.dt)
        core.draft.connection = asked
        return self
