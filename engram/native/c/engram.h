/* What the engine and every generated kernel agree on: the clock, jobs, spike lists, rows of synapses.
 *
 * The engine walks a schedule of jobs, the same one in every thread, for every step. A job is a function and one
 * argument: generated kernels take an eg_args, jobs of the engine the structures that stand beside their functions. All
 * pointers lead into the state tree, which Python owns. When a call returns, the clock and the records in the tree are
 * those of the last step: nothing is left to be done in Python, which may be interrupted at any moment.
 */
#ifndef ENGRAM_H
#define ENGRAM_H

#include <stddef.h>
#include <stdint.h>

#define EG_EXPORT __attribute__((visibility("default")))
#define EG_MAX_THREADS 256
#define EG_STRIDE 64 /* ranges of neurons are cut at multiples of this many elements: a cache line never has two owners */
#define EG_CHUNK 1024 /* elements whose random draws are made at a time */

typedef struct {
    int64_t step; /* index of this step: the number of finished ones */
    double t;     /* ms, at the beginning of the step */
    double dt;    /* ms */
    int64_t *recorded; /* (n_records,): rows that this thread has recorded in this call; all threads come to the same */
} eg_clock;

/* A job does its thread's share of one step. It returns nonzero to stop the run after this step; all threads must
 * return the same, so they decide from data that all of them see alike. */
typedef int64_t (*eg_job)(void *arg, const eg_clock *clock, int thread, int n_threads);

typedef struct {
    eg_job run;
    void *arg;
    int64_t barrier; /* nonzero: wait for all threads first */
    const uint8_t *enabled; /* the job is left out where this is 0; NULL: never */
} eg_entry;

/* The spikes of one population: what was emitted in the last `length` steps. Step s stands in row s % length. */
typedef struct {
    uint32_t *rank; /* (length, n): ranks in ascending order, the first count[row] of each row */
    int64_t *count; /* (length,) */
    int64_t length;
    int64_t n;
    uint32_t *found;      /* scratch (n,): what each thread found, from the start of its range */
    int64_t *found_count; /* scratch (threads * 8,): how many; one cache line for each thread that may run */
    const int64_t *ranges; /* of the neurons that find them; see eg_given_range */
    int64_t n_ranges;
} eg_spikes;

/* Spikes that were in flight when delays changed, each at one synapse, in the order in which they arrive. */
typedef struct {
    const int64_t *since;     /* the step of the change: what was emitted before it arrives from here alone */
    const uint16_t *arrives;  /* (n,): when, in steps after it, ascending */
    const uint16_t *emitted;  /* (n,): in steps before it */
    const uint32_t *synapse;  /* (n,) */
    const uint32_t *pre;      /* (n,) */
    int64_t n;
} eg_in_flight;

/* Synapses of one projection, rows by pre (spiking) or by post (rate-coded). */
typedef struct {
    int64_t n_rows;
    const int64_t *start;    /* (n_rows + 1,) */
    const uint32_t *rank;    /* (n_syn,): the other side */
    const uint16_t *short_rank; /* the same in half of the memory, or NULL; by post only */
    const int64_t *delay;    /* (n_delays,): the delays that occur, ascending, in steps */
    int64_t n_delays;
    const uint32_t *segment; /* (n_rows, n_delays + 1): where each delay begins in a row; by pre only */
    const uint16_t *delay_of;    /* (n_syn,) or NULL when all are delay[0] */
    const int64_t *column_start; /* (n_post + 1,): by pre only, for events of the other side */
    const uint32_t *column_slot; /* (n_syn,): positions of a post neuron's synapses, by ascending pre */
    const uint32_t *column_pre;  /* (n_syn,) */
    const uint16_t *multapse;    /* (n_syn,): number of each among the synapses of its pair; NULL: 0, or nothing is drawn */
    const eg_in_flight *in_flight, *axons_in_flight; /* of spikes and of axonal ones; NULL if delays did not change */
} eg_rows;

/* A Poisson or binomial distribution whose arguments are one number for a population (rejection.c). The value of an
 * element is offset + sign * (how many of the survival thresholds P(X > k), in units of 2^-32, lie above its word). */
#define EG_TABLE_LENGTH 64
#define EG_TABLE_LIMIT 15.0 /* mean of what is counted */
typedef struct {
    double a, b; /* the arguments */
    int64_t is_binomial;
    int64_t length;       /* of the thresholds; negative: elements draw for themselves */
    double offset, sign;  /* n and -1 where the failures are counted, else 0 and 1 */
    double first;         /* P(X = 0) */
    double trials, rate;  /* P(X = k) = P(X = k - 1) * (trials - k + 1) * rate / k; without the factor if negative */
    uint32_t threshold[EG_TABLE_LENGTH];
} eg_table;

