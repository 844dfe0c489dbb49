"""Processes of our own, where the user gives no executor.

On Linux they are forked: scripts need no ``if __name__ == "__main__":``, functions of notebooks and lambdas are known,
and nothing is imported again. engram's own threads are made anew in a child, and no fork happens while they run.
Elsewhere they are spawned, as the system's libraries don't survive a fork there.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from engram.errors import InvalidArgument
from engram.studies.worker import Experiment, begin_worker
from engram.telling import told

__all__ = ["OurPool", "cores", "may_fork", "processes", "quiet_forks"]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes(asked: int, n_runs: int) -> int:
    """Return how many processes there shall be: as asked; -1: one for each core; never more than runs.

    Raises:
        InvalidArgument: for any other number.
    """
    if type(asked) is not int or (asked < 1 and asked != -1):
        expected = "a whole number, at least 1, or -1 for all cores"
        what = f"parallel_run(): max_processes must be {expected}, not {told(asked)}"
        advice = "the order is method, number, max_processes; what the runs are given has a name, as in def run(net, c)"
        raise InvalidArgument(f"{what}\n  help: {advice}: parallel_run(run, 2, c=[1.0, 2.0]).")
    return max(1, min(cores() if asked == -1 else asked, n_runs))


def may_fork() -> bool:
    """Say whether workers are forked here."""
    return sys.platform == "linux"


class OurPool:
    """Processes that have an experiment.

    Args:
        n_processes: at least 1.
        key: by which tasks name the experiment.
        experiment: itself where they are forked, pickled otherwise.

    Attributes:
        executor: hands out tasks to them.
    """

    def __init__(self, n_processes: int, key: str, experiment: Experiment | bytes) -> None:
        context = multiprocessing.get_context("fork" if may_fork() else "spawn")
        lifeline, self._held = context.Pipe(duplex=False)
        self._lifeline = lifeline
        begin = (key, experiment, lifeline, self._held if may_fork() else None)
        self.executor = ProcessPoolExecutor(n_processes, context, begin_worker, begin)

    def end(self, at_once: bool) -> None:
        """End all processes.

        Args:
            at_once: also those that are in the middle of a run.
        """
        if at_once:
            self._held.close()
        self.executor.shutdown(wait=True, cancel_futures=True)
        self._held.close()
        self._lifeline.close()


@contextmanager
def quiet_forks() -> Iterator[None]:
    """Let Python not warn of forks beside threads: it can't know that these are looked after."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*multi-threaded, use of fork", DeprecationWarning)
        yield
