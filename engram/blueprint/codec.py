"""Records to and from JSON data, driven by the types of their fields.

In: a blueprint. Out: dictionaries, lists, text and numbers, and back. Reading is strict: what is not exactly of its
type, within its bounds, known and there is refused by its place, in time and memory proportional to the data.

A record is an object with all of its fields; one that has a default came after the first version of files, and where it
is missing that is what networks had without it. A tuple is a list, one of (name, value) an object. Where a field can
hold one of several, records are wrapped: ``{"distribution": {...}}``. An infinite float or NaN is ``{"float": "inf"}``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from engram.blueprint.checks import check
from engram.blueprint.fields import AnyNumber, Check, Identifier, shown, wrong
from engram.blueprint.records import Blueprint

__all__ = ["from_json", "to_json", "write_record"]

_WORDS = {bool: "true or false", int: "a whole number", float: "a finite float", str: "text", NoneType: "null"}
_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


class _Wrong(Exception):
    """Something can't be; its place is put together on the way out, from the innermost part on."""

    def __init__(self, expected: str, got: str, place: str = "") -> None:
        super().__init__(expected)
        self.expected, self.got, self.parts = expected, got, [place]

    def inside(self, part: str) -> _Wrong:
        """Note what the place stands in."""
        self.parts.append(part)
        return self

    @property
    def place(self) -> str:
        """Where it is, from outside in."""
        return "".join(reversed(self.parts)).lstrip(".")


@dataclass(frozen=True)
class _Codec:
    """How values of one type are written and read.

    Args:
        kind: type of the values in Python.
        expected: what stands for them in JSON, in words.
        tag: of an object that stands for a value of a union, or "".
    """

    kind: type
    expected: str
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    tag: str = ""


def to_json(blueprint: Blueprint) -> dict[str, Any]:
    """Return a blueprint as JSON data."""
    return write_record(blueprint)


def from_json(data: Any) -> Blueprint:
    """Return the blueprint that :func:`to_json` wrote.

    Raises:
        DamagedFile: naming the first place where something can't be.
    """
    try:
        blueprint: Blueprint = _codec(Blueprint).read(data)
    except _Wrong as error:
        raise wrong(error.place, error.expected, error.got) from None
    check(blueprint)
    return blueprint


def write_record(record: Any) -> dict[str, Any]:
    """Return any record as JSON data."""
    kind: Any = type(record)
    data: dict[str, Any] = _codec(kind).write(record)
    return data


