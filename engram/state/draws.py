"""Keyed random draws in NumPy: a draw is a pure function of (key, element, step, draw number).

In: a key from ``state/streams.py`` and counters. Out: arrays of random values, bitwise equal to what
``native/c/engram_draws.h`` and ``native/c/draws.c`` compute; that header explains the counters. Called by the
interpreter, the distributions and, where no compiler exists, by ``wiring``.

Sources: Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3 (Threefry4x32-20); Box & Muller
1958, Ann. Math. Stat. 29:610; Marsaglia & Tsang 2000, ACM TOMS 26:363 (gamma); Hormann 1993, J. Stat. Comput. Simul.
46:101 (binomial, BTRS).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engram.state.elementary import draw_exp, draw_log, draw_sincos_turn

__all__ = [
    "MAX_DRAWS",
    "Kind",
    "Numbered",
    "Numbers",
    "binomial",
    "gamma",
    "neuron_exponential",
    "neuron_normal",
    "neuron_poisson",
    "neuron_sample",
    "neuron_uniform",
    "poisson",
    "sample",
    "synapse_exponential",
    "synapse_normal",
    "synapse_uniform",
    "threefry",
    "threefry_words",
    "unit32",
    "unit53",
    "unit_tail",
]

_Floats = npt.NDArray[np.float64]
_Words = npt.NDArray[np.uint32]
_Flags = npt.NDArray[np.bool_]
_Parameter = float | npt.NDArray[np.float64]
_Counter = int | npt.NDArray[np.integer]
Numbers = tuple[int, float, float, float, float]  # kind, a, b, min, max: the fields of eg_distribution

MAX_DRAWS = 256  # draw numbers are below; bits 8 to 14 count attempts, bit 15 marks the second call
_ATTEMPTS = 128
_SECOND_CALL = 0x8000
_SMALL_WORD = 4096
_POISSON_LIMIT = 15.0
_POISSON_LENGTH = 64
_MASK32 = 0xFFFFFFFF
_PARITY = 0x1BD11BDA
_ROTATIONS = ((10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20))
_HALF_LOG_2PI = float.fromhex("0x1.d67f1c864beb5p-1")
_STIRLING = np.array(
    [
        float.fromhex("0x1.4c071bcda0a5bp-4"),
        float.fromhex("0x1.52a9b923ea649p-5"),
        float.fromhex("0x1.c579a268d80b3p-6"),
        float.fromhex("0x1.54a2662fd78a9p-6"),
        float.fromhex("0x1.10b4e513fcbedp-6"),
        float.fromhex("0x1.c6b167bebdf36p-7"),
        float.fromhex("0x1.85d4d612e4a86p-7"),
        float.fromhex("0x1.552805e7b3076p-7"),
        float.fromhex("0x1.2f4871b12ab64p-7"),
        float.fromhex("0x1.10f9d4c0743a7p-7"),
    ]
)  # of 0 ... 9


class Kind(IntEnum):
    """The distributions, with the numbers that C uses. ``a`` and ``b`` are the arguments as the user gives them."""

    CONSTANT = 0  # a
    UNIFORM = 1  # a <= value < b (b itself only by rounding)
    DISCRETE_UNIFORM = 2  # integers a ... b
    NORMAL = 3  # mean a, standard deviation b
    LOG_NORMAL = 4  # exp of a normal with mean a, standard deviation b
    EXPONENTIAL = 5  # rate a: the mean is 1/a
    GAMMA = 6  # shape a, scale b
    BINOMIAL = 7  # a trials with probability b
    POISSON = 8  # mean a


class Numbered(Protocol):
    """Whatever can be written as the numbers of a distribution."""

    def as_numbers(self) -> Numbers:
        """Return (kind, a, b, min, max)."""
        ...


# ---------------------------------------------------------------- Threefry


def threefry_words(key: tuple[int, int, int, int], counter: tuple[_Words, _Words, _Words, _Words]) -> list[_Words]:
    """Return the four words of Threefry4x32-20 for any four-word key.

    Args:
        key: four numbers below 2**32.
        counter: four (n,) uint32 of one shape. Not modified.
    Returns:
        four (n,) uint32.
    """
    parity = _PARITY ^ key[0] ^ key[1] ^ key[2] ^ key[3]
    schedule = (*key, parity)
    x = [word + np.uint32(k) for word, k in zip(counter, key, strict=True)]
    for round_ in range(20):
        odd = round_ % 2  # in odd rounds words 1 and 3 change places
        for i, rotation in zip((0, 2), _ROTATIONS[round_ % 8], strict=True):
            j = (i + 1 + 2 * odd) % 4
            x[i] += x[j]
            low = x[j] >> np.uint32(32 - rotation)
            x[j] <<= np.uint32(rotation)
            x[j] |= low
            x[j] ^= x[i]
        if round_ % 4 == 3:
            injection = round_ // 4 + 1
            for i in range(4):
                x[i] += np.uint32((schedule[(injection + i) % 5] + (injection if i == 3 else 0)) & _MASK32)
    return x


def _low_words(counter: _Counter) -> _Words:
    """Return the lower 32 bits of a number or of each element of an array."""
    if isinstance(counter, int):
        return np.asarray(counter & _MASK32, np.uint32)
    return counter.astype(np.uint32, copy=False)


def threefry(key: int, a: _Counter, b: _Counter, step: int, draw: _Counter) -> tuple[_Words, _Words, _Words, _Words]:
    """Return the four words of counter (a, b, step, draw), of which the lower 32 bits count.

    Args:
        key: 64 bits, from :func:`engram.state.streams.stream_key`.
        a, b, draw: numbers or (n,) integers, broadcast together.
    Returns:
        four (n,) uint32; n = 1 for numbers.
    """
    shape = np.broadcast_shapes(*(np.shape(word) for word in (a, b, draw)), (1,))
    counter = [np.array(np.broadcast_to(_low_words(word), shape)) for word in (a, b, step, draw)]
    words = threefry_words(
        (key & _MASK32, (key >> 32) & _MASK32, 0, 0), (counter[0], counter[1], counter[2], counter[3])
    )
    return words[0], words[1], words[2], words[3]


# ---------------------------------------------------------------- words to the unit interval


def unit32(u: _Words) -> _Floats:
    """Return ``(u + 0.5) * 2**-32``, in (0, 1)."""
    return np.asarray((u.astype(np.float64) + 0.5) * 2.0**-32)


def unit53(high: _Words, low: _Words) -> _Floats:
    """Return ``(m + 0.5) * 2**-52`` for the upper 52 bits m of two words: 53 significant bits, in (0, 1)."""
    m = (high.astype(np.uint64) << np.uint64(20)) | (low >> np.uint32(12)).astype(np.uint64)
    return np.asarray((m.astype(np.float64) + 0.5) * 2.0**-52)


def unit_tail(high: _Words, low: _Words) -> _Floats:
    """Return :func:`unit32` of the first word; a small one is extended to 64 bits by the second."""
    m = ((high & np.uint32(_SMALL_WORD - 1)).astype(np.uint64) << np.uint64(32)) | low.astype(np.uint64)
    return np.where(high < _SMALL_WORD, (m.astype(np.float64) + 0.5) * 2.0**-64, unit32(high))


# ---------------------------------------------------------------- values from words


def _radius(u: _Floats) -> _Floats:
    return np.asarray(np.sqrt(-2.0 * draw_log(u)))


def _normal_of(radius: _Words, angle: _Words, extension: _Words) -> _Floats:
    _, cosine = draw_sincos_turn(unit32(angle))
    return np.asarray(_radius(unit_tail(radius, extension)) * cosine)


# ---------------------------------------------------------------- draws of neurons


def _neuron_words(key: int, step: int, draw: int, first: int, n: int) -> tuple[_Words, int]:
    """Return the words of the blocks of 64 that hold elements first ... first + n, and the number of the first block.

    Returns:
        (blocks, 4, 16) uint32: read in this order it is the order of elements.
    """
    first_block = first // 64
    blocks = max(-(-(first + n) // 64) - first_block, 0)
    counter = 16 * first_block + np.arange(16 * blocks, dtype=np.int64)
    words = threefry(key, counter, 0, step, draw) if blocks else 4 * (np.empty(0, np.uint32),)
    return np.stack([word.reshape(blocks, 16) for word in words], axis=1), first_block


def _tail_units(words: _Words, columns: slice, first_block: int, key: int, step: int, draw: int) -> _Floats:
    """Return the units of some of the four words; small ones are extended by a second call."""
    units = unit32(words[:, columns])
    block, column, lane = np.nonzero(words[:, columns] < _SMALL_WORD)
    if block.size:
        second = threefry(key, 16 * (first_block + block) + lane, 0, step, draw | _SECOND_CALL)
        number = column * (columns.step or 1)
        low = np.choose(number, second)
        units[block, column, lane] = unit_tail(words[block, number, lane], low)
    return units


def _cut(values: _Floats, first: int, n: int) -> _Floats:
    return values.reshape(-1)[first % 64 : first % 64 + n]


def neuron_uniform(key: int, step: int, draw: int, first: int, n: int) -> _Floats:
    """Return uniform draws in (0, 1), 32 bits, of elements first ... first + n - 1.

    Args:
        key: of the stream and of ``step >> 32``.
        step: of the simulation.
        draw: number of the draw in the model, below 256.
        first: any element; the result does not depend on how a range is cut.
    Returns:
        (n,) float64.
    """
    words, _ = _neuron_words(key, step, draw, first, n)
    return _cut(unit32(words), first, n)


def neuron_normal(key: int, step: int, draw: int, first: int, n: int) -> _Floats:
    """Return standard normal draws; arguments as in :func:`neuron_uniform`."""
    words, first_block = _neuron_words(key, step, draw, first, n)
    radius = _radius(_tail_units(words, slice(0, 4, 2), first_block, key, step, draw))
    sine, cosine = draw_sincos_turn(unit32(words[:, 1::2]))
    values = np.empty(words.shape)
    values[:, 0::2] = radius * cosine
    values[:, 1::2] = radius * sine
    return _cut(values, first, n)


def neuron_exponential(key: int, step: int, draw: int, first: int, n: int) -> _Floats:
    """Return exponential draws of rate 1; arguments as in :func:`neuron_uniform`."""
    words, first_block = _neuron_words(key, step, draw, first, n)
    return _cut(-draw_log(_tail_units(words, slice(0, 4, 1), first_block, key, step, draw)), first, n)


def neuron_poisson(mean: float, key: int, step: int, draw: int, first: int, n: int) -> _Floats:
    """Return Poisson draws of one mean for all elements, as float64 integers; other arguments as above.

    With a mean of at most 15 an element needs one word: its value is how many of the survival thresholds P(X > k) lie
    above it; a small word takes a second one and walks the exact tail. Above 15, and for a mean per element, see
    :func:`poisson` with counters (element, 1).
    """
    if mean > _POISSON_LIMIT:
        return poisson(mean, key, np.arange(first, first + n, dtype=np.int64), 1, step, draw)
    survival = _poisson_survival(mean if mean > 0.0 else 0.0)
    thresholds = np.minimum(np.floor(survival * 2.0**32 + 0.5), _MASK32).astype(np.uint32)
    words, first_block = _neuron_words(key, step, draw, first, n)
    units = _tail_units(words, slice(0, 4, 1), first_block, key, step, draw)
    rising = np.sort(thresholds[thresholds >= _SMALL_WORD])
    counts = rising.size - np.searchsorted(rising, words, side="right")
    is_small = words < _SMALL_WORD
    counts[is_small] = survival.size - np.searchsorted(survival[::-1], units[is_small], side="right")
    return _cut(counts.astype(np.float64), first, n)


def _poisson_survival(mean: float) -> _Floats:
    """Return P(X > k) for k = 0 ... 63, summed from the end."""
    probability = draw_exp(np.array([-mean]))[0]
    probabilities = [probability]
    for k in range(1, _POISSON_LENGTH):
        probability = probability * mean / float(k)
        probabilities.append(probability)
    return np.asarray(np.cumsum([0.0, *probabilities[:0:-1]])[::-1], np.float64)


def neuron_sample(distribution: Numbered | Numbers, key: int, step: int, draw: int, first: int, n: int) -> _Floats:
    """Return draws of any distribution with four words per element (counter b = 1); arguments as above."""
    return sample(distribution, key, np.arange(first, first + n, dtype=np.int64), 1, step, draw)


# ---------------------------------------------------------------- draws of synapses


def synapse_uniform(key: int, pre: _Counter, post: _Counter, step: int, draw: _Counter) -> _Floats:
    """Return uniform draws in (0, 1), 32 bits.

    Args:
        pre, post: ranks, broadcast together.
        draw: number of the draw + 2**16 * number of the multapse.
    Returns:
        (n,) float64.
    """
    return unit32(threefry(key, pre, post, step, draw)[0])


def synapse_normal(key: int, pre: _Counter, post: _Counter, step: int, draw: _Counter) -> _Floats:
    """Return standard normal draws; arguments as in :func:`synapse_uniform`."""
    words = threefry(key, pre, post, step, draw)
    return _normal_of(words[0], words[1], words[2])


def synapse_exponential(key: int, pre: _Counter, post: _Counter, step: int, draw: _Counter) -> _Floats:
    """Return exponential draws of rate 1; arguments as in :func:`synapse_uniform`."""
    words = threefry(key, pre, post, step, draw)
    return -draw_log(unit_tail(words[0], words[2]))


# ---------------------------------------------------------------- rejection methods


def _until_accepted(
    key: int, counter: tuple[_Counter, _Counter, int, _Counter], n: int, propose: Callable[..., tuple[_Floats, _Flags]]
) -> _Floats:
    """Return one accepted proposal per element; attempt t draws with ``draw | t << 8``.

    Args:
        propose: from the four words and the indices of the elements to their values and whether they are accepted.
    """
    a, b, step, draw = counter
    counters = [np.broadcast_to(np.asarray(word, np.int64), (n,)) for word in (a, b, draw)]
    values = np.zeros(n)
    waiting = np.arange(n)
    for attempt in range(_ATTEMPTS):
        first, second, number = (word[waiting] for word in counters)
        words = threefry(key, first, second, step, number | (attempt << 8))
        values[waiting], accepted = propose(words, waiting)
        waiting = waiting[~accepted]
        if waiting.size == 0:
            break
    return values


def _length(*arrays: _Counter | _Parameter) -> int:
    return int(np.broadcast_shapes(*(np.shape(array) for array in arrays), (1,))[0])


def _spread(parameter: _Parameter, n: int) -> _Floats:
    return np.broadcast_to(np.asarray(parameter, np.float64), (n,))


def gamma(alpha: _Parameter, key: int, a: _Counter, b: _Counter, step: int, draw: _Counter) -> _Floats:
    """Return gamma draws of shape alpha and scale 1.

    Args:
        alpha: number or (n,) float64, > 0.
        a, b, draw: counters, numbers or (n,) integers.
    Source:
        Marsaglia & Tsang 2000; below shape 1 a draw of shape alpha + 1 times U**(1/alpha).
    """
    n = _length(alpha, a, b, draw)
    shape = _spread(alpha, n)
    d = np.where(shape < 1.0, shape + 1.0, shape) - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)

    def propose(words: tuple[_Words, ...], of: npt.NDArray[np.intp]) -> tuple[_Floats, _Flags]:
        x = _normal_of(words[0], words[1], words[2])
        root = 1.0 + c[of] * x
        v = root * root * root
        d_of = d[of]
        with np.errstate(invalid="ignore"):
            bound = 0.5 * x * x + (d_of - d_of * v + d_of * draw_log(np.where(root > 0.0, v, 1.0)))
        return v, (root > 0.0) & (draw_log(unit32(words[3])) < bound)

    values = d * _until_accepted(key, (a, b, step, draw), n, propose)
    small = np.nonzero(shape < 1.0)[0]
    if small.size:
        a, b, draw = (np.broadcast_to(np.asarray(word, np.int64), (n,))[small] for word in (a, b, draw))
        words = threefry(key, a, b, step, draw | _SECOND_CALL)
        values[small] = values[small] * draw_exp(draw_log(unit_tail(words[0], words[2])) / shape[small])
    return values


def _stirling(k: _Floats) -> _Floats:
    """Return log(k!) less Stirling's formula ``(k + 0.5)*log(k + 1) - (k + 1) + 0.5*log(2*pi)``."""
    k1 = k + 1.0
    square = k1 * k1
    series = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / k1
    return np.where(k < 10.0, _STIRLING[np.clip(k, 0, 9).astype(np.intp)], series)


