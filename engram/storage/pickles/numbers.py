"""Single numbers as opcodes: Python's bool, int and float, chosen so that every bit of the dtype survives.

In: the little-endian bytes of one number, or what a pickle holds in its place. Out: the other.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from engram.errors import DamagedFile
from engram.storage.pickles.byte_source import ByteSource

__all__ = ["integer_code", "is_number", "number_bytes", "number_code", "read_number"]

_EXPONENT = {4: 0xFF << 23, 8: 0x7FF << 52}  # all ones: infinite or not a number
_SHIFT = 29  # bits that a double's fraction has more than a single's


def is_number(dtype: np.dtype[Any]) -> bool:
    """Say whether one number of this dtype is a number of Python's as well."""
    return dtype.kind in "biuf" and (dtype.kind != "f" or dtype.itemsize in _EXPONENT)


def integer_code(value: int) -> bytes:
    """Return the opcode that pushes ``value``."""
    if 0 <= value < 256:
        return b"K" + struct.pack("<B", value)  # BININT1
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)  # BININT
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + struct.pack("<B", len(data)) + data  # LONG1


def number_code(dtype: np.dtype[Any], data: bytes) -> bytes:
    """Return the opcode that pushes the number with these bytes."""
    if dtype.kind == "b":
        return b"\x88" if data[0] else b"\x89"  # NEWTRUE NEWFALSE
    if dtype.kind != "f":
        return integer_code(int.from_bytes(data, "little", signed=dtype.kind == "i"))
    bits = int.from_bytes(data, "little")
    if dtype.itemsize == 4:
        fraction = bits & ((1 << 23) - 1)
        if bits & _EXPONENT[4] == _EXPONENT[4] and fraction:  # a conversion would set the quiet bit
            bits = (bits >> 31 << 63) | _EXPONENT[8] | (fraction << _SHIFT)
        else:
            bits = int.from_bytes(struct.pack("<d", struct.unpack("<f", data)[0]), "little")
    return b"G" + bits.to_bytes(8, "big")  # BINFLOAT


def read_number(source: ByteSource, dtype: np.dtype[Any]) -> bytes:
    """Read what :func:`number_code` wrote, and return the bytes. Errors: DamagedFile."""
    code = source.read(1)
    value: object = None
    if code in b"\x88\x89":
        value = code == b"\x88"
    elif code == b"K":
        value = source.read(1)[0]
    elif code == b"J":
        value = int.from_bytes(source.read(4), "little", signed=True)
    elif code == b"\x8a":
        value = int.from_bytes(source.read(min(source.read(1)[0], 9)), "little", signed=True)
    elif code == b"G":
        value = struct.unpack(">d", source.read(8))[0]
    data = number_bytes(dtype, value)
    if data is None:
        raise DamagedFile(f"at byte {source.position} of the pickle: a number of another type than {dtype}")
    return data


def number_bytes(dtype: np.dtype[Any], value: object) -> bytes | None:
    """Return a number of Python's as the bytes of ``dtype``, or None if they can't hold it exactly."""
    if dtype.kind == "b" and type(value) is bool:
        return bytes([value])
    if dtype.kind in "iu" and type(value) is int and np.iinfo(dtype).min <= value <= np.iinfo(dtype).max:
        return value.to_bytes(dtype.itemsize, "little", signed=dtype.kind == "i")
    if dtype.kind != "f" or type(value) is not float:
        return None
    double = struct.pack("<d", value)
    if dtype.itemsize == 8:
        return double
    return _single(int.from_bytes(double, "little"), value)


def _single(bits: int, value: float) -> bytes | None:
    if value != value:
        fraction, lost = divmod(bits & ((1 << 52) - 1), 1 << _SHIFT)
        return None if lost or not fraction else ((bits >> 63 << 31) | _EXPONENT[4] | fraction).to_bytes(4, "little")
    try:
        data = struct.pack("<f", value)
    except OverflowError:
        return None
    return data if struct.unpack("<f", data)[0] == value else None
