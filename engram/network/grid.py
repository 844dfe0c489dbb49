"""The shape of a population: its sizes, and where in it each neuron stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.network.giving_way import Action, Fact
from engram.program.neurons import Neurons
from engram.program.ranks import checked_rank, coordinates_at, rank_at
from engram.program.readings import COPY, ReadArray
from engram.program.values import as_number

__all__ = ["Grid"]

Array = npt.NDArray[Any]


@checked_calls
class Grid:
    """Sizes and coordinates, for a population."""

    _core: Neurons

    @property
    def geometry(self) -> tuple[int, ...]:
        """The shape of local attributes."""
        return self._core.geometry

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self._core.size

    @property
    def ranks(self) -> Array:
        """The ranks of the neurons, (size,) int32."""
        advice = f"{COPY[:-1]}; pop[[3, 1]] is a view of some neurons, in that order."
        return ReadArray(np.arange(self.size, dtype=np.int32), f"ranks of {self._what} can only be read", advice)

    @Fact
    def dimension(self) -> int:
        """Number of dimensions of the geometry."""
        return len(self.geometry)

    @Fact
    def width(self) -> int:
        """The first size of the geometry."""
        return self.geometry[0]

    @Fact
    def height(self) -> int:
        """The second size of the geometry; 1 if there is none."""
        return self.geometry[1] if len(self.geometry) > 1 else 1

    @Fact
    def depth(self) -> int:
        """The third size of the geometry; 1 if there is none."""
        return self.geometry[2] if len(self.geometry) > 2 else 1

    @Action
    def rank_from_coordinates(self, coord: Any) -> int:
        """Return the rank of a neuron from its coordinates, a tuple.

        Raises:
            InvalidArgument: if there is no such neuron.
        """
        return rank_at(self.geometry, coord, self._what)

    @Action
    def coordinates_from_rank(self, rank: int) -> tuple[int, ...]:
        """Return the coordinates of a neuron.

        Raises:
            InvalidArgument: if there is no such rank.
        """
        return self._at(rank)

    @Action
    def normalized_coordinates_from_rank(self, rank: int, norm: float = 1.0) -> tuple[float, ...]:
        """Return the coordinates of a neuron, each scaled so that they go from 0 to ``norm``; 0 where there is one.

        Raises:
            InvalidArgument: if there is no such rank.
        """
        highest = float(as_number(norm, np.dtype(np.float64), "norm"))
        at = zip(self._at(rank), self.geometry, strict=True)
        return tuple(highest * k / (n - 1) if n > 1 else 0.0 for k, n in at)

    def _at(self, rank: Any) -> tuple[int, ...]:
        return coordinates_at(self.geometry, checked_rank(self.size, rank, self._what))

    @property
    def _what(self) -> str:
        return f"population {self._core.name!r}"
