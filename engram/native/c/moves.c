/* Arrays of synapses of which some go and to which others come: where these will stand, what stays moved to where it will,
 * in place where the array has room, and what is in flight.
 *
 * Called through ctypes by engram/wiring/native.py, which allocates every array; compiled for networks that need it.
 * engram_share.h says how the work is cut; nothing here can fail.
 */
#include "engram_share.h"

#include <string.h>

#define GONE UINT32_MAX
#define MIXED INT32_MIN

/* ---- positions -------------------------------------------------------------------------------------------- */

/* Behind which elements of rows that ascend, by delay where these differ, then by key, others would stand, behind all
 * that is equal. */
EG_EXPORT void eg_wiring_positions(eg_parallel_fn parallel, int n_chunks, int64_t n, const int64_t *row,
                                   const int64_t *key, const uint16_t *late, const int64_t *row_start,
                                   const uint32_t *keys, const uint16_t *delay, int64_t one_delay, int64_t *position) {
    (void)parallel, (void)n_chunks;
    for (int64_t i = 0; i < n; i++) {
        int64_t low = row_start[row[i]], high = row_start[row[i] + 1];
        while (low < high) {
            const int64_t middle = low + (high - low) / 2, there = delay ? delay[middle] : one_delay;
            const int is_equal = !late || there == late[i];
            if (is_equal ? keys[middle] <= key[i] : there < late[i]) low = middle + 1;
            else high = middle;
        }
        position[i] = low;
    }
}

/* Where each delay begins in each row (starts, n_rows * (n_delays + 1)), after some synapses have gone and others come.
 * is_known says whether no other delays occur then; if not, starts are void. */
EG_EXPORT void eg_wiring_resegmented(eg_parallel_fn parallel, int n_chunks, int64_t n_gone, int64_t n_new,
                                     const int64_t *row, const uint16_t *late, int64_t n_rows, int64_t n_delays,
                                     const int64_t *delays, uint32_t *starts, int64_t *is_known) {
    (void)parallel, (void)n_chunks;
    const int64_t width = n_delays + 1;
    *is_known = 0;
    for (int64_t i = 0; i < n_gone + n_new; i++) {
        const int64_t number = below(delays, n_delays, late[i], 0);
        if (number == n_delays || delays[number] != late[i]) return;
        const uint32_t more = i < n_gone ? UINT32_MAX : 1; /* what is less wraps around */
        for (int64_t j = number + 1; j < width; j++) starts[row[i] * width + j] += more;
    }
    for (int64_t j = 0; j < n_delays; j++) {
        int64_t r = 0;
        while (r < n_rows && starts[r * width + j] == starts[r * width + j + 1]) r++;
        if (r == n_rows) return; /* it no longer occurs */
    }
    *is_known = 1;
}

/* ---- what stays ------------------------------------------------------------------------------------------- */

typedef struct {
    int64_t n_before, n_gone, n_new, n_after;
    const int64_t *gone; /* (n_gone,) positions before, ascending */
    const int64_t *at;   /* (n_new,) positions afterwards, ascending */
} change;

/* What stays and moves together: n elements, behind g of those that go and before or behind i of those that come. */
typedef struct {
    int64_t from, to, n, g, i;
} group;

static group before_position(const change *of, int64_t to) {
    const int64_t i = below(of->at, of->n_new, to, 0);
    const int64_t g = below(of->gone, of->n_gone, to - i + 1, 1);
    return (group){to - i + g, to, 0, g, i};
}

/* Go on to the next group, up to a position afterwards. */
static int next(const change *of, group *s, int64_t end) {
    int64_t from = s->from + s->n, to = s->to + s->n;
    while (to < end) {
        if (s->i < of->n_new && of->at[s->i] == to) {
            s->i++, to++;
            continue;
        }
        if (s->g < of->n_gone && of->gone[s->g] == from) {
            s->g++, from++;
            continue;
        }
        int64_t until = s->i < of->n_new && of->at[s->i] < end ? of->at[s->i] : end;
        if (s->g < of->n_gone && of->gone[s->g] - from < until - to) until = to + of->gone[s->g] - from;
        s->from = from, s->to = to, s->n = until - to;
        return 1;
    }
    return 0;
}

