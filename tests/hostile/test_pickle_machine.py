"""Pickles that want to run code, to fill the memory or to confuse: each is refused, quickly, and nothing happens."""

from __future__ import annotations

import contextlib
import gzip
import pickle
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
import xxhash

from engram.errors import DamagedFile, EngramError, UnsupportedFile
from engram.storage.pickles.byte_source import ByteSource, FileFeed
from engram.storage.pickles.format import GZIP, PICKLE
from engram.storage.pickles.read import read_pickle
from tests.cases import check_each, each
from tests.contracts.format_contract import MemoryReader, few, manifest_of, read, written
from tools.fuzz.hostile import EXECUTING, name, opcodes

MARK, STOP = b"(", b"."


def machine(data, memory=0):
    return read_pickle(ByteSource(FileFeed(MemoryReader(data))), memory)


def test_what_is_no_data_is_refused_and_not_executed(tmp_path, monkeypatch):
    def refused(data):
        with pytest.raises(UnsupportedFile):
            machine(data)
        with pytest.raises(EngramError):
            read(PICKLE, data)

        assert list(tmp_path.iterdir()) == []

    monkeypatch.chdir(tmp_path)
    check_each(EXECUTING, refused)


def test_refusal_names_what_was_asked_for():
    with pytest.raises(UnsupportedFile, match=r"posix\.system.*nothing was executed"):
        machine(EXECUTING["reduce"])


def nested(opening, closing, depth):
    return b"\x80\x04" + opening * depth + b"N" + closing * depth + STOP


def laughs(levels):
    """Each list holds the one before ten times: 10**levels items, in a few bytes."""
    return b"\x80\x04(]\x94" + b"".join(b"](" + b"h%c" % k * 10 + b"e\x94" for k in range(levels)) + b"t."


# an array without a state, and the dtype of objects
MADE = name("numpy._core.multiarray", "_reconstruct") + name("numpy", "ndarray") + b"K\x00\x85C\x01b\x87R"
OBJECTS = (
    name("numpy", "dtype")
    + opcodes(("O8", False, True))
    + b"R"
    + opcodes((3, "|", None, None, None, -1, -1, 63))
    + b"b"
)

BROKEN = {
    "empty": b"",
    "no protocol": b"N.",
    "protocol 0": b"\x80\x00N.",
    "protocol 1": b"\x80\x01N.",
    "protocol 6": b"\x80\x06N.",
    "protocol twice": b"\x80\x04\x80\x04N.",
    "nothing": b"\x80\x04.",
    "two values": b"\x80\x04NN.",
    "no stop": b"\x80\x04N",
    "after stop": b"\x80\x04N.N",
    "second pickle": b"\x80\x04N.\x80\x04N.",
    "open mark": b"\x80\x04(N.",
    "tuple of nothing": b"\x80\x04\x85.",
    "tuple over a mark": b"\x80\x04N(\x85.",
    "items without mark": b"\x80\x04]e.",
    "items of no list": b"\x80\x04}(Ne.",
    "items of no dictionary": b"\x80\x04](Nu.",
    "append to a tuple": b"\x80\x04)Na.",
    "odd items": b"\x80\x04}(\x8c\x01au.",
    "key that is a number": b"\x80\x04}K\x01Ns.",
    "key that is a tuple": b"\x80\x04})Ns.",
    "key twice": b"\x80\x04}(\x8c\x01aN\x8c\x01aNu.",
    "key set again": b"\x80\x04}\x8c\x01aNs\x8c\x01aNs.",
    "memo empty": b"\x80\x04h\x00.",
    "memo far": b"\x80\x04j\xff\xff\xff\xff.",
    "memo of nothing": b"\x80\x04\x94.",
    "memo twice": b"\x80\x04]q\x00]q\x00a.",
    "text cut": b"\x80\x04\x8c\xffabc.",
    "text of no encoding": b"\x80\x04\x8c\x01\xff.",
    "text that is huge": b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b"abc.",
    "text of 3 GiB": b"\x80\x04X" + struct.pack("<I", 3 << 30) + b"abc.",
    "bytes that are huge": b"\x80\x04\x8e" + struct.pack("<Q", 2**63 - 1) + b"abc.",
    "bytearray that is huge": b"\x80\x05\x96" + struct.pack("<Q", 2**64 - 1) + b"abc.",
    "integer of 255 bytes": b"\x80\x04\x8a\xff" + b"\x01" * 255 + b".",
    "integer of 2 GiB": b"\x80\x04\x8b\xff\xff\xff\x7f.",
    "name without end": b"\x80\x02c" + b"a" * 10_000,
    "list in itself": b"\x80\x04]\x94h\x00a.",
    "dictionary in itself": b"\x80\x04}\x94\x8c\x01ah\x00s.",
    "cycle over a tuple": b"\x80\x04]\x94h\x00\x85a.",
    "cycle over an array": b"\x80\x04" + MADE + b"\x94(" + opcodes(1) + opcodes((1,)) + OBJECTS + b"\x89]h\x00atb.",
    "marks": b"\x80\x04" + MARK * 1000 + STOP,
    "nested lists": nested(b"](", b"e", 101),
    "nested dictionaries": nested(b"}\x8c\x01a", b"s", 101),
    "nested tuples": nested(b"", b"\x85", 101),
    "nested tuples, many": nested(b"", b"\x85", 10**5),
    "nested lists, many": b"\x80\x04" + b"]" * 10**5 + b"a" * (10**5 - 1) + STOP,
    "nested by the memo": b"\x80\x04]\x94"
    + b"".join(b"]\x94j" + struct.pack("<I", k) + b"a" for k in range(500))
    + b".",
    "frame in a frame": b"\x80\x04\x95" + struct.pack("<Q", 20) + b"\x95" + struct.pack("<Q", 1) + b"N.",
    "frame beyond the end": b"\x80\x04\x95" + struct.pack("<Q", 2**40) + b"N.",
    "array without a state": b"\x80\x04" + MADE + STOP,
    "dtype in place of a value": b"\x80\x04" + OBJECTS + STOP,
}


