/* The engine: a pool of threads, and the loop over steps and jobs.
 *
 * Called through ctypes by native/engine.py. Threads are POSIX threads of our own (libgomp hangs in a forked child
 * and is missing on some platforms). They sleep between runs and spin for a moment at barriers inside one.
 */
#include "engram.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__) || defined(__i386__)
#define eg_pause() __builtin_ia32_pause()
#else
#define eg_pause() ((void)0)
#endif

/* ---- the pool --------------------------------------------------------------------------------------------- */

typedef void (*eg_task)(void *arg, int thread, int n_threads);

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    int started; /* helpers that exist; thread 0 is the caller */
    int wanted;  /* threads of the present task */
    int running; /* helpers that have not finished it */
    int64_t generation;
    eg_task task;
    void *arg;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

typedef struct {
    int thread;
    int64_t seen;
} eg_helper;

static eg_helper helpers[EG_MAX_THREADS];

/* A forked child has none of its parent's threads: it begins with an empty pool. */
static void forget_pool(void) {
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.wake, NULL);
    pthread_cond_init(&pool.done, NULL);
    pool.started = pool.running = 0;
}

static void *help(void *arg) {
    eg_helper *self = arg;
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        while (pool.generation == self->seen) pthread_cond_wait(&pool.wake, &pool.lock);
        self->seen = pool.generation;
        if (self->thread >= pool.wanted) continue;
        const eg_task task = pool.task;
        void *task_arg = pool.arg;
        const int wanted = pool.wanted;
        pthread_mutex_unlock(&pool.lock);
        task(task_arg, self->thread, wanted);
        pthread_mutex_lock(&pool.lock);
        if (--pool.running == 0) pthread_cond_signal(&pool.done);
    }
    return NULL;
}

/* How many threads a task may have: those that could be started. Call with the lock held. */
static int start_helpers(int n_threads) {
    static int registered;
    if (!registered) registered = pthread_atfork(NULL, NULL, forget_pool) == 0;
    while (pool.started < n_threads - 1) {
        eg_helper *helper = &helpers[pool.started];
        pthread_t id;
        helper->thread = pool.started + 1;
        helper->seen = pool.generation;
        if (pthread_create(&id, NULL, help, helper)) break;
        pthread_detach(id);
        pool.started++;
    }
    return pool.started + 1 < n_threads ? pool.started + 1 : n_threads;
}

/* Run task(arg, thread, n) in n <= n_threads threads at once and return when all have finished.
 * One task at a time: callers are serialised by Python. */
EG_EXPORT void eg_parallel(eg_task task, void *arg, int n_threads) {
    if (n_threads > EG_MAX_THREADS) n_threads = EG_MAX_THREADS;
    if (n_threads <= 1) {
        task(arg, 0, 1);
        return;
    }
    pthread_mutex_lock(&pool.lock);
    n_threads = start_helpers(n_threads);
    pool.task = task;
    pool.arg = arg;
    pool.wanted = n_threads;
    pool.running = n_threads - 1;
    pool.generation++;
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
    task(arg, 0, n_threads);
    pthread_mutex_lock(&pool.lock);
    while (pool.running) pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

/* ---- barriers --------------------------------------------------------------------------------------------- */

typedef struct {
    _Alignas(64) atomic_int waiting;
    _Alignas(64) atomic_int phase;
} eg_barrier;

/* Spin for a moment, then give the core away: on a busy machine the one we wait for may need it. */
static void wait_for_all(eg_barrier *barrier, int n_threads) {
    if (n_threads == 1) return;
    const int phase = atomic_load_explicit(&barrier->phase, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&barrier->waiting, 1, memory_order_acq_rel) == n_threads - 1) {
        atomic_store_explicit(&barrier->waiting, 0, memory_order_relaxed);
        atomic_store_explicit(&barrier->phase, phase + 1, memory_order_release);
        return;
    }
    for (int spins = 0; atomic_load_explicit(&barrier->phase, memory_order_acquire) == phase; spins++) {
        if (spins < 100) eg_pause();
        else sched_yield();
    }
}

/* ---- measuring -------------------------------------------------------------------------------------------- */

/* A clock that costs next to nothing, in units of its own; native/meter.py finds out how long one is. */
EG_EXPORT int64_t eg_ticks(void) {
#if defined(__x86_64__) || defined(__i386__)
    return (int64_t)__builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    int64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
#endif
}

typedef struct {
    const eg_spikes *spikes; /* that the job finds; NULL if it finds none */
    int64_t *seen;           /* (n,): how many of each neuron */
} eg_tally;

/* Where a profiled run counts. Threads have rows of their own, and neurons of their own. */
typedef struct {
    int64_t *spent;        /* (threads, stride, 3): of each job the calls, the ticks of waiting before it and of work */
    int64_t stride;
    const eg_tally *tally; /* (n_entries, 2): spikes and axonal spikes */
} eg_meter;

