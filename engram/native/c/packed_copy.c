/* One projection among packed rows (engram_packed.h): where its synapses are, copies of them in canonical order, and
 * single ones by their positions in that order or by their neurons.
 */
#include "engram_packed.h"
#include "engram_agreement.h"

#include <string.h>

/* Where its synapses are, and copies of them: out of the packed rows, or of its weights into them. */
typedef struct {
    const eg_packed *packed;
    int64_t first, behind;   /* its targets in the arena, and where those of the next projection begin */
    int64_t slice, n_slices; /* those in which they lie */
    void *part;           /* (rows, n_delays, n_slices, 2): from and to, from the start of the row; as wide as offsets */
    int64_t part_row;     /* the first row that it knows */
    const void *before;   /* the same, of all rows, of the projection whose targets come before; or NULL */
    int64_t before_slice, before_n_slices;
    const int64_t *start; /* of the projection's own rows */
    int64_t skipped;      /* synapses before the first row that is copied: the arrays below begin there */
    uint32_t *rank;       /* one of the three; the others are NULL */
    uint16_t *delay_of;
    void *weight;
    int64_t is_put;       /* weights go into the packed rows */
    int64_t low, high;    /* rows */
} eg_copy;

/* Where the projection's own synapses begin among those of one row and delay to slice s, and where they end. */
static inline int64_t part_from(const eg_copy *copy, int64_t s, eg_slice part) {
    const eg_packed *p = copy->packed;
    return p->cut[s] < copy->first ? find(p, s, part.from, part.to, copy->first) : part.from;
}

static inline int64_t part_to(const eg_copy *copy, int64_t s, eg_slice part) {
    const eg_packed *p = copy->packed;
    return p->cut[s + 1] > copy->behind ? find(p, s, part.from, part.to, copy->behind) : part.to;
}

static inline eg_slice part_of(const eg_copy *copy, int64_t row, int64_t d, int64_t s) {
    eg_slice part = slice_of(copy->packed, row, d, s);
    part.from = part_from(copy, s, part);
    part.to = part_to(copy, s, part);
    return part;
}

static void find_parts(const void *arg, int chunk, int n_chunks) {
    const eg_copy *copy = arg;
    const eg_packed *p = copy->packed;
    const int64_t n = copy->high - copy->low;
    const int64_t low = copy->low + cut(n, chunk, n_chunks), high = copy->low + cut(n, chunk + 1, n_chunks);
    for (int64_t row = low; row < high; row++) {
        const int64_t start = p->start[row];
        int64_t to = 2 * (row - copy->part_row) * p->n_delays * copy->n_slices;
        for (int64_t d = 0; d < p->n_delays; d++) {
            for (int64_t s = copy->slice; s < copy->slice + copy->n_slices; s++, to += 2) {
                const int64_t s_before = s - copy->before_slice;
                eg_slice part = slice_of(p, row, d, s);
                if (copy->before && s_before >= 0 && s_before < copy->before_n_slices)
                    part.from = start + at(copy->before, p->offset_bytes,
                                           2 * ((row * p->n_delays + d) * copy->before_n_slices + s_before) + 1);
                else part.from = part_from(copy, s, part);
                part.to = part_to(copy, s, part);
                put(copy->part, p->offset_bytes, to, part.from - start);
                put(copy->part, p->offset_bytes, to + 1, part.to - start);
            }
        }
    }
}

/* Fill `part` for the rows from low to high. */
EG_EXPORT void eg_find_parts(eg_parallel_fn parallel, int n_chunks, const eg_copy *copy) {
    share(parallel, n_chunks, find_parts, copy);
}

/* Copies of one part. Parts are short, so whole blocks are copied where `room` elements may be written and read: what is
 * too much is overwritten by the part that follows. */
