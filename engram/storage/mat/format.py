"""The format ``mat``: MATLAB level 5, one struct per object, the manifest as a row of bytes.

Variables: ``engram_manifest`` (uint8, the JSON text in UTF-8), ``engram_digest`` (uint8, its xxh3_128 in
hexadecimal), ``engram_blocks`` (uint64, the digests of all blocks), and one struct per object, ``exc.v``; in the file
of a single object its attributes themselves. The manifest's field ``names`` says what replaced names stand for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xxhash

from engram.errors import DamagedFile, SaveError
from engram.state.slots import Role, Slot
from engram.state.tree import Leaf
from engram.storage.contract import RESEAL, Contents, Entry, Format, Manifest, NotOurs, Reader, Writer
from engram.storage.document import MOST_MANIFEST_BYTES, decode, encode
from engram.storage.gzip_stream import MAX_RATIO
from engram.storage.manifest import all_blocks, draft_of, to_document
from engram.storage.mat.names import BLOCKS, DIGEST, MANIFEST, matlab_tree
from engram.storage.mat.order import Stored, to_rows
from engram.storage.mat.read import Numbers, read_variables
from engram.storage.mat.write import CLASSES, HEADER, dims_of, size_of, write_variable
from engram.storage.nesting import check_nesting, pair
from engram.storage.reading import Nearby

__all__ = ["MAT", "placed"]

_MOST_BYTES = (1 << 31) - 1  # of one variable, with its tags
_SHORT_BYTES = 1 << 16  # values up to here are read along with their neighbours
_HELP = "\n  help: save to .engram or .npz, which have no such limit."


def _manifest_text(manifest: Manifest) -> bytes:
    _, replaced = matlab_tree(manifest.kind, [entry.key for entry in manifest.entries])
    return encode({**to_document(manifest, all_blocks(manifest)), "names": replaced})


def _row(name: str, data: bytes, code: str = "u1") -> Leaf:
    array = np.frombuffer(data, code)
    return Leaf(Slot("", name, array.shape, array.dtype, Role.STATE), (array,))


def _check(manifest: Manifest) -> None:
    keys = [entry.key for entry in manifest.entries]
    check_nesting(keys)
    slots = [entry.slot for entry in manifest.entries]
    wrong = []
    for slot in slots:
        if slot.dtype not in CLASSES:
            wrong.append(f"{slot.path}: .mat files have no {slot.dtype}")
        if max(slot.shape, default=0) > _MOST_BYTES or len(slot.shape) > 32:
            wrong.append(f"{slot.path}: .mat files can't hold the shape {slot.shape}")
    length = len(_manifest_text(manifest))
    if length > MOST_MANIFEST_BYTES:
        wrong.append(f"the manifest takes {length} bytes, at most {MOST_MANIFEST_BYTES} can be loaded again")
    tree, replaced = matlab_tree(manifest.kind, keys)
    for name, node in tree.items():
        size = size_of(node, name, slots)
        if size > _MOST_BYTES:
            what = replaced.get(name, name)
            wrong.append(f"the variable {what!r} takes {size} bytes, a .mat file can hold at most {_MOST_BYTES} in one")
    if wrong:
        raise SaveError("the network can't be saved as .mat\n  " + "\n  ".join(wrong) + _HELP)


class _Mat:
    """A MAT-file whose structure was read and compared with its manifest."""

    def __init__(self, file: Reader) -> None:
        near = Nearby(file)
        self.manifest, pairs = placed(near)
        for index, entry in enumerate(self.manifest.entries):
            _compare(entry, *pairs[index])
        self._values: list[tuple[Entry, Stored]] = []
        for index, entry in enumerate(self.manifest.entries):
            place = pairs[index][1].place
            is_long = place.file is near and entry.slot.nbytes > _SHORT_BYTES
            self._values.append((entry, replace(place, file=file) if is_long else place))
        self._places = [place for _, place in self._values]
        self._values.sort(key=lambda value: value[1].offset)

    def stream(self) -> Iterator[tuple[str, Iterator[memoryview]]]:
        """Give the values in the order of the file, in C order each."""
        for entry, place in self._values:
            yield entry.key, to_rows(place, entry.slot.shape)

    def alone(self, number: int) -> Iterator[memoryview]:
        """Give one value, in C order."""
        return to_rows(self._places[number], self.manifest.entries[number].slot.shape)

    def span(self, number: int, start: int, length: int) -> None:
        """Give nothing: columns come first here, and elements may be swapped."""
        return


def placed(file: Reader) -> tuple[Manifest, dict[int, tuple[str, Any]]]:
    """Return the manifest of a file, and what stands in the place of each value, by its number; not compared yet.

    Raises:
        DamagedFile: if it lacks something, or has something else.
    """
    found = read_variables(file)
    text = _take_row(found, MANIFEST, MOST_MANIFEST_BYTES)
    if xxhash.xxh3_128_hexdigest(text).encode("ascii") != _take_row(found, DIGEST, 32):
        raise DamagedFile("the manifest of the MAT-file was changed: its digest is wrong")
    document = decode(text)
    names = document.pop("names", None)
    draft = draft_of(document, MAX_RATIO * file.size)
    manifest = draft.complete(_take_row(found, BLOCKS, draft.nbytes, "<u8"))
    tree, replaced = matlab_tree(manifest.kind, [entry.key for entry in manifest.entries])
    if names != replaced:
        raise DamagedFile("the manifest of the MAT-file names other fields than its keys do")
    return manifest, pair(tree, found, dict)


def _take_row(found: dict[str, Any], name: str, most: int, code: str = "u1") -> bytes:
    row = found.pop(name, None)
    if row is None:
        raise NotOurs(f"the MAT-file was not written by engram: it has no variable {name!r}")
    dtype = np.dtype(code)
    is_row = type(row) is Numbers and row.place.dtype == dtype and row.dims[:-1] == (1,)
    if not is_row or row.dims[1] * dtype.itemsize > most:
        raise DamagedFile(f"{name!r} in the MAT-file is no row of at most {most} bytes")
    return b"".join(to_rows(row.place, row.dims))


def _compare(entry: Entry, place: str, value: object) -> None:
    slot = entry.slot
    # SciPy drops the logical flag when it writes a file again; the digest sees whether the bytes are still 0 and 1
    is_bool = slot.dtype == np.bool_
    wanted = np.dtype("u1") if is_bool else slot.dtype
    if type(value) is not Numbers:
        got = type(value).__name__
    elif (value.place.dtype, value.dims) == (wanted, dims_of(slot.shape)) and (is_bool or not value.is_logical):
        return
    else:
        got = f"{'logical' if value.is_logical else value.place.dtype} {value.dims}"
    what = f"{place}: the manifest says {slot.dtype} {dims_of(slot.shape)}, the MAT-file has {got}"
    raise DamagedFile(f"another program has written the MAT-file anew, or it is damaged: {what}{RESEAL}")


class _MatFormat:
    """MATLAB level 5."""

    name = "mat"
    is_manifest_last = False

    def write(self, out: Writer, manifest: Manifest, leaves: Sequence[Leaf]) -> Sequence[bytes]:
        """Write everything; arrays of two or more axes are reordered block by block."""
        text = _manifest_text(manifest)
        tree, _ = matlab_tree(manifest.kind, [entry.key for entry in manifest.entries])
        out.write(HEADER)
        digest = xxhash.xxh3_128_hexdigest(text).encode("ascii")
        rows = (_row(MANIFEST, text), _row(DIGEST, digest), _row(BLOCKS, all_blocks(manifest), "<u8"))
        for row in rows:
            write_variable(out, 0, row.slot.path, [row], [row.slot])
        slots = [entry.slot for entry in manifest.entries]
        for name, node in tree.items():
            write_variable(out, node, name, leaves, slots)
        return [entry.blocks for entry in manifest.entries]

    def check(self, manifest: Manifest) -> None:
        """Raise SaveError for variables over 2 GiB (naming each), and for dtypes and shapes that MATLAB hasn't."""
        _check(manifest)

    def recognises(self, head: bytes) -> bool:
        """Say whether a MAT-file of level 5 begins here."""
        return head.startswith(b"MATLAB 5.0 MAT-file")

    def open(self, file: Reader) -> Contents:
        """Read all but the arrays."""
        return _Mat(file)


MAT: Format = _MatFormat()
