import numpy as np

from engram.program import kept_columns
from engram.program.kept_columns import KeptColumns
from engram.wiring.columns import Columns


class Owner:
    pass


def columns(n):
    return Columns(np.zeros(0, np.int64), np.zeros(n, np.uint32))


def kept_of(kept, owner, n):
    return kept.of(owner, 4 * n, lambda: columns(n))


def test_the_oldest_go_where_there_is_no_room(monkeypatch):
    monkeypatch.setattr(kept_columns, "MOST_BYTES", 100)
    kept, owners = KeptColumns(), [Owner() for _ in range(4)]
    first = [kept_of(kept, owner, 8) for owner in owners[:3]]
    assert kept_of(kept, owners[0], 8) is first[0]

    kept_of(kept, owners[3], 15)

    assert [kept.known(owner) for owner in owners[:3]] == [None, None, first[2]]
    assert kept.nbytes == 32 + 60


def test_what_is_too_large_is_not_kept_and_nothing_goes_for_it(monkeypatch):
    monkeypatch.setattr(kept_columns, "MOST_BYTES", 100)
    kept, owner = KeptColumns(), Owner()
    kept_of(kept, owner, 8)

    assert kept_of(kept, Owner(), 26) is None
    assert kept.nbytes == 32


def test_columns_go_with_what_asked_for_them():
    kept, owner = KeptColumns(), Owner()
    kept_of(kept, owner, 8)

    del owner

    assert kept.nbytes == 0
