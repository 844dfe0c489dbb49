/* Random draws for chunks of neighbouring neurons: the vectorised side of engram_draws.h.
 *
 * In: key, step, draw number and a range of elements. Out: an array of doubles. Generated update loops call these
 * with chunks of up to 1,024 elements and then read the array (a generator inlined into model code is ten times
 * slower). One block is 64 elements: 16 neighbouring counters, whose four words are the four quarters of the block.
 *
 * Nothing here depends on the width of a vector: the arithmetic has no fma and every operation is correctly rounded,
 * so a lane, a tail and the scalar functions of the header give the same bits.
 */
#include "engram_draws.h"

#define EG_LANES 16
#define EG_BLOCK 64

/* 16 lanes; the compiler splits them where registers are narrower. Unaligned, since they are only passed by memory. */
typedef uint32_t eg_lanes __attribute__((vector_size(4 * EG_LANES)));

typedef struct {
    uint32_t word[4][EG_LANES]; /* [number of the word][lane]: read in this order, it is the order of elements */
} eg_block;

/* The 64 words of the block that starts at element `first`. */
EG_INLINE void eg_block_words(uint64_t key, uint32_t step, uint32_t draw, int64_t first, eg_block *block) {
    const uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32), k4 = EG_THREEFRY_PARITY ^ k0 ^ k1;
    const eg_lanes zero = {0}, lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    eg_lanes x0 = lane + (uint32_t)(first >> 2), x1 = zero, x2 = zero + step, x3 = zero + draw;
    EG_THREEFRY(x0, x1, x2, x3, k0, k1, 0u, 0u, k4)
    memcpy(block->word[0], &x0, sizeof x0);
    memcpy(block->word[1], &x1, sizeof x1);
    memcpy(block->word[2], &x2, sizeof x2);
    memcpy(block->word[3], &x3, sizeof x3);
}

/* The word that extends the small word number q of a lane. */
static uint32_t eg_second_word(uint64_t key, uint32_t step, uint32_t draw, int64_t first, int lane, int q) {
    return eg_threefry(key, (uint32_t)(first >> 2) + (uint32_t)lane, 0, step, draw | EG_SECOND_CALL).word[q];
}

/* Whether any of 16 words is below EG_SMALL_WORD (once in 2^16 rows of words). */
EG_INLINE int eg_any_small(const uint32_t *word) {
    uint32_t smallest = word[0];
    for (int i = 1; i < EG_LANES; i++) smallest = word[i] < smallest ? word[i] : smallest;
    return smallest < EG_SMALL_WORD;
}

EG_INLINE void eg_block_uniform(uint64_t key, uint32_t step, uint32_t draw, int64_t first, double *out) {
    eg_block block;
    eg_block_words(key, step, draw, first, &block);
    for (int q = 0; q < 4; q++) {
        for (int i = 0; i < EG_LANES; i++) out[EG_LANES * q + i] = eg_unit32(block.word[q][i]);
    }
}

/* Words 0 and 1 are radius and angle of the first two quarters (cosine, sine), words 2 and 3 of the others. */
EG_INLINE void eg_block_normal(uint64_t key, uint32_t step, uint32_t draw, int64_t first, double *out) {
    eg_block block;
    eg_block_words(key, step, draw, first, &block);
    for (int q = 0; q < 4; q += 2) {
        const uint32_t *radius = block.word[q], *angle = block.word[q + 1];
        double *cosines = out + EG_LANES * q, *sines = cosines + EG_LANES;
        for (int i = 0; i < EG_LANES; i++) {
            double s, c;
            eg_draw_sincos_turn(eg_unit32(angle[i]), &s, &c);
            const double r = eg_radius(eg_unit32(radius[i]));
            cosines[i] = r * c;
            sines[i] = r * s;
        }
        if (__builtin_expect(eg_any_small(radius), 0)) {
            for (int i = 0; i < EG_LANES; i++) {
                if (radius[i] >= EG_SMALL_WORD) continue;
                double s, c;
                eg_draw_sincos_turn(eg_unit32(angle[i]), &s, &c);
                const double r =
                    eg_radius(eg_unit_tail(radius[i], eg_second_word(key, step, draw, first, i, q)));
                cosines[i] = r * c;
                sines[i] = r * s;
            }
        }
    }
}

EG_INLINE void eg_block_exponential(uint64_t key, uint32_t step, uint32_t draw, int64_t first, double *out) {
    eg_block block;
    eg_block_words(key, step, draw, first, &block);
    for (int q = 0; q < 4; q++) {
        const uint32_t *word = block.word[q];
        double *values = out + EG_LANES * q;
        for (int i = 0; i < EG_LANES; i++) values[i] = -eg_draw_log(eg_unit32(word[i]));
        if (__builtin_expect(eg_any_small(word), 0)) {
            for (int i = 0; i < EG_LANES; i++) {
                if (word[i] >= EG_SMALL_WORD) continue;
                values[i] =
                    -eg_draw_log(eg_unit_tail(word[i], eg_second_word(key, step, draw, first, i, q)));
            }
        }
    }
}

