"""Generated from include/pvgame/pvgame.h by generate.py: do not edit."""
from ctypes import (CFUNCTYPE, POINTER, Structure, c_char, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_uint32,
                    c_uint64, c_void_p)
from enum import IntEnum

PVG_NUL_TERMINATED = c_size_t(-1).value
PVG_VERSION_MAJOR = 0
PVG_VERSION_MINOR = 1
PVG_VERSION_PATCH = 0
PVG_OK = 0
PVG_E_INVALID = -1
PVG_E_NOMEM = -2
PVG_E_IO = -3
PVG_E_FORMAT = -4
PVG_E_TOO_NEW = -5
PVG_E_STATE = -6
PVG_E_RANGE = -7
PVG_E_NOT_FOUND = -8
PVG_E_BUSY = -9
PVG_E_NUMERIC = -10
PVG_E_CALLBACK = -11
PVG_E_CANCELLED = -12
PVG_E_BUFFER = -13
PVG_E_UNSUPPORTED = -14
PVG_E_INTERNAL = -15
PVG_ROLE_NEUTRAL = 0
PVG_ROLE_HELPFUL = 1
PVG_ROLE_SNEAKY = 2
PVG_VERDICT_UNGRADED = 0
PVG_VERDICT_CORRECT = 1
PVG_VERDICT_WRONG = 2
PVG_VERDICT_NO_ANSWER = 3
PVG_VERDICT_AMBIGUOUS = 4
PVG_VERDICT_TRUNCATED = 5
PVG_LOG_OFF = 0
PVG_LOG_ERROR = 1
PVG_LOG_WARN = 2
PVG_LOG_INFO = 3
PVG_LOG_DEBUG = 4
PVG_RENDERING_COMPACT = 0
PVG_RENDERING_ENGLISH = 1
PVG_INJECT_NONE = 0
PVG_INJECT_RESULT = 1
PVG_INJECT_OPERAND = 2
PVG_INJECT_DISTRACTOR = 3
PVG_INJECT_ANSWER = 4
PVG_FINDING_NOT_MEASURED = 0
PVG_FINDING_REPRODUCED = 1
PVG_FINDING_NOT_REPRODUCED = 2
PVG_FINDING_DIFFERENT = 3
PVG_ENGINE_BEST = 0
PVG_ENGINE_PORTABLE = 1
PVG_ENGINE_AVX2 = 2
PVG_ENGINE_AVX512 = 3
PVG_ENGINE_OPENBLAS = 4
PVG_SETTING_INT = 1
PVG_SETTING_REAL = 2
PVG_SETTING_TEXT = 3
PVG_SETTING_FLAG = 4
PVG_SETTING_CHOICE = 5
PVG_REQUEST_PROVE = 1
PVG_REQUEST_VERIFY = 2
PVG_REQUEST_GRADE = 3
PVG_EVENT_PROGRESS = 1
PVG_EVENT_NEEDS_REPLY = 2
PVG_EVENT_STAGE_DONE = 3
PVG_EVENT_ROUND_DONE = 4
PVG_EVENT_FINISHED = 5


class Values(IntEnum):
    @classmethod
    def _missing_(cls, value):
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)  # a newer library's: programs must expect values that they do not know
        member._name_, member._value_ = f"UNKNOWN_{value}", value
        return member


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
    pass


class pvg_settings(c_void_p):
    pass


class pvg_dataset(c_void_p):
    pass


class pvg_tokenizer(c_void_p):
    pass


class pvg_model(c_void_p):
    pass


class pvg_request(c_void_p):
    pass


class pvg_reply(c_void_p):
    pass


class pvg_feedback(c_void_p):
    pass


class pvg_report(c_void_p):
    pass


class pvg_prover(c_void_p):
    pass


class pvg_verifier(c_void_p):
    pass


class pvg_grader(c_void_p):
    pass


class pvg_scheduler(c_void_p):
    pass


class pvg_experiment(c_void_p):
    pass


class pvg_measurement(c_void_p):
    pass


