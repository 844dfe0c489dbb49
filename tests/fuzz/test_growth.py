"""Synapses that come and go by random operations are the same on every backend and number of threads."""

from __future__ import annotations

import pytest

from tests.fuzz.growth import difference

pytestmark = [pytest.mark.cc, pytest.mark.filterwarnings("ignore")]


@pytest.mark.slow
def test_random_operations_do_the_same_everywhere(tmp_path):
    assert [found for seed in range(5) if (found := difference(seed, tmp_path))] == []


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_many_random_operations_do_the_same_everywhere(tmp_path, part):
    seeds = range(part * 20, part * 20 + 20)

    assert [found for seed in seeds if (found := difference(seed, tmp_path))] == []
