"""Tokenizers and models."""
from __future__ import annotations

import array
import ctypes
from typing import Any, Optional, Sequence, Union

from . import _native
from ._core import Core, Handle, PathLike, file_name, lib, octets, string
from .context import Context, core_of
from .data import Dataset
from .settings import SettingsLike, settings_in

#: Token ids: a sequence of int, or a buffer of 32-bit integers (a NumPy array of int32), which is read where it is.
Tokens = Union[Sequence[int], "array.array[int]", memoryview, Any]


def buffer_of(given: Any, kind: Any, code: str, what: str) -> Optional[Any]:
    """`given` as a ctypes array over the same memory when it is a contiguous buffer of that kind, else None."""
    try:
        view = memoryview(given)
    except TypeError:
        return None
    if view.format.lstrip("=<@") != code or view.itemsize != ctypes.sizeof(kind):
        raise TypeError(f"{what}: a buffer of '{view.format}' was given, and one of '{code}' is wanted")
    if view.ndim != 1 or not view.contiguous:
        raise TypeError(f"{what}: the buffer must have one dimension and be contiguous")
    whole = kind * len(view)
    return whole.from_buffer_copy(view) if view.readonly else whole.from_buffer(view)


def room_for(out: Any, count: int, kind: Any, code: str, what: str) -> Any:
    """A caller's buffer of `count` numbers to be filled, as a ctypes array over its memory."""
    if isinstance(out, bytes) or memoryview(out).readonly:
        raise TypeError(f"{what}: the buffer is read-only")
    room = buffer_of(out, kind, code, what)
    if room is None or len(room) != count:
        raise ValueError(f"{what}: there is room for {0 if room is None else len(room)} numbers, and {count} are wanted")
    return room


def _tokens(given: Tokens) -> Any:
    buffer = buffer_of(given, ctypes.c_int32, "i", "tokens")
    return buffer if buffer is not None else buffer_of(array.array("i", given), ctypes.c_int32, "i", "tokens")


class Tokenizer(Handle):
    """Byte-level BPE, as Hugging Face's tokenizer.json. It never changes."""

    _destroy = lib.pvg_tokenizer_destroy
    _kind = _native.pvg_tokenizer

    def __init__(self, path: PathLike, *, context: Optional[Context] = None):
        """A tokenizer.json, or a folder that holds one."""
        super().__init__(core_of(context))
        self._core.work(lib.pvg_tokenizer_load, self._core.pointer, file_name(path), ctypes.byref(self._pointer))

    @classmethod
    def _made(cls, core: Core) -> Tokenizer:
        made: Tokenizer = cls.__new__(cls)
        Handle.__init__(made, core)
        return made

    @classmethod
    def train(cls, dataset: Dataset, settings: SettingsLike = None) -> Tokenizer:
        """Learned from the questions and solutions of a dataset, by the tokenizer.* settings."""
        core = dataset._core
        made = cls._made(core)
        core.work(lib.pvg_tokenizer_train, core.pointer, dataset, settings_in(core, settings), ctypes.byref(made._pointer))
        return made

    def save(self, path: PathLike) -> None:
        self._core.work(lib.pvg_tokenizer_save, self, file_name(path))

    def encode(self, text: str, *, specials: bool = False) -> array.array[int]:
        """Token ids; special tokens written in the text count only with `specials`."""
        encoded = text.encode("utf-8")
        needed = ctypes.c_size_t()
        tokens = (ctypes.c_int32 * (len(encoded) + 1))()  # a token is a byte or more
        self._core.call(lib.pvg_tokenizer_encode, self, encoded, len(encoded), int(specials), tokens, len(tokens),
                        ctypes.byref(needed))
        return array.array("i", memoryview(tokens).cast("B")[:4 * needed.value].tobytes())

    def decode_bytes(self, tokens: Tokens) -> bytes:
        """Exactly the bytes that were encoded."""
        given = _tokens(tokens)
        return self._core.octets(lib.pvg_tokenizer_decode, self, given, len(given))

    def decode(self, tokens: Tokens, errors: str = "replace") -> str:
        """The same as text; tokens may end within a letter."""
        return self.decode_bytes(tokens).decode("utf-8", errors)

    def __len__(self) -> int:
        """Highest id + 1."""
        return int(self._core.ask(lib.pvg_tokenizer_size, self))

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return "<pvgame.Tokenizer closed>" if self.closed else f"<pvgame.Tokenizer of {len(self)} tokens>"


class Model(Handle):
    """A Llama-family decoder with an LM head (a prover) or a scalar head (a verifier). Its folder is Hugging Face's own."""

    _destroy = lib.pvg_model_destroy
    _kind = _native.pvg_model

    def __init__(self, path: PathLike, *, context: Optional[Context] = None):
        """Load a folder: config.json, model.safetensors (or shards), tokenizer.json."""
        super().__init__(core_of(context))
        self._core.work(lib.pvg_model_load, self._core.pointer, file_name(path), ctypes.byref(self._pointer))

    @classmethod
    def _made(cls, core: Core) -> Model:
        made: Model = cls.__new__(cls)
        Handle.__init__(made, core)
        return made

    @classmethod
    def create(cls, tokenizer: Tokenizer, settings: SettingsLike = None, part: str = "prover") -> Model:
        """Random weights from the seed; `part` ("prover" or "verifier") picks which settings give the shape."""
        core = tokenizer._core
        made = cls._made(core)
        core.work(lib.pvg_model_create, core.pointer, tokenizer, settings_in(core, settings), octets(part, "part"),
                  ctypes.byref(made._pointer))
        return made

    def save(self, path: PathLike) -> None:
        """Written beside and renamed: a folder that is there is replaced whole or not at all."""
        self._core.work(lib.pvg_model_save, self, file_name(path))

    def clone(self) -> Model:
        made = self._made(self._core)
        self._core.call(lib.pvg_model_clone, self, ctypes.byref(made._pointer))
        return made

    @property
    def parameters(self) -> int:
        return int(self._core.ask(lib.pvg_model_parameters, self))

    @property
    def context_length(self) -> int:
        """Most tokens of a prompt and solution together."""
        return int(self._core.ask(lib.pvg_model_context_length, self))

    @property
    def head(self) -> str:
        """"lm", "token_sum", "token_mean" or "last"."""
        return string(self._core.ask(lib.pvg_model_head, self))

    @property
    def tokenizer(self) -> Tokenizer:
        made = Tokenizer._made(self._core)
        self._core.call(lib.pvg_model_tokenizer, self, ctypes.byref(made._pointer))
        return made

    def logprobs(self, tokens: Tokens, out: Any = None) -> Any:
        """Log-probability (nats) of each token given those before it; the first is 0. Models with an LM head only.

        out: a buffer of as many 32-bit floats (a NumPy array of float32), filled where it is and given back; else a new
        array.array, which numpy.asarray takes without a copy."""
        given = _tokens(tokens)
        result = array.array("f", bytes(4 * len(given))) if out is None else out
        self._core.work(lib.pvg_model_logprobs, self, given, len(given), room_for(result, len(given), ctypes.c_float, "f", "out"))
        return result

    def __repr__(self) -> str:
        return "<pvgame.Model closed>" if self.closed else f"<pvgame.Model of {self.parameters} parameters, head {self.head}>"
