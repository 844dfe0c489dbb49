"""The vector math header: error in ulp, special values, vectorised by the compiler, lane = tail = scalar to the bit."""

import math

import mpmath
import numpy as np
import pytest

from tests.native.math_header import MathHeader, differing_cuts, fixtures, worst_ulp

pytestmark = pytest.mark.cc

INF, NAN = math.inf, math.nan

# Largest error in ulp: with fma, and without. The first is what the header's comment says.
ONE = {
    "exp": (1.0, 1.0),
    "expm1": (1.9, 1.9),
    "phi1": (1.6, 1.6),
    "log": (0.8, 0.8),
    "log10": (0.7, 0.7),
    "sin": (0.8, 0.8),
    "cos": (0.8, 0.8),
    "tan": (2.0, 2.0),
    "sinh": (0.8, 0.8),
    "cosh": (0.7, 0.7),
    "tanh": (0.7, 0.7),
    "asin": (2.0, 2.0),
    "acos": (1.2, 1.2),
    "atan": (1.8, 1.8),
}
TRUTH = {"phi1": lambda x: mpmath.expm1(x) / x}  # what mpmath has no function for
TWO = {"pow": (1.2, 1.2), "atan2": (1.8, 1.8)}
EXACT = ["round"]
EXACT_TWO = ["modulo"]


HEADER = MathHeader(
    "engram_math.h", "double", "", dict.fromkeys([*ONE, *EXACT], 1) | dict.fromkeys([*TWO, *EXACT_TWO], 2)
)
native, plain, library = fixtures(HEADER)


# ---------------------------------------------------------------- arguments


