/* Connectors: who is connected to whom, how strongly and how late, in canonical order, without a list in Python.
 *
 * engram/wiring/native.py allocates every array. engram_share.h says how the work is
 * cut; draws are keyed by cell or by synapse, and all sorting is stable. What follows from synapses: derived.c.
 */
#include "engram_rules.h"
#include "engram_share.h"
#include "engram_agreement.h"

/* Runs the task in the calling thread, as n_threads threads would do it one after the other. */
EG_EXPORT void eg_serial(eg_task task, void *arg, int n_threads) {
    for (int thread = 0; thread < n_threads; thread++) task(arg, thread, n_threads);
}

/* ---- patterns --------------------------------------------------------------------------------------------- */

typedef struct {
    const eg_pattern *pattern;
    const eg_rule *rule;
    int64_t *length;      /* counting: (n_cells,) */
    const int64_t *start; /* filling: (n_cells + 1,) */
    uint32_t *ranks;      /* filling: (n_syn,) */
    uint64_t *scratch;    /* filling: (n_chunks, scratch_words()), zero */
    int64_t longest;      /* filling: columns of the longest cell */
} pattern_call;

/* uint64 words of scratch that filling needs per chunk, in whole lines of the cache; they must be zero. */
static int64_t scratch_words(const eg_pattern *p, int64_t longest) {
    const eg_rule *rule = rule_of(p);
    return rule && rule->scratch ? (rule->scratch(p, longest) + 7) / 8 * 8 : 0;
}

static void count_chunk(const void *arg, int chunk, int n_chunks) {
    const pattern_call *call = arg;
    const eg_pattern *p = call->pattern;
    const int64_t n_rows = p->first_block < p->last_block ? p->last_row - p->first_row : 0;
    const int64_t from = cut(n_rows, chunk, n_chunks), to = cut(n_rows, chunk + 1, n_chunks);
    if (from < to) call->rule->count(p, p->first_row + from, p->first_row + to, call->length);
}

static void fill_chunk(const void *arg, int chunk, int n_chunks) {
    const pattern_call *call = arg;
    const eg_pattern *p = call->pattern;
    const int64_t n_cells = (p->last_row - p->first_row) * (p->last_block - p->first_block);
    int64_t from, to;
    rows_of(call->start, n_cells, chunk, n_chunks, &from, &to);
    uint64_t *scratch = call->scratch + chunk * scratch_words(p, call->longest);
    if (from < to) call->rule->fill(p, call->start, from, to, call->longest, scratch, call->ranks);
}

/* How many columns each cell has. Returns 1, having done nothing, if there is no such pattern. */
EG_EXPORT int eg_wiring_count(eg_parallel_fn parallel, int n_chunks, const eg_pattern *pattern, int64_t *length) {
    const pattern_call call = {.pattern = pattern, .rule = rule_of(pattern), .length = length};
    if (call.rule) share(parallel, n_chunks, count_chunk, &call);
    return !call.rule;
}

EG_EXPORT int64_t eg_wiring_scratch(const eg_pattern *pattern, int64_t longest) {
    return scratch_words(pattern, longest);
}

/* Which ones, ascending in each cell. Returns 1, having done nothing, if there is no such pattern. */
EG_EXPORT int eg_wiring_fill(eg_parallel_fn parallel, int n_chunks, const eg_pattern *pattern, const int64_t *start,
                             int64_t longest, uint64_t *scratch, uint32_t *ranks) {
    const pattern_call call = {pattern, rule_of(pattern), NULL, start, ranks, scratch, longest};
    if (call.rule) share(parallel, n_chunks, fill_chunk, &call);
    return !call.rule;
}

/* ---- draws per synapse ------------------------------------------------------------------------------------ */

#define DRAWN_AT_ONCE 256

