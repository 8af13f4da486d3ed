/* experiment_run.c - the tasks of an experiment, several at a time, each a process that runs one command of this program. A
 * run that crashes or diverges takes no other with it. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "experiment.h"

typedef struct job {
    task *task; /* NULL: free */
    pid_t process;
    int pipe; /* its standard error */
    double began;
    int parts; /* countings begun */
    char part[128];
    size_t used;
    char line[4096]; /* what came of the line that has not ended */
} job;

typedef struct runner {
    plan *plan;
    const common *options;
    char program[MODEL_PATH];
    int threads;
    job *job;
    int jobs;
    FILE *log;
    bool stop, told; /* no new tasks; the processes were told to stop */
    int code;        /* of the first failure */
    double began, done_before;
    progress line;
} runner;

static volatile sig_atomic_t interrupts;

/* Processes of their own groups hear of a terminal's Ctrl-C through this one alone. When it ends they are told to. */
static void on_interrupt(int number) {
    if (interrupts++ > 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

static void listen_to_signals(bool on) {
    struct sigaction action = {.sa_handler = on ? on_interrupt : SIG_DFL};
    sigemptyset(&action.sa_mask);
    if (on) interrupts = 0;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void write_log(runner *r, const task *t, const char *text) {
    char name[128], when[32] = "";
    time_t now = time(NULL);
    struct tm local;
    if (localtime_r(&now, &local) != NULL) strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &local);
    fprintf(r->log, "%s %s: %s\n", when, task_name(t, name, sizeof name), text);
    fflush(r->log);
}

static void say(runner *r, const task *t, const char *text) {
    char name[128];
    write_log(r, t, text);
    progress_clear(&r->line);
    fprintf(stderr, "pvgame: %s: %s\n", task_name(t, name, sizeof name), text);
}

/* ---- starting a task ---- */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place) {
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

enum { MOST_WORDS = 1200 };
typedef struct words {
    const char *word[MOST_WORDS];
    size_t count;
} words;

static void put(words *w, const char *word) {
    if (w->count + 1 < MOST_WORDS) w->word[w->count++] = word;
    w->word[w->count] = NULL;
}

static void put_settings(words *w, char *const *settings, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        put(w, "--set");
        put(w, settings[i]);
    }
}

/* A run that was ended before its first checkpoint holds nothing to go on from, and is begun anew. */
static void put_game(words *w, const plan *p, const task *t, const char *seed) {
    char checkpoint[MODEL_PATH + 16];
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoint", t->run);
    if (path_exists(checkpoint)) {
        put(w, "resume");
        put(w, t->run);
        return;
    }
    nftw(t->run, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    put(w, "train");
    put(w, "--out");
    put(w, t->run);
    if (t->arm->preset != NULL) {
        put(w, "--preset");
        put(w, t->arm->preset);
    }
    put_settings(w, p->experiment->settings, p->experiment->settings_count);
    put_settings(w, t->arm->settings, t->arm->settings_count);
    put(w, "--seed");
    put(w, seed);
}

static void put_all(words *w, const char *const *list) {
    for (; *list != NULL; list++) put(w, *list);
}

/* What a command line is made of, until the process has begun. */
typedef struct task_texts {
    char file[MODEL_PATH + 32], draws[MODEL_PATH + 32], judge[MODEL_PATH + 64], number[32], problems[32];
} task_texts;

static void put_draws(words *w, const task *t, task_texts *texts) {
    snprintf(texts->number, sizeof texts->number, "%u", (unsigned)t->arm->draws);
    snprintf(texts->problems, sizeof texts->problems, "%d", DRAW_PROBLEMS);
    put_all(w,
            (const char *[]){"generate", t->run, "--rounds", "--role", "helpful", "--samples", texts->number, "--count",
                             texts->problems, "--out", task_file(t, texts->file, sizeof texts->file), NULL});
}

/* From the draws alone: of these few problems there are many solutions, of the run's test problems one each. */
static void put_choices(words *w, const plan *p, const task *t, task_texts *texts) {
    put_all(w, (const char *[]){"measure", task_file(&p->task[t->draws], texts->draws, sizeof texts->draws), "--json",
                                task_file(t, texts->file, sizeof texts->file), NULL});
}

static void put_measures(words *w, const plan *p, const task *t, task_texts *texts) {
    const char *judge = task_judge(p, t);
    put_all(w, (const char *[]){"measure", t->run, NULL});
    if (judge != NULL) {
        snprintf(texts->judge, sizeof texts->judge, "%s/models/round-0/verifier", judge);
        put(w, "--judge");
        put(w, texts->judge);
    }
    put_all(w, (const char *[]){"--json", task_file(t, texts->file, sizeof texts->file), NULL});
}

static void become(const runner *r, const words *w, int out) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    execv(r->program, (char *const *)w->word);
    _exit(127);
}

static int start_task(runner *r, job *j, task *t) {
    words w = {.count = 0};
    char seed[32], threads[16];
    task_texts texts;
    int ends[2];
    put(&w, "pvgame");
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)t->seed);
    if (t->kind == TASK_GAME)
        put_game(&w, r->plan, t, seed);
    else if (t->kind == TASK_ATTACK)
        put_all(&w, (const char *[]){"attack", t->run, NULL});
    else if (t->kind == TASK_DRAW)
        put_draws(&w, t, &texts);
    else if (t->kind == TASK_CHOOSE)
        put_choices(&w, r->plan, t, &texts);
    else
        put_measures(&w, r->plan, t, &texts);
    put(&w, "--threads");
    snprintf(threads, sizeof threads, "%d", r->threads);
    put(&w, threads);
    put(&w, "--log-format");
    put(&w, "json");
    if (r->options->engine != NULL) {
        put(&w, "--engine");
        put(&w, r->options->engine);
    }
    if (pipe2(ends, O_CLOEXEC) != 0) return fail_with(EXIT_RESOURCE, "no pipe could be made: %s", strerror(errno));
    pid_t process = fork();
    if (process == 0) become(r, &w, ends[1]);
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        return fail_with(EXIT_RESOURCE, "no process could be started: %s", strerror(errno));
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *j = (job){.task = t, .process = process, .pipe = ends[0], .began = clock_seconds()};
    t->state = TASK_RUNNING;
    write_log(r, t, "begun");
    return EXIT_DONE;
}

