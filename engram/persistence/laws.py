"""What projections draw from generators of the user's own, which no record holds: a copy has copies of them.

In: projections of a network. Out: their distributions, for another network, in which each generator stands as it stood
before it first drew. Populations have none: a generator draws for them when it is given, and values are data.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from engram.program.runner import Runner
from engram.program.synapses import Synapses
from engram.state.distributions import Distribution

if TYPE_CHECKING:
    from numpy.random import Generator  # NumPy imports it on use; it takes 10 ms

__all__ = ["Laws", "UsersLaws", "give_laws", "laws_of"]

UsersLaws: TypeAlias = tuple[dict[str, Distribution], dict[str, Any]]  # see Synapses.users_laws


@dataclass(frozen=True)
class Laws:
    """What projections draw from generators of the user's own.

    Args:
        of: by the paths of projections that have such.
        default_rng: the generator in them that stands for the network's own.
    """

    of: dict[str, UsersLaws] = field(default_factory=dict)
    default_rng: Generator | None = None

    def words(self) -> str:
        """Which generator draws what, and how it stands, but for the network's own; empty if there is none."""
        seen: dict[int, int] = {id(self.default_rng): -1}
        lines = []
        for path, name, law in _each(self.of):
            number = seen.setdefault(id(law.rng), len(seen))
            with np.printoptions(threshold=sys.maxsize):
                state = "" if law.rng is self.default_rng else repr(law.rng.bit_generator.state)
            lines.append(f"{path} {name} {number} {state}")
        return "\n".join(lines)


def _each(of: dict[str, UsersLaws]) -> list[tuple[str, str, Any]]:
    return [
        (path, name, law)
        for path, kinds in sorted(of.items())
        for kind in kinds
        for name, law in sorted(kind.items())
        if isinstance(law, Distribution) and law.rng is not None
    ]


def laws_of(projections: Iterable[Synapses], default_rng: Generator | None = None) -> Laws:
    """Return copies of what some projections draw so; those that share a generator go on sharing it.

    Args:
        default_rng: the network's own generator, if that of another network shall take its place.
    """
    laws = {one.path: one.users_laws() for one in projections}
    found = {path: both for path, both in laws.items() if any(both)}
    is_used = any(law.rng is default_rng for *_, law in _each(found))
    return copy.deepcopy(Laws(found, default_rng if is_used else None))


def give_laws(runner: Runner, laws: Laws) -> None:
    """Let the projections of a new network draw so; ``laws`` stay as they are."""
    memo: dict[int, Any] = {} if laws.default_rng is None else {id(laws.default_rng): runner.rng}
    for path, (of_attributes, of_connection) in copy.deepcopy(laws.of, memo).items():
        draft = runner.program.projections[path.partition("/")[2]].draft
        draft.values |= of_attributes
        if draft.connection is not None:
            draft.connection = replace(draft.connection, **of_connection)
