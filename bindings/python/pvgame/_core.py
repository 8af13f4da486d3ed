"""What stands behind every object: the context and its lock, calls that raise, and handles that are destroyed in any order."""
from __future__ import annotations

import _thread
import atexit
import collections
import ctypes
import operator
import os
import sys
import threading
import weakref
from types import TracebackType
from typing import Any, Callable, Deque, List, NoReturn, Optional, SupportsIndex, Tuple, Type, TypeVar, Union

from . import _interrupts, _native
from ._library import lib
from .errors import BY_STATUS, InternalError, StateError

Self = TypeVar("Self", bound="Handle")
PathLike = Union[str, "os.PathLike[str]"]

#: Times this process is a fork's child of one that used the library, which may not go on with it.
_generation = 0


def _after_fork() -> None:
    global _generation
    _generation += 1


os.register_at_fork(after_in_child=_after_fork)


def _close_core(pointer: _native.pvg_context, lock: Any, graveyard: Deque[Tuple[Callable[..., Any], Any]], generation: int,
                closed: Callable[[], Any]) -> None:
    if generation != _generation or not lock.acquire(blocking=False):
        return  # a forked child; or the process ends while another thread still computes
    try:
        while graveyard:
            destroy, handle = graveyard.popleft()
            destroy(handle)
            handle.value = None
        lib.pvg_context_destroy(pointer)
        pointer.value = None
    finally:
        lock.release()
    closed()


class Core:
    """One pvg_context. Calls take turns: the library wants one thread at a time in a context."""

    def __init__(self, pointer: _native.pvg_context, closed: Callable[[], Any]):
        self.pointer = pointer
        self.lock = threading.RLock()
        self.depth = 0
        self.generation = _generation
        self.cancelled = False    # by Context.cancel, until Context.resume
        self.interrupted = False  # for a Ctrl-C, during the call in progress
        self.raised: List[BaseException] = []  # by hooks, during the call in progress
        self.graveyard: Deque[Tuple[Callable[..., Any], Any]] = collections.deque()
        weakref.finalize(self, _close_core, pointer, self.lock, self.graveyard, self.generation, closed)

    def cancel(self) -> None:
        self.cancelled = True
        lib.pvg_context_cancel(self.pointer)

    def resume(self) -> None:
        self.cancelled = False
        lib.pvg_context_resume(self.pointer)

    def interrupt(self) -> None:
        self.interrupted = True
        lib.pvg_context_cancel(self.pointer)

    def call(self, function: Callable[..., int], *arguments: Any) -> None:
        """A call that gives a status; raises what it fails with."""
        with self.lock:
            self._enter()
            try:
                status = function(*_pointers(arguments))
            finally:
                self.depth -= 1
            if status != _native.PVG_OK or self.raised:
                self.fail(status, function)
        if self.graveyard:
            self.bury()

    def work(self, function: Callable[..., int], *arguments: Any) -> None:
        """The same for calls that take long or lead to hooks: Ctrl-C cancels them."""
        with self.lock:
            status, interrupted = self._watched(function, arguments)
            while status == _native.PVG_E_CANCELLED and interrupted and not self.raised and not self.cancelled:
                # nobody raised: it was the echo of a Ctrl-C that an earlier call has dealt with
                status, interrupted = self._watched(function, arguments)
            if status != _native.PVG_OK or self.raised:
                self.fail(status, function)
        if self.graveyard:
            self.bury()

    def _watched(self, function: Callable[..., int], arguments: Tuple[Any, ...]) -> Tuple[int, bool]:
        """The call's status, and whether it was cancelled for a Ctrl-C. What the Ctrl-C raises is raised."""
        self._enter()
        watched = False
        try:
            given = _pointers(arguments)
            watched = _interrupts.enter(self.interrupt)
            status = function(*given)
        finally:
            self.depth -= 1
            try:
                if watched:
                    _interrupts.leave()
            except BaseException as interrupt:
                if self.raised:
                    interrupt.__context__ = self.raised.pop()
                    self.raised.clear()
                raise
            finally:
                interrupted, self.interrupted = self.interrupted, False
                if interrupted and not self.cancelled:
                    lib.pvg_context_resume(self.pointer)
        return status, interrupted

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A call that cannot fail."""
        with self.lock:
            self._enter()
            try:
                return function(*_pointers(arguments))
            finally:
                self.depth -= 1

    def _enter(self) -> None:
        if self.generation != _generation:
            raise StateError("this process was forked after the library was used: start a fresh one (multiprocessing: 'spawn')")
        self.depth += 1

    def fail(self, status: int, function: Callable[..., int]) -> NoReturn:
        """Raise what a hook raised, or else what the library says."""
        said = (lib.pvg_error_message(self.pointer) or b"").decode("utf-8", "replace")
        name = getattr(function, "__name__", "")
        if self.raised:
            error, *others = self.raised
            self.raised = []
            for other in others:
                error.__context__ = error.__context__ or other
            if status != _native.PVG_OK and hasattr(error, "add_note"):
                error.add_note(f"{name}: {said}")
            raise error
        component = (lib.pvg_error_component(self.pointer) or b"").decode("utf-8", "replace")
        if not said or lib.pvg_error_code(self.pointer) != status:  # a call that gives its status alone
            said, component = f"{name} failed with {(lib.pvg_status_name(status) or b'').decode()}", ""
        raise BY_STATUS.get(status, InternalError)(said, component, name)

    def text(self, function: Callable[..., int], *arguments: Any) -> str:
        """What a call writes to a buffer whose size it tells."""
        return self.octets(function, *arguments).decode("utf-8")

    def octets(self, function: Callable[..., int], *arguments: Any) -> bytes:
        needed = ctypes.c_size_t()
        with self.lock:
            self.call(function, *arguments, None, 0, ctypes.byref(needed))
            buffer = ctypes.create_string_buffer(needed.value + 1)
            self.call(function, *arguments, buffer, len(buffer), None)
        return buffer.raw[:needed.value]

    def bury(self) -> None:
        """Destroy what was let go, unless a call is in progress: then whoever is in it does."""
        while self.graveyard and self.lock.acquire(blocking=False):
            try:
                if self.depth or self.generation != _generation:
                    return
                self.depth += 1
                try:
                    while self.graveyard:
                        destroy, pointer = self.graveyard.popleft()
                        destroy(pointer)
                        pointer.value = None
                finally:
                    self.depth -= 1
            finally:
                self.lock.release()


def _pointers(arguments: Tuple[Any, ...]) -> List[Any]:
    return [one._open() if isinstance(one, Handle) else one for one in arguments]


def _let_go(core: Core, destroy: Callable[..., Any], pointer: Any) -> None:
    if pointer.value is not None:
        core.graveyard.append((destroy, pointer))
        core.bury()


_ending = threading.Event()

# At exit everything is destroyed by weakref's own function, which is in place once there was a finalizer. What is registered
# later runs before it: so threads that still run can be told why their objects are gone.
weakref.finalize(_ending, _ending.set).detach()
atexit.register(_ending.set)


class Handle:
    """An object of the library. It is destroyed by close(), at the end of a `with`, or when nobody holds it any more, in any
    order: what it needs of others lives on inside the library."""

    _destroy: Callable[..., Any]
    _kind: Type[Any]

    def __init__(self, core: Core):
        self._core = core
        self._pointer = self._kind()  # the library writes here, so that no interruption can lose it
        self._finalizer = weakref.finalize(self, _let_go, core, self._destroy, self._pointer)

    def _open(self) -> Any:
        """The pointer, for a call."""
        if not self._finalizer.alive:
            if _ending.is_set() and threading.current_thread() is not threading.main_thread():
                raise SystemExit  # a thread that outlives the program ends in silence
            raise StateError(f"this {type(self).__name__} is closed")
        return self._pointer

    def close(self) -> None:
        """Destroy it now. What was made from it lives on. Closing twice does nothing."""
        self._finalizer()

    @property
    def closed(self) -> bool:
        return not self._finalizer.alive

    def __enter__(self: Self) -> Self:
        self._open()
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be pickled")


def octets(text: str, what: str) -> bytes:
    """UTF-8 for a parameter that ends at a NUL."""
    if not isinstance(text, str):
        raise TypeError(f"{what} must be a str, not {type(text).__name__}")
    encoded = text.encode("utf-8")
    if b"\0" in encoded:
        raise ValueError(f"{what} has a NUL inside: {text!r}")
    return encoded


class _Unraisable:
    def __init__(self, error: BaseException, where: Any, message: str):
        self.exc_type, self.exc_value, self.exc_traceback = type(error), error, error.__traceback__
        self.err_msg, self.object = message, where


def unraisable(error: BaseException, where: Any, message: str) -> None:
    """For what nobody can catch: Python's own way of telling. An interruption is given to the main thread anew."""
    if isinstance(error, KeyboardInterrupt):
        _thread.interrupt_main()
    else:
        sys.unraisablehook(_Unraisable(error, where, message))  # type: ignore[arg-type]


