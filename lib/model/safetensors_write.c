/* safetensors_write.c - writing named arrays: those of the widest elements first, then by name, so that every array is
 * aligned to its elements. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/safetensors.h"

static const char NAME[] = "safetensors";

static uint64_t elements(const pvi_array *array) {
    return (uint64_t)array->rows * (uint64_t)(array->cols == 0 ? 1 : array->cols);
}

static uint64_t bytes(const pvi_array *array) { return elements(array) * (pvi_dtype_bits(array->dtype) / 8); }

static pvg_status check_array(pvi_env *env, const char *path, const pvi_array *array) {
    static const char *const written[] = {"F32", "I32", "I64", "U8"};
    bool known = false;
    size_t bad;
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) known |= strcmp(array->dtype, written[i]) == 0;
    if (!known || array->rows < 0 || array->cols < 0 ||
        array->rows > INT64_MAX / 16 / (array->cols == 0 ? 1 : array->cols))
        return pvi_fail(env, PVG_E_INVALID, NAME,
                        "%s: array '%.100s' is %lld x %lld of type %.20s; wanted are sizes of at least "
                        "0 of type F32, I32, I64 or U8",
                        path, array->name, (long long)array->rows, (long long)array->cols, array->dtype);
    if (!pvi_text_utf8(array->name, strlen(array->name), &bad) || strcmp(array->name, "__metadata__") == 0)
        return pvi_fail(env, PVG_E_INVALID, NAME, "%s: '%.100s' cannot name an array", path, array->name);
    return PVG_OK;
}

static int in_file_order(const void *left, const void *right) {
    const pvi_array *a = *(const pvi_array *const *)left, *b = *(const pvi_array *const *)right;
    unsigned wide_a = pvi_dtype_bits(a->dtype), wide_b = pvi_dtype_bits(b->dtype);
    return wide_a != wide_b ? (wide_a > wide_b ? -1 : 1) : strcmp(a->name, b->name);
}

/* ---- the header ---- */

/* NULL when there is no memory. */
static json_t *describe(const pvi_array *array, uint64_t begin) {
    json_int_t from = (json_int_t)begin, to = (json_int_t)(begin + bytes(array));
    if (array->cols == 0)
        return json_pack("{s:s,s:[I],s:[I,I]}", "dtype", array->dtype, "shape", (json_int_t)array->rows, "data_offsets",
                         from, to);
    return json_pack("{s:s,s:[I,I],s:[I,I]}", "dtype", array->dtype, "shape", (json_int_t)array->rows,
                     (json_int_t)array->cols, "data_offsets", from, to);
}

static pvg_status no_memory(pvi_env *env, const char *path) {
    return pvi_fail(env, PVG_E_NOMEM, NAME, "%s: out of memory for the header", path);
}

static pvg_status put_metadata(pvi_env *env, const char *path, const char *text, json_t *header) {
    json_t *metadata = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *value;
    const char *key;
    bool good = json_is_object(metadata);
    json_object_foreach(metadata, key, value) good = good && json_is_string(value);
    if (!good) {
        json_decref(metadata);
        return pvi_fail(env, PVG_E_INVALID, NAME, "%s: the metadata is not a JSON object of texts", path);
    }
    return json_object_set_new(header, "__metadata__", metadata) == 0 ? PVG_OK : no_memory(env, path);
}

static pvg_status put_arrays(pvi_env *env, const char *path, const pvi_array **order, size_t count, json_t *header) {
    uint64_t begin = 0;
    for (size_t i = 0; i < count; i++) {
        if (json_object_get(header, order[i]->name) != NULL)
            return pvi_fail(env, PVG_E_INVALID, NAME, "%s: two arrays are named '%.100s'", path, order[i]->name);
        if (bytes(order[i]) > (uint64_t)INT64_MAX - begin)
            return pvi_fail(env, PVG_E_RANGE, NAME, "%s: more bytes than a file can have", path);
        if (json_object_set_new(header, order[i]->name, describe(order[i], begin)) != 0) return no_memory(env, path);
        begin += bytes(order[i]);
    }
    return PVG_OK;
}

static int take_json(const char *data, size_t length, void *out) {
    pvi_text_append(out, data, length);
    return ((pvi_text *)out)->failed ? -1 : 0;
}

static pvg_status write_header(pvi_env *env, const char *path, json_t *header, pvi_text *out) {
    if (json_dump_callback(header, take_json, out, JSON_COMPACT | JSON_ENSURE_ASCII) != 0)
        return out->failed ? pvi_text_ok(out) : no_memory(env, path);
    while (out->length % 8 != 0 && !out->failed) pvi_text_puts(out, " ");
    if (out->length > PVI_SAFETENSORS_HEADER)
        return pvi_fail(env, PVG_E_RANGE, NAME, "%s: the header has %zu bytes; the format allows %d", path, out->length,
                        PVI_SAFETENSORS_HEADER);
    return pvi_text_ok(out);
}

static pvg_status make_header(pvi_env *env, const char *path, const pvi_array **order, size_t count,
                              const char *metadata, pvi_text *out) {
    json_t *header = json_object();
    pvg_status status = header == NULL ? no_memory(env, path) : PVG_OK;
    if (status == PVG_OK && metadata != NULL) status = put_metadata(env, path, metadata, header);
    if (status == PVG_OK) status = put_arrays(env, path, order, count, header);
    if (status == PVG_OK) status = write_header(env, path, header, out);
    json_decref(header);
    return status;
}

/* ---- the file ---- */

static pvg_status write_file(pvi_env *env, const char *path, const pvi_text *header, const pvi_array **order,
                             size_t count) {
    pvi_writer *writer;
    uint64_t length = header->length;
    pvg_status status = pvi_writer_open(env, path, &writer);
    if (status != PVG_OK) return status;
    status = pvi_writer_append(writer, &length, sizeof length);
    if (status == PVG_OK) status = pvi_writer_append(writer, header->data, header->length);
    for (size_t i = 0; i < count && status == PVG_OK; i++)
        status = pvi_writer_append(writer, order[i]->data, (size_t)bytes(order[i]));
    if (status == PVG_OK) return pvi_writer_commit(writer);
    pvi_writer_drop(writer);
    return status;
}

pvg_status pvi_arrays_save(pvi_env *env, const char *path, const pvi_array *arrays, size_t count,
                           const char *metadata_json) {
    pvg_status status = PVG_OK;
    for (size_t i = 0; i < count && status == PVG_OK; i++) status = check_array(env, path, &arrays[i]);
    if (status != PVG_OK) return status;
    const pvi_array **order = pvi_alloc(env, count, sizeof *order);
    if (order == NULL) return PVG_E_NOMEM;
    for (size_t i = 0; i < count; i++) order[i] = &arrays[i];
    qsort(order, count, sizeof *order, in_file_order);
    pvi_text header;
    pvi_text_init(&header, env);
    status = make_header(env, path, order, count, metadata_json, &header);
    if (status == PVG_OK) status = write_file(env, path, &header, order, count);
    pvi_text_free(&header);
    pvi_free(env, order);
    return status;
}
