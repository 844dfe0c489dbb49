"""Values whose next pieces are made while others are written: making, hashing and writing go on side by side.

In: leaves. Out: the same leaves in the same order.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from engram.state.residence import Array, Made
from engram.state.tree import Leaf
from engram.storage.workers import Workers

__all__ = ["made_meanwhile"]

MAKERS = 2  # threads
WAITING = 5  # pieces of 2 MiB


@contextmanager
def made_meanwhile(leaves: Sequence[Leaf]) -> Iterator[Iterator[Leaf]]:
    """Give leaves, each to be gone through once and before the next; threads make the pieces of those that are made.

    An error of making is raised where the piece would have come.
    """
    parts = _parts([leaf.pieces for leaf in leaves if isinstance(leaf.pieces, Made)])
    coming: deque[Future[Array] | None] = deque()

    def pieces() -> Iterator[Array]:
        while True:
            for part in itertools.islice(parts, WAITING + 1 - len(coming)):
                coming.append(pool.submit(part) if part else None)
            piece = coming.popleft()
            if piece is None:
                return
            yield piece.result()

    with Workers(MAKERS, "engram-make") as pool:
        yield (Leaf(leaf.slot, pieces()) if isinstance(leaf.pieces, Made) else leaf for leaf in leaves)


def _parts(values: Sequence[Made]) -> Iterator[Callable[[], Array] | None]:
    """Give the functions that make the pieces, and None behind the last one of each value."""
    for value in values:
        yield from value.parts()
        yield None
