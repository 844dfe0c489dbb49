/* Packed rows (engram_packed.h): made of projections, cut for threads, and walked by spikes.
 *
 * eg_deliver is a job of the engine.
 */
#define _DEFAULT_SOURCE /* madvise */
#include "engram_packed.h"
#include "engram_agreement.h"

#include <string.h>
#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#include <unistd.h>
#endif

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

#define EG_MAX_MEMBERS 256

typedef struct {
    const eg_packed *packed;  /* to be filled */
    const eg_member *members; /* by ascending `first`; or none, where rows are cut anew: */
    int64_t n_members;
    const eg_packed *before;  /* the same rows with other cuts; the weights, and perhaps the index, are the same arrays */
    char *scratch;            /* (n_chunks, scratch_bytes): see eg_gathered */
    int64_t scratch_bytes;
    int64_t longest;          /* what a row may have in it */
} eg_pack_call;

/* One row in the order (delay, target): what is brought together before it is dealt out to the slices. */
typedef struct {
    int64_t *end;  /* (n_delays,): behind the last synapse of each delay */
    int64_t *next; /* (n_delays,): the first one that has not been dealt out */
    char *weight;     /* (longest,), 8 bytes each at most */
    uint32_t *target; /* (longest,) */
} eg_gathered;

static eg_gathered gathered_in(const eg_pack_call *call, int chunk) {
    char *const scratch = call->scratch + chunk * call->scratch_bytes;
    int64_t *const table = (int64_t *)scratch;
    char *const weight = scratch + 2 * call->packed->n_delays * 8;
    return (eg_gathered){table, table + call->packed->n_delays, weight, (uint32_t *)(weight + 8 * call->longest)};
}

static inline void copy_weights(const eg_packed *p, const void *from, int64_t k, void *to, int64_t n, int64_t count) {
    if (p->weight_kind == EG_WEIGHT_FLOAT) memcpy((float *)to + n, (const float *)from + k, (size_t)count * 4);
    else if (p->weight_kind) memcpy((double *)to + n, (const double *)from + k, (size_t)count * 8);
}

/* A row out of the canonical ones of projections. */
static void gather_members(const eg_pack_call *call, int64_t row, eg_gathered *out) {
    const eg_packed *p = call->packed;
    int64_t next[EG_MAX_MEMBERS], n = 0;
    for (int64_t m = 0; m < call->n_members; m++) next[m] = call->members[m].start[row];
    for (int64_t d = 0; d < p->n_delays; d++) {
        for (int64_t m = 0; m < call->n_members; m++) {
            const eg_member *member = &call->members[m];
            const int64_t begin = next[m], end = member->start[row + 1];
            int64_t k = begin;
            while (k < end && (member->delay_of ? member->delay_of[k] : member->uniform) == p->delay[d]) k++;
            for (int64_t j = begin; j < k; j++) out->target[n + j - begin] = (uint32_t)member->first + member->rank[j];
            copy_weights(p, member->weight, begin, out->weight, n, k - begin);
            n += k - begin;
            next[m] = k;
        }
        out->end[d] = n;
    }
}

/* A row out of packed ones. */
static void gather_slices(const eg_packed *p, int64_t row, eg_gathered *out) {
    int64_t n = 0;
    for (int64_t d = 0; d < p->n_delays; d++) {
        for (int64_t s = 0; s < p->n_slices; s++) {
            const eg_slice slice = slice_of(p, row, d, s);
            for (int64_t k = slice.from; k < slice.to; k++)
                out->target[n + k - slice.from] = (uint32_t)(p->cut[s] + at(p->index, p->index_bytes, k));
            copy_weights(p, p->weight, slice.from, out->weight, n, slice.to - slice.from);
            n += slice.to - slice.from;
        }
        out->end[d] = n;
    }
}

