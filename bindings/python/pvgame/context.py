"""Contexts: the threads, memory and log that all other objects share."""
from __future__ import annotations

import ctypes
import itertools
import json
import logging
import threading
from types import TracebackType
from typing import Any, Callable, Dict, List, NoReturn, Optional, Tuple, Type, Union

from . import _native
from ._core import Core, Handle, lib, octets, string, tell, unraisable, whole
from ._native import Engine, LogLevel
from .errors import BY_STATUS, InternalError, StateError

LogFunction = Callable[[LogLevel, str, str], None]

_LOGGING = {LogLevel.ERROR: logging.ERROR, LogLevel.WARN: logging.WARNING, LogLevel.INFO: logging.INFO,
            LogLevel.DEBUG: logging.DEBUG}
_numbers = itertools.count(1)
_logs: Dict[int, LogFunction] = {}
_progress: Dict[int, Any] = {}


def _on_log(user: int, level: int, component: bytes, message: bytes) -> None:
    try:
        _logs[user](LogLevel(level), string(component), string(message))
    except BaseException as error:  # it may come from a worker thread, where no call of the host's could raise it
        unraisable(error, _logs.get(user), "Exception ignored in a log function")


_log = _native.pvg_log_fn(_on_log)


def _on_tell(user: int, done: int, total: int) -> None:
    core, function = _progress[user]
    tell(core, function, done, total)


_tell = _native.pvg_benchmark_options_progress_fn(_on_tell)


def _to_logger(logger: logging.Logger) -> LogFunction:
    def log(level: LogLevel, component: str, message: str) -> None:
        logger.log(_LOGGING.get(level, logging.DEBUG), "%s: %s", component, message)
    return log


class Context:
    """Worker threads, memory, log and the last error. Objects that work together belong to one context; every class takes the
    calling thread's own (default_context()) when none is given.

    A context works for one call at a time: calls from several threads take turns. Use one context a thread to compute at
    the same time. Closing a context, or leaving its `with`, lets go of it; it lives until what was made from it is
    closed, too."""

    def __init__(self, *, threads: int = 0, engine: Engine = Engine.BEST, memory_limit: int = 0,
                 log: Union[LogFunction, logging.Logger, None] = None, log_level: LogLevel = LogLevel.WARN):
        """threads: workers, the caller included; 0: one per processor. engine: which kernels compute. memory_limit: bytes the
        library may hold; 0: no limit. log: log(level, component, message), from any thread, or a logging.Logger."""
        options = _native.pvg_context_options()
        lib.pvg_context_options_init(ctypes.byref(options), ctypes.sizeof(options))
        options.threads, options.engine = whole(threads, "threads", 32), int(engine)
        options.memory_limit = whole(memory_limit, "memory_limit", 64, signed=False)
        number = 0
        if log is not None:
            number = next(_numbers)
            _logs[number] = _to_logger(log) if isinstance(log, logging.Logger) else log
            options.log, options.log_user, options.log_level = _log, number, int(log_level)
        pointer = _native.pvg_context()
        status = lib.pvg_context_create(ctypes.byref(options), ctypes.byref(pointer))
        if status != _native.PVG_OK:
            _logs.pop(number, None)
            self._fail(status, options)
        self._held: Optional[Core] = Core(pointer, lambda: _logs.pop(number, None))

    @staticmethod
    def _fail(status: int, options: _native.pvg_context_options) -> NoReturn:
        """There is no context yet to hold the sentence: it goes to the log."""
        said: List[Tuple[str, str]] = []
        number = next(_numbers)
        _logs[number] = lambda level, component, message: said.append((message, component))
        options.log, options.log_user, options.log_level = _log, number, int(LogLevel.ERROR)
        pointer = _native.pvg_context()
        lib.pvg_context_create(ctypes.byref(options), ctypes.byref(pointer))
        lib.pvg_context_destroy(pointer)
        del _logs[number]
        message, component = said[0] if said else (string(lib.pvg_status_name(status)), "context")
        raise BY_STATUS.get(status, InternalError)(message, component, "pvg_context_create")

    @property
    def _core(self) -> Core:
        if self._held is None:
            raise StateError("this Context is closed")
        return self._held

    def close(self) -> None:
        """Let go of it. What was made from it goes on working, and the context with it."""
        self._held = None

    @property
    def closed(self) -> bool:
        return self._held is None

    def __enter__(self) -> Context:
        self._core
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self.close()

    def cancel(self) -> None:
        """Ask the call in progress to stop with CancelledError at its next safe point. From any thread, at any time; it holds
        until resume()."""
        self._core.cancel()

    def resume(self) -> None:
        """Clear a cancellation: the same call made again goes on."""
        self._core.resume()

    @property
    def threads(self) -> int:
        """Worker threads, the caller included."""
        return int(lib.pvg_context_threads(self._core.pointer))

    @property
    def memory_used(self) -> int:
        """Bytes that the library holds now."""
        return int(lib.pvg_memory_used(self._core.pointer))

    @property
    def memory_peak(self) -> int:
        """The most bytes that it ever held."""
        return int(lib.pvg_memory_peak(self._core.pointer))

    def machine(self, *, measure: bool = False) -> Dict[str, Any]:
        """The machine as the library sees it. measure: also how fast one core is (about a second)."""
        buffer = ctypes.create_string_buffer(4096)
        self._core.work(lib.pvg_machine_describe, self._core.pointer, int(measure), buffer, len(buffer), None)
        return dict(json.loads(buffer.value))

    def benchmark(self, what: str, size: str = "S", *, batch: int = 0, reps: int = 0,
                  progress: Optional[Callable[[int, int], None]] = None) -> Dict[str, Any]:
        """How fast "train", "generate" or "score" is for models of size "XS", "S", "M" or "L"; progress(done, total)."""
        options = _native.pvg_benchmark_options(struct_size=ctypes.sizeof(_native.pvg_benchmark_options),
                                                batch=whole(batch, "batch", 32), reps=whole(reps, "reps", 32))
        number = next(_numbers)
        if progress is not None:
            _progress[number] = (self._core, progress)
            options.progress, options.user = _tell, number
        buffer = ctypes.create_string_buffer(2048)
        try:
            self._core.work(lib.pvg_benchmark, self._core.pointer, octets(what, "what"), octets(size, "size"), ctypes.byref(options),
                            buffer, len(buffer), None)
        finally:
            _progress.pop(number, None)
        return dict(json.loads(buffer.value))

    def __repr__(self) -> str:
        return "<pvgame.Context closed>" if self.closed else f"<pvgame.Context of {self.threads} threads>"


_local = threading.local()


def default_context() -> Context:
    """The calling thread's own context, made when first asked for: all processors, no log, no limit."""
    context: Optional[Context] = getattr(_local, "context", None)
    if context is None or context.closed:
        context = _local.context = Context()
    return context


def core_of(context: Optional[Context], *objects: Optional[Handle]) -> Core:
    """The context that was named, that of the first object, or the thread's own."""
    if context is not None:
        return context._core
    for one in objects:
        if one is not None:
            return one._core
    return default_context()._core


def version() -> str:
    """The version of the library that was loaded."""
    return string(lib.pvg_version_string())
