"""What users say of parameters and seeds, and the runs that follow from it."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, WrongCall
from engram.studies.runs import Run, check_calls, runs_of, seed_of_run
from tests.cases import each


def given(asked, **common):
    runs, all_have = runs_of(asked, common, None, 1)
    return [run.args or run.kwargs for run in runs], all_have


def test_parameters_may_be_said_in_several_ways():
    two = [{"a": 1, "b": 3}, {"a": 2, "b": 4}]
    assert given(two) == given({"a": [1, 2], "b": (3, 4)}) == given(2, a=[1, 2], b=[3, 4]) == (two, {})
    assert given([{"a": 1}, {"a": 2}], b=[3, 4], c=5) == (two, {"c": 5})
    assert given([1.5, None]) == ([(1.5,), (None,)], {})
    assert given(np.arange(2)) == given(range(2)) == ([(0,), (1,)], {})
    assert given(np.int64(2), c=(1, 2)) == ([{}, {}], {"c": (1, 2)})


@each(
    ("asked", "common", "message"),
    [
        (0, {}, "number must be a number of runs, at least 1"),
        (True, {}, "number must be"),
        ([], {}, "number must be"),
        ([{"a": 1}, 2], {}, "number must be"),
        ("ab", {}, "number must be"),
        ({"a": [1], "b": [1, 2]}, {}, r"differ in length: \{'a': 1, 'b': 2\}"),
        ({"a": 1}, {}, "a dictionary as number has a list for each parameter, got 'a': 1"),
        (2, {"a": [1]}, "a has 1, there are 2 runs\n  help: give a tuple"),
        ([{"a": 1}], {"a": 2}, "run 0 is given 'a' twice"),
    ],
)
def test_what_cannot_be_is_refused(asked, common, message):
    with pytest.raises(InvalidArgument, match=message):
        runs_of(asked, common, None, 1)


def test_seeds_follow_from_that_of_the_network_and_the_number_of_the_run():
    def seeds(asked, n=3):
        return [run.seed for run in runs_of(n, {}, asked, 7)[0]]

    assert (seeds("same"), seeds("sequential"), seeds((1, 2, np.int64(3)))) == ([7] * 3, [8, 9, 10], [1, 2, 3])
    assert seeds(None) == seeds(None, 5)[:3] == [seed_of_run(7, number) for number in range(3)]
    assert seed_of_run(7, 0) == 6367832222396111121  # for good: results of old studies rest on it
    for wrong in ("other", [1, 2], [1, 2, -1], [1, 2, 2**64], [1, 2, 0.5]):
        with pytest.raises(InvalidArgument, match="seeds must be None, 'same', 'sequential' or a list of 3"):
            seeds(wrong)


def test_parameters_that_the_function_does_not_take_are_refused_by_the_number_of_the_run():
    runs = [Run(0, 1, (), {"tau": 1.0}), Run(1, 1, (), {"tua": 1.0})]
    with pytest.raises(WrongCall, match=r"can't be called for run 1: .*\n  its parameters: net, c, tua\n  help: its"):
        check_calls(lambda net, tau, c: None, 1, runs, {"c": 1})
    check_calls(max, 1, runs, {})  # whose signature nobody knows


def test_array_with_a_value_for_each_run_says_that_each_gets_the_whole():
    with pytest.warns(eg.EngramWarning, match=r"each of the 3 runs is given the whole of x.*\n  help: x=list\(x\)"):
        runs_of(3, {"x": np.arange(3)}, None, 1)
    with pytest.warns(eg.EngramWarning, match=r"the whole of x.*\n  help: x=list\(x\)"):
        runs_of(3, {"x": range(3)}, None, 1)
    runs_of(3, {"x": np.arange(4), "y": (1, 2, 3), "z": np.array(1.0)}, None, 1)