/* Write a row in the order (slice, delay, target). */
static void deal_out(const eg_packed *p, int64_t row, eg_gathered *from) {
    int64_t to = p->start[row], slot = slot_of(p, row, 0, 0);
    for (int64_t d = 0; d < p->n_delays; d++) from->next[d] = d ? from->end[d - 1] : 0;
    for (int64_t s = 0; s < p->n_slices; s++) {
        for (int64_t d = 0; d < p->n_delays; d++, slot++) {
            const int64_t begin = from->next[d], end = from->end[d], behind = p->cut[s + 1];
            int64_t k = begin;
            put(p->offset, p->offset_bytes, slot, to - p->start[row]);
            for (; k < end && from->target[k] < behind; k++)
                put(p->index, p->index_bytes, to + k - begin, from->target[k] - p->cut[s]);
            copy_weights(p, from->weight, begin, p->weight, to, k - begin);
            to += k - begin;
            from->next[d] = k;
        }
    }
    put(p->offset, p->offset_bytes, slot, to - p->start[row]);
}

static void pack_rows(const void *arg, int chunk, int n_chunks) {
    const eg_pack_call *call = arg;
    const eg_packed *p = call->packed;
    eg_gathered gathered = gathered_in(call, chunk);
    int64_t low, high;
    rows_of(p->start, p->n_rows, chunk, n_chunks, &low, &high);
    for (int64_t row = low; row < high; row++) {
        if (call->before) gather_slices(call->before, row, &gathered);
        else gather_members(call, row, &gathered);
        deal_out(p, row, &gathered);
    }
}

/* Fill index, weight and offset: bring the rows of projections together, or cut the arena otherwise. */
EG_EXPORT void eg_pack(eg_parallel_fn parallel, int n_chunks, const eg_pack_call *call) {
    share(parallel, n_chunks, pack_rows, call);
}

/* Give memory back whose contents nobody reads again: the whole pages in it. It may be written anew. */
EG_EXPORT void eg_give_back(char *from, int64_t n_bytes) {
#ifdef MADV_DONTNEED
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)from;
    const uintptr_t low = (begin + page - 1) / page * page, high = (begin + (uintptr_t)n_bytes) / page * page;
    if (low < high) madvise((void *)low, high - low, MADV_DONTNEED); /* where this fails memory is only used longer */
#else
    (void)from; (void)n_bytes;
#endif
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
} eg_deliver_args;

typedef struct {
    int64_t from, to;
    int64_t base; /* the target from which the index counts */
} eg_row_part;

#define EG_LIST 128 /* spikes that are listed before they are looked up, and parts of rows before they are walked */
#define EG_PARTS_AHEAD 6 /* between asking for memory and walking it */

static inline void fetch(const char *from, int64_t bytes) {
    for (int64_t line = 0; line < bytes && line < 512; line += 64) __builtin_prefetch(from + line);
}

