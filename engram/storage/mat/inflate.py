"""Compressed variables of MAT-files, inflated to an anonymous temporary file that is read like the file itself.

In: a zlib stream inside a file. Out: a :class:`Reader` over all that was inflated.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from typing import IO

from isal import igzip_lib

from engram.errors import DamagedFile
from engram.storage.contract import PIECE_BYTES, Reader
from engram.storage.gzip_stream import MAX_RATIO

__all__ = ["Inflated"]

_MOST_BYTES = (1 << 31) + 8  # of one variable and its tag: MATLAB's own limit
_CHUNK = 1 << 17
_InflateError: type[Exception] = igzip_lib.error  # type: ignore[assignment]  # the stub calls it an instance


class Inflated:
    """A reader over the inflated variables, one after the other; its file goes with it."""

    def __init__(self) -> None:
        self.size = 0
        self._file: IO[bytes] | None = None

    def append(self, file: Reader, offset: int, length: int) -> tuple[int, int]:
        """Inflate the zlib stream there; return where its content begins and ends here. Errors: DamagedFile."""
        start = self.size
        engine = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB)
        at, end = offset, offset + length
        while not engine.eof:
            food = b""
            if engine.needs_input:
                food = file.pread(min(_CHUNK, end - at), at)
                at += len(food)
                if not food:
                    raise DamagedFile("a compressed variable of the MAT-file is cut")
            try:
                data = engine.decompress(food, PIECE_BYTES)
            except _InflateError as error:
                raise DamagedFile(f"a compressed variable of the MAT-file can't be inflated: {error}") from None
            if not (data or food or engine.needs_input or engine.eof):
                raise DamagedFile("a compressed variable of the MAT-file can't be inflated")
            self._write(data)
            if self.size - start > min(MAX_RATIO * length, _MOST_BYTES):
                raise DamagedFile("a compressed variable of the MAT-file inflates to more than a variable can have")
        if at != end or engine.unused_data:
            raise DamagedFile("something follows a compressed variable of the MAT-file inside its element")
        return start, self.size

    def pread(self, length: int, offset: int, /) -> bytes:
        """Return exactly ``length`` inflated bytes at ``offset``."""
        if offset + length > self.size or self._file is None:
            raise DamagedFile("a compressed variable of the MAT-file is too short")
        data = b""
        while len(data) < length and (more := os.pread(self._file.fileno(), length - len(data), offset + len(data))):
            data += more
        return data

    def _write(self, data: bytes) -> None:
        if self._file is None:
            # unbuffered: what is written can be read by os.pread; it has no name and goes with its descriptor
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # closed by the finalizer
            weakref.finalize(self, self._file.close)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self.size += len(data)
