"""Ranges of post neurons: whoever asks for some gets bit for bit what the whole has there, at the cost of these."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from engram.errors import InvalidArgument, NotAvailable
from engram.state.distributions import Normal, Uniform
from engram.wiring.connectors import (
    AllToAll,
    FixedNumberPost,
    FixedNumberPre,
    FixedProbability,
    FixedTotalNumber,
    OneToOne,
)
from engram.wiring.drawing import draw
from engram.wiring.kinds import ALL, PROBABILITY
from engram.wiring.pattern import Pattern
from tests.cases import each
from tests.contracts.connector_contract import Call, bits, bits_of_range


def random_call(rng):
    """Any connector between populations or parts of them that may share neurons."""
    n_pre, n_post = int(rng.integers(1, 150)), int(rng.integers(1, 400))
    connectors = (
        AllToAll(),
        OneToOne(),
        FixedProbability(float(rng.choice([0.0, 0.003, 0.05, 0.3, 0.9, 1.0]))),
        FixedNumberPre(int(rng.integers(0, n_pre))),
        FixedNumberPost(int(rng.integers(0, n_post))),
        FixedTotalNumber(int(rng.integers(0, 200))) if n_pre * n_post > 1 else FixedTotalNumber(0),
        FixedTotalNumber(int(rng.integers(0, 3 * n_pre * n_post))) if n_pre * n_post > 1 else FixedTotalNumber(0),
    )
    return Call(
        connectors[rng.integers(len(connectors))],
        by=str(rng.choice(["pre", "post"])),
        n_pre=n_pre,
        n_post=n_post,
        same_population=bool(rng.integers(2)),
        delays=Normal(2.0, 2.0, max=6.0, redraw=True) if rng.integers(2) else 2.0,
        weights=Normal(0.0, 1.0),
        parts=(rng.permutation(500)[:n_pre], rng.permutation(500)[:n_post]) if rng.integers(2) else None,
        threads=int(rng.integers(1, 4)),
    )


@each("seed", range(60))
def test_parts_make_up_the_whole(seed, monkeypatch):
    monkeypatch.setattr("engram.wiring.executor.WORTH_A_THREAD", 64)
    rng = np.random.default_rng(seed)
    call = random_call(rng)
    cuts = [0, *sorted(rng.integers(0, call.n_post + 1, 3).tolist()), call.n_post]

    whole = call.run()

    parts = [call.run(post_range=part) for part in pairwise(cuts)]
    for part, (low, high) in zip(parts, pairwise(cuts), strict=True):
        assert bits(part) == bits_of_range(whole, low, high)
    assert sum(part.connectivity.n_syn for part in parts) == whole.connectivity.n_syn


@each(("kind", "p"), [(ALL, 0.0), (PROBABILITY, 0.4), (PROBABILITY, 0.01)])
def test_some_of_four_billion_columns_are_drawn_at_their_own_cost(kind, p):
    """The whole would take terabytes."""
    shape = {"n_rows": 2000, "n_columns": 2**32 - 1, "skip_self": True, "number": 0, "p": p, "key": 17}
    low, middle, high = 3_000_000_000, 3_000_000_100, 3_000_001_000

    row_start, columns = draw(Pattern(kind, **shape, columns=(low, high)), 2)
    pieces = [draw(Pattern(kind, **shape, columns=part), 1) for part in ((low, middle), (middle, high))]

    cuts = [np.split(columns, row_start[1:-1]) for row_start, columns in pieces]
    assert columns.tolist() == np.concatenate([column for row in zip(*cuts, strict=True) for column in row]).tolist()
    if kind == ALL:
        assert len(columns) == 2_000_000
    else:
        assert 1e-4 < stats.binom(2_000_000, p).cdf(len(columns)) < 1 - 1e-4
        assert stats.chisquare(np.bincount(columns - low, minlength=1000)).pvalue > 1e-4


def test_range_that_is_none_is_refused():
    for post_range in ((-1, 3), (4, 3), (0, 46)):
        with pytest.raises(InvalidArgument, match=r"projection 'exc_to_inh': post_range must lie in \[0, 45\]"):
            Call(AllToAll()).run(post_range=post_range)


@each("what", ["weights", "delays"])
def test_generator_of_the_users_own_is_refused_for_a_range(what):
    law = Uniform(1.0, 3.0, rng=np.random.default_rng(1))
    call = Call(AllToAll(), **{what: law})

    with pytest.raises(NotAvailable, match="draws for all synapses, one after the other\n .*\n  help: leave out rng="):
        call.run(post_range=(3, 5))
