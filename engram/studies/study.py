"""A study: its runs are handed to an executor, and their results come as they finish.

In: an experiment and its runs. Out: an iterator of runs and results. Whoever stops it, or what goes wrong, leaves
nothing running: what has not begun is cancelled. With a file, what has finished is written first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engram.errors import InvalidArgument, RunFailed, WorkerLost
from engram.program.progress import progress_bar
from engram.studies.executors import OurPool, may_fork, processes, quiet_forks
from engram.studies.journal import Journal
from engram.studies.runs import Run
from engram.studies.travel import dumps, loads, parcel_of
from engram.studies.worker import Experiment, Failure, Outcome, forget, work
from engram.telling import told

__all__ = ["Asked", "Study", "results"]


@dataclass(frozen=True)
class Study:
    """What is done.

    Args:
        experiment: is given each run.
        runs: at least one.
        common: the parameters that all runs have, for the file.
        facts: what else makes the study, for the file; asked for where there is one.
    """

    experiment: Experiment
    runs: list[Run]
    common: dict[str, Any]
    facts: Callable[[], dict[str, str]]


@dataclass(frozen=True)
class Asked:
    """How it is done.

    Args:
        executor: any of ``concurrent.futures``; None for processes of our own.
        max_processes: how many of those; -1: one for each core.
        resume: path of the file that remembers results.
        progress: whether to show a bar; None: in a terminal.
    """

    executor: Any = None
    max_processes: int = -1
    resume: str | os.PathLike[str] | None = None
    progress: bool | None = None


def results(study: Study, asked: Asked) -> Iterator[tuple[Run, Any]]:
    """Return the results of the runs as they finish, those of the file first.

    Everything is checked here, before the first of them is asked for.

    Raises:
        InvalidArgument: if something can't be.
        RunFailed, WorkerLost: by the iterator.
    """
    n_processes = processes(asked.max_processes, len(study.runs))
    if asked.executor is not None and not callable(getattr(asked.executor, "submit", None)):
        advice = "give one of concurrent.futures, loky, mpi4py.futures, or client.get_executor() of dask."
        raise InvalidArgument(f"parallel_run(): executor has no submit(): {told(asked.executor)}\n  help: {advice}")
    tasks = [dumps(run, f"run {run.number} ({run})") for run in study.runs]
    content = b"" if asked.executor is None and may_fork() else dumps(study.experiment, "what the runs have in common")
    journal = None
    if asked.resume is not None:
        journal = Journal(asked.resume, study.facts(), study.runs, study.common)
    return _results(study, asked, n_processes, tasks, content, journal)


def _results(
    study: Study, asked: Asked, n_processes: int, tasks: list[bytes], content: bytes, journal: Journal | None
) -> Iterator[tuple[Run, Any]]:
    with ExitStack() as stack:
        done: dict[int, Any] = {}
        if journal is not None:
            stack.callback(journal.close)
            done = journal.results
        bar = progress_bar(
            total=len(study.runs),
            initial=len(done),
            unit=" runs",
            disable=None if asked.progress is None else not asked.progress,
        )
        stack.enter_context(bar)
        left = [run for run in study.runs if run.number not in done]
        for run in study.runs:
            if run.number in done:
                yield run, done.pop(run.number)
        if left:
            way = _Way(study.experiment, content, asked.executor, n_processes)
            out = stack.enter_context(_Out(way, tasks, left, journal, _said_of_whole(study)))
            for run, result in out.results():
                bar.update()
                yield run, result


@dataclass(frozen=True)
class _Way:
    """How tasks come to workers."""

    experiment: Experiment
    content: bytes
    executor: Executor | None
    n_processes: int


@dataclass
class _Out:
    """The runs that are handed out; when it is left, none is any more.

    Args:
        whole: what is said of parameters that all have, and which look as if they were meant for one run each.
    """

    way: _Way
    tasks: list[bytes]
    runs: list[Run]
    journal: Journal | None
    whole: str = ""
    _runs_of: dict[Future[Outcome], Run] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _is_early: bool = False  # whether somebody stops before all is done

    def __enter__(self) -> _Out:
        try:
            self._hand_out()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _hand_out(self) -> None:
        way = self.way
        parcel = parcel_of(way.content)
        self._stack.callback(parcel.discard)
        self._stack.callback(forget, parcel.key)
        executor = way.executor
        if executor is None:
            pool = OurPool(min(way.n_processes, len(self.runs)), parcel.key, way.content or way.experiment)
            self._stack.callback(lambda: pool.end(at_once=self._is_early))
            executor = pool.executor
        with quiet_forks():
            for run in self.runs:
                future = _submitted(executor, way.executor is None, parcel, self.tasks[run.number], run)
                self._runs_of[future] = run

    def results(self) -> Iterator[tuple[Run, Any]]:
        """Return the results as they come."""
        for future in as_completed([*self._runs_of]):
            run = self._runs_of.pop(future)
            yield run, self._result(run, future)

    def _result(self, run: Run, future: Future[Outcome]) -> Any:
        try:
            outcome = future.result()
        except (BrokenExecutor, CancelledError) as error:
            raise _lost(run, len(self._runs_of), error) from error
        if outcome.failure is not None:
            raise _failed(run, outcome.failure, self.whole)
        result = loads(outcome.content)
        if self.journal is not None:
            self.journal.write(run, result)
        return result

    def __exit__(self, *_: object) -> None:
        left, self._runs_of = self._runs_of, {}
        self._is_early = bool(left)
        for future in left:
            future.cancel()
        with self._stack:
            if self.journal is not None:
                self._write_rest(left)

    def _write_rest(self, left: dict[Future[Outcome], Run]) -> None:
        """Write what has finished, and nobody has asked for."""
        for future, run in left.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                outcome = future.result()
                if outcome.failure is None and self.journal is not None:
                    self.journal.write(run, loads(outcome.content))


def _submitted(executor: Any, is_ours: bool, parcel: Any, task: bytes, run: Run) -> Future[Outcome]:
    try:
        future: Future[Outcome] = executor.submit(work, parcel, task)
    except BrokenExecutor as error:
        raise _lost(run, 0, error) from error
    except RuntimeError as error:
        if is_ours:
            raise
        raise _refused(run, error) from error
    return future


# -- what went wrong -----------------------------------------------------------------------------------------


class _TraceOfWorker(Exception):
    """Where a run raised its exception, in another process."""

    def __init__(self, trace: str) -> None:
        super().__init__(f"\n\n{trace}")

    __module__, __qualname__ = "builtins", "WhereTheRunFailed"  # as tracebacks call it


def _said_of_whole(study: Study) -> str:
    n = len(study.runs)
    for name, value in study.common.items():
        if n > 1 and isinstance(value, tuple | range | np.ndarray) and np.shape(value)[:1] == (n,):
            how = f"list({name})" if isinstance(value, tuple | range) else f"{name}.tolist()"
            return f"\n  {name}: all {n} runs were given the whole of it; a list, {how}, has one value for each"
    return ""


def _failed(run: Run, failure: Failure, whole: str) -> BaseException:
    if failure.is_interrupt:
        return KeyboardInterrupt()
    message = f"run {run.number} has failed: {failure.what}\n  its parameters: {run}{whole}\n  its seed: {run.seed}"
    advice = "parallel_run(..., resume='study.jsonl') keeps the results of those that have finished."
    error = loads(failure.error) if failure.error else None
    found = RunFailed(f"{message}\n  help: {advice}", run.number, run.args, run.kwargs, run.seed, error)
    found.__cause__ = _TraceOfWorker(failure.trace)
    return found


def _lost(run: Run, left: int, error: BaseException) -> WorkerLost:
    what = (
        f"a worker is gone (killed, out of memory, or crashed); run {run.number} has no result, nor have {left} others"
    )
    advice = "fewer max_processes= need less memory; resume='study.jsonl' keeps the results of what has finished."
    return WorkerLost(f"{what}: {error}\n  its parameters: {run}\n  help: {advice}")


def _refused(run: Run, error: RuntimeError) -> InvalidArgument:
    advice = "is it shut down? Then make a new one, and use it inside of its with block."
    return InvalidArgument(f"parallel_run(): the executor does not take run {run.number}: {error}\n  help: {advice}")
