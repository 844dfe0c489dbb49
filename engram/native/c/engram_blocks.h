/* Draws in column blocks, so that whoever needs some columns draws only those; here each column with a probability.
 *
 * Included by engram_totals.h. The lanes of the generator draw for several cells at once: while counting, each lane
 * leaps through a cell of its own, from connection to connection; when lengths are known, cells take as many lanes as
 * they need, one after the other.
 * engram/wiring/blocks.py does the same in NumPy, bit for bit.
 */
#ifndef ENGRAM_BLOCKS_H
#define ENGRAM_BLOCKS_H

#include "engram_patterns.h"

/* Draw numbers (the last counter word): columns; who shares synapses out among rows; among blocks. */
enum { EG_COLUMNS = 0, EG_AMONG_ROWS = 1, EG_AMONG_BLOCKS = 2 };

/* ---- counters of cells ------------------------------------------------------------------------------------ */

#define EG_BATCH (4 * EG_LANES) /* counters whose words are made before any is used */

/* The counters (row, call, block, EG_COLUMNS) of a batch; what lies behind is written, but not used. */
typedef struct {
    uint32_t row[EG_BATCH + EG_LANES], call[EG_BATCH + EG_LANES], block[EG_BATCH + EG_LANES];
} lane_counters;

/* The words of 16 of them. */
EG_INLINE void counted_words(uint64_t key, const lane_counters *counters, int first, eg_drawn *drawn) {
    memcpy(&drawn->lanes[0], counters->row + first, sizeof(eg_lanes));
    memcpy(&drawn->lanes[1], counters->call + first, sizeof(eg_lanes));
    memcpy(&drawn->lanes[2], counters->block + first, sizeof(eg_lanes));
    eg_splat(EG_COLUMNS, &drawn->lanes[3]);
    eg_lane_words(key, drawn->lanes);
}

/* The counters that cells of known length need, one cell after the other. */
typedef struct {
    const eg_pattern *pattern;
    const int64_t *start; /* (n_cells + 1,): where the synapses of each begin */
    int64_t number, end;  /* the cell, and the one before which to end */
    eg_cell cell;
    int64_t n;              /* columns of the cell */
    uint32_t call, n_calls; /* the next call, and how many it needs */
} cell_counters;

static void count_calls(cell_counters *c) {
    const int64_t n = c->n = c->start[c->number + 1] - c->start[c->number];
    c->call = 0;
    if (c->pattern->kind == EG_TOTAL) c->n_calls = (uint32_t)((n + 3) / 4); /* a word each */
    else c->n_calls = n ? (uint32_t)((n + (c->cell.self >= 0) + 1) / 2) : 0; /* two words each */
}

static cell_counters counters_from(const eg_pattern *p, const int64_t *start, int64_t number, int64_t end) {
    cell_counters counters = {.pattern = p, .start = start, .number = number, .end = end};
    counters.cell = numbered_cell(p, number);
    count_calls(&counters);
    return counters;
}

static void next_counted(cell_counters *c) {
    c->call = c->n_calls = 0;
    if (++c->number >= c->end) return;
    c->cell = next_cell(c->pattern, &c->cell);
    count_calls(c);
}

/* The next batch. Behind the last cell counters keep what they had; nobody reads their words. */
EG_APART void next_batch(cell_counters *c, lane_counters *out) {
    const eg_lanes lane = EG_LANE_NUMBERS;
    for (uint32_t at = 0; at < EG_BATCH;) {
        eg_lanes row, call, block;
        while (c->call == c->n_calls) {
            if (c->number >= c->end) return;
            next_counted(c);
        }
        eg_splat((uint32_t)c->cell.row, &row);
        eg_splat(c->call, &call);
        eg_splat((uint32_t)c->cell.block, &block);
        call += lane;
        memcpy(out->row + at, &row, sizeof row);
        memcpy(out->call + at, &call, sizeof call);
        memcpy(out->block + at, &block, sizeof block);
        const uint32_t n = (uint32_t)smaller(smaller(c->n_calls - c->call, EG_LANES), EG_BATCH - at);
        at += n;
        c->call += n;
    }
}

