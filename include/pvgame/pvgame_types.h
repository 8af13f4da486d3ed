/* pvgame_types.h - the vocabulary of libpvgame: codes, constants and the marks of its functions.
 *
 * Included by pvgame.h; a program includes that one. Every constant below is part of the ABI: values are never
 * changed or reused, new ones are only appended, so a program must expect values that it does not know. They are
 * anonymous enumerators carried in fixed-width integers, because the size of an enum type is the compiler's choice and
 * foreign-function layers guess it wrongly. */
#ifndef PVGAME_TYPES_H
#define PVGAME_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* Marks every function of the library. Define PVG_STATIC when linking libpvgame.a or compiling pvgame.c in. */
#if defined(PVG_STATIC)
#  define PVG_API
#elif defined(__GNUC__)
#  define PVG_API __attribute__((visibility("default")))
#else
#  define PVG_API
#endif

/* A function that no promise is made for yet: a minor version may change or remove it. docs/abi.md. */
#define PVG_UNSTABLE_API PVG_API

/* In place of a text's length: it ends at its NUL. */
#define PVG_NUL_TERMINATED ((size_t)-1)

/* Status of every fallible call: PVG_OK or a negative code, one for each decision a caller can take. The sentence
 * that says what was found and what is wanted is in the context (pvg_error_message). */
typedef int32_t pvg_status;
enum {
    PVG_OK            =   0, /* done; every output is written */
    PVG_E_INVALID     =  -1, /* an argument is wrong: a null pointer, a bad combination; a mistake in the program */
    PVG_E_NOMEM       =  -2, /* the allocator refused, or the planned memory exceeds the limit */
    PVG_E_IO          =  -3, /* a file could not be opened, read or written; disk full */
    PVG_E_FORMAT      =  -4, /* a file or a text is damaged or not of the stated format */
    PVG_E_TOO_NEW     =  -5, /* a file was written by a newer version of the library */
    PVG_E_STATE       =  -6, /* the call does not fit the object's state, for example adding to a frozen dataset */
    PVG_E_RANGE       =  -7, /* a number or a setting is outside its stated range, or would overflow */
    PVG_E_NOT_FOUND   =  -8, /* no such setting, field, item, file, or answer visible to this player */
    PVG_E_BUSY        =  -9, /* the object is in use: a hook called back into its own context */
    PVG_E_NUMERIC     = -10, /* a number became NaN or infinite; nothing was written after it */
    PVG_E_CALLBACK    = -11, /* a hook failed, or returned without answering every item */
    PVG_E_CANCELLED   = -12, /* pvg_context_cancel was called; the work can go on from where it stopped */
    PVG_E_BUFFER      = -13, /* the caller's buffer is too small; the size wanted is in *needed */
    PVG_E_UNSUPPORTED = -14, /* valid, but this version does not do it */
    PVG_E_INTERNAL    = -15  /* a broken invariant inside the library: please report it */
};

/* Who speaks. Kirchner et al. 2024, section 3.1: one prover, conditioned on a role drawn with probability 1/2. */
typedef int32_t pvg_role;
enum {
    PVG_ROLE_NEUTRAL = 0, /* the base prover, before roles; also how a verifier always sees a solution */
    PVG_ROLE_HELPFUL = 1, /* convince the verifier with a correct solution */
    PVG_ROLE_SNEAKY  = 2  /* convince the verifier with a wrong one */
};

/* What the grader says of a solution's final answer. Only CORRECT counts as correct, and only WRONG (an answer that
 * was read and differs) can earn a sneaky reward. */
typedef int32_t pvg_verdict;
enum {
    PVG_VERDICT_UNGRADED  = 0, /* nobody has looked: a new sample, a problem without a reference answer */
    PVG_VERDICT_CORRECT   = 1, /* one final answer was read, and it equals the reference */
    PVG_VERDICT_WRONG     = 2, /* one final answer was read, and it differs */
    PVG_VERDICT_NO_ANSWER = 3, /* finished, but no final answer could be read */
    PVG_VERDICT_AMBIGUOUS = 4, /* two final answers that contradict each other */
    PVG_VERDICT_TRUNCATED = 5  /* the solution ran into its length limit before it ended */
};

/* How much the log is told; each level includes those before it. */
typedef int32_t pvg_log_level;
enum {
    PVG_LOG_OFF   = 0, /* nothing */
    PVG_LOG_ERROR = 1, /* failures that have no context to hold their sentence: of pvg_context_create */
    PVG_LOG_WARN  = 2, /* what works but is hardly wanted */
    PVG_LOG_INFO  = 3, /* what was made: a context, with its engine and threads */
    PVG_LOG_DEBUG = 4  /* for the library's own developers */
};

/* How the built-in problems are written. */
typedef int32_t pvg_rendering;
enum {
    PVG_RENDERING_COMPACT = 0, /* chains of clauses, one short token each */
    PVG_RENDERING_ENGLISH = 1  /* word problems in plain English */
};

/* Errors that pvg_problem_inject can put into a correct solution; each is followed through consistently. */
typedef int32_t pvg_injection;
enum {
    PVG_INJECT_NONE       = 0, /* a full correct solution */
    PVG_INJECT_RESULT     = 1, /* one step's result is off, later steps use it */
    PVG_INJECT_OPERAND    = 2, /* one step uses a wrong starting value or operand */
    PVG_INJECT_DISTRACTOR = 3, /* one step uses the distractor's operation */
    PVG_INJECT_ANSWER     = 4  /* every step right, the final answer off */
};

/* What an experiment says of a claim of the paper. */
typedef int32_t pvg_finding;
enum {
    PVG_FINDING_NOT_MEASURED   = 0, /* a number is missing, or there is one seed only */
    PVG_FINDING_REPRODUCED     = 1, /* every comparison of the rule holds */
    PVG_FINDING_NOT_REPRODUCED = 2, /* the intervals touch, or a mark is missed: the claim is not shown */
    PVG_FINDING_DIFFERENT      = 3  /* the contrary is shown, or what the claim starts from is not there at this scale */
};

#endif /* PVGAME_TYPES_H */
