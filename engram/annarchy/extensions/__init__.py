"""Extensions by the paths of ANNarchy: ``from engram.annarchy.extensions.bold import BoldMonitor``.

They are those of :mod:`engram.extensions`, but for what takes ANNarchy's arguments.
"""

from __future__ import annotations

from engram.annarchy.extensions import bold
from engram.extensions import ann_to_snn_conversion, convolution, diagonal, hybrid, image, tensorboard

__all__ = ["ann_to_snn_conversion", "bold", "convolution", "diagonal", "hybrid", "image", "tensorboard"]
