/* pvgame_context.h - versions, contexts, errors, and the machine. Included by pvgame.h.
 *
 * A program begins with a context. It holds the worker threads, the allocator, the log and the last error, and
 * everything else is made from it:
 *
 *     pvg_context *context;
 *     if (pvg_context_create(NULL, &context) != PVG_OK) return 1;
 *     if (pvg_settings_create(context, &settings) != PVG_OK) puts(pvg_error_message(context));
 *     pvg_context_destroy(context);
 *
 * Two threads that work at once have a context each. A service that plays one game at a time has one for its life. */
#ifndef LIBPVGAME_CONTEXT_H
#define LIBPVGAME_CONTEXT_H

#include "pvgame_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ======================================================================================================= version == */

/* The version of this header: of the compiled program, where pvg_version_number is that of the library that runs. A new
 * major version may break programs (while it is 0, a minor one), */
#define PVG_VERSION_MAJOR 0
/* a minor one adds, */
#define PVG_VERSION_MINOR 1
/* and a patch mends. */
#define PVG_VERSION_PATCH 0

/* Which library is running: major * 1000000 + minor * 1000 + patch. Any thread. */
PVG_API uint32_t pvg_version_number(void);

/* Which library is running, as text: "0.1.0". Static; any thread. */
PVG_API const char *pvg_version_string(void);

/* 1 if this library can serve a program compiled with the header of that version, else 0: the same major version, and a
 * minor one not above its own. Call it first, with PVG_VERSION_MAJOR and PVG_VERSION_MINOR, when the library was opened
 * at run time: a binding, a plug-in. (A program that was linked need not: the dynamic linker has asked.) Any thread. */
PVG_API int32_t pvg_abi_accepts(uint32_t header_major, uint32_t header_minor);

/* The constant's name, "PVG_E_IO" and so on, for logs; "unknown status" for any other number. Static; any thread. */
PVG_API const char *pvg_status_name(pvg_status status);

/* "correct", "wrong", "no_answer", "ambiguous", "truncated" or "ungraded"; "unknown" for any other number. These are
 * also the words of files and of the program. Static; any thread. */
PVG_API const char *pvg_verdict_name(pvg_verdict verdict);

/* "neutral", "helpful" or "sneaky"; "unknown" for any other number. These are also the words of files and of the
 * program. Static; any thread. */
PVG_API const char *pvg_role_name(pvg_role role);

/* ======================================================================================================= context == */

/* Holds the allocator, the log, the worker threads and the last error. It is counted: it lives until it was destroyed
 * and every object made from it was, too. */
typedef struct pvg_context pvg_context;

/* Where memory comes from, when not from the C library. Both functions may be called from any thread, several at once,
 * and must not call the library. OpenBLAS, Jansson, GMP, PCRE2 and zlib use the C library's allocator for their own
 * small needs. */
typedef struct pvg_allocator {
    uint32_t struct_size;     /* sizeof(pvg_allocator) */
    uint32_t reserved_zero;
    /* A block of `size` bytes (at least 1) aligned to `align` (a power of two), or NULL when there is none. */
    void *(*allocate)(void *user, size_t size, size_t align);
    /* Takes a block back, with the size and align it was asked with. Never NULL. */
    void (*release)(void *user, void *block, size_t size, size_t align);
    void *user;               /* handed to both */
} pvg_allocator;

/* Receives one line, without newline, valid until the hook returns. May be called from any thread, several at once, and
 * must not call the library. */
typedef void (*pvg_log_fn)(void *user, pvg_log_level level, const char *component, const char *message);

/* Which kernels compute. All but OPENBLAS give the same bits; docs/blas.md. */
typedef int32_t pvg_engine;
enum {
    PVG_ENGINE_BEST     = 0, /* AVX-512, else AVX2 with FMA, else OpenBLAS */
    PVG_ENGINE_PORTABLE = 1, /* plain C; slow, for comparison */
    PVG_ENGINE_AVX2     = 2, /* pairs of 256-bit registers */
    PVG_ENGINE_AVX512   = 3, /* 512-bit registers */
    PVG_ENGINE_OPENBLAS = 4  /* matrix products by OpenBLAS: where there is neither */
};

/* How a context is made. Fill it by pvg_context_options_init, then change what is to be different. */
typedef struct pvg_context_options {
    uint32_t struct_size;     /* sizeof(pvg_context_options) */
    int32_t threads;          /* workers, the caller included; 0: one per processor this process may use; at most 256 */
    pvg_engine engine;        /* PVG_E_UNSUPPORTED if this machine cannot */
    pvg_log_level log_level;  /* what the log is told; 0, PVG_LOG_OFF, unless set */
    pvg_log_fn log;           /* NULL: silent */
    void *log_user;           /* handed to `log` */
    const pvg_allocator *allocator; /* NULL: the C library; copied */
    uint64_t memory_limit;    /* bytes the library may hold; 0: no limit. Beyond it allocation fails with PVG_E_NOMEM */
} pvg_context_options;

/* Fills *options with defaults. struct_size is sizeof(pvg_context_options) as the caller knows it, which is how an
 * older program says that it is one. Any thread. */
PVG_API pvg_status pvg_context_options_init(pvg_context_options *options, size_t struct_size);

