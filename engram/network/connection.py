"""What a connector method was asked for, and the arguments that every connector has.

Made by the methods of ``connect.py`` and ``given_lists.py``, and of records by ``starts.py``; kept in drafts.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from engram.errors import InvalidArgument
from engram.state.distributions import Distribution

if TYPE_CHECKING:
    from engram.wiring.connectors import Connector

__all__ = ["COMMON", "Connection", "Value", "unknown_argument"]

Value = float | Distribution

# Arguments of every connector, beside those that name its pattern.
COMMON = "weights delays allow_self_connections force_multiple_weights storage_format storage_order".split()


@dataclass(frozen=True)
class Connection:
    """What a connector method was asked for; ``PER_SYNAPSE`` stands for what a connector gives."""

    connector: Connector
    weights: Value
    delays: Value
    allow_self: bool
    force_multiple_weights: bool


def unknown_argument(call: str, name: str, where: str) -> InvalidArgument:
    """Return the error about an argument that no connector has."""
    near = get_close_matches(name, [*COMMON, "probability", "number"], 1)
    advice = f"did you mean {near[0]!r}?" if near else f"every connector knows {', '.join(COMMON)}."
    return InvalidArgument(f"{call}: unknown argument {name!r}\n  in {where}\n  help: {advice}")
