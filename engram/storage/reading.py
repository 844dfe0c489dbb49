"""Reading files through one descriptor: what is checked is what is used, whatever happens to the path meanwhile.

In: a path. Out: a :class:`FileReader`.
"""

from __future__ import annotations

import io
import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engram.errors import DamagedFile, MissingFile, ReadError
from engram.storage.contract import Reader

__all__ = ["OPEN_FLAGS", "AsFile", "FileReader", "Nearby", "kind_of_file", "opened"]

NEARBY_BYTES = 1 << 17
CLOSED = -1
# without O_NONBLOCK, opening a FIFO would wait for a writer
OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


class FileReader:
    """A file opened once; see ``contract.Reader``."""

    def __init__(self, fd: int, size: int, path: str) -> None:
        self._fd = fd
        self._path = path
        self.size = size

    def pread(self, length: int, offset: int, /) -> bytes:
        """Return exactly ``length`` bytes at ``offset``; raises DamagedFile if the file is shorter."""
        if length < 0 or offset < 0 or offset + length > self.size:
            raise DamagedFile(
                f"'{self._path}' is too short: {self.size} bytes, wanted are {offset} to {offset + length}"
            )
        self._check_open()
        try:
            data = os.pread(self._fd, length, offset)
            while len(data) < length:  # one call reads at most 2 GiB, and less on some network file systems
                more = os.pread(self._fd, length - len(data), offset + len(data))
                if not more:
                    raise DamagedFile(f"'{self._path}' became shorter while it was read")
                data += more
        except OSError as error:
            raise ReadError(f"'{self._path}' can't be read: {error.strerror}") from error
        return data

    def read_into(self, place: memoryview, offset: int, /) -> memoryview:
        """Fill ``place`` with what stands at ``offset``, and return it; raises DamagedFile if the file is shorter."""
        self._check_open()
        done = 0
        try:
            while done < place.nbytes:
                count = os.preadv(self._fd, [place[done:]], offset + done)
                if not count:
                    raise DamagedFile(f"'{self._path}' became shorter while it was read")
                done += count
        except OSError as error:
            raise ReadError(f"'{self._path}' can't be read: {error.strerror}") from error
        return place

    def _check_open(self) -> None:
        if self._fd == CLOSED:
            raise ReadError(f"'{self._path}' was closed\n  help: open it again, or take values before: file[...][:].")

    def close(self) -> None:
        """Forget the descriptor, whose number may soon be that of another file."""
        self._fd = CLOSED

    def mapped(self, length: int, offset: int, /) -> memoryview:
        """Return bytes of the file that are read when they are looked at; nothing can be written to them."""
        if length <= 0 or offset < 0 or offset + length > self.size:
            raise DamagedFile(f"'{self._path}' is too short: {self.size} bytes, wanted are {length} at {offset}")
        self._check_open()
        skip = offset % mmap.ALLOCATIONGRANULARITY
        try:
            pages = mmap.mmap(self._fd, length + skip, access=mmap.ACCESS_READ, offset=offset - skip)
        except (OSError, ValueError) as error:
            raise ReadError(f"'{self._path}' can't be mapped: {error}") from error
        return memoryview(pages)[skip:]


class Nearby:
    """A file for those who go through it in small steps: what is near is read along. See ``contract.Reader``."""

    def __init__(self, file: Reader) -> None:
        self._file = file
        self._near, self._start = b"", 0
        self.size = file.size

    def pread(self, length: int, offset: int, /) -> bytes:
        """Return exactly ``length`` bytes at ``offset``; long runs are read as they are."""
        at = offset - self._start
        if 0 <= at <= len(self._near) - length:
            return self._near[at : at + length]
        if length >= NEARBY_BYTES or offset + length > self.size:
            return self._file.pread(length, offset)
        self._near, self._start = self._file.pread(min(NEARBY_BYTES, self.size - offset), offset), offset
        return self._near[:length]


class AsFile(io.RawIOBase):
    """A reader as the kind of file that libraries want; what is asked for beyond its end is not there."""

    def __init__(self, file: Reader) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        """Say yes, as the next one does."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go somewhere; raises DamagedFile where that is before the beginning."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        if start + offset < 0:
            raise DamagedFile("something in the file points before its beginning")
        self._at = start + offset
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes, or all that are left."""
        left = max(self._file.size - self._at, 0)
        data = self._file.pread(left if size < 0 else min(size, left), min(self._at, self._file.size))
        self._at += len(data)
        return data

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer, as far as the file goes."""
        view = memoryview(buffer).cast("B")
        data = self.read(view.nbytes)
        view[: len(data)] = data
        return len(data)


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[FileReader]:
    """Open a regular file for reading; raises MissingFile or ReadError."""
    shown = os.fspath(path)
    try:
        fd = os.open(shown, OPEN_FLAGS)
    except FileNotFoundError:
        folder = os.path.dirname(os.path.abspath(shown))
        raise MissingFile(f"there is no file '{shown}'\n  looked in: {folder}{_meant(folder, shown)}") from None
    except (OSError, ValueError) as error:
        raise ReadError(f"'{shown}' can't be opened: {getattr(error, 'strerror', None) or error}") from error
    try:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode):
            raise ReadError(f"'{shown}' is {kind_of_file(facts.st_mode)}, not a file")
        reader = FileReader(fd, facts.st_size, shown)
        try:
            yield reader
        finally:
            reader.close()
    finally:
        os.close(fd)


def _meant(folder: str, shown: str) -> str:
    """Say which files have that name and a suffix, of a path that has none: ``load("learned")``."""
    name = os.path.basename(shown)
    if os.path.splitext(name)[1] or not name or not os.path.isdir(folder):
        return ""
    near = sorted(one for one in os.listdir(folder) if os.path.splitext(one)[0] == name)[:3]
    return f"\n  help: there is {', '.join(map(repr, near))}." if near else ""


def kind_of_file(mode: int) -> str:
    """Say in words what is no regular file."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFLNK: "a symbolic link in a circle"}
    return kinds.get(stat.S_IFMT(mode), "a device or socket")
