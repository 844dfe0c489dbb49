/* Packed rows (engram_packed.h): made of projections, cut for threads, and walked by spikes.
 *
 * Called by engram/wiring/packed.py; eg_deliver is a job of the engine.
 */
#include "engram_packed.h"

/* Writes the targets of one row and delay in ascending order, and where the slices begin. */
typedef struct {
    const eg_packed *packed;
    int64_t row, d, s;
} eg_targets;

static inline eg_targets begin_targets(const eg_packed *p, int64_t row, int64_t d, int64_t to) {
    put(p->offset, p->offset_bytes, slot_of(p, row, d, 0), to - p->start[row]);
    return (eg_targets){p, row, d, 0};
}

static inline void next_slice(eg_targets *t, int64_t to) {
    const eg_packed *p = t->packed;
    t->s++;
    put(p->offset, p->offset_bytes, slot_of(p, t->row, t->d, t->s), to - p->start[t->row]);
}

static inline void put_target(eg_targets *t, int64_t to, int64_t target) {
    const eg_packed *p = t->packed;
    while (target >= p->cut[t->s + 1]) next_slice(t, to);
    put(p->index, p->index_bytes, to, target - p->cut[t->s]);
}

static inline void end_targets(eg_targets *t, int64_t to) {
    while (t->s < t->packed->n_slices) next_slice(t, to);
}

/* ---- packing ---------------------------------------------------------------------------------------------- */

/* One projection in canonical form. */
typedef struct {
    const int64_t *start;
    const uint32_t *rank;
    const uint16_t *delay_of; /* NULL: all have `uniform` */
    int64_t uniform;
    const void *weight; /* of the packed rows' kind */
    int64_t first; /* of its targets in the arena: first + rank */
} eg_member;

typedef struct {
    const eg_packed *packed;
    const eg_member *members; /* by ascending `first` */
    int64_t n_members;
} pack_call;

#define EG_MAX_MEMBERS 256

static void pack_rows(const void *arg, int chunk, int n_chunks) {
    const pack_call *call = arg;
    const eg_packed *p = call->packed;
    int64_t next[EG_MAX_MEMBERS], low, high;
    rows_of(p->start, p->n_rows, chunk, n_chunks, &low, &high);
    for (int64_t row = low; row < high; row++) {
        int64_t to = p->start[row];
        for (int64_t m = 0; m < call->n_members; m++) next[m] = call->members[m].start[row];
        for (int64_t d = 0; d < p->n_delays; d++) {
            eg_targets targets = begin_targets(p, row, d, to);
            for (int64_t m = 0; m < call->n_members; m++) {
                const eg_member *member = &call->members[m];
                const int64_t end = member->start[row + 1];
                int64_t k = next[m];
                for (; k < end && (member->delay_of ? member->delay_of[k] : member->uniform) == p->delay[d]; k++, to++) {
                    put_target(&targets, to, member->first + member->rank[k]);
                    if (p->weight_kind == EG_WEIGHT_FLOAT) ((float *)p->weight)[to] = ((const float *)member->weight)[k];
                    else if (p->weight_kind) ((double *)p->weight)[to] = ((const double *)member->weight)[k];
                }
                next[m] = k;
            }
            end_targets(&targets, to);
        }
    }
}

/* Bring the rows of projections together: fill index, weight and offset. */
EG_EXPORT void eg_pack(eg_parallel_fn parallel, int n_chunks, const eg_packed *packed, const eg_member *members,
                       int64_t n_members) {
    const pack_call call = {packed, members, n_members};
    share(parallel, n_chunks, pack_rows, &call);
}

typedef struct {
    const eg_packed *packed; /* with the old cuts */
    const eg_packed *wanted; /* the same rows, with new cuts, and an index and offsets to fill */
} cut_call;

static void cut_rows(const void *arg, int chunk, int n_chunks) {
    const cut_call *call = arg;
    const eg_packed *p = call->packed;
    int64_t low, high;
    rows_of(p->start, p->n_rows, chunk, n_chunks, &low, &high);
    for (int64_t row = low; row < high; row++) {
        for (int64_t d = 0; d < p->n_delays; d++) {
            int64_t k = begin_of(p, row, d, 0);
            eg_targets targets = begin_targets(call->wanted, row, d, k);
            for (int64_t s = 0; s < p->n_slices; s++)
                for (const int64_t to = begin_of(p, row, d, s + 1); k < to; k++)
                    put_target(&targets, k, p->cut[s] + at(p->index, p->index_bytes, k));
            end_targets(&targets, k);
        }
    }
}

