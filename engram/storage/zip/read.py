"""Reading a zip archive: believes nothing that it has not compared with the manifest.

In: a file. Out: :class:`Archive`, a ``contract.Contents``. Members are taken as the manifest lists them, in its order;
between them, before and after there may be nothing. ``records`` has the headers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
import xxhash
from isal import isal_zlib

from engram.errors import DamagedFile
from engram.state.digest import BLOCK_BYTES
from engram.storage.contract import Entry, Manifest, Reader
from engram.storage.document import MOST_MANIFEST_BYTES, decode
from engram.storage.manifest import READ_VERSIONS, draft_of, refuse_early, unknown_version
from engram.storage.reading import FileReader, Nearby
from engram.storage.workers import called_meanwhile
from engram.storage.zip import records
from engram.storage.zip.deflate import MOST_INFLATION, inflate, inflated
from engram.storage.zip.directory import members_of
from engram.storage.zip.names import member_names
from engram.storage.zip.records import Member, npy_header
from engram.storage.zip.write import BLOCKS, BLUEPRINT, FORMAT, MANIFEST, align_of, comment_of

__all__ = ["MOST_MEMBERS", "Archive", "open_archive"]

MOST_MEMBERS = 1 << 20
SHORT_BYTES = 1 << 14  # members that take no more, compressed or not, are read at once
MEANWHILE_BYTES = 1 << 22  # of what is stored; from as many on, a thread reads them while others are checked
MOST_HELD = 8 << 20  # of what a pass has inflated, for the next one: inflating is most of what a load does
TAIL_BYTES = 256  # more than the records at the end and the comment
COMMENT = re.compile(rb"engram ([0-9]{1,9}) [0-9a-f]{32}\Z")

T = TypeVar("T")


def open_archive(file: Reader, magic: bytes, is_deflated: bool) -> Archive:
    """Read directory, manifest, blueprint and block digests of an archive, and check that nothing else is in it."""
    tail = file.pread(min(TAIL_BYTES, file.size), max(file.size - TAIL_BYTES, 0))
    comment = _comment(tail)
    near = Nearby(file)
    members = _directory(file, *records.parse_end(tail, file.size, comment))
    if len(members) < 4 or members[-1].name != MANIFEST:
        raise DamagedFile("the zip has no manifest where it must stand")
    text = _stored(file, members[-1], MOST_MANIFEST_BYTES)
    if comment != comment_of(int(comment.split()[1]), text):
        raise DamagedFile("the manifest is damaged: its digest differs from the zip's comment")
    document = decode(text)
    blueprint, listed = (_stored(file, member, file.size) for member in members[-3:-1])
    refuse_early({"blueprint": {}, **document})
    if document.pop("pack", None) != {"blueprint": xxhash.xxh3_128_hexdigest(blueprint)}:
        raise DamagedFile("the blueprint is damaged: its digest is not the one in the manifest")
    document["blueprint"] = decode(blueprint)
    draft = draft_of(document, MOST_INFLATION * file.size if is_deflated else file.size)
    head = npy_header(np.dtype("<u8"), (draft.described.blocks,))
    if not listed.startswith(head):
        raise DamagedFile("the list of block digests has another length than the values")
    manifest = draft.complete(listed[len(head) :])
    return Archive(file, manifest, _placed(near, manifest, members, magic, is_deflated))


class _Place(NamedTuple):
    """Where a value stands.

    Args:
        member: that holds it.
        start: the offset of the content.
        head: the ``.npy`` header with which that begins.
        is_short: it is read at once.
    """

    member: Member
    start: int
    head: bytes
    is_short: bool


class Archive:
    """An open archive; see ``contract.Contents``."""

    def __init__(self, file: Reader, manifest: Manifest, places: list[_Place]) -> None:
        self.manifest = manifest
        self._file = file
        self._places = places
        self._held: dict[int, list[memoryview]] = {}
        self._room = MOST_HELD

    def stream(self) -> Iterator[tuple[str, Iterable[bytes | memoryview]]]:
        """Give keys and bytes in the manifest's order."""
        near = Nearby(self._file)  # anew, so that every pass sees the file as it is
        for number, (entry, place) in enumerate(zip(self.manifest.entries, self._places, strict=True)):
            if place.is_short:
                yield entry.key, _short(near, entry, place)
            elif number in self._held:
                yield entry.key, self._held[number]
            elif place.member.deflated and entry.slot.nbytes <= self._room:
                yield entry.key, self._kept(number, self._pieces(near, entry, place))
            else:
                yield entry.key, self._pieces(near, entry, place)

    def _kept(self, number: int, pieces: Iterable[bytes | memoryview]) -> Iterator[memoryview]:
        """Give the pieces of a value, and keep them once all have been had, and their checksum was right."""
        given = []
        for piece in pieces:
            given.append(memoryview(piece))
            yield given[-1]
        self._held[number] = given
        self._room -= sum(piece.nbytes for piece in given)

    def alone(self, number: int) -> Iterable[bytes | memoryview]:
        """Give the bytes of one value."""
        return self._pieces(self._file, self.manifest.entries[number], self._places[number])

    def span(self, number: int, start: int, length: int) -> bytes | None:
        """Return some bytes of a value that is not deflated."""
        member, offset, head, _ = self._places[number]
        if member.deflated:
            return None
        if self._file.pread(len(head), offset) != head:
            raise DamagedFile(f"{self.manifest.entries[number].slot.path}: its header differs from the manifest")
        return self._file.pread(length, offset + len(head) + start)

    def mapped(self, number: int) -> memoryview | None:
        """Return the bytes of a value that is not deflated, where they stand; see ``contract.Mappable``."""
        member, offset, head, _ = self._places[number]
        nbytes = self.manifest.entries[number].slot.nbytes
        if member.deflated or not isinstance(self._file, FileReader):
            return None
        return self._file.mapped(nbytes, offset + len(head)) if nbytes else memoryview(b"")

    def _pieces(self, file: Reader, entry: Entry, place: _Place) -> Iterable[bytes | memoryview]:
        """Give the bytes of a value: those of a short one are read at once."""
        member, start, head, is_short = place
        if is_short:
            return _short(file, entry, place)
        if member.size >= MEANWHILE_BYTES:
            file = self._file  # a thread may read it, when others already go on through what is near
        pieces = self._long(file, entry, member, start, head)
        if member.deflated or not isinstance(self._file, FileReader):
            return pieces
        return _Stored(pieces, self._file, start + len(head))

    def _long(self, file: Reader, entry: Entry, member: Member, start: int, head: bytes) -> Iterator[memoryview]:
        nbytes = entry.slot.nbytes
        sizes = [len(head), *(min(BLOCK_BYTES, nbytes - at) for at in range(0, nbytes, BLOCK_BYTES))]
        pieces = inflate(file, start, member.compressed, sizes) if member.deflated else _plain(file, start, sizes)
        if next(pieces) != head:
            raise DamagedFile(f"{entry.slot.path}: its header differs from the manifest")
        crc = isal_zlib.crc32(head)
        for piece in pieces:
            crc = isal_zlib.crc32(piece, crc)
            yield memoryview(piece)
        if crc != member.crc:
            raise DamagedFile(f"{entry.slot.path}: its bytes are damaged (wrong checksum)")