def _walk(u: _Floats, f: _Floats, ratio: Callable[[float, npt.NDArray[np.intp]], _Floats], most: _Floats) -> _Floats:
    """Return the inverse of a discrete distribution: f is the probability of 0, ratio(k) that of k to k - 1."""
    u, f, k = u.copy(), f.copy(), np.zeros(u.shape)
    of = np.nonzero((u > f) & (f > 2.0**-60) & (k < most))[0]
    count = 0.0
    while of.size:
        count += 1.0
        u[of] = u[of] - f[of]
        k[of] = count
        f[of] = f[of] * ratio(count, of)
        of = of[(u[of] > f[of]) & (f[of] > 2.0**-60) & (count < most[of])]
    return k


def binomial(
    trials: _Parameter, p: _Parameter, key: int, a: _Counter, b: _Counter, step: int, draw: _Counter
) -> _Floats:
    """Return binomial draws as float64 integers.

    Args:
        trials: number or (n,) float64, integers >= 0.
        p: number or (n,) float64 in [0, 1].
        a, b, draw: counters, numbers or (n,) integers.
    Source:
        Inversion where the mean of the rarer outcome is below 10, else BTRS (Hormann 1993).
    """
    n = _length(trials, p, a, b, draw)
    all_trials, all_p = _spread(trials, n), _spread(p, n)
    rare = np.where(all_p <= 0.5, all_p, 1.0 - all_p)
    is_small = all_trials * rare < 10.0
    counters = [np.broadcast_to(np.asarray(word, np.int64), (n,)) for word in (a, b, draw)]
    k = np.empty(n)
    for method, chosen in ((_binomial_inversion, is_small), (_binomial_btrs, ~is_small)):
        if chosen.any():
            first, second, number = (word[chosen] for word in counters)
            k[chosen] = method(all_trials[chosen], rare[chosen], key, (first, second, step, number))
    return np.where(all_p <= 0.5, k, all_trials - k)


