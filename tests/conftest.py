"""What all tests share: one cache of kernels, kept between runs, and no network left over from another test."""

import os
from pathlib import Path

# before engram is imported: a second run of the tests compiles nothing
os.environ.setdefault("ENGRAM_TRACEBACK", "full")  # who reads a failure here works on engram
os.environ.setdefault("ENGRAM_CACHE_DIR", str(Path(__file__).parents[1] / "build" / "test-cache"))

import pytest
from hypothesis import settings

import engram as eg
from engram.native.pace import Pace
from engram.network.implicit import implicit
from tests.strategies import EVERYDAY, NIGHTLY

# `--hypothesis-profile nightly` tries more examples
settings.register_profile("nightly", max_examples=NIGHTLY, deadline=None)
settings.register_profile("everyday", max_examples=EVERYDAY, deadline=None)
settings.load_profile("everyday")


@pytest.fixture(autouse=True)
def _no_implicit_network():
    eg.clear()
    implicit.forget()
    yield
    eg.clear()
    implicit.forget()


@pytest.fixture(autouse=True)
def _all_threads(monkeypatch):
    """Every network uses all threads that it may, however small: tests of what they must not change need them."""
    monkeypatch.setattr(Pace, "_begin_trial", lambda pace: setattr(pace, "threads", pace._most))
