/* A number of synapses in all: shared out among blocks, then among the rows of each, then drawn in each cell.
 *
 * Included by engram_rules.h. engram/wiring/totals.py and blocks.py do the same in NumPy, bit for bit.
 */
#ifndef ENGRAM_TOTALS_H
#define ENGRAM_TOTALS_H

#include "engram_blocks.h"

/* ---- how many ------------------------------------------------------------------------------------------------ */

/* How many pairs rows [low, high) have with columns [from, to). */
static uint64_t pairs_of(const eg_pattern *p, int64_t low, int64_t high, int64_t from, int64_t to) {
    const uint64_t all = (uint64_t)(high - low) * (uint64_t)(to - from);
    if (!p->skip_self) return all;
    int64_t left_out = 0;
    if (p->excluded)
        for (int64_t row = low; row < high; row++) left_out += p->excluded[row] >= from && p->excluded[row] < to;
    else left_out = larger(smaller(high, to) - larger(low, from), 0);
    return all - (uint64_t)left_out;
}

/* Of n synapses among `pairs` pairs, how many lie among the first ones, where a range is cut at `middle`. */
static int64_t cut_at(const eg_pattern *p, uint32_t middle, uint32_t block, uint32_t draw, int64_t n, uint64_t first,
                      uint64_t pairs) {
    const eg_distribution law = {EG_BINOMIAL, (double)n, (double)first / (double)pairs, -INFINITY, INFINITY, 0};
    double value;
    p->binomial(&law, p->key, &middle, NULL, 1, block, 0, 0, draw, &value);
    return (int64_t)value;
}

/* The rows that are counted, and where: length[0] belongs to the first cell that is drawn; all are 0 before. */
typedef struct {
    const eg_pattern *pattern;
    int64_t from, to;
    int64_t *length;
} sharing;

/* The n synapses of a block in rows [low, high), which have `pairs` pairs, are shared out among the two halves, and so
 * on. */
static void among_rows(const sharing *s, int64_t block, int64_t low, int64_t high, uint64_t pairs, int64_t n) {
    const eg_pattern *p = s->pattern;
    if (n == 0 || high <= s->from || low >= s->to) return;
    if (high - low == 1) {
        const int64_t n_blocks = p->last_block - p->first_block;
        s->length[(low - p->first_row) * n_blocks + block - p->first_block] = n;
        return;
    }
    const int64_t middle = low + (high - low) / 2;
    const int64_t first_column = block * p->width, last_column = smaller(first_column + p->width, p->n_columns);
    const uint64_t first = pairs_of(p, low, middle, first_column, last_column);
    const int64_t n_first = cut_at(p, (uint32_t)middle, (uint32_t)block, EG_AMONG_ROWS, n, first, pairs);
    among_rows(s, block, low, middle, first, n_first);
    among_rows(s, block, middle, high, pairs - first, n - n_first);
}

/* The same with blocks [low, high), first of all. */
static void among_blocks(const sharing *s, int64_t low, int64_t high, uint64_t pairs, int64_t n) {
    const eg_pattern *p = s->pattern;
    if (n == 0 || high <= p->first_block || low >= p->last_block) return;
    if (high - low == 1) {
        among_rows(s, low, 0, p->n_rows, pairs, n);
        return;
    }
    const int64_t middle = low + (high - low) / 2;
    const uint64_t first = pairs_of(p, 0, p->n_rows, low * p->width, middle * p->width);
    const int64_t n_first = cut_at(p, (uint32_t)middle, 0, EG_AMONG_BLOCKS, n, first, pairs);
    among_blocks(s, low, middle, first, n_first);
    among_blocks(s, middle, high, pairs - first, n - n_first);
}

/* How many synapses the cells of rows [from, to) have. */
static void count_shares(const eg_pattern *p, int64_t from, int64_t to, int64_t *length) {
    const sharing s = {p, from, to, length};
    const int64_t n_blocks = (p->n_columns + p->width - 1) / p->width;
    if (from < to) among_blocks(&s, 0, n_blocks, pairs_of(p, 0, p->n_rows, 0, p->n_columns), p->number);
}

/* ---- which ones --------------------------------------------------------------------------------------------- */

#define EG_DIGIT 7 /* bits by which columns are sorted at a time, at most */

