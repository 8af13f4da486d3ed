/* dataset_read.c - JSON lines to items. A bad line fails the whole read, with a sentence that says where and why. */
#include <jansson.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "game/dataset.h"
#include "game/grade.h"

static const char NAME[] = "dataset";

enum { NUMBER_SIZE = 32 };

/* One line on its way into the dataset. */
typedef struct reader {
    pvi_env *env;
    const char *path;
    uint64_t line;
    pvi_dataset_fields fields;
    bool labelled, strip_marks;
    pvi_dataset *made;
    pvi_text solution, candidate; /* without calculator marks */
} reader;

/* ---- fields ---- */

static const char *kind_of(const json_t *value) {
    if (value == NULL) return "nothing";
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "a list";
    case JSON_STRING: return "text";
    case JSON_INTEGER:
    case JSON_REAL: return "a number";
    case JSON_TRUE: return "true";
    case JSON_FALSE: return "false";
    default: return "null";
    }
}

static pvg_status wrong_field(const reader *r, const char *field, const json_t *found, const char *wanted) {
    return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s:%llu: field \"%.60s\": found %s, wanted is %s", r->path,
                    (unsigned long long)r->line, field, kind_of(found), wanted);
}

/* "a.b" reaches into an object, a field really named so goes first; NULL when there is none. */
static const json_t *field_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    for (const char *dot = strchr(name, '.'); value == NULL && dot != NULL; dot = strchr(dot + 1, '.')) {
        const json_t *inner = json_object_getn(object, name, (size_t)(dot - name));
        if (json_is_object(inner)) value = field_of(inner, dot + 1);
    }
    return value;
}

static bool is_missing(const json_t *value) { return value == NULL || json_is_null(value); }

static pvg_status text_field(const reader *r, const json_t *object, const char *name, bool may_miss, const char **out,
                             size_t *length) {
    const json_t *value = field_of(object, name);
    *out = NULL;
    *length = 0;
    if (may_miss && is_missing(value)) return PVG_OK;
    if (!json_is_string(value)) return wrong_field(r, name, value, "text");
    *out = json_string_value(value);
    *length = json_string_length(value);
    return PVG_OK;
}

static void write_number(const json_t *value, char out[NUMBER_SIZE]) {
    if (json_is_integer(value)) pvi_text_format(out, NUMBER_SIZE, "%lld", (long long)json_integer_value(value));
    else pvi_text_from_double(json_real_value(value), out);
}

static pvg_status id_field(const reader *r, const json_t *object, char number[NUMBER_SIZE], const char **out) {
    const json_t *value = field_of(object, r->fields.id);
    *out = NULL;
    if (is_missing(value)) return PVG_OK;
    if (!json_is_string(value) && !json_is_integer(value)) return wrong_field(r, r->fields.id, value, "text or a whole number");
    if (json_is_string(value)) {
        *out = json_string_value(value);
    } else {
        write_number(value, number);
        *out = number;
    }
    return PVG_OK;
}

static pvg_status answer_field(const reader *r, const json_t *object, char number[NUMBER_SIZE], const char **out, size_t *length) {
    const json_t *value = field_of(object, r->fields.answer);
    if (!json_is_string(value) && !json_is_number(value))
        return wrong_field(r, r->fields.answer, value, "text with the reference answer, or a number");
    if (json_is_number(value)) write_number(value, number);
    *out = json_is_string(value) ? json_string_value(value) : number;
    *length = strlen(*out);
    return PVG_OK;
}

static pvg_status label_field(const reader *r, const json_t *object, int32_t *out) {
    const json_t *value = field_of(object, r->fields.label);
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;
    if (!json_is_boolean(value) && number != 0 && number != 1)
        return wrong_field(r, r->fields.label, value, "true, false, 1 or 0");
    *out = json_is_true(value) || number == 1;
    return PVG_OK;
}

/* ---- one line ---- */

/* Bytes of a calculator mark <<...>> at text, 0 when this is none. */
static size_t mark_length(const char *text, size_t left) {
    if (left < 4 || text[0] != '<' || text[1] != '<') return 0;
    for (size_t i = 2; i + 1 < left && text[i] != '\n' && text[i] != '<'; i++)
        if (text[i] == '>' && text[i + 1] == '>') return i + 2;
    return 0;
}

static pvg_status strip_marks(const char **text, size_t *length, pvi_text *out) {
    pvi_text_clear(out);
    pvi_text_append(out, "", 0);
    for (size_t i = 0, from = 0; i < *length || from < i;) {
        size_t mark = i < *length ? mark_length(*text + i, *length - i) : 0;
        if (mark == 0 && i < *length) {
            i++;
            continue;
        }
        pvi_text_append(out, *text + from, i - from);
        i += mark;
        from = i;
    }
    *text = out->data;
    *length = out->length;
    return pvi_text_ok(out);
}

/* Does an answer show how it was reached? Then it is the reference solution too. */
static bool is_solution(const char *answer, size_t length) {
    while (length > 0 && strchr(" \t\r\n", answer[length - 1]) != NULL) length--;
    while (length > 0 && strchr(" \t\r\n", *answer) != NULL) answer++, length--;
    return memchr(answer, '\n', length) != NULL || strstr(answer, "####") != NULL;
}

