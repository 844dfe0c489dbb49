"""Networks of TensorFlow as spiking ones."""

from __future__ import annotations

from engram.extensions.missing import ANNtoSNNConverter

__all__ = ["ANNtoSNNConverter"]
