"""What every connector must do, whatever it connects. A new one brings a case."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from engram.state.distributions import Distribution, Normal, Uniform
from engram.wiring.bells import DifferenceOfGaussians, Gaussian
from engram.wiring.connect import Wired, connect
from engram.wiring.connectivity import Connectivity, Side
from engram.wiring.connectors import (
    AllToAll,
    Connector,
    FixedNumberPost,
    FixedNumberPre,
    FixedProbability,
    FixedTotalNumber,
    OneToOne,
    Sizes,
)
from engram.wiring.errors import BadConnector
from tests.cases import each


@dataclass(frozen=True)
class Call:
    """The arguments of ``connect``, with defaults."""

    connector: Connector
    by: Side = "pre"
    n_pre: int = 60
    n_post: int = 45
    same_population: bool = False
    allow_self: bool = False
    delays: float | Distribution = 2.0
    weights: float | Distribution = 0.5
    dt_ms: float = 1.0
    seed: int = 42
    uid: int = 7
    threads: int = 1
    where: str = "projection 'exc_to_inh'"
    force_multiple_weights: bool = False
    parts: tuple[np.ndarray, np.ndarray] | None = None
    weight_dtype: type = np.float64
    post_range: tuple[int, int] | None = None

    def run(self, **changes) -> Wired:
        call = replace(self, **changes)
        return connect(**vars(call), geometries=((call.n_pre,), (call.n_post,)))


def synapses(wired: Wired) -> list[tuple[int, int, float, int]]:
    """(pre, post, weight, delay) of each synapse, sorted."""
    connectivity = wired.connectivity
    shape = (connectivity.n_syn,)
    columns = (
        connectivity.pre_of_synapses(),
        connectivity.post_of_synapses(),
        np.broadcast_to(wired.weights, shape),
        np.broadcast_to(connectivity.delay_steps, shape),
    )
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def pairs(wired: Wired) -> set[tuple[int, int]]:
    return {(pre, post) for pre, post, _, _ in synapses(wired)}


def bits(wired: Wired) -> list[bytes]:
    connectivity = wired.connectivity
    arrays = (connectivity.row_start, connectivity.ranks, connectivity.delay_steps, wired.weights)
    return [array.tobytes() for array in arrays]


def bits_of_range(wired: Wired, low: int, high: int) -> list[bytes]:
    """The bits of what is left of a projection if only the synapses to some post neurons are."""
    connectivity = wired.connectivity
    post = connectivity.post_of_synapses()
    is_left = (post >= low) & (post < high)
    row_start = np.concatenate([np.zeros(1, np.int64), np.cumsum(is_left)])[connectivity.row_start]
    arrays = (connectivity.ranks, connectivity.delay_steps, wired.weights)
    return [row_start.tobytes(), *(array[is_left].tobytes() if array.ndim else array.tobytes() for array in arrays)]


def assert_canonical(connectivity: Connectivity, has_multapses: bool = False) -> None:
    """Checked in plain Python, apart from ``Connectivity.check``."""
    delays = np.broadcast_to(connectivity.delay_steps, (connectivity.n_syn,)).tolist()
    ranks = connectivity.ranks.tolist()
    assert connectivity.row_start[0] == 0
    assert connectivity.row_start[-1] == len(ranks)
    for low, high in zip(connectivity.row_start[:-1], connectivity.row_start[1:], strict=True):
        assert low <= high
        keys = list(zip(delays, ranks, strict=True))[low:high] if connectivity.by == "pre" else ranks[low:high]
        assert keys == sorted(keys)
        assert has_multapses or len(set(ranks[low:high])) == high - low
    assert all(rank < connectivity.n_columns for rank in ranks)
    assert all(1 <= delay <= 65535 for delay in delays)


@dataclass(frozen=True)
class Case:
    """A connector; ``is_random`` says whether another seed gives other synapses."""

    connector: Connector
    is_random: bool = True
    has_multapses: bool = False


CASES = (
    Case(AllToAll(), is_random=False),
    Case(OneToOne(), is_random=False),
    Case(Gaussian(1.0, 0.1, 0.01), is_random=False),
    Case(DifferenceOfGaussians(1.0, 0.1, 0.5, 0.2, 0.05), is_random=False),
    Case(FixedProbability(0.3)),
    Case(FixedNumberPre(11)),
    Case(FixedNumberPost(11)),
    Case(FixedTotalNumber(3000), has_multapses=True),
    Case(FixedTotalNumber(200), has_multapses=True),
)
"""At least one of each rule that a record may name."""


class ConnectorContract:
    """What holds for each of ``CASES``."""

    @pytest.fixture(params=CASES, ids=lambda case: case.connector.call)
    def case(self, request) -> Case:
        return request.param

    @pytest.fixture
    def call(self, case) -> Call:
        return Call(case.connector, delays=Uniform(1.0, 9.0), weights=Normal(0.0, 1.0, min=-0.5, redraw=True))

    @each("by", ["pre", "post"])
    @each("delays", [3.0, Uniform(1.0, 9.0), Uniform(1.0, 60000.0)])
    def test_connect_returns_canonical_order(self, case, call, by, delays):
        wired = call.run(by=by, delays=delays)

        assert wired.connectivity.n_syn > 0
        assert_canonical(wired.connectivity, case.has_multapses)
        wired.connectivity.check()

    def test_connect_gives_the_same_synapses_by_pre_and_by_post(self, call):
        assert synapses(call.run(by="pre")) == synapses(call.run(by="post"))

    @each("by", ["pre", "post"])
    def test_connect_gives_the_same_bits_for_every_thread_count(self, call, by, monkeypatch):
        monkeypatch.setattr("engram.wiring.executor.WORTH_A_THREAD", 16)
        alone = bits(call.run(by=by))

        for threads in (2, 3, 7):
            assert bits(call.run(by=by, threads=threads)) == alone

    @each("by", ["pre", "post"])
    @each("delays", [3.0, Uniform(1.0, 9.0)])
    def test_connect_of_a_range_gives_the_bits_of_the_whole(self, call, by, delays, monkeypatch):
        monkeypatch.setattr("engram.wiring.drawing._AT_ONCE", 400)  # a few rows at a time
        whole = call.run(by=by, delays=delays)

        for low, high in ((0, 45), (0, 1), (13, 31), (44, 45), (20, 20)):
            part = call.run(by=by, delays=delays, post_range=(low, high))
            assert bits(part) == bits_of_range(whole, low, high)
            part.connectivity.check()

    def test_connect_gives_the_same_structure_whatever_the_other_arguments(self, call):
        structure = pairs(call.run())

        for changes in (
            {"weights": 1.0},
            {"delays": 1.0},
            {"delays": Uniform(1.0, 20.0), "weights": Uniform(0.0, 2.0)},
            {"dt_ms": 0.1},
            {"force_multiple_weights": True},
            {"where": "elsewhere"},
        ):
            assert pairs(call.run(**changes)) == structure

    def test_connect_gives_the_same_weights_whatever_the_delays(self, call):
        weights = [synapse[:3] for synapse in synapses(call.run())]

        assert [synapse[:3] for synapse in synapses(call.run(delays=1.0))] == weights

    @each("delays", [3.0, Uniform(1.0, 9.0)])
    def test_connect_rounds_weights_to_the_type_asked_for(self, call, delays):
        double, single = call.run(delays=delays), call.run(delays=delays, weight_dtype=np.float32)

        assert double.weights.dtype == np.float64
        assert single.weights.dtype == np.float32
        assert single.weights.tolist() == double.weights.astype(np.float32).tolist()
        assert bits(single)[:3] == bits(double)[:3]

    def test_connect_depends_on_seed_and_projection(self, case, call):
        runs = [call.run(), call.run(seed=43), call.run(uid=8)]

        assert len({tuple(synapses(run)) for run in runs}) == 3
        assert len({frozenset(pairs(run)) for run in runs}) == (3 if case.is_random else 1)

    @each("by", ["pre", "post"])
    @each(("n_pre", "n_post"), [(0, 0), (0, 45), (60, 0)])
    def test_connect_with_an_empty_population_gives_no_synapse_or_is_refused(self, case, call, by, n_pre, n_post):
        if case.connector.problem(Sizes(n_pre, n_post)):
            with pytest.raises(BadConnector):
                call.run(by=by, n_pre=n_pre, n_post=n_post)
        else:
            assert call.run(by=by, n_pre=n_pre, n_post=n_post).connectivity.n_syn == 0
