"""Appending to a file: what arrives in it, past the page cache or through it."""

import errno
import os

import numpy as np
import pytest

from engram.storage.writing import FileWriter, System

STAGE = 1 << 14


@pytest.fixture(autouse=True)
def _small_stages(monkeypatch):
    monkeypatch.setattr("engram.storage.writing.STAGE_BYTES", STAGE)
    monkeypatch.setattr("engram.storage.writing.DIRECT_FROM", 2 * STAGE)


def written(path, portions, system, patches=()):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    out = FileWriter(fd, system)
    try:
        for portion in portions:
            out.write(portion)
        out.flush()
        for data, offset in patches:
            out.patch(data, offset)
        assert out.tell() == sum(memoryview(portion).nbytes for portion in portions)
    finally:
        out.close()
        os.close(fd)
    return path.read_bytes()


def portions(*sizes):
    return [os.urandom(size) for size in sizes]


class Recorded:
    """A system whose calls are recorded; the page cache is left in name only."""

    def __init__(self, write=os.write):
        self.calls, self._write = [], write

    def system(self):
        return System(direct=self.direct, write=self.write)

    def direct(self, fd, wanted):
        self.calls.append(wanted)

    def write(self, fd, view):
        is_direct = bool([call for call in self.calls if call in (True, False)][-1:] == [True])
        done = self._write(fd, view) if not is_direct else self.write_direct(fd, view)
        self.calls.append(done)
        return done

    def write_direct(self, fd, view):
        return os.write(fd, view)


@pytest.mark.parametrize(
    "sizes",
    [(), (1,), (STAGE,), (5 * STAGE,), (STAGE - 1, 2, 3 * STAGE), (7, 9 * STAGE, 0, 100), tuple([1000] * 200)],
)
def test_all_arrives_in_order_with_patches(tmp_path, sizes):
    data = portions(*sizes)
    whole = bytearray(b"".join(data))
    patches = [(b"abc", offset) for offset in (0, 5, len(whole) - 3) if 0 <= offset <= len(whole) - 3]
    for patch, offset in patches:
        whole[offset : offset + 3] = patch

    assert written(tmp_path / "file", data, System(), patches) == whole


def test_large_files_go_past_the_page_cache_from_a_place_on_and_end_in_it(tmp_path):
    recorded, data = Recorded(), portions(4 * STAGE + 10)

    assert written(tmp_path / "file", data, recorded.system()) == data[0]
    assert recorded.calls == [STAGE, STAGE, True, STAGE, STAGE, False, 10]


def test_what_follows_a_flush_that_ended_anywhere_goes_through_the_page_cache(tmp_path):
    recorded = Recorded()
    fd = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT, 0o600)
    out = FileWriter(fd, recorded.system())
    out.write(bytes(3 * STAGE + 1))
    out.flush()
    out.write(bytes(3 * STAGE))
    out.flush()
    out.close()
    os.close(fd)

    assert recorded.calls[:6] == [STAGE, STAGE, True, STAGE, False, 1]
    assert True not in recorded.calls[6:]


def test_file_system_that_cannot_is_written_in_the_ordinary_way(tmp_path):
    def direct(fd, wanted):
        raise OSError(errno.EINVAL, "Invalid argument")

    data = portions(6 * STAGE + 10)

    assert written(tmp_path / "file", data, System(direct=direct)) == data[0]


def test_file_system_that_can_in_name_only_is_written_in_the_ordinary_way(tmp_path):
    class InName(Recorded):
        def write_direct(self, fd, view):
            raise OSError(errno.EINVAL, "Invalid argument")

    recorded, data = InName(), portions(6 * STAGE + 10)

    assert written(tmp_path / "file", data, recorded.system()) == data[0]
    assert recorded.calls == [STAGE, STAGE, True, False, *[STAGE] * 4, 10]


def test_after_a_short_write_past_the_page_cache_the_rest_goes_through_it(tmp_path):
    class Meagre(Recorded):
        def write_direct(self, fd, view):
            return os.write(fd, view[:1001])

    recorded, data = Meagre(), portions(4 * STAGE)

    assert written(tmp_path / "file", data, recorded.system()) == data[0]
    assert recorded.calls == [STAGE, STAGE, True, 1001, False, STAGE - 1001, STAGE]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_error_past_the_page_cache_is_raised(tmp_path, error):
    class Failing(Recorded):
        def write_direct(self, fd, view):
            raise OSError(error, os.strerror(error))

    with pytest.raises(OSError, match=os.strerror(error)):
        written(tmp_path / "file", portions(4 * STAGE), Failing().system())


def test_error_of_going_back_to_the_page_cache_is_raised(tmp_path):
    def direct(fd, wanted):
        if not wanted:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        written(tmp_path / "file", portions(4 * STAGE), System(direct=direct))


def test_arrays_of_any_shape_and_size_are_written_as_bytes(tmp_path):
    arrays = [np.arange(6.0).reshape(2, 3), np.zeros((0, 3)), np.array(1, np.uint8)]

    assert written(tmp_path / "file", [a.data for a in arrays], System()) == b"".join(a.tobytes() for a in arrays)
