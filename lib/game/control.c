/* control.c - see control.h. */
#include "game/control.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "game/stats.h"

const char *const pvi_control_kind[PVI_CONTROL_KINDS] = {"result", "operand", "distractor", "answer"};

/* Worked solutions with one error of a kind, or none. */
typedef struct forged {
    pvi_text text; /* all, end to end */
    size_t *begin; /* [count + 1] */
    uint32_t *problem;
    size_t count;
} forged;

static pvg_status forge_one(const pvi_control *c, pvg_injection kind, uint32_t index, forged *f) {
    pvi_problem problem;
    bool wrong = false;
    size_t before = f->text.length;
    pvg_status status = pvi_problem_read_chain(c->env, c->chain[index], strlen(c->chain[index]), &problem);
    if (status == PVG_OK)
        status = pvi_problem_inject(c->env, &problem, c->rendering, kind, c->largest, c->seed[index], &f->text, &wrong);
    if (status == PVG_E_NOT_FOUND) return PVG_OK; /* no place for this error */
    if (status != PVG_OK) return status;
    if (kind != PVG_INJECT_NONE && !wrong) { /* an error without consequence */
        f->text.length = before;
        return PVG_OK;
    }
    f->problem[f->count++] = index;
    f->begin[f->count] = f->text.length;
    return PVG_OK;
}

static pvg_status forge(const pvi_control *c, pvg_injection kind, forged *f) {
    pvi_text_init(&f->text, c->env);
    f->begin = pvi_calloc(c->env, c->count + 1, sizeof *f->begin);
    f->problem = pvi_alloc(c->env, c->count + 1, sizeof *f->problem);
    pvg_status status = f->begin != NULL && f->problem != NULL ? PVG_OK : PVG_E_NOMEM;
    for (uint32_t i = 0; i < c->count && status == PVG_OK; i++)
        if (c->chain[i] != NULL) status = forge_one(c, kind, i, f);
    return status;
}

static void forged_free(pvi_env *env, forged *f) {
    pvi_text_free(&f->text);
    pvi_free(env, f->begin);
    pvi_free(env, f->problem);
}

static pvg_status score(const pvi_control *c, pvg_injection kind, double **out, size_t *count) {
    forged f = {0};
    *out = NULL;
    pvg_status status = forge(c, kind, &f);
    *count = f.count;
    pvi_span *text = pvi_alloc(c->env, f.count + 1, sizeof *text);
    *out = pvi_alloc(c->env, f.count + 1, sizeof **out);
    if (status == PVG_OK && (text == NULL || *out == NULL)) status = PVG_E_NOMEM;
    for (size_t i = 0; i < f.count && status == PVG_OK; i++)
        text[i] = (pvi_span){.data = f.text.data + f.begin[i], .length = f.begin[i + 1] - f.begin[i]};
    if (status == PVG_OK) status = c->score(c->user, f.problem, text, f.count, *out);
    pvi_free(c->env, text);
    forged_free(c->env, &f);
    return status;
}

pvg_status pvi_control_areas(const pvi_control *c, double area[PVI_CONTROL_KINDS][3]) {
    static const pvg_injection kinds[PVI_CONTROL_KINDS] = {PVG_INJECT_RESULT, PVG_INJECT_OPERAND, PVG_INJECT_DISTRACTOR,
                                                           PVG_INJECT_ANSWER};
    double *clean;
    size_t cleans;
    pvg_status status = score(c, PVG_INJECT_NONE, &clean, &cleans);
    for (size_t k = 0; k < PVI_CONTROL_KINDS && status == PVG_OK; k++) {
        double *wrong;
        size_t wrongs;
        status = score(c, kinds[k], &wrong, &wrongs);
        if (status == PVG_OK)
            status = pvi_auc_interval(c->env, clean, cleans, wrong, wrongs, c->level, &area[k][0], &area[k][1], &area[k][2]);
        pvi_free(c->env, wrong);
    }
    pvi_free(c->env, clean);
    return status;
}
