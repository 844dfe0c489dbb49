/* The engine's own jobs: joining lists of spikes, histories, firing rates, records, stop conditions.
 *
 * What a job is stands in engram.h. What one is told is declared by its class in ir/, which has the same fields.
 */
#include "engram.h"
#include "engram_agreement.h"

#include <string.h>

typedef struct {
    const eg_spikes *spikes;
    const uint8_t *enabled;
} eg_join_args;

/* Join what the threads found in this step into the spike list of the step; a disabled population emits none. */
EG_EXPORT int64_t eg_join(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_join_args *join = arg;
    const eg_spikes *spikes = join->spikes;
    const int64_t row = eg_ring_row(clock->step, spikes->length);
    int64_t low, high, offset = 0;
    if (!*join->enabled) {
        if (thread == n_threads - 1) spikes->count[row] = 0;
        return 0;
    }
    eg_given_range(spikes->ranges, spikes->n_ranges, spikes->n, thread, n_threads, &low, &high);
    for (int other = 0; other < thread; other++) offset += spikes->found_count[other * 8];
    const int64_t mine = spikes->found_count[thread * 8];
    memcpy(spikes->rank + row * spikes->n + offset, spikes->found + low, (size_t)mine * sizeof(uint32_t));
    if (thread == n_threads - 1) spikes->count[row] = offset + mine;
    return 0;
}

typedef struct {
    char *data;
    int64_t n, item_bytes;
} eg_array;

typedef struct {
    eg_array values;
} eg_zero_args;

/* Set an array to zero: inputs of rate-coded neurons, before they are summed up. */
EG_EXPORT int64_t eg_zero(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_array *array = &((const eg_zero_args *)arg)->values;
    int64_t low, high;
    (void)clock;
    eg_range(array->n, thread, n_threads, &low, &high);
    memset(array->data + low * array->item_bytes, 0, (size_t)((high - low) * array->item_bytes));
    return 0;
}

typedef struct {
    eg_array from;
    char *ring; /* (length, n) */
    int64_t length;
} eg_push_args;

/* Append this step's values to their history. */
EG_EXPORT int64_t eg_push(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_push_args *push = arg;
    const int64_t size = push->from.item_bytes;
    int64_t low, high;
    eg_range(push->from.n, thread, n_threads, &low, &high);
    memcpy(push->ring + (eg_ring_row(clock->step, push->length) * push->from.n + low) * size, push->from.data + low * size,
           (size_t)((high - low) * size));
    return 0;
}

typedef struct {
    const eg_spikes *spikes;
    int32_t *count; /* (n,): spikes in the window */
    void *rate;     /* (n,): Hz */
    int64_t rate_is_float;
    int64_t window; /* steps */
    const uint8_t *enabled;
} eg_firing_rate_args;

static void count_spikes(const eg_firing_rate_args *args, int64_t step, int change, int64_t low, int64_t high, double hertz) {
    const eg_spikes *spikes = args->spikes;
    const int64_t row = eg_ring_row(step, spikes->length);
    const uint32_t *list = spikes->rank + row * spikes->n;
    for (int64_t e = eg_lower_bound(list, 0, spikes->count[row], low); e < spikes->count[row] && list[e] < high; e++) {
        args->count[list[e]] += change;
        if (!*args->enabled) continue;
        const double rate = args->count[list[e]] * hertz;
        if (args->rate_is_float) ((float *)args->rate)[list[e]] = (float)rate;
        else ((double *)args->rate)[list[e]] = rate;
    }
}

/* Spikes of this step enter the window, those that are `window` steps old leave it. */
EG_EXPORT int64_t eg_firing_rate(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_firing_rate_args *args = arg;
    const double hertz = 1000.0 / ((double)args->window * clock->dt);
    int64_t low, high;
    eg_range(args->spikes->n, thread, n_threads, &low, &high);
    count_spikes(args, clock->step - args->window, -1, low, high, hertz);
    count_spikes(args, clock->step, 1, low, high, hertz);
    return 0;
}

typedef struct {
    eg_array from;
    eg_record_block block;
    const int64_t *ranks; /* (n_ranks,): the elements that are recorded; NULL for all */
    int64_t n_ranks;
    int64_t is_flat;      /* whether each value is a row of the record, not all of one time together */
} eg_record_values_args;

