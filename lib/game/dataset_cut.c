/* dataset_cut.c - parts of a dataset: chosen items, all but some, and the random cut by question. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/rng.h"
#include "game/dataset_parts.h"

static const char NAME[] = "dataset";

/* ---- what is the same question ---- */

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* FNV-1a, and the finish of MurmurHash3 over it. */
static uint64_t hash_byte(uint64_t hash, unsigned char byte) { return (hash ^ byte) * UINT64_C(0x100000001B3); }

uint64_t pvi_question_hash(uint64_t seed, const char *question, size_t length) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (int i = 0; i < 8; i++) hash = hash_byte(hash, (unsigned char)(seed >> (8 * i)));
    bool begun = false, gap = false;
    for (size_t i = 0; i < length; i++) {
        if (is_space(question[i])) {
            gap = begun;
            continue;
        }
        if (gap) hash = hash_byte(hash, ' ');
        hash = hash_byte(hash, (unsigned char)question[i]);
        begun = true;
        gap = false;
    }
    hash = (hash ^ hash >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
    hash = (hash ^ hash >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
    return hash ^ hash >> 33;
}

static uint64_t hash_of(const pvi_item *item) { return pvi_question_hash(0, item->question, item->question_length); }

/* ---- chosen items ---- */

static pvg_status check_index(pvi_env *env, const pvi_dataset *dataset, const uint32_t *index, size_t count) {
    bool *taken = pvi_calloc(env, dataset->count, sizeof *taken);
    if (taken == NULL) return PVG_E_NOMEM;
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < count && status == PVG_OK; i++) {
        if (index[i] >= dataset->count)
            status = pvi_fail(env, PVG_E_RANGE, NAME, "item %u was asked for; the dataset has %zu", index[i], dataset->count);
        else if (taken[index[i]])
            status = pvi_fail(env, PVG_E_INVALID, NAME, "item %u was asked for twice", index[i]);
        else
            taken[index[i]] = true;
    }
    pvi_free(env, taken);
    return status;
}

static pvg_status fill_part(pvi_dataset *part, const pvi_dataset *dataset, const uint32_t *index, size_t count) {
    pvi_env *env = part->env;
    part->items = pvi_alloc(env, count, sizeof *part->items);
    if (part->items == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        pvi_byte_entry *entry;
        part->items[i] = dataset->items[index[i]];
        pvg_status status = pvi_byte_map_add(env, &part->ids, part->items[i].id, strlen(part->items[i].id), 1, &entry);
        if (status != PVG_OK) return status;
    }
    part->count = part->item_capacity = count;
    return PVG_OK;
}

pvg_status pvi_dataset_subset(pvi_env *env, const pvi_dataset *dataset, const uint32_t *index, size_t count, pvi_dataset **out) {
    pvi_dataset *part;
    pvg_status status = check_index(env, dataset, index, count);
    if (status == PVG_OK) status = pvi_dataset_create(env, &part);
    if (status != PVG_OK) return status;
    part->source = pvi_dataset_retain(dataset->source != NULL ? dataset->source : dataset); /* who holds the texts */
    part->frozen = true;
    status = fill_part(part, dataset, index, count);
    if (status == PVG_OK) *out = part;
    else pvi_dataset_release(part);
    return status;
}

/* The items with keep[i] == wanted. */
static pvg_status kept_items(pvi_env *env, const pvi_dataset *dataset, const uint8_t *keep, uint8_t wanted, pvi_dataset **out) {
    uint32_t *index = pvi_alloc(env, dataset->count, sizeof *index);
    if (index == NULL) return PVG_E_NOMEM;
    size_t count = 0;
    for (size_t i = 0; i < dataset->count; i++)
        if (keep[i] == wanted) index[count++] = (uint32_t)i;
    pvg_status status = pvi_dataset_subset(env, dataset, index, count, out);
    pvi_free(env, index);
    return status;
}

pvg_status pvi_dataset_limit(pvi_env *env, const pvi_dataset *dataset, size_t count, pvi_dataset **out) {
    uint8_t *keep = pvi_calloc(env, dataset->count, 1);
    if (keep == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < dataset->count && i < count; i++) keep[i] = 1;
    pvg_status status = kept_items(env, dataset, keep, 1, out);
    pvi_free(env, keep);
    return status;
}

/* ---- exclusion ---- */

typedef struct hashes {
    uint64_t *at;
    size_t count, capacity;
} hashes;

