"""Logs for TensorBoard."""

from __future__ import annotations

from engram.extensions.missing import Logger

__all__ = ["Logger"]
