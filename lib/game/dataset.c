/* dataset.c - items in order, their ids, and the digest over them. Files and parts: dataset_read.c, dataset_write.c,
 * dataset_cut.c. */
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/text.h"
#include "game/dataset_parts.h"
#include "game/grade.h"

static const char NAME[] = "dataset";

enum { ID_SIZE = 64 }; /* of an id made here */

pvg_status pvi_dataset_create(pvi_env *env, pvi_dataset **out) {
    pvi_dataset *dataset = pvi_calloc(env, 1, sizeof *dataset);
    if (dataset == NULL) return PVG_E_NOMEM;
    dataset->env = env;
    atomic_init(&dataset->references, 1);
    *out = dataset;
    return PVG_OK;
}

pvi_dataset *pvi_dataset_retain(const pvi_dataset *dataset) {
    pvi_dataset *shared = (pvi_dataset *)(uintptr_t)dataset; /* the count is no part of what a reader sees */
    atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    return shared;
}

void pvi_dataset_release(pvi_dataset *dataset) {
    while (dataset != NULL && atomic_fetch_sub_explicit(&dataset->references, 1, memory_order_acq_rel) == 1) {
        pvi_env *env = dataset->env;
        pvi_dataset *source = dataset->source;
        for (size_t i = 0; dataset->texts != NULL && i < dataset->count; i++) pvi_free(env, dataset->texts[i]);
        pvi_free(env, dataset->texts);
        pvi_free(env, dataset->items);
        pvi_byte_map_free(env, &dataset->ids);
        pvi_free(env, dataset);
        dataset = source;
    }
}

void pvi_dataset_freeze(pvi_dataset *dataset) { dataset->frozen = true; }
bool pvi_dataset_frozen(const pvi_dataset *dataset) { return dataset->frozen; }
size_t pvi_dataset_count(const pvi_dataset *dataset) { return dataset->count; }
const pvi_item *pvi_dataset_item(const pvi_dataset *dataset, size_t index) { return &dataset->items[index]; }
bool pvi_dataset_labelled(const pvi_dataset *dataset) { return dataset->count > 0 && dataset->items[0].label >= 0; }

bool pvi_dataset_find(const pvi_dataset *dataset, const char *id, size_t *index) {
    const pvi_byte_entry *entry = pvi_byte_map_find(&dataset->ids, id, strlen(id));
    if (entry != NULL) *index = (size_t)(entry - dataset->ids.entries);
    return entry != NULL;
}

/* ---- what may be appended ---- */

static pvg_status check_text(pvi_env *env, const char *what, const char *text, size_t length) {
    size_t bad;
    if (length > PVI_DATASET_LINE)
        return pvi_fail(env, PVG_E_RANGE, NAME, "the %s has %zu bytes; at most %zu are wanted", what, length, PVI_DATASET_LINE);
    if (!pvi_text_utf8(text, length, &bad))
        return pvi_fail(env, PVG_E_FORMAT, NAME, "the %s is not UTF-8: byte %zu is 0x%02x", what, bad, (unsigned char)text[bad]);
    const char *nul = length > 0 ? memchr(text, '\0', length) : NULL;
    if (nul != NULL)
        return pvi_fail(env, PVG_E_FORMAT, NAME, "the %s holds a NUL at byte %zu", what, (size_t)(nul - text));
    return PVG_OK;
}

static bool is_blank(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (strchr(" \t\n\v\f\r", text[i]) == NULL || text[i] == '\0') return false;
    return true;
}

static pvg_status check_texts(pvi_env *env, const pvi_item *item) {
    const struct {
        const char *what, *text;
        size_t length;
    } texts[] = {{"id", item->id, item->id != NULL ? strlen(item->id) : 0},
                 {"question", item->question, item->question_length},
                 {"solution", item->solution, item->solution_length},
                 {"chain", item->chain, item->chain != NULL ? strlen(item->chain) : 0},
                 {"labelled solution", item->candidate, item->candidate != NULL ? item->candidate_length : 0}};
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == PVG_OK; i++)
        status = check_text(env, texts[i].what, texts[i].text, texts[i].length);
    if (status == PVG_OK && is_blank(item->question, item->question_length))
        status = pvi_fail(env, PVG_E_FORMAT, NAME, "the question is empty");
    return status;
}

static pvg_status check_kind(pvi_env *env, const pvi_dataset *dataset, const pvi_item *item) {
    if (dataset->frozen) return pvi_fail(env, PVG_E_STATE, NAME, "the dataset is frozen: nothing can be added any more");
    if (dataset->count >= PVI_DATASET_ITEMS)
        return pvi_fail(env, PVG_E_RANGE, NAME, "the dataset is full: it has %zu items", dataset->count);
    if (item->candidate != NULL ? item->label != 0 && item->label != 1 : item->label != -1)
        return pvi_fail(env, PVG_E_INVALID, NAME, "the label is %d: a labelled solution needs 0 or 1, an item without one -1",
                        (int)item->label);
    if (dataset->count > 0 && pvi_dataset_labelled(dataset) != (item->candidate != NULL))
        return pvi_fail(env, PVG_E_INVALID, NAME, "items with and without a labelled solution cannot be mixed");
    return PVG_OK;
}

/* ---- ids ---- */

static void place_of(uint64_t line, size_t index, char out[ID_SIZE]) {
    if (line > 0) pvi_text_format(out, ID_SIZE, "line %llu", (unsigned long long)line);
    else pvi_text_format(out, ID_SIZE, "item %zu", index);
}