/* Functions of draws.c and rejection.c that generated kernels call; NULL where no kernel does. */
typedef void (*eg_fill)(uint64_t key, int64_t step, uint32_t draw, int64_t first, int64_t n, double *out);
typedef struct {
    eg_fill uniform, normal, exponential;
    void (*poisson)(double mean, eg_table *table);
    void (*binomial)(double trials, double p, eg_table *table);
    void (*tabled)(const eg_table *table, uint64_t key, int64_t step, uint32_t draw, int64_t first, int64_t n,
                   double *out);
} eg_fills;

/* Sums of the next step that are put aside; see ir/ahead.py. They serve as long as Python writes nothing into the tree
 * and the number of threads stays. */
typedef struct {
    void *sum;      /* (n,) */
    int64_t *ready; /* (EG_MAX_THREADS * 8,): the step that each thread's share is of; one cache line a thread */
} eg_ahead;

typedef struct {
    void *const *slot;      /* pointers into the tree, in the order of the kernel's arguments */
    const int64_t *length;  /* of each argument: rows of its history, entries of a table, or 0 */
    const uint64_t *key;    /* of each random draw */
    const eg_fills *fill;
    int64_t n;              /* neurons whose range is shared out among the threads */
    int64_t n_pre;
    const eg_spikes *spikes;
    const eg_spikes *axons;
    const eg_rows *rows;
    const eg_spikes *compared; /* of the postsynaptic neurons, where a synapse looks for them */
    const eg_ahead *ahead;     /* NULL if there is none */
    const int64_t *ranges;     /* see eg_given_range */
    int64_t n_ranges;
} eg_args;

/* The block of a record that is being filled: numbers that `Blocks` of state/tree.py and C both read and write. */
typedef struct {
    char *data; /* (rows, row) */
    int64_t rows, used;
} eg_head;

/* A record, and when it gets a row. */
typedef struct {
    eg_head *head;  /* of values, or of the ranks of spikes */
    eg_head *steps; /* of the steps of those spikes; NULL for values */
    const uint8_t *active;
    const int64_t *period, *offset, *origin; /* of values, in steps: due where (step - origin) % period == offset */
    int64_t least;  /* rows that one step may need */
    int64_t number; /* of the record, where threads count its rows */
} eg_record_block;

/* Whether there is no room for the rows of one more step, `more` rows after what the record had when the call began. */
static inline int eg_is_full(const eg_head *head, int64_t more, int64_t least) {
    return head->rows - head->used - more < least;
}

/* What the draw number of a synapse is increased by (engram_draws.h). */
static inline uint32_t eg_multapse(const eg_rows *rows, int64_t k) {
    return rows->multapse ? (uint32_t)rows->multapse[k] << 16 : 0;
}

/* The range of thread `thread` of n elements, in whole strides. */
static inline void eg_range(int64_t n, int thread, int n_threads, int64_t *low, int64_t *high) {
    const int64_t units = (n + EG_STRIDE - 1) / EG_STRIDE;
    *low = units * thread / n_threads * EG_STRIDE;
    *high = units * (thread + 1) / n_threads * EG_STRIDE;
    if (*low > n) *low = n;
    if (*high > n) *high = n;
}

/* The same where neurons belong to the thread that delivers spikes to them: `ranges` (n_ranges + 1,) says where those
 * begin, and where the last one ends, of which each thread has its share. NULL: neurons are shared out evenly. */
static inline void eg_given_range(const int64_t *ranges, int64_t n_ranges, int64_t n, int thread, int n_threads,
                                  int64_t *low, int64_t *high) {
    if (ranges) {
        *low = ranges[n_ranges * thread / n_threads];
        *high = ranges[n_ranges * (thread + 1) / n_threads];
    } else {
        eg_range(n, thread, n_threads, low, high);
    }
}

/* The row of a ring that holds `step`, which may be negative: before the beginning. */
static inline int64_t eg_ring_row(int64_t step, int64_t length) {
    const int64_t row = step % length;
    return row < 0 ? row + length : row;
}

/* The row that was filled `steps` steps, at most `length`, before `row` was. */
static inline int64_t eg_ring_back(int64_t row, int64_t steps, int64_t length) {
    return row - steps + (row < steps ? length : 0);
}

/* The first position in [from, to) whose rank is not below `rank`; ranks ascend. */
static inline int64_t eg_lower_bound(const uint32_t *ranks, int64_t from, int64_t to, int64_t rank) {
    while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        if ((int64_t)ranks[middle] < rank) from = middle + 1;
        else to = middle;
    }
    return from;
}

