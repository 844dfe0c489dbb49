"""What can be wrong with a connector, its weights or its delays.

In: the words. Out: the exception in the one layout of messages.
"""

from __future__ import annotations

from engram.elsewhere.lookup import instead_of
from engram.errors import InvalidArgument

__all__ = ["BadConnector", "bad_connector", "unknown_argument"]

# Arguments of every connector, beside those that name its pattern.
COMMON = "weights delays allow_self_connections force_multiple_weights storage_format storage_order".split()


class BadConnector(InvalidArgument):
    """A connector can't be built as asked. ``call`` is the connector with its arguments, ``problem`` what is wrong."""

    def __init__(self, message: str, call: str, problem: str) -> None:
        super().__init__(message)
        self.call = call
        self.problem = problem


def bad_connector(call: str, problem: str, where: str, advice: str) -> BadConnector:
    """Return the error with its message: what, where, help."""
    return BadConnector(f"{call}: {problem}\n  in {where}\n  help: {advice}", call, problem)


def unknown_argument(call: str, name: str, where: str) -> InvalidArgument:
    """Return the error about an argument that no connector has."""
    known = [*COMMON, "probability", "number"]
    advice = instead_of(name, call.partition("(")[0], known) or f"every connector knows {', '.join(COMMON)}."
    return InvalidArgument(f"{call}: unknown argument {name!r}\n  in {where}\n  help: {advice}")