static void count_found(const eg_tally *tally, int thread, int n_threads) {
    int64_t low, high;
    if (!tally->spikes) return;
    eg_range(tally->spikes->n, thread, n_threads, &low, &high);
    for (int64_t j = 0; j < tally->spikes->found_count[thread * 8]; j++) tally->seen[tally->spikes->found[low + j]]++;
}

/* ---- the run ---------------------------------------------------------------------------------------------- */

typedef struct {
    const eg_entry *schedule;
    int64_t n_entries;
    int64_t first_step;
    int64_t n_steps;
    double dt;
    int64_t done;
    const eg_meter *meter;
    eg_barrier barrier;
} eg_run_state;

/* Steps and jobs of one thread. Without a meter the compiler leaves out whatever has to do with it. */
static inline __attribute__((always_inline)) void walk(eg_run_state *run, int thread, int n_threads, const eg_meter *meter) {
    int64_t done = 0, stop = 0;
    int64_t *const spent = meter ? meter->spent + 3 * thread * meter->stride : NULL;
    while (done < run->n_steps && !stop) {
        const int64_t step = run->first_step + done;
        const eg_clock clock = {step, (double)step * run->dt, run->dt};
        int64_t before = meter ? eg_ticks() : 0;
        for (int64_t k = 0; k < run->n_entries; k++) {
            const eg_entry *entry = &run->schedule[k];
            if (entry->barrier) wait_for_all(&run->barrier, n_threads);
            if (entry->enabled && !*entry->enabled) continue;
            const int64_t begin = meter ? eg_ticks() : 0;
            stop |= entry->run(entry->arg, &clock, thread, n_threads);
            if (!meter) continue;
            const int64_t end = eg_ticks();
            spent[3 * k] += 1;
            spent[3 * k + 1] += begin - before;
            spent[3 * k + 2] += end - begin;
            for (int list = 0; list < 2; list++) count_found(&meter->tally[2 * k + list], thread, n_threads);
            before = eg_ticks();
        }
        done++;
    }
    if (thread == 0) run->done = done;
}

static void run_thread(void *arg, int thread, int n_threads) { walk(arg, thread, n_threads, NULL); }

static void run_metered(void *arg, int thread, int n_threads) {
    eg_run_state *run = arg;
    walk(run, thread, n_threads, run->meter);
}

/* Run up to n_steps steps; returns how many were done (fewer where a job asked to stop). The meter may be NULL. */
EG_EXPORT int64_t eg_run(const eg_entry *schedule, int64_t n_entries, int64_t first_step, int64_t n_steps, double dt,
                         int n_threads, const eg_meter *meter) {
    eg_run_state run = {.schedule = schedule, .n_entries = n_entries, .first_step = first_step, .n_steps = n_steps,
                        .dt = dt, .meter = meter};
    eg_parallel(meter ? run_metered : run_thread, &run, n_threads);
    return run.done;
}

/* ---- the engine's own jobs -------------------------------------------------------------------------------- */

typedef struct {
    const eg_spikes *spikes;
    const uint8_t *enabled;
} eg_join_args;

