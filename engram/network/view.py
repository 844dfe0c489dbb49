"""Views: some neurons of a population, by their ranks.

Made by indexing a population. A view can be read and written, be the pre or post side of a projection, and be recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.errors import InvalidArgument, UnknownAttribute
from engram.network.owner import Owner
from engram.network.values import Values
from engram.program.assigning import assign_some_neurons, checked_for_some
from engram.program.ranks import checked_ranks, no_ranks, ranks_at
from engram.program.step_size import caution

if TYPE_CHECKING:
    from engram.network.population import Population

__all__ = ["PopulationView", "selected"]

Array = npt.NDArray[Any]


@checked_calls
class PopulationView:
    """Some neurons of a population.

    Args:
        population: the whole.
        ranks: of the neurons, without repetition.
        geometry: shape of the selection, where it has one.

    Raises:
        InvalidArgument: if a rank is repeated or out of range.
    """

    def __init__(self, population: Population, ranks: Any, geometry: tuple[int, ...] | None = None) -> None:
        if not isinstance(population, Owner):
            raise InvalidArgument(f"a view is of a population, not of {population!r:.60}")
        chosen = checked_ranks(population._core, ranks)
        if geometry is not None and (not isinstance(geometry, tuple) or np.prod(geometry) != len(chosen)):
            raise InvalidArgument(f"geometry must be a tuple of sizes of {len(chosen)} neurons, not {geometry!r:.60}")
        self._population, self._ranks, self._geometry = population, chosen, geometry

    @property
    def population(self) -> Population:
        """The whole population."""
        return self._population

    @property
    def name(self) -> str:
        """Name of the population."""
        return self._population.name

    @property
    def ranks(self) -> Array:
        """Ranks of the neurons, (size,) int64."""
        ranks: Array = self._ranks.copy()
        return ranks

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self._ranks)

    @property
    def geometry(self) -> tuple[int, ...]:
        """Shape of the selection."""
        return self._geometry or (self.size,)

    def __len__(self) -> int:
        return self.size

    def __add__(self, other: PopulationView) -> PopulationView:
        """Return the union, ranks ascending."""
        if not isinstance(other, PopulationView) or other._population is not self._population:
            raise InvalidArgument("only views of one population can be added")
        return PopulationView(self._population, np.union1d(self._ranks, other._ranks))

    def __repr__(self) -> str:
        return f"<PopulationView of {self.name!r}: {self.size} of {self._population.size} neurons>"

    # -- attributes --------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._population._core.spec.attribute(name) is None and name in self._population.functions:
            return getattr(self._population, name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        elif hasattr(type(self), name):
            raise UnknownAttribute(f"{name!r} of a view of population {self.name!r} can't be assigned")
        else:
            self.set({name: value})

    def get(self, name: str) -> Any:
        """Return an attribute of these neurons, (size,), or a number if it is global."""
        value = self._population.get(name)
        if not isinstance(value, np.ndarray):
            return value
        some = value.view(np.ndarray).reshape(-1)[self._ranks]
        return Values(self._population._core, name, some, self._ranks)

    def set(self, values: dict[str, Any]) -> None:
        """Assign attributes of these neurons: all of them, or none if one is wrong.

        Raises:
            InvalidArgument: if an attribute is global, or a value has the wrong shape or type or is not allowed.
        """
        core, checked = self._population._core, {}
        with core.program.all_draws_or_none(values.values()):
            for name, value in values.items():
                checked[name] = checked_for_some(core, name, self._ranks, value)
            caution(core, checked, lambda _: self._ranks)
        for name, some in checked.items():
            assign_some_neurons(core, name, self._ranks, some)


def selected(population: Population, key: Any) -> PopulationView:
    """Return the view that ``population[key]`` means.

    Args:
        key: a rank, a list or array of ranks or booleans, a slice of ranks, or a tuple of coordinates and slices.
    """
    if isinstance(key, tuple):
        chosen = ranks_at(population._core, key)
        return PopulationView(population, chosen.reshape(-1), chosen.shape or None)
    if isinstance(key, slice):
        return PopulationView(population, np.arange(population.size)[key])
    if isinstance(key, int | np.integer) and not isinstance(key, bool):
        rank = int(key)
        return PopulationView(population, [rank + population.size if rank < 0 else rank])
    try:
        ranks = np.asarray(key)
    except ValueError:  # lists of different lengths
        raise no_ranks(population._core, key) from None
    if ranks.dtype == np.bool_:
        if ranks.size != population.size:
            raise InvalidArgument(
                f"population {population.name!r} has {population.size} neurons, the mask {ranks.size}"
            )
        ranks = np.flatnonzero(ranks)
    return PopulationView(population, ranks)
