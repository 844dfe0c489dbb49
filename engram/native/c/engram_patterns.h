/* The rows of connectors: each is a function of the pattern, the stream's key and the row's number.
 *
 * Included by wiring.c. engram/wiring/rows.py and totals.py do the same in NumPy, bit for bit.
 */
#ifndef ENGRAM_PATTERNS_H
#define ENGRAM_PATTERNS_H

#include "engram_lanes.h"

#include <string.h>

enum { EG_ALL = 0, EG_ONE_TO_ONE = 1, EG_PROBABILITY = 2, EG_NUMBER = 3, EG_TOTAL = 4 };

/* One row of a connector in its own orientation is a function of this and of the row's index. */
typedef struct {
    int64_t kind;
    int64_t n_rows, n_columns;
    int64_t skip_self; /* a row's own column is left out of it */
    int64_t number;    /* EG_NUMBER: distinct columns per row, at most those there are; EG_TOTAL: columns of all rows */
    double p;          /* EG_PROBABILITY */
    uint64_t key;
    const int64_t *own; /* (n_rows,): the own column of each row, -1 if it has none; NULL: column r of row r */
    eg_sampler binomial; /* EG_TOTAL: eg_reject_row */
} eg_pattern;

/* The column that is the row's own neuron and to be left out; n_columns if there is none. */
static int64_t own_column(const eg_pattern *p, int64_t row) {
    if (!p->skip_self) return p->n_columns;
    const int64_t column = p->own ? p->own[row] : row;
    return column >= 0 && column < p->n_columns ? column : p->n_columns;
}

/* The words of the 16 counters (row, first), (row, first + 1) ... */
EG_APART void row_words(uint64_t key, uint32_t row, uint32_t first, eg_drawn *drawn) {
    const eg_lanes lane = EG_LANE_NUMBERS;
    eg_splat(row, &drawn->lanes[0]);
    eg_splat(first, &drawn->lanes[1]);
    eg_splat(0, &drawn->lanes[2]);
    eg_splat(0, &drawn->lanes[3]);
    drawn->lanes[1] += lane;
    eg_lane_words(key, drawn->lanes);
}

static int64_t fill_all(const eg_pattern *p, int64_t row, uint32_t *out) {
    const int64_t hole = own_column(p, row);
    if (out) {
        for (int64_t column = 0; column < hole; column++) out[column] = (uint32_t)column;
        for (int64_t column = hole + 1; column < p->n_columns; column++) out[column - 1] = (uint32_t)column;
    }
    return p->n_columns - (hole < p->n_columns);
}

static int64_t fill_one_to_one(const eg_pattern *p, int64_t row, uint32_t *out) {
    if (row >= p->n_columns) return 0;
    if (out) *out = (uint32_t)row;
    return 1;
}

/* The gap before the next connection is geometric: floor(log u / log(1 - p)). All columns take part, and the row's
 * own one is left out afterwards, so that forbidding self connections changes nothing else. */
static int64_t fill_probability(const eg_pattern *p, int64_t row, uint32_t *out) {
    if (p->p <= 0.0) return 0;
    if (p->p >= 1.0) return fill_all(p, row, out);
    const int64_t self = own_column(p, row), n_columns = p->n_columns;
    const double scale = eg_log_of_complement(p->p), beyond = 0x1p33;
    int64_t n = 0, column = -1;
    for (uint32_t block = 0;; block += EG_LANES) {
        eg_drawn drawn;
        double gaps[2 * EG_LANES]; /* of all counters the first, then of all the second */
        row_words(p->key, (uint32_t)row, block, &drawn);
        for (int i = 0; i < EG_LANES; i++) {
            gaps[i] = eg_unit53(drawn.word[i], drawn.word[EG_LANES + i]);
            gaps[EG_LANES + i] = eg_unit53(drawn.word[2 * EG_LANES + i], drawn.word[3 * EG_LANES + i]);
        }
        eg_logs(gaps, 2 * EG_LANES);
        EG_EACH(i, 2 * EG_LANES) gaps[i] /= scale;
        for (int i = 0; i < 2 * EG_LANES; i++) {
            const double gap = gaps[(i & 1) * EG_LANES + i / 2];
            column += 1 + (int64_t)(gap < beyond ? gap : beyond);
            if (column >= n_columns) return n;
            if (column == self) continue;
            if (out) out[n] = (uint32_t)column;
            n++;
        }
    }
}

