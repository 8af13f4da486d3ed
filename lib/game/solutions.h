/* solutions.h - a growing record of solutions: text, tokens, verdict, score. The pool of a game and its test samples. */
#ifndef PVI_SOLUTIONS_H
#define PVI_SOLUTIONS_H

#include "base/alloc.h"
#include "pvgame/pvgame_types.h"

typedef struct pvi_solution {
    uint32_t problem; /* index into the dataset */
    int32_t source;   /* 0: the base prover; 1 + round: that round's prover */
    pvg_role role;
    pvg_verdict verdict;
    bool greedy, finished;
    uint32_t token_count, text_length;
    uint64_t token_begin, text_begin; /* offsets into the arrays below */
    double score;                     /* NaN until scored */
} pvi_solution;

typedef struct pvi_solutions {
    pvi_env *env;
    pvi_solution *item;
    size_t count, capacity;
    int32_t *token;
    float *logprob; /* of each token when it was drawn */
    size_t token_count, token_capacity, logprob_capacity;
    char *text;
    size_t text_count, text_capacity;
} pvi_solutions;

void pvi_solutions_init(pvi_solutions *all, pvi_env *env);
void pvi_solutions_free(pvi_solutions *all);
void pvi_solutions_cut(pvi_solutions *all, size_t count); /* forget all from `count` on */
/* Append a copy; *item's offsets and counts are set from the arguments. logprob may be NULL (zeros). */
pvg_status pvi_solutions_add(pvi_solutions *all, const pvi_solution *item, const int32_t *token, const float *logprob,
                             size_t tokens, const char *text, size_t length);
pvg_status pvi_solutions_add_all(pvi_solutions *all, const pvi_solutions *more);
static inline const int32_t *pvi_solution_tokens(const pvi_solutions *all, size_t i) { return all->token + all->item[i].token_begin; }
static inline const char *pvi_solution_text(const pvi_solutions *all, size_t i) { return all->text + all->item[i].text_begin; }

#endif
