"""Values as JSON: back to the bit, or refused."""

import math
import struct
from collections import OrderedDict

import numpy as np
import pytest

from engram.errors import DamagedFile, InvalidArgument
from engram.studies.encoding import decoded, encoded, from_line, to_line
from tests.cases import each


def there_and_back(value):
    return decoded(from_line(to_line(encoded(value, "x")).encode("ascii")))


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray | np.generic):
        layout = [(a.dtype, a.shape, np.isfortran(a), a.tobytes()) for a in map(np.asarray, (one, other))]
        return layout[0] == layout[1]
    if isinstance(one, float):
        return struct.pack(">d", one) == struct.pack(">d", other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, dict):
        return len(one) == len(other) and all(map(same, [*one.items()], [*other.items()]))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def nested(depth):
    value = 1.5
    for k in range(depth):
        value = {"$": value} if k % 2 else (value,)
    return value


ENDLESS = [1, {}]
ENDLESS[1]["again"] = ENDLESS
VALUES = [
    [None, True, 0, -1, 2**64 - 1, -(10**5000), "\ud800 ä\n\u2028", b"\0\xff"],
    [0.1, -0.0, 5e-324, math.inf, -math.nan, struct.unpack(">d", bytes.fromhex("7ff0000000000001"))[0], 1 + 2j],
    {"a": (1, [2, (), {}]), "": None, "$": 1},
    {0: [1, 2], (1, "a"): {"b": 1.5}, 1.5: None, np.int32(3): {}},
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3)),
    np.array([("a", 1.5)], [("name", "U3"), ("v", "f4", (2,))]),
    nested(100),
    [np.zeros((0, 3), bool), np.array(2.5), np.float64(0.1), np.bool_(True), np.uint8(3), np.datetime64("2020-01-01")],
]


@each("value", VALUES)
def test_value_comes_back_to_the_bit(value):
    assert same(there_and_back(value), value)


@each(
    ("value", "message"),
    [
        ({"a": [1, {2}]}, r"x\['a'\]\[1\] is a value of type builtins.set"),
        (OrderedDict(), "a value of type collections.OrderedDict"),
        (np.array([None]), "an array of Python objects"),
        (np.zeros(1, [("\u4e2d", "f8")]), "fields have names beyond Latin 1"),
        ({object: 1}, "a key of x is a value of type"),
        (ENDLESS, "x is nested more than 100 deep, or contains itself, which the file of a study can't hold"),
        ({"a": nested(100)}, "x is nested more than 100 deep"),
    ],
)
def test_what_would_not_come_back_is_refused_by_its_place(value, message):
    with pytest.raises(InvalidArgument, match=message):
        encoded(value, "x")


@each(
    "value",
    [
        {"$": "code"},
        {"$": 1},
        {"$": "array", "npy": "AAAA"},
        {"$": "float", "hex": "00"},
        {"$": "dictionary", "items": [[[], 1]]},
        {"$": "tuple"},
        {"$": "array", "npy": encoded(np.zeros(9), "x")["npy"][:-8]},
    ],
)
def test_what_nobody_has_written_is_damaged(value):
    with pytest.raises(DamagedFile, match="a value can't be read"):
        decoded(value)
