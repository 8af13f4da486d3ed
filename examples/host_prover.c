/* host_prover.c - a harness with problems and a prover of its own, which learns from the rewards that it is told.
 *
 * The prover is a table: for each role, how well each way of writing has paid so far. It mostly writes the way that paid
 * best. A real harness would ask its model in `answer` and take an optimizer step in `learn`. */
#include <pvgame/pvgame.h>
#include <stdio.h>
#include <string.h>

enum { PROBLEMS = 300, WAYS = 3 };
static const char *const ways[WAYS] = {"A: %d", "%d + %d. A: %d", "I am sure of it. A: %d"};
typedef struct table {
    double paid[3][WAYS], times[3][WAYS]; /* by role and way */
} table;

static int best_way(const table *t, pvg_role role) {
    int best = 0;
    for (int way = 1; way < WAYS; way++)
        if (t->paid[role][way] * t->times[role][best] > t->paid[role][best] * t->times[role][way]) best = way;
    return best;
}

static int way_of(const char *text, size_t length) {
    return length > 0 && text[0] == 'A' ? 0 : length > 0 && text[0] == 'I' ? 2 : 1;
}

static pvg_status answer(void *user, const pvg_request *request, pvg_reply *reply) {
    table *t = user;
    for (size_t i = 0; i < pvg_request_count(request); i++) {
        const char *question;
        size_t length;
        char text[64], solution[64];
        int a, b;
        pvg_status status = pvg_request_question(request, i, &question, &length);
        if (status != PVG_OK) return status;
        snprintf(text, sizeof text, "%.*s", (int)length, question);
        if (sscanf(text, "What is %d + %d?", &a, &b) != 2) return pvg_reply_fail(reply, "this prover can only add");
        uint64_t seed = pvg_request_seed(request, i);
        pvg_role role = pvg_request_role(request, i);
        int way = seed % 4 == 0 ? (int)(seed / 4 % WAYS) : best_way(t, role); /* one time in four another way */
        int sum = a + b + (role == PVG_ROLE_SNEAKY || seed / 16 % 8 == 0);    /* sneaky: wrong; else now and then */
        if (way == 1) snprintf(solution, sizeof solution, ways[way], a, b, sum);
        else snprintf(solution, sizeof solution, ways[way], sum);
        status = pvg_reply_text(reply, i, solution, PVG_NUL_TERMINATED);
        if (status != PVG_OK) return status;
    }
    return PVG_OK;
}

static pvg_status learn(void *user, const pvg_feedback *feedback) {
    table *t = user;
    for (size_t i = 0; i < pvg_feedback_count(feedback); i++) {
        const char *text;
        size_t length;
        pvg_status status = pvg_feedback_solution(feedback, i, &text, &length);
        if (status != PVG_OK) return status;
        pvg_role role = pvg_feedback_role(feedback, i);
        t->paid[role][way_of(text, length)] += pvg_feedback_reward(feedback, i);
        t->times[role][way_of(text, length)]++;
    }
    return PVG_OK;
}

int main(void) {
    pvg_context *context;
    pvg_settings *settings = NULL;
    pvg_dataset *data = NULL;
    pvg_prover *prover = NULL;
    pvg_scheduler *game = NULL;
    table learned = {0};
    pvg_hooks hooks;
    pvg_hooks_init(&hooks, sizeof hooks);
    hooks.answer = answer;
    hooks.learn = learn;
    hooks.user = &learned;
    if (pvg_context_create(NULL, &context) != PVG_OK) return 1;
    int done = pvg_settings_create(context, &settings) == PVG_OK && pvg_settings_preset(settings, "tiny") == PVG_OK &&
               pvg_settings_set(settings, "rounds.count", "1") == PVG_OK && pvg_dataset_create(context, &data) == PVG_OK;
    for (int i = 0; done && i < PROBLEMS; i++) {
        char question[64], solution[64], gold[16];
        snprintf(question, sizeof question, "What is %d + %d?", i % 20, i / 20);
        snprintf(solution, sizeof solution, ways[1], i % 20, i / 20, i % 20 + i / 20);
        snprintf(gold, sizeof gold, "%d", i % 20 + i / 20);
        done = pvg_dataset_append(data, NULL, question, PVG_NUL_TERMINATED, gold, solution, PVG_NUL_TERMINATED) == PVG_OK;
    }
    done = done && pvg_prover_from_hooks(context, "adder", &hooks, &prover) == PVG_OK &&
           pvg_scheduler_create(context, settings, data, &game) == PVG_OK &&
           pvg_scheduler_set_prover(game, prover) == PVG_OK && pvg_scheduler_run(game) == PVG_OK;
    for (pvg_role role = PVG_ROLE_HELPFUL; done && role <= PVG_ROLE_SNEAKY; role++)
        printf("%s: \"%s\" pays best\n", pvg_role_name(role), ways[best_way(&learned, role)]);
    if (!done) fprintf(stderr, "%s\n", pvg_error_message(context));
    pvg_scheduler_destroy(game);
    pvg_prover_destroy(prover);
    pvg_dataset_destroy(data);
    pvg_settings_destroy(settings);
    pvg_context_destroy(context);
    return !done;
}
