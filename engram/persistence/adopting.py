"""Networks that go on as the saved one did: what they began with becomes what the file says.

In: a compiled network whose values come from a file, and the blueprint of that. Out: nothing; drafts are replaced. So
what is drawn again later, by ``reset(synapses=True)``, is what the saved process would have drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engram.persistence.blueprinting import blueprint_of
from engram.persistence.lists import adopt_list
from engram.persistence.starts import Arrays, connection_of, monitor_times, placed, population_draft, projection_draft
from engram.program.drafts import MonitorDraft, ProjectionDraft
from engram.program.program import Program

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint

__all__ = ["adopt", "check_adoptable"]

Test = Callable[[str], bool]
Told = Any  # a population, projection or monitor of the program
Draft = Any  # PopulationDraft | ProjectionDraft | MonitorDraft


def check_adoptable(program: Program, blueprint: Blueprint, is_loaded: Test = bool, is_same: Test = bool) -> None:
    """Raise DamagedFile if a network could not have begun as a blueprint says; to be asked before values are loaded."""
    _drafts(program, blueprint, is_loaded, is_same)


def adopt(program: Program, blueprint: Blueprint, is_loaded: Test = bool, is_same: Test = bool) -> None:
    """Let a compiled network have begun as a blueprint says, once its values have come from the file of that blueprint.

    Where a draft says the same already it stays, with a generator of the user's own if the saved network had one there,
    too. Arrays are those of the tree: of refractory periods what they are now, as no file has others.

    Args:
        network: whose structure agrees.
        blueprint: of the file, whole.
        is_loaded: whether the values of an object have come from it, by its path; of all by default.
        is_same: whether an object has the same model there; of another one only the connector is adopted.

    Raises:
        DamagedFile: if something can't be; nothing has changed then, unless it is the array of a given list.
    """
    for owner, draft in _drafts(program, blueprint, is_loaded, is_same):
        if isinstance(draft, ProjectionDraft):
            owner.first_draws.clear()  # copies of generators that drew what was drawn here
        owner.draft = draft
    for projection in program.projections.values():
        if is_loaded(projection.path):
            adopt_list(projection)
    constants = {one.name: one.value for one in blueprint.constants}
    program.constants |= {name: constants[name] for name in program.constants.keys() & constants}
    program.first_seed = blueprint.settings.seed


def _drafts(program: Program, blueprint: Blueprint, is_loaded: Test, is_same: Test) -> list[tuple[Told, Draft]]:
    """Return the drafts of objects that began differently."""
    now, arrays = blueprint_of(program), Arrays(program.state.read, is_checked=False, has_lists=False)
    generators = "\n".join({*now.notes} ^ {*blueprint.notes})  # of which one side alone has drawn
    drafts: list[tuple[Told, Draft]] = []
    for owner, mine, its in _pairs(program.populations, now.populations, blueprint.populations, is_loaded):
        if mine.start != its.start and is_same(owner.path):
            with placed("population", owner.name):
                drafts.append((owner, population_draft(owner, its.start, owner.draft.stop, arrays)))
    for owner, mine, its in _pairs(program.projections, now.projections, blueprint.projections, is_loaded):
        has_generator = f"{owner.path}: " in generators
        if has_generator or (mine.start, mine.connector) != (its.start, its.connector):
            with placed("projection", owner.name):
                stays = its.connector is None or (mine.connector == its.connector and not has_generator)
                connection = owner.draft.connection if stays else connection_of(owner, its.connector, arrays)
                draft = replace(owner.draft, connection=connection)
                if is_same(owner.path):
                    draft = projection_draft(owner, its.start, connection, arrays)
                drafts.append((owner, draft))
    for monitor, mine, its in _pairs(program.monitors, now.monitors, blueprint.monitors, is_loaded):
        if mine != its:
            drafts.append((monitor, MonitorDraft(*monitor_times(program, its), its.active)))
    return drafts


def _pairs(
    known: dict[str, Any], mine: tuple[Any, ...], its: tuple[Any, ...], is_loaded: Test
) -> Iterator[tuple[Any, Any, Any]]:
    """Yield (object, its record, that of a file) for all objects that both have and whose values come from it."""
    by_name = {record.name: record for record in its}
    for one in mine:
        if one.name in by_name and is_loaded(known[one.name].path):
            yield known[one.name], one, by_name[one.name]
