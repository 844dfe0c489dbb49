"""Writing a zip archive: front to back, in one go, without ever knowing more than a few blocks.

In: a manifest and leaves. Out: bytes. ``records`` has the headers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xxhash
from isal import isal_zlib

from engram.state.digest import SlotHash, bytes_of, hash_bytes
from engram.state.tree import Leaf
from engram.storage.blocks import blocks_of
from engram.storage.contract import Manifest, Writer
from engram.storage.document import encode
from engram.storage.manifest import to_document
from engram.storage.workers import Workers
from engram.storage.zip import records
from engram.storage.zip.deflate import deflate, deflated
from engram.storage.zip.meanwhile import made_meanwhile
from engram.storage.zip.names import member_names
from engram.storage.zip.records import Member, npy_header

__all__ = ["BLOCKS", "BLUEPRINT", "FORMAT", "MANIFEST", "align_of", "comment_of", "write_archive"]

FORMAT, BLUEPRINT = b"engram/format", b"engram/blueprint.json"
BLOCKS, MANIFEST = b"engram/blocks.npy", b"engram/manifest.json"
PAGE_BYTES, SMALL_ALIGN = 4096, 64
SHORT_BYTES = 1 << 14  # values up to here are written in one go, without threads


def comment_of(version: int, manifest: bytes) -> bytes:
    """Return the zip's comment, which seals the manifest."""
    return f"engram {version} {xxhash.xxh3_128_hexdigest(manifest)}".encode("ascii")


def align_of(nbytes: int) -> int:
    """Return the alignment of a stored value: what fills a page begins on one, the rest costs no page each."""
    return PAGE_BYTES if nbytes >= PAGE_BYTES else SMALL_ALIGN


def write_archive(
    out: Writer, magic: bytes, is_deflated: bool, manifest: Manifest, leaves: Sequence[Leaf]
) -> list[bytes]:
    """Write a whole archive; return the digests of each value's blocks."""
    archive = _Archive(out)
    archive.store(FORMAT, magic)
    names = member_names([entry.key for entry in manifest.entries])
    blocks: list[bytes] = []
    are_short = [leaf.slot.nbytes <= SHORT_BYTES for leaf in leaves]
    long = [leaf for leaf, is_short in zip(leaves, are_short, strict=True) if not is_short]
    with Workers(2, "engram-deflate") as pool, made_meanwhile(long) as ready:
        for name, short, is_short in zip(names, leaves, are_short, strict=True):
            member = f"{name}.npy".encode("ascii")
            if is_short:
                blocks.append(archive.short(member, short, is_deflated))
                continue
            leaf, sums = next(ready), _Sums()
            if is_deflated:
                archive.deflate(member, leaf, sums, pool)
            else:
                archive.align(member, leaf, sums)
            blocks.append(sums.blocks())
    joined = b"".join(blocks)
    document = to_document(manifest, joined)
    blueprint = encode(document.pop("blueprint"))
    document["pack"] = {"blueprint": xxhash.xxh3_128_hexdigest(blueprint)}
    text = encode(document)
    archive.store(BLUEPRINT, blueprint)
    archive.store(BLOCKS, npy_header(np.dtype("<u8"), (len(joined) // 8,)) + joined)
    archive.store(MANIFEST, text)
    archive.close(comment_of(manifest.version, text))
    return blocks


class _Archive:
    """The zip so far."""

    def __init__(self, out: Writer) -> None:
        self._out = out
        self._members: list[Member] = []
        self._aligned: list[Member] = []  # whose checksums are not in place yet

    def store(self, name: bytes, data: bytes) -> None:
        member = Member(name, False, isal_zlib.crc32(data), len(data), len(data), self._out.tell())
        self._out.write(records.local(member) + data)
        self._members.append(member)

    def short(self, name: bytes, leaf: Leaf, is_deflated: bool) -> bytes:
        """Write a value at once, with what :meth:`deflate` or :meth:`align` would write; return its blocks' digests."""
        head = npy_header(leaf.slot.dtype, leaf.slot.shape)
        data = b"".join(map(bytes_of, leaf.pieces))
        content, offset = head + data, self._out.tell()
        crc = isal_zlib.crc32(content)
        if is_deflated:
            compressed = deflated(content)
            member = Member(name, True, crc, len(compressed), len(content), offset)
            self._out.write(records.local(member) + compressed + records.descriptor(member))
        else:
            member = Member(name, False, crc, len(content), len(content), offset)
            self._out.write(records.local(member, align_of(len(data)), len(head)) + content)
        self._members.append(member)
        return hash_bytes(data)

    def align(self, name: bytes, leaf: Leaf, sums: _Sums) -> None:
        """Write a value as it is. Its checksum stands before it, and is put there in the end."""
        head = npy_header(leaf.slot.dtype, leaf.slot.shape)
        size = len(head) + leaf.slot.nbytes
        member = Member(name, False, 0, size, size, self._out.tell())
        self._out.write(records.local(member, align_of(leaf.slot.nbytes), len(head)))
        self._out.write(sums.begin(head))
        for block in map(sums.update, blocks_of(leaf.pieces)):
            self._out.write(block)
        self._members.append(member._replace(crc=sums.crc))
        self._aligned.append(self._members[-1])

    def deflate(self, name: bytes, leaf: Leaf, sums: _Sums, pool: Workers) -> None:
        head = npy_header(leaf.slot.dtype, leaf.slot.shape)
        size, offset = len(head) + leaf.slot.nbytes, self._out.tell()
        self._out.write(records.local(Member(name, True, 0, 0, size, offset)))
        start = self._out.tell()
        for compressed in deflate(sums.begin(head), map(sums.update, blocks_of(leaf.pieces)), pool):
            self._out.write(compressed)
        member = Member(name, True, sums.crc, self._out.tell() - start, size, offset)
        self._out.write(records.descriptor(member))
        self._members.append(member)

    def close(self, comment: bytes) -> None:
        start = self._out.tell()
        self._out.write(b"".join(map(records.central, self._members)))
        self._out.write(records.end(len(self._members), start, self._out.tell() - start, comment))
        for member in self._aligned:
            self._out.patch(records.checksum(member), member.offset + records.CHECKSUM_AT)


class _Sums:
    """The checksums of a value as it is written: of the member, and of its blocks."""

    def __init__(self) -> None:
        self.crc = 0
        self._hash = SlotHash()

    def begin(self, head: bytes) -> bytes:
        self.crc = isal_zlib.crc32(head)
        return head

    def update(self, block: memoryview) -> memoryview:
        self.crc = isal_zlib.crc32(block, self.crc)
        self._hash.update(block)
        return block

    def blocks(self) -> bytes:
        return self._hash.blocks()
