import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engram.errors import BrokenNetwork, CompileError
from engram.wiring import packed
from engram.wiring.canonical import canonical_from_lists
from engram.wiring.connectivity import Connectivity
from engram.wiring.packed import Member, PackedValue, pack

pytestmark = pytest.mark.cc
DTYPES = {"w": None, "post_ranks": np.dtype(np.uint32), "delay_steps": np.dtype(np.uint16)}


@st.composite
def members(draw):
    """Some projections of one population, with places in an arena; several synapses of a pair may occur."""
    n_pre, found, first = draw(st.integers(1, 9)), [], 0
    dtype = draw(st.sampled_from([None, np.float32, np.float64]))
    for k in range(draw(st.integers(1, 4))):
        n_post = draw(st.integers(1, 70))
        pair = st.tuples(st.integers(0, n_pre - 1), st.integers(0, n_post - 1), st.sampled_from([1, 2, 300]))
        synapses = draw(st.lists(pair, max_size=60))
        pre, post, delays = zip(*synapses, strict=True) if synapses else ((), (), ())
        delays = draw(st.sampled_from([delays, 2]))
        wiring, _ = canonical_from_lists(pre, post, delays, by="pre", n_pre=n_pre, n_post=n_post)
        weights = np.array(0.5) if dtype is None else np.random.default_rng(k).normal(size=wiring.n_syn).astype(dtype)
        first += draw(st.integers(0, 80))
        found.append(Member(f"projections/p{k}", wiring, weights, first))
        first += n_post
    return found, first + draw(st.sampled_from([0, 1 << 16]))


def whole(size):
    return np.array([0, size], np.int64)


def value_of(rows, member, name):
    dtype = member.weights.dtype if name == "w" else DTYPES[name]
    return PackedValue(rows, member.path, name, dtype)


def read(rows, member, name):
    pieces = list(value_of(rows, member, name).pieces())
    return np.concatenate(pieces) if pieces else np.zeros(0)


@given(members(), st.sampled_from([1, 2, 3]), st.data())
def test_rows_when_packed_give_back_every_projection(given_members, threads, data):
    found, size = given_members
    rows = pack(data.draw(st.permutations(found)), whole(size), threads)
    inner = sorted(data.draw(st.lists(st.integers(0, size), min_size=threads - 1, max_size=threads - 1)))
    cuts = np.array([0, *inner, size], np.int64)
    rows.cut(cuts)

    assert rows.index.dtype == (np.uint16 if np.diff(cuts).max() <= 1 << 16 else np.uint32)
    assert rows.n_syn == sum(m.connectivity.n_syn for m in found)
    for member in found:
        wiring = member.connectivity
        assert np.array_equal(read(rows, member, "post_ranks"), wiring.ranks)
        steps = np.broadcast_to(wiring.delay_steps, wiring.ranks.shape)
        assert np.array_equal(read(rows, member, "delay_steps"), steps)
        if rows.weight is not None:
            assert np.array_equal(read(rows, member, "w"), member.weights)
        assert rows.place(member.path) == (member.first, member.first + wiring.n_post)


def test_rows_out_of_order_leave_no_place_unfilled():
    """What the places held before was taken for synapses."""
    wiring = Connectivity("pre", 1, 4, np.array([0, 3]), np.arange(3, dtype=np.uint32), np.array([2, 1, 2], np.uint16))

    with pytest.raises(BrokenNetwork, match="row 0 of projections/a is not in the order of its delays and ranks"):
        pack([Member("projections/a", wiring, np.ones(3), 0)], whole(4), 1)


