"""The loops over all synapses in C: weighted sums, and equations of synapses.

Called by ``native/emit.py``.
"""

from __future__ import annotations

from engram.ir.nodes import Index
from engram.native.c_text import CText, drawn

__all__ = ["gather", "synapses"]


def _each_synapse(c: CText) -> None:
    """Open the loop over the synapses of the neuron ``post``; ``c`` counts them, ``k`` is their position."""
    start = "column_start" if c.kernel.columns else "start"
    c.line(f"const int64_t first = rows->{start}[post], last = rows->{start}[post + 1];")
    c.open("for (int64_t c = first; c < last; c++)")
    if c.kernel.columns:
        c.line("const int64_t k = rows->column_slot[c], pre = rows->column_pre[c];")
    else:
        c.line("const int64_t k = c, pre = rows->rank[c];")
    c.line("(void)k; (void)pre;")


def gather(c: CText) -> None:
    """Write the weighted sums, one for each postsynaptic neuron."""
    kernel = c.kernel
    into = kernel.argument(kernel.into)
    if kernel.result is None or into is None:
        raise ValueError(f"kernel {kernel.name!r} has nothing to sum up")
    c.line("const eg_rows *const rows = a->rows;")
    c.range()
    c.open("for (int64_t post = low; post < high; post++)")
    known = set(c.declared)
    extreme = kernel.operation in ("max", "min")
    if extreme:
        c.line(f"{c.real} best = {'-' if kernel.operation == 'max' else ''}({c.real})INFINITY;")
    else:
        c.line("/* eight sums and a fixed tree: the same order whatever the vectors' width */")
        c.line(f"{c.real} sum[8] = {{0}};")
    c.load([a for a in c.used((), [kernel.result]) if a.index is Index.POST])
    _each_synapse(c)
    c.load(c.used((), [kernel.result]))
    if extreme:
        c.line(f"const {c.real} psp = {c.expr(kernel.result)};")
        c.line(f"best = psp {'>' if kernel.operation == 'max' else '<'} best ? psp : best;")
    else:
        c.line(f"sum[(c - first) & 7] += {c.expr(kernel.result)};")
    c.close()
    c.forget(known)
    total = "(((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7])))"
    value = {"sum": total, "mean": f"{total} / ({c.real})(last - first)"}.get(kernel.operation, "best")
    c.line(f"if (last > first) {c.address(into)} += {value};")
    c.close()


def synapses(c: CText) -> None:
    """Write the equations of all synapses."""
    kernel = c.kernel
    c.line("const eg_rows *const rows = a->rows;")
    c.range()
    c.open("for (int64_t post = low; post < high; post++)")
    known = set(c.declared)
    if kernel.row_begin:
        # a neuron without synapses has no dendrite, and so no values of its own
        start = "column_start" if kernel.columns else "start"
        c.line(f"if (rows->{start}[post] == rows->{start}[post + 1]) continue;")
        if drawn(kernel.row_begin):
            c.line("const int64_t pre = 0; /* draws are those of neuron 0 */")
        c.store(c.body(kernel.row_begin), kernel.row_begin)
    if kernel.body:
        _each_synapse(c)
        c.store(c.body(kernel.body), kernel.body)
        c.close()
    c.forget(known)
    c.close()
