"""JSON text that is read with suspicion: written the same for the same content, parsed field by field.

In: dictionaries of what JSON knows. Out: UTF-8 text, and back.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from engram.errors import DamagedFile
from engram.state.spelling import hidden_in

__all__ = [
    "MOST_DEPTH",
    "MOST_MANIFEST_BYTES",
    "Fields",
    "checked_data",
    "checked_path",
    "decode",
    "encode",
    "short",
    "typed",
]

MOST_MANIFEST_BYTES = 64 << 20  # of the JSON text; checked on writing and on reading
MOST_DEPTH = 63  # of a user's own data: with what stands around it a file of parameters can hold it

T = TypeVar("T")
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True)


def encode(document: dict[str, Any]) -> bytes:
    """Write a document: sorted keys, no NaN; a line per field, and per element in fields that are lists."""
    fields = (f"{_ENCODER.encode(name)}: {_lines(document[name])}" for name in sorted(document))
    return ("{\n" + ",\n".join(fields) + "\n}").encode("utf-8")


def _lines(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(map(_ENCODER.encode, value)) + "\n]"
    return _ENCODER.encode(value)


def decode(text: bytes) -> dict[str, Any]:
    """Parse a document: an object without duplicate keys, NaN or infinity."""
    if len(text) > MOST_MANIFEST_BYTES:
        raise DamagedFile(f"the manifest has {len(text)} bytes, at most {MOST_MANIFEST_BYTES} are allowed")
    try:
        document = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"the manifest is no JSON text of engram's: {error}") from None
    return typed(document, dict, "the manifest")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


class Fields:
    """Takes the fields out of a parsed object one by one; what is left over at the end is an error."""

    def __init__(self, document: dict[str, Any], where: str) -> None:
        self._left = dict(document)
        self._where = where

    def take(self, name: str, kind: type[T]) -> T:
        """Return a field of exactly this type."""
        if name not in self._left:
            raise DamagedFile(f"{self._where}: the field {name!r} is missing in the manifest")
        return typed(self._left.pop(name), kind, f"{self._where}: {name}")

    def integer(self, name: str, least: int, below: int) -> int:
        """Return a field that is an integer within bounds."""
        value = self.take(name, int)
        if not least <= value < below:
            self.fail(name, f"an integer in [{least}, {below})", value)
        return value

    def integers(self, name: str) -> list[int]:
        """Return a field that is a list of integers from 0 to 2**63 - 1."""
        values = self.take(name, list)
        if any(type(value) is not int or not 0 <= value < 2**63 for value in values):
            self.fail(name, "a list of integers >= 0", values)
        return values

    def choice(self, name: str, values: Sequence[str]) -> str:
        """Return a field that is one of several texts."""
        value = self.take(name, str)
        if value not in values:
            self.fail(name, f"one of {', '.join(values)}", value)
        return value

    def fail(self, name: str, expected: str, got: object) -> NoReturn:
        """Refuse the value of a field."""
        raise DamagedFile(f"{self._where}: {name} in the manifest: expected {expected}, got {short(got)}")

    def done(self) -> None:
        """Refuse what nobody has taken."""
        if self._left:
            raise DamagedFile(f"{self._where}: unknown fields in the manifest: {short(sorted(self._left))}")


def typed(value: object, kind: type[T], where: str) -> T:
    """Return ``value`` if it is exactly of this type: True is no integer here."""
    if type(value) is not kind:
        raise DamagedFile(f"{where}: expected {kind.__name__} in the manifest, got {type(value).__name__}")
    return value


def checked_data(value: T, where: str, depth: int = 1) -> T:
    """Return a user's own data if it can be written again: finite, of whole characters, not too deep."""
    if isinstance(value, dict | list):
        if depth > MOST_DEPTH:
            raise DamagedFile(f"{where} in the manifest: nested more than {MOST_DEPTH} deep")
        for one in (*value, *value.values()) if isinstance(value, dict) else value:
            checked_data(one, where, depth + 1)
    elif isinstance(value, str) and not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise DamagedFile(f"{where} in the manifest: half of a pair of surrogates in {short(value)}")
    elif isinstance(value, float) and not math.isfinite(value):
        raise DamagedFile(f"{where} in the manifest: expected finite numbers, got {value}")
    return value


def checked_path(value: object, where: str) -> str:
    """Return a path or a part of one: no empty segment, nothing that can't be seen."""
    path = typed(value, str, where)
    hidden = hidden_in(path)
    if hidden or not all(path.split("/")):
        why = f" has {hidden}" if hidden else ""
        raise DamagedFile(f"{where}: impossible path in the manifest: {short(path)}{why}")
    return path


def short(value: object) -> str:
    """Return a value as it fits into a message."""
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
