"""Gamma, binomial and Poisson draws whose arguments may differ between elements, from words of their own.

In: arguments, a key and counters. Out: one value per element, bitwise equal to ``native/c/engram_rejection.h``. Called
by the interpreter and by ``state/draws.py``. Draws of one distribution for a whole population: ``state/tables.py``.
Arguments that no such distribution has give NaN, infinite ones too.

Sources: Marsaglia & Tsang 2000, ACM TOMS 26:363 (gamma); Hormann 1993, J. Stat. Comput. Simul. 46:101 (binomial, BTRS);
Loader 2000, Fast and accurate computation of binomial probabilities (the logarithm of their ratio).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engram.state.elementary import draw_exp, draw_log
from engram.state.words import SECOND_CALL, Counter, Floats, Words, normal_of, threefry, unit32, unit53, unit_tail

__all__ = ["binomial", "gamma", "length_of", "log_of_complement", "poisson"]

_Flags = npt.NDArray[np.bool_]
_Parameter = float | npt.NDArray[np.float64]

_ATTEMPTS = 128
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


def _until_accepted(
    key: int, counter: tuple[Counter, Counter, int, Counter], n: int, propose: Callable[..., tuple[Floats, _Flags]]
) -> Floats:
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


def length_of(*arrays: Counter | _Parameter) -> int:
    """Return how many draws counters and arguments ask for; 1 if all are numbers."""
    return int(np.broadcast_shapes(*(np.shape(array) for array in arrays), (1,))[0])


def _spread(parameter: _Parameter, n: int) -> Floats:
    return np.broadcast_to(np.asarray(parameter, np.float64), (n,))


def gamma(alpha: _Parameter, key: int, a: Counter, b: Counter, step: int, draw: Counter) -> Floats:
    """Return gamma draws of shape alpha and scale 1.

    Args:
        alpha: number or (n,) float64, > 0.
        a, b, draw: counters, numbers or (n,) integers.
    Source:
        Marsaglia & Tsang 2000; below shape 1 a draw of shape alpha + 1 times U**(1/alpha).
    """
    n = length_of(alpha, a, b, draw)
    given = _spread(alpha, n)
    is_law = (given > 0.0) & np.isfinite(given)
    shape = np.where(is_law, given, 1.0)
    d = np.where(shape < 1.0, shape + 1.0, shape) - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)

    def propose(words: tuple[Words, ...], of: npt.NDArray[np.intp]) -> tuple[Floats, _Flags]:
        x = normal_of(words[0], words[1], words[2])
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
        words = threefry(key, a, b, step, draw | SECOND_CALL)
        values[small] = values[small] * draw_exp(draw_log(unit_tail(words[0], words[2])) / shape[small])
    return np.where(is_law, values, np.nan)


def _stirling(k: Floats) -> Floats:
    """Return log(k!) less Stirling's formula ``(k + 0.5)*log(k + 1) - (k + 1) + 0.5*log(2*pi)``."""
    k1 = k + 1.0
    square = k1 * k1
    series = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / k1
    small = np.where(k < 10.0, np.maximum(k, 0.0), 0.0)  # NaN is no index
    return np.where(k < 10.0, _STIRLING[small.astype(np.intp)], series)


def _inversion(u: Floats, f: Floats, ratio: Callable[[float, npt.NDArray[np.intp]], Floats], most: Floats) -> Floats:
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


def log_of_complement(p: Floats) -> Floats:
    """Return ``log(1 - p)``, exact also for tiny p; p below 1."""
    q = 1.0 - p
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(q == 1.0, -p, draw_log(q) * (p / (1.0 - q)))


def binomial(trials: _Parameter, p: _Parameter, key: int, a: Counter, b: Counter, step: int, draw: Counter) -> Floats:
    """Return binomial draws as float64 integers.

    Args:
        trials: number or (n,) float64, integers >= 0.
        p: number or (n,) float64 in [0, 1].
        a, b, draw: counters, numbers or (n,) integers.
    Source:
        Inversion where the mean of the rarer outcome is below 10, else BTRS (Hormann 1993).
    """
    n = length_of(trials, p, a, b, draw)
    all_trials, all_p = _spread(trials, n), _spread(p, n)
    is_law = (all_trials >= 0.0) & np.isfinite(all_trials) & (np.floor(all_trials) == all_trials)
    is_law &= (all_p >= 0.0) & (all_p <= 1.0)
    rare = np.where(all_p <= 0.5, all_p, 1.0 - all_p)
    is_small = all_trials * rare < 10.0
    counters = [np.broadcast_to(np.asarray(word, np.int64), (n,)) for word in (a, b, draw)]
    k = np.full(n, np.nan)
    for method, chosen in ((_binomial_inversion, is_law & is_small), (_binomial_btrs, is_law & ~is_small)):
        if chosen.any():
            first, second, number = (word[chosen] for word in counters)
            k[chosen] = method(all_trials[chosen], rare[chosen], key, (first, second, step, number))
    return np.where(is_law & (all_p > 0.5), all_trials - k, k)


