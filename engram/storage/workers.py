"""Threads for one file: they write, deflate, or make values, while the caller goes on.

A pool of ``concurrent.futures`` refuses to work while the interpreter ends, which is when some scripts save. Here the
caller does the work itself where no thread can be had.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import ParamSpec, TypeVar

__all__ = ["Workers", "called_meanwhile"]

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """At most ``count`` threads, started when there is something to do; to be closed, or used in a ``with``."""

    def __init__(self, count: int, name: str) -> None:
        self._count, self._name = count, name
        self._threads: list[Thread] | None = None
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function in one of the threads; with one thread, in the order of submitting."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  raised by result()
                future.set_exception(error)

        if self._threads is None:
            self._threads = self._started()
        if self._threads:
            self._tasks.put(run)
        else:
            run()
        return future

    def close(self) -> None:
        """Drop what has not begun, and wait for what has."""
        try:
            while True:
                self._tasks.get_nowait()
        except Empty:
            pass
        threads, self._threads = self._threads or [], []
        for _ in threads:
            self._tasks.put(None)
        for thread in threads:
            thread.join()

    def _started(self) -> list[Thread]:
        threads: list[Thread] = []
        for _ in range(self._count):
            thread = Thread(target=self._work, name=self._name, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the interpreter ends, or the system has no more threads
                break
            threads.append(thread)
        return threads

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
            del task  # what it holds may be large


def called_meanwhile(calls: Iterable[Callable[[], T]], most: int, name: str) -> Iterator[T]:
    """Give what functions return, in order; a thread calls up to ``most`` of them before their results are wanted."""
    waiting: deque[Future[T]] = deque()
    with Workers(1, name) as worker:
        for call in calls:
            waiting.append(worker.submit(call))
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
