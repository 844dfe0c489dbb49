"""The text of one kernel in C while it grows: lines, the names of symbols, expressions.

In: a kernel of ``ir/nodes.py``. Out: lines of C, put around loops by ``emit_neurons.py``, ``emit_spikes.py`` and
``emit_rates.py``. Names in C are ours: ``s3_tau`` has the number of a symbol, which alone tells it from others and from
every word of C, and behind it what is left of its name, to be read (``native/library.py`` leaves that aside when it
looks for code that it knows). Otherwise the user's names stand in comments only, which come from the canonical text of
the equations and so can't end a comment or continue a line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

from engram.ir.nodes import (
    EMITTED_SYMBOL,
    EXACT_DT_SYMBOL,
    OFFSET_SYMBOL,
    PERIOD_SYMBOL,
    STEP_SYMBOL,
    Argument,
    Const,
    DrawSpec,
    Entry,
    Expr,
    Index,
    Kernel,
    KernelKind,
    Lookup,
    Operation,
    Random,
    Read,
    Set,
    Type,
    nodes_of,
    reads,
)
from engram.native.c_operations import FLOATS, TEXTS

__all__ = ["CText", "comment", "drawn", "readable"]

C_ARRAYS = {"float64": "double", "float32": "float", "int64": "int64_t", "int32": "int32_t", "bool": "uint8_t"}
REJECTED = ("gamma", "binomial", "poisson")
CLOCK = {  # symbol -> name in C
    **{"t": "t", "dt": "dt", STEP_SYMBOL: "step", EMITTED_SYMBOL: "emitted", EXACT_DT_SYMBOL: "clock->dt"},
}
COMMENT = re.compile(r"[^ -\[\]-~]|\*/|/\*|\?\?")  # what can't stand in a comment: a backslash, its end, a trigraph

NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z]+")
LONGEST_NAME = 24  # characters of a symbol in a name

HEAD = """\
/* {name}: written by engram from a model's equations; see engram.h for the types. */
#include <float.h>
#include <math.h>
#include "engram.h"
#include "engram_math{header}.h"{draws}

