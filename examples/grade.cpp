// grade.cpp - from C++: are these final answers right? Compared as exact rationals.
#include <pvgame/pvgame.h>

#include <cstdio>

int main() {
    pvg_context *context = nullptr;
    pvg_grader *grader = nullptr;
    if (pvg_context_create(nullptr, &context) != PVG_OK) return 1;
    pvg_status status = pvg_grader_create(context, nullptr, &grader);
    const char *const solutions[] = {"So she has $1,000 left.\n#### 1,000", "The answer is 2000/2.", "I think it is 999. A: 999"};
    for (const char *solution : solutions) {
        pvg_verdict verdict = PVG_VERDICT_UNGRADED;
        if (status == PVG_OK)
            status = pvg_grader_grade(grader, nullptr, "1000", PVG_NUL_TERMINATED, solution, PVG_NUL_TERMINATED, 0, &verdict,
                                      nullptr, 0, nullptr);
        if (status == PVG_OK) std::printf("%-10s %s\n", pvg_verdict_name(verdict), solution);
    }
    if (status != PVG_OK) std::fprintf(stderr, "%s\n", pvg_error_message(context));
    pvg_grader_destroy(grader);
    pvg_context_destroy(context);
    return status != PVG_OK;
}
