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

/* The four words of 16 counters. A union, since gcc copies vectors to an array in pieces that it can't read as vectors
 * again without a stall. */
typedef union {
    eg_lanes lanes[4];
    uint32_t word[4 * EG_LANES]; /* word q of lane i is word[16 * q + i] */
} eg_drawn;

/* A loop over n elements, a multiple of 16, cut so that each piece becomes whole vectors without a remainder. */
#define EG_EACH(i, n)                                                                                                  \
    for (int group_ = 0; group_ < (n); group_ += EG_LANES)                                                             \
        for (int i = group_; i < group_ + EG_LANES; i++)

/* 16 times the same number. (Of `vector + number`, gcc 12 makes 16 stores where registers are narrower.) */
EG_INLINE void eg_splat(uint32_t number, eg_lanes *lanes) {
    uint32_t copy[EG_LANES];
    for (int i = 0; i < EG_LANES; i++) copy[i] = number;
    memcpy(lanes, copy, sizeof *lanes);
}

/* The four words of 16 counters (x[0], x[1], x[2], x[3]) take their place. */
EG_INLINE void eg_lane_words(uint64_t key, eg_lanes x[4]) {
    const eg_lanes zero = {0};
    eg_lanes k0, k1, x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
    eg_splat((uint32_t)key, &k0);
    eg_splat((uint32_t)(key >> 32), &k1);
    const eg_lanes k4 = k0 ^ k1 ^ EG_THREEFRY_PARITY;
    EG_THREEFRY(x0, x1, x2, x3, k0, k1, zero, zero, k4)
    x[0] = x0;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
}

/* The words of the counters (first, b, step, draw), (first + 1, b, step, draw) ... */
EG_INLINE void eg_next_lanes(uint64_t key, uint32_t first, uint32_t b, uint32_t step, uint32_t draw, eg_lanes x[4]) {
    const eg_lanes lane = EG_LANE_NUMBERS;
    eg_splat(first, &x[0]);
    eg_splat(b, &x[1]);
    eg_splat(step, &x[2]);
    eg_splat(draw, &x[3]);
    x[0] += lane;
    eg_lane_words(key, x);
}

/* Replace n numbers, a multiple of 16, by their logarithms. */
EG_APART void eg_logs(double *x, int n) {
    EG_EACH(i, n) x[i] = eg_draw_log(x[i]);
}

#endif
