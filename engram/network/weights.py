"""Weights of many projections at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from engram.elsewhere.near import nearest
from engram.errors import InvalidArgument
from engram.program.assigning import assign_to_many
from engram.program.component import Component
from engram.program.program import Program
from engram.state import names

__all__ = ["set_weights"]


def set_weights(program: Program, weights: Any, present: Mapping[str, Callable[[], Any]]) -> None:
    """Set weights by names of projections; see :meth:`engram.Network.set_weights`.

    Args:
        present: returns the matrix of now, by names of projections.
    """
    program.needs_compile("set_weights()")
    if not isinstance(weights, Mapping):
        advice = "set_weights({'ee': matrix}); weights() returns such a dictionary."
        raise InvalidArgument(f"set_weights() takes a dictionary, got {type(weights).__name__}\n  help: {advice}")
    if not weights and program.projections:
        some = ", ".join([*program.projections][:20])
        advice = (
            f"name what is to be set, set_weights({{{next(iter(program.projections))!r}: matrix}}); there are: {some}."
        )
        raise InvalidArgument(f"set_weights({{}}) names nothing: nothing would be set\n  help: {advice}")
    assign_to_many(_checked(program, weights, present))


def _checked(
    program: Program, weights: Mapping[str, Any], present: Mapping[str, Callable[[], Any]]
) -> Iterator[tuple[Component, Mapping[str, Any]]]:
    """Give the weights that are others than those of now, by projection; refuses what are none."""
    for name, given in weights.items():
        projection = program.projections.get(name)
        if projection is None:
            near = nearest(str(name), program.projections)
            advice = f"did you mean {near!r}?" if near else f"there are: {', '.join([*program.projections][:20])}."
            raise InvalidArgument(f"set_weights(): there is no projection {name!r}; nothing was set\n  help: {advice}")
        got = _no_numbers(given) or ("" if _is_finite(given) else "some that are infinite or NaN")
        if got:
            what = f"set_weights(): weights of projection {name!r}: expected finite numbers, got {got}; nothing was set"
            raise InvalidArgument(
                f"{what}\n  help: give a matrix (post, pre), a list for each post neuron, or a number."
            )
        if not _is_same(given, present[name]):
            yield projection, {names.WEIGHT: given}


def _no_numbers(given: Any) -> str:
    """Return what is given in place of numbers, in words; nothing for numbers, and for what others know better."""
    if given is None or isinstance(given, str | complex):
        return repr(given)
    dtype = getattr(given, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind not in "iuf":
        known = {"b": "booleans", "c": "complex ones", "O": "an array of objects"}
        return known.get(dtype.kind, f"an array of {dtype.name}")
    return ""


def _is_finite(given: Any) -> bool:
    """Say whether numbers are finite; what is none is left to who sets it."""
    if isinstance(given, list | tuple) and any(isinstance(row, list | tuple | np.ndarray) for row in given):
        return all(map(_is_finite, given))
    values = given.data if hasattr(given, "tocsr") else given
    try:
        return bool(np.isfinite(values).all())
    except TypeError:  # a distribution
        return True


def _is_same(given: Any, present: Callable[[], Any]) -> bool:
    """Say whether a sparse matrix is that of now."""
    if not hasattr(given, "tocsr"):
        return False
    now = present()
    return bool(given.shape == now.shape and given.nnz == now.nnz and not (given.tocsr() != now).nnz)
