/* game_players.c - asking the players of a game: its own models and rules, or the host's, by hook or pulled. */
#include <math.h>
#include <string.h>

#include "game/cast.h"
#include "game/game.h"

const char *pvi_game_gold(const pvi_game *game, uint32_t problem) {
    return pvi_dataset_item(game->data, problem)->gold;
}

/* ---- exchanges ---- */

static void close_pending(pvi_game *game) {
    if (game->pending == NULL) return;
    pvi_free(game->env, (void *)(uintptr_t)game->pending->item);
    pvi_free(game->env, game->pending);
    pvi_reply_destroy(game->pending_reply);
    game->pending = NULL;
    game->pending_reply = NULL;
    game->pending_player = NULL;
}

static void copy_span(pvi_text *text, pvi_span *span) {
    if (span->data == NULL) return;
    size_t at = text->length;
    pvi_text_append(text, span->data, span->length);
    pvi_text_append(text, "\0", 1);
    span->data = (const char *)(uintptr_t)at; /* an offset, until the text no longer moves */
}

static void place_span(const pvi_text *text, const pvi_span *original, pvi_span *span) {
    if (original->data != NULL) span->data = text->data + (uintptr_t)span->data;
}

/* A request outlives the unit that made it, so everything it points at is copied. */
static pvg_status open_pending(pvi_game *game, pvi_player *player, const pvg_request *request) {
    pvi_env *env = game->env;
    pvi_ask *item = pvi_alloc(env, request->count + 1, sizeof *item);
    pvg_request *copy = pvi_alloc(env, 1, sizeof *copy);
    pvg_reply *reply = NULL;
    pvi_text *text = &game->pending_text;
    pvi_text_clear(text);
    pvg_status status = item != NULL && copy != NULL ? pvi_reply_create(env, request, &reply) : PVG_E_NOMEM;
    for (size_t i = 0; i < request->count && status == PVG_OK; i++) {
        item[i] = request->item[i];
        copy_span(text, &item[i].question);
        copy_span(text, &item[i].solution);
        copy_span(text, &item[i].answer);
        status = pvi_text_ok(text);
    }
    if (status != PVG_OK) {
        pvi_free(env, item);
        pvi_free(env, copy);
        pvi_reply_destroy(reply);
        pvi_text_free(text);
        pvi_text_init(text, env);
        return status;
    }
    for (size_t i = 0; i < request->count; i++) {
        place_span(text, &request->item[i].question, &item[i].question);
        place_span(text, &request->item[i].solution, &item[i].solution);
        place_span(text, &request->item[i].answer, &item[i].answer);
    }
    *copy = *request;
    copy->item = item;
    game->pending = copy;
    game->pending_reply = reply;
    game->pending_player = player;
    return PVI_NEEDS_REPLY;
}

static pvg_status keep_reply(pvi_game *game, pvg_reply *reply) {
    pvg_status status =
        pvi_reserve(game->env, (void **)&game->reply, &game->reply_capacity, game->replies + 1, sizeof *game->reply);
    if (status == PVG_OK) game->reply[game->replies++] = reply;
    return status;
}

static uint64_t exchange_id(const pvi_game *game) {
    return (uint64_t)(game->place.round + 1) << 48 | (uint64_t)game->place.stage << 40 | (uint64_t)game->unit << 8 |
           (game->reply_next & 255);
}

pvg_status pvi_game_exchange(pvi_game *game, pvi_player *player, const pvg_request *request, const pvg_reply **reply) {
    pvg_request numbered = *request;
    numbered.id = exchange_id(game);
    if (game->reply_next == game->replies) {
        if (game->pending != NULL) return PVI_NEEDS_REPLY;
        if (player->hooks.answer == NULL) return open_pending(game, player, &numbered);
        pvg_reply *answer = NULL;
        pvg_status status = pvi_player_ask(player, &numbered, &answer);
        if (status != PVG_OK) return status;
        status = keep_reply(game, answer);
        if (status != PVG_OK) {
            pvi_reply_destroy(answer);
            return status;
        }
    }
    *reply = game->reply[game->reply_next++];
    return PVG_OK;
}

pvg_status pvi_game_submit(pvi_game *game) {
    if (game->pending == NULL) return pvi_fail(game->env, PVG_E_STATE, "game", "no request is open: nothing to submit");
    bool gave_up = game->pending_reply->gave_up;
    pvg_status status = pvi_reply_check(game->pending_reply, game->pending_player->name);
    if (status == PVG_OK) status = pvi_text_ok(&game->pending_reply->text);
    if (status == PVG_OK) status = keep_reply(game, game->pending_reply);
    if (status == PVG_OK) game->pending_reply = NULL; /* kept */
    if (status == PVG_OK || gave_up) close_pending(game);
    return status;
}

