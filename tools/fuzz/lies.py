"""Files whose seals are right and that lie: about what the network is, or about the values that they hold.

In: a network. Out: files of any format, as somebody would write them who knows the format.
"""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import engram as eg
from engram.persistence.files import described
from engram.storage.document import encode
from engram.storage.formats import format_for
from engram.storage.save import sealed

__all__ = ["MemoryFile", "liar"]

ENCODERS = ("engram.storage.manifest", "engram.storage.zip.write", "engram.storage.mat.format")
STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, 2**64, 10**30, 1.5, "", "x", "../x", "a/b", "\x00", "<f8", "|O", "O8", "V8",
    [], {}, [[]], [0], [-1], [2**40], [2**31, 2**31], {"x": 1}, "network/step", "v = __import__('os')", "*/ int x; /*",
)  # fmt: skip


class MemoryFile:
    """A file that is written front to back in memory."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        """Append all of ``data``."""
        before = len(self.data)
        self.data += memoryview(data).cast("B") if memoryview(data).nbytes else b""
        return len(self.data) - before

    def tell(self) -> int:
        """Bytes written so far."""
        return len(self.data)

    def patch(self, data: bytes, offset: int, /) -> None:
        """Replace bytes that were written before."""
        self.data[offset : offset + len(data)] = data


def liar(net: eg.Network, suffix: str) -> Callable[[random.Random], bytes]:
    """Return what writes files of a format that lie."""
    leaves = sorted(net._core.state.leaves(), key=lambda leaf: leaf.slot.path)
    fmt, description = format_for(f"x{suffix}"), described(net._keeper)
    honest = sealed(description, leaves)

    def lie(rng: random.Random) -> bytes:
        manifest, lying = honest, contextlib.nullcontext()
        if rng.random() < 0.5:
            manifest = replace(honest, blueprint=_changed(rng, honest.blueprint))
        else:
            lying = _lying(rng)  # type: ignore[assignment]  # both are contexts
        out = MemoryFile()
        with lying:
            fmt.write(out, manifest, leaves)
        return bytes(out.data)

    return lie


@contextlib.contextmanager
def _lying(rng: random.Random) -> Iterator[None]:
    """Let what a file says of its values be another document, however it is sealed."""
    state = rng.getstate()

    def other(document: dict[str, Any]) -> bytes:
        if "slots" not in document:
            return encode(document)
        rng.setstate(state)  # some formats ask twice, and must get the same
        return encode(_changed(rng, document))

    with contextlib.ExitStack() as stack:
        for module in ENCODERS:
            stack.enter_context(mock.patch(f"{module}.encode", other))
        yield


def _changed(rng: random.Random, data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with another value in one place or more."""
    data = copy.deepcopy(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        outer, key = rng.choice([*_places(data)])
        value = outer[key]
        outer[key] = rng.choice((*STRANGE, *([_near(rng, value)] * 20)))
    return data


def _near(rng: random.Random, value: Any) -> Any:
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + rng.choice((-1, 1, 1000))
    if isinstance(value, str):
        return rng.choice((value + "x", value[:-1], value.upper(), value * 2))
    if isinstance(value, list):
        return rng.choice((value[:-1], value * 2, value[::-1], [*value, 1]))
    return {**value, "x": 1} if isinstance(value, dict) else 0


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    inside = [*data.items()] if isinstance(data, dict) else [*enumerate(data)] if isinstance(data, list) else []
    for key, value in inside:
        yield data, key
        yield from _places(value)
