"""Kernels as formulas: what was taken out of the loop is back in its place, parentheses where they are needed."""

from __future__ import annotations

from engram.ir.build import add, f, mul, neg, op, select, sub
from engram.ir.lower import lower_neuron
from engram.ir.nodes import Const, Read
from engram.ir.printer import expression_text, formulas
from engram.language.parser import parse_neuron
from tests.cases import each

A, B, C = (Read(name, "float") for name in "abc")


@each(
    ("expr", "expected"),
    [
        (sub(A, sub(B, C)), "a - (b - c)"),
        (sub(sub(A, B), C), "a - b - c"),
        (mul(add(A, B), C), "(a + b)*c"),
        (op("/", A, op("/", B, C)), "a/(b/c)"),
        (neg(add(A, B)), "-(a + b)"),
        (neg(mul(A, B)), "-a*b"),
        (mul(A, f(-2.0)), "a*-2.0"),
        (op("exp", neg(A)), "exp(-a)"),
        (select(op("<", A, B), A, B), "ite(a < b, a, b)"),
        (op("not", op("and", op("<", A, B), op(">", A, C))), "not (a < b and a > c)"),
        (Const(True, "bool"), "True"),
    ],
)
def test_expression(expr, expected):
    assert expression_text(expr) == expected


def test_formulas_of_a_neuron_stand_in_order():
    model = parse_neuron(
        name="lif",
        constants={},
        shared_functions=(),
        parameters="tau = 10.0 : population",
        equations="tau*dv/dt = 1.0 - v : exponential, max=0.9",
        spike="v > 0.5",
        reset="v = 0.0",
    )
    (kernel,) = lower_neuron(model)

    assert formulas(kernel) == [
        "clock.h = dt",
        "v = min(0.9, v + -expm1(-clock.h/tau)*(1.0 - v))",
        "spike if v > 0.5",
        "then:",
        "    v = 0.0",
        "    last_spike = clock.step",
    ]