/* ---- each column with a probability ----------------------------------------------------------------------- */

/* The way to the next connection is 1 and a geometric gap: floor(log u * inverse), where `inverse` is 1 / log(1 - p).
 * All columns take part, and the row's own one is left out afterwards, so that forbidding self connections changes
 * nothing else. Here the first step of each of 16 counters, then the second of each. */
EG_APART void lane_steps(uint64_t key, const lane_counters *counters, int at, double inverse, double *step) {
    const double beyond = 0x1p33; /* the end of any row */
    eg_drawn drawn;
    counted_words(key, counters, at, &drawn);
    EG_EACH(i, EG_LANES) step[i] = eg_unit53(drawn.word[i], drawn.word[EG_LANES + i]);
    EG_EACH(i, EG_LANES)
        step[EG_LANES + i] = eg_unit53(drawn.word[2 * EG_LANES + i], drawn.word[3 * EG_LANES + i]);
    eg_logs(step, 2 * EG_LANES);
    EG_EACH(i, 2 * EG_LANES) {
        const double product = step[i] * inverse, gap = product < beyond ? product : beyond;
        step[i] = 1.0 + __builtin_floor(gap);
    }
}

/* As many cells as a batch has counters, through which lanes leap; columns are counted from the cell's first. */
typedef struct {
    lane_counters counters;
    double at[EG_BATCH], end[EG_BATCH], self[EG_BATCH], n[EG_BATCH];
    int64_t number[EG_BATCH]; /* of the cell */
} lane_leaps;

static void leap_from(lane_leaps *w, int lane, const eg_cell *cell, int64_t number) {
    w->counters.row[lane] = (uint32_t)cell->row;
    w->counters.call[lane] = 0;
    w->counters.block[lane] = (uint32_t)cell->block;
    w->at[lane] = -1.0;
    w->end[lane] = (double)(cell->high - cell->low);
    w->self[lane] = cell->self < 0 ? -1.0 : (double)(cell->self - cell->low);
    w->n[lane] = 0.0;
    w->number[lane] = number;
}

/* Two leaps in each of 16 cells. Returns a bit for each whose end was reached. */
EG_INLINE uint64_t leap_on(lane_leaps *w, int from, uint64_t key, double inverse) {
    double step[2 * EG_LANES], *const at = w->at + from, *const n = w->n + from;
    const double *const ends = w->end + from, *const selves = w->self + from;
    uint32_t *const call = w->counters.call + from, is_over = 0;
    lane_steps(key, &w->counters, from, inverse, step);
    EG_EACH(i, EG_LANES) {
        const double first = at[i] + step[i], second = first + step[EG_LANES + i];
        const double end = ends[i], self = selves[i];
        const double n_first = (first < end ? 1.0 : 0.0) - (first == self ? 1.0 : 0.0);
        const double n_second = (second < end ? 1.0 : 0.0) - (second == self ? 1.0 : 0.0);
        n[i] += n_first + n_second;
        at[i] = second;
    }
    EG_EACH(i, EG_LANES) call[i]++;
    for (int i = 0; i < EG_LANES; i++) is_over |= (uint32_t)(at[i] >= ends[i]) << i;
    return (uint64_t)is_over << from;
}

EG_APART uint64_t all_leap_on(lane_leaps *w, uint64_t key, double inverse) {
    uint64_t is_over = 0;
    for (int from = 0; from < EG_BATCH; from += EG_LANES) is_over |= leap_on(w, from, key, inverse);
    return is_over;
}

