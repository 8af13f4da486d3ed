/* solutions.c - see solutions.h. */
#include "game/solutions.h"

#include <math.h>
#include <string.h>

void pvi_solutions_init(pvi_solutions *all, pvi_env *env) {
    memset(all, 0, sizeof *all);
    all->env = env;
}

void pvi_solutions_free(pvi_solutions *all) {
    if (all->env == NULL) return;
    pvi_free(all->env, all->item);
    pvi_free(all->env, all->token);
    pvi_free(all->env, all->logprob);
    pvi_free(all->env, all->text);
    pvi_solutions_init(all, all->env);
}

void pvi_solutions_cut(pvi_solutions *all, size_t count) {
    if (count >= all->count) return;
    all->token_count = all->item[count].token_begin;
    all->text_count = all->item[count].text_begin;
    all->count = count;
}

pvg_status pvi_solutions_add(pvi_solutions *all, const pvi_solution *item, const int32_t *token, const float *logprob,
                             size_t tokens, const char *text, size_t length) {
    pvi_env *env = all->env;
    if (tokens > UINT32_MAX || length > UINT32_MAX)
        return pvi_fail(env, PVG_E_RANGE, "solutions", "a solution of %zu bytes is longer than 4 GiB", length);
    pvg_status status = pvi_reserve(env, (void **)&all->item, &all->capacity, all->count + 1, sizeof *all->item);
    if (status == PVG_OK)
        status = pvi_reserve(env, (void **)&all->token, &all->token_capacity, all->token_count + tokens + 1, sizeof *all->token);
    if (status == PVG_OK)
        status = pvi_reserve(env, (void **)&all->logprob, &all->logprob_capacity, all->token_count + tokens + 1,
                             sizeof *all->logprob);
    if (status == PVG_OK)
        status = pvi_reserve(env, (void **)&all->text, &all->text_capacity, all->text_count + length + 1, 1);
    if (status != PVG_OK) return status;
    pvi_solution *to = &all->item[all->count++];
    *to = *item;
    to->token_begin = all->token_count;
    to->text_begin = all->text_count;
    to->token_count = (uint32_t)tokens;
    to->text_length = (uint32_t)length;
    if (tokens > 0) memcpy(all->token + all->token_count, token, tokens * sizeof *token);
    for (size_t t = 0; t < tokens; t++) all->logprob[all->token_count + t] = logprob != NULL ? logprob[t] : 0;
    if (length > 0) memcpy(all->text + all->text_count, text, length);
    all->text[all->text_count + length] = '\0';
    all->token_count += tokens;
    all->text_count += length + 1;
    return PVG_OK;
}

pvg_status pvi_solutions_add_all(pvi_solutions *all, const pvi_solutions *more) {
    size_t before = all->count;
    for (size_t i = 0; i < more->count; i++) {
        const pvi_solution *s = &more->item[i];
        pvg_status status = pvi_solutions_add(all, s, more->token + s->token_begin, more->logprob + s->token_begin,
                                              s->token_count, pvi_solution_text(more, i), s->text_length);
        if (status != PVG_OK) {
            pvi_solutions_cut(all, before);
            return status;
        }
    }
    return PVG_OK;
}