pvg_allocator_allocate_fn = CFUNCTYPE(c_void_p, c_void_p, c_size_t, c_size_t)
pvg_allocator_release_fn = CFUNCTYPE(None, c_void_p, c_void_p, c_size_t, c_size_t)
pvg_log_fn = CFUNCTYPE(None, c_void_p, c_int32, c_char_p, c_char_p)
pvg_benchmark_options_progress_fn = CFUNCTYPE(None, c_void_p, c_int32, c_int32)
pvg_hooks_answer_fn = CFUNCTYPE(c_int32, c_void_p, pvg_request, pvg_reply)
pvg_hooks_learn_fn = CFUNCTYPE(c_int32, c_void_p, pvg_feedback)
pvg_hooks_finish_fn = CFUNCTYPE(None, c_void_p)
pvg_observer_fn = CFUNCTYPE(c_int32, c_void_p, pvg_scheduler, c_int32)
pvg_attack_options_progress_fn = CFUNCTYPE(None, c_void_p, c_char_p, c_int32, c_int32)


class pvg_allocator(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved_zero", c_uint32),
        ("allocate", pvg_allocator_allocate_fn),
        ("release", pvg_allocator_release_fn),
        ("user", c_void_p),
    ]


class pvg_context_options(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("threads", c_int32),
        ("engine", c_int32),
        ("log_level", c_int32),
        ("log", pvg_log_fn),
        ("log_user", c_void_p),
        ("allocator", POINTER(pvg_allocator)),
        ("memory_limit", c_uint64),
    ]


class pvg_benchmark_options(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("batch", c_int32),
        ("reps", c_int32),
        ("reserved_zero", c_int32),
        ("progress", pvg_benchmark_options_progress_fn),
        ("user", c_void_p),
    ]


class pvg_problem(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("label", c_int32),
        ("id", c_char_p),
        ("question", c_char_p),
        ("gold", c_char_p),
        ("solution", c_char_p),
        ("candidate", c_char_p),
        ("chain", c_char_p),
        ("line", c_uint64),
    ]


class pvg_oracle_result(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("steps", c_int32),
        ("full", c_int32),
        ("bare", c_int32),
        ("omitted", c_int32),
        ("arithmetic_errors", c_int32),
        ("grounding_errors", c_int32),
        ("mismatch", c_int32),
        ("answered", c_int32),
        ("right", c_int32),
        ("valid", c_int32),
        ("fully_shown", c_int32),
        ("answer", c_int64),
        ("lines", c_int32),
        ("first_error", c_int32),
    ]


class pvg_oracle_line(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("step", c_int32),
        ("full", c_int32),
        ("arithmetic", c_int32),
        ("grounded", c_int32),
        ("distractor", c_int32),
        ("omitted", c_int32),
        ("reserved_zero", c_int32),
        ("begin", c_uint64),
        ("end", c_uint64),
    ]


class pvg_hooks(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved_zero", c_uint32),
        ("answer", pvg_hooks_answer_fn),
        ("learn", pvg_hooks_learn_fn),
        ("finish", pvg_hooks_finish_fn),
        ("user", c_void_p),
    ]


class pvg_sample(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("role", c_int32),
        ("verdict", c_int32),
        ("tokens", c_int32),
        ("id", c_char_p),
        ("question", c_char_p),
        ("solution", c_char_p),
        ("gold", c_char_p),
        ("score", c_double),
    ]


class pvg_progress(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("round", c_int32),
        ("rounds", c_int32),
        ("stage_index", c_int32),
        ("stages", c_int32),
        ("stage", c_char_p),
        ("note", c_char_p),
        ("done", c_int64),
        ("total", c_int64),
        ("fraction", c_double),
        ("seconds", c_double),
    ]


class pvg_attack_options(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved_zero", c_uint32),
        ("start", pvg_model),
        ("helpful", pvg_prover),
        ("grader", pvg_grader),
        ("progress", pvg_attack_options_progress_fn),
        ("user", c_void_p),
    ]


class pvg_summary(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("seeds", c_int32),
        ("bounds", c_int32),
        ("reserved_zero", c_int32),
        ("mean", c_double),
        ("low", c_double),
        ("high", c_double),
        ("deviation", c_double),
        ("least", c_double),
        ("most", c_double),
    ]


class pvg_claim(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("finding", c_int32),
        ("id", c_char_p),
        ("figure", c_char_p),
        ("title", c_char_p),
        ("paper", c_char_p),
        ("rule", c_char_p),
        ("measured", c_char_p),
    ]


