"""Connectors that take a list of synapses: what is wired, and what is refused with which words."""

import gzip
import io
import shutil
import zipfile
from fractions import Fraction

import numpy as np
import pytest
import scipy.io
import scipy.sparse as sp

import engram as eg
from engram.errors import DamagedFile, EngramError, InvalidArgument, MissingFile, NotCompiled, UnsupportedFile
from engram.wiring.errors import BadConnector
from tests.cases import check_each, each

CELL = eg.Neuron("tau = 10.0 : population", "tau*dv/dt = -v + g_exc", "v > 1.0", reset="v = 0.0", name="cell")
RATE = eg.Neuron(equations="r = sum(exc)")
MATRIX = [[0.5, None, 0.25], [None, 1.0, None]]  # post by pre
LISTS = ([0, 2, 1], [0, 0, 1], [0.5, 0.25, 1.0])  # the same


def connected(method, *args, n_pre=3, n_post=2, cell=CELL, dt=0.5, **more):
    """The projection of a small compiled network."""
    net = eg.Network(dt=dt, seed=1)
    c = net.connect(net.create(n_pre, cell), net.create(n_post, cell), "exc")
    assert getattr(c, method)(*args, **more) is c
    net.compile(backend="numpy")
    return c


def lists_of(c):
    return c.post_ranks, c.pre_ranks, c.w


def rows(pre, post, dt, scale=1.0):
    found = eg.LILConnectivity(dt)
    found.add(0, [0, 2], [0.5 * scale, 0.25 * scale], 0.0)
    found.push_back(1, [1], 1.0 * scale, [0.0])
    return found


def without_dt(pre, post, scale):
    return rows(pre, post, 1.0, scale)


def test_all_ways_of_giving_one_list_make_the_same_synapses(tmp_path):
    matrix = sp.coo_matrix((LISTS[2], LISTS[:2]), (3, 2))
    scipy.io.mmwrite(tmp_path / "w.mtx", matrix.T)
    (tmp_path / "w.csv").write_text("src,dst,weight,name\n0,0,0.5,x\n2,0,0.25,y\n1,1,1,z\n")
    named = np.array([*zip(*LISTS, strict=True)], [("pre", "i8"), ("post", "i8"), ("w", "f8")])
    ways = {
        "from_matrix": (MATRIX,),
        "connect_from_matrix": (np.array(MATRIX, float).T, 0.0, True),
        "from_sparse": (matrix.tolil(),),
        "connect_from_sparse": (matrix.tocsc(),),
        "from_matrix_market": (str(tmp_path / "w.mtx"),),
        "from_function": (rows,),
        "connect_with_func": (lambda pre, post: without_dt(pre, post, 1.0),),
        "connect_from": (LISTS,),
    }
    tables = {
        "structured": named,
        "dictionary": dict(zip(("pre", "post", "weight"), LISTS, strict=True)),
        "sparse": matrix.tocsr(),
        "mtx": tmp_path / "w.mtx",
    }

    def check(method, *args, **more):
        assert lists_of(connected(method, *args, **more)) == ([0, 1], [[0, 2], [1]], [[0.5, 0.25], [1.0]])

    check_each({name: (name, *args) for name, args in ways.items()}, check)
    check_each({name: ("connect_from", table) for name, table in tables.items()}, check)
    check("connect_from", tmp_path / "w.csv", pre="src", post="dst")
    with gzip.open(tmp_path / "w.csv.gz", "wt") as file:
        file.write((tmp_path / "w.csv").read_text().replace("\n0,", "\n0.0,"))
    check("connect_from", tmp_path / "w.csv.gz", pre="src", post="dst")
    check("connect_from", LISTS[:2], weights=LISTS[2])


def test_rates_and_spikes_get_the_same_synapses():
    delays = [[1.0, None, 2.0], [None, 3.0, None]]
    spiking, rated = (connected("from_matrix", MATRIX, delays, cell=cell) for cell in (CELL, RATE))
    assert lists_of(spiking) == lists_of(rated)
    assert spiking.delay == rated.delay == [[1.0, 2.0], [3.0]]


