"""Saving: a description and leaves in, a file out, written whole or not at all.

Called by ``network`` for ``save`` of a network, a population or a projection; the suffix chooses the format.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engram.errors import DamagedFile, SaveError
from engram.state.digest import SlotHash, digest_leaf
from engram.state.tree import Array, Leaf
from engram.storage.contract import Description, Format, Manifest
from engram.storage.files import SYSTEM, System, replacing
from engram.storage.formats import format_for
from engram.storage.manifest import FORMAT_VERSION, entries_of, from_json, to_json
from engram.version import __version__

__all__ = ["SaveReport", "save", "sealed"]


@dataclass(frozen=True)
class SaveReport:
    """What was written. ``nbytes`` is the size of the file, ``values`` the number of arrays in it."""

    path: str
    format: str
    nbytes: int
    values: int
    not_saved: tuple[str, ...] = ()

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
    manifest = sealed(description, leaves)
    _check(manifest)
    fmt.check(manifest)
    with replacing(path, system) as out:
        watched = [_Watched(leaf) for leaf in leaves]
        fmt.write(out, manifest, [each.leaf for each in watched])
        _check_unchanged(manifest, watched)
    return SaveReport(os.fspath(path), fmt.name, out.tell(), len(leaves), description.not_saved)


def sealed(description: Description, leaves: Sequence[Leaf]) -> Manifest:
    """Return the manifest of leaves (in path order), with a digest of each value."""
    return Manifest(
        kind=description.kind,
        version=FORMAT_VERSION,
        engram=__version__,
        backend=description.backend,
        dt_ms=float(description.dt_ms),
        step=int(description.step),
        seed=int(description.seed),
        objects=description.objects,
        entries=entries_of(description.kind, leaves),
        models=description.models,
        not_saved=description.not_saved,
    )


def _check(manifest: Manifest) -> None:
    """Refuse what could not be read again: the limits are those of reading, applied by reading."""
    try:
        parsed = from_json(to_json(manifest), 2**63)
    except (DamagedFile, ValueError, TypeError) as error:
        raise SaveError(f"this can't be saved so that it could be loaded again: {error}") from error
    keys = {entry.key for entry in parsed.entries}
    for key in keys:
        parts = key.split("/")
        for length in range(1, len(parts)):
            if "/".join(parts[:length]) in keys:
                raise SaveError(
                    f"{'/'.join(parts[:length])!r} would be a value and a folder of the file at once\n"
                    f"  help: rename that attribute; {key!r} is engram's own."
                )
    if manifest.kind != "network" and len({entry.slot.owner for entry in manifest.entries}) > 1:
        raise SaveError(f"a file of kind {manifest.kind!r} holds one object")


class _Watched:
    """A leaf whose digest after writing is known: of what was written, where making its pieces anew would take long."""

    def __init__(self, leaf: Leaf) -> None:
        self._whole, self._digest = leaf, ""
        self.leaf = leaf if isinstance(leaf.pieces, tuple) else Leaf(leaf.slot, self)

    def __iter__(self) -> Iterator[Array]:
        digest = SlotHash(self._whole.slot)
        for piece in self._whole.pieces:
            digest.update(np.ascontiguousarray(piece).reshape(-1).view(np.uint8).data)
            yield piece
        self._digest = digest.hexdigest()

    @property
    def digest(self) -> str:
        return digest_leaf(self._whole) if self.leaf is self._whole else self._digest


def _check_unchanged(manifest: Manifest, watched: Sequence[_Watched]) -> None:
    """Refuse to keep a file whose values changed while it was written: its digests would be wrong for ever."""
    for entry, each in zip(manifest.entries, watched, strict=True):
        if each.digest != entry.digest:
            raise SaveError(
                f"{entry.slot.path} changed while it was being saved; nothing was written\n"
                "  help: save between two calls of simulate, not from another thread during one."
            )