/* The same from the end, where s begins as {n_before, n_after, 0, n_gone, n_new}. */
static int one_before(const change *of, group *s) {
    int64_t from = s->from, to = s->to;
    while (to > 0) {
        if (s->i > 0 && of->at[s->i - 1] == to - 1) {
            s->i--, to--;
            continue;
        }
        if (s->g > 0 && of->gone[s->g - 1] == from - 1) {
            s->g--, from--;
            continue;
        }
        const int64_t since_new = s->i > 0 ? to - 1 - of->at[s->i - 1] : to;
        const int64_t since_gone = s->g > 0 ? from - 1 - of->gone[s->g - 1] : from;
        s->n = since_new < since_gone ? since_new : since_gone;
        s->from = from - s->n, s->to = to - s->n;
        return 1;
    }
    return 0;
}

/* ---- arrays ----------------------------------------------------------------------------------------------- */

typedef struct {
    change of;
    int64_t n_arrays;
    const int64_t *width;     /* (n_arrays,) bytes of an element */
    char *const *old;         /* (n_arrays,) */
    const char *const *fresh; /* (n_arrays,) what comes */
    char *const *out;         /* (n_arrays,) where old is: it changes in place */
} changed_call;

static void put_fresh(const change *of, int64_t from, int64_t to, int64_t w, const char *fresh, char *out) {
    for (int64_t i = below(of->at, of->n_new, from, 0); i < of->n_new && of->at[i] < to; i++)
        memcpy(out + w * of->at[i], fresh + w * i, (size_t)w);
}

/* First what moves to the left, in ascending order, then what moves to the right, in descending order: nothing is
 * overwritten that has not moved yet, since all keep their order. */
static void change_in_place(const change *of, int64_t w, char *array) {
    group s = {0, 0, 0, 0, 0};
    while (next(of, &s, of->n_after))
        if (s.to < s.from) memmove(array + w * s.to, array + w * s.from, (size_t)(w * s.n));
    s = (group){of->n_before, of->n_after, 0, of->n_gone, of->n_new};
    while (one_before(of, &s))
        if (s.to > s.from) memmove(array + w * s.to, array + w * s.from, (size_t)(w * s.n));
}

static void changed_chunk(const void *arg, int chunk, int n_chunks) {
    const changed_call *call = arg;
    const change *of = &call->of;
    const int64_t low = cut(of->n_after, chunk, n_chunks), high = cut(of->n_after, chunk + 1, n_chunks);
    for (int64_t a = 0; a < call->n_arrays; a++) {
        const int64_t w = call->width[a];
        const char *old = call->old[a];
        char *out = call->out[a];
        if (out == old) { /* all of it by one thread */
            if (a % n_chunks != chunk) continue;
            change_in_place(of, w, out);
            put_fresh(of, 0, of->n_after, w, call->fresh[a], out);
            continue;
        }
        group s = before_position(of, low);
        while (next(of, &s, high)) memcpy(out + w * s.to, old + w * s.from, (size_t)(w * s.n));
        put_fresh(of, low, high, w, call->fresh[a], out);
    }
}

/* Arrays without the elements that go, and with those that come at their positions. */
EG_EXPORT void eg_wiring_changed(eg_parallel_fn parallel, int n_chunks, int64_t n_before, int64_t n_gone, int64_t n_new,
                                 int64_t n_after, const int64_t *gone, const int64_t *at, int64_t n_arrays,
                                 const int64_t *width, void *const *old, const void *const *fresh, void *const *out) {
    const changed_call call = {{n_before, n_gone, n_new, n_after, gone, at}, n_arrays, width, (char *const *)old,
                               (const char *const *)fresh, (char *const *)out};
    share(parallel, n_chunks, changed_chunk, &call);
}

/* ---- how rows move ---------------------------------------------------------------------------------------- */

/* How the synapses of each row move: all as far, but for those that stand from one position on. Where more has changed
 * than one synapse the shift is MIXED, and `to` says it of each: the row's first position is `from`, and its position
 * there `further`. */
typedef struct {
    const int32_t *shift;
    const uint32_t *from; /* position */
    const int32_t *further;
    const uint32_t *to; /* or GONE; one element at least */
} row_moves;

