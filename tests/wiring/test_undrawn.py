import numpy as np
import pytest

from engram.state.distributions import Normal, Uniform
from engram.wiring import packed
from engram.wiring.bells import Gaussian
from engram.wiring.connect import connect
from engram.wiring.connectors import FixedProbability, FixedTotalNumber
from engram.wiring.packed import Member, PackedValue, pack
from engram.wiring.within import widened
from tests.cases import each

pytestmark = pytest.mark.cc
COMMON = {"by": "pre", "same_population": False, "allow_self": True, "dt_ms": 0.1, "seed": 3, "where": "here"}
NAMES = (("post_ranks", np.uint32), ("delay_steps", np.uint16), ("w", None))


def wired(draws_later, weights, delays, dtype, multiple=False):
    """Two projections of 40 neurons, one of them with several synapses of a pair."""
    connectors = FixedTotalNumber(2000), FixedProbability(0.3)
    given = {"weights": weights, "delays": delays, "weight_dtype": dtype, "force_multiple_weights": multiple}
    return [
        connect(connector, n_pre=40, n_post=30, uid=uid, threads=2, draws_later=draws_later, **given, **COMMON)
        for uid, connector in enumerate(connectors)
    ]


@each("at_once", [100, 1 << 20])
@each("delays", [0.3, Uniform(0.1, 2.0)])
@each(
    ("weights", "dtype", "multiple"),
    [(Normal(0, 1), np.float64, False), (Uniform(0, 1), np.float32, False), (0.5, np.float64, True), (2, float, False)],
)
def test_rows_whose_weights_are_drawn_as_they_are_packed_are_those_of_the_whole(
    monkeypatch, at_once, delays, weights, dtype, multiple
):
    monkeypatch.setattr(packed, "FILLED_AT_ONCE", at_once)
    whole = wired(False, weights, delays, dtype, multiple)
    later = wired(True, weights, delays, dtype, multiple)
    members = [Member(f"p{k}", one.connectivity, one.weights, 64 * k, one.undrawn) for k, one in enumerate(later)]

    rows = pack(members, np.array([0, 94]), 2)

    assert all(one.undrawn is None for one in whole)
    assert all(one.undrawn is not None for one in later)
    for member, one in zip(members, whole, strict=True):
        assert_packed(rows, member, one, dtype)


def assert_packed(rows, member, one, dtype):
    """What was packed of a projection is what was drawn at once."""
    wanted = {"post_ranks": one.connectivity.ranks, "delay_steps": one.connectivity.delay_steps, "w": one.weights}
    for name, of_name in NAMES:
        if wanted[name].shape:
            value = PackedValue(rows, member.path, name, np.dtype(of_name or dtype)).copy()
            assert value.tobytes() == wanted[name].tobytes()


@each("at_once", [100, 1 << 20])
@each("is_partial", [False, True])
@each("dtype", [np.float64, np.float32])
@each("delays", [0.3, Uniform(0.1, 2.0)])
def test_rows_of_parts_and_weights_by_distance_are_those_of_the_whole(monkeypatch, at_once, is_partial, dtype, delays):
    monkeypatch.setattr(packed, "FILLED_AT_ONCE", at_once)
    monkeypatch.setattr("engram.wiring.near._AT_ONCE", 200)
    monkeypatch.setattr("engram.wiring.near._BLOCK", 150)
    parts = (np.array([1, 2, *range(9, 40)]), np.array([0, *range(7, 45, 2)])) if is_partial else None
    sizes = (50, 60) if parts is None else tuple(map(len, parts))
    given = {"n_pre": sizes[0], "n_post": sizes[1], "threads": 2, "delays": delays, "weight_dtype": dtype}
    whole, later = (
        [
            connect(one, uid=k, weights=Normal(0, 1), parts=parts, draws_later=waits, **shape, **given, **COMMON)
            for k, (one, shape) in enumerate(
                [(FixedProbability(0.3), {}), (Gaussian(1.0, 0.2, 0.01), {"geometries": ((5, 10), (6, 10))})]
            )
        ]
        for waits in (False, True)
    )
    assert [one.undrawn is None for one in (*whole, *later)] == [True, True, False, False]
    if parts is not None:
        whole, later = ([widened(one, *parts, 50, 60, 2) for one in some] for some in (whole, later))
    members = [Member(f"p{k}", one.connectivity, one.weights, 64 * k, one.undrawn) for k, one in enumerate(later)]

    rows = pack(members, np.array([0, 124]), 2)

    for member, one in zip(members, whole, strict=True):
        assert one.connectivity.n_syn > 150  # several blocks, and several packings
        assert_packed(rows, member, one, dtype)


def test_memory_of_rows_that_were_packed_is_given_back():
    one = connect(
        FixedProbability(1.0), n_pre=100, n_post=2000, uid=1, threads=1, draws_later=True,
        weights=Uniform(0, 1), delays=Uniform(0.1, 2.0), **COMMON,
    )  # fmt: skip
    ranks = one.connectivity.ranks

    pack([Member("p", one.connectivity, one.weights, 0, one.undrawn)], np.array([0, 2000]), 1)

    assert not ranks[1024:-1024].any()  # pages that are not there read as zeros


def test_weights_of_a_generator_are_drawn_at_once():
    given = {"weights": Uniform(0, 1, rng=np.random.default_rng(1)), "delays": 1.0}
    one = connect(FixedProbability(0.5), n_pre=9, n_post=9, uid=1, threads=1, draws_later=True, **given, **COMMON)

    assert one.undrawn is None
    assert one.weights.all()
