"""The layouts of ``ir/layouts.py`` as C: how a loop over the synapses of a rate-coded neuron walks each."""

from __future__ import annotations

from dataclasses import dataclass

from engram.ir.layouts import FULL, LAYOUTS, LIST, OTHERS, SHORT_LIST
from engram.ir.nodes import Kernel

__all__ = ["WALKS", "LayoutWalk", "walk_of"]


@dataclass(frozen=True)
class LayoutWalk:
    """One layout. In its texts ``post`` is the neuron, and ``c + l`` the place of the synapse in the neuron's row.

    Args:
        first: position of the first synapse of a row.
        length: of a row.
        k: position of a synapse; its row begins at ``first[r]``.
        pre: its presynaptic neuron.
        lists: arrays that these need: (type, name) of fields of ``eg_rows``.
    """

    first: str
    length: str
    k: str = "first[r] + c + l"
    pre: str = "c + l"
    lists: tuple[tuple[str, str], ...] = ()


def _listed(kind: str, field: str) -> LayoutWalk:
    lists = (("int64_t", "start"), (kind, field))
    return LayoutWalk("start[post]", "start[post + 1] - start[post]", pre=f"{field}[k]", lists=lists)


WALKS = {
    LIST.name: _listed("uint32_t", "rank"),
    SHORT_LIST.name: _listed("uint16_t", "short_rank"),
    FULL.name: LayoutWalk("post * a->n_pre", "a->n_pre"),
    OTHERS.name: LayoutWalk("post * (a->n_pre - 1)", "a->n_pre - 1", pre="c + l + (c + l >= post)"),
}
"""Of rows by post."""

_COLUMNS = LayoutWalk(
    "column_start[post]",
    "column_start[post + 1] - column_start[post]",
    "column_slot[first[r] + c + l]",
    "column_pre[first[r] + c + l]",
    (("int64_t", "column_start"), ("uint32_t", "column_slot"), ("uint32_t", "column_pre")),
)


def walk_of(kernel: Kernel) -> tuple[LayoutWalk, bool]:
    """Return how a kernel walks its rows, which may be by pre, and whether these lack the neuron itself."""
    return (_COLUMNS, False) if kernel.columns else (WALKS[kernel.layout], LAYOUTS[kernel.layout].is_gapped)
