"""The format ``h5``: HDF5, a dataset per value at its path, contiguous; needs h5py (``engram-sim[hdf5]``).

``/engram`` has the manifest and its digest as texts, and the digests of all blocks. h5dump, MATLAB, Octave, Julia and
R read such files; written again by them or by ``h5repack``, they load here as long as all values are there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import xxhash

from engram.errors import DamagedFile, SaveError, UnsupportedFile
from engram.state.tree import Leaf
from engram.storage.contract import Contents, Entry, Format, Manifest, Reader, Writer
from engram.storage.document import MOST_MANIFEST_BYTES, decode
from engram.storage.gzip_stream import MAX_RATIO
from engram.storage.hdf5.library import DTYPES, h5py, stored
from engram.storage.hdf5.names import BLOCKS, DIGEST, MANIFEST, OURS, hdf5_tree
from engram.storage.hdf5.read import Dataset, HeldOpen, group_of
from engram.storage.hdf5.write import write_file
from engram.storage.manifest import all_blocks, draft_of, to_json
from engram.storage.nesting import check_nesting, pair
from engram.storage.reading import Nearby

__all__ = ["HDF5"]

MAGIC = b"\x89HDF\r\n\x1a\n"
SHORT_BYTES = 1 << 16  # values up to here are read along with their neighbours
MOST_AXES = 32  # of HDF5


class _Hdf5:
    """An HDF5 file whose structure was read and compared with its manifest."""

    def __init__(self, file: Reader) -> None:
        self._file = file
        found = group_of(HeldOpen(Nearby(file)))
        ours = found.pop(OURS, None)
        if not isinstance(ours, dict) or {MANIFEST, DIGEST, BLOCKS} - ours.keys():
            advice = "engram loads what its own save wrote; arrays can be assigned: pop.v = array."
            what = "the HDF5 file was not written by engram: it has no /engram/manifest"
            raise UnsupportedFile(f"{what}\n  help: {advice}")
        text = _bytes(ours.pop(MANIFEST), MANIFEST, MOST_MANIFEST_BYTES)
        if xxhash.xxh3_128_hexdigest(text).encode("ascii") != _bytes(ours.pop(DIGEST), DIGEST, 32):
            raise DamagedFile("the manifest of the HDF5 file was changed: its digest is wrong")
        draft = draft_of(decode(text), MAX_RATIO * file.size)
        self.manifest = draft.complete(_bytes(ours.pop(BLOCKS), BLOCKS, draft.nbytes))
        if ours:
            raise DamagedFile(f"the HDF5 file has something else in /engram: {', '.join(ours)}")
        pairs = pair(hdf5_tree([entry.key for entry in self.manifest.entries]), found, dict)
        self._values = [_compared(entry, *pairs[k]) for k, entry in enumerate(self.manifest.entries)]

    def stream(self) -> Iterator[tuple[str, Iterator[memoryview]]]:
        """Give the values in the order of the file."""
        near = Nearby(self._file)
        order = sorted(range(len(self._values)), key=lambda k: self._values[k].start or 0)
        for number in order:
            is_short = self._values[number].nbytes <= SHORT_BYTES
            yield self.manifest.entries[number].key, self._values[number].pieces(near if is_short else self._file)

    def alone(self, number: int) -> Iterator[memoryview]:
        """Give one value."""
        return self._values[number].pieces(self._file)

    def span(self, number: int, start: int, length: int) -> bytes | None:
        """Return some bytes of a value that is contiguous."""
        return self._values[number].span(start, length)


def _bytes(found: Any, name: str, most: int) -> bytes:
    if not isinstance(found, Dataset) or found.nbytes > most:
        raise DamagedFile(f"/engram/{name} in the HDF5 file is nothing of at most {most} bytes")
    return b"".join(found.pieces())


def _compared(entry: Entry, place: str, found: Any) -> Dataset:
    """Return a dataset that is as the manifest says; raises DamagedFile."""
    slot = entry.slot
    if not isinstance(found, Dataset) or (found.dtype, found.shape) != (stored(slot.dtype), slot.shape):
        got = f"{found.dtype} {found.shape}" if isinstance(found, Dataset) else "a group"
        raise DamagedFile(f"{place}: the manifest says {slot.dtype} {slot.shape}, the HDF5 file has {got}")
    return found


def _ascii(text: bytes) -> bytes:
    """Return JSON text with all other characters escaped."""
    return re.sub(r"[^\x00-\x7f]", lambda found: json.dumps(found[0])[1:-1], text.decode("utf-8")).encode("ascii")


class _Hdf5Format:
    """HDF5."""

    name = "h5"
    is_manifest_last = False

    def write(self, out: Writer, manifest: Manifest, leaves: Sequence[Leaf]) -> Sequence[bytes]:
        """Write everything."""
        text = _ascii(to_json(manifest))
        digest = xxhash.xxh3_128_hexdigest(text).encode("ascii")
        ours = {MANIFEST: text, DIGEST: digest, BLOCKS: all_blocks(manifest)}
        write_file(out, [entry.key for entry in manifest.entries], leaves, ours)
        return [entry.blocks for entry in manifest.entries]

    def check(self, manifest: Manifest) -> None:
        """Raise SaveError for types and shapes that such files are not to have; MissingLibrary without h5py."""
        h5py()
        check_nesting([entry.key for entry in manifest.entries])
        for entry in manifest.entries:
            if entry.slot.dtype not in DTYPES or len(entry.slot.shape) > MOST_AXES:
                what = f"{entry.slot.path}: {entry.slot.dtype} {entry.slot.shape}"
                raise SaveError(f"an .h5 file of engram can't hold {what}\n  help: save to .engram or .npz.")

    def recognises(self, head: bytes) -> bool:
        """Say whether an HDF5 file begins here."""
        return head.startswith(MAGIC)

    def open(self, file: Reader) -> Contents:
        """Read all but the arrays."""
        return _Hdf5(file)


HDF5: Format = _Hdf5Format()
