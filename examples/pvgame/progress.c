/* progress.c - how far the work is and how long it will take: one line on a terminal, plain lines in a log. */
#include <string.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static const double TERMINAL_SECONDS = 0.1, LOG_SECONDS = 10;

double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *duration_text(double seconds, char *buffer, size_t size) {
    long whole = seconds > 0 ? (long)(seconds + 0.5) : 0;
    if (whole >= 3600) snprintf(buffer, size, "%ldh%02ldm", whole / 3600, whole / 60 % 60);
    else if (whole >= 60) snprintf(buffer, size, "%ldm%02lds", whole / 60, whole % 60);
    else snprintf(buffer, size, "%lds", whole);
    return buffer;
}

void progress_init(progress *p, const common *c) {
    *p = (progress){.enabled = !c->quiet, .terminal = isatty(STDERR_FILENO) && !c->json_log, .json = c->json_log, .shown = -1e9};
}

static int terminal_width(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
    return 80;
}

/* Bytes of the first `columns` characters of UTF-8 text. */
static size_t bytes_of_columns(const char *text, int columns) {
    size_t at = 0;
    while (text[at] != '\0') {
        size_t next = at + 1;
        while (((unsigned char)text[next] & 0xc0) == 0x80) next++;
        if (columns-- == 0) break;
        at = next;
    }
    return at;
}

static bool due(progress *p) {
    double now = clock_seconds();
    if (!p->enabled || now - p->shown < (p->terminal ? TERMINAL_SECONDS : LOG_SECONDS)) return false;
    p->shown = now;
    return true;
}

static void write_line(progress *p, const char *line) {
    if (!p->terminal) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    fprintf(stderr, "\r%.*s\033[K", (int)bytes_of_columns(line, terminal_width() - 1), line);
    fflush(stderr);
    p->open = true;
}

static void write_bar(char *out, size_t size, double fraction) {
    enum { CELLS = 12 };
    int full = (int)(fraction * CELLS);
    size_t used = 0;
    for (int i = 0; i < CELLS; i++) used += (size_t)snprintf(out + used, size - used, "%s", i < full ? "█" : "░");
}

static const char *remaining(double fraction, double seconds, char *buffer, size_t size) {
    char text[32];
    if (fraction < 0.01 || seconds < 2) snprintf(buffer, size, "estimating");
    else snprintf(buffer, size, "%s left", duration_text(seconds * (1 - fraction) / fraction, text, sizeof text));
    return buffer;
}

/* "round 0 of 2, verifier 12/60"; rounds are counted from 0, as everywhere. */
static void place_text(const pvg_progress *now, char *out, size_t size) {
    char round[40] = "", count[48] = "";
    if (now->round >= 0) snprintf(round, sizeof round, "round %d of %d, ", (int)now->round, (int)now->rounds);
    if (now->total > 0) snprintf(count, sizeof count, " %lld/%lld", (long long)now->done, (long long)now->total);
    snprintf(out, size, "%s%s%s", round, now->stage, count);
}

void progress_show(progress *p, const pvg_progress *now) {
    if (!due(p)) return;
    char line[512], bar[64], left[48], place[160];
    place_text(now, place, sizeof place);
    if (p->json) {
        snprintf(line, sizeof line,
                 "{\"event\":\"progress\",\"round\":%d,\"stage\":\"%s\",\"done\":%lld,\"total\":%lld,\"fraction\":%.4f,\"seconds\":%.1f}",
                 now->round, now->stage, (long long)now->done, (long long)now->total, now->fraction, now->seconds);
    } else if (p->terminal) {
        write_bar(bar, sizeof bar, now->fraction);
        snprintf(line, sizeof line, "%s %3.0f%% %s · %s · %s", bar, 100 * now->fraction,
                 remaining(now->fraction, now->seconds, left, sizeof left), place, now->note);
    } else {
        snprintf(line, sizeof line, "%3.0f%%, %s, %s, %s", 100 * now->fraction,
                 remaining(now->fraction, now->seconds, left, sizeof left), place, now->note);
    }
    write_line(p, line);
}

void progress_count(progress *p, const char *what, uint64_t done, uint64_t total, double seconds) {
    if (!due(p)) return;
    double fraction = total > 0 ? (double)done / (double)total : 0;
    char line[256], left[48] = "";
    if (p->json)
        snprintf(line, sizeof line, "{\"event\":\"progress\",\"stage\":\"%s\",\"done\":%llu,\"total\":%llu,\"seconds\":%.1f}", what,
                 (unsigned long long)done, (unsigned long long)total, seconds);
    else if (total > 0)
        snprintf(line, sizeof line, "%s %llu/%llu, %3.0f%%, %s", what, (unsigned long long)done, (unsigned long long)total,
                 100 * fraction, remaining(fraction, seconds, left, sizeof left));
    else snprintf(line, sizeof line, "%s %llu, %.0f s", what, (unsigned long long)done, seconds);
    write_line(p, line);
}

void progress_whole(progress *p, const char *what, double fraction, double seconds, double left) {
    if (!due(p)) return;
    char line[1024], bar[64], after[32], time[48] = "estimating";
    if (left >= 0) snprintf(time, sizeof time, "%s left", duration_text(left, after, sizeof after));
    if (p->json)
        snprintf(line, sizeof line, "{\"event\":\"progress\",\"what\":\"%s\",\"fraction\":%.4f,\"seconds\":%.1f,\"left\":%.0f}", what,
                 fraction, seconds, left);
    else if (p->terminal) {
        write_bar(bar, sizeof bar, fraction);
        snprintf(line, sizeof line, "%s %3.0f%% %s · %s", bar, 100 * fraction, time, what);
    } else snprintf(line, sizeof line, "%3.0f%%, %s, %s", 100 * fraction, time, what);
    write_line(p, line);
}

void progress_clear(progress *p) {
    if (!p->open) return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    p->open = false;
}
