"""Problems with exact answers, and the step oracle of the built-in ones."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Iterable, Iterator, List, Optional, Tuple, Union, overload

from . import _native
from ._core import Core, Handle, PathLike, file_name, lib, octets, string, whole
from ._native import Injection, Rendering
from .context import Context, core_of
from .settings import SettingsLike, settings_in


@dataclass(frozen=True)
class Problem:
    """One problem of a dataset."""
    id: str                        #: stable: the file's own, or a digest of the question
    question: str
    gold: str                      #: the reference answer
    solution: str = ""             #: a reference solution, "" when there is none
    candidate: str = ""            #: a model's solution, labelled; "" when there is none
    label: Optional[bool] = None   #: of the candidate: right or wrong
    chain: str = ""                #: machine form of a built-in problem, from which the oracle works
    line: int = 0                  #: where it stood in its file, from 1; 0 if it came from elsewhere


@dataclass(frozen=True)
class OracleResult:
    """What the step oracle says of a written solution of a built-in problem."""
    steps: int              #: steps the problem has
    full: int               #: written out as a calculation
    bare: int               #: as a result only
    omitted: int            #: not at all
    arithmetic_errors: int  #: a op b = c that is false
    grounding_errors: int   #: a true-looking step with a wrong quantity or operation
    mismatch: bool          #: the final answer is not what the last line implies
    answer: Optional[int]   #: the final answer that was found
    right: bool             #: it is the right one
    valid: bool             #: right, nothing wrong, nothing omitted
    fully_shown: bool       #: valid, and every step written out
    lines: int              #: step lines found, right or wrong
    first_error: Optional[int]  #: index of the first wrong line


@dataclass(frozen=True)
class OracleLine:
    """One step line of a solution as the step oracle reads it."""
    step: Optional[int]   #: of the problem, from 0, that it writes; None: none
    full: bool            #: a calculation; else a result alone
    arithmetic: bool      #: what it says comes out
    grounded: bool        #: about the right quantities
    distractor: bool      #: not grounded, and it does what a distractor tells of
    omitted: int          #: steps not written since the line before, on which this one relies
    begin: int            #: bytes of the solution (in UTF-8) in which it stands
    end: int

    @property
    def valid(self) -> bool:
        return self.arithmetic and self.grounded


class Dataset(Handle):
    """Problems with exact answers; a sequence of Problem. Made by read, generate, or from nothing by append. A game freezes
    what it is given: then it no longer changes."""

    _destroy = lib.pvg_dataset_destroy
    _kind = _native.pvg_dataset

    def __init__(self, *, context: Optional[Context] = None):
        super().__init__(core_of(context))
        self._core.call(lib.pvg_dataset_create, self._core.pointer, ctypes.byref(self._pointer))

    @classmethod
    def _made(cls, core: Core) -> Dataset:
        made: Dataset = cls.__new__(cls)
        Handle.__init__(made, core)
        return made

    @classmethod
    def read(cls, path: PathLike, settings: SettingsLike = None, *, context: Optional[Context] = None) -> Dataset:
        """JSON lines, plain or gzip, in fields that the data.* settings name (default: GSM8K's). A bad line fails the whole read
        with a FormatError that names file, line and field."""
        core = core_of(context)
        made = cls._made(core)
        core.work(lib.pvg_dataset_read, core.pointer, file_name(path), settings_in(core, settings), ctypes.byref(made._pointer))
        return made

    @classmethod
    def generate(cls, count: int, settings: SettingsLike = None, *, first: int = 0, context: Optional[Context] = None) -> Dataset:
        """`count` built-in problems from number `first` on, as the problems.* settings and the seed say."""
        core = core_of(context)
        made = cls._made(core)
        core.work(lib.pvg_dataset_generate, core.pointer, settings_in(core, settings), whole(first, "first", 64, signed=False),
                  whole(count, "count", 64, signed=False), ctypes.byref(made._pointer))
        return made

    @classmethod
    def of(cls, problems: Iterable[Problem], *, context: Optional[Context] = None) -> Dataset:
        """A dataset of these problems: labelled solutions where `candidate` is given."""
        made = cls(context=context)
        for problem in problems:
            if problem.label is not None:
                made.append_labelled(problem.question, problem.gold, problem.candidate, problem.label, id=problem.id)
            else:
                made.append(problem.question, problem.gold, problem.solution or None, id=problem.id)
        return made

    def append(self, question: str, gold: str, solution: Optional[str] = None, *, id: Optional[str] = None) -> None:
        """Add a problem. gold: an answer in any form that the grader reads; id: else a digest of the question."""
        asked, shown = question.encode("utf-8"), None if solution is None else solution.encode("utf-8")
        self._core.call(lib.pvg_dataset_append, self, None if id is None else octets(id, "id"), asked, len(asked),
                        octets(gold, "gold"), shown, len(shown or b""))

    def append_labelled(self, question: str, gold: str, candidate: str, label: bool, *, id: Optional[str] = None) -> None:
        """Add a model's solution of a problem, labelled right or wrong: what a verifier alone is trained on."""
        asked, shown = question.encode("utf-8"), candidate.encode("utf-8")
        self._core.call(lib.pvg_dataset_append_labelled, self, None if id is None else octets(id, "id"), asked, len(asked),
                        octets(gold, "gold"), shown, len(shown), int(label))

    def part(self, name: str, settings: SettingsLike = None) -> Dataset:
        """"prover", "verifier" or "test": as a game with these settings cuts the data."""
        made = self._made(self._core)
        given = settings_in(self._core, settings)
        self._core.call(lib.pvg_dataset_part, self, given, octets(name, "name"), ctypes.byref(made._pointer))
        return made

    def freeze(self) -> Dataset:
        self._core.call(lib.pvg_dataset_freeze, self)
        return self

    def write(self, path: PathLike) -> None:
        """JSON lines, gzip if the path ends in .gz; reading them back gives the same digest."""
        self._core.work(lib.pvg_dataset_write, self, file_name(path))

    @property
    def digest(self) -> str:
        """32 hex digits over the content in order."""
        out = ctypes.create_string_buffer(33)
        self._core.call(lib.pvg_dataset_digest, self, out)
        return out.value.decode()

    def __len__(self) -> int:
        return int(self._core.ask(lib.pvg_dataset_count, self))

    @overload
    def __getitem__(self, index: int) -> Problem: ...

    @overload
    def __getitem__(self, index: slice) -> Tuple[Problem, ...]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[Problem, Tuple[Problem, ...]]:
        if isinstance(index, slice):
            return tuple(self._get(i) for i in range(*index.indices(len(self))))
        count = len(self)
        at = index + count if index < 0 else index
        if not 0 <= at < count:
            raise IndexError(f"problem {index} of {count}")
        return self._get(at)

    def _get(self, index: int) -> Problem:
        one = _native.pvg_problem(struct_size=ctypes.sizeof(_native.pvg_problem))
        with self._core.lock:
            self._core.call(lib.pvg_dataset_get, self, index, ctypes.byref(one))
            return Problem(string(one.id), string(one.question), string(one.gold), string(one.solution), string(one.candidate),
                           None if one.label < 0 else bool(one.label), string(one.chain), one.line)

    def __iter__(self) -> Iterator[Problem]:
        index = 0
        while index < len(self):
            yield self._get(index)
            index += 1

    def __repr__(self) -> str:
        return "<pvgame.Dataset closed>" if self.closed else f"<pvgame.Dataset of {len(self)} problems>"


def check_steps(chain: Union[str, Problem], solution: str, *, context: Optional[Context] = None) -> OracleResult:
    """What the step oracle says of a written solution of a built-in problem (or of its chain)."""
    core = core_of(context)
    written = solution.encode("utf-8")
    found = _native.pvg_oracle_result(struct_size=ctypes.sizeof(_native.pvg_oracle_result))
    core.call(lib.pvg_oracle_check, core.pointer, _chain(chain), written, len(written), ctypes.byref(found))
    return OracleResult(found.steps, found.full, found.bare, found.omitted, found.arithmetic_errors, found.grounding_errors,
                        bool(found.mismatch), found.answer if found.answered else None, bool(found.right), bool(found.valid),
                        bool(found.fully_shown), found.lines, None if found.first_error < 0 else found.first_error)


def read_lines(chain: Union[str, Problem], solution: str, *, context: Optional[Context] = None) -> List[OracleLine]:
    """The step lines of a written solution, one by one."""
    core = core_of(context)
    written, one = solution.encode("utf-8"), _native.pvg_oracle_line(struct_size=ctypes.sizeof(_native.pvg_oracle_line))
    found = []
    for index in range(check_steps(chain, solution, context=context).lines):
        core.call(lib.pvg_oracle_read_line, core.pointer, _chain(chain), written, len(written), index, ctypes.byref(one))
        found.append(OracleLine(None if one.step < 0 else one.step, bool(one.full), bool(one.arithmetic), bool(one.grounded),
                                bool(one.distractor), one.omitted, one.begin, one.end))
    return found


def inject_error(chain: Union[str, Problem], kind: Injection, seed: int, *, rendering: Rendering = Rendering.COMPACT,
                 largest: int = 29, context: Optional[Context] = None) -> Tuple[str, bool]:
    """A full solution of a built-in problem with one stated error, followed through consistently; and whether the final answer
    is wrong by it. NotFoundError when the problem offers no place for the kind."""
    core = core_of(context)
    changed = ctypes.c_int32()
    needed = ctypes.c_size_t()
    arguments = (core.pointer, _chain(chain), int(rendering), int(kind), whole(largest, "largest", 32),
                 whole(seed, "seed", 64, signed=False))
    core.call(lib.pvg_problem_inject, *arguments, None, 0, ctypes.byref(needed), ctypes.byref(changed))
    buffer = ctypes.create_string_buffer(needed.value + 1)
    core.call(lib.pvg_problem_inject, *arguments, buffer, len(buffer), None, ctypes.byref(changed))
    return string(buffer.value), bool(changed.value)


def _chain(given: Union[str, Problem]) -> bytes:
    return octets(given.chain if isinstance(given, Problem) else given, "chain")
