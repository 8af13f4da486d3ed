"""Generated from include/pvgame/pvgame.h by generate.py: do not edit."""
from ctypes import CDLL, Structure, c_void_p
from enum import IntEnum
from typing import Any, Dict, List, Optional, Tuple

class Values(IntEnum): ...

PVG_NUL_TERMINATED: int
PVG_VERSION_MAJOR: int
PVG_VERSION_MINOR: int
PVG_VERSION_PATCH: int
PVG_OK: int
PVG_E_INVALID: int
PVG_E_NOMEM: int
PVG_E_IO: int
PVG_E_FORMAT: int
PVG_E_TOO_NEW: int
PVG_E_STATE: int
PVG_E_RANGE: int
PVG_E_NOT_FOUND: int
PVG_E_BUSY: int
PVG_E_NUMERIC: int
PVG_E_CALLBACK: int
PVG_E_CANCELLED: int
PVG_E_BUFFER: int
PVG_E_UNSUPPORTED: int
PVG_E_INTERNAL: int
PVG_ROLE_NEUTRAL: int
PVG_ROLE_HELPFUL: int
PVG_ROLE_SNEAKY: int
PVG_VERDICT_UNGRADED: int
PVG_VERDICT_CORRECT: int
PVG_VERDICT_WRONG: int
PVG_VERDICT_NO_ANSWER: int
PVG_VERDICT_AMBIGUOUS: int
PVG_VERDICT_TRUNCATED: int
PVG_LOG_OFF: int
PVG_LOG_ERROR: int
PVG_LOG_WARN: int
PVG_LOG_INFO: int
PVG_LOG_DEBUG: int
PVG_RENDERING_COMPACT: int
PVG_RENDERING_ENGLISH: int
PVG_INJECT_NONE: int
PVG_INJECT_RESULT: int
PVG_INJECT_OPERAND: int
PVG_INJECT_DISTRACTOR: int
PVG_INJECT_ANSWER: int
PVG_FINDING_NOT_MEASURED: int
PVG_FINDING_REPRODUCED: int
PVG_FINDING_NOT_REPRODUCED: int
PVG_FINDING_DIFFERENT: int
PVG_ENGINE_BEST: int
PVG_ENGINE_PORTABLE: int
PVG_ENGINE_AVX2: int
PVG_ENGINE_AVX512: int
PVG_ENGINE_OPENBLAS: int
PVG_SETTING_INT: int
PVG_SETTING_REAL: int
PVG_SETTING_TEXT: int
PVG_SETTING_FLAG: int
PVG_SETTING_CHOICE: int
PVG_REQUEST_PROVE: int
PVG_REQUEST_VERIFY: int
PVG_REQUEST_GRADE: int
PVG_EVENT_PROGRESS: int
PVG_EVENT_NEEDS_REPLY: int
PVG_EVENT_STAGE_DONE: int
PVG_EVENT_ROUND_DONE: int
PVG_EVENT_FINISHED: int

class Status(Values):
    OK = 0
    E_INVALID = -1
    E_NOMEM = -2
    E_IO = -3
    E_FORMAT = -4
    E_TOO_NEW = -5
    E_STATE = -6
    E_RANGE = -7
    E_NOT_FOUND = -8
    E_BUSY = -9
    E_NUMERIC = -10
    E_CALLBACK = -11
    E_CANCELLED = -12
    E_BUFFER = -13
    E_UNSUPPORTED = -14
    E_INTERNAL = -15

class Role(Values):
    NEUTRAL = 0
    HELPFUL = 1
    SNEAKY = 2

class Verdict(Values):
    UNGRADED = 0
    CORRECT = 1
    WRONG = 2
    NO_ANSWER = 3
    AMBIGUOUS = 4
    TRUNCATED = 5

class LogLevel(Values):
    OFF = 0
    ERROR = 1
    WARN = 2
    INFO = 3
    DEBUG = 4

class Rendering(Values):
    COMPACT = 0
    ENGLISH = 1

class Injection(Values):
    NONE = 0
    RESULT = 1
    OPERAND = 2
    DISTRACTOR = 3
    ANSWER = 4

class Finding(Values):
    NOT_MEASURED = 0
    REPRODUCED = 1
    NOT_REPRODUCED = 2
    DIFFERENT = 3

class Engine(Values):
    BEST = 0
    PORTABLE = 1
    AVX2 = 2
    AVX512 = 3
    OPENBLAS = 4

class SettingKind(Values):
    INT = 1
    REAL = 2
    TEXT = 3
    FLAG = 4
    CHOICE = 5

class RequestKind(Values):
    PROVE = 1
    VERIFY = 2
    GRADE = 3

class Event(Values):
    PROGRESS = 1
    NEEDS_REPLY = 2
    STAGE_DONE = 3
    ROUND_DONE = 4
    FINISHED = 5

class pvg_context(c_void_p):
    """Holds the allocator, the log, the worker threads and the last error. It is counted: it lives until it was destroyed
    and every object made from it was, too."""

class pvg_settings(c_void_p):
    """A value for every setting there is."""

class pvg_dataset(c_void_p):
    """Problems with exact answers. Immutable once frozen; a game freezes what it is given."""

class pvg_tokenizer(c_void_p):
    """Byte-level BPE, as Hugging Face's tokenizer.json. Immutable: size, encode and decode may be called from any thread at
    any time, and therefore give only a status, no message."""

class pvg_model(c_void_p):
    """A Llama-family decoder: a prover (LM head) or a verifier (a scalar head on the same trunk), with its tokenizer."""

class pvg_request(c_void_p):
    """What is asked: a batch of items. Read-only; it lives until the hook returns, or until pvg_scheduler_submit."""

class pvg_reply(c_void_p):
    """Where the answers go: one for every item. Write-only; it lives as long as its request, and copies what it is
    given."""

class pvg_feedback(c_void_p):
    """What came of an earlier request. Read-only; it lives until the hook returns."""

class pvg_report(c_void_p):
    """Named numbers, tables and samples."""

class pvg_prover(c_void_p):
    """Writes solutions."""

class pvg_verifier(c_void_p):
    """Says how convincing a solution is, without knowing the answer or who wrote it."""

class pvg_grader(c_void_p):
    """Says whether a solution's final answer is the reference answer."""

class pvg_scheduler(c_void_p):
    """A game being played."""

class pvg_experiment(c_void_p):
    """The numbers of many runs put together, and the paper's claims judged on them. An arm is one way of playing, run under
    several seeds; its rounds count from 0, and -1 holds what belongs to the whole run (the base model's numbers among
    it). Everything is a pure function of what was added, in any order."""

class pvg_measurement(c_void_p):
    """What anybody's solutions show: how often they are right, whether their steps are, how legible they are, how well
    verifiers tell them apart, and whether training went astray. Every measure with its formula: docs/measures.md. A
    measurement takes solutions one by one, then verifiers, then gives reports; each measure whose ingredients are there
    is taken, and a note says what was left out. A pure function of what was given, in that order, and of the
    settings."""

pvg_allocator_allocate_fn: Any

pvg_allocator_release_fn: Any

pvg_log_fn: Any

pvg_benchmark_options_progress_fn: Any

pvg_hooks_answer_fn: Any

pvg_hooks_learn_fn: Any

pvg_hooks_finish_fn: Any

pvg_observer_fn: Any

pvg_attack_options_progress_fn: Any

class pvg_allocator(Structure):
    """Where memory comes from, when not from the C library. Both functions may be called from any thread, several at once,
    and must not call the library. OpenBLAS, Jansson, GMP, PCRE2 and zlib use the C library's allocator for their own
    small needs."""
    struct_size: int
    reserved_zero: int
    allocate: Any
    release: Any
    user: Any

