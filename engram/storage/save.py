"""Saving: a description and leaves in, a file out, written whole or not at all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from engram import markup
from engram.errors import DamagedFile, SaveError
from engram.state.digest import hash_leaf
from engram.state.residence import Made
from engram.state.tree import Leaf
from engram.storage.contract import Description, Format, Manifest
from engram.storage.document import MOST_MANIFEST_BYTES, decode, encode
from engram.storage.files import SYSTEM, System, replacing
from engram.storage.formats import format_for
from engram.storage.manifest import FORMAT_VERSION, all_blocks, draft_of, entries_of, to_document
from engram.version import __version__

__all__ = ["SaveReport", "check_target", "save", "sealed"]


@dataclass(frozen=True, repr=False)
class SaveReport:
    """What was written. ``nbytes`` is the size of the file, ``values`` the number of arrays in it."""

    path: str
    format: str
    nbytes: int
    values: int
    not_saved: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        title, *lines = map(markup.plain, str(self).split("\n"))
        return markup.paragraph(title) + markup.listed(lines)

    def __str__(self) -> str:
        text = f"saved '{self.path}' ({self.format}): {self.values} values in {self.nbytes:,} bytes"
        return text + "".join(f"\n  not in the file: {what}" for what in self.not_saved)


def save(
    path: str | os.PathLike[str],
    description: Description,
    leaves: Sequence[Leaf],
    fmt: Format | None = None,
    system: System = SYSTEM,
) -> SaveReport:
    """Write ``leaves`` in the format of the path's suffix (or in ``fmt``); raises SaveError, then nothing changed."""
    fmt = fmt or format_for(path)
    leaves = sorted(leaves, key=lambda leaf: leaf.slot.path)
    manifest = sealed(description, leaves, fmt.is_manifest_last)
    _check(manifest)
    fmt.check(manifest)
    with replacing(path, system) as out:
        blocks = fmt.write(out, manifest, leaves)
        out.flush()  # what is compared next must have been written
        _check_unchanged(blocks, leaves)
    return SaveReport(os.fspath(path), fmt.name, out.tell(), len(leaves), description.not_saved)


def check_target(path: str | os.PathLike[str]) -> None:
    """Raise what a save would raise because of its path: before a long run, not behind it. Nothing stays there.

    Raises:
        InvalidArgument: for the suffix of another kind of file.
        MissingLibrary: for a format that needs one.
        SaveError: if no file can be written there.
    """
    fmt = format_for(path)
    fmt.check(Manifest("network", FORMAT_VERSION, __version__, 0, 0, {}, {}, ()))
    with suppress(_NotNow), replacing(path):
        raise _NotNow


class _NotNow(Exception):
    """Ends the writing of a file that was only tried."""


def sealed(description: Description, leaves: Sequence[Leaf], is_last: bool = False) -> Manifest:
    """Return the manifest of leaves (in path order), with the digests that :func:`entries_of` finds."""
    return Manifest(
        kind=description.kind,
        version=FORMAT_VERSION,
        engram=__version__,
        step=int(description.step),
        seed=int(description.seed),
        blueprint=description.blueprint,
        parameters=description.parameters,
        entries=entries_of(description.kind, leaves, is_last),
        not_saved=description.not_saved,
    )


def _check(manifest: Manifest) -> None:
    """Refuse what could not be read again: the limits are those of reading, applied by reading.

    What made the blueprint has read it; here only its size counts.
    """
    try:
        document = to_document(manifest, all_blocks(manifest))
        size = len(encode(document.pop("blueprint")))
        if size > MOST_MANIFEST_BYTES:
            raise DamagedFile(f"its blueprint has {size} bytes, at most {MOST_MANIFEST_BYTES} are allowed")
        draft_of(decode(encode({**document, "blueprint": {}})), 2**63)
    except (DamagedFile, ValueError, TypeError) as error:
        raise SaveError(f"this can't be saved so that it could be loaded again: {error}") from error
    _check_keys([entry.key for entry in manifest.entries])
    if manifest.kind != "network" and len({entry.slot.owner for entry in manifest.entries}) > 1:
        raise SaveError(f"a file of kind {manifest.kind!r} holds one object")


def _check_keys(keys: Sequence[str]) -> None:
    """Refuse two values at one place, and a value where another's folder is."""
    folders: dict[str, str] = {}
    for key in keys:
        folder = key.rpartition("/")[0]
        while folder and folder not in folders:
            folders[folder] = key
            folder = folder.rpartition("/")[0]
    for key in keys:
        if key in folders:
            raise SaveError(
                f"{key!r} would be a value and a folder of the file at once\n"
                f"  help: rename that attribute; {folders[key]!r} is engram's own."
            )
    if len(set(keys)) != len(keys):
        twice = next(key for key, count in Counter(keys).items() if count > 1)
        raise SaveError(f"two values would stand at {twice!r} of the file\n  help: rename that attribute.")


def _check_unchanged(blocks: Sequence[bytes], leaves: Sequence[Leaf]) -> None:
    """Refuse to keep a file whose values changed while it was written: it would hold the state of no moment.

    Values that are made for the file stand where only the network writes, under the lock that saving holds.
    """
    for written, leaf in zip(blocks, leaves, strict=True):
        if not isinstance(leaf.pieces, Made) and hash_leaf(leaf) != written:
            raise SaveError(
                f"{leaf.slot.path} changed while it was being saved; nothing was written\n"
                "  help: save between two calls of simulate, not from another thread during one."
            )
