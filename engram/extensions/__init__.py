"""Extensions by the paths of ANNarchy: ``from engram.extensions.bold import BoldMonitor``.

A name that engram lacks can be imported from where ANNarchy has it; called, it says what to use.
"""

from __future__ import annotations

from engram.extensions import (
    ann_to_snn_conversion,
    bold,
    convolution,
    diagonal,
    hybrid,
    image,
    tensorboard,
)

__all__ = ["ann_to_snn_conversion", "bold", "convolution", "diagonal", "hybrid", "image", "tensorboard"]
