"""Calls as ANNarchy writes them: its order and names of arguments -> those of engram.

In: a function of engram, and a row of text that says what ANNarchy's takes. Out: a function for scripts written for
ANNarchy. Arguments that engram has besides are passed on as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import signature
from typing import Any

from engram.callers import shortened
from engram.errors import InvalidArgument, WrongCall
from engram.network_numbers import network_of
from engram.telling import told

__all__ = ["COMPILE", "as_there"]

IGNORED = frozenset(
    "copied pickle_encoding storage_order disable_omp use_seed_seq show_monitor_memory_estimate".split()
)
"""Arguments of ANNarchy's that no function of engram takes, and that change no result."""

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
                f"{name}(): too many arguments: {told(values[len(order)])}\n  help: it takes {', '.join(order)}."
            )
        passed: dict[str, Any] = {}
        for word, value in (*zip(order, values, strict=False), *kwargs.items()):
            here = renamed.get(word, word)
            if here in passed or (word in kwargs and word in order[: len(values)]):
                raise WrongCall(f"{name}(): argument {word!r} is given twice\n  help: the order is {', '.join(order)}.")
            if word in known or word not in IGNORED:
                passed[here] = value
        network = network_of(passed.pop("net_id", 0)) if "net_id" in order else None
        if network is None:
            with _said_in_order(order if len(values) > 1 else []):
                return function(*bound, **passed)
        if passed.pop("network", None) is not None:
            raise WrongCall(f"{name}(): network= and net_id= both say which network\n  help: leave one out.")
        if "network" in known:
            return function(*bound, network=network, **passed)
        method = getattr(network, name)
        return method(**passed) if callable(method) else method  # dt is a property

    return shortened(call)


@contextmanager
def _said_in_order(order: list[str]) -> Iterator[None]:
    """Let an error about an argument of another kind say in which order they are given, as that of engram does."""
    try:
        yield
    except InvalidArgument as error:
        text = str(error)
        if len(order) > 2 and " must be " in text and "help:" not in text:
            error.args = (f"{text}\n  help: the order is {', '.join(order)}.",)
        raise