def _short(file: Reader, entry: Entry, place: _Place) -> tuple[bytes, ...]:
    """Return the bytes of a value whose member is read at once."""
    (_, is_deflated, crc, compressed, size, _), start, head, _ = place
    content = stored = file.pread(compressed, start)
    if is_deflated:
        content = inflated(stored, size) or b"".join(inflate(file, start, compressed, [size]))
    if not content.startswith(head):
        raise DamagedFile(f"{entry.slot.path}: its header differs from the manifest")
    if isal_zlib.crc32(content) != crc:
        raise DamagedFile(f"{entry.slot.path}: its bytes are damaged (wrong checksum)")
    return (content[len(head) :],) if size > len(head) else ()


class _Stored:
    """The pieces of a value that stands in the file as it is; see ``contract.InPlace``."""

    def __init__(self, pieces: Iterator[memoryview], file: FileReader, start: int) -> None:
        self._pieces, self._file, self._start = pieces, file, start

    def __iter__(self) -> Iterator[memoryview]:
        return self._pieces

    def read_into(self, place: memoryview) -> Iterator[memoryview]:
        parts = ((place[at : at + BLOCK_BYTES], self._start + at) for at in range(0, place.nbytes, BLOCK_BYTES))
        return _meanwhile((partial(self._file.read_into, *part) for part in parts), place.nbytes)


