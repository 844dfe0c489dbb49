"""The forms in which users give spikes, and other arguments of analysis, checked.

In: the dictionary that a monitor gives, its structured array of (time, rank), or a pair of arrays (times, ranks).
Out: :class:`engram.analysis.spikes.Spikes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.analysis.spikes import RANKS, Spikes, grouped, ordered, whole_numbers
from engram.callers import plain_float, plain_number
from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["RECORD", "checked_window", "positive_ms", "spikes_of", "times_of"]

Array = npt.NDArray[Any]

RECORD = np.dtype([("time", np.float64), ("rank", np.int32)])
"""One spike of the structured form: ms, rank; 12 bytes, as it was recorded."""

FORMS = "a dictionary {rank: [steps]}, a structured array of (time, rank), or a pair of arrays (times in ms, ranks)"
NEAR = 1e-3  # of a step: what times in ms may be off a whole number of steps


def spikes_of(given: Any, dt: float = 1.0) -> Spikes:
    """Return spikes in the form that analysis works on.

    Args:
        given: a dictionary ``{rank: [steps]}``, a structured array of (time, rank), a pair (times in ms, ranks).
        dt: ms per step, by which times are steps again.

    Raises:
        InvalidArgument: if they are none of these, or the times are no multiples of dt.
    """
    dt_ms = positive_ms(dt, "dt")
    if isinstance(given, Spikes):  # from a monitor's method
        return given
    if isinstance(given, Mapping):
        return _of_dictionary(given)
    timed = times_of(given)
    if timed is not None:
        return _of_times(*timed, dt_ms)
    raise InvalidArgument(f"spikes: expected {FORMS}, got {told(given)}\n  help: monitor.get('spike') gives the first.")


def times_of(given: Any) -> tuple[Array, Array] | None:
    """Return the times in ms and the ranks, (n,) each, of spikes that know their times; None for other forms.

    Raises:
        InvalidArgument: if they are no times and ranks.
    """
    if isinstance(given, np.ndarray) and given.dtype.names is not None:
        if set(given.dtype.names) != {"time", "rank"} or given.ndim != 1:
            what = f"spikes: expected fields 'time' and 'rank', got {told(given.dtype.names)}"
            raise InvalidArgument(f"{what}\n  help: give a pair of arrays, (times in ms, ranks).")
        given = given["time"], given["rank"]
    elif not isinstance(given, tuple) or len(given) != 2:
        return None
    times, ranks = given
    if not (isinstance(times, np.ndarray | list) and isinstance(ranks, np.ndarray | list) and len(times) == len(ranks)):
        return None
    return _finite(times), whole_numbers(ranks, "spikes: ranks", **RANKS)


def positive_ms(value: Any, what: str) -> float:
    """Return a number of ms above 0.

    Raises:
        InvalidArgument: if it is none.
    """
    number = plain_float(value)
    if number is None or not 0 < number < np.inf:
        raise InvalidArgument(f"{what}: expected ms above 0, got {told(value)}")
    return number


def checked_window(given: Any) -> tuple[int, int]:
    """Return the first and the last step of a window.

    Raises:
        InvalidArgument: if it is no pair of steps, or ends before it begins.
    """
    parts = [plain_number(part) for part in given] if isinstance(given, tuple | list | np.ndarray) else []
    if len(parts) == 2 and all(part is not None and abs(part) < 2**62 and part == int(part) for part in parts):
        first, last = map(int, parts)
        if first <= last:
            return first, last
    what = f"recording_window: expected (first step, last step), got {told(given)}"
    raise InvalidArgument(f"{what}\n  help: recording_window=(0, 10000), in steps, not in ms.")


def _of_dictionary(given: Mapping[Any, Any]) -> Spikes:
    keys = list(given)
    if keys and all(isinstance(key, str) for key in keys):
        advice = f"give one of them, spikes[{keys[0]!r}]."
        raise InvalidArgument(f"spikes: expected ranks as keys, got names: {told(keys[0], 40)}\n  help: {advice}")
    neurons = whole_numbers(keys, "spikes: ranks", **RANKS)
    lists = [_steps(key, given[key]) for key in keys]
    counts = np.fromiter(map(len, lists), np.int64, len(lists))
    steps = np.concatenate(lists) if lists else np.zeros(0, np.int64)
    return ordered(Spikes(steps, counts, neurons))


def _steps(rank: Any, given: Any) -> Array:
    what = f"spikes: steps of neuron {rank}"
    if not isinstance(given, list | tuple | np.ndarray | range):
        advice = "{rank: [10, 25]} has the steps in which a neuron spiked."
        raise InvalidArgument(f"{what}: expected a list of steps, got {told(given)}\n  help: {advice}")
    return whole_numbers(given, what, advice="times in ms are given as a pair of arrays: (times, ranks).")


def _finite(given: Any) -> Array:
    try:
        times = np.asarray(given, np.float64)
    except (TypeError, ValueError):  # text, lists of different lengths
        times = np.zeros((0, 0))
    if times.ndim != 1 or not np.isfinite(times).all():
        wrong = given if times.ndim != 1 else times[~np.isfinite(times)][0].item()
        raise InvalidArgument(f"spikes: expected times in ms, got {told(wrong)}")
    return times


def _of_times(times: Array, ranks: Array, dt_ms: float) -> Spikes:
    exact = times / dt_ms
    steps = np.rint(exact)
    off = np.abs(exact - steps) > NEAR
    if off.any():
        raise InvalidArgument(
            f"spikes: times in ms are whole numbers of steps, but {times[np.argmax(off)]:g} is no multiple of "
            f"dt={dt_ms:g}\n  help: give the network's step, dt=net.dt."
        )
    return grouped(steps.astype(np.int64), ranks)
