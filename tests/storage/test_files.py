"""Writing a file: whatever goes wrong, the file is the old one or the new one, and nothing else is left."""

import dataclasses
import errno
import fcntl
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from engram.errors import DamagedFile, MissingFile, ReadError, SaveError
from engram.storage.files import System, replacing
from engram.storage.reading import opened

OLD, NEW = b"old" * 1000, os.urandom(700_000)
CALLS = [field.name for field in dataclasses.fields(System)]


def write(path, data=NEW, system=None):
    with replacing(path, system or System()) as out:
        for start in range(0, len(data), 300_000):
            out.write(data[start : start + 300_000])
        out.write(b"")


def faulty(at, fault, only=CALLS, sticky=False):
    """A system whose call number ``at`` fails; returns it with the list of calls made so far."""
    calls = []

    def wrap(name, call):
        def wrapped(*arguments):
            number = len(calls)
            calls.append(name)
            if name in only and (number == at or (sticky and number > at)):
                return fault(name, call, *arguments)
            return call(*arguments)

        return wrapped

    plain = System()
    return System(**{name: wrap(name, getattr(plain, name)) for name in CALLS}), calls


def count_calls(path):
    system, calls = faulty(-1, None)
    write(path, system=system)
    return list(calls)


def raising(error):
    def fault(name, call, *arguments):
        if name == "close":
            call(*arguments)  # Linux closes the descriptor even where it reports an error
        raise error

    return fault


FAULTS = {
    "EIO": OSError(errno.EIO, "Input/output error"),
    "interrupt": KeyboardInterrupt(),
    "memory": MemoryError(),
    "ENOSPC": OSError(errno.ENOSPC, "No space left on device"),
    "EDQUOT": OSError(errno.EDQUOT, "Disk quota exceeded"),
    "EACCES": PermissionError(errno.EACCES, "Permission denied"),
}


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("has_old", [True, False])
@pytest.mark.parametrize(
    "fault", [*FAULTS][:3] + [pytest.param(fault, marks=pytest.mark.nightly) for fault in [*FAULTS][3:]]
)
def test_any_failing_call_leaves_old_or_new_file_and_nothing_else(tmp_path, fault, has_old, is_large, monkeypatch):
    if is_large:  # written past the page cache
        monkeypatch.setattr("engram.storage.writing.STAGE_BYTES", 1 << 16)
        monkeypatch.setattr("engram.storage.writing.DIRECT_FROM", 1 << 16)
    path = tmp_path / "deep" / "state.npz" if not has_old else tmp_path / "state.npz"
    if has_old:
        path.write_bytes(OLD)
    total = len(count_calls(tmp_path / "elsewhere" / "more" / "state.npz"))
    for at in range(total):
        system, calls = faulty(at, raising(FAULTS[fault]))
        if has_old:
            path.write_bytes(OLD)
        try:
            write(path, system=system)
            failed = None
        except (SaveError, KeyboardInterrupt, MemoryError) as error:
            failed = error
        found = path.read_bytes() if path.exists() else b""
        left = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.exists() else []

        assert at >= len(calls) or failed is not None or calls[at] in ("lock", "direct", "close"), calls[at]
        assert found in ((OLD, NEW) if has_old else (b"", NEW))
        assert failed is not None or found == NEW
        assert left == (["elsewhere", "state.npz"] if has_old else ["state.npz"] if found else [])
        if not has_old and path.exists():
            path.unlink()
            path.parent.rmdir()


def test_order_of_calls_is_write_flush_close_rename_flush_folder(tmp_path):
    calls = count_calls(tmp_path / "state.npz")

    assert calls[:2] == ["open", "lock"]
    assert [call for call in calls if call != "write"][2:] == [
        *("chmod", "fsync", "dup", "close", "rename", "close", "open", "fsync", "close")
    ]