/* Cut the arena otherwise. The new index may be the old one; offsets are others. */
EG_EXPORT void eg_cut(eg_parallel_fn parallel, int n_chunks, const eg_packed *packed, const eg_packed *wanted) {
    const cut_call call = {packed, wanted};
    share(parallel, n_chunks, cut_rows, &call);
}

/* ---- the walk --------------------------------------------------------------------------------------------- */

/* One projection: its targets, and bools that must all be true for spikes to arrive. */
typedef struct {
    int64_t low, high; /* targets, the last one exclusive */
    int64_t n_flags;
    const uint8_t *const *flag;
} eg_arrival;

typedef struct {
    const eg_spikes *spikes;
    const eg_packed *packed;
    const void *weight;      /* the number that serves all; NULL where synapses have their own */
    int64_t weight_is_float;
    void *target;            /* the arena */
    int64_t target_is_float; /* of its elements */
    const eg_arrival *arrival;
    int64_t n_arrivals;
    int64_t n; /* neurons, where a thread must write to its share of them (eg_range) and nowhere else; or 0 */
} eg_deliver_args;

typedef struct {
    int64_t from, to;
    int64_t base; /* the target from which the index counts */
} slice;

#define EG_LIST 256 /* slices that are looked up before they are walked */
#define EG_SLICES_AHEAD 6  /* slices between asking for memory and walking it */

static inline void fetch(const char *from, int64_t bytes) {
    for (int64_t line = 0; line < bytes && line < 512; line += 64) __builtin_prefetch(from + line);
}

#define WALK(NAME, INDEX, TARGET, FETCH, WEIGHT)                                                                         \
    static void NAME(const eg_packed *p, const slice *list, int64_t n, TARGET single, TARGET *target) {                  \
        const INDEX *const index = p->index;                                                                             \
        const float *const floats = p->weight;                                                                           \
        const double *const doubles = p->weight;                                                                         \
        (void)floats; (void)doubles; (void)single;                                                                       \
        for (int64_t i = 0; i < n; i++) {                                                                                \
            if (i + EG_SLICES_AHEAD < n) {                                                                                      \
                const slice next = list[i + EG_SLICES_AHEAD];                                                                   \
                fetch((const char *)(index + next.from), (next.to - next.from) * (int64_t)sizeof(INDEX));                \
                FETCH;                                                                                                   \
            }                                                                                                            \
            TARGET *const base = target + list[i].base;                                                                  \
            for (int64_t k = list[i].from; k < list[i].to; k++) base[index[k]] += (TARGET)(WEIGHT);                      \
        }                                                                                                                \
    }

#define FETCH_FLOATS fetch((const char *)(floats + next.from), (next.to - next.from) * 4)
#define FETCH_DOUBLES fetch((const char *)(doubles + next.from), (next.to - next.from) * 8)
WALK(walk_short_one, uint16_t, double, , single)
WALK(walk_short_float, uint16_t, double, FETCH_FLOATS, floats[k])
WALK(walk_short_double, uint16_t, double, FETCH_DOUBLES, doubles[k])
WALK(walk_long_one, uint32_t, double, , single)
WALK(walk_long_float, uint32_t, double, FETCH_FLOATS, floats[k])
WALK(walk_long_double, uint32_t, double, FETCH_DOUBLES, doubles[k])
WALK(walk_short_one_f, uint16_t, float, , single)
WALK(walk_short_float_f, uint16_t, float, FETCH_FLOATS, floats[k])
WALK(walk_short_double_f, uint16_t, float, FETCH_DOUBLES, doubles[k])
WALK(walk_long_one_f, uint32_t, float, , single)
WALK(walk_long_float_f, uint32_t, float, FETCH_FLOATS, floats[k])
WALK(walk_long_double_f, uint32_t, float, FETCH_DOUBLES, doubles[k])

