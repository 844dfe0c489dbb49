"""Which synapses connectors draw, as a law of chance. Who draws them makes no difference, so here one does."""

import numpy as np
import pytest
from scipy import stats

from engram.wiring.connectors import FixedNumberPre, FixedProbability, FixedTotalNumber
from tests.cases import each
from tests.contracts.connector_contract import Call


@pytest.fixture(autouse=True)
def executor():
    """C, if there is a compiler."""


def counts_of(wired):
    """How many synapses each pair has, (n_pre, n_post)."""
    connectivity = wired.connectivity
    counts = np.zeros((connectivity.n_pre, connectivity.n_post), int)
    np.add.at(counts, (connectivity.pre_of_synapses(), connectivity.post_of_synapses()), 1)
    return counts


# -- each pair, or a number of each neuron ---------------------------------------------------------------------


@each("p", [0.002, 0.1, 0.5, 0.9])
def test_fixed_probability_row_lengths_are_binomial(p):
    wired = Call(FixedProbability(p), n_pre=4000, n_post=500).run()

    lengths = np.diff(wired.connectivity.row_start)
    law = stats.binom(500, p)
    edges = np.unique(law.ppf(np.linspace(0.02, 0.98, 12)))
    observed = np.histogram(lengths, [-np.inf, *(edges + 0.5), np.inf])[0]
    expected = np.diff([0.0, *law.cdf(edges), 1.0]) * 4000
    keep = expected > 0
    assert stats.chisquare(observed[keep], expected[keep]).pvalue > 1e-4


@each("p", [0.01, 0.5, 0.95])
def test_fixed_probability_treats_all_columns_alike(p):
    wired = Call(FixedProbability(p), n_pre=4000, n_post=200).run()

    counts = np.bincount(wired.connectivity.ranks, minlength=200)
    z = (counts - 4000 * p) / np.sqrt(4000 * p * (1 - p))
    assert stats.chi2(200).sf(np.sum(z**2)) > 1e-4
    assert stats.chi2(200).cdf(np.sum(z**2)) > 1e-4


@each(("p", "width"), [(0.1, 128), (0.5, 64)])
def test_fixed_probability_goes_on_across_the_borders_of_blocks(p, width):
    """From any column to the next connection it is a geometric gap, and blocks do not repeat each other."""
    ranks = Call(FixedProbability(p), n_pre=20_000, n_post=3 * width).run().connectivity
    is_connected = np.zeros((20_000, 3 * width), bool)
    is_connected[ranks.pre_of_synapses(), ranks.post_of_synapses()] = True

    law = stats.geom(p, loc=-1)
    most = int(law.ppf(0.99))
    for first in (width - 3, width, 2 * width - 1):
        gaps = np.argmax(is_connected[:, first : first + width // 2 + 20], axis=1)
        found = np.bincount(np.minimum(gaps, most + 1), minlength=most + 2)
        expected = 20_000 * np.array([*law.pmf(np.arange(most + 1)), law.sf(most)])
        assert stats.chisquare(found, expected).pvalue > 1e-4
    blocks = is_connected.reshape(20_000, 3, width)
    for both in (blocks[:, 0] & blocks[:, 1], blocks[:, 1] & blocks[:, 2], blocks[:-1, 0] & blocks[1:, 0]):
        assert 1e-4 < stats.binom(both.size, p * p).cdf(both.sum()) < 1 - 1e-4


@each("number", [1, 3, 20, 38])
@each("no_self", [False, True])
def test_fixed_number_pre_chooses_uniformly(number, no_self):
    n_pre, n_post = 40, 40
    counts = np.zeros((n_pre, n_post))
    for seed in range(200):
        wired = Call(FixedNumberPre(number), n_pre=n_pre, n_post=n_post, same_population=no_self, seed=seed).run()
        counts[wired.connectivity.pre_of_synapses(), wired.connectivity.post_of_synapses()] += 1

    assert np.all(counts.sum(axis=0) == 200 * number)
    assert np.all(np.diag(counts) == 0) if no_self else np.all(np.diag(counts).sum() > 0)
    available = n_pre - no_self
    columns = counts.sum(axis=1)
    # the variance of a draw without replacement
    share = number / available
    z2 = np.sum((columns - columns.mean()) ** 2) / (200 * available * share * (1 - share))
    assert 1e-4 < stats.chi2(n_pre - 1).sf(z2) < 1 - 1e-4


def test_fixed_number_pre_chooses_pairs_of_columns_uniformly():
    """Floyd's algorithm is uniform over sets, not only over members."""
    wired = Call(FixedNumberPre(2), n_pre=6, n_post=9000, by="post").run()

    sets, observed = np.unique(wired.connectivity.ranks.reshape(-1, 2), axis=0, return_counts=True)
    assert len(sets) == 15
    assert stats.chisquare(observed).pvalue > 1e-4


# -- a number in all -------------------------------------------------------------------------------------------


@each("no_self", [False, True])
def test_all_pairs_are_alike(no_self):
    """There are five blocks, the last of which is short."""
    counts = counts_of(Call(FixedTotalNumber(300_000), n_pre=161, n_post=275, same_population=no_self).run())

    possible = ~np.eye(161, 275, dtype=bool) if no_self else np.ones((161, 275), bool)
    assert np.all(counts[~possible] == 0)
    assert stats.chisquare(counts[possible]).pvalue > 1e-4
    for axis in (0, 1):
        expected = possible.sum(axis) / possible.sum() * 300_000
        assert stats.chisquare(counts.sum(axis), expected).pvalue > 1e-4


@each(("n_post", "number"), [(9, 400), (150, 1500)])
def test_synapses_of_a_row_and_of_a_pair_follow_the_binomial_law(n_post, number):
    """Over many projections, of one block and of three: as if pairs had been drawn one after the other."""
    call = Call(FixedTotalNumber(number), n_pre=7, n_post=n_post)
    counts = np.array([counts_of(call.run(uid=uid)) for uid in range(400)])

    of_row, of_column, of_pair = counts.sum(axis=2)[:, 3], counts.sum(axis=1)[:, 8], counts[:, 6, :3].sum(axis=1)
    beyond = counts[:, :, 60:70].sum(axis=(1, 2))  # on both sides of a border
    for observed, p in ((of_row, 1 / 7), (of_column, 1 / n_post), (of_pair, 3 / 7 / n_post), (beyond, 10 / n_post)):
        if p > 1:
            continue
        law = stats.binom(number, p)
        edges = np.unique(law.ppf(np.linspace(0.05, 0.95, 9)))
        found = np.histogram(observed, [-np.inf, *(edges + 0.5), np.inf])[0]
        assert stats.chisquare(found, np.diff([0.0, *law.cdf(edges), 1.0]) * 400).pvalue > 1e-4


def test_rows_are_correlated_as_a_fixed_total_asks():
    call = Call(FixedTotalNumber(100), n_pre=2, n_post=5)
    first, second = np.array([counts_of(call.run(uid=uid)).sum(axis=1) for uid in range(50)]).T

    assert np.all(first + second == 100)
    assert len(set(first.tolist())) > 5
