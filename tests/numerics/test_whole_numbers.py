"""Ints are exact in 64 bits wherever every argument is one; what has no value has a settled one, and nothing traps."""

import numpy as np
import pytest

import engram as eg
from tests.cases import check_each
from tests.spec.running import alone

BIG, SMALLEST = 2**53 + 1, -(2**63)  # the first is no float64

# expression of n = BIG, s = SMALLEST, o = 0 -> its value as an int
INTS = {
    "modulo(n, 10)": BIG % 10,
    "modulo(-n, 10)": -(BIG % 10),
    "modulo(n, -10)": BIG % 10,
    "modulo(-n, n)": 0,
    "modulo(7, o)": SMALLEST,  # as int() has it for NaN
    "modulo(s, o - 1)": 0,
    "modulo(s + 1, o - 1)": 0,
    "modulo(s, n)": -(2**63 % BIG),
    "abs(-n)": BIG,
    "abs(n)": BIG,
    "abs(s)": SMALLEST,  # has no opposite
    "-s": SMALLEST,
    "s - 1": 2**63 - 1,
    "4611686018427387904*2 + n": SMALLEST + BIG,
    "-n": -BIG,
    "n + n - 1": 2 * BIG - 1,
    "n*3": 3 * BIG,
    "floor(n) + ceil(n) - round(n)": BIG,
    "floor(-n)": -BIG,
    "pos(n) + neg(n)": BIG,
    "pos(-n) + neg(-n)": -BIG,
    "clip(n, 0, 9007199254740994)": BIG,
    "clip(n, 9007199254740995, 9223372036854775807)": BIG + 2,
    "max(n, 9007199254740992)": BIG,
    "min(n, 9007199254740994)": BIG,
    "ite(n == 9007199254740993, n, 0)": BIG,
    "n > 9007199254740992": 1,
    "n < 9007199254740994": 1,
    "n == 9007199254740992": 0,
    "n != 9007199254740992": 1,
    "n <= 9007199254740992": 0,
    "-n >= -9007199254740992": 0,
    "9223372036854775807": 2**63 - 1,
    "9223372036854775808": SMALLEST,  # a float that is no int
    "n == 9007199254740992.0": 1,  # beside a float an int is one
    "modulo(7.9, o)": SMALLEST,
    "modulo(7, 3.0) + modulo(True, 2)": 2,
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
def test_ints_are_exact_in_64_bits(backend, dtype):
    if dtype == "float32":  # the same, but for what floats are
        expected = {text: value for text, value in INTS.items() if "." not in text}
    else:
        expected = INTS
    lines = "\n".join(f"x{k} = {text} : int" for k, text in enumerate(expected))
    net = eg.Network(dt=1.0, seed=1)
    net.config(dtype=getattr(np, dtype))
    neuron = eg.Neuron(parameters=f"n = {BIG} : int\n s = 0 : int\n o = 0 : int", equations=f"{lines}\n r = 0")
    pop = net.create(9, neuron)
    pop.s = SMALLEST
    net.compile(backend=backend)
    net.step()

    def check(k, value):
        assert pop.get(f"x{k}").tolist() == [value] * 9

    check_each({text: (k, value) for k, (text, value) in enumerate(expected.items())}, check)


@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
def test_clamps_and_increments_of_ints_are_exact(backend):
    equations = f"k += 1 : int, init = {BIG}, min = {BIG}, max = {BIG + 2}\n r = 0"

    assert alone(backend, 3, "k", equations=equations) == {"k": [BIG + 1, BIG + 2, BIG + 2]}


def test_int_given_as_an_object_keeps_its_digits():
    neuron = eg.Neuron(parameters={"n": eg.Parameter(BIG, type=int)}, equations="r = 0")
    pop = eg.Network(dt=1.0).create(1, neuron)

    assert pop.n == BIG
