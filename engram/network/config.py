"""Settings of a network: the keys of ``eg.setup`` and ``net.config``, each checked when it is given."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from engram.errors import InvalidArgument, NotAvailable
from engram.native.pool import MAX_THREADS

__all__ = ["Config", "changed", "random_seed"]

# Hints of ANNarchy's to its code generator: accepted, since they never change a result.
HINTS = frozenset(
    "visible_cores only_int_idx_type verbose suppress_warnings show_time trace_calls disable_parallel_rng use_seed_seq "
    "use_cpp_connectors disable_split_matrix disable_SIMD_SpMV disable_SIMD_Eq disable_bitmask sparse_matrix_format "
    "sparse_matrix_storage_order debug disable_shared_library_time_offset".split()
)


@dataclass(frozen=True)
class Config:
    """Settings of a network.

    Args:
        dt: step in ms.
        seed: of all random streams; None: drawn from the system.
        method: ODE method of equations that name none.
        num_threads: at most so many threads.
    """

    dt: float = 1.0
    seed: int | None = None
    method: str = "explicit"
    num_threads: int = 1


def changed(config: Config, keys: dict[str, Any]) -> Config:
    """Return ``config`` with some settings changed: all of them, or none if one is wrong.

    Raises:
        InvalidArgument: for an unknown key or a value that can't be.
    """
    values = {}
    for key, value in keys.items():
        if key in CHECKS:
            values[key] = CHECKS[key](value)
        elif key in REFUSED and value != REFUSED[key]:
            raise NotAvailable(f"{key}={value!r} is not available yet")
        elif key not in HINTS and key not in REFUSED:
            known = [*CHECKS, *sorted(REFUSED), *sorted(HINTS)]
            near = get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known settings: {', '.join(CHECKS)}."
            raise InvalidArgument(f"unknown setting {key!r}\n  help: {hint}")
    return replace(config, **values)


def _dt(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < float(value) < float("inf"):
        raise InvalidArgument(f"dt: expected ms, more than 0, got {value!r:.60}")
    return float(value)


def _seed(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and value == -1):
        return None  # -1 is how 4.x scripts ask for a random one
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= int(value) < 2**64:
        raise InvalidArgument(f"seed: expected a whole number from 0 to 2^64 - 1, got {value!r:.60}")
    return int(value)


def _method(value: Any) -> str:
    from engram.ir.methods import METHODS  # with the whole language, which a script whose models are known never needs

    if value not in METHODS:
        raise InvalidArgument(f"method: expected one of {', '.join(METHODS)}, got {value!r:.60}")
    return str(value)


def _threads(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= int(value) <= MAX_THREADS:
        raise InvalidArgument(f"num_threads: expected a whole number from 1 to {MAX_THREADS}, got {value!r:.60}")
    return int(value)


CHECKS: dict[str, Callable[[Any], Any]] = {"dt": _dt, "seed": _seed, "method": _method, "num_threads": _threads}
REFUSED: dict[str, Any] = {
    "dtype": np.float64,
    "precision": "double",
    "synapse_dtype": np.float64,
    "paradigm": "openmp",
    "structural_plasticity": False,
}


def random_seed() -> int:
    """Return 32 random bits from the system, for a network without a seed."""
    return int.from_bytes(os.urandom(4), "little")
