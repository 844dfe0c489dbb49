/* Keyed random draws: a draw is a pure function of (seed, stream, step, element, draw number).
 *
 * In: a 64-bit key (Python computes it, engram/state/streams.py) and the counter words (a, b, step, draw).
 * Out: uniform words and the values made of them. Included by generated kernels that draw and by
 * the draws and connectors of this folder.
 * engram/state/draws.py and engram/state/elementary.py do the same in NumPy, bit for bit (level L4): hence only
 * +, -, *, /, sqrt and integer operations, in the same order on both sides; never an fma, never libm. Compile with
 * -ffp-contract=off.
 *
 * The counter of a draw:
 *   neuron    a = 16*(e >> 6) + (e & 15), b = 0; the element's word is number (e >> 4) & 3 of the four, so that
 *             16 neighbouring counters fill 64 neighbouring elements without transposing
 *   neuron, draws that need words of their own (engram_rejection.h):  a = e, b = 1
 *   synapse   a = pre rank, b = post rank, draw + 2^16 * number of the multapse
 *   connector a = row, b = running index in the cell, step = block (docs/decisions/0009-streams.md)
 * Values drawn again between bounds have the same counter under another key (docs/decisions/0009-streams.md).
 * Draw numbers are below 256. Bits 8 to 14 count the attempts of rejection methods, bit 15 marks the second call
 * of a neuron draw whose first word was small.
 *
 * Sources: Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3 (Threefry);
 * Box & Muller 1958, Ann. Math. Stat. 29:610 (normal); Cody & Waite 1980, Software Manual for the Elementary
 * Functions (argument reduction); the polynomials of log, exp, sin and cos are those of fdlibm (Sun Microsystems
 * 1993, freely distributable).
 */
#ifndef ENGRAM_DRAWS_H
#define ENGRAM_DRAWS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Every function is inlined: a call would stop the vectorisation of the loop around it. */
#define EG_INLINE static inline __attribute__((always_inline, unused))
#define EG_EXPORT __attribute__((visibility("default")))

/* ------------------------------------------------------------------ bits of numbers */

EG_INLINE uint64_t eg_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

EG_INLINE double eg_from_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ------------------------------------------------------------------ Threefry4x32-20 */

typedef struct {
    uint32_t word[4];
} eg_words;

#define EG_ROTATE(x, n) (((x) << (n)) | ((x) >> (32 - (n))))

#define EG_THREEFRY_MIX(x, y, n)                                                                                       \
    x += y;                                                                                                            \
    y = EG_ROTATE(y, n) ^ x;

/* Four rounds, then the key: i0..i3 are the key words to add, r the number of the injection. */
#define EG_THREEFRY_EVEN(x0, x1, x2, x3, i0, i1, i2, i3)                                                               \
    EG_THREEFRY_MIX(x0, x1, 10) EG_THREEFRY_MIX(x2, x3, 26)                                                            \
    EG_THREEFRY_MIX(x0, x3, 11) EG_THREEFRY_MIX(x2, x1, 21)                                                            \
    EG_THREEFRY_MIX(x0, x1, 13) EG_THREEFRY_MIX(x2, x3, 27)                                                            \
    EG_THREEFRY_MIX(x0, x3, 23) EG_THREEFRY_MIX(x2, x1, 5)                                                             \
    x0 += i0; x1 += i1; x2 += i2; x3 += i3;

#define EG_THREEFRY_ODD(x0, x1, x2, x3, i0, i1, i2, i3)                                                                \
    EG_THREEFRY_MIX(x0, x1, 6) EG_THREEFRY_MIX(x2, x3, 20)                                                             \
    EG_THREEFRY_MIX(x0, x3, 17) EG_THREEFRY_MIX(x2, x1, 11)                                                            \
    EG_THREEFRY_MIX(x0, x1, 25) EG_THREEFRY_MIX(x2, x3, 10)                                                            \
    EG_THREEFRY_MIX(x0, x3, 18) EG_THREEFRY_MIX(x2, x1, 20)                                                            \
    x0 += i0; x1 += i1; x2 += i2; x3 += i3;

