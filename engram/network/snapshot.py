"""Snapshots, as users hold them: what :meth:`Network.snapshot` returns."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engram.callers import checked_calls
from engram.contents import Contents
from engram.program.units import in_ms

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper
    from engram.storage.held import Held
    from engram.storage.save import SaveReport

__all__ = ["Snapshot"]


@checked_calls
class Snapshot(Contents):
    """The complete state of a network at some time, recordings included; nothing changes it. Can be pickled.

    ``len(snapshot)``, ``for path in snapshot`` and ``path in snapshot`` are about the values that it has.

    Attributes:
        time: at which it was taken, in ms.
        step: the same in steps.
        seed: of the network then.
        nbytes: bytes of memory that its values take.
        digest: that of the network then.
    """

    def __init__(self, kept: Held, dt: float, network_of: Callable[[Keeper], Any]) -> None:
        self._kept, self._network_of = kept, network_of
        self.step, self.seed, self.time = kept.manifest.step, kept.manifest.seed, float(in_ms(kept.manifest.step, dt))
        self.nbytes = kept.nbytes

    def _members(self) -> list[str]:
        return [entry.slot.path for entry in self._kept.manifest.entries]

    @property
    def digest(self) -> str:
        """What :meth:`Network.digest` was then."""
        return self._kept.digest()

    def fork(self, seed: int | None = None, num_threads: int | None = None) -> Any:
        """Return a new network that goes on from here, as :func:`engram.open` makes it: objects are found by name.

        Args:
            seed: of all that is drawn from now on (noise, random inputs); None: it goes on to the bit as this one did.
                Connectivity and values stay.
            num_threads: see :meth:`Network.config`.
        """
        from engram.persistence.snapshots import forked  # with storage: importing engram must be quick

        return self._network_of(forked(self._kept, seed, num_threads, str(self)))

    def save(self, file: str | os.PathLike[str]) -> SaveReport:
        """Write the file that :meth:`Network.save` would have written then.

        Raises:
            SaveError: the file could not be written; an old one is as it was.
        """
        from engram.persistence.snapshots import saved

        return saved(self._kept, file)

    def __str__(self) -> str:
        return f"the snapshot at {self.time:g} ms"

    def __repr__(self) -> str:
        return f"<snapshot at {self.time:g} ms: {len(self._kept.manifest.entries)} values, {self.nbytes:,} bytes>"

    def _repr_html_(self) -> str:
        from engram.explain.shown import facts_shown  # as above

        entries = self._kept.manifest.entries
        then = {"time": f"{self.time!r} ms", "step": f"{self.step:,}", "seed": str(self.seed), "digest": self.digest}
        held = {"values": f"{len(entries):,}", "memory": f"{self.nbytes:,} bytes"}
        return facts_shown(repr(self).partition(":")[0], ("Of the network", "then"), {**then, **held})
