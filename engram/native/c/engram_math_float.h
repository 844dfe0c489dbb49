/* Elementary functions for model equations, single precision, branch-free: the twins of engram_math.h.
 *
 * In and out: floats. Included by kernels that compute in float32. exp, log and tanh, which models call most, and
 * expm1, which ODE methods call, are made of float operations, so that a vector holds twice as many; the others are
 * those of engram_math.h, rounded once. For compilation, and for what makes lanes, tails and scalars equal, see there.
 *
 * Largest error in ulp of a float against mpmath, on the range of tests/native/test_math_float.py:
 *
 *   exp    1.1   expm1  1.7   log    0.9   tanh   1.2   all others    0.6
 *
 * Special values are those of engram_math.h. Sources: as there, and Moshier 1992, Cephes, for tanh. The polynomials
 * minimise the largest error among those with coefficients that are floats.
 */
#ifndef ENGRAM_MATH_FLOAT_H
#define ENGRAM_MATH_FLOAT_H

#include "engram_math.h"

/* ------------------------------------------------------------------ building blocks */

EG_MATH float eg_fmaf(float a, float b, float c) {
#if EG_HAS_FMA
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

EG_MATH uint32_t eg_wordf_of(float x) {
    uint32_t word;
    memcpy(&word, &x, sizeof word);
    return word;
}

EG_MATH float eg_float_of(uint32_t word) {
    float x;
    memcpy(&x, &word, sizeof x);
    return x;
}

#define EG_SIGN_BITF 0x80000000u

EG_MATH float eg_copysignf(float magnitude, float sign) {
    return eg_float_of((eg_wordf_of(magnitude) & ~EG_SIGN_BITF) | (eg_wordf_of(sign) & EG_SIGN_BITF));
}

EG_MATH float eg_magnitudef(float x) { return eg_float_of(eg_wordf_of(x) & ~EG_SIGN_BITF); }

#define EG_LN2_HIGHF 0x1.62e4p-1f /* ends in zeros: k EG_LN2_HIGHF is exact for |k| < 2^9 */
#define EG_LN2_LOWF 0x1.7f7d1cp-20f

/* ------------------------------------------------------------------ exp, expm1 */

/* (exp(r) - 1 - r)/r^2 for |r| <= ln(2)/2. */
EG_MATH float eg_exp_seriesf(float r) {
    const float r2 = r * r;
    const float q0 = eg_fmaf(r, 0x1.555492p-3f, 0x1.fffffcp-2f);
    const float q2 = eg_fmaf(r, 0x1.12399ap-7f, 0x1.5558b4p-5f);
    return eg_fmaf(r2, eg_fmaf(r2, 0x1.6a48d0p-10f, q2), q0);
}

EG_MATH float eg_expf(float x) {
    const float bounded = x < -104.0f ? -104.0f : x;
    const float shifted = eg_fmaf(bounded, 0x1.715476p+0f, 0x1.8p23f), k = shifted - 0x1.8p23f;
    const float r = eg_fmaf(k, -EG_LN2_LOWF, eg_fmaf(k, -EG_LN2_HIGHF, bounded)), r2 = r * r;
    const float q = eg_exp_seriesf(r);
    /* A product by 2^k as a sum of exponents; below the normal numbers 2^32 times too large first, to round once. */
    const uint32_t bits = eg_wordf_of(1.0f + eg_fmaf(r2, q, r)) + (eg_wordf_of(shifted) << 23);
    const float value = bounded < -87.0f ? eg_float_of(bits + ((uint32_t)32 << 23)) * 0x1p-32f : eg_float_of(bits);
    return x <= 0x1.62e42ep+6f ? value : x * 0x1p127f; /* infinity, or NaN */
}

EG_MATH float eg_expm1f(float x) {
    const float bounded = x > 88.3f ? 89.0f : (x < -20.0f ? -20.0f : x); /* above, 2^k is infinite */
    const float shifted = eg_fmaf(bounded, 0x1.715476p+0f, 0x1.8p23f), k = shifted - 0x1.8p23f;
    const float r = eg_fmaf(k, -EG_LN2_LOWF, eg_fmaf(k, -EG_LN2_HIGHF, bounded));
    const float scale = eg_float_of((eg_wordf_of(shifted) + 127u) << 23);
    return eg_fmaf(scale, eg_fmaf(r * r, eg_exp_seriesf(r), r), scale - 1.0f);
}

EG_MATH float eg_linear_stepf(float b, float k, float x, float h) {
    const float slope = k + 1e-20f;
    return eg_expm1f(-(h * slope)) * (x - b / slope);
}

/* ------------------------------------------------------------------ log */

EG_MATH float eg_logf(float x) {
    const int is_tiny = x < 0x1p-126f;
    const uint32_t shifted = eg_wordf_of(is_tiny ? x * 0x1p25f : x) + (0x3f800000u - 0x3f3504f3u);
    const float k = (float)(int32_t)(shifted >> 23) - (is_tiny ? 152.0f : 127.0f);
    const float f = eg_float_of((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    const float s = f / (2.0f + f), z = s * s, half_square = 0.5f * f * f;
    const float series = eg_fmaf(z, eg_fmaf(z, eg_fmaf(z, 0x1.ed7d6cp-3f, 0x1.23e9a6p-2f), 0x1.999beap-2f), 0x1.555554p-1f);
    const float small = eg_fmaf(s, eg_fmaf(z, series, half_square), k * EG_LN2_LOWF);
    float value = eg_fmaf(k, EG_LN2_HIGHF, (small - half_square) + f);
    value = x == 0.0f ? -(float)INFINITY : value;
    value = x < 0.0f ? (float)NAN : value;
    return x < (float)INFINITY ? value : x; /* infinity and NaN: themselves */
}

/* ------------------------------------------------------------------ tanh */

EG_MATH float eg_tanhf(float x) {
    const float a = eg_magnitudef(x), z = x * x;
    float q = 0x1.c99298p-10f;
    q = eg_fmaf(q, z, -0x1.f6c400p-8f);
    q = eg_fmaf(q, z, 0x1.5f9decp-6f);
    q = eg_fmaf(q, z, -0x1.b98296p-5f);
    q = eg_fmaf(q, z, 0x1.110de2p-3f);
    q = eg_fmaf(q, z, -0x1.55554ap-2f);
    const float large = 1.0f - 2.0f / (eg_expf(a + a) + 1.0f);
    return eg_copysignf(a < 0.75f ? eg_fmaf(a * z, q, a) : large, x);
}

/* ------------------------------------------------------------------ by way of double precision */

EG_MATH float eg_phi1f(float x) { return (float)eg_phi1(x); }
EG_MATH float eg_log10f(float x) { return (float)eg_log10(x); }
EG_MATH float eg_sinf(float x) { return (float)eg_sin(x); }
EG_MATH float eg_cosf(float x) { return (float)eg_cos(x); }
EG_MATH float eg_tanf(float x) { return (float)eg_tan(x); }
EG_MATH float eg_sinhf(float x) { return (float)eg_sinh(x); }
EG_MATH float eg_coshf(float x) { return (float)eg_cosh(x); }
EG_MATH float eg_asinf(float x) { return (float)eg_asin(x); }
EG_MATH float eg_acosf(float x) { return (float)eg_acos(x); }
EG_MATH float eg_atanf(float x) { return (float)eg_atan(x); }
EG_MATH float eg_atan2f(float y, float x) { return (float)eg_atan2(y, x); }
EG_MATH float eg_powf(float x, float y) { return (float)eg_pow(x, y); }

/* ------------------------------------------------------------------ rounding */

/* To the nearest integer, halves away from zero, as C's roundf(). */
EG_MATH float eg_roundf(float x) {
    return __builtin_truncf(x + eg_copysignf(0x1.fffffep-2f, x)); /* the number below 1/2 */
}

/* ------------------------------------------------------------------ arguments and ranges of draws */

/* An argument of a distribution; NaN where no such law has it. */
EG_MATH float eg_not_negativef(float x) { return x >= 0 ? x : (float)NAN; }
EG_MATH float eg_positivef(float x) { return x > 0 ? x : (float)NAN; }

/* (0, 1) stretched to [low, high); in two parts where the width itself would overflow. NaN where low is above high.
 * What rounding brings to high is low. */
EG_MATH float eg_betweenf(float low, float high, float u) {
    const float width = high - low, wide = low * (1.0f - u) + high * u;
    const float value = eg_magnitudef(width) <= FLT_MAX ? low + width * u : wide;
    return low <= high ? (value != high ? value : low) : (float)NAN;
}

/* The same for whole numbers, high included. */
EG_MATH float eg_whole_betweenf(float low, float high, float u) {
    const float width = high - low + 1.0f, value = low + __builtin_floorf(width * u);
    const float within = value < high ? value : high, wide = eg_betweenf(low, high, u);
    return (low <= high) & (eg_magnitudef(width) <= FLT_MAX) ? within : wide;
}

#endif
