"""The formats ``pickle`` (``.txt`` and any other suffix) and ``gz``: one dictionary, nested as the keys are.

``{"engram": manifest, "engram/digest": its xxh3_128, "engram/blocks": the digests of all blocks, "populations":
{"exc": {"v": array, ...}}, ...}``. Written by ``emit`` and, deflated, by ``gzip_stream``; read by ``read``, never by
an unpickler.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import xxhash

from engram.errors import DamagedFile, SaveError, UnsupportedFile
from engram.state.slots import Role, Slot
from engram.state.tree import Leaf
from engram.storage.contract import Appender, Contents, Format, Manifest, NotOurs, Reader, Writer
from engram.storage.document import MOST_MANIFEST_BYTES, decode
from engram.storage.gzip_stream import MAX_RATIO, GzipFeed, GzipWriter
from engram.storage.manifest import Draft, all_blocks, draft_of, to_json
from engram.storage.nesting import Tree, check_nesting, nest, pair
from engram.storage.pickles.arrays import Array, Bytes
from engram.storage.pickles.byte_source import ByteSource, FileFeed
from engram.storage.pickles.emit import PREFIX, Hole, Value, opcodes
from engram.storage.pickles.numbers import number_bytes, number_code, read_number
from engram.storage.pickles.read import read_pickle

__all__ = ["GZIP", "PICKLE"]

_MANIFEST = "engram"
_DIGEST = "engram/digest"  # can't be a name: names hold no slash
_BLOCKS = "engram/blocks"
_AT_BLOCKS = -1  # in place of a position in the manifest
_SHORT_BYTES = 1 << 20
_KEPT_BYTES = 1 << 25  # of short values, altogether
_MEMORY_PER_BYTE = 64  # of an opcode; an empty list and its place in the memo take about as much


def _write(out: Appender, manifest: Manifest, leaves: Sequence[Leaf]) -> list[bytes]:
    head = bytearray()  # gathers opcodes, so that small writes are few
    blocks = all_blocks(manifest)
    for part in opcodes(_top(to_json(manifest), len(blocks)) | _holes(_tree(manifest), manifest)):
        if isinstance(part, bytes):
            head += part
            continue
        if part.index == _AT_BLOCKS:
            head += blocks
            continue
        leaf = leaves[part.index]
        pieces = (np.ascontiguousarray(piece).reshape(-1).view(np.uint8).data for piece in leaf.pieces)
        if part.is_number:
            data = b"".join(pieces)
            written = len(data)
            head += number_code(part.slot.dtype, data)
        else:
            out.write(head)
            head.clear()
            written = sum(out.write(piece) for piece in pieces)
        if written != part.slot.nbytes:
            raise SaveError(f"{part.slot.path}: the value has not the {part.slot.nbytes} bytes that its slot says")
    out.write(head)
    return [entry.blocks for entry in manifest.entries]


def _top(text: bytes, nbytes: int) -> dict[str, Value]:
    """Return what stands before the values: the manifest, its digest, and a hole for the digests of all blocks."""
    blocks = Hole(_AT_BLOCKS, Slot("", _BLOCKS, (nbytes // 8,), np.dtype("<u8"), Role.STATE))
    return {_MANIFEST: text.decode("utf-8"), _DIGEST: xxhash.xxh3_128_hexdigest(text), _BLOCKS: blocks}


def _tree(manifest: Manifest) -> Tree:
    return nest([entry.key for entry in manifest.entries], {_MANIFEST})


def _holes(tree: Tree, manifest: Manifest) -> dict[str, Value]:
    return {
        name: Hole(k, manifest.entries[k].slot) if isinstance(k, int) else _holes(k, manifest)
        for name, k in tree.items()
    }


def _check(manifest: Manifest) -> None:
    check_nesting([entry.key for entry in manifest.entries])


class _Streamed:
    """A file that is gone through from its beginning, whatever is asked for; see ``contract.Contents``.

    Who asks for one short value may ask for a thousand: with the second, all of them are kept.
    """

    manifest: Manifest
    _asked = False
    _kept: dict[str, bytes] | None = None

    def stream(self) -> Iterator[tuple[str, Iterator[memoryview]]]:
        """Give the values in an order of the file's."""
        raise NotImplementedError

    def alone(self, number: int) -> Iterator[memoryview]:
        """Give one value; those before it are skipped."""
        entry = self.manifest.entries[number]
        if entry.slot.nbytes <= _SHORT_BYTES:
            if self._asked and self._kept is None:
                self._kept = self._short_values()
            self._asked = True
            if self._kept is not None and entry.key in self._kept:
                return iter([memoryview(self._kept[entry.key])])
        return next(pieces for key, pieces in self.stream() if key == entry.key)

    def _short_values(self) -> dict[str, bytes]:
        """Return short values, in bounded memory."""
        sizes = {entry.key: entry.slot.nbytes for entry in self.manifest.entries}
        kept, room = {}, _KEPT_BYTES
        for key, pieces in self.stream():
            if sizes[key] <= min(room, _SHORT_BYTES):
                room -= sizes[key]
                kept[key] = b"".join(pieces)
        return kept

    def span(self, number: int, start: int, length: int) -> None:
        """Give nothing: the stream may be deflated, and is checked as a whole."""
        return


