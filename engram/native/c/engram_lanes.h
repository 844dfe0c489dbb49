/* Words of 16 neighbouring counters at once: engram_draws.h for the objects of this folder that draw by the thousand.
 *
 * Written with vector types, since the compiler takes far longer to find the vectors in a loop by itself. Nothing
 * depends on the width of a vector: a lane gives the same bits as the scalar functions.
 */
#ifndef ENGRAM_LANES_H
#define ENGRAM_LANES_H

#include "engram_draws.h"

#define EG_LANES 16
#if defined(__GNUC__) && !defined(__clang__)
#define EG_APART static __attribute__((noinline, noclone, unused)) /* compiled once, however often it is called */
#else
#define EG_APART static __attribute__((noinline, unused))
#endif

/* The compiler splits them where registers are narrower. They are passed by memory, so any alignment will do. */
typedef uint32_t eg_lanes __attribute__((vector_size(4 * EG_LANES)));

#define EG_LANE_NUMBERS {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

/* A loop over n elements, a multiple of 16, cut so that each piece becomes whole vectors without a remainder. */
#define EG_EACH(i, n)                                                                                                  \
    for (int group_ = 0; group_ < (n); group_ += EG_LANES)                                                             \
        for (int i = group_; i < group_ + EG_LANES; i++)

/* The four words of 16 counters (x[0], x[1], step, draw) take their place. */
EG_INLINE void eg_lane_words(uint64_t key, uint32_t step, uint32_t draw, eg_lanes x[4]) {
    const uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32), k4 = EG_THREEFRY_PARITY ^ k0 ^ k1;
    const eg_lanes zero = {0};
    eg_lanes x0 = x[0], x1 = x[1], x2 = zero + step, x3 = zero + draw;
    EG_THREEFRY(x0, x1, x2, x3, k0, k1, 0u, 0u, k4)
    x[0] = x0;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
}

/* The words of the counters (first, b, step, draw), (first + 1, b, step, draw) ... */
EG_INLINE void eg_next_lanes(uint64_t key, uint32_t first, uint32_t b, uint32_t step, uint32_t draw, eg_lanes x[4]) {
    const eg_lanes zero = {0}, lane = EG_LANE_NUMBERS;
    x[0] = lane + first;
    x[1] = zero + b;
    eg_lane_words(key, step, draw, x);
}

/* The same into an array: word q of lane i is out[16 * q + i]. */
EG_APART void eg_next_words(uint64_t key, uint32_t first, uint32_t b, uint32_t step, uint32_t draw, uint32_t *out) {
    eg_lanes x[4];
    eg_next_lanes(key, first, b, step, draw, x);
    memcpy(out, x, sizeof x);
}

/* Replace n numbers, a multiple of 16, by their logarithms. */
EG_APART void eg_logs(double *x, int n) {
    EG_EACH(i, n) x[i] = eg_draw_log(x[i]);
}

#endif
