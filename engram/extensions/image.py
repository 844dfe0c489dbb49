"""Images and cameras as rates."""

from __future__ import annotations

from engram.extensions.missing import ImagePopulation, VideoPopulation

__all__ = ["ImagePopulation", "VideoPopulation"]