pvg_status pvi_game_tell(pvi_game *game, pvi_player *player, const pvi_solutions *all, const uint32_t *index,
                         size_t count, const double *reward, uint64_t id) {
    if (player->hooks.learn == NULL || count == 0) return PVG_OK;
    pvi_ask *item = pvi_calloc(game->env, count, sizeof *item);
    pvg_verdict *verdict = pvi_alloc(game->env, count, sizeof *verdict);
    pvg_status status = item != NULL && verdict != NULL ? PVG_OK : PVG_E_NOMEM;
    for (size_t i = 0; i < count && status == PVG_OK; i++) {
        size_t at = index != NULL ? index[i] : i;
        const pvi_solution *s = &all->item[at];
        const pvi_item *problem = pvi_dataset_item(game->data, s->problem);
        item[i] = (pvi_ask){.question = {problem->question, problem->question_length}, .role = s->role,
                            .solution = {pvi_solution_text(all, at), s->text_length}};
        verdict[i] = s->verdict;
    }
    pvg_feedback feedback = {.env = game->env, .kind = player->kind, .id = id, .count = count, .item = item,
                             .reward = reward, .verdict = verdict};
    if (status == PVG_OK) status = pvi_player_tell(player, &feedback);
    pvi_free(game->env, item);
    pvi_free(game->env, verdict);
    return status;
}

/* ---- what a verifier sees ---- */

pvg_status pvi_game_add_example(pvi_game *game, pvi_example_list *list, uint32_t problem, const int32_t *token,
                                size_t count) {
    const size_t *begin = &game->prompt_begin[problem];
    return pvi_example_list_add(list, game->prompt.data + begin[0], begin[1] - begin[0], token, count);
}

/* How many solution tokens fit behind the neutral prompt; at least one, as problems without room were left out. */
static size_t room(const pvi_game *game, uint32_t problem) {
    size_t prompt = game->prompt_begin[problem + 1] - game->prompt_begin[problem];
    size_t context = (size_t)game->config.prover.context;
    return prompt < context ? context - prompt : 1;
}

/* An unfinished solution has no end token, unless it would have no token at all. */
static pvg_status encode_solution(pvi_game *game, const pvi_solution *s, const char *text, pvi_tokens *tokens) {
    pvi_tokens_clear(tokens);
    pvg_status status = pvi_solution_encode(game->env, &game->prompter, text, s->text_length, tokens);
    if (status == PVG_OK && !s->finished && tokens->length > 1) tokens->length--;
    size_t most = room(game, s->problem);
    if (tokens->length > most) tokens->length = most;
    return status;
}

pvg_status pvi_game_canonical(pvi_game *game, const pvi_solutions *from, pvi_solutions *to) {
    size_t before = to->count;
    pvi_tokens tokens;
    pvi_tokens_init(&tokens, game->env);
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < from->count && status == PVG_OK; i++) {
        const pvi_solution *s = &from->item[i];
        status = encode_solution(game, s, pvi_solution_text(from, i), &tokens);
        if (status == PVG_OK)
            status = pvi_solutions_add(to, s, tokens.data, NULL, tokens.length, pvi_solution_text(from, i),
                                       s->text_length);
    }
    pvi_tokens_free(&tokens);
    if (status != PVG_OK) pvi_solutions_cut(to, before);
    return status;
}

pvg_status pvi_game_fresh_rewards(pvi_game *game) {
    pvg_status status = pvi_reserve(game->env, (void **)&game->fresh_reward, &game->fresh_capacity,
                                    game->fresh.count + 1, sizeof *game->fresh_reward);
    for (size_t i = 0; i < game->fresh.count && status == PVG_OK; i++) game->fresh_reward[i] = (double)NAN;
    return status;
}

/* ---- grading ---- */

static pvg_status grade_own(pvi_game *game, pvi_solutions *all, size_t from) {
    for (size_t i = from; i < all->count; i++) {
        pvi_solution *s = &all->item[i];
        pvi_grade_options options = game->config.grading;
        options.truncated = !s->finished;
        const char *gold = pvi_game_gold(game, s->problem);
        pvi_grade grade;
        pvg_status status = pvi_grade_solution(game->env, &options, gold, strlen(gold), pvi_solution_text(all, i),
                                               s->text_length, &grade);
        if (status != PVG_OK) return status;
        s->verdict = grade.verdict;
    }
    return PVG_OK;
}

