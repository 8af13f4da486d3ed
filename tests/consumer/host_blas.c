/* host_blas.c - a program with an OpenBLAS of its own keeps it as it was, whatever libpvgame computes beside it. */
#include <cblas.h>
#include <pvgame/pvgame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void host_product(float c[4]) {
    const float a[4] = {1, 2, 3, 4};
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 2, 2, 2, 1, a, 2, a, 2, 0, c, 2);
}

int main(void) {
    char core[64], json[4096];
    float before[4], after[4];
    int threads = openblas_get_num_threads();
    snprintf(core, sizeof core, "%s", openblas_get_corename());
    host_product(before);
    pvg_context_options options;
    pvg_context *context = NULL;
    if (pvg_context_options_init(&options, sizeof options) != PVG_OK) return 1;
    options.engine = PVG_ENGINE_OPENBLAS;
    if (pvg_context_create(&options, &context) != PVG_OK) return 1;
    if (pvg_machine_describe(context, 1, json, sizeof json, NULL) != PVG_OK) return 1;
    pvg_context_destroy(context);
    host_product(after);
    printf("host: %s, %d threads; libpvgame: %s\n", core, threads, json);
    if (strcmp(core, openblas_get_corename()) != 0 || openblas_get_num_threads() != threads) return 1;
    return memcmp(before, after, sizeof before) != 0 || getenv("OPENBLAS_CORETYPE") != NULL || getenv("OPENBLAS_NUM_THREADS") != NULL;
}
