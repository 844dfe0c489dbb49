"""The finite check: a run stops where a state variable, a conductance or a weight becomes infinite or NaN.

What a run writes is looked at from time to time, which is cheap, and kept from time to time. Where something is
found, the run is repeated from what was kept, in halves, up to the step in which it happened: a run gives the same
bits wherever it is split.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TypeAlias

from engram.program.damage import Moment, error_of
from engram.program.derived import Derived
from engram.program.interrupts import held_interrupts
from engram.program.written import Written
from engram.state.finite import Damage, damaged
from engram.state.kept import Kept

__all__ = ["CALLS", "FiniteCheck", "Stretch"]

Stretch: TypeAlias = Callable[[int], int]  # runs up to so many steps, and returns how many

LOOKING = 0.002  # of the time of runs: so much may it take, and as much what caches lose by it
KEEPING = 0.002
KEEPING_ANEW = 0.1  # of the time that a run will take: the same where what was kept is of no use, as a user has written
LOOKING_BEFORE_CALLS = 0.05  # of the time of runs: what a call will have written can't be repeated
ALWAYS_KEPT_S = 30e-6  # keeping that takes less is done at the beginning of every run of several steps then, and after
# calls; looking that takes less is done before calls
AT_ONCE = 1 << 21  # bytes, about 100 us: looking at less is done whenever a user writes, and at the end of every run
CALLS = 64  # of a single step each share a look, which takes as long as some of them
MOST_KEPT = 1 << 28  # bytes: where a run writes more, nothing is kept


class FiniteCheck:
    """Looks after the runs of a network.

    Attributes:
        has_found: whether something was found when it looked last.
    """

    def __init__(self, derived: Derived) -> None:
        self._derived, self._state = derived, derived.program.state
        self._written = Written(derived)
        self._seen = -1  # what ``State.written`` was when it last saw the state
        self._kept: Kept | None = None
        self._good_step = 0  # up to which all was finite, or has been said
        self._kept_s = self._looked_s = 0.0  # how long it took last
        self._since_kept_s = self._since_looked_s = float("inf")  # of running
        self._step_s = 0.0  # how long a step took last
        self._calls = 0  # of single steps, since it looked last
        self._began = 0  # the step at which the present run began
        self.has_found = False

    def begin(self, run: Stretch, n_steps: int, until: int) -> None:
        """Take note that a user asks for so many steps; look at what a user has written.

        Args:
            until: how many of them there are before one that can't be repeated, or else all.

        Raises:
            NotFinite: if something is infinite or NaN already.
        """
        self._derived.fill()  # which may move tables
        has_been_written = self._follow()
        self._began = self._state.step
        self._calls += n_steps == 1
        if has_been_written:
            self._good_step = min(self._good_step, self._began)
        if self.has_found or (has_been_written and self._is_due(n_steps)):
            self._good_step = self._began
            self._look(run)
        if self._kept is None:
            self._keep_anew(run, until)

    def run(self, run: Stretch, n_steps: int, work: Stretch | None = None) -> int:
        """Run up to ``n_steps`` steps by calling ``run``, and return how many were done.

        Args:
            work: runs them this time; ``run`` repeats steps, if needed.

        Raises:
            NotFinite: if something is infinite or NaN.
        """
        self._follow()
        if self._since_kept_s * KEEPING >= self._kept_s:
            self._keep(run)
        begin = perf_counter()
        done = (work or run)(n_steps)
        took = perf_counter() - begin
        self._since_kept_s += took
        self._since_looked_s += took
        self._step_s = took / max(done, 1)
        self._seen = self._state.written
        if self._since_looked_s * LOOKING >= self._looked_s:
            self._look(run)
        return done

    def also(self, n_steps: int) -> None:
        """Take note of so many single steps that were run without it, since its last run, which was one."""
        took = n_steps * self._step_s
        self._calls += n_steps
        self._since_kept_s += took
        self._since_looked_s += took

    def before_calls(self, run: Stretch) -> None:
        """Look where calls to Python are due, if that takes little: what they may write can't be repeated.

        Raises:
            NotFinite: if something is infinite or NaN.
        """
        self._follow()
        if self._looked_s < max(ALWAYS_KEPT_S, LOOKING_BEFORE_CALLS * self._since_looked_s):
            self._look(run)

    def after_calls(self, run: Stretch, n_steps: int) -> None:
        """Take note that calls were made, between two steps; so many steps follow up to the next ones.

        If they have written nothing, what was before them can still be repeated, without them; the network then goes on
        to where they have seen it.

        Raises:
            NotFinite: if something is infinite or NaN.
        """
        self._began = self._state.step
        if self._follow():
            self._keep_anew(run, n_steps)

    def forget(self) -> None:
        """Take note of a step that can't be repeated."""
        self._kept = None

    def end(self, run: Stretch, n_steps: int) -> None:
        """Look once more where a run of several steps ends, or some of single ones.

        Raises:
            NotFinite: if something is infinite or NaN.
        """
        if self._is_due(n_steps) and (n_steps > 1 or self._calls >= CALLS):
            self._look(run)

    def look(self) -> list[Damage]:
        """Return what is infinite or NaN now."""
        if self._derived.moved:
            numbers = self._written.known_numbers()
        else:
            self._follow()
            numbers = self._written.numbers
        found = damaged(self._state, numbers)
        self.has_found = bool(found)
        return found

    def _is_due(self, n_steps: int) -> bool:
        """Whether to look at once: if that takes next to no time, or if neurons are damaged.

        Where a run has several steps, to look at its neurons takes no longer than one of them; damage of synapses
        arrives there.
        """
        if self._written.looking < AT_ONCE:
            return True
        return n_steps > 1 and bool(damaged(self._state, self._written.of_neurons))

    def _follow(self) -> bool:
        """Keep up with what has been done since the last run; returns whether something was written."""
        is_other, written = self._written.follow(), self._state.written
        if not is_other and written == self._seen:
            return False
        self._kept = None  # it is of another time line
        self._seen = written
        return True

    def _keep_anew(self, run: Stretch, n_steps: int) -> None:
        keeping_s = max(ALWAYS_KEPT_S, KEEPING_ANEW * n_steps * self._step_s)
        if n_steps > 1 and self._kept_s < keeping_s:
            self._keep(run)

    def _keep(self, run: Stretch) -> None:
        begin = perf_counter()
        self._look(run)
        self._kept = None  # two would take twice the memory
        if sum(part.values(self._state).nbytes for part in self._written.everything) <= MOST_KEPT:
            self._kept = self._copy()
        self._kept_s, self._since_kept_s = perf_counter() - begin, 0.0

    def _copy(self) -> Kept:
        return Kept.of(self._state, self._written.everything, self._written.records)

    # -- what is found -----------------------------------------------------------------------------------

    def _look(self, run: Stretch) -> None:
        begin = perf_counter()
        found = self.look()
        if found:
            moment = Moment(self._good_step, self._state.step)
            if self._kept is not None and self._good_step < self._state.step:
                with held_interrupts():  # an error comes anyway
                    found, moment = self._repeated(run, self._kept)
            self._good_step = self._state.step
            raise error_of(self._derived.program, found, moment)
        self._good_step, self._calls = self._state.step, 0
        self._looked_s, self._since_looked_s = perf_counter() - begin, 0.0

    def _repeated(self, run: Stretch, good: Kept) -> tuple[list[Damage], Moment]:
        """Find the first step after which something is infinite or NaN, and go to its end.

        If it was of an earlier run, whose end the user has seen, the network goes on to where it stood.
        """
        parts = self._written.everything

        def found_after(n_steps: int) -> list[Damage]:
            good.restore(self._state, parts)
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
                good, left = self._copy(), left - half
        good.restore(self._state, parts)
        before = {path: self._state.read(path) for part in self._written.numbers for path in part.paths}
        found, bad = found_after(1), good.step + 1
        after = {path: self._state.read(path) for path in before}
        while bad <= self._began and self._state.step < now:
            run(now - self._state.step)
        self._kept, self._since_kept_s, self._calls = None, float("inf"), 0
        return found, Moment(good.step, bad, before, after)
