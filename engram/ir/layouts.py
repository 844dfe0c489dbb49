"""Layouts: how loops find the synapses of a rate-coded neuron, and the presynaptic neuron of each.

Which one a projection has follows from the synapses that it has now (``program/layouts.py``); how C walks each stands
in ``native/c_layouts.py``. No layout changes a bit: the synapses of a row come in the same order in all of them, and
the interpreter knows only lists.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FULL", "LAYOUTS", "LIST", "OTHERS", "SHORT_LIST", "RowLayout"]


@dataclass(frozen=True)
class RowLayout:
    """One layout.

    Args:
        name: by which kernels name it.
        index_bytes: what a synapse takes of the lists that say where it is.
        is_gapped: rows lack the neuron itself, and from nobody else.
    """

    name: str
    index_bytes: int = 0
    is_gapped: bool = False


LIST = RowLayout("list", 4)
SHORT_LIST = RowLayout("short list", 2)  # of fewer than 65,536 presynaptic neurons
FULL = RowLayout("full")  # from every neuron to every other, and to itself
OTHERS = RowLayout("others", is_gapped=True)  # from every neuron to every other
LAYOUTS = {layout.name: layout for layout in (LIST, SHORT_LIST, FULL, OTHERS)}
"""Of rows by post."""
