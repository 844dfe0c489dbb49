"""Who is connected to whom, and how late: the canonical form that the tree, files and kernels share.

In: arrays of a connector, a list of synapses or a file. Out: :class:`Connectivity`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument

__all__ = ["MAX_DELAY_STEPS", "Connectivity", "Side"]

Array = npt.NDArray[Any]
Side = Literal["pre", "post"]

MAX_DELAY_STEPS = 65535  # uint16


@dataclass(frozen=True, eq=False)
class Connectivity:
    """The synapses of one projection, row by row.

    Args:
        by: whose rows: ``"pre"`` (spiking; a row is sorted by delay, then post rank) or ``"post"`` (rate-coded; a row
            is sorted by pre rank). Ties keep the order in which they were drawn.
        n_pre: size of the pre population.
        n_post: size of the post population.
        row_start: (n_rows + 1,) int64, where each row begins in the arrays below.
        ranks: (n_syn,) uint32, the other side.
        delay_steps: uint16, 1 to 65535: shape () if uniform, else (n_syn,).

    Raises:
        InvalidArgument: if dtypes or shapes do not fit together; :meth:`check` looks at every element.
    """

    by: Side
    n_pre: int
    n_post: int
    row_start: Array
    ranks: Array
    delay_steps: Array

    def __post_init__(self) -> None:
        wanted = (
            ("row_start", self.row_start, np.int64, ((self.n_rows + 1,),)),
            ("ranks", self.ranks, np.uint32, ((self.n_syn,),)),
            ("delay_steps", self.delay_steps, np.uint16, ((), (self.n_syn,))),
        )
        for name, array, dtype, shapes in wanted:
            if array.dtype != dtype or array.shape not in shapes or not array.flags.c_contiguous:
                allowed = " or ".join(str(shape) for shape in shapes)
                raise InvalidArgument(
                    f"connectivity: {name} must be {np.dtype(dtype)} of shape {allowed} in C order, "
                    f"not {array.dtype} of shape {array.shape}"
                )
        if self.row_start[0] != 0 or self.row_start[-1] != self.n_syn:
            raise InvalidArgument(
                f"connectivity: row_start must lead from 0 to n_syn = {self.n_syn}, "
                f"not from {self.row_start[0]} to {self.row_start[-1]}"
            )

    @property
    def n_syn(self) -> int:
        """Number of synapses."""
        return len(self.ranks)

    @property
    def n_rows(self) -> int:
        """Number of rows: the size of the side that rows belong to."""
        return self.n_pre if self.by == "pre" else self.n_post

    @property
    def n_columns(self) -> int:
        """Size of the other side; every rank is below it."""
        return self.n_post if self.by == "pre" else self.n_pre

    @property
    def is_uniform(self) -> bool:
        """Whether all synapses have one delay."""
        return self.delay_steps.shape == ()

    def rows(self) -> Array:
        """Return the row of each synapse, (n_syn,) uint32, new."""
        return np.repeat(np.arange(self.n_rows, dtype=np.uint32), np.diff(self.row_start))

    def pre_of_synapses(self) -> Array:
        """Return the pre rank of each synapse, (n_syn,) uint32; a view of ``ranks`` where rows are by post."""
        return self.rows() if self.by == "pre" else self.ranks

    def post_of_synapses(self) -> Array:
        """Return the post rank of each synapse, (n_syn,) uint32; a view of ``ranks`` where rows are by pre."""
        return self.ranks if self.by == "pre" else self.rows()

    def search(self, low: int, high: int, column: int) -> Array:
        """Return the positions of the synapses that rows have to one column, (n,) int64, ascending.

        Args:
            low, high: the first row and the last one + 1.
            column: a rank of the other side.
        """
        begin, end = self.row_start[low], self.row_start[high]
        return np.asarray(np.flatnonzero(self.ranks[begin:end] == column) + begin)

    def check(self) -> None:
        """Look at every element.

        Raises:
            InvalidArgument: if a row ends before it begins, a rank or delay is out of range, or a row is not sorted.
        """
        if np.any(self.row_start[1:] < self.row_start[:-1]):
            row = int(np.argmax(self.row_start[1:] < self.row_start[:-1]))
            raise InvalidArgument(f"connectivity: row_start decreases after row {row}")
        if self.n_syn and int(self.ranks.max()) >= self.n_columns:
            raise InvalidArgument(f"connectivity: rank {self.ranks.max()} is not below {self.n_columns}")
        if self.delay_steps.size and int(self.delay_steps.min()) == 0:
            raise InvalidArgument("connectivity: a delay of 0 steps")
        descends = self.ranks[1:] < self.ranks[:-1]
        if self.by == "pre" and not self.is_uniform:
            later = self.delay_steps[1:] < self.delay_steps[:-1]
            descends = later | (descends & (self.delay_steps[1:] == self.delay_steps[:-1]))
        inner = self.row_start[(self.row_start > 0) & (self.row_start < self.n_syn)]
        descends[inner - 1] = False  # from one row to the next
        if np.any(descends):
            at = int(np.argmax(descends)) + 1
            row = int(np.searchsorted(self.row_start, at, side="right")) - 1
            raise InvalidArgument(f"connectivity: row {row} is not sorted at synapse {at}")
