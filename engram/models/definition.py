"""``eg.Neuron`` and ``eg.Synapse``: a model as the user writes it.

In: text. Out: a checked model, and its summary, which comes from the cache when the same text was seen before.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import xxhash

from engram import language
from engram.callers import checked_calls, shortened, warn
from engram.contents import Contents
from engram.elsewhere.near import nearest
from engram.errors import InvalidArgument, LanguageError, UnknownAttribute
from engram.ir.spec import ModelSpec
from engram.models.registry import REGISTRY
from engram.native.cache import recall, remember
from engram.state.distributions import Distribution
from engram.state.limits import Limit, first_misfit, refusal
from engram.state.spelling import spelled
from engram.telling import told

if TYPE_CHECKING:
    from typing_extensions import Self

    from engram.language import Creating, Pruning, Variable
    from engram.language.model import EventClock, Function, Kind, Model

    Text = str | list[str] | list[str | Variable] | Variable | None
    Parameters = str | list[str] | dict[str, Any]

__all__ = ["Definition", "Neuron", "Synapse", "as_definition"]


class Definition(Contents):
    """A neuron's or a synapse's text, and what it means. It does not change once it is made.

    A text that is right but for names that constants could have may be made before these: it is understood, or refused,
    when it is first used, by a population, a projection, or whoever asks for the attributes below.

    The arguments of the constructor can be read: ``neuron.equations``, ``synapse.pre_spike``.
    ``len(neuron)``, ``for name in neuron`` and ``"v" in neuron`` are about the names of its attributes.

    Attributes:
        name: what messages and reports call it.
        description: free text.
        spec: its attributes and kind; known at once.
        model: the checked model; parsed when first asked for, unless the text is new.
        key: digest of the text.
    """

    name: str
    description: str
    spec: ModelSpec
    key: str
    _kind: ClassVar[Kind]
    _parts: ClassVar[tuple[str, ...]]  # names of the texts
    _positive: ClassVar[str | None] = None  # of ready-made models: parameters that must be above 0, in one text
    _finite: ClassVar[str] = ""  # those among them that may not be infinite
    _not_negative: ClassVar[str] = ""  # those that must be 0 or above
    _shares: ClassVar[str] = ""  # those that must lie between 0 and 1
    _event_clock: EventClock = "exact"

    def __init__(self, name: str | None, description: str | None, texts: dict[str, Any]) -> None:
        for argument, value in (("name", name), ("description", description)):
            if not isinstance(value, str | None):
                raise InvalidArgument(f"{argument} must be text, not {told(value)}")
        spelt = spelled(name or "", f"the name of a {self._kind}")
        vars(self).update(name=spelt, description=description or "")
        self._texts = {block: _kept(text) for block, text in texts.items()}
        self._limits: tuple[Limit, ...] | None = None
        try:
            self._learn()
        except LanguageError as error:
            errors = getattr(error, "errors", ()) or (error,)
            if not all(getattr(one, "may_come", False) for one in errors):
                raise

    def _learn(self) -> None:
        """Find what the texts mean, with what has been declared by now."""
        self._constants, self._functions = dict(REGISTRY.known()), REGISTRY.parsed()
        facts = [self._kind, self._positive, self._finite, self._not_negative, self._shares, self.name]
        said = [*facts, {**self._texts, **_used(self._texts)}]
        self._understand([*said, sorted(REGISTRY.names), REGISTRY.functions])

    @classmethod
    def recorded(
        cls,
        name: str,
        description: str,
        texts: dict[str, Any],
        constants: Collection[str],
        limits: tuple[Limit, ...],
        event_clock: EventClock = "exact",
    ) -> Self:
        """Return a model made of what was recorded of one; it knows nothing that was declared in this process.

        Args:
            name, description: as they were.
            texts: arguments of the constructor, printed anew with all functions that they call. They may be longer than
                what a user writes: see ``language/source.py``.
            constants: names of those that the model reads.
            limits: of its parameters, which are not derived from the texts.
            event_clock: of its event-driven variables.

        Raises:
            LanguageError, InvalidArgument: if there can be no such model.
        """
        new = cls.__new__(cls)
        vars(new).update(name=name, description=description)
        new._texts = dict(texts)
        new._constants, new._functions = dict.fromkeys(sorted(constants), 0.0), ()
        new._limits, new._event_clock = limits, event_clock
        new._understand(["recorded", cls._kind, name, sorted(texts.items()), sorted(constants), limits, event_clock])
        return new

    def _understand(self, facts: list[Any]) -> None:
        """Find what the texts mean, which follows from some facts."""
        vars(self)["key"] = str(xxhash.xxh3_128_hexdigest(repr(facts).encode("utf-8")))
        try:
            vars(self)["spec"] = self._recalled()
            self._check_defaults()
        except BaseException:
            for name in ("key", "spec", "model"):
                vars(self).pop(name, None)
            raise
        for text in self.spec.cautions:
            warn(text)

    def _varied(self, what: str) -> Self:
        """Return a copy that means something else, which the caller says in its private attributes before it is read.

        Args:
            what: is different; with the key it is the key of the copy.
        """
        other = copy.copy(self)
        vars(other).pop("model", None)
        vars(other)["key"] = f"{self.key} {what}"
        return other

    @cached_property
    def model(self) -> Model:
        """The checked model."""
        if "key" not in vars(self):  # constants that were lacking may be there by now
            self._learn()
        parse = language.parse_neuron if self._kind == "neuron" else language.parse_synapse
        model = parse(name=self.name, shared_functions=self._functions, **self._facts, **self._texts)
        return replace(model, event_clock=self._event_clock)

    @property
    def _facts(self) -> dict[str, Any]:
        """Arguments of parsers beside the texts."""
        return {"constants": self._constants, "is_printed": self._limits is not None}

    @cached_property
    def model_functions(self) -> tuple[Function, ...]:
        """The functions of this model, also those that nothing in it calls."""
        text = self._texts.get("functions")
        return language.parse_functions(text, shared_functions=self._functions, **self._facts) if text else ()

    @property
    def callable_functions(self) -> tuple[Function, ...]:
        """The functions that texts of this model may call: its own, and those of all models that they don't hide."""
        return (*{f.name: f for f in (*self._functions, *self.model_functions)}.values(),)

    def _recalled(self) -> ModelSpec:
        known = recall(f"model {self.key}")
        return ModelSpec.from_json(known) if known is not None else self._first_sight()

    def _first_sight(self) -> ModelSpec:
        from engram.ir.describe import spec_of

        spec = spec_of(self.model, self._positive, self._finite, self._not_negative, self._shares)
        spec = spec if self._limits is None else replace(spec, limits=self._limits)
        data = spec.to_json()
        if data is not None:
            remember(f"model {self.key}", data)
        return spec

    def _check_defaults(self) -> None:
        """Refuse parameters with values that they may not have; all of a text in one error."""
        defaults = {a.name: a.default for a in self.spec.attributes if isinstance(a.default, int | float)}
        given = [limit for limit in self.spec.limits if limit.name in defaults]
        wrong = [limit for limit in given if first_misfit(limit, defaults[limit.name]) is not None]
        if wrong and self._positive is not None:
            raise refusal(self.name, wrong[0], defaults[wrong[0].name])
        if wrong:
            from engram.ir.errors import out_of_limits  # with the whole language

            raise out_of_limits(self.model, wrong)

    @shortened
    def __getattr__(self, name: str) -> Any:
        """Return an argument of the constructor as it was given, or what was not understood yet."""
        if name in ("key", "spec"):
            self._learn()
            return vars(self)[name]
        if name[:1] != "_" and name in self._parts:
            return _kept(self._texts.get(name))
        near = None if name[:1] == "_" else nearest(name, self._parts)
        advice = f"did you mean {near!r}?" if near else f"values are those of populations and projections: pop.{name}."
        known = f"known here: {', '.join(self._parts)}"
        raise UnknownAttribute(f"{self._what} has no attribute {name!r}\n  {known}\n  help: {advice}")

    @shortened
    def __setattr__(self, name: str, value: Any) -> None:
        is_ours = type(self).__module__.partition(".")[0] == __name__.partition(".")[0]
        if name[:1] != "_" and (is_ours or name in (*self._parts, "name", "description", "spec", "key")):
            advice = "make another one with other arguments, or assign values to a population or projection of it."
            raise UnknownAttribute(
                f"{name!r} of {self._what} can't be assigned: a model does not change\n  help: {advice}"
            )
        object.__setattr__(self, name, value)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._parts]

    def _members(self) -> list[str]:
        return [attribute.name for attribute in self.spec.attributes]

    @property
    def _what(self) -> str:
        return f"{self._kind} {self.name!r}" if vars(self).get("name") else f"the {self._kind}"

    def _told(self) -> str:
        """Return what messages call it; see ``telling.py``."""
        return f"a {self._kind} {self.name or type(self).__name__!r}"

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        try:
            what = ", ".join(a.name for a in self.spec.attributes)
        except LanguageError as error:
            what = str(error).partition("\n")[0]
        return f"<{type(self).__name__}{name}: {what}>"

    def _repr_html_(self) -> str:
        from engram.models.shown import model_shown  # with the whole language, which most scripts never need

        refractory = self.refractory if self._kind == "neuron" else None
        return model_shown(repr(self).partition(":")[0].strip("<>"), self.description, self.model, refractory)


