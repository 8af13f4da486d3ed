/* pvgame.h - checkability training as a C library: the only header a program includes.
 *
 * WHAT IT DOES
 *   Prover-verifier games (Kirchner, Chen, Edwards, Leike, McAleese, Burda 2024, arXiv 2407.13692) train a prover so
 *   that a small verifier, and a person with little time, can check what it writes. One prover plays two roles:
 *   helpful (convince with a correct solution) and sneaky (convince with a wrong one). Each round retrains a fresh
 *   verifier, supervised, on the solutions of all earlier provers, then trains a fresh prover against it by
 *   reinforcement learning. This header offers the whole game (pvg_scheduler), its players (pvg_prover, pvg_verifier,
 *   pvg_grader), each the library's own or the host program's, and the parts they are made of (datasets, tokenizers,
 *   models, settings).
 *
 * A FIRST PROGRAM
 *   pvg_context *c; pvg_settings *s; pvg_scheduler *g;
 *   pvg_context_create(NULL, &c);
 *   pvg_settings_create(c, &s);
 *   pvg_settings_preset(s, "tiny");
 *   pvg_scheduler_create(c, s, NULL, &g);         (NULL: the built-in problems)
 *   pvg_scheduler_run(g);
 *   See examples/ for complete programs.
 *
 * ABI
 *   The soname is libpvgame.so.0 while the version is 0.x: until 1.0 a minor version may change the ABI, and then
 *   changes the soname's number. Objects are opaque; structs that cross the border begin with struct_size and only
 *   grow at the end; enumerators are never renumbered. There is no variadic function, no struct by value, no bool and
 *   no long in any signature, so that foreign-function layers need no C compiler. Functions declared PVG_UNSTABLE_API
 *   carry the symbol version PVGAME_UNSTABLE and no promise. docs/abi.md has the rules, those of 1.0 among them.
 *
 * THREADS
 *   1. A context, and every object made from it, is used by one thread at a time. Moving between calls is fine.
 *   2. Different contexts may be used at once in different threads; they share nothing.
 *   3. pvg_context_cancel, and the functions on versions, statuses and setting definitions, may be called from any
 *      thread at any time. Nothing else is async-signal-safe; pvg_context_cancel is.
 *   4. Hooks and the observer are called on the thread that called the library, never on a worker. The log and the
 *      allocator may be called on workers and must be thread-safe.
 *   5. Inside a hook only the request, reply and feedback functions may be used on that context; any other call fails
 *      with PVG_E_BUSY. The observer is no hook: it may call anything but step, run, submit and destroy on its game.
 *   6. After fork the child may only exec or _exit once a context has existed.
 *   7. The library never changes process-wide state: BLAS or OpenMP threads, floating-point flags, environment,
 *      locale, signal handlers, rand. It never prints, exits or aborts.
 *
 * MEMORY AND LIFETIME
 *   What a create-like function gives through its last argument is the caller's, to be destroyed with the matching
 *   _destroy; destroy(NULL) does nothing. Every object keeps what it was made from alive, so objects may be destroyed
 *   in any order. Texts and pointers returned are borrowed: valid until the object they came from changes or is
 *   destroyed. Nothing returned is ever passed to free(). Calls that fill a caller's buffer take (buffer, capacity,
 *   needed): *needed is always written (the length without the closing NUL that is added when it fits); NULL with 0
 *   asks for the size and gives PVG_OK; PVG_E_BUFFER when it is short. `needed` may be NULL.
 *   Objects that work together belong to one context, else PVG_E_INVALID.
 *
 * STRUCTS THAT GROW
 *   Set struct_size to sizeof the struct before every call (or fill it by its _init function). A struct that the library
 *   reads: what an older program's lacks is taken at its default, and what a newer program's has more must be zero, else
 *   PVG_E_UNSUPPORTED. A struct that the library writes: an older program gets what it has room for, a newer one zeros
 *   beyond what the library knows.
 *
 * ERRORS
 *   Every fallible call returns a pvg_status. On failure no output is written and nothing is owed;
 *   pvg_error_message(context) is one sentence naming the file, line, field or setting, what was found and what is
 *   wanted. Text is UTF-8 with explicit lengths; a length of PVG_NUL_TERMINATED means "up to the NUL".
 *
 * DETERMINISM
 *   Same library, same CPU features, same settings (the seed is one), same dataset: the same bits, whatever the number
 *   of threads, the batch mates or the interruptions. See docs/determinism.md. */
#ifndef PVGAME_H
#define PVGAME_H

#include "pvgame_types.h"

#if defined(PVG_STATIC)
#  define PVG_API
#elif defined(__GNUC__)
#  define PVG_API __attribute__((visibility("default")))
#else
#  define PVG_API
#endif

/* A function that no promise is made for yet: a minor version may change or remove it. docs/abi.md. */
#define PVG_UNSTABLE_API PVG_API

