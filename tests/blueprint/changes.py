"""Everything that can be changed in a blueprint, made from the fields of its records: each change with its concern.

A field that says no concern, and a type that nobody knows how to change, fail.
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from engram.blueprint.fields import Concern, order_of, table_of
from engram.blueprint.records import RankSeries, RunsRecord

__all__ = ["Change", "changes"]

SAMPLES = ("something", 1.5, RunsRecord((RankSeries(0, 4, 1),)))  # in place of None


@dataclass(frozen=True)
class Change:
    """A change of a value.

    Args:
        place: where, from the value on.
        concern: of what was changed; None if it is no difference at all.
        value: the whole with it.
        table: of the number that was changed.
    """

    place: str
    concern: Concern | None
    value: Any
    table: str | None = None


def changes(value, hint, concern=None, order=None, seen=None):
    """Give all changes of a value of an annotated type; ``seen`` collects the records and the filled sequences met."""
    hint = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(hint) in (Union, UnionType):
        kinds = get_args(hint)
        if NoneType in kinds and value is not None:
            yield Change(" = None", concern, None)
        if value is None:
            yield Change(" = something", concern, next(one for one in SAMPLES if any(_is_of(one, k) for k in kinds)))
            return
        yield from changes(value, next(kind for kind in kinds if _is_of(value, kind)), concern, order, seen)
    elif is_dataclass(hint):
        yield from _of_record(value, hint, concern, seen)
    elif get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        yield from (
            _of_named(value, get_args(inner)[1], concern, seen)
            if get_origin(inner) is tuple
            else _of_sequence(value, inner, concern, order, seen)
        )
    else:
        assert concern is not None, "a field concerns nobody"
        yield Change("", concern, _other(value, hint))


def _is_of(value, kind):
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return type(value) is (get_origin(kind) or kind)


def _other(value, hint):
    if get_origin(hint) is Literal:
        return next(text for text in get_args(hint) if text != value)
    table = {
        bool: lambda: not value,
        int: lambda: value + 1,
        float: lambda: 2.0 * value + 1.0,
        str: lambda: value + "x",
    }
    if value != value or value in (float("inf"), float("-inf")):
        return 0.0
    return table[hint]()


def _of_record(value, kind, concern, seen):
    if seen is not None:
        seen.add(kind)
    hints = get_type_hints(kind, include_extras=True)
    for one in fields(kind):
        assert "concern" in one.metadata, f"{kind.__name__}.{one.name} has no concern"
        if table_of(one) is not None:
            yield Change(f".{one.name}", None, value, table_of(one))
            continue
        if seen is not None and type(getattr(value, one.name)) is tuple and len(getattr(value, one.name)) > 1:
            seen.add((kind, one.name))
        said = one.metadata["concern"]
        assert said is None or concern is None, f"{kind.__name__}.{one.name}: its holder says whom it concerns"
        for change in changes(getattr(value, one.name), hints[one.name], said or concern, order_of(one), seen):
            whole = replace(value, **{one.name: change.value})
            yield replace(change, place=f".{one.name}{change.place}", value=whole)


def _of_named(value, kind, concern, seen):
    for k, (name, one) in enumerate(value):
        for change in changes(one, kind, concern, None, seen):
            whole = (*value[:k], (name, change.value), *value[k + 1 :])
            yield replace(change, place=f".{name}{change.place}", value=whole)
    if value:
        yield Change("[:-1]", concern, value[:-1])
    if len(value) > 1:
        yield Change(" permuted", None, value[::-1])


def _of_sequence(value, kind, concern, order, seen):
    is_model = is_dataclass(kind) and kind.__name__ == "ModelRecord"  # their order is that of their use, see the test
    for k, one in enumerate(value):
        for change in changes(one, kind, concern, None, seen):
            whole = (*value[:k], change.value, *value[k + 1 :])
            yield replace(change, place=f"[{k}]{change.place}", value=whole)
    if not is_model and len(value) > 1:
        swapped = (value[1], value[0], *value[2:])
        assert swapped != value, "the first two elements of a sequence are the same"
        yield Change(" permuted", concern or order or Concern.LABEL, swapped)
        yield Change("[:-1]", concern or (Concern.STRUCTURE if order else Concern.LABEL), value[:-1])