class _Ours(_Streamed):
    """A pickle that begins as engram's do. It has one possible form, with which every pass compares it byte by byte.

    So a deflated file is not inflated once more just to find its values.
    """

    def __init__(self, start: Callable[[], ByteSource], most_bytes: int) -> None:
        self._start = start
        source = start()
        source.skip(len(PREFIX))
        pairs = [_read_text(source) for _ in range(4)]
        text, draft = _take_manifest(dict(zip(pairs[::2], pairs[1::2], strict=True)), most_bytes)
        self._top = _top(text, draft.nbytes)
        source = start()
        next(self._holes(source, self._top))
        self.manifest = draft.complete(source.read(draft.nbytes))

    def stream(self) -> Iterator[tuple[str, Iterator[memoryview]]]:
        """Give the values in the order of the stream."""
        source = self._start()
        for part in self._holes(source, self._top | _holes(_tree(self.manifest), self.manifest)):
            if part.index == _AT_BLOCKS:
                source.skip(part.slot.nbytes)
                continue
            key = self.manifest.entries[part.index].key
            if part.is_number:
                yield key, iter([memoryview(read_number(source, part.slot.dtype))])
            else:
                end = source.position + part.slot.nbytes
                yield key, source.pieces(part.slot.nbytes)
                source.skip(end - source.position)
        if not source.at_end():
            raise DamagedFile("something follows the end of the pickle")

    def _holes(self, source: ByteSource, root: dict[str, Value]) -> Iterator[Hole]:
        """Give the holes of a pickle one by one, each to be read before the next; compare what is between them."""
        for part in opcodes(root):
            if isinstance(part, Hole):
                yield part
            elif source.read(len(part)) != part:
                raise DamagedFile(f"the pickle was changed near byte {source.position}")


def _read_text(source: ByteSource) -> str:
    code = source.read(1)
    if code not in (b"\x8c", b"\x8d"):
        raise DamagedFile(f"the pickle was changed near byte {source.position}")
    length = int.from_bytes(source.read(1 if code == b"\x8c" else 8), "little")
    if length > MOST_MANIFEST_BYTES:
        raise DamagedFile(f"the pickle has a manifest of {length} bytes, at most {MOST_MANIFEST_BYTES} are allowed")
    try:
        return source.read(length).decode("utf-8")
    except UnicodeDecodeError:
        raise DamagedFile("the manifest of the pickle is no text") from None


class _Foreign(_Streamed):
    """A pickle that something else wrote, say Python after a look at it: found by the machine, then streamed."""

    def __init__(self, start: Callable[[], ByteSource], most_bytes: int) -> None:
        self._start = start
        source = start()
        root = read_pickle(source, min(_MEMORY_PER_BYTE * most_bytes, _half_of_memory()))
        try:
            _, draft = _take_manifest(root, most_bytes)
        except NotOurs as error:
            error.found = root, source.position
            raise
        self.manifest = draft.complete(self._blocks(root, draft.nbytes))
        pairs = pair(_tree(self.manifest), root, dict)
        self._short: list[tuple[str, bytes]] = []
        self._long: list[tuple[int, int, str]] = []
        for index, entry in enumerate(self.manifest.entries):
            data = _data(entry.slot, *pairs[index])
            if data.data is not None:
                self._short.append((entry.key, data.data))
            else:
                self._long.append((data.offset, data.length, entry.key))
        self._long.sort()
        for (offset, _, first), (other, _, second) in zip(self._long, self._long[1:], strict=False):
            if offset == other:
                raise DamagedFile(f"{first!r} and {second!r} stand at the same place of the pickle")

    def _blocks(self, root: dict[str, Any], nbytes: int) -> bytes:
        (hole,) = (value for value in _top(b"", nbytes).values() if isinstance(value, Hole))
        found = _data(hole.slot, _BLOCKS, root.pop(_BLOCKS, None))
        if found.data is not None:
            return found.data
        source = self._start()
        source.skip(found.offset)
        return source.read(nbytes)

    def stream(self) -> Iterator[tuple[str, Iterator[memoryview]]]:
        """Give single numbers and short arrays first, then the others in the order of the stream."""
        for key, data in self._short:
            yield key, iter([memoryview(data)] if data else [])
        source = self._start()
        for offset, length, key in self._long:
            source.skip(offset - source.position)
            yield key, source.pieces(length)
        source.drain()


