"""Several monitors that are saved together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.network.monitor import Monitor
from engram.telling import told

__all__ = ["MonitorList"]


@checked_calls
class MonitorList:
    """Monitors of one or of several networks, in the order in which they are given.

    Args:
        monitors: two of them may not record the same variable of one population, or of two with the same name.
    """

    def __init__(self, monitors: Sequence[Monitor]) -> None:
        is_list = isinstance(monitors, Iterable) and not isinstance(monitors, Monitor)
        listed = list(monitors) if is_list else []
        wrong: list[Any] = [one for one in listed if not isinstance(one, Monitor)] if is_list else [monitors]
        if wrong:
            what = f"MonitorList(): expected a list of monitors, got {told(wrong[0])}"
            raise InvalidArgument(f"{what}\n  help: eg.MonitorList([m1, m2]).")
        self._monitors = listed

    def __len__(self) -> int:
        return len(self._monitors)

    def __iter__(self) -> Iterator[Monitor]:
        return iter(self._monitors)

    def __getitem__(self, position: int) -> Monitor:
        return self._monitors[position]

    def __repr__(self) -> str:
        return f"<MonitorList: {', '.join(monitor.name for monitor in self)}>"

    def save_all(
        self,
        filename: str | os.PathLike[str],
        keep: bool = False,
        reshape: bool = False,
        flat_keys: bool = False,
    ) -> None:
        """Write what all of them have recorded into one file, and drop it unless ``keep``, once it is written.

        Args:
            filename: ``.h5``, ``.hdf5`` (with h5py) or ``.npz``.
            keep, reshape: as in :meth:`Monitor.get`.
            flat_keys: names ``pop_v`` instead of ``pop/v``.
        """
        from engram.analysis.archives import write_arrays  # what most scripts never need

        arrays: dict[str, Any] = {}
        for monitor in self:
            is_shaped = reshape and monitor._core.projection is None  # files hold no lists of arrays
            found = monitor.get(keep=True, reshape=is_shaped, force_dict=True, structured=True)
            for variable, values in found.items():
                whom = monitor._core.whom
                key = f"{whom.name}{'_' if flat_keys else '/'}{variable}"
                if key in arrays:
                    what = f"two monitors record {variable!r} of a {whom.kind} {whom.name!r}"
                    raise InvalidArgument(f"save_all(): {what}\n  help: save them one by one, monitor.save(file).")
                arrays[key] = values
        write_arrays(filename, arrays)
        if not keep:
            for monitor in self:
                monitor._drop(monitor.variables, "save_all")