/* Record one row of values; stops the run when the block is full. */
EG_EXPORT int64_t eg_record_values(void *arg, const eg_clock *clock, int thread, int n_threads) {
    eg_record_values_args *record = arg;
    const eg_record_block *block = &record->block;
    int64_t *recorded = &clock->recorded[block->number], low, high;
    if (!*block->active || eg_ring_row(clock->step - *block->origin, *block->period) != *block->offset) return 0;
    const int64_t size = record->from.item_bytes, n = record->ranks ? record->n_ranks : record->from.n;
    const int64_t rows = record->is_flat ? n : 1, width = record->is_flat ? 1 : n;
    char *row = block->head->data + (block->head->used + *recorded) * width * size;
    eg_range(n, thread, n_threads, &low, &high);
    if (record->ranks) {
        for (int64_t j = low; j < high; j++) memcpy(row + j * size, record->from.data + record->ranks[j] * size, (size_t)size);
    } else {
        memcpy(row + low * size, record->from.data + low * size, (size_t)((high - low) * size));
    }
    *recorded += rows;
    return eg_is_full(block->head, *recorded, block->least);
}

typedef struct {
    const eg_spikes *spikes;
    eg_record_block block;
    const int64_t *ranks; /* as above */
    int64_t n_ranks;
} eg_record_spikes_args;

/* Record the spikes of this step; stops the run when the next step might not fit. */
EG_EXPORT int64_t eg_record_spikes(void *arg, const eg_clock *clock, int thread, int n_threads) {
    eg_record_spikes_args *record = arg;
    const eg_spikes *spikes = record->spikes;
    const eg_record_block *block = &record->block;
    int64_t next = clock->recorded[block->number];
    (void)n_threads;
    if (!*block->active) return 0;
    const int64_t row = eg_ring_row(clock->step, spikes->length), count = spikes->count[row];
    const uint32_t *list = spikes->rank + row * spikes->n;
    uint32_t *const ranks = (uint32_t *)block->head->data + block->head->used;
    int64_t *const steps = (int64_t *)block->steps->data + block->steps->used;
    for (int64_t e = 0, wanted = 0; e < count; e++) {
        if (record->ranks) { /* both lists ascend */
            while (wanted < record->n_ranks && record->ranks[wanted] < list[e]) wanted++;
            if (wanted == record->n_ranks) break;
            if (record->ranks[wanted] != list[e]) continue;
        }
        if (thread == 0) {
            ranks[next] = list[e];
            steps[next] = clock->step;
        }
        next++;
    }
    clock->recorded[block->number] = next;
    return eg_is_full(block->head, next, block->least) || eg_is_full(block->steps, next, block->least);
}

typedef struct {
    const uint8_t *flag;  /* (n,): of each neuron */
    const uint8_t *asked; /* whether this condition counts */
    int64_t n;
    int64_t all; /* whether all must be true, or any */
} eg_condition;

typedef struct {
    const eg_condition *condition;
    int64_t n;
    const uint8_t *every; /* whether every condition that is asked for must hold, or one */
    uint8_t *result;
} eg_stop_args;

static int holds(const eg_condition *condition) {
    int64_t i = 0;
    while (i < condition->n && (condition->flag[i] != 0) == (condition->all != 0)) i++;
    return condition->all ? i == condition->n : i < condition->n;
}

/* Stop the run after this step where the conditions of some populations hold. */
EG_EXPORT int64_t eg_stop(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_stop_args *stop = arg;
    int64_t asked = 0, held = 0;
    (void)clock; (void)n_threads;
    for (int64_t k = 0; k < stop->n; k++) {
        if (!*stop->condition[k].asked) continue;
        asked++;
        held += holds(&stop->condition[k]);
    }
    const int reached = asked && held >= (*stop->every ? asked : 1);
    if (thread == 0) *stop->result = (uint8_t)reached;
    return reached;
}

EG_AGREEMENT(
    EG_STRUCT(eg_array, data, n, item_bytes)
    EG_STRUCT(eg_zero_args, values)
    EG_STRUCT(eg_push_args, from, ring, length)
    EG_STRUCT(eg_join_args, spikes, enabled)
    EG_STRUCT(eg_firing_rate_args, spikes, count, rate, rate_is_float, window, enabled)
    EG_STRUCT(eg_condition, flag, asked, n, all)
    EG_STRUCT(eg_stop_args, condition, n, every, result)
    EG_STRUCT(eg_record_values_args, from, block, ranks, n_ranks, is_flat)
    EG_STRUCT(eg_record_spikes_args, spikes, block, ranks, n_ranks)
)