/* The generator for any four-word key; x0..x3 hold the counter, and afterwards the result. They may be scalars or
 * vectors of uint32_t. k4 is the parity word (0x1BD11BDA ^ k0 ^ k1 ^ k2 ^ k3). */
#define EG_THREEFRY(x0, x1, x2, x3, k0, k1, k2, k3, k4)                                                                \
    x0 += k0; x1 += k1; x2 += k2; x3 += k3;                                                                            \
    EG_THREEFRY_EVEN(x0, x1, x2, x3, k1, k2, k3, k4 + 1u)                                                              \
    EG_THREEFRY_ODD(x0, x1, x2, x3, k2, k3, k4, k0 + 2u)                                                               \
    EG_THREEFRY_EVEN(x0, x1, x2, x3, k3, k4, k0, k1 + 3u)                                                              \
    EG_THREEFRY_ODD(x0, x1, x2, x3, k4, k0, k1, k2 + 4u)                                                               \
    EG_THREEFRY_EVEN(x0, x1, x2, x3, k0, k1, k2, k3 + 5u)

#define EG_THREEFRY_PARITY 0x1BD11BDAu

/* Draw numbers: the bit of the second call of a neuron draw. */
#define EG_SECOND_CALL 0x8000u

/* The four words of counter (a, b, step, draw) under a key whose upper two words are 0. */
EG_INLINE eg_words eg_threefry(uint64_t key, uint32_t a, uint32_t b, uint32_t step, uint32_t draw) {
    const uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32), k4 = EG_THREEFRY_PARITY ^ k0 ^ k1;
    uint32_t x0 = a, x1 = b, x2 = step, x3 = draw;
    EG_THREEFRY(x0, x1, x2, x3, k0, k1, 0u, 0u, k4)
    const eg_words words = {{x0, x1, x2, x3}};
    return words;
}

/* ------------------------------------------------------------------ words to the unit interval */

/* (u + 0.5) 2^-32: in (0, 1), symmetric about 0.5, exact. */
EG_INLINE double eg_unit32(uint32_t u) { return ((double)u + 0.5) * 0x1p-32; }

/* (m + 0.5) 2^-52 where m is the upper 52 bits of (high, low): 53 significant bits, exact, strictly inside (0, 1).
 * (53 bits and a half would round to 1.) Built as 1 + m 2^-52, less 1 - 2^-53, which every ISA does in vectors. */
EG_INLINE double eg_unit53(uint32_t high, uint32_t low) {
    const uint64_t m = ((uint64_t)high << 20) | (low >> 12);
    return eg_from_bits(0x3ff0000000000000u | m) - (1.0 - 0x1p-53);
}

/* As eg_unit32, but a small word is extended by a second one to 64 bits: what takes a logarithm has an exact tail. */
#define EG_SMALL_WORD 4096u
EG_INLINE double eg_unit_tail(uint32_t high, uint32_t low) {
    /* 44 bits at most where it is used, hence exact; the upper bits of a larger one are cut off and unused. */
    const uint64_t m = ((uint64_t)(high & (EG_SMALL_WORD - 1u)) << 32) | low;
    const double fine = ((eg_from_bits(0x4330000000000000u | m) - 0x1p52) + 0.5) * 0x1p-64;
    return high < EG_SMALL_WORD ? fine : eg_unit32(high);
}

/* ------------------------------------------------------------------ log, exp, sincos without fma */

