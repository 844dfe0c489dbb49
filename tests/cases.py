"""Many small cases in one test: all are tried, and those that fail are named together."""

import pytest

__all__ = ["check_each", "matrix"]


def check_each(cases, check):
    """Call ``check`` with the arguments of every case, by its name: a mapping of names, or anything to go through."""
    named = cases.items() if isinstance(cases, dict) else ((repr(case), case) for case in cases)
    failures, count = [], 0
    for name, case in named:
        count += 1
        try:
            check(*(case if isinstance(case, tuple) else (case,)))
        except (Exception, pytest.fail.Exception) as error:
            failures.append(f"{name}: {type(error).__name__}: {error}")

    assert count, "there is no case"
    assert not failures, "\n".join(failures)


def matrix(rows, columns, everyday):
    """Return all pairs: each row meets ``everyday`` of the columns in `make test`, in turn, and the others nightly."""
    rows, columns = list(rows), list(columns)
    assert len(rows) * everyday >= len(columns), "some column would never come"

    def marks(k, j):
        return () if (j - k * everyday) % len(columns) < everyday else pytest.mark.nightly

    return [
        pytest.param(row, column, marks=marks(k, j)) for k, row in enumerate(rows) for j, column in enumerate(columns)
    ]
