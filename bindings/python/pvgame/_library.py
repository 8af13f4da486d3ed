"""Finds the shared library and opens it."""
from __future__ import annotations

import ctypes
import os
import pathlib
import sys
from typing import Iterator, List, Optional

from . import _native
from .errors import LibraryNotFound

NAME = "libpvgame.so.0"
PACKAGE = pathlib.Path(__file__).resolve().parent


def candidates() -> Iterator[str]:
    """Where the library may be, best first; a name without a folder is looked for by the system's loader.

    PVGAME_LIBRARY (a file or a folder) alone when it is set; else the package's own copy, the build folders of the source
    tree that the package stands in, and what is installed."""
    named = os.environ.get("PVGAME_LIBRARY")
    if named:
        yield os.path.join(named, NAME) if os.path.isdir(named) else named
        return
    yield str(PACKAGE / "lib" / NAME)
    root = PACKAGE.parents[2] if len(PACKAGE.parents) > 2 else PACKAGE
    if (root / "include" / "pvgame" / "pvgame.h").exists():
        yield str(root / "build" / "release" / NAME)
        for folder in sorted(root.glob("build*")) + sorted((root / "build").glob("*")):
            if folder.is_dir() and folder != root / "build" / "release" and (folder / NAME).exists():
                yield str(folder / NAME)
    yield NAME
    for prefix in dict.fromkeys([sys.prefix, "/usr/local"]):
        yield os.path.join(prefix, "lib", NAME)


def open_library(path: str, tried: List[str]) -> Optional[_native.Functions]:
    """The functions of the library at `path`, or None and a line more in `tried`."""
    if os.sep in path and not os.path.exists(path):
        tried.append(f"{path}: no such file")
        return None
    try:
        library = ctypes.CDLL(path)
        accepts = library.pvg_abi_accepts
        accepts.restype, accepts.argtypes = ctypes.c_int32, [ctypes.c_uint32, ctypes.c_uint32]
        if not accepts(_native.PVG_VERSION_MAJOR, _native.PVG_VERSION_MINOR):
            version = library.pvg_version_string
            version.restype = ctypes.c_char_p
            wanted = f"{_native.PVG_VERSION_MAJOR}.{_native.PVG_VERSION_MINOR}"
            tried.append(f"{path}: is version {version().decode()}, and this package is made for {wanted}")
            return None
        return _native.Functions(library)
    except (OSError, AttributeError) as error:  # AttributeError: an older library lacks a function
        reason = str(error)
        tried.append(reason if path in reason else f"{path}: {reason}")
        return None


#: The file that was opened.
path = ""


def load() -> _native.Functions:
    global path
    tried: List[str] = []
    for candidate in candidates():
        found = open_library(candidate, tried)
        if found is not None:
            path = candidate
            return found
    raise LibraryNotFound(tried)


lib = load()
