/* experiment_write.c - an experiment as JSON: what was measured, the claims, and the plane of accuracy and legibility. */
#include <math.h>
#include <string.h>

#include "game/claims.h"

void pvi_summary_write_json(const pvi_summary *s, pvi_text *out) {
    const struct {
        const char *name;
        double value;
    } part[] = {{"mean", s->mean},           {"low", s->low},     {"high", s->high},
                {"deviation", s->deviation}, {"least", s->least}, {"most", s->most}};
    pvi_text_printf(out, "\"seeds\":%d,\"at_least\":%d", (int)s->seeds, (int)s->bounds);
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        pvi_text_printf(out, ",\"%s\":", part[i].name);
        pvi_json_number(out, part[i].value);
    }
}

static void write_text(pvi_text *out, const char *name, const char *text) {
    pvi_text_printf(out, "\"%s\":", name);
    pvi_json_string(out, text, strlen(text));
}

static void write_arms(const pvi_experiment *x, pvi_text *out) {
    pvi_text_puts(out, "\"arms\":[");
    for (size_t i = 0; i < x->arms; i++) {
        pvi_text_puts(out, i > 0 ? ",{" : "{");
        write_text(out, "name", x->arm[i].name);
        pvi_text_puts(out, ",");
        write_text(out, "kind", x->arm[i].kind);
        pvi_text_puts(out, ",\"ratio\":");
        pvi_json_number(out, x->arm[i].ratio);
        pvi_text_puts(out, "}");
    }
    pvi_text_puts(out, "]");
}

/* ---- metrics ---- */

static void write_values(pvi_cell cell, pvi_text *out) {
    pvi_text_puts(out, ",\"values\":{");
    for (size_t i = 0; i < cell.count; i++) {
        pvi_text_printf(out, "%s\"%llu\":", i > 0 ? "," : "", (unsigned long long)cell.entry[i].seed);
        pvi_json_number(out, cell.entry[i].value);
    }
    pvi_text_puts(out, "}");
}

/* The entries from `at` on that are one cell. */
static pvi_cell cell_at(const pvi_experiment *x, size_t at) {
    pvi_cell cell = {.entry = &x->entry[at]};
    while (at + cell.count < x->entries && x->entry[at + cell.count].arm == cell.entry->arm &&
           x->entry[at + cell.count].metric == cell.entry->metric &&
           x->entry[at + cell.count].round == cell.entry->round)
        cell.count++;
    return cell;
}

/* {arm: {metric: [{round, ...}]}}, in the order of the sorted entries. */
static void write_metrics(pvi_experiment *x, pvi_text *out) {
    const pvi_experiment_entry *before = NULL;
    pvi_text_puts(out, "\"metrics\":{");
    for (size_t at = 0; at < x->entries;) {
        pvi_cell cell = cell_at(x, at);
        bool new_arm = before == NULL || before->arm != cell.entry->arm;
        bool new_metric = new_arm || before->metric != cell.entry->metric;
        if (before != NULL) pvi_text_puts(out, new_arm ? "]}," : new_metric ? "]," : ",");
        if (new_arm) {
            const char *name = x->arm[cell.entry->arm].name;
            pvi_json_string(out, name, strlen(name));
            pvi_text_puts(out, ":{");
        }
        if (new_metric) {
            const char *name = x->metric[cell.entry->metric];
            pvi_json_string(out, name, strlen(name));
            pvi_text_puts(out, ":[");
        }
        pvi_summary s = pvi_experiment_summary(x, cell);
        pvi_text_printf(out, "{\"round\":%d,", (int)cell.entry->round);
        pvi_summary_write_json(&s, out);
        write_values(cell, out);
        pvi_text_puts(out, "}");
        before = cell.entry;
        at += cell.count;
    }
    pvi_text_puts(out, before != NULL ? "]}}" : "}");
}

/* ---- claims ---- */

static pvg_status write_claims(pvi_experiment *x, pvi_text *out) {
    size_t count;
    const pvi_claim *claim = pvi_claims(&count);
    pvi_text_puts(out, "\"claims\":[");
    for (size_t i = 0; i < count; i++) {
        pvi_judgement j;
        pvg_status status = pvi_claim_judge(x, i, &j);
        if (status != PVG_OK) return status;
        const struct {
            const char *name, *text;
        } part[] = {{"id", claim[i].id},          {"figure", claim[i].figure}, {"title", claim[i].title},
                    {"paper", claim[i].paper},    {"rule", claim[i].rule},     {"finding", pvi_finding_name(j.finding)},
                    {"measured", j.measured.data}};
        for (size_t p = 0; p < sizeof part / sizeof part[0]; p++) {
            pvi_text_puts(out, p > 0 ? "," : i > 0 ? ",{" : "{");
            write_text(out, part[p].name, part[p].text);
        }
        pvi_text_printf(out, ",\"checks\":[%s]}", j.checks.data);
        pvi_judgement_free(&j);
    }
    pvi_text_puts(out, "]");
    return PVG_OK;
}

/* ---- the plane ---- */

static void write_point(pvi_experiment *x, size_t arm, int32_t round, const char *accuracy, bool *first,
                        pvi_text *out) {
    pvi_cell cell = pvi_experiment_cell(x, arm, accuracy, round);
    if (cell.count == 0) return;
    pvi_summary s = pvi_experiment_summary(x, cell);
    pvi_text_puts(out, *first ? "{" : ",{");
    *first = false;
    write_text(out, "arm", x->arm[arm].name);
    pvi_text_puts(out, ",");
    write_text(out, "kind", x->arm[arm].kind);
    pvi_text_printf(out, ",\"round\":%d,\"accuracy\":{", (int)round);
    pvi_summary_write_json(&s, out);
    pvi_text_puts(out, "},\"legibility\":{");
    bool any = false;
    for (const pvi_plane_measure *m = pvi_plane_legibility; m->name != NULL; m++) {
        cell = pvi_experiment_cell(x, arm, round < 0 ? m->base : m->round, round);
        if (cell.count == 0) continue;
        s = pvi_experiment_summary(x, cell);
        pvi_text_printf(out, "%s\"%s\":{", any ? "," : "", m->name);
        pvi_summary_write_json(&s, out);
        pvi_text_puts(out, "}");
        any = true;
    }
    pvi_text_puts(out, "}}");
}

static void write_plane(pvi_experiment *x, pvi_text *out) {
    bool first = true;
    pvi_text_puts(out, "\"plane\":[");
    for (size_t arm = 0; arm < x->arms; arm++) {
        int32_t last = pvi_experiment_end_round(x, arm, pvi_plane_accuracy, true);
        write_point(x, arm, -1, pvi_plane_base, &first, out);
        for (int32_t round = 0; round <= last; round++) write_point(x, arm, round, pvi_plane_accuracy, &first, out);
    }
    pvi_text_puts(out, "]");
}

pvg_status pvi_experiment_write_json(pvi_experiment *x, pvi_text *out) {
    pvi_experiment_sort(x);
    pvi_text_puts(out, "{\"level\":");
    pvi_json_number(out, x->level);
    pvi_text_puts(out, ",");
    write_arms(x, out);
    pvi_text_puts(out, ",\n");
    write_metrics(x, out);
    pvi_text_puts(out, ",\n");
    pvg_status status = write_claims(x, out);
    if (status != PVG_OK) return status;
    pvi_text_puts(out, ",\n");
    write_plane(x, out);
    pvi_text_puts(out, "}\n");
    return pvi_text_ok(out);
}
