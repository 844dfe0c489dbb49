/* Gamma, binomial and Poisson draws for chunks of neighbouring neurons and for rows of synapses.
 *
 * Compiled only for networks that use them. Where the arguments are one number for a population, an element takes one
 * word as in draws.c: its value is how many of the survival thresholds P(X > k) lie above the word, and a small word,
 * one in a million, takes a second one and draws from the exact tail. Beyond the table, each element has words of its own.
 * engram/state/tables.py does the same in NumPy, bit for bit.
 */
#include "engram.h"
#include "engram_lanes.h"
#include "engram_rejection.h"

#define EG_BLOCK 64

/* ---- tables ------------------------------------------------------------------------------------------------ */

/* P(X = k) / P(X = k - 1) for k = 1, 2 ... */
EG_INLINE double eg_ratio(const eg_table *table, double k) {
    const double rate = table->trials < 0.0 ? table->rate : (table->trials - k + 1.0) * table->rate;
    return rate / k;
}

/* The thresholds that a word that isn't small can lie below. Counted down from 1, so they are exact to 2^-52; the tail
 * has its own way. None reaches 2^32, since P(X = 0) is at least 2^-30: of 30 trials with probability 1/2. */
static void eg_table_thresholds(eg_table *table) {
    double probability = table->first, survival = 1.0;
    for (int k = 0; k < EG_TABLE_LENGTH; k++) {
        survival = survival - probability;
        const double scaled = survival * 0x1p32 + 0.5;
        if (scaled < EG_SMALL_WORD) {
            table->length = k;
            return;
        }
        table->threshold[k] = (uint32_t)scaled;
        probability = probability * eg_ratio(table, (double)(k + 1));
    }
    table->length = EG_TABLE_LENGTH;
}

/* How many of P(X > 0), P(X > 1) ... lie above u, summed from the end: P(X > 63) < 2^-65. */
static int eg_table_tail(const eg_table *table, double u) {
    double probability[EG_TABLE_LENGTH], survival = 0.0;
    int n = 1;
    probability[0] = table->first;
    for (; n < EG_TABLE_LENGTH && probability[n - 1] > 0.0; n++)
        probability[n] = probability[n - 1] * eg_ratio(table, (double)n);
    for (int k = n - 1; k >= 0; k--) {
        if (u < survival) return k + 1;
        survival = survival + probability[k];
    }
    return 0;
}

/* Of one mean; outside of [0, 15] (NaN too) elements draw for themselves. */
EG_EXPORT void eg_table_poisson(double mean, eg_table *table) {
    table->a = mean;
    table->b = 0.0;
    table->is_binomial = 0;
    table->length = -1;
    if (!(mean >= 0.0 && mean <= EG_TABLE_LIMIT)) return;
    table->trials = -1.0;
    table->rate = mean;
    table->offset = 0.0;
    table->sign = 1.0;
    table->first = eg_draw_exp(-mean);
    eg_table_thresholds(table);
}

/* The rarer of the two outcomes is counted; where its mean is above 15, or an argument is not one of a binomial
 * distribution, elements draw for themselves. */
EG_EXPORT void eg_table_binomial(double trials, double p, eg_table *table) {
    const double rare = p <= 0.5 ? p : 1.0 - p;
    table->a = trials;
    table->b = p;
    table->is_binomial = 1;
    table->length = -1;
    if (!(p >= 0.0 && p <= 1.0 && trials >= 0.0 && trials <= 0x1p31 && __builtin_floor(trials) == trials &&
          trials * rare <= EG_TABLE_LIMIT))
        return;
    table->trials = trials;
    table->rate = rare / (1.0 - rare);
    table->offset = p <= 0.5 ? 0.0 : trials;
    table->sign = p <= 0.5 ? 1.0 : -1.0;
    table->first = eg_draw_exp(trials * eg_log_of_complement(rare));
    eg_table_thresholds(table);
}

EG_INLINE uint32_t eg_smallest(const uint32_t *word) {
    uint32_t smallest = UINT32_MAX;
    for (int i = 0; i < EG_BLOCK; i++) smallest = word[i] < smallest ? word[i] : smallest;
    return smallest;
}

/* Correct the elements of a block whose words are small. */
EG_APART void eg_block_tails(const eg_table *table, uint64_t key, uint32_t step, uint32_t draw, int64_t first,
                             const uint32_t *word, double *out) {
    if (eg_smallest(word) >= EG_SMALL_WORD) return;
    eg_drawn second;
    eg_next_lanes(key, (uint32_t)(first >> 2), 0, step, draw | EG_SECOND_CALL, second.lanes);
    for (int i = 0; i < EG_BLOCK; i++) {
        if (word[i] >= EG_SMALL_WORD) continue;
        out[i] = table->offset + table->sign * (double)eg_table_tail(table, eg_unit_tail(word[i], second.word[i]));
    }
}

/* A vector register. Comparing vectors wider than that, gcc goes through them one by one. */
#if defined(__AVX512F__)
#define EG_WIDTH 16
#elif defined(__AVX2__)
#define EG_WIDTH 8
#else
#define EG_WIDTH 4
#endif
typedef uint32_t eg_vector __attribute__((vector_size(4 * EG_WIDTH), aligned(4), may_alias));

