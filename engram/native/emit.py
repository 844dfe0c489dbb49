"""Kernels as C text.

In: a kernel of ``ir/nodes.py``. Out: one C file with one exported function ``run``, an ``eg_job`` of ``engram.h``.
Called by ``network/kernels.py``. Names in C are ours (``s_3``); the user's names stand in comments only, which come
from the canonical text of the equations and so can't end a comment or continue a line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from engram.ir.nodes import (
    EMITTED_SYMBOL,
    OFFSET_SYMBOL,
    PERIOD_SYMBOL,
    POST_SPIKED_SYMBOL,
    STEP_SYMBOL,
    Argument,
    Const,
    DrawSpec,
    Expr,
    Index,
    Kernel,
    KernelKind,
    Operation,
    Random,
    Read,
    Set,
    Type,
    reads,
    walk,
)
from engram.ir.operations import OPERATIONS

__all__ = ["ENTRY", "emit"]

ENTRY = "run"  # the exported function
C_TYPES: dict[Type, str] = {"float": "double", "int": "int64_t", "bool": "int"}
C_ARRAYS = {"float64": "double", "float32": "float", "int64": "int64_t", "int32": "int32_t", "bool": "uint8_t"}
REJECTED = ("gamma", "binomial", "poisson")
CLOCK = {"t": "t", "dt": "dt", STEP_SYMBOL: "step", EMITTED_SYMBOL: "emitted"}  # symbol -> name in C
COMMENT = re.compile(r"[^ -\[\]-~]|\*/|/\*|\?\?")  # what can't stand in a comment: a backslash, its end, a trigraph

HEAD = """\
/* {name}: written by engram from a model's equations; see engram.h for the types. */
#include <float.h>
#include <math.h>
#include "engram.h"
#include "engram_math.h"{draws}

