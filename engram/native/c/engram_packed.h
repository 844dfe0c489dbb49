/* Packed rows: the synapses that do nothing but add their weight, of one or several projections of one presynaptic
 * population, as spikes walk them.
 *
 * A row belongs to a presynaptic neuron; a target is an element of the arena in which the conductances of several
 * populations lie. The arena is cut into slices, each of which one thread writes and an index of 16 bits can tell apart.
 * A row is sorted by (slice, delay, target): what a thread walks in one step lies behind what it walked in the step
 * before, where the processor has fetched it already. `offset` says where each delay of each slice begins, so that a
 * spike costs one look-up and one walk over neighbouring memory. engram/wiring/packed.py allocates all arrays; no result
 * depends on how the arena is cut or work is shared out.
 */
#ifndef ENGRAM_PACKED_H
#define ENGRAM_PACKED_H

#include "engram.h"
#include "engram_share.h"

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
    void *offset;         /* (n_rows, n_slices * n_delays + 1): from the start of the row */
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
    return row * (p->n_slices * p->n_delays + 1) + s * p->n_delays + d;
}

/* The synapses of a row with delay number d to the targets of slice s. */
static inline eg_slice slice_of(const eg_packed *p, int64_t row, int64_t d, int64_t s) {
    const int64_t slot = slot_of(p, row, d, s), start = p->start[row];
    return (eg_slice){start + at(p->offset, p->offset_bytes, slot), start + at(p->offset, p->offset_bytes, slot + 1)};
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

static inline int64_t find(const eg_packed *p, int64_t s, int64_t from, int64_t to, int64_t target) {
    if (from >= to) return from;
    target -= p->cut[s];
    return p->index_bytes == 2 ? find_short(p->index, from, to - from, target) : find_long(p->index, from, to - from, target);
}

#endif
