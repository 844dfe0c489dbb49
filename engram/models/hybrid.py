"""Synapses between rate-coded and spiking neurons."""

from __future__ import annotations

from functools import cache

from engram.models.definition import Synapse

__all__ = ["current", "decoded"]


@cache
def current() -> Synapse:
    """Return the synapse that passes a rate on as it is."""
    return Synapse(psp="pre.r", name="CurrentInjection", description="A rate, added to a conductance.")


@cache
def decoded() -> Synapse:
    """Return the synapse that averages firing rates with weights."""
    text = "The weighted mean of firing rates."
    return Synapse(psp="w*pre.r", operation="mean", name="DecodingProjection", description=text)