/* Bit k is flags[k], 0 or 1, for k < 64: whole vectors, since most neurons do not spike in a step. */
typedef uint64_t eg_flags __attribute__((vector_size(64), aligned(8), may_alias));
static inline uint64_t eg_flag_bits(const int64_t *flags) {
    const eg_flags lane = {0, 1, 2, 3, 4, 5, 6, 7};
    eg_flags all = {0};
    for (int k = 0; k < 64; k += 8) all |= *(const eg_flags *)(flags + k) << k;
    all <<= lane;
    return ((all[0] | all[1]) | (all[2] | all[3])) | ((all[4] | all[5]) | (all[6] | all[7]));
}
/* The same; flags lie in pairs, the first in the low half of a word. */
static inline uint64_t eg_flag_bitsf(const int32_t *flags) {
    const eg_flags lane = {0, 2, 4, 6, 8, 10, 12, 14};
    eg_flags all = {0};
    for (int k = 0; k < 64; k += 16) {
        const eg_flags pairs = *(const eg_flags *)(flags + k);
        all |= ((pairs | pairs >> 31) & 3) << k;
    }
    all <<= lane;
    return ((all[0] | all[1]) | (all[2] | all[3])) | ((all[4] | all[5]) | (all[6] | all[7]));
}

/* A part of a row, from `from` to before `to`: what a thread has of it. */
typedef struct {
    int64_t from, to;
} eg_slice;

/* Those of some synapses, whose ranks ascend, that a thread has; all of them if there is one. */
static inline eg_slice eg_within(const uint32_t *rank, eg_slice slice, int64_t low, int64_t high, int n_threads) {
    if (n_threads > 1) {
        slice.from = eg_lower_bound(rank, slice.from, slice.to, low);
        slice.to = eg_lower_bound(rank, slice.from, slice.to, high);
    }
    return slice;
}

/* The synapses of `pre` with the delay number d whose ranks lie in [low, high); all of them if there is one thread. */
static inline eg_slice eg_row_slice(const eg_rows *rows, int64_t pre, int64_t d, int64_t low, int64_t high, int n_threads) {
    const uint32_t *segment = rows->segment + pre * (rows->n_delays + 1) + d;
    const eg_slice slice = {rows->start[pre] + segment[0], rows->start[pre] + segment[1]};
    return eg_within(rows->rank, slice, low, high, n_threads);
}

/* Spikes that arrive in one step: those of one delay, or what was in flight when delays changed. */
typedef struct {
    const uint32_t *pre; /* (n,) */
    int64_t n;
    int64_t emitted;          /* in this step; or as many steps before it as */
    const uint16_t *before;   /* (n,) says; NULL: in this one */
    const uint32_t *synapse;  /* (n,): at one each; NULL: at all of the neuron's that have the delay number */
    int64_t d;
} eg_arrivals;

/* What arrives in a step; number d of the delays, or behind the last one what was in flight, which was emitted first. */
static inline eg_arrivals eg_arriving(const eg_rows *rows, const eg_in_flight *in_flight, const eg_spikes *spikes,
                                      int64_t step, int64_t d) {
    if (d < rows->n_delays) {
        const int64_t emitted = step - rows->delay[d], row = eg_ring_row(emitted, spikes->length);
        const int64_t n = in_flight && emitted < *in_flight->since ? 0 : spikes->count[row];
        return (eg_arrivals){spikes->rank + row * spikes->n, n, emitted, NULL, NULL, d};
    }
    const int64_t after = step - *in_flight->since;
    int64_t from = 0, to = in_flight->n;
    while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        if (in_flight->arrives[middle] < after) from = middle + 1;
        else to = middle;
    }
    while (to < in_flight->n && in_flight->arrives[to] == after) to++;
    return (eg_arrivals){in_flight->pre + from, to - from, *in_flight->since, in_flight->emitted + from,
                         in_flight->synapse + from, d};
}

/* Behind the last of those spikes that stand together with number e: at synapses of one neuron that follow each other
 * in the order of their ranks, by which threads cut them, emitted at once. */
static inline int64_t eg_together(const eg_rows *rows, const eg_arrivals *arrivals, int64_t e) {
    const uint32_t *const k = arrivals->synapse, *const pre = arrivals->pre;
    int64_t after = e + 1;
    if (k)
        while (after < arrivals->n && k[after] == k[after - 1] + 1 && pre[after] == pre[e] &&
               arrivals->before[after] == arrivals->before[e] && rows->rank[k[after]] >= rows->rank[k[after - 1]])
            after++;
    return after;
}

