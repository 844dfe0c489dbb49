"""The kernels of models: from the cache, or lowered and emitted.

In: neurons and synapses, and the form of their data. Out: kernel signatures with their C text, or whole kernels for
the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engram import language
from engram.errors import InvalidArgument
from engram.ir.nodes import Index, Kernel
from engram.ir.precision import Precision, stored
from engram.models.definition import Neuron, Synapse
from engram.native.cache import recall, remember
from engram.program.backend import Backend, Code

if TYPE_CHECKING:
    from engram.language.conditions import Condition

__all__ = [
    "check_inputs",
    "check_models",
    "neuron_code",
    "stop_code",
    "stop_facts",
    "synapse_code",
]


def neuron_code(
    neuron: Neuron,
    inputs: tuple[str, ...],
    *,
    constants: frozenset[str],
    method: str,
    backend: Backend,
    precision: Precision,
) -> tuple[Code, ...]:
    """Return the kernels of a neuron; see :func:`engram.ir.lower.lower_neuron`."""

    def lower() -> Iterator[Kernel]:
        from engram.ir.lower import lower_neuron  # what was compiled before needs none of it

        kernels = lower_neuron(neuron.model, method, constants, inputs)
        return (stored(kernel, precision, "neuron") for kernel in kernels)

    return _code(backend, neuron, f"{neuron.key} {list(inputs)} {sorted(constants)} {method} {precision}", lower)


def synapse_code(
    synapse: Synapse,
    pre: Neuron,
    post: Neuron,
    *,
    forms: Mapping[str, Index],
    delays: str,
    layout: str,
    constants: frozenset[str],
    targets: int,
    inputs: dict[str, tuple[str, ...]],
    method: str,
    backend: Backend,
    precision: Precision,
) -> tuple[Code, ...]:
    """Return the kernels of a synapse for the form of a projection; see :func:`engram.ir.lower.lower_synapse`.

    Args:
        inputs: ``pre_inputs`` and ``post_inputs``, where the synapse reads sums.
    """

    def lower() -> Iterator[Kernel]:
        from engram.ir.lower_synapses import lower_synapse

        kernels = lower_synapse(
            synapse.model,
            pre.model,
            post.model,
            forms=forms,
            delays=delays,
            layout=layout,
            method=method,
            constants=constants,
            targets=targets,
            **inputs,
        )
        return (stored(kernel, precision, "synapse") for kernel in kernels)

    form = sorted((name, index.value) for name, index in forms.items())
    data = f"{form} {delays} {layout} {targets} {inputs}"
    key = f"{synapse.key} {pre.key} {post.key} {data} {sorted(constants)} {method} {precision}"
    return _code(backend, synapse, key, lower)


def _code(
    backend: Backend, model: Neuron | Synapse, key: str, lower: Callable[[], Iterable[Kernel]]
) -> tuple[Code, ...]:
    """Return kernels as a backend runs them; see :meth:`Backend.code`.

    Raises:
        InvalidArgument: if what a model computes is nested deeper than Python's stack.
    """
    try:
        return backend.code(key, lower)
    except RecursionError:
        what = f"{model.spec.kind} {model.name!r}: an expression is nested too deep to be compiled"
        raise InvalidArgument(f"{what}\n  help: give its inner part a variable of its own.") from None


def stop_facts(neuron: Neuron, text: str, known: frozenset[str] | None = None) -> dict[str, Any]:
    """Return what the network needs to know of a stop condition; see :func:`engram.ir.describe.condition_facts`.

    What was found right once is not parsed again.

    Args:
        neuron: that it is about.
        text: of the condition.
        known: names of constants that it may read; None: those that the neuron may.

    Raises:
        LanguageError: if the text is wrong.
    """
    key = f"stop condition {neuron.key} {'' if known is None else sorted(known)} {text}"
    facts = recall(key)
    if facts is None:
        from engram.ir.describe import condition_facts

        condition, attributes = _parsed_condition(neuron, text, known), {a.name for a in neuron.spec.attributes}
        constants = neuron._constants if known is None else known
        facts = condition_facts(condition, neuron.callable_functions, constants, attributes)
        remember(key, facts)
    return facts


def stop_code(
    neuron: Neuron,
    text: str,
    inputs: tuple[str, ...],
    *,
    constants: frozenset[str],
    backend: Backend,
    precision: Precision,
    known: frozenset[str] | None,
) -> tuple[Code, ...]:
    """Return the kernel of a stop condition; see :func:`engram.ir.lower.lower_stop` and :func:`stop_facts`."""

    def lower() -> Iterator[Kernel]:
        from engram.ir.lower import lower_stop

        condition, functions = _parsed_condition(neuron, text, known), neuron.callable_functions
        yield stored(lower_stop(neuron.model, condition, functions, constants, inputs), precision, "neuron")

    return _code(backend, neuron, f"stop {neuron.key} {list(inputs)} {sorted(constants)} {text} {precision}", lower)


def _parsed_condition(neuron: Neuron, text: str, known: frozenset[str] | None) -> Condition:
    constants = frozenset(neuron._constants) if known is None else known
    return language.parse_condition(text, neuron.model, neuron.callable_functions, constants)


def check_models(synapse: Synapse, pre: Neuron, post: Neuron, target: str) -> None:
    """Raise if a synapse can't stand between two kinds of neurons; what was found right once is not parsed again.

    Raises:
        LanguageError: for ``pre.x`` without such an attribute, events after rate-coded neurons ...
    """
    key = f"connection {synapse.key} {pre.key} {post.key}"
    if recall(key) is None:
        language.check_connection(synapse.model, pre.model, post.model, target)
        remember(key, {"fits": True})


def check_inputs(synapse: Synapse, pre: Neuron, post: Neuron, target: str, inputs: dict[str, tuple[str, ...]]) -> None:
    """Raise if a synapse reads sums of targets that nothing is connected to.

    Args:
        inputs: ``pre_inputs`` and ``post_inputs``: targets that are connected to the two populations.

    Raises:
        UnknownTarget: for ``post.sum(exc)`` without such a projection.
    """
    if any(target and target not in inputs[f"{side}_inputs"] for side, target in synapse.spec.sums):
        connected = {"pre_targets": inputs["pre_inputs"], "post_targets": inputs["post_inputs"]}
        language.check_connection(synapse.model, pre.model, post.model, target, **connected)