def test_function_gets_the_sides_the_step_and_the_users_arguments():
    seen = []

    def method(pre, post, dt, scale):
        seen.append((pre.size, post.size, dt))
        return rows(pre, post, dt, scale)

    assert connected("from_function", method, scale=2.0).w == [[1.0, 0.5], [2.0]]
    assert connected("connect_with_func", without_dt, scale=2.0).w == [[1.0, 0.5], [2.0]]
    assert seen == [(3, 2, 0.5)]


def test_ranks_of_a_list_are_those_within_views():
    net = eg.Network(seed=1)
    p = net.create(10, CELL)
    c = net.connect(p[::-2], p[4:6], "exc").connect_from(([0, 4], [0, 1], [0.5, 1.0]))
    net.compile(backend="numpy")
    assert lists_of(c) == ([4, 5], [[9], [1]], [[0.5], [1.0]])


def test_ids_are_looked_up_in_the_order_of_ranks():
    ids = np.array([2**62 + 7, 5, 2**62 + 6])
    c = connected("connect_from", ([5, 2**62 + 6], ["b", "a"]), weights=0.5, pre_ids=ids, post_ids=["a", "b"])
    assert (c.post_ranks, c.pre_ranks, c.w) == ([0, 1], [[2], [1]], 0.5)


def test_ids_that_are_floats_are_found_where_floats_tell_them_apart():
    """As pandas reads a column with gaps: 2**62 and 2**62 + 1 are one float."""
    for ids in ([3, 4, 5], [3.0, 4.0, 5.0]):
        assert connected("connect_from", ([5.0, 3.0], [0, 1]), pre_ids=ids).pre_ranks == [[2], [0]]
    assert connected("connect_from", ([2.0, 0.0], [0.0, 1.0])).pre_ranks == [[2], [0]]
    with pytest.raises(
        BadConnector, match="the pre ids are floats, which can't tell whole numbers from 9007199254740992"
    ):
        connected("connect_from", ([2.0**62], [0]), pre_ids=[2**62, 2**62 + 1, 3])


def test_many_ids_are_found_as_few_are():
    rng = np.random.default_rng(1)
    ids = rng.choice(2**40, 3000, replace=False) + 7 * 10**17
    pre, post = rng.integers(0, 3000, 9000), rng.integers(0, 2, 9000)
    by_id = connected("connect_from", (ids[pre], post), n_pre=3000, pre_ids=ids, duplicates="keep")
    by_rank = connected("connect_from", (pre, post), n_pre=3000, duplicates="keep")
    assert by_id.pre_ranks == by_rank.pre_ranks
    with pytest.raises(BadConnector, match=r"2 of the synapses have pre ids that are not in pre_ids: 3, 4\n"):
        connected("connect_from", ([*ids[pre], 3, 4], [*post, 0, 0]), n_pre=3000, pre_ids=ids)


def test_several_synapses_of_a_pair_are_refused_summed_or_kept():
    pairs = ([0, 0, 1, 0], [1, 0, 1, 1], [0.5, 1.0, 2.0, 0.25])
    with pytest.raises(BadConnector, match="1 of the synapses connect a pair that has one already: 0 -> 1"):
        connected("connect_from", pairs)
    assert connected("connect_from", pairs, duplicates="sum").w == [[1.0], [0.75, 2.0]]
    kept = connected("connect_from", pairs, duplicates="keep")
    assert kept.w == [[1.0], [0.5, 0.25, 2.0]]
    assert kept.pre_ranks == [[0], [0, 0, 1]]


def test_delays_are_rounded_when_the_step_is_known():
    net = eg.Network(dt=1.0, seed=1)
    p = net.create(3, CELL)
    c = net.connect(p, p, "exc").connect_from(([0, 1], [1, 2]), delays=[0.74, 1.25])
    net.config(dt=0.5)
    net.compile(backend="numpy")
    assert c.delay == [[0.5], [1.0]]


