"""Values that a model does not allow, refused before anything has changed."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from engram.program.component import Component
from engram.state.limits import first_misfit, refusal

__all__ = ["check_limit"]

Array = npt.NDArray[Any]


def check_limit(component: Component, name: str, values: Array, ranks: Array | None = None) -> None:
    """Refuse values that the model does not allow.

    Args:
        component: that has the attribute.
        name: of the attribute, or of a constant.
        values: that it is to have.
        ranks: of the elements that they are for, of all by default.

    Raises:
        InvalidArgument: naming the first of them.
    """
    limit = component.spec.limit(name)
    found = None if limit is None else first_misfit(limit, values)
    if limit is not None and found is not None:
        position, value = found
        if ranks is not None and ranks.size:
            position = int(ranks.reshape(-1)[position])
        element = f", {component.element(name, position)}" if ranks is not None or values.shape else ""
        what = f"{component.kind} {component.name!r}{element}"
        raise refusal(component.spec.name or component.spec.kind, limit, value, what)
