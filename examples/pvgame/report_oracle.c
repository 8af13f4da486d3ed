/* report_oracle.c - what the step oracle says of each step of a solution, for the problems that have a machine form. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

struct oracle {
    pvg_context *context;
    pvg_dataset *data;
    json_t *index; /* id -> number in the dataset */
};

size_t units_until(span text, place16 *known, size_t byte) {
    for (; known->byte < byte && known->byte < text.length; known->byte++) {
        unsigned char c = (unsigned char)text.data[known->byte];
        if ((c & 0xc0) == 0x80) continue;
        known->unit += c >= 0xf0 ? 2 : 1;
    }
    return known->unit;
}

/* ---- the problems ---- */

enum { PROBLEMS = 1 << 22 };

/* Built-in problems are called problem-N by their number in the source; a game leaves out repeated questions. */
static uint64_t highest_number(const json_t *problems) {
    uint64_t highest = 0;
    size_t i;
    json_t *problem;
    json_array_foreach(problems, i, problem) {
        const char *id = json_string_value(json_object_get(problem, "id"));
        uint64_t number = id != NULL && strncmp(id, "problem-", 8) == 0 ? strtoull(id + 8, NULL, 10) : 0;
        if (number > highest && number < PROBLEMS) highest = number;
    }
    return highest;
}

static pvg_status kept_data(pvg_context *context, const char *directory, pvg_dataset **out) {
    char path[MODEL_PATH];
    pvg_settings *fields;
    pvg_status status = pvg_settings_create(context, &fields);
    if (status != PVG_OK) return status;
    snprintf(path, sizeof path, "%s/data.jsonl.gz", directory);
    status = pvg_dataset_read(context, path, fields, out);
    pvg_settings_destroy(fields);
    return status;
}

static json_t *index_of(const pvg_dataset *data) {
    json_t *index = json_object();
    for (uint64_t i = 0; i < pvg_dataset_count(data); i++) {
        pvg_problem p = {.struct_size = sizeof p};
        if (pvg_dataset_get(data, i, &p) == PVG_OK && p.chain[0] != '\0')
            json_object_set_new(index, p.id, json_integer((json_int_t)i));
    }
    return index;
}

int oracle_open(pvg_context *context, const pvg_settings *settings, const char *directory, const json_t *run,
                oracle **out) {
    json_t *about = json_object_get(run, "data");
    const char *source = json_string_value(json_object_get(about, "source"));
    pvg_dataset *data = NULL;
    *out = NULL;
    if (source == NULL || json_is_true(json_object_get(about, "labelled"))) return EXIT_DONE;
    pvg_status status =
        strcmp(source, "built-in") != 0
            ? kept_data(context, directory, &data)
            : pvg_dataset_generate(context, settings, 0, highest_number(json_object_get(run, "problems")) + 1, &data);
    if (status != PVG_OK) return fail(context);
    json_t *index = index_of(data);
    if (json_object_size(index) == 0) {
        pvg_dataset_destroy(data);
        json_decref(index);
        return EXIT_DONE;
    }
    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        pvg_dataset_destroy(data);
        json_decref(index);
        return fail_with(EXIT_RESOURCE, "out of memory");
    }
    **out = (oracle){context, data, index};
    return EXIT_DONE;
}

void oracle_close(oracle *o) {
    if (o == NULL) return;
    pvg_dataset_destroy(o->data);
    json_decref(o->index);
    free(o);
}

/* ---- steps ---- */

static const char *mark_of(const pvg_oracle_line *line) {
    if (line->arithmetic && line->grounded) return line->full ? "right" : "bare";
    if (!line->arithmetic) return line->grounded ? "arithmetic" : "both";
    return line->distractor ? "distractor" : "grounding";
}

static const char *mark_of_answer(const pvg_oracle_result *r) {
    return r->mismatch ? "mismatch" : r->right ? "answer" : "wrong_answer";
}

static void add_mark(json_t *marks, span solution, place16 *place, uint64_t byte, const char *mark, int32_t count) {
    json_array_append_new(marks,
                          json_pack("[I,s,i]", (json_int_t)units_until(solution, place, (size_t)byte), mark, count));
}

static json_t *marks_of(oracle *o, const char *chain, span solution, const pvg_oracle_result *r) {
    json_t *marks = json_array();
    place16 place = {0, 0};
    for (int32_t i = 0; i < r->lines; i++) {
        pvg_oracle_line line = {.struct_size = sizeof line};
        if (pvg_oracle_read_line(o->context, chain, solution.data, solution.length, (size_t)i, &line) != PVG_OK) break;
        if (line.omitted > 0) add_mark(marks, solution, &place, line.begin, "omitted", line.omitted);
        add_mark(marks, solution, &place, line.end, mark_of(&line), 1);
    }
    if (r->answered) add_mark(marks, solution, &place, solution.length, mark_of_answer(r), 1);
    return marks;
}

json_t *oracle_judge(oracle *o, const json_t *problem, span solution) {
    const char *id = json_string_value(json_object_get(problem, "id")),
               *question = json_string_value(json_object_get(problem, "question"));
    json_t *number = json_object_get(o->index, id);
    pvg_problem p = {.struct_size = sizeof p};
    pvg_oracle_result r = {.struct_size = sizeof r};
    if (number == NULL || pvg_dataset_get(o->data, (uint64_t)json_integer_value(number), &p) != PVG_OK) return NULL;
    if (question == NULL || strcmp(question, p.question) != 0) return NULL; /* another problem of that name */
    if (pvg_oracle_check(o->context, p.chain, solution.data, solution.length, &r) != PVG_OK) return NULL;
    return json_pack("{s:b,s:b,s:i,s:i,s:i,s:i,s:i,s:i,s:b,s:o}", "valid", r.valid, "fully_shown", r.fully_shown,
                     "steps", r.steps, "full", r.full, "bare", r.bare, "omitted", r.omitted, "arithmetic",
                     r.arithmetic_errors, "grounding", r.grounding_errors, "mismatch", r.mismatch, "marks",
                     marks_of(o, p.chain, solution, &r));
}