/* The sentence of a failure below, with the place in front of it. */
static pvg_status at_place(const reader *r, pvg_status status, const char *field) {
    if (status == PVG_OK || status == PVG_E_NOMEM) return status;
    pvi_error error = r->env->error;
    if (status == PVG_E_INVALID) status = PVG_E_FORMAT; /* an id twice: here the file's mistake, not the program's */
    return pvi_fail(r->env, status, NAME, "%s:%llu: %s%s%s%s", r->path, (unsigned long long)r->line, field != NULL ? "field \"" : "",
                    field != NULL ? field : "", field != NULL ? "\": " : "", error.message);
}

static pvg_status read_texts(const reader *r, const json_t *object, pvi_item *item) {
    const pvi_dataset_fields *f = &r->fields;
    size_t chain;
    pvg_status status = text_field(r, object, f->question, false, &item->question, &item->question_length);
    if (status == PVG_OK) status = text_field(r, object, f->chain, true, &item->chain, &chain);
    if (status == PVG_OK)
        status = text_field(r, object, r->labelled ? f->reference : f->solution, true, &item->solution, &item->solution_length);
    item->label = -1;
    if (status != PVG_OK || !r->labelled) return status;
    status = text_field(r, object, f->solution, false, &item->candidate, &item->candidate_length);
    return status == PVG_OK ? label_field(r, object, &item->label) : status;
}

static pvg_status read_item(reader *r, const json_t *object) {
    char id_number[NUMBER_SIZE], answer_number[NUMBER_SIZE], gold[PVI_GOLD_SIZE];
    pvi_item item = {.line = r->line};
    size_t length = 0;
    pvg_status status = id_field(r, object, id_number, &item.id);
    if (status == PVG_OK) status = read_texts(r, object, &item);
    if (status == PVG_OK) status = answer_field(r, object, answer_number, &item.gold, &length);
    if (status == PVG_OK) status = at_place(r, pvi_gold_canonical(r->env, item.gold, length, gold), r->fields.answer);
    if (status != PVG_OK) return status;
    if (item.solution == NULL && is_solution(item.gold, length)) {
        item.solution = item.gold;
        item.solution_length = length;
    }
    item.gold = gold;
    if (item.solution == NULL) item.solution = "";
    if (r->strip_marks) status = strip_marks(&item.solution, &item.solution_length, &r->solution);
    if (r->strip_marks && status == PVG_OK && item.candidate != NULL)
        status = strip_marks(&item.candidate, &item.candidate_length, &r->candidate);
    return status == PVG_OK ? at_place(r, pvi_dataset_append(r->env, r->made, &item), NULL) : status;
}

static pvg_status read_line(reader *r, const char *line, size_t length) {
    json_error_t error;
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (object == NULL && json_error_code(&error) == json_error_out_of_memory)
        return pvi_fail(r->env, PVG_E_NOMEM, NAME, "%s:%llu: no memory to parse a line of %zu bytes", r->path,
                        (unsigned long long)r->line, length);
    if (object == NULL)
        return pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s:%llu: not valid JSON at byte %d: %s; wanted is one object a line", r->path,
                        (unsigned long long)r->line, error.position, error.text);
    pvg_status status = PVG_OK;
    if (json_is_object(object)) status = read_item(r, object);
    else
        status = pvi_fail(r->env, PVG_E_FORMAT, NAME, "%s:%llu: found %s, wanted is one object a line", r->path,
                          (unsigned long long)r->line, kind_of(object));
    json_decref(object);
    return status;
}

/* ---- the file ---- */

static bool is_blank(const char *line, size_t length) {
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t' || line[length - 1] == '\r')) length--;
    return length == 0;
}

static pvg_status read_lines(reader *r) {
    pvi_lines *lines;
    const char *line;
    size_t length;
    pvg_status status = pvi_lines_open(r->env, r->path, PVI_DATASET_LINE, &lines);
    if (status != PVG_OK) return status;
    while ((status = pvi_lines_next(lines, &line, &length, &r->line)) == PVG_OK && line != NULL) {
        if (is_blank(line, length)) continue;
        status = read_line(r, line, length);
        if (status != PVG_OK) break;
    }
    pvi_lines_close(lines);
    return status;
}

static const char *or_preset(const char *name, const char *preset) { return name != NULL ? name : preset; }

static pvi_dataset_fields with_presets(const pvi_dataset_fields *f) {
    return (pvi_dataset_fields){.id = or_preset(f->id, "id"),
                                .question = or_preset(f->question, "question"),
                                .answer = or_preset(f->answer, "answer"),
                                .solution = or_preset(f->solution, "solution"),
                                .label = or_preset(f->label, "is_correct"),
                                .chain = or_preset(f->chain, "chain"),
                                .reference = or_preset(f->reference, "reference")};
}

pvg_status pvi_dataset_read(pvi_env *env, const char *path, const pvi_dataset_options *options, pvi_dataset **out) {
    static const pvi_dataset_options preset = {.labelled = false};
    if (options == NULL) options = &preset;
    reader r = {.env = env, .path = path, .fields = with_presets(&options->fields), .labelled = options->labelled,
                .strip_marks = options->strip_marks};
    pvg_status status = pvi_dataset_create(env, &r.made);
    if (status != PVG_OK) return status;
    pvi_text_init(&r.solution, env);
    pvi_text_init(&r.candidate, env);
    status = read_lines(&r);
    pvi_text_free(&r.solution);
    pvi_text_free(&r.candidate);
    if (status == PVG_OK) *out = r.made;
    else pvi_dataset_release(r.made);
    return status;
}
