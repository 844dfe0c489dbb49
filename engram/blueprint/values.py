"""Values of a blueprint and what they stand for: distributions, connectors, arrays, ranks.

In: what the user gave. Out: records, and back, where the classes check what can be.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from itertools import pairwise
from typing import Any, get_type_hints

import numpy as np
import numpy.typing as npt

from engram.blueprint.records import (
    MOST_RANKS,
    BesideRecord,
    ConnectorRecord,
    DistributionRecord,
    ListRecord,
    Ranks,
    RankSeries,
    RunsRecord,
    Value,
)
from engram.errors import InvalidArgument
from engram.state import distributions
from engram.state.digest import digest_of, hash_bytes, type_code
from engram.state.distributions import Distribution
from engram.state.slots import Role, Slot
from engram.wiring import bells, connectors
from engram.wiring.connectors import Connector

__all__ = [
    "CONNECTORS",
    "beside",
    "connector_facts",
    "connector_of",
    "distribution_of",
    "distribution_record",
    "interlocks",
    "ranks_apart",
    "ranks_of",
    "ranks_record",
    "value_record",
]

Array = npt.NDArray[Any]
MOST_COMPARED = 1 << 20  # ranks of two views, one by one for a message
_DISTRIBUTIONS: dict[str, type[Distribution]] = {
    name: getattr(distributions, name) for name in distributions.__all__ if name != "Distribution"
}
CONNECTORS: dict[str, type[Connector]] = {
    name: getattr(module, name)
    for module in (bells, connectors)
    for name in module.__all__
    if hasattr(getattr(module, name), "kind")
}
"""All rules, by the name of the pattern in a record."""


# -- what has a class --------------------------------------------------------------------------------------


def distribution_record(distribution: Distribution) -> DistributionRecord:
    """Return what a distribution is, but for a generator of its own."""
    names = sorted(one.name for one in fields(distribution) if one.name != "rng")
    return DistributionRecord(type(distribution).__name__, tuple((name, getattr(distribution, name)) for name in names))


def distribution_of(record: DistributionRecord) -> Distribution:
    """Return the distribution of a record.

    Raises:
        InvalidArgument: if there is none.
    """
    kind = _known(_DISTRIBUTIONS, record.name, "distribution")
    _complete(record.name, record.arguments, {one.name for one in fields(kind)} - {"rng"})
    made: Distribution = kind(**dict(record.arguments))
    if repr(distribution_record(made)) != repr(record):  # 1 for 1.0
        raise InvalidArgument(f"{record.name}: arguments that are not of their types")
    return made


def connector_facts(connector: Connector) -> tuple[str, tuple[tuple[str, int | float], ...]]:
    """Return the pattern and the arguments of a connector, for a record."""
    kind: Any = type(connector)
    named = ((name, type_(getattr(connector, name))) for name, type_ in _types(kind).items())
    return kind.__name__, tuple(sorted(named))


def connector_of(record: ConnectorRecord) -> Connector:
    """Return the connector of a record.

    Raises:
        InvalidArgument: if there is none.
    """
    kind: Any = _known(CONNECTORS, record.pattern, "connector")
    types = _types(kind)
    _complete(record.pattern, record.arguments, set(types))
    for name, value in record.arguments:
        if type(value) is not types[name]:
            raise InvalidArgument(f"{record.pattern}: {name} is no {types[name].__name__}")
    made: Connector = kind(**dict(record.arguments))
    return made


@cache
def _types(kind: type[Any]) -> dict[str, type[Any]]:
    """Return the types of a connector's arguments by name."""
    types = get_type_hints(kind)
    return {one.name: types[one.name] for one in fields(kind)}


def _known(table: dict[str, Any], name: str, what: str) -> Any:
    if name not in table:
        raise InvalidArgument(f"there is no {what} of that name, only {', '.join(sorted(table))}")
    return table[name]


def _complete(of: str, arguments: tuple[tuple[str, Any], ...], names: set[str]) -> None:
    if {name for name, _ in arguments} != names:
        raise InvalidArgument(f"{of} has the arguments {', '.join(sorted(names)) or '(none)'}")


# -- arrays ------------------------------------------------------------------------------------------------


def beside(array: Array) -> BesideRecord:
    """Return the record of an array that stands beside a blueprint."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    digest = digest_of(Slot("", "", little.shape, little.dtype, Role.STATE), hash_bytes(little.tobytes()))
    return BesideRecord(type_code(little.dtype), little.shape, digest)  # type: ignore[arg-type]  # one of storage_dtype


def value_record(value: Array | Distribution) -> Value:
    """Return what a user assigned to an attribute before compile: one number, a distribution, or an array."""
    if isinstance(value, Distribution):
        return distribution_record(value)
    if value.ndim:
        return beside(value)
    number: bool | int | float = value.item()
    return number


def ranks_record(ranks: Array) -> Ranks:
    """Return the ranks of a view, in their order: as series where these take fewer numbers, and no two interlock.

    Args:
        ranks: (n,) whole numbers, each once.
    """
    series = _series_of(ranks)
    if series and not interlocks(series):
        return RunsRecord(series)
    if len(ranks) <= MOST_RANKS:
        return ListRecord(tuple(ranks.tolist()))
    return beside(ranks.astype(np.int64))


def ranks_of(record: RunsRecord | ListRecord) -> Array:
    """Return the ranks of a view, in their order."""
    if isinstance(record, ListRecord):
        return np.array(record.ranks, np.int64)
    return np.concatenate([one.first + one.stride * np.arange(one.count, dtype=np.int64) for one in record.runs])


def ranks_apart(theirs: Ranks, mine: Ranks) -> tuple[str, str]:
    """Return what messages say of the ranks of two views that begin alike: where they part."""
    some = [record.words() for record in (theirs, mine)]
    if isinstance(theirs, BesideRecord) or isinstance(mine, BesideRecord) or theirs.count + mine.count > MOST_COMPARED:
        return some[0], f"{some[1]}, which is another"
    in_file, here = ranks_of(theirs), ranks_of(mine)
    alike = min(len(in_file), len(here))
    place = int(np.argmax([*(in_file[:alike] != here[:alike]), True]))
    file_rank, rank = (str(ranks[place]) if place < len(ranks) else "none" for ranks in (in_file, here))
    return f"{some[0]}, {file_rank} at place {place}", f"{some[1]}, {rank} at place {place}"


def _series_of(ranks: Array) -> tuple[RankSeries, ...] | None:
    """Return ranks as series, each as long as it can be when those before are; None if they take no fewer numbers."""
    most = min(MOST_RANKS, (len(ranks) - 1) // 3)
    steps = np.diff(ranks.astype(np.int64))
    ends = np.append(np.flatnonzero(steps[1:] != steps[:-1]), len(steps) - 1)  # of equal steps, the last of each
    if len(ends) > 2 * most:  # a series uses one of them, and may jump over the next
        return None
    coming = iter(ends.tolist())
    series: list[RankSeries] = []
    at = 0
    while at < len(ranks):
        if len(series) == most:
            return None
        last = next(end for end in coming if end >= at) + 1 if at < len(steps) else at
        count = last - at + 1
        series.append(RankSeries(int(ranks[at]), count, int(steps[at]) if count > 1 else 1))
        at = last + 1
    return tuple(series)


def interlocks(series: tuple[RankSeries, ...]) -> bool:
    """Whether what lies between the least and the greatest rank of two series meets."""
    between = sorted(sorted((one.first, one.first + (one.count - 1) * one.stride)) for one in series)
    return any(a[1] >= b[0] for a, b in pairwise(between))
