/* report.h - what `pvgame report` is made of. */
#ifndef PVGAME_REPORT_H
#define PVGAME_REPORT_H

#include <jansson.h>
#include <stddef.h>

#include "cli.h"

/* The page before and after its data, made at build time of report/ and the chart library. */
extern const unsigned char page_head[], page_tail[];
extern const size_t page_head_size, page_tail_size;

/* report_run.c: all that a run directory says but its samples, as an object: name, config, digest, environment, data,
 * report, curves, and whatever else of attacks and experiments lies in it. NULL with *code when it is no run. */
json_t *run_json(const char *directory, int *code);
/* The JSON of a file; NULL when it is missing or damaged, and damage is said on standard error. */
json_t *file_json(const char *directory, const char *name);

/* report_samples.c: adds `problems`, `samples`, `verifiers` and `sampled` to a run's object. At most `most` samples,
 * those of the tests first; of each token its part of the score, of each step of a built-in problem what the oracle
 * says. */
int add_samples(json_t *run, const char *directory, const common *options, uint64_t most);

/* report_oracle.c: the problems of a run as the step oracle needs them. */
typedef struct oracle oracle;
/* `run` has its "data" and the "problems" that will be asked about. *out is NULL where none has a machine form. */
int oracle_open(pvg_context *context, const pvg_settings *settings, const char *directory, const json_t *run,
                oracle **out);
/* {"valid": ..., "steps": ..., ...} with marks as [place, mark, count] of each step, places in UTF-16 units; NULL: not
 * known. */
json_t *oracle_judge(oracle *o, const json_t *problem, span solution);
void oracle_close(oracle *o);

/* UTF-16 units of the first `bytes` of valid UTF-8, counted on from what is known of an earlier place. */
typedef struct place16 {
    size_t byte, unit;
} place16;
size_t units_until(span text, place16 *known, size_t byte);

#endif
