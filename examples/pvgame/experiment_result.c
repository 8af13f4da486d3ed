/* experiment_result.c - what the runs of an experiment found: gathered from their files, put together, judged. */
#include "experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- gathering ---- */

typedef struct gathering {
    pvg_context *context;
    pvg_experiment *experiment;
    const task *task;
} gathering;

static int add(const gathering *g, int round, const char *metric, double value, bool at_least) {
    return pvg_experiment_add(g->experiment, g->task->arm->name, g->task->seed, round, metric, value, at_least) ==
                   PVG_OK
               ? EXIT_DONE
               : fail(g->context);
}

static bool ends_in(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && strcmp(name + length - tail, end) == 0;
}

/* No intervals over test problems: here they are over seeds. Of many draws of few problems only what choosing among them
 * gives; all else is measured on more problems. */
static bool is_wanted(const gathering *g, const char *name) {
    if (ends_in(name, "_low") || ends_in(name, "_high")) return false;
    return g->task->kind != TASK_CHOOSE || strstr(name, "best_of_") != NULL || strstr(name, "_vote_") != NULL;
}

/* Steps until something that did not happen: at least as many as were trained. NaN for any other number. */
static double cap_of(const json_t *metrics, const char *name) {
    const char *until = strstr(name, "steps_to_");
    if (until == NULL) return NAN;
    char trained[128];
    snprintf(trained, sizeof trained, "%.*ssteps", (int)(until - name), name);
    const json_t *cap = json_object_get(metrics, until == name ? "prover_steps" : trained);
    bool nobody = until == name && !json_is_number(json_object_get(metrics, "sneaky_compliance"));
    return json_is_number(cap) && !nobody ? json_number_value(cap) : (double)NAN;
}

static int add_metrics(const gathering *g, int round, const char *prefix, json_t *report) {
    json_t *metrics = json_object_get(report, "metrics"), *value;
    const char *name;
    int code = EXIT_DONE;
    json_object_foreach(metrics, name, value) {
        char full[160];
        snprintf(full, sizeof full, "%s%s", prefix, name);
        if (code != EXIT_DONE) break;
        if (!is_wanted(g, name)) continue;
        if (json_is_number(value))
            code = add(g, round, full, json_number_value(value), false);
        else
            code = add(g, round, full, cap_of(metrics, name), true);
    }
    return code;
}

/* What the last verifier, trained on all rounds, finds in worked solutions stands in the summary; it is one round more. */
static int add_last_verifier(const gathering *g, json_t *summary, int round) {
    json_t *metrics = json_object_get(summary, "metrics"), *value;
    const char *name;
    int code = EXIT_DONE;
    json_object_foreach(metrics, name, value) {
        bool wanted = is_wanted(g, name) &&
                      (strncmp(name, "last_control_", 13) == 0 || strcmp(name, "last_verifier_auc_base") == 0);
        if (wanted && json_is_number(value) && code == EXIT_DONE)
            code = add(g, round, name + 5, json_number_value(value), false);
    }
    return code;
}

/* {"summary": report, "rounds": [report, ...]} */
static int add_rounds(const gathering *g, json_t *root) {
    json_t *summary = json_object_get(root, "summary");
    const json_t *rounds = json_object_get(root, "rounds");
    int code = add_metrics(g, -1, "", summary);
    if (code == EXIT_DONE) code = add_last_verifier(g, summary, (int)json_array_size(rounds));
    for (size_t i = 0; i < json_array_size(rounds) && code == EXIT_DONE; i++)
        code = add_metrics(g, (int)i, "", json_array_get(rounds, i));
    return code;
}

/* {"attacks": [{"round", "report"}, ...]} */
static int add_attacks(const gathering *g, json_t *root) {
    const json_t *attacks = json_object_get(root, "attacks");
    int code = EXIT_DONE;
    for (size_t i = 0; i < json_array_size(attacks) && code == EXIT_DONE; i++) {
        const json_t *one = json_array_get(attacks, i);
        int round = (int)json_integer_value(json_object_get(one, "round"));
        if (round >= 0) code = add_metrics(g, round, "attack_", json_object_get(one, "report"));
    }
    return code;
}

/* A round that ended because accuracy collapsed says when that was; one that did not, when at the earliest. */
static int add_collapse(const gathering *g, const pvg_settings *settings, json_t *root) {
    const char *rule = "";
    int64_t most = 0;
    pvg_settings_get(settings, "stop.rule", &rule);
    pvg_settings_get_int(settings, "prover_train.steps", &most);
    const json_t *rounds = json_object_get(root, "rounds");
    int code = EXIT_DONE;
    for (size_t i = 0; i < json_array_size(rounds) && code == EXIT_DONE && strcmp(rule, "collapse") == 0; i++) {
        const json_t *steps = json_object_get(json_object_get(json_array_get(rounds, i), "metrics"), "prover_steps");
        if (json_is_number(steps))
            code =
                add(g, (int)i, "steps_to_collapse", json_number_value(steps), json_number_value(steps) >= (double)most);
    }
    return code;
}

