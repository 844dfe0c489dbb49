"""Pieces that are made while others are written."""

import numpy as np
import pytest

from engram.state.residence import Made
from engram.state.slots import Role, Slot
from engram.state.tree import Leaf
from engram.storage.zip.meanwhile import WAITING, made_meanwhile


class Counted:
    """Makes pieces one by one, and counts them."""

    def __init__(self, arrays, error=None):
        self.arrays, self.error, self.count = arrays, error, 0

    def parts(self):
        for array in self.arrays:
            yield lambda array=array: self.make(array)
        if self.error:
            yield lambda: self.make(self.error)

    def make(self, piece):
        self.count += 1
        if isinstance(piece, Exception):
            raise piece
        return piece


def made(arrays, error=None):
    return Made(Counted(arrays, error).parts)


def leaf(name, pieces):
    return Leaf(Slot.at(f"projections/a/{name}", (0,), np.dtype("f8"), Role.STATE), pieces)


def some(n, start=0.0):
    return [np.full(3, start + k) for k in range(n)]


def test_leaves_and_pieces_come_in_order_made_or_not():
    leaves = [
        leaf("a", made(some(7))),
        leaf("b", tuple(some(2, 20))),
        leaf("c", made([])),
        leaf("d", made(some(1, 30))),
    ]
    with made_meanwhile(leaves) as ready:
        found = [(each.slot.name, [piece[0] for piece in each.pieces]) for each in ready]

    assert found == [("a", [0, 1, 2, 3, 4, 5, 6]), ("b", [20, 21]), ("c", []), ("d", [30])]


def test_only_a_few_pieces_are_made_before_they_are_wanted():
    counted = Counted(some(100))
    with made_meanwhile([leaf("a", Made(counted.parts))]) as ready:
        pieces = iter(next(ready).pieces)
        for _ in range(10):
            next(pieces)

    assert 10 <= counted.count <= 10 + WAITING


def test_error_of_making_is_raised_where_the_piece_would_have_come():
    leaves = [leaf("a", made(some(2), error=MemoryError("no room")))]
    with made_meanwhile(leaves) as ready:
        pieces = iter(next(ready).pieces)
        assert [next(pieces)[0], next(pieces)[0]] == [0, 1]
        with pytest.raises(MemoryError, match="no room"):
            next(pieces)
