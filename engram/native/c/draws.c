/* Uniform, normal and exponential draws for chunks of neighbouring neurons and for rows of synapses.
 *
 * In: key, step, draw number and a range of elements, or the ranks of a row. Out: an array of doubles. Generated update
 * loops call the former with chunks of up to 1,024 elements and then read the array (a generator inlined into model
 * code is ten times slower); the connectors call the latter. One block is 64 elements: 16 neighbouring counters, whose
 * four words are the four quarters of the block.
 *
 * Nothing here depends on the width of a vector: the arithmetic has no fma and every operation is correctly rounded,
 * so a lane, a tail and the scalar functions of the header give the same bits.
 */
#include "engram_lanes.h"

#define EG_BLOCK 64

/* ---- arrays of n values, n a multiple of 16 ---------------------------------------------------------------- */

EG_APART void eg_units32(const uint32_t *word, double *out, int n) {
    EG_EACH(i, n) out[i] = eg_unit32(word[i]);
}

EG_APART void eg_units53(const uint32_t *high, const uint32_t *low, double *out, int n) {
    EG_EACH(i, n) out[i] = eg_unit53(high[i], low[i]);
}

EG_APART void eg_unit_tails(const uint32_t *high, const uint32_t *low, double *out, int n) {
    EG_EACH(i, n) out[i] = eg_unit_tail(high[i], low[i]);
}

/* From logarithms of units to radii of Box-Muller. */
EG_APART void eg_radii(double *x, int n) {
    EG_EACH(i, n) x[i] = __builtin_sqrt(-2.0 * x[i]);
}

EG_APART void eg_sincos_turns(const double *turn, double *restrict sine, double *restrict cosine, int n) {
    EG_EACH(i, n) {
        double s, c;
        eg_draw_sincos_turn(turn[i], &s, &c);
        sine[i] = s;
        cosine[i] = c;
    }
}

/* ---- chunks of neurons ------------------------------------------------------------------------------------- */

/* out[i] is the draw of element first + i: first is a multiple of 64, n is any length. The result does not depend
 * on how a range is cut. The key already contains step >> 32. */

/* The block that begins at element `first`: its words in the order of elements. */
typedef struct {
    uint64_t key;
    uint32_t step, draw;
    int64_t first;
    eg_drawn drawn;
} eg_block;

/* The units of 16 words of a block; small ones, one in a million, are extended by a second call. */
EG_APART void eg_quarter(const eg_block *block, int quarter, double *out) {
    const uint32_t *word = block->drawn.word + EG_LANES * quarter;
    uint32_t smallest = UINT32_MAX;
    for (int i = 0; i < EG_LANES; i++) {
        smallest = word[i] < smallest ? word[i] : smallest;
        out[i] = eg_unit32(word[i]);
    }
    if (__builtin_expect(smallest >= EG_SMALL_WORD, 1)) return;
    eg_drawn second;
    const uint32_t counter = (uint32_t)(block->first >> 2);
    eg_next_lanes(block->key, counter, 0, block->step, block->draw | EG_SECOND_CALL, second.lanes);
    for (int i = 0; i < EG_LANES; i++) out[i] = eg_unit_tail(word[i], second.word[EG_LANES * quarter + i]);
}

/* Quarters 0 and 2 are radii, 1 and 3 angles; a pair's cosine and sine are the values of its two quarters. */
static void eg_block_normal(const eg_block *block, double *out) {
    double radius[2 * EG_LANES], angle[2 * EG_LANES], sine[2 * EG_LANES], cosine[2 * EG_LANES];
    for (int pair = 0; pair < 2; pair++) {
        eg_quarter(block, 2 * pair, radius + EG_LANES * pair);
        eg_units32(block->drawn.word + EG_LANES * (2 * pair + 1), angle + EG_LANES * pair, EG_LANES);
    }
    eg_logs(radius, 2 * EG_LANES);
    eg_radii(radius, 2 * EG_LANES);
    eg_sincos_turns(angle, sine, cosine, 2 * EG_LANES);
    EG_EACH(i, 2 * EG_LANES) {
        out[group_ + i] = radius[i] * cosine[i];
        out[group_ + i + EG_LANES] = radius[i] * sine[i];
    }
}

static void eg_block_exponential(const eg_block *block, double *out) {
    for (int quarter = 0; quarter < 4; quarter++) eg_quarter(block, quarter, out + EG_LANES * quarter);
    eg_logs(out, EG_BLOCK);
    EG_EACH(i, EG_BLOCK) out[i] = -out[i];
}

/* Whole blocks straight into `out`; the last one, if cut, through a buffer. */
typedef void (*eg_block_fn)(const eg_block *block, double *out);
EG_INLINE void eg_fill_blocks(eg_block_fn fill, uint64_t key, int64_t step, uint32_t draw, int64_t first, int64_t n,
                              double *out) {
    eg_block block = {.key = key, .step = (uint32_t)step, .draw = draw, .first = first};
    for (; n > 0; n -= EG_BLOCK, out += EG_BLOCK, block.first += EG_BLOCK) {
        double rest[EG_BLOCK];
        eg_next_lanes(key, (uint32_t)(block.first >> 2), 0, block.step, draw, block.drawn.lanes);
        fill(&block, n < EG_BLOCK ? rest : out);
        if (n < EG_BLOCK) memcpy(out, rest, (size_t)n * sizeof *out);
    }
}

