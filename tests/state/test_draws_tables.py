"""Poisson and binomial draws from tables: frozen answers, exact tails, the right distributions, and where they end."""

import math
from itertools import pairwise

import numpy as np
from scipy import stats

from engram.state import rejection, tables, words
from tests.cases import each

KEY = 0xADACDE3A6C04A5E7
ELEMENTS = [0, 1, 16, 33, 63, 64, 1000]
FROZEN = {  # step 7, draw 3: arguments -> values of ELEMENTS
    (0.02,): "0 0 0 0 0 0 0",
    (2.5,): "0 2 1 0 2 2 2",
    (15.0,): "9 15 12 9 13 14 13",
    (40.0,): "44 38 42 52 39 53 42",
    (1000.0, 0.002): "0 2 1 0 1 2 1",
    (10.0, 0.3): "1 3 2 1 2 3 2",
    (10.0, 0.7): "9 7 8 9 8 7 8",
    (2.0**31, 1e-9): "0 2 1 0 1 2 1",
    (30.0, 0.5): "11 15 13 11 14 14 14",
    (400.0, 0.5): "206 197 204 221 198 220 203",
}
# Elements of key 1, step 0, draw 0 whose word is below 4096: (element, word)
SMALL = [(8041608, 3792), (6465552, 3351), (1182445, 2950), (3104501, 853)]
N = 300_000
LAWS = [  # of tables
    *((mean,) for mean in (1e-3, 0.05, 1.7, 9.0, 15.0)),
    *((1000.0, 0.002), (1000.0, 0.015), (5.0, 0.5), (1.0, 0.3), (30.0, 0.5), (12.0, 0.9), (2.0**31, 1e-9)),
]
BEYOND = [(40.0,), (1000.0, 0.4), (200_000.0, 0.999)]


def drawn(law, key=KEY, step=7, draw=3, first=0, n=1001):
    return (tables.neuron_poisson if len(law) == 1 else tables.neuron_binomial)(*law, key, step, draw, first, n)


def exact(law):
    return stats.poisson(*law) if len(law) == 1 else stats.binom(*law)


@each("law", FROZEN)
def test_draws_are_frozen(law):
    assert " ".join(f"{value:g}" for value in drawn(law)[ELEMENTS]) == FROZEN[law]


@each("law", LAWS + BEYOND)
def test_draws_pass_a_chi_square_test(law):
    """Over the values that are expected at least 20 times; the rest are the two end classes."""
    values, expected = drawn(law, n=N), exact(law)
    k = np.arange(expected.ppf(1e-9), expected.ppf(1 - 1e-9) + 1)
    k = k[expected.pmf(k) * N >= 20]
    edges = np.concatenate([[-np.inf], k[:-1] + 0.5, [np.inf]])
    counts = np.histogram(values, edges)[0]

    assert stats.chisquare(counts, np.diff(expected.cdf(edges)) * N, sum_check=False).pvalue > 1e-3
    assert (values == np.floor(values)).all()


@each("law", LAWS)
def test_draw_is_the_inverse_of_the_distribution(law):
    word = words.of_elements(words.neuron_words(KEY, 7, 3, 0, 20_000)[0], 0, 20_000)
    u = words.unit32(word)
    expected = exact(law).ppf(u) if len(law) == 2 and law[1] > 0.5 else exact(law).isf(u)

    assert (drawn(law, n=20_000) == expected).all()


@each(("element", "word"), SMALL)
@each("law", [(1e-9,), (0.02,), (1.5,), (15.0,), (1000.0, 0.002), (2.0**31, 1e-9), (12.0, 0.5)])
def test_small_word_walks_the_exact_tail(law, element, word):
    second = words.threefry(1, 16 * (element >> 6) + (element & 15), 0, 0, 0x8000)[element >> 4 & 3][0]
    u = (float(word * 2**32 + int(second)) + 0.5) * 2.0**-64

    assert drawn(law, 1, 0, 0, element, 1)[0] == exact(law).isf(u)


def test_tail_is_exact_far_beyond_a_word():
    """Of 1 in 10**12: a threshold on 32 bits would never be passed."""
    law = tables._Law(math.exp(-1e-6), 1e-6)

    np.testing.assert_allclose(law.survival()[:4], stats.poisson(1e-6).sf(np.arange(4)), rtol=1e-9)
    np.testing.assert_allclose(
        tables._Law(math.exp(-15.0), 15.0).survival()[:60],
        stats.poisson(15).sf(np.arange(60)),
        rtol=1e-9,
        atol=2.0**-65,
    )


@each("law", [(1.7,), (15.5,), (1000.0, 0.002), (1000.0, 0.4)])
def test_result_does_not_depend_on_how_a_range_is_cut(law):
    whole = drawn(law, n=300)
    pieces = [drawn(law, first=first, n=last - first) for first, last in pairwise([0, 64, 65, 128, 200, 300])]

    assert np.concatenate(pieces).tobytes() == whole.tobytes()


DEGENERATE = {(0.0,): 0, (0.0, 0.5): 0, (7.0, 0.0): 0, (7.0, 1.0): 7, (2.0**31, 1.0): 2**31}


@each("law", DEGENERATE)
def test_degenerate_distribution_gives_one_value(law):
    assert set(drawn(law).tolist()) == {DEGENERATE[law]}


@each("law", [(15.5,), (2.0**31 + 2, 1e-9), (100.0, 0.5), (2.5, 0.5), (-3.0, 0.5), (5.0, 1.5)])
def test_beyond_the_table_elements_have_words_of_their_own(law):
    single = rejection.poisson if len(law) == 1 else rejection.binomial

    assert drawn(law).tobytes() == single(*law, KEY, np.arange(1001), 1, 7, 3).tobytes()


def test_binomial_counts_the_rarer_outcome():
    """So that p and 1 - p are one table."""
    assert (drawn((12.0, 0.25)) == 12.0 - drawn((12.0, 0.75))).all()
