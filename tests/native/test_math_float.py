"""The vector math header of float32: error in ulp, special values, vectorised, lane = tail = scalar to the bit."""

import math

import mpmath
import numpy as np
import pytest

from tests.native.math_header import MathHeader, differing_cuts, fixtures, worst_ulp

pytestmark = pytest.mark.cc

INF, NAN = math.inf, math.nan
OTHERS = 0.6  # what is computed in double precision and rounded
ONE = {
    **{"exp": 1.1, "expm1": 1.7, "log": 0.9, "tanh": 1.2},
    **dict.fromkeys(("phi1", "log10", "sin", "cos", "tan", "sinh", "cosh", "asin", "acos", "atan"), OTHERS),
}
TRUTH = {"phi1": lambda x: mpmath.expm1(x) / x}  # what mpmath has no function for
SINGLE = ("exp", "expm1", "log", "tanh")
TWO = {"pow": OTHERS, "atan2": OTHERS}
RANGES = {
    **{
        "exp": (-87.0, 88.7),
        "expm1": (-20.0, 88.2),
        "phi1": (-87.0, 88.7),
        "tanh": (-10.0, 10.0),
        "sinh": (-88.0, 88.0),
        "cosh": (-88.0, 88.0),
    },
    **{"sin": (-1e4, 1e4), "cos": (-1e4, 1e4), "tan": (-1e4, 1e4), "asin": (-1.0, 1.0), "acos": (-1.0, 1.0)},
    **{"atan": (-1e4, 1e4), "round": (-100.0, 100.0)},
}


HEADER = MathHeader("engram_math_float.h", "float", "f", dict.fromkeys([*ONE, "round"], 1) | dict.fromkeys(TWO, 2))
native, plain, library = fixtures(HEADER)


def arguments_of(name, n=400):
    """Half evenly, half by magnitude."""
    rng = np.random.default_rng(17)
    if name in ("log", "log10"):
        tiny = rng.uniform(0, 1, 20) * 2.0**-127
        values = np.concatenate([10.0 ** rng.uniform(-37, 38, n), rng.uniform(0.5, 2.0, n), tiny])
    else:
        low, high = RANGES[name]
        signs = rng.choice([-1.0, 1.0], n)
        sizes = 10.0 ** rng.uniform(-8, math.log10(high), n)
        values = np.concatenate([rng.uniform(low, high, n), signs * sizes, rng.uniform(max(low, -2.0), 1.0, n)])
    return values.astype(np.float32)


def pairs_of(name, n=400):
    rng = np.random.default_rng(18)
    x, y = rng.uniform(0, 10, n), rng.uniform(-20, 20, n)
    return (x * rng.choice([-1.0, 1.0], n) if name == "atan2" else x).astype(np.float32), y.astype(np.float32)


@pytest.mark.parametrize("name", ONE)
def test_error_is_within_the_stated_ulp(library, name):
    x = arguments_of(name)

    assert worst_ulp(library.call(name, x), TRUTH.get(name) or getattr(mpmath, name), x) <= ONE[name]


@pytest.mark.parametrize("name", TWO)
def test_error_of_two_arguments_is_within_the_stated_ulp(library, name):
    x, y = pairs_of(name)
    truth = {"pow": mpmath.power, "atan2": mpmath.atan2}[name]

    assert worst_ulp(library.call(name, x, y), truth, x, y) <= TWO[name]


@pytest.mark.parametrize("name", SINGLE)
def test_error_is_within_the_stated_ulp_on_floats_of_every_size(library, name):
    """Each 997th of all floats; the double precision of NumPy is the truth."""
    x = np.arange(0, 2**32, 997, dtype=np.uint64).astype(np.uint32).view(np.float32)
    with np.errstate(all="ignore"):
        truth = getattr(np, name)(x.astype(np.float64))
        nearest = truth.astype(np.float32)
        got = library.call(name, x)
        error = np.abs(got.astype(np.float64) - truth) / np.spacing(np.abs(nearest)).astype(np.float64)
    is_finite = np.isfinite(nearest) & np.isfinite(got)
    others = ~is_finite & ((name != "expm1") | ~(x > 88.2))  # there it is infinite somewhat early

    assert error[is_finite].max() <= ONE[name]
    assert np.array_equal(got[others], nearest[others], equal_nan=True)


def test_header_states_the_tested_errors():
    stated = HEADER.stated_errors()

    assert {name: stated[name] for name in SINGLE} == {name: ONE[name] for name in SINGLE}
    assert stated["others"] == OTHERS


TINY = float(np.float32(1e-45))
PI = float(np.float32(math.pi / 2))
SPECIAL = {
    "exp": [(-INF, 0.0), (INF, INF), (0.0, 1.0), (-0.0, 1.0), (89.0, INF), (1e30, INF), (-104.0, 0.0), (-103.0, TINY)],
    "expm1": [(-INF, -1.0), (INF, INF), (0.0, 0.0), (TINY, TINY), (89.0, INF)],
    "phi1": [(-INF, 0.0), (INF, INF), (0.0, 1.0), (-0.0, 1.0), (TINY, 1.0), (1e30, INF)],
    "log": [(0.0, -INF), (-0.0, -INF), (-1.0, NAN), (-INF, NAN), (INF, INF), (1.0, 0.0)],
    "log10": [(0.0, -INF), (-1.0, NAN), (INF, INF), (1.0, 0.0), (1000.0, 3.0)],
    "sin": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (TINY, TINY), (2.0**45, NAN)],
    "cos": [(0.0, 1.0), (-INF, NAN), (-(2.0**45), NAN)],
    "tan": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN)],
    "sinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-90.0, -INF), (TINY, TINY)],
    "cosh": [(0.0, 1.0), (INF, INF), (-90.0, INF)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (40.0, 1.0), (TINY, TINY)],
    "asin": [(0.0, 0.0), (-0.0, -0.0), (1.0, PI), (1.1, NAN)],
    "acos": [(1.0, 0.0), (0.0, PI), (-1.1, NAN)],
    "atan": [(0.0, 0.0), (-0.0, -0.0), (INF, PI)],
    "round": [(0.5, 1.0), (-0.5, -1.0), (2.5, 3.0), (float(np.float32(0.49999997)), 0.0), (INF, INF), (-0.2, -0.0)],
}


@pytest.mark.parametrize("name", SPECIAL)
def test_special_values(library, name):
    x, expected = (np.array(column) for column in zip(*SPECIAL[name], strict=True))
    values = library.call(name, x)

    assert [repr(value) for value in values.tolist()] == [repr(value) for value in expected.tolist()]
    words = np.array([0x7F800001, 0x7FC00FFF, 0xFFC0ABCD, 0xFFFFFFFF], np.uint32)
    assert np.isnan(library.call(name, np.resize(words.view(np.float32), 33))).all()


@pytest.mark.parametrize("name", [*ONE, "round", *TWO])
def test_lane_tail_and_scalar_are_equal_to_the_bit(library, name):
    arrays = pairs_of(name) if name in TWO else (arguments_of(name),)
    arrays = [np.random.default_rng(7).permutation(array)[:160] for array in arrays]

    assert differing_cuts(library, name, arrays, range(0, 16, 3)) == []


def test_compiler_vectorises_every_loop(native):
    assert "loop vectorized" in native.messages
    assert native.scalar_loops() == []
