/* file.c - see file.h. The only file that touches the file system. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/alloc.h"

static pvg_status io_error(pvi_env *env, const char *what, const char *path) {
    char reason[128];
    const char *text = strerror_r(errno, reason, sizeof reason);
    return pvi_fail(env, errno == ENOENT ? PVG_E_NOT_FOUND : PVG_E_IO, "file", "%s: cannot %s: %s", path, what, text);
}

static int open_retry(const char *path, int flags) {
    int fd;
    do fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static bool write_all(int fd, const void *data, size_t length) {
    for (const char *at = data; length > 0;) {
        ssize_t done = write(fd, at, length);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return false;
        at += done;
        length -= (size_t)done;
    }
    return true;
}

/* Bytes read, short only at the end of the file; -1 on failure. */
static ssize_t read_all(int fd, void *data, size_t length, off_t offset) {
    size_t have = 0;
    while (have < length) {
        ssize_t done = pread(fd, (char *)data + have, length - have, offset + (off_t)have);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return -1;
        if (done == 0) break;
        have += (size_t)done;
    }
    return (ssize_t)have;
}

/* A rename is only safe on disk once its directory is. */
static void sync_parent(const char *path) {
    char folder[4096] = ".";
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    if (length >= sizeof folder) return;
    if (length > 0) memcpy(folder, path, length), folder[length] = '\0';
    int fd = open_retry(folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

bool pvi_file_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

bool pvi_dir_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

pvg_status pvi_file_size(pvi_env *env, const char *path, uint64_t *out) {
    struct stat info;
    if (stat(path, &info) != 0) return io_error(env, "look at it", path);
    *out = (uint64_t)info.st_size;
    return PVG_OK;
}

pvg_status pvi_path_join(pvi_env *env, const char *folder, const char *name, pvi_text *out) {
    (void)env;
    pvi_text_clear(out);
    pvi_text_puts(out, folder);
    if (folder[0] != '\0' && folder[strlen(folder) - 1] != '/') pvi_text_puts(out, "/");
    pvi_text_puts(out, name);
    return pvi_text_ok(out);
}

pvg_status pvi_dir_make(pvi_env *env, const char *path) {
    char *part = pvi_strdup(env, path, strlen(path));
    if (part == NULL) return PVG_E_NOMEM;
    bool ok = true;
    for (char *at = part + 1; ok && *at != '\0'; at++) {
        if (*at != '/') continue;
        *at = '\0';
        ok = mkdir(part, 0777) == 0 || errno == EEXIST;
        *at = '/';
    }
    ok = ok && (mkdir(part, 0777) == 0 || errno == EEXIST);
    pvg_status status = !ok ? io_error(env, "make this directory", path)
                        : pvi_dir_exists(path) ? PVG_OK
                                               : pvi_fail(env, PVG_E_IO, "file", "%s: is a file, not a directory", path);
    pvi_free(env, part);
    return status;
}

pvg_status pvi_dir_empty(pvi_env *env, const char *path, bool *out) {
    DIR *folder = opendir(path);
    if (folder == NULL) return io_error(env, "list this directory", path);
    bool empty = true;
    for (struct dirent *entry; empty && (entry = readdir(folder)) != NULL;)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(folder);
    *out = empty;
    return PVG_OK;
}

pvg_status pvi_dir_remove(pvi_env *env, const char *path) {
    struct stat info;
    if (lstat(path, &info) != 0) return errno == ENOENT ? PVG_OK : io_error(env, "remove it", path);
    if (!S_ISDIR(info.st_mode)) return unlink(path) == 0 ? PVG_OK : io_error(env, "remove it", path);
    DIR *folder = opendir(path);
    if (folder == NULL) return io_error(env, "list this directory", path);
    pvg_status status = PVG_OK;
    pvi_text child;
    pvi_text_init(&child, env);
    for (struct dirent *entry; status == PVG_OK && (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        status = pvi_path_join(env, path, entry->d_name, &child);
        if (status == PVG_OK) status = pvi_dir_remove(env, child.data);
    }
    closedir(folder);
    pvi_text_free(&child);
    if (status == PVG_OK && rmdir(path) != 0) status = io_error(env, "remove this directory", path);
    return status;
}

/* Swap at once where the file system can: then there is no moment without a whole `to`. */
static bool exchange(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0; }

pvg_status pvi_dir_replace(pvi_env *env, const char *from, const char *to) {
    pvi_text aside;
    pvi_text_init(&aside, env);
    pvi_text_printf(&aside, "%s.old", to);
    pvg_status status = pvi_text_ok(&aside);
    if (status == PVG_OK) status = pvi_dir_remove(env, aside.data);
    bool had = pvi_dir_exists(to);
    if (status == PVG_OK && had && exchange(from, to)) {
        sync_parent(to);
        status = pvi_dir_remove(env, from);
        pvi_text_free(&aside);
        return status;
    }
    if (status == PVG_OK && had && rename(to, aside.data) != 0) status = io_error(env, "set it aside", to);
    if (status == PVG_OK && rename(from, to) != 0) {
        status = io_error(env, "rename it into place", from);
        if (had) (void)rename(aside.data, to);
    }
    if (status == PVG_OK) {
        sync_parent(to);
        status = pvi_dir_remove(env, aside.data);
    }
    pvi_text_free(&aside);
    return status;
}

pvg_status pvi_dir_restore(pvi_env *env, const char *path) {
    if (pvi_dir_exists(path)) return PVG_OK;
    pvi_text aside;
    pvi_text_init(&aside, env);
    pvi_text_printf(&aside, "%s.old", path);
    pvg_status status = pvi_text_ok(&aside);
    if (status == PVG_OK && pvi_dir_exists(aside.data)) {
        if (rename(aside.data, path) != 0) status = io_error(env, "put it back", path);
        else sync_parent(path);
    }
    pvi_text_free(&aside);
    return status;
}

/* ---- whole files and writers ---- */

pvg_status pvi_file_read(pvi_env *env, const char *path, size_t limit, char **out, size_t *length) {
    pvi_reader *reader = NULL;
    uint64_t size = 0;
    pvg_status status = pvi_reader_open(env, path, &reader, &size);
    if (status != PVG_OK) return status;
    if (size > limit)
        status = pvi_fail(env, PVG_E_RANGE, "file", "%s: has %llu bytes, at most %zu are accepted", path,
                          (unsigned long long)size, limit);
    char *data = status == PVG_OK ? pvi_alloc(env, (size_t)size + 1, 1) : NULL;
    if (status == PVG_OK) status = data == NULL ? PVG_E_NOMEM : pvi_reader_at(reader, 0, data, (size_t)size);
    pvi_reader_close(reader);
    if (status != PVG_OK) {
        pvi_free(env, data);
        return status;
    }
    data[size] = '\0';
    *out = data;
    *length = (size_t)size;
    return PVG_OK;
}

struct pvi_writer {
    pvi_env *env;
    pvi_text path, temporary;
    int fd;
};

static void free_writer(pvi_writer *writer) {
    pvi_env *env = writer->env;
    if (writer->fd >= 0) close(writer->fd);
    pvi_text_free(&writer->path);
    pvi_text_free(&writer->temporary);
    pvi_free(env, writer);
}

/* Renaming a new file over a device or a pipe would remove it. */
static pvg_status refuse_special(pvi_env *env, const char *path) {
    struct stat info;
    if (stat(path, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)) return PVG_OK;
    return pvi_fail(env, PVG_E_IO, "file", "%s: cannot write it: it is no regular file, which would be replaced whole", path);
}

pvg_status pvi_writer_open(pvi_env *env, const char *path, pvi_writer **out) {
    pvg_status status = refuse_special(env, path);
    if (status != PVG_OK) return status;
    pvi_writer *writer = pvi_calloc(env, 1, sizeof *writer);
    if (writer == NULL) return PVG_E_NOMEM;
    writer->env = env;
    writer->fd = -1;
    pvi_text_init(&writer->path, env);
    pvi_text_init(&writer->temporary, env);
    pvi_text_puts(&writer->path, path);
    pvi_text_printf(&writer->temporary, "%s.%ld.part", path, (long)getpid());
    status = writer->path.failed ? pvi_text_ok(&writer->path) : pvi_text_ok(&writer->temporary);
    if (status == PVG_OK) {
        writer->fd = open_retry(writer->temporary.data, O_WRONLY | O_CREAT | O_TRUNC);
        if (writer->fd < 0) status = io_error(env, "write it", path);
    }
    if (status != PVG_OK) free_writer(writer);
    else *out = writer;
    return status;
}

pvg_status pvi_writer_append(pvi_writer *writer, const void *data, size_t length) {
    return write_all(writer->fd, data, length) ? PVG_OK : io_error(writer->env, "write it", writer->path.data);
}

void pvi_writer_drop(pvi_writer *writer) {
    if (writer == NULL) return;
    unlink(writer->temporary.data);
    free_writer(writer);
}

pvg_status pvi_writer_commit(pvi_writer *writer) {
    bool ok = fsync(writer->fd) == 0;
    ok = close(writer->fd) == 0 && ok;
    writer->fd = -1;
    ok = ok && rename(writer->temporary.data, writer->path.data) == 0;
    if (!ok) {
        pvg_status status = io_error(writer->env, "write it", writer->path.data);
        pvi_writer_drop(writer);
        return status;
    }
    sync_parent(writer->path.data);
    free_writer(writer);
    return PVG_OK;
}

pvg_status pvi_file_write(pvi_env *env, const char *path, const void *data, size_t length) {
    pvi_writer *writer = NULL;
    pvg_status status = pvi_writer_open(env, path, &writer);
    if (status != PVG_OK) return status;
    status = pvi_writer_append(writer, data, length);
    if (status == PVG_OK) return pvi_writer_commit(writer);
    pvi_writer_drop(writer);
    return status;
}

struct pvi_reader {
    pvi_env *env;
    char *path;
    int fd;
};

pvg_status pvi_reader_open(pvi_env *env, const char *path, pvi_reader **out, uint64_t *size) {
    int fd = open_retry(path, O_RDONLY);
    struct stat info;
    if (fd < 0) return io_error(env, "read it", path);
    pvg_status status = fstat(fd, &info) != 0   ? io_error(env, "look at it", path)
                        : S_ISDIR(info.st_mode) ? pvi_fail(env, PVG_E_IO, "file", "%s: is a directory, a file is wanted", path)
                                                : PVG_OK;
    pvi_reader *reader = status == PVG_OK ? pvi_calloc(env, 1, sizeof *reader) : NULL;
    char *copy = reader != NULL ? pvi_strdup(env, path, strlen(path)) : NULL;
    if (copy == NULL) {
        pvi_free(env, reader);
        close(fd);
        return status == PVG_OK ? PVG_E_NOMEM : status;
    }
    *reader = (pvi_reader){env, copy, fd};
    *out = reader;
    *size = (uint64_t)info.st_size;
    return PVG_OK;
}

pvg_status pvi_reader_at(pvi_reader *reader, uint64_t offset, void *data, size_t length) {
    ssize_t done = read_all(reader->fd, data, length, (off_t)offset);
    if (done < 0) return io_error(reader->env, "read it", reader->path);
    if ((size_t)done == length) return PVG_OK;
    return pvi_fail(reader->env, PVG_E_FORMAT, "file", "%s: ends at byte %llu, %zu more are wanted", reader->path,
                    (unsigned long long)offset + (unsigned long long)done, length - (size_t)done);
}

void pvi_reader_close(pvi_reader *reader) {
    if (reader == NULL) return;
    close(reader->fd);
    pvi_free(reader->env, reader->path);
    pvi_free(reader->env, reader);
}

/* ---- lines ---- */

struct pvi_lines {
    pvi_env *env;
    char *path;
    gzFile file;
    pvi_text line;
    size_t longest, at, have;
    uint64_t number;
    bool ended;
    char buffer[65536];
};

pvg_status pvi_lines_open(pvi_env *env, const char *path, size_t longest, pvi_lines **out) {
    pvi_reader *probe = NULL; /* gives the sentences about missing files and directories */
    uint64_t size;
    pvg_status status = pvi_reader_open(env, path, &probe, &size);
    if (status != PVG_OK) return status;
    pvi_reader_close(probe);
    pvi_lines *lines = pvi_calloc(env, 1, sizeof *lines);
    if (lines == NULL) return PVG_E_NOMEM;
    lines->env = env;
    lines->longest = longest;
    pvi_text_init(&lines->line, env);
    lines->path = pvi_strdup(env, path, strlen(path));
    lines->file = lines->path != NULL ? gzopen(path, "rbe") : NULL;
    if (lines->file == NULL) {
        status = lines->path == NULL ? PVG_E_NOMEM : io_error(env, "read it", path);
        pvi_lines_close(lines);
        return status;
    }
    *out = lines;
    return PVG_OK;
}

void pvi_lines_close(pvi_lines *lines) {
    if (lines == NULL) return;
    pvi_env *env = lines->env;
    if (lines->file != NULL) gzclose(lines->file);
    pvi_text_free(&lines->line);
    pvi_free(env, lines->path);
    pvi_free(env, lines);
}

static pvg_status refill(pvi_lines *lines) {
    int done = gzread(lines->file, lines->buffer, sizeof lines->buffer), code = Z_OK;
    const char *reason = gzerror(lines->file, &code);
    if (done < 0 || (done == 0 && code != Z_OK && code != Z_STREAM_END))
        return pvi_fail(lines->env, PVG_E_FORMAT, "file", "%s:%llu: the gzip data is damaged or cut off (%s)", lines->path,
                        (unsigned long long)lines->number + 1, reason);
    lines->at = 0;
    lines->have = (size_t)done;
    lines->ended = done == 0;
    return PVG_OK;
}

/* Take bytes up to a newline into the line; *whole when the newline was met. */
static pvg_status take(pvi_lines *lines, bool *whole) {
    const char *from = lines->buffer + lines->at;
    const char *newline = memchr(from, '\n', lines->have - lines->at);
    size_t length = newline != NULL ? (size_t)(newline - from) : lines->have - lines->at;
    if (lines->line.length + length > lines->longest)
        return pvi_fail(lines->env, PVG_E_FORMAT, "file", "%s:%llu: the line is longer than %zu bytes", lines->path,
                        (unsigned long long)lines->number + 1, lines->longest);
    pvi_text_append(&lines->line, from, length);
    lines->at += length + (newline != NULL);
    *whole = newline != NULL;
    return pvi_text_ok(&lines->line);
}

pvg_status pvi_lines_next(pvi_lines *lines, const char **line, size_t *length, uint64_t *number) {
    pvi_text_clear(&lines->line);
    pvi_text_append(&lines->line, "", 0);
    bool whole = false;
    while (!whole) {
        pvg_status status = lines->at == lines->have && !lines->ended ? refill(lines) : pvi_text_ok(&lines->line);
        if (status == PVG_OK && !lines->ended) status = take(lines, &whole);
        if (status != PVG_OK) return status;
        if (lines->ended) break;
    }
    if (lines->ended && lines->line.length == 0) {
        *line = NULL;
        *length = 0;
        return PVG_OK;
    }
    lines->number++;
    size_t size = lines->line.length, skip = 0;
    if (size > 0 && lines->line.data[size - 1] == '\r') lines->line.data[--size] = '\0';
    if (lines->number == 1 && size >= 3 && memcmp(lines->line.data, "\xEF\xBB\xBF", 3) == 0) skip = 3;
    *line = lines->line.data + skip;
    *length = size - skip;
    *number = lines->number;
    return PVG_OK;
}

/* ---- locks ---- */

struct pvi_lock {
    pvi_env *env;
    int fd;
};

pvg_status pvi_lock_open(pvi_env *env, const char *path, pvi_lock **out) {
    pvi_lock *lock = pvi_calloc(env, 1, sizeof *lock);
    if (lock == NULL) return PVG_E_NOMEM;
    lock->env = env;
    lock->fd = open_retry(path, O_RDWR | O_CREAT);
    pvg_status status = PVG_OK;
    if (lock->fd < 0) status = io_error(env, "lock it", path);
    else if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK ? pvi_fail(env, PVG_E_BUSY, "file", "%s: another process is using it", path)
                                      : io_error(env, "lock it", path);
    if (status != PVG_OK) pvi_lock_close(lock);
    else *out = lock;
    return status;
}

void pvi_lock_close(pvi_lock *lock) {
    if (lock == NULL) return;
    if (lock->fd >= 0) close(lock->fd);
    pvi_free(lock->env, lock);
}

/* ---- appending ---- */

struct pvi_appender {
    pvi_env *env;
    char *path;
    int fd;
    bool gzip;
    pvi_text buffer;
};

void pvi_appender_close(pvi_appender *appender) {
    if (appender == NULL) return;
    pvi_env *env = appender->env;
    if (appender->fd >= 0) close(appender->fd);
    pvi_text_free(&appender->buffer);
    pvi_free(env, appender->path);
    pvi_free(env, appender);
}

pvg_status pvi_appender_open(pvi_env *env, const char *path, uint64_t keep, pvi_appender **out) {
    pvi_appender *appender = pvi_calloc(env, 1, sizeof *appender);
    if (appender == NULL) return PVG_E_NOMEM;
    size_t length = strlen(path);
    appender->env = env;
    appender->gzip = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    appender->fd = -1;
    pvi_text_init(&appender->buffer, env);
    appender->path = pvi_strdup(env, path, length);
    if (appender->path == NULL) {
        pvi_appender_close(appender);
        return PVG_E_NOMEM;
    }
    appender->fd = open_retry(path, O_WRONLY | O_CREAT);
    struct stat info;
    pvg_status status = PVG_OK;
    if (appender->fd < 0 || fstat(appender->fd, &info) != 0) status = io_error(env, "append to it", path);
    else if (keep != PVI_KEEP_ALL && (uint64_t)info.st_size < keep)
        status = pvi_fail(env, PVG_E_FORMAT, "file", "%s: has %lld bytes, but %llu were written before", path,
                          (long long)info.st_size, (unsigned long long)keep);
    else if ((keep != PVI_KEEP_ALL && ftruncate(appender->fd, (off_t)keep) != 0) || lseek(appender->fd, 0, SEEK_END) < 0)
        status = io_error(env, "append to it", path);
    if (status != PVG_OK) pvi_appender_close(appender);
    else *out = appender;
    return status;
}

pvg_status pvi_appender_write(pvi_appender *appender, const char *bytes, size_t length) {
    pvi_text_append(&appender->buffer, bytes, length);
    return pvi_text_ok(&appender->buffer);
}

/* One whole gzip member. */
static pvg_status compress_member(pvi_appender *appender, char **out, size_t *length) {
    z_stream stream = {.next_in = (unsigned char *)appender->buffer.data, .avail_in = (uInt)appender->buffer.length};
    if (appender->buffer.length > UINT32_MAX || deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return pvi_fail(appender->env, PVG_E_NOMEM, "file", "%s: cannot compress %zu bytes", appender->path,
                        appender->buffer.length);
    size_t bound = deflateBound(&stream, (uLong)appender->buffer.length);
    char *data = pvi_alloc(appender->env, bound, 1);
    if (data != NULL) {
        stream.next_out = (unsigned char *)data;
        stream.avail_out = (uInt)bound;
        deflate(&stream, Z_FINISH);
        *length = bound - stream.avail_out;
        *out = data;
    }
    deflateEnd(&stream);
    return data != NULL ? PVG_OK : PVG_E_NOMEM;
}

pvg_status pvi_appender_flush(pvi_appender *appender, uint64_t *file_length) {
    char *packed = NULL;
    size_t length = appender->buffer.length;
    pvg_status status = pvi_text_ok(&appender->buffer);
    if (status == PVG_OK && appender->gzip && length > 0) status = compress_member(appender, &packed, &length);
    off_t before = lseek(appender->fd, 0, SEEK_CUR);
    if (status == PVG_OK && length > 0 &&
        (!write_all(appender->fd, packed != NULL ? packed : appender->buffer.data, length) || fsync(appender->fd) != 0)) {
        status = io_error(appender->env, "append to it", appender->path);
        if (ftruncate(appender->fd, before) == 0) lseek(appender->fd, before, SEEK_SET); /* no half-written record */
    }
    pvi_free(appender->env, packed);
    if (status != PVG_OK) return status;
    pvi_text_clear(&appender->buffer);
    if (file_length != NULL) *file_length = (uint64_t)before + length;
    return PVG_OK;
}
