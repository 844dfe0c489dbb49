"""Ways to spoil bytes, whatever they are, and the parts of files of a kind: functions of a generator and bytes.

In: an honest file. Out: another one, whose seals are wrong unless nothing was changed that carries anything. (Files
that lie under right seals are made by ``lies``.)
"""

from __future__ import annotations

import gzip
import io
import json
import pickletools
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from tools.fuzz.hdf5 import HDF5
from tools.fuzz.hostile import DEEP, EXECUTING

__all__ = ["MUTATIONS", "Mutation"]

Mutation: TypeAlias = Callable[[random.Random, bytes], bytes]
NUMBERS = (0, 1, 2, 7, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63, 2**64 - 1)


# -- any bytes ---------------------------------------------------------------------------------------------


def flip_bit(rng: random.Random, data: bytes) -> bytes:
    """Flip one bit."""
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def flip_bits(rng: random.Random, data: bytes) -> bytes:
    """Flip several bits."""
    for _ in range(rng.randrange(2, 9)):
        data = flip_bit(rng, data)
    return data


def truncate(rng: random.Random, data: bytes) -> bytes:
    """Cut the end off."""
    return data[: rng.randrange(len(data))]


def append(rng: random.Random, data: bytes) -> bytes:
    """Append junk: noise, zeros, or the file again."""
    return data + rng.choice((rng.randbytes(rng.randrange(1, 50)), bytes(rng.randrange(1, 600)), data))


def prepend(rng: random.Random, data: bytes) -> bytes:
    """Put junk before the beginning."""
    return rng.randbytes(rng.randrange(1, 9)) + data


def overwrite(rng: random.Random, data: bytes) -> bytes:
    """Overwrite a part with noise or zeros."""
    at, length = rng.randrange(len(data)), rng.randrange(1, 64)
    return data[:at] + rng.choice((rng.randbytes(length), bytes(length)))[: len(data) - at] + data[at + length :]


def remove(rng: random.Random, data: bytes) -> bytes:
    """Take a part out."""
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randrange(1, 300) :]


def repeat(rng: random.Random, data: bytes) -> bytes:
    """Write a part twice."""
    at, length = rng.randrange(len(data)), rng.randrange(1, 300)
    return data[: at + length] + data[at:]


