"""The loops over all synapses in C: weighted sums, and equations of synapses.

Four rows are walked side by side: they share what they read of presynaptic neurons, and their sums don't wait for
each other. Each is walked in blocks of eight synapses, which become vectors. Each synapse of a block adds to a sum of
its own, and a fixed tree adds up the eight: the same order whatever the vectors' width, in every layout, and whether
a row is walked alone or beside others. The largest or smallest value, where it is asked for, takes the place of the
sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engram.ir.nodes import Argument, Expr, Index, Operation, Set, nodes_of
from engram.native.c_layouts import LayoutWalk, walk_of
from engram.native.c_text import C_ARRAYS, CText, drawn

__all__ = ["gather", "synapses"]

TOGETHER = 4  # rows: eight are no faster, and need more registers than AVX2 has
LIGHT = frozenset(  # four times is fine
    "+ - * / neg < <= > >= == != and or not select min max larger smaller abs float bool".split()
)
EXTREMES = {"max": "larger", "min": "smaller"}  # operations that choose one value -> rows of ir/operations.py
TREE = "(((sum[r][0] + sum[r][4]) + (sum[r][2] + sum[r][6])) + ((sum[r][1] + sum[r][5]) + (sum[r][3] + sum[r][7])))"


def gather(c: CText) -> None:
    """Write the weighted sums, one for each postsynaptic neuron."""
    kernel = c.kernel
    into = kernel.argument(kernel.into)
    if kernel.result is None or into is None:
        raise ValueError(f"kernel {kernel.name!r} has nothing to sum up")
    layout = _begin(c)
    if kernel.ahead:
        c.open("if (a->ahead && a->ahead->ready[thread * 8] == step)")
        c.line(f"const {c.real} *const ahead = a->ahead->sum; /* the learning of the last step has summed up */")
        c.open("for (int64_t post = low; post < high; post++)")
        c.line(f"if ({layout.length}) {c.address(into)} += ahead[post];")
        c.close()
        c.line("return 0;")
        c.close()
    _Walk(c, layout, (), kernel.result).write(f"{c.address(into)} += {_total(c)};")


def synapses(c: CText) -> None:
    """Write the equations of all synapses, and the weighted sums of the next step if they can be had with them."""
    kernel = c.kernel
    layout = _begin(c)
    if not kernel.ahead:
        _Walk(c, layout, kernel.body, None).write("")
        return
    c.line(f"{c.real} *const ahead = a->ahead ? a->ahead->sum : NULL;")
    _Walk(c, layout, kernel.body, kernel.result).write(f"if (ahead) ahead[post] = {_total(c)};")
    c.line("if (ahead) a->ahead->ready[thread * 8] = step + 1;")


def _total(c: CText) -> str:
    """Return what the eight accumulators of row ``r`` come to."""
    if c.kernel.operation in EXTREMES:
        rest = [f"sum[r][{k}]" for k in range(8)]
        while len(rest) > 1:
            half = len(rest) // 2
            rest = [_joined(c, a, b) for a, b in zip(rest[:half], rest[half:], strict=True)]
        return f"eg_one_nan_{c.real}({rest[0]})"
    return f"{TREE} / ({c.real})length[r]" if c.kernel.operation == "mean" else TREE


def _joined(c: CText, a: str, b: str) -> str:
    """Return the larger or the smaller of two values."""
    return f"eg_{EXTREMES[c.kernel.operation]}_{c.real}({a}, {b})"


def _begin(c: CText) -> LayoutWalk:
    """Declare the thread's range and the arrays of the layout."""
    layout, _ = walk_of(c.kernel)
    if layout.lists or c.kernel.draws:
        c.line("const eg_rows *const rows = a->rows;")
    for kind, name in layout.lists:
        c.line(f"const {kind} *const {name} = rows->{name};")
    c.range()
    return layout


def _synapse(c: CText, layout: LayoutWalk) -> None:
    """Declare the position of a synapse and its presynaptic neuron."""
    c.line(f"const int64_t k = {layout.k}, pre = {layout.pre};")
    c.line("(void)k; (void)pre;")


