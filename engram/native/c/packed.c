/* Packed rows: the synapses that do nothing but add their weight, of one or several projections of one presynaptic
 * population, as spikes walk them.
 *
 * A row belongs to a presynaptic neuron and is sorted by (delay, target); a target is an element of the arena in which
 * the conductances of several populations lie. The arena is cut into slices, each of which one thread writes and an
 * index of 16 bits can tell apart. `offset` says where each delay begins in a row, and within it each slice, so that a
 * spike costs one look-up and one walk over neighbouring memory. engram/wiring/packed.py allocates all arrays; no result
 * depends on how the arena is cut or work is shared out.
 */
#include "engram.h"
#include "engram_share.h"

#include <string.h>

enum { EG_NO_WEIGHT = 0, EG_WEIGHT_FLOAT = 1, EG_WEIGHT_DOUBLE = 2 };

typedef struct {
    int64_t n_rows;
    const int64_t *start; /* (n_rows + 1,): where rows begin in index and weight */
    void *index;          /* (n,): targets, counted from the beginning of their slice */
    int64_t index_bytes;  /* 2 or 4 */
    void *weight;         /* (n,); NULL where one number serves all */
    int64_t weight_kind;
    const int64_t *delay; /* (n_delays,): those that occur, ascending, in steps */
    int64_t n_delays;
    void *offset;         /* (n_rows, n_delays * n_slices + 1): from the start of the row */
    int64_t offset_bytes; /* 2 or 4 */
    int64_t n_slices;
    const int64_t *cut;   /* (n_slices + 1,): slice s holds the targets from cut[s] to below cut[s + 1] */
} eg_packed;

static inline int64_t at(const void *array, int64_t bytes, int64_t k) {
    return bytes == 2 ? ((const uint16_t *)array)[k] : ((const uint32_t *)array)[k];
}

static inline void put(void *array, int64_t bytes, int64_t k, int64_t value) {
    if (bytes == 2) ((uint16_t *)array)[k] = (uint16_t)value;
    else ((uint32_t *)array)[k] = (uint32_t)value;
}

static inline int64_t slot_of(const eg_packed *p, int64_t row, int64_t d, int64_t s) {
    return row * (p->n_delays * p->n_slices + 1) + d * p->n_slices + s;
}

/* The first synapse of a slice, and behind its last that of the next one. */
static inline int64_t begin_of(const eg_packed *p, int64_t row, int64_t d, int64_t s) {
    return p->start[row] + at(p->offset, p->offset_bytes, slot_of(p, row, d, s));
}

/* The first position in [from, to) of slice s whose target is not below `target`. No branch depends on what is found:
 * a wrong guess of the processor costs more than a step of the search. */
#define FIND(NAME, INDEX)                                                                                              \
    static inline int64_t NAME(const INDEX *index, int64_t from, int64_t n, int64_t target) {                          \
        while (n > 0) {                                                                                                \
            const int64_t half = (n + 1) / 2;                                                                          \
            from += (int64_t)index[from + half - 1] < target ? half : 0;                                               \
            n -= half;                                                                                                 \
        }                                                                                                              \
        return from;                                                                                                   \
    }
FIND(find_short, uint16_t)
FIND(find_long, uint32_t)

static int64_t find(const eg_packed *p, int64_t s, int64_t from, int64_t to, int64_t target) {
    if (from >= to) return from;
    target -= p->cut[s];
    return p->index_bytes == 2 ? find_short(p->index, from, to - from, target) : find_long(p->index, from, to - from, target);
}

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

/* ---- one projection among them ---------------------------------------------------------------------------- */

