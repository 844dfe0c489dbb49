"""Archives of ``numpy.savez`` -> values by name; arrays of objects in it are pickles, read by our own machine.

In: a file. Out: a dictionary. Only what ``savez`` writes is read: deflated or stored members ``<name>.npy``, each once.
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from typing import Any, NoReturn

import numpy as np

from engram.errors import DamagedFile, UnsupportedFile
from engram.storage.annarchy.plain import Budget, of_pickle, shaped
from engram.storage.annarchy.sizes import check_length
from engram.storage.contract import RESEAL, Reader
from engram.storage.gzip_stream import MAX_RATIO
from engram.storage.pickles.byte_source import ByteSource
from engram.storage.reading import AsFile

__all__ = ["read_archive"]

_SUFFIX = ".npy"
_MOST_MEMBERS = 1 << 16
_LONG, _HEAD_BYTES = 1 << 16, 1 << 12
_HEADER = re.compile(
    rb"\{'descr': '([<>|=]?)([biufU][0-9]{1,6}|O)', 'fortran_order': (True|False), "
    rb"'shape': \(((?:[0-9]{1,18}, ?)*(?:[0-9]{1,18})?)\), \} *\n"
)


def read_archive(file: Reader) -> dict[str, Any]:
    """Return the values of an archive by name.

    Raises:
        DamagedFile, UnsupportedFile: if it is damaged, or holds what numbers and texts don't need.
    """
    budget = Budget(MAX_RATIO * file.size)
    found: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(AsFile(file)) as archive:
            members = archive.infolist()
            if any(member.filename.startswith("engram/") for member in members):
                raise DamagedFile(f"engram saved it, and another program has written the zip anew{RESEAL}")
            if members and not any(member.filename.endswith(_SUFFIX) for member in members):
                _name(members[0])  # of somebody else, and refused, whatever else is unusual
            _check_directory(file, members)
            names = [_name(member) for member in members]
            if len({*names}) < len(names):
                raise UnsupportedFile("the zip holds two arrays of one name")
            for name, member in sorted(zip(names, members, strict=True), key=lambda pair: pair[1].file_size):
                if member.file_size > _LONG:  # others have said by now how long it may be
                    check_length(found, name, _length(archive, member))
                found[name] = _value(archive, member, budget)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OverflowError, NotImplementedError) as error:
        raise DamagedFile(f"the zip is damaged: {error}") from None
    except (RuntimeError, ValueError) as error:  # encrypted; impossible names; ours are ValueErrors, too
        if isinstance(error, DamagedFile | UnsupportedFile):
            raise
        raise DamagedFile(f"the zip is damaged: {error}") from None
    return {name: found[name] for name in names}


def _name(member: zipfile.ZipInfo) -> str:
    if not member.filename.endswith(_SUFFIX):
        raise UnsupportedFile(f"the zip holds {member.filename[:80]!r}, which is no array")
    return member.filename.removesuffix(_SUFFIX)


def _check_directory(file: Reader, members: list[zipfile.ZipInfo]) -> None:
    """Refuse a directory that does not list as many members as it says: a wrong length swallows the next one."""
    tail = file.pread(min(22, file.size), max(file.size - 22, 0))
    if tail[:4] != b"PK\5\6" or len(members) > _MOST_MEMBERS:
        raise DamagedFile("the zip has a comment, or more members than any network needs")
    if int.from_bytes(tail[10:12], "little") != len(members):
        raise DamagedFile("the directory of the zip is damaged")


def _length(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """Return how many elements an array has by its header; 1 if that says nothing: whoever reads all of it, will."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return 1
    with archive.open(member) as stream:
        found = _HEADER.search(stream.read(_HEAD_BYTES))
    if found is None or found[2] == b"O":
        return 1
    return math.prod(int(length) for length in found[4].replace(b",", b" ").split())


def _value(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> Any:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnsupportedFile(f"{member.filename[:80]!r} is compressed in a way that NumPy does not know")
    if member.file_size > MAX_RATIO * (member.compress_size + 1):
        raise DamagedFile(f"{member.filename[:80]!r} can't be so long: {member.file_size} bytes")
    budget.spend(member.file_size)
    with archive.open(member) as stream:
        content = stream.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise DamagedFile(f"{member.filename[:80]!r} has another length than the zip says")
    return _of_npy(content, member.filename[:80], budget)


def _of_npy(content: bytes, name: str, budget: Budget) -> Any:
    def fail(what: str) -> NoReturn:
        raise DamagedFile(f"{name!r}: {what}")

    if content[:6] != b"\x93NUMPY" or content[6:8] not in (b"\1\0", b"\2\0"):
        fail("this is no .npy array")
    width = 2 if content[6] == 1 else 4
    start = 8 + width + int.from_bytes(content[8 : 8 + width], "little")
    found = _HEADER.fullmatch(content[8 + width : start])
    if found is None:  # nor is it damaged: its checksum is right
        raise UnsupportedFile(f"{name!r} is an array of a kind that ANNarchy does not write")
    order, code, is_fortran, lengths = found.groups()
    shape = tuple(int(length) for length in lengths.replace(b",", b" ").split())
    body = content[start:]
    if code == b"O":
        return of_pickle(lambda: ByteSource(_Held(body)), budget)
    dtype = _dtype(order + code, name)
    size = int(np.prod(shape, dtype=object)) if shape else 1
    if size * dtype.itemsize != len(body):
        fail(f"{len(body)} bytes of values instead of {size * dtype.itemsize}")
    return shaped(body, dtype, shape, is_fortran == b"True")


def _dtype(code: bytes, name: str) -> np.dtype[Any]:
    try:
        return np.dtype(code.decode("ascii"))
    except TypeError:
        raise DamagedFile(f"{name!r}: there is no type {code.decode('ascii')!r}") from None


class _Held:
    """Bytes in memory as a feed; see ``pickles/byte_source.py``."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def take(self, limit: int, /) -> bytes:
        """Return the next bytes."""
        data = self._content[self._at : self._at + limit]
        self._at += len(data)
        return data

    def jump(self, length: int, /) -> None:
        """Pass over some."""
        if length > len(self._content) - self._at:
            raise DamagedFile("a pickle ends inside a value")
        self._at += length
