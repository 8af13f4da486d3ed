"""Ctrl-C while the library computes.

Python runs signal handlers between two of its own instructions, and a call of the library is one instruction. While a
call works in the main thread, a byte that the signal writes (signal.set_wakeup_fd) therefore wakes a thread that cancels
the context, and the handler is deferred: it runs right after the call, or at once inside a host's hook. Otherwise it
could strike between the library and the hook, where an exception has nobody to catch it. All is as before when the
call returns."""
from __future__ import annotations

import contextlib
import os
import signal
import threading
from types import FrameType
from typing import Any, Callable, List, Optional, Tuple

_lock = threading.Lock()


class _Armed:
    """What was there before, and what has happened since."""

    def __init__(self, handler: Callable[..., Any]):
        self.handler = handler
        self.previous_fd = -1
        self.work: List[Tuple[Callable[[], None], bool]] = []  # innermost last: how to cancel it; inside_hook around it
        self.seen = False
        self.frame: Optional[FrameType] = None
        self.inside_hook = False  # a host's own code is running: let the handler strike

    def strike(self) -> None:
        if self.seen:
            self.seen = False
            self.handler(signal.SIGINT, self.frame)


_armed: Optional[_Armed] = None
_wake_fd = -1


def _handle(number: int, frame: Optional[FrameType]) -> None:
    armed = _armed
    if armed is None:
        signal.default_int_handler(number, frame)
    elif armed.inside_hook:
        armed.handler(number, frame)
    else:
        armed.seen, armed.frame = True, frame


def _watch(reader: int) -> None:
    while True:
        signals = os.read(reader, 64)
        with _lock:
            armed = _armed
            if armed is None:
                continue
            if armed.previous_fd >= 0:
                with contextlib.suppress(OSError):
                    os.write(armed.previous_fd, signals)
            if signal.SIGINT in signals and armed.handler is signal.default_int_handler and armed.work:
                armed.work[-1][0]()


def _watched_fd() -> int:
    global _wake_fd
    if _wake_fd < 0:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        threading.Thread(target=_watch, args=(reader,), name="pvgame-interrupts", daemon=True).start()
        _wake_fd = writer
    return _wake_fd


def enter(cancel: Callable[[], None]) -> bool:
    """From now on Ctrl-C calls `cancel`, until `leave`. False, and nothing to leave, outside of the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return False
    armed = _armed or _arm()
    if armed is None:
        return False
    with _lock:
        armed.work.append((cancel, armed.inside_hook))
        armed.inside_hook = False
    return True


def _arm() -> Optional[_Armed]:
    global _armed
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):  # ignored, or left to the system
        return None
    armed = _armed = _Armed(handler)
    try:
        signal.signal(signal.SIGINT, _handle)  # a signal may still strike in here; afterwards none does
    except BaseException:
        _armed = None
        raise
    armed.previous_fd = signal.set_wakeup_fd(_watched_fd(), warn_on_full_buffer=False)
    return armed


def leave() -> None:
    """Back to what was. A Ctrl-C that came meanwhile is handled here, which usually raises KeyboardInterrupt."""
    global _armed
    armed = _armed
    assert armed is not None
    with _lock:
        armed.inside_hook = armed.work.pop()[1]
    if armed.work:
        if armed.inside_hook:
            armed.strike()
        return
    signal.set_wakeup_fd(armed.previous_fd)
    try:
        signal.signal(signal.SIGINT, armed.handler)  # from here on a signal strikes at once
    finally:
        _armed = None
    armed.strike()


def enter_hook() -> None:
    """A host's own code begins: Ctrl-C strikes in it, as in any Python code."""
    armed = _armed
    if armed is not None and threading.current_thread() is threading.main_thread():
        armed.inside_hook = True
        armed.strike()


def leave_hook() -> None:
    armed = _armed
    if armed is not None and threading.current_thread() is threading.main_thread():
        armed.inside_hook = False
