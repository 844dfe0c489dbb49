"""The manifest as JSON: what stands in a file, written the same for the same network and parsed with suspicion.

In: a :class:`Manifest`. Out: UTF-8 text, and back. Every format embeds this text; a format with facts of its own adds
one more field to the document (:func:`to_document`) and takes it out again before :func:`from_document`.
A parse allocates in proportion to the text, refuses whatever :func:`encode` would not have written, and believes no
size that ``most_bytes`` (what the file can hold) does not cover.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

import numpy as np

from engram.errors import DamagedFile, UnsupportedFile
from engram.state.digest import digest_leaf, type_code
from engram.state.slots import Layout, Role, Slot
from engram.state.tree import Leaf, Made
from engram.storage.contract import Entry, Manifest

__all__ = [
    "FORMAT_VERSION",
    "KINDS",
    "MOST_MANIFEST_BYTES",
    "UNKNOWN",
    "decode",
    "encode",
    "entries_of",
    "from_document",
    "from_json",
    "key_of",
    "to_document",
    "to_json",
]

FORMAT_VERSION = 1
UNKNOWN = "0" * 32  # the digest of a value that nobody has read yet
KINDS = ("network", "population", "projection")
MOST_MANIFEST_BYTES = 64 << 20  # of the JSON text; checked on writing and on reading
MOST_DIMENSIONS = 32
DTYPES = {
    code: np.dtype(code)
    for code in "|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f4 <f8 <c8 <c16".split()  # never O, V, structured, datetime
}

T = TypeVar("T")


def key_of(kind: str, slot: Slot) -> str:
    """Return where a value stands in a file of this kind.

    In a network's file that is the path. In a single object's the attributes (and the arrays of a projection's
    wiring) stand at the top under their own names, and everything hidden under ``internal/``.
    """
    if kind == "network":
        return slot.path
    return f"internal/{slot.name.removeprefix('internal/')}" if slot.hidden else slot.name.removeprefix("wiring/")


def entries_of(kind: str, leaves: Sequence[Leaf], is_last: bool = False) -> tuple[Entry, ...]:
    """Describe leaves for a manifest; reads every value once, for its digest.

    Args:
        is_last: the format writes the manifest behind the values, and finds the digests of those that would have to be
            made for it: they are ``UNKNOWN`` here.
    """
    digests = (UNKNOWN if is_last and isinstance(leaf.pieces, Made) else digest_leaf(leaf) for leaf in leaves)
    return tuple(
        Entry(key_of(kind, leaf.slot), leaf.slot, digest) for leaf, digest in zip(leaves, digests, strict=True)
    )


def to_json(manifest: Manifest) -> bytes:
    """Return the manifest as UTF-8 text; the same manifest gives the same bytes."""
    return encode(to_document(manifest))


def from_json(text: bytes, most_bytes: int) -> Manifest:
    """Parse what :func:`to_json` wrote; ``most_bytes`` is the most that the file's values can take together."""
    return from_document(decode(text), most_bytes)


def to_document(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest as a dictionary of what JSON knows."""
    return {
        "kind": manifest.kind,
        "version": manifest.version,
        "engram": manifest.engram,
        "backend": manifest.backend,
        "dt_ms": manifest.dt_ms,
        "step": manifest.step,
        "seed": manifest.seed,
        "objects": list(manifest.objects),
        "models": manifest.models,
        "not_saved": list(manifest.not_saved),
        "slots": [_slot_document(entry) for entry in manifest.entries],
    }


def encode(document: dict[str, Any]) -> bytes:
    """Write a document: sorted keys, one line per slot's field, no NaN."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1).encode("utf-8")


def decode(text: bytes) -> dict[str, Any]:
    """Parse a document: an object without duplicate keys, NaN or infinity."""
    if len(text) > MOST_MANIFEST_BYTES:
        raise DamagedFile(f"the manifest has {len(text)} bytes, at most {MOST_MANIFEST_BYTES} are allowed")
    try:
        document = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"the manifest is no JSON text of engram's: {error}") from None
    return _typed(document, dict, "the manifest")


def from_document(document: dict[str, Any], most_bytes: int) -> Manifest:
    """Check and convert a parsed document; see :func:`from_json`."""
    fields = _Fields(document, "the manifest")
    version = fields.take("version", int)
    if version != FORMAT_VERSION:
        raise UnsupportedFile(
            f"the file has format version {version}; this engram reads up to version {FORMAT_VERSION}\n"
            f"  written by: engram {_short(document.get('engram'))}\n  help: pip install --upgrade engram"
        )
    kind = fields.take("kind", str)
    if kind not in KINDS:
        fields.fail("kind", f"one of {', '.join(KINDS)}", kind)
    dt_ms = fields.take("dt_ms", float)
    if not 0.0 < dt_ms < math.inf:
        fields.fail("dt_ms", "a positive number", dt_ms)
    manifest = Manifest(
        kind=kind,
        version=version,
        engram=fields.take("engram", str),
        backend=fields.take("backend", str),
        dt_ms=dt_ms,
        step=fields.integer("step", 0, 2**63),
        seed=fields.integer("seed", -(2**63), 2**64),
        objects=tuple(_objects(fields.take("objects", list))),
        entries=tuple(_entries(kind, fields.take("slots", list), most_bytes)),
        models=fields.take("models", dict),
        not_saved=tuple(_typed(text, str, "not_saved") for text in fields.take("not_saved", list)),
    )
    fields.done()
    return manifest


