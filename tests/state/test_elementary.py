"""The functions behind the draws: within about an ulp of the truth, and without surprises at the ends."""

import mpmath
import numpy as np
import pytest

from engram.state.elementary import draw_exp, draw_log, draw_sincos_turn

RNG_SEED = 11


def worst_ulp(values, truths):
    """Return the largest distance in ulp of the true value (mpmath numbers)."""
    worst = 0.0
    for value, truth in zip(values.tolist(), truths, strict=True):
        worst = max(worst, abs(float((mpmath.mpf(value) - truth) / mpmath.mpf(float(np.spacing(abs(float(truth))))))))
    return worst


@pytest.fixture(autouse=True)
def precision():
    with mpmath.workprec(140):
        yield


def units(n):
    rng = np.random.default_rng(RNG_SEED)
    words = rng.integers(0, 2**32, n).astype(np.float64)
    words[: n // 4] = rng.integers(0, 4096, n // 4)
    return (words + 0.5) * 2.0**-32


def test_log_of_units_and_of_tails_is_below_one_ulp():
    x = np.concatenate([units(2000), 2.0 ** -np.arange(1, 65.0), 1.0 - 2.0 ** -np.arange(2.0, 54.0), [3.5, 1e300]])

    assert worst_ulp(draw_log(x), [mpmath.log(mpmath.mpf(v)) for v in x.tolist()]) < 0.9


def test_log_of_one_is_zero():
    assert draw_log(np.array([1.0])).tobytes() == np.array([0.0]).tobytes()


def test_exp_is_below_one_ulp():
    rng = np.random.default_rng(RNG_SEED)
    x = np.concatenate([rng.uniform(-700, 709, 2000), rng.uniform(-1, 1, 1000)])

    assert worst_ulp(draw_exp(x), [mpmath.exp(mpmath.mpf(v)) for v in x.tolist()]) < 1.0


def test_exp_underflows_gradually_and_overflows_to_infinity():
    x = np.array([-740.0, -745.13, -746.0, -np.inf, 709.78, 709.79, np.inf, np.nan, 0.0, -0.0])
    with np.errstate(all="ignore"):
        expected = np.exp(x)

    steps = draw_exp(x)[:-3].view(np.int64) - expected[:-3].view(np.int64)
    assert np.abs(steps).max() <= 1
    assert np.isnan(draw_exp(x)[7])
    assert draw_exp(x)[8:].tolist() == [1.0, 1.0]


def test_sincos_of_units_is_below_one_ulp():
    u = units(3000)
    sine, cosine = draw_sincos_turn(u)

    assert worst_ulp(sine, [mpmath.sinpi(2 * mpmath.mpf(v)) for v in u.tolist()]) < 1.0
    assert worst_ulp(cosine, [mpmath.cospi(2 * mpmath.mpf(v)) for v in u.tolist()]) < 1.0


def test_sincos_near_the_quarters_keep_their_relative_accuracy():
    u = ((np.arange(-3.0, 3.0) + 0.5) * 2.0**-32 + np.array([[0.25], [0.5], [0.75]])).ravel()
    sine, cosine = draw_sincos_turn(u)

    assert worst_ulp(sine, [mpmath.sinpi(2 * mpmath.mpf(v)) for v in u.tolist()]) < 1.0
    assert worst_ulp(cosine, [mpmath.cospi(2 * mpmath.mpf(v)) for v in u.tolist()]) < 1.0