static pvg_status grade_hosted(pvi_game *game, pvi_solutions *all, size_t from) {
    size_t count = all->count - from;
    pvi_ask *item = pvi_calloc(game->env, count + 1, sizeof *item);
    if (item == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const pvi_solution *s = &all->item[from + i];
        const pvi_item *problem = pvi_dataset_item(game->data, s->problem);
        item[i] = (pvi_ask){.question = {problem->question, problem->question_length}, .role = s->role,
                            .solution = {pvi_solution_text(all, from + i), s->text_length},
                            .answer = {problem->gold, strlen(problem->gold)}};
    }
    pvg_request request = {.env = game->env, .kind = PVI_EXCHANGE_GRADE, .count = count, .item = item};
    const pvg_reply *reply = NULL;
    pvg_status status = pvi_game_exchange(game, game->grader, &request, &reply);
    for (size_t i = 0; i < count && status == PVG_OK; i++) all->item[from + i].verdict = reply->item[i].verdict;
    pvi_free(game->env, item);
    return status;
}

/* ---- proving ---- */

static uint64_t sample_seed(const pvi_prove_job *job, size_t i) {
    pvi_rng rng = pvi_rng_stream(job->seed, "request", job->stream + i, 0);
    uint64_t high = pvi_rng_u32(&rng);
    return high << 32 | pvi_rng_u32(&rng);
}

static pvg_status prove_hosted(pvi_game *game, const pvi_prove_job *job, pvi_solutions *out) {
    size_t count = job->count * (size_t)job->group;
    pvi_ask *item = pvi_calloc(game->env, count + 1, sizeof *item);
    if (item == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        size_t at = i / (size_t)job->group;
        const pvi_item *problem = pvi_dataset_item(game->data, job->problem[at]);
        item[i] = (pvi_ask){.question = {problem->question, problem->question_length}, .role = job->role[at],
                            .seed = sample_seed(job, i)};
        if (job->role[at] == PVG_ROLE_SNEAKY && game->config.sneaky_sees_answer)
            item[i].answer = (pvi_span){problem->gold, strlen(problem->gold)};
    }
    pvg_request request = {.env = game->env, .kind = PVI_EXCHANGE_PROVE, .count = count, .item = item,
                           .temperature = job->temperature};
    const pvg_reply *reply = NULL;
    game->asked = exchange_id(game);
    pvg_status status = pvi_game_exchange(game, game->prover, &request, &reply);
    pvi_solutions raw;
    pvi_solutions_init(&raw, game->env);
    for (size_t i = 0; i < count && status == PVG_OK; i++) {
        size_t at = i / (size_t)job->group;
        pvi_solution s = {.problem = job->problem[at], .source = job->source, .role = job->role[at], .finished = true,
                          .greedy = job->temperature == 0, .score = (double)NAN};
        const char *text = reply->text.data != NULL ? reply->text.data + reply->item[i].text_begin : "";
        status = pvi_solutions_add(&raw, &s, NULL, NULL, 0, text, reply->item[i].text_length);
    }
    if (status == PVG_OK) status = pvi_game_canonical(game, &raw, out);
    pvi_solutions_free(&raw);
    pvi_free(game->env, item);
    return status;
}

/* The base before the first round; then the prover in training, or the round's own. */
static pvi_model *speaker(pvi_game *game, pvg_role role) {
    if (game->place.round < 0) return game->base;
    int k = game->config.separate_weights && role == PVG_ROLE_SNEAKY;
    return game->training[k] != NULL ? game->training[k] : game->policy[k];
}

pvg_status pvi_game_prove(pvi_game *game, const pvi_prove_job *job, pvi_solutions *out) {
    size_t before = out->count;
    pvg_status status;
    if (game->prover != NULL) {
        status = prove_hosted(game, job, out);
    } else {
        pvi_voice voice = {.env = game->env, .model = speaker(game, job->role[0]), .config = &game->config};
        status = pvi_voice_prove(&voice, game->data, job, out);
        pvi_voice_free(&voice);
    }
    if (status == PVG_OK)
        status = game->grader != NULL ? grade_hosted(game, out, before) : grade_own(game, out, before);
    if (status != PVG_OK) pvi_solutions_cut(out, before);
    return status;
}

