"""How far apart values are."""

from __future__ import annotations

import numpy as np
import pytest

from engram.cli.differences import apart


def between(a, b, dtype):
    a, b = np.array(a, dtype), np.array(b, dtype)
    return apart(iter([a[:2], a[2:]]), iter([b[:1], b[1:]]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours_are_one_ulp_apart_and_signs_of_zero_differ(dtype):
    following = np.nextafter(dtype(1.0), dtype(2.0))
    found = between([0.0, 1.0, 3.0], [-0.0, following, 3.0], dtype)

    assert (found.size, found.count, found.ulp, found.not_finite) == (3, 2, 1, 0)
    assert found.largest == following - dtype(1.0)
    assert found.first == (0, 0.0, -0.0)


def test_ulp_across_zero_and_over_the_whole_range():
    most = np.finfo(np.float64).max

    assert between([5e-324], [-5e-324], np.float64).ulp == 3
    assert between([most], [-most], np.float64).largest == np.inf
    assert between([most], [-most], np.float64).ulp == 2 * 0x7FEFFFFFFFFFFFFF + 1


def test_what_is_not_finite_counts_and_measures_nothing():
    found = between([np.nan, np.inf, 1.0], [1.0, -np.inf, 3.0], np.float64)

    assert (found.count, found.not_finite, found.largest) == (3, 2, 2.0)


@pytest.mark.parametrize(
    ("dtype", "a", "b", "largest"),
    [(np.int64, -(2**63), 2**63 - 1, 2**64 - 1), (np.uint64, 0, 2**64 - 1, 2**64 - 1), (np.bool_, True, False, 1)],
)
def test_whole_numbers_have_exact_differences_and_no_ulp(dtype, a, b, largest):
    found = between([b, a], [b, b], dtype)

    assert (found.count, found.largest, found.ulp, found.first) == (1, largest, None, (1, a, b))