@cache
def _codec(kind: Any) -> _Codec:
    """Return the codec of a type as it stands in an annotation."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _checked(arguments[0], arguments[1:])
    if origin is Literal:
        return _choice(arguments)
    if origin in (Union, UnionType):
        return _union(arguments)
    if origin is tuple:
        inner = get_args(arguments[0]) if get_origin(arguments[0]) is tuple else ()
        return _named(inner[1]) if inner else _list(_codec(arguments[0]))
    return _plain(kind) if kind in _WORDS else _record(kind)


def _plain(kind: type[Any]) -> _Codec:
    def read(data: Any) -> Any:
        # a float of JSON is beyond all bounds where its text was: 1e999. Not all text can be written again: \ud800
        value: Any = data
        if type(value) is not kind or (kind is float and not math.isfinite(value)):
            raise _Wrong(_WORDS[kind], shown(data))
        if kind is str and not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise _Wrong("text of Unicode's characters", "half of a pair of surrogates")
        return value

    return _Codec(kind, _WORDS[kind], lambda value: value, read)


def _any_float() -> _Codec:
    finite = _plain(float)

    def write(value: float) -> Any:
        return value if math.isfinite(value) else {"float": str(value)}

    def read(data: Any) -> Any:
        if type(data) is not dict:
            return finite.read(data)
        text = data.get("float")
        if len(data) != 1 or type(text) is not str or text not in _NOT_FINITE:
            raise _Wrong('a float, or {"float": "inf"}, "-inf" or "nan"', shown(data))
        return _NOT_FINITE[text]

    return _Codec(float, finite.expected, write, read, "float")


def _checked(kind: Any, checks: tuple[Check, ...]) -> _Codec:
    is_any = any(isinstance(one, AnyNumber) for one in checks)
    inner = _any_float() if is_any else _codec(kind)

    def read(data: Any) -> Any:
        value = inner.read(data)
        for one in checks:
            if not one.allows(value):
                raise _Wrong(one.expected, shown(value))
        return value

    return _Codec(inner.kind, inner.expected, inner.write, read, inner.tag)


def _choice(texts: tuple[str, ...]) -> _Codec:
    def read(data: Any) -> Any:
        if type(data) is not str or data not in texts:
            raise _Wrong(f"one of {', '.join(map(repr, texts))}", shown(data))
        return data

    return _Codec(str, "text", lambda value: value, read)


def _list(inner: _Codec) -> _Codec:
    def read(data: Any) -> Any:
        if type(data) is not list:
            raise _Wrong("a list", shown(data))
        done: list[Any] = []
        try:
            for one in data:
                done.append(inner.read(one))
        except _Wrong as error:
            raise error.inside(f"[{len(done)}]") from None
        return tuple(done)

    return _Codec(tuple, "a list", lambda values: [*map(inner.write, values)], read)


def _named(kind: Any) -> _Codec:
    inner, name = _codec(kind), Identifier()

    def read(data: Any) -> Any:
        if type(data) is not dict:
            raise _Wrong("an object", shown(data))
        done = []
        for key in sorted(data):
            if not name.allows(key):
                raise _Wrong(f"{name.expected} as the name of a field", shown(key))
            try:
                done.append((key, inner.read(data[key])))
            except _Wrong as error:
                raise error.inside(f".{key:.60}") from None
        return tuple(done)

    def write(pairs: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
        return {key: inner.write(value) for key, value in pairs}

    return _Codec(tuple, "an object", write, read)


def _union(kinds: tuple[Any, ...]) -> _Codec:
    members = [*map(_codec, kinds)]
    by_kind = {member.kind: member for member in members}
    tagged = {member.tag: member for member in members if member.tag}
    plain = {member.kind: member for member in members if not member.tag or member.kind is float}
    only = next(iter(tagged.values()), None)
    if only is not None and len(members) - (NoneType in by_kind) == 1:  # there is nothing to be told apart
        tagged, plain = {}, {**plain, dict: only}
    expected = " or ".join([*(m.expected for m in members if not m.tag or m.kind is float), *map(repr, tagged)])

    def write(value: Any) -> Any:
        member = by_kind[type(value)]
        is_wrapped = member.tag in tagged and member.kind is not float
        return {member.tag: member.write(value)} if is_wrapped else member.write(value)

    def read(data: Any) -> Any:
        tag = next(iter(data)) if type(data) is dict and len(data) == 1 and tagged else ""
        member = tagged[tag] if tag in tagged else plain.get(type(data))
        if member is None:
            raise _Wrong(expected, shown(data))
        if tag not in tagged or member.kind is float:
            return member.read(data)
        try:
            return member.read(data[tag])
        except _Wrong as error:
            raise error.inside(f".{tag}") from None

    return _Codec(object, expected, write, read)


def _record(kind: type) -> _Codec:
    hints = get_type_hints(kind, include_extras=True)
    parts = {one.name: _codec(hints[one.name]) for one in fields(kind)}
    later = {one.name: one.default for one in fields(kind) if one.default is not MISSING}  # as JSON says it, too

    def write(value: Any) -> dict[str, Any]:
        return {name: part.write(getattr(value, name)) for name, part in parts.items()}

    def read(data: Any) -> Any:
        if type(data) is not dict:
            raise _Wrong("an object", shown(data))
        if data.keys() != parts.keys():
            data = later | data
            missing = next((name for name in parts if name not in data), None)
            unknown = next((name for name in data if name not in parts), None)
            if missing is not None:
                raise _Wrong("this field", "none", f".{missing}")
            if unknown is not None:
                raise _Wrong(f"the fields {', '.join(parts)}", f"also {shown(unknown)}")
        values = {}
        for name, part in parts.items():
            try:
                values[name] = part.read(data[name])
            except _Wrong as error:
                raise error.inside(f".{name}") from None
        return kind(**values)

    return _Codec(kind, "an object", write, read, kind.__name__.removesuffix("Record").lower())
