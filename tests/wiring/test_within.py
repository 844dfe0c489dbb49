import numpy as np

from engram.state.distributions import Normal, Uniform
from engram.wiring.connectors import FixedProbability, FixedTotalNumber
from engram.wiring.within import widened
from tests.cases import each
from tests.contracts.connector_contract import Call, assert_canonical, synapses

PARTS = {
    "ascending": (np.arange(5, 45), np.array([*range(20), *range(40, 60)])),
    "in any order": (np.arange(44, 4, -1), np.random.default_rng(1).permutation(70)[:40]),
}


@each("connector", [FixedProbability(0.3), FixedTotalNumber(2000)])
@each("parts", PARTS)
@each("by", ["pre", "post"])
@each("delays", [3.0, Uniform(1.0, 9.0)])
def test_synapses_between_parts_get_the_ranks_of_the_whole(connector, parts, by, delays):
    pre_ranks, post_ranks = PARTS[parts]
    call = Call(connector, by, n_pre=40, n_post=40, delays=delays, weights=Normal(0.0, 1.0))
    part = synapses(call.run())

    whole = widened(call.run(), pre_ranks, post_ranks, 50, 70)

    assert_canonical(whole.connectivity, has_multapses=isinstance(connector, FixedTotalNumber))
    assert (whole.connectivity.n_pre, whole.connectivity.n_post) == (50, 70)
    expected = [(int(pre_ranks[pre]), int(post_ranks[post]), weight, delay) for pre, post, weight, delay in part]
    assert synapses(whole) == sorted(expected)


def test_widened_is_the_same_for_every_thread_count(monkeypatch):
    monkeypatch.setattr("engram.wiring.executor.WORTH_A_THREAD", 16)
    call, parts = Call(FixedProbability(0.3), n_pre=40, n_post=40), PARTS["ascending"]

    alone = synapses(widened(call.run(), *parts, 50, 70))
    for threads in (2, 3):
        assert synapses(widened(call.run(), *parts, 50, 70, threads)) == alone
