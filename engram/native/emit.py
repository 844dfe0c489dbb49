"""Kernels as C text.

In: a kernel of ``ir/nodes.py``. Out: one C file with one exported function ``run``, an ``eg_job`` of ``engram.h``.
Called by ``network/kernels.py``. Names in C are ours (``s_3``); the user's names stand in comments only, which come
from the canonical text of the equations and so can't end a comment or continue a line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from engram.ir.nodes import Argument, Const, Expr, Index, Kernel, KernelKind, Operation, Read, Set, Type, reads
from engram.ir.operations import OPERATIONS

__all__ = ["ENTRY", "emit"]

ENTRY = "run"  # the exported function
C_TYPES: dict[Type, str] = {"float": "double", "int": "int64_t", "bool": "int"}
C_ARRAYS = {"float64": "double", "float32": "float", "int64": "int64_t", "int32": "int32_t", "bool": "uint8_t"}
COMMENT = re.compile(r"[^ -\[\]-~]|\*/|/\*|\?\?")  # what can't stand in a comment: a backslash, its end, a trigraph

HEAD = """\
/* {name}: written by engram from a model's equations; see engram.h for the types. */
#include <float.h>
#include <math.h>
#include "engram.h"
#include "engram_math.h"

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
        self.names: dict[str, str] = {"t": "t", "dt": "dt", "step": "step"}
        self.declared: set[str] = set()
        for symbol in (*(a.symbol for a in kernel.arguments), *(d.symbol for d in kernel.draws)):
            self._name(symbol)

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
        return "\n".join([HEAD.format(name=_comment(kernel.name)), *self.lines, "}", ""])

    # -- pieces ------------------------------------------------------------------------------------------

    def _name(self, symbol: str) -> str:
        return self.names.setdefault(symbol, f"s_{len(self.names) - 3}")

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
            case Operation(name, args, _):
                return (
                    OPERATIONS[name].c.format(*(self._expr(a) for a in args))
                    if name != "select"
                    else self._select(args)
                )

    def _select(self, args: Sequence[Expr]) -> str:
        return "({} ? {} : {})".format(*(self._expr(a) for a in args))

    # -- loops -------------------------------------------------------------------------------------------

    def _range(self) -> None:
        self._line("int64_t low, high;")
        self._line("eg_range(a->n, thread, n_threads, &low, &high);")

    def _update(self) -> None:
        kernel = self.kernel
        self._range()
        if kernel.spike is not None:
            self._line("uint32_t *const found = a->spikes->found + low;")
            self._line("int64_t n_found = 0;")
        self._open("for (int64_t from = low; from < high; from += EG_CHUNK)")
        self._line("const int64_t n = high - from < EG_CHUNK ? high - from : EG_CHUNK;")
        for k, draw in enumerate(kernel.draws):
            self._line(f"double r{self._name(draw.symbol)}[EG_CHUNK];")
            self._line(f"a->fill->{draw.kind}(a->key[{k}], step, {draw.number}, from, n, r{self._name(draw.symbol)});")
        if kernel.spike is not None:
            self._line("uint8_t spikes[EG_CHUNK];")
        known = set(self.declared)
        self._line("#pragma omp simd")
        self._open("for (int64_t j = 0; j < n; j++)")
        self._line("const int64_t i = from + j;")
        for draw in kernel.draws:
            self.declared.add(draw.symbol)
            self._line(f"const double {self._name(draw.symbol)} = r{self._name(draw.symbol)}[j];")
        arguments = self._body(kernel.body, [kernel.spike])
        if kernel.spike is not None:
            self._line(f"spikes[j] = (uint8_t)({self._expr(kernel.spike)});")
        self._store(arguments, kernel.body)
        self._close()
        self._forget(known)
        if kernel.spike is not None:
            self._reset()
        self._close()
        if kernel.spike is not None:
            self._line("a->spikes->found_count[thread * 8] = n_found;")

    def _reset(self) -> None:
        self._open("for (int64_t j = 0; j < n; j++)")
        self._line("if (!spikes[j]) continue;")
        self._line("const int64_t i = from + j;")
        self._line("found[n_found++] = (uint32_t)i;")
        known = set(self.declared)
        self._store(self._body(self.kernel.reset), self.kernel.reset)
        self._forget(known)
        self._close()

    def _globals(self) -> None:
        self._line("if (thread != 0) return 0;")
        for k, draw in enumerate(self.kernel.draws):
            self.declared.add(draw.symbol)
            self._line(f"double {self._name(draw.symbol)};")
            self._line(f"a->fill->{draw.kind}(a->key[{k}], step, {draw.number}, 0, 1, &{self._name(draw.symbol)});")
        self._store(self._body(self.kernel.body), self.kernel.body)

    def _deliver(self) -> None:
        self._line("const eg_rows *const rows = a->rows;")
        self._line("const eg_spikes *const spikes = a->spikes;")
        self._range()
        self._line("/* oldest emission first */")
        self._open("for (int64_t d = rows->n_delays - 1; d >= 0; d--)")
        self._line("const int64_t row = eg_ring_row(step - rows->delay[d], spikes->length);")
        self._line("const uint32_t *const emitted = spikes->rank + row * spikes->n;")
        self._open("for (int64_t e = 0; e < spikes->count[row]; e++)")
        self._line("const int64_t pre = emitted[e];")
        self._line("const uint32_t *const segment = rows->segment + pre * (rows->n_delays + 1) + d;")
        self._line("int64_t from = rows->start[pre] + segment[0], to = rows->start[pre] + segment[1];")
        self._open("if (n_threads > 1)")
        self._line("from = eg_lower_bound(rows->rank, from, to, low);")
        self._line("to = eg_lower_bound(rows->rank, from, to, high);")
        self._close()
        self._open("for (int64_t k = from; k < to; k++)")
        self._line("const int64_t post = rows->rank[k];")
        self._store(self._body(self.kernel.body), self.kernel.body)
        self._close()
        self._close()
        self._close()

    def _post_events(self) -> None:
        self._line("const eg_rows *const rows = a->rows;")
        self._line("const eg_spikes *const spikes = a->spikes;")
        self._range()
        self._line("const int64_t row = eg_ring_row(step, spikes->length);")
        self._line("const uint32_t *const emitted = spikes->rank + row * spikes->n;")
        self._line("int64_t e = eg_lower_bound(emitted, 0, spikes->count[row], low);")
        self._open("for (; e < spikes->count[row] && emitted[e] < high; e++)")
        self._line("const int64_t post = emitted[e];")
        known = set(self.declared)
        self._open("for (int64_t c = rows->column_start[post]; c < rows->column_start[post + 1]; c++)")
        self._line("const int64_t k = rows->column_slot[c], pre = rows->column_pre[c];")
        self._line("(void)pre;")
        self._store(self._body(self.kernel.body), self.kernel.body)
        self._close()
        self._forget(known)
        self._store(self._body(self.kernel.row_end), self.kernel.row_end)
        self._close()

    def _gather(self) -> None:
        kernel = self.kernel
        into = kernel.argument(kernel.into)
        if kernel.result is None or into is None:
            raise ValueError(f"kernel {kernel.name!r} has nothing to sum up")
        self._line("const eg_rows *const rows = a->rows;")
        self._range()
        self._open("for (int64_t post = low; post < high; post++)")
        self._line("/* eight sums and a fixed tree: the same order whatever the vectors' width */")
        self._line("double sum[8] = {0};")
        self._line("const int64_t first = rows->start[post], last = rows->start[post + 1];")
        self._open("for (int64_t k = first; k < last; k++)")
        self._line("const int64_t pre = rows->rank[k];")
        self._load(self._used((), [kernel.result]))
        self._line(f"sum[(k - first) & 7] += {self._expr(kernel.result)};")
        self._close()
        total = "((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]))"
        self._line(f"{self._address(into)} += {total};")
        self._close()

    def _synapses(self) -> None:
        self._line("const eg_rows *const rows = a->rows;")
        self._range()
        self._open("for (int64_t post = low; post < high; post++)")
        self._open("for (int64_t k = rows->start[post]; k < rows->start[post + 1]; k++)")
        self._line("const int64_t pre = rows->rank[k];")
        self._store(self._body(self.kernel.body), self.kernel.body)
        self._close()
        self._close()


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
