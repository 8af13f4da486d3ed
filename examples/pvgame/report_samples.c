/* report_samples.c - which samples the report shows, and what verifiers and the step oracle say of each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

enum { LONGEST_TEXT = 20000, GROUPS = 4096 };

typedef struct gathering {
    const common *options;
    const char *directory;
    char path[MODEL_PATH]; /* samples.jsonl.gz */
    uint64_t most, total, broken;
    json_t *groups;   /* name -> [seen, wanted, taken] */
    json_t *problems; /* what the page gets: [{"id", "question", "gold"}] */
    json_t *index;    /* id -> number in problems */
    json_t *samples;
    progress line;
    double began;
} gathering;

/* ---- reading ---- */

/* Bytes that are not UTF-8 become U+FFFD rather than hide the sample. */
static json_t *parse(const char *bytes, size_t length) {
    json_t *line = json_loadb(bytes, length, JSON_ALLOW_NUL, NULL);
    json_t *clean = line == NULL ? text_json(bytes) : NULL;
    if (clean != NULL) line = json_loadb(json_string_value(clean), json_string_length(clean), JSON_ALLOW_NUL, NULL);
    json_decref(clean);
    if (line != NULL && json_is_object(line) && json_is_string(json_object_get(line, "solution"))) return line;
    json_decref(line);
    return NULL;
}

static int each_sample(gathering *g, const char *what, int (*use)(gathering *g, json_t *line)) {
    char *bytes;
    size_t length;
    unsigned long number;
    line_reader *reader;
    uint64_t done = 0, expected = g->total;
    int code = lines_open(g->path, &reader), got = 0;
    if (code != EXIT_DONE) return code;
    while (code == EXIT_DONE && (got = lines_next(reader, &bytes, &length, &number)) == 1) {
        json_t *line = parse(bytes, length);
        if (line != NULL) code = use(g, line);
        else if (expected == 0) g->broken++;
        json_decref(line);
        progress_count(&g->line, what, ++done, expected, clock_seconds() - g->began);
    }
    lines_close(reader);
    return got < 0 ? EXIT_INPUT : code;
}

/* ---- choosing ---- */

static const char *text_or(json_t *line, const char *field, const char *otherwise) {
    const char *text = json_string_value(json_object_get(line, field));
    return text != NULL ? text : otherwise;
}

/* Samples of one stage, round, role and way of sampling. */
static json_t *group_of(gathering *g, json_t *line) {
    char name[256];
    snprintf(name, sizeof name, "%s/%lld/%s/%d", text_or(line, "stage", "?"),
             (long long)json_integer_value(json_object_get(line, "round")), text_or(line, "role", "?"),
             json_is_true(json_object_get(line, "greedy")));
    json_t *group = json_object_get(g->groups, name);
    if (group != NULL || json_object_size(g->groups) >= GROUPS) return group;
    group = json_pack("[i,i,i,b]", 0, 0, 0, strstr(text_or(line, "stage", ""), "test") != NULL);
    return json_object_set_new(g->groups, name, group) == 0 ? json_object_get(g->groups, name) : NULL;
}

enum { SEEN, WANTED, TAKEN, TEST };
static uint64_t count_in(const json_t *group, size_t which) {
    return (uint64_t)json_integer_value(json_array_get(group, which));
}
static void set_count(json_t *group, size_t which, uint64_t count) {
    json_array_set_new(group, which, json_integer((json_int_t)count));
}

static int count_sample(gathering *g, json_t *line) {
    json_t *group = group_of(g, line);
    if (group != NULL) set_count(group, SEEN, count_in(group, SEEN) + 1);
    g->total++;
    return EXIT_DONE;
}

static bool is_of(const json_t *group, bool test) { return json_is_true(json_array_get(group, TEST)) == test; }

static uint64_t seen_in(const gathering *g, bool test) {
    const char *name;
    json_t *group;
    uint64_t seen = 0;
    json_object_foreach(g->groups, name, group)
        if (is_of(group, test)) seen += count_in(group, SEEN);
    return seen;
}

/* Share `room` out over groups of a kind: equal shares, and what small groups leave goes to the others. What cannot be
 * shared equally is left where shares must be `equal`. Gives what is left. */
static uint64_t share_out(gathering *g, bool test, uint64_t room, bool equal) {
    const char *name;
    json_t *group;
    for (;;) {
        uint64_t hungry = 0, given = 0;
        json_object_foreach(g->groups, name, group)
            hungry += is_of(group, test) && count_in(group, WANTED) < count_in(group, SEEN);
        uint64_t share = hungry > 0 ? room / hungry : 0;
        if (share == 0 && !equal && room > 0) share = 1;
        json_object_foreach(g->groups, name, group) {
            uint64_t more = is_of(group, test) ? count_in(group, SEEN) - count_in(group, WANTED) : 0;
            if (more > share) more = share;
            if (more > room) more = room;
            set_count(group, WANTED, count_in(group, WANTED) + more);
            room -= more;
            given += more;
        }
        if (given == 0) return room;
    }
}

