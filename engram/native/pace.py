"""How many steps the next call into the engine has, and how many threads: what the last calls took decides.

In: how long each call took. Out: steps and threads of the next one. Called by ``native/engine.py``. Nothing here
changes a result: neither the number of threads nor the moment at which a run is split does.
"""

from __future__ import annotations

from collections.abc import Generator

__all__ = ["STRETCH_S", "Pace"]

STRETCH_S = 0.05  # a call into the engine lasts about so long, so that Ctrl-C and the progress bar work
TRIAL_S = 0.004  # and so long while it is found out how many threads are best
AGAIN_S = 1.0  # after so much time in the engine that is found out again: activity changes, and other programs come
WORTH = 1.15  # the next higher number of threads must be so many times faster; else others may have the cores

Trial = Generator[int, float, None]  # yields numbers of threads to try, is sent the seconds that a step then took


class Pace:
    """Begins with one step on one thread and adapts."""

    def __init__(self) -> None:
        self.threads = 1  # the best number so far
        self._most = 1
        self._step_s = 0.0  # of the last call
        self._steps = 0  # of the last call
        self._is_typical = False  # the present call is long enough to judge a number of threads by
        self._trial: Trial | None = None
        self._tried = 1  # the number of threads that the trial asks for
        self._settled_s = 0.0  # since the last trial

    def next(self, left: int, most: int) -> tuple[int, int]:
        """Return how many steps (at most ``left``) and threads (at most ``most``) the next call has."""
        if most != self._most:
            self._most, self.threads = most, min(self.threads, most)
            self._begin_trial()
        elif self._trial is None and self._settled_s > AGAIN_S:
            self._begin_trial()
        if not self._steps:  # what a step takes is unknown
            return 1, self.threads
        wanted = max(1, int((STRETCH_S if self._trial is None else TRIAL_S) / self._step_s))
        trusted = 4 * self._steps  # one short measurement may be wrong by much
        self._is_typical = trusted >= min(wanted, left)
        return min(wanted, trusted, left), self.threads if self._trial is None else self._tried

    def took(self, steps: int, seconds: float) -> None:
        """Learn how many steps the call did, and in which time."""
        if steps < 1:
            return
        self._steps, self._step_s = steps, max(seconds, 1e-9) / steps
        self._settled_s += seconds
        if self._trial is not None and self._is_typical:
            self._go_on(self._trial, self._step_s)

    def _begin_trial(self) -> None:
        self._trial = self._climb()
        self._go_on(self._trial, None)

    def _go_on(self, trial: Trial, step_s: float | None) -> None:
        try:
            self._tried = next(trial) if step_s is None else trial.send(step_s)
        except StopIteration:
            self._trial, self._settled_s = None, 0.0

    def _climb(self) -> Trial:
        """Go up as long as more threads are worth it; if they are not at once, down as long as fewer do as well."""
        before = self.threads
        while self.threads < self._most:
            more = min(2 * self.threads, self._most)
            if not (yield from _is_worth(self.threads, more)):
                break
            self.threads = more
        while 1 < self.threads <= before:
            fewer = 1 << (self.threads - 1).bit_length() - 1
            if (yield from _is_worth(fewer, self.threads)):
                break
            self.threads = fewer


def _is_worth(few: int, many: int) -> Generator[int, float, bool]:
    """Try two numbers of threads in turn, twice, since another program may have disturbed one."""
    best = {few: float("inf"), many: float("inf")}
    for threads in (few, many, few, many):
        best[threads] = min(best[threads], (yield threads))
    return best[few] > WORTH * best[many]
