"""Flat texts of any length: long sums, products and conditions are no deep trees."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engram.language import parse_neuron, to_text
from engram.language.chains import LONGEST
from engram.language.errors import TooLarge
from engram.language.nodes import Expr, Logic, Number
from engram.language.trees import measure, nodes_of
from tests.cases import each
from tests.language.reading import evaluate, expression
from tests.strategies import examples


def _depth(expr: Expr) -> int:
    return measure(expr)[1]


@settings(max_examples=examples(10))
@given(st.lists(st.tuples(st.sampled_from("+-"), st.integers(-99, 99)), min_size=1, max_size=700))
def test_sum_of_any_length_has_the_value_of_its_terms(terms: list[tuple[str, int]]) -> None:
    expr = expression("7" + "".join(f" {sign} ({value})" for sign, value in terms))

    assert evaluate(expr, {}) == 7 + sum(value if sign == "+" else -value for sign, value in terms)


@each("n", [LONGEST - 1, LONGEST])
def test_short_sum_is_added_from_the_left(n: int) -> None:
    expr = expression("1" + "+1" * n)

    assert _depth(expr) == n + 1


@each("operator", [" + ", " - ", "*", " and ", " or ", " & "])
def test_long_chain_is_flat_and_keeps_its_leaves_in_order(operator: str) -> None:
    leaves = [str(k) for k in range(500)]
    expr = expression(operator.join(leaves))

    assert _depth(expr) < LONGEST + 20
    assert [n.value for n in nodes_of(expr) if isinstance(n, Number)] == list(range(500))
    assert expression(to_text(expr)) == expr


def test_long_chain_in_parentheses_is_not_cut_anew() -> None:
    whole, rest = " + ".join(["a"] * (LONGEST + 1)), " + ".join(["b"] * LONGEST)

    assert expression(f"({whole}) + {rest}") != expression(f"{whole} + {rest}")
    assert _depth(expression(f"({whole}) + {rest}")) == 2 * LONGEST + 1


def test_conditions_of_two_kinds_keep_how_they_bind() -> None:
    expr = expression(" or ".join(["1 and 2"] * 200))

    assert {n.op for n in nodes_of(expr) if isinstance(n, Logic)} == {"and", "or"}
    assert sum(isinstance(n, Logic) and n.op == "and" for n in nodes_of(expr)) == 200


def test_product_in_a_long_sum_stays_a_term() -> None:
    expr = expression(" - ".join(["2*3"] * 300))

    assert evaluate(expr, {}) == 6 - 299 * 6


def test_sums_in_parentheses_stay_apart() -> None:
    terms = " - ".join(["(" + " - ".join(["1"] * 80) + ")"] * 70)

    assert evaluate(expression(terms), {}) == (1 - 79) * (1 - 69)


def test_place_of_a_part_of_a_long_sum_is_known() -> None:
    text = " + ".join(itertools.chain(["1"] * 500, ["2*3"]))
    product = next(n for n in nodes_of(expression(text)) if to_text(n) == "2*3")

    assert text[product.span.start : product.span.end] == "2*3"


def test_flat_sum_of_thousands_of_terms_is_a_model() -> None:
    model = parse_neuron(equations="r = " + " + ".join(["t"] * 8000))

    assert len(model.equations) == 1


def test_sum_above_the_budget_is_refused_by_its_size() -> None:
    with pytest.raises(TooLarge, match="16384 nodes"):
        parse_neuron(equations="r = " + "+".join(["t"] * 9000))


def test_chain_that_is_no_sum_is_refused_by_its_depth() -> None:
    with pytest.raises(TooLarge, match="nested 200 deep"):
        parse_neuron(equations="r = " + "/".join(["2"] * 300))
