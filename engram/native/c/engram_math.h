/* Elementary functions for model equations, double precision, branch-free.
 *
 * In and out: doubles. Included by generated kernels; gcc and clang vectorise a `#pragma omp simd` loop that calls
 * them. Each function is one chain of IEEE operations and explicit fmas, so a lane of a vector, the tail of a loop and
 * a scalar call give the same bits, whatever the vector width. Compile with
 * -fno-math-errno -fno-trapping-math -ffp-contract=off, never with -ffast-math.
 *
 * Where the target has no fma instruction eg_fma is a product and a sum: results may then differ by an ulp from those
 * of a machine that has one. (Random draws do not use this header; theirs, engram_draws.h, never differ.)
 *
 * Largest error in ulp against mpmath, on the range of tests/native/test_math_native.py:
 *
 *   exp    1.0   log    0.8   sin  0.8   sinh  0.8   asin  2.0   pow    1.2  (while |y log x| < 700)
 *   expm1  1.9   log10  0.7   cos  0.8   cosh  0.7   acos  1.2   atan   1.8
 *   phi1   1.6                tan  2.0   tanh  0.7               atan2  1.8
 *
 * Special values are those of C99 (infinities, NaN, signed zeros, gradual underflow), except that sin, cos and tan of
 * |x| >= 2^45 are NaN: there neighbouring numbers are 0.008 apart, and a reduction for them would cost every call.
 *
 * Sources: Cody & Waite 1980, Software Manual for the Elementary Functions (reduction); Dekker 1971, Numer. Math.
 * 18:224 (double-length arithmetic); fdlibm (Sun Microsystems 1993) for log, sin, cos. The other polynomials
 * interpolate at Chebyshev nodes or, that of exp, have the smallest largest error; it is below 2^-57.
 */
#ifndef ENGRAM_MATH_H
#define ENGRAM_MATH_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define EG_MATH static inline __attribute__((always_inline, unused))

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define EG_HAS_FMA 1
#else
#define EG_HAS_FMA 0
#endif

/* ------------------------------------------------------------------ building blocks */

EG_MATH double eg_fma(double a, double b, double c) {
#if EG_HAS_FMA
    return __builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
}

EG_MATH uint64_t eg_word_of(double x) {
    uint64_t word;
    memcpy(&word, &x, sizeof word);
    return word;
}

EG_MATH double eg_double_of(uint64_t word) {
    double x;
    memcpy(&x, &word, sizeof x);
    return x;
}

#define EG_SIGN_BIT 0x8000000000000000u

EG_MATH double eg_copysign(double magnitude, double sign) {
    return eg_double_of((eg_word_of(magnitude) & ~EG_SIGN_BIT) | (eg_word_of(sign) & EG_SIGN_BIT));
}

EG_MATH double eg_magnitude(double x) { return eg_double_of(eg_word_of(x) & ~EG_SIGN_BIT); }

/* a + b = sum + *error exactly (Knuth). */
EG_MATH double eg_two_sum(double a, double b, double *error) {
    const double sum = a + b, part = sum - a;
    *error = (a - (sum - part)) + (b - part);
    return sum;
}

/* The same where |a| >= |b| or a is 0. */
EG_MATH double eg_fast_two_sum(double a, double b, double *error) {
    const double sum = a + b;
    *error = b - (sum - a);
    return sum;
}

/* a b = product + *error exactly (Dekker; by fma where there is one). */
EG_MATH double eg_two_product(double a, double b, double *error) {
    const double product = a * b;
#if EG_HAS_FMA
    *error = __builtin_fma(a, b, -product);
#else
    const double ta = 134217729.0 * a, ah = ta - (ta - a), al = a - ah;
    const double tb = 134217729.0 * b, bh = tb - (tb - b), bl = b - bh;
    *error = ((ah * bh - product) + ah * bl + al * bh) + al * bl;
#endif
    return product;
}

/* round(x factor) as the double *k and in the low 12 bits of the result, for |x factor| < 2^51. */
#define EG_SHIFT 0x1.8p52
EG_MATH uint64_t eg_nearest(double x, double factor, double *k) {
    const double shifted = eg_fma(x, factor, EG_SHIFT);
    *k = shifted - EG_SHIFT;
    return eg_word_of(shifted);
}

