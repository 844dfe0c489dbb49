"""What can be wrong with a connector, its weights or its delays.

In: the words. Out: the exception in the one layout of messages.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from engram.elsewhere.lookup import instead_of
from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["BadConnector", "bad_connector", "check_storage", "unknown_argument"]

STORAGE_FORMATS = tuple("auto bsr coo csr csr_scalar csr_vector default dense dia ell ellr hyb lil sell".split())
STORAGE_ORDERS = ("post_to_pre", "pre_to_post")
"""Hints that ANNarchy has."""


class BadConnector(InvalidArgument):
    """A connector can't be built as asked. ``call`` is the connector with its arguments, ``problem`` what is wrong."""

    def __init__(self, message: str, call: str, problem: str) -> None:
        super().__init__(message)
        self.call = call
        self.problem = problem


def bad_connector(call: str, problem: str, where: str, advice: str) -> BadConnector:
    """Return the error with its message: what, where, help."""
    return BadConnector(f"{call}: {problem}\n  in {where}\n  help: {advice}", call, problem)


def unknown_argument(call: str, name: str, where: str, known: Collection[str]) -> InvalidArgument:
    """Return the error about an argument that a connector has not, which takes the ``known`` ones."""
    advice = instead_of(name, call.partition("(")[0], known) or f"it takes {', '.join(known)}."
    return InvalidArgument(f"{call}: unknown argument {name!r}\n  in {where}\n  help: {advice}")


def check_storage(call: str, storage_format: Any, storage_order: Any, where: str) -> None:
    """Refuse hints that nobody knows.

    Raises:
        InvalidArgument: naming those that there are.
    """
    for name, given, known in (
        ("storage_format", storage_format, STORAGE_FORMATS),
        ("storage_order", storage_order, STORAGE_ORDERS),
    ):
        if given is not None and not (isinstance(given, str) and given in known):
            what = f"{call}: {name} must be one of {', '.join(known)}, not {told(given)}"
            raise InvalidArgument(f"{what}\n  in {where}\n  help: leave it out: it is a hint, which changes no result.")
