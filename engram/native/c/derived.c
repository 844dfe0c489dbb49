/* What follows from the synapses of a projection: rows of the other side, where delays begin, numbers of multapses.
 *
 * engram/wiring/native.py allocates every array. Compiled for networks that need it.
 * engram_share.h says how the work is cut; all sorting is stable.
 */
#include "engram_share.h"

#include <string.h>

/* ---- grouping: transposition and canonical order ---------------------------------------------------------- */

typedef struct {
    int64_t n_items, n_groups, n_rows;
    const uint32_t *group;    /* (n_items,) */
    const uint32_t *order;    /* the items are order[0], order[1] ...; NULL: 0, 1 ... */
    const int64_t *row_start; /* with row_out: the row of each item */
    int64_t *next;            /* scratch (n_chunks, n_groups) */
    int64_t *group_start;     /* (n_groups + 1,) */
    uint32_t *item_out;       /* (n_items,) or NULL */
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
        if (call->item_out) call->item_out[to] = (uint32_t)item;
        if (!call->row_out) continue;
        while (call->row_start[row + 1] <= i) row++;
        call->row_out[to] = (uint32_t)row;
    }
}

/* Brings items together by group, in their order within each: a counting sort of O(n_items + n_groups * n_chunks). */
EG_EXPORT void eg_wiring_group(eg_parallel_fn parallel, int n_chunks, int64_t n_items, int64_t n_groups,
                               const uint32_t *group, const uint32_t *order, int64_t n_rows, const int64_t *row_start,
                               int64_t *next, int64_t *group_start, uint32_t *item_out, uint32_t *row_out) {
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

/* ---- numbers of multapses --------------------------------------------------------------------------------- */

typedef struct {
    int64_t n_rows, n_columns;
    const int64_t *row_start;
    const uint32_t *ranks;
    uint32_t *seen;   /* (n_chunks, n_columns), zero */
    uint16_t *number; /* (n_syn,) */
} number_call;

static void number_chunk(const void *arg, int chunk, int n_chunks) {
    const number_call *call = arg;
    uint32_t *seen = call->seen + chunk * call->n_columns;
    int64_t row, high;
    for (rows_of(call->row_start, call->n_rows, chunk, n_chunks, &row, &high); row < high; row++) {
        const int64_t from = call->row_start[row], to = call->row_start[row + 1];
        for (int64_t k = from; k < to; k++) call->number[k] = (uint16_t)seen[call->ranks[k]]++;
        for (int64_t k = from; k < to; k++) seen[call->ranks[k]] = 0;
    }
}

/* How many synapses of the same pair stand before each one. */
EG_EXPORT void eg_wiring_number(eg_parallel_fn parallel, int n_chunks, int64_t n_rows, int64_t n_columns,
                                const int64_t *row_start, const uint32_t *ranks, uint32_t *seen, uint16_t *number) {
    const number_call call = {n_rows, n_columns, row_start, ranks, seen, number};
    share(parallel, n_chunks, number_chunk, &call);
}
