"""What may be called or built in a pickle: numpy's arrays, scalars and dtypes, as descriptions; nothing is executed.

In: the arguments of REDUCE and BUILD as the machine in ``read`` found them. Out: :class:`Array` and
:class:`Type`, which say where an array's bytes stand. The shapes of these calls are those of ``ndarray.__reduce__``
(protocols 2 to 4), ``ndarray.__reduce_ex__(5)``, ``generic.__reduce__`` and ``dtype.__reduce__``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from engram.errors import DamagedFile, UnsupportedFile

__all__ = ["SYMBOLS", "Array", "Bytes", "Symbol", "Type", "build", "reduce"]


class Symbol(Enum):
    """The names that a pickle may mention."""

    RECONSTRUCT = "numpy._core.multiarray._reconstruct"
    SCALAR = "numpy._core.multiarray.scalar"
    FROM_BUFFER = "numpy._core.numeric._frombuffer"
    ARRAY = "numpy.ndarray"
    TYPE = "numpy.dtype"
    ENCODE = "_codecs.encode"
    BYTES = "bytes"


SYMBOLS = {
    ("numpy.core.multiarray", "_reconstruct"): Symbol.RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): Symbol.RECONSTRUCT,
    ("numpy.core.multiarray", "scalar"): Symbol.SCALAR,
    ("numpy._core.multiarray", "scalar"): Symbol.SCALAR,
    ("numpy.core.numeric", "_frombuffer"): Symbol.FROM_BUFFER,
    ("numpy._core.numeric", "_frombuffer"): Symbol.FROM_BUFFER,
    ("numpy", "ndarray"): Symbol.ARRAY,
    ("numpy", "dtype"): Symbol.TYPE,
    ("_codecs", "encode"): Symbol.ENCODE,  # protocol 2 has no bytes and writes them as Latin-1 text
    ("__builtin__", "bytes"): Symbol.BYTES,  # the same, when empty
    ("builtins", "bytes"): Symbol.BYTES,
}
_TYPE_CODE = re.compile(r"([<>|=]?)(b1|[iu][1248]|f[248]|c8|c16|[SU][0-9]{1,6}|O8?)")
_MOST_DIMENSIONS = 64


@dataclass(eq=False)
class Bytes:
    """A run of bytes: where it stands in the stream, or (if short, or not there as it is) its data."""

    offset: int
    length: int
    data: bytes | None = None


@dataclass(eq=False)
class Type:
    """A dtype: complete once its state has said the byte order."""

    code: str
    dtype: np.dtype[Any] | None = None


@dataclass(eq=False)
class Array:
    """An array or a scalar of numpy's: complete once ``type`` is there.

    ``data`` is a list of objects if the type is ``O``.
    """

    type: np.dtype[Any] | None = None
    shape: tuple[int, ...] = ()
    is_fortran: bool = False
    data: Bytes | list[Any] | None = None


def reduce(symbol: object, arguments: object) -> Any:
    """Return the description of what calling ``symbol`` would give. Errors: UnsupportedFile."""
    if type(arguments) is tuple:
        match symbol, arguments:
            case Symbol.RECONSTRUCT, (Symbol.ARRAY, (0,), Bytes(data=b"b")):
                return Array()
            case Symbol.SCALAR, (Type() as kind, Bytes() as data):
                return _array(kind, (), False, data)
            case Symbol.FROM_BUFFER, (Bytes() as data, Type() as kind, tuple() as shape, ("C" | "F") as order):
                return _array(kind, shape, order == "F", data)
            case Symbol.TYPE, (str() as code, False | 0, True | 1) if found := _TYPE_CODE.fullmatch(code):
                return Type(found[2])
            case Symbol.ENCODE, (str() as text, "latin1"):
                return _latin(text)
            case Symbol.BYTES, ():
                return Bytes(0, 0, b"")
    raise UnsupportedFile("the pickle calls something in a way that no array of numbers needs")


def build(target: object, state: object) -> None:
    """Complete an array or a dtype by its state. Errors: UnsupportedFile, DamagedFile."""
    match target, state:
        case Array(type=None), (1, tuple() as shape, Type() as kind, bool() as order, (Bytes() | list()) as data):
            made = _array(kind, shape, order, data)
            target.type, target.shape, target.is_fortran, target.data = made.type, made.shape, order, made.data
        case Type(dtype=None), (3, ("<" | ">" | "|" | "=") as order, None, None, None, int(), int(), int()):
            target.dtype = _dtype(target.code, order)
        case _:
            raise UnsupportedFile("the pickle sets a state that no array of numbers has")


def _dtype(code: str, order: str) -> np.dtype[Any]:
    if code[0] == "O":
        return np.dtype("O")
    is_bytewise = code in ("b1", "i1", "u1") or code[0] == "S"
    if is_bytewise != (order == "|"):
        raise DamagedFile(f"the pickle has a dtype {code!r} of byte order {order!r}")
    return np.dtype(order + code)


def _array(kind: Type, shape: tuple[Any, ...], is_fortran: bool, data: Bytes | list[Any]) -> Array:
    if kind.dtype is None:
        raise DamagedFile("the pickle has an array whose dtype has no byte order")
    if len(shape) > _MOST_DIMENSIONS or any(type(n) is not int or n < 0 for n in shape):
        raise DamagedFile("the pickle has an array of an impossible shape")
    size = math.prod(shape)  # of exact integers: can't overflow
    if isinstance(data, list) != (kind.dtype.kind == "O"):
        raise UnsupportedFile("the pickle has an array of objects that is no array of lists")
    wanted, found = (size, len(data)) if isinstance(data, list) else (size * kind.dtype.itemsize, data.length)
    if wanted != found:
        raise DamagedFile(f"the pickle has an array of shape {shape} with {found} instead of {wanted} bytes or items")
    return Array(kind.dtype, shape, is_fortran, data)


def _latin(text: str) -> Bytes:
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        raise DamagedFile("the pickle has bytes that are written as a text of other characters") from None
    return Bytes(0, len(data), data)
