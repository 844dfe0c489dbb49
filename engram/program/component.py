"""Populations and projections below their handles: what they have in common.

A component is what its handle was told (structure and draft), and the door to its values: the tree has them by its
path. Its public names are for engram; users hold handles.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.elsewhere.near import nearest
from engram.errors import InvalidArgument, UnknownAttribute
from engram.ir.spec import Attribute, ModelSpec, storage_dtype
from engram.models.definition import Definition
from engram.program.drafts import Draft
from engram.program.given import Given, InSteps, Keyed
from engram.program.values import as_number, as_values
from engram.state.distributions import Distribution
from engram.state.slots import Role, Slot
from engram.state.spelling import hidden_in
from engram.state.streams import Stream, object_uid
from engram.telling import told

if TYPE_CHECKING:
    from engram.ir.precision import Float
    from engram.program.program import Program

__all__ = ["Component", "listed"]

Array = npt.NDArray[Any]
FEW = 24  # methods that a message lists
OFTEN = {"weights": ("w",), "weight": ("w",), "rate": ("rates", "r"), "rates": ("r",)}
OFTEN |= dict.fromkeys(("delays", "max_delay"), ("delay",))
"""What somebody may call an attribute -> its names in models."""


def listed(methods: Iterable[str], called: str) -> str:
    """Return the methods of an object as a help lists them: if they are many, how to list them."""
    named = [name for name in methods if name[:1] != "_"]
    if len(named) > FEW:
        return f"dir({called}) lists all methods."
    return f"Methods: {', '.join(named)}."


@cache
def _dtype(kind: str, real: Float = "float64") -> np.dtype[Any]:
    return np.dtype(storage_dtype(kind, real))


class Component:
    """A population or a projection.

    Args:
        program: that it belongs to.
        name: unique among its kind.
        definition: of its neurons or synapses.

    Attributes:
        warned: what the user has been told of; see ``step_size.py``.
    """

    section: ClassVar[str]  # ``populations`` or ``projections``: by it the kinds are told apart
    draft: Draft
    definition: Definition
    spec: ModelSpec

    def __init__(self, program: Program, name: str, definition: Definition) -> None:
        self.program = program
        self.name = name
        self.path = f"{self.section}/{name}"
        self.uid = object_uid(self.path)
        self.define(definition)
        self.warned: set[str] = set()

    def define(self, definition: Definition) -> None:
        """Let a model be that of the neurons or synapses; before compile."""
        self.definition, self.spec = definition, definition.spec

    # -- switches ----------------------------------------------------------------------------------------

    def flag(self, name: str) -> bool:
        """Return whether a switch is on."""
        return bool(self.value(name)) if self.place(name) in self.program.state else self.draft.flags[name]

    def set_flag(self, name: str, value: Any) -> None:
        """Switch something on or off.

        Raises:
            InvalidArgument: if the value is neither.
        """
        if not isinstance(value, bool | np.bool_):
            raise InvalidArgument(f"{self.called(name)}: expected True or False, got {told(value)}")
        if self.place(name) in self.program.state:
            self.write(name, value)
        else:
            self.draft.flags[name] = bool(value)

    # -- what the model says -----------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """What messages call it: ``population`` or ``projection``."""
        return self.section[:-1]

    @property
    def of_model(self) -> str:
        """The name of the model, for messages: `` of LIF``, or nothing if it has none."""
        return f" of {self.definition.name}" if self.definition.name else ""

    @property
    def attributes(self) -> list[str]:
        """Names of parameters, then variables."""
        return [a.name for a in self.spec.attributes]

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters."""
        return [a.name for a in self.spec.attributes if not a.is_variable]

    @property
    def variables(self) -> list[str]:
        """Names of the variables."""
        return [a.name for a in self.spec.attributes if a.is_variable]

    @property
    def is_spiking(self) -> bool:
        """Whether neurons emit spikes, or synapses pass them on."""
        raise NotImplementedError

    @property
    def real(self) -> Float:
        """The dtype of its floats."""
        raise NotImplementedError

    def dtype(self, kind: str) -> np.dtype[Any]:
        """The dtype of values of one type: ``float``, ``int`` or ``bool``."""
        return _dtype(kind, self.real)

    def exact(self, kind: str) -> np.dtype[Any]:
        """The dtype in which values of one type are kept while that of floats may change."""
        return _dtype(kind)

    def shape(self, attribute: Attribute) -> tuple[int, ...]:
        """The shape of an attribute's value with one element per neuron or synapse."""
        raise NotImplementedError

    def is_sized(self, attribute: Attribute) -> bool:
        """Whether it is known before compile how many values an attribute has."""
        raise NotImplementedError

    def element(self, name: str, position: int) -> str:
        """How messages call the element that an attribute has a value for at a position."""
        raise NotImplementedError

    def attribute(self, name: str) -> Attribute:
        """Return an attribute by its name.

        Raises:
            UnknownAttribute: if the model has no such attribute.
        """
        found = self.spec.attribute(name)
        if found is None:
            raise self.unknown(name)
        return found

    def meant_by(self, name: str) -> str:
        """Return the attribute that is meant by a name which there is not; empty if that is not certain."""
        return next((one for one in OFTEN.get(name, ()) if self.spec.attribute(one) is not None), "")

    def unknown(
        self,
        name: str,
        others: Iterable[str] = (),
        is_assigned: bool = False,
        known: Iterable[str] | None = None,
        methods: Iterable[str] = (),
        called: str = "",
    ) -> UnknownAttribute:
        """Return the error of a name that the model lacks.

        Args:
            others: names that would do beside those of attributes, and may be meant.
            is_assigned: whether something should be assigned to it.
            known: what would do; all attributes by default.
            methods: what can be called, which is listed where nothing is near.
            called: what users may call the object, whose methods these are.
        """
        meant = next((one for one in OFTEN.get(name, ()) if one in (*others, *self.attributes)), "")
        near = meant or nearest(name, self.attributes) or nearest(name, others)
        hidden = hidden_in(name)
        hint = f"it has {hidden}. " if hidden else ""
        where = "attributes are defined in the model" + (", not by assigning to them." if is_assigned else ".")
        if called:
            where += f" {listed(methods, called)}"
        hint += f"did you mean {near!r}?" if near else where
        there = ", ".join(self.attributes if known is None else known) or "nothing"
        return UnknownAttribute(
            f"{self.kind} {self.name!r} has no attribute {name!r}\n  known here: {there}\n  help: {hint}"
        )

    # -- values ------------------------------------------------------------------------------------------

    def called(self, name: str) -> str:
        """What messages call an attribute: ``'v' of population 'exc'``."""
        return f"{name!r} of {self.kind} {self.name!r}"

    def place(self, name: str) -> str:
        """The path of a slot of the component."""
        return f"{self.path}/{name}"

    def value(self, name: str) -> Array:
        """Show the value of a slot; see :class:`engram.state.tree.State`."""
        return self.program.state[f"{self.path}/{name}"]

    def write(self, name: str, values: Any) -> None:
        """Give a slot other values of its shape, or one for all elements."""
        self.program.state.write(f"{self.path}/{name}", values)

    def slot(self, name: str, shape: tuple[int, ...], dtype: Any, role: Role, **facts: Any) -> Slot:
        """Return a slot that it needs."""
        return Slot(self.path, name, shape, np.dtype(dtype), role, **facts)

    def held(self, attribute: Attribute, value: Any, shape: tuple[int, ...], what: str) -> Array:
        """Return a value that the attribute can have, before compile as exactly as it was given.

        Raises:
            InvalidArgument: see :func:`engram.program.values.as_values`.
        """
        dtype = self.dtype(attribute.type)
        advice = ""
        if attribute.locality == "global":
            one = "neuron" if self.kind == "population" else "synapse"
            advice = f"give one number; without the flag :{self.kind} in the model each {one} has its own."
        new = as_values(value, dtype, shape, what, advice)
        if self.program.compiled or dtype == (exact := self.exact(attribute.type)):
            return new
        return np.array(value, exact).reshape(new.shape)

    def rounded(self, attribute: Attribute, value: Array) -> Array:
        """Return a copy of what was given or drawn, in the dtype that the network has now.

        Raises:
            InvalidArgument: if that can't hold it.
        """
        exact, dtype = value.astype(self.exact(attribute.type)), self.dtype(attribute.type)
        if exact.dtype == dtype:
            return exact
        given = exact if exact.shape else exact.item()
        return as_values(given, dtype, exact.shape, self.called(attribute.name))

    # -- what was given before compile -------------------------------------------------------------------

    def given_value(self, attribute: Attribute) -> Array:
        """Return the values of an attribute before compile as they were given, not rounded.

        Raises:
            NotCompiled: if compile draws them.
        """
        raise NotImplementedError

    def number(self, attribute: Attribute) -> Array:
        """Return the value that an attribute with one for the whole component has, or will have: ()."""
        if self.program.compiled:
            return self.value(attribute.name)
        return self.rounded(attribute, self.given_value(attribute))

    def draw(self, distribution: Distribution, shape: tuple[int, ...]) -> Array:
        """Draw values for an assignment: from the network's own stream, or the generator that the user gave."""
        n = int(np.prod(shape))
        if distribution.rng is not None:
            return np.asarray(distribution.get_values(n)).reshape(shape)
        return self.drawn_by(Keyed(distribution, Stream.ATTRIBUTE, self.program.next_draw()), shape)

    def drawn_by(self, keyed: Keyed, shape: tuple[int, ...]) -> Array:
        """Return what a draw gives for the seed that the network has now."""
        return keyed.draw(self.program.stream_seed, self.uid, shape)

    def keyed(self, attribute: Attribute, distribution: Distribution, shape: tuple[int, ...]) -> Array:
        """Draw an initial value: the same for the same seed, whatever else is drawn."""
        number = [a.name for a in self.spec.attributes].index(attribute.name)
        return self.drawn_by(Keyed(distribution, Stream.INITIAL, number), shape)

    def default(self, attribute: Attribute, known: dict[str, Array]) -> Array | Distribution:
        """The initial value: what the user assigned before compile, else what the model says.

        Args:
            known: initial values of the attributes before this one, for ``init=other``.
        """
        given = self.draft.values.get(attribute.name)
        if isinstance(given, Given):
            return self._settled(given, attribute, known)
        if isinstance(given, InSteps):
            return given.at(self.program.dt)
        return self._model_value(attribute, known) if given is None else given

    def _model_value(self, attribute: Attribute, known: dict[str, Array]) -> Array | Distribution:
        value = attribute.default
        if isinstance(value, Distribution):
            return value
        if isinstance(value, str):
            constants = self.program.constants
            if value not in known and value not in constants:
                advice = f"declare it before compile(): net.constant({value!r}, ...), or eg.Constant for all networks."
                raise InvalidArgument(
                    f"{self.called(attribute.name)}: init={value} is not known before it\n  help: {advice}"
                )
            return known[value] if value in known else np.asarray(constants[value], self.exact(attribute.type))
        return np.asarray(value, self.exact(attribute.type))

    def _settled(self, given: Given, attribute: Attribute, known: dict[str, Array]) -> Array:
        """Return the values that were given, for the network's present seed, floats in float64."""
        dtype, shape, what = self.exact(attribute.type), self.shape(attribute), self.called(attribute.name)
        base = self._model_value(attribute, known) if given.base is None else given.base
        if isinstance(base, Keyed):
            return as_number(self.drawn_by(base, ()), dtype, what)
        if isinstance(base, Distribution):
            base = self.keyed(attribute, base, shape).astype(dtype)
        whole = np.full(shape, base, dtype)
        for ranks, values in given.later:
            if isinstance(values, Keyed):
                values = as_values(self.drawn_by(values, ranks.shape), dtype, ranks.shape, what)
            whole.reshape(-1)[ranks] = values
        return whole
