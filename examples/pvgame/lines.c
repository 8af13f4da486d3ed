/* lines.c - lines of a plain or gzip file, or of standard input. */
#include <errno.h>
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
    const char *reason = gzerror(r->file, &code);
    if (code == Z_OK || code == Z_STREAM_END) return 0;
    fail_with(EXIT_INPUT, "%s:%lu: the file is damaged or was cut short: %s", r->path, r->number, reason);
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
