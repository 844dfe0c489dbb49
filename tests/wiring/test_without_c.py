"""NumPy instead of C, bit for bit: connectors, draws, everything derived; and whole networks without a compiler."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engram.errors import CompileError
from engram.native.compiler import NoCompiler
from engram.state.distributions import (
    Binomial,
    DiscreteUniform,
    Exponential,
    Gamma,
    LogNormal,
    Normal,
    Poisson,
    Uniform,
)
from engram.wiring import native
from engram.wiring.canonical import canonical_from_lists
from engram.wiring.connectors import (
    AllToAll,
    FixedNumberPost,
    FixedNumberPre,
    FixedProbability,
    FixedTotalNumber,
    OneToOne,
)
from engram.wiring.derived import delays_of, multapse_numbers, segments, transpose_index
from engram.wiring.kinds import NUMBER
from engram.wiring.pattern import Pattern
from engram.wiring.rows import drawn_cells
from engram.wiring.values import drawn_steps, filled
from tests.cases import each
from tests.contracts.connector_contract import Call, bits
from tests.wiring.reference import number_row

CONNECTORS = [
    AllToAll(),
    OneToOne(),
    *map(FixedProbability, (0.0, 5e-324, 1e-17, 1e-4, 0.05, 0.5, 0.9, 1 - 1e-12, 1.0)),
    *map(FixedNumberPre, (0, 1, 7, 63)),
    *map(FixedNumberPost, (0, 1, 30, 63)),
    *map(FixedTotalNumber, (0, 1, 700, 30_000)),
]
DISTRIBUTIONS = [
    Uniform(-1.0, 3.0),
    DiscreteUniform(1, 9),
    Normal(1.0, 2.0, max=2.5),
    LogNormal(0.0, 0.5, min=1.0),
    Exponential(0.1),
    Gamma(0.5, 3.0),
    Gamma(4.0, 2.0),
    Binomial(20, 0.3),
    Binomial(1000, 0.4),
    Poisson(3.0),
    Poisson(300.0, max=310.0),
    Uniform(-1e308, 1e308),
    Normal(1.0, 2.0, min=3.0, max=3.5, redraw=True),
    LogNormal(0.0, 0.5, min=1.0, redraw=True),
    Exponential(0.1, max=2.0, redraw=True),
    Gamma(0.5, 3.0, min=1.0, redraw=True),
    Poisson(30.0, min=33.0, max=35.0, redraw=True),
]


pytestmark = pytest.mark.cc


@pytest.fixture(autouse=True)
def executor():
    """The tests of this module choose by themselves who works."""


@pytest.fixture
def both(monkeypatch):
    """Does something once in C and once in NumPy."""

    def do(what):
        in_c = what()
        with monkeypatch.context() as patch:
            patch.setattr(native, "library", lambda: None)
            return in_c, what()

    assert native.library() is not None
    return do


@each("connector", CONNECTORS)
@each("by", ["pre", "post"])
@each("no_self", [False, True])
def test_connect_gives_the_same_bits(both, connector, by, no_self):
    call = Call(connector, by, 70, 264, same_population=no_self, delays=Uniform(0.1, 40.0), weights=Normal(0.0, 1.0))

    in_c, in_numpy = both(lambda: bits(call.run()))

    assert in_c == in_numpy


@each("connector", [FixedProbability(0.3), FixedProbability(1.0), FixedNumberPost(5), FixedTotalNumber(30_000)])
def test_connect_of_parts_gives_the_same_bits(both, connector):
    """Some neurons of the parts are on both sides, others are not."""
    parts = (np.arange(3, 43), np.arange(260, 20, -1))
    call = Call(connector, n_pre=40, n_post=240, same_population=True)

    in_c, in_numpy = both(lambda: bits(call.run(parts=parts)))

    assert in_c == in_numpy


@each("distribution", DISTRIBUTIONS)
@each("by", ["pre", "post"])
def test_draws_give_the_same_bits(both, distribution, by):
    """More than are drawn at a time."""
    call = Call(FixedProbability(0.5), by, 250, 200, weights=distribution)

    in_c, in_numpy = both(lambda: call.run().weights.tobytes())

    assert in_c == in_numpy


@each("dt_ms", [1e-300, 0.1, 3.0, 1e300])
def test_delays_give_the_same_bits_whatever_the_step(both, dt_ms):
    """From the shortest possible delay to the longest, clipped and rounded alike."""

    def steps():
        connectivity = Call(AllToAll()).run().connectivity
        return drawn_steps(connectivity, Normal(6.0, 4.0), dt_ms=dt_ms, key=5).tobytes()

    in_c, in_numpy = both(steps)

    assert in_c == in_numpy


def test_derived_arrays_are_the_same_bits(both):
    rng = np.random.default_rng(3)
    lists = (rng.integers(0, 50, 5000), rng.integers(0, 40, 5000), rng.integers(1, 300, 5000))

    def all_of_it():
        arrays = []
        for by in ("pre", "post"):
            made, others = canonical_from_lists(*lists, np.arange(5000), by=by, n_pre=50, n_post=40)
            turned = transpose_index(made)
            arrays += [made.row_start, made.ranks, made.delay_steps, *others, turned.start, turned.slot, turned.rank]
            arrays += [delays_of(made), filled(made, 0.1), multapse_numbers(made)]
            if by == "pre":
                found = segments(made)
                arrays += [found.delays, found.starts]
        return [(array.dtype, array.tobytes()) for array in arrays]

    in_c, in_numpy = both(all_of_it)

    assert in_c == in_numpy


# -- rare paths of the rows in NumPy --------------------------------------------------------------------------


def rows_in_numpy(**changes):
    pattern = Pattern(**{"n_rows": 3, "skip_self": False, "number": 0, "p": 0.0, "key": 11, **changes})
    pieces = list(drawn_cells(pattern))
    rows, columns = (np.concatenate([piece[i] for piece in pieces]) for i in (0, 1))
    return [columns[rows == row].tolist() for row in range(pattern.n_rows)]


@each("n_columns", [2**24 - 5, 2**24 + 5, 3_000_000_000])
@each("no_self", [False, True])
def test_fixed_number_of_very_many_columns_equals_the_reference(n_columns, no_self):
    """Of three billion every third word is refused."""
    drawn = rows_in_numpy(kind=NUMBER, n_columns=n_columns, number=40, skip_self=no_self)

    assert drawn == [number_row(11, row, n_columns, 40, row if no_self else None) for row in range(3)]


def test_fixed_number_where_a_word_is_refused_equals_the_reference():
    """About one row in twenty here; the others are done side by side."""
    shape = {"n_rows": 100, "n_columns": 1_500_000, "number": 150}

    drawn = rows_in_numpy(kind=NUMBER, **shape)

    assert drawn == [number_row(11, row, 1_500_000, 150, None) for row in range(100)]


def test_fixed_probability_that_needs_more_draws_than_usual_gives_the_same(monkeypatch):
    call = Call(FixedProbability(0.3), n_post=500)
    usual = bits(call.run())
    monkeypatch.setattr("engram.wiring.native.library", lambda: None)
    monkeypatch.setattr("engram.wiring.blocks.math.sqrt", lambda _: -4.0)  # many walks go on, again and again

    assert bits(call.run()) == usual


# -- no compiler ----------------------------------------------------------------------------------------------


def test_library_without_a_compiler_is_none(monkeypatch):
    native_library = native._library.__wrapped__
    monkeypatch.setattr(native, "agreed", raising(NoCompiler("no C compiler found")))

    assert native_library() is None


def test_library_that_can_not_be_compiled_is_none_and_says_why(monkeypatch):
    """A compiler without its headers, say; a network in NumPy needs none."""
    native_library = native._library.__wrapped__
    monkeypatch.setattr(native, "agreed", raising(CompileError("gcc could not compile kernel 'wiring.c'")))

    with pytest.warns(UserWarning, match=r"drawn in NumPy, slowly, since gcc could not compile kernel 'wiring\.c'"):
        assert native_library() is None


def raising(error):
    def raise_it(*_):
        raise error

    return raise_it


SCRIPT = """
import json
from engram.native import library
from engram.wiring import native
from tests.resume.networks import CASES, run, started

digests = {}
for name in CASES:
    net = started(name, backend="numpy", threads=2)
    run(net, 12)  # longer than delays are
    digests[name] = net.digest()
print(json.dumps([native.library() is not None, library.compilations(), digests]))
"""


@pytest.mark.slow
def test_networks_without_a_compiler_equal_those_with_one(tmp_path):
    """In fresh processes, one of which finds no compiler and an empty cache."""
    nowhere = {"PATH": "", "ENGRAM_CACHE_DIR": str(tmp_path / "cache")}
    environment = {name: value for name, value in os.environ.items() if name != "CC"} | nowhere

    has_library, _, expected = in_fresh_process(dict(os.environ))
    without = in_fresh_process(environment, "import sys; sys.modules['ziglang'] = None\n")

    assert has_library
    assert len(expected) >= 5
    assert without == [False, 0, expected]


def in_fresh_process(environment, before=""):
    command = [sys.executable, "-W", "error", "-c", before + SCRIPT]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