#define WALK(NAME, INDEX, TARGET, FETCH, WEIGHT)                                                                       \
    static void NAME(const eg_packed *p, const eg_row_part *list, int64_t n, TARGET single, TARGET *target) {           \
        const INDEX *const index = p->index;                                                                           \
        const float *const floats = p->weight;                                                                         \
        const double *const doubles = p->weight;                                                                       \
        (void)floats; (void)doubles; (void)single;                                                                     \
        for (int64_t i = -EG_PARTS_AHEAD; i < n; i++) {                                                            \
            if (i + EG_PARTS_AHEAD < n) {                                                                          \
                const eg_row_part next = list[i + EG_PARTS_AHEAD];                                                  \
                fetch((const char *)(index + next.from), (next.to - next.from) * (int64_t)sizeof(INDEX));              \
                FETCH;                                                                                                 \
            }                                                                                                          \
            if (i < 0) continue;                                                                                       \
            TARGET *const base = target + list[i].base;                                                                \
            for (int64_t k = list[i].from; k < list[i].to; k++) base[index[k]] += (TARGET)(WEIGHT);                    \
        }                                                                                                              \
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

typedef void (*walk_fn)(const eg_packed *p, const eg_row_part *list, int64_t n, double single, double *target);
typedef void (*walk_float_fn)(const eg_packed *p, const eg_row_part *list, int64_t n, float single, float *target);
static const walk_fn WALKS[2][3] = {{walk_short_one, walk_short_float, walk_short_double},
                                    {walk_long_one, walk_long_float, walk_long_double}};
static const walk_float_fn FLOAT_WALKS[2][3] = {{walk_short_one_f, walk_short_float_f, walk_short_double_f},
                                                {walk_long_one_f, walk_long_float_f, walk_long_double_f}};

static void walk(const eg_deliver_args *a, const eg_row_part *list, int64_t n) {
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

/* What one thread does in one step. */
typedef struct {
    const eg_deliver_args *args;
    int64_t first, last;      /* its slices, the last one exclusive */
    const int64_t (*open)[2]; /* the targets at which spikes arrive */
    int64_t n_open;           /* negative: at all of them */
} eg_part;

typedef struct {
    int64_t row, d;
} eg_visit;

/* Look up where the synapses of some spikes are, then walk them. */
static void visit(const eg_part *part, const eg_visit *visits, int64_t n_visits) {
    const eg_packed *p = part->args->packed;
    const int64_t n_open = part->n_open;
    eg_row_part list[EG_LIST];
    int64_t n = 0;
    for (int64_t v = 0; v < n_visits; v++) {
        for (int64_t s = part->first; s < part->last; s++) {
            const eg_slice mine = slice_of(p, visits[v].row, visits[v].d, s);
            for (int64_t r = 0; r < (n_open < 0 ? 1 : n_open); r++) {
                const int64_t low = n_open < 0 ? mine.from : find(p, s, mine.from, mine.to, part->open[r][0]);
                const int64_t high = n_open < 0 ? mine.to : find(p, s, low, mine.to, part->open[r][1]);
                if (low == high) continue;
                list[n++] = (eg_row_part){low, high, p->cut[s]};
                if (n < EG_LIST) continue;
                walk(part->args, list, n);
                n = 0;
            }
        }
    }
    walk(part->args, list, n);
}

/* Deliver what arrives in this step, oldest emission first. Memory is asked for well before it is needed: while spikes
 * are listed what tells where their synapses are, and while those are walked the ones that follow. */
EG_EXPORT int64_t eg_deliver(void *arg, const eg_clock *clock, int thread, int n_threads) {
    const eg_deliver_args *a = arg;
    const eg_packed *p = a->packed;
    const eg_spikes *spikes = a->spikes;
    const int64_t now = eg_ring_row(clock->step, spikes->length);
    int64_t open[EG_MAX_MEMBERS][2];
    eg_part part = {.args = a, .open = open, .n_open = find_open(a, open)};
    part.first = p->n_slices * thread / n_threads;
    part.last = p->n_slices * (thread + 1) / n_threads;
    if (part.first == part.last || part.n_open == 0) return 0;
    eg_visit visits[EG_LIST];
    int64_t n = 0;
    for (int64_t d = p->n_delays - 1; d >= 0; d--) {
        const int64_t emitted = eg_ring_back(now, p->delay[d], spikes->length);
        const uint32_t *const ranks = spikes->rank + emitted * spikes->n;
        for (int64_t e = 0; e < spikes->count[emitted]; e++) {
            __builtin_prefetch((const char *)p->offset + slot_of(p, ranks[e], d, part.first) * p->offset_bytes);
            __builtin_prefetch(p->start + ranks[e]);
            visits[n++] = (eg_visit){ranks[e], d};
            if (n < EG_LIST) continue;
            visit(&part, visits, n);
            n = 0;
        }
    }
    visit(&part, visits, n);
    return 0;
}

EG_AGREEMENT(
    EG_STRUCT(eg_packed, n_rows, start, index, index_bytes, weight, weight_kind, delay, n_delays, offset,
              offset_bytes, n_slices, cut)
    EG_STRUCT(eg_member, start, rank, delay_of, uniform, weight, first)
    EG_STRUCT(eg_pack_call, packed, members, n_members, before, scratch, scratch_bytes, longest)
    EG_STRUCT(eg_arrival, low, high, n_flags, flag)
    EG_STRUCT(eg_deliver_args, spikes, packed, weight, weight_is_float, target, target_is_float, arrival,
              n_arrivals)
)