EG_EXPORT int64_t run(void *arg, const eg_clock *clock, int thread, int n_threads) {{
    const eg_args *a = arg;
    const double t = clock->t, dt = clock->dt;
    const int64_t step = clock->step;
    (void)t; (void)dt; (void)step; (void)thread; (void)n_threads;"""


def emit(kernel: Kernel) -> str:
    """Return the C source of a kernel. The same kernel gives the same text."""
    return _Emitter(kernel).text()


class _Emitter:
    """Collects lines; knows the C name of every symbol."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.lines: list[str] = []
        self.depth = 1
        self.names: dict[str, str] = dict(CLOCK)
        self.declared: set[str] = set()
        for argument in kernel.arguments:
            self._name(argument.symbol)

    def text(self) -> str:
        kernel = self.kernel
        self._scalars()
        self._sets(kernel.prelude, constant=True)
        {
            KernelKind.UPDATE: self._update,
            KernelKind.GLOBALS: self._globals,
            KernelKind.DELIVER: self._deliver,
            KernelKind.POST_EVENTS: self._post_events,
            KernelKind.GATHER: self._gather,
            KernelKind.SYNAPSES: self._synapses,
        }[kernel.kind]()
        self._line("return 0;")
        return "\n".join([HEAD.format(name=_comment(kernel.name), draws=self._header()), *self.lines, "}", ""])

    def _header(self) -> str:
        """What to include for draws that are made element by element."""
        single = [draw for draw in self.kernel.draws if not self._is_chunked(draw)]
        if not single:
            return ""
        rejection = any(draw.kind in REJECTED for draw in single)
        return f'\n#include "engram_{"rejection" if rejection else "draws"}.h"'

    def _is_chunked(self, draw: DrawSpec) -> bool:
        return self.kernel.kind is KernelKind.UPDATE and draw.is_chunked

    # -- pieces ------------------------------------------------------------------------------------------

    def _name(self, symbol: str) -> str:
        return self.names.setdefault(symbol, f"s_{len(self.names) - len(CLOCK)}")

    def _line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def _open(self, text: str) -> None:
        self._line(text + " {")
        self.depth += 1

    def _close(self) -> None:
        self.depth -= 1
        self._line("}")

    def _scalars(self) -> None:
        """Pointers of all arguments, and the values of those that are one number."""
        for k, argument in enumerate(self.kernel.arguments):
            name, kind = self._name(argument.symbol), C_ARRAYS[argument.dtype]
            const = "" if argument.written else "const "
            row = ""
            if argument.history == "uniform":
                row = f" + eg_ring_row(step - a->rows->delay[0] + {argument.lag}, a->length[{k}]) * a->n_pre"
            self._line(
                f"{const}{kind} *const p{name} = ({const}{kind} *)a->slot[{k}]{row}; /* {_comment(argument.symbol)} */"
            )
            if argument.index is Index.ONE and not argument.written:
                self._line(f"const {C_TYPES[argument.type]} {name} = *p{name};")
                self.declared.add(argument.symbol)
        for gate in self.kernel.gates:
            self._line(f"if (!{self._name(gate)}) return 0;")
        if self.kernel.periodic:
            period, offset = self._name(PERIOD_SYMBOL), self._name(OFFSET_SYMBOL)
            self._line(f"if (eg_ring_row(step - {offset}, {period})) return 0;")

    def _address(self, argument: Argument) -> str:
        name = self._name(argument.symbol)
        if argument.history == "each":
            k = self.kernel.arguments.index(argument)
            row = f"eg_ring_row(step - a->rows->delay_of[k] + {argument.lag}, a->length[{k}])"
            return f"p{name}[{row} * a->n_pre + pre]"
        index = {Index.ONE: "0", Index.OWN: "i", Index.PRE: "pre", Index.POST: "post", Index.SYNAPSE: "k"}[
            argument.index
        ]
        return f"p{name}[{index}]"

    def _used(self, statements: Iterable[Set], extra: Iterable[Expr | None] = ()) -> list[Argument]:
        """The arguments that some statements read or write, in the kernel's order."""
        symbols: set[str] = set()
        for statement in statements:
            symbols |= reads(statement.value) | {statement.symbol}
        for expr in extra:
            symbols |= reads(expr) if expr is not None else set()
        return [a for a in self.kernel.arguments if a.symbol in symbols]

    def _load(self, arguments: Iterable[Argument]) -> None:
        for argument in arguments:
            if argument.symbol not in self.declared:
                self.declared.add(argument.symbol)
                const = "" if argument.written else "const "
                self._line(
                    f"{const}{C_TYPES[argument.type]} {self._name(argument.symbol)} = {self._address(argument)};"
                )

    def _store(self, arguments: Iterable[Argument], statements: Sequence[Set]) -> None:
        changed = {s.symbol for s in statements}
        for argument in arguments:
            if argument.symbol in changed:
                value = self._name(argument.symbol)
                cast = f"({C_ARRAYS[argument.dtype]})" if argument.dtype not in ("float64", "int64") else ""
                self._line(f"{self._address(argument)} = {cast}{value};")

    def _forget(self, known: set[str]) -> None:
        """Leave a C block: what was declared in it is gone."""
        self.declared = known

    def _sets(self, statements: Iterable[Set], constant: bool = False) -> None:
        for statement in statements:
            if statement.text:
                self._line(f"/* {_comment(statement.text)} */")
            name, value = self._name(statement.symbol), self._expr(statement.value)
            if statement.symbol in self.declared:
                self._line(f"{name} = {value};")
            else:
                self.declared.add(statement.symbol)
                self._line(f"{'const ' if constant else ''}{C_TYPES[statement.value.type]} {name} = {value};")

    def _body(self, statements: Sequence[Set], extra: Iterable[Expr | None] = ()) -> list[Argument]:
        """Load, compute; the caller stores."""
        arguments = self._used(statements, extra)
        self._load(arguments)
        self._sets(statements)
        return arguments

    def _expr(self, expr: Expr) -> str:
        match expr:
            case Const(value, "bool"):
                return "1" if value else "0"
            case Const(value, "int"):
                return f"INT64_C({int(value)})" if value >= 0 else f"(-INT64_C({-int(value)}))"
            case Const(value, _):
                return _float(float(value))
            case Read(symbol, _):
                return self._name(symbol)
            case Random(draw, args, _):
                return self._random(draw, args)
            case Operation(name, args, kind):
                return (
                    OPERATIONS[name].c.format(*(self._expr(a) for a in args), type=kind)
                    if name != "select"
                    else self._select(args)
                )

    def _random(self, draw: DrawSpec, args: Sequence[Expr]) -> str:
        if self._is_chunked(draw):
            return f"r_{draw.number}"
        key = f"a->key[{self.kernel.draws.index(draw)}]"
        values = "".join(f"{self._expr(a)}, " for a in args)
        if self.kernel.kind in (KernelKind.UPDATE, KernelKind.GLOBALS):
            element = "(uint32_t)i, 1" if self.kernel.kind is KernelKind.UPDATE else "0, 1"
        else:
            element = "(uint32_t)pre, (uint32_t)post"
        prefix = "eg_" if draw.kind in REJECTED else "eg_synapse_"
        return f"{prefix}{draw.kind}({values}{key}, {element}, (uint32_t)step, {draw.number})"

    def _select(self, args: Sequence[Expr]) -> str:
        return "({} ? {} : {})".format(*(self._expr(a) for a in args))

    # -- loops -------------------------------------------------------------------------------------------

    def _range(self) -> None:
        self._line("int64_t low, high;")
        self._line("eg_range(a->n, thread, n_threads, &low, &high);")

    def _update(self) -> None:
        kernel = self.kernel
        self._range()
        events = [e for e in (("spikes", kernel.spike), ("axons", kernel.axon_spike)) if e[1] is not None]
        for name, _ in events:
            self._line(f"uint32_t *const found_{name} = a->{name}->found + low;")
            self._line(f"int64_t n_{name} = 0;")
        tabled = self._tables()
        self._open("for (int64_t from = low; from < high; from += EG_CHUNK)")
        self._line("const int64_t n = high - from < EG_CHUNK ? high - from : EG_CHUNK;")
        filled = [(k, draw) for k, draw in enumerate(kernel.draws) if draw.is_chunked]
        for k, draw in filled:
            self._line(f"double drawn_{draw.number}[EG_CHUNK];")
            function = f"tabled(&tables[{tabled[draw]}], " if draw.tabled else f"{draw.kind}("
            self._line(f"a->fill->{function}a->key[{k}], step, {draw.number}, from, n, drawn_{draw.number});")
        for name, _ in events:
            self._line(f"int64_t {name}[EG_CHUNK];")
        known = set(self.declared)
        self._line("#pragma omp simd")
        self._open("for (int64_t j = 0; j < n; j++)")
        self._line("const int64_t i = from + j;")
        for _, draw in filled:
            self._line(f"const double r_{draw.number} = drawn_{draw.number}[j];")
        arguments = self._body(kernel.body, [kernel.spike, kernel.axon_spike])
        for name, condition in events:
            if condition is not None:
                unless = " & !spikes[j]" if name == "axons" else ""
                self._line(f"{name}[j] = (int64_t)({self._expr(condition)}{unless});")
        self._store(arguments, kernel.body)
        self._close()
        self._forget(known)
        for (name, _), reset in zip(events, (kernel.reset, kernel.axon_reset), strict=False):
            self._reset(name, reset)
        self._close()
        for name, _ in events:
            self._line(f"a->{name}->found_count[thread * 8] = n_{name};")

    def _tables(self) -> dict[DrawSpec, int]:
        """Prepare the tables of this step's arguments; returns the place of each."""
        nodes = [n for e in self.kernel.expressions() for n in walk(e) if isinstance(n, Random) and n.draw.tabled]
        arguments = {node.draw: node.args for node in nodes}
        if arguments:
            self._line(f"eg_table tables[{len(arguments)}];")
        for k, (draw, args) in enumerate(arguments.items()):
            self._line(f"a->fill->{draw.kind}({''.join(f'{self._expr(x)}, ' for x in args)}&tables[{k}]);")
        return {draw: k for k, draw in enumerate(arguments)}

    def _reset(self, name: str, reset: Sequence[Set]) -> None:
        self._open("for (int64_t j = 0; j < n; j++)")
        self._line(f"if (!{name}[j]) continue;")
        self._line("const int64_t i = from + j;")
        self._line(f"found_{name}[n_{name}++] = (uint32_t)i;")
        for number in sorted(_drawn(reset) & {draw.number for draw in self.kernel.draws if draw.is_chunked}):
            self._line(f"const double r_{number} = drawn_{number}[j];")
        known = set(self.declared)
        self._store(self._body(reset), reset)
        self._forget(known)
        self._close()

    def _globals(self) -> None:
        self._line("if (thread != 0) return 0;")
        self._store(self._body(self.kernel.body), self.kernel.body)

    def _deliver(self) -> None:
        self._line("const eg_rows *const rows = a->rows;")
        self._line(f"const eg_spikes *const spikes = a->{'axons' if self.kernel.axonal else 'spikes'};")
        self._range()
        self._line("/* oldest emission first */")
        self._open("for (int64_t d = rows->n_delays - 1; d >= 0; d--)")
        self._line("const int64_t emitted = step - rows->delay[d], row = eg_ring_row(emitted, spikes->length);")
        self._line("(void)emitted;")
        self._line("const uint32_t *const list = spikes->rank + row * spikes->n;")
        self._open("for (int64_t e = 0; e < spikes->count[row]; e++)")
        self._line("const int64_t pre = list[e];")
        self._line("const uint32_t *const segment = rows->segment + pre * (rows->n_delays + 1) + d;")
        self._line("int64_t from = rows->start[pre] + segment[0], to = rows->start[pre] + segment[1];")
        self._open("if (n_threads > 1)")
        self._line("from = eg_lower_bound(rows->rank, from, to, low);")
        self._line("to = eg_lower_bound(rows->rank, from, to, high);")
        self._close()
        self._open("for (int64_t k = from; k < to; k++)")
        self._line("const int64_t post = rows->rank[k];")
        if any(POST_SPIKED_SYMBOL in reads(e) for e in self.kernel.expressions()):
            self._line(f"const int {self._name(POST_SPIKED_SYMBOL)} = eg_spiked(a->compared, emitted, post);")
        self._store(self._body(self.kernel.body), self.kernel.body)
        self._close()
        self._close()
        self._close()

    def _post_events(self) -> None:
        self._line("const eg_rows *const rows = a->rows;")
        self._line("const eg_spikes *const spikes = a->spikes;")
        self._range()
        self._line("const int64_t row = eg_ring_row(step, spikes->length);")
        self._line("const uint32_t *const list = spikes->rank + row * spikes->n;")
        self._line("int64_t e = eg_lower_bound(list, 0, spikes->count[row], low);")
        self._open("for (; e < spikes->count[row] && list[e] < high; e++)")
        self._line("const int64_t post = list[e];")
        known = set(self.declared)
        self._open("for (int64_t c = rows->column_start[post]; c < rows->column_start[post + 1]; c++)")
        self._line("const int64_t k = rows->column_slot[c], pre = rows->column_pre[c];")
        self._line("(void)pre;")
        self._store(self._body(self.kernel.body), self.kernel.body)
        self._close()
        self._forget(known)
        self._store(self._body(self.kernel.row_end), self.kernel.row_end)
        self._close()

    def _each_synapse(self) -> None:
        """Open the loop over the synapses of the neuron ``post``; ``c`` counts them, ``k`` is their position."""
        start = "column_start" if self.kernel.columns else "start"
        self._line(f"const int64_t first = rows->{start}[post], last = rows->{start}[post + 1];")
        self._open("for (int64_t c = first; c < last; c++)")
        if self.kernel.columns:
            self._line("const int64_t k = rows->column_slot[c], pre = rows->column_pre[c];")
        else:
            self._line("const int64_t k = c, pre = rows->rank[c];")
        self._line("(void)k; (void)pre;")

    def _gather(self) -> None:
        kernel = self.kernel
        into = kernel.argument(kernel.into)
        if kernel.result is None or into is None:
            raise ValueError(f"kernel {kernel.name!r} has nothing to sum up")
        self._line("const eg_rows *const rows = a->rows;")
        self._range()
        self._open("for (int64_t post = low; post < high; post++)")
        known = set(self.declared)
        extreme = kernel.operation in ("max", "min")
        if extreme:
            self._line(f"double best = {'-' if kernel.operation == 'max' else ''}(double)INFINITY;")
        else:
            self._line("/* eight sums and a fixed tree: the same order whatever the vectors' width */")
            self._line("double sum[8] = {0};")
        self._load([a for a in self._used((), [kernel.result]) if a.index is Index.POST])
        self._each_synapse()
        self._load(self._used((), [kernel.result]))
        if extreme:
            self._line(f"const double psp = {self._expr(kernel.result)};")
            self._line(f"best = psp {'>' if kernel.operation == 'max' else '<'} best ? psp : best;")
        else:
            self._line(f"sum[(c - first) & 7] += {self._expr(kernel.result)};")
        self._close()
        self._forget(known)
        total = "(((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7])))"
        value = {"sum": total, "mean": f"{total} / (double)(last - first)"}.get(kernel.operation, "best")
        self._line(f"if (last > first) {self._address(into)} += {value};")
        self._close()

    def _synapses(self) -> None:
        kernel = self.kernel
        self._line("const eg_rows *const rows = a->rows;")
        self._range()
        self._open("for (int64_t post = low; post < high; post++)")
        known = set(self.declared)
        if kernel.row_begin:
            # a neuron without synapses has no dendrite, and so no values of its own
            start = "column_start" if kernel.columns else "start"
            self._line(f"if (rows->{start}[post] == rows->{start}[post + 1]) continue;")
            if _drawn(kernel.row_begin):
                self._line("const int64_t pre = 0; /* draws are those of neuron 0 */")
            self._store(self._body(kernel.row_begin), kernel.row_begin)
        if kernel.body:
            self._each_synapse()
            self._store(self._body(kernel.body), kernel.body)
            self._close()
        self._forget(known)
        self._close()


def _drawn(statements: Iterable[Set]) -> set[int]:
    """The numbers of the draws in some statements."""
    return {node.draw.number for s in statements for node in walk(s.value) if isinstance(node, Random)}


def _comment(text: str) -> str:
    return COMMENT.sub("?", text)


def _float(value: float) -> str:
    """A C constant that is exactly ``value``."""
    if math.isnan(value):
        return "(double)NAN"
    if math.isinf(value):
        return "(double)INFINITY" if value > 0 else "(-(double)INFINITY)"
    text = repr(abs(value))
    text = text if any(c in text for c in ".e") else text + ".0"
    return text if math.copysign(1.0, value) > 0 else f"(-{text})"