static void move_each(const change *of, int64_t k, int64_t end, int64_t g, int64_t i, uint32_t *to) {
    for (; k < end; to++, k++) {
        if (g < of->n_gone && of->gone[g] == k) {
            *to = GONE;
            g++;
            continue;
        }
        while (i < of->n_new && of->at[i] - i <= k - g) i++;
        *to = (uint32_t)(k + i - g);
    }
}

/* Fill row_moves; `to` has one element for each synapse of a row that is MIXED, at least one in all. */
EG_EXPORT void eg_wiring_row_moves(eg_parallel_fn parallel, int n_chunks, int64_t n_before, int64_t n_gone,
                                   int64_t n_new, int64_t n_after, const int64_t *gone, const int64_t *at,
                                   const int64_t *row_of_new, int64_t n_rows, const int64_t *row_start, int32_t *shift,
                                   uint32_t *from, int32_t *further, uint32_t *to) {
    (void)parallel, (void)n_chunks;
    const change of = {n_before, n_gone, n_new, n_after, gone, at};
    int64_t g = 0, i = 0, n = 0;
    for (int64_t r = 0; r < n_rows; r++) {
        const int64_t begin = row_start[r], end = row_start[r + 1], g0 = g, i0 = i;
        while (g < n_gone && gone[g] < end) g++;
        while (i < n_new && row_of_new[i] == r) i++;
        shift[r] = (int32_t)(i0 - g0), from[r] = 0, further[r] = 0;
        if (g - g0 + i - i0 == 1) {
            from[r] = (uint32_t)(g > g0 ? gone[g0] : at[i0] - i0 + g0);
            further[r] = g > g0 ? -1 : 1;
        } else if (g - g0 + i - i0 > 1) {
            shift[r] = MIXED, from[r] = (uint32_t)begin, further[r] = (int32_t)(uint32_t)n;
            move_each(&of, begin, end, g0, i0, to + n);
            n += end - begin;
        }
    }
}

/* ---- positions of synapses in columns --------------------------------------------------------------------- */

typedef struct {
    change of; /* of the columns */
    const uint32_t *old_slot, *fresh_slot;
    uint32_t *slot;
    const uint32_t *old_rank, *fresh_rank;
    uint32_t *rank;
    row_moves moves;
    uint64_t *packed; /* (n_rows,) */
} turned_call;

#define NEVER INT32_MAX /* no position */

/* What the moves say of each row in one word, so that vectors gather one: above, the shift; below, from where on they move
 * one further, and in the highest bit whether that is to the left; or where it is MIXED, what to subtract of a position to
 * find it in `to`. */
static void pack_moves(const row_moves *moves, int64_t n_rows, uint64_t *packed) {
    for (int64_t r = 0; r < n_rows; r++) {
        const int32_t further = moves->further[r];
        uint32_t low = further ? moves->from[r] | (further < 0 ? UINT32_C(1) << 31 : 0) : NEVER;
        if (moves->shift[r] == MIXED) low = moves->from[r] - (uint32_t)further;
        packed[r] = (uint64_t)(uint32_t)moves->shift[r] << 32 | low;
    }
}

/* Let positions be those of afterwards, each of a synapse of a row. Vectors gather by numbers with a sign: here are fewer
 * than 2^31 of each kind. */
static void renumber(const turned_call *call, int64_t n, uint32_t *restrict slot, const uint32_t *restrict row) {
    const uint64_t *restrict packed = call->packed;
    const uint32_t *restrict to = call->moves.to;
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        const uint64_t of = packed[(int32_t)row[i]];
        const uint32_t k = slot[i], low = (uint32_t)of;
        const int32_t s = (int32_t)(of >> 32), at = s == MIXED ? (int32_t)(k - low) : 0;
        const uint32_t one = (low >> 31 ? UINT32_MAX : 1), further = k >= (low & NEVER) ? one : 0;
        const uint32_t mixed = to[at], even = k + (uint32_t)s + further;
        slot[i] = s == MIXED ? mixed : even;
    }
}

static void turn(const turned_call *call, const group *s) {
    const size_t nbytes = (size_t)s->n * sizeof *call->slot;
    memmove(call->rank + s->to, call->old_rank + s->from, nbytes);
    memmove(call->slot + s->to, call->old_slot + s->from, nbytes);
    renumber(call, s->n, call->slot + s->to, call->rank + s->to); /* while it is at hand */
}

