"""What a run writes, as few stretches of memory: what is to be finite, and all of it.

In: the schedule of a network. Out: stretches and records. Called by ``finite.py``. It is found anew where the schedule
has changed, or where values stand.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from engram.ir.jobs import RunKernel, Schedule
from engram.state.slots import Layout, Role
from engram.state.stretches import Places, Stretch

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["Written"]


class Written:
    """What the runs of a network write.

    Attributes:
        everything: all that a run may change, records aside.
        records: their paths.
        numbers: what keeps a value from step to step, and must be finite: variables, conductances, learned weights.
        of_neurons: those of populations.
    """

    def __init__(self, network: Network) -> None:
        self._network, self._state = network, network._state
        self._places = Places(self._state)
        self._found: tuple[Schedule, int] | None = None  # for which schedule and version it has been found
        self._known: tuple[int, list[str], list[str]] = (0, [], [])  # slots; those that runs may change; records
        self.everything: list[Stretch] = []
        self.records: list[str] = []
        self.numbers: list[Stretch] = []
        self.of_neurons: list[Stretch] = []

    def follow(self) -> bool:
        """Keep up with the network; returns whether something has changed. An interrupt at any moment does no harm."""
        jobs, state = self._network._derived.jobs, self._state
        if self._found is not None and self._found[0] is jobs and self._found[1] == state.version:
            return False
        version = state.version
        changing, records = self._slots()
        floats = [path for path in dict.fromkeys(p for job in jobs for p in job.written) if state.is_plain_float(path)]
        learned = [path for path in floats if state.role(path) is Role.PARAMETER]
        no_state = {path for job in jobs if isinstance(job, RunKernel) for path in job.assigned}
        everything = self._places.stretches([*changing, *learned])
        numbers = self._places.stretches(path for path in floats if path not in no_state)
        self.everything, self.records, self.numbers = everything, records, numbers
        self.of_neurons = [part for part in numbers if part.paths[0].startswith("populations/")]
        self._found = jobs, version
        return True

    def _slots(self) -> tuple[list[str], list[str]]:
        """Return paths of what runs may change, but for parameters, and of records; only new slots are looked at."""
        n_known, changing, records = self._known
        new = [*islice(self._state.slots_as_made(), n_known, None)]
        if new:
            more = [slot for slot in new if slot.layout is not Layout.BLOCKS]
            changing = [*changing, *(slot.path for slot in more if slot.role in (Role.STATE, Role.TIME))]
            records = [*records, *(slot.path for slot in new if slot.layout is Layout.BLOCKS)]
            self._known = n_known + len(new), changing, records
        return changing, records
