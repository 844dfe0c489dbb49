"""The finite check: a run stops where a state variable, a conductance or a weight becomes infinite or NaN.

What a run writes is looked at from time to time, which is cheap, and kept from time to time. Where something is found,
the run is repeated from what was kept, in halves, up to the step in which it happened: a run gives the same bits
wherever it is split. Called by ``run.py`` around each stretch of a run; ``damage.py`` makes the message.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING

from engram.ir.jobs import RunKernel, Schedule
from engram.network.damage import Moment, error_of
from engram.network.interrupts import held_interrupts
from engram.state.finite import Damage, damaged
from engram.state.kept import Kept
from engram.state.slots import Layout, Role
from engram.state.stretches import Places, Stretch

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["FiniteCheck"]

Run = Callable[[int], int]  # runs up to so many steps, and returns how many

LOOKING = 0.005  # of the time of runs: so much may it take
KEEPING = 0.005
KEEPING_ANEW = 0.1  # of the time that a run will take: the same where what was kept is of no use, as a user has written
ALWAYS_KEPT_S = 30e-6  # keeping that takes less is done at the beginning of every run of several steps then
AT_ONCE_S = 100e-6  # looking that takes less is done at the end of every run of several steps
CALLS = 16  # of a single step each, which share a look that takes less
MOST_KEPT = 1 << 28  # bytes: where a run writes more, nothing is kept


class FiniteCheck:
    """Looks after the runs of a network.

    Attributes:
        has_found: whether something was found when it looked last.
    """

    def __init__(self, network: Network) -> None:
        self._network, self._state = network, network._state
        self._places = Places(self._state)
        self._jobs: Schedule | None = None
        self._version = -1
        self._n_slots = 0  # that it knows
        self._changing: list[str] = []  # what a run may write, but for parameters
        self._records: list[str] = []
        self._kept_parts: list[Stretch] = []
        self._looked_at: list[Stretch] = []
        self._of_neurons: list[Stretch] = []
        self._kept: Kept | None = None
        self._good_step = 0  # up to which all was finite, or has been said
        self._written = -1  # what ``State.written`` was when it last saw the state
        self._kept_s = self._looked_s = 0.0  # how long it took last
        self._since_kept_s = self._since_looked_s = float("inf")  # of running
        self._step_s = 0.0  # how long a step took last
        self._calls = 0  # of single steps, since it looked last
        self._began = 0  # the step at which the present run began
        self.has_found = False

    def begin(self, run: Run, n_steps: int) -> None:
        """Take note that a user asks for so many steps.

        Raises:
            NotFinite: if something is infinite or NaN already.
        """
        self._follow()
        self._began = self._state.step
        if n_steps == 1:
            self._calls += 1
        elif self._kept is None and self._kept_s < max(ALWAYS_KEPT_S, KEEPING_ANEW * n_steps * self._step_s):
            self._keep(run)

    def run(self, run: Run, n_steps: int) -> int:
        """Run up to ``n_steps`` steps by calling ``run``, and return how many were done.

        Raises:
            NotFinite: if something is infinite or NaN.
        """
        self._follow()
        if self._since_kept_s * KEEPING >= self._kept_s:
            self._keep(run)
        begin = perf_counter()
        done = run(n_steps)
        took = perf_counter() - begin
        self._since_kept_s += took
        self._since_looked_s += took
        self._step_s = took / max(done, 1)
        self._written = self._state.written
        if self._since_looked_s * LOOKING >= self._looked_s:
            self._look(run)
        return done

    def end(self, run: Run, n_steps: int) -> None:
        """Look once more where a run of several steps ends, or some of single ones.

        That is at all values if it takes next to no time, else at those of neurons, where damage of synapses arrives.

        Raises:
            NotFinite: if something is infinite or NaN.
        """
        if n_steps == 1 and self._calls < CALLS:
            return
        if self._looked_s < AT_ONCE_S or (n_steps > 1 and damaged(self._state, self._of_neurons)):
            self._look(run)

    def look(self) -> list[Damage]:
        """Return what is infinite or NaN now."""
        self._follow()
        found = damaged(self._state, self._looked_at)
        self.has_found = bool(found)
        return found

    # -- what a run writes -------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Keep up with what has been done since the last run."""
        jobs, state = self._network._derived.jobs, self._state
        if jobs is not self._jobs or state.version != self._version:
            self._jobs, self._version, self._kept = jobs, state.version, None
            self._lay_out(jobs)
        if state.written != self._written:
            self._kept, self._written = None, state.written

    def _lay_out(self, jobs: Schedule) -> None:
        state = self._state
        for slot in islice(state.slots_as_made(), self._n_slots, None):
            if slot.layout is Layout.BLOCKS:
                self._records.append(slot.path)
            elif slot.role in (Role.STATE, Role.TIME):
                self._changing.append(slot.path)
            self._n_slots += 1
        floats = [path for path in dict.fromkeys(p for job in jobs for p in job.written) if state.is_plain_float(path)]
        learned = [path for path in floats if state.role(path) is Role.PARAMETER]
        self._kept_parts = self._places.stretches([*self._changing, *learned])
        no_state = {path for job in jobs if isinstance(job, RunKernel) for path in job.assigned}
        self._looked_at = self._places.stretches(path for path in floats if path not in no_state)
        self._of_neurons = [part for part in self._looked_at if part.paths[0].startswith("populations/")]

    def _keep(self, run: Run) -> None:
        begin = perf_counter()
        self._look(run)
        self._kept = None  # two would take twice the memory
        if sum(part.values.nbytes for part in self._kept_parts) <= MOST_KEPT:
            self._kept = Kept.of(self._state, self._kept_parts, self._records)
        self._kept_s, self._since_kept_s = perf_counter() - begin, 0.0

    # -- what is found -----------------------------------------------------------------------------------

    def _look(self, run: Run) -> None:
        begin = perf_counter()
        found = self.look()
        if found:
            moment = Moment(self._good_step, self._state.step)
            if self._kept is not None:
                with held_interrupts():  # an error comes anyway
                    found, moment = self._repeated(run, self._kept)
            self._good_step = self._state.step
            raise error_of(self._network, found, moment)
        self._good_step, self._calls = self._state.step, 0
        self._looked_s, self._since_looked_s = perf_counter() - begin, 0.0

    def _repeated(self, run: Run, good: Kept) -> tuple[list[Damage], Moment]:
        """Find the first step after which something is infinite or NaN, and go to its end.

        If it was of an earlier run, whose end the user has seen, the network goes on to where it stood.
        """

        def found_after(n_steps: int) -> list[Damage]:
            good.restore(self._state, self._kept_parts)
            while n_steps:
                n_steps -= run(n_steps)
            return self.look()

        now = self._state.step
        left = now - good.step
        while left > 1:
            half = left // 2
            if found_after(half):
                left = half
            else:
                good, left = Kept.of(self._state, self._kept_parts, self._records), left - half
        good.restore(self._state, self._kept_parts)
        before = {path: self._state.read(path) for part in self._looked_at for path in part.paths}
        found, bad = found_after(1), good.step + 1
        after = {path: self._state.read(path) for path in before}
        while bad <= self._began and self._state.step < now:
            run(now - self._state.step)
        self._kept, self._since_kept_s, self._calls = None, float("inf"), 0
        return found, Moment(good.step, bad, before, after)
