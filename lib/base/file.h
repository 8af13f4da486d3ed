/* file.h - the only place that touches the file system. Writes are atomic or appended; every failure names the path. */
#ifndef PVI_FILE_H
#define PVI_FILE_H

#include "base/env.h"
#include "base/text.h"

/* Whole file, at most `limit` bytes (PVG_E_RANGE beyond); *out is freed with pvi_free, NUL-terminated. */
pvg_status pvi_file_read(pvi_env *env, const char *path, size_t limit, char **out, size_t *length);
/* Write beside, fsync, rename over, fsync the directory: readers see the old file or the new one, never a part. */
pvg_status pvi_file_write(pvi_env *env, const char *path, const void *data, size_t length);
bool pvi_file_exists(const char *path);
bool pvi_dir_exists(const char *path);
pvg_status pvi_file_size(pvi_env *env, const char *path, uint64_t *out);
pvg_status pvi_dir_make(pvi_env *env, const char *path);                    /* with parents; an existing one is fine */
pvg_status pvi_dir_remove(pvi_env *env, const char *path);                  /* with contents; a missing one is fine */
pvg_status pvi_dir_empty(pvi_env *env, const char *path, bool *out);
/* Rename directory `from` over `to` (an existing `to` is set aside first and removed after), with fsyncs. */
pvg_status pvi_dir_replace(pvi_env *env, const char *from, const char *to);
/* After a crash in the middle of a replacement that left only `path`.old: put it back. Nothing to do otherwise. */
pvg_status pvi_dir_restore(pvi_env *env, const char *path);
pvg_status pvi_path_join(pvi_env *env, const char *folder, const char *name, pvi_text *out); /* clears out first */

/* An exclusive claim on a path, held until closed or until the process dies. PVG_E_BUSY when another process holds it. */
typedef struct pvi_lock pvi_lock;
pvg_status pvi_lock_open(pvi_env *env, const char *path, pvi_lock **out);
void pvi_lock_close(pvi_lock *lock); /* NULL is a no-op */

/* A sequential atomic writer for files too large to hold twice (weights): create, append, then commit or drop. */
typedef struct pvi_writer pvi_writer;
pvg_status pvi_writer_open(pvi_env *env, const char *path, pvi_writer **out);
pvg_status pvi_writer_append(pvi_writer *writer, const void *data, size_t length);
pvg_status pvi_writer_commit(pvi_writer *writer); /* frees the writer in any case */
void pvi_writer_drop(pvi_writer *writer);

/* Bounded positional reads of a large file. */
typedef struct pvi_reader pvi_reader;
pvg_status pvi_reader_open(pvi_env *env, const char *path, pvi_reader **out, uint64_t *size);
pvg_status pvi_reader_at(pvi_reader *reader, uint64_t offset, void *data, size_t length);
void pvi_reader_close(pvi_reader *reader);

/* Lines of a plain or gzip file (zlib detects which). Lines come without their newline and CR; a byte-order mark is
 * dropped. A line longer than `longest` bytes or a damaged gzip stream is PVG_E_FORMAT naming the line. */
typedef struct pvi_lines pvi_lines;
pvg_status pvi_lines_open(pvi_env *env, const char *path, size_t longest, pvi_lines **out);
pvg_status pvi_lines_next(pvi_lines *lines, const char **line, size_t *length, uint64_t *number); /* *line NULL at the end */
void pvi_lines_close(pvi_lines *lines);

/* Append to a log that survives a crash: plain text, or gzip (path ends in .gz), where each flush appends one whole
 * gzip member, so that the file is always readable. Opening with `keep` bytes cuts the file to that length first:
 * this is how a resumed run forgets what came after its checkpoint. */
typedef struct pvi_appender pvi_appender;
#define PVI_KEEP_ALL UINT64_MAX
pvg_status pvi_appender_open(pvi_env *env, const char *path, uint64_t keep, pvi_appender **out);
pvg_status pvi_appender_write(pvi_appender *appender, const char *bytes, size_t length); /* buffered */
pvg_status pvi_appender_flush(pvi_appender *appender, uint64_t *file_length);            /* fsynced; length may be NULL */
void pvi_appender_close(pvi_appender *appender);                                         /* unflushed bytes are dropped */

#endif
