/* Reductions: one number over a population, the same to the bit however many threads share it (ir/reductions.py).
 *
 * eg_reduce and eg_combine are jobs of the engine that are told the same (ir/reducing.py). In the first each thread
 * finds the sums of its own blocks; when all have, one thread puts them together in the second.
 */
#include "engram.h"
#include "engram_agreement.h"

#define EG_INLINE static inline __attribute__((always_inline))
#define EG_WIDTH 8 /* accumulators of every sum: a vector, or several where registers are narrower */
#define EG_CHAINS 4

typedef double eg_eight __attribute__((vector_size(8 * EG_WIDTH)));
typedef int64_t eg_masks __attribute__((vector_size(8 * EG_WIDTH)));

/* Eight neighbouring elements of each type: 0 double, 1 int64, 2 bool, 3 float. */
typedef double eg_doubles __attribute__((vector_size(8 * EG_WIDTH), aligned(8), may_alias));
typedef int64_t eg_ints __attribute__((vector_size(8 * EG_WIDTH), aligned(8), may_alias));
typedef uint8_t eg_bools __attribute__((vector_size(EG_WIDTH), aligned(1), may_alias));
typedef float eg_floats __attribute__((vector_size(4 * EG_WIDTH), aligned(4), may_alias));

enum { EG_MEAN, EG_MIN, EG_MAX, EG_NORM1, EG_NORM2 };

typedef struct {
    const void *data;
    int64_t n;
    int64_t kind; /* of the elements */
    int64_t op;
    int64_t block; /* elements of a block, a multiple of 64 */
    double *sum;   /* scratch: of each block */
    double *result;
} eg_reduce_args;
typedef eg_reduce_args eg_combine_args;

/* Add a value to an accumulator, or keep the larger or smaller one; what a NaN has met stays NaN. */
EG_INLINE double added(int64_t op, double sum, double x) {
    switch (op) {
    case EG_MEAN: return sum + x;
    case EG_MIN: return (x < sum) | (x != x) ? x : sum;
    case EG_MAX: return (x > sum) | (x != x) ? x : sum;
    case EG_NORM1: return sum + __builtin_fabs(x);
    default: return sum + x * x;
    }
}

/* The same for eight accumulators. (A NaN of `sum` is neither above nor below x.) */
EG_INLINE void add(int64_t op, eg_eight *sum, const eg_eight *value) {
    const eg_eight x = *value;
    switch (op) {
    case EG_MEAN: *sum += x; break;
    case EG_MIN:
    case EG_MAX: {
        const eg_masks take = (op == EG_MIN ? x < *sum : x > *sum) | (x != x);
        *sum = (eg_eight)(((eg_masks)x & take) | ((eg_masks)*sum & ~take));
        break;
    }
    case EG_NORM1: *sum += (eg_eight)((eg_masks)x & INT64_MAX); break;
    default: *sum += x * x;
    }
}

/* What a block, or all sums of blocks, come to: accumulator i mod 8 takes element i, then the fixed tree. The smallest
 * and the largest are the same in any order, so that four chains of comparisons can go on at once. */
