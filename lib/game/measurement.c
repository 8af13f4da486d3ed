/* measurement.c - gathering solutions: whose problem it is, what its final answer says, what the oracle and the reader find. */
#include "game/measurement_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "game/grade.h"
#include "game/words.h"

static const char NAME[] = "measure";
const int32_t pvi_budget[PVI_BUDGETS] = {1, 2, 4, 8};
enum { REPEATED_RUN = 4 };

pvg_status pvi_measurement_init(pvi_measurement *m, pvi_env *env, const pvi_config *config, const pvi_dataset *data) {
    memset(m, 0, sizeof *m);
    m->env = env;
    m->config = config;
    m->data = data != NULL ? pvi_dataset_retain(data) : NULL;
    pvi_text_init(&m->notes, env);
    pvi_report_init(&m->tables, env);
    return PVG_OK;
}

void pvi_measurement_free(pvi_measurement *m) {
    pvi_env *env = m->env;
    if (env == NULL) return;
    for (size_t i = 0; i < m->problems; i++) {
        pvi_free(env, m->problem[i].question);
        pvi_free(env, m->problem[i].gold);
        pvi_free(env, m->problem[i].chain);
    }
    pvi_free(env, m->problem);
    pvi_free(env, m->slot);
    pvi_free(env, m->question_key);
    pvi_free(env, m->item);
    pvi_free(env, m->text);
    pvi_text_free(&m->notes);
    pvi_report_free(&m->tables);
    pvi_dataset_release(m->data);
    memset(m, 0, sizeof *m);
}

/* ---- problems ---- */

/* Of the dataset's problem; else of the question, which says more than the id of a line; else of the id. */
static uint64_t key_of(const pvi_item *item, const pvi_given *given) {
    if (item != NULL) return pvi_question_hash(1, item->id, strlen(item->id));
    if (given->question.data != NULL) return pvi_question_hash(0, given->question.data, given->question.length);
    return pvi_question_hash(2, given->id, strlen(given->id));
}

static pvg_status grow_slots(pvi_measurement *m) {
    if (m->slots > 2 * (m->problems + 1)) return PVG_OK;
    size_t slots = m->slots > 0 ? 2 * m->slots : 256;
    uint32_t *slot = pvi_calloc(m->env, slots, sizeof *slot);
    if (slot == NULL) return PVG_E_NOMEM;
    for (uint32_t i = 0; i < m->problems; i++) {
        size_t at = m->problem[i].key & (slots - 1);
        while (slot[at] != 0) at = (at + 1) & (slots - 1);
        slot[at] = i + 1;
    }
    pvi_free(m->env, m->slot);
    m->slot = slot;
    m->slots = slots;
    return PVG_OK;
}

/* The slot of a problem, which holds 0 where it is not there yet. */
static uint32_t *slot_of(const pvi_measurement *m, uint64_t key) {
    size_t at = key & (m->slots - 1);
    while (m->slot[at] != 0 && m->problem[m->slot[at] - 1].key != key) at = (at + 1) & (m->slots - 1);
    return &m->slot[at];
}

static int by_first(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

/* The dataset's item with this question; NULL: none. */
static pvg_status find_question(pvi_measurement *m, pvi_span question, const pvi_item **out) {
    *out = NULL;
    size_t items = m->data != NULL ? pvi_dataset_count(m->data) : 0;
    if (items == 0) return PVG_OK;
    if (m->question_key == NULL) {
        m->question_key = pvi_alloc(m->env, items, 2 * sizeof *m->question_key);
        if (m->question_key == NULL) return PVG_E_NOMEM;
        for (size_t i = 0; i < items; i++) {
            const pvi_item *item = pvi_dataset_item(m->data, i);
            m->question_key[2 * i] = pvi_question_hash(0, item->question, item->question_length);
            m->question_key[2 * i + 1] = i;
        }
        qsort(m->question_key, items, 2 * sizeof *m->question_key, by_first);
    }
    uint64_t wanted = pvi_question_hash(0, question.data, question.length);
    size_t low = 0, high = items;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (m->question_key[2 * middle] < wanted) low = middle + 1;
        else high = middle;
    }
    if (low < items && m->question_key[2 * low] == wanted) *out = pvi_dataset_item(m->data, (size_t)m->question_key[2 * low + 1]);
    return PVG_OK;
}

static pvg_status find_item(pvi_measurement *m, const pvi_given *given, const pvi_item **out) {
    size_t index;
    *out = NULL;
    if (m->data != NULL && given->id != NULL && pvi_dataset_find(m->data, given->id, &index)) {
        *out = pvi_dataset_item(m->data, index);
        return PVG_OK;
    }
    if (given->question.data != NULL) return find_question(m, given->question, out);
    if (given->id == NULL)
        return pvi_fail(m->env, PVG_E_INVALID, NAME, "a solution has neither an id nor a question: whose solution is it?");
    return pvi_fail(m->env, PVG_E_NOT_FOUND, NAME, "no problem has the id '%s', and the solution brings no question", given->id);
}