def _binomial_inversion(
    trials: _Floats, p: _Floats, key: int, counter: tuple[_Counter, _Counter, int, _Counter]
) -> _Floats:
    words = threefry(key, *counter)
    q = 1.0 - p
    with np.errstate(invalid="ignore", divide="ignore"):  # log(1 - p), exact also for tiny p
        log_q = np.where(q == 1.0, -p, draw_log(q) * (p / (1.0 - q)))
    odds = p / q
    return _walk(
        unit53(words[0], words[1]),
        draw_exp(trials * log_q),
        lambda k, of: np.asarray((trials[of] - k + 1.0) * odds[of] / k),
        trials,
    )


def _binomial_btrs(trials: _Floats, p: _Floats, key: int, counter: tuple[_Counter, _Counter, int, _Counter]) -> _Floats:
    spread = np.sqrt(trials * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    centre = trials * p + 0.5
    v_r = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * spread
    m = np.floor((trials + 1.0) * p)
    odds = p / (1.0 - p)

    def propose(words: tuple[_Words, ...], of: npt.NDArray[np.intp]) -> tuple[_Floats, _Flags]:
        u = unit53(words[0], words[1]) - 0.5
        v = unit53(words[2], words[3])
        us = 0.5 - np.abs(u)
        n, top, r = trials[of], m[of], odds[of]
        k = np.floor((2.0 * a[of] / us + b[of]) * u + centre[of])
        is_inside = (k >= 0.0) & (k <= n)
        j = np.where(is_inside, k, top)
        bound = (
            (top + 0.5) * draw_log((top + 1.0) / (r * (n - top + 1.0)))
            + (n + 1.0) * draw_log((n - top + 1.0) / (n - j + 1.0))
            + (j + 0.5) * draw_log(r * (n - j + 1.0) / (j + 1.0))
            + (_stirling(top) + _stirling(n - top) - _stirling(j) - _stirling(n - j))
        )
        is_below = draw_log(v * alpha[of] / (a[of] / (us * us) + b[of])) <= bound
        return k, ((us >= 0.07) & (v <= v_r[of])) | (is_inside & is_below)

    return _until_accepted(key, counter, trials.size, propose)


def poisson(rate: _Parameter, key: int, a: _Counter, b: _Counter, step: int, draw: _Counter) -> _Floats:
    """Return Poisson draws of mean ``rate`` as float64 integers.

    Args:
        rate: number or (n,) float64, >= 0.
        a, b, draw: counters, numbers or (n,) integers.
    Source:
        Inversion below 10, else PTRS (Hormann 1993, Insurance: Mathematics and Economics 12:39).
    """
    n = _length(rate, a, b, draw)
    rates = _spread(rate, n)
    counters = [np.broadcast_to(np.asarray(word, np.int64), (n,)) for word in (a, b, draw)]
    k = np.empty(n)
    for method, chosen in ((_poisson_inversion, ~(rates >= 10.0)), (_poisson_ptrs, rates >= 10.0)):
        if chosen.any():
            first, second, number = (word[chosen] for word in counters)
            k[chosen] = method(rates[chosen], key, (first, second, step, number))
    return k


def _poisson_inversion(rate: _Floats, key: int, counter: tuple[_Counter, _Counter, int, _Counter]) -> _Floats:
    words = threefry(key, *counter)
    most = np.full(rate.shape, np.inf)
    return _walk(unit53(words[0], words[1]), draw_exp(-rate), lambda k, of: np.asarray(rate[of] / k), most)


def _poisson_ptrs(rate: _Floats, key: int, counter: tuple[_Counter, _Counter, int, _Counter]) -> _Floats:
    log_rate = draw_log(rate)
    b = 0.931 + 2.53 * np.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2.0)

    def propose(words: tuple[_Words, ...], of: npt.NDArray[np.intp]) -> tuple[_Floats, _Flags]:
        u = unit53(words[0], words[1]) - 0.5
        v = unit53(words[2], words[3])
        us = 0.5 - np.abs(u)
        k = np.floor((2.0 * a[of] / us + b[of]) * u + (rate[of] + 0.43))
        is_inside = k >= 0.0
        j = np.where(is_inside, k, 0.0)
        log_factorial = ((j + 0.5) * draw_log(j + 1.0) - (j + 1.0)) + (_HALF_LOG_2PI + _stirling(j))
        bound = (j * log_rate[of] - rate[of]) - log_factorial
        is_below = draw_log(v * inverse_alpha[of] / (a[of] / (us * us) + b[of])) <= bound
        return k, ((us >= 0.07) & (v <= v_r[of])) | (is_inside & ((us >= 0.013) | (v <= us)) & is_below)

    return _until_accepted(key, counter, rate.size, propose)


