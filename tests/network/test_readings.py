"""What users read of a network: one value is a number; what would write into a copy works, or says what to type."""

import copy
import math
import pickle

import numpy as np
import pytest

import engram as eg
from engram.errors import EngramError, InvalidArgument
from engram.studies.encoding import decoded, encoded, from_line, to_line
from tests.cases import check_each, each
from tests.network.small import rated, spiking

pytestmark = pytest.mark.cc

AS_NUMBERS = {
    "float": float,
    "int": int,
    "complex": complex,
    "percent": lambda v: "%.2f %d" % (v, v),  # noqa: UP031  what is tested
    "format": "{:.2f}".format,
    "round": lambda v: round(v, 2),
    "round to whole": round,
    "floor": math.floor,
    "trunc": math.trunc,
    "sqrt": math.sqrt,
    "numpy": lambda v: float(np.sqrt(v)),
    "computed": lambda v: f"{2.0 * v + 1.0:.3f}",
    "key": lambda v: {v: "one"}[1.5],
    "two": lambda v: float(v - v * 0.5),
    "compared": lambda v: (bool(v < 2.0), v in (1.5, 2.0)),
    "in place": lambda v: float(np.add(v, 1.0, out=np.zeros(1))[0]),
}


def test_one_value_is_a_number_wherever_one_is_asked_for():
    _, p, _, c = spiking()
    takes = {"p[3]": p[3], "p[3:4]": p[3:4], "p.neuron(3)": p.neuron(3), "p[(3,)]": p[(3,)]}

    def check(one, name, ask):
        one.set({name: 1.5})
        assert ask(getattr(one, name)) == ask(np.float64(1.5))

    every = [*((take, one, "v") for take, one in takes.items()), ("c.synapse(2, 1)", c.synapse(2, 1), "w")]
    check_each(
        {f"{what} {take}": (one, name, ask) for take, one, name in every for what, ask in AS_NUMBERS.items()}, check
    )


def test_value_of_one_neuron_counts_indexes_and_is_assigned_as_a_number():
    net, p, q, c = spiking()
    p[3].v = 2.5

    assert (repr(p[3].v), repr([p[3].v]), str(p[3].v)) == ("2.5", "[2.5]", "2.5")
    assert ([*range(p[3].n)], "abcd"[p[3].n]) == ([0, 1, 2], "d")
    q.tau, q.v, c.w, p[1].v = (p[3].v,) * 4
    assert (q.tau, q.v.tolist(), set(c.array("w").tolist()), p[1].v) == (2.5, [[2.5] * 3] * 2, {2.5}, 2.5)
    net.simulate(p[3].v * 2)
    assert net.time == 5.0
    with pytest.raises(TypeError, match=r"'v' of population 'p' has 6 values, and is no number\n  help: name one"):
        float(p.v)
    with pytest.raises(TypeError, match="has 6 values"):
        f"{p.v:.3f}"
    assert (round(p[:2].v, 1).tolist(), f"{p[:2].v * 0}") == (np.round(p[:2].v, 1).tolist(), "[0. 0.]")


WRITES = {
    "values[...] = 1.0": lambda v: v.__setitem__(..., 1.0),
    "fill": lambda v: v.fill(1.0),
    "sort": lambda v: v.sort(),
    "partition": lambda v: v.partition(0),
    "put": lambda v: v.put(0, 1.0),
    "itemset": lambda v: v.itemset(0, 1.0),
    "resize": lambda v: v.resize(7),
    "setflags": lambda v: v.setflags(write=True),
    "flags": lambda v: setattr(v.flags, "writeable", True),
    "byteswap": lambda v: v.byteswap(True),
    "setfield": lambda v: v.setfield(1.0, v.dtype),
    "real": lambda v: setattr(v, "real", 1.0),
    "flat": lambda v: setattr(v, "flat", 1.0),
    "element of flat": lambda v: v.flat.__setitem__(0, 1.0),
    "view": lambda v: v[...].__setitem__(..., 1.0),
    "transposed": lambda v: v.T.__setitem__(0, 1.0),
    "flattened": lambda v: v.reshape(-1).__setitem__(0, 1.0),
    "copyto": lambda v: np.copyto(v, v),
    "np.put": lambda v: np.put(v, 0, 1.0),
    "place": lambda v: np.place(v, v == v, [1]),
    "putmask": lambda v: np.putmask(v, v == v, 1),
    "ufunc": lambda v: np.add(v, v, out=v),
    "at": lambda v: np.add.at(v, 0, 1),
    "clip": lambda v: np.clip(v, 0, 1, out=v),
    "cumsum": lambda v: v.cumsum(out=v.reshape(-1)),
}
ARRAYS = {
    "p.v": r"pop\.v = values sets all, pop\.v\[3\] = 1\.0 some",
    "p[2:4].v": r"pop\.v = values sets all",
    "c.array('w')": r"new = proj\.array\('w'\)\.copy",
    "c.array('delay')": "delays are set for all synapses at once: proj",
    "c.array('delay_steps')": "delays are set for all synapses at once: proj",
    "c.connectivity_matrix()": r"new = matrix\.copy\(\); new\[...\] = ...; proj\.w = new",
    "c.receptive_fields()": r"a \.copy\(\) can be changed; proj\[post\]\.w = values",
    "c[1].receptive_field()": r"a \.copy\(\) can be changed; dendrite\.w = values",
    "p.ranks": r"take a copy, \.copy\(\), to change it; pop\[\[3, 1\]\] is a view",
    "p[2:4].ranks": r"take a copy, \.copy\(\)",
    "p.refractory": r"pop\.refractory = values sets all of them, pop\[3\]\.refractory = 1\.0",
    "p[2:4].refractory": r"pop\.refractory = values",
    "p.init['b']": r"before compile\(\) assign the attribute",
    "r.sum('exc')": r"take a copy, \.copy\(\)",
}