def _binomial_inversion(trials: Floats, p: Floats, key: int, counter: tuple[Counter, Counter, int, Counter]) -> Floats:
    words = threefry(key, *counter)
    odds = p / (1.0 - p)
    return _inversion(
        unit53(words[0], words[1]),
        draw_exp(trials * log_of_complement(p)),
        lambda k, of: np.asarray((trials[of] - k + 1.0) * odds[of] / k),
        trials,
    )


def _deviance(x: Floats, m: Floats) -> Floats:
    """Return ``x*log(x/m) + m - x`` without loss where x is near m (Loader 2000)."""
    v = (x - m) / (x + m)
    square = v * v
    series = np.zeros(x.shape)
    for j in range(17, 2, -2):
        series = series * square + 1.0 / j
    near = (x - m) * v + 2.0 * x * v * (square * series)
    return np.where(square >= 0.01, x * draw_log(x / m) + (m - x), near)


def _binomial_btrs(trials: Floats, p: Floats, key: int, counter: tuple[Counter, Counter, int, Counter]) -> Floats:
    spread = np.sqrt(trials * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    centre = trials * p + 0.5
    v_r = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * spread
    m = np.floor((trials + 1.0) * p)
    expected, others = (trials + 2.0) * p, (trials + 2.0) * (1.0 - p)
    top = _deviance(m + 1.0, expected) + _deviance(trials - m + 1.0, others)

    def propose(words: tuple[Words, ...], of: npt.NDArray[np.intp]) -> tuple[Floats, _Flags]:
        u = unit53(words[0], words[1]) - 0.5
        v = unit53(words[2], words[3])
        us = 0.5 - np.abs(u)
        n, mode = trials[of], m[of]
        k = np.floor((2.0 * a[of] / us + b[of]) * u + centre[of])
        is_inside = (k >= 0.0) & (k <= n)
        j = np.where(is_inside, k, mode)
        bound = (
            (top[of] - (_deviance(j + 1.0, expected[of]) + _deviance(n - j + 1.0, others[of])))
            + 0.5 * draw_log((j + 1.0) / (mode + 1.0) * ((n - j + 1.0) / (n - mode + 1.0)))
            + (_stirling(mode) + _stirling(n - mode) - _stirling(j) - _stirling(n - j))
        )
        is_below = draw_log(v * alpha[of] / (a[of] / (us * us) + b[of])) <= bound
        return k, ((us >= 0.07) & (v <= v_r[of])) | (is_inside & is_below)

    return _until_accepted(key, counter, trials.size, propose)


def poisson(rate: _Parameter, key: int, a: Counter, b: Counter, step: int, draw: Counter) -> Floats:
    """Return Poisson draws of mean ``rate`` as float64 integers.

    Args:
        rate: number or (n,) float64, >= 0.
        a, b, draw: counters, numbers or (n,) integers.
    Source:
        Inversion below 10, else PTRS (Hormann 1993, Insurance: Mathematics and Economics 12:39).
    """
    n = length_of(rate, a, b, draw)
    rates = _spread(rate, n)
    counters = [np.broadcast_to(np.asarray(word, np.int64), (n,)) for word in (a, b, draw)]
    is_law, is_small = (rates >= 0.0) & np.isfinite(rates), rates < 10.0
    k = np.full(n, np.nan)
    for method, chosen in ((_poisson_inversion, is_law & is_small), (_poisson_ptrs, is_law & ~is_small)):
        if chosen.any():
            first, second, number = (word[chosen] for word in counters)
            k[chosen] = method(rates[chosen], key, (first, second, step, number))
    return k


def _poisson_inversion(rate: Floats, key: int, counter: tuple[Counter, Counter, int, Counter]) -> Floats:
    words = threefry(key, *counter)
    most = np.full(rate.shape, np.inf)
    return _inversion(unit53(words[0], words[1]), draw_exp(-rate), lambda k, of: np.asarray(rate[of] / k), most)


def _poisson_ptrs(rate: Floats, key: int, counter: tuple[Counter, Counter, int, Counter]) -> Floats:
    log_rate = draw_log(rate)
    b = 0.931 + 2.53 * np.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2.0)

    def propose(words: tuple[Words, ...], of: npt.NDArray[np.intp]) -> tuple[Floats, _Flags]:
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