/* 2^k for -1022 <= k <= 1023, the low 12 bits of a two's complement word. */
EG_MATH double eg_power_of_two(uint64_t k) { return eg_double_of((k + 1023u) << 52); }

#define EG_LN2_HIGH 0x1.62e42feep-1 /* ends in zeros: k EG_LN2_HIGH is exact for |k| < 2^21 */
#define EG_LN2_LOW 0x1.a39ef35793c76p-33
#define EG_PI_HIGH 0x1.921fb54442d18p+1
#define EG_PI_LOW 0x1.1a62633145c07p-53
#define EG_LIMIT(x, low, high) ((x) > (high) ? (high) : ((x) < (low) ? (low) : (x))) /* NaN passes */

/* ------------------------------------------------------------------ exp, expm1 */

/* (exp(r) - 1 - r)/r^2 for |r| <= ln(2)/2. */
EG_MATH double eg_exp_series(double r) {
    /* Estrin's scheme: pairs first, so that the chain of dependent operations is short. */
    const double r2 = r * r, r4 = r2 * r2;
    const double q0 = eg_fma(r, 0x1.5555555553202p-5, 0x1.5555555555501p-3);
    const double q2 = eg_fma(r, 0x1.6c16c17cc501fp-10, 0x1.1111111128960p-7);
    const double q4 = eg_fma(r, 0x1.a019ab26a19a9p-16, 0x1.a01a011be04c7p-13);
    const double q6 = eg_fma(r, 0x1.289f92329767bp-22, 0x1.71df55bf31354p-19);
    const double high = eg_fma(r4, 0x1.ad1f744e2010fp-26, eg_fma(r2, q6, q4));
    const double q = eg_fma(r4, high, eg_fma(r2, q2, q0));
    return eg_fma(q, r, 0.5);
}

/* x = k ln 2 + the result; k as eg_nearest has it. */
EG_MATH double eg_exp_reduce(double x, uint64_t *word, double *k) {
    *word = eg_nearest(x, 0x1.71547652b82fep+0, k);
    return eg_fma(*k, -EG_LN2_LOW, eg_fma(*k, -EG_LN2_HIGH, x));
}

/* exp(x) from its reduced argument, for -746 <= x <= 710 or NaN: a product by 2^k as a sum of exponents. Where that is
 * below the normal numbers, it is made 2^64 times too large first, so that gradual underflow rounds once; where it is
 * above them, the result is infinite or NaN. */
EG_MATH double eg_exp_join(double x, double r, uint64_t word) {
    const uint64_t bits = eg_word_of(1.0 + eg_fma(r * r, eg_exp_series(r), r)) + (word << 52);
    return x < -708.0 ? eg_double_of(bits + ((uint64_t)64 << 52)) * 0x1p-64 : eg_double_of(bits);
}

EG_MATH double eg_exp(double x) {
    uint64_t word;
    double k;
    const double bounded = x < -746.0 ? -746.0 : x;
    const double r = eg_exp_reduce(bounded, &word, &k);
    const double value = eg_exp_join(bounded, r, word);
    return x <= 0x1.62e42fefa39efp+9 ? value : x * 0x1p1023; /* infinity, or NaN */
}

#define EG_EXPM1_LIMIT(x) ((x) > 709.4 ? 710.1 : ((x) < -50.0 ? -50.0 : (x))) /* above, 2^k is infinite */

EG_MATH double eg_expm1(double x) {
    uint64_t word;
    double k;
    const double r = eg_exp_reduce(EG_EXPM1_LIMIT(x), &word, &k), scale = eg_power_of_two(word);
    return eg_fma(scale, eg_fma(r * r, eg_exp_series(r), r), scale - 1.0);
}

/* (exp(x) - 1)/x, 1 at 0. Here expm1 has the low part of r, without which it loses 1.9 ulp just above ln(2)/2. */
EG_MATH double eg_phi1(double x) {
    double k;
    const double bounded = EG_EXPM1_LIMIT(x);
    const double scale = eg_power_of_two(eg_nearest(bounded, 0x1.71547652b82fep+0, &k));
    const double rest = eg_fma(k, -EG_LN2_HIGH, bounded); /* exact */
    const double r = eg_fma(k, -EG_LN2_LOW, rest), low = eg_fma(k, -EG_LN2_LOW, rest - r);
    const double value = eg_fma(scale, r + eg_fma(r * r, eg_exp_series(r), low), scale - 1.0);
    return x == 0.0 ? 1.0 : value / (x > 0x1p1000 ? 0x1p1000 : x);
}