/* Whole blocks straight into `out`; the last one, if cut, through a buffer. */
#define EG_FILL(name, fill_block)                                                                                      \
    EG_EXPORT void name(uint64_t key, int64_t step, uint32_t draw, int64_t first, int64_t n, double *out) {            \
        const uint32_t low_step = (uint32_t)step;                                                                      \
        int64_t i = 0;                                                                                                 \
        for (; i + EG_BLOCK <= n; i += EG_BLOCK) fill_block(key, low_step, draw, first + i, out + i);                  \
        if (i < n) {                                                                                                   \
            double rest[EG_BLOCK];                                                                                     \
            fill_block(key, low_step, draw, first + i, rest);                                                          \
            memcpy(out + i, rest, (size_t)(n - i) * sizeof(double));                                                   \
        }                                                                                                              \
    }

EG_FILL(eg_fill_uniform, eg_block_uniform)
EG_FILL(eg_fill_normal, eg_block_normal)
EG_FILL(eg_fill_exponential, eg_block_exponential)

EG_EXPORT void eg_fill_sample(const eg_distribution *d, uint64_t key, int64_t step, uint32_t draw, int64_t first,
                              int64_t n, double *out) {
    for (int64_t at = 0; at < n; at += EG_BLOCK) {
        const int64_t size = n - at < EG_BLOCK ? n - at : EG_BLOCK;
        uint32_t element[EG_BLOCK];
        for (int i = 0; i < EG_BLOCK; i++) element[i] = (uint32_t)(first + at + i);
        eg_sample_row(d, key, element, size, 1, 0, (uint32_t)step, draw, out + at);
    }
}

EG_EXPORT void eg_poisson_prepare(double mean, eg_poisson_table *table) {
    double probability[EG_POISSON_LENGTH], tail = 0.0;
    mean = mean > 0.0 ? mean : 0.0; /* a negative mean, or NaN, gives zeros */
    table->mean = mean;
    table->length = 0;
    if (mean > EG_POISSON_LIMIT) return;
    probability[0] = eg_draw_exp(-mean);
    for (int k = 1; k < EG_POISSON_LENGTH; k++) probability[k] = probability[k - 1] * mean / (double)k;
    for (int k = EG_POISSON_LENGTH - 1; k >= 0; k--) {
        table->survival[k] = tail;
        const double scaled = tail * 0x1p32 + 0.5;
        table->threshold[k] = scaled < 0x1p32 ? (uint32_t)scaled : UINT32_MAX;
        if (table->threshold[k] >= EG_SMALL_WORD && table->length == 0) table->length = k + 1;
        tail = tail + probability[k];
    }
}

EG_INLINE void eg_block_poisson(const eg_poisson_table *table, uint64_t key, uint32_t step, uint32_t draw,
                                int64_t first, double *out) {
    eg_block block;
    eg_block_words(key, step, draw, first, &block);
    for (int q = 0; q < 4; q++) {
        const uint32_t *word = block.word[q];
        double *values = out + EG_LANES * q;
        eg_lanes lanes, count = {0};
        memcpy(&lanes, word, sizeof lanes);
        for (int64_t k = 0; k < table->length; k++) count -= (eg_lanes)(lanes < table->threshold[k]); /* true is -1 */
        uint32_t counts[EG_LANES];
        memcpy(counts, &count, sizeof counts);
        for (int i = 0; i < EG_LANES; i++) values[i] = (double)counts[i];
        if (__builtin_expect(eg_any_small(word), 0)) {
            for (int i = 0; i < EG_LANES; i++) {
                if (word[i] >= EG_SMALL_WORD) continue;
                const double u = eg_unit_tail(word[i], eg_second_word(key, step, draw, first, i, q));
                int k = 0;
                while (u < table->survival[k]) k++; /* the last one is 0 */
                values[i] = k;
            }
        }
    }
}

EG_EXPORT void eg_fill_poisson(const eg_poisson_table *table, uint64_t key, int64_t step, uint32_t draw,
                               int64_t first, int64_t n, double *out) {
    const uint32_t low_step = (uint32_t)step;
    int64_t i = 0;
    if (table->mean > EG_POISSON_LIMIT) {
        for (; i < n; i++) out[i] = eg_poisson(table->mean, key, (uint32_t)(first + i), 1, low_step, draw);
        return;
    }
    for (; i + EG_BLOCK <= n; i += EG_BLOCK) eg_block_poisson(table, key, low_step, draw, first + i, out + i);
    if (i < n) {
        double rest[EG_BLOCK];
        eg_block_poisson(table, key, low_step, draw, first + i, rest);
        memcpy(out + i, rest, (size_t)(n - i) * sizeof(double));
    }
}

EG_EXPORT void eg_fill_poisson_each(const double *mean, uint64_t key, int64_t step, uint32_t draw, int64_t first,
                                    int64_t n, double *out) {
    for (int64_t i = 0; i < n; i++)
        out[i] = eg_poisson(mean[i], key, (uint32_t)(first + i), 1, (uint32_t)step, draw);
}
