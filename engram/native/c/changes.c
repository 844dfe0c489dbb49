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

/* ---- where each will stand -------------------------------------------------------------------------------- */

#define GONE UINT32_MAX

typedef struct {
    int64_t n_syn, n_gone, n_new;
    const int64_t *gone;         /* (n_gone,) positions, ascending */
    const int64_t *stays_before; /* (n_new,): how many that stay stand before each one that comes, ascending */
    uint32_t *to;                /* (n_syn,) */
} moved_call;

static void moved_chunk(const void *arg, int chunk, int n_chunks) {
    const moved_call *call = arg;
    const int64_t end = cut(call->n_syn, chunk + 1, n_chunks);
    int64_t k = cut(call->n_syn, chunk, n_chunks);
    int64_t g = below(call->gone, call->n_gone, k, 0);
    int64_t i = below(call->stays_before, call->n_new, k - g + 1, 0); /* that come before what stands at k */
    while (k < end) {
        if (g < call->n_gone && call->gone[g] == k) {
            call->to[k++] = GONE;
            g++;
            continue;
        }
        while (i < call->n_new && call->stays_before[i] <= k - g) i++;
        int64_t until = g < call->n_gone && call->gone[g] < end ? call->gone[g] : end;
        if (i < call->n_new && call->stays_before[i] + g < until) until = call->stays_before[i] + g;
        for (const int64_t shift = i - g; k < until; k++) call->to[k] = (uint32_t)(k + shift);
    }
}

/* The position that each synapse will have, or GONE. */
EG_EXPORT void eg_wiring_moved(eg_parallel_fn parallel, int n_chunks, int64_t n_syn, int64_t n_gone, int64_t n_new,
                               const int64_t *gone, const int64_t *stays_before, uint32_t *to) {
    const moved_call call = {n_syn, n_gone, n_new, gone, stays_before, to};
    share(parallel, n_chunks, moved_chunk, &call);
}

/* ---- rows of the other side ------------------------------------------------------------------------------- */

#define MIXED INT64_MIN

/* How the synapses of a row move: all as far, but for one that goes and those that stand behind it, or behind one that
 * comes. Where more has changed it is MIXED, and `to` says it of each. */
typedef struct {
    int64_t shift, from, further, gone; /* from the position `from` on further; gone: -1 for none */
} row_move;

typedef struct {
    int64_t n_columns;
    const int64_t *column_start; /* before */
    const uint32_t *slot, *row;
    const uint32_t *to;              /* of each synapse, or GONE */
    const row_move *move;            /* of each row */
    const int64_t *column_new_start; /* of each column, where its own begin in the next two */
    const uint32_t *new_slot, *new_row;
    const int64_t *start_out;
    uint32_t *slot_out, *row_out;
} returned_call;

static void returned_chunk(const void *arg, int chunk, int n_chunks) {
    const returned_call *call = arg;
    const uint32_t *const new_slot = call->new_slot, *const new_row = call->new_row;
    uint32_t *const slot_out = call->slot_out, *const row_out = call->row_out;
    int64_t column, high;
    rows_of(call->column_start, call->n_columns, chunk, n_chunks, &column, &high);
    for (; column < high; column++) {
        int64_t to = call->start_out[column], j = call->column_new_start[column];
        const int64_t last = call->column_new_start[column + 1], end = call->column_start[column + 1];
        for (int64_t e = call->column_start[column]; e < end; e++) {
            const uint32_t row = call->row[e];
            const int64_t slot = call->slot[e];
            const row_move *const move = call->move + row;
            uint32_t now = (uint32_t)(slot + move->shift + (-(int64_t)(slot >= move->from) & move->further));
            if (move->shift == MIXED) now = call->to[slot];
            if (now == GONE || slot == move->gone) continue;
            for (; j < last && new_slot[j] < now; j++, to++) {
                slot_out[to] = new_slot[j];
                row_out[to] = new_row[j];
            }
            slot_out[to] = now;
            row_out[to++] = row;
        }
        for (; j < last; j++, to++) {
            slot_out[to] = new_slot[j];
            row_out[to] = new_row[j];
        }
    }
}

/* The synapses of each neuron of the side that has no rows, from those that were there before. */
EG_EXPORT void eg_wiring_returned(eg_parallel_fn parallel, int n_chunks, int64_t n_columns, const int64_t *column_start,
                                  const uint32_t *slot, const uint32_t *row, const uint32_t *to, const void *move,
                                  const int64_t *column_new_start, const uint32_t *new_slot, const uint32_t *new_row,
                                  const int64_t *start_out, uint32_t *slot_out, uint32_t *row_out) {
    const returned_call call = {n_columns, column_start, slot,    row,       to,       move,  column_new_start,
                                new_slot,  new_row,      start_out, slot_out, row_out};
    share(parallel, n_chunks, returned_chunk, &call);
}