def tell(core: Core, function: Callable[..., object], *arguments: Any) -> None:
    """Call a function of the host's during a call that it cannot fail: what it raises cancels that call, and is raised by it."""
    try:
        try:
            _interrupts.enter_hook()
            function(*arguments)
        finally:
            _interrupts.leave_hook()
    except BaseException as error:
        core.raised.append(error)
        core.interrupt()


def whole(value: SupportsIndex, what: str, bits: int, *, signed: bool = True) -> int:
    """An integer that fits: ctypes would cut off what does not."""
    number = operator.index(value)
    lowest, highest = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if not lowest <= number <= highest:
        raise OverflowError(f"{what} is {number}: {lowest} to {highest} are possible")
    return number


def file_name(path: PathLike) -> bytes:
    return os.fsencode(path)


def string(value: Optional[bytes]) -> str:
    return (value or b"").decode("utf-8", "replace")


def span(function: Callable[..., int], *arguments: Any) -> str:
    """A borrowed text with its length, copied."""
    where, length = ctypes.c_void_p(), ctypes.c_size_t()
    status = function(*arguments, ctypes.byref(where), ctypes.byref(length))
    if status != _native.PVG_OK:
        raise BY_STATUS.get(status, InternalError)(f"{function.__name__} failed", "", function.__name__)
    return ctypes.string_at(where.value or 0, length.value).decode("utf-8", "replace") if length.value else ""


__all__ = ["Core", "Handle", "PathLike", "file_name", "lib", "octets", "span", "string", "tell", "unraisable", "whole"]
