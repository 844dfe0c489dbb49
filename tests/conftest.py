"""What all tests share: one cache of kernels, kept between runs, and no network left over from another test."""

import os
from pathlib import Path

# before engram is imported: a second run of the tests compiles nothing
os.environ.setdefault("ENGRAM_CACHE_DIR", str(Path(__file__).parents[1] / "build" / "test-cache"))

import pytest

import engram as eg


@pytest.fixture(autouse=True)
def _no_implicit_network():
    eg.clear()
    yield
    eg.clear()