/* How many columns cells [from, to) have. */
static void count_leaps(const eg_pattern *p, int64_t from, int64_t to, int64_t *length) {
    const double inverse = 1.0 / eg_log_of_complement(p->p);
    lane_leaps leaps = {0};
    int64_t next = from, n_left = to - from;
    eg_cell cell = numbered_cell(p, from);
    for (int lane = 0; lane < EG_BATCH; lane++) leaps.end[lane] = INFINITY; /* at rest: it never gets there */
    for (uint64_t is_free = ~(uint64_t)0;; is_free = all_leap_on(&leaps, p->key, inverse)) {
        for (; is_free; is_free &= is_free - 1) {
            const int lane = __builtin_ctzll(is_free);
            if (leaps.end[lane] < INFINITY) {
                length[leaps.number[lane]] = (int64_t)leaps.n[lane];
                n_left--;
            }
            leaps.end[lane] = INFINITY;
            if (next >= to) continue;
            leap_from(&leaps, lane, &cell, next++);
            cell = next_cell(p, &cell);
        }
        if (!n_left) return;
    }
}

#define EG_STEPS (2 * EG_BATCH)

/* The sums of the steps of a batch, one counter after the other; sum[0] is 0. They may go round: the differences within
 * a cell are below 2^32. */
EG_APART void batch_sums(uint64_t key, const lane_counters *counters, double inverse, uint32_t *sum) {
    sum[0] = 0;
    for (int first = 0; first < EG_BATCH; first += EG_LANES) {
        double step[2 * EG_LANES];
        uint32_t whole[2 * EG_LANES], *out = sum + 2 * first;
        lane_steps(key, counters, first, inverse, step);
        EG_EACH(i, 2 * EG_LANES) whole[i] = (uint32_t)eg_bits(step[i] + 0x1p52);
        for (int i = 0; i < EG_LANES; i++) {
            out[2 * i + 1] = out[2 * i] + whole[i];
            out[2 * i + 2] = out[2 * i + 1] + whole[EG_LANES + i];
        }
    }
}

/* n columns behind `before`, from sums of steps; 16 at a time, where nothing that is not ours is overwritten. */
EG_INLINE void put_columns(uint32_t before, const uint32_t *sum, int64_t n, uint32_t *out, const uint32_t *end) {
    eg_lanes offset;
    eg_splat(before - sum[0], &offset);
    if (end - out >= n + EG_LANES) {
        for (int64_t i = 0; i < n; i += EG_LANES) {
            eg_lanes columns;
            memcpy(&columns, sum + 1 + i, sizeof columns);
            columns += offset;
            memcpy(out + i, &columns, sizeof columns);
        }
    } else {
        for (int64_t i = 0; i < n; i++) out[i] = before - sum[0] + sum[1 + i];
    }
}

/* The columns of cells [from, to), whose lengths are known. */
static void fill_leaps(const eg_pattern *p, const int64_t *start, int64_t from, int64_t to, uint32_t *ranks) {
    const double inverse = 1.0 / eg_log_of_complement(p->p);
    cell_counters producer = counters_from(p, start, from, to), consumer = producer;
    lane_counters counters = {0};
    uint32_t sum[EG_STEPS + 1 + EG_LANES] = {0}, *out = ranks + start[from], *const end = ranks + start[to];
    int64_t at = EG_STEPS;
    for (; consumer.number < to; next_counted(&consumer)) {
        const uint32_t self = (uint32_t)consumer.cell.self;
        uint32_t column = (uint32_t)consumer.cell.low - 1;
        int64_t unread = 2 * (int64_t)consumer.n_calls;
        for (int64_t n = consumer.n; n > 0;) {
            if (at >= EG_STEPS) {
                next_batch(&producer, &counters);
                batch_sums(p->key, &counters, inverse, sum);
                at -= EG_STEPS;
            }
            int64_t some = 1;
            if (consumer.cell.self < 0) {
                some = smaller(n, EG_STEPS - at);
                put_columns(column, sum + at, some, out, end);
                column = out[some - 1];
                out += some;
                n -= some;
            } else {
                column += sum[at + 1] - sum[at];
                *out = column;
                out += column != self;
                n -= column != self;
            }
            at += some;
            unread -= some;
        }
        at += unread;
    }
}

#endif
