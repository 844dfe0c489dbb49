"""What users pass to ``eg.Neuron`` and ``eg.Synapse``, brought into one form: texts.

In: strings, lists, dictionaries, and the two classes of ``given.py``. Out: the blocks of a ``Source``. A dictionary
becomes one line for each entry, so that everything later reads text alone and files can keep it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from engram.errors import InvalidArgument
from engram.language.given import Parameter, Variable
from engram.language.printer import number_text
from engram.language.source import Block
from engram.language.vocabulary import METHOD_FLAGS, VALUE_DISTRIBUTIONS
from engram.state.distributions import Distribution
from engram.state.spelling import spelled
from engram.telling import told

__all__ = ["Parameters", "Text", "distribution_text", "make_block", "make_extra_values", "real_text"]

Text = str | Variable | Sequence[str | Variable] | None
Parameters = str | Sequence[str] | Mapping[str, Any] | None

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def make_block(name: str, given: Text | Parameters) -> Block:
    """Return the block for one argument of a model's constructor; raises InvalidArgument for a wrong type."""
    if given is None or isinstance(given, str):
        return Block(name, given or "")
    if isinstance(given, Mapping) and name == "parameters":
        items: list[Any] = list(given.items())
    elif isinstance(given, Variable):
        items = [given]
    elif isinstance(given, Sequence):
        items = list(given)
    else:
        kinds = "text, a list or a dictionary" if name == "parameters" else "text, a list or a Variable"
        raise InvalidArgument(f"{name} must be {kinds}, got {_shown(given)}{_example(name)}")
    return _join(name, [_item_text(name, item) for item in items])


def make_extra_values(given: Any) -> dict[str, Any]:
    """Return what names in quotes stand for: whether that is a value is asked of those that are used."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidArgument(f"extra_values must be a dictionary, got {_shown(given)}")
    return dict(given)


def distribution_text(value: Distribution) -> str:
    """Return the text of a distribution object, ``Uniform(0.0, 1.0)``; its generator is left out."""
    kind = type(value).__name__
    names, positional = VALUE_DISTRIBUTIONS.get(kind, ((), 0))
    given = [(name, getattr(value, name)) for name in names]
    args = [_value_text(v, name) for name, v in given[:positional]]
    args += [f"{name}={_value_text(v, name)}" for name, v in given[positional:] if v is not None and v is not False]
    return f"{kind}({', '.join(args)})"


def real_text(value: float) -> str:
    """Return the text of a float that is a value: what is not finite has a name there."""
    return number_text(value) if math.isfinite(value) else str(value)


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
    if isinstance(item, tuple) and block == "parameters":
        return _parameter_text(*item)
    raise InvalidArgument(f"{block} holds text and Variable objects, got {_shown(item)}{_example(block)}")


def _example(block: str) -> str:
    """Return the line of an error that says how a block is written."""
    written = {"parameters": "'tau = 10.0', or {'tau': 10.0}", "equations": "'tau*dv/dt = -v', lines of text"}
    return f"\n  help: write {block}={written[block]}." if block in written else "\n  help: write it as text."


def _parameter_text(name: Any, value: Any) -> tuple[str, Distribution | None]:
    """Return the text of one entry of a dictionary."""
    if isinstance(name, str):
        name = spelled(name, "the name of a parameter")
    if not isinstance(name, str) or not _NAME.match(name):
        advice = "\n  help: a name has letters, digits and '_', and begins with a letter."
        raise InvalidArgument(f"parameters: {told(name)} is no name of a parameter{advice}")
    what = f"parameters: the value of '{name}'"
    text = _value_text(value.value if isinstance(value, Parameter) else value, what)
    full = value if isinstance(value, Parameter) else _bare(value)
    given = full.value if isinstance(full.value, Distribution) else None
    return f"{name} = {text} : {full.locality}, {_type_text(full.type)}", given


def _bare(value: Any) -> Parameter:
    return Parameter(value, "global", "bool" if _is_bool(value) else "float")


def _variable_text(variable: Variable) -> str:
    keys = [key for key in ("init", "min", "max") if getattr(variable, key) is not None]
    flags = [f"{key}={_value_text(getattr(variable, key), f'Variable: {key}')}" for key in keys]
    if variable.method is not None:
        flags.append(variable.method if variable.method in METHOD_FLAGS else f"method={variable.method}")
    if variable.locality != "local":
        flags.append(variable.locality)
    if (kind := _type_text(variable.type)) != "float":
        flags.append(kind)
    if variable.refractory is not None:
        flags.append(f"{variable.refractory} refractory")
    # on a line of its own: the equation may end in a comment
    return variable.equation + (f"\n    : {', '.join(flags)}" if flags else "")


def _type_text(given: str | type) -> str:
    return given if isinstance(given, str) else given.__name__


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")


def _shown(value: Any) -> str:
    return f"{type(value).__name__}: {told(value)}"


def _value_text(value: Any, what: str) -> str:
    if _is_bool(value):
        return str(bool(value))
    if isinstance(value, str):
        return value
    if isinstance(value, Distribution):
        return distribution_text(value)
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return real_text(float(value))
    advice = ""
    if hasattr(value, "__len__"):
        advice = "\n  help: values for each neuron or synapse are set on the population or projection: pop.a = [...]."
    raise InvalidArgument(f"{what} must be a number, a name or a distribution, got {_shown(value)}{advice}")