typedef struct {
    int64_t by_pre, n_rows, n_columns;
    const int64_t *row_start;
    const uint32_t *ranks;
    uint32_t *seen; /* (n_chunks, n_columns), zero: how often each column came in a row; NULL: ranks ascend in rows */
    eg_sampler sample;
    eg_distribution bounded, drawn; /* the distribution, and what is drawn from: one that is drawn again has no bounds */
    uint64_t key;
    double dt;
    int64_t width; /* bytes of what is drawn: 8 for float64, 4 for float32, 2 for uint16 delays in steps of dt */
    void *out;     /* (n_syn,) */
} draw_call;

/* From ms to steps of dt: halves to even, 1 to 65535. In range, adding 1.5 * 2^52 rounds so. */
static void to_steps(const double *ms, int64_t n, double dt, uint16_t *steps) {
    for (int64_t i = 0; i < n; i++) {
        const double q = ms[i] / dt, inside = q < 1.0 ? 1.0 : q > 65535.0 ? 65535.0 : q;
        steps[i] = (uint16_t)eg_bits(inside + 0x1.8p52);
    }
}

static void to_floats(const double *values, int64_t n, float *out) {
    for (int64_t i = 0; i < n; i++) out[i] = (float)values[i];
}

/* The numbers of multapses among neighbours in a row of ascending ranks; false if all are 0. *last is the number of the
 * rank before the first, and becomes that of the last one. */
static int number_neighbours(const uint32_t *ranks, int64_t n, int is_first, uint32_t *last, uint32_t *number) {
    int n_equal = 0;
    for (int64_t i = is_first; i < n; i++) n_equal += ranks[i] == ranks[i - 1];
    if (n_equal == 0) {
        *last = 0;
        return 0;
    }
    for (int64_t i = 0; i < n; i++)
        *last = number[i] = (i > 0 || !is_first) && ranks[i] == ranks[i - 1] ? *last + 1 : 0;
    return 1;
}

/* The chance that so many attempts to draw between bounds fail is below 1e-100: engram/state/truncation.py. */
#define EG_ATTEMPTS_BETWEEN (1u << 18)

EG_INLINE int is_outside(const eg_distribution *d, double value) { return value < d->min || value > d->max; }

/* Draws the values beyond the bounds again, each as often as it needs; attempt t has the key `key + t`. */
static void draw_again(const draw_call *call, uint32_t row, const uint32_t *ranks, const uint32_t *number, int64_t n,
                       double *values) {
    uint32_t place[DRAWN_AT_ONCE], rank[DRAWN_AT_ONCE], numbers[DRAWN_AT_ONCE];
    double again[DRAWN_AT_ONCE];
    int64_t waiting = 0;
    for (int64_t i = 0; i < n; i++)
        if (is_outside(&call->bounded, values[i])) place[waiting++] = (uint32_t)i;
    for (uint32_t attempt = 1; waiting > 0 && attempt < EG_ATTEMPTS_BETWEEN; attempt++) {
        for (int64_t k = 0; k < waiting; k++) {
            rank[k] = ranks[place[k]];
            numbers[k] = number ? number[place[k]] : 0;
        }
        call->sample(&call->drawn, call->key + attempt, rank, numbers, waiting, row, call->by_pre != 0, 0, 0, again);
        int64_t left = 0;
        for (int64_t k = 0; k < waiting; k++) {
            values[place[k]] = again[k];
            if (is_outside(&call->bounded, again[k])) place[left++] = place[k];
        }
        waiting = left;
    }
    for (int64_t k = 0; k < waiting; k++) values[place[k]] = eg_clip(&call->bounded, values[place[k]]);
}

