"""Linear equations: solved, split."""

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from engram.language.linear import coefficients, linear_rate, solve
from engram.language.nodes import Expr
from engram.language.printer import to_text
from engram.language.trees import contains
from tests.cases import each
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
def test_parts_of_a_linear_rate_at_any_point_add_up_to_the_rate(expr: Expr, point: dict[str, float]) -> None:
    parts = linear_rate(expr, "x")
    assume(parts is not None)
    assert parts is not None
    decay, divisor, steady = (evaluate(e, point) for e in (parts.decay, parts.divisor, parts.steady))
    rate = evaluate(expr, point)
    assume(all(math.isfinite(v) and 1e-4 < abs(v) < 1e4 for v in (divisor, rate)) and abs(steady) < 1e4)

    assert not any(contains(e, "x") for e in (parts.decay, parts.divisor, parts.steady))
    assert _near((steady - decay * point["x"]) / divisor, rate)
    assert _near(evaluate(parts.numerator, point) / divisor, rate)


@each(
    ("rate", "numerator", "decay", "divisor", "steady"),
    [
        ("-x/tau", "-x", "1", "tau", "0"),
        ("(E - x)/tau", "E - x", "1", "tau", "E"),
        ("-(x - E)/tau", "-(x - E)", "1", "tau", "E"),
        ("-x", "-x", "1", "1", "0"),
        ("I/C - x/tau", "I/C - x/tau", "1/tau", "1", "I/C"),
        ("(g*(E - x) + I)/C", "g*(E - x) + I", "g", "C", "g*E + I"),
        ("a_m*(1.0 - x) - b_m*x", "a_m*(1.0 - x) - b_m*x", "a_m + b_m", "1", "a_m"),
        ("a*x + b", "a*x + b", "-a", "1", "b"),
        ("(f(y) - x)/tau", "exp(y) - x", "1", "tau", "exp(y)"),
    ],
)
def test_parts_of_a_linear_rate_are_recognisable(
    rate: str, numerator: str, decay: str, divisor: str, steady: str
) -> None:
    parts = linear_rate(expression(rate.replace("f(y)", "exp(y)")), "x")

    assert parts is not None
    found = (parts.numerator, parts.decay, parts.divisor, parts.steady)
    assert tuple(map(to_text, found)) == (numerator, decay, divisor, steady)
    assert parts.has_unit_decay == (decay == "1")


@each("rate", ["x*x", "exp(x)", "x^2", "1/x", "a/(1 + x)", "if x > 0: x else: 0", "x*(a - x)", "x > 0"])
def test_coefficients_of_what_is_not_linear_are_none(rate: str) -> None:
    assert coefficients(expression(rate), "x") is None
    assert linear_rate(expression(rate), "x") is None


def test_rate_without_the_variable_has_no_parts() -> None:
    assert linear_rate(expression("a + b"), "x") is None


@each(
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


@each(("left", "right"), [("dv/dt*dv/dt", "1"), ("exp(dv/dt)", "1"), ("dv/dt", "dv/dt"), ("a", "b")])
def test_solve_of_what_has_no_single_solution_is_none(left: str, right: str) -> None:
    assert solve(expression(left), expression(right), "dv/dt") is None
