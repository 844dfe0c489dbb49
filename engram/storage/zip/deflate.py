"""Deflate in blocks of 1 MiB on two threads, and inflate in pieces: bounded memory, the same bytes every time.

In: memoryviews. Out: a raw deflate stream, and back. What hardly becomes smaller, as numbers full of entropy do, is put
into the stream as it is (RFC 1951, 3.2.4): inflating it is copying it, ten times as fast, and ``load`` does that twice.
Networks of thousands of objects have many short values, most of them equal to others: those are deflated once.
"""

from __future__ import annotations

import struct
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from functools import lru_cache

from isal import igzip_lib, isal_zlib

from engram.errors import DamagedFile
from engram.storage.contract import PIECE_BYTES, Reader
from engram.storage.workers import Workers

__all__ = ["MOST_INFLATION", "deflate", "deflated", "inflate", "inflated"]

LEVEL = 1
IN_FLIGHT = 4
READ_BYTES = 1 << 18
ISAL_ERROR: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]  # the stub says: an instance
MOST_DEFLATED = 0.93  # of a block's size: of one that takes more, float64 as a rule, deflate spares a bit or two a byte
MOST_STORED = (1 << 16) - 1  # bytes in one stored block
STORED_HEAD = struct.Struct("<BHH")  # whether it is the last one; its length; the complement of that
ALIKE, ALIKE_BYTES = 256, 1 << 10  # of so many short values it is remembered what they are deflated and inflated
MOST_INFLATION = 1032  # deflate's own bound: two bits may stand for 258 bytes


def deflate(head: bytes, blocks: Iterable[memoryview], pool: Workers) -> Iterator[bytes]:
    """Give the deflated stream of ``head`` and ``blocks`` (each valid until four more were asked for).

    Every block is deflated by itself and ends at a byte, so the result doesn't depend on who is faster.
    """
    waiting: deque[Future[bytes]] = deque()
    held: memoryview | None = None
    for block in blocks:
        if held is not None:
            waiting.append(pool.submit(_compressed, head, held, False))
            head = b""
            if len(waiting) >= IN_FLIGHT:
                yield waiting.popleft().result()
        held = block
    while waiting:
        yield waiting.popleft().result()
    yield _compressed(head, held if held is not None else memoryview(b""), True)


def deflated(data: bytes) -> bytes:
    """Return the deflated stream of a short value, as :func:`deflate` gives it."""
    return (_compressed_alike if len(data) <= ALIKE_BYTES else _compressed)(data, b"", True)


def _compressed(head: bytes, block: bytes | memoryview, is_last: bool) -> bytes:
    packer = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15)
    parts = (packer.compress(head), packer.compress(block))
    small = b"".join((*parts, packer.flush(isal_zlib.Z_FINISH if is_last else isal_zlib.Z_SYNC_FLUSH)))
    size = len(head) + len(block)
    return small if len(small) <= MOST_DEFLATED * size else _stored(b"".join((head, block)), is_last)


_compressed_alike = lru_cache(maxsize=ALIKE)(_compressed)


def _stored(data: bytes, is_last: bool) -> bytes:
    """Return stored blocks, which begin and end at a byte as all here do."""
    parts: list[bytes | memoryview] = []
    for start in range(0, max(len(data), 1), MOST_STORED):
        part = memoryview(data)[start : start + MOST_STORED]
        ends = is_last and start + MOST_STORED >= len(data)
        parts += STORED_HEAD.pack(ends, part.nbytes, MOST_STORED - part.nbytes), part
    return b"".join(parts)


def inflate(file: Reader, start: int, compressed: int, sizes: Iterable[int]) -> Iterator[bytes]:
    """Give the content of ``compressed`` bytes at ``start`` in pieces of the given sizes, which must be all of it."""
    source = _Source(file, start, compressed)
    try:
        for size in sizes:
            yield source.take(size)
        if source.more(1) or not source.is_done:
            raise DamagedFile("a member of the zip is longer than the manifest says")
    except ISAL_ERROR as error:
        raise DamagedFile(f"a member of the zip can't be inflated: {error}") from None


def inflated(compressed: bytes, size: int) -> bytes | None:
    """Return the content of a short member at once; None where :func:`inflate` finds something wrong with it.

    For short members zlib is faster than isal, whose state is larger.
    """
    return (_inflated_alike if size <= ALIKE_BYTES else _inflated)(compressed, size)


def _inflated(compressed: bytes, size: int) -> bytes | None:
    inflater = zlib.decompressobj(-15)
    try:
        content = inflater.decompress(compressed, size + 1)
    except zlib.error:
        return None
    return content if inflater.eof and not inflater.unused_data and len(content) == size else None


_inflated_alike = lru_cache(maxsize=ALIKE)(_inflated)


class _Source:
    def __init__(self, file: Reader, start: int, compressed: int) -> None:
        self._file, self._at, self._end = file, start, start + compressed
        self._inflater = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE)

    @property
    def is_done(self) -> bool:
        return bool(self._inflater.eof) and not self._inflater.unused_data and self._at == self._end

    def more(self, most: int) -> bytes:
        """Return up to ``most`` bytes; none at the end of the stream."""
        while not self._inflater.eof:
            data = b""
            if self._inflater.needs_input:
                if self._at == self._end:
                    raise DamagedFile("a member of the zip ends too early")
                data = self._file.pread(min(READ_BYTES, self._end - self._at), self._at)
                self._at += len(data)
            found = self._inflater.decompress(data, most)
            if found:
                return bytes(found)
            if not (data or self._inflater.needs_input or self._inflater.eof):
                raise DamagedFile("a member of the zip can't be inflated")
        return b""

    def take(self, size: int) -> bytes:
        assert size <= PIECE_BYTES
        parts, left = [], size
        while left:
            parts.append(self.more(left))
            left -= len(parts[-1])
            if not parts[-1]:
                raise DamagedFile("a member of the zip is shorter than the manifest says")
        return b"".join(parts)