/* The words of one row, one after the other: word i is word i & 3 of counter (row, i >> 2). */
typedef struct {
    uint64_t key;
    uint32_t row, next;
    uint32_t word[4 * EG_LANES];
} word_stream;

static uint32_t next_word(word_stream *s) {
    const uint32_t at = s->next++ % (4 * EG_LANES);
    if (at == 0) {
        eg_drawn drawn;
        row_words(s->key, s->row, (s->next - 1) / 4, &drawn);
        for (int i = 0; i < 4 * EG_LANES; i++) s->word[i] = drawn.word[(i & 3) * EG_LANES + (i >> 2)];
    }
    return s->word[at];
}

/* An integer in [0, n), exactly uniform. Source: Lemire 2019, ACM Trans. Model. Comput. Simul. 29:3. */
static uint32_t next_below(word_stream *s, uint32_t n) {
    uint64_t product = (uint64_t)next_word(s) * n;
    if ((uint32_t)product < n) {
        const uint32_t refused = -n % n;
        while ((uint32_t)product < refused) product = (uint64_t)next_word(s) * n;
    }
    return (uint32_t)(product >> 32);
}

/* `number` distinct columns, every set equally likely. The set is one bit per column, and above it one bit per word,
 * so that it comes out sorted and is empty again at the end. `bits` must be zero. Source: Floyd, in Bentley & Floyd
 * 1987, Commun. ACM 30:754. */
static void fill_number(const eg_pattern *p, int64_t row, uint64_t *bits, uint32_t *out) {
    const int64_t self = own_column(p, row);
    const int64_t available = p->n_columns - (self < p->n_columns), n_words = p->n_columns / 64 + 1;
    uint64_t *summary = bits + n_words;
    word_stream stream = {.key = p->key, .row = (uint32_t)row, .next = 0};
    for (int64_t last = available - p->number; last < available; last++) {
        int64_t chosen = next_below(&stream, (uint32_t)(last + 1));
        if (bits[chosen >> 6] >> (chosen & 63) & 1) chosen = last;
        bits[chosen >> 6] |= (uint64_t)1 << (chosen & 63);
        summary[chosen >> 12] |= (uint64_t)1 << (chosen >> 6 & 63);
    }
    for (int64_t group = 0; group <= n_words / 64; group++) {
        for (uint64_t words = summary[group]; words; words &= words - 1) {
            const int64_t at = group * 64 + __builtin_ctzll(words);
            for (uint64_t word = bits[at]; word; word &= word - 1) {
                const int64_t column = at * 64 + __builtin_ctzll(word);
                *out++ = (uint32_t)(column + (column >= self)); /* the available ones, with the own one left out */
            }
            bits[at] = 0;
        }
        summary[group] = 0;
    }
}

/* ---- a number of synapses in all ---------------------------------------------------------------------------- */

/* How many pairs rows [low, high) can have. */
static uint64_t pairs_of(const eg_pattern *p, int64_t low, int64_t high) {
    const uint64_t all = (uint64_t)(high - low) * (uint64_t)p->n_columns;
    if (!p->skip_self) return all;
    int64_t left_out = 0;
    if (p->own)
        for (int64_t row = low; row < high; row++) left_out += p->own[row] >= 0;
    else if (low < p->n_columns) left_out = (high < p->n_columns ? high : p->n_columns) - low;
    return all - (uint64_t)left_out;
}

#define EG_HALVING 1 /* the number of the draw that shares a range's synapses out among its halves */

/* The n synapses of rows [low, high), which have `pairs` pairs, are shared out among its two halves, and so on; the
 * lengths of rows [from, to) are stored. */
