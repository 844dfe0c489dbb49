"""Reading in small steps: the same bytes, in fewer calls to the system."""

import os

import pytest

from engram.errors import DamagedFile, ReadError
from engram.storage.reading import NEARBY_BYTES, Nearby, opened
from tests.contracts.format_contract import MemoryReader


class Counting(MemoryReader):
    def __init__(self, data):
        super().__init__(data)
        self.calls = 0

    def pread(self, length, offset):
        self.calls += 1
        return super().pread(length, offset)


def test_small_steps_give_the_bytes_of_the_file_in_few_reads():
    data = bytes(range(251)) * 4000
    file = Counting(data)
    near = Nearby(file)
    steps = [(17, at) for at in range(0, len(data) - 17, 17)]

    assert all(near.pread(length, offset) == data[offset : offset + length] for length, offset in steps)
    assert file.calls <= len(data) // (NEARBY_BYTES - 17) + 1


def test_places_anywhere_long_runs_and_the_end_are_read_as_they_are():
    data = bytes(range(251)) * 4000
    near = Nearby(MemoryReader(data))
    places = [(5, 900_000), (5, 3), (NEARBY_BYTES, 10), (0, len(data)), (9, len(data) - 9), (600_000, 400_000)]

    assert [near.pread(length, at) for length, at in places] == [data[at : at + length] for length, at in places]
    with pytest.raises(DamagedFile, match="too short"):
        near.pread(10, len(data) - 9)


def test_memory_is_filled_from_a_place_in_a_file_or_the_file_is_damaged(tmp_path):
    path, place = tmp_path / "f", bytearray(6)
    path.write_bytes(b"0123456789")
    with opened(path) as file:
        assert bytes(file.read_into(memoryview(place), 3)) == bytes(place) == b"345678"
        os.truncate(path, 8)
        with pytest.raises(DamagedFile, match="became shorter"):
            file.read_into(memoryview(place), 3)
    with pytest.raises(ReadError, match="was closed"):
        file.read_into(memoryview(place), 3)