/* Makes a context and starts its workers, which sleep until there is work. `options` may be NULL for defaults; it is
 * read during the call only. There is no context yet to hold a message: a failure is only its code, and the sentence
 * goes to options->log. PVG_E_RANGE for a number of threads, an engine or a log level that is none; PVG_E_UNSUPPORTED
 * for an engine that this machine or this build lacks, and for fields that this library does not know. */
PVG_API pvg_status pvg_context_create(const pvg_context_options *options, pvg_context **out);

/* Gives the context up; it goes when the last object made from it does. */
PVG_API void pvg_context_destroy(pvg_context *context);

/* Asks the call in progress to stop at its next safe point (within an optimizer step or a batch of samples) with
 * PVG_E_CANCELLED. Nothing is lost: after pvg_context_resume the same call made again goes on, to the same bits. Later
 * calls that work for long are cancelled, too, until then. Any thread, also from a signal handler. */
PVG_API void pvg_context_cancel(pvg_context *context);

/* Clears a cancellation. Any thread. */
PVG_API void pvg_context_resume(pvg_context *context);

/* The code of the last failure of any call on this context or its objects; a success does not clear it. PVG_OK when
 * there was none. */
PVG_API pvg_status pvg_error_code(const pvg_context *context);

/* The last failure as one sentence that names the file, line, field or setting, what was found and what is wanted.
 * Never NULL; "" when there was none. Borrowed until the next failure on this context: copy it to keep it. The wording
 * may change with any version. */
PVG_API const char *pvg_error_message(const pvg_context *context);

/* The part of the library that failed, a word: "settings", "dataset", "scheduler". Static. */
PVG_API const char *pvg_error_component(const pvg_context *context);

/* How many threads work, the caller included; 0 for NULL. */
PVG_API int32_t pvg_context_threads(const pvg_context *context);

/* Bytes held now through the allocator, by the context and all its objects. What is left after all objects but the
 * context were destroyed belongs to the workers. Any thread. */
PVG_API uint64_t pvg_memory_used(const pvg_context *context);

/* Most bytes ever held. Any thread. */
PVG_API uint64_t pvg_memory_peak(const pvg_context *context);

/* ======================================================================================================= machine == */

/* The machine as JSON, under 4096 bytes: {"library", "processor", "features", "processors", "threads", "memory"
 * (bytes), "engine", "openblas": {"build", "core", "threading", "config"}, "gflops": {"peak", "engine", "openblas"}}.
 * With `measure` (1; about a second) gflops are rates of one core: fused multiply-adds out of registers, and a 512 x
 * 512 x 512 product by the engine and by OpenBLAS; else null. Measure into a buffer at once: asking for the size
 * measures, too. Further keys may be added. PVG_E_BUFFER for a short buffer. */
PVG_API pvg_status pvg_machine_describe(pvg_context *context, int32_t measure, char *buffer, size_t capacity,
                                        size_t *needed);

/* How a benchmark is run. Zeros, but for struct_size, are the defaults. */
typedef struct pvg_benchmark_options {
    uint32_t struct_size;     /* sizeof(pvg_benchmark_options) */
    int32_t batch;            /* sequences at a time; 0: train 16 (L 4), generate 64, score 64 (L 40); at most 4096 */
    int32_t reps;             /* timed repetitions, after one that is not; 0: 5; at most 1000 */
    int32_t reserved_zero;
    /* `done` of `total` repetitions are; a hook (THREADS 5). NULL: none. */
    void (*progress)(void *user, int32_t done, int32_t total);
    void *user;               /* handed to `progress` */
} pvg_benchmark_options;

/* How fast this machine does what a game does, in the context's threads and engine: what "train" (language modelling on
 * whole contexts), "generate" (64 prompt tokens, 128 new ones, no two prompts alike) or "score" (a scalar head on whole
 * contexts); size "S" (4 layers, width 128, 4 heads, vocabulary 512), "M" (6, 384, 6, 4096), "L" (12, 768, 12, 50257:
 * as many parameters as GPT-2 small), "XS" to try it; context 256. Random weights and tokens. options NULL: defaults.
 * One line of JSON, under 2048 bytes, of medians: {"benchmark", "size", "layers", "width", "heads", "hidden", "vocab",
 * "context", "params", "batch", "reps", "threads", "engine", "tok_s" (tokens predicted or read a second) or
 * "decode_tok_s", "total_tok_s" (new tokens a second, without and with the prompts' work; 0 where other work on the
 * machine drowns the difference), "prefill_tok_s", "gflops" (useful work: two operations a multiply-add, the causal
 * half of attention, no lookups; of decoding), "peak_gflops" (fused multiply-adds out of registers before each repetition,
 * times threads), "peak_share", "seconds" {"whole" and by part}, "spread" ((slowest - fastest) / median), "held_mib"
 * (most ever held by the context), "peak_rss_mib" (by the process)}. Call with a buffer at once: asking for the size
 * runs it, too. PVG_E_NOT_FOUND for other names; PVG_E_RANGE for a batch or repetitions outside their bounds;
 * PVG_E_CANCELLED. docs/performance.md says what is measured how. */
PVG_API pvg_status pvg_benchmark(pvg_context *context, const char *what, const char *size,
                                 const pvg_benchmark_options *options, char *buffer, size_t capacity, size_t *needed);

#ifdef __cplusplus
}
#endif
#endif /* LIBPVGAME_CONTEXT_H */