/* The natural logarithm of a positive normal number; below 1 ulp. Other arguments: undefined. */
EG_INLINE double eg_draw_log(double x) {
    /* x = 2^k m with m in [sqrt(1/2), sqrt(2)): the offset moves the border of k from 1 to sqrt(1/2). */
    const uint64_t shifted = eg_bits(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    const double k = eg_from_bits(0x4330000000000000u | (shifted >> 52)) - (0x1p52 + 1023.0);
    const double m = eg_from_bits((shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu);
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    const double w = z * z;
    const double even = w * (0x1.999999997fa04p-2 + w * (0x1.c71c51d8e78afp-3 + w * 0x1.39a09d078c69fp-3));
    const double odd =
        z * (0x1.5555555555593p-1 +
             w * (0x1.2492494229359p-2 + w * (0x1.7466496cb03dep-3 + w * 0x1.2f112df3e5244p-3)));
    const double half_square = 0.5 * f * f;
    return (((s * (half_square + (even + odd)) + k * 0x1.a39ef35793c76p-33) - half_square) + f) +
           k * 0x1.62e42feep-1;
}

/* log(1 - p) without loss for small p, p below 1. Source: Kahan's trick, Goldberg 1991, ACM Comput. Surv. 23:5,
 * theorem 4. */
EG_INLINE double eg_log_of_complement(double p) {
    const double q = 1.0 - p;
    return q == 1.0 ? -p : eg_draw_log(q) * (p / (1.0 - q));
}

/* The exponential; below 1 ulp. Overflows to infinity, underflows gradually; NaN stays NaN. */
EG_INLINE double eg_draw_exp(double x) {
    /* The limits lie beyond overflow and underflow, so that k stays small; written so that NaN passes. */
    double y = x > 710.0 ? 710.0 : x;
    y = y < -746.0 ? -746.0 : y;
    const double shifted = y * 0x1.71547652b82fep+0 + 0x1.8p52; /* round(y / ln 2) in the low bits */
    const double k = shifted - 0x1.8p52;
    const double high = y - k * 0x1.62e42feep-1; /* exact: the constant ends in zeros */
    const double low = k * 0x1.a39ef35793c76p-33;
    const double r = high - low;
    const double t = r * r;
    const double c =
        r - t * (0x1.555555555553ep-3 +
                 t * (-0x1.6c16c16bebd93p-9 +
                      t * (0x1.1566aaf25de2cp-14 + t * (-0x1.bbd41c5d26bf1p-20 + t * 0x1.6376972bea4d0p-25))));
    const double value = 1.0 + ((r * c / (2.0 - c) - low) + high);
    /* 2^k in two factors: either is a normal number, and only the second product rounds. */
    const uint64_t n = eg_bits(shifted) - 0x4338000000000000u + 2048u;
    const uint64_t half = n >> 1;
    return value * eg_from_bits((half - 1024u + 1023u) << 52) * eg_from_bits((n - half - 1024u + 1023u) << 52);
}

/* Sine and cosine of 2 pi u, u in [0, 1]; about 1 ulp. For u = (word + 0.5) 2^-32 the reduction is exact. */
EG_INLINE void eg_draw_sincos_turn(double u, double *sine, double *cosine) {
    const double quarters = 4.0 * u;
    const double shifted = quarters + 0x1.8p52;
    const double f = quarters - (shifted - 0x1.8p52); /* exact, in [-1/2, 1/2] */
    const uint64_t q = eg_bits(shifted);
    /* pi/2 in two parts; f has 31 bits and the first part 23, so their product is exact. */
    const double high = f * 0x1.921fb4p0;
    const double low = f * 0x1.4442d18469899p-24;
    const double x = high + low;
    const double z = x * x;
    const double p =
        z * (-0x1.5555555555549p-3 +
             z * (0x1.111111110f8a6p-7 +
                  z * (-0x1.a01a019c161d5p-13 +
                       z * (0x1.71de357b1fe7dp-19 + z * (-0x1.ae5e68a2b9cebp-26 + z * 0x1.5d93a5acfd57cp-33)))));
    const double s = high + (low + x * p);
    const double r =
        z * z * (0x1.555555555554cp-5 +
             z * (-0x1.6c16c16c15177p-10 +
                  z * (0x1.a01a019cb1590p-16 +
                       z * (-0x1.27e4f809c52adp-22 + z * (0x1.1ee9ebdb4b1c4p-29 + z * -0x1.8fae9be8838d4p-37)))));
    const double half = 0.5 * z;
    const double w = 1.0 - half;
    const double c = w + (((1.0 - w) - half) + r);
    /* Odd quarters swap the two; the signs follow the quarter. */
    const uint64_t swap = 0u - (q & 1u), sb = eg_bits(s), cb = eg_bits(c);
    *sine = eg_from_bits(((cb & swap) | (sb & ~swap)) ^ ((q & 2u) << 62));
    *cosine = eg_from_bits(((sb & swap) | (cb & ~swap)) ^ (((q + 1u) & 2u) << 62));
}

/* ------------------------------------------------------------------ values from words */

/* The radius of Box-Muller: sqrt(-2 log u). */
EG_INLINE double eg_radius(double u) { return __builtin_sqrt(-2.0 * eg_draw_log(u)); }

/* A standard normal value from two words; the third extends the first where that is small. */
EG_INLINE double eg_normal_of(uint32_t radius, uint32_t angle, uint32_t extension) {
    double sine, cosine;
    eg_draw_sincos_turn(eg_unit32(angle), &sine, &cosine);
    return eg_radius(eg_unit_tail(radius, extension)) * cosine;
}

/* ------------------------------------------------------------------ draws of synapses */

/* In (0, 1), 32 bits. draw: number of the draw + 2^16 * number of the multapse. */
EG_INLINE double eg_synapse_uniform(uint64_t key, uint32_t pre, uint32_t post, int64_t step, uint32_t draw) {
    return eg_unit32(eg_threefry(key, pre, post, (uint32_t)step, draw).word[0]);
}

EG_INLINE double eg_synapse_normal(uint64_t key, uint32_t pre, uint32_t post, int64_t step, uint32_t draw) {
    const eg_words words = eg_threefry(key, pre, post, (uint32_t)step, draw);
    return eg_normal_of(words.word[0], words.word[1], words.word[2]);
}

/* Rate 1. */
EG_INLINE double eg_synapse_exponential(uint64_t key, uint32_t pre, uint32_t post, int64_t step, uint32_t draw) {
    const eg_words words = eg_threefry(key, pre, post, (uint32_t)step, draw);
    return -eg_draw_log(eg_unit_tail(words.word[0], words.word[2]));
}

/* ------------------------------------------------------------------ distributions of weights, delays, attributes */

/* a, b: the arguments as the user gives them; values beyond [min, max] (-/+INFINITY where unbounded) are clipped, or
 * drawn again where `redraw` is true, by wiring.c. */
enum {
    EG_CONSTANT = 0,         /* a */
    EG_UNIFORM = 1,          /* a <= value < b (b itself only by rounding) */
    EG_DISCRETE_UNIFORM = 2, /* integers a ... b */
    EG_NORMAL = 3,           /* mean a, standard deviation b */
    EG_LOG_NORMAL = 4,       /* exp of a normal with mean a, standard deviation b */
    EG_EXPONENTIAL = 5,      /* rate a: the mean is 1/a */
    EG_GAMMA = 6,            /* shape a, scale b */
    EG_BINOMIAL = 7,         /* a trials with probability b */
    EG_POISSON = 8           /* mean a */
};
typedef struct {
    int kind;
    double a, b, min, max;
    int redraw;
} eg_distribution;

/* A sampler draws from a distribution, clipped, for the n synapses of a row: out[i] has the counter (rank[i], other), or
 * (other, rank[i]) where is_post is true: rank holds post ranks then, and `other` is the pre rank. number[i] is the
 * number of the multapse, below 2^16; NULL: all are 0. */
typedef void (*eg_sampler)(const eg_distribution *d, uint64_t key, const uint32_t *rank, const uint32_t *number,
                           int64_t n, uint32_t other, int is_post, uint32_t step, uint32_t draw, double *out);

EG_INLINE double eg_clip(const eg_distribution *d, double value) {
    value = value < d->min ? d->min : value;
    return value > d->max ? d->max : value;
}

#endif
