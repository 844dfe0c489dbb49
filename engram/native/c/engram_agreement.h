/* What Python is told about structures that it fills: how long they are, and where each field stands.
 *
 * A file of which Python fills structures ends with EG_AGREEMENT(EG_STRUCT(eg_pair, first, second) ...), and
 * native/agreement.py compares that with its own when the library is loaded; EG_NUMBER_OF(EG_FIRST) stands for a number
 * that both know.
 */
#ifndef ENGRAM_AGREEMENT_H
#define ENGRAM_AGREEMENT_H

#include "engram.h"

typedef struct {
    const char *name; /* "eg_pair", "eg_pair.first", or "EG_FIRST" */
    int64_t at;       /* bytes from the beginning of the structure; or the number */
    int64_t size;     /* in bytes; 0 of a number */
} eg_place;

#define EG_AGREEMENT(...) EG_EXPORT const eg_place eg_agreement[] = {__VA_ARGS__{NULL, 0, 0}};
#define EG_NUMBER_OF(number) {#number, number, 0},
#define EG_STRUCT(s, ...) {#s, 0, sizeof(s)}, EG_NTH(__VA_ARGS__, EG_FIELD_20, EG_FIELD_19, EG_FIELD_18, \
    EG_FIELD_17, EG_FIELD_16, EG_FIELD_15, EG_FIELD_14, EG_FIELD_13, EG_FIELD_12, EG_FIELD_11, EG_FIELD_10, \
    EG_FIELD_9, EG_FIELD_8, EG_FIELD_7, EG_FIELD_6, EG_FIELD_5, EG_FIELD_4, EG_FIELD_3, EG_FIELD_2, EG_FIELD_1, 0)(s, \
    __VA_ARGS__)
#define EG_NTH(f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, name, \
    ...) name
#define EG_FIELD_1(s, f) {#s "." #f, offsetof(s, f), sizeof(((s *)0)->f)},
#define EG_FIELD_2(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_1(s, __VA_ARGS__)
#define EG_FIELD_3(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_2(s, __VA_ARGS__)
#define EG_FIELD_4(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_3(s, __VA_ARGS__)
#define EG_FIELD_5(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_4(s, __VA_ARGS__)
#define EG_FIELD_6(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_5(s, __VA_ARGS__)
#define EG_FIELD_7(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_6(s, __VA_ARGS__)
#define EG_FIELD_8(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_7(s, __VA_ARGS__)
#define EG_FIELD_9(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_8(s, __VA_ARGS__)
#define EG_FIELD_10(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_9(s, __VA_ARGS__)
#define EG_FIELD_11(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_10(s, __VA_ARGS__)
#define EG_FIELD_12(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_11(s, __VA_ARGS__)
#define EG_FIELD_13(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_12(s, __VA_ARGS__)
#define EG_FIELD_14(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_13(s, __VA_ARGS__)
#define EG_FIELD_15(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_14(s, __VA_ARGS__)
#define EG_FIELD_16(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_15(s, __VA_ARGS__)
#define EG_FIELD_17(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_16(s, __VA_ARGS__)
#define EG_FIELD_18(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_17(s, __VA_ARGS__)
#define EG_FIELD_19(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_18(s, __VA_ARGS__)
#define EG_FIELD_20(s, f, ...) EG_FIELD_1(s, f) EG_FIELD_19(s, __VA_ARGS__)

#endif
