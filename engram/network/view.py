"""Views: some neurons of a population, by their ranks; and single neurons.

Made by indexing a population or a view. A view can be read and written, be the pre or post side of a projection, and be
recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.errors import InvalidArgument, UnknownAttribute
from engram.network.giving_way import Action, Fact
from engram.network.gone import shown_if_there
from engram.network.guessed import no_member, refuse_as_property
from engram.network.handle import Handle
from engram.network.values import Values
from engram.network.view_facts import ViewFacts
from engram.program.assigning import assign_some_neurons, checked_for_some
from engram.program.ranks import checked_rank, checked_ranks, coordinates_at, positions_of, rank_at, ranks_at
from engram.program.readings import number
from engram.program.rest import set_rest
from engram.program.step_size import caution
from engram.telling import told

if TYPE_CHECKING:
    from engram.network.population import Population

__all__ = ["IndividualNeuron", "PopulationView", "ViewKinds", "one_neuron", "selected"]

Array = npt.NDArray[Any]


@checked_calls
class PopulationView(ViewFacts):
    """Some neurons of a population.

    Args:
        population: the whole.
        ranks: of the neurons, without repetition.
        geometry: shape of the selection, where it has one.

    Raises:
        InvalidArgument: if a rank is repeated or out of range.
    """

    _population: Population
    _geometry: tuple[int, ...] | None

    def __init__(self, population: Population, ranks: Any, geometry: tuple[int, ...] | None = None) -> None:
        if not isinstance(population, Handle):
            what = f"a view is of a population, not of {told(population)}"  # type: ignore[unreachable]  # what users type
            raise InvalidArgument(f"{what}\n  help: pop[[0, 1, 2]] is one of neurons of pop.")
        chosen = checked_ranks(population._core, ranks)
        if geometry is not None and (not isinstance(geometry, tuple) or np.prod(geometry) != len(chosen)):
            what = f"geometry must be a tuple of sizes of {len(chosen)} neurons, not {told(geometry)}"
            raise InvalidArgument(f"{what}\n  help: leave it out; pop[0:2, 0:3] is a view with a geometry.")
        self._population, self._ranks, self._geometry = population, chosen, geometry

    # -- which neurons -----------------------------------------------------------------------------------

    @Fact
    def population(self) -> Population:
        """The whole population."""
        return self._population

    @property
    def geometry(self) -> tuple[int, ...]:
        """Shape of the selection."""
        return self._geometry or (self.size,)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: Any) -> PopulationView:
        """Return some of these neurons: by position among them, list or array of such, mask, slice, or coordinates."""
        return selected(self._population, key, self)

    @Fact
    def neurons(self) -> Iterator[IndividualNeuron]:
        """Go through the neurons."""
        return (one_neuron(self._population, rank) for rank in self._ranks.tolist())

    def __iter__(self) -> Iterator[IndividualNeuron]:
        return (one_neuron(self._population, rank) for rank in self._ranks.tolist())

    def __contains__(self, one: Any) -> bool:
        """Say whether a neuron, all of another view, or a rank of the population is among these."""
        if isinstance(one, PopulationView):
            return one._population is self._population and bool(np.isin(one._ranks, self._ranks).all())
        return isinstance(one, int | np.integer) and bool((self._ranks == one).any())

    def __eq__(self, other: object) -> bool:
        """Say whether another view is of the same neurons in the same order."""
        if not isinstance(other, PopulationView):
            return NotImplemented
        return other._population is self._population and np.array_equal(other._ranks, self._ranks)

    def __hash__(self) -> int:
        return hash((id(self._population), self._ranks.tobytes()))

    def __radd__(self, nothing: Any) -> PopulationView:
        """Let ``sum`` put a list of views together: it begins with 0."""
        return self if type(nothing) is int and nothing == 0 else self.__add__(nothing)

    def __add__(self, other: PopulationView) -> PopulationView:
        """Return the union, ranks ascending."""
        if not isinstance(other, PopulationView) or other._population is not self._population:
            raise InvalidArgument(
                "only views of one population can be added"
                "\n  help: connect or record those of each population on their own."
            )
        return self._population._views.several(self._population, np.union1d(self._ranks, other._ranks))

    @Action
    def rank_from_coordinates(self, coord: Any, local: bool = False) -> int:
        """Return the rank in the population of a neuron of the view.

        Args:
            coord: in the population, or ``local``: in the view.

        Raises:
            InvalidArgument: if there is no such neuron here.
        """
        if local:
            return int(self._ranks[rank_at(self.geometry, coord, self._what)])
        rank = rank_at(self._population.geometry, coord, f"population {self.name!r}")
        if rank not in self:
            raise InvalidArgument(
                f"{self._what} has no neuron at {told(coord)}"
                "\n  help: views know the ranks of the population, local=True their own: view.ranks lists them."
            )
        return rank

    @Action
    def coordinates_from_rank(self, rank: int, local: bool = False) -> tuple[int, ...]:
        """Return the coordinates of a neuron in the population; ``local``: of a position in the view, in the view."""
        whole = self if local else self._population
        return coordinates_at(whole.geometry, checked_rank(whole.size, rank, self._what))

    @property
    def _what(self) -> str:
        return f"the view of population {self.name!r}"

    @shown_if_there
    def __repr__(self) -> str:
        return f"<PopulationView of {self.name!r}: {self.size} of {self._population.size} neurons>"

    @shown_if_there
    def _repr_html_(self) -> str:
        from engram.explain.shown import shown_with_values  # with the whole language, which most scripts never need

        return shown_with_values(self._core, repr(self), {name: self.get(name) for name in self.attributes})

    # -- attributes --------------------------------------------------------------------------------------

    def _is_models(self, name: str) -> bool:
        return self._population._is_models(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            refuse_as_property(self, name)
            raise AttributeError(name)
        if self._population._core.spec.attribute(name) is None and name in self._population.functions:
            return self._population._functions[name]
        self._check_known(name)
        if not self._is_models(name):
            raise no_member(self, self._core, name)
        if name == "r":
            self._population._tell_of_rate()
        return self.get(name)

    def _check_known(self, name: str) -> None:
        """Refuse what a population has as a whole and a view has not."""
        refuse_as_property(self, name)
        if hasattr(type(self._population), name) and not self._is_models(name):
            advice = f"{self.name}.{name} is that of the whole population."
            raise UnknownAttribute(f"{self._what} has no {name!r}\n  help: {advice}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        elif name == "refractory":
            self._set_refractory(value)
        elif hasattr(type(self), name) and not self._is_models(name):
            advice = f"what can be assigned are the values of its model: {', '.join(self.attributes)}."
            raise UnknownAttribute(f"{name!r} of {self._what} can't be assigned\n  help: {advice}")
        else:
            self._check_known(name)
            self.set({name: value})

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.attributes, *self.functions]

    def get(self, name: str) -> Any:
        """Return an attribute of these neurons, (size,), or a number if it is global."""
        core = self._population._core
        attribute = core.attribute(name)
        if attribute.locality == "global":
            return self._population.get(name)
        if attribute.is_table:
            return self._columns(name)
        return Values(core, name, self._some(name), self._ranks, self._population._check_kept)

    def _columns(self, name: str) -> Array:
        """Return the entries of a table that belong to these neurons, (rows, size)."""
        rows: Array = self._population.get(name)
        return rows.reshape(len(rows), -1)[:, self._ranks]

    def _some(self, name: str) -> Array:
        """Return the values of a local attribute, (size,)."""
        core = self._population._core
        if core.program.compiled:
            core.program.usable()
            return core.program.state.read(core.place(name), self._ranks)
        value = core.initial_values()[name]
        return value.reshape(-1)[self._ranks] if value.ndim else np.full(len(self._ranks), value)

    def set(self, values: dict[str, Any]) -> None:
        """Assign attributes of these neurons: all of them, or none if one is wrong.

        Raises:
            InvalidArgument: if an attribute is global, or a value has the wrong shape or type or is not allowed.
        """
        core, checked = self._population._core, {}
        self._population._check_kept(values)
        with core.program.all_draws_or_none(values.values()):
            for name, value in values.items():
                checked[name] = checked_for_some(core, name, self._ranks, value)
            caution(core, checked, lambda _: self._ranks)
        for name, some in checked.items():
            assign_some_neurons(core, name, self._ranks, some)

    def _set_refractory(self, value: Any) -> None:
        core = self._population._core
        if isinstance(core.spec.refractory, str):
            self.set({core.spec.refractory: value})
        else:
            set_rest(core, value, self._ranks)


@checked_calls
class IndividualNeuron(PopulationView):
    """One neuron of a population, as ``pop[2, 3]``, ``pop.neuron(5)`` and iteration give it: attributes are numbers.

    It can stand wherever a view can.

    Args:
        population: the whole.
        rank: of the neuron.

    Raises:
        InvalidArgument: if there is no such neuron.
    """

    def __init__(self, population: Population, rank: int) -> None:
        super().__init__(population, [rank])

    @Fact
    def rank(self) -> int:
        """The rank in the whole population."""
        return int(self._ranks[0])

    def get(self, name: str) -> Any:
        """Return an attribute of the neuron, a number; of a table its entries."""
        attribute = self._population._core.attribute(name)
        if attribute.locality == "global":
            return self._population.get(name)
        if attribute.is_table:
            return self._columns(name)[:, 0]
        advice = f"pop.neuron({self._ranks[0]}).{name} = value sets it."
        return number(self._some(name)[0].item(), f"{name!r} of {self._what}", advice)

    def _of_these(self, whole: Any) -> Any:
        return whole.view(np.ndarray).reshape(-1)[self._ranks[0]].item() if isinstance(whole, np.ndarray) else whole

    @property
    def _what(self) -> str:
        return f"neuron {self._ranks[0]} of population {self.name!r}"

    @shown_if_there
    def __repr__(self) -> str:
        at = coordinates_at(self._population.geometry, self._ranks[0])
        return f"<IndividualNeuron {self._ranks[0]}{f' {at}' if len(at) > 1 else ''} of {self.name!r}>"


class ViewKinds(NamedTuple):
    """The classes of the views that a population makes."""

    several: type[PopulationView] = PopulationView
    one: type[IndividualNeuron] = IndividualNeuron


def one_neuron(population: Population, rank: int) -> IndividualNeuron:
    """Return a neuron by its rank, which is in range."""
    kind = population._views.one
    neuron = kind.__new__(kind)
    neuron._population, neuron._ranks, neuron._geometry = population, np.array([rank]), None
    return neuron


def selected(population: Population, key: Any, view: PopulationView | None = None) -> PopulationView:
    """Return what ``population[key]`` or ``view[key]`` means.

    Args:
        population: the whole.
        key: a rank, a list or array of ranks or booleans, a slice of ranks, or a tuple of coordinates and slices.
        view: whose positions and coordinates are meant; None: those of the population.
    """
    whole, what = (population, f"population {population.name!r}") if view is None else (view, view._what)
    if isinstance(key, tuple):
        found = ranks_at(whole.geometry, key, what)
        chosen, geometry = found.reshape(-1), found.shape
    else:
        chosen, geometry = positions_of(whole.size, key, what), None
    ranks = chosen if view is None else view._ranks[chosen]
    if geometry == ():
        return one_neuron(population, int(ranks[0]))
    return population._views.several(population, ranks, geometry)