static void eg_block_uniform(const eg_block *block, double *out) {
    EG_EACH(i, EG_BLOCK) out[i] = eg_unit32(block->drawn.word[i]);
}

EG_EXPORT void eg_fill_uniform(uint64_t key, int64_t step, uint32_t draw, int64_t first, int64_t n, double *out) {
    eg_fill_blocks(eg_block_uniform, key, step, draw, first, n, out);
}

EG_EXPORT void eg_fill_normal(uint64_t key, int64_t step, uint32_t draw, int64_t first, int64_t n, double *out) {
    eg_fill_blocks(eg_block_normal, key, step, draw, first, n, out);
}

EG_EXPORT void eg_fill_exponential(uint64_t key, int64_t step, uint32_t draw, int64_t first, int64_t n, double *out) {
    eg_fill_blocks(eg_block_exponential, key, step, draw, first, n, out);
}

/* ---- rows of synapses -------------------------------------------------------------------------------------- */

/* The first 16 of n numbers. */
EG_INLINE void eg_load(const uint32_t *number, int64_t n, eg_lanes *lanes) {
    if (n >= EG_LANES) memcpy(lanes, number, sizeof *lanes); /* not a call */
    else memcpy(lanes, number, (size_t)n * sizeof *number);
}

/* Word q of synapse i of at most 64 goes to word[q][i]; n is rounded up to a multiple of 16, which is returned. */
EG_APART int eg_row_words(uint64_t key, const uint32_t *rank, const uint32_t *number, int64_t n, uint32_t other,
                          int is_post, uint32_t step, uint32_t draw, uint32_t word[4][EG_BLOCK]) {
    int at = 0;
    for (; at < n && at < EG_BLOCK; at += EG_LANES) {
        eg_lanes ranks = {0}, numbers = {0}, others, steps, draws;
        eg_splat(other, &others);
        eg_splat(step, &steps);
        eg_splat(draw, &draws);
        eg_load(rank + at, n - at, &ranks);
        if (number) eg_load(number + at, n - at, &numbers);
        eg_lanes x[4] = {is_post ? others : ranks, is_post ? ranks : others, steps, draws + (numbers << 16)};
        eg_lane_words(key, x);
        for (int q = 0; q < 4; q++) memcpy(word[q] + at, &x[q], sizeof x[q]);
    }
    return at;
}

/* Values of the distributions that take one call of the generator. */
static void eg_row_values(const eg_distribution *d, uint32_t (*word)[EG_BLOCK], double *out, int n) {
    const double a = d->a, b = d->b;
    double turn[EG_BLOCK], sine[EG_BLOCK], cosine[EG_BLOCK];
    switch (d->kind) {
    case EG_UNIFORM:
        eg_units53(word[0], word[1], out, n);
        if (__builtin_isfinite(b - a)) {
            EG_EACH(i, n) out[i] = a + (b - a) * out[i];
        } else {
            EG_EACH(i, n) out[i] = a * (1.0 - out[i]) + b * out[i];
        }
        break;
    case EG_DISCRETE_UNIFORM:
        eg_units53(word[0], word[1], out, n);
        EG_EACH(i, n) out[i] = a + __builtin_floor((b - a + 1.0) * out[i]);
        break;
    case EG_NORMAL:
    case EG_LOG_NORMAL:
        eg_unit_tails(word[0], word[2], out, n);
        eg_logs(out, n);
        eg_radii(out, n);
        eg_units32(word[1], turn, n);
        eg_sincos_turns(turn, sine, cosine, n);
        EG_EACH(i, n) out[i] = a + b * (out[i] * cosine[i]);
        if (d->kind == EG_NORMAL) break;
        EG_EACH(i, n) out[i] = eg_draw_exp(out[i]);
        break;
    case EG_EXPONENTIAL:
        eg_unit_tails(word[0], word[2], out, n);
        eg_logs(out, n);
        EG_EACH(i, n) out[i] = -out[i] / a;
        break;
    default: /* EG_CONSTANT */
        EG_EACH(i, n) out[i] = a;
    }
}

/* An eg_sampler for the kinds up to EG_EXPONENTIAL; rejection.c has that for the others. */
EG_EXPORT void eg_sample_row(const eg_distribution *d, uint64_t key, const uint32_t *rank, const uint32_t *number,
                             int64_t n, uint32_t other, int is_post, uint32_t step, uint32_t draw, double *out) {
    const eg_distribution law = *d; /* a copy, so that stores to `out` can't change it */
    for (; n > 0; n -= EG_BLOCK, rank += EG_BLOCK, number += number ? EG_BLOCK : 0, out += EG_BLOCK) {
        uint32_t word[4][EG_BLOCK];
        double rest[EG_BLOCK], *const value = n < EG_BLOCK ? rest : out;
        const int drawn = eg_row_words(key, rank, number, n, other, is_post, step, draw, word);
        eg_row_values(&law, word, value, drawn);
        EG_EACH(i, drawn) value[i] = eg_clip(&law, value[i]);
        if (n < EG_BLOCK) memcpy(out, rest, (size_t)n * sizeof *out);
    }
}
