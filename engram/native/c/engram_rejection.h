/* Gamma, binomial and Poisson draws whose arguments differ between elements: a few words each, until one is accepted.
 *
 * In: arguments, a key and the counter words of engram_draws.h. Out: one value. Included by generated kernels that
 * draw from these, and by rejection.c. engram/state/rejection.py does the same in NumPy, bit for bit.
 */
#ifndef ENGRAM_REJECTION_H
#define ENGRAM_REJECTION_H

#include "engram_draws.h"

/* Attempt t draws with draw | t << 8. The chance that 128 attempts fail is below 1e-60. */
#define EG_ATTEMPTS 128u
#define EG_ATTEMPT(t) ((uint32_t)(t) << 8)
#define EG_FUNCTION static __attribute__((unused)) /* too long to inline */
#define EG_NO_LAW __builtin_nan("") /* what arguments give that no such distribution has; infinite ones too */

/* Gamma of shape alpha > 0 and scale 1: Marsaglia & Tsang 2000, ACM TOMS 26:363. Below shape 1: a draw of shape
 * alpha + 1 times U^(1/alpha). */
EG_FUNCTION double eg_gamma(double alpha, uint64_t key, uint32_t a, uint32_t b, uint32_t step, uint32_t draw) {
    if (!(alpha > 0.0 && alpha < __builtin_inf())) return EG_NO_LAW;
    const double d = (alpha < 1.0 ? alpha + 1.0 : alpha) - 1.0 / 3.0;
    const double c = 1.0 / __builtin_sqrt(9.0 * d);
    double v = 1.0;
    for (uint32_t t = 0; t < EG_ATTEMPTS; t++) {
        const eg_words words = eg_threefry(key, a, b, step, draw | EG_ATTEMPT(t));
        const double x = eg_normal_of(words.word[0], words.word[1], words.word[2]);
        const double root = 1.0 + c * x;
        v = root * root * root;
        if (root > 0.0 &&
            eg_draw_log(eg_unit32(words.word[3])) < 0.5 * x * x + (d - d * v + d * eg_draw_log(v)))
            break;
    }
    double value = d * v;
    if (alpha < 1.0) {
        const eg_words words = eg_threefry(key, a, b, step, draw | EG_SECOND_CALL);
        value = value * eg_draw_exp(eg_draw_log(eg_unit_tail(words.word[0], words.word[2])) / alpha);
    }
    return value;
}

