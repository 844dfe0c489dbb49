"""Logarithm, exponential and sine of the random draws, as NumPy operations that C repeats bit for bit.

In: float64 arrays. Out: float64 arrays. Only +, -, *, / and integer operations occur, in the same order on both
sides: each is correctly rounded everywhere, so the results are equal on every machine. (``numpy.log`` differs between
machines by an ulp.)

Source: the polynomials and reductions of fdlibm (Sun Microsystems 1993); Cody & Waite 1980, Software Manual for the
Elementary Functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["draw_exp", "draw_log", "draw_sincos_turn"]

_Floats = npt.NDArray[np.float64]
_Bits = npt.NDArray[np.uint64]


def _number(text: str) -> np.float64:
    """Return a constant that is written in hexadecimal, as in C."""
    return np.float64(float.fromhex(text))


_SHIFT = _number("0x1.8p52")  # adding it rounds to an integer, which then stands in the lowest bits
_LN2_HIGH = _number("0x1.62e42feep-1")  # ends in zeros: its product with a small integer is exact
_LN2_LOW = _number("0x1.a39ef35793c76p-33")
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
_ONE = np.uint64(0x3FF0000000000000)
_SQRT_HALF = np.uint64(0x3FE6A09E667F3BCD)
_AT_ONCE = 4096  # so many values, whose intermediate results stay in the cache

_LOG = tuple(
    map(
        _number,
        [
            "0x1.5555555555593p-1",
            "0x1.999999997fa04p-2",
            "0x1.2492494229359p-2",
            "0x1.c71c51d8e78afp-3",
            "0x1.7466496cb03dep-3",
            "0x1.39a09d078c69fp-3",
            "0x1.2f112df3e5244p-3",
        ],
    )
)
_EXP = tuple(
    map(
        _number,
        [
            "0x1.555555555553ep-3",
            "-0x1.6c16c16bebd93p-9",
            "0x1.1566aaf25de2cp-14",
            "-0x1.bbd41c5d26bf1p-20",
            "0x1.6376972bea4d0p-25",
        ],
    )
)
_SIN = tuple(
    map(
        _number,
        [
            "-0x1.5555555555549p-3",
            "0x1.111111110f8a6p-7",
            "-0x1.a01a019c161d5p-13",
            "0x1.71de357b1fe7dp-19",
            "-0x1.ae5e68a2b9cebp-26",
            "0x1.5d93a5acfd57cp-33",
        ],
    )
)
_COS = tuple(
    map(
        _number,
        [
            "0x1.555555555554cp-5",
            "-0x1.6c16c16c15177p-10",
            "0x1.a01a019cb1590p-16",
            "-0x1.27e4f809c52adp-22",
            "0x1.1ee9ebdb4b1c4p-29",
            "-0x1.8fae9be8838d4p-37",
        ],
    )
)


def _bits(x: _Floats) -> _Bits:
    return np.ascontiguousarray(x, np.float64).view(np.uint64)


def _from_bits(bits: _Bits) -> _Floats:
    return bits.view(np.float64)


def _polynomial(z: _Floats, coefficients: tuple[np.float64, ...]) -> _Floats:
    """Return ``z*(c0 + z*(c1 + ...))`` by Horner's rule, without the leading factor z."""
    value: Any = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = coefficient + z * value
    return np.asarray(value)


def draw_log(x: _Floats) -> _Floats:
    """Return the natural logarithm of positive normal numbers, below 1 ulp.

    Args:
        x: (n,) float64, positive and normal; for others the result means nothing.
    """
    shifted = _bits(x) + (_ONE - _SQRT_HALF)
    k = (shifted >> np.uint64(52)).astype(np.float64) - 1023.0
    m = _from_bits((shifted & _MANTISSA) + _SQRT_HALF)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * _polynomial(w, _LOG[1::2])
    odd = z * _polynomial(w, _LOG[0::2])
    half_square = 0.5 * f * f
    value = (((s * (half_square + (even + odd)) + k * _LN2_LOW) - half_square) + f) + k * _LN2_HIGH
    return np.asarray(value)


def draw_exp(x: _Floats) -> _Floats:
    """Return the exponential, below 1 ulp: overflows to infinity, underflows gradually, NaN stays NaN.

    Args:
        x: (n,) float64.
    """
    if len(x) > _AT_ONCE:
        return np.concatenate([draw_exp(x[k : k + _AT_ONCE]) for k in range(0, len(x), _AT_ONCE)])
    x = np.ascontiguousarray(x, np.float64)
    y = np.where(x > 710.0, 710.0, x)
    y = np.where(y < -746.0, -746.0, y)
    shifted = y * _number("0x1.71547652b82fep+0") + _SHIFT
    k = shifted - _SHIFT
    high = y - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * _polynomial(t, _EXP)
    value = 1.0 + ((r * c / (2.0 - c) - low) + high)
    with np.errstate(over="ignore", under="ignore"):
        n = _bits(shifted) - np.uint64(0x4338000000000000 - 2048)
        half: _Bits = np.right_shift(n, np.uint64(1))
        first = _from_bits((half - np.uint64(1)) << np.uint64(52))
        second = _from_bits((n - half - np.uint64(1)) << np.uint64(52))
        return np.asarray(value * first * second)


def draw_sincos_turn(u: _Floats) -> tuple[_Floats, _Floats]:
    """Return sine and cosine of ``2*pi*u``, about 1 ulp.

    Args:
        u: (n,) float64 in [0, 1]. For ``(word + 0.5) * 2**-32`` the reduction of the argument is exact.
    """
    quarters = 4.0 * np.ascontiguousarray(u, np.float64)
    shifted = quarters + _SHIFT
    f = quarters - (shifted - _SHIFT)
    q = _bits(shifted)
    high = f * _number("0x1.921fb4p0")
    low = f * _number("0x1.4442d18469899p-24")
    x = high + low
    z = x * x
    s = high + (low + x * (z * _polynomial(z, _SIN)))
    r = z * z * _polynomial(z, _COS)
    half = 0.5 * z
    w = 1.0 - half
    c = w + (((1.0 - w) - half) + r)
    swap = (q & np.uint64(1)).astype(bool)
    sine = np.where(swap, c, s)
    cosine = np.where(swap, s, c)
    sine = np.where((q & np.uint64(2)).astype(bool), -sine, sine)
    cosine = np.where(((q + np.uint64(1)) & np.uint64(2)).astype(bool), -cosine, cosine)
    return sine, cosine
