"""Writing a file front to back through one descriptor, in a thread of its own.

In: bytes, in any portions. Out: a file. All calls to the system that writing makes go through a :class:`System`, so
that tests can make each of them fail.

What is written is collected in a few stages of 4 MiB. Beyond the first 64 MB they go to the disk without a copy in the
system's page cache (``O_DIRECT``), where the file system knows that: such a copy costs more than all else that a save
does, and takes memory from programs that run. Smaller files stay in the cache, from where they are read again soon.
"""

from __future__ import annotations

import errno
import mmap
import os
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from engram.storage.workers import Workers

if sys.platform != "win32":
    import fcntl

__all__ = ["HAS_LOCKS", "SYSTEM", "FileWriter", "System"]

HAS_LOCKS = sys.platform != "win32"  # engram imports and runs there, without what marks a file as being written

STAGE_BYTES = 4 << 20
STAGES = 4  # one that is filled, the others wait to be written
DIRECT_FROM = 64 << 20
DIRECT = getattr(os, "O_DIRECT", 0)  # places, lengths and addresses must be multiples of a block of the disk: of a page


def _lock(fd: int) -> None:
    """Lock without waiting; where a file system has no locks, files are written without."""
    try:
        if sys.platform != "win32":
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
            raise


def _pwrite(fd: int, data: bytes, offset: int) -> int:
    return os.pwrite(fd, data, offset)  # looked up late: Windows has none


def _chmod(fd: int, mode: int) -> None:
    os.fchmod(fd, mode)  # looked up late: Windows has none


def _direct(fd: int, wanted: bool) -> None:
    """Go past the page cache from now on, or no longer; raises OSError where that can't be had."""
    if sys.platform == "win32" or not DIRECT:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    fcntl.fcntl(fd, fcntl.F_SETFL, flags | DIRECT if wanted else flags & ~DIRECT)


@dataclass(frozen=True)
class System:
    """The calls to the system that writing a file makes."""

    open: Callable[[str, int, int], int] = os.open
    lock: Callable[[int], None] = _lock
    direct: Callable[[int, bool], None] = _direct
    write: Callable[[int, memoryview], int] = os.write
    pwrite: Callable[[int, bytes, int], int] = _pwrite
    chmod: Callable[[int, int], None] = _chmod
    fsync: Callable[[int], None] = os.fsync
    dup: Callable[[int], int] = os.dup
    close: Callable[[int], None] = os.close
    rename: Callable[[str, str], None] = os.replace
    unlink: Callable[[str], None] = os.unlink
    mkdir: Callable[[str], None] = os.mkdir


SYSTEM = System()


class FileWriter:
    """Appends to a descriptor. The next values are brought together and hashed while the last ones are written.

    An error of the system is raised by one of the next calls, by :meth:`flush` at the latest.
    """

    def __init__(self, fd: int, system: System) -> None:
        self._fd, self._system = fd, system
        self._total = 0
        self._thread = Workers(1, "engram-write")
        self._waiting: deque[tuple[Future[None], mmap.mmap]] = deque()
        self._stage: mmap.mmap | None = None
        self._filled = 0  # bytes of the stage
        self._is_direct, self._may_be_direct = False, True

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        """Append all of ``data``."""
        size = memoryview(data).nbytes
        if self._stage is not None and size < STAGE_BYTES - self._filled:  # short values are many
            self._stage[self._filled : self._filled + size] = data
            self._filled += size
            self._total += size
            return size
        view = memoryview(data).cast("B") if size else memoryview(b"")
        while view.nbytes:
            if self._stage is None:
                self._stage = mmap.mmap(-1, STAGE_BYTES) if len(self._waiting) < STAGES - 1 else self._written()
            part = view[: STAGE_BYTES - self._filled]
            self._stage[self._filled : self._filled + part.nbytes] = part
            self._filled += part.nbytes
            self._total += part.nbytes
            view = view[part.nbytes :]
            if self._filled == STAGE_BYTES:
                self._hand_over()
        return size

    def tell(self) -> int:
        """Bytes written so far."""
        return self._total

    def patch(self, data: bytes, offset: int) -> None:
        """Replace a few bytes that were written before."""
        self.flush()
        while data:
            done = self._system.pwrite(self._fd, data, offset)
            data, offset = data[done:], offset + done

    def flush(self) -> None:
        """Return when the system has everything."""
        self._hand_over()
        while self._waiting:
            self._written()
        self._set_direct(False)

    def close(self) -> None:
        """Stop writing; what still waits is dropped."""
        self._thread.close()

    def _hand_over(self) -> None:
        """Let the stage be written; the next one is had when there is something to put into it."""
        if self._stage is None:
            return
        begin, stage = self._total - self._filled, self._stage
        is_direct = begin >= DIRECT_FROM and begin % mmap.PAGESIZE == 0 and self._filled == STAGE_BYTES
        view = memoryview(stage)[: self._filled]
        self._stage, self._filled = None, 0
        self._waiting.append((self._thread.submit(self._write_all, view, is_direct), stage))

    def _written(self) -> mmap.mmap:
        """Wait for the stage that was handed over first."""
        future, stage = self._waiting.popleft()
        future.result()
        return stage

    def _write_all(self, view: memoryview, is_direct: bool) -> None:
        self._set_direct(is_direct)
        while view.nbytes:
            try:
                done = self._system.write(self._fd, view)
            except InterruptedError:
                continue
            except OSError as error:
                if not (self._is_direct and error.errno in (errno.EINVAL, errno.EOPNOTSUPP)):
                    raise
                self._give_up_direct()  # a file system that has it in name only
                continue
            if done <= 0:
                raise OSError("the system wrote nothing and gave no reason")
            view = view[done:]
            if view.nbytes and self._is_direct:
                self._give_up_direct()  # the rest may begin anywhere; what is wrong, the next write says

    def _set_direct(self, wanted: bool) -> None:
        if wanted == self._is_direct or (wanted and not self._may_be_direct):
            return
        try:
            self._system.direct(self._fd, wanted)
        except OSError:
            if not wanted:
                raise
            self._may_be_direct = False
            return
        self._is_direct = wanted

    def _give_up_direct(self) -> None:
        self._may_be_direct = False
        self._set_direct(False)
