"""All synapses of a projection as columns of a table, a row for each.

In: a compiled projection. Out: arrays by name, of the synapses by post neuron, then by pre.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.program.lifting import per_synapse
from engram.program.reach import reach_of
from engram.program.synapses import Synapses
from engram.state import names

__all__ = ["columns_of"]

Array = npt.NDArray[Any]


def columns_of(synapses: Synapses) -> dict[str, Array]:
    """Return ``pre`` and ``post`` (ranks in the whole populations), ``w``, ``delay`` (ms), and what else the model has
    for each synapse: (n_syn,) each.

    Raises:
        NotCompiled: before compile.
    """
    reach = reach_of(synapses)

    def column(values: Array) -> Array:
        return reach.in_order(values) if values.shape else np.full(reach.n_syn, values)

    columns = {
        "pre": reach.pre_in_order().astype(np.int64),
        "post": np.repeat(np.arange(synapses.post.size), reach.per_post),
    }
    local = [a.name for a in synapses.spec.attributes if a.locality == "local"]
    if names.WEIGHT in local:
        local.remove(names.WEIGHT)
        columns[names.WEIGHT] = column(per_synapse(synapses, names.WEIGHT))
    columns["delay"] = column(synapses.value(names.DELAY_STEPS) * synapses.program.dt)
    return columns | {name: column(per_synapse(synapses, name)) for name in local}