/* "3/4", "0.5", "50%" as canonical golds are written. */
static double value_of(const char *canonical) {
    size_t length = strlen(canonical);
    const char *stroke = strchr(canonical, '/');
    double value = 0, below = 1;
    if (length > 0 && canonical[length - 1] == '%') length--;
    size_t above = stroke != NULL ? (size_t)(stroke - canonical) : length;
    bool read = pvi_text_to_double(canonical, above, &value);
    if (stroke != NULL) read = read && pvi_text_to_double(stroke + 1, length - above - 1, &below);
    return read && below != 0 ? value / below : (double)NAN;
}

static pvg_status copy_of(pvi_env *env, const char *text, size_t length, char **out) {
    *out = pvi_strdup(env, text, length);
    return *out != NULL ? PVG_OK : PVG_E_NOMEM;
}

static pvg_status fill_problem(pvi_measurement *m, const pvi_given *given, pvi_measured_problem *p) {
    char canonical[PVI_GOLD_SIZE];
    pvi_problem chain;
    pvg_status status = PVG_OK;
    const char *gold = given->gold != NULL ? given->gold : p->item != NULL ? p->item->gold : NULL;
    p->value = (double)NAN;
    if (p->item == NULL) status = copy_of(m->env, given->question.data, given->question.length, &p->question);
    if (status == PVG_OK && gold != NULL) status = pvi_gold_canonical(m->env, gold, strlen(gold), canonical);
    if (status == PVG_OK && gold != NULL) {
        p->value = value_of(canonical);
        status = copy_of(m->env, canonical, strlen(canonical), &p->gold);
    }
    if (status == PVG_OK && given->chain != NULL) status = pvi_problem_read_chain(m->env, given->chain, strlen(given->chain), &chain);
    if (status == PVG_OK && given->chain != NULL) status = copy_of(m->env, given->chain, strlen(given->chain), &p->chain);
    return status;
}

static void forget_problem(pvi_env *env, pvi_measured_problem *p) {
    pvi_free(env, p->question);
    pvi_free(env, p->gold);
    pvi_free(env, p->chain);
}

static pvg_status find_problem(pvi_measurement *m, const pvi_given *given, uint32_t *out) {
    const pvi_item *item = NULL;
    pvg_status status = grow_slots(m);
    if (status == PVG_OK) status = find_item(m, given, &item);
    if (status != PVG_OK) return status;
    uint64_t key = key_of(item, given);
    uint32_t *slot = slot_of(m, key);
    if (*slot != 0) {
        *out = *slot - 1;
        return PVG_OK;
    }
    status = pvi_reserve(m->env, (void **)&m->problem, &m->problem_capacity, m->problems + 1, sizeof *m->problem);
    pvi_measured_problem p = {.key = key, .item = item};
    if (status == PVG_OK) status = fill_problem(m, given, &p);
    if (status != PVG_OK) {
        forget_problem(m->env, &p);
        return status;
    }
    m->problem[m->problems] = p;
    *out = (uint32_t)m->problems++;
    *slot = *out + 1;
    return PVG_OK;
}

/* ---- one solution ---- */

static pvg_status read_answer(pvi_measurement *m, const pvi_given *given, const pvi_measured_problem *p, pvi_measured *s) {
    char canonical[PVI_GOLD_SIZE];
    pvi_grade grade;
    pvi_grade_options options = m->config->grading;
    options.truncated = given->truncated;
    const char *gold = p->gold != NULL ? p->gold : "0"; /* only what was read matters then */
    pvg_status status = pvi_grade_solution(m->env, &options, gold, strlen(gold), given->text.data, given->text.length, &grade);
    if (status != PVG_OK) return status;
    if (s->verdict == PVG_VERDICT_UNGRADED && p->gold != NULL) s->verdict = grade.verdict;
    if (s->verdict == PVG_VERDICT_CORRECT) s->answer = 1;
    if (s->verdict != PVG_VERDICT_WRONG) return PVG_OK;
    if (pvi_gold_canonical(m->env, grade.extracted, strlen(grade.extracted), canonical) != PVG_OK) return PVG_OK;
    s->answer = pvi_question_hash(2, canonical, strlen(canonical)) | 2;
    s->distance = fabs(value_of(canonical) - p->value);
    return PVG_OK;
}

const char *pvi_measured_chain(const pvi_measured_problem *problem) {
    const char *chain = problem->chain != NULL ? problem->chain : problem->item != NULL ? problem->item->chain : NULL;
    return chain != NULL && chain[0] != '\0' ? chain : NULL;
}

typedef struct kinds {
    int32_t *count;
} kinds;

