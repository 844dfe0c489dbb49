"""Where things stand in an HDF5 file: a value at its key, ``/populations/exc/v``, what is engram's own in ``/engram``.

In: keys. Out: a tree of groups. A segment ``.``, which HDF5 takes for the group itself, is written ``%2E``, and
``%2E`` is ``%252E``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engram.storage.nesting import Tree, nest

__all__ = ["BLOCKS", "DIGEST", "MANIFEST", "OURS", "hdf5_tree"]

OURS = "engram"
MANIFEST, DIGEST, BLOCKS = "manifest", "digest", "blocks"


def hdf5_tree(keys: Sequence[str]) -> Tree:
    """Return groups with the positions of ``keys``; see :func:`nest`."""
    return nest(["/".join(map(_segment, key.split("/"))) for key in keys], (OURS,))


def _segment(part: str) -> str:
    if part == ".":
        return "%2E"
    return f"%25{part[1:]}" if re.fullmatch("%(25)*2E", part) else part
