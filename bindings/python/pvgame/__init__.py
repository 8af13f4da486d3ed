"""Checkability training: prover-verifier games (Kirchner et al. 2024, arXiv 2407.13692), by the C library libpvgame.

    import pvgame
    for number, report in pvgame.Game("tiny").rounds(progress=True):
        print(number, report["verifier_auc"], report["helpful_accuracy"])

A Game plays on built-in problems or on a Dataset, with the library's own players or the host's (Prover.host, Verifier.host,
Grader.host). Settings name everything that can be chosen. The parts can be used alone: Tokenizer, Model, Verifier.score,
Grader.grade, evaluate. Failures are exceptions (pvgame.Error) with the library's own sentence."""
from ._native import Engine, Event, Finding, Injection, LogLevel, Rendering, RequestKind, Role, SettingKind, Status, Verdict
from ._version import __version__
from .context import Context, default_context, version
from .data import Dataset, OracleLine, OracleResult, Problem, check_steps, inject_error, read_lines
from .errors import (BufferTooSmallError, BusyError, CallbackError, CancelledError, Error, FileError, FormatError, InternalError,
                     InvalidError, LibraryNotFound, NotFoundError, NumericError, OutOfMemoryError, RangeError, StateError,
                     TooNewError, UnsupportedError)
from .exchange import Feedback, Item, Outcome, Request
from .game import Game, Progress, Round
from .measures import Claim, Experiment, Measurement, Summary
from .models import Model, Tokenizer
from .players import Grade, Grader, Part, Prover, Verifier, attack, evaluate, evaluate_table
from .report import Report, Sample
from .settings import PresetInfo, SettingInfo, Settings, presets, settings_list

__all__ = [
    "BufferTooSmallError", "BusyError", "CallbackError", "CancelledError", "Claim", "Context", "Dataset", "Engine", "Error",
    "Event", "Experiment", "Feedback", "FileError", "Finding", "FormatError", "Game", "Grade", "Grader", "Injection",
    "InternalError", "InvalidError", "Item", "LibraryNotFound", "LogLevel", "Measurement", "Model", "NotFoundError",
    "NumericError", "OracleLine", "OracleResult", "OutOfMemoryError", "Outcome", "Part", "PresetInfo", "Problem",
    "Progress", "Prover", "RangeError", "Rendering", "Report", "Request", "RequestKind", "Role", "Round", "Sample",
    "SettingInfo", "SettingKind", "Settings", "StateError", "Status", "Summary", "Tokenizer", "TooNewError",
    "UnsupportedError", "Verdict", "Verifier", "__version__", "attack", "check_steps", "default_context", "evaluate",
    "evaluate_table", "inject_error", "presets", "read_lines", "settings_list", "version",
]
