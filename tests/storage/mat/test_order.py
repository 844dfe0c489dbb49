from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from engram.storage.mat import order
from engram.storage.mat.order import Stored, is_vector, to_columns, to_rows
from tests.contracts.format_contract import MemoryReader

SHAPES = [(), (5,), (0, 3), (1, 7), (7, 1), (4, 6), (6, 4), (2, 3, 4), (1, 3, 1, 4), (5, 1, 2, 3), (300, 40), (3, 5000)]


def values_of(shape, dtype="<i4"):
    return np.arange(math.prod(shape), dtype=dtype).reshape(shape)


@pytest.mark.parametrize("block", [8, 64, 1000, 1 << 20])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_columns_and_back_for_any_size_of_blocks(shape, block, monkeypatch):
    monkeypatch.setattr(order, "_BLOCK_BYTES", block)
    monkeypatch.setattr(order, "_SCAN_BYTES", block)
    values = values_of(shape)
    pieces = (values,) if not shape else tuple(np.array_split(values, 3))
    columns = b"".join(to_columns(shape, values.dtype, pieces))
    place = Stored(MemoryReader(b"junk" + columns), 4, values.dtype, values.dtype)

    assert columns == values.tobytes("F")
    assert b"".join(to_rows(place, shape)) == values.tobytes()


def test_numbers_that_are_stored_in_a_smaller_type_are_widened():
    values = values_of((3, 4), "u1")
    place = Stored(MemoryReader(values.tobytes("F")), 0, np.dtype("<f8"), np.dtype("u1"))

    assert b"".join(to_rows(place, (3, 4))) == values.astype("<f8").tobytes()
    assert b"".join(to_rows(place, (12,))) == np.ravel(values, "F").astype("<f8").tobytes()


@pytest.mark.parametrize(
    ("shape", "expected"), [((), True), ((3,), True), ((1, 3, 1), True), ((0, 3), True), ((2, 2), False)]
)
def test_is_vector(shape, expected):
    assert is_vector(shape) is expected


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(2_500, 2_000), (5_000_000, 1), (3, 1_700_000)], ids=str)
def test_memory_is_bounded(shape):
    values = np.zeros(shape)

    def peak(pieces):
        tracemalloc.start()
        for _ in pieces:
            pass
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return result

    assert peak(to_columns(shape, values.dtype, (values,))) < 40 << 20
    data = MemoryReader(values.tobytes())
    assert peak(to_rows(Stored(data, 0, values.dtype, values.dtype), shape)) < 40 << 20