@checked_calls
class Neuron(Definition):
    """A neuron model: parameters and equations, and for spiking neurons a spike condition and a reset.

    Args:
        parameters: text (``tau = 10.0``, one value per neuron unless flagged ``: population``) or a dictionary
            (one value for the population unless wrapped in :class:`Parameter`).
        equations: text or a list of texts and :class:`Variable`. Rate-coded neurons must define ``r``.
        spike: condition; a neuron with one is spiking.
        axon_spike: a second condition, tested where the first is false.
        reset: statements run by a neuron that spikes.
        axon_reset: statements run by a neuron whose ``axon_spike`` is true.
        refractory: ms, the name of an attribute, or a distribution of which each neuron has a draw. Meanwhile variables
            hold and conductances go on; the flags ``: unless refractory`` and ``: while refractory`` of an equation say
            otherwise.
        refractory_input: ``drop`` if what arrives while a neuron is refractory has no effect: its conductances are then
            as if it had not arrived, also in records. ``keep`` by default.
        functions: ``f(x) = ...``, one expression each.
        name: what messages and reports call the model.
        description: free text.
        extra_values: values by name; ``tau = 'tau_m'`` with a name in quotes gives a parameter one of them. Others are
            not looked at: it may be the dictionary of all parameters of a study.

    Raises:
        LanguageError: listing everything that is wrong with the texts.
    """

    _kind = "neuron"
    _parts = (
        *("parameters", "equations", "spike", "axon_spike", "reset", "axon_reset", "refractory", "refractory_input"),
        *("functions", "extra_values"),
    )

    rest: Distribution | None = None
    """What the refractory periods are drawn from; the texts and the kernels of the model have a number in its place."""

    def __init__(
        self,
        parameters: Parameters = "",
        equations: Text = "",
        spike: str | None = None,
        axon_spike: str | None = None,
        reset: Text = None,
        axon_reset: Text = None,
        refractory: float | str | Distribution | None = None,
        functions: Text = None,
        name: str | None = "",
        description: str | None = "",
        extra_values: dict[str, Any] | None = None,
        refractory_input: str = "keep",
    ) -> None:
        if isinstance(refractory, Distribution):
            vars(self)["rest"], refractory = refractory, 0.0
        texts = {
            "parameters": parameters,
            "equations": equations,
            "spike": spike,
            "axon_spike": axon_spike,
            "reset": reset,
            "axon_reset": axon_reset,
            "refractory": refractory,
            "refractory_input": refractory_input,
            "functions": functions,
        }
        if extra_values is not None:
            texts["extra_values"] = extra_values
        super().__init__(name, description, texts)

    @property
    def refractory(self) -> float | str | Distribution | None:
        """The refractory period as it was given."""
        return self._texts.get("refractory") if self.rest is None else self.rest

    def with_refractory(self, period: float | str) -> Neuron:
        """Return the neuron with another refractory period: ms, or the name of an attribute.

        Raises:
            LanguageError: if there is no such attribute.
            InvalidArgument: if its value in the model is no period.
        """
        other = self._varied(f"refractory {period!r}")
        other._texts = {**self._texts, "refractory": period}
        vars(other)["rest"] = None
        vars(other)["spec"] = other._recalled()
        other._check_defaults()
        return other