#define COPY(NAME, FROM, TO, BLOCK, VALUE)                                                                             \
    static __attribute__((cold, noinline)) void NAME##_last(const FROM *from, TO *to, int64_t n, TO shift) {           \
        (void)from; (void)shift;                                                                                       \
        for (int64_t j = 0; j < n; j++) to[j] = VALUE;                                                                 \
    }                                                                                                                  \
    static inline void NAME(const FROM *from, TO *to, int64_t n, int64_t room, TO shift) {                             \
        if ((n + BLOCK - 1) / BLOCK * BLOCK > room) {                                                                  \
            NAME##_last(from, to, n, shift);                                                                           \
            return;                                                                                                    \
        }                                                                                                              \
        for (int64_t block = 0; block < n; block += BLOCK)                                                             \
            for (int64_t j = block; j < block + BLOCK; j++) to[j] = VALUE;                                             \
    }
COPY(copy_short, uint16_t, uint32_t, 16, from[j] + shift)
COPY(copy_long, uint32_t, uint32_t, 16, from[j] + shift)
COPY(copy_words, uint32_t, uint32_t, 16, from[j])
COPY(copy_pairs, uint64_t, uint64_t, 8, from[j])
COPY(fill_delays, uint16_t, uint16_t, 32, shift)

#define EG_PARTS_SOON 8 /* parts between asking for memory and copying it: they lie apart */
enum { EG_RANKS, EG_DELAYS, EG_WEIGHTS };

