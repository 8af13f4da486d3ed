/* dataset_write.c - items to JSON lines, plain or gzip, atomically. */
#include <jansson.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "game/dataset.h"

static const char NAME[] = "dataset";

/* ---- one line ---- */

static int take_json(const char *bytes, size_t length, void *text) {
    pvi_text_append(text, bytes, length);
    return ((pvi_text *)text)->failed ? -1 : 0;
}

static bool put(json_t *object, const char *name, const char *text, size_t length) {
    return json_object_set_new(object, name, json_stringn(text, length)) == 0;
}

static bool fill_object(json_t *object, const pvi_item *item) {
    bool labelled = item->candidate != NULL, solved = item->solution_length > 0;
    return put(object, "id", item->id, strlen(item->id)) && put(object, "question", item->question, item->question_length) &&
           put(object, "answer", item->gold, strlen(item->gold)) &&
           (!solved || put(object, labelled ? "reference" : "solution", item->solution, item->solution_length)) &&
           (!labelled || (put(object, "solution", item->candidate, item->candidate_length) &&
                          json_object_set_new(object, "is_correct", json_boolean(item->label)) == 0)) &&
           (item->chain == NULL || put(object, "chain", item->chain, strlen(item->chain)));
}

static pvg_status write_line(pvi_env *env, const pvi_item *item, pvi_text *out) {
    json_t *object = json_object();
    bool fine = object != NULL && fill_object(object, item) && json_dump_callback(object, take_json, out, 0) == 0;
    json_decref(object);
    pvi_text_puts(out, "\n");
    if (!fine && !out->failed) return pvi_fail(env, PVG_E_NOMEM, NAME, "no memory to write item '%.80s'", item->id);
    return pvi_text_ok(out);
}

/* ---- the file ---- */

typedef struct sink {
    pvi_env *env;
    pvi_writer *writer;
    bool gzip;
    z_stream stream;
    unsigned char buffer[1 << 14];
} sink;

static void *zip_alloc(void *env, uInt count, uInt size) { return pvi_alloc(env, count, size); }
static void zip_free(void *env, void *block) { pvi_free(env, block); }

static pvg_status sink_open(sink *s) {
    if (!s->gzip) return PVG_OK;
    s->stream = (z_stream){.zalloc = zip_alloc, .zfree = zip_free, .opaque = s->env};
    return deflateInit2(&s->stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK ? PVG_OK : PVG_E_NOMEM;
}

static pvg_status sink_put(sink *s, const pvi_text *text, int flush) {
    if (!s->gzip) return pvi_writer_append(s->writer, text->data, text->length);
    s->stream.next_in = (unsigned char *)text->data;
    s->stream.avail_in = (uInt)text->length; /* a line is below 4 GiB: its texts are each below PVI_DATASET_LINE */
    do {
        s->stream.next_out = s->buffer;
        s->stream.avail_out = sizeof s->buffer;
        deflate(&s->stream, flush);
        pvg_status status = pvi_writer_append(s->writer, s->buffer, sizeof s->buffer - s->stream.avail_out);
        if (status != PVG_OK) return status;
    } while (s->stream.avail_out == 0);
    return PVG_OK;
}

static pvg_status write_all(sink *s, const pvi_dataset *dataset) {
    pvi_text text;
    pvi_text_init(&text, s->env);
    pvg_status status = sink_open(s);
    bool opened = status == PVG_OK;
    for (size_t i = 0; i < pvi_dataset_count(dataset) && status == PVG_OK; i++) {
        pvi_text_clear(&text);
        status = write_line(s->env, pvi_dataset_item(dataset, i), &text);
        if (status == PVG_OK) status = sink_put(s, &text, Z_NO_FLUSH);
    }
    pvi_text_clear(&text);
    if (status == PVG_OK && s->gzip) status = sink_put(s, &text, Z_FINISH);
    if (opened && s->gzip) deflateEnd(&s->stream);
    pvi_text_free(&text);
    return status;
}

pvg_status pvi_dataset_write(pvi_env *env, const pvi_dataset *dataset, const char *path) {
    size_t length = strlen(path);
    sink *s = pvi_calloc(env, 1, sizeof *s);
    if (s == NULL) return PVG_E_NOMEM;
    s->env = env;
    s->gzip = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    pvg_status status = pvi_writer_open(env, path, &s->writer);
    if (status == PVG_OK) {
        status = write_all(s, dataset);
        if (status == PVG_OK) status = pvi_writer_commit(s->writer);
        else pvi_writer_drop(s->writer);
    }
    pvi_free(env, s);
    return status;
}