@checked_calls
class Synapse(Definition):
    """A synapse model: what a spike does, or what a rate contributes, and how weights change.

    Args:
        parameters: as in :class:`Neuron`; flags ``: projection`` and ``: postsynaptic``.
        equations: as in :class:`Neuron`; ``: event-driven`` for linear ODEs evaluated at events. A value that such a
            variable is given holds from then on; what is read is what the last event, or the setting, left.
        psp: what a rate-coded synapse contributes; ``w*pre.r`` by default.
        operation: how the contributions to one neuron are put together: sum, max, min or mean.
        pre_spike: statements run when a presynaptic spike arrives; ``g_target += w`` by default.
        post_spike: statements run when the postsynaptic neuron spikes.
        pre_axon_spike: statements run when a presynaptic axonal spike arrives.
        functions, name, description, extra_values: as in :class:`Neuron`.
        pruning: when a synapse goes, ``"age > T : proba=0.5"`` or :class:`Pruning`; tested at the end of a step, once
            :meth:`Projection.start_pruning` was called.
        creating: which pairs of neurons without a synapse get one, ``"pre.r*post.r > 0.9 : proba=0.1, w=1.0, d=2.0"``
            or :class:`Creating`; see :meth:`Projection.start_creating`.

    Raises:
        LanguageError: listing everything that is wrong with the texts.
    """

    _kind = "synapse"
    _parts = (
        *("parameters", "equations", "psp", "operation", "pre_spike", "post_spike", "pre_axon_spike", "functions"),
        *("extra_values", "pruning", "creating"),
    )

    def __init__(
        self,
        parameters: Parameters = "",
        equations: Text = "",
        psp: str | None = None,
        operation: str = "sum",
        pre_spike: Text = None,
        post_spike: Text = None,
        pre_axon_spike: Text = None,
        functions: Text = None,
        pruning: str | Pruning | None = None,
        creating: str | Creating | None = None,
        name: str | None = "",
        description: str | None = "",
        extra_values: dict[str, Any] | None = None,
    ) -> None:
        texts = {
            "parameters": parameters,
            "equations": equations,
            "psp": psp,
            "operation": operation,
            "pre_spike": pre_spike,
            "post_spike": post_spike,
            "pre_axon_spike": pre_axon_spike,
            "functions": functions,
        }
        rules = {"pruning": _rule("pruning", pruning), "creating": _rule("creating", creating)}
        texts |= {rule: text for rule, text in rules.items() if text}
        if extra_values is not None:
            texts["extra_values"] = extra_values
        super().__init__(name, description, texts)

    def with_event_clock(self, clock: EventClock) -> Synapse:
        """Return the synapse with another clock of its event-driven variables; itself if it has none."""
        if clock == self._event_clock or not self.spec.last_slots:
            return self
        other = self._varied(clock)
        other._event_clock = clock
        vars(other)["spec"] = other._recalled()
        return other