/* A run's game comes before what is asked of its models; a judge must have been trained. */
static bool can_begin(const plan *p, const task *t) {
    if (t->state != TASK_WAITING) return false;
    if (t->kind == TASK_GAME) return true;
    return p->task[t->game].state == TASK_DONE && p->task[t->draws].state == TASK_DONE &&
           p->task[t->judge].state == TASK_DONE;
}

static task *next_task(runner *r) {
    for (size_t i = 0; i < r->plan->count && !r->stop; i++)
        if (can_begin(r->plan, &r->plan->task[i])) return &r->plan->task[i];
    return NULL;
}

static void start_tasks(runner *r) {
    for (int i = 0; i < r->jobs; i++) {
        task *t = r->job[i].task == NULL ? next_task(r) : NULL;
        int code = t != NULL ? start_task(r, &r->job[i], t) : EXIT_DONE;
        if (code == EXIT_DONE) continue;
        r->code = code;
        r->stop = true;
    }
}

/* ---- hearing from it ---- */

/* {"event": "progress", ...} as progress.c writes it. Where no fraction is given, tasks count several times up to a total. */
static void hear_progress(job *j, const json_t *event) {
    task *t = j->task;
    const json_t *fraction = json_object_get(event, "fraction"), *round = json_object_get(event, "round");
    const char *stage = json_string_value(json_object_get(event, "stage"));
    double done = json_number_value(json_object_get(event, "done")),
           total = json_number_value(json_object_get(event, "total"));
    if (stage == NULL) return;
    if (strcmp(stage, j->part) != 0) {
        j->parts++;
        snprintf(j->part, sizeof j->part, "%s", stage);
    }
    double within = total > 0 ? done / total : 0, share = (j->parts - 1 + within) / (t->parts > 0 ? t->parts : 1);
    t->fraction = json_is_number(fraction) ? json_number_value(fraction) : share < 0.99 ? share : 0.99;
    int used = json_integer_value(round) >= 0 && json_is_number(round)
                   ? snprintf(t->note, sizeof t->note, "round %d, ", (int)json_integer_value(round))
                   : 0;
    snprintf(t->note + used, sizeof t->note - (size_t)used, "%.60s %.0f/%.0f", stage, done, total);
}

static void hear_line(runner *r, job *j) {
    json_t *event = j->line[0] == '{' ? json_loads(j->line, 0, NULL) : NULL;
    const char *text = strncmp(j->line, "pvgame: ", 8) == 0 ? j->line + 8 : j->line;
    if (event != NULL)
        hear_progress(j, event);
    else if (r->told)
        write_log(r, j->task, text); /* how to go on: said once for all */
    else if (*text != '\0')
        say(r, j->task, text);
    json_decref(event);
}