def machine_refuses(data):
    with pytest.raises(EngramError):
        machine(data)


def test_what_contradicts_itself_is_refused():
    check_each(BROKEN, machine_refuses)


def array(shape=(3,), code="f8", order="<", is_fortran=False, length=24, tail=(None, None, None, -1, -1, 0)):
    """A pickle of an array as numpy writes it, with freely chosen facts."""
    kind = name("numpy", "dtype") + opcodes((code, False, True)) + b"R" + opcodes((3, order, *tail)) + b"b"
    data = b"\x8e" + struct.pack("<Q", length) + bytes(min(length, 24))
    return b"\x80\x04" + MADE + b"(K\x01" + opcodes(shape) + kind + opcodes(is_fortran) + data + b"tb."


def test_array_by_hand_is_what_numpy_reads():
    assert pickle.loads(array()).tolist() == [0.0, 0.0, 0.0]
    assert machine(array()).shape == (3,)


IMPOSSIBLE = [
    {"shape": (4,)},
    {"shape": (-3,)},
    {"shape": (3.0,)},
    {"shape": (True, 3)},
    {"shape": (2**62, 2**62, 2**62)},
    {"shape": (2**64 + 3,)},
    {"shape": (3, *(1,) * 64)},
    {"shape": [3]},
    {"shape": (2**61,), "length": 2**64 - 8},
    {"code": "f9"},
    {"code": "O8"},
    {"code": "V8"},
    {"code": "M8"},
    {"code": "i8,i8"},
    {"code": "U99999999"},
    {"code": "float64"},
    {"order": ">>"},
    {"order": "|"},
    {"order": "x"},
    {"code": "b1", "order": "<"},
    {"is_fortran": 1.5},
    {"length": 23},
    {"length": 2**40},
    {"tail": (("a", "f8"), None, None, -1, -1, 0)},
    {"tail": (None, ("a",), {}, -1, -1, 0)},
    {"tail": (None, None, None, -1, -1, 0, {})},
]


def test_array_with_impossible_facts_is_refused():
    check_each(IMPOSSIBLE, lambda facts: machine_refuses(array(**facts)))


def test_laughs_are_kept_as_they_are_and_no_network():
    assert len(machine(laughs(50))) == 51
    with pytest.raises(EngramError):
        machine(laughs(120))
    with pytest.raises(UnsupportedFile, match="not written by engram"):
        read(PICKLE, laughs(50))


@each("code", [b"]", b"}", b"]("])
def test_more_objects_than_a_file_needs_are_refused(code):
    with pytest.raises(DamagedFile, match="more objects|nested deeper"):
        machine(b"\x80\x04(" + code * 1_100_000 + b"t.")


def test_objects_in_a_bomb_stay_within_the_memory():
    """A stream that would need 100 times its size, or much more after inflating."""
    tracemalloc.start()
    try:
        with pytest.raises(DamagedFile, match="more objects"):
            machine(b"\x80\x04(" + b"]\x94" * 1_000_000 + b"t.")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 64 << 20


def test_deflated_bomb_stays_within_the_memory():
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = engine.compress(b"\x80\x04(") + engine.compress(b"\x8d" + struct.pack("<Q", 2**40))
    data += b"".join(engine.compress(bytes(1 << 20)) for _ in range(100)) + engine.flush()

    with pytest.raises(DamagedFile, match="a text of"):
        read(GZIP, data)


@each("fmt", [PICKLE, GZIP])
def test_sizes_that_the_file_can_not_hold_are_refused(fmt):
    """A population of 10**12 neurons in a kilobyte."""
    forged = pickle.loads(written(PICKLE, manifest_of(few()), few()))
    text = forged["engram"].replace('"lengths": [3]', '"lengths": [1000000000000]')
    assert text != forged["engram"]
    forged["engram"], forged["engram/digest"] = text, xxhash.xxh3_128_hexdigest(text.encode())
    data = pickle.dumps(forged)

    with pytest.raises(DamagedFile, match="what the file can hold"):
        read(fmt, gzip.compress(data) if fmt is GZIP else data)


CODES = b"N\x88\x89KMJ\x8aG\x8cX\x8dCB\x8e\x96()\x85\x86\x87t]ae}su\x94qrhj\x95c\x93Rb."


def test_random_opcodes_are_refused_or_read():
    def read_random(seed):
        data = b"\x80\x04" + bytes(np.random.default_rng(seed).choice(list(CODES), 200).tolist())
        with contextlib.suppress(EngramError):
            machine(data)

    check_each(range(300), read_random)