def test_one_number_stays_one_and_equal_delays_are_one():
    c = connected("connect_from", ([0, 1], [0, 1]), weights=0.5, delays=[1.0, 1.0])
    assert (c.w, c.delay) == (0.5, 1.0)
    many = connected("connect_from", ([0, 1], [0, 1]), weights=0.5, force_multiple_weights=True)
    assert many.w == [[0.5], [0.5]]


def test_weights_of_a_list_are_not_read_before_compile():
    net = eg.Network(seed=1)
    p = net.create(3, CELL)
    c = net.connect(p, p, "exc", name="c").from_matrix(np.eye(3))
    with pytest.raises(NotCompiled, match="'w' of projection 'c': one per synapse, in an order that compile"):
        _ = c.w


WRONG = {
    "another shape": ("from_matrix", ([[1.0]],), r"shape \(1, 1\), expected \(2, 3\) \(post by pre\)"),
    "turned": ("from_matrix", (np.ones((3, 2)),), "help: it must be .*|give pre_post=True"),
    "ragged": ("from_matrix", ([[1], [1, 2]],), "rows of equal length"),
    "infinite": ("from_matrix", ([[np.inf, None, None], [None] * 3],), "weight inf of synapse 0 is no finite number"),
    "a dense matrix": ("from_sparse", (np.ones((3, 2)),), "must be a matrix of scipy.sparse, not an array of shape"),
    "a sparse one turned": ("from_sparse", (sp.csr_matrix((2, 3)),), r"expected \(3, 2\) \(pre by post\)"),
    "a negative delay": ("from_sparse", (sp.eye(3, 2), -1.0), "delay -1.0 of synapse 0 is negative"),
    "drawn delays": ("from_sparse", (sp.eye(3, 2), eg.Uniform(0.0, 1.0)), "can't be drawn"),
    "other places": ("from_sparse", (sp.eye(3, 2), sp.eye(3, 2, -1)), "in other places than the 2 of weights"),
    "a long delay": ("connect_from", (([0], [0], [1.0], [1e9]),), "at most 65535 are possible"),
    "fewer ranks": ("connect_from", (([0, 1], [0]),), "2 pre ranks, but 1 post ranks"),
    "a rank too large": ("connect_from", (([0, 3], [0, 1]),), r"pre rank 3 of synapse 1 does not lie in \[0, 2\]"),
    "a rank below 0": ("connect_from", (([0, 1], [0, -1]),), "post rank -1 of synapse 1"),
    "gaps": ("connect_from", (([0.0, np.nan], [0, 1]),), r"1 of the synapses have no pre rank\n"),
    "half a rank": ("connect_from", (([0.5], [0]),), "must be whole numbers in one row, not numbers such as 0.5"),
    "NaN": ("connect_from", (([0, 1], [0, 1], [1.0, np.nan]),), "weight nan of synapse 1"),
    "no column": ("connect_from", ({"a": [1]},), "there is no column 'pre', only a"),
    "no table": ("connect_from", (3,), "must be a table with named columns"),
    "texts": ("connect_from", ((["a"], [0]),), "must be whole numbers in one row, not texts, such as 'a'"),
    "no file": ("connect_from", ("nothing.csv",), "there is no file 'nothing.csv'"),
    "rows of delays": ("all_to_all", (1.0, [[1, 2], [3]]), r"delays must be(?s:.*)from_matrix\(weights, delays\)"),
    "no matrix file": ("connect_from", ("nothing.mtx",), "there is no file 'nothing.mtx'"),
    "another file": ("connect_from", ("nothing.xls",), "of no kind that is known"),
    "arrays apart": ("connect_from", ([0], [1], [1.0]), r"columns(?s:.*)connect_from\(\(pre, post, w\)\)"),
    "ids of another kind": (
        "connect_from",
        ((["a"], [0]), "pre", "post", None, None, [3, 4, 5]),
        "column 'pre' has texts, and pre_ids numbers",
    ),
    "ids of two kinds": (
        "connect_from",
        ((np.array(["a", None], object), [0, 1]), "pre", "post", None, None, ["a", "b", "c"]),
        "column 'pre' and pre_ids can't be compared",
    ),
    "less than it needs": ("from_function", (lambda pre, post, w, d: None,), "missing a required argument: 'd'"),
    "no list": ("from_function", (lambda pre, post: 3,), "must return an LILConnectivity, not 3"),
    "a distribution": ("connect_from", (([0], [0], eg.Uniform(0.0, 1.0)),), "one value for each synapse|shape"),
}


