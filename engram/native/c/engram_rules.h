/* What each kind of pattern with draws does with some of its cells, and the rows of engram_patterns.h.
 *
 * Included by wiring.c. engram/wiring/rows.py has the same rows.
 */
#ifndef ENGRAM_RULES_H
#define ENGRAM_RULES_H

#include "engram_totals.h"

typedef struct {
    /* How many columns the cells of rows [from, to) have; length[0] belongs to the first cell that is drawn. */
    void (*count)(const eg_pattern *p, int64_t from, int64_t to, int64_t *length);
    /* The columns of cells [from, to), ascending in each; how many there are is what counting said. */
    void (*fill)(const eg_pattern *p, const int64_t *start, int64_t from, int64_t to, int64_t longest,
                 uint64_t *scratch, uint32_t *ranks);
    /* uint64 words of scratch that one chunk needs to fill cells of at most `longest` columns; NULL: none. */
    int64_t (*scratch)(const eg_pattern *p, int64_t longest);
} eg_rule;

/* ---- kinds with draws ---------------------------------------------------------------------------------------- */

static void count_probability(const eg_pattern *p, int64_t from, int64_t to, int64_t *length) {
    const int64_t n_blocks = p->last_block - p->first_block;
    count_leaps(p, (from - p->first_row) * n_blocks, (to - p->first_row) * n_blocks, length);
}

static void fill_probability(const eg_pattern *p, const int64_t *start, int64_t from, int64_t to, int64_t longest,
                             uint64_t *scratch, uint32_t *ranks) {
    (void)longest, (void)scratch;
    fill_leaps(p, start, from, to, ranks);
}

static void count_number(const eg_pattern *p, int64_t from, int64_t to, int64_t *length) {
    for (int64_t row = from; row < to; row++) length[row - p->first_row] = p->number;
}

static void fill_every_number(const eg_pattern *p, const int64_t *start, int64_t from, int64_t to, int64_t longest,
                              uint64_t *scratch, uint32_t *ranks) {
    (void)longest;
    eg_cell cell = numbered_cell(p, from);
    for (int64_t number = from; number < to; number++, cell = next_cell(p, &cell))
        if (p->number) fill_number(p, &cell, scratch, ranks + start[number]);
}

static int64_t scratch_of_number(const eg_pattern *p, int64_t longest) {
    (void)longest;
    const int64_t bits = p->n_columns / 64 + 1;
    return bits + bits / 64 + 1;
}

static void fill_total(const eg_pattern *p, const int64_t *start, int64_t from, int64_t to, int64_t longest,
                       uint64_t *scratch, uint32_t *ranks) {
    fill_shares(p, start, from, to, longest, (uint32_t *)scratch, ranks);
}

static int64_t scratch_of_total(const eg_pattern *p, int64_t longest) {
    (void)p;
    return longest;
}

/* ---- the rows ------------------------------------------------------------------------------------------------ */

#define EG_KIND_RULE(kind, count, fill, scratch) {count, fill, scratch},
static const eg_rule EG_RULES[EG_KINDS] = {EG_PATTERN_KINDS(EG_KIND_RULE)};

/* The row of a pattern's kind; NULL if there is none. */
static const eg_rule *rule_of(const eg_pattern *p) {
    return p->kind >= 0 && p->kind < EG_KINDS ? &EG_RULES[p->kind] : NULL;
}

#endif