/* By how much x changes in h ms where dx/dt = b - k x, exactly: h phi1(-h k) (b - k x). The division does not wait for
 * expm1. To k a rate is added that changes nothing, and with which b/k is finite where k is 0: the limit, h b. */
EG_MATH double eg_linear_step(double b, double k, double x, double h) {
    const double slope = k + 1e-100;
    return eg_expm1(-(h * slope)) * (x - b / slope);
}

/* ------------------------------------------------------------------ log, log10 */

/* |x| = 2^k m, m in [sqrt(1/2), sqrt(2)); x positive, finite. */
EG_MATH double eg_log_reduce(double x, double *k) {
    const int is_tiny = x < 0x1p-1022;
    const uint64_t shifted = eg_word_of(is_tiny ? x * 0x1p54 : x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    *k = (eg_double_of(0x4330000000000000u | (shifted >> 52)) - 0x1p52) - (is_tiny ? 1077.0 : 1023.0);
    return eg_double_of((shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu);
}

/* log(1 + f) = f - f^2/2 + s (f^2/2 + the result), s = f/(2 + f). */
EG_MATH double eg_log_series(double s) {
    const double z = s * s, w = z * z;
    const double even = w * eg_fma(w, eg_fma(w, 0x1.39a09d078c69fp-3, 0x1.c71c51d8e78afp-3), 0x1.999999997fa04p-2);
    const double last = eg_fma(w, 0x1.2f112df3e5244p-3, 0x1.7466496cb03dep-3);
    const double odd = eg_fma(w, eg_fma(w, last, 0x1.2492494229359p-2), 0x1.5555555555593p-1);
    return eg_fma(z, odd, even);
}

/* What a logarithm is where its argument isn't positive and finite. */
EG_MATH double eg_log_special(double x, double value) {
    value = x == 0.0 ? -(double)INFINITY : value;
    value = x < 0.0 ? (double)NAN : value;
    return x < (double)INFINITY ? value : x; /* infinity and NaN: themselves */
}

EG_MATH double eg_log(double x) {
    double k;
    const double f = eg_log_reduce(x, &k) - 1.0;
    const double s = f / (2.0 + f);
    const double half_square = 0.5 * f * f;
    const double small = eg_fma(s, half_square + eg_log_series(s), k * EG_LN2_LOW);
    return eg_log_special(x, eg_fma(k, EG_LN2_HIGH, (small - half_square) + f));
}

EG_MATH double eg_log10(double x) {
    double k, error;
    const double f = eg_log_reduce(x, &k) - 1.0;
    const double s = f / (2.0 + f);
    const double half_square = 0.5 * f * f;
    /* log(1 + f) as high + low, the high part short, so that its product with a short 1/ln(10) is exact. */
    const double high = eg_double_of(eg_word_of(f - half_square) & 0xffffffff00000000u);
    const double low = ((f - high) - half_square) + s * (half_square + eg_log_series(s));
    const double whole = k * 0x1.34413509f6p-2; /* log10(2), short */
    const double value = eg_fast_two_sum(whole, high * 0x1.bcb7b15200000p-2, &error);
    const double rest =
        eg_fma(k, 0x1.9fef311f12b36p-42, (low + high) * 0x1.b9438ca9aadd5p-36) + low * 0x1.bcb7b15200000p-2;
    return eg_log_special(x, value + (error + rest));
}

/* ------------------------------------------------------------------ sin, cos, tan */

/* x = k pi/2 + the result + *low, |result| <= pi/4; the word k. pi/2 in three parts: exact enough for |x| < 2^45,
 * also next to multiples of pi/2. */
EG_MATH double eg_quarter_turns(double x, double *low, uint64_t *word) {
    double k, e1, e2, e3, rest;
    *word = eg_nearest(x, 0x1.45f306dc9c883p-1, &k);
    const double p1 = eg_two_product(k, 0x1.921fb54442d18p+0, &e1);
    const double r1 = (x - p1) - e1; /* both differences are exact */
    const double p2 = eg_two_product(k, 0x1.1a62633145c07p-54, &e2);
    const double r2 = eg_two_sum(r1, -p2, &e3);
    rest = e3 - (e2 + k * -0x1.f1976b7ed8fbcp-110);
    return eg_fast_two_sum(r2, rest, low);
}

#define EG_TURN_LIMIT 0x1p45

/* Of r + low, |r| <= pi/4 (and a little). */
EG_MATH void eg_sincos_reduced(double r, double low, double *sine, double *cosine) {
    const double z = r * r, w = z * z;
    const double p = eg_fma(
        z,
        eg_fma(z, eg_fma(z, eg_fma(z, eg_fma(z, 0x1.5d93a5acfd57cp-33, -0x1.ae5e68a2b9cebp-26), 0x1.71de357b1fe7dp-19),
                         -0x1.a01a019c161d5p-13),
               0x1.111111110f8a6p-7),
        -0x1.5555555555549p-3);
    *sine = r + eg_fma(z * r, p, eg_fma(-0.5 * z, low, low));
    const double q = eg_fma(
        z,
        eg_fma(z, eg_fma(z, eg_fma(z, eg_fma(z, -0x1.8fae9be8838d4p-37, 0x1.1ee9ebdb4b1c4p-29), -0x1.27e4f809c52adp-22),
                         0x1.a01a019cb1590p-16),
               -0x1.6c16c16c15177p-10),
        0x1.555555555554cp-5);
    const double half = 0.5 * z, one = 1.0 - half;
    *cosine = one + (((1.0 - one) - half) + eg_fma(w, q, -(r * low)));
}

/* The sine of x plus `quarters` quarter turns. */
EG_MATH double eg_sin_turned(double x, uint64_t quarters) {
    double low, s, c;
    uint64_t word;
    const double r = eg_quarter_turns(x, &low, &word);
    eg_sincos_reduced(r, low, &s, &c);
    const uint64_t q = word + quarters;
    const double value = eg_double_of(eg_word_of((q & 1u) ? c : s) ^ ((q & 2u) << 62));
    return eg_magnitude(x) < EG_TURN_LIMIT ? value : (double)NAN;
}

EG_MATH double eg_sin(double x) {
    const double value = eg_sin_turned(x, 0);
    return x == 0.0 ? x : value; /* keeps -0 */
}

EG_MATH double eg_cos(double x) { return eg_sin_turned(x, 1); }

EG_MATH double eg_tan(double x) {
    double low, s, c;
    uint64_t word;
    const double r = eg_quarter_turns(x, &low, &word);
    eg_sincos_reduced(r, low, &s, &c);
    const int is_odd = (int)(word & 1u);
    const double numerator = is_odd ? -c : s, denominator = is_odd ? s : c;
    const double value = numerator / denominator;
    return eg_magnitude(x) < EG_TURN_LIMIT ? (x == 0.0 ? x : value) : (double)NAN;
}

/* ------------------------------------------------------------------ sinh, cosh, tanh */

/* For x = k ln 2 + r >= 0: 2^(k-1) times (d C + s S) is sinh(x) and times (s C + d S) is cosh(x), where C and S are cosh
 * and sinh of r, s = 1 + 2^-2k and d = 1 - 2^-2k. What a double can't hold of s, d and r is in the low parts. */
typedef struct {
    double sum, sum_low, difference, difference_low, r, r_low;
    double cosh_less_1, sinh_less_r;
    uint64_t word; /* k */
} eg_hyperbolic;

EG_MATH eg_hyperbolic eg_hyperbolic_parts(double x) {
    eg_hyperbolic h;
    double k;
    h.word = eg_nearest(x, 0x1.71547652b82fep+0, &k);
    const double rest = eg_fma(k, -EG_LN2_HIGH, x); /* exact */
    h.r = eg_fma(k, -EG_LN2_LOW, rest);
    h.r_low = eg_fma(k, -EG_LN2_LOW, rest - h.r);
    const double small = eg_power_of_two(eg_word_of(EG_SHIFT - 2.0 * (k < 500.0 ? k : 500.0)));
    h.sum = eg_fast_two_sum(1.0, small, &h.sum_low);
    h.difference = eg_fast_two_sum(1.0, -small, &h.difference_low);
    const double z = h.r * h.r;
    const double c =
        eg_fma(z,
               eg_fma(z, eg_fma(z, eg_fma(z, 0x1.1f66df7fca49fp-29, 0x1.27e4e1f48534fp-22), 0x1.a01a01a47b054p-16),
                      0x1.6c16c16c167e1p-10),
               0x1.5555555555555p-5);
    h.cosh_less_1 = eg_fma(z * z, c, 0.5 * z);
    const double s = eg_fma(
        z,
        eg_fma(z, eg_fma(z, eg_fma(z, eg_fma(z, 0x1.61bfaa228dde5p-33, 0x1.ae642c82e33d5p-26), 0x1.71de3a5aa7bb7p-19),
                         0x1.a01a01a0196acp-13),
               0x1.1111111111111p-7),
        0x1.5555555555555p-3);
    h.sinh_less_r = z * h.r * s;
    return h;
}

/* (a + a_low) C + (b + b_low) S as the result + *low; a is 0 or larger than b r. */
EG_MATH double eg_hyperbolic_sum(const eg_hyperbolic *h, double a, double a_low, double b, double b_low, double *low) {
    double product_error, error;
    const double product = eg_two_product(b, h->r, &product_error);
    const double high = eg_fast_two_sum(a, product, &error);
    const double small = eg_fma(a, h->cosh_less_1, b * (h->sinh_less_r + h->r_low));
    return eg_fast_two_sum(high, error + (product_error + (small + eg_fma(b_low, h->r, a_low))), low);
}

EG_MATH double eg_hyperbolic_sinh(const eg_hyperbolic *h, double *low) {
    return eg_hyperbolic_sum(h, h->difference, h->difference_low, h->sum, h->sum_low, low);
}

EG_MATH double eg_hyperbolic_cosh(const eg_hyperbolic *h, double *low) {
    return eg_hyperbolic_sum(h, h->sum, h->sum_low, h->difference, h->difference_low, low);
}

/* x 2^(k-1); 2^k itself overflows before sinh and cosh do. */
EG_MATH double eg_hyperbolic_scaled(double x, uint64_t k) { return 2.0 * (x * eg_power_of_two(k - 2u)); }

EG_MATH double eg_sinh(double x) {
    double low;
    const double a = eg_magnitude(x);
    const eg_hyperbolic h = eg_hyperbolic_parts(EG_LIMIT(a, 0.0, 710.5));
    const double value = eg_copysign(eg_hyperbolic_scaled(eg_hyperbolic_sinh(&h, &low), h.word), x);
    return a < 0x1p-28 ? x : value; /* keeps denormal numbers */
}

EG_MATH double eg_cosh(double x) {
    double low;
    const double a = eg_magnitude(x);
    const eg_hyperbolic h = eg_hyperbolic_parts(EG_LIMIT(a, 0.0, 710.5));
    return eg_hyperbolic_scaled(eg_hyperbolic_cosh(&h, &low), h.word);
}

EG_MATH double eg_tanh(double x) {
    double sinh_low, cosh_low, error;
    const double a = eg_magnitude(x);
    const eg_hyperbolic h = eg_hyperbolic_parts(EG_LIMIT(a, 0.0, 20.0)); /* 1 beyond 19.1 */
    const double sinh = eg_hyperbolic_sinh(&h, &sinh_low), cosh = eg_hyperbolic_cosh(&h, &cosh_low);
    const double inverse = 1.0 / cosh, quotient = sinh * inverse;
    const double back = eg_two_product(quotient, cosh, &error);
    const double value = eg_fma(((sinh - back) - error) + (sinh_low - quotient * cosh_low), inverse, quotient);
    return a < 0x1p-28 ? x : eg_copysign(value, x);
}

/* ------------------------------------------------------------------ asin, acos */

/* (asin(x) - x) / x for x^2 = z <= 1/4. */
EG_MATH double eg_asin_series(double z) {
    double q = 0x1.e58a4f278e007p-6;
    q = eg_fma(q, z, -0x1.3bd7e353ddbc2p-6);
    q = eg_fma(q, z, 0x1.40c91fa8deb7ep-6);
    q = eg_fma(q, z, 0x1.8dcdf11997e0fp-9);
    q = eg_fma(q, z, 0x1.31777489dfd29p-7);
    q = eg_fma(q, z, 0x1.3b462d121c5d2p-7);
    q = eg_fma(q, z, 0x1.7b02ef007d23ep-7);
    q = eg_fma(q, z, 0x1.c990a42b32b03p-7);
    q = eg_fma(q, z, 0x1.1c4efd20ebb99p-6);
    q = eg_fma(q, z, 0x1.6e8ba121b9d5fp-6);
    q = eg_fma(q, z, 0x1.f1c71c7a5e151p-6);
    q = eg_fma(q, z, 0x1.6db6db6dac0eap-5);
    q = eg_fma(q, z, 0x1.3333333333389p-4);
    q = eg_fma(q, z, 0x1.5555555555555p-3);
    return z * q;
}

EG_MATH double eg_asin(double x) {
    const double a = eg_magnitude(x);
    const int is_large = a > 0.5; /* then asin(a) = pi/2 - 2 asin(sqrt((1 - a)/2)) */
    const double z = is_large ? 0.5 * (1.0 - a) : a * a;
    const double root = is_large ? __builtin_sqrt(z) : a; /* NaN beyond 1 */
    const double series = eg_asin_series(z);
    const double small = eg_fma(root, series, root);
    const double twice = 2.0 * root;
    const double large = (0.5 * EG_PI_HIGH - twice) - eg_fma(twice, series, -0.5 * EG_PI_LOW);
    return eg_copysign(is_large ? large : small, x);
}

EG_MATH double eg_acos(double x) {
    const double a = eg_magnitude(x);
    const int is_large = a > 0.5;
    const double z = is_large ? 0.5 * (1.0 - a) : a * a;
    const double root = is_large ? __builtin_sqrt(z) : x;
    const double series = eg_asin_series(z);
    const double small = 0.5 * EG_PI_HIGH - (x - eg_fma(-x, series, 0.5 * EG_PI_LOW));
    const double twice = 2.0 * eg_fma(root, series, root);
    const double large = x < 0.0 ? EG_PI_HIGH - (twice - EG_PI_LOW) : twice;
    return is_large ? large : small;
}

/* ------------------------------------------------------------------ atan, atan2 */

/* (atan(q) - q) / q for q^2 = z <= tan(pi/8)^2. */
EG_MATH double eg_atan_series(double z) {
    double q = 0x1.0ac7d2dc4c828p-6;
    q = eg_fma(q, z, -0x1.1b2e7e3386b79p-5);
    q = eg_fma(q, z, 0x1.74dbcb5c2167ap-5);
    q = eg_fma(q, z, -0x1.ac7a216389ddfp-5);
    q = eg_fma(q, z, 0x1.e19a0439b3b4bp-5);
    q = eg_fma(q, z, -0x1.110e875de57ebp-4);
    q = eg_fma(q, z, 0x1.3b1392d04b71cp-4);
    q = eg_fma(q, z, -0x1.745d165d9ee17p-4);
    q = eg_fma(q, z, 0x1.c71c71c30300bp-4);
    q = eg_fma(q, z, -0x1.249249248d7cap-3);
    q = eg_fma(q, z, 0x1.9999999999953p-3);
    q = eg_fma(q, z, -0x1.5555555555555p-2);
    return z * q;
}

/* The angle of (x, y) in [0, pi/2] for x, y >= 0, not both 0 or both infinite. */
EG_MATH double eg_angle(double y, double x) {
    const int is_steep = y > x;
    const double low = is_steep ? x : y, high = is_steep ? y : x;
    /* Beyond pi/8: atan(t) = pi/4 + atan((t - 1)/(t + 1)). */
    const int is_middle = low > 0x1.a827999fcef32p-2 * high;
    const double q = (is_middle ? low - high : low) / (is_middle ? low + high : high);
    const double series = eg_atan_series(q * q);
    const double base = is_middle ? 0.25 * EG_PI_HIGH : 0.0, base_low = is_middle ? 0.25 * EG_PI_LOW : 0.0;
    /* Steep: pi/2 less all of it; the two bases join exactly. */
    const double start = is_steep ? 0.5 * EG_PI_HIGH - base : base;
    const double start_low = is_steep ? 0.5 * EG_PI_LOW - base_low : base_low;
    const double signed_q = is_steep ? -q : q;
    return start + (signed_q + eg_fma(signed_q, series, start_low));
}

EG_MATH double eg_atan(double x) {
    return eg_copysign(eg_angle(eg_magnitude(x), 1.0), x);
}

EG_MATH double eg_atan2(double y, double x) {
    double ay = eg_magnitude(y), ax = eg_magnitude(x);
    const double most = ay > ax ? ay : ax;
    /* Two infinities make 45 degrees; an infinity beats any number; two zeros make 0. */
    const int is_infinite = most == (double)INFINITY;
    const int is_nan = x != x || y != y;
    ay = is_infinite ? (ay == (double)INFINITY ? 1.0 : 0.0) : ay;
    ax = is_infinite ? (ax == (double)INFINITY ? 1.0 : 0.0) : ax;
    ax = most == 0.0 ? 1.0 : ax;
    /* Keep sums from overflowing and quotients of tiny numbers exact. */
    const double scale = most > 0x1p1000 ? 0x1p-100 : (most < 0x1p-900 ? 0x1p100 : 1.0);
    const double angle = eg_angle(is_infinite ? ay : ay * scale, is_infinite ? ax : (most == 0.0 ? 1.0 : ax * scale));
    const int is_left = (int)(eg_word_of(x) >> 63);
    const double value = is_left ? EG_PI_HIGH - (angle - EG_PI_LOW) : angle;
    return is_nan ? x + y : eg_copysign(value, y);
}

/* ------------------------------------------------------------------ pow */

/* log(x) = result + *low to 2^-65 of its size; x positive, finite. */
EG_MATH double eg_log_double_length(double x, double *low) {
    double k, sum_low, e, cube_low, square_low, head_low, rest;
    const double m = eg_log_reduce(x, &k);
    const double f = m - 1.0; /* exact */
    /* s = f/(2 + f) in double length */
    const double sum = eg_fast_two_sum(2.0, f, &sum_low);
    const double inverse = 1.0 / sum, s = f * inverse;
    const double back = eg_two_product(s, sum, &e);
    const double s_low = ((f - back) - e - s * sum_low) * inverse;
    /* log(m) = 2 s + 2/3 s^3 + s^5 (...): the first two terms in double length */
    const double square = eg_two_product(s, s, &square_low);
    square_low = square_low + 2.0 * s * s_low;
    const double cube = eg_two_product(square, s, &cube_low);
    cube_low = cube_low + eg_fma(square, s_low, square_low * s);
    const double third = eg_two_product(cube, 0x1.5555555555555p-1, &e);
    const double third_low = e + eg_fma(cube, 0x1.5555555555555p-55, cube_low * 0x1.5555555555555p-1);
    double q = 0x1.e02fc68c381f4p-4;
    q = eg_fma(q, square, 0x1.df7ca8236e9e1p-4);
    q = eg_fma(q, square, 0x1.1118c8814a0b1p-3);
    q = eg_fma(q, square, 0x1.3b1395cf37e45p-3);
    q = eg_fma(q, square, 0x1.745d177a9cebap-3);
    q = eg_fma(q, square, 0x1.c71c71c6ea994p-3);
    q = eg_fma(q, square, 0x1.2492492492522p-2);
    q = eg_fma(q, square, 0x1.999999999999ap-2);
    const double tail = (square * cube) * q;
    const double head = eg_fast_two_sum(2.0 * s, third, &head_low);
    const double log_low = head_low + (2.0 * s_low + (third_low + tail));
    const double whole = k * EG_LN2_HIGH; /* exact */
    const double high = eg_two_sum(whole, head, &rest);
    return eg_fast_two_sum(high, rest + eg_fma(k, EG_LN2_LOW, log_low), low);
}

/* x^y. A negative x takes integer y only. */
EG_MATH double eg_pow(double x, double y) {
    double log_low, product_low, k;
    uint64_t word;
    const double a = eg_magnitude(x);
    const double log_high = eg_log_double_length(a, &log_low);
    const double bounded = EG_LIMIT(y, -0x1p300, 0x1p300); /* keeps infinity out of the products */
    const double product = eg_two_product(log_high, bounded, &product_low);
    product_low = eg_fma(log_low, bounded, product_low);
    const int is_far = eg_magnitude(product) > 750.0;
    const double exponent = EG_LIMIT(product, -746.0, 710.0);
    const double r = eg_exp_reduce(exponent, &word, &k) + (is_far ? 0.0 : product_low);
    const double joined = eg_exp_join(exponent, r, word);
    const double normal = ((product > 709.0) & !(joined < (double)INFINITY)) ? (double)INFINITY : joined;
    /* Integers: all from 2^53 on, which are even. */
    const double size = eg_magnitude(y), floor_half = __builtin_trunc(0.5 * size);
    const int is_integer = size == __builtin_trunc(size);
    const int is_odd = is_integer & (size < 0x1p53) & (size != 2.0 * floor_half);
    const int is_up = y > 0.0;
    double value = normal;
    value = a == 0.0 ? (is_up ? 0.0 : (double)INFINITY) : value;
    value = a == (double)INFINITY ? (is_up ? (double)INFINITY : 0.0) : value;
    const int is_negative = (int)(eg_word_of(x) >> 63);
    value = (is_negative & is_odd) ? -value : value;
    value = ((x < 0.0) & (is_integer == 0) & (a < (double)INFINITY)) ? (double)NAN : value;
    value = ((a == 1.0) & (size == (double)INFINITY)) ? 1.0 : value;
    value = (x != x) | (y != y) ? x + y : value;
    return ((y == 0.0) | (x == 1.0)) ? 1.0 : value;
}

/* ------------------------------------------------------------------ remainders, rounding */

/* The remainder of C on integers: a and b are truncated, the result has the sign of a; NaN for b = 0. Exact for
 * operands below 2^52. */
EG_MATH double eg_modulo(double a, double b) {
    const double n = __builtin_trunc(a), d = __builtin_trunc(b);
    return n - d * __builtin_trunc(n / d);
}

/* Truncated to an integer; what does not fit, NaN too, gives the smallest one. A bare cast is undefined there, and the
 * same neuron would get one value in a vector's loop and another in its tail. */
EG_MATH int64_t eg_int(double x) {
    return x >= -0x1p63 && x < 0x1p63 ? (int64_t)x : INT64_MIN;
}

/* The entry of a table that a number stands for: rounded down, but for what is whole up to rounding errors. */
EG_MATH int64_t eg_entry_number(double number) { return eg_int(floor(number + 1e-6)); }
EG_MATH int64_t eg_entry_numberf(float number) { return eg_int(floor((double)number * (1.0 + 0x1p-22) + 1e-6)); }

/* ------------------------------------------------------------------ arguments and ranges of draws */

/* An argument of a distribution; NaN where no such law has it. */
EG_MATH double eg_not_negative(double x) { return x >= 0 ? x : (double)NAN; }
EG_MATH double eg_positive(double x) { return x > 0 ? x : (double)NAN; }

/* (0, 1) stretched to [low, high); in two parts where the width itself would overflow. NaN where low is above high.
 * What rounding brings to high is low. */
EG_MATH double eg_between(double low, double high, double u) {
    const double width = high - low, wide = low * (1.0 - u) + high * u;
    const double value = eg_magnitude(width) <= DBL_MAX ? low + width * u : wide;
    return low <= high ? (value != high ? value : low) : (double)NAN;
}

/* The same for whole numbers, high included. */
EG_MATH double eg_whole_between(double low, double high, double u) {
    const double width = high - low + 1.0, value = low + __builtin_floor(width * u);
    const double within = value < high ? value : high, wide = eg_between(low, high, u);
    return (low <= high) & (eg_magnitude(width) <= DBL_MAX) ? within : wide;
}

/* To the nearest integer, halves away from zero, as C's round(). */
EG_MATH double eg_round(double x) {
    return __builtin_trunc(x + eg_copysign(0x1.fffffffffffffp-2, x)); /* the number below 1/2 */
}

#endif