static void draw_row(const draw_call *call, int64_t row, uint32_t *seen) {
    const int64_t from = call->row_start[row], to = call->row_start[row + 1];
    uint32_t last = 0;
    for (int64_t at = from, n; at < to; at += n) {
        double block[DRAWN_AT_ONCE];
        uint32_t number[DRAWN_AT_ONCE];
        const uint32_t *ranks = call->ranks + at;
        int is_numbered = 1;
        n = to - at < DRAWN_AT_ONCE ? to - at : DRAWN_AT_ONCE;
        if (seen)
            for (int64_t i = 0; i < n; i++) number[i] = seen[ranks[i]]++;
        else is_numbered = number_neighbours(ranks, n, at == from, &last, number);
        double *const values = call->width == 8 ? (double *)call->out + at : block;
        const uint32_t *numbers = is_numbered ? number : NULL;
        call->sample(&call->drawn, call->key, ranks, numbers, n, (uint32_t)row, call->by_pre != 0, 0, 0, values);
        if (call->bounded.redraw) draw_again(call, (uint32_t)row, ranks, numbers, n, values);
        if (call->width == 4) to_floats(values, n, (float *)call->out + at);
        if (call->width == 2) to_steps(values, n, call->dt, (uint16_t *)call->out + at);
    }
    if (seen)
        for (int64_t at = from; at < to; at++) seen[call->ranks[at]] = 0;
}

static void draw_chunk(const void *arg, int chunk, int n_chunks) {
    const draw_call *call = arg;
    uint32_t *seen = call->seen ? call->seen + chunk * call->n_columns : NULL;
    int64_t row, high;
    for (rows_of(call->row_start, call->n_rows, chunk, n_chunks, &row, &high); row < high; row++)
        draw_row(call, row, seen);
}

/* A value for every synapse, a function of (key, pre, post, number of the multapse) alone; `sample` is the one for this
 * distribution. */
EG_EXPORT void eg_wiring_draw(eg_parallel_fn parallel, int n_chunks, int64_t by_pre, int64_t n_rows, int64_t n_columns,
                              const int64_t *row_start, const uint32_t *ranks, uint32_t *seen, eg_sampler sample,
                              const eg_distribution *distribution, uint64_t key, double dt, int64_t width, void *out) {
    eg_distribution drawn = *distribution;
    if (drawn.redraw) {
        drawn.min = -INFINITY;
        drawn.max = INFINITY;
    }
    const draw_call call = {by_pre, n_rows,        n_columns, row_start, ranks, seen, sample,
                            *distribution, drawn, key,       dt,        width, out};
    share(parallel, n_chunks, draw_chunk, &call);
}

/* ---- sorting rows by delay -------------------------------------------------------------------------------- */

#define MOVED_ALONG 2 /* arrays besides the delays */

typedef struct {
    int64_t n_rows, longest; /* synapses of the longest row */
    const int64_t *row_start;
    uint16_t *steps;
    void *moved[MOVED_ALONG];   /* (n_syn,) each, or NULL: what else is permuted */
    int64_t width[MOVED_ALONG]; /* bytes of an element: 4 or 8 */
    uint64_t *scratch;          /* (n_chunks, 2 * longest) */
} sort_call;

/* One stable pass by eight bits of the delay, over positions; false if all are equal and nothing was moved. */
static int delay_pass(int64_t n, int shift, const uint16_t *steps, const uint32_t *from, uint32_t *to) {
    uint32_t start[257] = {0};
    for (int64_t i = 0; i < n; i++) start[(steps[i] >> shift & 255) + 1]++;
    if (start[(steps[0] >> shift & 255) + 1] == n) return 0;
    for (int digit = 1; digit < 256; digit++) start[digit] += start[digit - 1];
    for (int64_t i = 0; i < n; i++) {
        const uint32_t at = from ? from[i] : (uint32_t)i;
        to[start[steps[at] >> shift & 255]++] = at;
    }
    return 1;
}

/* The same, of a row too short for counting. */
static int sort_short_row(int64_t n, const uint16_t *steps, uint32_t *order) {
    int is_moved = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t to = i;
        for (; to > 0 && steps[order[to - 1]] > steps[i]; to--) order[to] = order[to - 1];
        order[to] = (uint32_t)i;
        is_moved |= to != i;
    }
    return is_moved;
}