class pvg_context_options(Structure):
    """How a context is made. Fill it by pvg_context_options_init, then change what is to be different."""
    struct_size: int
    threads: int
    engine: int
    log_level: int
    log: Any
    log_user: Any
    allocator: Any
    memory_limit: int

class pvg_benchmark_options(Structure):
    """How a benchmark is run. Zeros, but for struct_size, are the defaults."""
    struct_size: int
    batch: int
    reps: int
    reserved_zero: int
    progress: Any
    user: Any

class pvg_problem(Structure):
    """One problem, borrowed from its dataset. Set struct_size before the call."""
    struct_size: int
    label: int
    id: Optional[bytes]
    question: Optional[bytes]
    gold: Optional[bytes]
    solution: Optional[bytes]
    candidate: Optional[bytes]
    chain: Optional[bytes]
    line: int

class pvg_oracle_result(Structure):
    """What the step oracle says of a written solution of a built-in problem. It knows every step of the problem and reads
    each line of the solution against them. Set struct_size before the call."""
    struct_size: int
    steps: int
    full: int
    bare: int
    omitted: int
    arithmetic_errors: int
    grounding_errors: int
    mismatch: int
    answered: int
    right: int
    valid: int
    fully_shown: int
    answer: int
    lines: int
    first_error: int

class pvg_oracle_line(Structure):
    """One step line of a solution as the oracle reads it. Set struct_size before the call."""
    struct_size: int
    step: int
    full: int
    arithmetic: int
    grounded: int
    distractor: int
    omitted: int
    reserved_zero: int
    begin: int
    end: int

class pvg_hooks(Structure):
    """A host's player. Fill it by pvg_hooks_init, then set what is wanted. The hooks are the library's from the moment that
    they are handed in: `finish` runs exactly once, when the player is gone, also when making it fails. A hook returns
    PVG_OK, or any other status to fail the call that led to it with PVG_E_CALLBACK; so does an item that was left
    without an answer. An exception or a longjmp must not leave a hook."""
    struct_size: int
    reserved_zero: int
    answer: Any
    learn: Any
    finish: Any
    user: Any

class pvg_sample(Structure):
    """One solution that was looked at. Set struct_size before the call."""
    struct_size: int
    role: int
    verdict: int
    tokens: int
    id: Optional[bytes]
    question: Optional[bytes]
    solution: Optional[bytes]
    gold: Optional[bytes]
    score: float

class pvg_progress(Structure):
    """Where a game stands. Set struct_size before the call."""
    struct_size: int
    round: int
    rounds: int
    stage_index: int
    stages: int
    stage: Optional[bytes]
    note: Optional[bytes]
    done: int
    total: int
    fraction: float
    seconds: float

class pvg_attack_options(Structure):
    """Can a frozen verifier be exploited, and how soon? Kirchner et al. 2024, section 4.2 and figure 6."""
    struct_size: int
    reserved_zero: int
    start: Optional[pvg_model]
    helpful: Optional[pvg_prover]
    grader: Optional[pvg_grader]
    progress: Any
    user: Any

class pvg_summary(Structure):
    """A metric of one arm and round over seeds. The interval is the mean's by Student's t over seeds, NaN under one seed:
    with three seeds it is 1.69 deviations to each side, and it may pass the ends of a share's range."""
    struct_size: int
    seeds: int
    bounds: int
    reserved_zero: int
    mean: float
    low: float
    high: float
    deviation: float
    least: float
    most: float

class pvg_claim(Structure):
    """One claim of Kirchner et al. 2024 with the rule it is judged by. Two numbers differ when their intervals do not
    touch."""
    struct_size: int
    finding: int
    id: Optional[bytes]
    figure: Optional[bytes]
    title: Optional[bytes]
    paper: Optional[bytes]
    rule: Optional[bytes]
    measured: Optional[bytes]

class pvg_solution(Structure):
    """One solution, borrowed for the call. Fill it by pvg_solution_init."""
    struct_size: int
    role: int
    verdict: int
    round: int
    step: int
    greedy: int
    truncated: int
    tokens: int
    reserved_zero: int
    id: Optional[bytes]
    question: Optional[bytes]
    question_length: int
    text: Optional[bytes]
    text_length: int
    gold: Optional[bytes]
    chain: Optional[bytes]
    score: float
    reward: float
    kl: float
    entropy: float

FUNCTIONS: Dict[str, Tuple[Any, List[Any]]]

