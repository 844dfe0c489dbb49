"""Results and parameters as JSON, and back to the bit: what a study's file holds. Nothing in it can run code.

Plain values are plain JSON; what JSON has not (arrays, tuples, numbers of NumPy, NaN, keys that are no text) is an
object with the key ``$``, which says what it is. Arrays are the bytes of ``.npy`` files in base 64.
"""

from __future__ import annotations

import base64
import io
import json
import math
import struct
from binascii import Error as Base64Error
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import DamagedFile, InvalidArgument
from engram.program.readings import as_plain
from engram.telling import told

__all__ = ["decoded", "encoded", "from_line", "to_line"]

KIND = "$"
PLAIN = (type(None), bool, str)
DEEPEST = 100  # lists within lists: one may be three in JSON, and all that is written must be read back
LONG = 64  # bits; longer whole numbers are written as text, since readers of JSON differ about them
NPY = (2, 0)


def to_line(value: Any) -> str:
    """Return JSON without a line break, ASCII alone; keys stand in the order of the dictionary."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def from_line(line: bytes) -> Any:
    """Return what a line holds.

    Raises:
        ValueError: if it is no JSON.
    """
    try:
        return json.loads(line)
    except RecursionError:
        raise ValueError("nested too deeply") from None


# -- to JSON -----------------------------------------------------------------------------------------------


def encoded(value: Any, where: str) -> Any:
    """Return what JSON can hold of a value.

    Args:
        where: the name of the value, for messages.

    Raises:
        InvalidArgument: naming the first part that it can't hold to the bit.
    """
    try:
        return _encoded(value, where, 0)
    except RecursionError:
        raise _refused(where, f"nested more than {DEEPEST} deep, or contains itself") from None


def _encoded(value: Any, where: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise RecursionError
    value = as_plain(value)
    kind = type(value)
    if kind in PLAIN or (kind is float and math.isfinite(value)):
        return value
    if kind is int:
        return value if value.bit_length() <= LONG else {KIND: "int", "hex": hex(value)}
    if kind is float:
        return {KIND: "float", "hex": struct.pack(">d", value).hex()}
    if kind is complex:
        return {KIND: "complex", "parts": [_encoded(part, where, depth) for part in (value.real, value.imag)]}
    if kind is bytes:
        return {KIND: "bytes", "base64": _text(value)}
    if kind is list:
        return [_encoded(one, f"{where}[{k}]", depth + 1) for k, one in enumerate(value)]
    if kind is tuple:
        return {KIND: "tuple", "items": [_encoded(one, f"{where}[{k}]", depth + 1) for k, one in enumerate(value)]}
    if kind is dict:
        return _dictionary(value, where, depth + 1)
    if kind is np.ndarray or isinstance(value, np.generic):
        return {KIND: "array" if kind is np.ndarray else "number", "npy": _npy(np.asarray(value), where)}
    raise _refused(where, f"a value of type {kind.__module__}.{kind.__qualname__}")


def _dictionary(value: dict[Any, Any], where: str, depth: int) -> Any:
    items = [(key, _encoded(one, f"{where}[{told(key)}]", depth)) for key, one in value.items()]
    if KIND not in value and all(type(key) is str for key in value):
        return dict(items)
    return {KIND: "dictionary", "items": [[_encoded(key, f"a key of {where}", depth), one] for key, one in items]}


def _npy(array: npt.NDArray[Any], where: str) -> str:
    if array.dtype.hasobject:
        raise _refused(where, "an array of Python objects")
    file = io.BytesIO()
    try:
        np.lib.format.write_array(file, array, NPY, allow_pickle=False)
    except UnicodeEncodeError:
        raise _refused(where, f"an array whose fields have names beyond Latin 1: {array.dtype}") from None
    return _text(file.getvalue())


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _refused(where: str, what: str) -> InvalidArgument:
    advice = "numbers, texts, arrays of numbers, and lists, tuples and dictionaries of them can be resumed."
    return InvalidArgument(f"resume=: {where} is {what}, which the file of a study can't hold\n  help: {advice}")


# -- from JSON ---------------------------------------------------------------------------------------------


def decoded(value: Any) -> Any:
    """Return the value that was encoded.

    Raises:
        DamagedFile: if it can't have been written so.
    """
    try:
        return _decoded(value)
    except (KeyError, TypeError, ValueError, RecursionError, struct.error, Base64Error) as error:
        raise DamagedFile(f"a value can't be read: {error}") from error


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(one) for one in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(KIND)
    if kind is None:
        return {key: _decoded(one) for key, one in value.items()}
    if kind == "int":
        return int(value["hex"], 16)
    if kind == "float":
        return struct.unpack(">d", bytes.fromhex(value["hex"]))[0]
    if kind == "complex":
        return complex(*map(_decoded, value["parts"]))
    if kind == "bytes":
        return base64.b64decode(value["base64"], validate=True)
    if kind == "tuple":
        return tuple(map(_decoded, value["items"]))
    if kind == "dictionary":
        return {_decoded(key): _decoded(one) for key, one in value["items"]}
    if kind in ("array", "number"):
        array = _array(base64.b64decode(value["npy"], validate=True))
        return array if kind == "array" else array[()]
    raise ValueError(f"unknown kind {told(kind)}")


def _array(data: bytes) -> npt.NDArray[Any]:
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != NPY:
        raise ValueError("the array has another version")
    shape, is_fortran, dtype = np.lib.format.read_array_header_2_0(file)
    if dtype.hasobject:
        raise ValueError("an array of Python objects")
    flat = np.frombuffer(data, dtype, offset=file.tell(), count=-1) if math.prod(shape) else np.empty(0, dtype)
    found: npt.NDArray[Any] = flat.reshape(shape, order="F" if is_fortran else "C").copy(order="K")
    return found
