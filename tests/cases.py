"""Many small cases in one test: all are tried, and those that fail are named together."""

import functools
import inspect

import pytest

from tests.strategies import examples

__all__ = ["check_each", "each", "matrix", "sometimes", "tried"]


def check_each(cases, check):
    """Call ``check`` with the arguments of every case, by its name: a mapping of names, or anything to go through."""
    is_named = isinstance(cases, dict)
    failures, count = {}, 0
    for one in cases.items() if is_named else cases:
        name, case = one if is_named else (None, one)
        count += 1
        try:
            check(*(case if isinstance(case, tuple) else (case,)))
        except (Exception, pytest.fail.Exception) as error:
            failures[f"{name if is_named else repr(case)}: {type(error).__name__}: {error}"] = error

    assert count, "there is no case"
    if failures:
        raise AssertionError("\n".join(failures)) from next(iter(failures.values()))


def each(names, cases):
    """What ``pytest.mark.parametrize`` does, as one test of all cases: where they take no time and leave nothing."""
    wanted = (names,) if isinstance(names, str) else tuple(names)

    def decorate(test):
        @functools.wraps(test)
        def every(*args, **fixtures):
            rows = [(case,) if isinstance(names, str) else tuple(case) for case in cases]
            check_each(rows, lambda *row: test(*args, **dict(zip(wanted, row, strict=True)), **fixtures))

        signature = inspect.signature(test)
        others = [parameter for name, parameter in signature.parameters.items() if name not in wanted]
        every.__signature__ = signature.replace(parameters=others)
        return every

    return decorate


def matrix(rows, columns, everyday):
    """Return all pairs: each row meets ``everyday`` of the columns in `make test`, in turn, and the others nightly."""
    rows, columns = list(rows), list(columns)
    assert len(rows) * everyday >= len(columns), "some column would never come"

    def marks(k, j):
        return () if (j - k * everyday) % len(columns) < everyday else pytest.mark.nightly

    return [
        pytest.param(row, column, marks=marks(k, j)) for k, row in enumerate(rows) for j, column in enumerate(columns)
    ]


def sometimes(cases, one_of):
    """Return one of so many cases, evenly spaced, in `make test`, and all nightly."""
    return [*cases][:: 1 if examples(1) > 1 else one_of]


def tried(rows, columns, everyday):
    """Return the pairs of :func:`matrix` that this run tries, for tests that go through them by themselves."""
    is_nightly = examples(1) > 1
    return [pair.values for pair in matrix(rows, columns, everyday) if is_nightly or not pair.marks]
