"""What values stand for: ranks as runs, distributions and connectors by class and arguments, arrays by digest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engram as eg
from engram.blueprint.records import (
    MOST_RANKS,
    BesideRecord,
    ConnectorRecord,
    DistributionRecord,
    ListRecord,
    RankSeries,
    RunsRecord,
)
from engram.blueprint.values import (
    beside,
    connector_facts,
    connector_of,
    distribution_of,
    distribution_record,
    ranks_record,
    value_record,
)
from engram.errors import InvalidArgument
from engram.wiring import connectors
from tests.cases import check_each
from tests.contracts.connector_contract import CASES

DISTRIBUTIONS = [
    eg.Uniform(0.0, 1),
    eg.DiscreteUniform(-3, 4),
    eg.Normal(0.0, 1.0, min=-1.0, redraw=True),
    eg.LogNormal(0.5, 0.25, max=3.0),
    eg.Exponential(0.5),
    eg.Gamma(2.0, 0.5),
    eg.Binomial(10, 0.5),
    eg.Poisson(4.0, max=9.0),
]
TYPED = [connectors.FixedProbability(1), connectors.FixedNumberPre(np.int32(3))]  # become float and int


def check_distribution(distribution):
    record = distribution_record(distribution)

    assert distribution_of(record) == distribution
    assert record.name == type(distribution).__name__


def test_distributions_come_back():
    check_each(DISTRIBUTIONS, check_distribution)
    assert distribution_record(eg.Uniform(0, 1)) == DistributionRecord("Uniform", (("max", 1.0), ("min", 0.0)))


def test_a_generator_is_no_part_of_a_record():
    assert distribution_record(eg.Uniform(0.0, 1.0, seed=3)) == distribution_record(eg.Uniform(0.0, 1.0))


def check_connector(connector):
    record = ConnectorRecord(*connector_facts(connector), 1.0, 0.0, False, False)

    assert connector_of(record) == connector
    assert all(type(value) in (int, float) for _, value in record.arguments)


def test_connectors_come_back():
    check_each([*(case.connector for case in CASES), *TYPED], check_connector)


def test_unknown_classes_and_arguments_are_refused():
    with pytest.raises(InvalidArgument, match=r"there is no connector of that name, only AllToAll"):
        connector_of(ConnectorRecord("_FixedNumber", (("number", 3),), 1.0, 0.0, False, False))
    with pytest.raises(InvalidArgument, match=r"Uniform has the arguments max, min"):
        distribution_of(DistributionRecord("Uniform", (("max", 1.0), ("min", 0.0), ("seed", 3))))


def expanded(record):
    """Return the ranks of a record."""
    if isinstance(record, ListRecord):
        return list(record.ranks)
    return [run.first + k * run.stride for run in record.runs for k in range(run.count)]


@given(st.lists(st.integers(0, 60), unique=True, max_size=40))
def test_ranks_come_back_in_their_order(ranks):
    assert expanded(ranks_record(np.array(ranks, np.int64))) == ranks


@given(
    st.lists(
        st.tuples(st.integers(0, 99), st.integers(1, 12), st.sampled_from([-3, -2, -1, 1, 2, 3])),
        min_size=1,
        max_size=6,
    )
)
def test_ranks_of_runs_come_back_in_their_order(pieces):
    ranks = [200 * k + 100 + first + j * stride for k, (first, n, stride) in enumerate(pieces) for j in range(n)]
    record = ranks_record(np.array(ranks))

    assert expanded(record) == ranks
    assert not isinstance(record, RunsRecord) or 3 * len(record.runs) < len(ranks)


def test_ranks_are_runs_where_these_are_fewer():
    grid = np.arange(120).reshape(12, 10)[2:9, 1:8:2].reshape(-1)

    assert ranks_record(np.arange(1000)) == RunsRecord((RankSeries(0, 1000, 1),))
    assert ranks_record(np.arange(50)[::-1]) == RunsRecord((RankSeries(49, 50, -1),))
    assert ranks_record(grid) == RunsRecord(tuple(RankSeries(row * 10 + 1, 4, 2) for row in range(2, 9)))
    assert ranks_record(np.array([5, 3, 80])) == ListRecord((5, 3, 80))
    assert ranks_record(np.array([], np.int64)) == ListRecord(())


def test_many_scattered_ranks_stand_beside_the_blueprint():
    scattered = np.random.default_rng(1).permutation(100_000)

    assert ranks_record(scattered[:MOST_RANKS]) == ListRecord(tuple(scattered[:MOST_RANKS].tolist()))
    assert ranks_record(scattered) == beside(scattered.astype(np.int64))
    assert ranks_record(scattered.astype(np.int32)) == ranks_record(scattered)


def test_assigned_values_are_plain():
    array = np.array([[1.0, 2.0]], np.float32)

    assert repr(value_record(np.asarray(3))) == "3"
    assert repr(value_record(np.asarray(True))) == "True"
    assert repr(value_record(np.asarray(0.1, np.float32))) == "0.10000000149011612"
    assert value_record(eg.Uniform(0.0, 1.0)) == distribution_record(eg.Uniform(0.0, 1.0))
    assert value_record(array) == BesideRecord("<f4", (1, 2), value_record(array.astype(">f4")).digest)
    assert value_record(array) != value_record(-array)
