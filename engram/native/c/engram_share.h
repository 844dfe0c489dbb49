/* Work on rows of synapses, cut into pieces for threads.
 *
 * Rows are those of one side ("columns" are the other side's neurons); row_start (n_rows + 1) says where each begins in
 * the arrays of synapses. Work is cut into `n_chunks` pieces that do not depend on how many threads `parallel` really
 * has, and no result depends on how it is cut.
 */
#ifndef ENGRAM_SHARE_H
#define ENGRAM_SHARE_H

#include "engram.h"

typedef void (*eg_task)(void *arg, int thread, int n_threads);
typedef void (*eg_parallel_fn)(eg_task task, void *arg, int n_threads);

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

/* n * chunk / n_chunks for n up to 2^53 or so. */
static int64_t cut(int64_t n, int chunk, int n_chunks) {
    return n / n_chunks * chunk + n % n_chunks * chunk / n_chunks;
}

/* How many of the first n numbers, ascending, are below x - i * slope at their place i. */
static inline int64_t below(const int64_t *numbers, int64_t n, int64_t x, int64_t slope) {
    int64_t low = 0, high = n;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (numbers[middle] - slope * middle < x) low = middle + 1;
        else high = middle;
    }
    return low;
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

#endif
