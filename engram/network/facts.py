"""What the model says of an object that users hold: a population, a view of one, or a projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engram.network.fixed import Fixed

if TYPE_CHECKING:
    from engram.models.definition import Neuron
    from engram.program.neurons import Neurons
    from engram.program.synapses import Synapses

__all__ = ["ModelFacts", "NeuronFacts"]


class ModelFacts(Fixed):
    """Names, of the object and of what its model has."""

    if TYPE_CHECKING:  # handles are given theirs, views look it up

        @property
        def _core(self) -> Neurons | Synapses: ...

    @property
    def name(self) -> str:
        """The name by which files and messages know the object; of a view and of a neuron, that of the population."""
        return self._core.name

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
        """Names of the model's own functions, which can be called: ``pop.f(x)``."""
        return [function.name for function in self._core.definition.model_functions]

    @property
    def is_spiking(self) -> bool:
        """Whether the neurons emit spikes, or spikes arrive at the synapses; rates otherwise."""
        return self._core.is_spiking


class NeuronFacts(ModelFacts):
    """The same of neurons."""

    if TYPE_CHECKING:

        @property
        def _core(self) -> Neurons: ...

    @property
    def neuron_type(self) -> Neuron:
        """The model."""
        return self._core.definition

    @property
    def targets(self) -> list[str]:
        """Names of the inputs that the equations read."""
        return list(self._core.spec.targets)
