"""A network made of some parts of another: as they were defined, not compiled, with nothing that has happened since.

In: who keeps a network, and parts of it. Out: who keeps the new one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engram.errors import InvalidArgument
from engram.models.definition import Definition
from engram.persistence.blueprinting import blueprint_of_some
from engram.persistence.copies import arrays_beside
from engram.persistence.keeper import Keeper
from engram.persistence.laws import give_laws, laws_of
from engram.persistence.opening import program_of
from engram.persistence.starts import Arrays
from engram.program.config import changed
from engram.program.listed import Listed, list_of, restored
from engram.program.neurons import Neurons
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.program.tables import entries_of
from engram.wiring.listed import GivenList

__all__ = ["Part", "excerpt"]

Part = Neurons | Synapses | Recorder


def excerpt(keeper: Keeper, parts: list[Part]) -> Keeper:
    """Return who keeps a network of some parts of another.

    Raises:
        InvalidArgument: if a population is missing at which a projection ends, or what a monitor records.
    """
    program, asked = keeper.program, {part.path for part in parts}
    program.usable()
    populations = [one for one in program.populations.values() if one.path in asked]
    projections = [one for one in program.projections.values() if one.path in asked]
    monitors = [one for one in program.monitors.values() if one.path in asked]
    ends: list[tuple[str, str, Neurons | Synapses]]
    ends = [(one.name, "projection", end) for one in projections for end in (one.pre, one.post)]
    for name, kind, end in [*ends, *((one.name, "monitor", one.whom) for one in monitors)]:
        if end.path not in asked:
            raise InvalidArgument(
                f"{kind} {name!r} needs {end.kind} {end.name!r}, which is not among the parts\n  help: name it, too."
            )
    blueprint = blueprint_of_some(program, populations, projections, monitors)
    laws = laws_of(projections)
    models: dict[int, Definition] = {}
    numbers = [*(one.model for one in blueprint.populations), *(one.model for one in blueprint.projections)]
    for number, part in zip(numbers, [*populations, *projections], strict=True):
        models.setdefault(number, part.definition)
    arrays = arrays_beside(program)
    given = Arrays(lambda path: arrays[path].copy(), has_lists=not program.compiled)
    new = Keeper(program_of(blueprint, given, [models[k] for k in range(len(models))]))
    new.program.config = changed(new.program.config, {"num_threads": program.threads})
    new.program.constants = dict(program.constants)
    for population in populations if program.compiled else ():  # nothing else has what tables were given
        new.program.populations[population.name].draft.values |= entries_of(population)
    for projection in projections:
        _give_list(projection, new.program.projections[projection.name])
    give_laws(new.runner, laws)
    return new


def _give_list(projection: Synapses, new: Synapses) -> None:
    """Let a new projection have the list that another was given, if that stands in the tree of the other."""
    connection = list_of(projection)
    if connection is None or not isinstance(connection.connector, Listed):
        return
    record = connection.connector.record
    wired = restored(projection, record)
    wiring = wired.connectivity
    single = np.array(record.weights) if isinstance(record.weights, float) else wired.weights
    delays_ms = wiring.delay_steps * projection.program.dt
    lists = wiring.row_start, wiring.ranks, single.astype(np.float64), delays_ms
    given = GivenList(wiring.by, wiring.n_pre, wiring.n_post, *lists)
    new.draft.connection = replace(connection, connector=given)
