"""Writing files: whole or not at all. (``reading`` opens them; its names are to be had here too.)

In: a path. Out: a ``FileWriter`` whose bytes become the file when everything went well.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import xxhash

from engram.errors import EngramError, SaveError
from engram.storage.reading import OPEN_FLAGS, FileReader, kind_of_file, opened
from engram.storage.writing import HAS_LOCKS, SYSTEM, FileWriter, System

__all__ = ["SYSTEM", "FileReader", "FileWriter", "System", "opened", "replacing"]

NAME_BYTES = 255  # of one path segment, in every common file system
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
INSPECT = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


@contextmanager
def replacing(path: str | os.PathLike[str], system: System = SYSTEM) -> Iterator[FileWriter]:
    """Write a file: when the block ends well, ``path`` is the new file, else what it was before.

    The bytes go to a temporary sibling that is flushed to the disk, renamed onto the target, and made durable by
    flushing the folder. A symlink stays and its target is replaced. Missing folders are made. Any failure removes
    all traces and raises SaveError; other exceptions of the block pass through.
    """
    shown = os.fspath(path)
    if "\0" in shown:
        raise SaveError(f"{shown!r} is no name for a file: it holds a null character")
    if shown and not os.path.basename(shown):
        raise SaveError(f"'{shown}' names a folder, not a file\n  help: give the file a name: '{shown}net.npz'.")
    try:
        target = os.path.realpath(shown)
        mode = _mode_for(target, shown)
        with _folder(os.path.dirname(target), system) as made:
            yield from _replace(target, mode, made, system)
    except EngramError:
        raise
    except OSError as error:
        failure = SaveError(
            f"'{shown}' could not be written: {error.strerror or error}\n"
            "  the file that was there before, if any, is as it was"
        )
        failure.errno = error.errno
        raise failure from error


def _replace(target: str, mode: int, made: list[str], system: System) -> Iterator[FileWriter]:
    _remove_stale(target, system)
    temporary, fd = _create(target, system)
    lock = -1
    writer = FileWriter(fd, system)
    try:
        yield writer
        writer.flush()
        system.chmod(fd, mode)
        system.fsync(fd)  # never again if it fails: the kernel reports a lost page only once
        lock = system.dup(fd)  # the lock lasts until the file has its name, though close must be checked before
        closing, fd = fd, -1
        system.close(closing)
        system.rename(temporary, target)
    except BaseException:
        with suppress(OSError):
            system.unlink(temporary)
        raise
    finally:
        writer.close()
        for left in (fd, lock):
            if left >= 0:
                with suppress(OSError):
                    system.close(left)
    try:
        for folder in [os.path.dirname(target), *(os.path.dirname(made_folder) for made_folder in made)]:
            _flush_folder(folder, system)
    except OSError as error:
        raise SaveError(f"'{target}' is written, but its folder could not be flushed: {error.strerror}") from error


def _mode_for(target: str, shown: str) -> int:
    """Return the permissions that the new file gets; raises SaveError where no file may be replaced."""
    try:
        old = os.lstat(target)
    except FileNotFoundError:
        return 0o666 & ~_umask()
    if not stat.S_ISREG(old.st_mode):
        raise SaveError(f"'{shown}' is {kind_of_file(old.st_mode)}, not a file; nothing was written")
    return stat.S_IMODE(old.st_mode)


def _umask() -> int:
    try:  # asking the process would have to change it for a moment, in all threads
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            return next(int(line.split()[1], 8) for line in status if line.startswith("Umask:"))
    except (OSError, StopIteration):
        mask = os.umask(0o077)
        os.umask(mask)
        return mask


@contextmanager
def _folder(folder: str, system: System) -> Iterator[list[str]]:
    """Make a folder and its parents; those that were made are removed again if the block fails."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    made: list[str] = []
    try:
        for name in reversed(missing):
            with suppress(FileExistsError):  # somebody else was faster
                system.mkdir(name)
                made.append(name)
        yield made
    except BaseException:
        for name in reversed(made):
            with suppress(OSError):  # not empty: somebody else uses it by now
                os.rmdir(name)
        raise


def _create(target: str, system: System) -> tuple[str, int]:
    """Create the temporary sibling and lock it, as a sign that its writer lives."""
    folder, name = os.path.split(target)
    for _ in range(100):
        temporary = os.path.join(folder, f".{_clipped(name)}.{os.getpid()}.{secrets.token_hex(8)}.tmp")
        try:
            fd = system.open(temporary, CREATE, 0o600)
        except FileExistsError:
            continue
        try:
            system.lock(fd)
            if os.fstat(fd).st_nlink:  # else another process took it for stale before it was locked
                return temporary, fd
        except BlockingIOError:  # another process is looking at it just now, and will remove it
            pass
        except BaseException:
            with suppress(OSError):
                system.unlink(temporary)
            with suppress(OSError):
                system.close(fd)
            raise
        system.close(fd)
    raise SaveError(f"no temporary file could be made in '{folder}'")


def _remove_stale(target: str, system: System) -> None:
    """Remove what killed processes left of earlier saves to the same name: temporary files without a lock."""
    folder, name = os.path.split(target)
    pattern = re.compile(rf"\.{re.escape(_clipped(name))}\.\d+\.[0-9a-f]{{16}}\.tmp")
    for found in [entry for entry in os.listdir(folder) if pattern.fullmatch(entry)] if HAS_LOCKS else []:
        stale = os.path.join(folder, found)
        with suppress(OSError):  # locked: its writer lives; or not ours to remove
            fd = system.open(stale, INSPECT, 0)
            try:
                system.lock(fd)
                if stat.S_ISREG(os.fstat(fd).st_mode):
                    system.unlink(stale)
            finally:
                system.close(fd)


def _clipped(name: str) -> str:
    """Shorten a name so that the temporary's still fits into one path segment."""
    if len(os.fsencode(name)) + 40 <= NAME_BYTES:
        return name
    return f"{os.fsencode(name)[:64].hex()}~{xxhash.xxh64_hexdigest(os.fsencode(name))}"


def _flush_folder(folder: str, system: System) -> None:
    fd = system.open(folder, OPEN_FLAGS, 0)
    try:
        system.fsync(fd)
    finally:
        system.close(fd)
