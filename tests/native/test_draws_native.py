"""Draws in C and in NumPy are equal to the bit, whatever the vector width and however a range is cut."""

import ctypes
import functools
import math
import subprocess
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import engram.native
from engram.state import draws, elementary, tables
from engram.state import words as keyed_words
from engram.state.kinds import Kind
from tests.cases import check_each, each

pytestmark = pytest.mark.cc

FOLDER = Path(engram.native.__file__).parent / "c"
FLAGS = ["-std=c11", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off", "-shared", "-fPIC"]
# Native with the widest vectors; any x86-64 or ARM, no fma; no vectorisation at all.
WIDTHS = [["-march=native"], [], ["-march=native", "-fno-tree-vectorize"]]
SOURCE = r"""
#include "draws.c"
#include "rejection.c"
typedef uint32_t u32; typedef uint64_t u64;
void threefry(const u32 *k, const u32 *c, u32 *out) {
    u32 x0 = c[0], x1 = c[1], x2 = c[2], x3 = c[3], k0 = k[0], k1 = k[1], k2 = k[2], k3 = k[3];
    const u32 k4 = EG_THREEFRY_PARITY ^ k0 ^ k1 ^ k2 ^ k3;
    EG_THREEFRY(x0, x1, x2, x3, k0, k1, k2, k3, k4)
    out[0] = x0; out[1] = x1; out[2] = x2; out[3] = x3;
}
void keyed(u64 key, u32 a, u32 b, u32 step, u32 draw, u32 *out) {
    const eg_words words = eg_threefry(key, a, b, step, draw);
    memcpy(out, words.word, 16);
}
#define LOOP(name, call) void name(const double *x, double *out, int64_t n) { \
    for (int64_t i = 0; i < n; i++) out[i] = call; }
LOOP(loop_log, eg_draw_log(x[i]))
LOOP(loop_exp, eg_draw_exp(x[i]))
void loop_sincos(const double *x, double *s, double *c, int64_t n) {
    for (int64_t i = 0; i < n; i++) { double p, q; eg_draw_sincos_turn(x[i], &p, &q); s[i] = p; c[i] = q; }
}
void units(const u32 *high, const u32 *low, double *u32s, double *u53s, double *tails, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        u32s[i] = eg_unit32(high[i]); u53s[i] = eg_unit53(high[i], low[i]); tails[i] = eg_unit_tail(high[i], low[i]);
    }
}
#define SYNAPSE(name) void s_##name(u64 key, const u32 *pre, const u32 *post, int64_t step, u32 draw, int64_t n, \
                                    double *out) { \
    for (int64_t i = 0; i < n; i++) out[i] = eg_synapse_##name(key, pre[i], post[i], step, draw); }
void row(const eg_distribution *d, u64 key, const u32 *rank, const u32 *number, int64_t n, u32 other, int is_post,
         u32 step, u32 draw, double *out) {
    (d->kind < EG_GAMMA ? eg_sample_row : eg_reject_row)(d, key, rank, number, n, other, is_post, step, draw, out);
}
SYNAPSE(uniform) SYNAPSE(normal) SYNAPSE(exponential)
void samples(const eg_distribution *d, u64 key, const u32 *a, const u32 *b, u32 step, u32 draw, int64_t n,
             double *out) {
    for (int64_t i = 0; i < n; i++) row(d, key, a + i, NULL, 1, b[i], 0, step, draw, out + i);
}
"""
U32, U64, I64, POINTER = ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int64, ctypes.c_void_p


class Numbers(ctypes.Structure):
    """eg_distribution."""

    _fields_ = (
        ("kind", ctypes.c_int),
        *((name, ctypes.c_double) for name in ("a", "b", "min", "max")),
        ("redraw", ctypes.c_int),
    )


@pytest.fixture(scope="module", params=WIDTHS, ids=["native", "plain", "scalar"])
def library(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("draws")
    (folder / "test.c").write_text(SOURCE)
    command = ["gcc", *FLAGS, *request.param, "-Wall", "-Wextra", "-Werror", f"-I{FOLDER}", "test.c", "-o", "test.so"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(folder / "test.so"))


def pointer(array):
    assert array.flags.c_contiguous
    return array.ctypes.data_as(POINTER)  # keeps the array alive


def words(rng, n):
    return rng.integers(0, 2**32, n, dtype=np.uint32)


def fill(library, name, key, step, draw, first, n):
    out = np.full(n + 8, 7.0)  # the guard behind the end must survive
    getattr(library, f"eg_fill_{name}")(U64(key), I64(step), U32(draw), I64(first), I64(n), pointer(out))
    assert (out[n:] == 7.0).all()
    return out[:n]


def test_threefry_gives_the_published_answers(library):
    answer = np.empty(4, np.uint32)
    ones = 0xFFFFFFFF
    for counter, key, expected in (
        ([0] * 4, [0] * 4, "9c6ca96a e17eae66 fc10ecd4 5256a7d8"),
        ([ones] * 4, [ones] * 4, "2a881696 57012287 f6c7446e a16a6732"),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0, 0x082EFA98, 0xEC4E6C89],
            "59cd1dbb b8879579 86b5d00c ac8b6d84",
        ),
    ):
        library.threefry(pointer(np.array(key, np.uint32)), pointer(np.array(counter, np.uint32)), pointer(answer))
        assert " ".join(f"{word:08x}" for word in answer) == expected


