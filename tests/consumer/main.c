/* main.c - another project's program: grades one solution. */
#include <pvgame/pvgame.h>
#include <stdio.h>

int main(void) {
    pvg_context *context = NULL;
    pvg_grader *grader = NULL;
    pvg_verdict verdict = PVG_VERDICT_UNGRADED;
    if (!pvg_abi_accepts(PVG_VERSION_MAJOR, PVG_VERSION_MINOR) || pvg_context_create(NULL, &context) != PVG_OK) return 1;
    pvg_status status = pvg_grader_create(context, NULL, &grader);
    if (status == PVG_OK)
        status = pvg_grader_grade(grader, NULL, "1,000", PVG_NUL_TERMINATED, "So the answer is 1000.", PVG_NUL_TERMINATED, 0,
                                  &verdict, NULL, 0, NULL);
    printf("%s\n", status == PVG_OK ? pvg_verdict_name(verdict) : pvg_error_message(context));
    pvg_context_destroy(context);
    pvg_grader_destroy(grader);
    return verdict == PVG_VERDICT_CORRECT ? 0 : 1;
}
