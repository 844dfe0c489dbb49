"""The loops over spikes in C: arrival at the synapses of a presynaptic neuron, and events of the postsynaptic side.

Called by ``native/emit.py``.
"""

from __future__ import annotations

from engram.ir.nodes import POST_SPIKED_SYMBOL, reads
from engram.native.c_text import CText

__all__ = ["deliver", "post_events"]


def deliver(c: CText) -> None:
    """Write the walk over the rows whose spikes arrive in this step."""
    c.line("const eg_rows *const rows = a->rows;")
    c.line(f"const eg_spikes *const spikes = a->{'axons' if c.kernel.axonal else 'spikes'};")
    c.range()
    c.line("/* oldest emission first */")
    c.open("for (int64_t d = rows->n_delays - 1; d >= 0; d--)")
    c.line("const int64_t emitted = step - rows->delay[d], row = eg_ring_row(emitted, spikes->length);")
    c.line("(void)emitted;")
    c.line("const uint32_t *const list = spikes->rank + row * spikes->n;")
    c.open("for (int64_t e = 0; e < spikes->count[row]; e++)")
    c.line("const int64_t pre = list[e];")
    c.line("const uint32_t *const segment = rows->segment + pre * (rows->n_delays + 1) + d;")
    c.line("int64_t from = rows->start[pre] + segment[0], to = rows->start[pre] + segment[1];")
    c.open("if (n_threads > 1)")
    c.line("from = eg_lower_bound(rows->rank, from, to, low);")
    c.line("to = eg_lower_bound(rows->rank, from, to, high);")
    c.close()
    c.open("for (int64_t k = from; k < to; k++)")
    c.line("const int64_t post = rows->rank[k];")
    if any(POST_SPIKED_SYMBOL in reads(e) for e in c.kernel.expressions()):
        c.line(f"const int {c.name(POST_SPIKED_SYMBOL)} = eg_spiked(a->compared, emitted, post);")
    c.store(c.body(c.kernel.body), c.kernel.body)
    c.close()
    c.close()
    c.close()


def post_events(c: CText) -> None:
    """Write the walk over the synapses of postsynaptic neurons that spiked."""
    c.line("const eg_rows *const rows = a->rows;")
    c.line("const eg_spikes *const spikes = a->spikes;")
    c.range()
    c.line("const int64_t row = eg_ring_row(step, spikes->length);")
    c.line("const uint32_t *const list = spikes->rank + row * spikes->n;")
    c.line("int64_t e = eg_lower_bound(list, 0, spikes->count[row], low);")
    c.open("for (; e < spikes->count[row] && list[e] < high; e++)")
    c.line("const int64_t post = list[e];")
    known = set(c.declared)
    c.open("for (int64_t c = rows->column_start[post]; c < rows->column_start[post + 1]; c++)")
    c.line("const int64_t k = rows->column_slot[c], pre = rows->column_pre[c];")
    c.line("(void)pre;")
    c.store(c.body(c.kernel.body), c.kernel.body)
    c.close()
    c.forget(known)
    c.store(c.body(c.kernel.row_end), c.kernel.row_end)
    c.close()
