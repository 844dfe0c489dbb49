"""gzip, written deterministically and read with every check that the format has.

In: bytes. Out: one gzip member whose bytes depend on nothing but the input.
Blocks of 1 MiB are deflated apart from each other (isal, level 1) on two threads and joined in order.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from types import TracebackType

from isal import igzip_lib, isal_zlib

from engram.errors import DamagedFile, UnsupportedFile
from engram.storage.contract import PIECE_BYTES, Reader, Writer
from engram.storage.workers import Workers

__all__ = ["MAX_RATIO", "GzipFeed", "GzipWriter"]

MAX_RATIO = 1032  # deflate's own bound: 258 bytes from two bits

_BLOCK = 1 << 20
_THREADS = 2
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"  # deflate, no flags, no time, fastest, unknown system
_LAST_BLOCK = b"\x03\x00"  # empty, final
_CHUNK = 1 << 17
_HAS_NAME = 0x08
_InflateError: type[Exception] = igzip_lib.error  # type: ignore[assignment]  # the stub calls it an instance


def _deflate(block: bytes) -> bytes:
    engine = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15)
    return bytes(engine.compress(block) + engine.flush(isal_zlib.Z_FULL_FLUSH))


class GzipWriter:
    """A writer that deflates what it is given; to be used in a ``with`` statement, which writes the trailer.

    The bytes written depend on the bytes given alone, not on how they were cut or on the threads.
    """

    def __init__(self, out: Writer) -> None:
        self._out = out
        self._block = bytearray()
        self._waiting: deque[Future[bytes]] = deque()
        self._pool = Workers(_THREADS, "engram-deflate")
        self._crc = 0
        self._size = 0

    def __enter__(self) -> GzipWriter:
        self._out.write(_HEADER)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._pool.close()

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        """Take all of ``data``; what was deflated meanwhile is written."""
        view = memoryview(data).cast("B")
        self._crc = isal_zlib.crc32(view, self._crc)
        self._size += len(view)
        at = 0
        while at < len(view):
            part = view[at : at + _BLOCK - len(self._block)]
            self._block += part
            at += len(part)
            if len(self._block) == _BLOCK:
                self._submit()
        return len(view)

    def tell(self) -> int:
        """Bytes taken so far (before deflating)."""
        return self._size

    def _submit(self) -> None:
        self._waiting.append(self._pool.submit(_deflate, bytes(self._block)))
        self._block.clear()
        while len(self._waiting) > 2 * _THREADS:
            self._out.write(self._waiting.popleft().result())

    def _finish(self) -> None:
        if self._block:
            self._submit()
        while self._waiting:
            self._out.write(self._waiting.popleft().result())
        tail = self._crc.to_bytes(4, "little") + (self._size & 0xFFFFFFFF).to_bytes(4, "little")
        self._out.write(_LAST_BLOCK + tail)


class GzipFeed:
    """What a gzip file inflates to, once, forwards; at the end checksum, length and the end of the file are checked.

    Attributes:
        is_whole: whether all was inflated and is what was deflated, whatever follows it.
    """

    def __init__(self, file: Reader) -> None:
        self._file = file
        self._at = _header_length(file)  # of the next deflated byte to be fed
        self._engine = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE)
        self._crc = 0
        self._size = 0
        self.is_whole = False

    def take(self, limit: int, /) -> bytes:
        """Return the next inflated bytes, at most ``limit``."""
        while not self._engine.eof:
            food = b""
            if self._engine.needs_input:
                food = self._file.pread(min(_CHUNK, self._file.size - self._at), self._at)
                self._at += len(food)
                if not food:
                    raise DamagedFile("the gzip data end too early")
            try:
                data = bytes(self._engine.decompress(food, limit))
            except _InflateError as error:
                raise DamagedFile(f"the gzip data can't be inflated: {error}") from None
            if data:
                self._crc = isal_zlib.crc32(data, self._crc)
                self._size += len(data)
                if self._size > MAX_RATIO * self._file.size:
                    raise DamagedFile("the gzip data inflate to more than deflate can hold")
                return data
            if not (food or self._engine.needs_input or self._engine.eof):
                raise DamagedFile("the gzip data can't be inflated")
        self._check_trailer()
        return b""

    def jump(self, length: int, /) -> None:
        """Pass over ``length`` inflated bytes."""
        while length:
            data = self.take(min(length, PIECE_BYTES))
            if not data:
                raise DamagedFile(f"the inflated data end {length} bytes too early")
            length -= len(data)

    def _check_trailer(self) -> None:
        start = self._at - len(self._engine.unused_data)
        if not self.is_whole and self._file.size >= start + 8:
            self._check_sums(self._file.pread(8, start))
            self.is_whole = True
        if self._file.size != start + 8:
            raise DamagedFile(f"{self._file.size - start} bytes follow the gzip data instead of 8")

    def _check_sums(self, tail: bytes) -> None:
        if int.from_bytes(tail[:4], "little") != self._crc:
            raise DamagedFile("the gzip checksum is wrong: the file was changed or cut")
        if int.from_bytes(tail[4:], "little") != self._size & 0xFFFFFFFF:
            raise DamagedFile("the gzip length is wrong: the file was changed or cut")


def _header_length(file: Reader) -> int:
    """Return where the deflated data begin: a header as this module or gzip writes it (with a file name or none)."""
    if file.size < 18:
        raise DamagedFile(f"a gzip file has at least 18 bytes, this one has {file.size}")
    head = file.pread(min(10 + 1025, file.size), 0)
    if head[:3] != _HEADER[:3]:
        raise DamagedFile("this is no gzip file")
    if head[3] & ~_HAS_NAME:
        raise UnsupportedFile(f"gzip flags {head[3]:#04x}: only a file name may stand in the header")
    if not head[3]:
        return 10
    end = head.find(b"\0", 10)
    if end < 0:
        raise DamagedFile("the file name in the gzip header ends nowhere")
    return end + 1
