"""Single steps: what a loop over ``net.step()`` repeats while nothing else happens to the network.

To find out what has changed (``run.py``) takes longer than a step of a small network. A step that was run that way can
be run again by one call of C as long as nothing has been written, replaced or declared since: counters say so. Each
CALLS-th step is run in the other way again, and looks after those before it.

In: the counters of a program, and a call from its backend. Out: the tree a step later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engram.native.pool import POOL
from engram.program.finite import CALLS, FiniteCheck

if TYPE_CHECKING:
    from engram.program.config import Config
    from engram.program.derived import Derived

__all__ = ["SingleSteps"]


class SingleSteps:
    """Repeats single steps of a network.

    Who is asked for a step calls :meth:`step`; where that runs none, a run of one step, and then :meth:`note`. Each run
    begins with :meth:`end`.
    """

    __slots__ = ("_again", "_changes", "_config", "_derived", "_left", "_program", "_version", "_written")

    def __init__(self, derived: Derived) -> None:
        self._program, self._derived = derived.program, derived
        self._again: Callable[[], int] | None = None  # runs a step; None: the next one can't be repeated
        self._left = 0  # so many may be, before one is run in the other way
        self._written = self._version = self._changes = -1  # what these counters were when that was last done
        self._config: Config | None = None

    def step(self) -> bool:
        """Run one step as the last one was run, if nothing has happened since; False: nothing was run.

        A step of a large network leaves nothing of Python in the caches of the processor. So this is one function that
        looks at few objects.
        """
        program = self._program
        with program.lock:
            again, state = self._again, program.state
            if (
                again is None
                or self._left == 0
                or state.written != self._written
                or state.version != self._version
                or state.broken
                or program.changes != self._changes
                or program.config is not self._config
                or program.runs_in is not None  # another thread, or a callback of this one
                or program.is_cleared
            ):
                return False
            with POOL:
                if again() != 1:
                    return False
            self._left -= 1
            return True

    def note(self) -> None:
        """Take note of a single step that was run in the other way.

        Where nothing has happened since the one before it, those after it are expected to be repetitions: whoever sets
        something before each step needs no preparations.
        """
        program, state = self._program, self._program.state
        with program.lock:
            now = state.written, state.version, program.changes, program.config
            is_same = (self._written, self._version, self._changes, self._config) == now
            self._written, self._version, self._changes, self._config = now
            is_alone = program.runs_in is None and not self._derived.jobs.calls and not self._derived.with_flights
            if is_same and is_alone:
                self._left, self._again = CALLS - 1, program.backend.again(self._derived, CALLS - 1)

    def end(self, check: FiniteCheck) -> None:
        """Let the next step be run in the other way, and tell who looks after runs of those that were repeated."""
        again, self._again = self._again, None
        if again is not None:
            check.also(CALLS - 1 - self._left)