def _take_manifest(root: Any, most_bytes: int) -> tuple[bytes, Draft]:
    if type(root) is not dict or type(root.get(_MANIFEST)) is not str or type(root.get(_DIGEST)) is not str:
        raise NotOurs("the pickle was not written by engram: it has no manifest under the key 'engram'")
    text = root.pop(_MANIFEST).encode("utf-8", "surrogatepass")
    if xxhash.xxh3_128_hexdigest(text) != root.pop(_DIGEST):
        raise DamagedFile("the manifest of the pickle was changed: its digest is wrong")
    return text, draft_of(decode(text), most_bytes)


def _data(slot: Slot, place: str, value: object) -> Bytes:
    """Return the bytes of one value after comparing its type and shape with the manifest."""
    if type(value) is Array and type(value.data) is Bytes:
        if value.type != slot.dtype or value.shape != slot.shape:
            raise DamagedFile(
                f"{place}: the manifest says {slot.dtype} {slot.shape}, the pickle has {value.type} {value.shape}"
            )
        if value.is_fortran:
            raise UnsupportedFile(f"{place}: the array is in Fortran order; engram writes C order")
        return value.data
    data = number_bytes(slot.dtype, value) if slot.shape == () else None
    if data is None:
        raise DamagedFile(f"{place}: the manifest says {slot.dtype} {slot.shape}, the pickle has another value")
    return Bytes(0, len(data), data)


def _open(start: Callable[[], ByteSource], most_bytes: int) -> Contents:
    is_ours = start().peek(len(PREFIX), len(PREFIX)) == PREFIX
    return _Ours(start, most_bytes) if is_ours else _Foreign(start, most_bytes)


def _begins_pickle(head: bytes) -> bool:
    return len(head) >= 2 and head[0] == 0x80 and 2 <= head[1] <= 5


def _refuse_no_pickle(file: Reader) -> None:
    """Refuse a gzip file of something else: all of it is right, so that it is no damaged one of ours."""
    feed = GzipFeed(file)
    source = ByteSource(feed)
    if _begins_pickle(source.peek(2, 2)):
        return
    try:
        source.drain()
    except DamagedFile:
        if not feed.is_whole:
            raise
    advice = "engram loads what its own save, or ANNarchy's, wrote."
    raise UnsupportedFile(f"neither engram nor ANNarchy saved it: no pickle was compressed\n  help: {advice}")


def _half_of_memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


class _PickleFormat:
    """A pickle as it is."""

    name = "pickle"
    is_manifest_last = False

    def write(self, out: Writer, manifest: Manifest, leaves: Sequence[Leaf]) -> Sequence[bytes]:
        """Write everything; arrays are not copied."""
        return _write(out, manifest, leaves)

    def check(self, manifest: Manifest) -> None:
        """Raise SaveError for keys that can't be nested."""
        _check(manifest)

    def recognises(self, head: bytes) -> bool:
        """Say whether a pickle of protocol 2 to 5 begins here."""
        return _begins_pickle(head)

    def open(self, file: Reader) -> Contents:
        """Read the manifest, and the rest too unless engram wrote the file."""
        return _open(lambda: ByteSource(FileFeed(file)), file.size)


class _GzipFormat:
    """The same pickle, deflated."""

    name = "gz"
    is_manifest_last = False

    def write(self, out: Writer, manifest: Manifest, leaves: Sequence[Leaf]) -> Sequence[bytes]:
        """Write everything through two deflating threads."""
        with GzipWriter(out) as deflated:
            return _write(deflated, manifest, leaves)

    def check(self, manifest: Manifest) -> None:
        """Raise SaveError for keys that can't be nested."""
        _check(manifest)

    def recognises(self, head: bytes) -> bool:
        """Say whether a gzip member begins here."""
        return head[:3] == b"\x1f\x8b\x08"

    def open(self, file: Reader) -> Contents:
        """Read the manifest; every pass inflates everything, with all checks."""
        _refuse_no_pickle(file)
        return _open(lambda: ByteSource(GzipFeed(file)), MAX_RATIO * file.size)


PICKLE: Format = _PickleFormat()
GZIP: Format = _GzipFormat()
