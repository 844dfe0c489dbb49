"""Values that a model does not allow, refused before anything has changed."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from engram.program.part import Part
from engram.state.limits import first_misfit, refusal

__all__ = ["check_limit"]

Array = npt.NDArray[Any]


def check_limit(part: Part, name: str, values: Array, ranks: Array | None = None) -> None:
    """Refuse values that the model does not allow.

    Args:
        part: that has the attribute.
        name: of the attribute, or of a constant.
        values: that it is to have.
        ranks: of the elements that they are for, of all by default.

    Raises:
        InvalidArgument: naming the first of them.
    """
    limit = part.spec.limit(name)
    found = None if limit is None else first_misfit(limit, values)
    if limit is not None and found is not None:
        position, value = found
        if ranks is not None and ranks.size:
            position = int(ranks.reshape(-1)[position])
        element = f", {part.element(name, position)}" if ranks is not None or values.shape else ""
        what = f"{part.kind} {part.name!r}{element}"
        raise refusal(part.spec.name or part.spec.kind, limit, value, what)
