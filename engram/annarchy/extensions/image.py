"""Images and cameras as rates."""

from __future__ import annotations

from engram.annarchy import ImagePopulation, VideoPopulation

__all__ = ["ImagePopulation", "VideoPopulation"]