/* One stable pass by some bits; those above a cell's width are the same for all of its columns. */
static void sort_pass(const uint32_t *columns, int64_t n, int shift, int digit, uint32_t *out) {
    const uint32_t mask = (1u << digit) - 1;
    const int64_t half = n / 2;
    const uint32_t *const second = columns + half;
    uint32_t low[1 << EG_DIGIT] = {0}, high[1 << EG_DIGIT] = {0}, sum = 0; /* no half waits for the other */
    for (int64_t i = 0; i < half; i++) {
        low[columns[i] >> shift & mask]++;
        high[second[i] >> shift & mask]++;
    }
    if (n & 1) high[columns[n - 1] >> shift & mask]++;
    for (uint32_t i = 0; i <= mask; i++) {
        const uint32_t n_low = low[i], n_high = high[i];
        low[i] = sum;
        high[i] = sum + n_low;
        sum += n_low + n_high;
    }
    for (int64_t i = 0; i < half; i++) {
        out[low[columns[i] >> shift & mask]++] = columns[i];
        out[high[second[i] >> shift & mask]++] = second[i];
    }
    if (n & 1) out[high[columns[n - 1] >> shift & mask]] = columns[n - 1];
}

/* The n columns of a cell, from `columns` to `out`, ascending; `columns` and `spare` are used up. */
EG_APART void sort_columns(uint32_t *columns, uint32_t *spare, int64_t n, const eg_cell *cell, uint32_t *out) {
    int bits = 1;
    while ((cell->high - cell->low - 1) >> bits) bits++;
    if (n >= 24) {
        const int n_passes = (bits + EG_DIGIT - 1) / EG_DIGIT, digit = (bits + n_passes - 1) / n_passes;
        for (int pass = 0; pass < n_passes; pass++) {
            uint32_t *const to = pass == n_passes - 1 ? out : spare;
            sort_pass(columns, n, pass * digit, digit, to);
            spare = columns;
            columns = to;
        }
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        const uint32_t column = columns[i];
        int64_t to = i;
        for (; to > 0 && out[to - 1] > column; to--) out[to] = out[to - 1];
        out[to] = column;
    }
}

/* `n` columns, each independent of the others, so that some may come several times. */
static void draw_columns(const eg_pattern *p, const eg_cell *cell, int64_t n, uint32_t *out) {
    const uint32_t available = (uint32_t)(cell->high - cell->low - (cell->self >= 0));
    const uint32_t self = (uint32_t)(cell->self < 0 ? cell->high : cell->self);
    word_stream stream = words_of(p, cell);
    for (int64_t i = 0; i < n; i++) {
        const uint32_t column = (uint32_t)cell->low + next_below(&stream, available);
        out[i] = column + (column >= self);
    }
}

#define EG_WORDS (4 * EG_BATCH)

/* The words of a batch, one counter after the other. */
EG_APART void batch_words(uint64_t key, const lane_counters *counters, uint32_t *word) {
    for (int first = 0; first < EG_BATCH; first += EG_LANES) {
        eg_drawn drawn;
        counted_words(key, counters, first, &drawn);
        in_order(&drawn, word + 4 * first);
    }
}

/* The same for cells [from, to), whose lengths are known; a cell of which a word is refused is drawn by itself. */
static void fill_shares(const eg_pattern *p, const int64_t *start, int64_t from, int64_t to, int64_t longest,
                        uint32_t *spare, uint32_t *ranks) {
    cell_counters producer = counters_from(p, start, from, to), consumer = producer;
    lane_counters counters = {0};
    uint32_t word[EG_WORDS];
    int64_t at = EG_WORDS;
    for (; consumer.number < to; next_counted(&consumer)) {
        const eg_cell *cell = &consumer.cell;
        const int64_t n = consumer.n;
        const uint32_t low = (uint32_t)cell->low, available = (uint32_t)(cell->high - cell->low - (cell->self >= 0));
        const uint32_t self = (uint32_t)(cell->self < 0 ? cell->high : cell->self), refused = refused_below(available);
        int is_refused = 0;
        for (int64_t done = 0, some; done < n; done += some, at += some) {
            if (at >= EG_WORDS) {
                next_batch(&producer, &counters);
                batch_words(p->key, &counters, word);
                at -= EG_WORDS;
            }
            some = smaller(n - done, EG_WORDS - at);
            for (int64_t i = 0; i < some; i++) {
                const uint64_t product = (uint64_t)word[at + i] * available;
                const uint32_t column = low + (uint32_t)(product >> 32);
                is_refused |= (uint32_t)product < refused;
                spare[done + i] = column + (column >= self);
            }
        }
        at += 4 * (int64_t)consumer.n_calls - n;
        if (is_refused) draw_columns(p, cell, n, spare);
        sort_columns(spare, spare + longest, n, cell, ranks + start[consumer.number]);
    }
}

#endif
