"""The loops over spikes in C: arrival at the synapses of a presynaptic neuron, and events of the postsynaptic side."""

from __future__ import annotations

from engram.ir.nodes import POST_SPIKED_SYMBOL, Index, Set, reads
from engram.native.c_text import CText

__all__ = ["deliver", "post_events", "pre_events"]


def deliver(c: CText) -> None:
    """Write the walk over the rows whose spikes arrive in this step."""
    c.line("const eg_rows *const rows = a->rows;")
    c.line("const uint32_t *const rank = rows->rank;")
    _spikes(c)
    c.range()
    field = "axons_in_flight" if c.kernel.axonal else "in_flight"
    c.line(f"const eg_in_flight *const in_flight = rows->{field};")
    c.line("/* oldest emission first */")
    c.open("for (int64_t d = rows->n_delays - !in_flight; d >= 0; d--)")
    c.line("const eg_arrivals arrivals = eg_arriving(rows, in_flight, spikes, step, d);")
    c.line("eg_slice next = {0, 0};")
    c.line("int64_t after = eg_together(rows, &arrivals, 0);")
    c.line("if (arrivals.n) next = eg_reached(rows, &arrivals, 0, after, low, high, n_threads);")
    c.open("for (int64_t e = 0, then = 0; e < arrivals.n; e = then)")
    c.line("const int64_t pre = arrivals.pre[e];")
    c.line("(void)pre;")
    c.line("const eg_slice now = next;")
    c.line("then = after;")
    c.open("if (then < arrivals.n)")
    c.line("after = eg_together(rows, &arrivals, then);")
    c.line("next = eg_reached(rows, &arrivals, then, after, low, high, n_threads);")
    c.line("eg_prefetch(rank, sizeof *rank, next.from, next.to);")
    for name in _per_synapse(c):
        c.line(f"eg_prefetch({name}, sizeof *{name}, next.from, next.to);")
    c.close()
    c.line("const int64_t emitted = arrivals.emitted - (arrivals.before ? arrivals.before[e] : 0);")
    c.line("(void)emitted;")
    known = set(c.declared)
    _once(c, c.kernel.row_begin, Index.PRE)
    c.open("for (int64_t k = now.from; k < now.to; k++)")
    c.line("const int64_t post = rank[k];")
    if any(POST_SPIKED_SYMBOL in reads(e) for e in c.kernel.expressions()):
        c.line(f"const int {c.name(POST_SPIKED_SYMBOL)} = eg_spiked(a->compared, emitted, post);")
    c.store(c.body(c.kernel.body), c.kernel.body)
    c.close()
    c.forget(known)
    c.close()
    c.close()


def pre_events(c: CText) -> None:
    """Write the loop over the presynaptic neurons whose spikes arrive in this step."""
    _spikes(c)
    c.range()
    c.line("const int64_t row = eg_ring_row(step - a->rows->delay[0], spikes->length);")
    _spikes_of_range(c)
    c.line("const int64_t pre = list[e];")
    c.store(c.body(c.kernel.body), c.kernel.body)
    c.close()


def post_events(c: CText) -> None:
    """Write the walk over the synapses of postsynaptic neurons that spiked."""
    c.line("const eg_rows *const rows = a->rows;")
    c.line("const int64_t *const column_start = rows->column_start;")
    c.line("const uint32_t *const column_slot = rows->column_slot, *const column_pre = rows->column_pre;")
    _spikes(c)
    c.range()
    c.line("const int64_t row = eg_ring_row(step, spikes->length);")
    _spikes_of_range(c)
    c.line("const int64_t post = list[e];")
    known = set(c.declared)
    _once(c, c.kernel.row_begin, Index.POST)
    c.open("if (e + 1 < n_spikes)")
    c.line("const int64_t from = column_start[list[e + 1]], to = column_start[list[e + 1] + 1];")
    c.line("eg_prefetch(column_slot, sizeof *column_slot, from, to);")
    c.line("eg_prefetch(column_pre, sizeof *column_pre, from, to);")
    c.close()
    c.line("const int64_t last = column_start[post + 1];")
    c.open("for (int64_t c = column_start[post]; c < last; c++)")
    c.line("const int64_t k = column_slot[c], pre = column_pre[c];")
    for name in _per_synapse(c):
        c.line(f"__builtin_prefetch(&{name}[column_slot[c + EG_SOON < last ? c + EG_SOON : c]]);")
    c.line("(void)pre;")
    inside = set(c.declared)
    c.store(c.body(c.kernel.body), c.kernel.body)
    c.close()
    c.forget(inside)
    c.store(c.body(c.kernel.row_end), c.kernel.row_end)
    c.forget(known)
    c.close()


def _per_synapse(c: CText) -> list[str]:
    """The pointers to what the walk touches for each synapse."""
    return [f"p{c.name(a.symbol)}" for a in c.used(c.kernel.body) if a.index is Index.SYNAPSE]


def _spikes(c: CText) -> None:
    c.line(f"const eg_spikes *const spikes = a->{'axons' if c.kernel.axonal else 'spikes'};")


def _spikes_of_range(c: CText) -> None:
    """Open the loop over the spikes in ``row`` of the thread's own neurons."""
    c.line("const uint32_t *const list = spikes->rank + row * spikes->n;")
    c.line("const int64_t n_spikes = spikes->count[row];")
    c.open("for (int64_t e = eg_lower_bound(list, 0, n_spikes, low); e < n_spikes && list[e] < high; e++)")


def _once(c: CText, row_begin: tuple[Set, ...], neuron: Index) -> None:
    """Write what all synapses of the neuron share: values that the loop over them doesn't change."""
    changed = {s.symbol for s in c.kernel.body}
    shared = [a for a in c.used(c.kernel.body) if a.index is neuron and not a.history and a.symbol not in changed]
    c.load(shared)
    c.body(row_begin)
