"""Who keeps a network: saves, loads and copies it. What its files say beside the values stands here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engram.program.program import Program
from engram.program.runner import Runner

if TYPE_CHECKING:
    from engram.persistence.recorded import Recorded
    from engram.storage.report import LoadReport

__all__ = ["Keeper"]


class Keeper:
    """Keeps a network.

    Args:
        program: of the network.
        users_attributes: gives what users keep in the network as attributes, which no file holds.

    Attributes:
        runner: runs the program.
        parameters: what the user keeps under "network" in parameter files.
        load_report: what the last load did; None if nothing was loaded.
    """

    def __init__(self, program: Program, users_attributes: Callable[[], dict[str, Any]] = dict) -> None:
        self.program = program
        self.runner = Runner(program)
        self.users_attributes = users_attributes
        self.parameters: dict[str, Any] = {}
        self.load_report: LoadReport | None = None
        self._recorded: tuple[int, Recorded] | None = None

    @property
    def recorded(self) -> Recorded:
        """What files say that a compiled network is; it is made once, and anew when there are other monitors."""
        if self._recorded is None or self._recorded[0] != self.program.changes:
            from engram.persistence.blueprinting import (
                blueprint_of,
            )  # with the blueprint: importing engram must be quick
            from engram.persistence.recorded import Recorded

            self.recorded = Recorded(blueprint_of(self.program))
        return self._recorded[1]  # type: ignore[index]  # it was just made

    @recorded.setter
    def recorded(self, said: Recorded) -> None:
        self._recorded = (self.program.changes, said)

    def not_saved(self) -> tuple[str, ...]:
        """Say what a file of the network does not hold."""
        kept = ", ".join(self.users_attributes())
        return (*map(str, self.runner.callbacks), *([f"attributes of the network's own: {kept}"] if kept else []))