/* Tests first, because their problems come again in every round: three quarters, or more where the others need less. */
static void plan(gathering *g) {
    uint64_t tests = seen_in(g, true), others = seen_in(g, false), room = g->most * 3 / 4;
    if (others < g->most - room) room = g->most - others;
    if (tests < room) room = tests;
    uint64_t left = share_out(g, true, room, true);
    left = share_out(g, false, g->most - room + left, false);
    share_out(g, true, left, false);
}

/* Of tests the first ones, which are the same problems in every round and role; else evenly spaced ones. */
static bool is_chosen(json_t *group) {
    uint64_t seen = count_in(group, SEEN), chosen = count_in(group, WANTED), at = count_in(group, TAKEN);
    set_count(group, TAKEN, at + 1);
    if (json_is_true(json_array_get(group, TEST))) return at < chosen;
    return chosen > 0 && (at + 1) * chosen / seen > at * chosen / seen;
}

/* ---- keeping ---- */

/* A text of at most LONGEST_TEXT bytes, cut between characters. */
static json_t *cut_text(const json_t *text) {
    size_t length = json_string_length(text);
    const char *bytes = json_string_value(text);
    if (bytes == NULL) return json_string("");
    if (length > LONGEST_TEXT)
        for (length = LONGEST_TEXT; length > 0 && ((unsigned char)bytes[length] & 0xc0) == 0x80;) length--;
    return json_stringn(bytes, length);
}

static json_int_t problem_of(gathering *g, json_t *line) {
    const char *id = text_or(line, "id", "");
    json_t *known = json_object_get(g->index, id);
    if (known != NULL) return json_integer_value(known);
    json_int_t number = (json_int_t)json_array_size(g->problems);
    json_object_set_new(g->index, id, json_integer(number));
    json_array_append_new(g->problems,
                          json_pack("{s:s,s:o,s:o}", "id", id, "question", cut_text(json_object_get(line, "question")),
                                    "gold", cut_text(json_object_get(line, "gold"))));
    return number;
}

static int keep_sample(gathering *g, json_t *line) {
    static const char *const copied[] = {"stage", "round", "step", "role", "verdict", "score", "reward", "tokens"};
    json_t *group = group_of(g, line);
    if (group == NULL || !is_chosen(group)) return EXIT_DONE;
    json_t *sample =
        json_pack("{s:I,s:o}", "problem", problem_of(g, line), "text", cut_text(json_object_get(line, "solution")));
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        json_t *value = json_object_get(line, copied[i]);
        if (json_is_string(value)) json_object_set_new(sample, copied[i], cut_text(value));
        else if (json_is_number(value)) json_object_set(sample, copied[i], value);
    }
    if (json_is_true(json_object_get(line, "greedy")))
        json_object_set(sample, "greedy", json_object_get(line, "greedy"));
    if (json_string_length(json_object_get(line, "solution")) > LONGEST_TEXT)
        json_object_set_new(sample, "cut", json_true());
    return json_array_append_new(g->samples, sample) == 0 ? EXIT_DONE : fail_with(EXIT_RESOURCE, "out of memory");
}

/* ---- what is said of them ---- */

static json_t *rounded(double value) { return json_real(round(1000 * value) / 1000); }

static void add_to_last(json_t *values, double more) {
    json_t *last = json_array_get(values, json_array_size(values) - 1);
    if (last != NULL) json_real_set(last, json_real_value(last) + more);
}

static void round_all(json_t *values) {
    size_t i;
    json_t *value;
    json_array_foreach(values, i, value) json_real_set(value, round(1000 * json_real_value(value)) / 1000);
}

/* Adds {"by", "score", "parts"}. A token that ends within a character is joined with the next one, the end token with
 * the last. Solutions that a verifier cannot read (too long for it, say) go without. */
static void add_verdict(json_t *sample, pvg_verifier *verifier, size_t by, span question) {
    json_t *text = json_object_get(sample, "text"), *ends = json_array(), *values = json_array();
    span solution = {json_string_value(text), json_string_length(text)};
    parts p;
    double score = 0, held = 0;
    place16 place = {0, 0};
    size_t before = 0;
    if (try_parts(verifier, question, solution, &p) == PVG_OK) {
        for (size_t i = 0; i < p.count; i++) {
            size_t unit = units_until(solution, &place, p.end[i]);
            bool inside = p.end[i] < solution.length && ((unsigned char)solution.data[p.end[i]] & 0xc0) == 0x80;
            score += (double)p.value[i];
            held += (double)p.value[i];
            if (inside || unit == before) continue;
            json_array_append_new(ends, json_integer((json_int_t)unit));
            json_array_append_new(values, json_real(held));
            before = unit;
            held = 0;
        }
        add_to_last(values, held);
        round_all(values);
        json_t *verdicts = json_object_get(sample, "verdicts");
        if (verdicts == NULL) json_object_set_new(sample, "verdicts", verdicts = json_array());
        json_array_append_new(
            verdicts, json_pack("{s:I,s:o,s:O}", "by", (json_int_t)by, "score", rounded(score), "parts", values));
        if (json_object_get(sample, "ends") == NULL) json_object_set(sample, "ends", ends);
        parts_free(&p);
    }
    json_decref(ends);
    json_decref(values);
}

