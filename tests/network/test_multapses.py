"""Several synapses of one pair, as users see them: matrices, files, single synapses, and what arrives."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, UnknownAttribute
from engram.program.reach import reach_of
from engram.state.draws import synapse_uniform
from engram.state.streams import Stream, stream_key
from engram.storage.formats import SUFFIXES
from engram.wiring.derived import multapse_numbers
from tests.cases import each

ADDS = eg.Neuron(parameters="I = 0.0", equations="v = g_exc + I\ng_exc = 0.0", spike="v > 1e9", reset="v = 0.0")
FIRES = eg.Neuron(equations="v += 1.0", spike="v > 3.5", reset="v = 0.0")
RATE = eg.Neuron(equations="r = 1.0 : init = 1.0")
SUMS = eg.Neuron(equations="r = sum(exc) : init = 0.0")
RULE = eg.Synapse(
    parameters="gain = 2.0 : projection\nlevel = 3.0 : postsynaptic", equations="", pre_spike="g_target += w"
)


def connected(neurons=(FIRES, ADDS), synapse=None, number=60, parts=False, backend=None, **arguments):
    net = eg.Network(dt=1.0, seed=3)
    pre, post = net.create(6, neurons[0], name="pre"), net.create(5, neurons[1], name="post")
    sides = (pre[1:5], post[:3]) if parts else (pre, post)
    arguments = {"weights": eg.Normal(1.0, 0.3), "delays": eg.Uniform(1.0, 4.0), **arguments}
    proj = net.connect(*sides, "exc", synapse, name="proj").fixed_total_number(number, **arguments)
    net.compile(backend=backend)
    return net, proj


def lists(proj):
    """Pre, post and weight of each synapse in canonical order."""
    wiring = proj._core.connectivity
    weights = np.broadcast_to(proj.array("w"), (wiring.n_syn,))
    return wiring.pre_of_synapses().tolist(), wiring.post_of_synapses().tolist(), weights.tolist()


def added_up(proj):
    matrix, exists = np.zeros((5, 6)), np.zeros((5, 6), bool)
    for pre, post, weight in zip(*lists(proj), strict=True):
        matrix[post, pre] += weight
        exists[post, pre] = True
    return matrix, exists


# -- matrices -----------------------------------------------------------------------------------------------


@each("neurons", [(FIRES, ADDS), (RATE, SUMS)])
@each("weights", [0.5, eg.Normal(1.0, 0.3)])
@each("number", [20, 60])
def test_matrices_add_the_weights_of_a_pair(neurons, weights, number):
    _, proj = connected(neurons, number=number, weights=weights)
    matrix, exists = added_up(proj)
    before = proj.array("post_ranks" if neurons[0] is FIRES else "pre_ranks")

    sparse = proj.weights_csr()

    assert exists.sum() < number
    assert np.allclose(proj.connectivity_matrix(), matrix, rtol=1e-14, atol=0)
    assert np.array_equal(np.isnan(proj.connectivity_matrix(fill=np.nan)), ~exists)
    assert np.allclose(sparse.toarray(), matrix, rtol=1e-14, atol=0)
    assert (sparse.nnz, sparse.has_canonical_format) == (exists.sum(), True)
    assert proj.nb_synapses == number
    assert sum(map(len, proj.pre_ranks)) == number
    assert np.array_equal(proj.array("post_ranks" if neurons[0] is FIRES else "pre_ranks"), before)


# -- what arrives -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
@pytest.mark.parametrize("parts", [False, True])
def test_every_synapse_of_a_pair_transmits(backend, parts):
    net, proj = connected(parts=parts, backend=backend)
    post, arrived = net.get_population("post"), np.zeros(5)
    for _ in range(8):
        net.step()
        arrived += post.v

    assert np.allclose(arrived, added_up(proj)[0].sum(axis=1), rtol=1e-12)
    if parts:
        assert set(lists(proj)[0]) == {1, 2, 3, 4}
        assert set(lists(proj)[1]) == {0, 1, 2}


@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
def test_every_synapse_of_a_pair_adds_its_rate(backend):
    net, proj = connected((RATE, SUMS), backend=backend, delays=1.0)
    net.simulate(3.0)

    assert np.allclose(net.get_population("post").r, added_up(proj)[0].sum(axis=1), rtol=1e-12)


DRAWS = eg.Synapse(
    equations="x = Uniform(0, 1)\n y = Normal(0.0, 1.0) : postsynaptic", pre_spike="g_target += w*Gamma(2.0, 1.0)"
)


def drawn(backend, threads=1, neurons=(FIRES, ADDS)):
    """Synapses of one pair that draw in equations; with equal draws they would have equal values."""
    net, proj = connected(neurons, DRAWS if neurons[0] is FIRES else RATE_DRAWS, number=200, backend=backend)
    net.config(num_threads=threads)
    net.simulate(6.0)
    return net, proj


RATE_DRAWS = eg.Synapse(equations="x = Uniform(0, 1)\n y = Normal(0.0, 1.0) : postsynaptic", psp="w*x*pre.r")


@pytest.mark.cc
@each("neurons", [(FIRES, ADDS), (RATE, SUMS)])
def test_synapses_of_a_pair_have_draws_of_their_own(neurons):
    net, proj = drawn("c", neurons=neurons)

    x = proj.array("x")
    assert len(set(x.tolist())) == 200
    assert len(set(proj.array("y").tolist())) == 5
    pre, post, _ = lists(proj)
    number, key = multapse_numbers(proj._core.connectivity), stream_key(3, proj._core.uid, Stream.SYNAPSE)
    expected = synapse_uniform(key, np.array(pre), np.array(post), 5, number.astype(int) << 16)
    assert x.tobytes() == expected.tobytes()
    for other in (drawn("c", 2, neurons)[0], drawn("numpy", 1, neurons)[0]):
        assert other.digest() == net.digest()


# -- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("neurons", [(FIRES, ADDS), (RATE, SUMS)])
def test_files_keep_every_synapse_in_its_place(tmp_path, suffix, neurons):
    net, proj = connected(neurons)
    net.simulate(5.0)
    before = (*lists(proj), proj.array("delay_steps").tolist())
    net.save(str(tmp_path / f"net{suffix}"))
    other, again = connected(neurons, number=7)
    other.load(str(tmp_path / f"net{suffix}"))

    assert (*lists(again), again.array("delay_steps").tolist()) == before
    assert other.digest() == net.digest()


# -- single synapses ----------------------------------------------------------------------------------------


def test_synapse_is_one_of_its_pair_by_ascending_delay():
    _, proj = connected()
    pre, post, weights = lists(proj)
    delays = proj.array("delay_steps").tolist()
    for pair in {*zip(pre, post, strict=True)}:
        mine = [i for i in range(60) if (pre[i], post[i]) == pair]
        several = [proj.synapse(*pair, k=k) for k in range(len(mine))]

        assert [(s.rank, s.post_rank) for s in several] == [pair] * len(mine)
        assert [s.w for s in several] == [weights[i] for i in mine]
        assert [s.delay for s in several] == sorted(float(delays[i]) for i in mine)
        if len(mine) == 1:
            assert proj.synapse(*pair).w == weights[mine[0]]


@each("neurons", [(FIRES, ADDS), (RATE, SUMS)])
def test_synapse_when_there_are_several_must_be_named(neurons):
    _, proj = connected(neurons, number=2**10, delays=2.0)

    with pytest.raises(InvalidArgument) as caught:
        proj.synapse(4, 3)
    n = len(reach_of(proj._core).of_pair(4, 3))
    assert n > 10
    assert str(caught.value) == (
        f"synapse(4, 3) of projection 'proj': there are {n}\n"
        f"  help: say which: synapse(4, 3, k=0) to k={n - 1}, by ascending delay."
    )
    assert len({proj.synapse(4, 3, k=k).w for k in range(n)}) == n


def test_synapse_when_one_is_set_changes_no_other():
    net, proj = connected(synapse=RULE, weights=0.5)
    one = proj.synapse(*(side[0] for side in lists(proj)[:2]), k=0)

    one.w = 0.75
    one.set({"level": 4.0})

    assert (one.w, one.level, one.gain) == (0.75, 4.0, 2.0)
    weights = lists(proj)[2]
    assert (weights[0], set(weights[1:])) == (0.75, {0.5})
    levels = proj.array("level")
    assert (levels[one.post_rank], levels.sum()) == (4.0, 16.0)
    net.simulate(9.0)


@each(
    ("do", "said"),
    [
        (lambda proj: proj.synapse(6, 0), "pre must be a rank from 0 to 5 of 'pre', not 6"),
        (lambda proj: proj.synapse(0, -1), "post must be a rank from 0 to 4 of 'post', not -1"),
        (lambda proj: proj.synapse(True, 0), "pre must be a rank from 0 to 5 of 'pre', not True"),
        (lambda proj: proj.synapse(0.5, 0), "pre must be a rank from 0 to 5 of 'pre', not 0.5"),
        (lambda proj: proj.synapse(0, 4), r"synapse\(0, 4\) of projection 'proj': there is none"),
        (lambda proj: proj.synapse(1, 0, k=99), r"synapse\(1, 0, k=99\) .*: k must be a whole number from 0 to \d+"),
        (lambda proj: proj.synapse(1, 0, k=-1), "k must be a whole number"),
        (lambda proj: proj.synapse(1, 0, k="0"), "k must be a whole number"),
        (lambda proj: proj.synapse(1, 0, k=0).set({"gain": 1.0}), "'gain' is one value for all synapses"),
        (lambda proj: proj.synapse(1, 0, k=0).set({"w": 9.0, "level": "much"}), "'level' of synapse"),
        (lambda proj: proj.synapse(1, 0, k=0).set({"w": [1.0, 2.0]}), "expected one number"),
    ],
)
def test_synapse_that_cannot_be_is_refused(do, said):
    _, proj = connected(synapse=RULE, parts=True)
    before = lists(proj)

    with pytest.raises(InvalidArgument, match=said):
        do(proj)
    assert lists(proj) == before


def test_synapse_knows_its_models_attributes_only():
    _, proj = connected()
    one = proj.synapse(lists(proj)[0][0], lists(proj)[1][0], k=0)

    for name in ("wait", "_w"):
        with pytest.raises(AttributeError):
            getattr(one, name)
    with pytest.raises(UnknownAttribute, match="no attribute 'wait'"):
        one.wait = 1.0
    with pytest.raises(UnknownAttribute, match="'rank' of a synapse can't be assigned"):
        one.rank = 1
    assert repr(one).startswith("<synapse(")