def read(text):
    net, p, _, c = spiking(compiled=False)
    p.b = np.arange(6.0)
    p.refractory = np.arange(6.0)
    net.compile()
    return net, eval(text, {"p": p, "c": c, "r": rated()[1]})  # noqa: S307  texts of this file


@pytest.mark.parametrize("text", ARRAYS)
def test_whatever_writes_into_an_array_that_was_read_says_what_to_type(text):
    net, values = read(text)
    digest, before = net.digest(), values.tolist()
    works = {"values[...] = 1.0", "view"} if text.endswith(".v") else set()
    for name, write in WRITES.items():
        if name not in works:
            with pytest.raises(InvalidArgument, match=f"\n  help: {ARRAYS[text]}"):
                write(values)

    assert (net.digest(), values.tolist()) == (digest, before)


@pytest.mark.parametrize("text", ARRAYS)
def test_copy_of_an_array_that_was_read_is_an_array_of_its_own(text):
    net, values = read(text)
    digest, before = net.digest(), values.tolist()
    for own in (values.copy(), copy.copy(values), pickle.loads(pickle.dumps(values))):
        own[...] = 1
        own.fill(1)
        own.sort()
        own.flat[0] = 1
        np.copyto(own, 1)
        own += own
        np.add(own, 1, out=own)
        assert (own == 3).all()
    assert type(values + 0) is np.ndarray
    if not text.endswith(".v"):  # which sets the neurons
        new = values
        new += values
        assert type(new + 0) is np.ndarray

    assert (net.digest(), values.tolist()) == (digest, before)


LISTS = {
    "c.delay": "delays are set for all synapses at once: proj",
    "c[1].delay": "delays are set for all synapses at once: proj",
    "c.pre_ranks": r"proj\.create_synapse",
    "c.pre_ranks[0]": r"proj\.create_synapse",
    "c[1].pre_ranks": r"dendrite\.create_synapse",
    "c.post_ranks": r"proj\.create_synapse",
    "c.nb_synapses_per_dendrite": r"proj\.create_synapse",
}


@each("text", LISTS)
def test_lists_that_were_read_say_what_to_type(text):
    net, values = read(text)
    digest, before = net.digest(), [*values]
    for write in (lambda v: v.__setitem__(0, 1), lambda v: v.append(1), lambda v: v.sort(), lambda v: v.__delitem__(0)):
        with pytest.raises(InvalidArgument, match=f"\n  help: {LISTS[text]}"):
            write(values)

    assert (net.digest(), values) == (digest, before)
    assert type(pickle.loads(pickle.dumps(values))) is list


def test_synapses_that_share_one_value_are_set_one_by_one():
    net, _, _, c = rated()
    c.w[1][2] = 2.0
    assert (c.w, c.synapse(2, 1).w) == ([[0.5] * 4, [0.5, 0.5, 2.0, 0.5], [0.5] * 4], 2.0)
    net.simulate(1.0)
    c = rated()[3]
    c.w[0] = [1.0, 2.0, 3.0, 4.0]
    assert c.w == [[1.0, 2.0, 3.0, 4.0], [0.5] * 4, [0.5] * 4]
    c = rated()[3]
    c[2].w[3] = 0.0
    assert c.w == [[0.5] * 4, [0.5] * 4, [0.5, 0.5, 0.5, 0.0]]