static void turned_chunk(const void *arg, int chunk, int n_chunks) {
    const turned_call *call = arg;
    const change *of = &call->of;
    const int is_there = call->slot == call->old_slot;
    const int64_t low = cut(of->n_after, chunk, n_chunks), high = cut(of->n_after, chunk + 1, n_chunks);
    group s = before_position(of, low);
    while (next(of, &s, high))
        if (!is_there || s.to <= s.from) turn(call, &s);
    if (is_there) { /* in one piece; see change_in_place */
        s = (group){of->n_before, of->n_after, 0, of->n_gone, of->n_new};
        while (one_before(of, &s))
            if (s.to > s.from) turn(call, &s);
    }
    const int64_t w = sizeof *call->slot;
    put_fresh(of, low, high, w, (const char *)call->fresh_slot, (char *)call->slot);
    put_fresh(of, low, high, w, (const char *)call->fresh_rank, (char *)call->rank);
}

/* Columns without what goes, and with what comes, by the positions of afterwards. Where slot is old_slot, and rank
 * old_rank, they change in place. */
EG_EXPORT void eg_wiring_turned(eg_parallel_fn parallel, int n_chunks, int64_t n_before, int64_t n_gone, int64_t n_new,
                                int64_t n_after, const int64_t *gone, const int64_t *at, const uint32_t *old_slot,
                                const uint32_t *fresh_slot, uint32_t *slot, const uint32_t *old_rank,
                                const uint32_t *fresh_rank, uint32_t *rank, const int32_t *shift, const uint32_t *from,
                                const int32_t *further, const uint32_t *to, int64_t n_rows, uint64_t *packed) {
    const change of = {n_before, n_gone, n_new, n_after, gone, at};
    const row_moves moves = {shift, from, further, to};
    const turned_call call = {of, old_slot, fresh_slot, slot, old_rank, fresh_rank, rank, moves, packed};
    pack_moves(&moves, n_rows, packed);
    share(parallel, slot == old_slot ? 1 : n_chunks, turned_chunk, &call);
}

/* ---- spikes in flight ------------------------------------------------------------------------------------- */

typedef struct {
    /* what was in flight at an earlier change, so many steps ago, in the order in which it arrives */
    int64_t n_kept, kept_ago;
    const uint16_t *kept_arrives, *kept_emitted;
    const uint32_t *kept_synapse;
    /* the list of spikes, of which those of the last so many steps count */
    int64_t step, furthest, length, n_neurons;
    const uint32_t *rank;
    const int64_t *count;
    /* the synapses */
    int64_t n_rows;
    const int64_t *row_start;
    const uint16_t *delay; /* (n_syn,), ascending in each row; NULL: all have */
    int64_t one_delay;
    row_moves moves;       /* without shift: they stay where they stand */
    int64_t latest;        /* nothing arrives after more steps */
    int64_t *next;         /* (latest + 2,): before, zero */
    uint16_t *arrives, *emitted; /* NULL: counted only */
    uint32_t *synapse, *pre;
} flights_call;

/* The positions of those synapses from k to end of a row that stay, from `out` on, or how many they are without `out`. */
static int64_t moved(const row_moves *moves, int64_t row, int64_t k, int64_t end, uint32_t *out) {
    int64_t n = 0;
    if (!moves->shift || moves->shift[row] != MIXED) {
        const int64_t shift = moves->shift ? moves->shift[row] : 0, from = moves->shift ? moves->from[row] : 0;
        const int64_t further = moves->shift ? moves->further[row] : 0;
        const int64_t has_gone = further < 0 && k <= from && from < end;
        if (!out) return end - k - has_gone;
        const int64_t near = from < k ? k : from < end ? from : end; /* from there on they move further */
        for (; k < near; k++) out[n++] = (uint32_t)(k + shift);
        for (k += has_gone; k < end; k++) out[n++] = (uint32_t)(k + shift + further);
        return n;
    }
    const uint32_t *to = moves->to + (uint32_t)moves->further[row] - moves->from[row];
    for (; k < end; k++) {
        if (to[k] == GONE) continue;
        if (out) out[n] = to[k];
        n++;
    }
    return n;
}

