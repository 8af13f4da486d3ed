/* votes.c - see votes.h. */
#include "game/votes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "game/stats.h"

static int best_first(const void *a, const void *b) {
    const pvi_ballot *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    if (x->right != y->right) return x->right ? -1 : 1;
    return (x->answer > y->answer) - (x->answer < y->answer);
}

void pvi_ballots_sort(pvi_ballot *ballot, size_t count) { qsort(ballot, count, sizeof *ballot, best_first); }

/* Chance that n drawn from `all` hold none of `some` of them. */
static double none_of(size_t all, size_t some, size_t n) { return 1 - pvi_pass_at_k(all, some, n); }

/* Solutions with the score of ballot `from`. */
static size_t tied(const pvi_ballot *ballot, size_t count, size_t from, size_t *right) {
    size_t to = from;
    *right = 0;
    for (; to < count && ballot[to].score == ballot[from].score; to++) *right += ballot[to].right;
    return to - from;
}

double pvi_best_of(const pvi_ballot *ballot, size_t count, size_t n) {
    if (n == 0 || n > count) return (double)NAN;
    double chance = 0, not_yet = 1; /* no better one was drawn */
    for (size_t at = 0, size, right; at < count; at += size) {
        size = tied(ballot, count, at, &right);
        double after = none_of(count, at + size, n);
        chance += (not_yet - after) * (double)right / (double)size;
        not_yet = after;
    }
    return chance;
}

double pvi_balanced_best_of(const pvi_ballot *ballot, size_t count, size_t n) {
    size_t half = n / 2, rights = 0;
    for (size_t i = 0; i < count; i++) rights += ballot[i].right;
    size_t wrongs = count - rights;
    if (n < 2 || n % 2 != 0 || half > rights || half > wrongs) return (double)NAN;
    double chance = 0, no_right = 1, no_wrong = 1;
    size_t better = 0, better_right = 0; /* up to and with this score */
    for (size_t at = 0, size, right; at < count; at += size) {
        size = tied(ballot, count, at, &right);
        better += size;
        better_right += right;
        double right_after = none_of(rights, better_right, half), wrong_after = none_of(wrongs, better - better_right, half);
        chance += (no_right - right_after) * (no_wrong + wrong_after) / 2;
        no_right = right_after;
        no_wrong = wrong_after;
    }
    return chance;
}

/* ---- votes ---- */

typedef struct ballots {
    const pvi_ballot *ballot;
    size_t count;
    uint32_t *order;         /* a permutation of all, the drawn ones first; then the ranked */
    uint32_t *place;         /* by ballot: in the order of drawing */
    uint32_t *votes, *first; /* by answer: how many, and the rank of the first */
    uint32_t answers;
} ballots;

/* The first n of `order`, best first; of equal scores the one drawn first. The ballots themselves are sorted. */
static void rank(const ballots *b, size_t n) {
    size_t ranked = 0;
    for (size_t i = 0; i < b->count; i++) b->place[b->order[i]] = (uint32_t)i;
    for (uint32_t i = 0; i < b->count; i++) {
        if (b->place[i] >= n) continue;
        size_t at = ranked++;
        for (; at > 0 && b->ballot[b->order[at - 1]].score == b->ballot[i].score && b->place[b->order[at - 1]] > b->place[i]; at--)
            b->order[at] = b->order[at - 1];
        b->order[at] = i;
    }
}

static bool leads(const ballots *b, uint32_t answer, uint32_t leader) {
    if (leader == 0 || b->votes[answer] != b->votes[leader]) return leader == 0 || b->votes[answer] > b->votes[leader];
    return b->first[answer] < b->first[leader];
}

/* Count the votes of the ranked; add 1 to out[i] where the winner of the first top[i] is right. */
static void count_votes(const ballots *b, size_t n, const size_t *top, size_t tops, double *out) {
    uint32_t leader = 0, right = 0; /* the right answer's number */
    memset(b->votes, 0, b->answers * sizeof *b->votes);
    for (size_t r = 0, next = 0; r < n && next < tops; r++) {
        const pvi_ballot *ballot = &b->ballot[b->order[r]];
        uint32_t answer = ballot->answer;
        if (ballot->right) right = answer;
        if (answer != 0) {
            if (b->votes[answer]++ == 0) b->first[answer] = (uint32_t)r;
            if (leads(b, answer, leader)) leader = answer;
        }
        for (; next < tops && top[next] == r + 1; next++) out[next] += leader != 0 && leader == right;
    }
}

static void draw(pvi_rng *rng, const ballots *b, size_t n) {
    for (size_t i = 0; i < b->count; i++) b->order[i] = (uint32_t)i;
    for (size_t i = 0; i < n; i++) {
        size_t other = i + (size_t)pvi_rng_below(rng, b->count - i);
        uint32_t kept = b->order[i];
        b->order[i] = b->order[other];
        b->order[other] = kept;
    }
}

pvg_status pvi_top_votes(pvi_env *env, const pvi_ballot *ballot, size_t count, uint32_t answers, size_t n, const size_t *top,
                         size_t tops, uint32_t draws, uint64_t seed, double *out) {
    for (size_t i = 0; i < tops; i++) out[i] = n == 0 || n > count ? (double)NAN : 0;
    if (n == 0 || n > count || draws == 0) return PVG_OK;
    ballots b = {.ballot = ballot, .count = count, .answers = answers + 1,
                 .order = pvi_alloc(env, count, sizeof *b.order), .place = pvi_alloc(env, count, sizeof *b.place),
                 .votes = pvi_alloc(env, (size_t)answers + 1, sizeof *b.votes),
                 .first = pvi_alloc(env, (size_t)answers + 1, sizeof *b.first)};
    pvg_status status = b.order != NULL && b.place != NULL && b.votes != NULL && b.first != NULL ? PVG_OK : PVG_E_NOMEM;
    if (n == count) draws = 1;
    for (uint32_t d = 0; status == PVG_OK && d < draws; d++) {
        pvi_rng rng = pvi_rng_stream(seed, "votes", d, n);
        draw(&rng, &b, n);
        rank(&b, n);
        count_votes(&b, n, top, tops, out);
    }
    for (size_t i = 0; status == PVG_OK && i < tops; i++) out[i] /= draws;
    pvi_free(env, b.order);
    pvi_free(env, b.place);
    pvi_free(env, b.votes);
    pvi_free(env, b.first);
    return status;
}
