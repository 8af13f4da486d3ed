/* pvgame.h - checkability training as a C library: the only header a program includes, and its manual.
 *
 * WHAT IT DOES
 *   Prover-verifier games (Kirchner, Chen, Edwards, Leike, McAleese, Burda 2024, arXiv 2407.13692; "K" below) train a
 *   prover so that a small verifier, and a person with little time, can check what it writes. One prover plays two roles:
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
 *   See examples/ for complete programs and docs/getting-started-c.md for a walk through one.
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
 *   docs/threading.md explains each.
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
 *   Every function may give PVG_E_INVALID (a null pointer, objects of two contexts), PVG_E_NOMEM (the allocator refused)
 *   and PVG_E_BUSY (called inside a hook); what is said at a function is what else it gives. docs/errors.md has all of
 *   them, with what to do.
 *
 * DETERMINISM
 *   Same library, same CPU features, same settings (the seed is one), same dataset: the same bits, whatever the number
 *   of threads, the batch mates or the interruptions. See docs/determinism.md.
 *
 * PARTS
 *   In the order in which a program meets them; each begins with what it is for. */
#ifndef PVGAME_H
#define PVGAME_H

#include "pvgame_types.h"    /* status codes, roles, verdicts */
#include "pvgame_context.h"  /* versions, contexts, errors, the machine */
#include "pvgame_settings.h" /* what a game is described by */
#include "pvgame_data.h"     /* problems with exact answers, the step oracle */
#include "pvgame_model.h"    /* tokenizers and models */
#include "pvgame_exchange.h" /* requests, replies, feedback: what a host's player sees */
#include "pvgame_report.h"   /* named numbers, tables and samples */
#include "pvgame_players.h"  /* provers, verifiers, graders, and measuring them */
#include "pvgame_game.h"     /* the game */
#include "pvgame_unstable.h" /* attacks, measurements, experiments: no promise yet */

#endif /* PVGAME_H */
