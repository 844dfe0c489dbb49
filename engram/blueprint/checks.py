"""What must be true of a blueprint besides the types of its fields: names, numbers and sizes that fit each other.

In: a blueprint that was just read. Out: nothing, or an error that names the place. All in time and memory
proportional to the blueprint, whatever sizes it speaks of.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from engram.blueprint.fields import shown, wrong
from engram.blueprint.given import check_given, is_given
from engram.blueprint.records import (
    MOST_NEURONS,
    MOST_RANKS,
    BesideRecord,
    Blueprint,
    ConnectorRecord,
    DistributionRecord,
    ListRecord,
    ModelRecord,
    Ranks,
    RankSeries,
    SideRecord,
    Value,
)
from engram.blueprint.values import connector_of, distribution_of, interlocks, ranks_record
from engram.errors import InvalidArgument
from engram.state.limits import RULES
from engram.wiring.connectors import Sizes
from engram.wiring.kinds import NEAR

__all__ = ["BLOCKS", "check"]

_REAL = {"float64": "<f8", "float32": "<f4"}

BLOCKS = {
    "neuron": frozenset("parameters equations spike axon_spike reset axon_reset refractory functions".split()),
    "synapse": frozenset(
        "parameters equations psp operation pre_spike post_spike pre_axon_spike functions pruning creating".split(),
    ),
}
"""Arguments of models that are texts."""


def check(blueprint: Blueprint) -> None:
    """Raise DamagedFile where something in a blueprint contradicts itself."""
    settings = blueprint.settings
    if settings.synapse_dtype == "float64" != settings.dtype:
        raise wrong("settings.synapse_dtype", "at most the precision of dtype", shown(settings.synapse_dtype))
    constants = [constant.name for constant in blueprint.constants]
    _once("constants[#].name", constants)
    for k, (name, other) in enumerate(pairwise(constants)):
        if name > other:
            raise wrong(f"constants[{k + 1}].name", "constants in the order of their names", shown(other))
    for k, model in enumerate(blueprint.models):
        _check_model(f"models[{k}]", model, frozenset(constants))
    _once("models[#]", blueprint.models)
    _check_use(blueprint)
    sizes = _sizes(blueprint)
    for k, projection in enumerate(blueprint.projections):
        place = f"projections[{k}]"
        _once(f"{place}.targets[#]", projection.targets)
        n_pre, n_post = (
            _check_side(f"{place}.{name}", side, sizes)
            for name, side in (("pre", projection.pre), ("post", projection.post))
        )
        if projection.connector is not None and is_given(projection.connector):
            wholes = sizes[projection.pre.population], sizes[projection.post.population]
            check_given(f"{place}.connector", projection.connector, *wholes, _REAL[settings.synapse_dtype])
        elif projection.connector is not None:
            _check_connector(f"{place}.connector", projection.connector, Sizes(n_pre, n_post))
        _check_values(f"{place}.start.values", projection.start.values)
        start = projection.start
        _check_period(f"{place}.start.learning_offset_ms", start.learning_period_ms, start.learning_offset_ms)
    ends_of = {(one.name, one.post.population) for one in blueprint.projections}
    for k, monitor in enumerate(blueprint.monitors):
        place = f"monitors[{k}]"
        _check_side(place, SideRecord(monitor.population, monitor.ranks), sizes)
        ends = monitor.projection is None or (monitor.projection, monitor.population) in ends_of
        if not ends:
            raise wrong(f"{place}.projection", "the name of a projection that ends there", shown(monitor.projection))
        _once(f"{place}.variables[#]", monitor.variables)
        _check_period(f"{place}.offset_ms", monitor.period_ms, monitor.offset_ms)
    _once("monitors[#].name", [monitor.name for monitor in blueprint.monitors])


def _once(places: str, *lists: Sequence[object]) -> None:
    """Refuse what stands twice in some lists.

    Args:
        places: of their elements, with ``#`` for their numbers, a blank between the lists.
    """
    seen: dict[object, tuple[str, int]] = {}
    for place, values in zip(places.split(), lists, strict=True):
        for k, value in enumerate(values):
            first = seen.setdefault(value, (place, k))
            if first != (place, k):
                got = shown(value) if isinstance(value, str | int) else "the same"
                raise wrong(_at(place, k), f"another than {_at(*first)}", got)


def _at(place: str, number: int) -> str:
    return place.replace("#", str(number))


# -- models ------------------------------------------------------------------------------------------------


def _check_model(place: str, model: ModelRecord, constants: frozenset[str]) -> None:
    for name, _ in model.blocks:
        if name not in BLOCKS[model.kind]:
            raise wrong(f"{place}.blocks", f"texts of a {model.kind}: {', '.join(sorted(BLOCKS[model.kind]))}", name)
    for k, name in enumerate(model.constants):
        if name not in constants:
            raise wrong(f"{place}.constants[{k}]", "the name of a constant of the blueprint", shown(name))
    _once(f"{place}.constants[#]", model.constants)
    for k, limit in enumerate(model.limits):
        if limit.rule not in RULES:
            raise wrong(f"{place}.limits[{k}].rule", f"one of {', '.join(map(repr, RULES))}", shown(limit.rule))
    _once(f"{place}.limits[#].name", [limit.name for limit in model.limits])
    if model.kind == "synapse" and model.drops_input:
        raise wrong(f"{place}.drops_input", "false, of a synapse", "true")
    if model.kind == "neuron" and model.event_clock:
        raise wrong(f"{place}.event_clock", "'', of a neuron", shown(model.event_clock))


def _check_use(blueprint: Blueprint) -> None:
    """Refuse models that are not numbered in the order of their first use, or of the wrong kind."""
    used = 0
    users = (
        ("populations", "neuron", [one.model for one in blueprint.populations]),
        ("projections", "synapse", [one.model for one in blueprint.projections]),
    )
    for section, kind, numbers in users:
        for k, model in enumerate(numbers):
            place = f"{section}[{k}].model"
            if model > min(used, len(blueprint.models) - 1):
                raise wrong(place, "the number of a model; they are numbered as they are first used", shown(model))
            if blueprint.models[model].kind != kind:
                raise wrong(place, f"the number of a {kind}", f"that of a {blueprint.models[model].kind}")
            used = max(used, model + 1)
    if used < len(blueprint.models):
        raise wrong(f"models[{used}]", "a model that something uses", "one that nothing uses")


# -- objects -----------------------------------------------------------------------------------------------


def _sizes(blueprint: Blueprint) -> dict[str, int]:
    """Check what objects are called and how large populations are; return the sizes by name."""
    _once("populations[#].name", [one.name for one in blueprint.populations])
    _once("projections[#].name", [one.name for one in blueprint.projections])
    uids = [[one.uid for one in blueprint.populations], [one.uid for one in blueprint.projections]]
    _once("populations[#].uid projections[#].uid", *uids)
    sizes = {}
    for k, population in enumerate(blueprint.populations):
        sizes[population.name] = size = math.prod(population.geometry)
        if size > MOST_NEURONS:
            raise wrong(f"populations[{k}].geometry", "at most 2^32 - 1 neurons", shown(size))
        _check_values(f"populations[{k}].start.values", population.start.values)
        refractory = population.start.refractory_ms
        if isinstance(refractory, DistributionRecord):
            _check_distribution(f"populations[{k}].start.refractory_ms", refractory)
        facts = [(dtype, population.geometry) for dtype in ("<f8", "<f4")]
        if isinstance(refractory, BesideRecord) and (refractory.dtype, refractory.shape) not in facts:
            expected, got = f"floats of shape {population.geometry}", f"{refractory.dtype} of shape {refractory.shape}"
            raise wrong(f"populations[{k}].start.refractory_ms", expected, got)
    return sizes


def _check_values(place: str, values: tuple[tuple[str, Value], ...]) -> None:
    for name, value in values:
        if isinstance(value, DistributionRecord):
            _check_distribution(f"{place}.{name}", value)


def _check_distribution(place: str, record: DistributionRecord) -> None:
    try:
        distribution_of(record)
    except InvalidArgument as error:
        raise wrong(place, "a distribution that can be", str(error).replace("\n ", ",")) from None


def _check_connector(place: str, record: ConnectorRecord, sizes: Sizes) -> None:
    try:
        connector = connector_of(record)
        problem = connector.problem(sizes)
    except InvalidArgument as error:
        raise wrong(place, "a connector that can be", str(error)) from None
    if problem is not None:
        raise wrong(place, "a connector that can be", f"{record.pattern}: {problem[0]}")
    if connector.kind == NEAR and record.weights != 1.0:
        raise wrong(f"{place}.weights", "1.0, of a connector that gives weights itself", "another value")
    for name, value in (("weights", record.weights), ("delays_ms", record.delays_ms)):
        if isinstance(value, BesideRecord):
            raise wrong(f"{place}.{name}", "a number or a distribution, of a rule", f"an array of {value.count}")
        if isinstance(value, DistributionRecord):
            _check_distribution(f"{place}.{name}", value)


def _check_period(place: str, period_ms: float, offset_ms: float) -> None:
    if not offset_ms < period_ms:
        raise wrong(place, f"less than the period of {period_ms} ms", shown(offset_ms))


# -- ranks -------------------------------------------------------------------------------------------------


def _check_side(place: str, side: SideRecord, sizes: dict[str, int]) -> int:
    """Check a population or a view of one; return how many neurons it has."""
    if side.population not in sizes:
        raise wrong(f"{place}.population", "the name of a population of the blueprint", shown(side.population))
    size = sizes[side.population]
    if side.ranks is None:
        return size
    problem = next(_problems(side.ranks, size), None)
    if problem is not None:
        raise wrong(f"{place}.ranks", *problem)
    return side.ranks.count


def _problems(ranks: Ranks, size: int) -> Iterator[tuple[str, str]]:
    """What is wrong with the ranks of a view, as (expected, got): each view can be written in one way only."""
    if isinstance(ranks, BesideRecord):
        if ranks.dtype != "<i8" or len(ranks.shape) != 1 or not MOST_RANKS < ranks.shape[0] <= size:
            yield f"int64, more than {MOST_RANKS} and at most {size}", f"{ranks.dtype} of shape {ranks.shape}"
    elif isinstance(ranks, ListRecord):
        outside = next((rank for rank in ranks.ranks if rank >= size), None)
        if outside is not None:
            yield f"ranks below {size}", str(outside)
        if len(set(ranks.ranks)) < len(ranks.ranks):
            yield "each rank once", "one of them twice"
        elif ranks_record(np.array(ranks.ranks, np.int64)) != ranks:
            yield "runs", "a list of ranks that are runs"
    else:
        yield from _problems_of_series(ranks.runs, size)


def _problems_of_series(series: tuple[RankSeries, ...], size: int) -> Iterator[tuple[str, str]]:
    for k, one in enumerate(series):
        end = one.first + (one.count - 1) * one.stride
        if max(one.first, end) >= size or end < 0:
            yield f"ranks from 0 to {size - 1}", f"{one.first} to {end} in runs[{k}]"
        if one.stride == 0 or (one.count == 1 and (one.stride != 1 or k < len(series) - 1)):
            yield "runs as long as they can be, apart from one another", f"stride {one.stride} in runs[{k}]"
        if k and one.first == series[k - 1].first + series[k - 1].count * series[k - 1].stride:
            yield "runs as long as they can be", f"runs[{k}], which goes on with the one before"
    if interlocks(series):
        yield "runs that don't interlock", "some that do"
    if 3 * len(series) >= sum(one.count for one in series):
        yield "a list where that is shorter", f"{len(series)} runs"
