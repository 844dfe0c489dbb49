"""How messages tell a value that a user gave: short, and what it is rather than what is in it; and the names of ours.

In: anything. Out: a few words, on one line. A matrix, a table or a long list is told by its kind and shape. What we
call ``eg.Network`` is called as the user has imported it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

__all__ = ["as_imported", "short", "told", "typed"]

MOST = 60  # characters
MANY = 1_000  # values that nobody looks at
SHORT = {
    "Network": "net",
    "Projection": "proj",
    "Monitor": "monitor",
    "Dendrite": "dendrite",
    "IndividualSynapse": "synapse",
    "IndividualNeuron": "neuron",
    "PopulationView": "view",
}
NOUNS = {"ndarray": "array", "NoneType": "None"}


def told(value: Any, most: int = MOST) -> str:
    """Return how a message tells a value: as it was typed if that is short and on one line, else what it is.

    Args:
        most: characters of what is told as it was typed.
    """
    if isinstance(value, np.generic | np.ndarray) and value.shape == ():
        value = value.item()
    if type(value) is float:
        return typed(value)
    if isinstance(value, str | bytes):
        shown = repr(value[:most])
        return shown if len(shown) <= most and len(value) <= most else f"{shown[: most - 4]}{shown[-1]} ..."
    if isinstance(value, type | FunctionType | MethodType):
        return f"the {'class' if isinstance(value, type) else 'function'} {value.__name__}"
    if teller := getattr(type(value), "_told", None):  # of models: they have members, and are no list of these
        return str(teller(value))
    count = len(value) if isinstance(value, Collection) and not isinstance(value, type) else 0
    shape = _shape(value)
    values = value.tolist() if shape and len(shape) == 1 and shape[0] <= MANY and hasattr(value, "tolist") else value
    shown = repr(values) if count <= MANY and (values is not value or not shape) else ""
    if shown and len(shown) <= most and "\n" not in shown and " at 0x" not in shown:
        return shown
    if shape:
        return f"{_noun(value)} of shape {shape}"
    if count:
        return f"{_noun(value)} of {count}"
    return _noun(value) if "\n" in shown or " at 0x" in shown else f"{shown[: most - 4]} ..."


def typed(number: float) -> str:
    """Return a number as a user would have typed it: 0.3, not 0.30000000000000004."""
    rounded = float(f"{number:.12g}")
    return repr(rounded if abs(rounded - number) <= 1e-12 * abs(number) else number)


def short(one: Any) -> str:
    """Return what a user may call an object of its kind: ``net``, ``proj`` ..., ``pop`` where nothing else is known."""
    return next((SHORT[base.__name__] for base in type(one).__mro__ if base.__name__ in SHORT), "pop")


def as_imported(text: str, names: Mapping[str, Any]) -> str:
    """Return a message in which what it calls ``eg.Name`` is called as where it is read.

    Args:
        names: what stands there: ``eg`` or another name for a package of ours, or what was imported from one. A name
            that nothing there leads to stays as it is.
    """
    if "eg." not in text or _is_ours(names.get("eg")):
        return text
    packages = {name: one for name, one in names.items() if isinstance(one, ModuleType) and _is_ours(one)}

    def called(found: re.Match[str]) -> str:
        if _is_ours(names.get(found[1])):
            return found[1]
        package = next((name for name, one in packages.items() if hasattr(one, found[1])), "eg")
        return f"{package}.{found[1]}"

    return re.sub(r"\beg\.(\w+)", called, text)


def _is_ours(one: Any) -> bool:
    home = one.__name__ if isinstance(one, ModuleType) else getattr(one, "__module__", None)
    return isinstance(home, str) and home.partition(".")[0] == "engram"


def _shape(value: Any) -> tuple[int, ...]:
    """Return the shape of an array or a table, () of everything else."""
    shape = None if isinstance(value, type) else getattr(value, "shape", None)
    return shape if isinstance(shape, tuple) and all(isinstance(length, int) for length in shape) else ()


def _noun(value: Any) -> str:
    name = type(value).__name__
    noun = NOUNS.get(name, name)
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
