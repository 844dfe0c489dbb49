"""Signals of functional imaging, recorded with ANNarchy's arguments."""

from __future__ import annotations

from engram.annarchy.handles import BoldMonitor
from engram.extensions.bold import (
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