def exchange(rng: random.Random, data: bytes) -> bytes:
    """Exchange two parts of equal length."""
    length = rng.randrange(1, 1 + min(200, len(data) // 2))
    a = rng.randrange(len(data) - 2 * length + 1)
    b = rng.randrange(a + length, len(data) - length + 1)
    return data[:a] + data[b : b + length] + data[a + length : b] + data[a : a + length] + data[b + length :]


def number(rng: random.Random, data: bytes) -> bytes:
    """Write a number at which something may end or overflow, of 1 to 8 bytes."""
    size = rng.choice((1, 2, 4, 8))
    at = rng.randrange(len(data))
    changed = _number(rng, size)
    return data[:at] + (changed if rng.random() < 0.5 else changed[::-1]) + data[at + size :]


def _number(rng: random.Random, size: int) -> bytes:
    return int.to_bytes(rng.choice(NUMBERS) & ((1 << 8 * size) - 1), size, "little")


ANY: Sequence[Mutation] = (
    flip_bit, flip_bits, truncate, append, prepend, overwrite, remove, repeat, exchange, number,
)  # fmt: skip


def anything(rng: random.Random, data: bytes) -> bytes:
    """One of those above."""
    return rng.choice(ANY)(rng, data) if len(data) > 4 else data


# -- zip ---------------------------------------------------------------------------------------------------

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def _parts(data: bytes) -> tuple[list[bytes], list[bytes], bytes]:
    """Return the members with their headers, the entries of the directory, and the end."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        starts = [info.header_offset for info in archive.infolist()]
        directory = archive.start_dir
    members = [data[a:b] for a, b in zip(starts, [*starts[1:], directory], strict=True)]
    end = data.rindex(END)
    entries = [CENTRAL + entry for entry in data[directory:end].split(CENTRAL)[1:]]
    return members, entries, data[end:]


def _joined(members: Sequence[bytes], entries: Sequence[bytes], end: bytes, order: Sequence[int]) -> bytes:
    """Return the archive of members in some order, whose directory says where they stand now."""
    out, listed = bytearray(), []
    for k in order:
        listed.append(entries[k][:42] + struct.pack("<I", len(out)) + entries[k][46:])
        out += members[k]
    start, names = len(out), b"".join(listed)
    counts = struct.pack("<HHII", len(order), len(order), len(names), start)
    return bytes(out) + names + end[:8] + counts + end[20:]


def zip_order(rng: random.Random, data: bytes) -> bytes:
    """Exchange two members, leave one out, or have one twice; the directory agrees."""
    members, entries, end = _parts(data)
    order = list(range(len(members)))
    a, b = rng.sample(order, 2)
    if rng.random() < 0.4:
        order[a], order[b] = b, a
    elif rng.random() < 0.5:
        order.insert(b, a)
    else:
        del order[a]
    return _joined(members, entries, end, order)


def zip_contents(rng: random.Random, data: bytes) -> bytes:
    """Give one member the bytes of another; the directory agrees."""
    members, entries, end = _parts(data)
    a, b = rng.sample(range(len(members)), 2)
    members[a] = members[b] if rng.random() < 0.5 else anything(rng, members[a])
    return _joined(members, entries, end, range(len(members)))


def zip_header(rng: random.Random, data: bytes) -> bytes:
    """Let a field of a header lie: method, flags, sizes, checksum, name."""
    marks = [k for mark in (LOCAL, CENTRAL, END) for k in _found(data, mark)]
    at = rng.choice(marks) + rng.randrange(4, 46)
    size = rng.choice((2, 4))
    return data[:at] + _number(rng, size) + data[at + size :]


def zip_seal(rng: random.Random, data: bytes) -> bytes:
    """Change a stored member and put its checksum right: only the digests know."""
    members, entries, end = _parts(data)
    k = rng.choice([k for k, entry in enumerate(entries) if entry[10:12] == b"\0\0"])
    entry = entries[k]
    size = struct.unpack_from("<I", entry, 24)[0]
    head, content = members[k][:-size], anything(rng, members[k][-size:])[:size].ljust(size, b"\0")
    crc = struct.pack("<I", zlib.crc32(content))
    members[k] = head[:14] + crc + head[18:] + content
    entries[k] = entry[:16] + crc + entry[20:]
    return _joined(members, entries, end, range(len(members)))


def zip_bomb(rng: random.Random, data: bytes) -> bytes:
    """Put an array's place under many zeros that were deflated to little."""
    members, entries, end = _parts(data)
    k = rng.randrange(1, len(members) - 3)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    size = rng.choice((1 << 20, 1 << 24))
    packed = packer.compress(bytes(size)) + packer.flush()
    crc, claimed = 0, rng.choice((size, 2**32 - 2, 128))
    fields = struct.pack("<III", crc, len(packed), claimed)
    name_length, extra = struct.unpack_from("<HH", members[k], 26)
    head = members[k][: 30 + name_length + extra]
    members[k] = head[:6] + b"\0\0\x08\0" + head[10:14] + fields + head[26:] + packed
    entries[k] = entries[k][:8] + b"\0\0\x08\0" + entries[k][12:16] + fields + entries[k][28:]
    return _joined(members, entries, end, range(len(members)))


def _found(data: bytes, mark: bytes) -> list[int]:
    found, at = [], data.find(mark)
    while at >= 0:
        found.append(at)
        at = data.find(mark, at + 1)
    return found


# -- pickle ------------------------------------------------------------------------------------------------


def _boundaries(data: bytes) -> list[int]:
    return [at for _, _, at in pickletools.genops(data) if at]


def _inner(whole: bytes) -> bytes:
    """Return a pickle without protocol, frame and stop."""
    body = whole[2:-1]
    return body[9:] if body[:1] == b"\x95" else body


def pickle_hostile(rng: random.Random, data: bytes) -> bytes:
    """Put what would be executed where a value stands, or in place of the file."""
    bad = rng.choice([*EXECUTING.values()])
    if rng.random() < 0.2:
        return bad if rng.random() < 0.5 else data + bad
    at = rng.choice(_boundaries(data))
    return data[:at] + _inner(bad) + data[at + rng.choice((0, 1)) :]


def pickle_deep(rng: random.Random, data: bytes) -> bytes:
    """Put deep nests and impossible lengths somewhere."""
    bad = rng.choice([*DEEP.values()])
    if rng.random() < 0.3:
        return b"\x80\x04" + bad + b"."
    at = rng.choice(_boundaries(data))
    return data[:at] + bad + data[at:]


def pickle_opcode(rng: random.Random, data: bytes) -> bytes:
    """Exchange, repeat or drop opcodes, or put another in place of one."""
    at = _boundaries(data)
    a, b = sorted(rng.sample(range(len(at) - 1), 2))
    first, second = data[at[a] : at[a + 1]], data[at[b] : at[b + 1]]
    between = data[at[a + 1] : at[b]]
    middle = rng.choice((second + between + first, first + between, first + first + between + second))
    if rng.random() < 0.3:
        middle = bytes([rng.randrange(256)]) + first[1:] + between + second
    return data[: at[a]] + middle + data[at[b + 1] :]


def pickle_length(rng: random.Random, data: bytes) -> bytes:
    """Let a length lie."""
    lengths = [at for code, _, at in pickletools.genops(data) if code.name in ("BINBYTES8", "BINUNICODE8") and at]
    at = rng.choice(lengths) + 1
    return data[:at] + struct.pack("<Q", rng.choice(NUMBERS)) + data[at + 8 :]


PICKLE: Sequence[Mutation] = (pickle_hostile, pickle_deep, pickle_opcode, pickle_length)


# -- gzip --------------------------------------------------------------------------------------------------


def gzip_inside(rng: random.Random, data: bytes) -> bytes:
    """Change the pickle and deflate it again: the trailer is right."""
    return gzip.compress(rng.choice((*ANY, *PICKLE))(rng, gzip.decompress(data)), 1, mtime=0)


def gzip_members(rng: random.Random, data: bytes) -> bytes:
    """Append a second member, cut the pickle into two, or end early."""
    inside = gzip.decompress(data)
    cut = rng.randrange(len(inside))
    two = gzip.compress(inside[:cut], 1) + gzip.compress(inside[cut:], 1)
    return rng.choice((data + gzip.compress(b"x"), data + gzip.compress(b""), two, gzip.compress(inside[:cut], 1)))


def gzip_bomb(rng: random.Random, data: bytes) -> bytes:
    """Append zeros that inflate to a thousand times their size, or begin with a length that they would fill."""
    size = rng.choice((1 << 20, 1 << 25))
    head = rng.choice((gzip.decompress(data), b"\x80\x04\x8d" + struct.pack("<Q", 2**40)))
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(head) + packer.compress(bytes(size)) + packer.flush()


# -- mat ---------------------------------------------------------------------------------------------------


def _variables(data: bytes) -> list[bytes]:
    found, at = [], 128
    while at + 8 <= len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        found.append(data[at : at + 8 + size])
        at += 8 + size
    return found


def mat_tag(rng: random.Random, data: bytes) -> bytes:
    """Let a tag lie: the kind or the size of an element."""
    at = 128 + 8 * rng.randrange((len(data) - 128) // 8) + rng.choice((0, 4))
    return data[:at] + struct.pack("<I", rng.choice((*range(20), *NUMBERS)) % 2**32) + data[at + 4 :]


def mat_order(rng: random.Random, data: bytes) -> bytes:
    """Exchange two variables, leave one out, or have one twice."""
    found = _variables(data)
    a, b = rng.sample(range(len(found)), 2)
    if rng.random() < 0.4:
        found[a], found[b] = found[b], found[a]
    elif rng.random() < 0.5:
        found.insert(b, found[a])
    else:
        del found[a]
    return data[:128] + b"".join(found)


def mat_deflated(rng: random.Random, data: bytes) -> bytes:
    """Deflate a variable, as others would write it, perhaps after a change; or let it inflate to too much."""
    found = _variables(data)
    k = rng.randrange(len(found))
    inside = rng.choice((found[k], mat_tag(rng, bytes(128) + found[k])[128:], found[k] + bytes(1 << 24)))
    packed = zlib.compress(anything(rng, inside) if rng.random() < 0.3 else inside, 1)
    found[k] = struct.pack("<II", 15, len(packed)) + packed
    return data[:128] + b"".join(found)


def mat_deep(rng: random.Random, data: bytes) -> bytes:
    """Append cells within cells, or functions and objects."""
    inner = b""
    for _ in range(rng.choice((3, 200))):
        kind = rng.choice((1, 1, 1, 3, 16, 17))
        flags = struct.pack("<IIII", 6, 8, kind, 0) + struct.pack("<IIii", 5, 8, 1, 1) + struct.pack("<II", 1, 0)
        inner = struct.pack("<II", 14, len(flags) + len(inner)) + flags + inner
    return data + inner


# -- json --------------------------------------------------------------------------------------------------

WORDS = (
    "1e999", "-1e999", "NaN", "Infinity", "-0.0", "null", "true", "{}", "[]", "[1.0, 2.0]", '"x"', "1" * 5000, "0x10",
    "1e-400", "[" * 3000, '{"a":' * 3000, "\ufeff", "/*", "//", "#", ",", ",,",
    '"\\ud800"', '"\\u0000"', "01", "1.", ".5",
)  # fmt: skip


def json_word(rng: random.Random, data: bytes) -> bytes:
    """Put a word that is hard to read somewhere: at a number, or anywhere."""
    text = data.decode()
    places = [k for k, letter in enumerate(text) if letter in ":,{}[]\n"]
    at = rng.choice(places) + 1
    end = at
    while end < len(text) and text[end] not in ",\n}":
        end += 1
    return (text[:at] + rng.choice(WORDS) + text[rng.choice((at, end)) :]).encode()


def json_encoding(rng: random.Random, data: bytes) -> bytes:
    """Write it in another encoding."""
    return data.decode().encode(rng.choice(("utf-16", "utf-32", "utf-8-sig", "utf-16-be", "cp500")))


def json_place(rng: random.Random, data: bytes) -> bytes:
    """Change a value, rename it, or have it twice."""
    document = json.loads(data)
    node = document
    while True:
        key = rng.choice([*node])
        if not isinstance(node[key], dict) or not node[key] or rng.random() < 0.2:
            break
        node = node[key]
    value = node.pop(key)
    node[rng.choice((key, key + "x", "__class__"))] = rng.choice((value, [value], {"a": value}, -1, 2.5, True, 10**400))
    text = json.dumps(document)
    twice = rng.random() < 0.2
    return (text[:-1] + ", " + text[1:] if twice else text).encode()


FAMILIES: Mapping[str, Sequence[Mutation]] = {
    "zip": (zip_order, zip_contents, zip_header, zip_header, zip_seal, zip_bomb),
    "pickle": PICKLE,
    "gzip": (gzip_inside, gzip_inside, gzip_inside, gzip_members, gzip_bomb),
    "hdf5": HDF5,
    "mat": (mat_tag, mat_tag, mat_order, mat_deflated, mat_deep),
    "json": (json_word, json_word, json_encoding, json_place, json_place),
}
MUTATIONS: Mapping[str, Sequence[Mutation]] = {name: (*ANY, *FAMILIES[name]) for name in FAMILIES}
"""By the family of a file: what spoils any bytes, and what spoils its parts."""
