"""Signals of functional imaging."""

from __future__ import annotations

from engram.extensions.missing import balloon_maith2021
from engram.models.bold import BoldModel, balloon_CL, balloon_CN, balloon_RL, balloon_RN, balloon_two_inputs
from engram.network.bold import BoldMonitor

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