def spread(rng, low, high, n):
    """Half evenly, half by magnitude."""
    signs = rng.choice([-1.0, 1.0], n // 2)
    return np.concatenate([rng.uniform(low, high, n // 2), signs * 10.0 ** rng.uniform(-8, math.log10(high), n // 2)])


def arguments_of(name, n=400):
    rng = np.random.default_rng(17)
    if name in ("log", "log10"):
        tiny = rng.uniform(0, 1, 20) * 2.0**-1024
        return np.concatenate([10.0 ** rng.uniform(-307, 308, n), rng.uniform(0.5, 2.0, n), tiny])
    if name in ("sin", "cos", "tan"):
        near = np.arange(1, 500) * (math.pi / 2)  # where the reduction cancels
        wide = [spread(rng, -limit, limit, n // 2) for limit in (10.0, 2.0**30, 2.0**45)]
        return np.concatenate([*wide, near, near * 2.0**20])
    low, high = {
        "exp": (-708.0, 709.0),
        "expm1": (-40.0, 709.0),
        "phi1": (-700.0, 709.0),
        "sinh": (-710.4, 710.4),
        "cosh": (-710.4, 710.4),
        "tanh": (-20.0, 20.0),
        "asin": (-1.0, 1.0),
        "acos": (-1.0, 1.0),
        "atan": (-1e5, 1e5),
    }[name]
    return np.concatenate([spread(rng, low, high, n), rng.uniform(max(low, -2.0), min(high, 2.0), n)])


def pairs_of(name, n=400):
    rng = np.random.default_rng(18)
    x = np.concatenate([rng.uniform(0, 10, n), 10.0 ** rng.uniform(-30, 30, n), rng.uniform(0.9, 1.1, n)])
    y = np.concatenate([rng.uniform(-20, 20, n), rng.uniform(-10, 10, n), rng.uniform(-5000, 5000, n)])
    return (x * rng.choice([-1.0, 1.0], x.size), y) if name == "atan2" else (x, y)


# ---------------------------------------------------------------- accuracy


@pytest.mark.parametrize("name", ONE)
@pytest.mark.parametrize("build_", ["native", "plain"])
def test_error_is_within_the_stated_ulp(request, build_, name):
    library = request.getfixturevalue(build_)
    x = arguments_of(name)

    assert worst_ulp(library.call(name, x), TRUTH.get(name) or getattr(mpmath, name), x) <= ONE[name][build_ == "plain"]


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("build_", ["native", "plain"])
def test_error_of_two_arguments_is_within_the_stated_ulp(request, build_, name):
    library = request.getfixturevalue(build_)
    x, y = pairs_of(name)
    truth = {"pow": mpmath.power, "atan2": mpmath.atan2}[name]

    assert worst_ulp(library.call(name, x, y), truth, x, y) <= TWO[name][build_ == "plain"]


def test_header_states_the_tested_errors():
    stated = HEADER.stated_errors()

    assert {name: stated[name] for name in {**ONE, **TWO}} == {n: e for n, (e, _) in {**ONE, **TWO}.items()}


def test_trigonometry_is_accurate_at_the_hardest_arguments(library):
    """The doubles that come closest to a multiple of pi/2: 6381956970095103 * 2^k (Muller 1997)."""
    x = np.array([6381956970095103.0 * 2.0**k for k in range(-60, -7)])

    for name in ("sin", "cos", "tan"):
        assert worst_ulp(library.call(name, x), getattr(mpmath, name), x) <= ONE[name][0]


# ---------------------------------------------------------------- special values

TINY = 5e-324
SPECIAL = [
    (
        "exp",
        [
            (-INF, 0.0),
            (INF, INF),
            (0.0, 1.0),
            (-0.0, 1.0),
            (710.0, INF),
            (1e300, INF),
            (-746.0, 0.0),
            (-1e300, 0.0),
            (-745.1, TINY),
            (709.782712893384, 1.7976931348622732e308),
            (709.7827128933841, INF),
        ],
    ),
    ("expm1", [(-INF, -1.0), (INF, INF), (0.0, 0.0), (-60.0, -1.0), (710.0, INF), (TINY, TINY)]),
    ("phi1", [(-INF, 0.0), (INF, INF), (0.0, 1.0), (-0.0, 1.0), (TINY, 1.0), (-1e300, 1e-300), (710.0, INF)]),
    ("log", [(0.0, -INF), (-0.0, -INF), (-1.0, NAN), (-INF, NAN), (INF, INF), (1.0, 0.0)]),
    ("log10", [(0.0, -INF), (-1.0, NAN), (INF, INF), (1.0, 0.0), (1000.0, 3.0), (1e22, 22.0)]),
    ("sin", [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (TINY, TINY), (2.0**45, NAN)]),
    ("cos", [(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-(2.0**45), NAN)]),
    ("tan", [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (1e300, NAN)]),
    ("sinh", [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (711.0, INF), (-711.0, -INF), (TINY, TINY)]),
    ("cosh", [(0.0, 1.0), (INF, INF), (-INF, INF), (-711.0, INF)]),
    ("tanh", [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (40.0, 1.0), (TINY, TINY)]),
    ("asin", [(0.0, 0.0), (-0.0, -0.0), (1.0, math.pi / 2), (-1.0, -math.pi / 2), (1.1, NAN), (-INF, NAN)]),
    ("acos", [(1.0, 0.0), (-1.0, math.pi), (0.0, math.pi / 2), (1.1, NAN), (-1.1, NAN)]),
    ("atan", [(0.0, 0.0), (-0.0, -0.0), (INF, math.pi / 2), (-INF, -math.pi / 2), (1.0, math.pi / 4)]),
    ("round", [(0.5, 1.0), (-0.5, -1.0), (2.5, 3.0), (0.49999999999999994, 0.0), (INF, INF), (-0.2, -0.0)]),
]
SPECIAL_TWO = [
    ("pow", [(x, y) for x in (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, INF, -INF, NAN, TINY, -TINY, 1e308)
             for y in (0.0, -0.0, 1.0, -1.0, 2.0, 3.0, -3.0, 0.5, -0.5, INF, -INF, NAN, 1e300, -1e300, 2.0**53)]),
    ("atan2", [(y, x) for y in (0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, TINY, 1e308)
               for x in (0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, TINY, -1e308)]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "cases"), SPECIAL)
def test_special_values(library, name, cases):
    x, expected = (np.array(column) for column in zip(*cases, strict=True))
    values = library.call(name, x)

    assert [repr(value) for value in values.tolist()] == [repr(value) for value in expected.tolist()]
    assert np.isnan(library.call(name, np.full(9, NAN))).all()


@pytest.mark.parametrize(("name", "cases"), SPECIAL_TWO)
def test_special_values_of_two_arguments_are_those_of_c99(library, name, cases):
    x, y = (np.array(column) for column in zip(*cases, strict=True))
    with np.errstate(all="ignore"):
        expected = (np.power if name == "pow" else np.arctan2)(x, y)

    got = library.call(name, x, y)
    is_plain = np.isfinite(expected) & (expected != 0.0)
    assert np.allclose(got[is_plain], expected[is_plain], rtol=1e-15, atol=0)
    others = [(repr(g), repr(e), c) for g, e, c in zip(got.tolist(), expected.tolist(), cases, strict=True)]
    assert [case for case, plain_ in zip(others, is_plain, strict=True) if not plain_ and case[0] != case[1]] == []


def test_exp_below_the_normal_numbers_is_off_by_one_at_most(library):
    x = np.linspace(-745.2, -708.0, 2000)

    assert np.abs(library.call("exp", x) - np.exp(x)).max() <= TINY


def test_nan_when_it_carries_bits_stays_nan(library):
    words = np.array([0x7FF0000000000001, 0x7FF8000000000FFF, 0xFFF800000000ABCD, 0xFFF8000000000001], np.uint64)
    for name in ONE:
        assert np.isnan(library.call(name, words.view(np.float64))).all(), name


def test_pow_at_the_largest_numbers_is_a_number_or_infinite(library):
    """The exponent is added to the bits of the mantissa, which once too often makes a NaN."""
    y = np.linspace(2.0, 3000.0, 20_001)
    got = library.call("pow", 2.0 ** (1024.0 / y), y)

    assert np.isinf(got).any()
    assert np.isfinite(got).any()
    assert got.min() > 1.7e308


def test_pow_of_whole_numbers_is_exact(library):
    x, y = (array.ravel().astype(np.float64) for array in np.meshgrid(np.arange(-12, 13), np.arange(0, 14)))

    assert library.call("pow", x, y).tolist() == [float(int(a) ** int(b)) for a, b in zip(x, y, strict=True)]


def test_modulo_is_the_remainder_of_c(library):
    a = np.array([-7.0, 7.0, 7.9, -7.9, 6.0, -6.0, 0.0, 2.0**51 + 1, 5.0])
    b = np.array([3.0, -3.0, 3.9, 3.0, 3.0, 3.0, 5.0, 10.0, 0.5])
    values = library.call("modulo", a, b)

    assert values[:-1].tolist() == [-1.0, 1.0, 1.0, -1.0, 0.0, 0.0, 0.0, float((2**51 + 1) % 10)]
    assert np.isnan(values[-1])  # 0.5 is truncated to 0


def test_modulo_agrees_with_integers(library):
    rng = np.random.default_rng(3)
    a = rng.integers(-(2**51), 2**51, 20_000)
    b = rng.integers(1, 2**20, 20_000) * rng.choice([-1, 1], 20_000)

    assert library.call("modulo", a, b).tolist() == [math.fmod(p, q) for p, q in zip(a.tolist(), b.tolist())]  # noqa: B905


# ---------------------------------------------------------------- vectors


@pytest.mark.parametrize("name", [*ONE, *EXACT, *TWO, *EXACT_TWO])
@pytest.mark.parametrize("build_", ["native", "plain"])
def test_lane_tail_and_scalar_are_equal_to_the_bit(request, build_, name):
    library = request.getfixturevalue(build_)
    rng = np.random.default_rng(7)
    if name in (*TWO, *EXACT_TWO):
        pairs = pairs_of("pow" if name != "atan2" else name)
        arrays = [rng.permutation(array)[:160] for array in pairs]
    else:
        arrays = [rng.permutation(arguments_of("tanh" if name == "round" else name))[:160]]

    assert differing_cuts(library, name, arrays, range(8)) == []


def test_bits_do_not_depend_on_the_width_of_vectors(native, tmp_path):
    other = HEADER.build(tmp_path, "-march=native", "-fno-tree-vectorize")
    for name in ONE:
        x = arguments_of(name)
        assert native.call(name, x).tobytes() == other.call(name, x).tobytes()
    for name in TWO:
        pairs = pairs_of(name)
        assert native.call(name, *pairs).tobytes() == other.call(name, *pairs).tobytes()


def test_compiler_vectorises_every_loop(native):
    assert "loop vectorized" in native.messages
    assert native.scalar_loops() == []
