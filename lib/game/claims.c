/* claims.c - judging a claim: each comparison, then all of them together; see claims.h. */
#include "game/claims.h"

#include <math.h>
#include <string.h>

#include "game/stats.h"

/* ---- sides ---- */

typedef struct found {
    size_t arm;
    int32_t round;
    pvi_cell cell;
    pvi_summary summary; /* on a log scale where the relation asks for that: of the logarithms */
} found;

static bool is_enough(const found *f) { return f->cell.count >= 2; }

static size_t arm_of_kind(const pvi_experiment *x, const char *kind) {
    size_t at = 0;
    while (at < x->arms && strcmp(x->arm[at].kind, kind) != 0) at++;
    return at;
}

static found look_up(pvi_experiment *x, size_t arm, const char *metric, pvi_when when) {
    found f = {.arm = arm,
               .round = when == PVI_AT_BASE ? -1 : pvi_experiment_end_round(x, arm, metric, when == PVI_AT_LAST)};
    if (when == PVI_AT_BASE || f.round >= 0) f.cell = pvi_experiment_cell(x, arm, metric, f.round);
    f.summary = pvi_experiment_summary(x, f.cell);
    return f;
}

static found find_side(pvi_experiment *x, const pvi_side *side) {
    return look_up(x, arm_of_kind(x, side->kind), side->metric, side->when);
}

static const pvi_experiment_entry *of_seed(pvi_cell cell, uint64_t seed) {
    for (size_t i = 0; i < cell.count; i++)
        if (cell.entry[i].seed == seed) return &cell.entry[i];
    return NULL;
}

/* ---- the largest n ---- */

/* The number in place of the star; -1 for another metric. */
static long star_number(const char *metric, const char *pattern) {
    size_t prefix = strlen(pattern) - 1, length = strlen(metric);
    if (length <= prefix || length > prefix + 9 || strncmp(metric, pattern, prefix) != 0) return -1;
    long number = 0;
    for (const char *at = metric + prefix; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') return -1;
        number = 10 * number + (*at - '0');
    }
    return number;
}

static void resolve_star(pvi_experiment *x, pvi_side *left, pvi_side *right) {
    const char *pattern = left->metric;
    long most = -1;
    if (pattern == NULL || pattern[strlen(pattern) - 1] != '*') return;
    for (size_t i = 0; i < x->metrics; i++) {
        long number = star_number(x->metric[i], pattern);
        pvi_side one = *left, other = *right;
        one.metric = other.metric = x->metric[i];
        if (number <= most) continue;
        found a = find_side(x, &one), b = find_side(x, &other);
        if (!is_enough(&a) || !is_enough(&b) || a.cell.entry == b.cell.entry) continue;
        most = number;
        left->metric = right->metric = x->metric[i];
    }
}

/* ---- comparisons ---- */

typedef struct result {
    pvi_outcome outcome;
    const char *metric; /* of the left side, its star resolved */
    found left, right;
    pvi_summary derived; /* a share of a gain, a ratio; seeds is 0 without one */
} result;

static pvi_outcome compare(const pvi_summary *more, const pvi_summary *less) {
    if (less->bounds > 0) return PVI_SATURATED;
    if (more->low > less->high) return PVI_HOLDS;
    return more->high < less->low && more->bounds == 0 ? PVI_OPPOSITE : PVI_OPEN;
}

static pvi_summary log_summary(const pvi_experiment *x, pvi_cell cell) {
    double values[PVI_SEEDS];
    for (size_t i = 0; i < cell.count; i++) values[i] = log(fmax(cell.entry[i].value, 1e-300));
    return pvi_summarise(values, cell.count, x->level);
}

/* On the log scale; the derived number is the ratio of geometric means. */
static void compare_times(const pvi_experiment *x, double amount, result *r) {
    pvi_summary left = log_summary(x, r->left.cell), right = log_summary(x, r->right.cell);
    left.bounds = r->left.summary.bounds;
    right.bounds = r->right.summary.bounds;
    r->outcome = compare(&left, &right);
    if (r->outcome == PVI_HOLDS && left.mean - right.mean < log(amount)) r->outcome = PVI_OPEN;
    double ratio = exp(left.mean - right.mean);
    r->derived = (pvi_summary){.seeds = left.seeds, .bounds = left.bounds, .mean = ratio, .low = NAN, .high = NAN};
}