def test_keyed_words_equal_those_of_numpy(library):
    rng = np.random.default_rng(1)
    answer = np.empty(4, np.uint32)
    for _ in range(100):
        key = int(rng.integers(0, 2**64, dtype=np.uint64))
        counter = [int(word) for word in words(rng, 4)]
        library.keyed(U64(key), *(U32(word) for word in counter), pointer(answer))
        assert answer.tolist() == [int(word[0]) for word in keyed_words.threefry(key, *counter)]


def test_units_equal_those_of_numpy(library):
    rng = np.random.default_rng(2)
    high, low = words(rng, 100_000), words(rng, 100_000)
    high[:50_000] >>= 20  # small words
    high[:4], low[:4] = [0, 0, 2**32 - 1, 2**32 - 1], [0, 2**32 - 1, 0, 2**32 - 1]
    out = np.empty((3, high.size))
    library.units(pointer(high), pointer(low), *(pointer(row) for row in out), I64(high.size))

    assert out[0].tobytes() == keyed_words.unit32(high).tobytes()
    assert out[1].tobytes() == keyed_words.unit53(high, low).tobytes()
    assert out[2].tobytes() == keyed_words.unit_tail(high, low).tobytes()


def test_log_exp_and_sincos_equal_those_of_numpy(library):
    """Half a million points each; an odd number, so that there is a tail."""
    rng = np.random.default_rng(3)
    n = 500_003
    units = (words(rng, n) + 0.5) * 2.0**-32
    units[: n // 2] *= 2.0 ** -rng.integers(0, 40, n // 2)
    arguments = rng.uniform(-760, 720, n)
    arguments[:6] = [np.inf, -np.inf, 0.0, -0.0, 709.9, -745.2]
    out, other = np.empty(n), np.empty(n)

    library.loop_log(pointer(units), pointer(out), I64(n))
    assert out.tobytes() == elementary.draw_log(units).tobytes()
    library.loop_exp(pointer(arguments), pointer(out), I64(n))
    assert out.tobytes() == elementary.draw_exp(arguments).tobytes()
    library.loop_sincos(pointer(units), pointer(out), pointer(other), I64(n))
    sine, cosine = elementary.draw_sincos_turn(units)
    assert out.tobytes() == sine.tobytes()
    assert other.tobytes() == cosine.tobytes()


@pytest.mark.parametrize("name", ["uniform", "normal", "exponential"])
def test_chunks_equal_those_of_numpy_on_random_keys(library, name):
    rng = np.random.default_rng(4)
    for _ in range(150):
        key = int(rng.integers(0, 2**64, dtype=np.uint64))
        step, draw, n = int(rng.integers(0, 2**40)), int(rng.integers(0, 256)), int(rng.integers(1, 300))
        first = 64 * int(rng.integers(0, 2**28))
        expected = getattr(draws, f"neuron_{name}")(key, step, draw, first, n)
        assert fill(library, name, key, step, draw, first, n).tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", ["uniform", "normal", "exponential"])
def test_chunks_of_every_length_agree(library, name):
    whole = fill(library, name, 5, 6, 7, 0, 1024)
    for n in range(1, 130):
        assert fill(library, name, 5, 6, 7, 0, n).tobytes() == whole[:n].tobytes()
        assert fill(library, name, 5, 6, 7, 512, n).tobytes() == whole[512 : 512 + n].tobytes()
    assert fill(library, name, 5, 6, 7, 0, 0).size == 0


SMALL = (8041608, 6465552, 1182445, 3104501)  # with key 1, step 0, draw 0 the word of these elements is below 4096


@pytest.mark.parametrize("name", ["normal", "exponential"])
def test_small_words_take_the_same_second_word(library, name):
    for first in (element // 64 * 64 for element in SMALL):
        expected = getattr(draws, f"neuron_{name}")(1, 0, 0, first, 64)

        assert fill(library, name, 1, 0, 0, first, 64).tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", ["uniform", "normal", "exponential"])
def test_synapse_draws_equal_those_of_numpy(library, name):
    rng = np.random.default_rng(5)
    n = 50_001
    pre, post, out = words(rng, n), words(rng, n), np.empty(n)
    key, step, draw = int(rng.integers(0, 2**64, dtype=np.uint64)), 2**35 + 11, 3 + (5 << 16)
    function = getattr(library, f"s_{name}")
    function(U64(key), pointer(pre), pointer(post), I64(step), U32(draw), I64(n), pointer(out))
    assert out.tobytes() == getattr(draws, f"synapse_{name}")(key, pre, post, step, draw).tobytes()

    small = np.array([2010408], np.uint32)  # key 1: its first word is below 4096
    function(U64(1), pointer(small), pointer(np.zeros(1, np.uint32)), I64(0), U32(0), I64(1), pointer(out))
    assert out[0] == getattr(draws, f"synapse_{name}")(1, small, 0, 0, 0)[0]


LAWS = [
    (Kind.CONSTANT, 2.0, 0.0),
    (Kind.UNIFORM, -1.0, 3.0),
    (Kind.UNIFORM, -1e308, 1e308),
    (Kind.DISCRETE_UNIFORM, -3.0, 5.0),
    (Kind.NORMAL, 1.0, 2.0),
    (Kind.LOG_NORMAL, 0.1, 0.5),
    (Kind.EXPONENTIAL, 4.0, 0.0),
    (Kind.GAMMA, 0.3, 2.0),
    (Kind.GAMMA, 1.0, 2.0),
    (Kind.GAMMA, 7.5, 0.1),
    (Kind.BINOMIAL, 10.0, 0.3),
    (Kind.BINOMIAL, 25.0, 0.4),
    (Kind.BINOMIAL, 1e6, 0.7),
    (Kind.BINOMIAL, 1e9, 1e-10),
    (Kind.BINOMIAL, 0.0, 0.5),
    (Kind.BINOMIAL, 5.0, 1.0),
    (Kind.POISSON, 0.0, 0.0),
    (Kind.POISSON, 9.9, 0.0),
    (Kind.POISSON, 10.0, 0.0),
    (Kind.POISSON, 1e4, 0.0),
]


@functools.cache  # the same for each library
def sampled_in_numpy(law, key, draw):
    rng = np.random.default_rng(6)
    first, second = words(rng, 20_000), words(rng, 20_000)
    return first, second, draws.sample((*law, False), key, first, second, 3, draw).tobytes()


@each("law", LAWS)
@each("bounds", [(-math.inf, math.inf), (0.5, 3.0)])
def test_samples_equal_those_of_numpy(library, law, bounds):
    key, draw = 0xFEDCBA9876543210, 9 + (2 << 16)
    first, second, expected = sampled_in_numpy((*law, *bounds), key, draw)
    out = np.empty(first.size)
    where = (U64(key), pointer(first), pointer(second), U32(3), U32(draw), I64(first.size))
    library.samples(ctypes.byref(Numbers(*law, *bounds)), *where, pointer(out))

    assert out.tobytes() == expected


@each("law", LAWS)
@each("is_post", [0, 1])
@each("numbered", [False, True])
def test_rows_equal_those_of_numpy(library, law, is_post, numbered):
    rng = np.random.default_rng(8)
    n, key = 1003, 2**63 + 12345
    rank, out, numbers = words(rng, n), np.empty(n), Numbers(*law, 0.1, 2.0)
    number = rng.integers(0, 65536, n, dtype=np.uint32) if numbered else None
    given = (pointer(rank), pointer(number) if numbered else None, I64(n))
    library.row(ctypes.byref(numbers), U64(key), *given, U32(77), is_post, U32(3), U32(4), pointer(out))
    first, second = (77, rank) if is_post else (rank, 77)
    draw = 4 + (number << np.uint32(16)) if numbered else 4

    assert out.tobytes() == draws.sample((*law, 0.1, 2.0, False), key, first, second, 3, draw).tobytes()


def test_rows_of_every_length_agree(library):
    rank, law = words(np.random.default_rng(9), 200), Numbers(Kind.NORMAL, 1.0, 2.0, -math.inf, math.inf)
    for n in (1, 15, 16, 17, 63, 64, 65, 130):
        out = np.full(n + 8, 7.0)
        library.row(ctypes.byref(law), U64(3), pointer(rank), None, I64(n), U32(5), 1, U32(0), U32(1), pointer(out))

        expected = draws.sample((law.kind, 1.0, 2.0, -math.inf, math.inf, False), 3, 5, rank[:n], 0, 1)
        assert out[:n].tobytes() == expected.tobytes()
        assert (out[n:] == 7.0).all()


def tabled(library, law, key, step, draw, first, n):
    """Draws of a mean, or of a number of trials and a probability."""
    table, out = np.zeros(100), np.full(n + 8, -7.0)  # 100 doubles: enough for eg_table
    prepare = library.eg_table_poisson if len(law) == 1 else library.eg_table_binomial
    prepare(*map(ctypes.c_double, law), pointer(table))
    library.eg_fill_table(pointer(table), U64(key), I64(step), U32(draw), I64(first), I64(n), pointer(out))
    assert (out[n:] == -7.0).all()
    return out[:n]


@functools.cache  # the same for each library
def tabled_in_numpy(law, *where):
    return (tables.neuron_poisson if len(law) == 1 else tables.neuron_binomial)(*law, *where)


MEANS = [-1.0, math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-300, 1e-9, 0.02, 0.5, 3.0, 9.99, 15.0, 15.5, 200.0]
TRIALS = [0.0, 1.0, 2.0, 7.0, 30.0, 31.0, 63.0, 64.0, 65.0, 1000.0, 2.0**31, 2.0**31 + 1, -1.0, 2.5]
CHANCES = [0.0, -0.0, 1e-300, 1e-12, 7e-9, 0.002, 0.3, 0.5, 0.51, 0.998, 1 - 1e-12, 1.0, -0.1, 1.1, math.nan]


def test_draws_from_tables_equal_those_of_numpy(library):
    def check(*law):
        for first, n in ((128, 1), (2**31, 20)):
            expected = tabled_in_numpy(law, 31, 2**33 + 1, 5, first, n)
            found = tabled(library, law, 31, 2**33 + 1, 5, first, n)
            assert np.array_equal(found, expected, equal_nan=True)  # the sign of a NaN is the processor's affair

    odd = [(math.nan, 0.5), (math.inf, 0.5)]  # of many attempts
    with np.errstate(all="ignore"):
        check_each([*((mean,) for mean in MEANS), *product(TRIALS, CHANCES), *odd], check)


def test_draws_from_tables_equal_those_of_numpy_on_random_arguments(library):
    rng = np.random.default_rng(10)
    for _ in range(100):
        trials = math.floor(10 ** rng.uniform(0, 9.4))
        p = min(1.0, 10 ** rng.uniform(-3, 1.3) / trials)
        for law in ((trials * p,), (float(trials), p), (float(trials), 1 - p)):
            key, first = int(rng.integers(0, 2**64, dtype=np.uint64)), 64 * int(rng.integers(0, 2**20))
            expected = tabled_in_numpy(law, key, 3, 4, first, 200)
            assert tabled(library, law, key, 3, 4, first, 200).tobytes() == expected.tobytes()


@each("element", SMALL)
@each("law", [(1e-9,), (0.5,), (15.0,), (1000.0, 0.002), (1000.0, 0.998), (2.0**31, 1e-9), (12.0, 0.5)])
def test_small_words_walk_the_exact_tail(library, law, element):
    """A value that occurs once in a million draws."""
    first = element // 64 * 64
    expected = tabled_in_numpy(law, 1, 0, 0, first, 64)
    extreme = expected.max() if len(law) == 1 or law[1] <= 0.5 else expected.min()

    assert tabled(library, law, 1, 0, 0, first, 64).tobytes() == expected.tobytes()
    assert expected[element - first] == extreme
