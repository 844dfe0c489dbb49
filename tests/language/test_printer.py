"""Canonical text."""

from hypothesis import given

from engram.language.nodes import Expr, Number, Unary
from engram.language.printer import to_text
from tests.cases import each
from tests.language.reading import expression
from tests.language.trees_strategy import expressions


@given(expressions)
def test_to_text_when_parsed_again_gives_an_equal_tree(expr: Expr) -> None:
    text = to_text(expr)

    assert expression(text) == expr
    assert text.isascii()
    assert text.isprintable()
    assert "\\" not in text
    assert "*/" not in text
    assert "/*" not in text


@each(
    ("text", "canonical"),
    [
        ("((a)+(b))*c", "(a + b)*c"),
        ("a-(b-c)-d", "a - (b - c) - d"),
        ("a/(b*c)/d", "a/(b*c)/d"),
        ("-x**2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("2^3^4", "2^3^4"),
        ("(2^3)^4", "(2^3)^4"),
        ("a < b <= c", "a < b and b <= c"),
        ("a is not b or c is d", "a != b or c == d"),
        ("not (a and b) & c | d", "not (a and b) and c or d"),
        ("not a > b", "not a > b"),
        ("(a > b)*3", "(a > b)*3"),
        ("if a > 0: 1.0 else: if b: -1 else: 0", "ite(a > 0, 1.0, ite(b, -1, 0))"),
        ("positive(x) + fabs(y) + negative(z)", "pos(x) + abs(y) + neg(z)"),
        ("pre . sum( exc ) * post.x", "pre.sum(exc)*post.x"),
        ("sum() + sum(inh) + mean(pre.r)", "sum() + sum(inh) + mean(pre.r)"),
        (".5 + 1. + 1e3 + 2E-3", "0.5 + 1.0 + 1000.0 + 0.002"),
        ("true + False", "True + False"),
        ("Normal(0.0, 1.0 + a)", "Normal(0.0, 1.0 + a)"),
        ("x*dtau/(dt) - (dt)/(dt^2)", "x*dtau/(dt) - dt/dt^2"),
        ("adt/dt + pre.dx/dt + dx/dtau", "adt/dt + pre.dx/dt + dx/dtau"),
        ("orange + notes + island + iffy", "orange + notes + island + iffy"),
    ],
)
def test_to_text_prints_minimal_parentheses(text: str, canonical: str) -> None:
    assert to_text(expression(text)) == canonical


def test_to_text_of_a_negative_number_binds_like_a_minus() -> None:
    assert to_text(Unary("-", Number(-2.0))) == "--2.0"
