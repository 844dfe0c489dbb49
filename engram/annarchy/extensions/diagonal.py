"""Projections along diagonals."""

from __future__ import annotations

from engram.annarchy.missing import DiagonalProjection

__all__ = ["DiagonalProjection"]