static span question_of(const gathering *g, json_t *sample) {
    json_t *problem = json_array_get(g->problems, (size_t)json_integer_value(json_object_get(sample, "problem")));
    json_t *question = json_object_get(problem, "question");
    return (span){json_string_value(question), json_string_length(question)};
}

/* Verifiers by name: that of every round, which is what the round's prover was trained against, and the last. */
static json_t *verifier_names(const char *directory) {
    char path[MODEL_PATH];
    json_t *names = json_array();
    for (int round = 0; round < rounds_kept(directory); round++)
        json_array_append_new(names, round_model(directory, round, "verifier", path, sizeof path)
                                         ? json_sprintf("round-%d/verifier", round)
                                         : json_null());
    snprintf(path, sizeof path, "%s/models/last_verifier", directory);
    if (path_exists(path)) json_array_append_new(names, json_string("last_verifier"));
    return names;
}

/* A sample is judged by the verifier of its round (the first one for what came before) and by the newest one. */
static bool is_judged_by(json_t *sample, size_t by, size_t count) {
    json_int_t round = json_integer_value(json_object_get(sample, "round"));
    return by + 1 == count || (json_int_t)by == (round > 0 ? round : 0);
}

static int judge_all(gathering *g, pvg_context *context, const pvg_settings *settings, const json_t *names) {
    size_t by, i, count = json_array_size(names), all = json_array_size(g->samples);
    json_t *name, *sample;
    json_array_foreach(names, by, name) {
        char path[MODEL_PATH];
        pvg_verifier *verifier;
        if (!json_is_string(name)) continue;
        snprintf(path, sizeof path, "%s/models/%s", g->directory, json_string_value(name));
        int code = open_verifier(context, path, settings, &verifier);
        if (code != EXIT_DONE) return code;
        json_array_foreach(g->samples, i, sample) {
            if (is_judged_by(sample, by, count)) add_verdict(sample, verifier, by, question_of(g, sample));
            progress_count(&g->line, "scoring samples", by * all + i + 1, count * all, clock_seconds() - g->began);
        }
        pvg_verifier_destroy(verifier);
    }
    return EXIT_DONE;
}

static int consult_oracle(gathering *g, pvg_context *context, const pvg_settings *settings, const json_t *run) {
    oracle *o;
    size_t i;
    json_t *sample;
    int code = oracle_open(context, settings, g->directory, run, &o);
    if (code != EXIT_DONE || o == NULL) return code;
    json_array_foreach(g->samples, i, sample) {
        json_t *text = json_object_get(sample, "text");
        json_t *problem = json_array_get(g->problems, (size_t)json_integer_value(json_object_get(sample, "problem")));
        json_t *said = oracle_judge(o, problem, (span){json_string_value(text), json_string_length(text)});
        if (said != NULL) json_object_set_new(sample, "oracle", said);
    }
    oracle_close(o);
    return EXIT_DONE;
}

/* Samples are worth showing without it: what is wrong with settings or models is said on standard error. */
static void judge(gathering *g, json_t *run, const json_t *names) {
    pvg_context *context;
    pvg_settings *settings = NULL;
    if (open_context(g->options, &context) != EXIT_DONE) return;
    int code = open_run_settings(context, g->options, g->directory, &settings);
    if (code == EXIT_DONE) code = consult_oracle(g, context, settings, run);
    if (code == EXIT_DONE) code = judge_all(g, context, settings, names);
    if (code != EXIT_DONE)
        fprintf(stderr, "pvgame: warning: samples go without what verifiers or the step oracle say of them\n");
    pvg_settings_destroy(settings);
    pvg_context_destroy(context);
}

int add_samples(json_t *run, const char *directory, const common *options, uint64_t most) {
    gathering g = {.options = options, .directory = directory, .most = most, .began = clock_seconds()};
    snprintf(g.path, sizeof g.path, "%s/samples.jsonl.gz", directory);
    if (most == 0 || !path_exists(g.path)) return EXIT_DONE;
    g.groups = json_object();
    g.problems = json_array();
    json_object_set_new(run, "problems", g.problems);
    g.index = json_object();
    g.samples = json_array();
    progress_init(&g.line, options);
    g.line.shown = g.began; /* nothing is said of what takes a moment */
    int code = each_sample(&g, "reading samples", count_sample);
    if (code == EXIT_DONE) {
        plan(&g);
        code = each_sample(&g, "choosing samples", keep_sample);
    }
    json_t *names = verifier_names(directory);
    if (code == EXIT_DONE && json_object_get(run, "config") != NULL) judge(&g, run, names);
    progress_clear(&g.line);
    json_object_set_new(run, "sampled",
                        json_pack("{s:I,s:I,s:I}", "total", (json_int_t)g.total, "kept",
                                  (json_int_t)json_array_size(g.samples), "broken", (json_int_t)g.broken));
    json_object_set_new(run, "verifiers", names);
    json_object_set_new(run, "samples", g.samples);
    json_decref(g.groups);
    json_decref(g.index);
    return code;
}
