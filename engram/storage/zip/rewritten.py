"""Archives of engram's that another program has written anew: ``numpy.savez``, or a tool for zips.

In: a file. Out: what it says of the network, and its values, all in memory, as they are there now. The seals of the
archive are gone, and digests of values say nothing any more: only who asks for that on purpose reads them so.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import numpy as np

from engram.errors import DamagedFile
from engram.state.tree import Leaf
from engram.storage.contract import Description, Reader
from engram.storage.document import MOST_MANIFEST_BYTES, decode
from engram.storage.manifest import draft_of, keys_of
from engram.storage.reading import AsFile
from engram.storage.zip.deflate import MOST_INFLATION
from engram.storage.zip.names import member_names
from engram.storage.zip.write import BLUEPRINT, MANIFEST

__all__ = ["is_rewritten", "read_rewritten"]

DATE = (1980, 1, 1)  # of all members that engram writes
MOST_HEADER = 1 << 12  # of a .npy
MOST_DIRECTORY = 8 << 20  # bytes: of 50,000 values
END_BYTES = (1 << 16) + 22  # in which a zip says where its directory is


def is_rewritten(file: Reader) -> bool:
    """Say whether this is such an archive, and not one as engram writes it."""
    if _is_long(file):
        return False
    try:
        with zipfile.ZipFile(AsFile(file)) as archive:
            members = archive.infolist()
            is_sealed = archive.comment.startswith(b"engram ") and all(one.date_time[:3] == DATE for one in members)
            return not is_sealed and any(one.filename.startswith("engram/") for one in members)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return False


def _is_long(file: Reader) -> bool:
    """Say whether a zip has no directory, or one longer than any network of ours: ``zipfile`` would read all of it."""
    tail = file.pread(min(file.size, END_BYTES), max(file.size - END_BYTES, 0))
    at = tail.rfind(b"PK\5\6")
    return at < 0 or at + 16 > len(tail) or int.from_bytes(tail[at + 12 : at + 16], "little") > MOST_DIRECTORY


def read_rewritten(file: Reader) -> tuple[Description, list[Leaf]]:
    """Return what an archive says of its network, and its values; nothing is verified but types and shapes.

    Raises:
        DamagedFile: if it can't be read, or lacks something.
    """
    try:
        with zipfile.ZipFile(AsFile(file)) as archive:
            return _read(archive, MOST_INFLATION * file.size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DamagedFile(f"the zip is damaged: {error}") from None


def _read(archive: zipfile.ZipFile, most_bytes: int) -> tuple[Description, list[Leaf]]:
    document = decode(_text(archive, MANIFEST))
    document.pop("pack", None)
    document["blueprint"] = decode(_text(archive, BLUEPRINT))
    draft = draft_of(document, most_bytes)
    slots, _ = draft.described.slots()
    names = member_names(keys_of(draft.manifest.kind, slots))
    known = {f"{name}.npy" for name in names}
    for name in archive.namelist():
        if name not in known and not name.startswith("engram/") and not name.endswith("/"):
            more = "take it out: files have what their manifests list."
            raise DamagedFile(f"the zip has {name!r}, which its manifest does not list\n  help: {more}")
    leaves = []
    for slot, name in zip(slots, names, strict=True):
        found = _array(archive, f"{name}.npy", slot.nbytes)
        if found.dtype != slot.dtype or found.shape != slot.shape:
            was = f"{slot.dtype} {slot.shape}"
            raise DamagedFile(f"{slot.path}: the manifest says {was}, the file has {found.dtype} {found.shape}")
        leaves.append(Leaf(slot, (np.ascontiguousarray(found, slot.dtype).reshape(slot.shape),)))
    return draft.manifest.description(), leaves


def _text(archive: zipfile.ZipFile, name: bytes) -> bytes:
    """Return a text, which NumPy may have made an array of bytes."""
    member = name.decode("ascii")
    if member in archive.namelist():
        return _content(archive, member, MOST_MANIFEST_BYTES)
    found = _array(archive, f"{member}.npy", MOST_MANIFEST_BYTES)
    if found.dtype.kind != "S" or found.shape != ():
        raise DamagedFile(f"{member}: expected a text, the file has {found.dtype} {found.shape}")
    return bytes(found.item())


def _array(archive: zipfile.ZipFile, member: str, most: int) -> np.ndarray[Any, Any]:
    content = _content(archive, member, most + MOST_HEADER)
    try:
        return np.asarray(np.lib.format.read_array(io.BytesIO(content), allow_pickle=False))
    except ValueError as error:
        raise DamagedFile(f"{member}: {error}") from None


def _content(archive: zipfile.ZipFile, member: str, most: int) -> bytes:
    try:
        info = archive.getinfo(member)
    except KeyError:
        raise DamagedFile(f"{member} is missing in the zip") from None
    if info.file_size > min(most, MOST_INFLATION * (info.compress_size + 1)):
        raise DamagedFile(f"{member}: {info.file_size} bytes are more than it can have")
    with archive.open(info) as stream:
        return stream.read(info.file_size)
