/* Connectors as patterns: each cell (the columns of one block in one row) is a function of the pattern, the stream's
 * key and the numbers of row and block. Here: what a pattern is, and the kinds whose cells are whole rows.
 *
 * Included by engram_blocks.h. engram/wiring/rows.py does the same in NumPy, bit for bit; the formulas stand in
 * docs/decisions/0009-streams.md.
 */
#ifndef ENGRAM_PATTERNS_H
#define ENGRAM_PATTERNS_H

#include "engram_lanes.h"

#include <string.h>

/* One row per kind, in the order of engram/wiring/kinds.py: what counts the columns of rows, what fills cells, and what
 * says how much scratch that needs; see eg_rule in engram_rules.h. */
#define EG_PATTERN_KINDS(row)                                              \
    row(EG_ALL, count_all, fill_every_all, NULL)                           \
    row(EG_ONE_TO_ONE, count_one_to_one, fill_every_one_to_one, NULL)      \
    row(EG_PROBABILITY, count_probability, fill_probability, NULL)         \
    row(EG_NUMBER, count_number, fill_every_number, scratch_of_number)     \
    row(EG_TOTAL, count_shares, fill_total, scratch_of_total)

#define EG_KIND_NUMBER(kind, ...) kind,
enum { EG_PATTERN_KINDS(EG_KIND_NUMBER) EG_KINDS };

/* A connector in its own orientation, and which of its rows and columns are drawn. */
typedef struct {
    int64_t kind;
    int64_t n_rows, n_columns; /* of the whole */
    int64_t skip_self; /* a row's own column is left out of it */
    int64_t number;    /* EG_NUMBER: distinct columns per row, at most those there are; EG_TOTAL: columns of all rows */
    double p;          /* EG_PROBABILITY */
    uint64_t key;
    const int64_t *excluded; /* (n_rows,): the own column of each row, -1 if it has none; NULL: column r of row r */
    eg_sampler binomial; /* EG_TOTAL: eg_reject_row */
    int64_t first_row, last_row;     /* rows [first, last) are drawn */
    int64_t low, high;               /* columns [low, high) are drawn; whole blocks, where there are draws */
    int64_t width;                   /* block c has the columns [c * width, (c + 1) * width) that there are */
    int64_t first_block, last_block; /* those of columns [low, high), at least one */
} eg_pattern;

/* The columns of one block in one row. The cells that are drawn are numbered row by row. */
typedef struct {
    int64_t row, block;
    int64_t low, high; /* its columns are [low, high) */
    int64_t self;      /* the one to be left out; -1: none of these */
} eg_cell;

/* The column that is the row's own neuron and to be left out; n_columns if there is none. */
static int64_t excluded_column(const eg_pattern *p, int64_t row) {
    if (!p->skip_self) return p->n_columns;
    const int64_t column = p->excluded ? p->excluded[row] : row;
    return column >= 0 && column < p->n_columns ? column : p->n_columns;
}

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

static eg_cell cell_at(const eg_pattern *p, int64_t row, int64_t block) {
    const int64_t low = larger(block * p->width, p->low), high = smaller((block + 1) * p->width, p->high);
    const int64_t self = excluded_column(p, row);
    return (eg_cell){row, block, low, high, self >= low && self < high ? self : -1};
}

static eg_cell numbered_cell(const eg_pattern *p, int64_t number) {
    const int64_t n_blocks = p->last_block - p->first_block;
    return cell_at(p, p->first_row + number / n_blocks, p->first_block + number % n_blocks);
}

static eg_cell next_cell(const eg_pattern *p, const eg_cell *cell) {
    if (cell->block + 1 < p->last_block) return cell_at(p, cell->row, cell->block + 1);
    return cell_at(p, cell->row + 1 < p->n_rows ? cell->row + 1 : cell->row, p->first_block); /* excluded[] ends there */
}

/* ---- kinds without draws: one cell per row ----------------------------------------------------------------- */