/* ---- scoring ---- */

static pvg_status score_list(pvi_game *game, int32_t which, double *scores) {
    pvi_model *model = game->verifiers[which];
    size_t count = game->list.count;
    if (count == 0) return PVG_OK;
    float *score = pvi_alloc(game->env, count, sizeof *score);
    if (score == NULL) return PVG_E_NOMEM;
    pvi_examples examples = pvi_example_list_view(&game->list);
    pvg_status status = pvi_model_ready(model);
    if (status == PVG_OK) status = pvi_score(game->env, model, &examples.batch, examples.begin, score, NULL);
    for (size_t i = 0; i < count && status == PVG_OK; i++) scores[i] = (double)score[i];
    pvi_free(game->env, score);
    return status;
}

static pvg_status ask_scores(pvi_game *game, const pvi_ask *item, size_t count, double *scores) {
    pvg_request request = {.env = game->env, .kind = PVI_EXCHANGE_VERIFY, .count = count, .item = item};
    const pvg_reply *reply = NULL;
    pvg_status status = pvi_game_exchange(game, game->checker, &request, &reply);
    for (size_t i = 0; i < count && status == PVG_OK; i++) scores[i] = reply->item[i].score;
    return status;
}

static pvi_ask question_of(const pvi_game *game, uint32_t problem, pvi_span text) {
    const pvi_item *item = pvi_dataset_item(game->data, problem);
    return (pvi_ask){.question = {item->question, item->question_length}, .solution = text};
}

/* By a verifier from outside: it reads texts and knows its own way to write a prompt. */
static pvg_status judge_scores(pvi_game *game, const pvi_solutions *all, const uint32_t *index, size_t count, double *scores) {
    pvi_span *question = pvi_alloc(game->env, count, sizeof *question), *text = pvi_alloc(game->env, count, sizeof *text);
    for (size_t i = 0; question != NULL && text != NULL && i < count; i++) {
        size_t at = index != NULL ? index[i] : i;
        const pvi_item *item = pvi_dataset_item(game->data, all->item[at].problem);
        question[i] = (pvi_span){item->question, item->question_length};
        text[i] = (pvi_span){pvi_solution_text(all, at), all->item[at].text_length};
    }
    pvg_status status = question != NULL && text != NULL ? pvi_cast_score(game->judge, count, question, text, scores) : PVG_E_NOMEM;
    pvi_free(game->env, question);
    pvi_free(game->env, text);
    return status;
}

pvg_status pvi_game_score(pvi_game *game, int32_t which, const pvi_solutions *all, const uint32_t *index, size_t count,
                          double *scores) {
    if (count == 0) return PVG_OK;
    pvg_status status = PVG_OK;
    if (game->judge != NULL) return judge_scores(game, all, index, count, scores);
    if (game->checker == NULL) {
        pvi_example_list_clear(&game->list);
        for (size_t i = 0; i < count && status == PVG_OK; i++) {
            size_t at = index != NULL ? index[i] : i;
            status = pvi_game_add_example(game, &game->list, all->item[at].problem, pvi_solution_tokens(all, at),
                                          all->item[at].token_count);
        }
        return status == PVG_OK ? score_list(game, which, scores) : status;
    }
    pvi_ask *item = pvi_calloc(game->env, count, sizeof *item);
    if (item == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        size_t at = index != NULL ? index[i] : i;
        item[i] = question_of(game, all->item[at].problem,
                              (pvi_span){pvi_solution_text(all, at), all->item[at].text_length});
    }
    status = ask_scores(game, item, count, scores);
    pvi_free(game->env, item);
    return status;
}

pvg_status pvi_game_score_texts(pvi_game *game, int32_t which, const uint32_t *problem, const pvi_span *text,
                                size_t count, double *scores) {
    pvi_solutions raw, all;
    pvi_solutions_init(&raw, game->env);
    pvi_solutions_init(&all, game->env);
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < count && status == PVG_OK; i++) {
        pvi_solution s = {.problem = problem[i], .finished = true, .score = (double)NAN};
        status = pvi_solutions_add(&raw, &s, NULL, NULL, 0, text[i].data, text[i].length);
    }
    if (status == PVG_OK) status = pvi_game_canonical(game, &raw, &all);
    if (status == PVG_OK) status = pvi_game_score(game, which, &all, NULL, count, scores);
    pvi_solutions_free(&raw);
    pvi_solutions_free(&all);
    return status;
}