def _kept(text: Any) -> Any:
    """Return what the caller can't change any more."""
    return text.copy() if isinstance(text, dict | list) else text


def _rule(name: str, given: Any) -> str:
    """Return the text of a rule of structural plasticity; empty for none."""
    if given is None:
        return ""
    example = "'w < 0.01 : proba=0.5'" if name == "pruning" else "'pre.r*post.r > 0.9 : proba=0.1, w=1.0'"
    if isinstance(given, str):
        lines = (line.partition("#")[0] for line in given.splitlines())
        if not " ".join(lines).partition(":")[0].strip():
            what = f"{name} has no condition: {told(given)}"
            raise InvalidArgument(f"{what}\n  help: eg.Synapse({name}={example}); leave it out, or None, for no rule.")
        return given
    from engram.language.given import Creating, Pruning  # with the language, which importing engram leaves out

    kind = Pruning if name == "pruning" else Creating
    if not isinstance(given, kind):
        what = f"{name} must be a text or an eg.{kind.__name__}(...), not {told(given)}"
        raise InvalidArgument(f"{what}\n  help: eg.Synapse({name}={example}).")
    return str(given)


def _used(texts: dict[str, Any]) -> dict[str, Any]:
    """Return those extra values that the parameters may speak of: the others may be anything, and mean nothing."""
    if "extra_values" not in texts:
        return {}
    said = str(texts["parameters"])
    return {"extra_values": {name: value for name, value in texts["extra_values"].items() if name in said}}


D = TypeVar("D", bound=Definition)


def as_definition(given: Any, kind: type[D], what: str) -> D:
    """Return a model; a class of models stands for one with its default parameters.

    Raises:
        InvalidArgument: if ``given`` is neither.
    """
    definition = given() if isinstance(given, type) else given
    if not isinstance(definition, kind):
        order = "geometry, neuron" if kind is Neuron else "pre, post, target, synapse"
        ready = "eg.Izhikevich" if kind is Neuron else "eg.STDP"
        advice = f"the order is {order}; eg.models has ready-made ones, such as {ready}."
        raise InvalidArgument(f"{what} must be an eg.{kind.__name__}, not {told(given)}\n  help: {advice}")
    _ = definition.spec  # constants that its text names must be there by now
    return definition
