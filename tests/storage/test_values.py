import itertools

import numpy as np
import pytest

from engram.storage.values import elements, moved, survive
from tests.cases import check_each

NUMBERS = (0, 1, 2, 127, 128, 255, 256, 2**15, 2**24, 2**24 + 1, 2**31, 2**32 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63,
           2**64 - 1, -1, -128, -129, -(2**31), -(2**53) - 1, -(2**63), 0.5, 0.1, 1e300, np.inf)  # fmt: skip
CODES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")


def value_of(number, code):
    """The number in a dtype, or None where it has no exact place there; computed with Python's exact numbers."""
    dtype = np.dtype(code)
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            found = dtype.type(number)
        return found if float(found) == number and (np.isinf(found) or int(found) == int(number)) else None
    low, high = (0, 1) if code == "?" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return dtype.type(number) if number == number // 1 and low <= number <= high else None


def test_survive_agrees_with_exact_arithmetic():
    check_each(itertools.product(CODES, CODES), check_survive)


def check_survive(theirs, mine):
    for number in NUMBERS:
        value = value_of(number, theirs)
        if value is not None:
            for others in ([], [1], [0, 1]):
                values = np.array([*others, value], theirs)

                assert survive(values, np.dtype(mine)) == (value_of(number, mine) is not None), (number, theirs, mine)


def test_survive_counts_the_sign_of_zero_and_takes_any_nan():
    assert not survive(np.array([-0.0]), np.dtype("i4"))
    assert survive(np.array([-0.0, np.nan, -np.inf]), np.dtype("f4"))
    assert not survive(np.array([np.nan]), np.dtype("?"))


def test_moved_stops_at_the_ends():
    steps = (0, 1, -1, 100, -100, 255, -255, 10**6, -(10**6))
    check_each(itertools.product(("i1", "u1", "i8", "u8"), steps), check_moved)


def check_moved(code, steps):
    low, high = int(np.iinfo(code).min), int(np.iinfo(code).max)
    values = [low, low + 1, 5, high - 1, high]
    expected = [max(low, min(high, value + steps)) for value in values]
    if low < 0:
        expected[0] = low

    assert moved(np.array(values, code), steps).tolist() == expected
    assert moved(np.array(values, code), steps).dtype == code


def test_moved_floats_are_moved():
    assert moved(np.array([1.5, -np.inf]), -2).tolist() == [-0.5, -np.inf]


@pytest.mark.parametrize("size", [1, 3, 8, 13, 64])
def test_elements_come_whole_from_pieces_of_any_size(size):
    values = np.arange(50, dtype="<f8")
    data = values.tobytes()
    pieces = (memoryview(data[at : at + size]) for at in range(0, len(data), size))

    assert np.concatenate([part.copy() for part in elements(pieces, values.dtype)]).tolist() == values.tolist()
