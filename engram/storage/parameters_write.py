"""Parameters -> the JSON file that people edit.

In: numbers by object and attribute, constants, and whatever the user keeps under ``network``. Out: bytes that
``parameters.py`` reads back to the bit. What a reader would refuse is refused here, all of it in one error.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from engram.errors import SaveError
from engram.storage.files import replacing
from engram.storage.parameters_errors import escape
from engram.storage.parameters_text import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, decode, parse
from engram.storage.parameters_values import number_text, plain_number

__all__ = ["dump_parameters", "write_parameters"]

INDENT = 4


def write_parameters(
    path: str | os.PathLike[str],
    populations: Mapping[str, Mapping[str, Any]],
    projections: Mapping[str, Mapping[str, Any]],
    network: Mapping[str, Any],
    constants: Mapping[str, Any],
) -> dict[str, Any]:
    """Write a parameters file, whole or not at all; missing folders are made.

    Args:
        populations, projections: numbers by object and attribute; a NumPy number is written in its own type.
        network: whatever JSON can hold.
        constants: numbers by name.

    Returns:
        ``network`` as it will be read: NumPy's numbers are Python's, tuples lists.

    Raises:
        SaveError: if a value has no place in such a file (NaN, infinity, an array), or it can't be written.
    """
    data = dump_parameters(populations, projections, network, constants, name=os.fspath(path))
    with replacing(path) as out:
        out.write(data)
    document, _ = parse(decode(data, os.fspath(path)))
    found: dict[str, Any] = document.plain()["network"]
    return found


def dump_parameters(
    populations: Mapping[str, Mapping[str, Any]],
    projections: Mapping[str, Mapping[str, Any]],
    network: Mapping[str, Any],
    constants: Mapping[str, Any],
    *,
    name: str = "parameters",
) -> bytes:
    """Return the bytes of a parameters file; see :func:`write_parameters`. Same values, same bytes."""
    refused: list[str] = []
    document = {"populations": populations, "projections": projections, "network": network, "constants": constants}
    for section in ("populations", "projections", "constants"):
        _refuse_other_than_numbers(document[section], section, 1 if section == "constants" else 2, refused)
    text = "".join(_lines(document, "", 0, refused)) + "\n"
    if refused:
        listed = "".join(f"\n  {one}" for one in dict.fromkeys(refused))
        raise SaveError(f"'{escape(name)}' can't hold these values; nothing was written{listed}")
    data = text.encode("utf-8")
    if len(data) > MAX_BYTES:
        raise SaveError(f"'{escape(name)}' would have {len(data)} bytes, more than {MAX_BYTES}; nothing was written")
    return data


def _refuse_other_than_numbers(value: Any, path: str, depth: int, refused: list[str]) -> None:
    """Note what is no number ``depth`` names below ``path``."""
    if depth:
        for key, one in value.items():
            _refuse_other_than_numbers(one, f"{path}/{key}", depth - 1, refused)
    elif plain_number(value) is None:
        refused.append(_unwritable(path, value))


def _lines(value: Any, path: str, depth: int, refused: list[str]) -> Iterator[str]:
    """Give the text of a value in pieces; ``depth`` is the number of objects and lists around it."""
    if isinstance(value, Mapping | list | tuple):
        if depth == MAX_DEPTH:  # raised at once: a list that holds itself twice would take for ever
            raise SaveError(f"{escape(path[:80])}...: nested more than {MAX_DEPTH} deep; nothing was written")
        yield from _container(value, path, depth, refused)
    elif value is None:
        yield "null"
    elif isinstance(value, str):
        yield _string(value, path, refused)
    else:
        yield _number(value, path, refused)


def _container(
    value: Mapping[Any, Any] | list[Any] | tuple[Any, ...], path: str, depth: int, refused: list[str]
) -> Iterator[str]:
    entries = list(value.items()) if isinstance(value, Mapping) else [(None, one) for one in value]
    opened, closed = ("{", "}") if isinstance(value, Mapping) else ("[", "]")
    yield opened
    names: set[str] = set()
    for count, (key, one) in enumerate(entries):
        below = f"{path}/{count if key is None else key}".lstrip("/")
        yield ",\n" if count else "\n"
        yield " " * INDENT * (depth + 1)
        if isinstance(value, Mapping):
            yield f"{_key(key, below, names, refused)}: "
        yield from _lines(one, below, depth + 1, refused)
    yield "\n" + " " * INDENT * depth + closed if entries else closed


def _key(key: Any, path: str, names: set[str], refused: list[str]) -> str:
    if not isinstance(key, str):
        refused.append(f"{escape(path)}: a key must be a text, not {type(key).__name__}")
        return ""
    name = unicodedata.normalize("NFC", key)
    if name in names:
        refused.append(f"{escape(path)}: another key differs from it only in how it is encoded")
    names.add(name)
    return _string(key, path, refused)


def _string(value: str, path: str, refused: list[str]) -> str:
    if any("\ud800" <= c <= "\udfff" for c in value):
        refused.append(f"{escape(path)}: a text with half of a surrogate pair")
    return json.dumps(str(value), ensure_ascii=False)


def _number(value: Any, path: str, refused: list[str]) -> str:
    number = plain_number(value)
    if number is None:
        refused.append(_unwritable(path, value))
    elif isinstance(number[0], float) and number[0] - number[0] != 0:
        refused.append(f"{escape(path)}: {number[0]} is no finite number")
    else:
        text = number_text(*number)
        if len(text) <= MAX_DIGITS:
            return text
        refused.append(f"{escape(path)}: a number of {len(text)} characters, more than {MAX_DIGITS}")
    return ""


def _unwritable(path: str, value: Any) -> str:
    advice = "; write .tolist()" if hasattr(value, "tolist") and path.startswith("network/") else ""
    return f"{escape(path)}: {type(value).__name__} is neither number nor text{advice}"
