"""Keys of the random streams: 64 bits for (seed, object, kind of draw, upper half of the step).

In: the network's seed, the uid of an object, what is drawn, the step. Out: the key that ``state/draws.py`` and
``native/c/engram_draws.h`` take.
"""

from __future__ import annotations

import struct
from enum import IntEnum

import xxhash

__all__ = ["MAX_DRAWS", "Stream", "object_uid", "stream_key"]

MAX_DRAWS = 256  # under one key and step: the bits above count the attempts of rejection methods
_MASK64 = (1 << 64) - 1


class Stream(IntEnum):
    """What is drawn. The numbers are part of the format: they never change and are never used again."""

    EQUATION = 1  # in the equations of a neuron
    SYNAPSE = 2  # in the equations of a synapse
    CONNECTOR = 3  # which synapses exist
    WEIGHTS = 4
    DELAYS = 5
    ATTRIBUTE = 6  # a distribution assigned to an attribute by the user
    INITIAL = 7  # a distribution as an initial value
    REFRACTORY = 8  # refractory periods that a distribution gives
    STRUCTURE = 9  # which synapses go and come, and what new ones begin with


def object_uid(path: str) -> int:
    """Return the 32-bit uid of an object from its path at creation, such as ``populations/exc``.

    The uid is kept when the object is renamed; two objects of one network with the same uid are refused at creation.
    """
    return xxhash.xxh32_intdigest(path.encode("utf-8"))


def stream_key(seed: int, uid: int, stream: int, step: int = 0) -> int:
    """Return the 64-bit key of one stream.

    Args:
        seed: any integer; its lower 64 bits count.
        uid: of the object, see :func:`object_uid`.
        stream: a :class:`Stream`.
        step: of the simulation; the key changes only every 2**32 steps.
    """
    return xxhash.xxh3_64_intdigest(struct.pack("<QIIQ", seed & _MASK64, uid, int(stream), step >> 32))