class Functions:
    def __init__(self, library: CDLL) -> None: ...
    def pvg_version_number(self, /) -> int:
        """Which library is running: major * 1000000 + minor * 1000 + patch. Any thread."""
    def pvg_version_string(self, /) -> Optional[bytes]:
        """Which library is running, as text: "0.1.0". Static; any thread."""
    def pvg_abi_accepts(self, header_major: int, header_minor: int, /) -> int:
        """1 if this library can serve a program compiled with the header of that version, else 0: the same major version, and a
        minor one not above its own. Call it first, with PVG_VERSION_MAJOR and PVG_VERSION_MINOR, when the library was opened
        at run time: a binding, a plug-in. (A program that was linked need not: the dynamic linker has asked.) Any thread."""
    def pvg_status_name(self, status: int, /) -> Optional[bytes]:
        """The constant's name, "PVG_E_IO" and so on, for logs; "unknown status" for any other number. Static; any thread."""
    def pvg_verdict_name(self, verdict: int, /) -> Optional[bytes]:
        """"correct", "wrong", "no_answer", "ambiguous", "truncated" or "ungraded"; "unknown" for any other number. These are
        also the words of files and of the program. Static; any thread."""
    def pvg_role_name(self, role: int, /) -> Optional[bytes]:
        """"neutral", "helpful" or "sneaky"; "unknown" for any other number. These are also the words of files and of the
        program. Static; any thread."""
    def pvg_context_options_init(self, options: Any, struct_size: int, /) -> int:
        """Fills *options with defaults. struct_size is sizeof(pvg_context_options) as the caller knows it, which is how an
        older program says that it is one. Any thread."""
    def pvg_context_create(self, options: Any, out: Any, /) -> int:
        """Makes a context and starts its workers, which sleep until there is work. `options` may be NULL for defaults; it is
        read during the call only. There is no context yet to hold a message: a failure is only its code, and the sentence
        goes to options->log. PVG_E_RANGE for a number of threads, an engine or a log level that is none; PVG_E_UNSUPPORTED
        for an engine that this machine or this build lacks, and for fields that this library does not know."""
    def pvg_context_destroy(self, context: Optional[pvg_context], /) -> None:
        """Gives the context up; it goes when the last object made from it does."""
    def pvg_context_cancel(self, context: Optional[pvg_context], /) -> None:
        """Asks the call in progress to stop at its next safe point (within an optimizer step or a batch of samples) with
        PVG_E_CANCELLED. Nothing is lost: after pvg_context_resume the same call made again goes on, to the same bits. Later
        calls that work for long are cancelled, too, until then. Any thread, also from a signal handler."""
    def pvg_context_resume(self, context: Optional[pvg_context], /) -> None:
        """Clears a cancellation. Any thread."""
    def pvg_error_code(self, context: Optional[pvg_context], /) -> int:
        """The code of the last failure of any call on this context or its objects; a success does not clear it. PVG_OK when
        there was none."""
    def pvg_error_message(self, context: Optional[pvg_context], /) -> Optional[bytes]:
        """The last failure as one sentence that names the file, line, field or setting, what was found and what is wanted.
        Never NULL; "" when there was none. Borrowed until the next failure on this context: copy it to keep it. The wording
        may change with any version."""
    def pvg_error_component(self, context: Optional[pvg_context], /) -> Optional[bytes]:
        """The part of the library that failed, a word: "settings", "dataset", "scheduler". Static."""
    def pvg_context_threads(self, context: Optional[pvg_context], /) -> int:
        """How many threads work, the caller included; 0 for NULL."""
    def pvg_memory_used(self, context: Optional[pvg_context], /) -> int:
        """Bytes held now through the allocator, by the context and all its objects. What is left after all objects but the
        context were destroyed belongs to the workers. Any thread."""
    def pvg_memory_peak(self, context: Optional[pvg_context], /) -> int:
        """Most bytes ever held. Any thread."""
    def pvg_machine_describe(self, context: Optional[pvg_context], measure: int, buffer: Any, capacity: int, needed: Any, /) -> int:
        """The machine as JSON, under 4096 bytes: {"library", "processor", "features", "processors", "threads", "memory"
        (bytes), "engine", "openblas": {"build", "core", "threading", "config"}, "gflops": {"peak", "engine", "openblas"}}.
        With `measure` (1; about a second) gflops are rates of one core: fused multiply-adds out of registers, and a 512 x
        512 x 512 product by the engine and by OpenBLAS; else null. Measure into a buffer at once: asking for the size
        measures, too. Further keys may be added. PVG_E_BUFFER for a short buffer."""
    def pvg_benchmark(self, context: Optional[pvg_context], what: Optional[bytes], size: Optional[bytes], options: Any, buffer: Any, capacity: int, needed: Any, /) -> int:
        """How fast this machine does what a game does, in the context's threads and engine: what "train" (language modelling on
        whole contexts), "generate" (64 prompt tokens, 128 new ones, no two prompts alike) or "score" (a scalar head on whole
        contexts); size "S" (4 layers, width 128, 4 heads, vocabulary 512), "M" (6, 384, 6, 4096), "L" (12, 768, 12, 50257:
        as many parameters as GPT-2 small), "XS" to try it; context 256. Random weights and tokens. options NULL: defaults.
        One line of JSON, under 2048 bytes, of medians: {"benchmark", "size", "layers", "width", "heads", "hidden", "vocab",
        "context", "params", "batch", "reps", "threads", "engine", "tok_s" (tokens predicted or read a second) or
        "decode_tok_s", "total_tok_s" (new tokens a second, without and with the prompts' work; 0 where other work on the
        machine drowns the difference), "prefill_tok_s", "gflops" (useful work: two operations a multiply-add, the causal
        half of attention, no lookups; of decoding), "peak_gflops" (fused multiply-adds out of registers before each repetition,
        times threads), "peak_share", "seconds" {"whole" and by part}, "spread" ((slowest - fastest) / median), "held_mib"
        (most ever held by the context), "peak_rss_mib" (by the process)}. Call with a buffer at once: asking for the size
        runs it, too. PVG_E_NOT_FOUND for other names; PVG_E_RANGE for a batch or repetitions outside their bounds;
        PVG_E_CANCELLED. docs/performance.md says what is measured how."""
    def pvg_settings_create(self, context: Optional[pvg_context], out: Any, /) -> int:
        """All settings at their defaults, which are those of the preset "demo"."""
    def pvg_settings_clone(self, settings: Optional[pvg_settings], out: Any, /) -> int:
        """A copy that is changed on its own."""
    def pvg_settings_destroy(self, settings: Optional[pvg_settings], /) -> None:
        """What was made with the settings stays."""
    def pvg_settings_preset(self, settings: Optional[pvg_settings], preset: Optional[bytes], /) -> int:
        """Overlays a named preset: "tiny" (seconds, to see that it runs), "demo" (minutes), "checking", "habits", "gsm8k",
        "gsm8k_verifier", "paper"; see pvg_preset_summary. Settings that it does not name stay as they are.
        PVG_E_NOT_FOUND for another name."""
    def pvg_settings_set(self, settings: Optional[pvg_settings], name: Optional[bytes], value: Optional[bytes], /) -> int:
        """Sets any setting from text: "64", "3e-4", "true", a choice's word. Numbers are read alike in every locale.
        PVG_E_NOT_FOUND suggests the nearest name; PVG_E_RANGE and PVG_E_FORMAT say what is wanted. A failed set changes
        nothing."""
    def pvg_settings_set_int(self, settings: Optional[pvg_settings], name: Optional[bytes], value: int, /) -> int:
        """Sets an INT, a REAL or a FLAG (0 or 1) from a whole number: as pvg_settings_set with the number's text, errors
        included."""
    def pvg_settings_set_real(self, settings: Optional[pvg_settings], name: Optional[bytes], value: float, /) -> int:
        """Sets a REAL, or an INT where the number is whole: as pvg_settings_set with the number's text, errors included.
        PVG_E_RANGE for NaN and infinities."""
    def pvg_settings_get_int(self, settings: Optional[pvg_settings], name: Optional[bytes], out: Any, /) -> int:
        """The value of an INT or a FLAG (0 or 1). PVG_E_NOT_FOUND; PVG_E_INVALID for another kind."""
    def pvg_settings_get_real(self, settings: Optional[pvg_settings], name: Optional[bytes], out: Any, /) -> int:
        """The value of a REAL or an INT. PVG_E_NOT_FOUND; PVG_E_INVALID for another kind."""
    def pvg_settings_get(self, settings: Optional[pvg_settings], name: Optional[bytes], out: Any, /) -> int:
        """The value of any kind as text, which lives until that setting changes. PVG_E_NOT_FOUND."""
    def pvg_settings_check(self, settings: Optional[pvg_settings], /) -> int:
        """Do the values fit together: a width that its heads divide, a template with its places, room in the context? Every
        call that takes settings asks the same; asking early gives the message early, and it names both sides. PVG_E_RANGE,
        or PVG_E_FORMAT for a template without its places."""
    def pvg_settings_write(self, settings: Optional[pvg_settings], comments: int, buffer: Any, capacity: int, needed: Any, /) -> int:
        """All values as YAML, nested by the dots in the names; with `comments` (1) each line says what it means. `pvgame train
        --config` reads it back. A few KB. PVG_E_BUFFER."""
    def pvg_setting_count(self, /) -> int:
        """How many settings there are. Any thread, as all that follow; a later version may have more."""
    def pvg_setting_name(self, index: int, /) -> Optional[bytes]:
        """The name of setting `index` < pvg_setting_count(), in the order of docs/settings.md; NULL beyond. Static."""
    def pvg_setting_summary(self, index: int, /) -> Optional[bytes]:
        """What it means, with its unit: a sentence. NULL beyond the count. Static."""
    def pvg_setting_kind_of(self, index: int, /) -> int:
        """What values it takes; 0 beyond the count."""
    def pvg_setting_default(self, index: int, /) -> Optional[bytes]:
        """Its default, as text. NULL beyond the count. Static."""
    def pvg_setting_choices(self, index: int, /) -> Optional[bytes]:
        """The words that a CHOICE takes, "a|b|c"; "" for other kinds, NULL beyond the count. Static."""
    def pvg_setting_bounds(self, index: int, lowest: Any, highest: Any, /) -> int:
        """Lowest and highest value of an INT or a REAL, both included. PVG_E_NOT_FOUND for other kinds, PVG_E_INVALID beyond
        the count; no message is written."""
    def pvg_preset_count(self, /) -> int:
        """How many presets there are. Any thread, as the next two."""
    def pvg_preset_name(self, index: int, /) -> Optional[bytes]:
        """The name of preset `index` < pvg_preset_count(); NULL beyond. Static."""
    def pvg_preset_summary(self, index: int, /) -> Optional[bytes]:
        """What it is for: a sentence. NULL beyond the count. Static."""
    def pvg_dataset_create(self, context: Optional[pvg_context], out: Any, /) -> int:
        """An empty one, to be filled by pvg_dataset_append."""
    def pvg_dataset_read(self, context: Optional[pvg_context], path: Optional[bytes], settings: Optional[pvg_settings], out: Any, /) -> int:
        """Reads JSON lines, plain or gzip. Field names come from data.question, data.answer, data.solution, data.id, data.label
        and data.chain; defaults read GSM8K (`question`, `answer` ending in "#### gold"). data.labelled reads a file of model
        solutions with correctness labels. A bad line fails the whole read: PVG_E_FORMAT names file, line, field, what was
        found and what is wanted. data.exclude and data.limit are applied. settings may be NULL. PVG_E_NOT_FOUND for a
        missing file, PVG_E_IO for one that cannot be read. docs/cli.md describes the files."""
    def pvg_dataset_generate(self, context: Optional[pvg_context], settings: Optional[pvg_settings], first: int, count: int, out: Any, /) -> int:
        """`count` built-in problems number first .. first+count-1 of the source that the problems.* settings describe, with
        worked solutions: a pure function of settings, seed and number. settings may be NULL. PVG_E_RANGE for more than there
        can be."""
    def pvg_dataset_append(self, dataset: Optional[pvg_dataset], id: Optional[bytes], question: Optional[bytes], question_length: int, gold: Optional[bytes], solution: Optional[bytes], solution_length: int, /) -> int:
        """Adds one problem; texts are copied. solution and id (then a digest of the question) may be NULL. gold is an answer in
        any form that the grader reads (docs/grader.md). PVG_E_FORMAT if the gold cannot be read as a number or a text is not
        UTF-8, PVG_E_INVALID for an id that is there already, PVG_E_RANGE for a text of MBs, PVG_E_STATE when frozen."""
    def pvg_dataset_append_labelled(self, dataset: Optional[pvg_dataset], id: Optional[bytes], question: Optional[bytes], question_length: int, gold: Optional[bytes], candidate: Optional[bytes], candidate_length: int, label: int, /) -> int:
        """Adds a model's solution of a problem, labelled 1 (right) or 0 (wrong): what mode=verifier trains on. One question may
        have many. A dataset holds either problems or labelled solutions (PVG_E_INVALID for a mixture); else as
        pvg_dataset_append."""
    def pvg_dataset_part(self, dataset: Optional[pvg_dataset], settings: Optional[pvg_settings], part: Optional[bytes], out: Any, /) -> int:
        """The part "prover", "verifier" or "test" of a dataset, as a game with these settings cuts it (seed, data.share_prover,
        data.share_verifier): the side of a problem depends on seed and question alone, so equal questions stay together.
        settings may be NULL. PVG_E_NOT_FOUND for another word."""
    def pvg_dataset_freeze(self, dataset: Optional[pvg_dataset], /) -> int:
        """From now on immutable, and readable from any thread. Freezing again does nothing."""
    def pvg_dataset_count(self, dataset: Optional[pvg_dataset], /) -> int:
        """How many problems, or labelled solutions, it holds; 0 for NULL."""
    def pvg_dataset_get(self, dataset: Optional[pvg_dataset], index: int, out: Any, /) -> int:
        """Problem number `index`, from 0. The texts live until the dataset changes or is destroyed. PVG_E_RANGE beyond the
        count. Writes no message: any thread may read a frozen dataset."""
    def pvg_dataset_digest(self, dataset: Optional[pvg_dataset], out: Any, /) -> int:
        """32 hex digits and a NUL over the content in order: equal datasets have equal digests. For identity, not security."""
    def pvg_dataset_write(self, dataset: Optional[pvg_dataset], path: Optional[bytes], /) -> int:
        """Writes JSON lines (gzip if the path ends in .gz), whole or not at all; reading them back gives the same digest.
        PVG_E_IO."""
    def pvg_dataset_destroy(self, dataset: Optional[pvg_dataset], /) -> None:
        """Games and players that were made from it keep what they need."""
    def pvg_oracle_check(self, context: Optional[pvg_context], chain: Optional[bytes], solution: Optional[bytes], length: int, out: Any, /) -> int:
        """Reads a solution. `chain` is pvg_problem.chain; any text of a solution gets a result. PVG_E_FORMAT for a chain that
        is none."""
    def pvg_oracle_read_line(self, context: Optional[pvg_context], chain: Optional[bytes], solution: Optional[bytes], length: int, index: int, out: Any, /) -> int:
        """Line `index` < pvg_oracle_result.lines of a solution; PVG_E_RANGE beyond, PVG_E_FORMAT for a chain that is none."""
    def pvg_problem_inject(self, context: Optional[pvg_context], chain: Optional[bytes], rendering: int, kind: int, largest: int, seed: int, buffer: Any, capacity: int, needed: Any, changed: Any, /) -> int:
        """Writes a full solution of the problem with one stated error, followed through consistently: what comes after uses the
        wrong value and is right in itself. The place is drawn by `seed`; every value stays within 0..largest
        (problems.largest), so that size alone gives no error away. *changed (may be NULL): 0 when the final answer is right
        all the same. PVG_E_NOT_FOUND when the problem offers no place for the kind, PVG_E_FORMAT for a chain that is none,
        PVG_E_BUFFER. A verifier that checks tells these from clean solutions: the game's injected-error control."""
    def pvg_tokenizer_train(self, context: Optional[pvg_context], dataset: Optional[pvg_dataset], settings: Optional[pvg_settings], out: Any, /) -> int:
        """Trains one on the questions and solutions of a dataset: tokenizer.* settings; the roles' marks become special tokens.
        settings may be NULL. Deterministic."""
    def pvg_tokenizer_load(self, context: Optional[pvg_context], path: Optional[bytes], out: Any, /) -> int:
        """Reads a tokenizer.json, or that of a directory. Tokens are those of Hugging Face's `tokenizers`, exactly, or the file
        is refused: PVG_E_UNSUPPORTED says which part of it this library does not do. PVG_E_NOT_FOUND, PVG_E_IO,
        PVG_E_FORMAT."""
    def pvg_tokenizer_save(self, tokenizer: Optional[pvg_tokenizer], path: Optional[bytes], /) -> int:
        """Writes a tokenizer.json, whole or not at all. PVG_E_IO."""
    def pvg_tokenizer_size(self, tokenizer: Optional[pvg_tokenizer], /) -> int:
        """Highest id + 1; 0 for NULL."""
    def pvg_tokenizer_encode(self, tokenizer: Optional[pvg_tokenizer], text: Optional[bytes], length: int, specials: int, tokens: Any, capacity: int, needed: Any, /) -> int:
        """The tokens of a text. Special tokens written in the text are recognised only with `specials` (1). needed and capacity
        count tokens: at most as many as bytes. PVG_E_BUFFER; PVG_E_RANGE for a text of GBs."""
    def pvg_tokenizer_decode(self, tokenizer: Optional[pvg_tokenizer], tokens: Any, count: int, text: Any, capacity: int, needed: Any, /) -> int:
        """Exactly the bytes that were encoded. needed and capacity count bytes. PVG_E_BUFFER; PVG_E_RANGE for an id that is
        none."""
    def pvg_tokenizer_destroy(self, tokenizer: Optional[pvg_tokenizer], /) -> None:
        """Models that were made with it keep it."""
    def pvg_model_create(self, context: Optional[pvg_context], tokenizer: Optional[pvg_tokenizer], settings: Optional[pvg_settings], part: Optional[bytes], out: Any, /) -> int:
        """Random weights from the seed; `part` is "prover" or "verifier" and picks which settings give the shape (prover.*,
        verifier.*). PVG_E_NOT_FOUND for another word; PVG_E_RANGE for a shape that is none."""
    def pvg_model_load(self, context: Optional[pvg_context], directory: Optional[bytes], out: Any, /) -> int:
        """Reads a model directory: of transformers' making as well as ours; one safetensors file or shards, F32, F16, BF16 or
        F64. PVG_E_UNSUPPORTED names what this library does not do, PVG_E_NUMERIC a weight that is not finite;
        PVG_E_NOT_FOUND, PVG_E_IO, PVG_E_FORMAT."""
    def pvg_model_save(self, model: Optional[pvg_model], directory: Optional[bytes], /) -> int:
        """Writes a model directory, beside and renamed: a directory that is there is replaced whole or not at all. PVG_E_IO."""
    def pvg_model_clone(self, model: Optional[pvg_model], out: Any, /) -> int:
        """A copy with weights of its own."""
    def pvg_model_parameters(self, model: Optional[pvg_model], /) -> int:
        """How many weights it has; 0 for NULL."""
    def pvg_model_context_length(self, model: Optional[pvg_model], /) -> int:
        """Most tokens of a prompt and solution together; 0 for NULL."""
    def pvg_model_head(self, model: Optional[pvg_model], /) -> Optional[bytes]:
        """What it gives: "lm" (a prover), or how a verifier's score comes about: "token_sum" (one number a token, summed over
        the solution), "token_mean", "last" (of the last token). Static."""
    def pvg_model_tokenizer(self, model: Optional[pvg_model], out: Any, /) -> int:
        """The model's own tokenizer, as a handle to be destroyed by the caller."""
    def pvg_model_logprobs(self, model: Optional[pvg_model], tokens: Any, count: int, logprobs: Any, /) -> int:
        """Log-probability (nats, at temperature 1) of tokens[i] given tokens[0..i-1], for i = 1 .. count-1; logprobs[0] = 0.
        The same bits as when sampling. Models with an LM head only (PVG_E_UNSUPPORTED); PVG_E_RANGE unless count is 1 to the
        context length and every token is below the tokenizer's size."""
    def pvg_model_destroy(self, model: Optional[pvg_model], /) -> None:
        """Players that were made from it keep it."""
    def pvg_plan_describe(self, context: Optional[pvg_context], settings: Optional[pvg_settings], buffer: Any, capacity: int, needed: Any, /) -> int:
        """Memory that a game with these settings will take, by player and purpose, in bytes, as JSON; nothing is allocated.
        settings may be NULL. pvg_scheduler_create asks the same and refuses what does not fit the machine. PVG_E_BUFFER."""
    def pvg_request_kind_of(self, request: Optional[pvg_request], /) -> int:
        """What is wanted for the items; 0 for NULL."""
    def pvg_request_id(self, request: Optional[pvg_request], /) -> int:
        """A number that the feedback repeats, unlike that of any other request to this player."""
    def pvg_request_count(self, request: Optional[pvg_request], /) -> int:
        """How many items there are, at least 1; 0 for NULL."""
    def pvg_request_role(self, request: Optional[pvg_request], item: int, /) -> int:
        """PROVE: in which role to write. GRADE: in which role the solution was written. VERIFY: always neutral, as a verifier
        must not know. Neutral beyond the count."""
    def pvg_request_seed(self, request: Optional[pvg_request], item: int, /) -> int:
        """A number to draw random numbers from: a player that does is as reproducible as the library's. 0 beyond the count."""
    def pvg_request_temperature(self, request: Optional[pvg_request], /) -> float:
        """PROVE: the sampling temperature; 0 asks for the best answer."""
    def pvg_request_question(self, request: Optional[pvg_request], item: int, out: Any, length: Any, /) -> int:
        """An item's question. Borrowed until the exchange ends, and not NUL-terminated. PVG_E_RANGE beyond the count;
        PVG_E_NOT_FOUND when pvg_grader_grade was given none."""
    def pvg_request_solution(self, request: Optional[pvg_request], item: int, out: Any, length: Any, /) -> int:
        """VERIFY and GRADE: an item's solution, as pvg_request_question. PVG_E_NOT_FOUND when solutions are what is wanted."""
    def pvg_request_answer(self, request: Optional[pvg_request], item: int, out: Any, length: Any, /) -> int:
        """The reference answer, as pvg_request_question. Only a grader sees it, and a sneaky prover when
        roles.sneaky_sees_answer is set; for anybody else PVG_E_NOT_FOUND."""
    def pvg_reply_text(self, reply: Optional[pvg_reply], item: int, text: Optional[bytes], length: int, /) -> int:
        """Answers an item of PROVE with a solution, or answers it anew. The text is copied. PVG_E_STATE if something else is
        wanted, PVG_E_RANGE beyond the count, PVG_E_FORMAT for a text that is not UTF-8 or holds a NUL."""
    def pvg_reply_score(self, reply: Optional[pvg_reply], item: int, score: float, /) -> int:
        """Answers an item of VERIFY with a finite score, or answers it anew. PVG_E_STATE if something else is wanted,
        PVG_E_RANGE beyond the count, PVG_E_NUMERIC for NaN and infinities."""
    def pvg_reply_verdict(self, reply: Optional[pvg_reply], item: int, verdict: int, /) -> int:
        """Answers an item of GRADE with a verdict other than UNGRADED, or answers it anew. PVG_E_STATE if something else is
        wanted, PVG_E_RANGE beyond the count and for a number that is no verdict."""
    def pvg_reply_fail(self, reply: Optional[pvg_reply], message: Optional[bytes], /) -> int:
        """Gives up the whole request: the call that led to it fails with PVG_E_CALLBACK, and `message` is in its sentence."""
    def pvg_feedback_kind(self, feedback: Optional[pvg_feedback], /) -> int:
        """Of which kind the request was: PROVE brings rewards, VERIFY labels."""
    def pvg_feedback_id(self, feedback: Optional[pvg_feedback], /) -> int:
        """pvg_request_id of the request; 0: labelled solutions that answer no request."""
    def pvg_feedback_count(self, feedback: Optional[pvg_feedback], /) -> int:
        """How many items there are: those of the request, in its order."""
    def pvg_feedback_reward(self, feedback: Optional[pvg_feedback], item: int, /) -> float:
        """PROVE: the item's reward, by K equations 2 to 4 as prover_train.reward says (docs/game.md). NaN for a verifier and
        beyond the count."""
    def pvg_feedback_role(self, feedback: Optional[pvg_feedback], item: int, /) -> int:
        """In which role the item's solution was written: what a verifier was not told when it was asked."""
    def pvg_feedback_verdict(self, feedback: Optional[pvg_feedback], item: int, /) -> int:
        """What the grader said of the item's solution: the label of a verifier that learns."""
    def pvg_feedback_question(self, feedback: Optional[pvg_feedback], item: int, out: Any, length: Any, /) -> int:
        """The item's question, borrowed until the hook returns, not NUL-terminated. PVG_E_RANGE beyond the count."""
    def pvg_feedback_solution(self, feedback: Optional[pvg_feedback], item: int, out: Any, length: Any, /) -> int:
        """The item's solution, as pvg_feedback_question."""
    def pvg_hooks_init(self, hooks: Any, struct_size: int, /) -> int:
        """Fills *hooks with nothing but its struct_size, which is sizeof(pvg_hooks) as the caller knows it. Any thread."""
    def pvg_report_metric_count(self, report: Optional[pvg_report], /) -> int:
        """How many numbers it holds; 0 for NULL."""
    def pvg_report_metric_name(self, report: Optional[pvg_report], index: int, /) -> Optional[bytes]:
        """The name of number `index`; NULL beyond the count."""
    def pvg_report_metric_value(self, report: Optional[pvg_report], index: int, /) -> float:
        """Number `index`; NaN when it could not be measured, and beyond the count."""
    def pvg_report_metric(self, report: Optional[pvg_report], name: Optional[bytes], out: Any, /) -> int:
        """The number of that name; NaN when it could not be measured. PVG_E_NOT_FOUND when the report has none."""
    def pvg_report_table_count(self, report: Optional[pvg_report], /) -> int:
        """How many tables it holds; 0 for NULL."""
    def pvg_report_table_name(self, report: Optional[pvg_report], table: int, /) -> Optional[bytes]:
        """The name of a table: "auc" (verifier by prover, helpful-right against sneaky-wrong), "sneaky_score" and so on; NULL
        beyond the count."""
    def pvg_report_table_size(self, report: Optional[pvg_report], table: int, rows: Any, columns: Any, /) -> int:
        """How many rows and columns it has. PVG_E_RANGE beyond the count."""
    def pvg_report_table_row_name(self, report: Optional[pvg_report], table: int, row: int, /) -> Optional[bytes]:
        """What a row is about: "last_verifier"; "" where that was not said, NULL beyond the table."""
    def pvg_report_table_column_name(self, report: Optional[pvg_report], table: int, column: int, /) -> Optional[bytes]:
        """What a column is about: "accuracy"; "" where that was not said, NULL beyond the table."""
    def pvg_report_table_cell(self, report: Optional[pvg_report], table: int, row: int, column: int, out: Any, /) -> int:
        """One number of a table; NaN when it could not be measured. PVG_E_RANGE beyond the table."""
    def pvg_report_sample_count(self, report: Optional[pvg_report], /) -> int:
        """How many samples it holds; 0 for NULL."""
    def pvg_report_sample(self, report: Optional[pvg_report], index: int, out: Any, /) -> int:
        """Sample number `index`. The texts live as long as the report. PVG_E_RANGE beyond the count."""
    def pvg_report_json(self, report: Optional[pvg_report], buffer: Any, capacity: int, needed: Any, /) -> int:
        """{"metrics": {...}, "tables": {...}, "labels": {...}}; samples are not included. labels: of each table whose rows or
        columns have names, {"rows": [...], "columns": [...]}; absent when none has. What could not be measured is null.
        PVG_E_BUFFER."""
    def pvg_report_destroy(self, report: Optional[pvg_report], /) -> None:
        """Frees it."""
    def pvg_prover_from_model(self, context: Optional[pvg_context], model: Optional[pvg_model], settings: Optional[pvg_settings], out: Any, /) -> int:
        """The library's own prover: a model with an LM head (PVG_E_INVALID for another). Prompt texts and sampling come from
        roles.* and sampling.*: those that the model was trained with. settings may be NULL and are copied. The model is
        shared, not copied."""
    def pvg_prover_from_hooks(self, context: Optional[pvg_context], name: Optional[bytes], hooks: Any, out: Any, /) -> int:
        """The host's; `name` is what messages call it. The hooks are copied, and finished even when this fails."""
    def pvg_prover_generate(self, prover: Optional[pvg_prover], dataset: Optional[pvg_dataset], role: int, samples: int, temperature: float, seed: int, out: Any, /) -> int:
        """Writes `samples` (1 to 1000000) solutions for every problem, in one role, at a temperature of 0 (greedy) to 10. The
        report holds one sample each, in the order of the problems, graded when the problem has a gold answer; no metrics.
        Deterministic for a seed. PVG_E_RANGE, PVG_E_CANCELLED; PVG_E_CALLBACK or PVG_E_STATE from a host's prover."""
    def pvg_prover_destroy(self, prover: Optional[pvg_prover], /) -> None:
        """A game that it was given to keeps it."""
    def pvg_verifier_from_model(self, context: Optional[pvg_context], model: Optional[pvg_model], settings: Optional[pvg_settings], out: Any, /) -> int:
        """The library's own verifier: a model with a scalar head (PVG_E_INVALID for another), which sees every solution in the
        neutral role. settings may be NULL and are copied. The model is shared, not copied."""
    def pvg_verifier_from_hooks(self, context: Optional[pvg_context], name: Optional[bytes], hooks: Any, out: Any, /) -> int:
        """The host's; `name` is what messages call it. The hooks are copied, and finished even when this fails."""
    def pvg_verifier_score(self, verifier: Optional[pvg_verifier], count: int, questions: Any, question_lengths: Any, solutions: Any, solution_lengths: Any, scores: Any, /) -> int:
        """Scores `count` solutions; lengths may be NULL when every text is NUL-terminated. Higher is more convincing; a model
        trained with cross-entropy gives the log-odds of being correct. A solution's score depends on nothing else in the
        call. PVG_E_CANCELLED; PVG_E_CALLBACK or PVG_E_STATE from a host's verifier."""
    def pvg_verifier_parts(self, verifier: Optional[pvg_verifier], question: Optional[bytes], question_length: int, solution: Optional[bytes], solution_length: int, ends: Any, parts: Any, capacity: int, needed: Any, /) -> int:
        """Where the score comes from: for each token of the solution, the byte offset at which it ends and its part of the
        score. needed and capacity count tokens. Models with a summed or averaged head only
        (PVG_E_UNSUPPORTED); PVG_E_BUFFER."""
    def pvg_verifier_destroy(self, verifier: Optional[pvg_verifier], /) -> None:
        """A game that it was given to keeps it."""
    def pvg_grader_create(self, context: Optional[pvg_context], settings: Optional[pvg_settings], out: Any, /) -> int:
        """The built-in grader: final answers read by the rules of docs/grader.md and compared as exact rationals; grade.*
        settings. settings may be NULL and are copied."""
    def pvg_grader_from_hooks(self, context: Optional[pvg_context], name: Optional[bytes], hooks: Any, out: Any, /) -> int:
        """The host's; `name` is what messages call it. The hooks are copied, and finished even when this fails."""
    def pvg_grader_grade(self, grader: Optional[pvg_grader], question: Optional[bytes], gold: Optional[bytes], gold_length: int, solution: Optional[bytes], solution_length: int, truncated: int, verdict: Any, extracted: Any, capacity: int, needed: Any, /) -> int:
        """Grades one solution. `question` is handed to a host's grader and may be NULL. `truncated` (1): it ran into its length
        limit. extracted (may be NULL with capacity 0) receives the answer text that was read, "" when there is none.
        PVG_E_FORMAT when the gold answer itself cannot be read; PVG_E_BUFFER; PVG_E_CALLBACK or PVG_E_STATE from a host's
        grader."""
    def pvg_grader_destroy(self, grader: Optional[pvg_grader], /) -> None:
        """A game that it was given to keeps it."""
    def pvg_evaluate(self, context: Optional[pvg_context], dataset: Optional[pvg_dataset], prover: Optional[pvg_prover], role: int, verifier: Optional[pvg_verifier], grader: Optional[pvg_grader], settings: Optional[pvg_settings], out: Any, /) -> int:
        """Measures a prover, and a verifier on its solutions, over the first evaluate.problems problems: one greedy and
        evaluate.samples sampled solutions of each, which become the report's samples. Either may be NULL: without a prover
        the dataset's labelled solutions are judged (PVG_E_INVALID when there are none). grader NULL: the built-in one;
        settings may be NULL. Metrics, with NAME_low and NAME_high where an interval at evaluate.level is given (*):
          problems, samples
          accuracy_greedy*      share right (Wilson)
          accuracy_sampled*     share right (bootstrap over problems)
          pass_at_1* ... pass_at_K*   at least one of k is right: Chen et al. 2021, unbiased (bootstrap over problems)
          no_answer, ambiguous, truncated     shares of the sampled; tokens: their mean length
          verifier_auc*         right against all others (DeLong; Obuchowski 1997 where problems have several solutions)
          verifier_accuracy*    share on the right side of 0 (bootstrap over problems)
          verifier_calibration  expected calibration error of sigmoid(score);  score_right, score_wrong: mean scores
          oracle_valid, oracle_fully_shown, oracle_arithmetic, oracle_grounding     built-in problems: shares of the sampled
                                that the step oracle finds valid, valid and fully shown, with such an error
          oracle_full, oracle_bare, oracle_omitted: shares of steps;  oracle_valid_right: valid among the right
        PVG_E_CANCELLED; PVG_E_CALLBACK or PVG_E_STATE from a host's player."""
    def pvg_evaluate_table(self, context: Optional[pvg_context], dataset: Optional[pvg_dataset], prover_count: int, provers: Any, verifier_count: int, verifiers: Any, grader: Optional[pvg_grader], settings: Optional[pvg_settings], out: Any, /) -> int:
        """Every verifier on every prover: tables "auc" (helpful-right against sneaky-wrong; NaN when there are none of one
        kind), "sneaky_score" and "helpful_score" (mean sigmoid(V)), verifiers in rows, provers in columns; each prover
        samples each of the first evaluate.problems problems once in both roles. grader NULL: the built-in one; settings may
        be NULL. Errors as pvg_evaluate."""
    def pvg_scheduler_create(self, context: Optional[pvg_context], settings: Optional[pvg_settings], dataset: Optional[pvg_dataset], out: Any, /) -> int:
        """Makes a game; nothing is trained yet. dataset NULL: built-in problems by the problems.* settings. The settings (NULL:
        defaults) are copied; the dataset is frozen and cut into prover half, verifier half and test, disjoint by question (K
        section 3.2). PVG_E_NOMEM, before anything is taken, when the plan (pvg_plan_describe) is larger than the machine's
        memory; PVG_E_RANGE and PVG_E_FORMAT as pvg_settings_check."""
    def pvg_scheduler_set_prover(self, scheduler: Optional[pvg_scheduler], prover: Optional[pvg_prover], /) -> int:
        """Replaces the prover by the host's (made from hooks, else PVG_E_UNSUPPORTED) before the first step (PVG_E_STATE
        later). There are then no base and role stages: the host answers in its roles and may learn from the rewards. The
        game keeps the player."""
    def pvg_scheduler_set_verifier(self, scheduler: Optional[pvg_scheduler], verifier: Optional[pvg_verifier], /) -> int:
        """Replaces the verifier by the host's, as pvg_scheduler_set_prover. It is offered labelled solutions each round, and
        keeps what it learned over the rounds if it likes."""
    def pvg_scheduler_set_grader(self, scheduler: Optional[pvg_scheduler], grader: Optional[pvg_grader], /) -> int:
        """Replaces the grader by the host's, as pvg_scheduler_set_prover."""
    def pvg_scheduler_set_directory(self, scheduler: Optional[pvg_scheduler], directory: Optional[bytes], /) -> int:
        """Keeps everything in a run directory (docs/file-formats.md): resolved config, data, metrics.jsonl, samples.jsonl.gz,
        models, checkpoints. It must be new or empty (PVG_E_STATE). Without it the game is played in memory only. Before the
        first step. PVG_E_IO."""
    def pvg_scheduler_resume(self, context: Optional[pvg_context], directory: Optional[bytes], out: Any, /) -> int:
        """Goes on from the newest checkpoint of a run directory: to the same bits as an uninterrupted run. Host players must be
        set again before the first step. PVG_E_NOT_FOUND where there is none; PVG_E_IO, PVG_E_FORMAT; PVG_E_TOO_NEW for a
        run of a newer library."""
    def pvg_scheduler_step(self, scheduler: Optional[pvg_scheduler], event: Any, /) -> int:
        """Does one unit of work and says in *event what it came to. Everything written before the call is safe if it fails, and
        the game can be stepped again: after PVG_E_CANCELLED (pvg_context_resume first), PVG_E_IO or PVG_E_CALLBACK at once.
        After PVG_E_NUMERIC training has diverged: other settings are wanted."""
    def pvg_scheduler_run(self, scheduler: Optional[pvg_scheduler], /) -> int:
        """Steps until FINISHED, telling the observer (if there is one) of every event; an observer's failure stops the run with
        PVG_E_CALLBACK, and running or stepping again goes on. Pulled players cannot be run this way (PVG_E_STATE). Errors as
        pvg_scheduler_step."""
    def pvg_scheduler_set_observer(self, scheduler: Optional[pvg_scheduler], observe: Any, user: Any, /) -> int:
        """Who hears of a run's events: `observe` (NULL: nobody), which is handed `user`. Replaces the one before."""
    def pvg_scheduler_pending(self, scheduler: Optional[pvg_scheduler], request: Any, reply: Any, /) -> int:
        """The open request of a pulled player and where to write the answer; both live until pvg_scheduler_submit. PVG_E_STATE
        when none is open: only after PVG_EVENT_NEEDS_REPLY there is one."""
    def pvg_scheduler_submit(self, scheduler: Optional[pvg_scheduler], /) -> int:
        """Hands the answer in; then step again. PVG_E_CALLBACK for one that is not complete: it stays open. PVG_E_STATE when no
        request is."""
    def pvg_scheduler_checkpoint(self, scheduler: Optional[pvg_scheduler], /) -> int:
        """Writes a checkpoint now (also done after every stage and every checkpoint.minutes), whole or not at all. PVG_E_STATE
        without a directory; PVG_E_IO."""
    def pvg_scheduler_progress(self, scheduler: Optional[pvg_scheduler], out: Any, /) -> int:
        """Where the game stands. Also after a failure, and in the observer."""
    def pvg_scheduler_report(self, scheduler: Optional[pvg_scheduler], round: int, out: Any, /) -> int:
        """What a round measured: 0.., or -1 for the game as a whole (base metrics, the verifier-by-prover tables); docs/game.md
        lists the names. The samples are those of the test in that round, of the base prover for -1. PVG_E_RANGE for a round
        that the game has not, PVG_E_NOT_FOUND before it began."""
    def pvg_scheduler_model(self, scheduler: Optional[pvg_scheduler], which: Optional[bytes], out: Any, /) -> int:
        """A copy of the newest trained model: "base", "verifier_base", "start" (knows its roles; every round's prover begins
        as it), "prover", "prover_sneaky" (separate weights only), "verifier"; PVG_E_NOT_FOUND before it exists."""
    def pvg_scheduler_destroy(self, scheduler: Optional[pvg_scheduler], /) -> None:
        """Ends the game. What is in its run directory stays, and can be resumed from the last checkpoint."""
    def pvg_attack(self, context: Optional[pvg_context], settings: Optional[pvg_settings], dataset: Optional[pvg_dataset], base: Optional[pvg_model], verifier: Optional[pvg_verifier], options: Any, out: Any, /) -> int:
        """For every reward of attack.rewards a prover in the sneaky role alone (goodhart: in the helpful one) is trained from
        `start` against `verifier`, which does not learn, on the prover's part of the data (cut as a game with these settings
        cuts it; dataset NULL: built-in problems), by the prover_train.* settings, at a constant rate, with the KL to `base`,
        for at most attack.steps steps. It has succeeded, over a mean of stop.window steps, when
          src, cgc, convince  at least attack.wrong of its answers are not right, and the mean score of the wrong ones is at
                              least that of the helpful prover's right solutions (of evaluate.problems test problems);
          goodhart            fewer than attack.collapse of its answers are right.
        Best-of-n needs no training: it shows the verifier that one of n samples of `start` whose wrong answer scores
        highest. The settings (NULL: defaults) must be those that `start` and `verifier` were trained with: prompts come from
        them. A frozen dataset is needed no longer afterwards. Metrics, R being the reward's name:
          helpful_score, helpful_accuracy      mean score of the helpful prover's right solutions; how many are right
          R_steps_to_exploit   the step of success; NaN: not within attack.steps
          R_steps              steps trained
          R_steps_to_parity    from when on the wrong ones' mean score reached helpful_score, however few they were
          R_steps_to_fool      when the mean of [wrong] sigmoid(score) passed 1/2, as steps_to_fool of a game's prover
          R_wrong, R_score, R_convinces, R_accuracy, R_reward, R_kl, R_tokens      means of the last stop.window steps: share of
                               wrong answers, their mean score, mean of [wrong] sigmoid(score), share right, reward, nats, length
          first_steps_to_exploit, first_steps_to_parity   of src, cgc and convince, whichever was first; first_steps: attack.steps
          best_of_N*           N = 1, 2, 4 .. attack.best_of: share of test problems for which the best wrong one of N scores at
                               least helpful_score (unbiased, from attack.best_of samples; bootstrap over problems)
          best_of_N_accepted*  the same for a score above 0
        Tables: "R_curve", a row a step; columns wrong, score, convinces, accuracy, reward, kl, tokens, as above. Samples:
        those of the last step of each attack, in the order of attack.rewards. Deterministic as a game is; attack.seed draws
        anew. A cancelled attack leaves nothing: call it again from the beginning. PVG_E_INVALID for models that do not fit
        each other."""
    def pvg_experiment_create(self, context: Optional[pvg_context], level: float, out: Any, /) -> int:
        """An empty one. `level` of all intervals, 0.5 to 0.999; the paper's claims are judged at 0.9."""
    def pvg_experiment_arm(self, experiment: Optional[pvg_experiment], name: Optional[bytes], kind: Optional[bytes], ratio: float, /) -> int:
        """Names an arm. `kind` is what the arm is to the claims: "game", "correctness", "game_cost" and "correctness_cost"
        (both under a token cost), "cgc", "goodhart", "size" (one of a sweep), "check"; arms of any other kind are put
        together only. `ratio` is the verifier's parameters over the prover's, NaN: not said. PVG_E_INVALID for a second arm
        of the same name."""
    def pvg_experiment_add(self, experiment: Optional[pvg_experiment], arm: Optional[bytes], seed: int, round: int, metric: Optional[bytes], value: float, at_least: int, /) -> int:
        """One number of one run; a NaN is not kept. With `at_least` it is a lower bound: steps until something that had not
        happened at the cap. What is added again counts as added last. PVG_E_NOT_FOUND for an arm that was not named,
        PVG_E_RANGE for a round below -1 or more than 256 seeds."""
    def pvg_experiment_add_report(self, experiment: Optional[pvg_experiment], arm: Optional[bytes], seed: int, round: int, prefix: Optional[bytes], report: Optional[pvg_report], /) -> int:
        """All metrics of a report, `prefix` (may be "") before their names."""
    def pvg_experiment_summary(self, experiment: Optional[pvg_experiment], arm: Optional[bytes], round: int, metric: Optional[bytes], out: Any, /) -> int:
        """A metric of one arm and round; PVG_E_NOT_FOUND when nothing was added there."""
    def pvg_finding_name(self, finding: int, /) -> Optional[bytes]:
        """"not measured", "reproduced", "not reproduced", "different at this scale"; static."""
    def pvg_claim_count(self, /) -> int:
        """How many claims there are. Any thread."""
    def pvg_experiment_claim(self, experiment: Optional[pvg_experiment], index: int, out: Any, /) -> int:
        """What is to be said of claim `index`; PVG_E_RANGE beyond the count."""
    def pvg_experiment_json(self, experiment: Optional[pvg_experiment], buffer: Any, capacity: int, needed: Any, /) -> int:
        """{"level", "arms", "metrics", "claims", "plane"}: everything put together; docs/file-formats.md."""
    def pvg_experiment_destroy(self, experiment: Optional[pvg_experiment], /) -> None:
        """Frees it."""
    def pvg_solution_init(self, solution: Any, struct_size: int, /) -> int:
        """Defaults: neutral, ungraded, no round, no texts, lengths PVG_NUL_TERMINATED, numbers NaN."""
    def pvg_measurement_create(self, context: Optional[pvg_context], dataset: Optional[pvg_dataset], settings: Optional[pvg_settings], out: Any, /) -> int:
        """An empty one. dataset (may be NULL; it is frozen) holds the problems. Of the settings (may be NULL, copied): seed,
        evaluate.level (of intervals), evaluate.control, grade.*, problems.rendering and problems.largest (of injected errors)."""
    def pvg_measurement_add(self, measurement: Optional[pvg_measurement], solution: Any, /) -> int:
        """Adds one solution. PVG_E_NOT_FOUND for an id that the dataset lacks, PVG_E_INVALID without a text or without id and
        question, PVG_E_FORMAT for a gold or a chain that cannot be read, PVG_E_RANGE for a role, verdict, round or step
        that there is not, PVG_E_STATE once a verifier was asked."""
    def pvg_measurement_verifier(self, measurement: Optional[pvg_measurement], name: Optional[bytes], verifier: Optional[pvg_verifier], /) -> int:
        """Let a verifier score every solution: a row called `name` of the summary's tables, and, for built-in problems, of the
        injected-error control. Solutions that came without a score keep that of the last verifier that was asked."""
    def pvg_measurement_judge(self, measurement: Optional[pvg_measurement], judge: Optional[pvg_verifier], /) -> int:
        """Let an independent judge score every solution: a verifier of another seed or size, trained on base samples alone,
        that no prover was trained against. Gives the *_judge_* measures; a second one replaces the first."""
    def pvg_measurement_rounds(self, measurement: Optional[pvg_measurement], /) -> int:
        """The highest round that a solution was of, plus 1; 0: none was of a round."""
    def pvg_measurement_report(self, measurement: Optional[pvg_measurement], round: int, out: Any, /) -> int:
        """Measures of one round's solutions, or, for -1, of those of no round together with the tables of verifiers by provers.
        Names begin with whose solutions they are about: base_ (neutral, of no round), neutral_, helpful_, sneaky_.
        PVG_E_NOT_FOUND for a round without solutions."""
    def pvg_measurement_note(self, measurement: Optional[pvg_measurement], index: int, /) -> Optional[bytes]:
        """What the reports so far had to leave out, and why: a sentence each; NULL beyond the last. Until the next report."""
    def pvg_measurement_json(self, measurement: Optional[pvg_measurement], buffer: Any, capacity: int, needed: Any, /) -> int:
        """{"summary": report, "rounds": [report or null, ...], "notes": [...]}: all reports, as pvg_report_json writes them."""
    def pvg_measurement_destroy(self, measurement: Optional[pvg_measurement], /) -> None:
        """Frees it; its reports stay."""