/* Join what the threads found in this step into the spike list of the step; a disabled population emits none. */
EG_EXPORT int64_t eg_join_spikes(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_join_args *join = arg;
    const eg_spikes *spikes = join->spikes;
    const int64_t row = eg_ring_row(clock->step, spikes->length);
    int64_t low, high, offset = 0;
    if (!*join->enabled) {
        if (thread == n_threads - 1) spikes->count[row] = 0;
        return 0;
    }
    eg_range(spikes->n, thread, n_threads, &low, &high);
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

/* Set an array to zero: inputs of rate-coded neurons, before they are summed up. */
EG_EXPORT int64_t eg_zero(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_array *array = arg;
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
    double *rate;   /* (n,): Hz */
    int64_t window; /* steps */
    const uint8_t *enabled;
} eg_rate_args;

static void count_spikes(const eg_rate_args *args, int64_t step, int change, int64_t low, int64_t high, double hertz) {
    const eg_spikes *spikes = args->spikes;
    const int64_t row = eg_ring_row(step, spikes->length);
    const uint32_t *list = spikes->rank + row * spikes->n;
    for (int64_t e = eg_lower_bound(list, 0, spikes->count[row], low); e < spikes->count[row] && list[e] < high; e++) {
        args->count[list[e]] += change;
        if (*args->enabled) args->rate[list[e]] = args->count[list[e]] * hertz;
    }
}

/* Spikes of this step enter the window, those that are `window` steps old leave it. */
EG_EXPORT int64_t eg_firing_rate(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_rate_args *args = arg;
    const double hertz = 1000.0 / ((double)args->window * clock->dt);
    int64_t low, high;
    eg_range(args->spikes->n, thread, n_threads, &low, &high);
    count_spikes(args, clock->step - args->window, -1, low, high, hertz);
    count_spikes(args, clock->step, 1, low, high, hertz);
    return 0;
}

typedef struct {
    eg_array from;
    int64_t kind; /* of the elements: 0 double, 1 int64, 2 bool */
    int64_t op;   /* 0 mean, 1 min, 2 max, 3 norm1, 4 norm2 */
    double *result;
} eg_reduce_args;

static double element(const eg_array *array, int64_t kind, int64_t i) {
    switch (kind) {
    case 0: return ((const double *)array->data)[i];
    case 1: return (double)((const int64_t *)array->data)[i];
    default: return (double)((const uint8_t *)array->data)[i];
    }
}

/* One number over a population, by one thread: eight sums and a fixed tree, as in every sum. */
EG_EXPORT int64_t eg_reduce(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_reduce_args *reduce = arg;
    const int64_t n = reduce->from.n;
    double sum[8] = {0}, best = n ? element(&reduce->from, reduce->kind, 0) : 0.0;
    (void)clock; (void)n_threads;
    if (thread != 0) return 0;
    for (int64_t i = 0; i < n; i++) {
        const double x = element(&reduce->from, reduce->kind, i);
        switch (reduce->op) {
        case 0: sum[i & 7] += x; break;
        case 1: best = x < best ? x : best; break;
        case 2: best = x > best ? x : best; break;
        case 3: sum[i & 7] += x < 0.0 ? -x : x; break;
        default: sum[i & 7] += x * x; break;
        }
    }
    const double total = ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
    switch (reduce->op) {
    case 0: *reduce->result = total / (double)n; break;
    case 1: case 2: *reduce->result = best; break;
    case 3: *reduce->result = total; break;
    default: *reduce->result = __builtin_sqrt(total); break;
    }
    return 0;
}

/* One block of a record. Every thread counts for itself and comes to the same number. */
typedef struct {
    char *data;      /* (capacity, row) */
    int64_t *step;   /* (capacity,): of each spike; NULL for values */
    int64_t capacity;
    int64_t period, offset, origin; /* steps: sampled where (step - origin) % period == offset */
    const uint8_t *active;
    int64_t *used;   /* (EG_MAX_THREADS * 8,) */
} eg_block;

typedef struct {
    eg_array from;
    eg_block block;
    const int64_t *ranks; /* (n_ranks,), ascending: of the neurons that are recorded; NULL for all */
    int64_t n_ranks;
} eg_record_args;

static int is_due(const eg_block *block, const eg_clock *clock) {
    return *block->active && eg_ring_row(clock->step - block->origin, block->period) == block->offset;
}

/* Record one row of values; stops the run when the block is full. */
EG_EXPORT int64_t eg_record(void *arg, const eg_clock *clock, int thread, int n_threads) {
    eg_record_args *record = arg;
    int64_t *used = &record->block.used[thread * 8];
    if (!is_due(&record->block, clock)) return 0;
    const int64_t size = record->from.item_bytes, n = record->ranks ? record->n_ranks : record->from.n;
    char *row = record->block.data + *used * n * size;
    int64_t low, high;
    eg_range(n, thread, n_threads, &low, &high);
    if (record->ranks) {
        for (int64_t j = low; j < high; j++) memcpy(row + j * size, record->from.data + record->ranks[j] * size, (size_t)size);
    } else {
        memcpy(row + low * size, record->from.data + low * size, (size_t)((high - low) * size));
    }
    *used += 1;
    return *used == record->block.capacity;
}

typedef struct {
    const eg_spikes *spikes;
    eg_block block;
    const int64_t *ranks; /* as above */
    int64_t n_ranks;
} eg_record_spikes_args;

/* Record the spikes of this step; stops the run when the next step might not fit. */
EG_EXPORT int64_t eg_record_spikes(void *arg, const eg_clock *clock, int thread, int n_threads) {
    eg_record_spikes_args *record = arg;
    const eg_spikes *spikes = record->spikes;
    int64_t *used = &record->block.used[thread * 8];
    (void)n_threads;
    if (!is_due(&record->block, clock)) return 0;
    const int64_t row = eg_ring_row(clock->step, spikes->length), count = spikes->count[row];
    const uint32_t *list = spikes->rank + row * spikes->n;
    uint32_t *ranks = (uint32_t *)record->block.data;
    int64_t next = *used;
    for (int64_t e = 0, wanted = 0; e < count; e++) {
        if (record->ranks) { /* both lists ascend */
            while (wanted < record->n_ranks && record->ranks[wanted] < list[e]) wanted++;
            if (wanted == record->n_ranks) break;
            if (record->ranks[wanted] != list[e]) continue;
        }
        if (thread == 0) {
            ranks[next] = list[e];
            record->block.step[next] = clock->step;
        }
        next++;
    }
    *used = next;
    return *used + spikes->n > record->block.capacity;
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
