/* Synapses that come and go: pairs that have none, what draws say of pairs, and values compared with a number.
 *
 * Called through ctypes by engram/wiring/native.py, which allocates every array; compiled for networks that need it.
 * engram_share.h says how the work is cut.
 */
#include "engram_draws.h"
#include "engram_share.h"

/* ---- pairs without a synapse ------------------------------------------------------------------------------ */

#define BLOCK 256 /* pairs that draws are made for at a time */

typedef struct {
    int64_t n_rows, n_columns, n_all_columns, no_self;
    const int64_t *rows, *columns; /* that are looked at, ascending */
    const int64_t *row_start;
    const uint32_t *ranks;
    int64_t n_gone;
    const int64_t *gone; /* (n_gone,) positions of synapses that count no longer, ascending */
    int64_t by_pre;      /* rows are those of pre neurons */
    uint64_t key;
    int64_t step, draw;
    double proba;        /* of those pairs the ones are found whose draw is below it; 1.0 or more: all */
    uint32_t *seen;      /* (n_chunks, n_all_columns), zero; then the last row in which a column was seen, from 1 on */
    uint32_t *row_out, *column_out; /* (n_rows * n_columns,); the pairs of row i stand from i * n_columns on at most */
    int64_t *count;                 /* (n_chunks,) */
} missing_call;

/* Leave those of n pairs whose draw is below proba; return how many they are. */
static int64_t drawn_pairs(const missing_call *call, uint32_t *row, uint32_t *column, int64_t n) {
    const uint64_t key = call->key;
    const int64_t step = call->step;
    const uint32_t draw = (uint32_t)call->draw, *pre = call->by_pre ? row : column, *post = call->by_pre ? column : row;
    const double proba = call->proba;
    int64_t left = 0;
    uint8_t is_chosen[BLOCK];
    for (int64_t low = 0; low < n; low += BLOCK) {
        const int64_t some = n - low < BLOCK ? n - low : BLOCK;
#pragma omp simd
        for (int64_t i = 0; i < some; i++)
            is_chosen[i] = eg_synapse_uniform(key, pre[low + i], post[low + i], step, draw) < proba;
        for (int64_t i = 0; i < some; i++) {
            const uint32_t r = row[low + i], c = column[low + i];
            row[left] = r, column[left] = c;
            left += is_chosen[i];
        }
    }
    return left;
}

static void missing_chunk(const void *arg, int chunk, int n_chunks) {
    const missing_call *call = arg;
    const int64_t low = cut(call->n_rows, chunk, n_chunks), high = cut(call->n_rows, chunk + 1, n_chunks);
    uint32_t *seen = call->seen + chunk * call->n_all_columns;
    uint32_t *row_out = call->row_out + low * call->n_columns, *column_out = call->column_out + low * call->n_columns;
    const int is_drawn = call->proba < 1.0;
    int64_t n = 0, g = 0, last = 0; /* of the pairs up to `last` is known whether they are chosen */
    for (int64_t i = low; i < high; i++) {
        const int64_t row = call->rows[i], end = call->row_start[row + 1];
        const uint32_t now = (uint32_t)(i + 1);
        int64_t k = call->row_start[row];
        while (g < call->n_gone && call->gone[g] < k) g++;
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
        if (is_drawn && (n - last >= BLOCK || i == high - 1))
            last = n = last + drawn_pairs(call, row_out + last, column_out + last, n - last);
    }
    call->count[chunk] = n;
}

/* The pairs of some rows and columns that have no synapse, and that draws choose, row by row. Those of each chunk stand
 * where its first row would have all of its pairs; count says how many there are. */
EG_EXPORT void eg_wiring_missing(eg_parallel_fn parallel, int n_chunks, int64_t n_rows, int64_t n_columns,
                                 int64_t n_all_columns, int64_t no_self, const int64_t *rows, const int64_t *columns,
                                 const int64_t *row_start, const uint32_t *ranks, int64_t n_gone, const int64_t *gone,
                                 int64_t by_pre, uint64_t key, int64_t step, int64_t draw, double proba,
                                 uint32_t *seen, uint32_t *row_out, uint32_t *column_out, int64_t *count) {
    const missing_call call = {n_rows, n_columns, n_all_columns, no_self, rows,  columns, row_start, ranks,      n_gone,
                               gone,   by_pre,    key,           step,    draw,  proba,   seen,      row_out,
                               column_out, count};
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

/* ---- values compared with a number ------------------------------------------------------------------------ */

typedef struct {
    int64_t n, width, sign, or_equal;
    const void *values;
    double bound;
    int64_t capacity;  /* of each chunk */
    int64_t *position; /* (n_chunks, capacity) */
    int64_t *count;    /* (n_chunks,) */
} compared_call;

/* Note the positions of those values that are less than the bound, or as IS says. Few are: many are skipped at once. */
#define COMPARED(TYPE, IS)                                                                                             \
    do {                                                                                                               \
        const TYPE *restrict v = call->values;                                                                         \
        for (int64_t k = low; k < high; k += 64) {                                                                     \
            const int64_t end = k + 64 < high ? k + 64 : high;                                                         \
            int any = 0;                                                                                               \
            if (end == k + 64)                                                                                         \
                for (int i = 0; i < 64; i++) any |= (double)v[k + i] IS bound;                                         \
            else                                                                                                       \
                any = 1;                                                                                               \
            if (any)                                                                                                   \
                for (int64_t i = k; i < end; i++)                                                                      \
                    if ((double)v[i] IS bound) {                                                                       \
                        if (n < call->capacity) position[n] = i;                                                       \
                        n++;                                                                                           \
                    }                                                                                                  \
        }                                                                                                              \
    } while (0)

#define COMPARED_AS(TYPE)                                                                                              \
    do {                                                                                                               \
        if (call->sign < 0 && call->or_equal) COMPARED(TYPE, <=);                                                      \
        else if (call->sign < 0) COMPARED(TYPE, <);                                                                    \
        else if (call->or_equal) COMPARED(TYPE, >=);                                                                   \
        else COMPARED(TYPE, >);                                                                                        \
    } while (0)

static void compared_chunk(const void *arg, int chunk, int n_chunks) {
    const compared_call *call = arg;
    const int64_t low = cut(call->n, chunk, n_chunks), high = cut(call->n, chunk + 1, n_chunks);
    int64_t *position = call->position + chunk * call->capacity, n = 0;
    const double bound = call->bound;
    if (call->width == sizeof(float)) COMPARED_AS(float);
    else COMPARED_AS(double);
    call->count[chunk] = n;
}

/* The positions of those floats that are less than a number, where sign is -1, or greater, where it is 1. count says
 * how many each chunk found, for which there may be no room. */
EG_EXPORT void eg_wiring_compared(eg_parallel_fn parallel, int n_chunks, int64_t n, int64_t width, const void *values,
                                  int64_t sign, int64_t or_equal, double bound, int64_t capacity, int64_t *position,
                                  int64_t *count) {
    const compared_call call = {n, width, sign, or_equal, values, bound, capacity, position, count};
    share(parallel, n_chunks, compared_chunk, &call);
}