/* Copy one of the three values; compiled for each. */
static inline __attribute__((always_inline)) void copy_value(const eg_copy *copy, int64_t low, int64_t high, int value) {
    const eg_packed *p = copy->packed;
    const int64_t per_row = p->n_delays * copy->n_slices, n_syn = p->start[p->n_rows];
    const int64_t n_parts = (copy->high - copy->part_row) * per_row;
    const int64_t behind = copy->start[high] - copy->skipped; /* what other threads write begins there */
    const int64_t size = value == EG_RANKS ? p->index_bytes : p->weight_kind == EG_WEIGHT_FLOAT ? 4 : 8;
    const char *const data = value == EG_RANKS ? p->index : p->weight;
    const int64_t offset_bytes = p->offset_bytes;
    const void *const part = copy->part;
    int64_t k = copy->start[low] - copy->skipped; /* where the next part goes */
    for (int64_t row = low; row < high; row++) {
        const int64_t start = p->start[row];
        int64_t at_part = (row - copy->part_row) * per_row, d = 0, s = 0; /* slices are counted from the first one */
        for (const int64_t end = at_part + per_row; at_part < end; at_part++) {
            const int64_t soon = at_part + EG_PARTS_SOON;
            const int64_t from = start + at(part, offset_bytes, 2 * at_part);
            const int64_t to = start + at(part, offset_bytes, 2 * at_part + 1), n = to - from;
            const int64_t left = behind - k, room = left < n_syn - from ? left : n_syn - from;
            if (value != EG_DELAYS && soon < n_parts) { /* where that is in the next row, this is a guess */
                const char *const next = data + (start + at(part, offset_bytes, 2 * soon)) * size;
                __builtin_prefetch(next);
                if (value == EG_WEIGHTS) __builtin_prefetch(next + 64);
            }
            if (value == EG_RANKS) {
                const uint32_t shift = (uint32_t)(p->cut[copy->slice + s] - copy->first);
                if (size == 2) copy_short((const uint16_t *)data + from, copy->rank + k, n, room, shift);
                else copy_long((const uint32_t *)data + from, copy->rank + k, n, room, shift);
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
            if (++s == copy->n_slices) {
                s = 0;
                d++;
            }
        }
    }
}

static void copy_rows(const void *arg, int chunk, int n_chunks) {
    const eg_copy *copy = arg;
    const int64_t n = copy->high - copy->low;
    const int64_t low = copy->low + cut(n, chunk, n_chunks), high = copy->low + cut(n, chunk + 1, n_chunks);
    if (copy->rank) copy_value(copy, low, high, EG_RANKS);
    else if (copy->delay_of) copy_value(copy, low, high, EG_DELAYS);
    else copy_value(copy, low, high, EG_WEIGHTS);
}

EG_EXPORT void eg_copy_rows(eg_parallel_fn parallel, int n_chunks, const eg_copy *copy) {
    share(parallel, n_chunks, copy_rows, copy);
}


/* ---- single synapses -------------------------------------------------------------------------------------- */

/* The part in which the synapse looked for last stands: synapses are often asked for in ascending order. */
typedef struct {
    int64_t row, d, s;
    int64_t begin; /* position of the part's first synapse */
    eg_slice part;
} eg_cursor;

static void seek(const eg_copy *copy, int64_t position, eg_cursor *at_part) {
    const eg_packed *p = copy->packed;
    eg_cursor c = *at_part;
    if (c.row < 0 || position < c.begin || position >= copy->start[c.row + 1]) {
        c = (eg_cursor){.row = row_of(copy->start, p->n_rows, position), .s = copy->slice};
        c.begin = copy->start[c.row];
        c.part = part_of(copy, c.row, 0, c.s);
    }
    while (position - c.begin >= c.part.to - c.part.from) {
        c.begin += c.part.to - c.part.from;
        if (++c.s == copy->slice + copy->n_slices) {
            c.s = copy->slice;
            c.d++;
        }
        c.part = part_of(copy, c.row, c.d, c.s);
    }
    *at_part = c;
}

/* Copy one of the three values of n synapses, by their positions, out of the packed rows; weights into them, too. */
EG_EXPORT void eg_copy_some(const eg_copy *copy, const int64_t *position, int64_t n) {
    const eg_packed *p = copy->packed;
    const size_t size = p->weight_kind == EG_WEIGHT_FLOAT ? 4 : 8;
    eg_cursor c = {.row = -1};
    for (int64_t i = 0; i < n; i++) {
        seek(copy, position[i], &c);
        const int64_t k = c.part.from + position[i] - c.begin;
        char *const packed = (char *)p->weight + k * (int64_t)size, *const own = (char *)copy->weight + i * (int64_t)size;
        if (copy->rank) copy->rank[i] = (uint32_t)(p->cut[c.s] + at(p->index, p->index_bytes, k) - copy->first);
        else if (copy->delay_of) copy->delay_of[i] = (uint16_t)p->delay[c.d];
        else if (copy->is_put) memcpy(packed, own, size);
        else memcpy(own, packed, size);
    }
}

/* Find the synapses of the rows from low to high to one target of the projection: their positions, ascending, of which
 * the first `room` are written. Returns how many there are. */
EG_EXPORT int64_t eg_search(const eg_copy *copy, int64_t target, int64_t room, int64_t *position) {
    const eg_packed *p = copy->packed;
    int64_t n = 0;
    for (int64_t row = copy->low; row < copy->high; row++) {
        int64_t begin = copy->start[row];
        for (int64_t d = 0; d < p->n_delays; d++) {
            for (int64_t s = copy->slice; s < copy->slice + copy->n_slices; s++) {
                const eg_slice part = part_of(copy, row, d, s);
                if (p->cut[s] <= target && target < p->cut[s + 1]) {
                    int64_t k = find(p, s, part.from, part.to, target);
                    for (; k < part.to && p->cut[s] + at(p->index, p->index_bytes, k) == target; k++, n++)
                        if (n < room) position[n] = begin + k - part.from;
                }
                begin += part.to - part.from;
            }
        }
    }
    return n;
}

EG_AGREEMENT(
    EG_STRUCT(eg_packed, n_rows, start, index, index_bytes, weight, weight_kind, delay, n_delays, offset,
              offset_bytes, n_slices, cut)
    EG_STRUCT(eg_copy, packed, first, behind, slice, n_slices, part, part_row, before, before_slice,
              before_n_slices, start, skipped, rank, delay_of, weight, is_put, low, high)
)
