"""Numbers over a population: the formulas of docs/decisions/0009-streams.md, in NumPy, and in C with any threads."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engram as eg
from engram.ir.reductions import REDUCTIONS, reduce
from tests.cases import each

THREADS = [1, 2, 3]
ANSWERS = {
    100: {
        "mean": "0x1.f1037e241a6b2p-3",
        "min": "-0x1.ffffffffffffcp-3",
        "max": "0x1.7bd64db4b2015p-1",
        "norm1": "0x1.eec256c5f9b86p+4",
        "norm2": "0x1.e4177a98164e2p+1",
    },
    65535: {
        "mean": "0x1.fffd3a3100d32p-3",
        "min": "-0x1.ffffffffffffcp-3",
        "max": "0x1.7ffebc5f2614bp-1",
        "norm1": "0x1.3ffe1b62bc40ap+14",
        "norm2": "0x1.870aa4fdfc1e9p+6",
    },
    65536: {
        "mean": "0x1.00000b21f9950p-2",
        "min": "-0x1.ffffffffffffcp-3",
        "max": "0x1.7ffebc5f2614bp-1",
        "norm1": "0x1.4000896ad2848p+14",
        "norm2": "0x1.870c93b8b8b4dp+6",
    },
    100001: {
        "mean": "0x1.ffffbb6e61ab5p-3",
        "min": "-0x1.ffffffffffffcp-3",
        "max": "0x1.7ffebc5f2614bp-1",
        "norm1": "0x1.e849378e914e0p+14",
        "norm2": "0x1.e30c498333bfdp+6",
    },
}


def words(n):
    """Values in (-0.25, 0.75) that fill their mantissa: their sums depend on the order."""
    odd = np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # modulo 2**64
    return ((odd >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52 - 0.25


def by_the_page(op, values):
    """The page in plain Python, one addition at a time."""
    values = [float(x) for x in values]
    if any(math.isnan(x) for x in values):
        return math.nan
    if op in ("min", "max"):
        return (min if op == "min" else max)(values) + 0.0
    terms = {"mean": values, "norm1": map(abs, values), "norm2": [x * x for x in values]}[op]
    terms, block = list(terms), 64 if len(values) < 65536 else 4096
    total = summed([summed(terms[k : k + block]) for k in range(0, len(terms), block)])
    return (total / len(values) if op == "mean" else math.sqrt(total) if op == "norm2" else total) + 0.0


def summed(values):
    s = [0.0] * 8
    for i, x in enumerate(values):
        s[i % 8] += x
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))


def same_bits(a, b):
    return np.float64(a).tobytes() == np.float64(b).tobytes()


def reduced(values, backend="c", threads=1, dtype=eg.float64):
    """Return what a step computes of the values of a population, by operation."""
    kind = {"i": "int", "b": "bool"}.get(values.dtype.kind, "float")
    net = eg.Network(seed=1)
    net.config(num_threads=threads, dtype=dtype)
    equations = "\n".join(f"m_{op} = {op}(x) : population" for op in REDUCTIONS)
    pop = net.create(len(values), eg.Neuron(parameters=f"x = 0 : {kind}", equations=f"{equations}\nr = 0.0"), name="p")
    net.compile(backend=backend)
    pop.x = values
    net.step()
    return {op: net._core.state[f"populations/p/internal/op/{op}.x"][()] for op in REDUCTIONS}


@each("n", [1, 7, 8, 64, 65, 100, 1000, 65535, 65536, 65600, 100001])
def test_numbers_are_those_of_the_page(n):
    values = words(n)

    for op in REDUCTIONS:
        assert same_bits(reduce(op, values), by_the_page(op, values)), op


@each(("n", "op", "answer"), [(n, op, a) for n, row in ANSWERS.items() for op, a in row.items()])
def test_known_answers(n, op, answer):
    assert reduce(op, words(n)).hex() == answer


@pytest.mark.cc
@each("threads", THREADS)
@each("n", ANSWERS)
def test_known_answers_in_c(n, threads):
    found = reduced(words(n), "c", threads)

    assert {op: float(x).hex() for op, x in found.items()} == ANSWERS[n]


@pytest.mark.cc
@each("threads", THREADS)
@each("kind", ["float64", "float32", "int64", "bool"])
def test_c_computes_the_same_from_every_type(kind, threads):
    for n in (1, 7, 8, 65, 1000, 65535, 65600):
        values = words(n)
        values = values > 0 if kind == "bool" else (values * (2.0**60 if kind == "int64" else 1.0)).astype(kind)
        found = reduced(values, "c", threads, eg.float32 if kind == "float32" else eg.float64)

        for op in REDUCTIONS:
            assert same_bits(found[op], reduce(op, values)), (n, op)


@pytest.mark.cc
@each("n", [1, 9, 200, 70000])
def test_one_nan_anywhere_makes_every_number_nan(n):
    for place in {0, n // 2, n - 1}:
        values = words(n)
        values[place] = -np.nan  # of another sign than the rule says
        found = reduced(values, "c", 2)

        for op in REDUCTIONS:
            assert same_bits(found[op], math.nan), op
            assert same_bits(reduce(op, values), math.nan), op


@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
def test_numbers_beyond_all_others_have_a_rule(backend):
    """Zeros lose their sign, what overflows is infinite, the mean of both infinities is NaN."""
    zeros, both = np.array([-0.0] * 100), np.array([1.0, -np.inf] * 40 + [np.inf])
    infinite, large = np.full(9, -np.inf), np.full(70, -1e308)

    assert all(same_bits(x, 0.0) for x in reduced(zeros, backend).values())
    assert all(same_bits(x, 0.0) for x in reduced(np.array([0.0, -0.0, 0.0]), backend).values())
    found = reduced(both, backend)
    assert same_bits(found["mean"], math.nan)
    assert (found["min"], found["max"], found["norm1"]) == (-math.inf, math.inf, math.inf)
    assert reduced(infinite, backend)["max"] == -math.inf
    assert [reduced(large, backend)[op] for op in REDUCTIONS] == [-math.inf, -1e308, -1e308, math.inf, math.inf]
