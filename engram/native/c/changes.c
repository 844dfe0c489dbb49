/* Synapses that come and go: pairs that have none, and what draws say of pairs.
 *
 * Called through ctypes by engram/wiring/native.py, which allocates every array; compiled for networks that need it.
 * engram_share.h says how the work is cut.
 */
#include "engram_draws.h"
#include "engram_share.h"

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
