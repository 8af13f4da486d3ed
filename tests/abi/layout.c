/* layout.c - every struct and constant that crosses the border, pinned. A line here may be added, never changed: a change
 * breaks programs that were compiled before. Sizes are those of a 64-bit machine. */
#include <pvgame/pvgame.h>

#define AT(type, field, where) _Static_assert(offsetof(type, field) == (where), #type "." #field)
#define IS(name, value) _Static_assert((name) == (value), #name)

_Static_assert(sizeof(void *) == 8, "the numbers below are of 64-bit machines");

AT(pvg_allocator, struct_size, 0);
AT(pvg_allocator, allocate, 8);
AT(pvg_allocator, release, 16);
AT(pvg_allocator, user, 24);
_Static_assert(sizeof(pvg_allocator) == 32, "pvg_allocator");

AT(pvg_context_options, struct_size, 0);
AT(pvg_context_options, threads, 4);
AT(pvg_context_options, engine, 8);
AT(pvg_context_options, log_level, 12);
AT(pvg_context_options, log, 16);
AT(pvg_context_options, log_user, 24);
AT(pvg_context_options, allocator, 32);
AT(pvg_context_options, memory_limit, 40);
_Static_assert(sizeof(pvg_context_options) == 48, "pvg_context_options");

AT(pvg_problem, struct_size, 0);
AT(pvg_problem, label, 4);
AT(pvg_problem, id, 8);
AT(pvg_problem, question, 16);
AT(pvg_problem, gold, 24);
AT(pvg_problem, solution, 32);
AT(pvg_problem, candidate, 40);
AT(pvg_problem, chain, 48);
AT(pvg_problem, line, 56);
_Static_assert(sizeof(pvg_problem) == 64, "pvg_problem");

AT(pvg_oracle_result, struct_size, 0);
AT(pvg_oracle_result, steps, 4);
AT(pvg_oracle_result, full, 8);
AT(pvg_oracle_result, bare, 12);
AT(pvg_oracle_result, omitted, 16);
AT(pvg_oracle_result, arithmetic_errors, 20);
AT(pvg_oracle_result, grounding_errors, 24);
AT(pvg_oracle_result, mismatch, 28);
AT(pvg_oracle_result, answered, 32);
AT(pvg_oracle_result, right, 36);
AT(pvg_oracle_result, valid, 40);
AT(pvg_oracle_result, fully_shown, 44);
AT(pvg_oracle_result, answer, 48);
AT(pvg_oracle_result, lines, 56);
AT(pvg_oracle_result, first_error, 60);
_Static_assert(sizeof(pvg_oracle_result) == 64, "pvg_oracle_result");

AT(pvg_summary, struct_size, 0);
AT(pvg_summary, seeds, 4);
AT(pvg_summary, bounds, 8);
AT(pvg_summary, mean, 16);
AT(pvg_summary, low, 24);
AT(pvg_summary, high, 32);
AT(pvg_summary, deviation, 40);
AT(pvg_summary, least, 48);
AT(pvg_summary, most, 56);
_Static_assert(sizeof(pvg_summary) == 64, "pvg_summary");

AT(pvg_claim, struct_size, 0);
AT(pvg_claim, finding, 4);
AT(pvg_claim, id, 8);
AT(pvg_claim, figure, 16);
AT(pvg_claim, title, 24);
AT(pvg_claim, paper, 32);
AT(pvg_claim, rule, 40);
AT(pvg_claim, measured, 48);
_Static_assert(sizeof(pvg_claim) == 56, "pvg_claim");
IS(PVG_FINDING_NOT_MEASURED, 0);
IS(PVG_FINDING_REPRODUCED, 1);
IS(PVG_FINDING_NOT_REPRODUCED, 2);
IS(PVG_FINDING_DIFFERENT, 3);

AT(pvg_oracle_line, struct_size, 0);
AT(pvg_oracle_line, step, 4);
AT(pvg_oracle_line, full, 8);
AT(pvg_oracle_line, arithmetic, 12);
AT(pvg_oracle_line, grounded, 16);
AT(pvg_oracle_line, distractor, 20);
AT(pvg_oracle_line, omitted, 24);
AT(pvg_oracle_line, begin, 32);
AT(pvg_oracle_line, end, 40);
_Static_assert(sizeof(pvg_oracle_line) == 48, "pvg_oracle_line");

AT(pvg_solution, struct_size, 0);
AT(pvg_solution, role, 4);
AT(pvg_solution, verdict, 8);
AT(pvg_solution, round, 12);
AT(pvg_solution, step, 16);
AT(pvg_solution, greedy, 24);
AT(pvg_solution, truncated, 28);
AT(pvg_solution, tokens, 32);
AT(pvg_solution, id, 40);
AT(pvg_solution, question, 48);
AT(pvg_solution, question_length, 56);
AT(pvg_solution, text, 64);
AT(pvg_solution, text_length, 72);
AT(pvg_solution, gold, 80);
AT(pvg_solution, chain, 88);
AT(pvg_solution, score, 96);
AT(pvg_solution, reward, 104);
AT(pvg_solution, kl, 112);
AT(pvg_solution, entropy, 120);
_Static_assert(sizeof(pvg_solution) == 128, "pvg_solution");