static int add_task(const gathering *g, const plan *p) {
    char path[MODEL_PATH + 64];
    pvg_settings *settings;
    json_error_t error;
    task_file(g->task, path, sizeof path);
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL) return fail_with(EXIT_INPUT, "%s: %s", path, error.text);
    int code = g->task->kind == TASK_ATTACK ? add_attacks(g, root) : add_rounds(g, root);
    if (code == EXIT_DONE && g->task->kind == TASK_GAME &&
        (code = arm_settings(g->context, p->experiment, g->task->arm, g->task->seed, &settings)) == EXIT_DONE) {
        code = add_collapse(g, settings, root);
        pvg_settings_destroy(settings);
    }
    json_decref(root);
    return code;
}

static int gather(pvg_context *context, const plan *p, pvg_experiment *experiment) {
    for (unsigned a = 0; a < p->experiment->arms_count; a++) {
        const trial_arm *arm = &p->experiment->arms[a];
        if (pvg_experiment_arm(experiment, arm->name, arm->kind != NULL ? arm->kind : "", p->ratio[a]) != PVG_OK)
            return fail(context);
    }
    int code = EXIT_DONE;
    for (size_t i = 0; i < p->count && code == EXIT_DONE; i++) {
        gathering g = {context, experiment, &p->task[i]};
        if (p->task[i].state == TASK_DONE && p->task[i].kind != TASK_DRAW) code = add_task(&g, p);
    }
    return code;
}

/* ---- experiment.json ---- */

static json_t *texts_json(char *const *texts, unsigned count) {
    json_t *list = json_array();
    for (unsigned i = 0; i < count; i++) json_array_append_new(list, text_json(texts[i]));
    return list;
}

static json_t *runs_json(const plan *p) {
    json_t *runs = json_array();
    for (size_t i = 0; i < p->count; i++) {
        const task *t = &p->task[i];
        if (t->kind != TASK_GAME) continue;
        double seconds = 0;
        bool done = true;
        for (size_t j = i; j < p->count && p->task[j].game == i; j++) {
            seconds += p->task[j].seconds;
            done = done && p->task[j].state == TASK_DONE;
        }
        const char *name = strrchr(t->run, '/');
        json_array_append_new(runs, json_pack("{s:s,s:I,s:s,s:b,s:f}", "arm", t->arm->name, "seed", (json_int_t)t->seed,
                                              "directory", name != NULL ? name + 1 : t->run, "done", (int)done,
                                              "seconds", seconds));
    }
    return runs;
}

static void describe_arms(const trial *x, json_t *arms) {
    for (unsigned a = 0; a < x->arms_count; a++) {
        json_t *one = json_array_get(arms, a);
        const trial_arm *arm = &x->arms[a];
        json_object_set_new(one, "about", text_json(arm->about != NULL ? arm->about : ""));
        if (arm->preset != NULL) json_object_set_new(one, "preset", text_json(arm->preset));
        json_object_set_new(one, "settings", texts_json(arm->settings, arm->settings_count));
    }
}

static pvg_status results_text(void *experiment, char *buffer, size_t capacity, size_t *needed) {
    return pvg_experiment_json(experiment, buffer, capacity, needed);
}

static json_t *results_json(pvg_experiment *results, const plan *p) {
    const trial *x = p->experiment;
    pvg_status status;
    char *text = fetch_text(results_text, results, &status);
    json_t *found = text != NULL ? json_loads(text, 0, NULL) : NULL, *all = json_object(), *seeds = json_array();
    free(text);
    for (unsigned i = 0; i < x->seeds_count; i++) json_array_append_new(seeds, json_integer((json_int_t)x->seeds[i]));
    json_object_set_new(all, "format", json_integer(1));
    json_object_set_new(all, "library", json_string(pvg_version_string()));
    json_object_set_new(all, "name", text_json(x->name));
    json_object_set_new(all, "title", text_json(x->title != NULL ? x->title : ""));
    json_object_set_new(all, "about", text_json(x->about != NULL ? x->about : ""));
    json_object_set_new(all, "seeds", seeds);
    json_object_set_new(all, "settings", texts_json(x->settings, x->settings_count));
    json_object_set_new(all, "runs", runs_json(p));
    describe_arms(x, json_object_get(found, "arms"));
    if (found == NULL || json_object_update(all, found) != 0) {
        json_decref(all);
        all = NULL;
    }
    json_decref(found);
    return all;
}

int results_write(pvg_context *context, const plan *p, pvg_experiment **out) {
    pvg_experiment *results;
    char path[MODEL_PATH + 32];
    if (pvg_experiment_create(context, 0.9, &results) != PVG_OK) return fail(context);
    int code = gather(context, p, results);
    json_t *root = code == EXIT_DONE ? results_json(results, p) : NULL;
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) : NULL;
    json_decref(root);
    if (code == EXIT_DONE && text == NULL) code = fail_with(EXIT_RESOURCE, "out of memory");
    snprintf(path, sizeof path, "%s/experiment.json", p->directory);
    if (code == EXIT_DONE) code = write_whole(path, text, strlen(text));
    free(text);
    if (code == EXIT_DONE)
        *out = results;
    else
        pvg_experiment_destroy(results);
    return code;
}

