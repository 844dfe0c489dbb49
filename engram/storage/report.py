"""What a load did, as an object that reads well when printed. Returned by ``load``."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LoadReport"]

MOST_LISTED = 20


@dataclass(frozen=True, repr=False)
class LoadReport:
    """What became of each value; all fields but the last four hold paths.

    Args:
        path, format: the file, and what it is by its content.
        loaded: values that came from the file.
        kept: values that the file lacks and that stayed as they were.
        skipped: values that the network lacks.
        reset: values that could not stay and have their initial value again, or were emptied.
        converted: loaded values that changed dtype or shape on the way.
        model_changed: objects that go on differently: their equations differ between file and network, or another rule.
        differences: what differs there, a line each.
        reconnected: projections whose synapses this network asked for in another way: the file's stand, here and after
            ``reset(synapses=True)``.
        not_saved: what the file's writer could not save (callbacks).
        notes: remarks: what stayed the network's, a misleading suffix, another backend.
        exact: whether every value of the network came from the file, unconverted, for the same rules of all objects
            and of the network, and whether all objects were created in the same order.
    """

    path: str
    format: str
    loaded: tuple[str, ...]
    kept: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    reset: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()
    model_changed: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    reconnected: tuple[str, ...] = ()
    not_saved: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    exact: bool = False

    def __str__(self) -> str:
        lines = [f"loaded '{self.path}' ({self.format}): {len(self.loaded)} values, {self._exactly()}"]
        for text, paths in (
            ("kept (not in the file)", self.kept),
            ("skipped (not in the network)", self.skipped),
            ("reset to the initial value", self.reset),
            ("converted", self.converted),
            ("asked for in another way here; the file's synapses stand", self.reconnected),
        ):
            if paths:
                more = f" and {len(paths) - MOST_LISTED} more" if len(paths) > MOST_LISTED else ""
                lines.append(f"  {text}: {', '.join(paths[:MOST_LISTED])}{more}")
        for text, given in (("", self.differences), ("not in the file: ", self.not_saved), ("note: ", self.notes)):
            lines += [f"  {text}{one}" for one in given[:MOST_LISTED]]
            lines += [f"  {text}and {len(given) - MOST_LISTED} more"] if len(given) > MOST_LISTED else []
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _exactly(self) -> str:
        return "exact: the run goes on to the bit" if self.exact else "not exact"
