"""What C is told of a job: the fields of the structure that the job's function gets, each a row.

In: declared by kinds of jobs, once for all jobs of a kind. Out: ``native/bound_jobs.py`` makes the structure of them,
compares it with C's, and fills it. Which bytes a field has is known there alone.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import ClassVar, NamedTuple

__all__ = ["Field", "Handover", "RecordPlaces", "Structure", "Told"]


class Told(Enum):
    """What a field says of an attribute of a job.

    On loading, names, sizes and places of fields are compared with C's, not what they mean: whether a field is a number
    or a place, whoever lists the fields decides alone.
    """

    START = auto()  # a path: where the array begins; NULL if there is none
    ARRAY = auto()  # a path: where it begins, its elements, and the bytes of one
    SIZE = auto()  # a path: its elements; 0 if there is none
    LENGTH = auto()  # a path: its rows
    TYPE = auto()  # a path: the number of its dtype
    IS_FLOAT = auto()  # a path: whether it is float32; 0 if there is none
    NUMBER = auto()  # an int or a bool
    COUNT = auto()  # a tuple: its length
    STARTS = auto()  # paths: a list of where the arrays begin
    SPIKES = auto()  # the path of a list of spikes
    HANDOVER = auto()  # a Handover: where those numbers are
    RECORD = auto()  # RecordPlaces: where its rows go, and in which steps
    PACKED = auto()  # the key of packed rows
    ARENA = auto()  # a path: where the arena begins in which its array lies
    FIRST = auto()  # a path: the place of its first element in that arena
    BEHIND = auto()  # a path: the place behind its last one


class Field(NamedTuple):
    """A field of a structure.

    Args:
        name: in C.
        told: what it says; a class of structures: a list of them.
        of: the attribute of the job.
    """

    name: str
    told: Told | type[Structure]
    of: str


class Structure:
    """What C gets as a structure.

    Attributes:
        name: what it is called; in C an ``_`` stands for each space.
        fields: of the structure, in order.
    """

    name: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]


class Handover(NamedTuple):
    """Float64 numbers that jobs hand each other within a step. They are no part of the tree."""

    name: str
    n: int


class RecordPlaces(NamedTuple):
    """What a monitor records: the places of the monitor, and of its record, or of the ranks and steps of spikes."""

    monitor: str
    records: tuple[str, ...]
