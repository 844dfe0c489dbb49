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
    int64_t n_gone;
    const int64_t *gone; /* (n_gone,) positions of synapses that count no longer, ascending */
    uint32_t *seen;      /* (n_chunks, n_all_columns), zero; then the last row in which a column was seen, from 1 on */
    uint32_t *row_out, *column_out; /* (n_rows * n_columns,); the pairs of row i stand from i * n_columns on at most */
    int64_t *count;                 /* (n_chunks,) */
} missing_call;

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

static void missing_chunk(const void *arg, int chunk, int n_chunks) {
    const missing_call *call = arg;
    uint32_t *seen = call->seen + chunk * call->n_all_columns;
    const int64_t low = cut(call->n_rows, chunk, n_chunks), high = cut(call->n_rows, chunk + 1, n_chunks);
    uint32_t *row_out = call->row_out + low * call->n_columns, *column_out = call->column_out + low * call->n_columns;
    int64_t n = 0;
    for (int64_t i = low; i < high; i++) {
        const int64_t row = call->rows[i], end = call->row_start[row + 1];
        const uint32_t now = (uint32_t)(i + 1);
        int64_t k = call->row_start[row], g = below(call->gone, call->n_gone, k, 0);
        while (k < end) {
            const int64_t until = g < call->n_gone && call->gone[g] < end ? call->gone[g++] : end;
            for (; k < until; k++) seen[call->ranks[k]] = now;
            k++; /* it is gone */
        }
        if (call->no_self) seen[row] = now;
        for (int64_t j = 0; j < call->n_columns; j++) {
            row_out[n] = (uint32_t)row;
            column_out[n] = (uint32_t)call->columns[j];
            n += seen[call->columns[j]] != now;
        }
    }
    call->count[chunk] = n;
}

/* The pairs of some rows and columns that have no synapse, row by row. Those of each chunk stand where its first row
 * would have all of its pairs; count says how many there are. */
EG_EXPORT void eg_wiring_missing(eg_parallel_fn parallel, int n_chunks, int64_t n_rows, int64_t n_columns,
                                 int64_t n_all_columns, int64_t no_self, const int64_t *rows, const int64_t *columns,
                                 const int64_t *row_start, const uint32_t *ranks, int64_t n_gone, const int64_t *gone,
                                 uint32_t *seen, uint32_t *row_out, uint32_t *column_out, int64_t *count) {
    const missing_call call = {n_rows, n_columns, n_all_columns, no_self, rows,       columns, row_start,
                               ranks,  n_gone,    gone,          seen,    row_out,    column_out, count};
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

#define GONE UINT32_MAX
#define MIXED INT32_MIN

/* How the synapses of each row move: all as far, but for those that stand from one position on. Where more has changed
 * than one synapse the shift is MIXED, and `to` says it of each. */
typedef struct {
    const int32_t *shift;
    const uint32_t *from; /* position */
    const int32_t *further;
    const uint32_t *to;
} row_moves;

typedef struct {
    int64_t n_gone, n_new, n_out, width;
    const int64_t *gone; /* (n_gone,) positions in old, ascending */
    const int64_t *at;   /* (n_new,) positions in out, ascending */
    const char *old, *fresh;
    char *out;
    const row_moves *moves; /* of positions, which are to be those of afterwards; NULL: elements stay what they are */
    const uint32_t *row;    /* of the synapse at each of them */
} changed_call;

static void copy_positions(const row_moves *moves, int64_t n, const uint32_t *restrict old,
                           const uint32_t *restrict row, uint32_t *restrict out) {
    const int32_t *restrict shift = moves->shift, *restrict further = moves->further;
    const uint32_t *restrict from = moves->from, *restrict to = moves->to;
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        const uint32_t k = old[i], r = row[i];
        uint32_t now = k + (uint32_t)shift[r] + (k >= from[r] ? (uint32_t)further[r] : 0);
        if (shift[r] == MIXED) now = to[k];
        out[i] = now;
    }
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
        const char *old = call->old + w * from;
        char *out = call->out + w * to;
        if (call->moves)
            copy_positions(call->moves, until - to, (const uint32_t *)old, call->row + from, (uint32_t *)out);
        else memcpy(out, old, (size_t)(w * (until - to)));
        from += until - to;
        to = until;
    }
}

