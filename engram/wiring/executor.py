"""Work on arrays of synapses: done in C by files of ``native/c``, or in NumPy without a C compiler.

In: the name of the work and its arguments. Out: nothing; the arrays that were given are filled. The bits do not
depend on who does it, nor on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.residence import aligned
from engram.wiring import native
from engram.wiring.pattern import Pattern

__all__ = ["WORTH_A_THREAD", "chunks_of", "is_native", "run", "scratch"]

Array = npt.NDArray[Any]

WORTH_A_THREAD = 1 << 16  # synapses; a thread's share of less takes shorter than waking it


def chunks_of(work: int, threads: int) -> int:
    """Return into how many pieces to cut ``work`` synapses (or neurons) for at most ``threads`` threads."""
    return max(1, min(threads, 1 + work // WORTH_A_THREAD))


def is_native() -> bool:
    """Whether it is done in C."""
    return native.library() is not None


def run(name: str, chunks: int, *arguments: native.Argument) -> None:
    """Do one kind of work: a key of ``without_c.WORK``, and ``eg_wiring_<name>`` in C, with its arguments."""
    library = native.library()
    if library is None:
        from engram.wiring import without_c  # only where it is needed: importing engram must be quick

        without_c.WORK[name](*arguments)
    else:
        native.run(library, name, chunks, *arguments)


def scratch(pattern: Pattern, longest: int, chunks: int) -> Array | None:
    """Return the zeroed memory that ``fill`` needs for cells of at most ``longest`` columns; None if none."""
    library = native.library()
    return None if library is None else aligned((chunks, native.scratch_words(library, pattern, longest)), np.uint64)
