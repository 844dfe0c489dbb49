"""What is said of a field of a record: its concern, its words in messages, and which values it can have.

In: annotations of ``records.py``. Out: a field's concern stands in its metadata, and what it can hold in its type, as
``Annotated[...]``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass
from enum import Enum
from typing import Any, Protocol

from engram.errors import DamagedFile, InvalidArgument
from engram.state.spelling import hidden_in, object_name

__all__ = [
    "A_MODEL",
    "LABEL",
    "OF_HOLDER",
    "OF_PARTS",
    "OF_PARTS_LISTED",
    "OF_PARTS_ORDERED",
    "RECIPE",
    "RULE",
    "START",
    "STRUCTURE",
    "AnyNumber",
    "Check",
    "Concern",
    "Hexadecimal",
    "Identifier",
    "Length",
    "Named",
    "OneOf",
    "Saying",
    "Spelled",
    "Within",
    "concern_of",
    "order_of",
    "said",
    "saying_of",
    "shown",
    "table_of",
    "wrong",
]


class Concern(Enum):
    """Where a field differs between a file and a network: whom does it concern?"""

    STRUCTURE = "structure"  # the values don't fit: refused
    RULE = "rule"  # the network goes on differently: named
    START = "start"  # the file's value wins, in a slot
    RECIPE = "recipe"  # the file's synapses stand, however they were asked for
    LABEL = "label"  # nobody


Metadata = Mapping[str, Any]

STRUCTURE: Metadata = {"concern": Concern.STRUCTURE}
RULE: Metadata = {"concern": Concern.RULE}
START: Metadata = {"concern": Concern.START}
RECIPE: Metadata = {"concern": Concern.RECIPE}
LABEL: Metadata = {"concern": Concern.LABEL}
OF_PARTS: Metadata = {"concern": None}
"""Of records, whose own fields say whom they concern; the order of several follows from what they are."""
OF_PARTS_ORDERED: Metadata = {"concern": None, "order": Concern.RULE}
OF_PARTS_LISTED: Metadata = {"concern": None, "order": Concern.LABEL}
OF_HOLDER: Metadata = {"concern": None}
"""Of a field of a record that is only a value: it concerns whom the field does that holds the record."""
A_MODEL: Metadata = {"concern": None, "table": "models"}
"""The number of a model: the model counts, not the number."""


def concern_of(one: Field[Any]) -> Concern | None:
    """Return whom a field concerns; None if others say it."""
    concern: Concern | None = one.metadata["concern"]
    return concern


def order_of(one: Field[Any]) -> Concern | None:
    """Return whom the order of a field's records concerns."""
    order: Concern | None = one.metadata.get("order")
    return order


def table_of(one: Field[Any]) -> str | None:
    """Return the table that a field has a number in, or None."""
    table: str | None = one.metadata.get("table")
    return table


# -- what messages call it ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Saying:
    """How a message speaks of a field that differs.

    Args:
        fact: what it is called; the field's name if empty.
        unit: behind its values.
        none: what stands for None and for an empty text.
        phrase: in place of both values, where these are too long to be read.
        advice: what to do, with ``{}`` for the value in the file; a general one if empty.
    """

    fact: str = ""
    unit: str = ""
    none: str = "(none)"
    phrase: str = ""
    advice: str = ""


_PLAIN = Saying()


def said(metadata: Metadata, saying: Saying) -> Metadata:
    """Return what is said of a field, with words for messages."""
    return {**metadata, "saying": saying}


def saying_of(one: Field[Any]) -> Saying:
    """Return the words of a field."""
    saying: Saying = one.metadata.get("saying", _PLAIN)
    return saying


# -- which values can be -----------------------------------------------------------------------------------


class Check(Protocol):
    """Something that a value of the right type must be besides."""

    @property
    def expected(self) -> str:
        """What it must be, in words."""

    def allows(self, value: Any) -> bool:
        """Say whether it is."""


@dataclass(frozen=True)
class Within:
    """A number from ``least`` to ``most``."""

    least: float
    most: float = math.inf

    @property
    def expected(self) -> str:
        """The bounds."""
        return f"{self.least} to {self.most}" if self.most < math.inf else f"{self.least} or more"

    def allows(self, value: Any) -> bool:
        """Whether it lies between the bounds; NaN lies nowhere."""
        return bool(self.least <= value <= self.most)


@dataclass(frozen=True)
class Length:
    """A list of so many elements, or a text of so many characters."""

    least: int
    most: int

    @property
    def expected(self) -> str:
        """How many."""
        return f"{self.least} to {self.most} of them"

    def allows(self, value: Any) -> bool:
        """Whether there are as many."""
        return self.least <= len(value) <= self.most


@dataclass(frozen=True)
class OneOf:
    """One of some words, which a table has."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        """All of them."""
        return f"one of {', '.join(map(repr, self.words))}"

    def allows(self, value: Any) -> bool:
        """Whether it is one."""
        return value in self.words


@dataclass(frozen=True)
class Named:
    """The name of an object."""

    expected: str = "a name of 1 to 200 printable characters, without a slash or spaces at the ends"

    def allows(self, value: Any) -> bool:
        """Whether an object can have the name, and it is spelled so."""
        try:
            return bool(object_name(value) == value)
        except InvalidArgument:
            return False


@dataclass(frozen=True)
class Identifier:
    """A name that equations can use."""

    expected: str = "a name as equations have it"

    def allows(self, value: Any) -> bool:
        """Whether it is one."""
        return bool(value.isascii() and value.isidentifier())


@dataclass(frozen=True)
class Spelled:
    """A text in which everything can be seen."""

    expected: str = "text without hidden characters"

    def allows(self, value: Any) -> bool:
        """Whether nothing is hidden."""
        return not hidden_in(value)


@dataclass(frozen=True)
class Hexadecimal:
    """A digest of 128 bits."""

    expected: str = "32 hexadecimal digits"

    def allows(self, value: Any) -> bool:
        """Whether it is one."""
        return len(value) == 32 and not value.strip("0123456789abcdef")


@dataclass(frozen=True)
class AnyNumber:
    """Marks floats that may be infinite or NaN, which JSON has no number for."""

    expected: str = "any float"

    def allows(self, value: Any) -> bool:
        """All are."""
        return True


# -- messages ----------------------------------------------------------------------------------------------


def shown(value: object) -> str:
    """Return anything that JSON knows in a few words, however large or deep it is."""
    if isinstance(value, dict):
        return f"an object with {len(value)} fields"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"{value[:57]!r}... ({len(value)} characters)"
    if isinstance(value, int) and value.bit_length() > 128:  # Python refuses to print long ones
        return f"a whole number of {value.bit_length()} bits"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value) if isinstance(value, int | float) else f"a {type(value).__name__}"


def wrong(place: str, expected: str, got: str) -> DamagedFile:
    """Return the error for something in a blueprint that can't be."""
    return DamagedFile(f"the blueprint can't be read: {place or 'all of it'}: expected {expected}, got {got}")