AT(pvg_hooks, struct_size, 0);
AT(pvg_hooks, answer, 8);
AT(pvg_hooks, learn, 16);
AT(pvg_hooks, finish, 24);
AT(pvg_hooks, user, 32);
_Static_assert(sizeof(pvg_hooks) == 40, "pvg_hooks");

AT(pvg_progress, struct_size, 0);
AT(pvg_progress, round, 4);
AT(pvg_progress, rounds, 8);
AT(pvg_progress, stage_index, 12);
AT(pvg_progress, stages, 16);
AT(pvg_progress, stage, 24);
AT(pvg_progress, note, 32);
AT(pvg_progress, done, 40);
AT(pvg_progress, total, 48);
AT(pvg_progress, fraction, 56);
AT(pvg_progress, seconds, 64);
_Static_assert(sizeof(pvg_progress) == 72, "pvg_progress");

AT(pvg_benchmark_options, struct_size, 0);
AT(pvg_benchmark_options, batch, 4);
AT(pvg_benchmark_options, reps, 8);
AT(pvg_benchmark_options, progress, 16);
AT(pvg_benchmark_options, user, 24);
_Static_assert(sizeof(pvg_benchmark_options) == 32, "pvg_benchmark_options");

AT(pvg_attack_options, struct_size, 0);
AT(pvg_attack_options, start, 8);
AT(pvg_attack_options, helpful, 16);
AT(pvg_attack_options, grader, 24);
AT(pvg_attack_options, progress, 32);
AT(pvg_attack_options, user, 40);
_Static_assert(sizeof(pvg_attack_options) == 48, "pvg_attack_options");

AT(pvg_sample, struct_size, 0);
AT(pvg_sample, role, 4);
AT(pvg_sample, verdict, 8);
AT(pvg_sample, tokens, 12);
AT(pvg_sample, id, 16);
AT(pvg_sample, question, 24);
AT(pvg_sample, solution, 32);
AT(pvg_sample, gold, 40);
AT(pvg_sample, score, 48);
_Static_assert(sizeof(pvg_sample) == 56, "pvg_sample");

IS(PVG_OK, 0);
IS(PVG_E_INVALID, -1);
IS(PVG_E_NOMEM, -2);
IS(PVG_E_IO, -3);
IS(PVG_E_FORMAT, -4);
IS(PVG_E_TOO_NEW, -5);
IS(PVG_E_STATE, -6);
IS(PVG_E_RANGE, -7);
IS(PVG_E_NOT_FOUND, -8);
IS(PVG_E_BUSY, -9);
IS(PVG_E_NUMERIC, -10);
IS(PVG_E_CALLBACK, -11);
IS(PVG_E_CANCELLED, -12);
IS(PVG_E_BUFFER, -13);
IS(PVG_E_UNSUPPORTED, -14);
IS(PVG_E_INTERNAL, -15);
IS(PVG_ROLE_NEUTRAL, 0);
IS(PVG_ROLE_HELPFUL, 1);
IS(PVG_ROLE_SNEAKY, 2);
IS(PVG_VERDICT_UNGRADED, 0);
IS(PVG_VERDICT_CORRECT, 1);
IS(PVG_VERDICT_WRONG, 2);
IS(PVG_VERDICT_NO_ANSWER, 3);
IS(PVG_VERDICT_AMBIGUOUS, 4);
IS(PVG_VERDICT_TRUNCATED, 5);
IS(PVG_LOG_OFF, 0);
IS(PVG_LOG_ERROR, 1);
IS(PVG_LOG_WARN, 2);
IS(PVG_LOG_INFO, 3);
IS(PVG_LOG_DEBUG, 4);
IS(PVG_RENDERING_COMPACT, 0);
IS(PVG_RENDERING_ENGLISH, 1);
IS(PVG_INJECT_NONE, 0);
IS(PVG_INJECT_RESULT, 1);
IS(PVG_INJECT_OPERAND, 2);
IS(PVG_INJECT_DISTRACTOR, 3);
IS(PVG_INJECT_ANSWER, 4);
IS(PVG_ENGINE_BEST, 0);
IS(PVG_ENGINE_PORTABLE, 1);
IS(PVG_ENGINE_AVX2, 2);
IS(PVG_ENGINE_AVX512, 3);
IS(PVG_ENGINE_OPENBLAS, 4);
IS(PVG_SETTING_INT, 1);
IS(PVG_SETTING_REAL, 2);
IS(PVG_SETTING_TEXT, 3);
IS(PVG_SETTING_FLAG, 4);
IS(PVG_SETTING_CHOICE, 5);
IS(PVG_REQUEST_PROVE, 1);
IS(PVG_REQUEST_VERIFY, 2);
IS(PVG_REQUEST_GRADE, 3);
IS(PVG_EVENT_PROGRESS, 1);
IS(PVG_EVENT_NEEDS_REPLY, 2);
IS(PVG_EVENT_STAGE_DONE, 3);
IS(PVG_EVENT_ROUND_DONE, 4);
IS(PVG_EVENT_FINISHED, 5);

