"""Logs for TensorBoard."""

from __future__ import annotations

from engram.annarchy import Logger

__all__ = ["Logger"]
