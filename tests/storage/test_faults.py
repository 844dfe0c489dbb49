"""Everything that may go wrong with a file, and which test shows what comes of it.

| fault | shown by |
|---|---|
| kill -9 at every call to the system | `test_kill_at_every_call_...` |
| power loss: what was not flushed is lost, in any order, torn | `test_power_loss_at_any_call_...` |
| ENOSPC, EIO, EDQUOT at every call | `test_files.py`: `test_any_failing_call_...` |
| short writes, EINTR | `test_files.py`: `test_short_and_interrupted_writes_go_on` |
| an exception anywhere while saving | `test_exception_at_any_bytecode_of_a_save_...`; no memory: `test_files.py` |
| an exception anywhere while loading | `test_exception_at_any_bytecode_of_a_load_...`; no memory: `test_save_load.py` |
| flipped bits | `format_contract.py`: `test_every_flipped_bit_...`; `make fuzz` |
| cuts, junk, members exchanged or twice | `test_hostile_zip.py`, `format_contract.py`; `make fuzz` |
| headers and manifests that lie, bombs | `test_hostile_*.py`; `make fuzz` |
| signals; a fork while saving | `test_signal_while_saving_...`, `test_fork_while_saving_...`; `test_interrupts.py` |
| values that change while they are saved | `test_save_load.py`: `test_value_that_changes_while_it_is_saved_...` |
| two writers | `test_files.py`: `test_two_writers_of_one_path_leave_one_whole_file` |
| a reader while the file is replaced | `test_reader_keeps_the_file_that_it_opened` |
| read-only folders, odd names, symlinks, masks | `test_files.py` |
| a clock that runs backwards | `test_clock_changes_no_byte` |
| a locale with a decimal comma | `tests/resume/test_locale.py` |
| a load that fails at its n-th read | `test_read_error_at_every_call_...` |
| a file that changes between the readings | `test_save_load.py`: `test_file_that_changes_between_the_readings_...` |
| files of newer versions, and of none | `format_contract.py`: `test_other_version_is_refused_with_the_way_out` |

There are no ranks that could disagree, no saves in the background, and no stores but folders.
"""

import errno
import itertools
import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from engram.errors import BrokenNetwork, EngramError
from engram.storage.files import System, replacing
from engram.storage.load import load
from engram.storage.reading import opened
from engram.storage.save import save
from tests.interrupts import interrupted
from tests.storage.small import Small
from tests.storage.test_files import NEW, OLD, count_calls, faulty, write

TORN = 512  # bytes that a disk writes whole


def in_child(work):
    """Do work in a forked process; return how it ended."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitpid(pid, 0)[1]


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork")
def test_kill_at_every_call_leaves_the_old_or_the_new_file(tmp_path):
    seen = []

    def kill(name, call, *arguments):
        os.kill(os.getpid(), signal.SIGKILL)

    for at in itertools.count():
        path = tmp_path / str(at) / "state.npz"
        path.parent.mkdir()
        path.write_bytes(OLD)
        ended = in_child(lambda at=at, path=path: write(path, system=faulty(at, kill)[0]))
        if ended == 0:
            break
        assert os.WTERMSIG(ended) == signal.SIGKILL
        seen.append(path.read_bytes())
        write(path)
        assert [entry.name for entry in path.parent.iterdir()] == ["state.npz"]

    assert at == len(count_calls(tmp_path / "state.npz"))
    assert seen == sorted(seen, key=(OLD, NEW).index)
    assert {*seen} == {OLD, NEW}


class Disk:
    """Notes what reaches the system, and says what a disk may hold if the power fails then."""

    def __init__(self, old):
        self.old, self.log, self.states = old, [], []

    def system(self):
        """A system that notes."""
        plain = System()

        def noted(name, call):
            def wrapped(*arguments):
                done = call(*arguments)
                if name == "write":
                    self.log.append(("write", bytes(arguments[1])[:done]))
                elif name in ("fsync", "rename"):
                    self.log.append((name, None))
                return done

            return wrapped

        return System(**{name: noted(name, getattr(plain, name)) for name in vars(plain)})

    def found(self, length, kept, torn):
        """What the target holds if only ``kept`` of the calls that no flush made sure of have reached the disk."""
        flushed = max((k for k, (name, _) in enumerate(self.log[:length]) if name == "fsync"), default=-1)
        data, is_renamed = bytearray(), False
        for k, (name, part) in enumerate(self.log[:length]):
            is_sure = k < flushed
            if name == "write":
                reached = part if is_sure or k in kept else part[:TORN] if k == torn else b""
                data += reached.ljust(len(part), b"\0")
            elif name == "rename" and (is_sure or k in kept):
                is_renamed = True
        return bytes(data) if is_renamed else self.old


def test_power_loss_at_any_call_leaves_the_old_or_the_new_file(tmp_path, monkeypatch):
    monkeypatch.setattr("engram.storage.writing.STAGE_BYTES", 1 << 16)
    path, data = tmp_path / "state.npz", NEW[: 5 << 16]
    path.write_bytes(OLD)
    disk = Disk(OLD)
    write(path, data, disk.system())
    names = [name for name, _ in disk.log]
    states = set()
    for length in range(len(names) + 1):
        flushed = max((k for k, name in enumerate(names[:length]) if name == "fsync"), default=-1)
        open_calls = range(flushed + 1, length)
        for count in range(min(3, len(open_calls)) + 1):
            for kept in itertools.combinations(open_calls, count):
                states |= {disk.found(length, kept, torn) for torn in (*open_calls, -1)}

    assert states == {OLD, data}
    assert names == ["write"] * 5 + ["fsync", "rename", "fsync"]


def test_exception_at_any_bytecode_of_a_save_leaves_the_old_file(tmp_path):
    path, net = tmp_path / "state.npz", Small(seed=1)
    save(path, net.description, net.state.leaves())
    old, n = path.read_bytes(), 1
    net.state.array("populations/exc/v")[0] = 7.0
    save(tmp_path / "new.npz", net.description, net.state.leaves())
    new = (tmp_path / "new.npz").read_bytes()
    while interrupted(n, lambda: save(path, net.description, net.state.leaves())):
        assert path.read_bytes() in (old, new)
        n += 997

    assert path.read_bytes() == new
    assert n > 10_000


@pytest.mark.parametrize("suffix", ["npz", "gz"])
def test_exception_at_any_bytecode_of_a_load_leaves_the_network_or_says_that_it_is_broken(tmp_path, suffix):
    path, net, n, ends = tmp_path / f"state.{suffix}", Small(seed=1), 1, set()
    save(path, net.description, net.state.leaves())
    old, new = Small(seed=2).values(), net.values()
    load(path, Small(seed=2).state, net.compare)  # imports what it needs
    other = Small(seed=2)
    while interrupted(n, partial(load, path, other.state, other.compare)):
        found = other.values()
        ends.add("broken" if other.state.broken else "old" if found == old else "new" if found == new else "neither")
        other, n = Small(seed=2), n + 797

    assert other.values() == new
    assert {"old", "broken"} <= ends <= {"old", "broken", "new"}


SIGNALLED = """
import os, signal, sys
from engram.storage.files import System, replacing
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have what runs in the background ignore it
def write(fd, data):
    for _ in range(2):
        os.kill(os.getpid(), int(sys.argv[2]))
    return os.write(fd, data)
