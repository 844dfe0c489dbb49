"""The connectors of a projection, as methods: each says which synapses there shall be, and returns the projection.

Synapses are drawn at compile by ``wiring``; arguments are checked at once. Mixed into :class:`Projection`.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from engram.callers import checked_calls, plain_number
from engram.errors import InvalidArgument
from engram.program.creating import check_connection
from engram.program.drafts import Connection
from engram.program.synapses import Synapses
from engram.state.distributions import Distribution

if TYPE_CHECKING:
    from typing_extensions import Self

    from engram.wiring.connectors import Connector

__all__ = ["Connectors"]

Value = float | Distribution


# Arguments of every connector, beside those that name its pattern.
COMMON = "weights delays allow_self_connections force_multiple_weights storage_format storage_order".split()


def _patterns() -> ModuleType:
    """Return the module of connectors, which is loaded when the first projection is connected."""
    return import_module("engram.wiring.connectors")


def _plain(value: Value) -> Value:
    """Return a number of NumPy's as one of Python's, and anything else as it is: it is checked with the connector."""
    number = plain_number(value)
    return value if number is None else number


def _unknown_argument(connector: Connector, name: str, where: str) -> InvalidArgument:
    near = get_close_matches(name, [*COMMON, "probability", "number"], 1)
    advice = f"did you mean {near[0]!r}?" if near else f"every connector knows {', '.join(COMMON)}."
    return InvalidArgument(f"{connector.call}: unknown argument {name!r}\n  in {where}\n  help: {advice}")


@checked_calls
class Connectors:
    """Connector methods. ``connect_<name>`` is another name for each.

    Common arguments: ``weights`` (a number or a distribution), ``delays`` in ms (0.0: one step),
    ``allow_self_connections`` (matters within one population only), ``force_multiple_weights`` (store one weight per
    synapse though all are equal); ``storage_format`` and ``storage_order`` are accepted as hints and change no result.

    Raises:
        BadConnector: if an argument can't be.
    """

    _core: Synapses

    def all_to_all(
        self, weights: Value = 1.0, delays: Value = 0.0, allow_self_connections: bool = False, **more: Any
    ) -> Self:
        """Connect every pair."""
        return self._connect(_patterns().AllToAll(), weights, delays, allow_self_connections, **more)

    def one_to_one(self, weights: Value = 1.0, delays: Value = 0.0, **more: Any) -> Self:
        """Connect rank k to rank k, as far as both populations go."""
        return self._connect(_patterns().OneToOne(), weights, delays, True, **more)

    def fixed_probability(
        self,
        probability: float,
        weights: Value = 1.0,
        delays: Value = 0.0,
        allow_self_connections: bool = False,
        **more: Any,
    ) -> Self:
        """Connect each pair with a probability, independently."""
        return self._connect(_patterns().FixedProbability(probability), weights, delays, allow_self_connections, **more)

    def fixed_number_pre(
        self, number: int, weights: Value = 1.0, delays: Value = 0.0, allow_self_connections: bool = False, **more: Any
    ) -> Self:
        """Give each post neuron ``number`` different pre neurons."""
        return self._connect(_patterns().FixedNumberPre(number), weights, delays, allow_self_connections, **more)

    def fixed_number_post(
        self, number: int, weights: Value = 1.0, delays: Value = 0.0, allow_self_connections: bool = False, **more: Any
    ) -> Self:
        """Connect each pre neuron to ``number`` different post neurons."""
        return self._connect(_patterns().FixedNumberPost(number), weights, delays, allow_self_connections, **more)

    def fixed_total_number(
        self, number: int, weights: Value = 1.0, delays: Value = 0.0, allow_self_connections: bool = False, **more: Any
    ) -> Self:
        """Make ``number`` synapses, the pre and post neuron of each drawn independently of all others.

        A pair may get several synapses (multapses).
        """
        return self._connect(_patterns().FixedTotalNumber(number), weights, delays, allow_self_connections, **more)

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
        force_multiple_weights: Any = False,
        storage_format: str | None = None,
        storage_order: str | None = None,
        **unknown: Any,
    ) -> Self:
        core = self._core
        core.program.not_compiled("connect")
        if unknown:
            raise _unknown_argument(connector, next(iter(unknown)), core.where)
        if not isinstance(force_multiple_weights, bool):
            what = f"force_multiple_weights must be True or False, not {force_multiple_weights!r:.60}"
            raise InvalidArgument(f"{connector.call}: {what}\n  in {core.where}")
        if core.draft.connection is not None:
            raise InvalidArgument(
                f"{core.where} has a connector already\n  help: create another projection for more synapses."
            )
        asked = Connection(connector, _plain(weights), _plain(delays), allow_self, force_multiple_weights)
        check_connection(core, asked, core.program.dt)
        core.draft.connection = asked
        return self