/* log(k!) less Stirling's formula (k + 0.5) log(k + 1) - (k + 1) + 0.5 log(2 pi). */
EG_FUNCTION double eg_stirling(double k) {
    static const double table[10] = {
        0x1.4c071bcda0a5bp-4, 0x1.52a9b923ea649p-5, 0x1.c579a268d80b3p-6, 0x1.54a2662fd78a9p-6,
        0x1.10b4e513fcbedp-6, 0x1.c6b167bebdf36p-7, 0x1.85d4d612e4a86p-7, 0x1.552805e7b3076p-7,
        0x1.2f4871b12ab64p-7, 0x1.10f9d4c0743a7p-7};
    if (k < 10.0) return table[k > 0.0 ? (int)k : 0]; /* nothing negative is an index */
    const double k1 = k + 1.0, square = k1 * k1;
    return (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / k1;
}

/* Inversion walks up the probabilities f of k = 0, 1, ...; it stops where rounding has used up what u had left. */
#define EG_WALK_GOES_ON(u, f) ((u) > (f) && (f) > 0x1p-60)

/* x log(x / m) + m - x without loss where x is near m; the smallest term left out is 1e-17 of it there.
 * Source: Loader 2000, Fast and accurate computation of binomial probabilities. */
EG_FUNCTION double eg_deviance(double x, double m) {
    const double v = (x - m) / (x + m), square = v * v;
    if (square >= 0.01) return x * eg_draw_log(x / m) + (m - x);
    double series = 0.0;
    for (double j = 17.0; j >= 3.0; j -= 2.0) series = series * square + 1.0 / j;
    return (x - m) * v + 2.0 * x * v * (square * series);
}

/* BTRS: Hormann 1993, J. Stat. Comput. Simul. 46:101. For n p >= 10 and p <= 1/2. The logarithm of P(k) / P(m) is
 * written with deviances, so that it is exact to 1e-11 for a billion trials too. */
EG_FUNCTION double eg_binomial_btrs(double n, double p, uint64_t key, uint32_t a, uint32_t b, uint32_t step,
                                    uint32_t draw) {
    const double spread = __builtin_sqrt(n * p * (1.0 - p));
    const double hat_b = 1.15 + 2.53 * spread;
    const double hat_a = -0.0873 + 0.0248 * hat_b + 0.01 * p;
    const double centre = n * p + 0.5, v_r = 0.92 - 4.2 / hat_b, alpha = (2.83 + 5.1 / hat_b) * spread;
    const double m = __builtin_floor((n + 1.0) * p), all = n + 2.0;
    const double top = eg_deviance(m + 1.0, all * p) + eg_deviance(n - m + 1.0, all * (1.0 - p));
    double k = m;
    for (uint32_t t = 0; t < EG_ATTEMPTS; t++) {
        const eg_words words = eg_threefry(key, a, b, step, draw | EG_ATTEMPT(t));
        const double u = eg_unit53(words.word[0], words.word[1]) - 0.5;
        const double v = eg_unit53(words.word[2], words.word[3]);
        const double us = 0.5 - __builtin_fabs(u);
        k = __builtin_floor((2.0 * hat_a / us + hat_b) * u + centre);
        if (us >= 0.07 && v <= v_r) break;
        if (k < 0.0 || k > n) continue;
        const double bound = (top - (eg_deviance(k + 1.0, all * p) + eg_deviance(n - k + 1.0, all * (1.0 - p)))) +
                             0.5 * eg_draw_log((k + 1.0) / (m + 1.0) * ((n - k + 1.0) / (n - m + 1.0))) +
                             (eg_stirling(m) + eg_stirling(n - m) - eg_stirling(k) - eg_stirling(n - k));
        if (eg_draw_log(v * alpha / (hat_a / (us * us) + hat_b)) <= bound) break;
    }
    return k;
}

/* n trials (an integer >= 0) of probability p in [0, 1]. */
EG_FUNCTION double eg_binomial(double n, double p, uint64_t key, uint32_t a, uint32_t b, uint32_t step,
                               uint32_t draw) {
    if (!(n >= 0.0 && n < __builtin_inf() && __builtin_floor(n) == n && p >= 0.0 && p <= 1.0)) return EG_NO_LAW;
    const double rare = p <= 0.5 ? p : 1.0 - p;
    double k = 0.0;
    if (n * rare < 10.0) {
        const eg_words words = eg_threefry(key, a, b, step, draw);
        const double odds = rare / (1.0 - rare);
        double u = eg_unit53(words.word[0], words.word[1]), f = eg_draw_exp(n * eg_log_of_complement(rare));
        while (EG_WALK_GOES_ON(u, f) && k < n) {
            u = u - f;
            k = k + 1.0;
            f = f * ((n - k + 1.0) * odds / k);
        }
    } else {
        k = eg_binomial_btrs(n, rare, key, a, b, step, draw);
    }
    return p <= 0.5 ? k : n - k;
}

/* PTRS: Hormann 1993, Insurance: Mathematics and Economics 12:39. For rates of at least 10. */
EG_FUNCTION double eg_poisson_ptrs(double rate, uint64_t key, uint32_t a, uint32_t b, uint32_t step, uint32_t draw) {
    const double log_rate = eg_draw_log(rate);
    const double hat_b = 0.931 + 2.53 * __builtin_sqrt(rate), hat_a = -0.059 + 0.02483 * hat_b;
    const double inverse_alpha = 1.1239 + 1.1328 / (hat_b - 3.4), v_r = 0.9277 - 3.6224 / (hat_b - 2.0);
    double k = 0.0;
    for (uint32_t t = 0; t < EG_ATTEMPTS; t++) {
        const eg_words words = eg_threefry(key, a, b, step, draw | EG_ATTEMPT(t));
        const double u = eg_unit53(words.word[0], words.word[1]) - 0.5;
        const double v = eg_unit53(words.word[2], words.word[3]);
        const double us = 0.5 - __builtin_fabs(u);
        k = __builtin_floor((2.0 * hat_a / us + hat_b) * u + (rate + 0.43));
        if (us >= 0.07 && v <= v_r) break;
        if (k < 0.0 || (us < 0.013 && v > us)) continue;
        const double log_factorial =
            ((k + 0.5) * eg_draw_log(k + 1.0) - (k + 1.0)) + (0x1.d67f1c864beb5p-1 + eg_stirling(k));
        const double bound = (k * log_rate - rate) - log_factorial;
        if (eg_draw_log(v * inverse_alpha / (hat_a / (us * us) + hat_b)) <= bound) break;
    }
    return k;
}

/* Mean `rate` >= 0. */
EG_FUNCTION double eg_poisson(double rate, uint64_t key, uint32_t a, uint32_t b, uint32_t step, uint32_t draw) {
    if (!(rate >= 0.0 && rate < __builtin_inf())) return EG_NO_LAW;
    if (rate >= 10.0) return eg_poisson_ptrs(rate, key, a, b, step, draw);
    const eg_words words = eg_threefry(key, a, b, step, draw);
    double u = eg_unit53(words.word[0], words.word[1]), f = eg_draw_exp(-rate), k = 0.0;
    while (EG_WALK_GOES_ON(u, f)) {
        u = u - f;
        k = k + 1.0;
        f = f * (rate / k);
    }
    return k;
}

#endif