static void compare_gains(pvi_experiment *x, const pvi_check *check, result *r) {
    double share[PVI_SEEDS];
    size_t count = 0;
    pvi_cell base = pvi_experiment_cell(x, r->left.arm, pvi_plane_base, -1);
    for (size_t i = 0; i < r->left.cell.count; i++) {
        const pvi_experiment_entry *left = &r->left.cell.entry[i], *right = of_seed(r->right.cell, left->seed),
                                   *from = of_seed(base, left->seed);
        if (right == NULL || from == NULL || right->value <= from->value)
            continue; /* without a gain there is no share of it */
        share[count++] = (left->value - from->value) / (right->value - from->value);
    }
    r->derived = pvi_summarise(share, count, x->level);
    if (count < 2)
        r->outcome = PVI_MISSING;
    else if (r->derived.mean >= check->amount && r->derived.low > 0)
        r->outcome = PVI_HOLDS;
    else
        r->outcome = r->derived.high < check->amount ? PVI_MISSED : PVI_OPEN;
}

/* ---- the peak over sizes ---- */

static pvi_summary gain_of(pvi_experiment *x, size_t arm, const char *metric) {
    double gain[PVI_SEEDS];
    size_t count = 0;
    found first = look_up(x, arm, metric, PVI_AT_FIRST), last = look_up(x, arm, metric, PVI_AT_LAST);
    if (first.round == last.round || first.summary.bounds > 0) return pvi_summarise(gain, 0, x->level);
    for (size_t i = 0; i < last.cell.count; i++) {
        const pvi_experiment_entry *from = of_seed(first.cell, last.cell.entry[i].seed);
        if (from != NULL && from->value > 0 && last.cell.entry[i].value > 0)
            gain[count++] = log2(last.cell.entry[i].value / from->value);
    }
    return pvi_summarise(gain, count, x->level);
}

typedef struct size_gain {
    double ratio;
    pvi_summary gain;
} size_gain;

static bool is_member(const pvi_experiment *x, size_t arm, const char *kind) {
    return strcmp(x->arm[arm].kind, kind) == 0 && !isnan(x->arm[arm].ratio);
}

static void compare_sizes(pvi_experiment *x, const pvi_check *check, result *r) {
    size_gain smallest = {.ratio = INFINITY}, largest = {.ratio = -INFINITY}, best = {.gain.mean = -INFINITY};
    size_t arms = 0, known = 0;
    for (size_t i = 0; i < x->arms; i++) {
        if (!is_member(x, i, check->left.kind)) continue;
        size_gain now = {x->arm[i].ratio, gain_of(x, i, check->left.metric)};
        arms += pvi_experiment_end_round(x, i, check->left.metric, true) >= 0;
        if (now.gain.seeds < 2) continue;
        known++;
        if (now.ratio < smallest.ratio) smallest = now;
        if (now.ratio > largest.ratio) largest = now;
    }
    for (size_t i = 0; i < x->arms; i++) {
        if (!is_member(x, i, check->left.kind) || x->arm[i].ratio <= smallest.ratio || x->arm[i].ratio >= largest.ratio)
            continue;
        size_gain now = {x->arm[i].ratio, gain_of(x, i, check->left.metric)};
        if (now.gain.seeds >= 2 && now.gain.mean > best.gain.mean) best = now;
    }
    r->derived = best.gain;
    if (known < 3)
        r->outcome = arms >= 3 ? PVI_SATURATED : PVI_MISSING;
    else if (best.gain.low > smallest.gain.high && best.gain.low > largest.gain.high)
        r->outcome = PVI_HOLDS;
    else if (smallest.gain.low > best.gain.high || largest.gain.low > best.gain.high)
        r->outcome = PVI_OPPOSITE;
    else
        r->outcome = PVI_OPEN;
}

/* ---- one comparison ---- */

static bool has_right(pvi_relation relation) {
    return relation == PVI_GREATER || relation == PVI_LESS || relation == PVI_TIMES || relation == PVI_KEEPS ||
           relation == PVI_GAIN_SHARE;
}

