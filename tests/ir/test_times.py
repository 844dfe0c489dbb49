"""Which sums and comparisons are differences of times; what they compute is in tests/numerics/test_times.py."""

from engram.ir.times import difference
from engram.language import parse_neuron
from tests.cases import each


def found(text):
    """Return what is found at the root of an expression: (counts, factor, rest) as text, or None."""
    parameters = "a = 1.0\nw = 2.0\nt_other = 1.0"
    model = parse_neuron(parameters=parameters, equations=f"x = {text}", spike="x > 5", functions="f(y) = 2*y")
    result = difference(model.equations[0].value)
    return result and (result.counts, *(type(e).__name__ for e in (result.factor, result.rest)))


@each(
    ("text", "expected"),
    [
        ("t - t_last", ({"t": 1, "t_last": -1}, "Number", "Number")),
        ("a - t_last + t", ({"t_last": -1, "t": 1}, "Number", "Name")),
        ("t > t_last + a", ({"t": 1, "t_last": -1}, "Number", "Unary")),
        ("-(t - a) + t_last", ({"t": -1, "t_last": 1}, "Number", "Name")),
        ("3*t - t_last - 2*t_last", ({"t": 3, "t_last": -3}, "Number", "Number")),
        ("w*t - (a + w*t_last)", ({"t": 1, "t_last": -1}, "Name", "Unary")),
    ],
)
def test_times_that_cancel_out_are_a_difference(text, expected):
    assert found(text) == expected


@each(
    "text",
    [
        *("t", "t + a", "t > a", "t - t + a", "t + t_last", "t - 2*t_last", "t - t_other", "1.5*t - t_last"),
        *("(t - t_last)/a + w", "f(t) - t_last", "exp(t - t_last) - a", "(t > a) == (t_last > a)", "t - t_last and a"),
    ],
)
def test_whatever_else_holds_times_is_left_as_it_is_written(text):
    assert found(text) is None
