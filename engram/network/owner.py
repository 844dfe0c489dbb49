"""Objects with attributes by name: what populations and projections have in common.

``pop.v`` reads an array of the tree, ``pop.v = ...`` checks and writes; a name that the model lacks is an error, never
a new attribute. Before ``compile`` values are kept aside and become initial values, to which ``reset`` returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.errors import InvalidArgument, UnknownAttribute
from engram.ir.spec import Attribute, ModelSpec, storage_dtype
from engram.models.definition import Definition
from engram.network.drafts import Draft
from engram.network.given import Given, Keyed, settled
from engram.network.step_size import caution
from engram.network.user_functions import UserFunction, own_functions
from engram.network.values import as_values
from engram.state.distributions import Distribution
from engram.state.limits import first_misfit, refusal
from engram.state.slots import Role, Slot
from engram.state.spelling import hidden_in
from engram.state.streams import Stream, object_uid

if TYPE_CHECKING:
    from engram.ir.precision import Float
    from engram.network.network import Network

__all__ = ["Owner", "as_definition", "is_among"]

Array = npt.NDArray[Any]
D = TypeVar("D", bound=Definition)


def as_definition(given: Any, kind: type[D], what: str) -> D:
    """Return a model; a class of models stands for one with its default parameters.

    Raises:
        InvalidArgument: if ``given`` is neither.
    """
    definition = given() if isinstance(given, type) else given
    if not isinstance(definition, kind):
        raise InvalidArgument(f"{what} must be an eg.{kind.__name__}, not {given!r:.60}")
    return definition


def is_among(known: Mapping[str, Any], one: Any) -> bool:
    """Say whether something that a user gave is one of some objects, which are known by their names."""
    name = getattr(one, "name", None)
    return isinstance(name, str) and known.get(name) is one


@checked_calls
class Owner:
    """A population or a projection.

    Args:
        network: that it belongs to.
        name: unique among its kind.
        definition: of its neurons or synapses.
    """

    _section: ClassVar[str]  # ``populations`` or ``projections``: by it the kinds are told apart
    _draft: Draft
    _fields: ClassVar[frozenset[str]] = frozenset()  # public attributes that may be assigned besides the model's

    def __init__(self, network: Network, name: str, definition: Definition) -> None:
        clash = next(
            (a.name for a in definition.spec.attributes if a.name[:1] == "_" or hasattr(type(self), a.name)), ""
        )
        if clash:
            what = f"attribute {clash!r} of {definition.spec.kind} {definition.name!r}"
            where = f"{type(self).__name__}.{clash}" if clash[:1] != "_" else "names that are kept for internal use"
            raise InvalidArgument(f"{what} would clash with {where}\n  help: give it another name in the model.")
        self._network = network
        self._name = name
        self._definition = definition
        self._spec: ModelSpec = definition.spec
        self._path = f"{self._section}/{name}"
        self._uid = object_uid(self._path)
        self._warned: set[str] = set()  # what the user has been told of; see ``step_size.py``

    # -- what the model says -----------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name by which files and messages know the object."""
        return self._name

    @property
    def attributes(self) -> list[str]:
        """Names of parameters, then variables."""
        return [a.name for a in self._spec.attributes]

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters."""
        return [a.name for a in self._spec.attributes if not a.is_variable]

    @property
    def variables(self) -> list[str]:
        """Names of the variables."""
        return [a.name for a in self._spec.attributes if a.is_variable]

    @property
    def functions(self) -> list[str]:
        """Names of the model's own functions, which can be called: ``pop.f(x)``."""
        return list(self._functions)

    @cached_property
    def _functions(self) -> dict[str, UserFunction]:
        return own_functions(self._definition, self._network)

    @property
    def _real(self) -> Float:
        """The dtype of the object's floats."""
        raise NotImplementedError

    def _dtype(self, kind: str) -> np.dtype[Any]:
        """The dtype of values of one type: ``float``, ``int`` or ``bool``."""
        return np.dtype(storage_dtype(kind, self._real))

    def _exact(self, kind: str) -> np.dtype[Any]:
        """The dtype in which values of one type are kept while that of floats may change."""
        return np.dtype(storage_dtype(kind))

    def _shape(self, attribute: Attribute) -> tuple[int, ...]:
        """The shape of an attribute's value with one element per neuron or synapse."""
        raise NotImplementedError

    def _unknown(self, name: str) -> UnknownAttribute:
        near = get_close_matches(name, self.attributes, 1)
        hidden = hidden_in(name)
        hint = f"it has {hidden}. " if hidden else ""
        hint += (
            f"did you mean {near[0]!r}?" if near else "attributes are defined in the model, not by assigning to them."
        )
        known = ", ".join(self.attributes)
        kind = type(self).__name__.lower()
        return UnknownAttribute(
            f"{kind} {self.name!r} has no attribute {name!r}\n  known here: {known}\n  help: {hint}"
        )

    # -- access by name ----------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_":
            raise AttributeError(name)
        attribute = self._spec.attribute(name)
        if attribute is not None:
            return self._present(attribute)
        if name in self._functions:
            return self._functions[name]
        raise self._unknown(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name[:1] == "_" or name in type(self)._fields:
            object.__setattr__(self, name, value)
        elif (attribute := self._spec.attribute(name)) is not None:
            if isinstance(value, Distribution):
                self.set({name: value})
            else:
                new = self._checked(attribute, value)
                caution(self, {name: new})
                self._assign(attribute, new)
        elif hasattr(type(self), name):
            raise UnknownAttribute(f"{name!r} of {type(self).__name__.lower()} {self.name!r} can't be assigned")
        else:
            raise self._unknown(name)

    def __reduce__(self) -> Any:
        from engram.network.copies import handle_of  # which most scripts never need

        return handle_of, (self._network, self._path)  # a handle is copied and pickled with its network

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.attributes, *self.functions]

    def get(self, name: str) -> Any:
        """Return the value of an attribute: an array, or a number if it is global.

        Raises:
            UnknownAttribute: if the model has no such attribute.
        """
        attribute = self._spec.attribute(name)
        if attribute is None:
            raise self._unknown(name)
        return self._present(attribute)

    def set(self, values: dict[str, Any]) -> None:
        """Assign several attributes at once: all of them, or none if one is wrong.

        A value is a number, an array with one element per neuron or synapse, a distribution, or the name of another
        attribute.

        Raises:
            UnknownAttribute: if the model has no such attribute.
            InvalidArgument: if a value has the wrong shape or type, or is one that the model does not allow.
        """
        checked = []
        with self._network._all_draws_or_none(values.values()):
            for name, value in values.items():
                attribute = self._spec.attribute(name)
                if attribute is None:
                    raise self._unknown(name)
                checked.append((attribute, self._checked(attribute, value)))
            caution(self, {attribute.name: new for attribute, new in checked})
        for attribute, new in checked:
            self._assign(attribute, new)

    def _checked(self, attribute: Attribute, value: Any) -> Array | Distribution | Given:
        """Return what is assigned: values, or before compile a distribution that it draws."""
        compiled, what = self._network.compiled, self._place(attribute.name)
        if isinstance(value, str):
            value = self.get(value) if compiled else self._copied(value)
        if attribute.locality == "global":
            if isinstance(value, Distribution):
                if not compiled and value.rng is None:
                    return Given(Keyed(value, Stream.ATTRIBUTE, self._network._next_draw()))
                value = self._draw(value, ())
            new = self._held(attribute, value, (), what)
        elif not isinstance(value, Distribution):
            new = self._held(attribute, value, self._shape(attribute), what)
        elif compiled:
            new = self._drawn_now(attribute, value).astype(self._dtype(attribute.type))
        elif value.rng is not None and self._is_sized(attribute):
            new = self._draw(value, self._shape(attribute)).astype(self._exact(attribute.type))
        else:
            return value
        self._check_limit(attribute.name, new)
        return new

    def _held(self, attribute: Attribute, value: Any, shape: tuple[int, ...], what: str) -> Array:
        """Return a value that the attribute can have, before compile as exactly as it was given.

        Raises:
            InvalidArgument: see :func:`engram.network.values.as_values`.
        """
        dtype = self._dtype(attribute.type)
        new = as_values(value, dtype, shape, what)
        if self._network.compiled or dtype == (exact := self._exact(attribute.type)):
            return new
        return np.array(value, exact).reshape(new.shape)

    def _rounded(self, attribute: Attribute, value: Array) -> Array:
        """Return a copy of what was given or drawn, in the dtype that the network has now.

        Raises:
            InvalidArgument: if that can't hold it.
        """
        exact, dtype = value.astype(self._exact(attribute.type)), self._dtype(attribute.type)
        if exact.dtype == dtype:
            return exact
        given = exact if exact.shape else exact.item()
        return as_values(given, dtype, exact.shape, self._place(attribute.name))

    def _check_limit(self, name: str, values: Array, ranks: Array | None = None) -> None:
        """Refuse values that the model does not allow.

        Args:
            name: of the attribute.
            values: that it is to have.
            ranks: of the elements that they are for, of all by default.

        Raises:
            InvalidArgument: naming the first of them.
        """
        limit = self._spec.limit(name)
        found = None if limit is None else first_misfit(limit, values)
        if limit is not None and found is not None:
            position, value = found
            if ranks is not None and ranks.size:
                position = int(ranks.reshape(-1)[position])
            element = f", {self._element(name, position)}" if ranks is not None or values.shape else ""
            what = f"{type(self).__name__.lower()} {self.name!r}{element}"
            raise refusal(self._spec.name or self._spec.kind, limit, value, what)

    def _draw(self, distribution: Distribution, shape: tuple[int, ...]) -> Array:
        """Draw values for an assignment: from the network's own stream, or the generator that the user gave."""
        n = int(np.prod(shape))
        if distribution.rng is not None:
            return np.asarray(distribution.get_values(n)).reshape(shape)
        return Keyed(distribution, Stream.ATTRIBUTE, self._network._next_draw()).draw(self, shape)

    # -- to be said by populations and projections -------------------------------------------------------

    def _present(self, attribute: Attribute) -> Any:
        raise NotImplementedError

    def _assign(self, attribute: Attribute, value: Array | Distribution | Given) -> None:
        raise NotImplementedError

    def _copied(self, name: str) -> Any:
        """Return the values of an attribute before compile as they were given, not rounded.

        Raises:
            UnknownAttribute: if the model has no such attribute.
        """
        raise NotImplementedError

    def _is_sized(self, attribute: Attribute) -> bool:
        """Whether it is known before compile how many values an attribute has."""
        raise NotImplementedError

    def _drawn_now(self, attribute: Attribute, distribution: Distribution) -> Array:
        """Draw one value per element for an assignment."""
        raise NotImplementedError

    def _element(self, name: str, position: int) -> str:
        """How messages call the element that an attribute has a value for at a position."""
        raise NotImplementedError

    # -- slots -------------------------------------------------------------------------------------------

    def _place(self, name: str) -> str:
        """The path of a slot of the object."""
        return f"{self._path}/{name}"

    def _value(self, name: str) -> Array:
        """Show the value of a slot; see :class:`engram.state.tree.State`."""
        return self._network._state[f"{self._path}/{name}"]

    def _write(self, name: str, values: Any) -> None:
        """Give a slot other values of its shape, or one for all elements."""
        self._network._state.write(f"{self._path}/{name}", values)

    def _slot(self, name: str, shape: tuple[int, ...], dtype: Any, role: Role, **facts: Any) -> Slot:
        return Slot(self._path, name, shape, np.dtype(dtype), role, **facts)

    def _role(self, attribute: Attribute) -> Role:
        return Role.STATE if attribute.is_variable else Role.PARAMETER

    def _default(self, attribute: Attribute, known: dict[str, Array]) -> Array | Distribution:
        """The initial value: what the user assigned before compile, else what the model says.

        Args:
            known: initial values of the attributes before this one, for ``init=other``.
        """
        given = self._draft.values.get(attribute.name)
        if isinstance(given, Given):
            return settled(given, self, attribute, self._model_value(attribute, known) if given.base is None else None)
        return self._model_value(attribute, known) if given is None else given

    def _model_value(self, attribute: Attribute, known: dict[str, Array]) -> Array | Distribution:
        value = attribute.default
        if isinstance(value, Distribution):
            return value
        if isinstance(value, str):
            constants = self._network._constants
            if value not in known and value not in constants:
                advice = f"declare it before compile(): net.constant({value!r}, ...), or eg.Constant for all networks."
                raise InvalidArgument(
                    f"{self._path}/{attribute.name}: init={value} is not known before it\n  help: {advice}"
                )
            return known[value] if value in known else np.asarray(constants[value], self._exact(attribute.type))
        return np.asarray(value, self._exact(attribute.type))

    def _keyed(self, attribute: Attribute, distribution: Distribution, shape: tuple[int, ...]) -> Array:
        """Draw an initial value: the same for the same seed, whatever else is drawn."""
        number = [a.name for a in self._spec.attributes].index(attribute.name)
        return Keyed(distribution, Stream.INITIAL, number).draw(self, shape)