EG_EXPORT int64_t run(void *arg, const eg_clock *clock, int thread, int n_threads) {{
    const eg_args *a = arg;
    const {real} t = {narrow}clock->t, dt = {narrow}clock->dt;
    const int64_t step = clock->step;
    (void)t; (void)dt; (void)step; (void)thread; (void)n_threads;"""


class CText:
    """Collects lines; knows the C name of every symbol."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.real = C_ARRAYS[kernel.real]  # the type of floats: double or float
        self.suffix = FLOATS[kernel.real]["f"]  # of functions of floats
        self.flag = "int64_t" if self.real == "double" else "int32_t"  # as wide as a float: vectors of both are as long
        self.types: dict[Type, str] = {"float": self.real, "int": "int64_t", "bool": "int"}
        self.lines: list[str] = []
        self.depth = 1
        self.names: dict[str, str] = dict(CLOCK)
        self.declared: set[str] = set()
        for argument in kernel.arguments:
            self.name(argument.symbol)

    def whole(self) -> str:
        """Return the file: the head, the lines so far, the end."""
        self.line("return 0;")
        facts = {"real": self.real, "narrow": FLOATS[self.kernel.real]["narrow"], "draws": self._header()}
        header = "_float" if self.real == "float" else ""
        return "\n".join([HEAD.format(name=comment(self.kernel.name), header=header, **facts), *self.lines, "}", ""])

    def _header(self) -> str:
        """What to include for draws that are made element by element."""
        single = [draw for draw in self.kernel.draws if not self.is_chunked(draw)]
        if not single:
            return ""
        rejection = any(draw.kind in REJECTED for draw in single)
        return f'\n#include "engram_{"rejection" if rejection else "draws"}.h"'

    def is_chunked(self, draw: DrawSpec) -> bool:
        """Whether a draw is made for a chunk of neurons at a time."""
        return self.kernel.kind is KernelKind.UPDATE and draw.is_chunked

    # -- pieces ------------------------------------------------------------------------------------------

    def name(self, symbol: str) -> str:
        """Return the C name of a symbol."""
        known = self.names.get(symbol)
        if known is None:
            known = self.names[symbol] = f"s{len(self.names) - len(CLOCK)}_{readable(symbol)}"
        return known

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * self.depth + text)

    def open(self, text: str) -> None:
        """Add the head of a block."""
        self.line(text + " {")
        self.depth += 1

    def close(self) -> None:
        """End a block."""
        self.depth -= 1
        self.line("}")

    def scalars(self) -> None:
        """Pointers of all arguments, and the values of those that are one number."""
        if any(argument.history == "each" for argument in self.kernel.arguments):
            self.line("const uint16_t *const delay_of = a->rows->delay_of;")
        for k, argument in enumerate(self.kernel.arguments):
            name, kind = self.name(argument.symbol), C_ARRAYS[argument.dtype]
            const = "" if argument.written else "const "
            row = ""
            if argument.history == "uniform":
                row = f" + eg_ring_row(step - a->rows->delay[0] + {argument.lag}, a->length[{k}])"
                row += "" if argument.index is Index.ONE else " * a->n_pre"
            self.line(f"{const}{kind} *const p{name} = ({const}{kind} *)a->slot[{k}]{row};")
            if argument.history == "each":
                self.line(f"const int64_t now{name} = eg_ring_row(step + {argument.lag}, a->length[{k}]);")
            if argument.index in (Index.TABLE, Index.ROWS):
                self.line(f"const uint64_t n{name} = (uint64_t)a->length[{k}];")
            if argument.index is Index.ONE and not argument.written and not argument.entries:
                self.line(f"const {self.types[argument.type]} {name} = *p{name};")
                self.declared.add(argument.symbol)
        for gate in self.kernel.gates:
            self.line(f"if (!{self.name(gate)}) return 0;")
        if self.kernel.periodic:
            period, offset = self.name(PERIOD_SYMBOL), self.name(OFFSET_SYMBOL)
            self.line(f"if (eg_ring_row(step - {offset}, {period})) return 0;")

    def address(self, argument: Argument) -> str:
        """Return the element of an argument that the loop is at."""
        name = self.name(argument.symbol)
        if argument.history == "each":
            k = self.kernel.arguments.index(argument)
            return f"p{name}[eg_ring_back(now{name}, delay_of[k], a->length[{k}]) * a->n_pre + pre]"
        index = {Index.ONE: "0", Index.OWN: "i", Index.PRE: "pre", Index.POST: "post", Index.SYNAPSE: "k"}[
            argument.index
        ]
        return f"p{name}[{index}]"

    def used(self, statements: Iterable[Set], extra: Iterable[Expr | None] = ()) -> list[Argument]:
        """The arguments that some statements read or write, in the kernel's order."""
        symbols: set[str] = set()
        for statement in statements:
            symbols |= reads(statement.value) | {statement.symbol}
        for expr in extra:
            symbols |= reads(expr) if expr is not None else set()
        return [a for a in self.kernel.arguments if a.symbol in symbols]

    def load(self, arguments: Iterable[Argument]) -> None:
        """Declare the values of arguments that are not yet known."""
        for argument in arguments:
            if argument.symbol not in self.declared and not argument.entries:
                self.declared.add(argument.symbol)
                kind = f"{'' if argument.written else 'const '}{self.types[argument.type]}"
                self.line(f"{kind} {self.name(argument.symbol)} = {self.address(argument)};")

    def store(self, arguments: Iterable[Argument], statements: Sequence[Set]) -> None:
        """Write back what some statements changed."""
        changed = {s.symbol for s in statements}
        for argument in arguments:
            if argument.symbol in changed:
                value = self.name(argument.symbol)
                cast = f"({C_ARRAYS[argument.dtype]})" if C_ARRAYS[argument.dtype] != self.types[argument.type] else ""
                self.line(f"{self.address(argument)} = {cast}{value};")

    def forget(self, known: set[str]) -> None:
        """Leave a C block: what was declared in it is gone."""
        self.declared = known

    def sets(self, statements: Iterable[Set], constant: bool = False) -> None:
        """Write assignments."""
        for statement in statements:
            if statement.text:
                self.line(f"/* {comment(statement.text)} */")
            name, value = self.name(statement.symbol), self.expr(statement.value)
            if statement.symbol in self.declared:
                self.line(f"{name} = {value};")
            else:
                self.declared.add(statement.symbol)
                self.line(f"{'const ' if constant else ''}{self.types[statement.value.type]} {name} = {value};")

    def body(self, statements: Sequence[Set], extra: Iterable[Expr | None] = ()) -> list[Argument]:
        """Load, compute; the caller stores."""
        arguments = self.used(statements, extra)
        self.load(arguments)
        self.sets(statements)
        return arguments

    def expr(self, expr: Expr) -> str:
        """Return an expression as C."""
        match expr:
            case Const(value, "bool"):
                return "1" if value else "0"
            case Const(value, "int"):
                return f"INT64_C({int(value)})" if value >= 0 else f"(-INT64_C({-int(value)}))"
            case Const(value, _):
                return self._float(float(value))
            case Read(symbol, _):
                return self.name(symbol)
            case Lookup(table, index, beyond):
                entry, name = self.expr(index), self.name(table)
                entry = entry if isinstance(index, Read | Const) else f"({entry})"
                argument = self.kernel.argument(table)
                in_row = " * a->n + i" if argument is not None and argument.index is Index.ROWS else ""
                return f"((uint64_t){entry} < n{name} ? p{name}[{entry}{in_row}] : {self.expr(beyond)})"
            case Entry(symbol, number, _):
                return self._entry(symbol, number)
            case Random(draw, args, _):
                return self._random(draw, args)
            case Operation("select", args, _):
                return self._select(args)
            case Operation(name, args, kind):
                facts = {"type": self.real if kind == "float" else kind, **FLOATS[self.kernel.real]}
                row = TEXTS[name]
                text = row.of_ints if kind == "int" and row.of_ints else row.c
                return text.format(*(self.expr(a) for a in args), **facts)

    def drawn_value(self, draw: DrawSpec, text: str) -> str:
        """Return the value of a draw, whose double is ``text``, in the kernel's precision."""
        if self.real == "double":
            return text
        return f"eg_unitf({text})" if draw.kind == "uniform" else f"(float){text}"

    def _entry(self, symbol: str, number: int) -> str:
        argument = self.kernel.argument(symbol)
        each = argument is not None and argument.index is Index.OWN
        return f"p{self.name(symbol)}[{number}{' * a->n + i' if each else ''}]"

    def _random(self, draw: DrawSpec, args: Sequence[Expr]) -> str:
        if self.is_chunked(draw):
            return f"r_{draw.number}"
        key = f"a->key[{self.kernel.draws.index(draw)}]"
        values = "".join(f"{self.expr(a)}, " for a in args)
        if self.kernel.kind in (KernelKind.UPDATE, KernelKind.GLOBALS):
            element = "(uint32_t)i, 1" if self.kernel.kind is KernelKind.UPDATE else "0, 1"
        else:
            element = "(uint32_t)pre, (uint32_t)post"
        is_single = self.kernel.kind in (KernelKind.UPDATE, KernelKind.GLOBALS)
        is_of_dendrite = draw.number in drawn(self.kernel.row_begin)
        number = f"{draw.number}" if is_single or is_of_dendrite else f"{draw.number} + eg_multapse(rows, k)"
        prefix = "eg_" if draw.kind in REJECTED else "eg_synapse_"
        text = f"{prefix}{draw.kind}({values}{key}, {element}, (uint32_t)step, {number})"
        return self.drawn_value(draw, text)

    def _select(self, args: Sequence[Expr]) -> str:
        return "({} ? {} : {})".format(*(self.expr(a) for a in args))

    def _float(self, value: float) -> str:
        """A C constant that is exactly ``value``, or what it is rounded to."""
        if math.isnan(value):
            return f"({self.real})NAN"
        with np.errstate(over="ignore"):
            size = abs(value) if self.real == "double" else abs(np.float32(value))
        if math.isinf(size):
            return f"({self.real})INFINITY" if value > 0 else f"(-({self.real})INFINITY)"
        text = str(size)  # the shortest text that means this number in its own precision
        text = (text if any(c in text for c in ".e") else text + ".0") + self.suffix
        return text if math.copysign(1.0, value) > 0 else f"(-{text})"

    def range(self) -> None:
        """Declare the thread's range."""
        self.line("int64_t low, high;")
        self.line("eg_given_range(a->ranges, a->n_ranges, a->n, thread, n_threads, &low, &high);")


def drawn(statements: Iterable[Set]) -> set[int]:
    """The numbers of the draws in some statements."""
    return {node.draw.number for s in statements for node in nodes_of(s.value) if isinstance(node, Random)}


def comment(text: str) -> str:
    """Return text that can stand in a comment."""
    return COMMENT.sub("?", text)


def readable(symbol: str) -> str:
    """Return what of a symbol can stand in a name in C; nothing, perhaps."""
    return NOT_IN_NAMES.sub("_", symbol)[:LONGEST_NAME].strip("_")