@dataclass(frozen=True)
class _Walk:
    """The walk over all rows: what each synapse does, and the sum of each row if there is a ``result``."""

    c: CText
    layout: LayoutWalk
    body: Sequence[Set]
    result: Expr | None

    @property
    def rows(self) -> int:
        """How many rows to walk side by side."""
        expressions = [s.value for s in self.body] + ([] if self.result is None else [self.result])
        names = {node.name for e in expressions for node in nodes_of(e) if isinstance(node, Operation)}
        return TOGETHER if names <= LIGHT and not self.c.kernel.draws else 1

    @property
    def of_post(self) -> list[Argument]:
        """What synapses read of their postsynaptic neuron."""
        return [a for a in self.c.used(self.body, [self.result]) if a.index is Index.POST]

    def write(self, finish: str) -> None:
        """Write all of it; ``finish`` is done for each row that has synapses."""
        c, rows = self.c, self.rows
        c.open(f"for (int64_t group = low; group < high; group += {rows})")
        c.line(f"int64_t first[{rows}], length[{rows}], whole = INT64_MAX;")
        if self.result is not None:
            self._start()
        for argument in self.of_post:
            c.line(f"{c.types[argument.type]} of_{c.name(argument.symbol)}[{rows}];")
        c.open(f"for (int r = 0; r < {rows}; r++)")
        self._head()
        c.close()
        c.line("whole -= whole % 8; /* blocks of eight that all of them have */")
        if self.body or self.result is not None:
            self._synapses()
        if finish:
            c.open(f"for (int64_t r = 0, post = group; r < {rows}; r++, post++)")
            c.line("if (!length[r]) continue;")
            c.line(finish)
            c.close()
        c.close()

    def _start(self) -> None:
        """Declare the eight accumulators of each row, of sums or of what is the largest or smallest so far."""
        c = self.c
        if c.kernel.operation not in EXTREMES:
            c.line(f"{c.real} sum[{self.rows}][8] = {{{{0}}}};")
            return
        c.line(f"{c.real} sum[{self.rows}][8];")
        first = f"{'-' if c.kernel.operation == 'max' else ''}({c.real})INFINITY"
        c.line(f"for (int r = 0; r < {self.rows}; r++) for (int l = 0; l < 8; l++) sum[r][l] = {first};")

    def _head(self) -> None:
        """Write what is done once for a row, before its synapses; beyond the end stand rows without any."""
        c, row_begin = self.c, self.c.kernel.row_begin
        c.line("const int64_t post = group + r < high ? group + r : high - 1;")
        c.line(f"first[r] = {self.layout.first};")
        c.line(f"length[r] = group + r < high ? {self.layout.length} : 0;")
        c.line("if (length[r] < whole) whole = length[r];")
        known = set(c.declared)
        if row_begin:  # a neuron without synapses has no dendrite, and so no values of its own
            c.open("if (length[r])")
            if drawn(row_begin):
                c.line("const int64_t pre = 0; /* draws are those of neuron 0 */")
            c.store(c.body(row_begin), row_begin)
            c.close()
            c.forget(known)
        for argument in self.of_post:
            c.line(f"of_{c.name(argument.symbol)}[r] = {c.address(argument)};")

    def _synapses(self) -> None:
        """Write the loops over the synapses of the rows of a group: blocks side by side, then what is left of each."""
        c, rows, near = self.c, self.rows, self._near()
        c.open("for (int64_t c = 0; c < whole; c += 8)")
        c.line(f"#pragma GCC unroll {rows}")
        c.open(f"for (int r = 0; r < {rows}; r++)")
        for argument in near:
            name, kind = c.name(argument.symbol), C_ARRAYS[argument.dtype]
            c.line(f"const {kind} *const at_{name} = c == near_from ? near_{name}[r] : &p{name}[c + (c > near_from)];")
        self._block("8", near)
        c.close()
        c.close()
        c.open(f"for (int r = 0; r < {rows}; r++)")
        c.line("int64_t c = whole;")
        c.open("for (; c + 8 <= length[r]; c += 8)")
        self._block("8", [])
        c.close()
        c.line("const int64_t left = length[r] - c;")
        self._block("left", [])
        c.close()

    def _near(self) -> list[Argument]:
        """Copy presynaptic values of the block in which rows lack their own neuron, without that neuron's.

        In all other blocks these values stand side by side, and so do the copies.
        """
        c = self.c
        if not walk_of(c.kernel)[1]:
            return []
        used = c.used(self.body, [self.result])
        near = [a for a in used if a.index is Index.PRE and a.history != "each"]
        c.line("const int64_t near_from = group - group % 8;")
        for argument in near:
            c.line(f"{C_ARRAYS[argument.dtype]} near_{c.name(argument.symbol)}[{self.rows}][8];")
        c.open(f"for (int r = 0; r < {self.rows}; r++)")
        c.open("for (int64_t l = 0; l < 8; l++)")
        c.line("const int64_t pre = eg_min_int(near_from + l + (near_from + l >= group + r), a->n_pre - 1);")
        for argument in near:
            c.line(f"near_{c.name(argument.symbol)}[r][l] = {c.address(argument)};")
        c.close()
        c.close()
        return near

    def _block(self, n: str, near: Sequence[Argument]) -> None:
        """Write what ``n`` synapses of row ``r`` do; the block's values of some arguments begin at ``at_``."""
        c, known = self.c, set(self.c.declared)
        if "post" in self.layout.pre or c.kernel.draws:
            c.line("const int64_t post = group + r;")
        for argument in self.of_post:
            name = c.name(argument.symbol)
            c.line(f"const {c.types[argument.type]} {name} = of_{name}[r];")
            c.declared.add(argument.symbol)
        c.line("#pragma omp simd")
        c.open(f"for (int64_t l = 0; l < {n}; l++)")
        _synapse(c, self.layout)
        for argument in near:
            name = c.name(argument.symbol)
            c.line(f"const {c.types[argument.type]} {name} = at_{name}[l];")
            c.declared.add(argument.symbol)
        c.store(c.body(self.body, [self.result]), self.body)
        if self.result is not None:
            self._as_stored()
            value = c.expr(self.result)
            is_extreme = c.kernel.operation in EXTREMES
            c.line(f"sum[r][l] = {_joined(c, 'sum[r][l]', value)};" if is_extreme else f"sum[r][l] += {value};")
        c.close()
        c.forget(known)

    def _as_stored(self) -> None:
        """Go on with what a later read would give, where arrays are less precise than the values in a loop."""
        c = self.c
        changed = {s.symbol for s in self.body}
        for argument in self.c.kernel.arguments:
            if argument.symbol in changed and argument.dtype == "float32" and c.real == "double":
                c.line(f"{c.name(argument.symbol)} = {c.address(argument)};")
