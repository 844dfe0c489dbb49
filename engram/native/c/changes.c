/* Synapses that come and go: pairs that have none, what draws say of pairs, and arrays of which some elements go and to
 * which others come.
 *
 * Called through ctypes by engram/wiring/native.py, which allocates every array; compiled for networks that need it.
 * engram_share.h says how the work is cut.
 */
#include "engram_draws.h"
#include "engram_share.h"

#include <string.h>

/* ---- pairs without a synapse ------------------------------------------------------------------------------ */

typedef struct {
    int64_t n_rows, n_columns, n_all_columns, no_self;
    const int64_t *rows, *columns; /* that are looked at, ascending */
    const int64_t *row_start;
    const uint32_t *ranks;
    const uint8_t *gone; /* (n_syn,): synapses that count no longer; NULL: all count */
    uint8_t *seen;       /* (n_chunks, n_all_columns), zero */
    uint32_t *row_out, *column_out; /* (n_rows * n_columns,); the pairs of row i stand from i * n_columns on at most */
    int64_t *count;                 /* (n_chunks,) */
} missing_call;

static void missing_chunk(const void *arg, int chunk, int n_chunks) {
    const missing_call *call = arg;
    uint8_t *seen = call->seen + chunk * call->n_all_columns;
    const int64_t low = cut(call->n_rows, chunk, n_chunks), high = cut(call->n_rows, chunk + 1, n_chunks);
    uint32_t *row_out = call->row_out + low * call->n_columns, *column_out = call->column_out + low * call->n_columns;
    int64_t n = 0;
    for (int64_t i = low; i < high; i++) {
        const int64_t row = call->rows[i], from = call->row_start[row], to = call->row_start[row + 1];
        for (int64_t k = from; k < to; k++)
            if (!call->gone || !call->gone[k]) seen[call->ranks[k]] = 1;
        if (call->no_self) seen[row] = 1;
        for (int64_t j = 0; j < call->n_columns; j++) {
            row_out[n] = (uint32_t)row;
            column_out[n] = (uint32_t)call->columns[j];
            n += !seen[call->columns[j]];
        }
        for (int64_t k = from; k < to; k++) seen[call->ranks[k]] = 0;
        if (call->no_self) seen[row] = 0;
    }
    call->count[chunk] = n;
}

/* The pairs of some rows and columns that have no synapse, row by row. Those of each chunk stand where its first row
 * would have all of its pairs; count says how many there are. */
EG_EXPORT void eg_wiring_missing(eg_parallel_fn parallel, int n_chunks, int64_t n_rows, int64_t n_columns,
                                 int64_t n_all_columns, int64_t no_self, const int64_t *rows, const int64_t *columns,
                                 const int64_t *row_start, const uint32_t *ranks, const uint8_t *gone, uint8_t *seen,
                                 uint32_t *row_out, uint32_t *column_out, int64_t *count) {
    const missing_call call = {n_rows, n_columns, n_all_columns, no_self, rows,       columns, row_start,
                               ranks,  gone,      seen,          row_out, column_out, count};
    share(parallel, n_chunks, missing_chunk, &call);
}

/* ---- draws of pairs --------------------------------------------------------------------------------------- */

typedef struct {
    int64_t n;
    const uint32_t *pre, *post;
    const uint16_t *multapse; /* or NULL: 0 for all */
    uint64_t key;
    int64_t step, draw;
    double proba;
    uint8_t *is_chosen;
} chosen_call;

static void chosen_chunk(const void *arg, int chunk, int n_chunks) {
    const chosen_call *call = arg;
    const uint64_t key = call->key;
    const int64_t low = cut(call->n, chunk, n_chunks), n = cut(call->n, chunk + 1, n_chunks) - low, step = call->step;
    const uint32_t *restrict pre = call->pre + low, *restrict post = call->post + low;
    const uint32_t draw = (uint32_t)call->draw;
    const double proba = call->proba;
    uint8_t *restrict is_chosen = call->is_chosen + low;
    if (call->multapse) {
        const uint16_t *restrict number = call->multapse + low;
        for (int64_t i = 0; i < n; i++)
            is_chosen[i] = eg_synapse_uniform(key, pre[i], post[i], step, draw + ((uint32_t)number[i] << 16)) < proba;
        return;
    }
#pragma omp simd
    for (int64_t i = 0; i < n; i++) is_chosen[i] = eg_synapse_uniform(key, pre[i], post[i], step, draw) < proba;
}

/* Whether the uniform draw of each pair is below proba. */
EG_EXPORT void eg_wiring_chosen(eg_parallel_fn parallel, int n_chunks, int64_t n, const uint32_t *pre,
                                const uint32_t *post, const uint16_t *multapse, uint64_t key, int64_t step,
                                int64_t draw, double proba, uint8_t *is_chosen) {
    const chosen_call call = {n, pre, post, multapse, key, step, draw, proba, is_chosen};
    share(parallel, n_chunks, chosen_chunk, &call);
}

/* ---- arrays ----------------------------------------------------------------------------------------------- */