@pytest.mark.filterwarnings("ignore")
def test_what_can_not_be_connected_is_refused_with_its_place_and_advice():
    net = eg.Network(dt=0.5, seed=1)
    p, q = net.create(3, CELL, name="p"), net.create(2, CELL)

    def check(method, args, words):
        c = net.connect(p, q, "exc")
        with pytest.raises(BadConnector, match=words) as error:
            getattr(c, method)(*args, **({"w": 2.0} if "'d'" in words else {}))
        assert f"\n  in projection {c.name!r} (3 -> 2)\n  help: " in str(error.value)
        assert c._core.draft.connection is None

    check_each(WRONG, check)
    with pytest.raises(BadConnector, match="connects neuron 1 to itself"):
        net.connect(p, p, "exc").connect_from(([1], [1]), allow_self_connections=False)
    with pytest.raises(InvalidArgument, match=r"(?s)unknown argument 'weight'.*it is `weights=`"):
        net.connect(p, p, "exc").from_matrix(np.eye(3), weight=1.0)
    with pytest.raises(InvalidArgument, match="has a connector already"):
        net.connect(p, p, "exc").all_to_all().from_matrix(np.eye(3))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "its first line has 0 names of columns, the next one 0 values"),
        (b"pre,post,w\n0,1,2\n0,1\n", "row 2 has 2 values, the first one 3"),
        (bytes(range(256)), "is no text in UTF-8"),
    ],
)
def test_file_that_is_no_table_is_refused_in_words(tmp_path, content, said):
    (tmp_path / "list.csv").write_bytes(content)
    net = eg.Network(seed=1)
    p = net.create(3, CELL)

    with pytest.raises(BadConnector, match=f"{said}\\n  in .*\\n  help: .*the first line must name the columns"):
        net.connect(p, p, "exc").connect_from(tmp_path / "list.csv")


