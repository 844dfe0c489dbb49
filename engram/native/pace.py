"""How many steps the next call into the engine has, and how many threads: what the last calls took decides.

In: how long each call took. Out: steps and threads of the next one. Nothing here changes a result: neither the number
of threads nor the moment at which a run is split does.
"""

from __future__ import annotations

from collections.abc import Generator

__all__ = ["STRETCH_S", "Pace"]

STRETCH_S = 0.05  # a call into the engine lasts about so long, so that Ctrl-C and the progress bar work
TRIAL_S = 0.004  # and so long while it is found out how many threads are best
AGAIN_S = 0.1  # after so much time in the engine that is found out again: activity changes, and other programs come
LATEST_S = 16.0  # twice as late each time that nothing has changed, up to this
SHORT_S = 0.001  # where a step takes longer, all that is done beside it costs nothing
SLOW = 3.0  # and at once when calls with several threads take so many times longer than at first
WORTH = 1.15  # the next higher number of threads must be so many times faster; else others may have the cores
KEEP = 1.02  # and what was that much faster is kept while it is so much: one disturbed trial must not decide

Trial = Generator[int, float, None]  # yields numbers of threads to try, is sent the seconds that a step then took


class Pace:
    """Begins with one step on one thread and adapts."""

    def __init__(self) -> None:
        self.threads = 1  # the best number so far
        self._threads_before = 1  # the present or last trial
        self._most = 1
        self._step_s = 0.0  # of the last call
        self._steps = 0  # of the last call
        self._is_all = False  # the present call has all steps that are left
        self._trial: Trial | None = None
        self._tried = 1  # the number of threads that the trial asks for
        self._tried_s, self._tried_steps = 0.0, 0  # of the calls with that many
        self._again_s = AGAIN_S  # between two trials
        self._settled_s = 0.0  # since the last trial
        self._usual_s = 0.0  # of a step, right after the last trial

    def next(self, left: int, most: int) -> tuple[int, int]:
        """Return how many steps (at most ``left``) and threads (at most ``most``) the next call has."""
        if most != self._most:
            self._most, self.threads, self._again_s = most, min(self.threads, most), AGAIN_S
            self._begin_trial()
        elif self._trial is None and (self._settled_s > self._again_s or self._is_slow()):
            self._begin_trial()
        if not self._steps:  # what a step takes is unknown
            return 1, self.threads
        if left == 1:
            self._is_all = True
            return 1, self.threads if self._trial is None else self._tried
        wanted = max(1, int((STRETCH_S if self._trial is None else TRIAL_S) / self._step_s))
        steps = min(wanted, 4 * self._steps)  # one short measurement may be wrong by much
        self._is_all = steps >= left
        return min(steps, left), self.threads if self._trial is None else self._tried

    def took(self, steps: int, seconds: float) -> None:
        """Learn how many steps the call did, and in which time."""
        if steps < 1:
            return
        self._step_s = max(seconds, 1e-9) / steps
        self._steps = steps  # after what it is divided by: an interrupt may come at any moment
        self._settled_s += seconds
        if self._trial is None:
            self._usual_s = self._usual_s or self._step_s
        else:
            self._tried_s, self._tried_steps = self._tried_s + seconds, self._tried_steps + steps
            if self._tried_s > TRIAL_S / 4 or self._is_all:  # long enough to judge a number of threads by
                self._go_on(self._trial, self._tried_s / self._tried_steps)

    def goes_on(self, steps: int, most: int) -> bool:
        """Whether so many steps (at most) may be run as the last call did, one by one, before :meth:`next` is asked.

        They must be short, and the best number of threads (at most ``most``) known. If they may be, they count as run.
        """
        if most != self._most or self._trial is not None or not 0.0 < self._step_s < SHORT_S:
            return False
        self._settled_s += steps * self._step_s
        return True

    def _is_slow(self) -> bool:
        return self.threads > 1 and self._step_s > SLOW * self._usual_s > 0.0

    def _begin_trial(self) -> None:
        self._threads_before = self.threads
        self._go_on(self._climb(), None)

    def _go_on(self, trial: Trial, step_s: float | None) -> None:
        self._tried_s, self._tried_steps = 0.0, 0
        try:
            self._tried = next(trial) if step_s is None else trial.send(step_s)
            self._trial = trial  # now that it has begun
        except StopIteration:
            has_changed = self.threads != self._threads_before
            self._again_s = AGAIN_S if has_changed else min(2.0 * self._again_s, LATEST_S)
            self._trial, self._settled_s, self._usual_s = None, 0.0, 0.0

    def _climb(self) -> Trial:
        """Go up as long as more threads are worth it; if they are not at once, down as long as fewer do as well."""
        before = self.threads
        while self.threads < self._most:
            more = min(2 * self.threads, self._most)
            if not (yield from _is_faster(self.threads, more, WORTH)):
                break
            self.threads = more
        while 1 < self.threads <= before:
            fewer = 1 << (self.threads - 1).bit_length() - 1
            if (yield from _is_faster(fewer, self.threads, KEEP)):
                break
            self.threads = fewer


def _is_faster(few: int, many: int, times: float) -> Generator[int, float, bool]:
    """Try two numbers of threads in turn, three times; another program may disturb one, so the median ratio counts.

    Neighbours in time are compared, since activity changes.
    """
    ratios = []
    for _ in range(3):
        short = yield few
        ratios.append(short / (yield many))
    return sorted(ratios)[1] > times
