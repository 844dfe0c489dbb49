"""Receptive fields side by side: what the synapses of all post neurons have, as one picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.program.synapses import Synapses

__all__ = ["mosaic"]

Array = npt.NDArray[Any]


def mosaic(synapses: Synapses, values: Array, in_post_geometry: bool, fill: float) -> Array:
    """Return a field of the pre population's geometry for each post neuron, (rows, columns).

    Args:
        synapses: of one or two dimensions on each side; one is a row.
        values: of all synapses in canonical order, or one for all; those of one pair are added up.
        in_post_geometry: as the post neurons stand; otherwise in a square, or nearly one, by rank.
        fill: where there is no synapse.

    Raises:
        InvalidArgument: if a population has more dimensions.
    """
    wiring = synapses.connectivity
    height, width = _plane(synapses.pre.geometry, f"{synapses.where}: pre")
    if in_post_geometry:
        _, columns = _plane(synapses.post.geometry, f"{synapses.where}: post")
    else:
        columns = max(1, math.isqrt(wiring.n_post))
    rows = -(-wiring.n_post // columns)
    cell_row, cell_column = np.divmod(wiring.post_of_synapses().astype(np.int64), columns)
    row, column = np.divmod(wiring.pre_of_synapses().astype(np.int64), width)
    pixel = (cell_row * height + row, cell_column * width + column)
    picture = np.full((rows * height, columns * width), fill)
    picture[pixel] = 0.0
    np.add.at(picture, pixel, values)
    return picture


def _plane(geometry: tuple[int, ...], what: str) -> tuple[int, int]:
    """Return rows and columns of neurons."""
    if len(geometry) > 2:
        advice = "proj.dendrite(post).receptive_field() is an array of any geometry."
        raise InvalidArgument(f"{what} has the geometry {geometry}, and a picture two dimensions\n  help: {advice}")
    rows, columns = (1, *geometry)[-2:]
    return rows, columns
