"""The synapses that a projection has when none is given."""

from __future__ import annotations

from functools import cache

from engram.models.definition import Synapse

__all__ = ["default_synapse"]


@cache
def default_synapse(is_spiking: bool) -> Synapse:
    """Return the synapse of spiking neurons that adds its weight, or that of rate-coded ones that multiplies by it.

    Made when first asked for: ``import engram`` must not look anything up on disk.
    """
    if is_spiking:
        return Synapse(pre_spike="g_target += w", name="default spiking synapse")
    return Synapse(psp="w*pre.r", name="default rate-coded synapse")
