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
from engram.network.step_size import caution
from engram.network.user_functions import UserFunction, own_functions
from engram.network.values import as_number, as_values
from engram.state.distributions import Distribution
from engram.state.limits import first_misfit, refusal
from engram.state.slots import Role, Slot
from engram.state.spelling import hidden_in
from engram.state.streams import Stream, object_uid, stream_key

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
        self._initial: dict[str, Array | Distribution] = {}
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

    def __getstate__(self) -> Any:
        raise InvalidArgument(f"{self._path} can't be copied or pickled\n  help: save() and load() keep all of it.")

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

    def _checked(self, attribute: Attribute, value: Any) -> Array | Distribution:
        """Return what is assigned; a distribution is drawn, but for one value per element before compile."""
        if isinstance(value, str):
            value = self.get(value)
        what, dtype = f"{self._path}/{attribute.name}", self._dtype(attribute.type)
        if attribute.locality == "global":
            if isinstance(value, Distribution):
                value = self._draw(value, ())
            new = as_number(value, dtype, what)
        elif not isinstance(value, Distribution):
            new = as_values(value, dtype, self._shape(attribute), what)
        elif self._network.compiled:
            new = self._drawn_now(attribute, value).astype(dtype)
        else:
            return value
        self._check_limit(attribute.name, new)
        return new

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
        key = stream_key(self._network.seed, self._uid, Stream.ATTRIBUTE)
        return distribution.keyed_values(key, n, self._network._next_draw()).reshape(shape)

    # -- to be said by populations and projections -------------------------------------------------------

    def _present(self, attribute: Attribute) -> Any:
        raise NotImplementedError

    def _assign(self, attribute: Attribute, value: Array | Distribution) -> None:
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
        if attribute.name in self._initial:
            return self._initial[attribute.name]
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
            return known[value] if value in known else np.asarray(constants[value], self._dtype(attribute.type))
        return np.asarray(value, self._dtype(attribute.type))

    def _keyed(self, attribute: Attribute, distribution: Distribution, shape: tuple[int, ...]) -> Array:
        """Draw an initial value: the same for the same seed, whatever else is drawn."""
        n = int(np.prod(shape))
        if distribution.rng is not None:
            return np.asarray(distribution.get_values(n)).reshape(shape)
        key = stream_key(self._network.seed, self._uid, Stream.INITIAL)
        number = [a.name for a in self._spec.attributes].index(attribute.name)
        return distribution.keyed_values(key, n, number).reshape(shape)
