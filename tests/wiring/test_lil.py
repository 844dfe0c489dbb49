import pytest

import engram as eg
from engram.errors import InvalidArgument


def test_fields_say_what_was_added():
    some = eg.CSR(0.5)
    some.add(1, [3, 0], [0.5], [1.0])
    some.push_back(4, [2], 0.25, 2.0)
    some.add(5, [], [], [])
    assert (some.post_rank, some.pre_rank, some.w) == ([1, 4], [[3, 0], [2]], [[0.5, 0.5], [0.25]])
    assert (some.delay, some.max_delay, some.uniform_delay) == ([[2, 2], [4]], 4, -1)
    assert (some.size, some.nb_synapses, some.compute_average_row_length()) == (2, 3, 1.5)
    assert repr(some) == "<LILConnectivity: 3 synapses of 2 post neurons, dt = 0.5 ms>"
    assert eg.LILConnectivity().compute_average_row_length() == 0.0


def test_rows_that_come_late_are_sorted_with_a_warning_and_joined():
    some = eg.LILConnectivity(1.0)
    some.add(2, [0], [0.5], [1.0])
    with pytest.warns(UserWarning, match="should come in ascending order"):
        some.add(1, [0], [0.5], [1.0])
    some.add(2, [1], [0.25], [1.0])
    some.validate()
    assert (some.post_rank, some.pre_rank, some.get_uniform_delay(), some.get_max_delay()) == (
        [1, 2],
        [[0], [0, 1]],
        1,
        1,
    )


def test_what_no_row_can_have_is_refused():
    some = eg.LILConnectivity()
    with pytest.raises(InvalidArgument, match="3 weights for 2 ranks"):
        some.add(0, [1, 2], [1.0, 2.0, 3.0], 0.0)
    with pytest.raises(InvalidArgument, match="ranks must be whole numbers"):
        some.add(0, [0.5], 1.0)
    with pytest.raises(
        InvalidArgument, match="post rank must be a whole number, not 'a'\n  help: the order is post_rank"
    ):
        some.add("a", [0], 1.0)
    some.add(0, [1, 1], 1.0)
    with pytest.raises(InvalidArgument, match="several synapses from 1 to 0"):
        some.validate()