/* Where its synapses are, and copies of them: out of the packed rows, or of its weights into them. */
typedef struct {
    const eg_packed *packed;
    int64_t first, n;     /* its targets in the arena */
    void *part;           /* (n_rows, n_delays, 2): from and to, from the start of the row; as wide as the offsets */
    const int64_t *start; /* of the projection's own rows */
    int64_t skipped;      /* synapses before the first row that is copied: the arrays below begin there */
    uint32_t *rank;       /* one of the three; the others are NULL */
    uint16_t *delay_of;
    void *weight;
    int64_t is_put;       /* weights go into the packed rows */
    int64_t low, high;    /* rows */
} eg_copy;

static void find_parts(const void *arg, int chunk, int n_chunks) {
    const eg_copy *copy = arg;
    const eg_packed *p = copy->packed;
    int64_t first = 0, last = p->n_slices - 1, low, high; /* slices of its first and its last target */
    while (first < last && p->cut[first + 1] <= copy->first) first++;
    while (last > first && p->cut[last] >= copy->first + copy->n) last--;
    rows_of(p->start, p->n_rows, chunk, n_chunks, &low, &high);
    for (int64_t row = low; row < high; row++) {
        for (int64_t d = 0; d < p->n_delays; d++) {
            const int64_t at = 2 * (row * p->n_delays + d), start = p->start[row];
            const int64_t from = find(p, first, begin_of(p, row, d, first), begin_of(p, row, d, first + 1), copy->first);
            const int64_t to = find(p, last, begin_of(p, row, d, last), begin_of(p, row, d, last + 1), copy->first + copy->n);
            put(copy->part, p->offset_bytes, at, from - start);
            put(copy->part, p->offset_bytes, at + 1, (to < from ? from : to) - start);
        }
    }
}

EG_EXPORT void eg_find_parts(eg_parallel_fn parallel, int n_chunks, const eg_copy *copy) {
    share(parallel, n_chunks, find_parts, copy);
}

/* Copies of one part. Parts are short, so whole blocks are copied where `room` elements may be written and read: what is
 * too much is overwritten by the part that follows. */
#define COPY(NAME, FROM, TO, BLOCK, VALUE)                                                                             \
    static inline void NAME(const FROM *from, TO *to, int64_t n, int64_t room, TO shift) {                             \
        (void)from; (void)shift;                                                                                       \
        if ((n + BLOCK - 1) / BLOCK * BLOCK > room) {                                                                  \
            for (int64_t j = 0; j < n; j++) to[j] = VALUE;                                                             \
        } else {                                                                                                       \
            for (int64_t block = 0; block < n; block += BLOCK)                                                         \
                for (int64_t j = block; j < block + BLOCK; j++) to[j] = VALUE;                                         \
        }                                                                                                              \
    }
COPY(copy_short, uint16_t, uint32_t, 16, from[j] + shift)
COPY(copy_long, uint32_t, uint32_t, 16, from[j] + shift)
COPY(copy_words, uint32_t, uint32_t, 16, from[j])
COPY(copy_pairs, uint64_t, uint64_t, 8, from[j])
COPY(fill_delays, uint16_t, uint16_t, 32, shift)

/* Ranks of a part that may lie in several slices, the first of them `s`. */
static void copy_ranks(const eg_copy *copy, int64_t row, int64_t d, int64_t s, int64_t from, int64_t to, uint32_t *rank,
                       int64_t room) {
    const eg_packed *p = copy->packed;
    for (; from < to; s++) {
        const int64_t behind = begin_of(p, row, d, s + 1), end = behind < to ? behind : to, n = end - from;
        const uint32_t shift = (uint32_t)(p->cut[s] - copy->first);
        if (n <= 0) continue;
        if (p->index_bytes == 2) copy_short((const uint16_t *)p->index + from, rank, n, room, shift);
        else copy_long((const uint32_t *)p->index + from, rank, n, room, shift);
        rank += n;
        room -= n;
        from = end;
    }
}

#define EG_PARTS_AHEAD 8 /* parts between asking for memory and copying it: they lie apart */
enum { EG_RANKS, EG_DELAYS, EG_WEIGHTS };