typedef struct {
    int64_t n_gone, n_new, n_out, width;
    const int64_t *gone; /* (n_gone,) positions in old, ascending */
    const int64_t *at;   /* (n_new,) positions in out, ascending */
    const char *old, *fresh;
    char *out;
} changed_call;

/* How many of the first n numbers, ascending, are below x - i * slope at their place i. */
static int64_t below(const int64_t *numbers, int64_t n, int64_t x, int64_t slope) {
    int64_t low = 0, high = n;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (numbers[middle] - slope * middle < x) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void changed_chunk(const void *arg, int chunk, int n_chunks) {
    const changed_call *call = arg;
    const int64_t w = call->width, end = cut(call->n_out, chunk + 1, n_chunks);
    int64_t to = cut(call->n_out, chunk, n_chunks);
    int64_t i = below(call->at, call->n_new, to, 0);                /* the next that comes */
    int64_t g = below(call->gone, call->n_gone, to - i + 1, 1);     /* the next that goes, after to - i that stay */
    int64_t from = to - i + g;                                      /* where the next that stays may stand */
    while (to < end) {
        if (i < call->n_new && call->at[i] == to) {
            memcpy(call->out + w * to++, call->fresh + w * i++, (size_t)w);
            continue;
        }
        int64_t until = i < call->n_new && call->at[i] < end ? call->at[i] : end;
        if (g < call->n_gone && call->gone[g] == from) {
            g++, from++;
            continue;
        }
        if (g < call->n_gone && call->gone[g] - from < until - to) until = to + call->gone[g] - from;
        memcpy(call->out + w * to, call->old + w * from, (size_t)(w * (until - to)));
        from += until - to;
        to = until;
    }
}

/* Elements of some bytes each, without those that go, and with those that come at their places. */
EG_EXPORT void eg_wiring_changed(eg_parallel_fn parallel, int n_chunks, int64_t n_gone, int64_t n_new, int64_t n_out,
                                 int64_t width, const int64_t *gone, const int64_t *at, const void *old,
                                 const void *fresh, void *out) {
    const changed_call call = {n_gone, n_new, n_out, width, gone, at, old, fresh, out};
    share(parallel, n_chunks, changed_chunk, &call);
}

/* ---- rows of the other side ------------------------------------------------------------------------------- */

typedef struct {
    int64_t n_columns;
    const int64_t *column_start; /* before */
    const uint32_t *slot, *row;
    const int64_t *gone, *gone_start; /* of each row, where its positions begin in gone */
    const int64_t *stays_before;      /* of each one that comes, by position: how many that stay stand before it */
    const int64_t *new_start;         /* of each row, where its own begin there */
    const int64_t *column_new_start;  /* of each column, where its own begin in the next two */
    const uint32_t *new_slot, *new_row;
    const int64_t *start_out;
    uint32_t *slot_out, *row_out;
} returned_call;

static void returned_chunk(const void *arg, int chunk, int n_chunks) {
    const returned_call *call = arg;
    int64_t column, high;
    rows_of(call->column_start, call->n_columns, chunk, n_chunks, &column, &high);
    for (; column < high; column++) {
        int64_t to = call->start_out[column], j = call->column_new_start[column];
        const int64_t last = call->column_new_start[column + 1], end = call->column_start[column + 1];
        for (int64_t e = call->column_start[column]; e < end; e++) {
            const uint32_t row = call->row[e];
            const int64_t slot = call->slot[e], ends = call->gone_start[row + 1];
            int64_t g = call->gone_start[row];
            g += below(call->gone + g, ends - g, slot, 0);
            if (g < ends && call->gone[g] == slot) continue;
            const int64_t stays = slot - g;
            int64_t n = call->new_start[row];
            n += below(call->stays_before + n, call->new_start[row + 1] - n, stays + 1, 0);
            const uint32_t now = (uint32_t)(stays + n);
            for (; j < last && call->new_slot[j] < now; j++, to++) {
                call->slot_out[to] = call->new_slot[j];
                call->row_out[to] = call->new_row[j];
            }
            call->slot_out[to] = now;
            call->row_out[to++] = row;
        }
        for (; j < last; j++, to++) {
            call->slot_out[to] = call->new_slot[j];
            call->row_out[to] = call->new_row[j];
        }
    }
}

/* The synapses of each neuron of the side that has no rows, from those that were there before. */
EG_EXPORT void eg_wiring_returned(eg_parallel_fn parallel, int n_chunks, int64_t n_columns, const int64_t *column_start,
                                  const uint32_t *slot, const uint32_t *row, const int64_t *gone,
                                  const int64_t *gone_start, const int64_t *stays_before, const int64_t *new_start,
                                  const int64_t *column_new_start, const uint32_t *new_slot, const uint32_t *new_row,
                                  const int64_t *start_out, uint32_t *slot_out, uint32_t *row_out) {
    const returned_call call = {n_columns, column_start,     slot,     row,     gone,      gone_start, stays_before,
                                new_start, column_new_start, new_slot, new_row, start_out, slot_out,   row_out};
    share(parallel, n_chunks, returned_chunk, &call);
}
