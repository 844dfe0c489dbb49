"""The synapses that a projection has when none is given."""

from __future__ import annotations

from engram.models.definition import Synapse

__all__ = ["DEFAULT_RATE", "DEFAULT_SPIKING"]

DEFAULT_SPIKING = Synapse(pre_spike="g_target += w", name="default spiking synapse")
DEFAULT_RATE = Synapse(psp="w*pre.r", name="default rate-coded synapse")