def test_value_that_synapses_share_is_a_number_and_is_read_one_by_one():
    c = rated()[3]

    assert (c.w, c.w * 2.0, np.array(c.w).shape, type(copy.copy(c.w))) == (0.5, 1.0, (), float)
    assert (c.w[1], c.w[1][2], c[1].w[2]) == ([0.5] * 4, 0.5, 0.5)


@each(
    ("text", "told"),
    [
        (
            "c.delay",
            "the delay of projection 'c' is one number, 1.0, and has no elements\n  help: delays are set for all",
        ),
        ("c[1].delay", "one number, 1.0, and has no elements\n  help: delays are set for all"),
        ("p.tau", "'tau' of population 'p' is one number, 10.0, and has no elements\n  help: pop.tau = value sets it"),
        ("p[2].tau", "one number, 10.0, and has no elements\n  help: pop.tau = value"),
        (
            "p.neuron(2).r",
            "'r' of neuron 2 of population 'p' is one number.*\n  help: pop.neuron\\(2\\).r = value sets",
        ),
        ("c.synapse(1, 2).w", "one number, 0.5, and has no elements\n  help: synapse.w = value sets it"),
    ],
)
def test_elements_of_one_number_say_what_to_type(text, told):
    _, p, _, c = rated()
    one = eval(text, {"p": p, "c": c})  # noqa: S307  texts of this file

    for use in (lambda: one.__setitem__(0, 1.0), lambda: one[0]):
        with pytest.raises(EngramError, match=told) as error:
            use()
        assert isinstance(error.value, TypeError)
    with pytest.raises(TypeError):
        iter(one)


def test_weights_before_compile_say_when_they_can_be_set():
    _, _, _, c = spiking(compiled=False)
    c.own = 1.0

    with pytest.raises(EngramError, match=r"before compile\(\) proj.own = values sets all, afterwards also some"):
        c.own[0] = 1.0


def test_what_was_read_is_kept_by_the_file_of_a_study():
    _, p, _, c = spiking()
    for value in (p.v, p[3].v, c.w, c[1].w, c.delay, p.tau, p.neuron(3).n, c.connectivity_matrix(), 2.0 * p[3].v):
        back = decoded(from_line(to_line(encoded(value, "x")).encode("ascii")))
        assert type(back) in (np.ndarray, list, float, int)
        assert np.array_equal(np.asarray(back, object), np.asarray(value, object))


def test_lists_of_values_are_no_arrays_and_say_so():
    """Multiplied by 2 a list would be twice as long."""
    net, _, _, c = spiking()
    digest = net.digest()
    for compute in (lambda w: w * 2, lambda w: 0.5 * w, lambda w: w / 2, lambda w: w - 1.0, lambda w: -w):
        for values in (c.w, c.w[1], c[1].w):
            with pytest.raises(
                InvalidArgument, match=r"is read as lists.*\n  help: .* proj\.w = 2\.0\*proj\.array\('w'\)"
            ):
                compute(values)
    with pytest.raises(TypeError, match="is read as lists"):
        c.w *= 2

    assert net.digest() == digest


@each("compiled", [True, False])
def test_operator_that_changes_values_sets_the_neurons_or_nothing(compiled):
    _, p, q, _ = spiking(compiled)
    v, part = p.v, p[2:4].v
    v *= 0.0
    v += [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    part -= part
    part += 9.0
    assert (v.tolist(), p.v.tolist(), part.tolist()) == ([*range(6)], [0.0, 1.0, 9.0, 9.0, 4.0, 5.0], [9.0, 9.0])

    q.v = 1.0
    q.v += np.ones(3)
    q.v[0] *= 2.0
    q[0].v -= 3.0
    own = q.v * 1
    own *= 0.0
    assert q.v.tolist() == [[1.0, 4.0, 4.0], [2.0] * 3]
    n = p.n
    with pytest.raises(InvalidArgument, match="'n' of 6 neurons"):
        n += 0.5
    with pytest.raises(ValueError, match="broadcast"):
        v += np.ones(5)
    assert set(p.n.tolist()) == {3}


def test_rate_of_spiking_neurons_that_nothing_computes_is_told_once():
    net, p, q, _ = spiking()
    with pytest.warns(eg.EngramWarning, match=r"of 'p': it is 0\n  help: p.compute_firing_rate\(50.0\)"):
        assert not p.r.any()
    assert not p[:2].r.any()
    with pytest.warns(eg.EngramWarning, match="monitor 'late': nothing computes the firing rate 'r' of 'q'"):
        net.monitor(q, "r", name="late")
    p.compute_firing_rate(10.0)
    net.monitor(p, "r")

    net = spiking(compiled=False)[0]
    net.monitor(net["p"], ["v", "r"], name="early")
    with pytest.warns(eg.EngramWarning, match="monitor 'early': nothing computes"):
        net.compile()
