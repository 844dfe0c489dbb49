"""The tree: where values lie in memory, in what form they are saved, and how a file fills them."""

import numpy as np
import pytest

from engram.errors import EngramError
from engram.state.digest import digest_tree
from engram.state.slots import Layout, Role, Slot
from engram.state.tree import ARENA_STRIDE, Blocks, State, aligned
from tests.cases import each

F8, I8, U4 = np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.uint32)


def state_with(*slots, step=0):
    state = State()
    state.add([Slot.at("network/step", (), I8, Role.STATE), *slots])
    state.array("network/step")[...] = step
    return state


def value(state, path):
    pieces = state.leaf(path).pieces
    return np.concatenate([p.ravel() for p in pieces]).tolist() if pieces else []


def test_slots_of_one_name_share_an_arena_in_which_owners_start_at_a_stride():
    slots = [Slot.at(f"populations/p{k}/g_exc", (n,), F8, Role.STATE) for k, n in enumerate((1, 64, 65, 3))]
    state = state_with(*slots, Slot.at("populations/p0/v", (9,), F8, Role.STATE))
    first = state["populations/p0/g_exc"].ctypes.data
    starts = [(state[s.path].ctypes.data - first) // 8 for s in slots]

    assert starts == [0, 64, 128, 256]
    assert first % 64 == 0
    assert all(start % ARENA_STRIDE == 0 for start in starts)


@each("shape", [(), (1,), (3, 5)])
def test_aligned_is_zero_at_a_cache_line(shape):
    array = aligned(shape, np.float32)

    assert (array.shape, array.dtype, array.ctypes.data % 64) == (shape, np.float32, 0)
    assert not array.any()


def test_slot_when_it_exists_is_refused():
    state = state_with()

    with pytest.raises(EngramError, match="'network/step' exists already"):
        state.add([Slot.at("network/step", (), I8, Role.STATE)])
    with pytest.raises(EngramError, match="'populations/p/v' exists already"):
        state.add(Slot.at("populations/p/v", (3,), dtype, Role.STATE) for dtype in (I8, I8))


def test_slots_are_removed_only_where_some_were_there():
    state = state_with(Slot.at("populations/p/v", (3,), F8, Role.STATE))
    state.drop([])
    before = state.removed
    state.drop(["populations/p/v"])

    assert (before, state.removed) == (0, 1)


def test_scratch_is_never_saved():
    state = state_with(Slot.at("populations/p/found", (4,), U4, Role.SCRATCH))

    assert list(state.slots()) == ["network/step"]
    assert "populations/p/found" in state


def test_slot_knows_its_owner_and_name():
    slot = Slot.at("populations/p/history/rank", (3, 2), U4, Role.STATE)

    assert (slot.owner, slot.name, slot.size, slot.nbytes) == ("populations/p", "history/rank", 6, 24)
    assert Slot.at("network/step", (), I8, Role.STATE).owner == "network"


@each("step", [0, 1, 2, 3, 7])
def test_ring_is_saved_oldest_first_whatever_its_phase(step):
    state = state_with(Slot.at("populations/p/history/r", (3, 2), F8, Role.STATE, layout=Layout.RING), step=step)
    for past in range(step - 3, step):
        state.array("populations/p/history/r")[past % 3] = past

    assert value(state, "populations/p/history/r") == [float(s) for s in range(step - 3, step) for _ in "ab"]


def spiking(step, emitted, length=3, n=5):
    """A tree with spikes: ``emitted`` has the ranks of the last steps, oldest first."""
    count = Slot.at("populations/p/history/count", (length,), I8, Role.STATE, free_length=True, layout=Layout.RING)
    rank = Slot.at("populations/p/history/rank", (0,), U4, Role.STATE, free_length=True, layout=Layout.SPIKES)
    state = state_with(count, step=step)
    state.put(rank, aligned((length, n), np.uint32))
    for past, ranks in zip(range(step - length, step), emitted, strict=True):
        state.array("populations/p/history/count")[past % length] = len(ranks)
        state.array("populations/p/history/rank")[past % length, : len(ranks)] = ranks
    return state


def test_spikes_are_saved_as_what_was_emitted():
    emitted = [[4], [], [0, 3]]
    states = [spiking(step, emitted) for step in (3, 4, 5)]

    for state in states:
        assert value(state, "populations/p/history/rank") == [4, 0, 3]
        assert value(state, "populations/p/history/count") == [1, 0, 2]
        assert state.slot("populations/p/history/rank").shape == (3,)


@each("step", [3, 4, 8])
@each("length", [2, 3, 5])
def test_spikes_when_staged_and_committed_have_the_length_and_phase_of_the_file(step, length):
    emitted = [[k] for k in range(length)]
    source, target = spiking(step, emitted, length), spiking(1, [[], [], []])
    paths = ["populations/p/history/count", "populations/p/history/rank", "network/step"]
    leaves = [source.leaf(path) for path in paths]
    staged = target.stage({leaf.slot.path: leaf.slot for leaf in leaves}, step)
    for leaf in leaves:
        values, begin = np.concatenate([piece.ravel() for piece in leaf.pieces]), 0
        for piece in staged.pieces[leaf.slot.path]:
            piece.reshape(-1)[...] = values[begin : begin + piece.size]
            begin += piece.size
    target.commit(staged)

    assert digest_tree(target.leaves()) == digest_tree(source.leaves())
    for past in range(step - length, step):
        row = past % length
        assert target["populations/p/history/count"][row] == 1
        assert target["populations/p/history/rank"][row, 0] == past - (step - length)


def test_blocks_when_one_is_full_keep_their_order():
    blocks = Blocks((1 << 16,), F8)  # 512 KiB a row
    for row in range(5):
        if blocks.room == 0:
            blocks.grow()
        blocks.blocks[-1][blocks.used] = row
        blocks.used += 1

    assert (blocks.block_rows, len(blocks.blocks), blocks.rows) == (2, 3, 5)
    assert blocks.copy()[:, 7].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    blocks.clear()
    assert (blocks.rows, blocks.room, blocks.pieces(), blocks.copy().shape) == (0, 0, (), (0, 1 << 16))


def test_blocks_when_filled_go_on_in_a_new_one():
    blocks = Blocks((), I8)
    blocks.fill(np.arange(3))
    blocks.grow()[0] = 9
    blocks.used = 1

    assert blocks.copy().tolist() == [0, 1, 2, 9]


def test_blocks_when_closed_early_have_no_gap():
    blocks = Blocks((), I8)
    blocks.grow()[:2] = 5
    blocks.used = 2
    blocks.grow()[0] = 6
    blocks.used = 1

    assert blocks.copy().tolist() == [5, 5, 6]


def test_stage_changes_nothing_before_commit():
    state = state_with(Slot.at("projections/c/w", (3,), F8, Role.STATE, free_length=True, may_be_single=True))
    before = digest_tree(state.leaves())
    staged = state.stage({"projections/c/w": Slot.at("projections/c/w", (5,), F8, Role.STATE, free_length=True)}, 0)
    staged.pieces["projections/c/w"][0][...] = 7.0
    assert digest_tree(state.leaves()) == before
    state.commit(staged)

    assert state["projections/c/w"].tolist() == [7.0] * 5
    assert state.slot("projections/c/w").shape == (5,)


def test_digest_tells_type_shape_path_and_every_bit():
    def digest(array, path="populations/p/v"):
        state = state_with(Slot.at(path, array.shape, array.dtype, Role.STATE))
        state.array(path)[...] = array
        return digest_tree(state.leaves())

    zeros = np.zeros(4)
    arrays = [
        -zeros,
        zeros.reshape(2, 2),
        zeros.astype(np.float32),
        zeros.view(np.int64),
        np.zeros(5),
        np.full(4, 5e-324),
    ]
    others = [digest(zeros, "populations/p/u"), *map(digest, arrays)]

    assert digest(zeros) == digest(zeros.copy())
    assert len({digest(zeros), *others}) == 8