/* What arrives and was emitted at once, through the synapses from k to end of a row. */
static inline void some_flights(const flights_call *call, int64_t arrives, int64_t emitted, int64_t k, int64_t end,
                                int64_t pre) {
    if (!call->arrives) {
        call->next[arrives + 1] += moved(&call->moves, pre, k, end, NULL);
        return;
    }
    const int64_t first = call->next[arrives], last = first + moved(&call->moves, pre, k, end, call->synapse + first);
    for (int64_t i = first; i < last; i++) call->arrives[i] = (uint16_t)arrives;
    for (int64_t i = first; i < last; i++) call->emitted[i] = (uint16_t)emitted;
    for (int64_t i = first; i < last; i++) call->pre[i] = (uint32_t)pre;
    call->next[arrives] = last;
}

/* The first of the synapses from `from` up to `to`, by delay, whose delay is no less than that. */
static int64_t as_late(const uint16_t *delay, int64_t from, int64_t to, int64_t least) {
    while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        if (delay[middle] < least) from = middle + 1;
        else to = middle;
    }
    return from;
}

/* Go through them, the oldest emission first, by position where they were emitted at once. */
static void each_flight(const flights_call *call) {
    int64_t row = -1, i = 0;
    if (call->n_kept && call->kept_arrives[call->n_kept - 1] < call->kept_ago) i = call->n_kept; /* all have arrived */
    while (i < call->n_kept) {
        const int64_t k = call->kept_synapse[i], arrives = call->kept_arrives[i] - call->kept_ago, first = i++;
        if (arrives < 0) continue;
        if (row < 0 || k < call->row_start[row] || k >= call->row_start[row + 1])
            row = row_of(call->row_start, call->n_rows, k);
        int64_t end = k + 1; /* of synapses that follow each other, at which what was emitted at once arrives at once */
        while (i < call->n_kept && call->kept_synapse[i] == end && end < call->row_start[row + 1] &&
               call->kept_arrives[i] == call->kept_arrives[first] && call->kept_emitted[i] == call->kept_emitted[first])
            i++, end++;
        some_flights(call, arrives, call->kept_emitted[first] + call->kept_ago, k, end, row);
    }
    for (int64_t ago = call->furthest; ago > 0; ago--) {
        const int64_t at = eg_ring_row(call->step - ago, call->length);
        for (int64_t s = 0; s < call->count[at]; s++) {
            const int64_t pre = call->rank[at * call->n_neurons + s], end = call->row_start[pre + 1];
            int64_t k = call->row_start[pre];
            if (!call->delay) {
                if (call->one_delay >= ago) some_flights(call, call->one_delay - ago, ago, k, end, pre);
                continue;
            }
            for (k = as_late(call->delay, k, end, ago); k < end;) {
                const int64_t from = k, late = call->delay[k];
                k = as_late(call->delay, k, end, late + 1);
                some_flights(call, late - ago, ago, from, k, pre);
            }
        }
    }
}

/* What is in flight, in the order in which it arrives: a counting sort. Called twice: without arrays for it, next says
 * afterwards where what arrives after so many steps begins, and last how many there are; then with them. */
EG_EXPORT void eg_wiring_flights(eg_parallel_fn parallel, int n_chunks, int64_t n_kept, int64_t kept_ago,
                                 const uint16_t *kept_arrives, const uint16_t *kept_emitted,
                                 const uint32_t *kept_synapse, int64_t step, int64_t furthest, int64_t length,
                                 int64_t n_neurons, const uint32_t *rank, const int64_t *count, int64_t n_rows,
                                 const int64_t *row_start, const uint16_t *delay, int64_t one_delay,
                                 const int32_t *shift, const uint32_t *from, const int32_t *further,
                                 const uint32_t *to, int64_t latest, int64_t *next, uint16_t *arrives,
                                 uint16_t *emitted, uint32_t *synapse, uint32_t *pre) {
    (void)parallel, (void)n_chunks;
    const row_moves moves = {shift, from, further, to};
    const flights_call call = {n_kept, kept_ago, kept_arrives, kept_emitted, kept_synapse, step,  furthest, length,
                               n_neurons, rank,  count,        n_rows,       row_start,    delay, one_delay, moves,
                               latest, next,     arrives,      emitted,      synapse,      pre};
    each_flight(&call);
    if (!arrives)
        for (int64_t i = 0; i <= latest; i++) next[i + 1] += next[i];
}
