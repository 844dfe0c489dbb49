"""The names of members in a zip: safe on any file system, whatever a population is called.

In: keys (``populations/späti/v``). Out: ASCII names without suffix. The manifest holds the true paths; a reader
computes these names from them and never the other way round.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

__all__ = ["member_names"]

SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")  # stays as it is
CAPITALS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def member_names(keys: Sequence[str]) -> list[str]:
    """Return one name per key; different keys get names that differ even where case doesn't count.

    Everything outside ``[A-Za-z0-9_.-]`` is percent-encoded, a segment's leading dot too. Keys that would differ in
    case alone (``v`` and ``V`` are two variables of many models) have their capitals encoded as well.
    """
    names = [
        key if PLAIN.fullmatch(key) else "/".join(_encoded(segment, SAFE) for segment in key.split("/")) for key in keys
    ]
    folded = Counter(name.lower() for name in names)
    if len(folded) == len(names):
        return names
    return [
        name
        if folded[name.lower()] == 1
        else "/".join(_encoded(segment, SAFE - CAPITALS) for segment in key.split("/"))
        for key, name in zip(keys, names, strict=True)
    ]


def _encoded(segment: str, safe: frozenset[int]) -> str:
    text = "".join(chr(byte) if byte in safe else f"%{byte:02X}" for byte in segment.encode("utf-8"))
    return "%2E" + text[1:] if text.startswith(".") else text
