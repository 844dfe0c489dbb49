"""User functions: their types, and what they compute in place of their calls."""

from __future__ import annotations

import pytest

from engram.errors import LanguageError
from engram.language import linear_rate, parse_functions, parse_neuron, to_text
from engram.language.model import Ode
from engram.language.nodes import Cast
from engram.language.trees import nodes_of
from tests.cases import each


@each(
    ("call", "functions", "text"),
    [
        ("f(v)", "f(x) = 2*x + 1", "2*v + 1"),
        ("3*f(v + 1, w)", "f(x, y) = x*y", "3*((v + 1)*w)"),
        ("f(g(v))", "f(x) = x^2 ; g(x) = -x", "(-v)^2"),
        ("f(v)", "f(x) = g(x) + g(2) ; g(y) = y/3", "v/3 + 2/3"),
        ("f(y, x)", "f(x, y) = x - y", "y - x"),
        ("v + 1", "f(x) = x", "v + 1"),
    ],
)
def test_calls_are_replaced_by_what_the_functions_compute(call: str, functions: str, text: str) -> None:
    model = parse_neuron(equations=f"dr/dt = {call}", parameters="v = 1; w = 1; x = 1; y = 1", functions=functions)
    ode = model.equations[0]
    assert isinstance(ode, Ode)

    assert to_text(ode.rate) == text
    assert ode.text == f"dr/dt = {call}"


def test_what_comes_from_a_function_has_the_span_of_the_call() -> None:
    model = parse_neuron(equations="dr/dt = 1.0 + f(r)", functions="f(x) = 3*x^2")
    ode = model.equations[0]
    assert isinstance(ode, Ode)
    spans = {(n.span.block, n.span.start, n.span.end) for n in nodes_of(ode.rate) if to_text(n) in ("3", "2", "r^2")}

    assert spans == {("equations", 14, 18)}
    assert {n.span.start for n in nodes_of(ode.rate) if to_text(n) == "r"} == {16}


@each(
    ("functions", "expected"),
    [
        ("f(x) = (2.0 - x)/4.0", ("2.0 - r", "4.0")),
        ("f(x) = g(x)/4.0\ng(y) = 2.0 - y", ("2.0 - r", "4.0")),
        ("f(x) = (2.0 - x)/4.0 : double, double", ("2.0 - float(r)", "4.0")),
    ],
)
def test_equation_with_a_linear_function_is_linear(functions: str, expected: tuple[str, str]) -> None:
    model = parse_neuron(equations="dr/dt = f(r) : exponential", functions=functions)
    ode = model.equations[0]
    assert isinstance(ode, Ode)
    rate = linear_rate(ode.rate, "r")

    assert rate is not None
    assert (to_text(rate.numerator), to_text(rate.divisor)) == expected
    assert rate.has_unit_decay


def test_types_convert_arguments_and_the_result() -> None:
    (f,) = parse_functions("f(x, n) = x*n : int, double, bool")

    assert to_text(f.value) == "int(float(x)*bool(n))"
    assert sum(isinstance(node, Cast) for node in nodes_of(f.value)) == 3


def test_types_of_the_result_alone_leave_the_arguments_as_they_are() -> None:
    (f,) = parse_functions("f(x, n) = x*n : int")

    assert to_text(f.value) == "int(x*n)"


def test_more_types_than_arguments_are_refused() -> None:
    with pytest.raises(LanguageError, match="types for its result and 1 argument, not 3"):
        parse_functions("f(x) = x : double, double, int")


def test_wrong_function_in_an_equation_gives_one_error() -> None:
    """The equation may be linear or not: nobody knows what f was to be."""
    with pytest.raises(LanguageError, match="calls itself") as caught:
        parse_neuron(equations="dr/dt = f(r) : exponential", functions="f(x) = f(x) + x")

    assert type(caught.value).__name__ == "RecursiveFunction"
