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
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

from engram.errors import InvalidArgument
from engram.studies.worker import Job, begin_worker

__all__ = ["cores", "may_fork", "own_pool", "processes", "quiet_forks"]


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
        raise InvalidArgument(
            f"parallel_run(): max_processes must be at least 1, or -1 for all cores, not {asked!r:.60}"
        )
    return max(1, min(cores() if asked == -1 else asked, n_runs))


def may_fork() -> bool:
    """Say whether workers are forked here."""
    return sys.platform == "linux"


def own_pool(n_processes: int, key: str, job: Job | bytes) -> Executor:
    """Return processes that have a job.

    Args:
        n_processes: at least 1.
        key: by which tasks name the job.
        job: itself where they are forked, pickled otherwise.
    """
    context = multiprocessing.get_context("fork" if may_fork() else "spawn")
    return ProcessPoolExecutor(n_processes, context, begin_worker, (key, job))


@contextmanager
def quiet_forks() -> Iterator[None]:
    """Let Python not warn of forks beside threads: it can't know that these are looked after."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*multi-threaded, use of fork", DeprecationWarning)
        yield
