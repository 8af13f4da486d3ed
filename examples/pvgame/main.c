/* main.c - the program `pvgame`: finds the command and tells what there is. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"train", command_train, "play a whole game: base models, then rounds of verifier and prover"},
    {"resume", command_resume, "go on with an interrupted game, to the same bits"},
    {"experiment", command_experiment, "play many games and judge the paper's claims on them"},
    {"eval", command_eval, "measure provers and verifiers: accuracy, pass@k, AUC, verifier by prover"},
    {"attack", command_attack, "train sneaky provers against frozen verifiers: steps to exploit, best-of-n"},
    {"generate", command_generate, "let a prover write solutions"},
    {"score", command_score, "let a verifier score solutions, JSON lines in and out"},
    {"grade", command_grade, "check final answers, JSON lines in and out"},
    {"measure", command_measure, "measure anybody's solutions: legibility, subtlety, verifiers, style, reward hacking"},
    {"problems", command_problems, "write built-in problems as JSON lines"},
    {"plan", command_plan, "say how much memory a game will take, before it is taken"},
    {"show", command_show, "look at the samples of a game, filtered"},
    {"report", command_report, "write one HTML page that shows a run: numbers, claims, charts, samples"},
    {"doctor", command_doctor, "look at this machine: kernels, BLAS, threads, speed"},
    {"bench", command_bench, "measure training, sampling and scoring: tokens a second, share of the peak"},
    {"settings", command_settings, "list every setting with meaning, bounds and default"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void help(FILE *out) {
    fprintf(out,
            "pvgame %s - checkability training: the prover-verifier game (arXiv 2407.13692)\n\n"
            "A prover learns to write solutions that a small verifier can check; in a second role the same prover\n"
            "tries to convince the verifier of wrong ones. Each round trains a fresh verifier, then a fresh prover.\n\n"
            "Usage: pvgame COMMAND [OPTION...]\n\nCommands:\n",
            pvg_version_string());
    for (size_t i = 0; i < COMMANDS; i++) fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(out,
            "\nBegin with:\n"
            "  pvgame train                          a whole game on built-in problems, in minutes\n"
            "  pvgame train --preset tiny            the same in seconds; its models learn little\n"
            "  pvgame train --data gsm8k.jsonl       the game on a data set of your own\n"
            "  pvgame COMMAND --help                 what a command takes\n\n"
            "Exit codes: 0 done; 1 other failure; 2 wrong command line; 3 input that cannot be used; 4 out of memory or\n"
            "disk; 5 training diverged; 130 interrupted, go on with `pvgame resume DIR`.\n");
}

static const struct command *find(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static int unknown(const char *name) {
    const char *names[COMMANDS + 1] = {NULL};
    for (size_t i = 0; i < COMMANDS; i++) names[i] = commands[i].name;
    const char *guess = nearest_name(name, names);
    if (guess != NULL) return fail_with(EXIT_USAGE, "there is no command '%s'; did you mean '%s'?", name, guess);
    return fail_with(EXIT_USAGE, "there is no command '%s'; `pvgame --help` lists them", name);
}

/* Whatever ends the program, also a parser after --help: what was printed must have arrived. */
static void finish_output(void) {
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fflush(stdout) == 0 && !failed) return;
    fail_with(EXIT_RESOURCE, "standard output could not be written%s%s", errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    _exit(EXIT_RESOURCE);
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); /* a reader that left is an error to report, not a reason to lose a game */
    atexit(finish_output);
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        if (argc < 3) {
            help(stdout);
            return EXIT_DONE;
        }
        name = argv[2];
        argv[2] = (char *)"--help";
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        printf("pvgame %s\n", pvg_version_string());
        return EXIT_DONE;
    }
    const struct command *command = find(name);
    if (command == NULL) return unknown(name);
    char title[32];
    snprintf(title, sizeof title, "pvgame %s", command->name);
    argv[1] = title;
    argp_err_exit_status = EXIT_USAGE;
    return command->run(argc - 1, argv + 1);
}
