"""Reading the directory of a zip: every entry is what :func:`records.central` would have written, or it is damaged.

In: the bytes of a directory. Out: members. Networks of thousands of populations have a hundred thousand members, so
the entries without extra fields are compared all at once.
"""

from __future__ import annotations

import struct
from functools import partial

import numpy as np

from engram.errors import DamagedFile
from engram.storage.zip.records import ATTRIBUTES, CENTRAL, DATE, FULL32, MADE_BY, ZIP64_SIZE, Member, central

__all__ = ["members_of", "parse_central"]

LENGTHS, LENGTHS_AT = struct.Struct("<2H"), 28  # of the name and of the extra fields, in an entry
FIXED = np.dtype([
    ("signature", "S4"), ("made_by", "<u2"), ("needed", "<u2"), ("flags", "<u2"), ("method", "<u2"), ("time", "<u2"),
    ("date", "<u2"), ("crc", "<u4"), ("compressed", "<u4"), ("size", "<u4"), ("name", "<u2"), ("extra", "<u2"),
    ("comment", "<u2"), ("disk", "<u2"), ("internal", "<u2"), ("attributes", "<u4"), ("offset", "<u4"),
])  # fmt: skip
SAME = {"signature": b"PK\1\2", "made_by": MADE_BY, "needed": 20, "time": 0, "date": DATE, "extra": 0, "comment": 0,
        "disk": 0, "internal": 0, "attributes": ATTRIBUTES}  # fmt: skip


def members_of(data: bytes, count: int) -> list[Member]:
    """Return the members of a directory that has ``count`` entries and nothing else."""
    starts, at = list[int](), 0
    for _ in range(count):
        if at + CENTRAL.size > len(data):
            raise DamagedFile("the directory of the zip ends too early")
        starts.append(at)
        name, extra = LENGTHS.unpack_from(data, at + LENGTHS_AT)
        at += CENTRAL.size + name + extra
    if at != len(data):
        raise DamagedFile("the directory of the zip is not as long as its members")
    if not starts:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, np.uint8), CENTRAL.size)
    found = windows[np.array(starts)].view(FIXED)[:, 0]
    is_deflated = found["method"] == 8
    is_odd = (found["size"] >= ZIP64_SIZE) | (found["offset"] == FULL32)
    is_odd |= (found["method"] != 8 * is_deflated) | (found["flags"] != 8 * is_deflated)
    for field, value in SAME.items():
        is_odd |= found[field] != value
    ends = (np.array(starts) + CENTRAL.size + found["name"]).tolist()
    names = [data[start + CENTRAL.size : end] for start, end in zip(starts, ends, strict=True)]
    columns = (
        column.tolist() for column in (is_deflated, *(found[f] for f in ("crc", "compressed", "size", "offset")))
    )
    members = [*map(partial(tuple.__new__, Member), zip(names, *columns, strict=True))]
    for k in np.flatnonzero(is_odd).tolist():  # those with extra fields, and damaged ones
        members[k], _ = parse_central(data, starts[k])
    return members


def parse_central(data: bytes, at: int) -> tuple[Member, int]:
    """Return the entry of the directory at ``at``, and where the next one begins."""
    if at + CENTRAL.size > len(data):
        raise DamagedFile("the directory of the zip ends too early")
    _, _, _, _, method, _, _, crc, compressed, size, name_length, extra_length, _, _, _, _, offset = (
        CENTRAL.unpack_from(data, at)
    )
    name_end = at + CENTRAL.size + name_length
    name = data[at + CENTRAL.size : name_end]
    if extra_length:
        extra = data[name_end : name_end + extra_length]
        numbers = struct.unpack(f"<{max(len(extra) - 4, 0) // 8}Q", extra[4 : 4 + max(len(extra) - 4, 0) // 8 * 8])
        if size == FULL32 and len(numbers) >= 2:
            size, compressed = numbers[:2]
        if offset == FULL32 and numbers:
            offset = numbers[-1]
    member = Member(name, method == 8, crc, compressed, size, offset)
    expected = central(member)
    if data[at : at + len(expected)] != expected:
        raise DamagedFile(f"the directory of the zip is damaged at {name[:200]!r}")
    return member, at + len(expected)
