/* prompt.h - how a problem, a role and a solution become tokens.
 *
 * The template's literal parts and the roles' texts may contain special tokens; questions, answers and solutions are
 * untrusted text and never do. A role's mark stands last in the default template: the first token a solution sees. */
#ifndef PVI_PROMPT_H
#define PVI_PROMPT_H

#include "game/config.h"
#include "model/tokenizer.h"

/* Sequences being put together: prompt and solution end to end, as learn/losses.h wants them. */
typedef struct pvi_example_list {
    pvi_env *env;
    pvi_tokens token;
    int32_t *offset, *begin; /* offset has count + 1 entries */
    size_t count, offset_capacity, begin_capacity;
} pvi_example_list;

void pvi_example_list_init(pvi_example_list *list, pvi_env *env);
void pvi_example_list_clear(pvi_example_list *list);
void pvi_example_list_free(pvi_example_list *list);
pvg_status pvi_example_list_add(pvi_example_list *list, const int32_t *prompt, size_t prompt_count, const int32_t *solution,
                                size_t solution_count);
pvi_examples pvi_example_list_view(const pvi_example_list *list); /* borrowed until the next add */

typedef struct pvi_prompter {
    const pvi_config *config;
    const pvi_tokenizer *tokenizer;
} pvi_prompter;

/* Append the prompt's tokens. `answer` (the gold text) is used by a sneaky role that may see it, else ignored. */
pvg_status pvi_prompt_encode(pvi_env *env, const pvi_prompter *prompter, pvg_role role, const char *question, size_t length,
                             const char *answer, pvi_tokens *out);
/* Append a solution's tokens and the end token. */
pvg_status pvi_solution_encode(pvi_env *env, const pvi_prompter *prompter, const char *text, size_t length, pvi_tokens *out);

#endif
