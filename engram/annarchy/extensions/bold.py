"""Signals of functional imaging."""

from __future__ import annotations

from engram.annarchy import BoldMonitor
from engram.annarchy.missing import (
    BoldModel,
    balloon_CL,
    balloon_CN,
    balloon_maith2021,
    balloon_RL,
    balloon_RN,
    balloon_two_inputs,
)

__all__ = [
    "BoldModel",
    "BoldMonitor",
    "balloon_CL",
    "balloon_CN",
    "balloon_RL",
    "balloon_RN",
    "balloon_maith2021",
    "balloon_two_inputs",
]
