"""The synapses of a projection in a file of ANNarchy, in the order of the tree.

In: dendrites as lists of pre ranks, delays in ms, values per synapse or dendrite. Out: :class:`FittedSynapses`, or
lines that say why they are not those of this projection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.program.synapses import Synapses
from engram.state import names
from engram.wiring.canonical import canonical_from_lists
from engram.wiring.connectivity import MAX_DELAY_STEPS

if TYPE_CHECKING:
    from engram.storage.annarchy.content import AnnarchyProjection

__all__ = ["FittedSynapses", "delays_in_ms", "synapses_of"]

Array = npt.NDArray[Any]

_NEAR = 1e-6  # of a step, relative to the delay: what rounding of decimal times leaves


@dataclass(frozen=True)
class FittedSynapses:
    """Synapses for the tree.

    Args:
        wiring: by the names of slots.
        values: by attribute: (), one per post neuron, or one per synapse.
        is_uniform: whether there is one delay.
        is_as_here: whether the network has these very synapses, in this order.
    """

    wiring: dict[str, Array]
    values: dict[str, Array]
    n_syn: int
    is_uniform: bool
    is_as_here: bool


def synapses_of(mine: Synapses, theirs: AnnarchyProjection) -> tuple[FittedSynapses | None, list[str]]:
    """Return the synapses of a file for a projection, or lines that say what differs."""
    lines = [*_differences(mine, theirs)]
    if lines:
        return None, lines
    post = np.repeat(theirs.post_ranks, np.diff(theirs.row_start))
    local = {name: array for name, array in theirs.values.items() if array.shape == theirs.pre_ranks.shape}
    steps = _uniform(_steps(mine, theirs))
    wiring, (order,) = canonical_from_lists(
        theirs.pre_ranks,
        post,
        steps,
        np.arange(len(post)),
        by=mine.by,
        n_pre=mine.pre.size,
        n_post=mine.post.size,
        threads=mine.program.threads,
    )
    arrays = {names.ROW_START: wiring.row_start, mine.ranks_name: wiring.ranks, names.DELAY_STEPS: wiring.delay_steps}
    values = {name: array[order] for name, array in local.items() if not _is_of_dendrites(mine, name)}
    others = {name: array for name, array in theirs.values.items() if name not in values}
    values |= {name: _per_neuron(mine, theirs, name, array) for name, array in others.items()}
    is_as_here = all(np.array_equal(mine.value(name), array) for name, array in arrays.items())
    return FittedSynapses(arrays, values, len(post), wiring.is_uniform, is_as_here), []


def delays_in_ms(theirs: AnnarchyProjection, dt_ms: float) -> Array:
    """Return the delays of a file."""
    if theirs.delays_ms is not None:
        return theirs.delays_ms.astype(np.float64)
    assert theirs.delay_steps is not None  # it has one of the two
    return np.maximum(theirs.delay_steps, 1) * np.float64(dt_ms)


def _differences(mine: Synapses, theirs: AnnarchyProjection) -> list[str]:
    lines = []
    for what, in_file, here in (
        ("pre", theirs.pre, mine.pre.name),
        ("post", theirs.post, mine.post.name),
        ("target", theirs.targets, tuple(mine.targets)),
    ):
        if in_file is not None and in_file != here:
            lines.append(f"{mine.path}: {what} {_shown(in_file)} in the file, {_shown(here)} in the network")
    for side, ranks, size in (
        ("pre", theirs.pre_ranks, mine.pre.size),
        ("post", theirs.post_ranks, mine.post.size),
    ):
        if ranks.size and ranks.max() >= size:
            lines.append(f"{mine.path}: {side} rank {ranks.max()} in the file, {size} {side} neurons in the network")
    lines += [*_of_other_length(mine, theirs)]
    dt_ms = mine.program.dt
    late = delays_in_ms(theirs, dt_ms) / dt_ms
    if late.size and not (np.isfinite(late).all() and late.min() >= 0 and late.max() <= MAX_DELAY_STEPS):
        lines.append(
            f"{mine.path}: delays from 0 to {MAX_DELAY_STEPS} steps can be, not {late.min():g} to {late.max():g}"
        )
    elif (np.abs(late - np.rint(late)) > _NEAR * np.maximum(late, 1.0)).any():
        lines.append(f"{mine.path}: delays that are no multiples of dt = {dt_ms:g} ms: it was saved with another dt")
    return lines


def _of_other_length(mine: Synapses, theirs: AnnarchyProjection) -> Iterator[str]:
    """Name values with one element per dendrite where the model has one per synapse, or the other way round."""
    for name, array in theirs.values.items():
        attribute = mine.spec.attribute(name)
        if attribute is None or attribute.locality == "global" or not array.ndim:
            continue
        per = theirs.post_ranks if attribute.locality == "semiglobal" else theirs.pre_ranks
        if array.shape != per.shape:
            what = "post neuron" if attribute.locality == "semiglobal" else "synapse"
            yield f"{mine.place(name)}: {len(array)} values in the file, the network has one per {what}"


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _steps(mine: Synapses, theirs: AnnarchyProjection) -> Array:
    steps = np.rint(delays_in_ms(theirs, mine.program.dt) / mine.program.dt)
    return np.clip(steps, 1, MAX_DELAY_STEPS).astype(np.int64)


def _uniform(steps: Array) -> Array:
    """Return one number where all are equal: synapses of one delay are delivered faster."""
    is_one = steps.ndim and steps.size and (steps == steps[0]).all()
    return np.array(steps[0]) if is_one else np.array(1) if not steps.size else steps


def _is_of_dendrites(mine: Synapses, name: str) -> bool:
    attribute = mine.spec.attribute(name)
    return attribute is not None and attribute.locality == "semiglobal"


def _per_neuron(mine: Synapses, theirs: AnnarchyProjection, name: str, array: Array) -> Array:
    """Return one value per post neuron where the file has one per dendrite; those without one keep theirs."""
    if not array.ndim or not _is_of_dendrites(mine, name):
        return array
    values: Array = mine.program.state.read(mine.place(name)).astype(np.result_type(array, mine.value(name)))
    values[theirs.post_ranks] = array
    return values
