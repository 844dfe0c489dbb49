"""Linear equations: solved, split, in normal form."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engram.language.linear import coefficients, normal_form, solve
from engram.language.nodes import Expr, Name, Number
from engram.language.printer import to_text
from engram.language.trees import contains
from tests.language.reading import evaluate, expression
from tests.language.trees_strategy import arithmetic, linear

points = st.fixed_dictionaries({name: st.floats(0.5, 3.0) for name in ("a", "b", "x")})


def _near(p: float, q: float) -> bool:
    return math.isclose(p, q, rel_tol=1e-6, abs_tol=1e-6)


@given(arithmetic, points)
def test_coefficients_at_any_point_add_up_to_the_expression(expr: Expr, point: dict[str, float]) -> None:
    parts = coefficients(expr, "x")
    assume(parts is not None)
    assert parts is not None
    a, b = parts
    values = [evaluate(e, point) for e in (expr, a, b)]
    assume(all(math.isfinite(v) and abs(v) < 1e6 for v in values))

    assert not contains(a, "x")
    assert not contains(b, "x")
    assert _near(values[0], values[1] * point["x"] + values[2])


@given(linear, points)
def test_normal_form_at_any_point_equals_the_rate(expr: Expr, point: dict[str, float]) -> None:
    form = normal_form(expr, "x")
    assume(form is not None)
    assert form is not None
    tau, steady = (evaluate(e, point) for e in form)
    rate = evaluate(expr, point)
    assume(all(math.isfinite(v) and 1e-4 < abs(v) < 1e4 for v in (tau, rate)) and abs(steady) < 1e4)

    assert _near((steady - point["x"]) / tau, rate)


@pytest.mark.parametrize(
    ("rate", "tau", "steady"),
    [
        ("-x/tau", "tau", "0"),
        ("(E - x)/tau", "tau", "E"),
        ("-(x - E)/tau", "tau", "E"),
        ("-x", "1", "0"),
        ("I/C - x/tau", "tau", "I/C*tau"),
        ("(g*(E - x) + I)/C", "C/g", "(g*E + I)/g"),
        ("a_m*(1.0 - x) - b_m*x", "1/(a_m + b_m)", "a_m/(a_m + b_m)"),
        ("a*x + b", "-(1/a)", "-(b/a)"),
        ("(f(y) - x)/tau", "tau", "f(y)"),
    ],
)
def test_normal_form_is_recognisable(rate: str, tau: str, steady: str) -> None:
    form = normal_form(expression(rate.replace("f(y)", "exp(y)")), "x")

    assert form is not None
    assert tuple(map(to_text, form)) == (tau, steady.replace("f(y)", "exp(y)"))


def test_normal_form_of_a_decay_has_the_very_name_and_zero() -> None:
    assert normal_form(expression("-x/tau"), "x") == (Name("tau"), Number(0))


@pytest.mark.parametrize(
    "rate", ["x*x", "exp(x)", "x^2", "1/x", "a/(1 + x)", "if x > 0: x else: 0", "x*(a - x)", "x > 0"]
)
def test_coefficients_of_what_is_not_linear_are_none(rate: str) -> None:
    assert coefficients(expression(rate), "x") is None
    assert normal_form(expression(rate), "x") is None


def test_normal_form_without_the_variable_is_none() -> None:
    assert normal_form(expression("a + b"), "x") is None


@pytest.mark.parametrize(
    ("left", "right", "rate"),
    [
        ("dv/dt", "f", "f"),
        ("tau*dv/dt", "f", "f/tau"),
        ("tau*dv/dt + v", "I", "(I - v)/tau"),
        ("f - v", "tau*dv/dt", "(f - v)/tau"),
        ("-dv/dt", "f", "-f"),
        ("dv/dt + v/tau", "0", "-(v/tau)"),
        ("C*(dv/dt - a)", "I", "(I + C*a)/C"),
        ("dv/dt/g", "f", "f*g"),
    ],
)
def test_solve_isolates_the_derivative(left: str, right: str, rate: str) -> None:
    solved = solve(expression(left), expression(right), "dv/dt")

    assert solved is not None
    assert to_text(solved) == rate


@pytest.mark.parametrize(("left", "right"), [("dv/dt*dv/dt", "1"), ("exp(dv/dt)", "1"), ("dv/dt", "dv/dt"), ("a", "b")])
def test_solve_of_what_has_no_single_solution_is_none(left: str, right: str) -> None:
    assert solve(expression(left), expression(right), "dv/dt") is None
