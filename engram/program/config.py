"""Settings of a network: the keys of ``eg.setup`` and ``net.config``, each checked when it is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from engram.callers import plain_number, whole_number
from engram.elsewhere.lookup import instead_of
from engram.errors import InvalidArgument, NotAvailable, UnknownSetting, WrongCall
from engram.ir.precision import Float, Precision
from engram.language.methods import DEFAULT, NAMES
from engram.native.cores import available_cores
from engram.native.pool import MAX_THREADS
from engram.telling import told

if TYPE_CHECKING:
    from engram.language.model import EventClock

__all__ = ["CHECKS", "Config", "changed", "check_hints", "random_seed"]

# Hints of ANNarchy's to its code generator: accepted, since they never change a result. Synapses can be created and
# pruned by hand whatever ``structural_plasticity`` says; rules that do it are part of a model.
HINTS = frozenset(
    "visible_cores only_int_idx_type verbose suppress_warnings show_time trace_calls disable_parallel_rng use_seed_seq "
    "use_cpp_connectors disable_split_matrix disable_SIMD_SpMV disable_SIMD_Eq disable_bitmask sparse_matrix_format "
    "sparse_matrix_storage_order debug disable_shared_library_time_offset structural_plasticity".split()
)

OF_COMPILE = frozenset(
    "clean populations projections compiler compiler_flags add_sources extra_libs cuda_config annarchy_json net_id "
    "profile_enabled debug_build structural_plasticity trace_calls".split()
)
"""Arguments of ANNarchy's ``compile`` that change no result."""


@dataclass(frozen=True)
class Config:
    """Settings of a network.

    Args:
        dt: step in ms.
        seed: of all random streams; None: drawn from the system.
        method: ODE method of equations that name none.
        num_threads: at most so many threads; ``auto``: as many as there are cores for this process.
        event_clock: how event-driven variables count the time between events: ``exact``, or ``annarchy``, which is one
            step short before each presynaptic event, as there.
        dtype: of all floats of neurons and synapses, and of what is computed with them.
        synapse_dtype: of those that synapses store; None: as ``dtype``.
        check_finite: whether a run stops where a value becomes infinite or NaN.
    """

    dt: float = 1.0
    seed: int | None = None
    method: str = DEFAULT
    num_threads: int = 1
    event_clock: EventClock = "exact"
    dtype: Float = "float64"
    synapse_dtype: Float | None = None
    check_finite: bool = True

    @cached_property
    def precision(self) -> Precision:
        """In which precision floats are stored and computed."""
        return Precision(self.dtype, self.synapse_dtype or self.dtype)


def changed(config: Config, keys: dict[str, Any], call: str = "config") -> Config:
    """Return ``config`` with some settings changed: all of them, or none if one is wrong.

    Args:
        call: what the user has called.

    Raises:
        InvalidArgument: for an unknown key or a value that can't be.
    """
    values = {}
    for key, value in keys.items():
        if key in CHECKS:
            values[ALIASES.get(key, key)] = CHECKS[key](value)
        elif key in REFUSED and value != REFUSED[key]:
            advice = f"leave it out: {key}={REFUSED[key]!r} is what there is; num_threads= says how many cores."
            raise NotAvailable(f"{key}={told(value)} is not available yet\n  help: {advice}")
        elif key not in HINTS and key not in REFUSED:
            known = [*CHECKS, *sorted(REFUSED), *sorted(HINTS)]
            hint = instead_of(key, call, known) or f"known settings: {', '.join(CHECKS)}."
            raise UnknownSetting(f"unknown setting {key!r}\n  help: {hint}", key)
    new = replace(config, **values)
    if (new.dtype, new.synapse_dtype) == ("float32", "float64"):
        raise InvalidArgument(
            "synapse_dtype=float64: synapses can't be stored in more than dtype=float32, in which all is computed\n"
            "  help: leave synapse_dtype out, or give dtype=eg.float64."
        )
    return new


def _dt(value: Any) -> float:
    number = plain_number(value)
    if number is None or not 0 < number <= sys.float_info.max:
        raise InvalidArgument(f"dt: expected ms, more than 0, got {told(value)}")
    return float(number)


def _seed(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and value == -1):
        return None  # -1 is how 4.x scripts ask for a random one
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= int(value) < 2**64:
        raise InvalidArgument(f"seed: expected a whole number from 0 to 2^64 - 1, or -1 for any, got {told(value)}")
    return int(value)


def _method(value: Any) -> str:
    if value not in NAMES:
        raise InvalidArgument(f"method: expected one of {', '.join(NAMES)}, got {told(value)}")
    return str(value)


def _threads(value: Any) -> int:
    number = min(available_cores(), MAX_THREADS) if isinstance(value, str) and value == "auto" else whole_number(value)
    if number is None or not 1 <= number <= MAX_THREADS:
        raise InvalidArgument(
            f"num_threads: expected a whole number from 1 to {MAX_THREADS}, or 'auto', got {told(value)}"
        )
    return number


def _event_clock(value: Any) -> EventClock:
    clock = {"exact": "exact", "annarchy": "annarchy"}.get(value) if isinstance(value, str) else None
    if clock is None:
        raise InvalidArgument(f"event_clock: expected 'exact' or 'annarchy', got {told(value)}")
    return clock  # type: ignore[return-value]  # one of the two


def _check_finite(value: Any) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise InvalidArgument(f"check_finite: expected True or False, got {told(value)}")
    return bool(value)


def _float(key: str, value: Any) -> str:
    """A dtype, or one of ANNarchy's words for it."""
    try:
        name = WORDS.get(value, value) if isinstance(value, str) else np.dtype(value).name
    except TypeError:
        name = ""
    if value is None or name not in ("float32", "float64"):
        raise InvalidArgument(f"{key}: expected eg.float32 or eg.float64, got {told(value)}")
    return str(name)


WORDS = {"float": "float32", "double": "float64"}
ALIASES = {"precision": "dtype"}  # as 4.x scripts call it
CHECKS: dict[str, Callable[[Any], Any]] = {
    **{"dt": _dt, "seed": _seed, "method": _method, "num_threads": _threads, "event_clock": _event_clock},
    "check_finite": _check_finite,
    **{key: partial(_float, key) for key in ("dtype", "synapse_dtype", "precision")},
}
REFUSED: dict[str, Any] = {"paradigm": "openmp"}


def check_hints(hints: Collection[str]) -> None:
    """Refuse arguments of ``compile`` that nobody knows.

    Raises:
        WrongCall: naming the first of them.
    """
    takes = ["directory", "silent", "backend"]
    for name in hints:
        if name not in OF_COMPILE:
            help_ = instead_of(name, "compile", takes) or f"it takes {', '.join(takes)}."
            raise WrongCall(f"compile(): unknown argument {name!r}\n  help: {help_}")


def random_seed() -> int:
    """Return 32 random bits from the system, for a network without a seed."""
    return int.from_bytes(os.urandom(4), "little")