def test_connectivity_that_was_saved_connects_others(tmp_path):
    net = eg.Network(seed=1)
    p = net.create(40, CELL)
    c = net.connect(p[1::2], p[5:30], "exc")
    c.fixed_total_number(300, weights=eg.Normal(0.0, 1.0), delays=eg.Uniform(1.0, 9.0))
    net.compile()
    c.save_connectivity(tmp_path / "c.npz")
    other = connected("from_file", tmp_path / "c.npz", n_pre=20, n_post=25, dt=1.0)
    assert other.w == c.w
    assert other.delay == c.delay
    assert other.post_ranks == [rank - 5 for rank in c.post_ranks]
    (tmp_path / "other.npz").write_text("1,2")
    values = dict(np.load(tmp_path / "c.npz"))
    np.savez(tmp_path / "less.npz", **{name: value for name, value in values.items() if name != "w"})
    np.savez(tmp_path / "run.npz", **values | {"w": np.array([Fraction(1, 3)])})  # a pickle
    long = io.BytesIO()
    np.lib.format.write_array_header_1_0(long, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    shutil.copy(tmp_path / "less.npz", tmp_path / "long.npz")
    with zipfile.ZipFile(tmp_path / "long.npz", "a") as archive:
        archive.writestr("w.npy", long.getvalue())
    for name, kind in (
        ("other.npz", UnsupportedFile),
        ("nothing.npz", MissingFile),
        ("less.npz", UnsupportedFile),
        ("run.npz", UnsupportedFile),
        ("long.npz", DamagedFile),
    ):
        with pytest.raises(kind):
            connected("from_file", tmp_path / name)


def test_helpers_make_matrices_for_from_sparse():
    net = eg.Network(seed=1)
    p, q = net.create(50, CELL), net.create(40, CELL)
    weights = eg.sparse_random_matrix(p, q, 0.2, eg.Uniform(1.0, 2.0))
    assert weights.shape == (50, 40)
    assert 300 < weights.nnz < 500
    delays = eg.sparse_delays_from_weights(weights, 2.0)
    c = net.connect(p, q, "exc").from_sparse(weights, delays)
    net.compile(backend="numpy")
    assert c.delay == 2.0
    assert (c.weights_csr().toarray() == weights.T.toarray()).all()
    with pytest.raises(EngramError, match=r"proba must lie in \[0, 1\]"):
        eg.sparse_random_matrix(p, q, 2.0, 1.0)
    with pytest.raises(EngramError, match=r"expected a matrix of scipy\.sparse, not \[1.0\]"):
        eg.sparse_delays_from_weights([1.0], 1.0)


def test_one_to_one_has_no_dense_storage():
    net = eg.Network(seed=1)
    p = net.create(3, CELL)
    with pytest.raises(InvalidArgument, match=r"one_to_one\(\): storage_format='dense' is not possible"):
        net.connect(p, p, "exc").one_to_one(storage_format="dense")


def test_what_is_masked_is_no_synapse_and_what_is_no_number_no_weight():
    net = eg.Network(seed=1)
    p = net.create(3, eg.Neuron(equations="r = 0.0"), name="p")
    masked = np.ma.masked_array(np.full((3, 3), 2.0), mask=np.eye(3))
    c = net.connect(p, p, "exc", name="c")
    for other, advice in (
        (np.ones((3, 3)) * 1j, "None"),
        (np.ones((3, 3), bool), "np.where"),
        (sp.csr_matrix(np.eye(3)), "from_sparse"),
    ):
        with pytest.raises(InvalidArgument, match=f"(?s)rows of equal length, of numbers and None.*help: .*{advice}"):
            c.from_matrix(other)
    for function in (None, lambda: 1, lambda a: 1):
        with pytest.raises(InvalidArgument, match="expected a function|can't be called with the populations"):
            c.from_function(function)
    with pytest.raises(InvalidArgument, match="must be numbers"):
        eg.LILConnectivity(dt=1.0).add(0, [1], [True], [1.0])
    c.from_matrix(masked)
    net.compile()

    assert (c.nb_synapses, c.array("w").tolist()) == (6, [2.0] * 6)


@each(
    ("more", "meant", "role"),
    [
        ({"W": [1.0]}, "w", "weights"),
        ({"w": [1.0], "W": [1.0]}, "w", "weights"),
        ({"wieghts": [1.0]}, "weights", "weights"),
        ({"w": [1.0], "weight": [1.0]}, "weight", "weights"),
        ({" delay": [1.0]}, "delay", "delays"),
        ({"Post": [1]}, "post", "post"),
    ],
)
def test_column_that_is_nearly_one_that_is_read_is_refused(more, meant, role):
    name = [*more][-1]
    with pytest.raises(BadConnector) as caught:
        connected("connect_from", {"pre": [0], "post": [1], **more})

    assert f"nothing reads the column {name!r}, which is nearly {meant!r}\n" in str(caught.value)
    assert f"help: call it {meant!r}, or say that it is meant: {role}={name!r}." in str(caught.value)


def test_other_columns_of_a_table_are_not_read():
    table = {"pre": [0], "post": [1], "W": [2.5], "region": ["V1"], "pre_id": [17], "confidence": [0.5]}

    assert connected("connect_from", table, weights="W").w == [[2.5]]


@each(
    ("more", "words"),
    [
        ({"w": [2.5], "k": [0.5]}, "'k' of the table is not read, but is an attribute(?s:.*)proj.k = scipy.sparse"),
        (
            {"syn_count": [7], "region": ["V1"]},
            "all weights are 1.0; there is 'syn_count'\n  help: weights='syn_count'",
        ),
    ],
)
def test_columns_that_may_have_been_meant_are_named_by_a_warning(more, words):
    net = eg.Network(seed=1)
    c = net.connect(net.create(3, CELL), net.create(2, CELL), "exc", eg.Synapse("k = 1.0", name="own"))
    with pytest.warns(UserWarning, match=words):
        c.connect_from({"pre": [0], "post": [1], **more})
