"""Distribution objects: what they accept, how they are written, and that keyed values follow from element and key."""

import math

import numpy as np
import pytest
from scipy import stats

from engram.errors import InvalidArgument
from engram.state import draws
from engram.state.distributions import (
    Binomial,
    DiscreteUniform,
    Distribution,
    Exponential,
    Gamma,
    LogNormal,
    Normal,
    Poisson,
    Uniform,
)

ALL = [
    (Uniform(0, 2), "Uniform(0.0, 2.0)", stats.uniform(0, 2)),
    (DiscreteUniform(1, 6), "DiscreteUniform(1, 6)", stats.randint(1, 7)),
    (Normal(0, 1), "Normal(0.0, 1.0)", stats.norm()),
    (LogNormal(0, 0.5), "LogNormal(0.0, 0.5)", stats.lognorm(0.5)),
    (Exponential(4), "Exponential(4.0)", stats.expon(scale=0.25)),
    (Gamma(2, 3), "Gamma(2.0, 3.0)", stats.gamma(2, scale=3)),
    (Binomial(10, 0.3), "Binomial(10, 0.3)", stats.binom(10, 0.3)),
    (Poisson(4), "Poisson(4.0)", stats.poisson(4)),
]
BOUNDED = [
    Normal(0, 1, -0.5, 0.5),
    LogNormal(0, 1, 0.5, 2),
    Exponential(1, 0.5, 2),
    Gamma(1, 1, 0.5, 2),
    Poisson(2, 1, 3),
]


@pytest.mark.parametrize(("distribution", "text", "law"), ALL)
def test_repr_is_what_the_user_types(distribution, text, law):
    assert repr(distribution) == text
    assert eval(text) == distribution  # noqa: S307  # a literal of this file


def test_repr_names_the_bounds_that_were_given():
    assert repr(Normal(0, 1, max=2)) == "Normal(0.0, 1.0, max=2.0)"
    assert repr(Gamma(2, min=1, max=5)) == "Gamma(2.0, 1.0, min=1.0, max=5.0)"
    assert repr(Uniform(0, 1, seed=3)) == "Uniform(0.0, 1.0)"


def test_equality_is_by_value():
    assert Uniform(0, 1) == Uniform(0.0, np.float64(1.0))
    assert Uniform(0, 1) != Uniform(0, 2)
    assert Normal(0, 1) != LogNormal(0, 1)
    assert Normal(0, 1, min=-math.inf, max=math.inf) == Normal(0, 1)
    assert len({Uniform(0, 1), Uniform(0.0, 1.0)}) == 1


def test_distributions_are_frozen():
    with pytest.raises(AttributeError, match="cannot assign"):
        Uniform(0, 1).min = 3


@pytest.mark.parametrize(("distribution", "text", "law"), ALL)
def test_numpy_values_have_the_right_law_and_shape(distribution, text, law):
    seeded = type(distribution)(*distribution.as_numbers()[1 : 2 if text.startswith("Exp") else 3], seed=5)
    values = seeded.get_values((100, 50))

    assert values.shape == (100, 50)
    assert abs(values.mean() - law.mean()) < 4 * law.std() / math.sqrt(values.size)
    assert abs(values.std() / law.std() - 1) < 0.1


@pytest.mark.parametrize(("distribution", "text", "law"), ALL)
def test_keyed_values_have_the_right_law(distribution, text, law):
    values = distribution.keyed_values(77, 20_000)

    assert values.dtype == np.float64
    assert abs(values.mean() - law.mean()) < 4 * law.std() / math.sqrt(values.size)
    assert abs(values.std() / law.std() - 1) < 0.05


@pytest.mark.parametrize("distribution", BOUNDED)
def test_bounds_clip_in_numpy_and_in_keyed_values(distribution):
    low, high = distribution.as_numbers()[3:5]
    for values in (distribution.get_values(1000), distribution.keyed_values(3, 1000)):
        assert values.min() == low
        assert values.max() == high


def test_keyed_values_of_any_two_draws_share_nothing():
    """A network may assign a distribution any number of times; draw 256 once took the second attempts of draw 0."""
    drawn = [Gamma(2.0, 1.0).keyed_values(9, 5000, draw) for draw in (0, 1, 255, 256, 257, 512, 1 << 15, 1 << 16)]

    assert len(np.unique(drawn)) == 8 * 5000


def test_keyed_values_of_the_first_draws_are_those_of_their_numbers():
    element = np.arange(100)

    assert (
        Gamma(2.0, 1.0).keyed_values(9, 100, 255).tolist()
        == draws.sample(Gamma(2.0, 1.0), 9, element, 0, 0, 255).tolist()
    )


