"""The state of a NumPy generator as six words, so that it can be a slot like any other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["generator_words", "restore_generator"]

WORD = (1 << 64) - 1


def generator_words(rng: np.random.Generator) -> npt.NDArray[np.uint64]:
    """Return the state of a PCG64 generator: (6,), state and increment (low, high), and the cached half word."""
    state: Any = rng.bit_generator.state
    inner = state["state"]
    words = [inner["state"] & WORD, inner["state"] >> 64, inner["inc"] & WORD, inner["inc"] >> 64]
    return np.array([*words, state["has_uint32"], state["uinteger"]], np.uint64)


def restore_generator(rng: np.random.Generator, words: npt.NDArray[Any]) -> None:
    """Give a PCG64 generator the state that :func:`generator_words` returned."""
    low, high, inc_low, inc_high, has, half = (int(w) for w in words)
    rng.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": low | high << 64, "inc": inc_low | inc_high << 64},
        "has_uint32": has,
        "uinteger": half,
    }
