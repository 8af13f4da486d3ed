/* safetensors.c - opening and reading a safetensors file: 8 bytes with the length of a JSON header, the header, and the
 * arrays' bytes. Nothing in the header is believed before it is checked: every byte after it belongs to exactly one
 * array. */
#include "model/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "arrays are kept in little-endian order, as in memory");

static const char NAME[] = "safetensors";

struct pvi_arrays {
    pvi_env *env;
    char *path;
    pvi_reader *reader;
    json_t *header; /* owns the names and types of the entries */
    pvi_entry *entry;
    size_t count;
    uint64_t data, length; /* where the arrays begin in the file, and how many bytes they have */
    unsigned char buffer[65536];
};

unsigned pvi_dtype_bits(const char *dtype) {
    static const struct {
        const char *name;
        unsigned bits;
    } types[] = {{"F32", 32},        {"BF16", 16}, {"F16", 16},    {"F64", 64},    {"I64", 64},    {"I32", 32},
                 {"U8", 8},          {"BOOL", 8},  {"I8", 8},      {"U16", 16},    {"I16", 16},    {"U32", 32},
                 {"U64", 64},        {"C64", 64},  {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
                 {"F8_E5M2FNUZ", 8}, {"F4", 4},    {"F6_E2M3", 6}, {"F6_E3M2", 6}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, dtype) == 0) return types[i].bits;
    return 0;
}

bool pvi_dtype_is_float(const char *dtype) {
    return strcmp(dtype, "F32") == 0 || strcmp(dtype, "BF16") == 0 || strcmp(dtype, "F16") == 0 ||
           strcmp(dtype, "F64") == 0;
}

/* ---- one array of the header ---- */

static bool take_size(const json_t *value, uint64_t *out) {
    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

static pvg_status bad_entry(const pvi_arrays *a, const char *name, const char *what) {
    return pvi_fail(a->env, PVG_E_FORMAT, NAME, "%s: array '%.100s' %s", a->path, name, what);
}

static pvg_status read_shape(const pvi_arrays *a, const json_t *shape, pvi_entry *e) {
    if (!json_is_array(shape)) return bad_entry(a, e->name, "has no \"shape\" that is a list");
    e->rank = json_array_size(shape);
    e->count = 1;
    for (size_t i = 0; i < e->rank; i++) {
        uint64_t size;
        if (!take_size(json_array_get(shape, i), &size))
            return bad_entry(a, e->name, "has a size that is not a whole number of at least 0");
        if (size != 0 && e->count > UINT64_MAX / size)
            return bad_entry(a, e->name, "has more elements than can be counted");
        if (i < 2) e->size[i] = (int64_t)size;
        e->count *= size;
    }
    return PVG_OK;
}

static pvg_status read_offsets(const pvi_arrays *a, const json_t *offsets, pvi_entry *e) {
    if (json_array_size(offsets) != 2 || !take_size(json_array_get(offsets, 0), &e->begin) ||
        !take_size(json_array_get(offsets, 1), &e->end) || e->begin > e->end)
        return bad_entry(a, e->name, "has no \"data_offsets\" of two whole numbers, the first at most the second");
    if (e->end > a->length)
        return pvi_fail(a->env, PVG_E_FORMAT, NAME, "%s: array '%.100s' ends at byte %llu of %llu: the file is cut off",
                        a->path, e->name, (unsigned long long)e->end, (unsigned long long)a->length);
    return PVG_OK;
}

static pvg_status read_entry(const pvi_arrays *a, const char *name, const json_t *value, pvi_entry *e) {
    *e = (pvi_entry){.name = name, .dtype = json_string_value(json_object_get(value, "dtype"))};
    if (!json_is_object(value)) return bad_entry(a, name, "is not described by an object");
    if (e->dtype == NULL || pvi_dtype_bits(e->dtype) == 0) {
        return pvi_fail(a->env, PVG_E_FORMAT, NAME, "%s: array '%.100s' has the type '%.20s', which does not exist",
                        a->path, name, e->dtype == NULL ? "" : e->dtype);
    }
    pvg_status status = read_shape(a, json_object_get(value, "shape"), e);
    if (status == PVG_OK) status = read_offsets(a, json_object_get(value, "data_offsets"), e);
    if (status != PVG_OK) return status;
    uint64_t bits = pvi_dtype_bits(e->dtype);
    if (e->count > UINT64_MAX / bits || e->count * bits % 8 != 0 || e->count * bits / 8 != e->end - e->begin)
        return pvi_fail(a->env, PVG_E_FORMAT, NAME,
                        "%s: array '%.100s' of %llu elements of type %s cannot have %llu bytes", a->path, name,
                        (unsigned long long)e->count, e->dtype, (unsigned long long)(e->end - e->begin));
    return PVG_OK;
}

/* ---- the header ---- */

static int by_place(const void *left, const void *right) {
    const pvi_entry *a = left, *b = right;
    if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

static int by_name(const void *left, const void *right) {
    return strcmp(((const pvi_entry *)left)->name, ((const pvi_entry *)right)->name);
}

/* No holes and no overlaps: a file that means two things to two readers has one or the other. */
static pvg_status check_places(const pvi_arrays *a) {
    uint64_t next = 0;
    qsort(a->entry, a->count, sizeof *a->entry, by_place);
    for (size_t i = 0; i < a->count; i++) {
        const pvi_entry *e = &a->entry[i];
        if (e->begin != next)
            return pvi_fail(a->env, PVG_E_FORMAT, NAME, "%s: array '%.100s' begins at byte %llu, %s byte %llu", a->path,
                            e->name, (unsigned long long)e->begin,
                            e->begin < next ? "but an earlier one reaches to" : "leaving a hole from",
                            (unsigned long long)next);
        next = e->end;
    }
    if (next == a->length) return PVG_OK;
    return pvi_fail(a->env, PVG_E_FORMAT, NAME, "%s: the arrays end at byte %llu, the file at %llu", a->path,
                    (unsigned long long)next, (unsigned long long)a->length);
}

static pvg_status check_metadata(const pvi_arrays *a) {
    json_t *metadata = json_object_get(a->header, "__metadata__"), *value;
    const char *key;
    if (metadata == NULL || json_is_null(metadata)) return PVG_OK;
    if (!json_is_object(metadata))
        return pvi_fail(a->env, PVG_E_FORMAT, NAME, "%s: \"__metadata__\" is not an object", a->path);
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value))
            return pvi_fail(a->env, PVG_E_FORMAT, NAME, "%s: metadata '%.100s' is not text", a->path, key);
    }
    return PVG_OK;
}