static void share_out(const eg_pattern *p, int64_t low, int64_t high, uint64_t pairs, int64_t n, int64_t from,
                      int64_t to, int64_t *length) {
    if (high <= from || low >= to) return;
    if (n == 0 || high - low == 1) {
        for (int64_t row = low > from ? low : from; row < high && row < to; row++) length[row] = n;
        return;
    }
    const int64_t middle = low + (high - low) / 2;
    const uint64_t first_pairs = pairs_of(p, low, middle);
    const eg_distribution law = {EG_BINOMIAL, (double)n, (double)first_pairs / (double)pairs, -INFINITY, INFINITY};
    const uint32_t end = (uint32_t)high;
    double first;
    p->binomial(&law, p->key, &end, NULL, 1, (uint32_t)low, 1, 0, EG_HALVING, &first);
    share_out(p, low, middle, first_pairs, (int64_t)first, from, to, length);
    share_out(p, middle, high, pairs - first_pairs, n - (int64_t)first, from, to, length);
}

/* Ascending; by eight bits at a time, the lowest first. */
static void sort_ranks(uint32_t *ranks, uint32_t *spare, int64_t n, int64_t n_columns) {
    if (n < 40) {
        for (int64_t i = 1; i < n; i++) {
            const uint32_t rank = ranks[i];
            int64_t to = i;
            for (; to > 0 && ranks[to - 1] > rank; to--) ranks[to] = ranks[to - 1];
            ranks[to] = rank;
        }
        return;
    }
    uint32_t *from = ranks, *to = spare;
    for (int shift = 0; (n_columns - 1) >> shift; shift += 8) {
        uint32_t start[257] = {0};
        for (int64_t i = 0; i < n; i++) start[(from[i] >> shift & 255) + 1]++;
        for (int digit = 1; digit < 256; digit++) start[digit] += start[digit - 1];
        for (int64_t i = 0; i < n; i++) to[start[from[i] >> shift & 255]++] = from[i];
        uint32_t *const sorted = to;
        to = from;
        from = sorted;
    }
    if (from != ranks) memcpy(ranks, from, (size_t)n * sizeof *ranks);
}

/* `n` columns, each independent of the others, so that some may come several times. */
static void fill_total(const eg_pattern *p, int64_t row, int64_t n, uint32_t *spare, uint32_t *out) {
    const int64_t self = own_column(p, row);
    const uint32_t available = (uint32_t)(p->n_columns - (self < p->n_columns));
    word_stream stream = {.key = p->key, .row = (uint32_t)row, .next = 0};
    for (int64_t i = 0; i < n; i++) {
        const uint32_t column = next_below(&stream, available);
        out[i] = column + (column >= self);
    }
    sort_ranks(out, spare, n, p->n_columns);
}

/* ---- any pattern -------------------------------------------------------------------------------------------- */

/* uint64 words of scratch that one chunk needs to fill rows of at most `longest` columns; they must be zero. */
static int64_t scratch_words(const eg_pattern *p, int64_t longest) {
    const int64_t bits = p->n_columns / 64 + 1;
    const int64_t words = p->kind == EG_NUMBER ? bits + bits / 64 + 1 : p->kind == EG_TOTAL ? (longest + 1) / 2 : 0;
    return (words + 7) / 8 * 8;
}

/* Fill a row of n columns, ascending; how many it has is what counting said. */
static void fill_row(const eg_pattern *p, int64_t row, int64_t n, uint64_t *scratch, uint32_t *out) {
    switch (p->kind) {
    case EG_ALL: fill_all(p, row, out); break;
    case EG_ONE_TO_ONE: fill_one_to_one(p, row, out); break;
    case EG_PROBABILITY: fill_probability(p, row, out); break;
    case EG_NUMBER: fill_number(p, row, scratch, out); break;
    default: fill_total(p, row, n, (uint32_t *)scratch, out);
    }
}

/* How many columns rows [from, to) have. */
static void count_rows(const eg_pattern *p, int64_t from, int64_t to, int64_t *length) {
    if (p->kind == EG_TOTAL) {
        share_out(p, 0, p->n_rows, pairs_of(p, 0, p->n_rows), p->number, from, to, length);
        return;
    }
    for (int64_t row = from; row < to; row++) {
        switch (p->kind) {
        case EG_ALL: length[row] = fill_all(p, row, NULL); break;
        case EG_ONE_TO_ONE: length[row] = fill_one_to_one(p, row, NULL); break;
        case EG_PROBABILITY: length[row] = fill_probability(p, row, NULL); break;
        default: length[row] = p->number;
        }
    }
}

#endif
