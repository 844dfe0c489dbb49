"""The manifest: what stands in a file, written the same for the same network and parsed with suspicion.

In: a :class:`Manifest`. Out: JSON text, and back. Every format embeds this text, and beside it the digests of all
blocks of all values, which the manifest seals. A format with facts of its own adds one more field to the document
(:func:`to_document`) and takes it out again before :func:`draft_of`.
A parse allocates in proportion to the text, refuses whatever :func:`to_document` would not have written, and believes
no size that ``most_bytes`` (what the file can hold) does not cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, pairwise, repeat
from typing import Any

import xxhash

from engram.errors import DamagedFile
from engram.state.digest import hash_leaf
from engram.state.slots import Slot
from engram.state.tree import Leaf
from engram.storage.contract import Entry, Manifest, OtherVersion
from engram.storage.described import Described, parse
from engram.storage.document import Fields, checked_data, decode, encode, short, typed
from engram.version import DISTRIBUTION

__all__ = [
    "FORMAT_VERSION",
    "KINDS",
    "READ_VERSIONS",
    "UNKNOWN",
    "Draft",
    "all_blocks",
    "draft_of",
    "entries_of",
    "from_json",
    "keys_of",
    "refuse_early",
    "to_document",
    "to_json",
    "unknown_version",
]

FORMAT_VERSION = 1
READ_VERSIONS = range(1, FORMAT_VERSION + 1)  # what was frozen once is read for ever
UNKNOWN = b""  # the digests of a value's blocks before anybody has read it
KINDS = ("network", "population", "projection")


def keys_of(kind: str, slots: Sequence[Slot]) -> list[str]:
    """Return where values stand in a file of this kind.

    In a network's file that is the path. In a single object's the attributes stand at the top under their own names,
    and everything hidden under ``internal/``, as the arrays of a projection's wiring.
    """
    if kind == "network":
        return [slot.path for slot in slots]
    return [
        f"internal/{slot.name.removeprefix('internal/')}" if slot.hidden else slot.name.removeprefix("wiring/")
        for slot in slots
    ]


def entries_of(kind: str, leaves: Sequence[Leaf], is_last: bool = False) -> tuple[Entry, ...]:
    """Describe leaves for a manifest; reads every value once, for its digests.

    Args:
        is_last: the format writes the manifest behind the values, and finds their digests on the way: they are
            ``UNKNOWN`` here.
    """
    slots = [leaf.slot for leaf in leaves]
    blocks = repeat(UNKNOWN, len(leaves)) if is_last else map(hash_leaf, leaves)
    return _entries(keys_of(kind, slots), slots, blocks)


def _entries(keys: Sequence[str], slots: Sequence[Slot], blocks: Iterable[bytes]) -> tuple[Entry, ...]:
    """Return entries; these are many, and made so they take a third of the time."""
    return tuple(map(partial(tuple.__new__, Entry), zip(keys, slots, blocks, strict=True)))


def all_blocks(manifest: Manifest) -> bytes:
    """Return the digests of all blocks of all values."""
    return b"".join(entry.blocks for entry in manifest.entries)


def to_json(manifest: Manifest) -> bytes:
    """Return the manifest as UTF-8 text; the same manifest gives the same bytes."""
    return encode(to_document(manifest, all_blocks(manifest)))


def from_json(text: bytes, most_bytes: int, blocks: bytes) -> Manifest:
    """Parse what :func:`to_json` wrote; see :func:`draft_of` and :meth:`Draft.complete`."""
    return draft_of(decode(text), most_bytes).complete(blocks)


def to_document(manifest: Manifest, blocks: bytes) -> dict[str, Any]:
    """Return the manifest as a dictionary of what JSON knows, with the seal of all blocks' digests."""
    return {
        "kind": manifest.kind,
        "version": manifest.version,
        "engram": manifest.engram,
        "step": manifest.step,
        "seed": manifest.seed,
        "blueprint": manifest.blueprint,
        "parameters": manifest.parameters,
        "not_saved": list(manifest.not_saved),
        "blocks": xxhash.xxh3_128_hexdigest(blocks),
        **manifest.described,
    }


@dataclass(frozen=True)
class Draft:
    """A manifest whose values have no digests yet: their number has just become known."""

    manifest: Manifest  # without entries
    described: Described
    seal: str

    @property
    def nbytes(self) -> int:
        """Size of all digests of blocks."""
        return 8 * self.described.blocks

    def complete(self, blocks: bytes) -> Manifest:
        """Return the manifest, given the digests of all blocks; raises DamagedFile if they are not those it seals."""
        if len(blocks) != self.nbytes:
            raise DamagedFile("the list of block digests has another length than the values")
        if xxhash.xxh3_128_hexdigest(blocks) != self.seal:
            raise DamagedFile("the list of block digests is damaged")
        kind, slots, counts = self.manifest.kind, *self.described.slots()
        keys, ends = keys_of(kind, slots), accumulate(counts, initial=0)
        if kind != "network" and len({*keys}) != len(keys):
            raise DamagedFile("the manifest has two values at one place")
        digests = (blocks[8 * begin : 8 * end] for begin, end in pairwise(ends))
        return replace(self.manifest, entries=_entries(keys, slots, digests))


def draft_of(document: dict[str, Any], most_bytes: int) -> Draft:
    """Check and convert a parsed document; ``most_bytes`` is the most that the file's values can take together."""
    fields = Fields(document, "the manifest")
    version = fields.take("version", int)
    if version not in READ_VERSIONS:
        raise unknown_version(version, f"\n  written by: engram {short(document.get('engram'))}")
    refuse_early(document)
    kind = fields.choice("kind", KINDS)
    described = parse(fields.take("slots", list), fields.take("owners", list), most_bytes)
    manifest = Manifest(
        kind=kind,
        version=version,
        engram=fields.take("engram", str),
        step=fields.integer("step", 0, 2**63),
        seed=fields.integer("seed", 0, 2**64),
        blueprint=fields.take("blueprint", dict),
        parameters=checked_data(fields.take("parameters", dict), "parameters"),
        entries=(),
        not_saved=tuple(typed(text, str, "not_saved") for text in fields.take("not_saved", list)),
    )
    seal = fields.take("blocks", str)
    fields.done()
    return Draft(manifest, described, seal)


def unknown_version(version: int, more: str = "") -> OtherVersion:
    """Return the error of a file of another format version, with what else is known of it."""
    what = f"the file has format version {version}; this engram reads up to version {FORMAT_VERSION}{more}"
    if version < READ_VERSIONS.start:
        return OtherVersion(f"{what}\n  help: there is no such version: the file is damaged, or no engram wrote it.")
    return OtherVersion(f"{what}\n  help: pip install --upgrade {DISTRIBUTION}")


def refuse_early(document: dict[str, Any]) -> None:
    """Refuse what a development version wrote: values described one by one, or objects by facts of their own."""
    if "objects" in document or "blueprint" not in document or "owners" not in document:
        raise OtherVersion(
            f"it was written by a development version of engram ({short(document.get('engram'))}), before format "
            f"version {FORMAT_VERSION} was settled; such files can't be read any more\n"
            "  help: run the script that made it again, and save with this engram."
        )
