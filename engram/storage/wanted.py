"""What a load is asked for, and which objects and values that means. Called by ``plan`` and ``load``."""

from __future__ import annotations

from dataclasses import dataclass

from engram.state.slots import Layout, Slot

__all__ = ["Wanted"]


@dataclass(frozen=True)
class Wanted:
    """The options of a load.

    Args:
        populations, projections, monitors: whether to load those at all.
        only: paths of objects (``populations/exc``) or values; None for all.
        cast: accept a dtype in which some values don't survive.
        exact: refuse whatever would not go on to the bit.
        is_single: the file holds, or the call asks for, one object.
    """

    populations: bool = True
    projections: bool = True
    monitors: bool = True
    only: tuple[str, ...] | None = None
    cast: bool = False
    exact: bool = False
    is_single: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether clock, seed, draws, histories and monitors stay the network's."""
        return not (self.populations and self.projections) or self.only is not None or self.is_single

    @property
    def is_everything(self) -> bool:
        """Whether all objects and values take part."""
        return self.monitors and not self.is_partial

    def has_object(self, path: str) -> bool:
        """Whether an object takes part."""
        if not self._has_group(path):
            return False
        return self.only is None or any(_below(path, name) or _below(name, path) for name in self.only)

    def has_value(self, slot: Slot) -> bool:
        """Whether a value takes part."""
        if not self._has_group(slot.path):
            return False
        if self.is_partial and slot.layout in (Layout.RING, Layout.SPIKES):
            return False
        return self.only is None or any(_below(slot.path, name) for name in self.only)

    def _has_group(self, path: str) -> bool:
        group = path.partition("/")[0]
        if group == "populations":
            return self.populations
        if group == "projections":
            return self.projections
        return not self.is_partial and (self.monitors or group != "monitors")


def _below(path: str, other: str) -> bool:
    return path == other or path.startswith(other + "/")