static pvg_status read_entries(pvi_arrays *a) {
    const char *name;
    json_t *value;
    pvg_status status = check_metadata(a);
    if (status != PVG_OK) return status;
    a->entry = pvi_calloc(a->env, json_object_size(a->header), sizeof *a->entry);
    if (a->entry == NULL) return PVG_E_NOMEM;
    json_object_foreach(a->header, name, value) {
        if (strcmp(name, "__metadata__") == 0) continue;
        status = read_entry(a, name, value, &a->entry[a->count++]);
        if (status != PVG_OK) return status;
    }
    status = check_places(a);
    qsort(a->entry, a->count, sizeof *a->entry, by_name);
    return status;
}

static pvg_status parse_header(pvi_arrays *a, const char *text, size_t length) {
    if (length == 0 || text[0] != '{')
        return pvi_fail(a->env, PVG_E_FORMAT, NAME, "%s: the header does not begin with '{'", a->path);
    json_error_t error;
    a->header = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (a->header != NULL) return read_entries(a);
    bool memory = json_error_code(&error) == json_error_out_of_memory;
    return pvi_fail(a->env, memory ? PVG_E_NOMEM : PVG_E_FORMAT, NAME, "%s: header, line %d, column %d: %s", a->path,
                    error.line, error.column, error.text);
}

static pvg_status read_header(pvi_arrays *a, uint64_t size) {
    uint64_t length;
    if (size < sizeof length)
        return pvi_fail(a->env, PVG_E_FORMAT, NAME,
                        "%s: has %llu bytes; a safetensors file begins with 8 that say how long "
                        "its header is",
                        a->path, (unsigned long long)size);
    pvg_status status = pvi_reader_at(a->reader, 0, &length, sizeof length);
    if (status != PVG_OK) return status;
    if (length > PVI_SAFETENSORS_HEADER || length > size - sizeof length)
        return pvi_fail(a->env, PVG_E_FORMAT, NAME,
                        "%s: announces a header of %llu bytes; the file has %llu more, and %d are "
                        "allowed",
                        a->path, (unsigned long long)length, (unsigned long long)(size - sizeof length),
                        PVI_SAFETENSORS_HEADER);
    a->data = sizeof length + length;
    a->length = size - a->data;
    char *text = pvi_alloc(a->env, (size_t)length, 1);
    if (text == NULL) return PVG_E_NOMEM;
    status = pvi_reader_at(a->reader, sizeof length, text, (size_t)length);
    if (status == PVG_OK) status = parse_header(a, text, (size_t)length);
    pvi_free(a->env, text);
    return status;
}