#define REDUCE(NAME, TYPE, VECTOR)                                                                                     \
    EG_INLINE double NAME(int64_t op, const TYPE *x, int64_t n) {                                                      \
        const int is_sum = op != EG_MIN && op != EG_MAX, chains = is_sum ? 1 : EG_CHAINS;                              \
        const double first = is_sum ? 0.0 : op == EG_MIN ? __builtin_inf() : -__builtin_inf();                         \
        double sum[EG_WIDTH];                                                                                          \
        eg_eight sums[EG_CHAINS];                                                                                      \
        int64_t i = 0;                                                                                                 \
        for (int c = 0; c < chains; c++) sums[c] = (eg_eight){first, first, first, first, first, first, first, first}; \
        for (; i + chains * EG_WIDTH <= n; i += chains * EG_WIDTH) {                                                   \
            for (int c = 0; c < chains; c++) {                                                                         \
                const eg_eight next = __builtin_convertvector(*(const VECTOR *)(x + i + c * EG_WIDTH), eg_eight);      \
                add(op, &sums[c], &next);                                                                              \
            }                                                                                                          \
        }                                                                                                              \
        for (int c = 1; c < chains; c++) add(op, &sums[0], &sums[c]);                                                  \
        for (int k = 0; k < EG_WIDTH; k++) sum[k] = sums[0][k];                                                        \
        for (int k = 0; i < n; i++, k++) sum[k % EG_WIDTH] = added(op, sum[k % EG_WIDTH], (double)x[i]);               \
        for (int width = EG_WIDTH / 2; width; width /= 2)                                                              \
            for (int k = 0; k < width; k++) sum[k] = added(is_sum ? EG_MEAN : op, sum[k], sum[k + width]);             \
        return sum[0];                                                                                                 \
    }
REDUCE(of_doubles, double, eg_doubles)
REDUCE(of_ints, int64_t, eg_ints)
REDUCE(of_bools, uint8_t, eg_bools)
REDUCE(of_floats, float, eg_floats)

EG_INLINE void blocks(const eg_reduce_args *reduce, int64_t op, int64_t low, int64_t high) {
    for (int64_t b = low; b < high; b++) {
        const int64_t from = b * reduce->block, left = reduce->n - from;
        const int64_t n = left < reduce->block ? left : reduce->block;
        switch (reduce->kind) {
        case 0: reduce->sum[b] = of_doubles(op, (const double *)reduce->data + from, n); break;
        case 1: reduce->sum[b] = of_ints(op, (const int64_t *)reduce->data + from, n); break;
        case 2: reduce->sum[b] = of_bools(op, (const uint8_t *)reduce->data + from, n); break;
        default: reduce->sum[b] = of_floats(op, (const float *)reduce->data + from, n);
        }
    }
}

static int64_t n_blocks(const eg_reduce_args *reduce) { return (reduce->n + reduce->block - 1) / reduce->block; }

/* Each thread finds the sums of its own blocks: those of its own neurons where blocks are as long as strides. */
EG_EXPORT int64_t eg_reduce(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_reduce_args *reduce = arg;
    const int64_t n = n_blocks(reduce), low = n * thread / n_threads, high = n * (thread + 1) / n_threads;
    (void)clock;
    switch (reduce->op) {
    case EG_MEAN: blocks(reduce, EG_MEAN, low, high); break;
    case EG_MIN: blocks(reduce, EG_MIN, low, high); break;
    case EG_MAX: blocks(reduce, EG_MAX, low, high); break;
    case EG_NORM1: blocks(reduce, EG_NORM1, low, high); break;
    default: blocks(reduce, EG_NORM2, low, high);
    }
    return 0;
}

/* One thread puts the sums of all blocks together. A result that is zero has no sign, and there is one NaN. */
EG_EXPORT int64_t eg_combine(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_combine_args *reduce = arg;
    double total;
    (void)clock; (void)n_threads;
    if (thread != 0) return 0;
    switch (reduce->op) {
    case EG_MIN: total = of_doubles(EG_MIN, reduce->sum, n_blocks(reduce)); break;
    case EG_MAX: total = of_doubles(EG_MAX, reduce->sum, n_blocks(reduce)); break;
    default: total = of_doubles(EG_MEAN, reduce->sum, n_blocks(reduce));
    }
    if (reduce->op == EG_MEAN) total /= (double)reduce->n;
    if (reduce->op == EG_NORM2) total = __builtin_sqrt(total);
    *reduce->result = total != total ? __builtin_nan("") : total + 0.0;
    return 0;
}

EG_AGREEMENT(
    EG_STRUCT(eg_reduce_args, data, n, kind, op, block, sum, result)
    EG_STRUCT(eg_combine_args, data, n, kind, op, block, sum, result)
)
