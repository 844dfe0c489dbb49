"""Kernels as C text.

In: a kernel of ``ir/nodes.py``. Out: one C file with one exported function ``run``, an ``eg_job`` of ``engram.h``.
"""

from __future__ import annotations

from engram.ir.nodes import Kernel, KernelKind
from engram.native.c_text import CText
from engram.native.emit_neurons import leave_to_last, update, update_globals
from engram.native.emit_rates import gather, synapses
from engram.native.emit_spikes import deliver, post_events, pre_events

__all__ = ["ENTRY", "emit"]

ENTRY = "run"  # the exported function
LOOPS = {
    KernelKind.UPDATE: update,
    KernelKind.GLOBALS: update_globals,
    KernelKind.KEEP: update,
    KernelKind.DROP: update,
    KernelKind.DELIVER: deliver,
    KernelKind.PRE_EVENTS: pre_events,
    KernelKind.POST_EVENTS: post_events,
    KernelKind.GATHER: gather,
    KernelKind.SYNAPSES: synapses,
}


def emit(kernel: Kernel) -> str:
    """Return the C source of a kernel. The same kernel gives the same text."""
    c = CText(kernel)
    if kernel.is_ordered:
        leave_to_last(c)
    c.scalars()
    c.sets(kernel.prelude, constant=True)
    LOOPS[kernel.kind](c)
    return c.whole()
