"""Signals of functional imaging."""

from __future__ import annotations

from engram.annarchy import (
    BoldModel,
    BoldMonitor,
    balloon_CL,
    balloon_CN,
    balloon_RL,
    balloon_RN,
    balloon_two_inputs,
)
from engram.annarchy.missing import balloon_maith2021

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