static pvg_status refuse_id(pvi_env *env, const pvi_dataset *dataset, const pvi_item *item, const char *id, size_t first) {
    char here[ID_SIZE], there[ID_SIZE];
    place_of(item->line, dataset->count, here);
    place_of(dataset->items[first].line, first, there);
    bool own = item->id != NULL && item->id[0] != '\0';
    return pvi_fail(env, PVG_E_INVALID, NAME, own ? "the id '%.80s' of %s is already that of %s; ids must differ"
                                                  : "without an id (it would be '%.80s'), %s has the question of %s",
                    id, here, there);
}

/* The digest of the question; of labelled solutions of one question the second gets "-2" behind it. */
static void make_id(pvi_dataset *dataset, const pvi_item *item, char out[ID_SIZE]) {
    size_t index;
    char base[33];
    pvi_digest_of(item->question, item->question_length, base);
    memcpy(out, base, sizeof base);
    pvi_byte_entry *first = pvi_byte_map_find(&dataset->ids, base, sizeof base - 1);
    if (first == NULL || item->candidate == NULL) return;
    do pvi_text_format(out, ID_SIZE, "%s-%d", base, ++first->value);
    while (pvi_dataset_find(dataset, out, &index));
}

/* ---- appending ---- */

static size_t text_bytes(const pvi_item *item) {
    return strlen(item->id) + item->question_length + item->solution_length + strlen(item->gold) +
           (item->chain != NULL ? strlen(item->chain) : 0) + (item->candidate != NULL ? item->candidate_length : 0) + 6;
}

static const char *copy_text(char **to, const char *text, size_t length) {
    if (text == NULL) return NULL;
    char *copy = *to;
    if (length > 0) memcpy(copy, text, length);
    copy[length] = '\0';
    *to += length + 1;
    return copy;
}

/* An item whose id and gold are settled. */
static pvg_status add(pvi_dataset *dataset, const pvi_item *item) {
    pvi_env *env = dataset->env;
    pvi_byte_entry *entry;
    pvg_status status = pvi_reserve(env, (void **)&dataset->items, &dataset->item_capacity, dataset->count + 1, sizeof *item);
    if (status == PVG_OK)
        status = pvi_reserve(env, (void **)&dataset->texts, &dataset->text_capacity, dataset->count + 1, sizeof *dataset->texts);
    if (status != PVG_OK) return status;
    char *texts = pvi_alloc(env, text_bytes(item), 1), *to = texts;
    if (texts == NULL) return PVG_E_NOMEM;
    status = pvi_byte_map_add(env, &dataset->ids, item->id, strlen(item->id), 1, &entry);
    if (status != PVG_OK) {
        pvi_free(env, texts);
        return status;
    }
    pvi_item *kept = &dataset->items[dataset->count];
    *kept = *item;
    kept->id = copy_text(&to, item->id, strlen(item->id));
    kept->question = copy_text(&to, item->question, item->question_length);
    kept->solution = copy_text(&to, item->solution != NULL ? item->solution : "", item->solution_length);
    kept->gold = copy_text(&to, item->gold, strlen(item->gold));
    kept->chain = copy_text(&to, item->chain, item->chain != NULL ? strlen(item->chain) : 0);
    kept->candidate = copy_text(&to, item->candidate, item->candidate_length);
    dataset->texts[dataset->count++] = texts;
    return PVG_OK;
}

pvg_status pvi_dataset_append(pvi_env *env, pvi_dataset *dataset, const pvi_item *item) {
    char gold[PVI_GOLD_SIZE], made[ID_SIZE];
    pvi_item settled = *item;
    if (item->candidate == NULL) settled.candidate_length = 0;
    if (item->solution == NULL) settled.solution_length = 0;
    pvg_status status = check_kind(env, dataset, &settled);
    if (status == PVG_OK) status = check_texts(env, &settled);
    if (status == PVG_OK) status = pvi_gold_canonical(env, item->gold, strlen(item->gold), gold);
    if (status != PVG_OK) return status;
    settled.gold = gold;
    if (item->id == NULL || item->id[0] == '\0') {
        make_id(dataset, &settled, made);
        settled.id = made;
    }
    size_t first;
    if (pvi_dataset_find(dataset, settled.id, &first)) return refuse_id(env, dataset, item, settled.id, first);
    return add(dataset, &settled);
}

/* ---- digest ---- */

static void digest_text(pvi_digest *digest, const char *text, size_t length) {
    uint64_t size = text != NULL ? length : UINT64_MAX;
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(size >> (8 * i));
    pvi_digest_add(digest, bytes, sizeof bytes);
    if (text != NULL) pvi_digest_add(digest, text, length);
}

pvg_status pvi_dataset_digest(pvi_env *env, const pvi_dataset *dataset, char out[33]) {
    pvi_digest *digest;
    pvg_status status = pvi_digest_open(env, &digest);
    if (status != PVG_OK) return status;
    for (size_t i = 0; i < dataset->count; i++) {
        const pvi_item *item = &dataset->items[i];
        const char label = (char)('0' + item->label + 1);
        digest_text(digest, item->id, strlen(item->id));
        digest_text(digest, item->question, item->question_length);
        digest_text(digest, item->solution, item->solution_length);
        digest_text(digest, item->gold, strlen(item->gold));
        digest_text(digest, item->chain, item->chain != NULL ? strlen(item->chain) : 0);
        digest_text(digest, item->candidate, item->candidate_length);
        digest_text(digest, &label, 1);
    }
    pvi_digest_hex(digest, out);
    pvi_digest_close(digest);
    return PVG_OK;
}
