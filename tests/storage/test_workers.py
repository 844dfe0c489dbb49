"""Threads for one file, and how it goes without."""

import threading
from functools import partial

import pytest

from engram.storage.workers import Workers, called_meanwhile


def refuse(self):
    raise RuntimeError("can't start new thread")


def test_one_thread_works_in_the_order_of_submitting():
    done = []
    with Workers(1, "test") as workers:
        for future in [workers.submit(done.append, k) for k in range(50)]:
            future.result()
        assert [t.name for t in threading.enumerate()].count("test") == 1

    assert done == list(range(50))
    assert "test" not in [t.name for t in threading.enumerate()]


@pytest.mark.parametrize("has_threads", [True, False])
def test_error_is_raised_by_the_result(has_threads, monkeypatch):
    if not has_threads:
        monkeypatch.setattr(threading.Thread, "start", refuse)
    with Workers(2, "test") as workers:
        future = workers.submit(int, "no number")
        with pytest.raises(ValueError, match="no number"):
            future.result()
        assert workers.submit(int, "7").result() == 7


def test_close_drops_what_has_not_begun():
    begun, go_on, done = threading.Event(), threading.Event(), []

    def first():
        begun.set()
        go_on.wait(10.0)

    workers = Workers(1, "test")
    workers.submit(first)
    workers.submit(done.append, 1)
    begun.wait(10.0)
    threading.Timer(0.05, go_on.set).start()
    workers.close()

    assert done == []


def test_calls_are_made_ahead_in_order_a_few_at_a_time_and_errors_come_where_they_belong():
    called = []

    def call(k):
        called.append(k)
        return 60 // (k - 4)

    coming = called_meanwhile((partial(call, k) for k in range(9)), 2, "test")

    assert next(coming) == -15
    assert next(coming) == -20
    assert len(called) <= 4
    assert [next(coming), next(coming)] == [-30, -60]
    with pytest.raises(ZeroDivisionError):
        next(coming)
    assert "test" not in [t.name for t in threading.enumerate()]
