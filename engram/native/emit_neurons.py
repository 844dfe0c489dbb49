"""The loops over neurons in C: update with spike compaction and reset, and what a population computes once."""

from __future__ import annotations

from collections.abc import Sequence

from engram.ir.nodes import DrawSpec, Expr, Random, Set, nodes_of
from engram.native.c_text import CText, drawn

__all__ = ["leave_to_last", "update", "update_globals"]


def leave_to_last(c: CText) -> None:
    """Let the last thread run the kernel, which alone has neurons."""
    c.open("if (thread != n_threads - 1)")
    for name, _, _ in _events(c):
        c.line(f"a->{name}->found_count[thread * 8] = 0;")
    c.line("return 0;")
    c.close()


def update(c: CText) -> None:
    """Write the loop over neurons: chunks of draws, the update, then what spiking neurons do."""
    kernel = c.kernel
    c.range()
    events = _events(c)
    for name, _, _ in events:
        c.line(f"uint32_t *const found_{name} = a->{name}->found + low;")
        c.line(f"int64_t n_{name} = 0;")
    tabled = _tables(c)
    c.open("for (int64_t from = low; from < high; from += EG_CHUNK)")
    c.line("const int64_t n = high - from < EG_CHUNK ? high - from : EG_CHUNK;")
    filled = [(k, draw) for k, draw in enumerate(kernel.draws) if draw.is_chunked]
    for k, draw in filled:
        c.line(f"double drawn_{draw.number}[EG_CHUNK];")
        function = f"tabled(&tables[{tabled[draw]}], " if draw.tabled else f"{draw.kind}("
        c.line(f"a->fill->{function}a->key[{k}], step, {draw.number}, from, n, drawn_{draw.number});")
    for name, _, _ in events:
        c.line(f"{c.flag} {name}[EG_CHUNK];")
        c.line(f"for (int64_t j = n; j % EG_STRIDE; j++) {name}[j] = 0;")
    known = set(c.declared)
    c.line("#pragma omp simd")
    c.open("for (int64_t j = 0; j < n; j++)")
    c.line("const int64_t i = from + j;")
    for _, draw in filled:
        c.line(f"const {c.real} r_{draw.number} = {c.drawn_value(draw, f'drawn_{draw.number}[j]')};")
    arguments = c.body(kernel.body, [kernel.spike, kernel.axon_spike])
    for name, condition, _ in events:
        unless = " & !spikes[j]" if name == "axons" else ""
        c.line(f"{name}[j] = ({c.flag})({c.expr(condition)}{unless});")
    c.store(arguments, kernel.body)
    c.close()
    c.forget(known)
    (_resets_in_order if kernel.is_ordered else _resets)(c)
    c.close()
    for name, _, _ in events:
        c.line(f"a->{name}->found_count[thread * 8] = n_{name};")


def _tables(c: CText) -> dict[DrawSpec, int]:
    """Prepare the tables of this step's arguments; returns the place of each."""
    nodes = [n for e in c.kernel.expressions() for n in nodes_of(e) if isinstance(n, Random) and n.draw.tabled]
    arguments = {node.draw: node.args for node in nodes}
    if arguments:
        c.line(f"eg_table tables[{len(arguments)}];")
    for k, (draw, args) in enumerate(arguments.items()):
        c.line(f"a->fill->{draw.kind}({''.join(f'{c.expr(x)}, ' for x in args)}&tables[{k}]);")
    return {draw: k for k, draw in enumerate(arguments)}


def _events(c: CText) -> list[tuple[str, Expr, tuple[Set, ...]]]:
    """The kinds of spikes: the name of the list, the condition, the reset."""
    kernel, found = c.kernel, []
    for name, condition, reset in (
        ("spikes", kernel.spike, kernel.reset),
        ("axons", kernel.axon_spike, kernel.axon_reset),
    ):
        if condition is not None:
            found.append((name, condition, reset))
    return found


def _resets(c: CText) -> None:
    for name, _, reset in _events(c):
        c.open("for (int64_t at = 0; at < n; at += EG_STRIDE)")
        c.open(f"for (uint64_t bits = eg_flag_bits{c.suffix}({name} + at); bits; bits &= bits - 1)")
        c.line("const int64_t j = at + __builtin_ctzll(bits), i = from + j;")
        _reset(c, name, reset)
        c.close()
        c.close()


def _resets_in_order(c: CText) -> None:
    """One neuron after another, whatever kind of spike it has."""
    c.open("for (int64_t j = 0; j < n; j++)")
    c.line("const int64_t i = from + j;")
    for name, _, reset in _events(c):
        c.open(f"if ({name}[j])")
        _reset(c, name, reset)
        c.close()
    c.close()


def _reset(c: CText, name: str, reset: Sequence[Set]) -> None:
    c.line(f"found_{name}[n_{name}++] = (uint32_t)i;")
    for draw in c.kernel.draws:
        if draw.is_chunked and draw.number in drawn(reset):
            c.line(f"const {c.real} r_{draw.number} = {c.drawn_value(draw, f'drawn_{draw.number}[j]')};")
    known = set(c.declared)
    c.store(c.body(reset), reset)
    c.forget(known)


def update_globals(c: CText) -> None:
    """Write what one thread computes once for a population."""
    c.line("if (thread != 0) return 0;")
    c.store(c.body(c.kernel.body), c.kernel.body)
