"""Exceptions: one class for each status of the library, with the library's own sentence."""
from __future__ import annotations

from typing import Dict, List, Type

from ._native import Status


class LibraryNotFound(ImportError):
    """The shared library could not be loaded. `tried` lists every place with what was wrong there."""

    def __init__(self, tried: List[str]):
        self.tried = tried
        lines = "\n".join(f"  {line}" for line in tried)
        super().__init__(f"libpvgame was not found. Set PVGAME_LIBRARY to the library or its folder. Tried:\n{lines}")


class Error(Exception):
    """What a call of the library failed with: str(error) is one sentence that names what was found and what is wanted."""

    status: Status = Status.E_INTERNAL
    component: str = ""  #: the part of the library that says it, "dataset" for example
    function: str = ""   #: the C function that was called

    def __init__(self, message: str, component: str = "", function: str = ""):
        super().__init__(message)
        self.component = component
        self.function = function


class InvalidError(Error, ValueError):
    """An argument is wrong: a mistake in the program."""
    status = Status.E_INVALID


class OutOfMemoryError(Error, MemoryError):
    """The allocator refused, or the planned memory exceeds the limit."""
    status = Status.E_NOMEM


class FileError(Error, OSError):
    """A file could not be opened, read or written; disk full."""
    status = Status.E_IO


class FormatError(Error, ValueError):
    """A file or a text is damaged or not of the stated format."""
    status = Status.E_FORMAT


class TooNewError(Error):
    """A file was written by a newer version of the library."""
    status = Status.E_TOO_NEW


class StateError(Error, RuntimeError):
    """The call does not fit the object's state: it is closed, frozen, or not yet there."""
    status = Status.E_STATE


class RangeError(Error, ValueError):
    """A number or a setting is outside its stated range."""
    status = Status.E_RANGE


class NotFoundError(Error, LookupError):
    """No such setting, field, item, file or report."""
    status = Status.E_NOT_FOUND


class BusyError(Error, RuntimeError):
    """A hook called back into its own context."""
    status = Status.E_BUSY


class NumericError(Error, ArithmeticError):
    """A number became NaN or infinite; nothing was written after it."""
    status = Status.E_NUMERIC


class CallbackError(Error, RuntimeError):
    """A host's player failed without raising, or did not answer every item. What a hook raises is raised itself."""
    status = Status.E_CALLBACK


class CancelledError(Error):
    """Context.cancel was called. After Context.resume the same call goes on where it stopped."""
    status = Status.E_CANCELLED


class BufferTooSmallError(Error, ValueError):
    """The caller's buffer is too small."""
    status = Status.E_BUFFER


class UnsupportedError(Error, NotImplementedError):
    """Valid, but this version does not do it."""
    status = Status.E_UNSUPPORTED


class InternalError(Error):
    """A broken invariant inside the library: please report it."""
    status = Status.E_INTERNAL


BY_STATUS: Dict[int, Type[Error]] = {
    kind.status: kind
    for kind in (InvalidError, OutOfMemoryError, FileError, FormatError, TooNewError, StateError, RangeError, NotFoundError,
                 BusyError, NumericError, CallbackError, CancelledError, BufferTooSmallError, UnsupportedError, InternalError)
}
