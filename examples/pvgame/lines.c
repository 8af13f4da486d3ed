/* lines.c - lines of a plain or gzip file, or of standard input. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "cli.h"

enum { LONGEST = 16 << 20 };

struct line_reader {
    gzFile file;
    const char *path;
    char *line;
    size_t capacity;
    unsigned long number;
};

int lines_open(const char *path, line_reader **out) {
    bool standard = path == NULL || strcmp(path, "-") == 0;
    if (!standard && is_directory(path))
        return fail_with(EXIT_INPUT, "%s: is a directory, a file is wanted", path);
    line_reader *r = calloc(1, sizeof *r);
    if (r == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    r->path = standard ? "standard input" : path;
    r->file = standard ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb");
    if (r->file == NULL) {
        int code = fail_with(EXIT_INPUT, "%s: cannot be opened: %s", r->path, strerror(errno));
        free(r);
        return code;
    }
    gzbuffer(r->file, 1 << 16);
    *out = r;
    return EXIT_DONE;
}

static bool grow(line_reader *r) {
    size_t wanted = r->capacity == 0 ? 4096 : r->capacity * 2;
    char *grown = wanted > LONGEST ? NULL : realloc(r->line, wanted);
    if (grown == NULL) return false;
    r->line = grown;
    r->capacity = wanted;
    return true;
}

static int broken(const line_reader *r) {
    int code;
    gzerror(r->file, &code);
    if (code == Z_OK || code == Z_STREAM_END) return 0;
    if (code == Z_ERRNO) fail_with(EXIT_INPUT, "%s:%lu: cannot be read: %s", r->path, r->number, strerror(errno));
    else fail_with(EXIT_INPUT, "%s:%lu: the compressed data are damaged or were cut short", r->path, r->number);
    return -1;
}

int lines_next(line_reader *r, char **line, size_t *length, unsigned long *number) {
    size_t used = 0;
    r->number++;
    for (;;) {
        if (r->capacity - used < 2 && !grow(r)) {
            fail_with(EXIT_INPUT, "%s:%lu: the line is longer than %d bytes", r->path, r->number, LONGEST);
            return -1;
        }
        if (gzgets(r->file, r->line + used, (int)(r->capacity - used)) == NULL) {
            if (broken(r) < 0) return -1;
            if (used == 0) return 0;
            break;
        }
        used += strlen(r->line + used);
        if (used > 0 && r->line[used - 1] == '\n') break;
    }
    while (used > 0 && (r->line[used - 1] == '\n' || r->line[used - 1] == '\r')) r->line[--used] = '\0';
    *line = r->line;
    *length = used;
    *number = r->number;
    return 1;
}

void lines_close(line_reader *r) {
    if (r == NULL) return;
    gzclose(r->file);
    free(r->line);
    free(r);
}

/* Length of the UTF-8 character at `text`, 0 when there is none. */
static size_t character(const char *text) {
    for (size_t length = 1; length <= 4 && text[length - 1] != '\0'; length++) {
        json_t *one = json_stringn(text, length);
        json_decref(one);
        if (one != NULL) return length;
    }
    return 0;
}

json_t *text_json(const char *text) {
    json_t *whole = json_string(text);
    char *clean = whole == NULL ? malloc(3 * strlen(text) + 1) : NULL;
    if (clean == NULL) return whole;
    char *out = clean;
    while (*text != '\0') {
        size_t length = character(text);
        memcpy(out, length > 0 ? text : "\xef\xbf\xbd", length > 0 ? length : 3);
        out += length > 0 ? length : 3;
        text += length > 0 ? length : 1;
    }
    *out = '\0';
    whole = json_string(clean);
    free(clean);
    return whole;
}

json_t *line_field(json_t *line, const char *name) {
    json_t *found = json_object_get(line, name);
    const char *dot = strchr(name, '.');
    if (found != NULL || dot == NULL) return found;
    char head[128];
    int length = snprintf(head, sizeof head, "%.*s", (int)(dot - name), name);
    return length < (int)sizeof head ? line_field(json_object_get(line, head), dot + 1) : NULL;
}

void number_as_text(const json_t *value, char *out, size_t size) {
    if (json_is_integer(value)) {
        snprintf(out, size, "%lld", (long long)json_integer_value(value));
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, size, "%.*g", digits, json_real_value(value));
        if (strtod(out, NULL) == json_real_value(value)) return;
    }
}

int write_json(json_t *object, FILE *out) {
    if (object == NULL) return fail_with(EXIT_RESOURCE, "out of memory");
    bool written = json_dumpf(object, out, JSON_COMPACT) == 0 && fputc('\n', out) != EOF;
    json_decref(object);
    return written ? EXIT_DONE : EXIT_RESOURCE;
}