/* ---- on the terminal ---- */

static const struct shown {
    const char *title, *metric;
    int digits;
} columns[] = {{"right", "helpful_accuracy", 2},
               {"all shown", "helpful_fully_shown", 2},
               {"sneaky wrong", "sneaky_compliance", 2},
               {"AUC game", "verifier_auc", 2},
               {"finds result", "control_auc_result", 2},
               {"finds operand", "control_auc_operand", 2},
               {"exploit (src)", "attack_src_steps_to_exploit", 0}};
enum { COLUMNS = sizeof columns / sizeof columns[0], WIDTH = 15 };

/* "0.93±0.02"; ">" before lower bounds. */
static void print_cell(pvg_experiment *results, const char *arm, int round, const struct shown *column, FILE *out) {
    pvg_summary s = {.struct_size = sizeof s};
    char text[64] = "-";
    if (pvg_experiment_summary(results, arm, round, column->metric, &s) == PVG_OK) {
        int used = snprintf(text, sizeof text, "%s%.*f", s.bounds > 0 ? ">" : "", column->digits, s.mean);
        if (!isnan(s.low))
            snprintf(text + used, sizeof text - (size_t)used, "±%.*f", column->digits, (s.high - s.low) / 2);
    }
    int width = WIDTH + (strstr(text, "±") != NULL); /* one character of two bytes */
    fprintf(out, "%*s", width, text);
}

static bool has_round(pvg_experiment *results, const char *arm, int round) {
    pvg_summary s = {.struct_size = sizeof s};
    for (int c = 0; c < COLUMNS; c++)
        if (pvg_experiment_summary(results, arm, round, columns[c].metric, &s) == PVG_OK) return true;
    return false;
}

static void print_arm(pvg_experiment *results, const char *arm, FILE *out) {
    static const struct shown base[] = {{"", "base_accuracy", 2}, {"", "base_fully_shown", 2}};
    fprintf(out, "%-20s  base", arm);
    for (int c = 0; c < 2; c++) print_cell(results, arm, -1, &base[c], out);
    for (int round = 0; has_round(results, arm, round); round++) {
        fprintf(out, "\n%-20s %5d", "", round);
        for (int c = 0; c < COLUMNS; c++) print_cell(results, arm, round, &columns[c], out);
    }
    fputc('\n', out);
}

/* Text in lines of at most 100 letters, each after `indent` blanks; line breaks in the text stay. */
static void print_wrapped(const char *text, int indent, FILE *out) {
    enum { ROOM = 100 };
    while (*text != '\0') {
        size_t length = strcspn(text, "\n"), end = length;
        if (length > ROOM) {
            end = ROOM;
            while (end > 0 && text[end] != ' ') end--;
            if (end == 0) end = ROOM;
        }
        fprintf(out, "%*s%.*s\n", indent, "", (int)end, text);
        text += end;
        text += *text == ' ' || *text == '\n';
    }
}

static void print_claim(const pvg_claim *claim, FILE *out) {
    bool drawn = strcmp(claim->figure, "-") != 0;
    fprintf(out, "\n%-24s %s%s%s\n", pvg_finding_name(claim->finding), claim->id, drawn ? ", figure " : "",
            drawn ? claim->figure : "");
    print_wrapped(claim->title, 4, out);
    fputs("    paper: ", out);
    print_wrapped(claim->paper, 0, out);
    print_wrapped(claim->measured, 6, out);
}

void results_print(pvg_experiment *results, const plan *p, FILE *out) {
    fprintf(out, "%-20s %5s", "arm", "round");
    for (int c = 0; c < COLUMNS; c++) fprintf(out, "%*s", WIDTH, columns[c].title);
    fputc('\n', out);
    for (unsigned a = 0; a < p->experiment->arms_count; a++) print_arm(results, p->experiment->arms[a].name, out);
    fprintf(out, "\nMeans over seeds and half the width of their 90 %% intervals (Student's t: wide under few seeds). "
                 "\">\": a lower\n"
                 "bound, because the steps ended first. Two numbers differ when their intervals do not touch.\n");
    size_t tally[PVG_FINDING_DIFFERENT + 1] = {0};
    for (size_t i = 0; i < pvg_claim_count(); i++) {
        pvg_claim claim = {.struct_size = sizeof claim};
        if (pvg_experiment_claim(results, i, &claim) != PVG_OK) continue;
        tally[claim.finding]++;
        if (claim.finding != PVG_FINDING_NOT_MEASURED) print_claim(&claim, out);
    }
    fprintf(out, "\n%zu claims reproduced, %zu not reproduced, %zu different at this scale, %zu not measured here\n",
            tally[PVG_FINDING_REPRODUCED], tally[PVG_FINDING_NOT_REPRODUCED], tally[PVG_FINDING_DIFFERENT],
            tally[PVG_FINDING_NOT_MEASURED]);
}