typedef void (*walk_fn)(const eg_packed *p, const slice *list, int64_t n, double single, double *target);
typedef void (*walk_float_fn)(const eg_packed *p, const slice *list, int64_t n, float single, float *target);
static const walk_fn WALKS[2][3] = {{walk_short_one, walk_short_float, walk_short_double},
                                    {walk_long_one, walk_long_float, walk_long_double}};
static const walk_float_fn FLOAT_WALKS[2][3] = {{walk_short_one_f, walk_short_float_f, walk_short_double_f},
                                                {walk_long_one_f, walk_long_float_f, walk_long_double_f}};

static void walk(const eg_deliver_args *a, const slice *list, int64_t n) {
    const eg_packed *p = a->packed;
    const int is_long = p->index_bytes == 4;
    const double single = !a->weight ? 0.0 : a->weight_is_float ? *(const float *)a->weight : *(const double *)a->weight;
    if (a->target_is_float) FLOAT_WALKS[is_long][p->weight_kind](p, list, n, (float)single, a->target);
    else WALKS[is_long][p->weight_kind](p, list, n, single, a->target);
}

/* Of which targets spikes arrive at all: (n, 2). Returns -1 if at all of them. */
static int64_t find_open(const eg_deliver_args *a, int64_t (*open)[2]) {
    int64_t n = 0;
    for (int64_t k = 0; k < a->n_arrivals; k++) {
        const eg_arrival *arrival = &a->arrival[k];
        int is_open = 1;
        for (int64_t f = 0; f < arrival->n_flags; f++) is_open &= *arrival->flag[f];
        if (!is_open) continue;
        open[n][0] = arrival->low;
        open[n++][1] = arrival->high;
    }
    return n == a->n_arrivals ? -1 : n;
}

/* Deliver what arrives in this step, oldest emission first: look up a list of slices, then walk it. */
EG_EXPORT int64_t eg_deliver(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_deliver_args *a = arg;
    const eg_packed *p = a->packed;
    const eg_spikes *spikes = a->spikes;
    int64_t first = p->n_slices * thread / n_threads, last = p->n_slices * (thread + 1) / n_threads;
    int64_t least = p->cut[first], behind = p->cut[last]; /* targets */
    if (a->n && p->n_slices % n_threads) { /* fewer threads than were meant: slices are cut once more */
        first = 0;
        last = p->n_slices;
        eg_range(a->n, thread, n_threads, &least, &behind);
    }
    slice list[EG_LIST];
    int64_t open[EG_MAX_MEMBERS][2];
    const int64_t n_open = find_open(a, open);
    int64_t n = 0;
    if (first == last || n_open == 0) return 0;
    for (int64_t d = p->n_delays - 1; d >= 0; d--) {
        const int64_t emitted = eg_ring_row(clock->step - p->delay[d], spikes->length), count = spikes->count[emitted];
        const uint32_t *const ranks = spikes->rank + emitted * spikes->n;
        for (int64_t e = 0; e < count; e++) {
            const int64_t row = ranks[e];
            if (e + EG_SLICES_AHEAD < count) {
                const int64_t next = ranks[e + EG_SLICES_AHEAD];
                __builtin_prefetch((const char *)p->offset + slot_of(p, next, d, first) * p->offset_bytes);
                __builtin_prefetch(p->start + next);
            }
            for (int64_t s = first; s < last; s++) {
                int64_t from = begin_of(p, row, d, s), to = begin_of(p, row, d, s + 1);
                if (p->cut[s] < least) from = find(p, s, from, to, least);
                if (p->cut[s + 1] > behind) to = find(p, s, from, to, behind);
                for (int64_t r = 0; r < (n_open < 0 ? 1 : n_open); r++) {
                    const int64_t low = n_open < 0 ? from : find(p, s, from, to, open[r][0]);
                    const int64_t high = n_open < 0 ? to : find(p, s, low, to, open[r][1]);
                    if (low == high) continue;
                    list[n++] = (slice){low, high, p->cut[s]};
                    if (n < EG_LIST) continue;
                    walk(a, list, n);
                    n = 0;
                }
            }
        }
    }
    walk(a, list, n);
    return 0;
}
