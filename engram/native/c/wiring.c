/* Connectors and connectivity: who is connected to whom, in the canonical order, without a list in Python.
 *
 * Called through ctypes by engram/wiring/native.py, which allocates every array. Rows are those of one side
 * ("columns" are the other side's neurons); row_start (n_rows + 1) says where each begins in the arrays of synapses.
 * Work is cut into `n_chunks` pieces that do not depend on how many threads `parallel` really has, and no result
 * depends on how it is cut: draws are keyed by row or by synapse, and all sorting is stable.
 */
#include "engram.h"
#include "engram_lanes.h"

#include <string.h>

typedef void (*eg_task)(void *arg, int thread, int n_threads);
typedef void (*eg_parallel_fn)(eg_task task, void *arg, int n_threads);

/* ---- sharing work ----------------------------------------------------------------------------------------- */

typedef void (*chunk_fn)(const void *call, int chunk, int n_chunks);
typedef struct {
    chunk_fn run;
    const void *call;
    int n_chunks;
} shared_work;

static void run_chunks(void *arg, int thread, int n_threads) {
    const shared_work *work = arg;
    for (int chunk = thread; chunk < work->n_chunks; chunk += n_threads) work->run(work->call, chunk, work->n_chunks);
}

static void share(eg_parallel_fn parallel, int n_chunks, chunk_fn run, const void *call) {
    shared_work work = {run, call, n_chunks};
    parallel(run_chunks, &work, n_chunks);
}

/* Runs the task in the calling thread, as n_threads threads would do it one after the other. */
EG_EXPORT void eg_serial(eg_task task, void *arg, int n_threads) {
    for (int thread = 0; thread < n_threads; thread++) task(arg, thread, n_threads);
}

/* n * chunk / n_chunks for n up to 2^53 or so. */
static int64_t cut(int64_t n, int chunk, int n_chunks) {
    return n / n_chunks * chunk + n % n_chunks * chunk / n_chunks;
}

/* The row in which synapse `at` stands: the last one that begins at or before it. */
static int64_t row_of(const int64_t *row_start, int64_t n_rows, int64_t at) {
    int64_t low = 0, high = n_rows; /* row_start[low] <= at < row_start[high] or high == n_rows */
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (row_start[middle] <= at) low = middle;
        else high = middle;
    }
    return low;
}

/* The rows of a chunk, cut so that chunks have about as many synapses each. */
static void rows_of(const int64_t *row_start, int64_t n_rows, int chunk, int n_chunks, int64_t *low, int64_t *high) {
    const int64_t n_syn = row_start[n_rows];
    *low = chunk == 0 || n_syn == 0 ? 0 : row_of(row_start, n_rows, cut(n_syn, chunk, n_chunks));
    *high = chunk == n_chunks - 1 ? n_rows : n_syn == 0 ? 0 : row_of(row_start, n_rows, cut(n_syn, chunk + 1, n_chunks));
}

/* ---- patterns --------------------------------------------------------------------------------------------- */

enum { EG_ALL = 0, EG_ONE_TO_ONE = 1, EG_PROBABILITY = 2, EG_NUMBER = 3 };

