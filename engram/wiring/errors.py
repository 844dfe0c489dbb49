"""What can be wrong with a connector, its weights or its delays.

In: the words. Out: the exception in the one layout of messages. Called by ``wiring/connect.py`` and ``values.py``.
"""

from __future__ import annotations

from engram.errors import InvalidArgument

__all__ = ["BadConnector", "bad_connector"]


class BadConnector(InvalidArgument):
    """A connector can't be built as asked. ``call`` is the connector with its arguments, ``problem`` what is wrong."""

    def __init__(self, message: str, call: str, problem: str) -> None:
        super().__init__(message)
        self.call = call
        self.problem = problem


def bad_connector(call: str, problem: str, where: str, advice: str) -> BadConnector:
    """Return the error with its message: what, where, help."""
    return BadConnector(f"{call}: {problem}\n  in {where}\n  help: {advice}", call, problem)
