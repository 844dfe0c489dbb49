"""What objects know of the network that they are in: its program, its keeper, and the others by name.

:class:`~engram.network.network.Network` makes populations, projections and monitors, so that they can't know it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from engram.elsewhere.near import nearest
from engram.errors import InvalidArgument
from engram.state.spelling import spelled
from engram.telling import told

if TYPE_CHECKING:
    from engram.network.cells import MadeInCells
    from engram.persistence.keeper import Keeper
    from engram.program.program import Program

__all__ = ["AnyNetwork", "found"]

T = TypeVar("T")
SHOWN = 10  # names in a message


class AnyNetwork:
    """A network, to the objects in it; see :class:`engram.Network`."""

    _core: Program
    _keeper: Keeper
    _populations: dict[str, Any]
    _projections: dict[str, Any]
    _monitors: dict[str, Any]
    _made_in_cells: MadeInCells

    @property
    def compiled(self) -> bool:
        """Whether :meth:`compile` was called."""
        return self._core.compiled


def found(known: dict[str, T], name: str, kind: str) -> T:
    """Return the one of some objects that has a name.

    Raises:
        InvalidArgument: if there is none; with the nearest name, and some that there are.
    """
    one = known.get(spelled(name, f"the name of a {kind}")) if isinstance(name, str) else None
    if one is None:
        near = nearest(name, known) if isinstance(name, str) and len(known) > SHOWN else None
        more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
        there_are = f"there are {', '.join(map(repr, islice(known, SHOWN))) or 'none'}{more}."
        raise InvalidArgument(
            f"there is no {kind} {told(name)}\n  help: {f'did you mean {near!r}? ' if near else ''}{there_are}"
        )
    return one