static bool is_same_place(const found *left, const found *right) {
    return left->cell.entry == right->cell.entry; /* one round only: the first is the last */
}

static result run_check(pvi_experiment *x, const pvi_check *check) {
    result r = {.outcome = PVI_MISSING};
    if (check->relation == PVI_PEAK) {
        compare_sizes(x, check, &r);
        return r;
    }
    pvi_side left_side = check->left, right_side = check->right;
    resolve_star(x, &left_side, &right_side);
    r.metric = left_side.metric;
    r.left = find_side(x, &left_side);
    if (has_right(check->relation)) r.right = find_side(x, &right_side);
    if (!is_enough(&r.left) ||
        (has_right(check->relation) && (!is_enough(&r.right) || is_same_place(&r.left, &r.right))))
        return r;
    const pvi_summary *left = &r.left.summary, *right = &r.right.summary;
    switch (check->relation) {
    case PVI_GREATER: r.outcome = compare(left, right); break;
    case PVI_LESS: r.outcome = compare(right, left); break;
    case PVI_TIMES: compare_times(x, check->amount, &r); break;
    case PVI_KEEPS:
        r.outcome = left->mean >= right->mean ? PVI_HOLDS : left->high < right->low ? PVI_OPPOSITE : PVI_OPEN;
        break;
    case PVI_ABOVE:
        r.outcome = left->low >= check->amount ? PVI_HOLDS : left->high < check->amount ? PVI_MISSED : PVI_OPEN;
        break;
    case PVI_BELOW:
        r.outcome = left->high <= check->amount ? PVI_HOLDS : left->low > check->amount ? PVI_MISSED : PVI_OPEN;
        break;
    case PVI_GAIN_SHARE: compare_gains(x, check, &r); break;
    case PVI_PEAK: break;
    }
    return r;
}

/* ---- in words and as JSON ---- */

static const char *const outcome_word[] = {"holds", "open", "missed", "opposite", "saturated", "missing"};
static const char *const outcome_words[] = {"holds",
                                            "the intervals touch",
                                            "the mark is missed",
                                            "the contrary holds",
                                            "the first was at its cap already",
                                            "not measured"};
static const char *const relation_word[] = {"greater", "less",  "times",      "keeps",
                                            "above",   "below", "gain_share", "peak"};

static void say_number(pvi_text *out, double value) {
    pvi_text_printf(out, fabs(value) < 1000 ? "%.3g" : "%.0f", value);
}

static void say_summary(pvi_text *out, const pvi_summary *s) {
    if (s->bounds > 0) pvi_text_puts(out, "at least ");
    say_number(out, s->mean);
    if (isnan(s->low)) return;
    pvi_text_puts(out, " (");
    say_number(out, s->low);
    pvi_text_puts(out, " to ");
    say_number(out, s->high);
    pvi_text_puts(out, ")");
}

static bool is_starred(const pvi_check *check) { return check->left.metric[strlen(check->left.metric) - 1] == '*'; }

static void say_check(pvi_text *out, const pvi_check *check, const result *r) {
    if (out->length > 0) pvi_text_puts(out, "\n");
    pvi_text_puts(out, check->what);
    if (is_starred(check) && r->outcome != PVI_MISSING)
        pvi_text_printf(out, ", n = %ld", star_number(r->metric, check->left.metric));
    pvi_text_puts(out, ": ");
    if (r->outcome == PVI_MISSING) {
        pvi_text_puts(out, "not measured under two seeds");
        return;
    }
    if (r->left.cell.count > 0) say_summary(out, &r->left.summary);
    if (r->right.cell.count > 0) {
        pvi_text_puts(out, " against ");
        say_summary(out, &r->right.summary);
    }
    if (r->derived.seeds > 0) {
        pvi_text_puts(out, check->relation == PVI_TIMES  ? ", times "
                           : check->relation == PVI_PEAK ? "best between: "
                                                         : ", share ");
        say_summary(out, &r->derived);
    }
    pvi_text_printf(out, ": %s", outcome_words[r->outcome]);
}