def _slot_document(entry: Entry) -> dict[str, Any]:
    slot = entry.slot
    return {
        "key": entry.key,
        "path": slot.path,
        "shape": list(slot.shape),
        "dtype": type_code(slot.dtype),
        "role": slot.role.value,
        "unit": slot.unit,
        "hidden": slot.hidden,
        "free_length": slot.free_length,
        "may_be_single": slot.may_be_single,
        "below": slot.below,
        "offsets": slot.offsets,
        "layout": slot.layout.value,
        "digest": entry.digest,
    }


def _objects(documents: list[Any]) -> list[dict[str, Any]]:
    seen = set()
    for document in documents:
        path = _path(_typed(document, dict, "objects"), "objects")
        _typed(document.get("type"), str, f"{path}: type")
        if path in seen:
            raise DamagedFile(f"the manifest lists the object {path!r} twice")
        seen.add(path)
    return documents


def _entries(kind: str, documents: list[Any], most_bytes: int) -> list[Entry]:
    entries: list[Entry] = []
    keys: set[str] = set()
    total = 0
    for document in documents:
        entry = _entry(kind, _typed(document, dict, "slots"), most_bytes)
        if entries and entry.slot.path <= entries[-1].slot.path:
            raise DamagedFile(f"the manifest lists {entry.slot.path!r} twice, or not in order")
        if entry.key in keys:
            raise DamagedFile(f"the manifest has two values at {entry.key!r}")
        keys.add(entry.key)
        total += entry.slot.nbytes
        entries.append(entry)
    if total > most_bytes:
        raise DamagedFile(f"the manifest promises {total} bytes of values, the file can hold at most {most_bytes}")
    return entries


def _entry(kind: str, document: dict[str, Any], most_bytes: int) -> Entry:
    path = _path(document, "slots")
    fields = _Fields(document, path)
    fields.take("path", str)
    code = fields.take("dtype", str)
    if code not in DTYPES:
        fields.fail("dtype", f"one of {', '.join(DTYPES)}", code)
    slot = Slot(
        path=path,
        shape=_shape(fields, DTYPES[code].itemsize, most_bytes),
        dtype=DTYPES[code],
        role=Role(fields.choice("role", [role.value for role in Role])),
        unit=fields.take("unit", str),
        hidden=fields.take("hidden", bool),
        free_length=fields.take("free_length", bool),
        may_be_single=fields.take("may_be_single", bool),
        below=None if fields.took_none("below") else fields.integer("below", 0, 2**63),
        offsets=fields.take("offsets", bool),
        layout=Layout(fields.choice("layout", [layout.value for layout in Layout])),
    )
    key, digest = fields.take("key", str), fields.take("digest", str)
    if key != key_of(kind, slot):
        fields.fail("key", repr(key_of(kind, slot)), key)
    if len(digest) != 32 or set(digest) - set("0123456789abcdef"):
        fields.fail("digest", "32 hexadecimal digits", digest)
    fields.done()
    return Entry(key, slot, digest)


def _shape(fields: _Fields, itemsize: int, most_bytes: int) -> tuple[int, ...]:
    shape = fields.take("shape", list)
    if len(shape) > MOST_DIMENSIONS or any(type(n) is not int or n < 0 for n in shape):
        fields.fail("shape", f"at most {MOST_DIMENSIONS} numbers >= 0", shape)
    # NumPy refuses shapes whose product overflows even where a zero makes the array empty
    if math.prod(max(n, 1) for n in shape) * itemsize >= 2**63 or math.prod(shape) * itemsize > most_bytes:
        fields.fail("shape", f"at most {most_bytes} bytes, which is what the file can hold", shape)
    return tuple(shape)


def _path(document: dict[str, Any], where: str) -> str:
    path = _typed(document.get("path"), str, f"{where}: path")
    # no empty segment, nothing that breaks a line or a terminal
    if not all(path.split("/")) or any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in path):
        raise DamagedFile(f"{where}: impossible path in the manifest: {_short(path)}")
    return path


class _Fields:
    """Takes the fields out of a parsed object one by one; what is left over at the end is an error."""

    def __init__(self, document: dict[str, Any], where: str) -> None:
        self._left = dict(document)
        self._where = where

    def take(self, name: str, kind: type[T]) -> T:
        if name not in self._left:
            raise DamagedFile(f"{self._where}: the field {name!r} is missing in the manifest")
        return _typed(self._left.pop(name), kind, f"{self._where}: {name}")

    def integer(self, name: str, least: int, below: int) -> int:
        value = self.take(name, int)
        if not least <= value < below:
            self.fail(name, f"an integer in [{least}, {below})", value)
        return value

    def took_none(self, name: str) -> bool:
        if name in self._left and self._left[name] is None:
            del self._left[name]
            return True
        return False

    def choice(self, name: str, values: Sequence[str]) -> str:
        value = self.take(name, str)
        if value not in values:
            self.fail(name, f"one of {', '.join(values)}", value)
        return value

    def fail(self, name: str, expected: str, got: object) -> NoReturn:
        raise DamagedFile(f"{self._where}: {name} in the manifest: expected {expected}, got {_short(got)}")

    def done(self) -> None:
        if self._left:
            raise DamagedFile(f"{self._where}: unknown fields in the manifest: {_short(sorted(self._left))}")


def _typed(value: object, kind: type[T], where: str) -> T:
    if type(value) is not kind:  # exactly: True is no integer here
        raise DamagedFile(f"{where}: expected {kind.__name__} in the manifest, got {type(value).__name__}")
    return value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