/* Positions in the order of their delays, ties as they stand; NULL if that is how all stand. */
static const uint32_t *sorted_row(int64_t n, const uint16_t *steps, uint32_t *order, uint32_t *spare) {
    if (n < 40) return sort_short_row(n, steps, order) ? order : NULL;
    const uint32_t *by_low = delay_pass(n, 0, steps, NULL, order) ? order : NULL;
    return delay_pass(n, 8, steps, by_low, spare) ? spare : by_low;
}

static void permute(int64_t n, const uint32_t *order, int64_t width, void *array, void *spare) {
    if (width == 2)
        for (int64_t i = 0; i < n; i++) ((uint16_t *)spare)[i] = ((const uint16_t *)array)[order[i]];
    else if (width == 4)
        for (int64_t i = 0; i < n; i++) ((uint32_t *)spare)[i] = ((const uint32_t *)array)[order[i]];
    else
        for (int64_t i = 0; i < n; i++) ((uint64_t *)spare)[i] = ((const uint64_t *)array)[order[i]];
    memcpy(array, spare, (size_t)(n * width));
}

static void sort_chunk(const void *arg, int chunk, int n_chunks) {
    const sort_call *call = arg;
    uint64_t *spare = call->scratch + 2 * chunk * call->longest;
    uint32_t *orders = (uint32_t *)(spare + call->longest);
    int64_t row, high;
    for (rows_of(call->row_start, call->n_rows, chunk, n_chunks, &row, &high); row < high; row++) {
        const int64_t from = call->row_start[row], n = call->row_start[row + 1] - from;
        const uint32_t *order = sorted_row(n, call->steps + from, orders, orders + call->longest);
        if (!order) continue;
        permute(n, order, 2, call->steps + from, spare);
        for (int i = 0; i < MOVED_ALONG; i++)
            if (call->moved[i]) permute(n, order, call->width[i], (char *)call->moved[i] + from * call->width[i], spare);
    }
}

/* Sorts each row by delay; what has one delay keeps its order. */
EG_EXPORT void eg_wiring_sort(eg_parallel_fn parallel, int n_chunks, int64_t n_rows, int64_t longest,
                              const int64_t *row_start, uint16_t *steps, uint32_t *ranks, void *other,
                              int64_t other_width, uint64_t *scratch) {
    const sort_call call = {n_rows, longest, row_start, steps, {ranks, other}, {4, other_width}, scratch};
    share(parallel, n_chunks, sort_chunk, &call);
}

/* ---- other names for ranks -------------------------------------------------------------------------------- */

typedef struct {
    int64_t n_syn;
    const uint32_t *name;
    uint32_t *ranks;
} rename_call;

static void rename_chunk(const void *arg, int chunk, int n_chunks) {
    const rename_call *call = arg;
    const int64_t end = cut(call->n_syn, chunk + 1, n_chunks);
    for (int64_t k = cut(call->n_syn, chunk, n_chunks); k < end; k++) call->ranks[k] = call->name[call->ranks[k]];
}

/* ranks[k] becomes name[ranks[k]]. */
EG_EXPORT void eg_wiring_rename(eg_parallel_fn parallel, int n_chunks, int64_t n_syn, const uint32_t *name,
                                uint32_t *ranks) {
    const rename_call call = {n_syn, name, ranks};
    share(parallel, n_chunks, rename_chunk, &call);
}

#define EG_KIND_NAME(kind, ...) EG_NUMBER_OF(kind)
EG_AGREEMENT(
    EG_STRUCT(eg_pattern, kind, n_rows, n_columns, skip_self, number, p, key, excluded, binomial, first_row, last_row,
              low, high, width, first_block, last_block)
    EG_STRUCT(eg_distribution, kind, a, b, min, max, redraw)
    EG_PATTERN_KINDS(EG_KIND_NAME)
)