with replacing(sys.argv[1], System(write=write)) as out:
    out.write(b"new" * 1000)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_signal_while_saving_twice_leaves_the_old_file(tmp_path, number):
    path = tmp_path / "state.npz"
    path.write_bytes(OLD)
    command = [sys.executable, "-c", SIGNALLED, str(path), str(int(number))]
    ended = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode

    assert ended != 0
    assert path.read_bytes() == OLD


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork")
def test_fork_while_saving_takes_nothing_from_the_parent(tmp_path):
    path = tmp_path / "state.npz"

    def fsync(fd):
        assert in_child(lambda: None) == 0
        os.fsync(fd)

    write(path, system=System(fsync=fsync))

    assert path.read_bytes() == NEW
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.npz"]


def test_reader_keeps_the_file_that_it_opened(tmp_path):
    path = tmp_path / "state.npz"
    path.write_bytes(OLD)
    with opened(path) as file:
        first = file.pread(1500, 0)
        with replacing(path) as out:
            out.write(NEW)
        assert first + file.pread(1500, 1500) == OLD

    assert path.read_bytes() == NEW


def test_clock_changes_no_byte(tmp_path, monkeypatch):
    net, times = Small(seed=1), iter(range(10**9, 0, -(10**6)))
    for name in ("time", "monotonic", "perf_counter"):
        monkeypatch.setattr(f"time.{name}", lambda: float(next(times)))
    for suffix in ("npz", "engram", "gz", "mat", "h5", "txt"):
        files = [tmp_path / f"{k}.{suffix}" for k in range(2)]
        for file in files:
            save(file, net.description, net.state.leaves())
        assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("suffix", ["npz", "engram", "gz", "mat", "h5", "txt"])
def test_read_error_at_every_call_leaves_the_network_or_says_that_it_is_broken(tmp_path, suffix, monkeypatch):
    path, net, other = tmp_path / f"state.{suffix}", Small(seed=1), Small(seed=2)
    save(path, net.description, net.state.leaves())
    before, plain, outcomes, left = other.values(), os.pread, [], [0]

    def pread(*arguments):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.EIO, "Input/output error")
        return plain(*arguments)

    monkeypatch.setattr(os, "pread", pread)
    for at in itertools.count(1):
        left[0] = at
        try:
            load(path, other.state, other.compare)
        except BrokenNetwork:
            outcomes.append("broken")
            assert other.state.broken
            left[0] = 0
            other = Small(seed=2)
        except EngramError as error:
            outcomes.append(str(error).rpartition(": ")[2])
            assert other.values() == before
            assert not other.state.broken
        else:
            break

    assert other.values() == net.values()
    assert {*outcomes} - {"broken"} == {"Input/output error"}
