"""Pickles that would run code, or hold what is no data: each must be refused, and nothing may happen.

Whoever calls one of them in an unpickler touches the file ``hacked-engram`` in the current folder.
"""

from __future__ import annotations

import io
import os
import pickle
import struct
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["CANARY", "DEEP", "EXECUTING", "name", "opcodes"]

CANARY = "hacked-engram"


def opcodes(value: object) -> bytes:
    """Return what Python writes for a plain value, without protocol, memo and stop."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out, 3)
    pickler.fast = True
    pickler.dump(value)
    return out.getvalue()[2:-1]


def name(module: str, attribute: str) -> bytes:
    """Return the opcodes that ask for a name of a module."""
    return opcodes(module) + opcodes(attribute) + b"\x93"


class Touch:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {CANARY}",)


EXECUTING: Mapping[str, bytes] = {
    "reduce": pickle.dumps(Touch(), 4),
    "reduce in a dictionary": pickle.dumps({"populations": {"exc": {"v": Touch()}}}, 5),
    "reduce of protocol 2": pickle.dumps(Touch(), 2),
    "inst": b"\x80\x02(S'id'\nios\nsystem\n.",
    "obj": b"\x80\x02(cos\nsystem\n\x8c\x02ido.",
    "newobj": b"\x80\x02cos\nsystem\n\x8c\x02id\x85\x81.",
    "newobj_ex": b"\x80\x04" + name("os", "system") + b")}\x92.",
    "ext1": b"\x80\x02\x82\x01.",
    "ext2": b"\x80\x02\x83\x01\x00.",
    "ext4": b"\x80\x02\x84\x01\x00\x00\x00.",
    "persid": b"\x80\x02Pid\n.",
    "binpersid": b"\x80\x02\x8c\x02idQ.",
    "build of a class": b"\x80\x04" + name("numpy", "ndarray") + opcodes({"a": 1}) + b"b.",
    "builtins": b"\x80\x04" + name("builtins", "eval") + opcodes(("1",)) + b"R.",
    "dotted name": b"\x80\x04" + name("numpy", "ndarray.__class__.mro") + b".",
    "other numpy": b"\x80\x04" + name("numpy", "load") + opcodes(("x",)) + b"R.",
    "numpy that runs text": b"\x80\x04" + name("numpy.testing._private.utils", "runstring") + b".",
    "other encoding": b"\x80\x04" + name("_codecs", "encode") + opcodes(("x", "rot13")) + b"R.",
    "name that is no text": b"\x80\x04K\x01K\x02\x93.",
    "call of a number": b"\x80\x04K\x01)R.",
    "array of objects": pickle.dumps(np.array([Touch()], object), 4),
    "structured array": pickle.dumps(np.zeros(2, [("a", "f8")]), 4),
    "dates": pickle.dumps(np.zeros(2, "M8[s]"), 4),
    "void": pickle.dumps(np.zeros(2, "V4"), 4),
    "subclass of dict": pickle.dumps({"a": OrderedDict()}, 4),
    "set": pickle.dumps({1, 2}, 4),
    "complex": pickle.dumps(1j, 4),
    "bytes": pickle.dumps(b"abc", 4),
    "out-of-band buffer": b"\x80\x05\x97.",
    "dup": b"\x80\x04]2a.",
    "pop": b"\x80\x04]]0.",
    "text of protocol 0": b"\x80\x04I1\n.",
    "masked array": pickle.dumps(np.ma.zeros(3), 4),
}
"""Whole pickles, by what is wrong with them."""

DEEP: Mapping[str, bytes] = {
    "lists": b"](" * 5000 + b"N" + b"e" * 5000,
    "dictionaries": b"}\x8c\x01a" * 5000 + b"N" + b"s" * 5000,
    "tuples": b"N" + b"\x85" * 5000,
    "marks": b"(" * 5000,
    "laughs": b"(]\x94" + b"".join(b"](" + b"h%c" % k * 10 + b"e\x94" for k in range(90)) + b"t",
    "objects": b"(" + b"]\x94" * 20_000 + b"t",
    "huge text": b"\x8d" + struct.pack("<Q", 2**62) + b"abc",
    "huge bytes": b"\x8e" + struct.pack("<Q", 2**63 - 1) + b"abc",
    "huge integer": b"\x8b\xff\xff\xff\x7f",
    "frame": b"\x95" + struct.pack("<Q", 2**40) + b"N",
}
"""Parts of pickles that nest deep or ask for much memory."""
