"""What lets synapses change, come and go: flags, learning, rules of structural plasticity. For :class:`Projection`."""

from __future__ import annotations

from engram.callers import checked_calls
from engram.network.handle import Handle
from engram.program.learning import learning_steps
from engram.program.step_size import caution
from engram.program.structure import start_rule, stop_rule
from engram.program.synapses import Synapses

__all__ = ["Plastic"]


@checked_calls
class Plastic(Handle):
    """A projection that learns; see :class:`engram.Projection`."""

    _core: Synapses

    def update_launch_config(self, nb_blocks: int = -1, threads_per_block: int = 32) -> None:
        """Take what scripts for ANNarchy tell a GPU; it has no effect."""

    # -- learning ----------------------------------------------------------------------------------------

    @property
    def transmission(self) -> bool:
        """False stops transmission and all synaptic updates."""
        return self._core.flag("transmission")

    @transmission.setter
    def transmission(self, value: bool) -> None:
        self._core.set_flag("transmission", value)

    @property
    def axon_transmission(self) -> bool:
        """False stops the delivery of axonal spikes, to ``pre_axon_spike``, and nothing else."""
        return self._core.flag("axon_transmission")

    @axon_transmission.setter
    def axon_transmission(self, value: bool) -> None:
        self._core.set_flag("axon_transmission", value)

    @property
    def update(self) -> bool:
        """False freezes continuous equations."""
        return self._core.flag("update")

    @update.setter
    def update(self, value: bool) -> None:
        self._core.set_flag("update", value)

    @property
    def plasticity(self) -> bool:
        """False freezes ``w`` and nothing else."""
        return self._core.flag("plasticity")

    @plasticity.setter
    def plasticity(self, value: bool) -> None:
        self._core.set_flag("plasticity", value)

    def enable_learning(self, period: float | None = None, offset: float | None = None) -> None:
        """Let weights and other synaptic variables change.

        Args:
            period: ms between updates of the continuous equations, which then advance by so much; one step by default.
            offset: ms after a multiple of the period. Both are cut to whole steps, with a warning.

        Raises:
            InvalidArgument: if the period is shorter than a step, or the offset not below the period.
        """
        learning_steps(self._core.program.dt, period, offset, self._core.where)
        self._learn(period, offset)

    def _learn(self, period: float | None, offset: float | None) -> None:
        """Switch learning on with a period and an offset in ms, which are known to be possible."""
        core = self._core
        self.update = self.plasticity = True
        if not core.program.compiled:
            core.draft.learning_period_ms, core.draft.learning_offset_ms = period, offset
            return
        for name, value in learning_steps(core.program.dt, period, offset).items():
            core.write(name, value)
        caution(core)

    def disable_learning(self) -> None:
        """Freeze the weights of spiking synapses, all variables of rate-coded ones."""
        if self.is_spiking:
            self.plasticity = False
        else:
            self.update = False

    # -- structural plasticity ---------------------------------------------------------------------------

    def start_pruning(self, period: float | None = None) -> None:
        """Let synapses go where the rule ``pruning`` of their model says, at the end of steps from the coming one on.

        Args:
            period: ms from one test to the next, cut to whole steps with a warning; one step by default.

        Raises:
            InvalidArgument: if the model has no such rule, or the period is shorter than a step.
            NotCompiled: before compile.
        """
        start_rule(self._core, "pruning", period)

    def stop_pruning(self) -> None:
        """Let all synapses be that there are; see :meth:`start_pruning`."""
        stop_rule(self._core, "pruning")

    def start_creating(self, period: float | None = None) -> None:
        """Let pairs without a synapse get one where the rule ``creating`` of the model says; else as
        :meth:`start_pruning`, which comes first where both are due.

        Only neurons in which a synapse ends get others.
        """
        start_rule(self._core, "creating", period)

    def stop_creating(self) -> None:
        """Let no more synapses come; see :meth:`start_creating`."""
        stop_rule(self._core, "creating")
