"""Handles with attributes by name: what populations and projections have in common for users.

``pop.v`` reads an array of the tree, ``pop.v = ...`` checks and writes; a name that the model lacks is an error, never
a new attribute. Before ``compile`` values are kept aside and become initial values, to which ``reset`` returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy.typing as npt

from engram.callers import checked_calls
from engram.errors import InvalidArgument, UnknownAttribute
from engram.ir.spec import Attribute
from engram.models.definition import Definition
from engram.network.facts import ModelFacts
from engram.network.giving_way import Fact, is_taken
from engram.network.gone import shown_if_there
from engram.network.guessed import no_member, not_assigned, refuse_as_property, unassignable
from engram.program.assigning import assign, assign_all
from engram.program.begun_with import Initial, begun_with
from engram.program.neurons import Neurons
from engram.program.readings import number
from engram.program.synapses import Synapses
from engram.program.unheard import has_no_rate, warn_of_silent_rate
from engram.program.user_functions import UserFunction, model_functions

if TYPE_CHECKING:
    from engram.network.any_network import AnyNetwork

__all__ = ["Handle", "handle_of", "is_among", "one_for_all"]


def is_among(known: Mapping[str, Any], one: Any) -> bool:
    """Say whether something that a user gave is one of some objects, which are known by their names."""
    name = getattr(one, "name", None)
    return isinstance(name, str) and known.get(name) is one


def handle_of(network: AnyNetwork, path: str) -> Any:
    """Return the population, projection or monitor of a network at a path."""
    section, _, name = path.partition("/")
    return vars(network)[f"_{section}"][name]


def one_for_all(core: Neurons | Synapses, name: str, value: npt.NDArray[Any]) -> Any:
    """Return the value of an attribute which a population or projection has once, a number."""
    of_neurons = core.section == "populations"
    owner, flag, each = ("pop", "population", "neuron") if of_neurons else ("proj", "projection", "synapse")
    advice = f"{owner}.{name} = value sets it; without `: {flag}` in the model each {each} has its own."
    return number(value.item(), f"{name!r} of {core.kind} {core.name!r}", advice)


@checked_calls
class Handle(ModelFacts):
    """A population or a projection.

    Args:
        network: that it belongs to.
        core: what it is and has.
    """

    _core: Neurons | Synapses
    _assignable: ClassVar[frozenset[str]] = frozenset()  # what may be assigned besides the model's: what has a setter

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        members = {name: member for kind in reversed(cls.__mro__) for name, member in vars(kind).items()}
        cls._assignable = frozenset(n for n, member in members.items() if isinstance(member, property) and member.fset)

    def __init__(self, network: AnyNetwork, core: Neurons | Synapses) -> None:
        self._network, self._core = network, core

    @classmethod
    def _check_names(cls, definition: Definition) -> None:
        """Refuse a model with attributes that handles have already.

        Raises:
            InvalidArgument: naming the first of them.
        """
        attributes = (a.name for a in definition.spec.attributes)
        clash = next((name for name in attributes if name[:1] == "_" or is_taken(cls, name)), "")
        if clash:
            whose = f"{definition.spec.kind} {definition.name!r}" if definition.name else f"the {definition.spec.kind}"
            what = f"attribute {clash!r} of {whose}"
            where = f"{cls.__name__}.{clash}" if clash[:1] != "_" else "names that are kept for internal use"
            raise InvalidArgument(f"{what} would clash with {where}\n  help: give it another name in the model.")

    # -- what the model says -----------------------------------------------------------------------------

    @cached_property
    def _functions(self) -> dict[str, UserFunction]:
        return model_functions(self._core.definition, self._core.program)

    @Fact
    def init(self) -> Initial:
        """Initial values by name, to which ``reset`` returns: a number, an array, or what compile draws them from."""
        return Initial(self._core, begun_with(self._core))

    @Fact
    def id(self) -> int:
        """Which one it is among those of its network, in the order of their creation."""
        return [*getattr(self._core.program, self._core.section)].index(self.name)

    @Fact
    def initialized(self) -> bool:
        """Whether the network is compiled."""
        return self._core.program.compiled

    @shown_if_there
    def __repr__(self) -> str:
        return repr(self._core)

    @shown_if_there
    def _repr_html_(self) -> str:
        from engram.explain.shown import shown  # with the whole language, which most scripts never need

        return shown(self._core, repr(self))

    # -- access by name ----------------------------------------------------------------------------------

    def _is_models(self, name: str) -> bool:
        """Say whether the model has an attribute or a function of that name."""
        return self._core.spec.attribute(name) is not None or name in self._functions

    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_":
            refuse_as_property(self, name)
            raise AttributeError(name)
        self._core.program.there()
        attribute = self._core.spec.attribute(name)
        if attribute is not None:
            if name == "r":
                self._tell_of_rate()
            return self._present(attribute)
        if name in self._functions:
            return self._functions[name]
        raise no_member(self, self._core, name)

    def _tell_of_rate(self) -> None:
        """Warn, once, whoever reads the firing rate of spiking neurons, after compile, if nothing computes it."""
        if "_has_told" not in vars(self) and self._core.program.compiled and has_no_rate(self._core):
            self._has_told = True
            warn_of_silent_rate(self._core, "pop.r")

    def __setattr__(self, name: str, value: Any) -> None:
        if name[:1] == "_" or name in type(self)._assignable:
            object.__setattr__(self, name, value)
            return
        self._core.program.there()
        if (attribute := self._core.spec.attribute(name)) is not None:
            self._assign(attribute, value)
        elif hasattr(type(self), name):
            what = f"{name!r} of {self._core.kind} {self.name!r} can't be assigned"
            raise UnknownAttribute(f"{what}\n  help: {unassignable(name, self._core)}")
        else:
            raise not_assigned(self._core, type(self)._assignable, name)

    def _assign(self, attribute: Attribute, value: Any) -> None:
        """Give an attribute of the model another value."""
        assign(self._core, attribute, value)

    def __reduce__(self) -> Any:
        return handle_of, (self._network, self._core.path)  # a handle is copied and pickled with its network

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.attributes, *self.functions]

    def get(self, name: str) -> Any:
        """Return the value of an attribute: an array, or a number if it is global.

        Raises:
            UnknownAttribute: if the model has no such attribute.
        """
        return self._present(self._core.attribute(name))

    def set(self, values: dict[str, Any]) -> None:
        """Assign several attributes at once: all of them, or none if one is wrong.

        A value is a number, an array with one element per neuron or synapse, a distribution, or the name of another
        attribute; of synapses also a list for each post neuron, or a matrix as ``weights_csr`` gives it.

        Raises:
            UnknownAttribute: if the model has no such attribute.
            InvalidArgument: if a value has the wrong shape or type, or is one that the model does not allow.
        """
        assign_all(self._core, values)

    def _present(self, attribute: Attribute) -> Any:
        """Return the value of an attribute as users read it."""
        raise NotImplementedError