/* The synapses at which the spikes from number e to before `after` arrive, as far as their ranks lie in [low, high). */
static inline eg_slice eg_reached(const eg_rows *rows, const eg_arrivals *arrivals, int64_t e, int64_t after,
                                  int64_t low, int64_t high, int n_threads) {
    if (!arrivals->synapse) return eg_row_slice(rows, arrivals->pre[e], arrivals->d, low, high, n_threads);
    const int64_t k = arrivals->synapse[e];
    return eg_within(rows->rank, (eg_slice){k, k + after - e}, low, high, n_threads);
}

/* Ask for the beginning of memory that will be needed soon; what follows, the processor finds by itself. */
#define EG_PREFETCHED 64 /* elements */
#define EG_SOON 32  /* synapses of a column that come next, whose places are scattered */
static inline void eg_prefetch(const void *array, int64_t item_bytes, int64_t from, int64_t to) {
    if (to > from + EG_PREFETCHED) to = from + EG_PREFETCHED;
    for (const char *at = (const char *)array + from * item_bytes; at < (const char *)array + to * item_bytes; at += 64)
        __builtin_prefetch(at);
}

/* The second argument where they are not ordered. */
static inline double eg_min_double(double a, double b) { return a < b ? a : b; }
static inline double eg_max_double(double a, double b) { return a > b ? a : b; }
static inline float eg_min_float(float a, float b) { return a < b ? a : b; }
static inline float eg_max_float(float a, float b) { return a > b ? a : b; }
static inline int64_t eg_min_int(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t eg_max_int(int64_t a, int64_t b) { return a > b ? a : b; }
/* NaN where one of them is NaN. */
static inline double eg_smaller_double(double a, double b) { return (a < b) | (a != a) ? a : b; }
static inline double eg_larger_double(double a, double b) { return (a > b) | (a != a) ? a : b; }
static inline float eg_smaller_float(float a, float b) { return (a < b) | (a != a) ? a : b; }
static inline float eg_larger_float(float a, float b) { return (a > b) | (a != a) ? a : b; }
static inline double eg_one_nan_double(double a) { return a == a ? a : __builtin_nan(""); } /* whatever its bits */
static inline float eg_one_nan_float(float a) { return a == a ? a : __builtin_nanf(""); }
static inline int64_t eg_smaller_int(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t eg_larger_int(int64_t a, int64_t b) { return a > b ? a : b; }

/* What does not fit wraps around: for signed integers C leaves that open. The smallest one has no opposite: it stays. */
static inline int64_t eg_plus_int(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static inline int64_t eg_minus_int(int64_t a, int64_t b) { return (int64_t)((uint64_t)a - (uint64_t)b); }
static inline int64_t eg_times_int(int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }
static inline int64_t eg_abs_int(int64_t a) { return a < 0 ? eg_minus_int(0, a) : a; }

/* The remainder of integers, with the sign of a. For b = 0 the smallest one, as eg_int has it for NaN. */
static inline int64_t eg_modulo_int(int64_t a, int64_t b) { return b == 0 ? INT64_MIN : b == -1 ? 0 : a % b; }

static inline int eg_isnan(double a) { return a != a; }
static inline int eg_isnanf(float a) { return a != a; }

/* A number in (0, 1) as a float below 1. */
static inline float eg_unitf(double u) { return (float)(u < 0x1.fffffep-1 ? u : 0x1.fffffep-1); }

/* Whether a neuron spiked in a step that is not further back than the list goes. */
static inline int eg_spiked(const eg_spikes *spikes, int64_t step, int64_t rank) {
    const int64_t row = eg_ring_row(step, spikes->length), count = spikes->count[row];
    const uint32_t *list = spikes->rank + row * spikes->n;
    const int64_t at = eg_lower_bound(list, 0, count, rank);
    return at < count && list[at] == rank;
}

/* Milliseconds to whole steps, truncated; a quotient within 1e-6 of an integer is that integer. */
static inline int64_t eg_whole_steps(double quotient) {
    const double steps = quotient + 1e-6;
    return steps < 1.0 ? 0 : steps > 2147483647.0 ? 2147483647 : (int64_t)steps;
}
static inline int64_t eg_steps(double ms, double dt) { return eg_whole_steps(ms / dt); }

/* The same of ms that have been rounded to float. */
static inline int64_t eg_stepsf(float ms, double dt) { return eg_whole_steps((double)ms / dt * (1.0 + 0x1p-23)); }

#endif
