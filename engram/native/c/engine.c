/* The engine: a pool of threads, and the loop over steps and jobs.
 *
 * Threads are POSIX threads of our own (libgomp hangs in a forked child
 * and is missing on some platforms). They sleep between runs and spin for a moment at barriers inside one.
 */
#include "engram.h"
#include "engram_agreement.h"

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

/* The same for whoever has to know before the task begins. */
static int find_threads(int n_threads) {
    if (n_threads > EG_MAX_THREADS) n_threads = EG_MAX_THREADS;
    if (n_threads <= 1) return 1;
    pthread_mutex_lock(&pool.lock);
    n_threads = start_helpers(n_threads);
    pthread_mutex_unlock(&pool.lock);
    return n_threads;
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
    eg_given_range(tally->spikes->ranges, tally->spikes->n_ranges, tally->spikes->n, thread, n_threads, &low, &high);
    for (int64_t j = 0; j < tally->spikes->found_count[thread * 8]; j++) tally->seen[tally->spikes->found[low + j]]++;
}

/* ---- the run ---------------------------------------------------------------------------------------------- */

/* What is run, call after call; made by native/table.py. */
typedef struct {
    const eg_entry *entry; /* the jobs of a step */
    int64_t n_entries;
    eg_record_block *const *record;
    int64_t n_records;
    int64_t *recorded; /* scratch (EG_MAX_THREADS, recorded_stride), see eg_clock */
    int64_t recorded_stride;
    eg_ahead *const *ahead;
    int64_t n_ahead;
    int64_t *step;     /* the network's clock: the number of finished steps */
    double dt;
    int64_t key_epoch; /* the upper half of the steps whose keys the jobs have */
    int64_t written;   /* how often Python had written into the tree at the last call */
    int64_t n_threads; /* of the last call */
} eg_program;

typedef struct {
    const eg_program *program;
    int64_t first, last; /* the entries that are run: first <= k < last */
    int64_t n_steps;
    int64_t done;
    const eg_meter *meter;
    eg_barrier barrier;
} eg_run_state;

/* Steps and jobs of one thread. Without a meter the compiler leaves out whatever has to do with it. */
static inline __attribute__((always_inline)) void walk(eg_run_state *run, int thread, int n_threads, const eg_meter *meter) {
    const eg_program *program = run->program;
    const int64_t first_step = *program->step, last = run->last;
    int64_t *const recorded = program->recorded + thread * program->recorded_stride;
    int64_t done = 0, stop = 0;
    int64_t *const spent = meter ? meter->spent + 3 * thread * meter->stride : NULL;
    memset(recorded, 0, (size_t)program->n_records * sizeof(int64_t));
    while (done < run->n_steps && !stop) {
        const int64_t step = first_step + done;
        const eg_clock clock = {step, (double)step * program->dt, program->dt, recorded};
        int64_t before = meter ? eg_ticks() : 0;
        for (int64_t k = run->first; k < last; k++) {
            const eg_entry *entry = &program->entry[k];
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

static int has_room(const eg_program *program) {
    for (int64_t k = 0; k < program->n_records; k++) {
        const eg_record_block *block = program->record[k];
        if (!*block->active) continue;
        if (eg_is_full(block->head, 0, block->least) || (block->steps && eg_is_full(block->steps, 0, block->least))) return 0;
    }
    return 1;
}

/* Sums that were put aside are of the values of the last call, and each thread has those of its share. */
static void forget_ahead(eg_program *program, int64_t written, int n_threads) {
    if (written == program->written && n_threads == program->n_threads) return;
    for (int64_t k = 0; k < program->n_ahead; k++)
        for (int thread = 0; thread < n_threads; thread++) program->ahead[k]->ready[thread * 8] = -1;
    program->written = written;
    program->n_threads = n_threads;
}

/* The tree as it is after some steps; after a part of one the clock stands. */
static void finish(const eg_program *program, int64_t done) {
    for (int64_t k = 0; k < program->n_records; k++) {
        program->record[k]->head->used += program->recorded[k];
        if (program->record[k]->steps) program->record[k]->steps->used += program->recorded[k];
    }
    *program->step += done;
}

static int64_t run_entries(eg_program *program, eg_run_state *run, int64_t n_threads, int64_t written) {
    if (*program->step >> 32 != program->key_epoch || !has_room(program)) return -1;
    const int found_threads = find_threads((int)n_threads);
    forget_ahead(program, written, found_threads);
    eg_parallel(run->meter ? run_metered : run_thread, run, found_threads);
    return run->done;
}

/* Run up to n_steps steps; returns how many were done. Fewer are done where a job asks to stop, and where the upper half
 * of the step changes. Nothing happens, and -1 is returned, where the keys are those of other steps, and where an active
 * record has no room for a step. `written` grows when Python writes into the tree. The meter may be NULL. */
EG_EXPORT int64_t eg_run(eg_program *program, int64_t n_steps, int64_t n_threads, int64_t written, const eg_meter *meter) {
    const int64_t of_epoch = *program->step & 0xffffffff, left = ((int64_t)1 << 32) - of_epoch;
    eg_run_state run = {program, 0, program->n_entries, n_steps < left ? n_steps : left, .meter = meter};
    const int64_t done = run_entries(program, &run, n_threads, written);
    if (done >= 0) finish(program, done);
    return done;
}

/* Run the entries from `first` up to `last` of the present step, in which Python has something to do between two of them;
 * the clock stands. All parts of a step must have as many threads. Otherwise as eg_run. */
EG_EXPORT int64_t eg_run_part(eg_program *program, int64_t first, int64_t last, int64_t n_threads, int64_t written,
                              const eg_meter *meter) {
    eg_run_state run = {program, first, last, 1, .meter = meter};
    const int64_t done = run_entries(program, &run, n_threads, written);
    if (done >= 0) finish(program, 0);
    return done;
}

EG_AGREEMENT(
    EG_STRUCT(eg_spikes, rank, count, length, n, found, found_count, ranges, n_ranges)
    EG_STRUCT(eg_rows, n_rows, start, rank, short_rank, delay, n_delays, segment, delay_of, column_start,
              column_slot, column_pre, multapse, in_flight, axons_in_flight)
    EG_STRUCT(eg_in_flight, since, arrives, emitted, synapse, pre, n)
    EG_STRUCT(eg_fills, uniform, normal, exponential, poisson, binomial, tabled)
    EG_STRUCT(eg_args, slot, length, key, fill, n, n_pre, spikes, axons, rows, compared, ahead, ranges, n_ranges)
    EG_STRUCT(eg_ahead, sum, ready)
    EG_STRUCT(eg_record_block, head, steps, active, period, offset, origin, least, number)
    EG_STRUCT(eg_head, data, rows, used)
    EG_STRUCT(eg_entry, run, arg, barrier, enabled)
    EG_STRUCT(eg_tally, spikes, seen)
    EG_STRUCT(eg_meter, spent, stride, tally)
    EG_STRUCT(eg_program, entry, n_entries, record, n_records, recorded, recorded_stride, ahead, n_ahead, step, dt,
              key_epoch, written, n_threads)
)