/* False at the end of what the process says. */
static bool hear(runner *r, job *j) {
    char bytes[2048];
    ssize_t got;
    while ((got = read(j->pipe, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < got; i++) {
            bool ends = bytes[i] == '\n';
            if (!ends && j->used + 1 < sizeof j->line) j->line[j->used++] = bytes[i];
            if (!ends) continue;
            j->line[j->used] = '\0';
            j->used = 0;
            hear_line(r, j);
        }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

/* ---- the end of a task ---- */

static void finish(runner *r, job *j) {
    int status = 0;
    char text[128];
    task *t = j->task;
    close(j->pipe);
    while (waitpid(j->process, &status, 0) < 0 && errno == EINTR) continue;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_OTHER;
    double seconds = clock_seconds() - j->began;
    j->task = NULL;
    if (code == EXIT_DONE) {
        t->state = TASK_DONE;
        t->fraction = 1;
        t->seconds += seconds; /* what an earlier beginning took is not known */
        int kept = plan_keep_times(r->plan);
        if (r->code == EXIT_DONE) r->code = kept;
        snprintf(text, sizeof text, "done in %.0f s", seconds);
        write_log(r, t, text);
        return;
    }
    if (code == EXIT_INTERRUPTED && r->told) {
        t->state = TASK_WAITING;
        write_log(r, t, "stopped");
        return;
    }
    t->state = TASK_FAILED;
    if (WIFEXITED(status))
        snprintf(text, sizeof text, "failed (exit code %d); the others go on", code);
    else
        snprintf(text, sizeof text, "ended by signal %d; the others go on", WTERMSIG(status));
    say(r, t, text);
    if (r->code == EXIT_DONE) r->code = code;
    if (code == EXIT_RESOURCE) r->stop = true; /* the next ones would fail, too */
}

/* ---- all of them ---- */

static void show(runner *r) {
    char what[512];
    double units = 0, done = 0;
    size_t finished = 0;
    for (size_t i = 0; i < r->plan->count; i++) {
        const task *t = &r->plan->task[i];
        units += t->units;
        done += t->units * t->fraction;
        finished += t->state == TASK_DONE;
    }
    size_t used = (size_t)snprintf(what, sizeof what, "%zu of %zu tasks", finished, r->plan->count);
    for (int i = 0; i < r->jobs; i++) {
        char name[128];
        const task *t = r->job[i].task;
        if (t == NULL || used >= sizeof what) continue;
        used += (size_t)snprintf(what + used, sizeof what - used, " · %s %s", task_name(t, name, sizeof name), t->note);
    }
    double elapsed = clock_seconds() - r->began, now = done - r->done_before;
    progress_whole(&r->line, what, units > 0 ? done / units : 1, elapsed,
                   now > 0 && elapsed > 5 ? elapsed / now * (units - done) : -1);
}

static void tell_to_stop(runner *r) {
    if (r->told) return;
    progress_clear(&r->line);
    fprintf(stderr, "pvgame: stopping; what is done is being kept (once more: stop at once)\n");
    r->stop = r->told = true;
    for (int i = 0; i < r->jobs; i++)
        if (r->job[i].task != NULL) kill(r->job[i].process, SIGINT);
}

static bool is_working(const runner *r) {
    for (int i = 0; i < r->jobs; i++)
        if (r->job[i].task != NULL) return true;
    return false;
}

static void work(runner *r) {
    struct pollfd *waited = calloc((size_t)r->jobs, sizeof *waited);
    if (waited == NULL) {
        r->code = fail_with(EXIT_RESOURCE, "out of memory");
        return;
    }
    for (start_tasks(r); is_working(r); start_tasks(r)) {
        for (int i = 0; i < r->jobs; i++)
            waited[i] = (struct pollfd){.fd = r->job[i].task != NULL ? r->job[i].pipe : -1, .events = POLLIN};
        poll(waited, (nfds_t)r->jobs, 200);
        if (interrupts > 0) tell_to_stop(r);
        for (int i = 0; i < r->jobs; i++)
            if (r->job[i].task != NULL && !hear(r, &r->job[i])) finish(r, &r->job[i]);
        if (!r->told) show(r);
    }
    progress_clear(&r->line);
    free(waited);
}

/* The log is also the lock: one process at a time works in a directory. It is not handed down to the tasks. */
static int open_log(runner *r) {
    char path[MODEL_PATH + 16];
    snprintf(path, sizeof path, "%s/log.txt", r->plan->directory);
    r->log = fopen(path, "ae");
    if (r->log == NULL) return fail_with(EXIT_INPUT, "%s: cannot be written: %s", path, strerror(errno));
    if (flock(fileno(r->log), LOCK_EX | LOCK_NB) == 0) return EXIT_DONE;
    fclose(r->log);
    return fail_with(EXIT_INPUT, "%s: another process is working on this experiment", r->plan->directory);
}

int plan_run(plan *p, const common *options, int jobs, int threads) {
    runner r = {.plan = p, .options = options, .threads = threads, .jobs = jobs, .began = clock_seconds()};
    ssize_t length = readlink("/proc/self/exe", r.program, sizeof r.program - 1);
    if (length <= 0) return fail_with(EXIT_OTHER, "this program's own file is not known: %s", strerror(errno));
    r.program[length] = '\0';
    int code = open_log(&r);
    if (code != EXIT_DONE) return code;
    for (size_t i = 0; i < p->count; i++) r.done_before += p->task[i].units * p->task[i].fraction;
    progress_init(&r.line, options);
    listen_to_signals(true);
    if ((r.job = calloc((size_t)jobs, sizeof *r.job)) == NULL) r.code = fail_with(EXIT_RESOURCE, "out of memory");
    else work(&r);
    listen_to_signals(false);
    fclose(r.log);
    free(r.job);
    return interrupts > 0 ? EXIT_INTERRUPTED : r.code;
}