/* Copy one of the three values; compiled for each, and for offsets of either width. */
static inline __attribute__((always_inline)) void copy_value(const eg_copy *copy, int64_t low, int64_t high, int value,
                                                             int64_t offset_bytes) {
    const eg_packed *p = copy->packed;
    const int64_t n_delays = p->n_delays, n_syn = p->start[p->n_rows], n_parts = copy->high * n_delays;
    const int64_t behind = copy->start[high] - copy->skipped; /* what other threads write begins there */
    const int64_t size = value == EG_RANKS ? p->index_bytes : p->weight_kind == EG_WEIGHT_FLOAT ? 4 : 8;
    const char *const data = value == EG_RANKS ? p->index : p->weight;
    const void *const part = copy->part;
    int64_t first = 0, k = copy->start[low] - copy->skipped; /* slice of the first target; where the next part goes */
    while (p->cut[first + 1] <= copy->first && first + 1 < p->n_slices) first++;
    const int is_short = p->index_bytes == 2 && copy->first + copy->n <= p->cut[first + 1]; /* in one slice, too */
    const uint32_t shift = (uint32_t)(p->cut[first] - copy->first);
    for (int64_t row = low; row < high; row++) {
        const int64_t start = p->start[row];
        for (int64_t d = 0; d < n_delays; d++) {
            const int64_t at_part = row * n_delays + d, ahead = at_part + EG_PARTS_AHEAD;
            const int64_t from = start + at(part, offset_bytes, 2 * at_part);
            const int64_t to = start + at(part, offset_bytes, 2 * at_part + 1), n = to - from;
            const int64_t left = behind - k, room = left < n_syn - from ? left : n_syn - from;
            if (value != EG_DELAYS && ahead < n_parts) { /* where that is in the next row, this is a guess */
                const char *const next = data + (start + at(part, offset_bytes, 2 * ahead)) * size;
                __builtin_prefetch(next);
                if (value == EG_WEIGHTS) __builtin_prefetch(next + 64);
            }
            if (value == EG_RANKS && is_short) {
                copy_short((const uint16_t *)data + from, copy->rank + k, n, room, shift);
            } else if (value == EG_RANKS) {
                copy_ranks(copy, row, d, first, from, to, copy->rank + k, room);
            } else if (value == EG_DELAYS) {
                fill_delays(NULL, copy->delay_of + k, n, left, (uint16_t)p->delay[d]);
            } else if (copy->is_put) {
                memcpy((char *)p->weight + from * size, (char *)copy->weight + k * size, (size_t)(n * size));
            } else if (size == 4) {
                copy_words((const uint32_t *)data + from, (uint32_t *)copy->weight + k, n, room, 0);
            } else {
                copy_pairs((const uint64_t *)data + from, (uint64_t *)copy->weight + k, n, room, 0);
            }
            k += n;
        }
    }
}

static void copy_rows(const void *arg, int chunk, int n_chunks) {
    const eg_copy *copy = arg;
    const int64_t n = copy->high - copy->low;
    const int64_t low = copy->low + cut(n, chunk, n_chunks), high = copy->low + cut(n, chunk + 1, n_chunks);
    const int is_narrow = copy->packed->offset_bytes == 2;
    if (copy->rank && is_narrow) copy_value(copy, low, high, EG_RANKS, 2);
    else if (copy->rank) copy_value(copy, low, high, EG_RANKS, 4);
    else if (copy->delay_of && is_narrow) copy_value(copy, low, high, EG_DELAYS, 2);
    else if (copy->delay_of) copy_value(copy, low, high, EG_DELAYS, 4);
    else if (is_narrow) copy_value(copy, low, high, EG_WEIGHTS, 2);
    else copy_value(copy, low, high, EG_WEIGHTS, 4);
}

EG_EXPORT void eg_copy_rows(eg_parallel_fn parallel, int n_chunks, const eg_copy *copy) {
    share(parallel, n_chunks, copy_rows, copy);
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
