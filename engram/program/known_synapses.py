"""What is known before compile of the synapses of a projection, and delays that are changed until then.

A rule says one delay for all, or what compile draws them from; a given list has its synapses already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import plain_float
from engram.errors import InvalidArgument, NotCompiled
from engram.program.creating import check_connection
from engram.program.drafts import Connection
from engram.program.listed import Listed, list_of
from engram.program.synapses import Synapses
from engram.program.values import refuse_flags
from engram.state.distributions import Distribution
from engram.telling import told

__all__ = ["Known", "delay_to_begin_with", "known_synapses", "let_delay_be"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Known:
    """The synapses of a list.

    Args:
        per_post: number of synapses of each post neuron, (n_post,).
        pre: pre ranks by post, ascending in each, (n_syn,).
        delay_steps: in the same order, (n_syn,), or () for all.
    """

    per_post: Array
    pre: Array
    delay_steps: Array


def known_synapses(synapses: Synapses) -> Known | None:
    """Return the synapses of a projection before compile, where they were given; None where they were not, or after."""
    connection = None if synapses.program.compiled else list_of(synapses)
    if connection is None or isinstance(connection.connector, Listed):
        return None
    given: Any = connection.connector  # a GivenList
    wiring = given.wired(synapses.program.dt, np.float32).connectivity
    pre, post, steps = wiring.pre_of_synapses(), wiring.post_of_synapses(), wiring.delay_steps
    per_post = np.bincount(post, minlength=wiring.n_post)
    if synapses.by == "pre":
        order = np.lexsort((pre, post))
        pre, steps = pre[order], steps[order] if steps.shape else steps
    return Known(per_post, pre, steps)


def delay_to_begin_with(synapses: Synapses) -> float | None:
    """Return the delay in ms that all synapses will have before compile; None where they differ, or are not known."""
    connection = synapses.draft.connection
    if connection is None or not isinstance(connection.delays, int | float):
        return None
    from engram.wiring.values import delay_steps_of  # with synapses: importing engram must be quick

    return delay_steps_of(connection.delays, synapses.program.dt) * synapses.program.dt


def let_delay_be(synapses: Synapses, value: Any) -> None:
    """Give a projection another delay before compile: a number of ms for all, or a distribution.

    Raises:
        NotCompiled: if there is no connector, or values for each synapse are given.
        InvalidArgument: if the delay can't be, or a list would be given a distribution; nothing has changed.
    """
    connection = synapses.draft.connection
    if connection is None:
        advice = "connect it first: delays= of the connector are its delays."
        raise NotCompiled(f"{synapses.where} has no connector, and so no delays yet\n  help: {advice}")
    refuse_flags(value, synapses.called("delay"))
    number = plain_float(value)
    if number is None and not isinstance(value, Distribution):
        advice = "until then they are one number or a distribution; set those of each after compile()."
        raise NotCompiled(f"{synapses.where} has no synapses before compile()\n  help: {advice}")
    delays = value if number is None else number
    new = replace(connection, delays=delays)
    if list_of(synapses):
        new = replace(new, connector=_list_with(synapses, connection, delays))
    check_connection(synapses, new, synapses.program.dt, is_known=True)
    synapses.draft.connection = new


def _list_with(synapses: Synapses, connection: Connection, delays: Any) -> Any:
    """Return a list of synapses that have one delay."""
    if isinstance(delays, Distribution):
        drawn = f"their delays can't be drawn from {told(delays)}"
        what = f"{synapses.where}: the synapses are given one by one, and {drawn}"
        raise InvalidArgument(
            f"{what}\n  help: give delays= to the connector, one for each, or set them after compile()."
        )
    from engram.wiring.values import check_delays  # as above

    check_delays(delays, synapses.program.dt, synapses.where)
    given: Any = connection.connector
    return replace(given, delays_ms=np.array(delays, np.float64))
