"""Leaves whose pieces are made ahead of whoever writes them, so that making, hashing and writing go on side by side.

In: leaves. Out: the same leaves in the same order. Called by ``zip_write``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TypeAlias

from engram.state.tree import Array, Leaf
from engram.storage.workers import Workers

__all__ = ["made_ahead"]

AHEAD = 4  # pieces of 2 MiB

Piece: TypeAlias = Array | None  # None behind the last piece of a value


@contextmanager
def made_ahead(leaves: Sequence[Leaf]) -> Iterator[Iterator[Leaf]]:
    """Give leaves, each to be gone through once and before the next; a thread makes the pieces of those that are made.

    An error of making is raised where the piece would have come.
    """
    making = _pieces([leaf for leaf in leaves if leaf.is_made])
    coming: deque[Future[Piece]] = deque()

    def pieces() -> Iterator[Array]:
        while True:
            while len(coming) <= AHEAD:
                coming.append(pool.submit(next, making, None))
            piece = coming.popleft().result()
            if piece is None:
                return
            yield piece

    with Workers(1, "engram-make") as pool:
        yield (Leaf(leaf.slot, pieces()) if leaf.is_made else leaf for leaf in leaves)


def _pieces(leaves: Sequence[Leaf]) -> Iterator[Piece]:
    for leaf in leaves:
        yield from leaf.pieces
        yield None