def test_keyed_value_depends_on_its_element_alone():
    distribution = Normal(0, 1)
    many = distribution.keyed_values(9, 70_000, 2)

    assert distribution.keyed_values(9, 10, 2).tolist() == many[:10].tolist()
    assert many[66_000] == draws.sample(distribution, 9, 66_000, 0, 0, 2)[0]
    assert not np.array_equal(many, distribution.keyed_values(9, 70_000, 3))
    assert not np.array_equal(many, distribution.keyed_values(8, 70_000, 2))


def test_seed_and_rng_repeat_values():
    first = Uniform(0, 1, seed=3).get_list_values(4)

    assert first == Uniform(0, 1, np.random.default_rng(3)).get_list_values(4)
    assert first != Uniform(0, 1).get_list_values(4)
    assert all(type(value) is float for value in first)


def test_get_value_gives_a_plain_number():
    assert type(Uniform(0, 1).get_value()) is float
    assert type(DiscreteUniform(1, 6).get_value()) is int
    assert DiscreteUniform(1, 6).get_values(3).dtype == np.int64


def test_every_draw_is_new():
    distribution = Uniform(0, 1, seed=3)

    assert distribution.get_value() != distribution.get_value()


@pytest.mark.parametrize(
    ("distribution", "numbers"),
    [
        (Uniform(0, 1), (1, 0.0, 1.0, -math.inf, math.inf, False)),
        (DiscreteUniform(1, 6), (2, 1.0, 6.0, -math.inf, math.inf, False)),
        (Normal(1, 2, min=0), (3, 1.0, 2.0, 0.0, math.inf, False)),
        (LogNormal(1, 2, max=9), (4, 1.0, 2.0, -math.inf, 9.0, False)),
        (Exponential(4), (5, 4.0, 0.0, -math.inf, math.inf, False)),
        (Gamma(2), (6, 2.0, 1.0, -math.inf, math.inf, False)),
        (Binomial(10, 0.3), (7, 10.0, 0.3, -math.inf, math.inf, False)),
        (Poisson(4, max=9), (8, 4.0, 0.0, -math.inf, 9.0, False)),
    ],
)
def test_as_numbers_are_the_fields_in_c(distribution, numbers):
    assert isinstance(distribution, Distribution)
    assert distribution.as_numbers() == numbers
    assert all(type(value) is float for value in distribution.as_numbers()[1:5])


WRONG = [
    (lambda: Uniform(1, 0), "Uniform: min must be less than max", "min=1.0, max=0.0"),
    (lambda: Uniform(1, 1), "Uniform: min must be less than max", "min=1.0, max=1.0"),
    (lambda: Uniform("a", 1), "Uniform: min must be a finite number", "'a'"),
    (lambda: Uniform(0, math.nan), "Uniform: max must be a finite number", "nan"),
    (lambda: Uniform(True, 2), "Uniform: min must be a finite number", "True"),
    (lambda: DiscreteUniform(1.5, 2), "DiscreteUniform: min must be an integer", "1.5"),
    (lambda: DiscreteUniform(3, 2), "DiscreteUniform: min must not exceed max", "min=3, max=2"),
    (lambda: Normal(0, -1), "Normal: sigma must not be negative", "-1.0"),
    (lambda: Normal(0, 1, 3, 2), "Normal: min must not exceed max", "min=3.0, max=2.0"),
    (lambda: Normal(0, 1, min="low"), "Normal: min must be a finite number", "'low'"),
    (lambda: LogNormal(0, -1), "LogNormal: sigma must not be negative", "-1.0"),
    (lambda: Exponential(0), "Exponential: Lambda must be positive", "0.0"),
    (lambda: Gamma(0), "Gamma: alpha must be positive", "0.0"),
    (lambda: Gamma(1, -1), "Gamma: beta must be positive", "-1.0"),
    (lambda: Binomial(-1, 0.5), "Binomial: n must not be negative", "-1"),
    (lambda: Poisson(-1), "Poisson: Lambda must not be negative", "-1.0"),
    (lambda: Binomial(3, 1.5), r"Binomial: p must lie in \[0, 1\]", "1.5"),
    (lambda: Uniform(0, 1, rng=3), "Uniform: rng must be a NumPy generator", r"3 \(int\)"),
    (lambda: Uniform(0, 1, seed=-1), "Uniform: seed must be an integer >= 0", "-1"),
    (lambda: Uniform(0, 1, np.random.default_rng(), 3), "Uniform: rng and seed exclude each other", "seed=3"),
]


@pytest.mark.parametrize(("make", "what", "got"), WRONG)
def test_wrong_argument_is_refused_with_what_expected_got_and_help(make, what, got):
    with pytest.raises(InvalidArgument, match=f"^{what}\n  expected: .+\n  got: .*{got}.*\n  help: .+"):
        make()
