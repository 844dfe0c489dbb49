/* How fast this machine moves memory: the triad of McCalpin's STREAM, a[i] = b[i] + s*c[i].
 *
 * Runs on the engine's threads.
 */
#include "engram.h"
#include "engram_agreement.h"

typedef struct {
    double *a;
    const double *b, *c;
    int64_t n;
} eg_triad_args;

EG_EXPORT void eg_triad(void *arg, int thread, int n_threads) {
    const eg_triad_args *triad = arg;
    int64_t low, high;
    eg_range(triad->n, thread, n_threads, &low, &high);
    double *restrict a = triad->a;
    const double *restrict b = triad->b, *restrict c = triad->c;
    for (int64_t i = low; i < high; i++) a[i] = b[i] + 3.0 * c[i];
}

EG_AGREEMENT(
    EG_STRUCT(eg_triad_args, a, b, c, n)
)
