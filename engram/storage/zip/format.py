"""The zip archive: ``.npz`` (deflated; ``numpy.load`` reads it) and ``.engram`` (stored and aligned; can be mapped).

One implementation, two rows: ``write`` writes, ``read`` reads, ``records`` has the bytes between values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engram.errors import DamagedFile, SaveError
from engram.state.tree import Leaf
from engram.storage.contract import RESEAL, Manifest, Reader, Writer
from engram.storage.zip.read import MOST_MEMBERS, Archive, open_archive
from engram.storage.zip.rewritten import is_rewritten
from engram.storage.zip.write import write_archive

__all__ = ["ENGRAM", "NPZ", "ZipFormat"]

OUR_MEMBERS = 4
MAGIC_OFFSET = 30 + len("engram/format")  # the content of the first member


@dataclass(frozen=True)
class ZipFormat:
    """One kind of zip archive; see ``contract.Format``.

    Args:
        name: as reports say it.
        magic: 16 bytes, the content of the first member, by which a file is recognised.
        is_deflated: whether values are deflated (else stored and aligned).
    """

    name: str
    magic: bytes
    is_deflated: bool
    is_manifest_last = True

    def write(self, out: Writer, manifest: Manifest, leaves: Sequence[Leaf]) -> Sequence[bytes]:
        """Write everything."""
        return write_archive(out, self.magic, self.is_deflated, manifest, leaves)

    def check(self, manifest: Manifest) -> None:
        """Raise SaveError if an archive can't hold what the manifest describes."""
        if len(manifest.entries) > MOST_MEMBERS - OUR_MEMBERS:
            raise SaveError(f"a zip holds at most {MOST_MEMBERS - OUR_MEMBERS} arrays, not {len(manifest.entries)}")
        for entry in manifest.entries:
            if entry.key.lower().startswith("engram/"):
                raise SaveError(f"{entry.key!r}: names below 'engram/' are engram's own")

    def recognises(self, head: bytes) -> bool:
        """Say whether a file begins like this kind of archive."""
        return head.startswith(b"PK\3\4") and head[MAGIC_OFFSET : MAGIC_OFFSET + len(self.magic)] == self.magic

    def open(self, file: Reader) -> Archive:
        """Read the structure and the manifest."""
        try:
            return open_archive(file, self.magic, self.is_deflated)
        except DamagedFile as error:
            if is_rewritten(file):
                raise DamagedFile(
                    f"engram saved it, and another program has written the zip anew: {error}{RESEAL}"
                ) from None
            raise


NPZ = ZipFormat("npz", b"engram 1 deflate", True)
ENGRAM = ZipFormat("engram", b"engram 1 stored ", False)