static void write_side(pvi_text *out, const pvi_experiment *x, const char *name, const char *metric, const found *f) {
    if (f->cell.count == 0) {
        pvi_text_printf(out, ",\"%s\":null", name);
        return;
    }
    pvi_text_printf(out, ",\"%s\":{\"arm\":", name);
    pvi_json_string(out, x->arm[f->arm].name, strlen(x->arm[f->arm].name));
    pvi_text_printf(out, ",\"metric\":\"%s\",\"round\":%d,", metric, (int)f->round);
    pvi_summary_write_json(&f->summary, out);
    pvi_text_puts(out, "}");
}

static void write_check(pvi_text *out, const pvi_experiment *x, const pvi_check *check, const result *r) {
    pvi_text_puts(out, out->length > 0 ? ",{\"what\":" : "{\"what\":");
    pvi_json_string(out, check->what, strlen(check->what));
    pvi_text_printf(out, ",\"relation\":\"%s\",\"amount\":", relation_word[check->relation]);
    pvi_json_number(out, check->amount);
    pvi_text_printf(out, ",\"optional\":%s,\"outcome\":\"%s\"", check->optional ? "true" : "false",
                    outcome_word[r->outcome]);
    write_side(out, x, "left", is_starred(check) ? r->metric : check->left.metric, &r->left);
    write_side(out, x, "right", is_starred(check) ? r->metric : check->right.metric, &r->right);
    pvi_text_puts(out, ",\"derived\":");
    if (r->derived.seeds > 0) {
        pvi_text_puts(out, "{");
        pvi_summary_write_json(&r->derived, out);
        pvi_text_puts(out, "}}");
    } else {
        pvi_text_puts(out, "null}");
    }
}

/* ---- claims ---- */

typedef struct tally {
    int32_t outcome[2][PVI_MISSING + 1]; /* by optional */
} tally;

/* What has to hold must; of the optional ones `needed`. The contrary shown, or nothing to start from, is a finding of its
 * own; what was not measured leaves a claim open only as far as it could still decide it. */
static pvg_finding finding_of(const tally *t, int32_t needed) {
    const int32_t *must = t->outcome[0], *may = t->outcome[1];
    int32_t against = may[PVI_OPPOSITE] + may[PVI_SATURATED], lacking = needed - may[PVI_HOLDS];
    if (must[PVI_OPPOSITE] + must[PVI_SATURATED] > 0) return PVG_FINDING_DIFFERENT;
    if (lacking > may[PVI_MISSING]) return against >= lacking ? PVG_FINDING_DIFFERENT : PVG_FINDING_NOT_REPRODUCED;
    if (must[PVI_MISSING] > 0 || lacking > 0) return PVG_FINDING_NOT_MEASURED;
    return must[PVI_OPEN] + must[PVI_MISSED] > 0 ? PVG_FINDING_NOT_REPRODUCED : PVG_FINDING_REPRODUCED;
}

const char *pvi_finding_name(pvg_finding finding) {
    static const char *const name[] = {"not measured", "reproduced", "not reproduced", "different at this scale"};
    return finding >= 0 && finding <= PVG_FINDING_DIFFERENT ? name[finding] : "unknown finding";
}

size_t pvi_claim_count(void) {
    size_t count;
    pvi_claims(&count);
    return count;
}

pvg_status pvi_claim_judge(pvi_experiment *x, size_t claim, pvi_judgement *out) {
    size_t count;
    const pvi_claim *c = &pvi_claims(&count)[claim];
    tally t = {0};
    pvi_text_init(&out->measured, x->env);
    pvi_text_init(&out->checks, x->env);
    for (size_t i = 0; i < PVI_CHECKS && c->check[i].what != NULL; i++) {
        result r = run_check(x, &c->check[i]);
        t.outcome[c->check[i].optional][r.outcome]++;
        say_check(&out->measured, &c->check[i], &r);
        write_check(&out->checks, x, &c->check[i], &r);
    }
    out->finding = finding_of(&t, c->needed);
    pvg_status status = pvi_text_ok(&out->measured);
    if (status == PVG_OK) status = pvi_text_ok(&out->checks);
    if (status != PVG_OK) pvi_judgement_free(out);
    return status;
}

void pvi_judgement_free(pvi_judgement *j) {
    pvi_text_free(&j->measured);
    pvi_text_free(&j->checks);
}