# ---------------------------------------------------------------- distributions of weights, delays, attributes


def sample(distribution: Numbered | Numbers, key: int, a: _Counter, b: _Counter, step: int, draw: _Counter) -> _Floats:
    """Return draws of a distribution, clipped to its bounds; ``eg_sample`` in C.

    Args:
        distribution: or its numbers (kind, a, b, min, max).
        a, b, draw: counters, numbers or (n,) integers, broadcast together.
    Returns:
        (n,) float64.
    """
    kind, first, second, low, high = distribution if isinstance(distribution, tuple) else distribution.as_numbers()
    if kind == Kind.CONSTANT:
        values = np.full(_length(a, b, draw), first)
    elif kind == Kind.GAMMA:
        values = second * gamma(first, key, a, b, step, draw)
    elif kind == Kind.BINOMIAL:
        values = binomial(first, second, key, a, b, step, draw)
    elif kind == Kind.POISSON:
        values = poisson(first, key, a, b, step, draw)
    else:
        values = _SIMPLE[Kind(kind)](first, second, threefry(key, a, b, step, draw))
    values = np.where(values < low, low, values)
    return np.where(values > high, high, values)


_SIMPLE: dict[Kind, Callable[[float, float, tuple[_Words, ...]], _Floats]] = {
    Kind.UNIFORM: lambda a, b, w: a + (b - a) * unit53(w[0], w[1]),
    Kind.DISCRETE_UNIFORM: lambda a, b, w: a + np.floor((b - a + 1.0) * unit53(w[0], w[1])),
    Kind.NORMAL: lambda a, b, w: a + b * _normal_of(w[0], w[1], w[2]),
    Kind.LOG_NORMAL: lambda a, b, w: draw_exp(a + b * _normal_of(w[0], w[1], w[2])),
    Kind.EXPONENTIAL: lambda a, b, w: -draw_log(unit_tail(w[0], w[2])) / a,
}