/* What such a kind is counted and filled by (see eg_rule), made of the function that fills one cell. */
#define EG_UNDRAWN(name)                                                                                              \
    static void count_##name(const eg_pattern *p, int64_t from, int64_t to, int64_t *length) {                        \
        for (int64_t row = from; row < to; row++) {                                                                   \
            const eg_cell cell = cell_at(p, row, p->first_block);                                                     \
            length[row - p->first_row] = fill_##name(p, &cell, NULL);                                                 \
        }                                                                                                             \
    }                                                                                                                 \
    static void fill_every_##name(const eg_pattern *p, const int64_t *start, int64_t from, int64_t to,                \
                                  int64_t longest, uint64_t *scratch, uint32_t *ranks) {                              \
        (void)longest, (void)scratch;                                                                                 \
        eg_cell cell = numbered_cell(p, from);                                                                        \
        for (int64_t number = from; number < to; number++, cell = next_cell(p, &cell))                                \
            fill_##name(p, &cell, ranks + start[number]);                                                             \
    }

static int64_t fill_all(const eg_pattern *p, const eg_cell *cell, uint32_t *out) {
    (void)p;
    const int64_t hole = cell->self < 0 ? cell->high : cell->self;
    if (out) {
        for (int64_t column = cell->low; column < hole; column++) *out++ = (uint32_t)column;
        for (int64_t column = hole + 1; column < cell->high; column++) *out++ = (uint32_t)column;
    }
    return cell->high - cell->low - (cell->self >= 0);
}
EG_UNDRAWN(all)

/* Self connections are what is asked for. */
static int64_t fill_one_to_one(const eg_pattern *p, const eg_cell *cell, uint32_t *out) {
    (void)p;
    if (cell->row < cell->low || cell->row >= cell->high) return 0;
    if (out) *out = (uint32_t)cell->row;
    return 1;
}
EG_UNDRAWN(one_to_one)

/* ---- the words of a cell ---------------------------------------------------------------------------------- */

/* One after the other: word i is word i & 3 of counter (row, i >> 2, block). */
typedef struct {
    uint64_t key;
    uint32_t row, block, next;
    uint32_t word[4 * EG_LANES];
} word_stream;

static word_stream words_of(const eg_pattern *p, const eg_cell *cell) {
    return (word_stream){.key = p->key, .row = (uint32_t)cell->row, .block = (uint32_t)cell->block, .next = 0};
}

/* The words of 16 counters, one counter after the other. */
static void in_order(const eg_drawn *drawn, uint32_t *word) {
    for (int i = 0; i < 4 * EG_LANES; i++) word[i] = drawn->word[(i & 3) * EG_LANES + (i >> 2)];
}

EG_APART void next_words(word_stream *s) {
    const eg_lanes lane = EG_LANE_NUMBERS;
    eg_drawn drawn;
    eg_splat(s->row, &drawn.lanes[0]);
    eg_splat(s->next / 4, &drawn.lanes[1]);
    eg_splat(s->block, &drawn.lanes[2]);
    eg_splat(0, &drawn.lanes[3]);
    drawn.lanes[1] += lane;
    eg_lane_words(s->key, drawn.lanes);
    in_order(&drawn, s->word);
}

static uint32_t next_word(word_stream *s) {
    const uint32_t at = s->next % (4 * EG_LANES);
    if (at == 0) next_words(s);
    s->next++;
    return s->word[at];
}

/* Words below it are refused, so that the others give integers below n that are exactly uniform: none, if n is a power
 * of two. Source: Lemire 2019, ACM Trans. Model. Comput. Simul. 29:3. */
static uint32_t refused_below(uint32_t n) { return n ? -n % n : 0; }

static uint32_t next_below(word_stream *s, uint32_t n) {
    uint64_t product = (uint64_t)next_word(s) * n;
    if ((uint32_t)product < n) {
        const uint32_t refused = refused_below(n);
        while ((uint32_t)product < refused) product = (uint64_t)next_word(s) * n;
    }
    return (uint32_t)(product >> 32);
}

/* ---- a number of distinct columns ------------------------------------------------------------------------- */

/* `number` distinct columns, every set equally likely. The set is one bit per column, and above it one bit per word,
 * so that it comes out sorted and is empty again at the end. `bits` must be zero. Source: Floyd, in Bentley & Floyd
 * 1987, Commun. ACM 30:754. */
static void fill_number(const eg_pattern *p, const eg_cell *cell, uint64_t *bits, uint32_t *out) {
    const int64_t self = cell->self < 0 ? p->n_columns : cell->self;
    const int64_t available = p->n_columns - (self < p->n_columns), n_words = p->n_columns / 64 + 1;
    uint64_t *summary = bits + n_words;
    word_stream stream = words_of(p, cell);
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

#endif
