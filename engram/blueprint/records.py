"""The records of a blueprint: plain data, frozen; numbers, text and tuples of them.

Each field says whom it concerns where a file and a network differ (``fields.py``), and here alone. Arrays stand beside
a blueprint; it has their digests. Tuples of (name, value) are objects in JSON, and sorted by name.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Annotated, Literal

from engram.blueprint.fields import (
    A_MODEL,
    LABEL,
    OF_HOLDER,
    OF_PARTS,
    OF_PARTS_LISTED,
    OF_PARTS_ORDERED,
    RECIPE,
    RULE,
    START,
    STRUCTURE,
    AnyNumber,
    Hexadecimal,
    Identifier,
    Length,
    Named,
    OneOf,
    Saying,
    Spelled,
    Within,
    said,
)
from engram.language.methods import NAMES

__all__ = [
    "MOST_NEURONS",
    "MOST_OBJECTS",
    "MOST_RANKS",
    "BesideRecord",
    "Blueprint",
    "ConnectorRecord",
    "ConstantRecord",
    "DistributionRecord",
    "LimitRecord",
    "ListRecord",
    "ModelRecord",
    "MonitorRecord",
    "PopulationRecord",
    "PopulationStart",
    "ProjectionRecord",
    "ProjectionStart",
    "RankSeries",
    "Ranks",
    "RunsRecord",
    "Settings",
    "SideRecord",
    "Value",
]

MOST_NEURONS = 2**32 - 1  # of a population
MOST_RANKS = 4096  # of a view in a list of their own, and runs of one
MOST_OBJECTS = 1 << 20  # of a kind
_FEW = 5  # ranks, or series of them, that a message lists

_Ms = Annotated[float, Within(0.0, sys.float_info.max)]
_Rank = Annotated[int, Within(0, MOST_NEURONS - 1)]
_Uid = Annotated[int, Within(0, 2**32 - 1)]
_Name = Annotated[str, Named()]
_Word = Annotated[str, Identifier()]
_Line = Annotated[str, Spelled()]
_Float = Literal["float64", "float32"]
_METHODS = tuple(sorted(NAMES))
_Clock = Literal["exact", "annarchy"]
_DRAWS_BY_NAME = said(
    RULE, Saying(phrase="it had another name when it was made, so that its random numbers are others")
)


# -- values ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DistributionRecord:
    """A random distribution: the name of its class and the arguments, all but a generator."""

    name: _Word = field(metadata=OF_HOLDER)
    arguments: tuple[tuple[_Word, bool | int | float | None], ...] = field(metadata=OF_HOLDER)


@dataclass(frozen=True)
class BesideRecord:
    """An array that stands beside the blueprint: what it must be."""

    dtype: Literal["<f8", "<f4", "<i8", "|b1", "<u4", "<u2"] = field(metadata=OF_HOLDER)
    shape: Annotated[tuple[_Rank, ...], Length(1, 32)] = field(metadata=OF_HOLDER)
    digest: Annotated[str, Hexadecimal()] = field(metadata=OF_HOLDER)

    @property
    def count(self) -> int:
        """How many elements there are."""
        return math.prod(self.shape)

    def words(self) -> str:
        """How many there are."""
        return f"{self.count:,} in an order of their own"


Value = bool | int | Annotated[float, AnyNumber()] | DistributionRecord | BesideRecord


@dataclass(frozen=True)
class RankSeries:
    """``count`` ranks from ``first`` on, ``stride`` apart."""

    first: _Rank = field(metadata=OF_HOLDER)
    count: Annotated[int, Within(1, MOST_NEURONS)] = field(metadata=OF_HOLDER)
    stride: Annotated[int, Within(-MOST_NEURONS, MOST_NEURONS)] = field(metadata=OF_HOLDER)

    def words(self) -> str:
        """The first and the last rank."""
        if self.count == 1:
            return str(self.first)
        steps = "" if self.stride == 1 else f" in steps of {self.stride}"
        return f"{self.first}-{self.first + (self.count - 1) * self.stride}{steps}"


@dataclass(frozen=True)
class RunsRecord:
    """Ranks of a view as series."""

    runs: Annotated[tuple[RankSeries, ...], Length(1, MOST_RANKS)] = field(metadata=OF_HOLDER)

    @property
    def count(self) -> int:
        """How many ranks there are."""
        return sum(one.count for one in self.runs)

    def words(self) -> str:
        """A few of them, and how many ranks there are if that are not all."""
        return _few([one.words() for one in self.runs[: _FEW + 1]], self.count)


@dataclass(frozen=True)
class ListRecord:
    """Ranks of a view one by one."""

    ranks: Annotated[tuple[_Rank, ...], Length(0, MOST_RANKS)] = field(metadata=OF_HOLDER)

    @property
    def count(self) -> int:
        """How many ranks there are."""
        return len(self.ranks)

    def words(self) -> str:
        """A few of them, and how many there are if that are not all."""
        return _few([*map(str, self.ranks[: _FEW + 1])], self.count)


def _few(texts: list[str], count: int) -> str:
    more = f", ... ({count:,} ranks)" if len(texts) > _FEW else ""
    return ", ".join(texts[:_FEW]) + more or "none"


Ranks = RunsRecord | ListRecord | BesideRecord


# -- models ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LimitRecord:
    """Which values a parameter may have; see ``state/limits.py``."""

    name: _Word = field(metadata=OF_HOLDER)
    rule: _Line = field(metadata=OF_HOLDER)
    why: str = field(metadata=OF_HOLDER)


@dataclass(frozen=True)
class ModelRecord:
    """A neuron's or a synapse's text.

    Args:
        blocks: the texts that there are, by the names of arguments of ``eg.Neuron`` and ``eg.Synapse``.
        constants: names of those that it reads.
        method: of its equations that name none; "" if there are none.
        event_clock: of its event-driven variables; "" if there are none.
        fingerprint: of what blocks, constants and ``drops_input`` compute. It speaks for them where models are
            compared: what changes no result (the order of parameters, say) is not in it.
    """

    kind: Literal["neuron", "synapse"] = field(metadata=STRUCTURE)
    blocks: tuple[tuple[_Word, str], ...] = field(metadata=LABEL)
    constants: tuple[_Word, ...] = field(metadata=LABEL)
    drops_input: bool = field(metadata=LABEL)
    method: Annotated[str, OneOf(("", *_METHODS))] = field(metadata=RULE)
    event_clock: Literal["", _Clock] = field(metadata=RULE)
    limits: tuple[LimitRecord, ...] = field(metadata=LABEL)
    name: _Line = field(metadata=LABEL)
    description: str = field(metadata=LABEL)
    fingerprint: Annotated[str, Hexadecimal()] = field(metadata=said(RULE, Saying(phrase="equations differ")))

    def told(self, mine: ModelRecord) -> str:
        """Say where the texts of two models that compute different things differ: a line, and other blocks."""
        if self.drops_input != mine.drops_input:
            theirs, here = ("drop" if model.drops_input else "keep" for model in (self, mine))
            return f"refractory_input {theirs} in the file, {here} in the network"
        in_file, in_network = ({"operation": "sum", **dict(model.blocks)} for model in (self, mine))
        found, others_too = "", []
        for name in sorted({*in_file, *in_network}, key=lambda name: (name == "parameters", name)):
            lines, others = (texts.get(name, "").splitlines() for texts in (in_file, in_network))
            theirs = next((line for line in lines if line not in others), "(none)")
            here = next((line for line in others if line not in lines), "(none)")
            if theirs != here and found and name != "parameters":  # whose numbers are no rule
                others_too.append(name)
            elif theirs != here and not found:
                found = f"{name} {theirs} in the file, {here} in the network"
        more = f"; other lines in {', '.join(others_too)}, too" if others_too else ""
        return f"{found}{more}" or "equations differ"

    def lines_apart(self, mine: ModelRecord) -> list[str]:
        """Return all lines in which the texts of two models differ, in pairs, each in words; see :meth:`told`."""
        in_file, in_network = (
            {"refractory_input": "drop" if model.drops_input else "keep", "operation": "sum", **dict(model.blocks)}
            for model in (self, mine)
        )
        found = []
        for name in dict.fromkeys((*in_file, *in_network)):
            lines, others = (texts.get(name, "").splitlines() for texts in (in_file, in_network))
            theirs, here = (
                [line for line in one if line not in other] for one, other in ((lines, others), (others, lines))
            )
            for one, other in zip_longest(theirs, here, fillvalue="(none)"):
                found.append(f"{name} {one} in the file, {other} in the network")
        return found


# -- objects -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PopulationStart:
    """How a population begins: what the user assigned, and what differs from a plain one."""

    values: tuple[tuple[_Word, Value], ...] = field(metadata=START)
    refractory_ms: Annotated[float, AnyNumber(), Within(0.0)] | DistributionRecord | BesideRecord | None = field(
        metadata=START
    )
    rate_window_ms: _Ms = field(metadata=START)  # 0.0: no firing rate is computed
    enabled: bool = field(metadata=START)


@dataclass(frozen=True)
class PopulationRecord:
    """A population. ``model`` is its number in the blueprint; ``stop`` is the text of its stop condition."""

    name: _Name = field(metadata=STRUCTURE)
    uid: _Uid = field(metadata=_DRAWS_BY_NAME)
    geometry: Annotated[tuple[Annotated[int, Within(1, MOST_NEURONS)], ...], Length(1, 32)] = field(metadata=STRUCTURE)
    model: Annotated[int, Within(0, MOST_OBJECTS)] = field(metadata=A_MODEL)
    stop: str | None = field(metadata=RULE)
    start: PopulationStart = field(metadata=OF_PARTS)


@dataclass(frozen=True)
class SideRecord:
    """The pre or post side of a projection: a population, or some of its neurons."""

    population: _Name = field(metadata=OF_HOLDER)
    ranks: Ranks | None = field(metadata=said(OF_HOLDER, Saying(none="all")))


@dataclass(frozen=True)
class ConnectorRecord:
    """What a connector method was asked for.

    ``pattern`` is the name of a class in ``wiring/connectors.py`` or ``bells.py``, or of a given list, whose arrays
    stand beside the blueprint (``blueprint/given.py``); its delays are then in steps.
    """

    pattern: _Word = field(metadata=OF_HOLDER)
    arguments: tuple[tuple[_Word, int | float | BesideRecord], ...] = field(metadata=OF_HOLDER)
    weights: float | DistributionRecord | BesideRecord = field(metadata=OF_HOLDER)
    delays_ms: _Ms | DistributionRecord | BesideRecord = field(metadata=OF_HOLDER)
    allow_self: bool = field(metadata=OF_HOLDER)
    force_multiple_weights: bool = field(metadata=OF_HOLDER)


@dataclass(frozen=True)
class ProjectionStart:
    """How a projection begins: what the user assigned and switched."""

    values: tuple[tuple[_Word, Value], ...] = field(metadata=START)
    transmission: bool = field(metadata=START)
    axon_transmission: bool = field(metadata=START)
    update: bool = field(metadata=START)
    plasticity: bool = field(metadata=START)
    learning_period_ms: _Ms = field(metadata=START)
    learning_offset_ms: _Ms = field(metadata=START)


@dataclass(frozen=True)
class ProjectionRecord:
    """A projection. It has no connector until the user has called one."""

    name: _Name = field(metadata=STRUCTURE)
    uid: _Uid = field(metadata=_DRAWS_BY_NAME)
    pre: SideRecord = field(metadata=STRUCTURE)
    post: SideRecord = field(metadata=STRUCTURE)
    targets: Annotated[tuple[_Word, ...], Length(1, MOST_RANKS)] = field(metadata=STRUCTURE)
    model: Annotated[int, Within(0, MOST_OBJECTS)] = field(metadata=A_MODEL)
    connector: ConnectorRecord | None = field(metadata=RECIPE)
    start: ProjectionStart = field(metadata=OF_PARTS)


@dataclass(frozen=True)
class MonitorRecord:
    """A monitor of a population or of some of its neurons; or of a projection to it, or of their synapses in it."""

    name: _Name = field(metadata=STRUCTURE)
    population: _Name = field(metadata=STRUCTURE)
    ranks: Ranks | None = field(metadata=said(STRUCTURE, Saying(none="all")))
    variables: tuple[_Line, ...] = field(metadata=STRUCTURE)
    period_ms: _Ms = field(metadata=said(START, Saying("period", "ms")))
    offset_ms: _Ms = field(metadata=said(START, Saying("offset", "ms")))
    active: bool = field(metadata=START)
    projection: _Name | None = field(metadata=STRUCTURE)


@dataclass(frozen=True)
class ConstantRecord:
    """A constant that something reads, or that the network has alone."""

    name: _Word = field(metadata=LABEL)  # who reads it says so
    value: float = field(metadata=START)
    is_own: bool = field(metadata=LABEL)


@dataclass(frozen=True)
class Settings:
    """Settings of the network. What ``method`` and ``event_clock`` do stands in the models.

    On how many threads it runs belongs to the machine, and is none of them; ``seed`` is that of its definition.
    """

    dt_ms: Annotated[float, Within(sys.float_info.min, sys.float_info.max)] = field(
        metadata=said(STRUCTURE, Saying("dt", "ms", advice="Network(dt={0}), or setup(dt={0}) for the implicit one."))
    )
    seed: Annotated[int, Within(0, 2**64 - 1)] = field(metadata=START)
    method: Annotated[str, OneOf(_METHODS)] = field(metadata=LABEL)
    event_clock: _Clock = field(metadata=LABEL)
    dtype: _Float = field(metadata=RULE)
    synapse_dtype: _Float = field(metadata=RULE)
    backend: Literal["c", "numpy"] = field(metadata=RULE)
    check_finite: bool = field(metadata=LABEL)


@dataclass(frozen=True)
class Blueprint:
    """All that a network is.

    Args:
        models: each once, in the order in which populations, then projections, use them first.
        populations, projections, monitors: in order of creation.
        constants: in order of their names.
        notes: what could not be recorded, in words.
    """

    settings: Settings = field(metadata=OF_PARTS)
    models: Annotated[tuple[ModelRecord, ...], Length(0, MOST_OBJECTS)] = field(metadata=OF_PARTS)
    populations: Annotated[tuple[PopulationRecord, ...], Length(0, MOST_OBJECTS)] = field(metadata=OF_PARTS_ORDERED)
    projections: Annotated[tuple[ProjectionRecord, ...], Length(0, MOST_OBJECTS)] = field(metadata=OF_PARTS_ORDERED)
    monitors: Annotated[tuple[MonitorRecord, ...], Length(0, MOST_OBJECTS)] = field(metadata=OF_PARTS_LISTED)
    constants: Annotated[tuple[ConstantRecord, ...], Length(0, MOST_OBJECTS)] = field(metadata=OF_PARTS)
    notes: tuple[str, ...] = field(metadata=START)