/* ---- spikes in flight ------------------------------------------------------------------------------------- */

typedef struct {
    /* what was in flight at an earlier change, so many steps ago, in the order in which it arrives */
    int64_t n_kept, kept_ago;
    const uint16_t *kept_arrives, *kept_emitted;
    const uint32_t *kept_synapse;
    /* the list of spikes, of which those of the last so many steps count */
    int64_t step, furthest, length, n_neurons;
    const uint32_t *rank;
    const int64_t *count;
    /* the synapses */
    int64_t n_rows;
    const int64_t *row_start;
    const uint16_t *delay; /* (n_syn,), ascending in each row; NULL: all have */
    int64_t one_delay;
    const uint32_t *to;    /* where each will stand, or GONE; NULL: where it stands */
    int64_t *next;         /* (65537,): before, zero */
    uint16_t *arrives, *emitted; /* NULL: counted only */
    uint32_t *synapse, *pre;
} flights_call;

static inline void one_flight(const flights_call *call, int64_t arrives, int64_t emitted, int64_t k, int64_t pre) {
    const uint32_t to = call->to ? call->to[k] : (uint32_t)k;
    if (to == GONE) return;
    if (!call->arrives) {
        call->next[arrives + 1]++;
        return;
    }
    const int64_t at = call->next[arrives]++;
    call->arrives[at] = (uint16_t)arrives;
    call->emitted[at] = (uint16_t)emitted;
    call->synapse[at] = to;
    call->pre[at] = (uint32_t)pre;
}

/* The first of the synapses from `from` up to `to`, by delay, whose delay is no less than that. */
static int64_t as_late(const uint16_t *delay, int64_t from, int64_t to, int64_t least) {
    while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        if (delay[middle] < least) from = middle + 1;
        else to = middle;
    }
    return from;
}

/* Go through them, the oldest emission first, by position where they were emitted at once. */
static void each_flight(const flights_call *call) {
    int64_t row = -1;
    for (int64_t i = 0; i < call->n_kept; i++) {
        const int64_t k = call->kept_synapse[i], arrives = call->kept_arrives[i] - call->kept_ago;
        if (arrives < 0) continue;
        if (row < 0 || k < call->row_start[row] || k >= call->row_start[row + 1])
            row = row_of(call->row_start, call->n_rows, k);
        one_flight(call, arrives, call->kept_emitted[i] + call->kept_ago, k, row);
    }
    for (int64_t ago = call->furthest; ago > 0; ago--) {
        const int64_t at = eg_ring_row(call->step - ago, call->length);
        for (int64_t s = 0; s < call->count[at]; s++) {
            const int64_t pre = call->rank[at * call->n_neurons + s], end = call->row_start[pre + 1];
            int64_t k = call->row_start[pre];
            if (call->delay) k = as_late(call->delay, k, end, ago);
            else if (call->one_delay < ago) k = end;
            for (; k < end; k++) one_flight(call, (call->delay ? call->delay[k] : call->one_delay) - ago, ago, k, pre);
        }
    }
}

/* What is in flight, in the order in which it arrives: a counting sort. Called twice: without arrays for it, next says
 * afterwards where what arrives after so many steps begins, and last how many there are; then with them. */
EG_EXPORT void eg_wiring_flights(eg_parallel_fn parallel, int n_chunks, int64_t n_kept, int64_t kept_ago,
                                 const uint16_t *kept_arrives, const uint16_t *kept_emitted,
                                 const uint32_t *kept_synapse, int64_t step, int64_t furthest, int64_t length,
                                 int64_t n_neurons, const uint32_t *rank, const int64_t *count, int64_t n_rows,
                                 const int64_t *row_start, const uint16_t *delay, int64_t one_delay, const uint32_t *to,
                                 int64_t *next, uint16_t *arrives, uint16_t *emitted, uint32_t *synapse,
                                 uint32_t *pre) {
    (void)parallel, (void)n_chunks;
    const flights_call call = {n_kept,    kept_ago, kept_arrives, kept_emitted, kept_synapse, step, furthest, length,
                               n_neurons, rank,     count,        n_rows,       row_start,    delay, one_delay, to,
                               next,      arrives,  emitted,      synapse,      pre};
    each_flight(&call);
    if (!arrives)
        for (int64_t i = 0; i < 65536; i++) next[i + 1] += next[i];
}
