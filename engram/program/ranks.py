"""Sizes of populations and ranks of neurons, as users and blueprints give them, checked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import whole_number
from engram.errors import InvalidArgument
from engram.program.neurons import Neurons
from engram.telling import told

__all__ = [
    "checked_geometry",
    "checked_positions",
    "checked_rank",
    "checked_ranks",
    "coordinates_at",
    "positions_of",
    "rank_at",
    "ranks_at",
]

Array = npt.NDArray[Any]


def checked_geometry(geometry: Any) -> tuple[int, ...]:
    """Return a geometry as a tuple.

    Raises:
        InvalidArgument: if it is no size, or too large.
    """
    is_several = isinstance(geometry, tuple | list) or (isinstance(geometry, np.ndarray) and geometry.ndim == 1)
    given = geometry if is_several else (geometry,)
    sizes = tuple(n for n in map(whole_number, given) if n is not None and n >= 1)
    if not len(given) or len(sizes) < len(given):
        what = "geometry must be a whole number or a tuple of them, 1 or more each"
        raise InvalidArgument(
            f"{what}, not {told(geometry)}\n  help: net.create(100, neuron), or net.create((8, 10), neuron)"
        )
    if int(np.prod(sizes, dtype=np.float64)) >= 2**32:
        what = f"a population has at most 2^32 - 1 neurons, geometry {told(geometry)} has more"
        raise InvalidArgument(f"{what}\n  help: create several, and connect each.")
    return sizes


def checked_ranks(population: Neurons, ranks: Any) -> Array:
    """Return ranks of some neurons, (n,) int64; see :func:`checked_positions`."""
    return checked_positions(population.size, ranks, f"population {population.name!r}")


def checked_positions(size: int, ranks: Any, what: str) -> Array:
    """Return the positions of some neurons among ``size``, (n,) int64.

    Raises:
        InvalidArgument: if one is repeated or out of range.
    """
    advice = "\n  help: pop[3], pop[[0, 1, 2]], pop[0:10], or a mask such as pop[np.asarray(pop.v) > 0.0]."
    if isinstance(ranks, str):
        advice = f"\n  help: attributes are read as pop.{ranks}, or pop.get({ranks!r})."
    no_ranks = InvalidArgument(f"ranks of {what} must be whole numbers, not {told(ranks)}{advice}")
    try:
        chosen = np.asarray(ranks)
    except ValueError:  # lists of different lengths
        raise no_ranks from None
    if chosen.ndim != 1 or (chosen.size and chosen.dtype.kind not in "iu"):
        raise no_ranks
    chosen = chosen.astype(np.int64)
    if chosen.size and not (chosen.min() >= 0 and chosen.max() < size):
        raise InvalidArgument(
            f"{what} has ranks 0 to {size - 1}, not {told(ranks)}"
            "\n  help: neurons are counted from 0: pop[0] is the first."
        )
    ascending = np.sort(chosen)  # np.unique would load numpy.ma, which takes long; np.bincount may need much memory
    if (ascending[1:] == ascending[:-1]).any():
        twice = int(ascending[1:][ascending[1:] == ascending[:-1]][0])
        raise InvalidArgument(f"rank {twice} of {what} occurs twice in {told(ranks)}\n  help: name each neuron once.")
    return chosen


def positions_of(size: int, key: Any, what: str) -> Array:
    """Return the positions that a slice, a mask, a list of ranks, or one rank of ``size`` neurons means, (n,) int64.

    Raises:
        InvalidArgument: if it means none.
    """
    if isinstance(key, slice):
        try:
            return np.arange(size)[key]
        except (TypeError, ValueError):  # of what is no number, or a step of 0
            text = f"a slice has whole numbers, and a step other than 0, not {told(key)}"
            raise InvalidArgument(f"{what}: {text}\n  help: pop[0:10], or pop[::2].") from None
    if isinstance(key, int | np.integer) and not isinstance(key, bool):
        key = [int(key) + size if key < 0 else int(key)]
    elif _is_mask(key):
        mask = np.asarray(key)
        if mask.size != size:
            advice = "a mask has one for each neuron, True or False; ranks are given as numbers, pop[[0, 1]]."
            raise InvalidArgument(f"{what} has {size} neurons, the mask {mask.size}\n  help: {advice}")
        key = np.flatnonzero(mask)
    return checked_positions(size, key, what)


def _is_mask(key: Any) -> bool:
    try:
        return bool(np.asarray(key).dtype == np.bool_)
    except ValueError:  # lists of different lengths
        return False


def ranks_at(geometry: tuple[int, ...], key: tuple[Any, ...], what: str) -> Array:
    """Return the ranks at some coordinates, as NumPy would index the geometry; of shape () for one neuron.

    Raises:
        InvalidArgument: if they are out of range.
    """
    try:
        if len(key) == len(geometry) and all(type(k) is int for k in key):  # without an array of all ranks
            inside = [k + n if k < 0 else k for k, n in zip(key, geometry, strict=True)]
            return np.asarray(np.ravel_multi_index(inside, geometry))
        return np.asarray(np.arange(math.prod(geometry)).reshape(geometry)[key])
    except (IndexError, TypeError, ValueError):
        raise InvalidArgument(f"{what} has no neurons at {told(key)}\n  help: {_places(geometry)}") from None


def coordinates_at(geometry: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Return the coordinates of a rank that is in range."""
    return tuple(int(k) for k in np.unravel_index(rank, geometry))


def rank_at(geometry: tuple[int, ...], coordinates: Any, what: str) -> int:
    """Return the rank of a neuron.

    Args:
        geometry: of the population or view.
        coordinates: whole numbers from 0 on, as many as there are sizes; of one dimension also a number.
        what: for messages: ``population 'exc'``.

    Raises:
        InvalidArgument: if there is no such neuron.
    """
    given = coordinates if isinstance(coordinates, tuple | list) else (coordinates,)
    if len(given) == len(geometry) and all(_is_below(k, n) for k, n in zip(given, geometry, strict=True)):
        return int(np.ravel_multi_index([int(k) for k in given], geometry))
    raise InvalidArgument(f"{what} has no neuron at {told(coordinates)}\n  help: {_places(geometry)}")


def _places(geometry: tuple[int, ...]) -> str:
    """Say which coordinates there are."""
    last = tuple(n - 1 for n in geometry)
    ends = f"{0 if len(geometry) == 1 else (0,) * len(geometry)} to {last[0] if len(geometry) == 1 else last}"
    return f"its geometry is {geometry}: coordinates are {ends}."


def checked_rank(size: int, rank: Any, what: str) -> int:
    """Return a rank as a plain number.

    Raises:
        InvalidArgument: if it is none.
    """
    if not _is_below(rank, size):
        raise InvalidArgument(
            f"{what}: expected a rank from 0 to {size - 1}, got {told(rank)}\n  help: neurons are counted from 0."
        )
    return int(rank)


def _is_below(value: Any, end: int) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(0 <= value < end)