def test_members_that_share_a_target_or_leave_the_arena_are_refused_before_c_is_called():
    """C told them apart by their targets, wrote beyond the ends of its arrays and aborted."""

    def member(name, first):
        wiring, _ = canonical_from_lists([0, 1] * 30, [0, 9] * 30, 1, by="pre", n_pre=2, n_post=10)
        return Member(f"projections/{name}", wiring, np.ones(60), first)

    said = "b can't be packed: its places 4 to 13 of the arena are also those of projections/a\n  help: this is our bug"
    with pytest.raises(CompileError, match=said):
        pack([member("b", 4), member("a", 0)], whole(32), 2)
    with pytest.raises(CompileError, match="its places 0 to 9 of the arena are also those of projections/"):
        pack([member("a", 0), member("b", 0)], whole(32), 2)
    with pytest.raises(CompileError, match="its places 23 to 32 of the arena are also those of another array"):
        pack([member("a", 0), member("b", 23)], whole(32), 2)
    assert pack([member("a", 0), member("b", 10), member("c", 22)], whole(32), 2).n_syn == 180


@given(members(), st.sampled_from([1, 2]))
def test_rows_are_sorted_by_slice_delay_and_target(given_members, threads):
    found, size = given_members
    cuts = np.array([0, size // 3, size // 2, size], np.int64)
    rows = pack(found, cuts, threads)
    again = pack(found, whole(size), threads)
    again.cut(cuts)
    assert np.array_equal(rows.index, again.index)
    assert np.array_equal(rows.offsets, again.offsets)

    for row, offsets in enumerate(rows.offsets.astype(np.int64)):
        inside = rows.index[rows.start[row] : rows.start[row + 1]]
        assert offsets[0] == 0
        assert offsets[-1] == len(inside)
        for d in range(len(rows.delays)):
            for s in range(3):
                at = s * len(rows.delays) + d
                mine = inside[offsets[at] : offsets[at + 1]].astype(np.int64)
                assert (np.diff(mine) >= 0).all()
                assert ((mine >= 0) & (mine < cuts[s + 1] - cuts[s])).all()


@given(members())
def test_weights_when_written_are_those_of_one_projection_only(given_members):
    found, size = given_members
    rows = pack(found, whole(size), 1)
    if rows.weight is None:
        return
    written = found[-1]
    for piece in value_of(rows, written, "w").targets():
        piece[...] = np.arange(len(piece)) + 7
    for member in found:
        expected = member.weights if member is not written else np.arange(member.connectivity.n_syn) + 7
        assert np.array_equal(read(rows, member, "w"), expected.astype(member.weights.dtype))


def test_ranks_and_delays_when_written_stay_what_they_are():
    wiring, _ = canonical_from_lists([0, 0, 1], [2, 1, 0], [1, 3, 2], by="pre", n_pre=2, n_post=3)
    member = Member("projections/p", wiring, np.array(1.0), 5)
    rows = pack([member], whole(8), 1)
    for name in ("post_ranks", "delay_steps"):
        for piece in value_of(rows, member, name).targets():
            piece[...] = 0
    assert read(rows, member, "post_ranks").tolist() == [2, 1, 0]
    assert read(rows, member, "delay_steps").tolist() == [1, 3, 2]


def test_rows_longer_than_65535_have_longer_offsets():
    n = 70_000
    wiring, _ = canonical_from_lists(np.zeros(n, int), np.arange(n), 1, by="pre", n_pre=2, n_post=n)
    rows = pack([Member("projections/p", wiring, np.arange(n) * 0.5, 0)], whole(n), 2)

    assert rows.offsets.dtype == np.uint32
    assert rows.index.dtype == np.uint32
    assert np.array_equal(read(rows, Member("projections/p", wiring, np.zeros(n), 0), "w"), np.arange(n) * 0.5)


@pytest.mark.parametrize("failing", range(3))
def test_rows_whose_cut_fails_are_as_they_were(failing, monkeypatch):
    n = 200
    pre, post = np.divmod(np.arange(3 * n), n)
    wiring, _ = canonical_from_lists(pre, post, 1 + post % 3, by="pre", n_pre=3, n_post=n)
    member = Member("projections/p", wiring, np.arange(3 * n) * 0.5, 70_000)
    rows = pack([member], whole(70_000 + n), 2)  # an index of 32 bits
    calls = []

    def aligned(shape, dtype, allocate=packed.aligned):
        calls.append(shape)
        if len(calls) == failing + 1:
            raise MemoryError
        return allocate(shape, dtype)

    monkeypatch.setattr(packed, "aligned", aligned)
    with pytest.raises(MemoryError):
        rows.cut(np.array([0, 35_000, 70_100, 70_000 + n]))
    monkeypatch.undo()

    for _ in range(2):
        assert np.array_equal(read(rows, member, "w"), member.weights)
        assert np.array_equal(read(rows, member, "post_ranks"), wiring.ranks)
        rows.cut(np.array([0, 35_000, 70_100, 70_000 + n]))
    assert rows.index.dtype == np.uint16


@given(members(), st.sampled_from([1, 5]))
def test_rows_with_tables_too_large_to_keep_give_back_every_projection(given_members, rows_at_a_time):
    found, size = given_members
    rows = pack(found, np.array([0, size // 2, size]), 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed, "TABLE_BYTES", 8 * rows_at_a_time)
        for member in found:
            assert np.array_equal(read(rows, member, "post_ranks"), member.connectivity.ranks)
            if rows.weight is not None:
                for piece in value_of(rows, member, "w").targets():
                    piece += 1.0
                assert np.array_equal(read(rows, member, "w"), np.ones(len(member.weights)))


def test_nothing_is_kept_of_where_synapses_are_once_they_were_read():
    wiring, _ = canonical_from_lists([0, 0, 1], [2, 1, 0], [1, 3, 2], by="pre", n_pre=2, n_post=3)
    member = Member("projections/p", wiring, np.array([1.0, 2.0, 3.0]), 5)
    rows = pack([member], whole(8), 1)
    read(rows, member, "w")

    assert len(rows._founds) == 0


@given(members(), st.integers(0, 2**32))
def test_elements_are_read_and_set_by_their_positions(given_members, seed):
    found, size = given_members
    rows, random = pack(found, whole(size), 1), np.random.default_rng(seed)
    for member in found:
        n = member.connectivity.n_syn
        some = random.permutation(n)[: n // 2]
        ranks = value_of(rows, member, "post_ranks").gather(some)
        assert ranks.tolist() == member.connectivity.ranks[some].tolist()
        if member.weights.shape:
            expected = member.weights.copy()
            expected[some] = np.arange(len(some)) + 0.5
            value_of(rows, member, "w").scatter(some, np.arange(len(some)) + 0.5)
            assert read(rows, member, "w").tolist() == expected.tolist()
            assert value_of(rows, member, "w").gather(some).tolist() == expected[some].tolist()


@given(members(), st.sampled_from([1, 3]))
def test_synapses_of_rows_to_a_column_are_found_where_they_stand(given_members, pieces):
    found, size = given_members
    rows = pack(found, np.linspace(0, size, pieces + 1).astype(np.int64), 1)
    for member in found:
        wiring = member.connectivity
        for column in range(wiring.n_post):
            expected = np.flatnonzero(wiring.ranks == column)
            assert rows.search(member.path, 0, wiring.n_pre, column).tolist() == expected.tolist()
            last = expected[expected >= wiring.row_start[-2]]
            assert rows.search(member.path, wiring.n_pre - 1, wiring.n_pre, column).tolist() == last.tolist()


def test_positions_beyond_the_synapses_are_refused():
    wiring, _ = canonical_from_lists([0, 0, 1], [2, 1, 0], [1, 3, 2], by="pre", n_pre=2, n_post=3)
    member = Member("projections/p", wiring, np.array([1.0, 2.0, 3.0]), 5)
    value = value_of(pack([member], whole(8), 1), member, "w")
    for positions in ([3], [-1]):
        with pytest.raises(IndexError, match="projections/p has 3 synapses"):
            value.gather(np.array(positions))
        with pytest.raises(IndexError, match="projections/p has 3 synapses"):
            value.scatter(np.array(positions), np.zeros(1))

    assert value.copy().tolist() == [1.0, 2.0, 3.0]
    assert value.gather(np.zeros(0, np.int64)).tolist() == []