static void count_kind(void *user, const pvi_oracle_line *line) {
    const kinds *k = user;
    if (line->arithmetic && line->grounded) return;
    k->count[!line->arithmetic && !line->grounded ? 3 : !line->arithmetic ? 0 : line->distractor ? 2 : 1]++;
}

static pvg_status consult(pvi_measurement *m, const pvi_given *given, const pvi_measured_problem *p, pvi_measured *s) {
    const char *chain = pvi_measured_chain(p);
    if (chain == NULL || (s->verdict != PVG_VERDICT_CORRECT && s->verdict != PVG_VERDICT_WRONG)) return PVG_OK;
    pvi_problem problem;
    pvi_checklist reader;
    kinds k = {.count = s->wrong_kind};
    pvg_status status = pvi_problem_read_chain(m->env, chain, strlen(chain), &problem);
    if (status != PVG_OK) return status;
    pvi_oracle_lines(&problem, given->text.data, given->text.length, count_kind, &k, &s->oracle);
    pvi_reader_take(&problem, given->text.data, given->text.length, &reader, NULL);
    for (int i = 0; i < PVI_BUDGETS; i++) s->accepts[i] = pvi_reader_accepts(&reader, pvi_budget[i]);
    s->seen = true;
    if (s->verdict == PVG_VERDICT_WRONG && s->oracle.answered)
        s->distance = fabs((double)s->oracle.answer - (double)pvi_problem_answer(&problem));
    return PVG_OK;
}

static pvg_status check_given(pvi_env *env, const pvi_given *given) {
    if (given->text.data == NULL) return pvi_fail(env, PVG_E_INVALID, NAME, "a solution without a text");
    if (given->role < PVG_ROLE_NEUTRAL || given->role > PVG_ROLE_SNEAKY)
        return pvi_fail(env, PVG_E_RANGE, NAME, "role is %d: neutral (0), helpful (1) and sneaky (2) are known", given->role);
    if (given->verdict < PVG_VERDICT_UNGRADED || given->verdict > PVG_VERDICT_TRUNCATED)
        return pvi_fail(env, PVG_E_RANGE, NAME, "verdict is %d: 0 (ungraded) to 5 (truncated) are known", given->verdict);
    if (given->round < -1 || given->round > PVI_ROUND_MOST)
        return pvi_fail(env, PVG_E_RANGE, NAME, "round is %d: -1 (of none) to %d are possible", given->round, PVI_ROUND_MOST);
    if (given->step < 0) return pvi_fail(env, PVG_E_RANGE, NAME, "step is %lld: 0 (not of training) or more", (long long)given->step);
    return PVG_OK;
}

static int32_t count_characters(pvi_span text) {
    int32_t count = 0;
    for (size_t i = 0; i < text.length; i++) count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

static pvg_status keep_text(pvi_measurement *m, pvi_span text) {
    pvg_status status = pvi_reserve(m->env, (void **)&m->text, &m->text_capacity, m->text_used + text.length + 1, 1);
    if (status != PVG_OK) return status;
    memcpy(m->text + m->text_used, text.data, text.length);
    m->text_used += text.length;
    return PVG_OK;
}

pvg_status pvi_measurement_add(pvi_measurement *m, const pvi_given *given) {
    pvg_status status = check_given(m->env, given);
    uint32_t problem = 0;
    if (status != PVG_OK) return status;
    if (m->asked) return pvi_fail(m->env, PVG_E_STATE, NAME, "a verifier was asked already: solutions are added before");
    status = pvi_reserve(m->env, (void **)&m->item, &m->capacity, m->count + 1, sizeof *m->item);
    if (status == PVG_OK) status = find_problem(m, given, &problem);
    if (status != PVG_OK) return status;
    pvi_measured s = {.role = given->role, .verdict = given->verdict, .round = given->round, .tokens = given->tokens,
                      .step = given->step, .greedy = given->greedy, .problem = problem, .text_begin = m->text_used,
                      .text_length = given->text.length, .characters = count_characters(given->text), .distance = (double)NAN, .score = given->score,
                      .judge = (double)NAN, .reward = given->reward, .kl = given->kl, .entropy = given->entropy};
    status = read_answer(m, given, &m->problem[problem], &s);
    if (status == PVG_OK) status = consult(m, given, &m->problem[problem], &s);
    if (status == PVG_OK) status = pvi_repetition(m->env, given->text.data, given->text.length, REPEATED_RUN, &s.repetition);
    if (status == PVG_OK) status = keep_text(m, given->text);
    if (status != PVG_OK) return status;
    m->item[m->count++] = s;
    if (given->round + 1 > m->rounds) m->rounds = given->round + 1;
    return PVG_OK;
}

pvi_span pvi_measured_text(const pvi_measurement *m, const pvi_measured *s) {
    return (pvi_span){.data = m->text + s->text_begin, .length = s->text_length};
}