@pytest.mark.parametrize("name", ["fsync", "close"])
def test_failing_flush_or_close_is_a_failed_save_and_is_not_tried_again(tmp_path, name):
    path = tmp_path / "state.npz"
    path.write_bytes(OLD)
    first = count_calls(tmp_path / "other.npz").index(name)
    system, calls = faulty(first, raising(FAULTS["EIO"]))
    with pytest.raises(SaveError, match=r"state.npz' could not be written: Input/output error") as caught:
        write(path, system=system)

    assert calls.count("fsync") == 1
    assert caught.value.errno == errno.EIO
    assert path.read_bytes() == OLD


def test_short_and_interrupted_writes_go_on(tmp_path):
    path = tmp_path / "state.npz"
    state = {"count": 0}

    def meagre(fd, data):
        state["count"] += 1
        if state["count"] % 3 == 0:
            raise InterruptedError
        return os.write(fd, data[:10_001])

    write(path, system=System(write=meagre))

    assert path.read_bytes() == NEW


def test_no_memory_for_writing_leaves_nothing(tmp_path, monkeypatch):
    def none(*arguments):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    path = tmp_path / "state.npz"
    path.write_bytes(OLD)
    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr("engram.storage.writing.mmap.mmap", none)
    with pytest.raises(SaveError, match="Cannot allocate memory"):
        write(path)

    assert [entry.name for entry in tmp_path.iterdir()] == ["state.npz"]
    assert path.read_bytes() == OLD
    assert len(os.listdir("/proc/self/fd")) == before


def test_write_that_writes_nothing_fails(tmp_path):
    with pytest.raises(SaveError, match="wrote nothing"):
        write(tmp_path / "state.npz", system=System(write=lambda fd, data: 0))

    assert list(tmp_path.iterdir()) == []


def test_exception_of_the_caller_passes_through_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "state.npz"
    path.write_bytes(OLD)

    def fail():
        with replacing(path) as out:
            out.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert path.read_bytes() == OLD
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.npz"]


def test_mode_is_the_old_file_s_or_follows_the_mask(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(OLD)
    old.chmod(0o640)
    seen = []
    mask = os.umask(0o027)
    try:
        for path in (old, new):
            with replacing(path) as out:
                (temporary,) = tmp_path.glob(".*.tmp")
                seen.append(stat.S_IMODE(temporary.stat().st_mode))
                out.write(b"x")
    finally:
        os.umask(mask)

    assert seen == [0o600, 0o600]
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == 0o640


def test_symlink_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    target, link, dangling = tmp_path / "there" / "state.npz", tmp_path / "link.npz", tmp_path / "dangling.npz"
    target.write_bytes(OLD)
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "there" / "new.npz")
    write(link)
    write(dangling)

    assert link.is_symlink()
    assert target.read_bytes() == NEW
    assert (tmp_path / "there" / "new.npz").read_bytes() == NEW
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["dangling.npz", "link.npz", "there"]


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "file").write_bytes(OLD)
    for path, text in (
        (tmp_path / "pipe", "a pipe"),
        (tmp_path, "a folder"),
        (tmp_path / "loop", "in a circle"),
        ("/dev/null", "device"),
        (tmp_path / "file" / "x", "Not a directory|File exists"),
        ("a\0b", "null"),
    ):
        with pytest.raises(SaveError, match=text):
            write(path)

    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "loop", "pipe"]


NOBODY = 65534