/* A threshold below that lies above none of the words of most blocks. */
#define EG_RARE (1u << 22)

/* How many of the first n thresholds lie above each word of a block; four registers at a time hide the latency of a
 * comparison. */
EG_INLINE void eg_block_counts(const eg_table *table, int64_t n, const uint32_t *word, uint32_t *count) {
    for (int at = 0; at < EG_BLOCK; at += 4 * EG_WIDTH) {
        const eg_vector *x = (const eg_vector *)(word + at), zero = {0};
        const eg_vector x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
        eg_vector c0 = zero, c1 = zero, c2 = zero, c3 = zero;
        for (int64_t k = 0; k < n; k++) {
            const eg_vector threshold = zero + table->threshold[k];
            c0 -= (eg_vector)(x0 < threshold); /* true is -1 */
            c1 -= (eg_vector)(x1 < threshold);
            c2 -= (eg_vector)(x2 < threshold);
            c3 -= (eg_vector)(x3 < threshold);
        }
        eg_vector *counts = (eg_vector *)(count + at);
        counts[0] = c0;
        counts[1] = c1;
        counts[2] = c2;
        counts[3] = c3;
    }
}

/* The values of some blocks. Returns their smallest word. */
EG_APART uint32_t eg_table_values(const eg_table *table, const eg_drawn *drawn, int n_blocks, double *out) {
    const double offset = table->offset, sign = table->sign;
    uint32_t smallest = UINT32_MAX;
    int64_t often = 0;
    while (often < table->length && table->threshold[often] >= EG_RARE) often++;
    for (int block = 0; block < n_blocks; block++, out += EG_BLOCK) {
        const uint32_t least = eg_smallest(drawn[block].word);
        uint32_t count[EG_BLOCK];
        eg_block_counts(table, least < EG_RARE ? table->length : often, drawn[block].word, count);
        EG_EACH(i, EG_BLOCK) out[i] = offset + sign * (double)(int32_t)count[i];
        smallest = least < smallest ? least : smallest;
    }
    return smallest;
}

/* Blocks are made several at a time, first all words and then all values: what one block waits for, another computes. */
#define EG_BLOCKS 8

EG_APART void eg_block_words(uint64_t key, uint32_t step, uint32_t draw, int64_t first, int n_blocks, eg_drawn *drawn) {
    for (int block = 0; block < n_blocks; block++) {
        const uint32_t counter = (uint32_t)((first >> 2) + EG_LANES * block);
        eg_next_lanes(key, counter, 0, step, draw, drawn[block].lanes);
    }
}

/* ---- chunks of neurons ------------------------------------------------------------------------------------- */

/* out[i] is the draw of element first + i: first is a multiple of 64, n is any length; as in draws.c. */
EG_EXPORT void eg_fill_table(const eg_table *table, uint64_t key, int64_t step, uint32_t draw, int64_t first, int64_t n,
                             double *out) {
    const uint32_t low = (uint32_t)step;
    if (table->length < 0) {
        for (int64_t i = 0; i < n; i++) {
            const uint32_t element = (uint32_t)(first + i);
            out[i] = table->is_binomial ? eg_binomial(table->a, table->b, key, element, 1, low, draw)
                                        : eg_poisson(table->a, key, element, 1, low, draw);
        }
        return;
    }
    for (const int64_t most = EG_BLOCKS * EG_BLOCK; n > 0; n -= most, out += most, first += most) {
        const int n_blocks = n < most ? (int)((n + EG_BLOCK - 1) / EG_BLOCK) : EG_BLOCKS;
        eg_drawn drawn[EG_BLOCKS];
        double rest[EG_BLOCKS * EG_BLOCK], *const value = n < n_blocks * EG_BLOCK ? rest : out;
        eg_block_words(key, low, draw, first, n_blocks, drawn);
        if (__builtin_expect(eg_table_values(table, drawn, n_blocks, value) < EG_SMALL_WORD, 0))
            for (int64_t block = 0, at = 0; block < n_blocks; block++, at += EG_BLOCK)
                eg_block_tails(table, key, low, draw, first + at, drawn[block].word, value + at);
        if (value == rest) memcpy(out, rest, (size_t)n * sizeof *out);
    }
}

/* ---- rows of synapses -------------------------------------------------------------------------------------- */

/* An eg_sampler for EG_GAMMA, EG_BINOMIAL and EG_POISSON. */
EG_EXPORT void eg_reject_row(const eg_distribution *d, uint64_t key, const uint32_t *rank, const uint32_t *number,
                             int64_t n, uint32_t other, int is_post, uint32_t step, uint32_t draw, double *out) {
    for (int64_t i = 0; i < n; i++) {
        const uint32_t a = is_post ? other : rank[i], b = is_post ? rank[i] : other;
        const uint32_t drawn = draw + (number ? number[i] << 16 : 0);
        double value;
        switch (d->kind) {
        case EG_GAMMA: value = d->b * eg_gamma(d->a, key, a, b, step, drawn); break;
        case EG_BINOMIAL: value = eg_binomial(d->a, d->b, key, a, b, step, drawn); break;
        default: value = eg_poisson(d->a, key, a, b, step, drawn);
        }
        out[i] = eg_clip(d, value);
    }
}
