from dataclasses import replace

import numpy as np
import pytest

from engram.errors import InvalidArgument
from engram.wiring.connectivity import Connectivity
from tests.cases import each


def small(by="pre"):
    return Connectivity(
        by,
        3,
        4,
        np.array([0, 2, 2, 5] if by == "pre" else [0, 2, 2, 5, 5], np.int64),
        np.array([1, 3, 2, 0, 3] if by == "pre" else [1, 2, 0, 1, 2], np.uint32),
        np.array([1, 1, 2, 5, 5] if by == "pre" else [3, 1, 2, 5, 5], np.uint16),
    )


def test_connectivity_names_both_sides_of_each_synapse():
    by_pre, by_post = small("pre"), small("post")

    assert by_pre.pre_of_synapses().tolist() == [0, 0, 2, 2, 2]
    assert by_pre.post_of_synapses() is by_pre.ranks
    assert by_post.post_of_synapses().tolist() == [0, 0, 2, 2, 2]
    assert by_post.pre_of_synapses() is by_post.ranks
    assert (by_pre.n_syn, by_pre.n_rows, by_pre.n_columns) == (5, 3, 4)
    assert (by_post.n_syn, by_post.n_rows, by_post.n_columns) == (5, 4, 3)


@each(
    ("changes", "text"),
    [
        ({"row_start": np.array([0, 2, 5])}, r"row_start must be int64 of shape \(4,\) in C order"),
        ({"row_start": np.array([0, 2, 2, 4])}, "row_start must lead from 0 to n_syn = 5, not from 0 to 4"),
        ({"ranks": np.zeros(5, np.int64)}, r"ranks must be uint32 of shape \(5,\) in C order, not int64"),
        ({"delay_steps": np.ones(4, np.uint16)}, r"delay_steps must be uint16 of shape \(\) or \(5,\)"),
    ],
)
def test_connectivity_of_parts_that_do_not_fit_is_refused(changes, text):
    with pytest.raises(InvalidArgument, match=text):
        replace(small(), **changes)


@each(
    ("by", "changes", "text"),
    [
        ("pre", {"row_start": np.array([0, 3, 2, 5])}, "row_start decreases after row 1"),
        ("pre", {"ranks": np.array([1, 3, 2, 0, 4], np.uint32)}, "rank 4 is not below 4"),
        ("pre", {"delay_steps": np.array([0, 1, 2, 5, 5], np.uint16)}, "a delay of 0 steps"),
        ("pre", {"delay_steps": np.array([1, 1, 2, 5, 4], np.uint16)}, "row 2 is not sorted at synapse 4"),
        ("pre", {"delay_steps": np.array(1, np.uint16)}, "row 2 is not sorted at synapse 3"),
        ("post", {"ranks": np.array([2, 1, 0, 1, 2], np.uint32)}, "row 0 is not sorted at synapse 1"),
    ],
)
def test_check_refuses_what_is_not_canonical(by, changes, text):
    small(by).check()

    with pytest.raises(InvalidArgument, match=text):
        replace(small(by), **changes).check()