/* Elements of some bytes each, without those that go, and with those that come at their places. */
EG_EXPORT void eg_wiring_changed(eg_parallel_fn parallel, int n_chunks, int64_t n_gone, int64_t n_new, int64_t n_out,
                                 int64_t width, const int64_t *gone, const int64_t *at, const void *old,
                                 const void *fresh, void *out) {
    const changed_call call = {n_gone, n_new, n_out, width, gone, at, old, fresh, out, NULL, NULL};
    share(parallel, n_chunks, changed_chunk, &call);
}

/* The same of positions of synapses in rows, each of which becomes the one that the synapse has afterwards. */
EG_EXPORT void eg_wiring_repositioned(eg_parallel_fn parallel, int n_chunks, int64_t n_gone, int64_t n_new,
                                      int64_t n_out, const int64_t *gone, const int64_t *at, const uint32_t *old,
                                      const uint32_t *fresh, uint32_t *out, const uint32_t *row, const int32_t *shift,
                                      const uint32_t *from, const int32_t *further, const uint32_t *to) {
    const row_moves moves = {shift, from, further, to};
    const changed_call call = {n_gone, n_new, n_out, 4, gone, at, (const char *)old, (const char *)fresh, (char *)out,
                               &moves, row};
    share(parallel, n_chunks, changed_chunk, &call);
}

/* ---- where each will stand -------------------------------------------------------------------------------- */

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

/* What arrives and was emitted at once, through the synapses from k to end of a row. */
static inline void some_flights(const flights_call *call, int64_t arrives, int64_t emitted, int64_t k, int64_t end,
                                int64_t pre) {
    const uint32_t *const to = call->to;
    int64_t n_gone = 0;
    if (to)
        for (int64_t i = k; i < end; i++) n_gone += to[i] == GONE;
    if (!call->arrives) {
        call->next[arrives + 1] += end - k - n_gone;
        return;
    }
    const int64_t first = call->next[arrives], last = first + end - k - n_gone;
    int64_t at = first;
    if (!to)
        for (; at < last; at++) call->synapse[at] = (uint32_t)k++;
    else if (!n_gone) memcpy(call->synapse + first, to + k, (size_t)(end - k) * sizeof *to);
    else
        for (; k < end; k++)
            if (to[k] != GONE) call->synapse[at++] = to[k];
    for (int64_t i = first; i < last; i++) call->arrives[i] = (uint16_t)arrives;
    for (int64_t i = first; i < last; i++) call->emitted[i] = (uint16_t)emitted;
    for (int64_t i = first; i < last; i++) call->pre[i] = (uint32_t)pre;
    call->next[arrives] = last;
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
        some_flights(call, arrives, call->kept_emitted[i] + call->kept_ago, k, k + 1, row);
    }
    for (int64_t ago = call->furthest; ago > 0; ago--) {
        const int64_t at = eg_ring_row(call->step - ago, call->length);
        for (int64_t s = 0; s < call->count[at]; s++) {
            const int64_t pre = call->rank[at * call->n_neurons + s], end = call->row_start[pre + 1];
            int64_t k = call->row_start[pre];
            if (!call->delay) {
                if (call->one_delay >= ago) some_flights(call, call->one_delay - ago, ago, k, end, pre);
                continue;
            }
            for (k = as_late(call->delay, k, end, ago); k < end;) {
                const int64_t from = k, late = call->delay[k];
                while (k < end && call->delay[k] == late) k++;
                some_flights(call, late - ago, ago, from, k, pre);
            }
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
