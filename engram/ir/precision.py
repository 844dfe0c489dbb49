"""In which precision floats are stored and computed: what a network was told once, for all of its kernels.

Lowering knows nothing of it. Arithmetic is rounded to float32 after every single operation, in C by its type and in
the interpreter by rounding. Time stays exact: steps are integers, ``t`` and the milliseconds between events are
computed in float64 and rounded once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from engram.ir.nodes import Argument, Kernel

__all__ = ["Float", "Precision", "stored"]

Float = Literal["float64", "float32"]


@dataclass(frozen=True)
class Precision:
    """Of the floats of a network.

    Args:
        neurons: of values of neurons, and of all arithmetic.
        synapses: of a synapse's own values; what is float32 in a float64 network is widened when it is read.
    """

    neurons: Float = "float64"
    synapses: Float = "float64"


def stored(kernel: Kernel, precision: Precision, kind: Literal["neuron", "synapse"]) -> Kernel:
    """Return the kernel of a neuron or synapse that computes with arrays of that precision."""
    own = precision.neurons if kind == "neuron" else precision.synapses
    arguments = tuple(
        replace(a, dtype=_dtype(a, own, precision.neurons)) if a.dtype == "float64" else a for a in kernel.arguments
    )
    return replace(kernel, arguments=arguments, real=precision.neurons)


def _dtype(argument: Argument, own: Float, others: Float) -> str:
    place = argument.place
    if place.what in ("constant", "over"):
        return "float64"  # numbers over a population are summed up in it
    return own if place.side == "own" and place.what == "slot" else others
