"""What a worker does: it opens an experiment once, keeps it, and does one run after another with it.

Nothing is raised here but what breaks the worker itself: an outcome says what went wrong in a run.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TypeAlias

from engram.studies.runs import Run
from engram.studies.travel import Parcel, dumps, loads

__all__ = ["Experiment", "Failure", "Outcome", "begin_worker", "forget", "work"]

Experiment: TypeAlias = Callable[[Run], bytes]
"""What is done with each run: its result comes pickled."""

MOST_KEPT = 2  # experiments of one worker: a study may begin before the one before is forgotten


@dataclass(frozen=True)
class Failure:
    """What went wrong in a run.

    Args:
        what: type and message of the exception.
        trace: where it was raised.
        error: the exception itself, pickled; empty if that can't be.
        is_interrupt: whether somebody pressed Ctrl-C.
    """

    what: str
    trace: str
    error: bytes
    is_interrupt: bool


@dataclass(frozen=True)
class Outcome:
    """What came of a run: a pickled result, or a failure."""

    content: bytes = b""
    failure: Failure | None = None


class _Kept:
    """The experiments that this process has opened."""

    def __init__(self) -> None:
        self._experiments: dict[str, Experiment] = {}
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):  # not on Windows: a child would wait for ever for a thread of its parent
            os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._lock = threading.Lock()

    def put(self, key: str, experiment: Experiment) -> None:
        with self._lock:
            self._experiments[key] = experiment
            while len(self._experiments) > MOST_KEPT:
                del self._experiments[next(iter(self._experiments))]

    def get(self, parcel: Parcel) -> Experiment:
        with self._lock:
            experiment = self._experiments.get(parcel.key)
        if experiment is None:
            experiment = loads(parcel.opened())
            self.put(parcel.key, experiment)
        return experiment

    def forget(self, key: str) -> None:
        with self._lock:
            self._experiments.pop(key, None)


KEPT = _Kept()


def forget(key: str) -> None:
    """Drop an experiment, if this process has it: threads of an executor have opened it here."""
    KEPT.forget(key)


def begin_worker(key: str, experiment: Experiment | bytes, lifeline: Connection, other_end: Connection | None) -> None:
    """Begin a process that is a worker and nothing else; it ends at once when nobody holds its lifeline any more.

    Whoever began it lets go of that to stop a run, and when it ends, however that came about.

    Args:
        key: by which tasks name the experiment.
        experiment: inherited, or pickled.
        lifeline: is never written to.
        other_end: of the lifeline, where it was inherited: it is not for workers to hold.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the matter of who began it
    if other_end is not None:
        other_end.close()
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    KEPT.put(key, loads(experiment) if isinstance(experiment, bytes) else experiment)


def _end_with(lifeline: Connection) -> None:
    lifeline.poll(None)
    os._exit(1)


def work(parcel: Parcel, run: bytes) -> Outcome:
    """Do one run."""
    try:
        return Outcome(KEPT.get(parcel)(loads(run)))
    except BaseException as error:  # noqa: BLE001  the caller gets it, with the parameters: sys.exit() ends a run alone
        return Outcome(failure=_failure(error))


def _failure(error: BaseException) -> Failure:
    what = f"{type(error).__name__}: {error}"
    try:
        content = dumps(error, "the exception")
        loads(content)  # many an exception can be pickled, and not made again
    except Exception:  # noqa: BLE001  then its text must do
        content = b""
    return Failure(what, _trace(error), content, isinstance(error, KeyboardInterrupt))


def _trace(error: BaseException) -> str:
    """Return where an exception was raised, from the user's function on: who has called it says nothing to them."""
    trace = error.__traceback__
    if os.environ.get("ENGRAM_TRACEBACK") != "full":
        while trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith("engram."):
            trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace or error.__traceback__))
