"""Networks of TensorFlow as spiking ones."""

from __future__ import annotations

from engram.annarchy.missing import ANNtoSNNConverter

__all__ = ["ANNtoSNNConverter"]