static int by_hash(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static pvg_status exclude_id(pvi_env *env, const pvi_dataset *dataset, const char *path, uint64_t number, char *id, hashes *out) {
    size_t index;
    if (!pvi_dataset_find(dataset, id, &index))
        return pvi_fail(env, PVG_E_NOT_FOUND, NAME, "%s:%llu: no problem has the id '%.80s'", path, (unsigned long long)number, id);
    pvg_status status = pvi_reserve(env, (void **)&out->at, &out->capacity, out->count + 1, sizeof *out->at);
    if (status == PVG_OK) out->at[out->count++] = hash_of(&dataset->items[index]);
    return status;
}

/* One id a line, white space around it not counting. */
static pvg_status read_excluded(pvi_env *env, const pvi_dataset *dataset, const char *path, hashes *out) {
    pvi_lines *lines;
    const char *line;
    size_t length;
    uint64_t number;
    pvg_status status = pvi_lines_open(env, path, PVI_DATASET_LINE, &lines);
    if (status != PVG_OK) return status;
    while ((status = pvi_lines_next(lines, &line, &length, &number)) == PVG_OK && line != NULL) {
        while (length > 0 && is_space(line[length - 1])) length--;
        while (length > 0 && is_space(*line)) line++, length--;
        if (length == 0) continue;
        char *id = pvi_strdup(env, line, length);
        status = id != NULL ? exclude_id(env, dataset, path, number, id, out) : PVG_E_NOMEM;
        pvi_free(env, id);
        if (status != PVG_OK) break;
    }
    pvi_lines_close(lines);
    return status;
}

static pvg_status keep_others(pvi_env *env, const pvi_dataset *dataset, const hashes *excluded, pvi_dataset **out) {
    uint8_t *keep = pvi_calloc(env, dataset->count, 1);
    if (keep == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < dataset->count; i++) {
        uint64_t hash = hash_of(&dataset->items[i]);
        keep[i] = excluded->count == 0 || bsearch(&hash, excluded->at, excluded->count, sizeof hash, by_hash) == NULL;
    }
    pvg_status status = kept_items(env, dataset, keep, 1, out);
    pvi_free(env, keep);
    return status;
}

pvg_status pvi_dataset_exclude(pvi_env *env, const pvi_dataset *dataset, const char *path, pvi_dataset **out) {
    hashes excluded = {0};
    pvg_status status = read_excluded(env, dataset, path, &excluded);
    if (excluded.count > 0) qsort(excluded.at, excluded.count, sizeof *excluded.at, by_hash);
    if (status == PVG_OK) status = keep_others(env, dataset, &excluded, out);
    pvi_free(env, excluded.at);
    return status;
}

/* ---- the random cut ---- */

static pvg_status check_shares(pvi_env *env, const double share[PVI_SIDES], double *total) {
    *total = share[0] + share[1] + share[2];
    for (size_t s = 0; s < PVI_SIDES; s++)
        if (!(share[s] >= 0 && share[s] <= 1))
            return pvi_fail(env, PVG_E_RANGE, NAME, "a share of the dataset is %g; wanted is 0 to 1", share[s]);
    if (*total > 1 + 1e-9)
        return pvi_fail(env, PVG_E_RANGE, NAME, "the shares %g, %g and %g add up to more than 1", share[0], share[1], share[2]);
    return PVG_OK;
}

pvg_status pvi_dataset_sides(pvi_env *env, const pvi_dataset *dataset, uint64_t seed, const double share[PVI_SIDES],
                             uint8_t *side) {
    double total;
    pvg_status status = check_shares(env, share, &total);
    if (status != PVG_OK) return status;
    int rest = PVI_SIDE_NONE; /* shares that fill the whole must leave nobody out by a rounding error */
    for (int s = 0; s < PVI_SIDES && total > 1 - 1e-9; s++)
        if (share[s] > 0) rest = s;
    for (size_t i = 0; i < dataset->count; i++) {
        pvi_rng rng = pvi_rng_stream(seed, "dataset cut", hash_of(&dataset->items[i]), 0);
        double at = pvi_rng_unit(&rng), bound = 0;
        int s = 0;
        while (s < PVI_SIDES && at >= (bound += share[s])) s++;
        side[i] = (uint8_t)(s < PVI_SIDES ? s : rest);
    }
    return PVG_OK;
}

pvg_status pvi_dataset_cut(pvi_env *env, const pvi_dataset *dataset, uint64_t seed, const double share[PVI_SIDES],
                           pvi_dataset *out[PVI_SIDES]) {
    pvi_dataset *made[PVI_SIDES] = {NULL};
    uint8_t *side = pvi_alloc(env, dataset->count, 1);
    if (side == NULL) return PVG_E_NOMEM;
    pvg_status status = pvi_dataset_sides(env, dataset, seed, share, side);
    for (uint8_t s = 0; s < PVI_SIDES && status == PVG_OK; s++) status = kept_items(env, dataset, side, s, &made[s]);
    pvi_free(env, side);
    for (int s = 0; s < PVI_SIDES; s++) {
        if (status == PVG_OK) out[s] = made[s];
        else pvi_dataset_release(made[s]);
    }
    return status;
}
