"""Populations between rates and spikes."""

from __future__ import annotations

from engram.extensions.missing import Rate2SpikePopulation, Spike2RatePopulation

__all__ = ["Rate2SpikePopulation", "Spike2RatePopulation"]