def _plain(file: Reader, start: int, sizes: list[int]) -> Iterator[bytes]:
    starts = itertools.accumulate(sizes, initial=start)
    return _meanwhile((partial(file.pread, *part) for part in zip(sizes, starts, strict=False)), sum(sizes))


def _meanwhile(calls: Iterator[Callable[[], T]], nbytes: int) -> Iterator[T]:
    """Give what the calls return, made by a thread if they read much."""
    if nbytes < MEANWHILE_BYTES:
        return (call() for call in calls)
    return called_meanwhile(calls, MEANWHILE_BYTES // BLOCK_BYTES, "engram-read")


def _comment(tail: bytes) -> bytes:
    found = COMMENT.search(tail)
    if found is None:
        raise DamagedFile("the end of the file is missing or damaged, or something was added to it")
    if int(found[1]) not in READ_VERSIONS:
        raise unknown_version(int(found[1]))
    return found[0]


def _directory(file: Reader, count: int, start: int, size: int) -> list[Member]:
    if count > MOST_MEMBERS:
        raise DamagedFile(f"the zip has {count} members, at most {MOST_MEMBERS} are allowed")
    members = members_of(file.pread(size, start), count)
    if len({member.name.lower() for member in members}) != count:
        raise DamagedFile("two members of the zip have one name")
    return members


def _stored(file: Reader, member: Member, most: int) -> bytes:
    """Return the content of one of our own members, whose header is checked by :func:`_placed`."""
    if member.deflated or member.size != member.compressed or member.size > most:
        raise DamagedFile(f"{member.name.decode('ascii', 'replace')}: not stored, or too large")
    data = file.pread(member.size, member.offset + len(records.local(member)))
    if isal_zlib.crc32(data) != member.crc:
        raise DamagedFile(f"{member.name.decode('ascii', 'replace')}: its bytes are damaged (wrong checksum)")
    return data


def _placed(file: Reader, manifest: Manifest, members: list[Member], magic: bytes, is_deflated: bool) -> list[_Place]:
    """Return where each value stands; raises DamagedFile where one byte is out of place."""
    entries = manifest.entries
    names = [f"{name}.npy".encode("ascii") for name in member_names([entry.key for entry in entries])]
    if [member.name for member in members] != [FORMAT, *names, BLUEPRINT, BLOCKS, MANIFEST]:
        raise DamagedFile("the zip has other members than its manifest lists")
    if _stored(file, members[0], len(magic)) != magic:
        raise DamagedFile("the first member of the zip is damaged")
    places: list[_Place] = []
    at, last, after = 0, members[0], b""
    for member, entry in zip(members, [None, *entries, None, None, None], strict=True):
        if member.offset != at:
            raise DamagedFile(f"{member.name.decode('ascii')}: overlaps its neighbour, or leaves a gap")
        if entry is None:
            head = records.local(member)
        else:
            slot = entry.slot
            first = npy_header(slot.dtype, slot.shape)
            head = _value_header(member, entry, is_deflated, len(first))
            is_short = member.size <= SHORT_BYTES and member.compressed <= SHORT_BYTES
            places.append(tuple.__new__(_Place, (member, at + len(head), first, is_short)))
        seam = after + head  # behind the data of the last one, before that of this one
        if file.pread(len(seam), at - len(after)) != seam:
            wrong = member if file.pread(len(after), at - len(after)) == after else last
            raise DamagedFile(f"{wrong.name.decode('ascii')}: its header differs from the directory")
        last, after = member, records.descriptor(member) if member.deflated else b""
        at += len(head) + member.compressed + len(after)
    if file.pread(4, at) != b"PK\1\2":
        raise DamagedFile("something stands between the values and the directory of the zip")
    return places


def _value_header(member: Member, entry: Entry, is_deflated: bool, skip: int) -> bytes:
    """Return the local header of a value whose ``.npy`` header has ``skip`` bytes."""
    _, deflated, _, compressed, size, _ = member
    nbytes = entry.slot.nbytes
    is_possible = size <= MOST_INFLATION * (compressed + 1) if is_deflated else compressed == size
    if deflated != is_deflated or size != skip + nbytes or not is_possible:
        raise DamagedFile(f"{entry.slot.path}: its size in the zip differs from the manifest")
    return records.local(member, 0 if is_deflated else align_of(nbytes), skip)
