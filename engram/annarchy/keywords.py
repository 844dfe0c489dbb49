"""Calls as ANNarchy writes them: its order and names of arguments -> those of engram.

In: a function of engram, and a row of text that says what ANNarchy's takes. Out: a function for scripts written for
ANNarchy. Arguments that engram has besides are passed on as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from inspect import signature
from typing import Any, NamedTuple

from engram.annarchy.numbers import network_of
from engram.errors import NotAvailable, WrongCall

__all__ = ["COMPILE", "as_there"]

_ANY = object()


class _Ignored(NamedTuple):
    """An argument that engram has not.

    Args:
        harmless: a value that asks for nothing; ``_ANY`` if none changes a result.
        remark: what to do instead of giving any other value, which is an error.
    """

    harmless: Any = _ANY
    remark: str = ""


IGNORED = {
    "population": _Ignored(None, "say what it is by geometry= and neuron="),
    "projection": _Ignored(None, "say what it is by pre=, post=, target= and synapse="),
    "pickle_encoding": _Ignored(),
    "storage_order": _Ignored(),
    "disable_omp": _Ignored(),
    "use_seed_seq": _Ignored(),
    "show_monitor_memory_estimate": _Ignored(),
}
"""Arguments of ANNarchy's that no function of engram takes."""

COMPILE = "directory clean compiler compiler_flags add_sources extra_libs cuda_config annarchy_json silent"
"""What ``compile`` takes, as a function and as a method."""


def as_there(function: Callable[..., Any], takes: str, *, is_method: bool = False) -> Callable[..., Any]:
    """Return a function of engram that takes the arguments of ANNarchy's, and ``net_id`` for another network.

    Args:
        function: it takes all its arguments by name.
        takes: the arguments in ANNarchy's order, ``there>here`` where engram has another name.
        is_method: whether the first argument is ``self``, which ``takes`` leaves out.
    """
    words = [word.partition(">") for word in takes.split()]
    order, renamed = [word for word, _, _ in words], {word: here for word, _, here in words if here}
    known = signature(function).parameters
    name = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        bound, values = args[:is_method], args[is_method:]
        if len(values) > len(order):
            raise WrongCall(
                f"{name}(): too many arguments: {values[len(order)]!r:.60}\n  help: it takes {', '.join(order)}."
            )
        passed: dict[str, Any] = {}
        for word, value in (*zip(order, values, strict=False), *kwargs.items()):
            here = renamed.get(word, word)
            if here in passed or (word in kwargs and word in order[: len(values)]):
                raise WrongCall(f"{name}(): argument {word!r} is given twice")
            if word in known or not _is_ignored(name, word, value):
                passed[here] = value
        network = network_of(passed.pop("net_id", 0)) if "net_id" in order else None
        if network is None:
            return function(*bound, **passed)
        if "network" in known:
            return function(*bound, network=network, **passed)
        method = getattr(network, name)
        return method(**passed) if callable(method) else method  # dt is a property

    return call


def _is_ignored(function: str, argument: str, value: Any) -> bool:
    """Say whether an argument has no effect here; one that should have is an error."""
    ignored = IGNORED.get(argument)
    if ignored is None:
        return False
    if ignored.harmless is _ANY or value is None or value == ignored.harmless:
        return True
    raise NotAvailable(f"{function}(): {argument}={value!r:.60} is not available\n  help: {ignored.remark}.")
