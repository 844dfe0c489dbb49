"""How probable values between bounds are, against scipy's laws."""

import math

import pytest
from scipy import stats

from engram.state.kinds import Kind
from engram.state.truncation import probability_between
from tests.cases import each

LAWS = [
    (Kind.NORMAL, 1.0, 2.0, stats.norm(1.0, 2.0)),
    (Kind.LOG_NORMAL, 0.3, 0.5, stats.lognorm(0.5, scale=math.exp(0.3))),
    (Kind.EXPONENTIAL, 4.0, 0.0, stats.expon(scale=0.25)),
    (Kind.GAMMA, 0.7, 3.0, stats.gamma(0.7, scale=3.0)),
    (Kind.POISSON, 2.5, 0.0, stats.poisson(2.5)),
]
BOUNDS = [(-math.inf, 1.0), (-math.inf, math.inf), (0.0, 2.0), (-1.0, 0.5), (3.0, math.inf), (12.0, 14.5), (-3.0, -2.0)]


@each(("kind", "a", "b", "law"), LAWS)
def test_probability_is_that_of_the_law(kind, a, b, law):
    for low, high in BOUNDS:
        before = math.ceil(low) - 1 if kind == Kind.POISSON and math.isfinite(low) else low
        expected = law.sf(before) - law.sf(high) if law.cdf(before) > 0.5 else law.cdf(high) - law.cdf(before)
        assert probability_between(kind, a, b, low, high) == pytest.approx(expected, rel=1e-9, abs=1e-300), (low, high)


@each(
    ("law", "bounds", "expected"),
    [
        ((Kind.NORMAL, 3.0, 0.0), (3.0, 3.0), 1.0),
        ((Kind.NORMAL, 3.0, 0.0), (3.1, 4.0), 0.0),
        ((Kind.LOG_NORMAL, 0.0, 0.0), (0.5, 2.0), 1.0),
        ((Kind.LOG_NORMAL, 0.0, 1.0), (-2.0, 0.0), 0.0),
        ((Kind.POISSON, 0.0, 0.0), (0.0, 0.0), 1.0),
        ((Kind.POISSON, 3.0, 0.0), (0.2, 0.8), 0.0),
        ((Kind.NORMAL, 0.0, 1.0), (1.0, -1.0), 0.0),
    ],
)
def test_probability_of_one_value_and_of_none(law, bounds, expected):
    assert probability_between(*law, *bounds) == expected
