"""Projections along diagonals."""

from __future__ import annotations

from engram.extensions.missing import DiagonalProjection

__all__ = ["DiagonalProjection"]