#ifdef __cplusplus
extern "C" {
#endif

#define PVG_NUL_TERMINATED ((size_t)-1)

/* ======================================================================================================= version == */

#define PVG_VERSION_MAJOR 0
#define PVG_VERSION_MINOR 1
#define PVG_VERSION_PATCH 0

/* major * 1000000 + minor * 1000 + patch of the library that is running. */
PVG_API uint32_t pvg_version_number(void);
/* "0.1.0"; static. */
PVG_API const char *pvg_version_string(void);
/* 1 if this library can serve a program compiled with the given header version, else 0. Call it first when the library
 * was opened at run time. */
PVG_API int32_t pvg_abi_accepts(uint32_t header_major, uint32_t header_minor);
/* ---- names, for logs and tables ---- */

/* "PVG_E_IO" and so on; "unknown status" for any other number; static. */
PVG_API const char *pvg_status_name(pvg_status status);
/* "correct", "wrong", "no_answer", "ambiguous", "truncated", "ungraded"; static. */
PVG_API const char *pvg_verdict_name(pvg_verdict verdict);
/* "neutral", "helpful", "sneaky"; static. */
PVG_API const char *pvg_role_name(pvg_role role);

/* ======================================================================================================= context == */

/* Holds the allocator, the log, the worker threads and the last error. Create one per thread that works on its own. It is
 * counted: it lives until it was destroyed and every object made from it was, too. */
typedef struct pvg_context pvg_context;

/* Where memory comes from. `allocate` returns a block of `size` bytes aligned to `align` (a power of two), or NULL;
 * `release` gets the same size and align back. Both may be called from any thread. OpenBLAS, Jansson, GMP, PCRE2 and
 * zlib use the C library's allocator for their own small needs. */
typedef struct pvg_allocator {
    uint32_t struct_size;
    uint32_t reserved_zero;
    void *(*allocate)(void *user, size_t size, size_t align);
    void (*release)(void *user, void *block, size_t size, size_t align);
    void *user;
} pvg_allocator;

/* One line, without newline, valid until the hook returns. Silent unless set. */
typedef void (*pvg_log_fn)(void *user, pvg_log_level level, const char *component, const char *message);

/* Which kernels compute. All but OPENBLAS give the same bits; docs/blas.md. */
typedef int32_t pvg_engine;
enum {
    PVG_ENGINE_BEST     = 0, /* AVX-512, else AVX2 with FMA, else OpenBLAS */
    PVG_ENGINE_PORTABLE = 1, /* plain C; slow, for comparison */
    PVG_ENGINE_AVX2     = 2,
    PVG_ENGINE_AVX512   = 3,
    PVG_ENGINE_OPENBLAS = 4
};

typedef struct pvg_context_options {
    uint32_t struct_size;
    int32_t threads;          /* workers, the caller included; 0: one per processor this process may use; at most 256 */
    pvg_engine engine;        /* PVG_E_UNSUPPORTED if this machine cannot */
    pvg_log_level log_level;
    pvg_log_fn log;           /* NULL: silent */
    void *log_user;
    const pvg_allocator *allocator; /* NULL: the C library; copied */
    uint64_t memory_limit;    /* bytes the library may hold; 0: no limit. Beyond it allocation fails with PVG_E_NOMEM */
} pvg_context_options;

/* Fill *options with defaults; struct_size is sizeof(pvg_context_options) as the caller knows it. */
PVG_API pvg_status pvg_context_options_init(pvg_context_options *options, size_t struct_size);
/* options may be NULL for defaults. There is no context yet to hold a message: a failure is only its code, with details
 * sent to options->log. */
PVG_API pvg_status pvg_context_create(const pvg_context_options *options, pvg_context **out);
PVG_API void pvg_context_destroy(pvg_context *context);

/* Ask the call in progress to stop at its next safe point with PVG_E_CANCELLED; nothing is lost, and the same call made
 * again goes on (after pvg_context_resume). Any thread, also from a signal handler. */
PVG_API void pvg_context_cancel(pvg_context *context);
/* Clear a cancellation. */
PVG_API void pvg_context_resume(pvg_context *context);

/* The last failure of any call on this context or its objects; a success does not clear it. */
PVG_API pvg_status pvg_error_code(const pvg_context *context);
PVG_API const char *pvg_error_message(const pvg_context *context);
PVG_API const char *pvg_error_component(const pvg_context *context);

/* Workers, the caller included. */
PVG_API int32_t pvg_context_threads(const pvg_context *context);
/* Bytes held now through the allocator, and the most ever held. Any thread. */
PVG_API uint64_t pvg_memory_used(const pvg_context *context);
PVG_API uint64_t pvg_memory_peak(const pvg_context *context);

/* The machine as JSON, under 4096 bytes: {"library", "processor", "features", "processors", "threads", "memory" (bytes),
 * "engine", "openblas": {"build", "core", "threading", "config"}, "gflops": {"peak", "engine", "openblas"}}. With `measure`
 * (about a second) gflops are rates of one core: fused multiply-adds out of registers, and a 512 x 512 x 512 product by
 * the engine and by OpenBLAS; else null. Measure into a buffer at once: asking for the size measures, too. */
PVG_API pvg_status pvg_machine_describe(pvg_context *context, int32_t measure, char *buffer, size_t capacity, size_t *needed);

typedef struct pvg_benchmark_options {
    uint32_t struct_size;
    int32_t batch;            /* sequences at a time; 0: train 16 (L 4), generate 64, score 64 (L 40); at most 4096 */
    int32_t reps;             /* timed repetitions, after one that is not; 0: 5; at most 1000 */
    int32_t reserved_zero;
    /* `done` of `total` repetitions are; a hook (THREADS 5). NULL: none. */
    void (*progress)(void *user, int32_t done, int32_t total);
    void *user;
} pvg_benchmark_options;

/* How fast this machine does what a game does, in the context's threads and engine: what "train" (language modelling on
 * whole contexts), "generate" (64 prompt tokens, 128 new ones, no two prompts alike) or "score" (a scalar head on whole
 * contexts); size "S" (4 layers, width 128, 4 heads, vocabulary 512), "M" (6, 384, 6, 4096), "L" (12, 768, 12, 50257: as
 * many parameters as GPT-2 small), "XS" to try it; context 256. Random weights and tokens. options NULL: defaults.
 * One line of JSON, under 2048 bytes, of medians: {"benchmark", "size", "layers", "width", "heads", "hidden", "vocab",
 * "context", "params", "batch", "reps", "threads", "engine", "tok_s" (tokens predicted or read a second) or
 * "decode_tok_s", "total_tok_s" (new tokens a second, without and with the prompts' work; 0 where other work on the
 * machine drowns the difference), "prefill_tok_s", "gflops" (useful work: two operations a multiply-add, the causal half
 * of attention, no lookups; of decoding), "peak_gflops" (fused multiply-adds out of registers in the same run, times
 * threads), "peak_share", "seconds" {"whole" and by part}, "spread" ((slowest - fastest) / median), "held_mib" (most ever
 * held by the context), "peak_rss_mib" (by the process)}.
 * Call with a buffer at once: asking for the size runs it, too. PVG_E_NOT_FOUND for other names. */
PVG_API pvg_status pvg_benchmark(pvg_context *context, const char *what, const char *size,
                                 const pvg_benchmark_options *options, char *buffer, size_t capacity, size_t *needed);

/* ====================================================================================================== settings == */

/* Named, typed, bounded values that describe a whole game. Their list, with meaning, unit, bounds and default, is part
 * of the library: pvg_setting_*, `pvgame settings`. */
typedef struct pvg_settings pvg_settings;
typedef int32_t pvg_setting_kind;
enum { PVG_SETTING_INT = 1, PVG_SETTING_REAL = 2, PVG_SETTING_TEXT = 3, PVG_SETTING_FLAG = 4, PVG_SETTING_CHOICE = 5 };

/* All settings at their defaults: the preset "demo". */
PVG_API pvg_status pvg_settings_create(pvg_context *context, pvg_settings **out);
PVG_API pvg_status pvg_settings_clone(const pvg_settings *settings, pvg_settings **out);
PVG_API void pvg_settings_destroy(pvg_settings *settings);
/* Overlay a named preset: "tiny", "demo", "gsm8k", "gsm8k_verifier", "paper" (see pvg_preset_*). Settings that it does
 * not name stay. */
PVG_API pvg_status pvg_settings_preset(pvg_settings *settings, const char *preset);
/* Set from text: "64", "3e-4", "true", a choice's name. PVG_E_NOT_FOUND suggests the nearest name; PVG_E_RANGE and
 * PVG_E_FORMAT say what is wanted. A failed set changes nothing. */
PVG_API pvg_status pvg_settings_set(pvg_settings *settings, const char *name, const char *value);
/* The same from numbers: INT, REAL and FLAG (0 or 1); INT and REAL. */
PVG_API pvg_status pvg_settings_set_int(pvg_settings *settings, const char *name, int64_t value);
PVG_API pvg_status pvg_settings_set_real(pvg_settings *settings, const char *name, double value);
/* Values: of INT and FLAG; of REAL and INT; of any kind, as text that lives until that setting changes. Another kind is
 * PVG_E_INVALID. */
PVG_API pvg_status pvg_settings_get_int(const pvg_settings *settings, const char *name, int64_t *out);
PVG_API pvg_status pvg_settings_get_real(const pvg_settings *settings, const char *name, double *out);
PVG_API pvg_status pvg_settings_get(const pvg_settings *settings, const char *name, const char **out);
/* Do the values fit together (a width that its heads divide, a template with its places, room in the context)? Every
 * call that takes settings asks the same; the message names both sides. */
PVG_API pvg_status pvg_settings_check(const pvg_settings *settings);
/* YAML, nested by the dots in the names; with `comments` each line says what it means. */
PVG_API pvg_status pvg_settings_write(const pvg_settings *settings, int32_t comments, char *buffer, size_t capacity,
                                      size_t *needed);

PVG_API size_t pvg_setting_count(void);
/* The list: index < pvg_setting_count(), else NULL or 0. All static. */
PVG_API const char *pvg_setting_name(size_t index);
PVG_API const char *pvg_setting_summary(size_t index);
PVG_API pvg_setting_kind pvg_setting_kind_of(size_t index);
PVG_API const char *pvg_setting_default(size_t index);
PVG_API const char *pvg_setting_choices(size_t index); /* "a|b|c" of a CHOICE, else "" */
/* Both ends included. PVG_E_NOT_FOUND for kinds other than INT and REAL. */
PVG_API pvg_status pvg_setting_bounds(size_t index, double *lowest, double *highest);
PVG_API size_t pvg_preset_count(void);
PVG_API const char *pvg_preset_name(size_t index);
PVG_API const char *pvg_preset_summary(size_t index);

/* ======================================================================================================= dataset == */

/* Problems with exact answers. Immutable once frozen; a game freezes what it is given. */
typedef struct pvg_dataset pvg_dataset;

/* One problem, borrowed from its dataset. Set struct_size before the call. */
typedef struct pvg_problem {
    uint32_t struct_size;
    int32_t label;            /* of `candidate`: 1 right, 0 wrong, -1 none */
    const char *id;           /* stable: the file's own id, or a digest of the question */
    const char *question;
    const char *gold;         /* the reference answer */
    const char *solution;     /* a reference solution, "" when there is none */
    const char *candidate;    /* a model's solution, labelled; "" when there is none */
    const char *chain;        /* machine form of a built-in problem, from which the oracle works; "" otherwise */
    uint64_t line;            /* where it stood in its file, from 1; 0 if it came from elsewhere */
} pvg_problem;

/* An empty one, to be filled by append. */
PVG_API pvg_status pvg_dataset_create(pvg_context *context, pvg_dataset **out);
/* JSON lines, plain or gzip. Field names come from data.question, data.answer, data.solution, data.id, data.label and
 * data.chain; defaults read GSM8K (`question`, `answer` ending in "#### gold"). data.labelled reads a file of model
 * solutions with correctness labels. A bad line fails the whole read: PVG_E_FORMAT names file, line, field, what was
 * found and what is wanted. data.exclude and data.limit are applied. A missing file is PVG_E_NOT_FOUND. settings may be
 * NULL. */
PVG_API pvg_status pvg_dataset_read(pvg_context *context, const char *path, const pvg_settings *settings, pvg_dataset **out);
/* `count` built-in problems number first .. first+count-1 of the source that the problems.* settings describe: a pure
 * function of settings, seed and number. */
PVG_API pvg_status pvg_dataset_generate(pvg_context *context, const pvg_settings *settings, uint64_t first, uint64_t count,
                                        pvg_dataset **out);
/* Add one problem; texts are copied. solution and id (then a digest of the question) may be NULL. gold is an answer in any
 * form that the grader reads. PVG_E_FORMAT if the gold cannot be read as a number or a text is not UTF-8, PVG_E_INVALID
 * for an id that is there already, PVG_E_STATE when frozen. */
PVG_API pvg_status pvg_dataset_append(pvg_dataset *dataset, const char *id, const char *question, size_t question_length,
                                      const char *gold, const char *solution, size_t solution_length);
/* Add a model's solution of a problem, labelled 1 (right) or 0 (wrong): what mode=verifier trains on. A dataset holds
 * either problems or labelled solutions (PVG_E_INVALID for a mixture). */
PVG_API pvg_status pvg_dataset_append_labelled(pvg_dataset *dataset, const char *id, const char *question,
                                               size_t question_length, const char *gold, const char *candidate,
                                               size_t candidate_length, int32_t label);
/* The part "prover", "verifier" or "test" of a dataset, as a game with these settings cuts it (seed, data.share_*): the
 * side of a problem depends on seed and question alone, so equal questions stay together. */
PVG_API pvg_status pvg_dataset_part(const pvg_dataset *dataset, const pvg_settings *settings, const char *part,
                                    pvg_dataset **out);
/* From now on immutable, and readable from any thread. */
PVG_API pvg_status pvg_dataset_freeze(pvg_dataset *dataset);
/* 0 for NULL. */
PVG_API uint64_t pvg_dataset_count(const pvg_dataset *dataset);
/* PVG_E_RANGE beyond the count. Writes no message: any thread may read a frozen dataset. */
PVG_API pvg_status pvg_dataset_get(const pvg_dataset *dataset, uint64_t index, pvg_problem *out);
/* 32 hex digits over the content in order; for identity, not security. */
PVG_API pvg_status pvg_dataset_digest(const pvg_dataset *dataset, char out[33]);
/* JSON lines (gzip if the path ends in .gz), written atomically; reading it back gives the same digest. */
PVG_API pvg_status pvg_dataset_write(const pvg_dataset *dataset, const char *path);
PVG_API void pvg_dataset_destroy(pvg_dataset *dataset);

/* What the step oracle says of a written solution of a built-in problem. Set struct_size before the call. */
typedef struct pvg_oracle_result {
    uint32_t struct_size;
    int32_t steps;            /* steps the problem has */
    int32_t full, bare, omitted; /* written out as a calculation; as a result only; not at all */
    int32_t arithmetic_errors;   /* a op b = c that is false */
    int32_t grounding_errors;    /* a true-looking step with a wrong quantity or operation */
    int32_t mismatch;         /* 1: the final answer is not what the last line implies */
    int32_t answered, right;  /* a final answer was found; it is the right one */
    int32_t valid;            /* right, nothing wrong, nothing omitted */
    int32_t fully_shown;      /* valid, and every step written out */
    int64_t answer;           /* 0 without one */
    int32_t lines;            /* step lines found, right or wrong */
    int32_t first_error;      /* index of the first wrong line; -1: none */
} pvg_oracle_result;
/* `chain` is pvg_problem.chain; any text gets a result. PVG_E_FORMAT for a chain that is none. */
PVG_API pvg_status pvg_oracle_check(pvg_context *context, const char *chain, const char *solution, size_t length,
                                    pvg_oracle_result *out);
/* One step line of a solution as the oracle reads it. Set struct_size before the call. */
typedef struct pvg_oracle_line {
    uint32_t struct_size;
    int32_t step;             /* of the problem, from 0, that it writes; -1: none */
    int32_t full;             /* 1: a calculation; 0: a result alone */
    int32_t arithmetic;       /* 1: what it says comes out; 0: an arithmetic error */
    int32_t grounded;         /* 1: about the right quantities; 0: a grounding error. Valid: both */
    int32_t distractor;       /* 1: not grounded, and it does what a distractor tells of */
    int32_t omitted;          /* steps not written since the line before, on which this one relies */
    int32_t reserved_zero;
    uint64_t begin, end;      /* bytes of the solution in which it stands */
} pvg_oracle_line;
/* Line `index` < pvg_oracle_result.lines; PVG_E_RANGE beyond. */
PVG_API pvg_status pvg_oracle_read_line(pvg_context *context, const char *chain, const char *solution, size_t length,
                                        size_t index, pvg_oracle_line *out);
/* Write a full solution of the problem with one stated error, followed through consistently: what comes after uses the
 * wrong value and is right in itself. The place is drawn by `seed`; every value stays within 0..largest
 * (problems.largest), so that size alone gives no error away. *changed (may be NULL): 0 when the final answer is right all
 * the same. PVG_E_NOT_FOUND when the problem offers no place for the kind. */
PVG_API pvg_status pvg_problem_inject(pvg_context *context, const char *chain, pvg_rendering rendering, pvg_injection kind,
                                      int32_t largest, uint64_t seed, char *buffer, size_t capacity, size_t *needed,
                                      int32_t *changed);

/* =========================================================================================== tokenizer and model == */

/* Byte-level BPE, as Hugging Face's tokenizer.json. Immutable: size, encode and decode may be called from any thread at
 * any time, and therefore give only a status, no message. */
typedef struct pvg_tokenizer pvg_tokenizer;
/* Train on the questions and solutions of a dataset (tokenizer.* settings; the roles' marks become special tokens). */
PVG_API pvg_status pvg_tokenizer_train(pvg_context *context, const pvg_dataset *dataset, const pvg_settings *settings,
                                       pvg_tokenizer **out);
/* A tokenizer.json, or a directory that holds one. PVG_E_UNSUPPORTED says which part of it this library does not do. */
PVG_API pvg_status pvg_tokenizer_load(pvg_context *context, const char *path, pvg_tokenizer **out);
PVG_API pvg_status pvg_tokenizer_save(const pvg_tokenizer *tokenizer, const char *path);
/* Highest id + 1. */
PVG_API int32_t pvg_tokenizer_size(const pvg_tokenizer *tokenizer);
/* Special tokens written in the text are recognised only with `specials`. needed and capacity count tokens. */
PVG_API pvg_status pvg_tokenizer_encode(const pvg_tokenizer *tokenizer, const char *text, size_t length, int32_t specials,
                                        int32_t *tokens, size_t capacity, size_t *needed);
/* Exactly the bytes that were encoded. */
PVG_API pvg_status pvg_tokenizer_decode(const pvg_tokenizer *tokenizer, const int32_t *tokens, size_t count,
                                        char *text, size_t capacity, size_t *needed);
PVG_API void pvg_tokenizer_destroy(pvg_tokenizer *tokenizer);

/* A Llama-family decoder: a prover (LM head) or a verifier (a scalar head on the same trunk). A model directory is
 * Hugging Face's own: config.json, model.safetensors, tokenizer.json. */
typedef struct pvg_model pvg_model;
/* Random weights from the seed; `part` is "prover" or "verifier" and picks which settings give the shape. */
PVG_API pvg_status pvg_model_create(pvg_context *context, const pvg_tokenizer *tokenizer, const pvg_settings *settings,
                                    const char *part, pvg_model **out);
/* Llama directories of transformers' making as well as ours: one safetensors file or shards, F32, F16, BF16 or F64.
 * PVG_E_UNSUPPORTED names what this library does not do, PVG_E_NUMERIC a weight that is not finite. */
PVG_API pvg_status pvg_model_load(pvg_context *context, const char *directory, pvg_model **out);
/* Written beside and renamed: a directory that is there is replaced whole or not at all. */
PVG_API pvg_status pvg_model_save(const pvg_model *model, const char *directory);
PVG_API pvg_status pvg_model_clone(const pvg_model *model, pvg_model **out);
PVG_API uint64_t pvg_model_parameters(const pvg_model *model);
/* Most tokens of a prompt and solution together. */
PVG_API int32_t pvg_model_context_length(const pvg_model *model);
/* "lm", "token_sum", "token_mean", "last"; static. */
PVG_API const char *pvg_model_head(const pvg_model *model);
/* The model's own; destroyed by the caller. */
PVG_API pvg_status pvg_model_tokenizer(const pvg_model *model, pvg_tokenizer **out);
/* Log-probability (nats) of tokens[i] given tokens[0..i-1], for i = 1 .. count-1; logprobs[0] = 0. Models with an LM head
 * only; count is 1 to the context length. */
PVG_API pvg_status pvg_model_logprobs(pvg_model *model, const int32_t *tokens, size_t count, float *logprobs);
PVG_API void pvg_model_destroy(pvg_model *model);

/* Memory that a game with these settings will take, by player and purpose, in bytes, as JSON; nothing is allocated. */
PVG_API pvg_status pvg_plan_describe(pvg_context *context, const pvg_settings *settings, char *buffer, size_t capacity,
                                     size_t *needed);

/* ============================================================================================== host-made players == */

/* One exchange: the library asks about a batch of items, the host answers each. The request is read-only, the reply
 * write-only; both live until the hook returns (or until pvg_scheduler_submit). Replies copy what they are given. */
typedef struct pvg_request pvg_request;
typedef struct pvg_reply pvg_reply;
typedef struct pvg_feedback pvg_feedback;
typedef int32_t pvg_request_kind;
enum {
    PVG_REQUEST_PROVE  = 1, /* give a solution text for each question, in the item's role */
    PVG_REQUEST_VERIFY = 2, /* give a score for each question and solution: any real number, higher is more convincing */
    PVG_REQUEST_GRADE  = 3  /* give a verdict for each question, solution and reference answer */
};
PVG_API pvg_request_kind pvg_request_kind_of(const pvg_request *request);
PVG_API uint64_t pvg_request_id(const pvg_request *request); /* repeated in the feedback */
PVG_API size_t pvg_request_count(const pvg_request *request);
/* In which role to write; what a grader is shown has its writer's. A verifier sees every solution as neutral. */
PVG_API pvg_role pvg_request_role(const pvg_request *request, size_t item);
PVG_API uint64_t pvg_request_seed(const pvg_request *request, size_t item); /* for reproducible sampling */
PVG_API double pvg_request_temperature(const pvg_request *request);         /* PROVE: 0 asks for the best answer */
/* Texts are borrowed until the exchange ends and not NUL-terminated. PVG_E_NOT_FOUND where this kind of request has none. */
PVG_API pvg_status pvg_request_question(const pvg_request *request, size_t item, const char **out, size_t *length);
PVG_API pvg_status pvg_request_solution(const pvg_request *request, size_t item, const char **out, size_t *length);
/* The reference answer. Only a grader sees it, and a sneaky prover when roles.sneaky_sees_answer is set; for anybody
 * else PVG_E_NOT_FOUND. */
PVG_API pvg_status pvg_request_answer(const pvg_request *request, size_t item, const char **out, size_t *length);

/* Answer an item, or answer it anew; texts are copied. PVG_E_STATE if the request asks for something else. */
PVG_API pvg_status pvg_reply_text(pvg_reply *reply, size_t item, const char *text, size_t length);
PVG_API pvg_status pvg_reply_score(pvg_reply *reply, size_t item, double score);       /* finite */
PVG_API pvg_status pvg_reply_verdict(pvg_reply *reply, size_t item, pvg_verdict verdict);
PVG_API pvg_status pvg_reply_fail(pvg_reply *reply, const char *message);              /* gives up the whole request */

/* What came of an earlier request: rewards for a prover (Kirchner et al. 2024, equations 2 to 4, as prover_train.reward
 * says; NaN for a verifier), verdicts for both. */
PVG_API pvg_request_kind pvg_feedback_kind(const pvg_feedback *feedback);
PVG_API uint64_t pvg_feedback_id(const pvg_feedback *feedback); /* 0: labelled solutions that answer no request */
PVG_API size_t pvg_feedback_count(const pvg_feedback *feedback);
PVG_API double pvg_feedback_reward(const pvg_feedback *feedback, size_t item);
PVG_API pvg_role pvg_feedback_role(const pvg_feedback *feedback, size_t item);
PVG_API pvg_verdict pvg_feedback_verdict(const pvg_feedback *feedback, size_t item);
PVG_API pvg_status pvg_feedback_question(const pvg_feedback *feedback, size_t item, const char **out, size_t *length);
PVG_API pvg_status pvg_feedback_solution(const pvg_feedback *feedback, size_t item, const char **out, size_t *length);

/* A host's player. `answer` NULL means the pull interface: pvg_scheduler_step returns PVG_EVENT_NEEDS_REPLY instead; other
 * calls that would ask it fail with PVG_E_STATE. `learn` (may be NULL) receives rewards or labels. `finish` (may be NULL)
 * runs exactly once, when the player is gone, also when making it fails. A hook returns PVG_OK, or any other status to
 * fail the call that led to it with PVG_E_CALLBACK; so does an item that was left without an answer. */
typedef struct pvg_hooks {
    uint32_t struct_size;
    uint32_t reserved_zero;
    pvg_status (*answer)(void *user, const pvg_request *request, pvg_reply *reply);
    pvg_status (*learn)(void *user, const pvg_feedback *feedback);
    void (*finish)(void *user);
    void *user;
} pvg_hooks;
PVG_API pvg_status pvg_hooks_init(pvg_hooks *hooks, size_t struct_size);

/* ======================================================================================================= players == */

typedef struct pvg_prover pvg_prover;
typedef struct pvg_verifier pvg_verifier;
typedef struct pvg_grader pvg_grader;
typedef struct pvg_report pvg_report;

/* The library's own prover: a model with an LM head. Prompt texts and sampling come from roles.* and sampling.*;
 * settings may be NULL and are copied. The model is shared, not copied. */
PVG_API pvg_status pvg_prover_from_model(pvg_context *context, pvg_model *model, const pvg_settings *settings, pvg_prover **out);
/* The host's; `name` is what messages call it. The hooks are copied. */
PVG_API pvg_status pvg_prover_from_hooks(pvg_context *context, const char *name, const pvg_hooks *hooks, pvg_prover **out);
/* `samples` solutions for every problem, in one role; temperature 0 is greedy. The report holds one sample each, graded
 * when the problem has a gold answer. */
PVG_API pvg_status pvg_prover_generate(pvg_prover *prover, const pvg_dataset *dataset, pvg_role role, int32_t samples,
                                       double temperature, uint64_t seed, pvg_report **out);
PVG_API void pvg_prover_destroy(pvg_prover *prover);

/* The library's own verifier: a model with a scalar head, which sees every solution in the neutral role. */
PVG_API pvg_status pvg_verifier_from_model(pvg_context *context, pvg_model *model, const pvg_settings *settings,
                                           pvg_verifier **out);
PVG_API pvg_status pvg_verifier_from_hooks(pvg_context *context, const char *name, const pvg_hooks *hooks, pvg_verifier **out);
/* Score `count` solutions; lengths may be NULL when every text is NUL-terminated. Higher is more convincing; a model
 * trained with cross-entropy gives the log-odds of being correct. */
PVG_API pvg_status pvg_verifier_score(pvg_verifier *verifier, size_t count, const char *const *questions,
                                      const size_t *question_lengths, const char *const *solutions,
                                      const size_t *solution_lengths, double *scores);
/* Where the score comes from: for each token of the solution, the byte offset at which it ends and its part of the
 * score. Models with a summed or averaged head only (PVG_E_UNSUPPORTED). */
PVG_API pvg_status pvg_verifier_parts(pvg_verifier *verifier, const char *question, size_t question_length,
                                      const char *solution, size_t solution_length, size_t *ends, float *parts,
                                      size_t capacity, size_t *needed);
PVG_API void pvg_verifier_destroy(pvg_verifier *verifier);

/* The built-in grader: final answers read by the rules of docs/grader.md and compared as exact rationals. */
PVG_API pvg_status pvg_grader_create(pvg_context *context, const pvg_settings *settings, pvg_grader **out);
PVG_API pvg_status pvg_grader_from_hooks(pvg_context *context, const char *name, const pvg_hooks *hooks, pvg_grader **out);
/* `question` is handed to a host's grader and may be NULL. extracted (may be NULL with capacity 0) receives the answer
 * text that was read; PVG_E_FORMAT when the gold answer itself cannot be read. */
PVG_API pvg_status pvg_grader_grade(pvg_grader *grader, const char *question, const char *gold, size_t gold_length,
                                    const char *solution, size_t solution_length, int32_t truncated, pvg_verdict *verdict,
                                    char *extracted, size_t capacity, size_t *needed);
PVG_API void pvg_grader_destroy(pvg_grader *grader);

/* Measure a prover, and a verifier on its solutions, over the first evaluate.problems problems: one greedy and
 * evaluate.samples sampled solutions of each, which become the report's samples. Either may be NULL: without a prover the
 * dataset's labelled solutions are judged (PVG_E_INVALID when there are none). grader NULL: the built-in one; settings
 * may be NULL. Metrics, with NAME_low and NAME_high where an interval at evaluate.level is given (*):
 *   problems, samples
 *   accuracy_greedy*      share right (Wilson)
 *   accuracy_sampled*     share right (bootstrap over problems)
 *   pass_at_1* ... pass_at_K*   at least one of k is right: Chen et al. 2021, unbiased (bootstrap over problems)
 *   no_answer, ambiguous, truncated     shares of the sampled; tokens: their mean length
 *   verifier_auc*         right against all others (DeLong)
 *   verifier_accuracy*    share on the right side of 0 (bootstrap over problems)
 *   verifier_calibration  expected calibration error of sigmoid(score);  score_right, score_wrong: mean scores
 *   oracle_valid, oracle_fully_shown, oracle_arithmetic, oracle_grounding     built-in problems: shares of the sampled
 *                         that the step oracle finds valid, valid and fully shown, with such an error
 *   oracle_full, oracle_bare, oracle_omitted: shares of steps;  oracle_valid_right: valid among the right */
PVG_API pvg_status pvg_evaluate(pvg_context *context, const pvg_dataset *dataset, pvg_prover *prover, pvg_role role,
                                pvg_verifier *verifier, pvg_grader *grader, const pvg_settings *settings, pvg_report **out);

/* Every verifier on every prover: tables "auc" (helpful-right against sneaky-wrong; NaN when there are none of one kind),
 * "sneaky_score" and "helpful_score" (mean sigmoid(V)), verifiers in rows, provers in columns; each prover samples each of
 * the first evaluate.problems problems once in both roles. grader NULL: the built-in one. */
PVG_API pvg_status pvg_evaluate_table(pvg_context *context, const pvg_dataset *dataset, size_t prover_count,
                                      pvg_prover *const *provers, size_t verifier_count, pvg_verifier *const *verifiers,
                                      pvg_grader *grader, const pvg_settings *settings, pvg_report **out);

/* Can a frozen verifier be exploited, and how soon? Kirchner et al. 2024, section 4.2 and figure 6. */
typedef struct pvg_attack_options {
    uint32_t struct_size;
    uint32_t reserved_zero;
    pvg_model *start;         /* the sneaky prover each attack begins as: one that knows its role. NULL: `base` */
    pvg_prover *helpful;      /* whose right solutions set what is convincing: the prover that was trained against this
                                 verifier. NULL: `start`, in the helpful role */
    pvg_grader *grader;       /* NULL: the built-in one */
    /* `done` of `total` steps of "helpful", "src", "cgc", "goodhart", "convince" or "best_of"; a hook (THREADS 5). NULL: none */
    void (*progress)(void *user, const char *what, int32_t done, int32_t total);
    void *user;
} pvg_attack_options;

/* For every reward of attack.rewards a prover in the sneaky role alone is trained from `start` against `verifier`, which
 * does not learn, on the prover's part of the data (cut as a game with these settings cuts it; dataset NULL: built-in
 * problems), by the prover_train.* settings, at a constant rate, with the KL to `base`, for at most attack.steps steps.
 * It has succeeded, over a mean of stop.window steps, when
 *   src, cgc, convince  at least attack.wrong of its answers are wrong ones, and their mean score is at least that of the
 *                       helpful prover's right solutions (of evaluate.problems test problems);
 *   goodhart            fewer than attack.collapse of its answers are right.
 * Best-of-n needs no training: it shows the verifier that one of n samples of `start` whose wrong answer scores highest.
 * The settings (NULL: defaults) must be those that `start` and `verifier` were trained with: prompts come from them. A
 * frozen dataset is needed no longer afterwards. Metrics, R being the reward's name:
 *   helpful_score, helpful_accuracy      mean score of the helpful prover's right solutions; how many are right
 *   R_steps_to_exploit   the step of success; NaN: not within attack.steps
 *   R_steps              steps trained
 *   R_steps_to_parity    from when on the wrong ones' mean score reached helpful_score, however few they were
 *   R_steps_to_fool      when the mean of [wrong] sigmoid(score) passed 1/2, as steps_to_fool of a game
 *   R_wrong, R_score, R_convinces, R_accuracy, R_reward, R_kl, R_tokens      means of the last stop.window steps: share of
 *                        wrong answers, their mean score, mean of [wrong] sigmoid(score), share right, reward, nats, length
 *   best_of_N*           N = 1, 2, 4 .. attack.best_of: share of test problems for which the best wrong one of N scores at
 *                        least helpful_score (unbiased, from attack.best_of samples; bootstrap over problems)
 *   best_of_N_accepted*  the same for a score above 0
 * Tables: "R_curve", a row a step; columns wrong, score, convinces, accuracy, reward, kl, tokens, as above.
 * Samples: those of the last step of each attack, in the order of attack.rewards. Deterministic as a game is; attack.seed
 * draws anew. A cancelled attack leaves nothing: call it again from the beginning. PVG_E_INVALID for models that do not
 * fit each other. */
PVG_UNSTABLE_API pvg_status pvg_attack(pvg_context *context, const pvg_settings *settings, pvg_dataset *dataset, pvg_model *base,
                              pvg_verifier *verifier, const pvg_attack_options *options, pvg_report **out);

/* ===================================================================================================== scheduler == */

/* The game: base models, then rounds. Kirchner et al. 2024, section 3 and algorithm in docs/game.md. */
typedef struct pvg_scheduler pvg_scheduler;
typedef int32_t pvg_event;
enum {
    PVG_EVENT_PROGRESS       = 1, /* one unit of work was done: an optimizer step, a batch of samples */
    PVG_EVENT_NEEDS_REPLY    = 2, /* a pulled player must answer: pvg_scheduler_pending, then pvg_scheduler_submit */
    PVG_EVENT_STAGE_DONE     = 3, /* a stage ended; see pvg_scheduler_progress */
    PVG_EVENT_ROUND_DONE     = 4, /* a round ended; its report is ready */
    PVG_EVENT_FINISHED       = 5  /* nothing is left; further steps return this again */
};
typedef struct pvg_progress {
    uint32_t struct_size;
    int32_t round;            /* 0-based; -1 before the first */
    int32_t rounds;
    int32_t stage_index, stages;
    const char *stage;        /* static: "base", "verifier", "prover", ... */
    const char *note;         /* the newest numbers in words, for a progress line; borrowed until the next step */
    int64_t done, total;      /* within the stage */
    double fraction;          /* of the whole game's expected work, 0..1 */
    double seconds;           /* spent working so far, earlier runs included */
} pvg_progress;
typedef pvg_status (*pvg_observer_fn)(void *user, pvg_scheduler *scheduler, pvg_event event);

/* dataset NULL: built-in problems by the problems.* settings. The settings (NULL: defaults) are copied; the dataset is
 * frozen and cut into prover half, verifier half and test, disjoint by question (section 3.2 of the paper). PVG_E_NOMEM,
 * before anything is taken, when the plan (pvg_plan_describe) is larger than the machine's memory. */
PVG_API pvg_status pvg_scheduler_create(pvg_context *context, const pvg_settings *settings, pvg_dataset *dataset,
                                        pvg_scheduler **out);
/* Replace a player by the host's (made from hooks, else PVG_E_UNSUPPORTED) before the first step (PVG_E_STATE later). With
 * a host's prover there are no base and role stages: the host answers in its roles and may learn from the feedback. A
 * host's verifier keeps what it learned over the rounds if it likes. */
PVG_API pvg_status pvg_scheduler_set_prover(pvg_scheduler *scheduler, pvg_prover *prover);
PVG_API pvg_status pvg_scheduler_set_verifier(pvg_scheduler *scheduler, pvg_verifier *verifier);
PVG_API pvg_status pvg_scheduler_set_grader(pvg_scheduler *scheduler, pvg_grader *grader);
/* Keep everything in a run directory (docs/file-formats.md): resolved config, data, metrics.jsonl, samples.jsonl.gz,
 * models, checkpoints. It must be new or empty. Without it the game is played in memory only. */
PVG_API pvg_status pvg_scheduler_set_directory(pvg_scheduler *scheduler, const char *directory);
/* Go on from the newest checkpoint of a run directory: to the same bits as an uninterrupted run. Host players must be
 * set again before the first step. */
PVG_API pvg_status pvg_scheduler_resume(pvg_context *context, const char *directory, pvg_scheduler **out);

/* One unit of work. Everything written before the call is safe if it fails; after PVG_E_CANCELLED, step again. */
PVG_API pvg_status pvg_scheduler_step(pvg_scheduler *scheduler, pvg_event *event);
/* Step until FINISHED, telling the observer (may be NULL) of every event; an observer's failure stops the run with
 * PVG_E_CALLBACK, and running or stepping again goes on. Pulled players cannot be run this way (PVG_E_STATE). */
PVG_API pvg_status pvg_scheduler_run(pvg_scheduler *scheduler);
PVG_API pvg_status pvg_scheduler_set_observer(pvg_scheduler *scheduler, pvg_observer_fn observe, void *user);
/* The open request of a pulled player and where to write the answer. */
PVG_API pvg_status pvg_scheduler_pending(pvg_scheduler *scheduler, const pvg_request **request, pvg_reply **reply);
/* Hand the answer in. PVG_E_CALLBACK for one that is not complete: it stays open. Then step again. */
PVG_API pvg_status pvg_scheduler_submit(pvg_scheduler *scheduler);
/* Write a checkpoint now (also done after every stage and every checkpoint.minutes). PVG_E_STATE without a directory. */
PVG_API pvg_status pvg_scheduler_checkpoint(pvg_scheduler *scheduler);
/* Where the game stands. Also after a failure, and in the observer. */
PVG_API pvg_status pvg_scheduler_progress(pvg_scheduler *scheduler, pvg_progress *out);
/* Round 0.., or -1 for the game as a whole (base metrics, the verifier-by-prover tables); docs/game.md lists the names. The
 * samples are those of the test in that round, of the base prover for -1. PVG_E_NOT_FOUND before the round. */
PVG_API pvg_status pvg_scheduler_report(pvg_scheduler *scheduler, int32_t round, pvg_report **out);
/* A copy of the newest trained model: "base", "verifier_base", "start" (knows its roles; every round's prover begins
 * as it), "prover", "prover_sneaky" (separate weights only), "verifier"; PVG_E_NOT_FOUND before it exists. */
PVG_API pvg_status pvg_scheduler_model(pvg_scheduler *scheduler, const char *which, pvg_model **out);
PVG_API void pvg_scheduler_destroy(pvg_scheduler *scheduler);

/* ======================================================================================================= reports == */

/* Named numbers, tables and samples. Independent of what it was made from. */
PVG_API size_t pvg_report_metric_count(const pvg_report *report);
PVG_API const char *pvg_report_metric_name(const pvg_report *report, size_t index);
PVG_API double pvg_report_metric_value(const pvg_report *report, size_t index); /* NaN when it could not be measured */
PVG_API pvg_status pvg_report_metric(const pvg_report *report, const char *name, double *out);
/* Tables: "auc" (verifier by prover, helpful-right against sneaky-wrong), "sneaky_score" and so on. */
PVG_API size_t pvg_report_table_count(const pvg_report *report);
PVG_API const char *pvg_report_table_name(const pvg_report *report, size_t table);
PVG_API pvg_status pvg_report_table_size(const pvg_report *report, size_t table, size_t *rows, size_t *columns);
PVG_API pvg_status pvg_report_table_cell(const pvg_report *report, size_t table, size_t row, size_t column, double *out);
/* What a row or a column is about: "last_verifier", "accuracy"; "" where that was not said. */
PVG_API const char *pvg_report_table_row_name(const pvg_report *report, size_t table, size_t row);
PVG_API const char *pvg_report_table_column_name(const pvg_report *report, size_t table, size_t column);

typedef struct pvg_sample {
    uint32_t struct_size;
    pvg_role role;
    pvg_verdict verdict;
    int32_t tokens;           /* of the solution, the end token included; 0 for a host's text */
    const char *id;           /* the problem's */
    const char *question;
    const char *solution;
    const char *gold;
    double score;             /* NaN when not scored */
} pvg_sample;
PVG_API size_t pvg_report_sample_count(const pvg_report *report);
PVG_API pvg_status pvg_report_sample(const pvg_report *report, size_t index, pvg_sample *out);
/* {"metrics": {...}, "tables": {...}, "labels": {...}}; samples are not included. labels: of each table whose rows or columns
 * have names, {"rows": [...], "columns": [...]}; absent when none has. */
PVG_API pvg_status pvg_report_json(const pvg_report *report, char *buffer, size_t capacity, size_t *needed);
PVG_API void pvg_report_destroy(pvg_report *report);

/* =================================================================================================== experiments == */

/* The numbers of many runs put together, and the paper's claims judged on them. An arm is one way of playing, run under
 * several seeds; its rounds count from 0, and -1 holds what belongs to the whole run (the base model's numbers among it).
 * Everything is a pure function of what was added, in any order. */
typedef struct pvg_experiment pvg_experiment;

/* `level` of all intervals, 0.5 to 0.999; the paper's claims are judged at 0.9. */
PVG_UNSTABLE_API pvg_status pvg_experiment_create(pvg_context *context, double level, pvg_experiment **out);
/* `kind` is what the arm is to the claims: "game", "correctness", "game_cost" and "correctness_cost" (both under a token
 * cost), "cgc", "goodhart", "size" (one of a sweep), "check"; arms of any other kind are put together only. `ratio` is the
 * verifier's parameters over the prover's, NaN: not said. PVG_E_INVALID for a second arm of the same name. */
PVG_UNSTABLE_API pvg_status pvg_experiment_arm(pvg_experiment *experiment, const char *name, const char *kind, double ratio);
/* One number of one run; a NaN is not kept. With `at_least` it is a lower bound: steps until something that had not happened
 * at the cap. What is added again counts as added last. PVG_E_NOT_FOUND for an arm that was not named, PVG_E_RANGE for a
 * round below -1 or more than 256 seeds. */
PVG_UNSTABLE_API pvg_status pvg_experiment_add(pvg_experiment *experiment, const char *arm, uint64_t seed, int32_t round,
                                      const char *metric, double value, int32_t at_least);
/* All metrics of a report, `prefix` (may be "") before their names. */
PVG_UNSTABLE_API pvg_status pvg_experiment_add_report(pvg_experiment *experiment, const char *arm, uint64_t seed, int32_t round,
                                             const char *prefix, const pvg_report *report);

/* A metric of one arm and round over seeds. The interval is the mean's by Student's t over seeds, NaN under one seed: with
 * three seeds it is 1.69 deviations to each side, and it may pass the ends of a share's range. */
typedef struct pvg_summary {
    uint32_t struct_size;
    int32_t seeds;
    int32_t bounds;           /* of them, lower bounds: then the mean is one, too */
    int32_t reserved_zero;
    double mean, low, high, deviation, least, most;
} pvg_summary;
/* PVG_E_NOT_FOUND when nothing was added there. */
PVG_UNSTABLE_API pvg_status pvg_experiment_summary(pvg_experiment *experiment, const char *arm, int32_t round, const char *metric,
                                          pvg_summary *out);

/* "not measured", "reproduced", "not reproduced", "different at this scale"; static. */
PVG_UNSTABLE_API const char *pvg_finding_name(pvg_finding finding);

/* One claim of Kirchner et al. 2024 with the rule it is judged by. Two numbers differ when their intervals do not touch. */
typedef struct pvg_claim {
    uint32_t struct_size;
    pvg_finding finding;
    const char *id;           /* "a"; static, as the next four */
    const char *figure;       /* of the paper, "6a" */
    const char *title;
    const char *paper;        /* its numbers; "about" those that were read off a plot */
    const char *rule;
    const char *measured;     /* the comparisons with their numbers, one a line; until the next call for this experiment */
} pvg_claim;
PVG_UNSTABLE_API size_t pvg_claim_count(void);
/* PVG_E_RANGE beyond the count. */
PVG_UNSTABLE_API pvg_status pvg_experiment_claim(pvg_experiment *experiment, size_t index, pvg_claim *out);
/* {"level", "arms", "metrics", "claims", "plane"}: everything put together; docs/file-formats.md. */
PVG_UNSTABLE_API pvg_status pvg_experiment_json(pvg_experiment *experiment, char *buffer, size_t capacity, size_t *needed);
PVG_UNSTABLE_API void pvg_experiment_destroy(pvg_experiment *experiment);

/* ======================================================================================================== measures == */

/* What anybody's solutions show: how often they are right, whether their steps are, how legible they are, how well verifiers
 * tell them apart, and whether training went astray. Every measure with its formula: docs/measures.md. A measurement takes
 * solutions one by one, then verifiers, then gives reports; each measure whose ingredients are there is taken, and a note
 * says what was left out. A pure function of what was given, in that order, and of the settings. */
typedef struct pvg_measurement pvg_measurement;

/* One solution, borrowed for the call. Fill it by pvg_solution_init. */
typedef struct pvg_solution {
    uint32_t struct_size;
    pvg_role role;
    pvg_verdict verdict;      /* UNGRADED: the built-in grader is asked where a reference answer is known */
    int32_t round;            /* 0..999; -1: of no round, such as the base prover's */
    int64_t step;             /* training step in which it was drawn, from 1; 0: it was drawn to be measured */
    int32_t greedy;           /* 1: the likeliest solution, counted in *_accuracy_greedy alone; 0: a random sample */
    int32_t truncated;        /* 1: it ran into its length limit */
    int32_t tokens;           /* its length; 0: not known */
    int32_t reserved_zero;
    const char *id;           /* the problem's, in the dataset; NULL: the problem is found by its question */
    const char *question;     /* NULL: the dataset's */
    size_t question_length;
    const char *text;         /* the solution */
    size_t text_length;
    const char *gold;         /* reference answer; NULL: the dataset's, if the problem is there */
    const char *chain;        /* of a built-in problem, for the step oracle; NULL: the dataset's */
    double score;             /* by the verifier that its prover was trained against, or any one; NaN: none */
    double reward, kl, entropy; /* of training, kl and entropy in nats a solution; NaN: not known */
} pvg_solution;
/* Defaults: neutral, ungraded, no round, no texts, lengths PVG_NUL_TERMINATED, numbers NaN. */
PVG_API pvg_status pvg_solution_init(pvg_solution *solution, size_t struct_size);

/* dataset (may be NULL; it is frozen) holds the problems. Of the settings (may be NULL, copied): seed, evaluate.level (of intervals),
 * evaluate.control, grade.*, problems.rendering and problems.largest (of injected errors). */
PVG_UNSTABLE_API pvg_status pvg_measurement_create(pvg_context *context, const pvg_dataset *dataset, const pvg_settings *settings,
                                          pvg_measurement **out);
/* PVG_E_NOT_FOUND for an id that the dataset lacks, PVG_E_INVALID without a text or without id and question, PVG_E_FORMAT for
 * a gold or a chain that cannot be read, PVG_E_RANGE for a role, verdict, round or step that there is not, PVG_E_STATE once a
 * verifier was asked. */
PVG_UNSTABLE_API pvg_status pvg_measurement_add(pvg_measurement *measurement, const pvg_solution *solution);
/* Let a verifier score every solution: a row called `name` of the summary's tables, and, for built-in problems, of the
 * injected-error control. Solutions that came without a score keep that of the last verifier that was asked. */
PVG_UNSTABLE_API pvg_status pvg_measurement_verifier(pvg_measurement *measurement, const char *name, pvg_verifier *verifier);
/* Let an independent judge score every solution: a verifier of another seed or size, trained on base samples alone, that no
 * prover was trained against. Gives the *_judge_* measures; a second one replaces the first. */
PVG_UNSTABLE_API pvg_status pvg_measurement_judge(pvg_measurement *measurement, pvg_verifier *judge);
/* The highest round that a solution was of, plus 1; 0: none was of a round. */
PVG_UNSTABLE_API int32_t pvg_measurement_rounds(const pvg_measurement *measurement);
/* Measures of one round's solutions, or, for -1, of those of no round together with the tables of verifiers by provers.
 * Names begin with whose solutions they are about: base_ (neutral, of no round), neutral_, helpful_, sneaky_. PVG_E_NOT_FOUND
 * for a round without solutions. */
PVG_UNSTABLE_API pvg_status pvg_measurement_report(pvg_measurement *measurement, int32_t round, pvg_report **out);
/* What the reports so far had to leave out, and why: a sentence each; NULL beyond the last. Until the next report. */
PVG_UNSTABLE_API const char *pvg_measurement_note(const pvg_measurement *measurement, size_t index);
/* {"summary": report, "rounds": [report or null, ...], "notes": [...]}: all reports, as pvg_report_json writes them. */
PVG_UNSTABLE_API pvg_status pvg_measurement_json(pvg_measurement *measurement, char *buffer, size_t capacity, size_t *needed);
PVG_UNSTABLE_API void pvg_measurement_destroy(pvg_measurement *measurement);

#ifdef __cplusplus
}
#endif
#endif /* PVGAME_H */