/* One row of a connector in its own orientation is a function of this and of the row's index. */
typedef struct {
    int64_t kind;
    int64_t n_rows, n_columns;
    int64_t skip_self; /* a row's own column is left out of it */
    int64_t number;    /* EG_NUMBER: distinct columns per row, at most those there are */
    double p;          /* EG_PROBABILITY */
    uint64_t key;
    const int64_t *own; /* (n_rows,): the own column of each row, -1 if it has none; NULL: column r of row r */
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
    drawn->lanes[1] += lane;
    eg_lane_words(key, 0, 0, drawn->lanes);
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

/* uint64 words of scratch that one chunk needs for rows of n_columns. */
EG_EXPORT int64_t eg_wiring_scratch(int64_t n_columns) {
    const int64_t n_words = n_columns / 64 + 1;
    return (n_words + n_words / 64 + 1 + 7) / 8 * 8;
}

typedef struct {
    const eg_pattern *pattern;
    int64_t *length;          /* counting: (n_rows,) */
    const int64_t *row_start; /* filling: (n_rows + 1,) */
    uint32_t *ranks;          /* filling: (n_syn,) */
    uint64_t *bits;           /* filling, EG_NUMBER only: (n_chunks, eg_wiring_scratch(n_columns)), zero */
} pattern_call;

static int64_t fill_row(const eg_pattern *p, int64_t row, uint64_t *bits, uint32_t *out) {
    switch (p->kind) {
    case EG_ALL: return fill_all(p, row, out);
    case EG_ONE_TO_ONE: return fill_one_to_one(p, row, out);
    case EG_PROBABILITY: return fill_probability(p, row, out);
    default:
        if (out) fill_number(p, row, bits, out);
        return p->number;
    }
}

static void count_chunk(const void *arg, int chunk, int n_chunks) {
    const pattern_call *call = arg;
    const int64_t n_rows = call->pattern->n_rows;
    for (int64_t row = cut(n_rows, chunk, n_chunks); row < cut(n_rows, chunk + 1, n_chunks); row++)
        call->length[row] = fill_row(call->pattern, row, NULL, NULL);
}

static void fill_chunk(const void *arg, int chunk, int n_chunks) {
    const pattern_call *call = arg;
    uint64_t *bits = call->bits ? call->bits + chunk * eg_wiring_scratch(call->pattern->n_columns) : NULL;
    int64_t row, high;
    for (rows_of(call->row_start, call->pattern->n_rows, chunk, n_chunks, &row, &high); row < high; row++)
        if (call->row_start[row] < call->row_start[row + 1])
            fill_row(call->pattern, row, bits, call->ranks + call->row_start[row]);
}

/* How many columns each row has. */
EG_EXPORT void eg_wiring_count(eg_parallel_fn parallel, int n_chunks, const eg_pattern *pattern, int64_t *length) {
    const pattern_call call = {.pattern = pattern, .length = length};
    share(parallel, n_chunks, count_chunk, &call);
}

/* Which ones, ascending in each row. */
EG_EXPORT void eg_wiring_fill(eg_parallel_fn parallel, int n_chunks, const eg_pattern *pattern,
                              const int64_t *row_start, uint64_t *bits, uint32_t *ranks) {
    const pattern_call call = {.pattern = pattern, .row_start = row_start, .ranks = ranks, .bits = bits};
    share(parallel, n_chunks, fill_chunk, &call);
}

/* ---- draws per synapse ------------------------------------------------------------------------------------ */

typedef struct {
    int64_t by_pre, n_rows;
    const int64_t *row_start;
    const uint32_t *ranks;
    eg_sampler sample;
    const eg_distribution *distribution;
    uint64_t key;
    double *values;  /* (n_syn,), or: */
    uint16_t *steps; /* (n_syn,) the values as delays in ms, rounded half to even to steps of dt, 1 to 65535 */
    double dt;
} draw_call;

/* As steps of dt: halves to even, 1 to 65535. In range, adding 1.5 * 2^52 rounds so. */
static void to_steps(const double *ms, int64_t n, double dt, uint16_t *steps) {
    for (int64_t i = 0; i < n; i++) {
        const double q = ms[i] / dt, inside = q < 1.0 ? 1.0 : q > 65535.0 ? 65535.0 : q;
        steps[i] = (uint16_t)eg_bits(inside + 0x1.8p52);
    }
}

static void draw_chunk(const void *arg, int chunk, int n_chunks) {
    const draw_call *call = arg;
    int64_t row, high;
    for (rows_of(call->row_start, call->n_rows, chunk, n_chunks, &row, &high); row < high; row++) {
        for (int64_t at = call->row_start[row], n; at < call->row_start[row + 1]; at += n) {
            double block[256];
            n = call->row_start[row + 1] - at < 256 ? call->row_start[row + 1] - at : 256;
            double *const values = call->values ? call->values + at : block;
            call->sample(call->distribution, call->key, call->ranks + at, n, (uint32_t)row, call->by_pre != 0, 0, 0,
                         values);
            if (call->steps) to_steps(values, n, call->dt, call->steps + at);
        }
    }
}

/* A value for every synapse, a function of (key, pre, post) alone; `sample` is the one for this distribution. */
EG_EXPORT void eg_wiring_draw(eg_parallel_fn parallel, int n_chunks, int64_t by_pre, int64_t n_rows,
                              const int64_t *row_start, const uint32_t *ranks, eg_sampler sample,
                              const eg_distribution *distribution, uint64_t key, double *values, uint16_t *steps,
                              double dt) {
    const draw_call call = {by_pre, n_rows, row_start, ranks, sample, distribution, key, values, steps, dt};
    share(parallel, n_chunks, draw_chunk, &call);
}

/* ---- sorting rows by delay -------------------------------------------------------------------------------- */

typedef struct {
    int64_t n_rows, longest; /* synapses of the longest row */
    const int64_t *row_start;
    uint16_t *steps;
    uint32_t *ranks;
    int64_t *order; /* or NULL: anything else that shall be permuted alike */
    uint16_t *steps_scratch; /* (n_chunks, longest) each */
    uint32_t *ranks_scratch;
    int64_t *order_scratch;
} sort_call;

/* One stable pass by eight bits of the delay; false if all are equal and nothing was moved. */
static int sort_pass(int64_t n, int shift, const uint16_t *steps, const uint32_t *ranks, const int64_t *order,
                     uint16_t *steps_out, uint32_t *ranks_out, int64_t *order_out) {
    uint32_t start[256] = {0};
    for (int64_t i = 0; i < n; i++) start[steps[i] >> shift & 255]++;
    if (start[steps[0] >> shift & 255] == n) return 0;
    uint32_t sum = 0;
    for (int digit = 0; digit < 256; digit++) {
        const uint32_t count = start[digit];
        start[digit] = sum;
        sum += count;
    }
    for (int64_t i = 0; i < n; i++) {
        const uint32_t to = start[steps[i] >> shift & 255]++;
        steps_out[to] = steps[i];
        ranks_out[to] = ranks[i];
        if (order) order_out[to] = order[i];
    }
    return 1;
}

static void sort_short_row(int64_t n, uint16_t *steps, uint32_t *ranks, int64_t *order) {
    for (int64_t i = 1; i < n; i++) {
        const uint16_t step = steps[i];
        const uint32_t rank = ranks[i];
        const int64_t other = order ? order[i] : 0;
        int64_t to = i;
        for (; to > 0 && steps[to - 1] > step; to--) {
            steps[to] = steps[to - 1];
            ranks[to] = ranks[to - 1];
            if (order) order[to] = order[to - 1];
        }
        steps[to] = step;
        ranks[to] = rank;
        if (order) order[to] = other;
    }
}

static void sort_chunk(const void *arg, int chunk, int n_chunks) {
    const sort_call *call = arg;
    uint16_t *steps_scratch = call->steps_scratch + chunk * call->longest;
    uint32_t *ranks_scratch = call->ranks_scratch + chunk * call->longest;
    int64_t *order_scratch = call->order ? call->order_scratch + chunk * call->longest : NULL;
    int64_t row, high;
    for (rows_of(call->row_start, call->n_rows, chunk, n_chunks, &row, &high); row < high; row++) {
        const int64_t from = call->row_start[row], n = call->row_start[row + 1] - from;
        uint16_t *steps = call->steps + from;
        uint32_t *ranks = call->ranks + from;
        int64_t *order = call->order ? call->order + from : NULL;
        if (n < 40) {
            sort_short_row(n, steps, ranks, order);
            continue;
        }
        const int low = sort_pass(n, 0, steps, ranks, order, steps_scratch, ranks_scratch, order_scratch);
        const int high_bits = low ? sort_pass(n, 8, steps_scratch, ranks_scratch, order_scratch, steps, ranks, order)
                                  : sort_pass(n, 8, steps, ranks, order, steps_scratch, ranks_scratch, order_scratch);
        if (low == high_bits) continue; /* nothing moved, or there and back */
        memcpy(steps, steps_scratch, (size_t)n * sizeof *steps);
        memcpy(ranks, ranks_scratch, (size_t)n * sizeof *ranks);
        if (order) memcpy(order, order_scratch, (size_t)n * sizeof *order);
    }
}

/* Sorts each row by delay; what has one delay keeps its order. */
EG_EXPORT void eg_wiring_sort(eg_parallel_fn parallel, int n_chunks, int64_t n_rows, int64_t longest,
                              const int64_t *row_start, uint16_t *steps, uint32_t *ranks, int64_t *order,
                              uint16_t *steps_scratch, uint32_t *ranks_scratch, int64_t *order_scratch) {
    const sort_call call = {n_rows, longest,       row_start,     steps,        ranks,
                            order,  steps_scratch, ranks_scratch, order_scratch};
    share(parallel, n_chunks, sort_chunk, &call);
}

/* ---- grouping: transposition and canonical order ---------------------------------------------------------- */

typedef struct {
    int64_t n_items, n_groups, n_rows;
    const uint32_t *group;    /* (n_items,) */
    const int64_t *order;     /* the items are order[0], order[1] ...; NULL: 0, 1 ... */
    const int64_t *row_start; /* with row_out: the row of each item */
    int64_t *next;            /* scratch (n_chunks, n_groups) */
    int64_t *group_start;     /* (n_groups + 1,) */
    int64_t *item_out;        /* (n_items,) or NULL */
    uint32_t *row_out;        /* (n_items,) or NULL */
} group_call;

static void group_count_chunk(const void *arg, int chunk, int n_chunks) {
    const group_call *call = arg;
    int64_t *next = call->next + chunk * call->n_groups;
    memset(next, 0, (size_t)call->n_groups * sizeof *next);
    for (int64_t i = cut(call->n_items, chunk, n_chunks); i < cut(call->n_items, chunk + 1, n_chunks); i++)
        next[call->group[call->order ? call->order[i] : i]]++;
}

static void group_place_chunk(const void *arg, int chunk, int n_chunks) {
    const group_call *call = arg;
    int64_t *next = call->next + chunk * call->n_groups;
    int64_t i = cut(call->n_items, chunk, n_chunks);
    const int64_t end = cut(call->n_items, chunk + 1, n_chunks);
    int64_t row = call->row_out && i < end ? row_of(call->row_start, call->n_rows, i) : 0;
    for (; i < end; i++) {
        const int64_t item = call->order ? call->order[i] : i, to = next[call->group[item]]++;
        if (call->item_out) call->item_out[to] = item;
        if (!call->row_out) continue;
        while (call->row_start[row + 1] <= i) row++;
        call->row_out[to] = (uint32_t)row;
    }
}

/* Brings items together by group, in their order within each: a counting sort of O(n_items + n_groups * n_chunks). */
EG_EXPORT void eg_wiring_group(eg_parallel_fn parallel, int n_chunks, int64_t n_items, int64_t n_groups,
                               const uint32_t *group, const int64_t *order, int64_t n_rows, const int64_t *row_start,
                               int64_t *next, int64_t *group_start, int64_t *item_out, uint32_t *row_out) {
    const group_call call = {n_items, n_groups, n_rows, group, order, row_start, next, group_start, item_out, row_out};
    share(parallel, n_chunks, group_count_chunk, &call);
    int64_t sum = 0;
    for (int64_t g = 0; g < n_groups; g++) {
        group_start[g] = sum;
        for (int chunk = 0; chunk < n_chunks; chunk++) {
            const int64_t count = next[chunk * n_groups + g];
            next[chunk * n_groups + g] = sum;
            sum += count;
        }
    }
    group_start[n_groups] = sum;
    share(parallel, n_chunks, group_place_chunk, &call);
}

/* ---- where each delay begins ------------------------------------------------------------------------------ */

typedef struct {
    int64_t n_rows, n_delays;
    const int64_t *row_start;
    const uint16_t *steps;
    const int64_t *delays;
    uint8_t *seen;    /* (n_chunks, 65536) */
    uint32_t *starts; /* (n_rows, n_delays + 1) */
} segment_call;

static void seen_chunk(const void *arg, int chunk, int n_chunks) {
    const segment_call *call = arg;
    const int64_t n_syn = call->row_start[call->n_rows];
    uint8_t *seen = call->seen + (int64_t)chunk * 65536;
    for (int64_t k = cut(n_syn, chunk, n_chunks); k < cut(n_syn, chunk + 1, n_chunks); k++) seen[call->steps[k]] = 1;
}

static void segment_chunk(const void *arg, int chunk, int n_chunks) {
    const segment_call *call = arg;
    int64_t row, high;
    for (rows_of(call->row_start, call->n_rows, chunk, n_chunks, &row, &high); row < high; row++) {
        const uint16_t *steps = call->steps + call->row_start[row];
        const int64_t n = call->row_start[row + 1] - call->row_start[row];
        uint32_t *starts = call->starts + row * (call->n_delays + 1);
        int64_t at = 0;
        for (int64_t d = 0; d < call->n_delays; d++) {
            while (at < n && steps[at] < call->delays[d]) at++;
            starts[d] = (uint32_t)at;
        }
        starts[call->n_delays] = (uint32_t)n;
    }
}

/* seen[delay] = 1 for every delay that occurs; each chunk has its own 65536 flags, zero before. */
EG_EXPORT void eg_wiring_seen(eg_parallel_fn parallel, int n_chunks, int64_t n_rows, const int64_t *row_start,
                              const uint16_t *steps, uint8_t *seen) {
    const segment_call call = {.n_rows = n_rows, .row_start = row_start, .steps = steps, .seen = seen};
    share(parallel, n_chunks, seen_chunk, &call);
}

/* starts[row][d] is where delays[d] begins, counted from the row's start; rows are sorted by delay. */
EG_EXPORT void eg_wiring_segments(eg_parallel_fn parallel, int n_chunks, int64_t n_rows, const int64_t *row_start,
                                  const uint16_t *steps, int64_t n_delays, const int64_t *delays, uint32_t *starts) {
    const segment_call call = {n_rows, n_delays, row_start, steps, delays, NULL, starts};
    share(parallel, n_chunks, segment_chunk, &call);
}
