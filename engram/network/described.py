"""What says what a network is: memory, equations and kernels, a report. For :class:`Network`; ``explain`` does it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from engram.callers import checked_calls
from engram.network.giving_way import Replaceable
from engram.network.members import Members
from engram.network.population import Population
from engram.network.projection import Projection
from engram.network_numbers import number_of

if TYPE_CHECKING:
    from engram.explain.explanation import Explanation
    from engram.explain.memory import Memory

__all__ = ["Described"]


@checked_calls
class Described(Members):
    """A network that describes itself; see :class:`engram.Network`."""

    @Replaceable
    def id(self) -> int:
        """A number by which functions find the network: ``eg.simulate(100.0, net_id=net.id)``."""
        return number_of(self)

    @Replaceable
    def directory(self) -> str:
        """The folder where compiled code is kept, of this network and all others."""
        from engram.native.cache import current  # which most scripts never need

        return str(current().root)

    def memory_footprint(self, show_py_side: bool = True, show_cpp_side: bool = True) -> Memory:
        """Return how many bytes each object occupies; print it.

        Args:
            show_py_side: count what was given and Python keeps: initial values, weights and delays as arrays.
            show_cpp_side: count what kernels work on: the values, the synapses, what is derived from them, records.
        """
        from engram.explain.memory import memory_footprint  # which most scripts never need

        return memory_footprint(self._core, python=show_py_side, native=show_cpp_side)

    def explain(self, what: str | Population | Projection) -> Explanation:
        """Return what engram makes of an object: equations, methods, slots, kernels and their C; print it.

        Args:
            what: a population or projection, or its name; where both have it, ``populations/<name>``.

        Raises:
            InvalidArgument: if there is no such object.
        """
        from engram.explain.explanation import explain  # with the whole language, which most scripts never need

        return explain(self._core, what if isinstance(what, str) else self._core_of(what))

    def report(
        self,
        filename: str | os.PathLike[str] = "./report.tex",
        standalone: bool = True,
        gather_subprojections: bool = False,
        title: str | None = None,
        author: str | None = None,
        date: str | None = None,
    ) -> str:
        """Write a description of the network: populations, projections, models as mathematics, parameters.

        The same network gives the same bytes. An old file is replaced when the new one is whole.

        Args:
            filename: ``.tex`` or ``.md``.
            standalone: of ``.tex``: a whole document; otherwise sections to be included in one.
            gather_subprojections: list projections of one synapse between the same populations in one row.
            title, author, date: any text; without a date the report has none.

        Returns:
            the path of the file.

        Raises:
            InvalidArgument: for another suffix.
            SaveError: the file could not be written; an old one is as it was.
        """
        from engram.explain.report import write_report  # as above

        return write_report(self._core, filename, standalone, gather_subprojections, title, author, date)