@contextmanager
def ordinary_user(folder):
    """Root writes anywhere: for a while be somebody who doesn't, and who owns the folder."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_read_only_folder_is_an_error_not_a_write_in_place():
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders can't be entered by others
        folder = Path(name)
        path = folder / "state.npz"
        path.write_bytes(OLD)
        with ordinary_user(folder):
            folder.chmod(0o500)
            with pytest.raises(SaveError, match="Permission denied"):
                write(path)
            left = path.read_bytes(), os.listdir(folder)
            folder.chmod(0o700)

    assert left == (OLD, ["state.npz"])


@pytest.mark.parametrize("name", ["a b", "神経.npz", "x" * 255, "ü" * 127, ".npz", "-", "%s{}"])
def test_any_name_that_the_file_system_has_can_be_written(tmp_path, name):
    write(tmp_path / name)
    write(tmp_path / name)

    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_stale_temporary_files_of_the_same_target_are_removed(tmp_path):
    stale, other, locked = (
        tmp_path / f".{name}.{pid}.{'0' * 16}.tmp" for name, pid in (("a.npz", 1), ("b.npz", 1), ("a.npz", 2))
    )
    similar = tmp_path / ".a.npz.backup.tmp"
    for path in (stale, other, locked, similar):
        path.write_bytes(b"left")
    with locked.open() as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        write(tmp_path / "a.npz")

    assert not stale.exists()
    assert other.exists()
    assert locked.exists()
    assert similar.exists()


def test_missing_folders_are_made_and_removed_again_on_failure(tmp_path):
    write(tmp_path / "a" / "b" / "state.npz")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "c" / "d" / "state.npz"):
        raise ZeroDivisionError

    assert (tmp_path / "a" / "b" / "state.npz").read_bytes() == NEW
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


CHILD = """
import sys
from engram.storage.files import replacing
with replacing(sys.argv[1]) as out:
    for _ in range(50):
        out.write(b"n" * 300_000)
    print("ready", flush=True)
    if sys.argv[2] == "wait":
        sys.stdin.read()
"""


def test_kill_while_overwriting_leaves_the_old_file_and_the_next_save_cleans_up(tmp_path):
    path = tmp_path / "state.npz"
    path.write_bytes(OLD)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout.readline() == b"ready\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdin.close()
    child.stdout.close()
    after_kill = path.read_bytes()
    left = len(list(tmp_path.iterdir()))
    write(path)

    assert after_kill == OLD
    assert left == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.npz"]


@pytest.mark.slow
def test_kill_at_any_time_leaves_the_old_or_the_new_file(tmp_path):
    path = tmp_path / "state.npz"
    new = b"n" * 300_000 * 50
    for trial in range(4):
        path.write_bytes(OLD)
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path), "go"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        ) as child:
            child.stdout.readline()
            time.sleep(trial * 0.006)
            child.kill()

        assert path.read_bytes() in (OLD, new)


def test_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "state.npz"
    path.write_bytes(OLD)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(SaveError, match="File too large"):
            write(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert path.read_bytes() == OLD
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.npz"]


def test_two_writers_of_one_path_leave_one_whole_file(tmp_path):
    path = tmp_path / "state.npz"
    with replacing(path) as first:
        first.write(b"first")
        with replacing(path) as second:
            second.write(b"second")
        assert path.read_bytes() == b"second"

    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.npz"]


def test_reader_gives_exactly_what_is_asked_for(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(b"0123456789")
    with opened(path) as file:
        path.unlink()
        parts = file.pread(3, 0), file.pread(0, 10), file.pread(4, 6)
        for length, offset in ((1, 10), (11, 0), (-1, 0), (1, -1)):
            with pytest.raises(DamagedFile, match="too short"):
                file.pread(length, offset)

    assert parts == (b"012", b"", b"6789")


def test_reader_of_a_file_that_shrinks_refuses(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(b"0123456789")
    with opened(path) as file:
        os.truncate(path, 5)
        with pytest.raises(DamagedFile, match="became shorter"):
            file.pread(10, 0)


def test_opening_what_is_no_file_says_so(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "learned.npz").write_bytes(b"")
    for path, error, text in (
        (tmp_path / "learned", MissingFile, "help: there is 'learned.npz'."),
        (tmp_path / "none", MissingFile, "there is no file"),
        (tmp_path / "no" / "folder", MissingFile, "there is no file"),
        (tmp_path, ReadError, "is a folder"),
        (tmp_path / "pipe", ReadError, "is a pipe"),
        ("a\0b", ReadError, "null"),
    ):
        with pytest.raises(error, match=text), opened(path):
            pass
