"""Bytes in order, from a plain file or from what a file inflates to: what the pickle machine reads.

In: a :class:`Feed`. Out: exact reads with a position, and long runs in pieces. Nothing here goes back; whoever
needs a second pass opens a second source.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from engram.errors import DamagedFile
from engram.storage.contract import PIECE_BYTES, Reader

__all__ = ["ByteSource", "Feed", "FileFeed"]

_CHUNK = 1 << 16  # bytes asked from a feed at a time while opcodes are read


class Feed(Protocol):
    """Where a source gets its bytes."""

    def take(self, limit: int, /) -> bytes:
        """Return the next bytes, at most ``limit``; none at the end, after every check has passed."""

    def jump(self, length: int, /) -> None:
        """Pass over ``length`` bytes; raises DamagedFile if there are fewer."""


class FileFeed:
    """The bytes of a file as they are."""

    def __init__(self, file: Reader) -> None:
        self._file = file
        self._at = 0

    def take(self, limit: int, /) -> bytes:
        """Return the next bytes of the file."""
        data = self._file.pread(min(limit, self._file.size - self._at), self._at)
        self._at += len(data)
        return data

    def jump(self, length: int, /) -> None:
        """Pass over ``length`` bytes without reading them."""
        if length > self._file.size - self._at:
            raise DamagedFile(f"the file ends at byte {self._file.size}, inside a value that goes on")
        self._at += length


class ByteSource:
    """A feed with a position, exact reads and a small buffer."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._buffer = b""
        self._at = 0  # in the buffer
        self._base = 0  # position of the buffer's first byte

    @property
    def position(self) -> int:
        """Number of bytes read or skipped."""
        return self._base + self._at

    def read(self, length: int) -> bytes:
        """Return exactly ``length`` bytes. Nothing is allocated for bytes that have not been seen."""
        end = self._at + length
        if end <= len(self._buffer):
            data = self._buffer[self._at : end]
            self._at = end
            return data
        parts = bytearray()
        for piece in self.pieces(length):
            parts += piece
        return bytes(parts)

    def byte(self) -> int:
        """Return the next byte."""
        at = self._at
        if at < len(self._buffer):
            self._at = at + 1
            return self._buffer[at]
        return self.read(1)[0]

    def peek(self, least: int, most: int) -> bytes:
        """Return what comes next, up to ``most`` bytes; fewer than ``least`` only at the end."""
        if len(self._buffer) - self._at < least:
            self._base += self._at
            self._buffer, self._at = self._buffer[self._at :], 0
            while len(self._buffer) < least and (more := self._feed.take(_CHUNK)):
                self._buffer += more
        return self._buffer[self._at : self._at + most]

    def line(self, longest: int) -> bytes:
        """Return the bytes up to the next newline, and pass over it."""
        text, newline, _ = self.peek(longest + 1, longest + 1).partition(b"\n")
        if not newline:
            raise DamagedFile(f"at byte {self.position}: a line ends nowhere")
        self._at += len(text) + 1
        return text

    def skip(self, length: int) -> None:
        """Pass over exactly ``length`` bytes."""
        held = len(self._buffer) - self._at
        if length <= held:
            self._at += length
            return
        self._feed.jump(length - held)
        self._base += len(self._buffer) + length - held
        self._buffer, self._at = b"", 0

    def pieces(self, length: int) -> Iterator[memoryview]:
        """Give exactly ``length`` bytes in pieces of at most PIECE_BYTES."""
        while length:
            if self._at == len(self._buffer):
                self._base += self._at
                self._buffer, self._at = b"", 0  # also if there is no more
                self._buffer = self._feed.take(PIECE_BYTES if length >= _CHUNK else _CHUNK)
                if not self._buffer:
                    raise DamagedFile(f"the data end at byte {self.position}, {length} bytes too early")
            piece = memoryview(self._buffer)[self._at : self._at + length]
            self._at += len(piece)
            length -= len(piece)
            yield piece

    def at_end(self) -> bool:
        """Say whether nothing follows; true only after the feed has passed its own last checks."""
        return not self.peek(1, 1)

    def drain(self) -> None:
        """Pass over all that is left, so that the feed makes its last checks."""
        while self._feed.take(PIECE_BYTES):
            self._buffer, self._at = b"", 0