pvg_status pvi_arrays_open(pvi_env *env, const char *path, pvi_arrays **out) {
    pvi_arrays *a = pvi_calloc(env, 1, sizeof *a);
    if (a == NULL) return PVG_E_NOMEM;
    a->env = env;
    a->path = pvi_strdup(env, path, strlen(path));
    uint64_t size = 0;
    pvg_status status = a->path == NULL ? PVG_E_NOMEM : pvi_reader_open(env, path, &a->reader, &size);
    if (status == PVG_OK) status = read_header(a, size);
    if (status == PVG_OK)
        *out = a;
    else
        pvi_arrays_close(a);
    return status;
}

void pvi_arrays_close(pvi_arrays *a) {
    if (a == NULL) return;
    pvi_env *env = a->env;
    pvi_reader_close(a->reader);
    json_decref(a->header);
    pvi_free(env, a->entry);
    pvi_free(env, a->path);
    pvi_free(env, a);
}

/* ---- asking ---- */

size_t pvi_arrays_count(const pvi_arrays *a) { return a->count; }
const pvi_entry *pvi_arrays_at(const pvi_arrays *a, size_t index) { return &a->entry[index]; }

static pvi_entry *find(const pvi_arrays *a, const char *name) {
    pvi_entry wanted = {.name = name};
    return a->count == 0 ? NULL : bsearch(&wanted, a->entry, a->count, sizeof wanted, by_name);
}

const pvi_entry *pvi_arrays_entry(const pvi_arrays *a, const char *name) { return find(a, name); }

bool pvi_arrays_find(const pvi_arrays *a, const char *name, uint64_t *count, const char **dtype) {
    const pvi_entry *e = find(a, name);
    if (e == NULL) return false;
    *count = e->count;
    *dtype = e->dtype;
    return true;
}

const char *pvi_arrays_metadata(const pvi_arrays *a, const char *key) {
    return json_string_value(json_object_get(json_object_get(a->header, "__metadata__"), key));
}

/* ---- reading ---- */

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float from_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, fraction = half & 1023;
    if (exponent == 31) return from_bits(sign | UINT32_C(0x7f800000) | fraction << 13);
    if (exponent != 0) return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float small = (float)fraction * 0x1p-24f; /* exact */
    return sign != 0 ? -small : small;
}

static void convert(const char *dtype, const unsigned char *from, float *to, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint16_t half;
        double wide;
        if (strcmp(dtype, "F64") == 0) {
            memcpy(&wide, from + i * sizeof wide, sizeof wide);
            to[i] = (float)wide;
        } else {
            memcpy(&half, from + i * sizeof half, sizeof half);
            to[i] = dtype[0] == 'B' ? from_bits((uint32_t)half << 16) : from_half(half);
        }
    }
}

static pvg_status read_converted(pvi_arrays *a, const pvi_entry *e, float *to) {
    size_t size = pvi_dtype_bits(e->dtype) / 8, most = sizeof a->buffer / size;
    for (uint64_t at = 0; at < e->count;) {
        size_t count = e->count - at < most ? (size_t)(e->count - at) : most;
        pvg_status status = pvi_reader_at(a->reader, a->data + e->begin + at * size, a->buffer, count * size);
        if (status != PVG_OK) return status;
        convert(e->dtype, a->buffer, to + at, count);
        at += count;
    }
    return PVG_OK;
}

pvg_status pvi_arrays_read(pvi_arrays *a, const char *name, const char *dtype, void *data, uint64_t count) {
    pvi_entry *e = find(a, name);
    if (e == NULL) return pvi_fail(a->env, PVG_E_NOT_FOUND, NAME, "%s: there is no array '%.100s'", a->path, name);
    bool same = strcmp(e->dtype, dtype) == 0, converts = strcmp(dtype, "F32") == 0 && pvi_dtype_is_float(e->dtype);
    if (e->count != count || !(same || converts))
        return pvi_fail(a->env, PVG_E_FORMAT, NAME,
                        "%s: array '%.100s' has %llu elements of type %s; wanted are %llu of type %s", a->path, name,
                        (unsigned long long)e->count, e->dtype, (unsigned long long)count, dtype);
    e->read = true;
    if (same) return pvi_reader_at(a->reader, a->data + e->begin, data, (size_t)(e->end - e->begin));
    return read_converted(a, e, data);
}