class pvg_solution(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("role", c_int32),
        ("verdict", c_int32),
        ("round", c_int32),
        ("step", c_int64),
        ("greedy", c_int32),
        ("truncated", c_int32),
        ("tokens", c_int32),
        ("reserved_zero", c_int32),
        ("id", c_char_p),
        ("question", c_char_p),
        ("question_length", c_size_t),
        ("text", c_char_p),
        ("text_length", c_size_t),
        ("gold", c_char_p),
        ("chain", c_char_p),
        ("score", c_double),
        ("reward", c_double),
        ("kl", c_double),
        ("entropy", c_double),
    ]


FUNCTIONS = {
    "pvg_version_number": (c_uint32, []),
    "pvg_version_string": (c_char_p, []),
    "pvg_abi_accepts": (c_int32, [c_uint32, c_uint32]),
    "pvg_status_name": (c_char_p, [c_int32]),
    "pvg_verdict_name": (c_char_p, [c_int32]),
    "pvg_role_name": (c_char_p, [c_int32]),
    "pvg_context_options_init": (c_int32, [POINTER(pvg_context_options), c_size_t]),
    "pvg_context_create": (c_int32, [POINTER(pvg_context_options), POINTER(pvg_context)]),
    "pvg_context_destroy": (None, [pvg_context]),
    "pvg_context_cancel": (None, [pvg_context]),
    "pvg_context_resume": (None, [pvg_context]),
    "pvg_error_code": (c_int32, [pvg_context]),
    "pvg_error_message": (c_char_p, [pvg_context]),
    "pvg_error_component": (c_char_p, [pvg_context]),
    "pvg_context_threads": (c_int32, [pvg_context]),
    "pvg_memory_used": (c_uint64, [pvg_context]),
    "pvg_memory_peak": (c_uint64, [pvg_context]),
    "pvg_machine_describe": (c_int32, [pvg_context, c_int32, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "pvg_benchmark": (c_int32, [pvg_context, c_char_p, c_char_p, POINTER(pvg_benchmark_options), POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "pvg_settings_create": (c_int32, [pvg_context, POINTER(pvg_settings)]),
    "pvg_settings_clone": (c_int32, [pvg_settings, POINTER(pvg_settings)]),
    "pvg_settings_destroy": (None, [pvg_settings]),
    "pvg_settings_preset": (c_int32, [pvg_settings, c_char_p]),
    "pvg_settings_set": (c_int32, [pvg_settings, c_char_p, c_char_p]),
    "pvg_settings_set_int": (c_int32, [pvg_settings, c_char_p, c_int64]),
    "pvg_settings_set_real": (c_int32, [pvg_settings, c_char_p, c_double]),
    "pvg_settings_get_int": (c_int32, [pvg_settings, c_char_p, POINTER(c_int64)]),
    "pvg_settings_get_real": (c_int32, [pvg_settings, c_char_p, POINTER(c_double)]),
    "pvg_settings_get": (c_int32, [pvg_settings, c_char_p, POINTER(c_void_p)]),
    "pvg_settings_check": (c_int32, [pvg_settings]),
    "pvg_settings_write": (c_int32, [pvg_settings, c_int32, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "pvg_setting_count": (c_size_t, []),
    "pvg_setting_name": (c_char_p, [c_size_t]),
    "pvg_setting_summary": (c_char_p, [c_size_t]),
    "pvg_setting_kind_of": (c_int32, [c_size_t]),
    "pvg_setting_default": (c_char_p, [c_size_t]),
    "pvg_setting_choices": (c_char_p, [c_size_t]),
    "pvg_setting_bounds": (c_int32, [c_size_t, POINTER(c_double), POINTER(c_double)]),
    "pvg_preset_count": (c_size_t, []),
    "pvg_preset_name": (c_char_p, [c_size_t]),
    "pvg_preset_summary": (c_char_p, [c_size_t]),
    "pvg_dataset_create": (c_int32, [pvg_context, POINTER(pvg_dataset)]),
    "pvg_dataset_read": (c_int32, [pvg_context, c_char_p, pvg_settings, POINTER(pvg_dataset)]),
    "pvg_dataset_generate": (c_int32, [pvg_context, pvg_settings, c_uint64, c_uint64, POINTER(pvg_dataset)]),
    "pvg_dataset_append": (c_int32, [pvg_dataset, c_char_p, c_char_p, c_size_t, c_char_p, c_char_p, c_size_t]),
    "pvg_dataset_append_labelled": (c_int32, [pvg_dataset, c_char_p, c_char_p, c_size_t, c_char_p, c_char_p, c_size_t, c_int32]),
    "pvg_dataset_part": (c_int32, [pvg_dataset, pvg_settings, c_char_p, POINTER(pvg_dataset)]),
    "pvg_dataset_freeze": (c_int32, [pvg_dataset]),
    "pvg_dataset_count": (c_uint64, [pvg_dataset]),
    "pvg_dataset_get": (c_int32, [pvg_dataset, c_uint64, POINTER(pvg_problem)]),
    "pvg_dataset_digest": (c_int32, [pvg_dataset, POINTER(c_char)]),
    "pvg_dataset_write": (c_int32, [pvg_dataset, c_char_p]),
    "pvg_dataset_destroy": (None, [pvg_dataset]),
    "pvg_oracle_check": (c_int32, [pvg_context, c_char_p, c_char_p, c_size_t, POINTER(pvg_oracle_result)]),
    "pvg_oracle_read_line": (c_int32, [pvg_context, c_char_p, c_char_p, c_size_t, c_size_t, POINTER(pvg_oracle_line)]),
    "pvg_problem_inject": (c_int32, [pvg_context, c_char_p, c_int32, c_int32, c_int32, c_uint64, POINTER(c_char), c_size_t, POINTER(c_size_t), POINTER(c_int32)]),
    "pvg_tokenizer_train": (c_int32, [pvg_context, pvg_dataset, pvg_settings, POINTER(pvg_tokenizer)]),
    "pvg_tokenizer_load": (c_int32, [pvg_context, c_char_p, POINTER(pvg_tokenizer)]),
    "pvg_tokenizer_save": (c_int32, [pvg_tokenizer, c_char_p]),
    "pvg_tokenizer_size": (c_int32, [pvg_tokenizer]),
    "pvg_tokenizer_encode": (c_int32, [pvg_tokenizer, c_char_p, c_size_t, c_int32, POINTER(c_int32), c_size_t, POINTER(c_size_t)]),
    "pvg_tokenizer_decode": (c_int32, [pvg_tokenizer, POINTER(c_int32), c_size_t, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "pvg_tokenizer_destroy": (None, [pvg_tokenizer]),
    "pvg_model_create": (c_int32, [pvg_context, pvg_tokenizer, pvg_settings, c_char_p, POINTER(pvg_model)]),
    "pvg_model_load": (c_int32, [pvg_context, c_char_p, POINTER(pvg_model)]),
    "pvg_model_save": (c_int32, [pvg_model, c_char_p]),
    "pvg_model_clone": (c_int32, [pvg_model, POINTER(pvg_model)]),
    "pvg_model_parameters": (c_uint64, [pvg_model]),
    "pvg_model_context_length": (c_int32, [pvg_model]),
    "pvg_model_head": (c_char_p, [pvg_model]),
    "pvg_model_tokenizer": (c_int32, [pvg_model, POINTER(pvg_tokenizer)]),
    "pvg_model_logprobs": (c_int32, [pvg_model, POINTER(c_int32), c_size_t, POINTER(c_float)]),
    "pvg_model_destroy": (None, [pvg_model]),
    "pvg_plan_describe": (c_int32, [pvg_context, pvg_settings, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "pvg_request_kind_of": (c_int32, [pvg_request]),
    "pvg_request_id": (c_uint64, [pvg_request]),
    "pvg_request_count": (c_size_t, [pvg_request]),
    "pvg_request_role": (c_int32, [pvg_request, c_size_t]),
    "pvg_request_seed": (c_uint64, [pvg_request, c_size_t]),
    "pvg_request_temperature": (c_double, [pvg_request]),
    "pvg_request_question": (c_int32, [pvg_request, c_size_t, POINTER(c_void_p), POINTER(c_size_t)]),
    "pvg_request_solution": (c_int32, [pvg_request, c_size_t, POINTER(c_void_p), POINTER(c_size_t)]),
    "pvg_request_answer": (c_int32, [pvg_request, c_size_t, POINTER(c_void_p), POINTER(c_size_t)]),
    "pvg_reply_text": (c_int32, [pvg_reply, c_size_t, c_char_p, c_size_t]),
    "pvg_reply_score": (c_int32, [pvg_reply, c_size_t, c_double]),
    "pvg_reply_verdict": (c_int32, [pvg_reply, c_size_t, c_int32]),
    "pvg_reply_fail": (c_int32, [pvg_reply, c_char_p]),
    "pvg_feedback_kind": (c_int32, [pvg_feedback]),
    "pvg_feedback_id": (c_uint64, [pvg_feedback]),
    "pvg_feedback_count": (c_size_t, [pvg_feedback]),
    "pvg_feedback_reward": (c_double, [pvg_feedback, c_size_t]),
    "pvg_feedback_role": (c_int32, [pvg_feedback, c_size_t]),
    "pvg_feedback_verdict": (c_int32, [pvg_feedback, c_size_t]),
    "pvg_feedback_question": (c_int32, [pvg_feedback, c_size_t, POINTER(c_void_p), POINTER(c_size_t)]),
    "pvg_feedback_solution": (c_int32, [pvg_feedback, c_size_t, POINTER(c_void_p), POINTER(c_size_t)]),
    "pvg_hooks_init": (c_int32, [POINTER(pvg_hooks), c_size_t]),
    "pvg_report_metric_count": (c_size_t, [pvg_report]),
    "pvg_report_metric_name": (c_char_p, [pvg_report, c_size_t]),
    "pvg_report_metric_value": (c_double, [pvg_report, c_size_t]),
    "pvg_report_metric": (c_int32, [pvg_report, c_char_p, POINTER(c_double)]),
    "pvg_report_table_count": (c_size_t, [pvg_report]),
    "pvg_report_table_name": (c_char_p, [pvg_report, c_size_t]),
    "pvg_report_table_size": (c_int32, [pvg_report, c_size_t, POINTER(c_size_t), POINTER(c_size_t)]),
    "pvg_report_table_row_name": (c_char_p, [pvg_report, c_size_t, c_size_t]),
    "pvg_report_table_column_name": (c_char_p, [pvg_report, c_size_t, c_size_t]),
    "pvg_report_table_cell": (c_int32, [pvg_report, c_size_t, c_size_t, c_size_t, POINTER(c_double)]),
    "pvg_report_sample_count": (c_size_t, [pvg_report]),
    "pvg_report_sample": (c_int32, [pvg_report, c_size_t, POINTER(pvg_sample)]),
    "pvg_report_json": (c_int32, [pvg_report, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "pvg_report_destroy": (None, [pvg_report]),
    "pvg_prover_from_model": (c_int32, [pvg_context, pvg_model, pvg_settings, POINTER(pvg_prover)]),
    "pvg_prover_from_hooks": (c_int32, [pvg_context, c_char_p, POINTER(pvg_hooks), POINTER(pvg_prover)]),
    "pvg_prover_generate": (c_int32, [pvg_prover, pvg_dataset, c_int32, c_int32, c_double, c_uint64, POINTER(pvg_report)]),
    "pvg_prover_destroy": (None, [pvg_prover]),
    "pvg_verifier_from_model": (c_int32, [pvg_context, pvg_model, pvg_settings, POINTER(pvg_verifier)]),
    "pvg_verifier_from_hooks": (c_int32, [pvg_context, c_char_p, POINTER(pvg_hooks), POINTER(pvg_verifier)]),
    "pvg_verifier_score": (c_int32, [pvg_verifier, c_size_t, POINTER(c_char_p), POINTER(c_size_t), POINTER(c_char_p), POINTER(c_size_t), POINTER(c_double)]),
    "pvg_verifier_parts": (c_int32, [pvg_verifier, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(c_size_t), POINTER(c_float), c_size_t, POINTER(c_size_t)]),
    "pvg_verifier_destroy": (None, [pvg_verifier]),
    "pvg_grader_create": (c_int32, [pvg_context, pvg_settings, POINTER(pvg_grader)]),
    "pvg_grader_from_hooks": (c_int32, [pvg_context, c_char_p, POINTER(pvg_hooks), POINTER(pvg_grader)]),
    "pvg_grader_grade": (c_int32, [pvg_grader, c_char_p, c_char_p, c_size_t, c_char_p, c_size_t, c_int32, POINTER(c_int32), POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "pvg_grader_destroy": (None, [pvg_grader]),
    "pvg_evaluate": (c_int32, [pvg_context, pvg_dataset, pvg_prover, c_int32, pvg_verifier, pvg_grader, pvg_settings, POINTER(pvg_report)]),
    "pvg_evaluate_table": (c_int32, [pvg_context, pvg_dataset, c_size_t, POINTER(pvg_prover), c_size_t, POINTER(pvg_verifier), pvg_grader, pvg_settings, POINTER(pvg_report)]),
    "pvg_scheduler_create": (c_int32, [pvg_context, pvg_settings, pvg_dataset, POINTER(pvg_scheduler)]),
    "pvg_scheduler_set_prover": (c_int32, [pvg_scheduler, pvg_prover]),
    "pvg_scheduler_set_verifier": (c_int32, [pvg_scheduler, pvg_verifier]),
    "pvg_scheduler_set_grader": (c_int32, [pvg_scheduler, pvg_grader]),
    "pvg_scheduler_set_directory": (c_int32, [pvg_scheduler, c_char_p]),
    "pvg_scheduler_resume": (c_int32, [pvg_context, c_char_p, POINTER(pvg_scheduler)]),
    "pvg_scheduler_step": (c_int32, [pvg_scheduler, POINTER(c_int32)]),
    "pvg_scheduler_run": (c_int32, [pvg_scheduler]),
    "pvg_scheduler_set_observer": (c_int32, [pvg_scheduler, pvg_observer_fn, c_void_p]),
    "pvg_scheduler_pending": (c_int32, [pvg_scheduler, POINTER(pvg_request), POINTER(pvg_reply)]),
    "pvg_scheduler_submit": (c_int32, [pvg_scheduler]),
    "pvg_scheduler_checkpoint": (c_int32, [pvg_scheduler]),
    "pvg_scheduler_progress": (c_int32, [pvg_scheduler, POINTER(pvg_progress)]),
    "pvg_scheduler_report": (c_int32, [pvg_scheduler, c_int32, POINTER(pvg_report)]),
    "pvg_scheduler_model": (c_int32, [pvg_scheduler, c_char_p, POINTER(pvg_model)]),
    "pvg_scheduler_destroy": (None, [pvg_scheduler]),
    "pvg_attack": (c_int32, [pvg_context, pvg_settings, pvg_dataset, pvg_model, pvg_verifier, POINTER(pvg_attack_options), POINTER(pvg_report)]),
    "pvg_experiment_create": (c_int32, [pvg_context, c_double, POINTER(pvg_experiment)]),
    "pvg_experiment_arm": (c_int32, [pvg_experiment, c_char_p, c_char_p, c_double]),
    "pvg_experiment_add": (c_int32, [pvg_experiment, c_char_p, c_uint64, c_int32, c_char_p, c_double, c_int32]),
    "pvg_experiment_add_report": (c_int32, [pvg_experiment, c_char_p, c_uint64, c_int32, c_char_p, pvg_report]),
    "pvg_experiment_summary": (c_int32, [pvg_experiment, c_char_p, c_int32, c_char_p, POINTER(pvg_summary)]),
    "pvg_finding_name": (c_char_p, [c_int32]),
    "pvg_claim_count": (c_size_t, []),
    "pvg_experiment_claim": (c_int32, [pvg_experiment, c_size_t, POINTER(pvg_claim)]),
    "pvg_experiment_json": (c_int32, [pvg_experiment, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "pvg_experiment_destroy": (None, [pvg_experiment]),
    "pvg_solution_init": (c_int32, [POINTER(pvg_solution), c_size_t]),
    "pvg_measurement_create": (c_int32, [pvg_context, pvg_dataset, pvg_settings, POINTER(pvg_measurement)]),
    "pvg_measurement_add": (c_int32, [pvg_measurement, POINTER(pvg_solution)]),
    "pvg_measurement_verifier": (c_int32, [pvg_measurement, c_char_p, pvg_verifier]),
    "pvg_measurement_judge": (c_int32, [pvg_measurement, pvg_verifier]),
    "pvg_measurement_rounds": (c_int32, [pvg_measurement]),
    "pvg_measurement_report": (c_int32, [pvg_measurement, c_int32, POINTER(pvg_report)]),
    "pvg_measurement_note": (c_char_p, [pvg_measurement, c_size_t]),
    "pvg_measurement_json": (c_int32, [pvg_measurement, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "pvg_measurement_destroy": (None, [pvg_measurement]),
}


class Functions:
    def __init__(self, library):
        for name, (result, parameters) in FUNCTIONS.items():
            function = getattr(library, name)
            function.restype = result
            function.argtypes = parameters
            setattr(self, name, function)
