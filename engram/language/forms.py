"""What users pass to ``eg.Neuron`` and ``eg.Synapse``, brought into one form: texts.

In: strings, lists, dictionaries, and the two classes of ``given.py``. Out: the blocks of a ``Source``. A dictionary
becomes one line for each entry, so that everything later reads text alone and files can keep it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from engram.errors import InvalidArgument
from engram.language.given import Parameter, Variable
from engram.language.printer import number_text
from engram.language.source import Block
from engram.language.vocabulary import LOCALITIES, METHODS, VALUE_DISTRIBUTIONS
from engram.state.distributions import Distribution

__all__ = ["Parameters", "Text", "distribution_text", "make_block"]


Text = str | Variable | Sequence[str | Variable] | None
Parameters = str | Sequence[str] | Mapping[str, Any] | None


def make_block(name: str, given: Text | Parameters) -> Block:
    """Return the block for one argument of a model's constructor; raises InvalidArgument for a wrong type."""
    if given is None or isinstance(given, str):
        return Block(name, given or "")
    if isinstance(given, Mapping):
        items: list[Any] = list(given.items())
    elif isinstance(given, Variable):
        items = [given]
    elif isinstance(given, Sequence):
        items = list(given)
    else:
        raise InvalidArgument(f"{name} must be text, a list or a dictionary, got {type(given).__name__}")
    return _join(name, [_item_text(name, item) for item in items])


def distribution_text(value: Distribution) -> str:
    """Return the text of a distribution object, ``Uniform(0.0, 1.0)``; its generator is left out."""
    kind = type(value).__name__
    names, positional = VALUE_DISTRIBUTIONS.get(kind, ((), 0))
    given = [(name, getattr(value, name)) for name in names]
    args = [_value_text(v) for _, v in given[:positional]]
    args += [f"{name}={_value_text(v)}" for name, v in given[positional:] if v is not None]
    return f"{kind}({', '.join(args)})"


def _join(name: str, items: list[tuple[str, Distribution | None]]) -> Block:
    starts: list[int] = []
    objects: list[tuple[int, int, Distribution]] = []
    position = 0
    for text, given in items:
        starts.append(position)
        if given is not None:
            objects.append((position, position + len(text), given))
        position += len(text) + 1
    return Block(name, "\n".join(text for text, _ in items), frozenset(starts), tuple(objects))


def _item_text(block: str, item: Any) -> tuple[str, Distribution | None]:
    """Return the text of one item of a list or dictionary, and the distribution object in it."""
    if isinstance(item, str):
        return item, None
    if isinstance(item, Variable):
        return _variable_text(item), item.init if isinstance(item.init, Distribution) else None
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str):
        name, value = item
        full = value if isinstance(value, Parameter) else _bare(value)
        given = full.value if isinstance(full.value, Distribution) else None
        return f"{name} = {_value_text(full.value)} : {_locality_text(full.locality)}, {_type_text(full.type)}", given
    raise InvalidArgument(f"{block} holds text and Variable objects, got {type(item).__name__}")


def _bare(value: Any) -> Parameter:
    return Parameter(value, "global", "bool" if _is_bool(value) else "float")


def _variable_text(variable: Variable) -> str:
    flags = [f"{key}={_value_text(v)}" for key in ("init", "min", "max") if (v := getattr(variable, key)) is not None]
    if variable.method is not None:
        flags.append(variable.method if variable.method in METHODS else f"method={variable.method}")
    if variable.locality != "local":
        flags.append(_locality_text(variable.locality))
    if (kind := _type_text(variable.type)) != "float":
        flags.append(kind)
    # on a line of its own: the equation may end in a comment
    return variable.equation + (f"\n    : {', '.join(flags)}" if flags else "")


def _locality_text(locality: str) -> str:
    if locality not in LOCALITIES:
        raise InvalidArgument(f"locality must be one of {', '.join(LOCALITIES)}, got {locality!r}")
    return locality


def _type_text(given: str | type) -> str:
    name = given if isinstance(given, str) else given.__name__
    if name not in ("float", "int", "bool"):
        raise InvalidArgument(f"type must be float, int or bool, got {name!r}")
    return name


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")


def _value_text(value: Any) -> str:
    if _is_bool(value):
        return str(bool(value))
    if isinstance(value, str):
        return value
    if isinstance(value, Distribution):
        return distribution_text(value)
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return number_text(float(value))
    raise InvalidArgument(f"a number, name or distribution is needed, got {type(value).__name__}: {value!r}")
