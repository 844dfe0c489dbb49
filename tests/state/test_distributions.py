"""Distribution objects: what they accept, how they are written, and that keyed values follow from element and key."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from engram.errors import InvalidArgument, WrongCall
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
from tests.cases import each

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


@each(("distribution", "text", "law"), ALL)
def test_repr_is_what_the_user_types(distribution, text, law):
    assert repr(distribution) == text
    assert eval(text) == distribution  # noqa: S307  # a literal of this file


def test_repr_names_the_bounds_that_were_given():
    assert repr(Normal(0, 1, max=2)) == "Normal(0.0, 1.0, max=2.0)"
    assert repr(Gamma(2, min=1, max=5)) == "Gamma(2.0, 1.0, min=1.0, max=5.0)"
    assert repr(Uniform(0, 1, seed=3)) == "Uniform(0.0, 1.0)"
    assert repr(Normal(0, 1, max=2, redraw=True)) == "Normal(0.0, 1.0, max=2.0, redraw=True)"


def test_equality_is_by_value():
    assert Uniform(0, 1) == Uniform(0.0, np.float64(1.0))
    assert Uniform(0, 1) != Uniform(0, 2)
    assert Normal(0, 1) != LogNormal(0, 1)
    assert Normal(0, 1, min=-math.inf, max=math.inf) == Normal(0, 1)
    assert Normal(0, 1, min=0, redraw=True) == Normal(0, 1, min=0, redraw=np.True_) != Normal(0, 1, min=0)
    assert Normal(np.array(0.5), np.float32(1)) == Normal(0.5, 1)
    assert len({Uniform(0, 1), Uniform(0.0, 1.0)}) == 1


def test_distributions_are_frozen():
    with pytest.raises(AttributeError, match="cannot assign"):
        Uniform(0, 1).min = 3


@each(("distribution", "text", "law"), ALL)
def test_numpy_values_have_the_right_law_and_shape(distribution, text, law):
    seeded = type(distribution)(*distribution.as_numbers()[1 : 2 if text.startswith("Exp") else 3], seed=5)
    values = seeded.get_values((100, 50))

    assert values.shape == (100, 50)
    assert abs(values.mean() - law.mean()) < 4 * law.std() / math.sqrt(values.size)
    assert abs(values.std() / law.std() - 1) < 0.1


@each(("distribution", "text", "law"), ALL)
def test_keyed_values_have_the_right_law(distribution, text, law):
    values = distribution.keyed_values(77, 20_000)

    assert values.dtype == np.float64
    assert abs(values.mean() - law.mean()) < 4 * law.std() / math.sqrt(values.size)
    assert abs(values.std() / law.std() - 1) < 0.05


@each("distribution", BOUNDED)
def test_bounds_clip_in_numpy_and_in_keyed_values(distribution):
    low, high = distribution.as_numbers()[3:5]
    for values in (distribution.get_values(1000), distribution.keyed_values(3, 1000)):
        assert values.min() == low
        assert values.max() == high


TRUNCATED = [
    (Normal(0, 1, min=-0.5, max=0.7, redraw=True), stats.norm()),
    (Normal(1, 2, min=5, redraw=True), stats.norm(1, 2)),
    (Normal(0, 1, min=3, redraw=True), stats.norm()),
    (LogNormal(0, 1, 0.5, 2, redraw=True), stats.lognorm(1)),
    (Exponential(2, max=0.3, redraw=True), stats.expon(scale=0.5)),
    (Gamma(0.5, 2, min=-1, max=0.2, redraw=True), stats.gamma(0.5, scale=2)),
    (Gamma(7, 1, min=9, redraw=True), stats.gamma(7)),
]


@pytest.mark.parametrize(("distribution", "law"), TRUNCATED)
def test_values_drawn_again_follow_the_truncated_law(distribution, law):
    low, high = distribution.as_numbers()[3:5]
    below, inside = law.cdf(low), law.cdf(high) - law.cdf(low)
    seeded, n = replace(distribution, seed=3), 20_000 if inside > 0.01 else 2000

    for values in (distribution.keyed_values(11, n), seeded.get_values(n)):
        assert stats.kstest(values, lambda x: (law.cdf(x) - below) / inside).pvalue > 1e-3
        assert (low <= values.min(), values.max() <= high) == (True, True)


@each("rate", [4.0, 40.0])
def test_counts_drawn_again_follow_the_truncated_law(rate):
    low, high = int(rate - 1), int(rate + 3)
    k = np.arange(low, high + 1)
    expected = stats.poisson(rate).pmf(k) / stats.poisson(rate).pmf(k).sum()

    values = Poisson(rate, low, high, redraw=True).keyed_values(5, 20_000)

    counts = np.bincount(values.astype(int), minlength=high + 1)[low:]
    assert stats.chisquare(counts, 20_000 * expected).pvalue > 1e-3
    assert set(values) == set(k)


def test_values_drawn_again_keep_what_lay_between_the_bounds_and_depend_on_their_element_alone():
    free = Normal(0, 1).keyed_values(9, 70_000, 2)
    many = Normal(0, 1, -1, 1, redraw=True).keyed_values(9, 70_000, 2)

    is_kept = np.abs(free) <= 1
    assert many[is_kept].tobytes() == free[is_kept].tobytes()
    assert Normal(0, 1, -1, 1, redraw=True).keyed_values(9, 100, 2).tobytes() == many[:100].tobytes()
    again = Normal(0, 1).keyed_values(10, 70_000, 2)  # the first attempt has the next key
    is_first = ~is_kept & (np.abs(again) <= 1)
    assert many[is_first].tobytes() == again[is_first].tobytes()


def test_values_between_the_largest_numbers_are_finite():
    for values in (Uniform(-1e308, 1e308).get_values(1000), Uniform(-1e308, 1e308).keyed_values(3, 1000)):
        assert np.isfinite(values).all()
        assert stats.kstest(values / 1e308, stats.uniform(-1, 2).cdf).pvalue > 1e-3


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


def test_values_are_those_of_the_generator_clipped():
    rng = np.random.default_rng

    assert Uniform(1, 2, rng=rng(3)).get_values(5).tolist() == rng(3).uniform(1, 2, 5).tolist()
    assert Exponential(4, rng=rng(3)).get_values(5).tolist() == rng(3).exponential(0.25, 5).tolist()  # Q12: a rate
    clipped = Normal(0, 1, -0.5, 0.5, rng=rng(3)).get_values((5, 2))
    assert clipped.tolist() == np.clip(rng(3).normal(0, 1, (5, 2)), -0.5, 0.5).tolist()


def test_both_ends_are_among_the_whole_numbers():
    assert set(DiscreteUniform(1, 6, seed=1).get_list_values(200)) == {1, 2, 3, 4, 5, 6}


def test_get_value_gives_a_plain_number():
    assert type(Uniform(0, 1).get_value()) is float
    assert type(DiscreteUniform(1, 6).get_value()) is int
    assert DiscreteUniform(1, 6).get_values(3).dtype == np.int64


def test_every_draw_is_new():
    distribution = Uniform(0, 1, seed=3)

    assert distribution.get_value() != distribution.get_value()


@each(
    ("distribution", "numbers"),
    [
        (Uniform(0, 1), (1, 0.0, 1.0, -math.inf, math.inf, False)),
        (DiscreteUniform(1, 6), (2, 1.0, 6.0, -math.inf, math.inf, False)),
        (Normal(1, 2, min=0), (3, 1.0, 2.0, 0.0, math.inf, False)),
        (LogNormal(1, 2, max=9), (4, 1.0, 2.0, -math.inf, 9.0, False)),
        (Exponential(4), (5, 4.0, 0.0, -math.inf, math.inf, False)),
        (Gamma(2), (6, 2.0, 1.0, -math.inf, math.inf, False)),
        (Binomial(10, 0.3), (7, 10.0, 0.3, -math.inf, math.inf, False)),
        (Normal(1, 2, min=0, redraw=True), (3, 1.0, 2.0, 0.0, math.inf, True)),
        (Poisson(4, max=9), (8, 4.0, 0.0, -math.inf, 9.0, False)),
    ],
)
def test_as_numbers_are_the_fields_in_c(distribution, numbers):
    assert isinstance(distribution, Distribution)
    assert distribution.as_numbers() == numbers
    assert all(type(value) is float for value in distribution.as_numbers()[1:5])


TOO_FEW = "{}: too few values lie between the bounds to draw again"
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
    (lambda: Normal(10**400, 1), "Normal: mu must be a finite number", "1000"),
    (lambda: Normal(0, 1, min=math.inf), "Normal: min must be a finite number", "inf"),
    (lambda: Normal(0, 1, max=-math.inf), "Normal: max must be a finite number", "-inf"),
    (lambda: Normal(0, 1, redraw=True), "Normal: redraw=True needs bounds", "neither"),
    (lambda: Normal(0, 1, min=10, redraw=True), TOO_FEW.format("Normal"), "7.62e-24 for Normal"),
    (lambda: Normal(0, 1, 0, 0, redraw=True), TOO_FEW.format("Normal"), "0 for"),
    (lambda: Normal(3, 0, max=2, redraw=True), TOO_FEW.format("Normal"), "0 for"),
    (lambda: LogNormal(0, 1, max=-1, redraw=True), TOO_FEW.format("LogNormal"), "0 for"),
    (lambda: Exponential(1, max=-1, redraw=True), TOO_FEW.format("Exponential"), "0 for"),
    (lambda: Exponential(1, -1, 1e-5, redraw=True), TOO_FEW.format("Exponential"), "1e-05 for"),
    (lambda: Gamma(2, 1, min=30, redraw=True), TOO_FEW.format("Gamma"), "2.9e-12 for"),
    (lambda: Poisson(3, 0.2, 0.8, redraw=True), TOO_FEW.format("Poisson"), "0 for"),
    (lambda: Exponential(1e-310), "Exponential: the mean 1/Lambda must be finite", "1e-310"),
    (lambda: Gamma(1e300, 1e10), r"Gamma: the mean alpha\*beta must be finite", "beta=10000000000.0"),
    (lambda: Poisson(math.nan), "Poisson: Lambda must be a finite number", "nan"),
    (lambda: Poisson(1e17), "Poisson: Lambda is too large", "1e.17"),
    (lambda: DiscreteUniform(0, 2**63), "DiscreteUniform: max is too large", "9223372036854775808"),
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


@each(("make", "what", "got"), WRONG)
def test_wrong_argument_is_refused_with_what_expected_got_and_help(make, what, got):
    with pytest.raises(InvalidArgument, match=f"^{what}\n  expected: .+\n  got: .*{got}.*\n  help: .+"):
        make()


@each(
    ("make", "said"),
    [
        (lambda: Uniform(0), r"Uniform\(\): argument 'max' is missing\n  help: it takes min, max, rng, seed"),
        (lambda: Normal(1, sigm=3), r"Normal\(\): unknown argument 'sigm'\n  help: did you mean 'sigma'"),
        (lambda: Normal(0, 1, min=0, redraw=1), r"Normal\(\): redraw must be True or False, not 1"),
    ],
)
def test_call_that_cannot_be_is_refused(make, said):
    with pytest.raises(InvalidArgument, match=said):
        make()


def test_laws_know_whether_they_give_whole_numbers():
    whole = (DiscreteUniform(0, 3), Binomial(3, 0.5), Poisson(2), Poisson(2, min=1, max=4))
    others = (Uniform(0, 3), Normal(0, 1), Poisson(2, max=1.5), Gamma(2), Exponential(1), LogNormal(0, 1))

    assert all(law.gives_whole_numbers for law in whole)
    assert not any(law.gives_whole_numbers for law in others)


@each(
    ("given", "expected"),
    [
        (2 * Uniform(0, 1), Uniform(0, 2)),
        (Uniform(0, 1) * -2.0 + 1, Uniform(-1, 1)),
        (1 - Uniform(0, 1) / 2, Uniform(0.5, 1)),
        (np.float64(2) * -Normal(1, 3, min=0, max=5), Normal(-2, 6, min=-10, max=0)),
        (0.5 + Normal(1, 3, min=0, redraw=True), Normal(1.5, 3, min=0.5, redraw=True)),
        (3 - DiscreteUniform(1, 4), DiscreteUniform(-1, 2)),
        (math.e * LogNormal(0, 1, max=2), LogNormal(1, 1, max=2 * math.e)),
        (Exponential(4) * 2, Exponential(2)),
        (Gamma(2, 3) / 3, Gamma(2, 1)),
        (Binomial(3, 0.5) + 0, Binomial(3, 0.5)),
    ],
)
def test_arithmetic_gives_a_distribution(given, expected):
    assert given == expected


def test_arithmetic_keeps_the_generator():
    law = Uniform(0, 1, seed=3)
    assert (2 * law + 1).rng is law.rng


@each(
    "make",
    [
        lambda: 2 * Binomial(3, 0.5),
        lambda: 0 * Uniform(0, 1),
        lambda: Uniform(0, 1) / 0,
        lambda: -Exponential(1),
        lambda: LogNormal(0, 1) + 1,
        lambda: 2 * DiscreteUniform(0, 1),
        lambda: Uniform(0, 1) * Normal(0, 1),
        lambda: Uniform(0, 1) ** 2,
        lambda: 1 / Uniform(0, 1),
        lambda: abs(Normal(0, 1)),
        lambda: np.exp(Normal(0, 1)),
        lambda: np.clip(Normal(0, 1), 0, 1),
        lambda: np.float64(2.0) ** Normal(0, 1),
        lambda: np.arange(3) * Uniform(0, 1),
        lambda: "a" + Uniform(0, 1),
    ],
)
def test_arithmetic_that_gives_no_distribution_says_what_to_write(make):
    with pytest.raises(WrongCall, match=r"is none of the distributions that there are\n  help: draw .*get_values\(n\)"):
        make()


def test_law_of_what_arithmetic_gives_is_the_one_computed():
    law = 2 * Gamma(2, 3, max=9) / 4
    values, of_law = 0.5 * Gamma(2, 3, seed=1, max=9).get_values(100_000), replace(law, seed=2).get_values(100_000)

    assert stats.ks_2samp(values, of_law).pvalue > 1e-3
