"""Networks that go on as the saved one did: what they began with becomes what the file says.

In: a compiled network whose values come from a file, and the blueprint of that. Out: nothing; drafts are replaced. So
what is drawn again later, by ``reset(synapses=True)``, is what the saved process would have drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from engram.network.blueprinting import blueprint_of
from engram.network.drafts import MonitorDraft, ProjectionDraft
from engram.network.starts import Arrays, connection_of, monitor_times, placed, population_draft, projection_draft

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint
    from engram.network.network import Network

__all__ = ["adopt", "check_adoptable"]

IsLoaded = Callable[[str], bool]
Owner = Any  # Population | Projection | Monitor
Draft = Any  # PopulationDraft | ProjectionDraft | MonitorDraft


def check_adoptable(network: Network, blueprint: Blueprint, is_loaded: IsLoaded = bool) -> None:
    """Raise DamagedFile if a network could not have begun as a blueprint says; to be asked before values are loaded."""
    _drafts(network, blueprint, is_loaded)


def adopt(network: Network, blueprint: Blueprint, is_loaded: IsLoaded = bool) -> None:
    """Let a compiled network have begun as a blueprint says, once its values have come from the file of that blueprint.

    Where a draft says the same already it stays, with a generator of the user's own. Arrays are those of the tree: of
    refractory periods what they are now, as no file has others.

    Args:
        network: whose structure agrees.
        blueprint: of the file, whole.
        is_loaded: whether the values of an object have come from it, by its path, and it has the same model; of all by
            default.

    Raises:
        DamagedFile: if something can't be; nothing has changed then.
    """
    for owner, draft in _drafts(network, blueprint, is_loaded):
        if isinstance(draft, ProjectionDraft) and draft.connection is not owner._draft.connection:
            owner._own_draws.pop("synapses", None)
        owner._draft = draft
    constants = {one.name: one.value for one in blueprint.constants}
    network._constants |= {name: constants[name] for name in network._constants.keys() & constants}
    network._first_seed = blueprint.settings.seed


def _drafts(network: Network, blueprint: Blueprint, is_loaded: IsLoaded) -> list[tuple[Owner, Draft]]:
    """Return the drafts of objects that began differently."""
    own, arrays = blueprint_of(network), Arrays(network._state.read, is_checked=False)
    drafts: list[tuple[Owner, Draft]] = []
    for owner, mine, its in _pairs(network._populations, own.populations, blueprint.populations, is_loaded):
        if mine.start != its.start:
            with placed("population", owner.name):
                drafts.append((owner, population_draft(owner, its.start, owner._draft.stop, arrays)))
    for owner, mine, its in _pairs(network._projections, own.projections, blueprint.projections, is_loaded):
        if (mine.start, mine.connector) != (its.start, its.connector):
            with placed("projection", owner.name):
                is_same = mine.connector == its.connector or its.connector is None
                connection = owner._draft.connection if is_same else connection_of(its.connector)
                drafts.append((owner, projection_draft(owner, its.start, connection, arrays)))
    for monitor, mine, its in _pairs(network._monitors, own.monitors, blueprint.monitors, is_loaded):
        if mine != its:
            drafts.append((monitor, MonitorDraft(*monitor_times(network, its), its.active)))
    return drafts


def _pairs(
    known: dict[str, Any], mine: tuple[Any, ...], its: tuple[Any, ...], is_loaded: IsLoaded
) -> Iterator[tuple[Any, Any, Any]]:
    """Yield (object, its record, that of a file) for all objects that both have and whose values come from it."""
    by_name = {record.name: record for record in its}
    for one in mine:
        if one.name in by_name and is_loaded(known[one.name]._path):
            yield known[one.name], one, by_name[one.name]
