"""Leaves whose pieces are made ahead of whoever writes them, so that making, hashing and writing go on side by side.

In: leaves. Out: the same leaves in the same order. Called by ``zip_write``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias

from engram.state.tree import Array, Leaf

__all__ = ["made_ahead"]

AHEAD = 4  # pieces of a few MB

Piece: TypeAlias = Array | None  # None behind the last piece of a value


@contextmanager
def made_ahead(leaves: Sequence[Leaf]) -> Iterator[Iterator[Leaf]]:
    """Give leaves, each to be gone through once and before the next; a thread makes the pieces of those that are made.

    An error of making is raised where the piece would have come.
    """
    making = _pieces([leaf for leaf in leaves if leaf.is_made])
    coming: deque[Future[Piece]] = deque()
    pool = ThreadPoolExecutor(1, thread_name_prefix="engram-make")

    def pieces() -> Iterator[Array]:
        while True:
            while len(coming) <= AHEAD:
                coming.append(pool.submit(next, making, None))
            piece = coming.popleft().result()
            if piece is None:
                return
            yield piece

    try:
        yield (Leaf(leaf.slot, pieces()) if leaf.is_made else leaf for leaf in leaves)
    finally:
        pool.shutdown(cancel_futures=True)


def _pieces(leaves: Sequence[Leaf]) -> Iterator[Piece]:
    for leaf in leaves:
        yield from leaf.pieces
        yield None
