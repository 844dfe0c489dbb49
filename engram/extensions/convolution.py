"""Projections that share their weights."""

from __future__ import annotations

from engram.extensions.missing import Convolution, Copy, Pooling, Transpose

__all__ = ["Convolution", "Copy", "Pooling", "Transpose"]
