"""Layouts: how loops find the synapses of a rate-coded neuron, and the presynaptic neuron of each.

A row each, as C. Which one a projection has follows from the synapses that it has now (``network/layouts.py``). No
layout changes a bit: the synapses of a row come in the same order in all of them, and the interpreter knows only lists.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COLUMNS", "FULL", "LAYOUTS", "LIST", "OTHERS", "SHORT_LIST", "Layout"]


@dataclass(frozen=True)
class Layout:
    """One layout. In its C texts ``post`` is the neuron, and ``c + l`` the place of the synapse in the neuron's row.

    Args:
        name: by which kernels name it.
        first: position of the first synapse of a row.
        length: of a row.
        k: position of a synapse; its row begins at ``first[r]``.
        pre: its presynaptic neuron.
        lists: arrays that these need: (type, name) of fields of ``eg_rows``.
        index_bytes: what a synapse takes of these.
        is_gapped: rows lack the neuron itself, and from nobody else.
    """

    name: str
    first: str
    length: str
    k: str = "first[r] + c + l"
    pre: str = "c + l"
    lists: tuple[tuple[str, str], ...] = ()
    index_bytes: int = 0
    is_gapped: bool = False


def _listed(name: str, kind: str, field: str, index_bytes: int) -> Layout:
    lists, length = (("int64_t", "start"), (kind, field)), "start[post + 1] - start[post]"
    return Layout(name, "start[post]", length, pre=f"{field}[k]", lists=lists, index_bytes=index_bytes)


LIST = _listed("list", "uint32_t", "rank", 4)
SHORT_LIST = _listed("short list", "uint16_t", "short_rank", 2)  # of fewer than 65,536 presynaptic neurons
FULL = Layout("full", "post * a->n_pre", "a->n_pre")  # from every neuron to every other, and to itself
OTHERS = Layout(  # from every neuron to every other
    "others", "post * (a->n_pre - 1)", "a->n_pre - 1", pre="c + l + (c + l >= post)", is_gapped=True
)
LAYOUTS = {layout.name: layout for layout in (LIST, SHORT_LIST, FULL, OTHERS)}
"""Of rows by post."""

COLUMNS = Layout(
    "columns",
    "column_start[post]",
    "column_start[post + 1] - column_start[post]",
    "column_slot[first[r] + c + l]",
    "column_pre[first[r] + c + l]",
    (("int64_t", "column_start"), ("uint32_t", "column_slot"), ("uint32_t", "column_pre")),
)
"""Of rows by pre."""
