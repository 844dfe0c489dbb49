"""Spikes that are in flight, each at one synapse, as arrays.

In: lists of spikes, synapses by presynaptic neuron, what was in flight at an earlier change. Out: :class:`Flights`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.wiring import executor
from engram.wiring.connectivity import Connectivity
from engram.wiring.moves import NOWHERE, RowMoves

__all__ = ["Emitted", "Flights", "Kept", "flights_of", "keys_of"]

Array = npt.NDArray[Any]


class Kept(NamedTuple):
    """What was in flight at an earlier change, in the order in which it arrives.

    Args:
        ago: steps since then.
        arrives, emitted: (n,) uint16, in steps from that change.
        synapse: (n,) uint32, positions.
    """

    ago: int
    arrives: Array
    emitted: Array
    synapse: Array


NONE = Kept(0, np.empty(0, np.uint16), np.empty(0, np.uint16), np.empty(0, np.uint32))


class Emitted(NamedTuple):
    """A list of spikes.

    Args:
        step: the present one.
        furthest: how many steps before it count, at most as many as there are.
        ranks: (steps, n_pre) uint32, those of step s in row s % steps.
        counts: (steps,) int64, how many they are.
    """

    step: int
    furthest: int
    ranks: Array
    counts: Array


@dataclass(frozen=True)
class Flights:
    """What is in flight from one list of spikes, by the present step, in the order in which it arrives; what arrives at
    once stands by emission, the oldest first, then by position.

    Args:
        arrives: when, in steps after it, (n,) uint16.
        emitted: in steps before it, (n,) uint16.
        synapse: positions, (n,) uint32.
        pre: ranks of the neurons that emitted it, (n,) uint32.
    """

    arrives: Array
    emitted: Array
    synapse: Array
    pre: Array

    def moved(self, new: Array) -> Flights:
        """Return the same where synapses stand elsewhere.

        Args:
            new: (n_syn,), the position that each synapse will have.
        """
        synapse = new[self.synapse].astype(np.uint32)
        order = np.argsort(keys_of(self.arrives, self.emitted, synapse), kind="stable")
        return Flights(self.arrives[order], self.emitted[order], synapse[order], self.pre[order])


def keys_of(arrives: Array, emitted: Array, synapse: Array) -> Array:
    """Return numbers by which spikes in flight stand in the order in which they arrive, (n,) uint64."""
    latest_first = 0xFFFF - emitted.astype(np.uint64)
    keys: Array = arrives.astype(np.uint64) << 48 | latest_first << 32 | synapse.astype(np.uint64)
    return keys


def flights_of(
    wiring: Connectivity, longest: int, kept: Kept | None, emitted: Emitted, moves: RowMoves = NOWHERE
) -> Flights:
    """Return what is in flight.

    Args:
        wiring: the synapses, by pre.
        longest: of their delays, in steps.
        kept: what was at an earlier change, all of it emitted before the spikes that count.
        emitted: since then.
        moves: to the positions that the synapses will have; what is in flight to one that goes is dropped.
    """
    kept = kept or NONE
    each, one = (None, int(wiring.delay_steps)) if wiring.is_uniform else (wiring.delay_steps, 0)
    spikes = (emitted.step, emitted.furthest, *emitted.ranks.shape, emitted.ranks, emitted.counts)
    synapses = (wiring.n_rows, wiring.row_start, each, one, *moves)
    latest = max(longest, int(kept.arrives[-1]) if len(kept.arrives) else 0)
    given, begin = (len(kept.arrives), *kept, *spikes, *synapses, latest), np.zeros(latest + 2, np.int64)
    executor.run("flights", 1, *given, begin, None, None, None, None)
    n = int(begin[-1])
    found = Flights(*(np.empty(n, dtype) for dtype in (np.uint16, np.uint16, np.uint32, np.uint32)))
    if n:
        executor.run("flights", 1, *given, begin, found.arrives, found.emitted, found.synapse, found.pre)
    return found
