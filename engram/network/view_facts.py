"""What a view says of its neurons, and of the population that they belong to."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.network.facts import NeuronFacts
from engram.program.neurons import Neurons
from engram.program.readings import COPY, ReadArray

__all__ = ["ViewFacts"]

Array = npt.NDArray[Any]


@checked_calls
class ViewFacts(NeuronFacts):
    """Facts of some neurons."""

    _population: Any  # the whole
    _ranks: Array

    @property
    def _what(self) -> str:
        """What messages call these neurons."""
        raise NotImplementedError

    @property
    def _core(self) -> Neurons:
        core: Neurons = self._population._core
        return core

    @property
    def ranks(self) -> Array:
        """Ranks of the neurons in the whole population, (size,) int64."""
        advice = f"{COPY[:-1]}; pop[[3, 1]] is a view of others."
        return ReadArray(self._ranks, f"ranks of {self._what} can only be read", advice)

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self._ranks)

    def sum(self, target: str) -> Any:
        """Return the input in the last step from rate-coded projections with that target, (size,)."""
        return self._of_these(self._population.sum(target))

    @property
    def spike(self) -> Array:
        """Ranks in the population of those that spiked in the last step, ascending."""
        spiked: Array = self._population.spike
        some: Array = spiked[np.isin(spiked, self._ranks)]
        return some

    @property
    def refractory(self) -> Any:
        """Refractory period in ms: a number if all neurons of the population have the same, else (size,)."""
        return self._of_these(self._population.refractory)

    def _of_these(self, whole: Any) -> Any:
        if not isinstance(whole, np.ndarray):
            return whole
        part: Array = whole.view(np.ndarray).reshape(-1)[self._ranks]
        return ReadArray(part, *whole.refusal()) if isinstance(whole, ReadArray) else part
