"""What a view says of its neurons, and of the population that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.network.fixed import Fixed
from engram.program.neurons import Neurons

if TYPE_CHECKING:
    from engram.models.definition import Neuron

__all__ = ["ViewFacts"]

Array = npt.NDArray[Any]


@checked_calls
class ViewFacts(Fixed):
    """Facts of some neurons."""

    _population: Any  # the whole
    _ranks: Array

    @property
    def _core(self) -> Neurons:
        core: Neurons = self._population._core
        return core

    @property
    def name(self) -> str:
        """Name of the population."""
        return self._core.name

    @property
    def ranks(self) -> Array:
        """Ranks of the neurons in the whole population, (size,) int64."""
        ranks: Array = self._ranks.copy()
        return ranks

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self._ranks)

    @property
    def neuron_type(self) -> Neuron:
        """The model."""
        return self._core.definition

    @property
    def attributes(self) -> list[str]:
        """Names of parameters, then variables."""
        return self._core.attributes

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters."""
        return self._core.parameters

    @property
    def variables(self) -> list[str]:
        """Names of the variables."""
        return self._core.variables

    @property
    def functions(self) -> list[str]:
        """Names of the model's own functions."""
        names: list[str] = self._population.functions
        return names

    @property
    def targets(self) -> list[str]:
        """Names of the inputs that the equations read."""
        return list(self._core.spec.targets)

    @property
    def is_spiking(self) -> bool:
        """Whether the neurons emit spikes."""
        return self._core.is_spiking

    def sum(self, target: str) -> Any:
        """Return the input in the last step from rate-coded projections with that target, (size,)."""
        return self._of_these(self._population.sum(target))

    @property
    def spike(self) -> Array:
        """Ranks in the population of those that spiked in the last step, ascending."""
        spiked: Array = self._population.spike
        return spiked[np.isin(spiked, self._ranks)]

    @property
    def refractory(self) -> Any:
        """Refractory period in ms: a number if all neurons of the population have the same, else (size,)."""
        return self._of_these(self._population.refractory)

    def _of_these(self, whole: Any) -> Any:
        return whole.reshape(-1)[self._ranks] if isinstance(whole, np.ndarray) else whole
