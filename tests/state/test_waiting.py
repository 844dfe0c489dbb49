"""A tree in which something waits does it first, whatever is asked of it and by whom."""

from __future__ import annotations

import copy
import inspect
import threading

import numpy as np
import pytest

from engram.state import names
from engram.state.slots import Role, Slot
from engram.state.tree import State
from engram.state.waiting import let_wait
from tests.cases import each

PATH = "projections/p/w"


def tree():
    state = State()
    state.add([Slot("projections/p", "w", (3,), np.dtype(np.float64), Role.STATE)])
    state.add([Slot(names.NETWORK, names.STEP, (), np.dtype(np.int64), Role.STATE)])
    return state


def waiting(settles=None):
    """A tree in which a value waits to become 1, and how often that was tried."""
    state, lock, tried = tree(), threading.RLock(), []

    def settle(done):
        tried.append(threading.get_ident())
        (settles or (lambda: state.write(PATH, 1.0)))()
        done()
        return False

    with lock:
        let_wait(state, settle, lock)
    return state, lock, tried


MEMBERS = sorted({name for name in dir(State) if not name.startswith("__")} | vars(tree()).keys())


@each("name", MEMBERS)
def test_any_member_of_the_tree_does_first_what_waits(name):
    state, _, tried = waiting()

    getattr(state, name)

    assert len(tried) == 1
    assert type(state) is State
    assert state[PATH].tolist() == [1.0] * 3
    assert len(tried) == 1


def test_operators_copies_and_assignments_do_it_too():
    for use in (
        lambda state: state[PATH],
        lambda state: PATH in state,
        lambda state: copy.deepcopy(state),
        lambda state: vars(state),
        lambda state: setattr(state, "broken", ""),
        lambda state: inspect.getmembers(state, inspect.ismethod),
    ):
        state, _, tried = waiting()
        use(state)
        assert len(tried) == 1


def test_what_fails_waits_on_until_it_is_done_unless_it_broke_the_tree():
    def settle():
        if len(tried) < 3:
            raise MemoryError("no more")
        state.write(PATH, 2.0)

    state, _, tried = waiting(settle)
    for _ in range(2):
        with pytest.raises(MemoryError, match="no more"):
            state.slot(PATH)
    assert state[PATH].tolist() == [2.0] * 3

    def spoil():
        state.broken = "half way"
        raise MemoryError("no more")

    state, _, tried = waiting(spoil)
    with pytest.raises(MemoryError, match="no more"):
        state.slot(PATH)
    assert state.broken == "half way"
    assert len(tried) == 1


def test_interrupt_meanwhile_is_raised_when_all_is_done():
    state, lock, tried = tree(), threading.RLock(), []

    def settle(done):
        tried.append(1)
        state.write(PATH, 1.0)
        done()
        return True

    let_wait(state, settle, lock)
    with pytest.raises(KeyboardInterrupt):
        state.slot(PATH)
    assert state[PATH].tolist() == [1.0] * 3
    assert len(tried) == 1


def test_other_threads_wait_until_it_is_done():
    begun, go_on, seen = threading.Event(), threading.Event(), []

    def settle():
        begun.set()
        assert go_on.wait(10.0)
        state.write(PATH, 1.0)

    state, _, tried = waiting(settle)
    threads = [threading.Thread(target=lambda: seen.append(state[PATH].tolist())) for _ in range(3)]
    threads[0].start()
    assert begun.wait(10.0)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(10.0)

    assert seen == [[1.0] * 3] * 3
    assert len(tried) == 1
