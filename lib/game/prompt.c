/* prompt.c - see prompt.h. */
#include "game/prompt.h"

#include <string.h>

#include "base/alloc.h"

void pvi_example_list_init(pvi_example_list *list, pvi_env *env) {
    memset(list, 0, sizeof *list);
    list->env = env;
    list->token.env = env;
}

void pvi_example_list_clear(pvi_example_list *list) {
    list->token.length = 0;
    list->count = 0;
}

void pvi_example_list_free(pvi_example_list *list) {
    if (list->env == NULL) return;
    pvi_free(list->env, list->token.data);
    pvi_free(list->env, list->offset);
    pvi_free(list->env, list->begin);
    pvi_example_list_init(list, list->env);
}

static pvg_status append_tokens(pvi_tokens *to, const int32_t *from, size_t count) {
    pvg_status status = pvi_reserve(to->env, (void **)&to->data, &to->capacity, to->length + count + 1, sizeof *to->data);
    if (status != PVG_OK) return status;
    if (count > 0) memcpy(to->data + to->length, from, count * sizeof *from);
    to->length += count;
    return PVG_OK;
}

pvg_status pvi_example_list_add(pvi_example_list *list, const int32_t *prompt, size_t prompt_count, const int32_t *solution,
                                size_t solution_count) {
    pvi_env *env = list->env;
    if (list->token.length + prompt_count + solution_count > INT32_MAX)
        return pvi_fail(env, PVG_E_RANGE, "prompt", "a batch of more than 2^31 tokens");
    pvg_status status = pvi_reserve(env, (void **)&list->offset, &list->offset_capacity, list->count + 2, sizeof(int32_t));
    if (status == PVG_OK)
        status = pvi_reserve(env, (void **)&list->begin, &list->begin_capacity, list->count + 1, sizeof(int32_t));
    size_t before = list->token.length;
    if (status == PVG_OK) status = append_tokens(&list->token, prompt, prompt_count);
    if (status == PVG_OK) status = append_tokens(&list->token, solution, solution_count);
    if (status != PVG_OK) {
        list->token.length = before;
        return status;
    }
    list->offset[list->count] = (int32_t)before;
    list->begin[list->count] = (int32_t)prompt_count;
    list->count++;
    list->offset[list->count] = (int32_t)list->token.length;
    return PVG_OK;
}

pvi_examples pvi_example_list_view(const pvi_example_list *list) {
    return (pvi_examples){.batch = {.sequences = (int32_t)list->count, .offset = list->offset, .token = list->token.data},
                          .begin = list->begin};
}

static bool takes(const char **at, const char *slot) {
    size_t length = strlen(slot);
    if (strncmp(*at, slot, length) != 0) return false;
    *at += length;
    return true;
}

static pvg_status encode_hint(pvi_env *env, const pvi_prompter *p, pvg_role role, const char *answer, pvi_tokens *out) {
    if (role != PVG_ROLE_SNEAKY || !p->config->sneaky_sees_answer || answer == NULL) return PVG_OK;
    pvg_status status = pvi_encode(env, p->tokenizer, " ", 1, false, out);
    return status != PVG_OK ? status : pvi_encode(env, p->tokenizer, answer, strlen(answer), false, out);
}

pvg_status pvi_prompt_encode(pvi_env *env, const pvi_prompter *p, pvg_role role, const char *question, size_t length,
                             const char *answer, pvi_tokens *out) {
    const char *at = p->config->prompt_template;
    /* a template that does not place the answer gets it before the role's mark */
    bool placed = strstr(at, "{answer}") != NULL;
    while (*at != '\0') {
        pvg_status status = PVG_OK;
        if (takes(&at, "{question}")) {
            status = pvi_encode(env, p->tokenizer, question, length, false, out);
        } else if (takes(&at, "{answer}")) {
            status = encode_hint(env, p, role, answer, out);
        } else if (takes(&at, "{role}")) {
            const char *mark = p->config->role_text[role];
            if (!placed) status = encode_hint(env, p, role, answer, out);
            if (status == PVG_OK) status = pvi_encode(env, p->tokenizer, mark, strlen(mark), true, out);
        } else {
            size_t literal = 1;
            while (at[literal] != '\0' && at[literal] != '{') literal++;
            status = pvi_encode(env, p->tokenizer, at, literal, true, out);
            at += literal;
        }
        if (status != PVG_OK) return status;
    }
    return PVG_OK;
}

pvg_status pvi_solution_encode(pvi_env *env, const pvi_prompter *p, const char *text, size_t length, pvi_tokens *out) {
    pvg_status status = pvi_encode(env, p->tokenizer, text, length, false, out);
    int32_t end = pvi_tokenizer_end(p->tokenizer);
    return status != PVG_OK ? status : append_tokens(out, &end, 1);
}
