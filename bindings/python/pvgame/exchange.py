"""What the library asks a host's player, and what it tells it afterwards."""
from __future__ import annotations

import ctypes
import itertools
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Union, overload

from . import _interrupts, _native
from ._core import Core, lib, span, unraisable
from ._native import RequestKind, Role, Verdict
from .errors import BY_STATUS, InternalError

#: One answer for each item: texts (PROVE), finite numbers (VERIFY), or verdicts, where a bool means right or wrong (GRADE).
Answers = Iterable[Any]


@dataclass(frozen=True)
class Item:
    """One of the things that are asked."""
    question: str
    role: Role                #: in which to write; a verifier sees every solution as NEUTRAL
    seed: int                 #: for sampling that can be repeated
    solution: Optional[str]   #: to be judged; None for a prover
    answer: Optional[str]     #: the reference answer; None unless this player may see it


class Request(Sequence[Item]):
    """A batch of items that want an answer each. Texts are copies: it may be kept."""

    def __init__(self, kind: RequestKind, id: int, temperature: float, items: List[Item]):
        self.kind = kind                #: what is wanted of each item
        self.id = id                    #: the feedback repeats it
        self.temperature = temperature  #: of a prover; 0 asks for the best answer
        self.items = items

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> List[Item]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[Item, List[Item]]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    @property
    def questions(self) -> List[str]:
        return [item.question for item in self.items]

    @property
    def solutions(self) -> List[str]:
        return [item.solution or "" for item in self.items]

    def __repr__(self) -> str:
        return f"<pvgame.Request {self.id}: {self.kind.name} {len(self)} items>"


@dataclass(frozen=True)
class Outcome:
    """What came of one item."""
    question: str
    solution: str
    role: Role
    verdict: Verdict
    reward: float    #: of a prover (Kirchner et al. 2024, equations 2 to 4, as prover_train.reward says); NaN for a verifier


class Feedback(Sequence[Outcome]):
    """What came of an earlier request: rewards for a prover, labels for a verifier."""

    def __init__(self, kind: RequestKind, id: int, items: List[Outcome]):
        self.kind = kind
        self.id = id        #: of the request; 0: labelled solutions that answer none
        self.items = items

    @overload
    def __getitem__(self, index: int) -> Outcome: ...

    @overload
    def __getitem__(self, index: slice) -> List[Outcome]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[Outcome, List[Outcome]]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.items)

    def __repr__(self) -> str:
        return f"<pvgame.Feedback on request {self.id}: {len(self)} items>"


AnswerFunction = Callable[[Request], Answers]
LearnFunction = Callable[[Feedback], Any]


# ---- between the library and Python ----

def read_request(request: Any) -> Request:
    kind = RequestKind(lib.pvg_request_kind_of(request))
    items = []
    for i in range(lib.pvg_request_count(request)):
        role = Role(lib.pvg_request_role(request, i))
        items.append(Item(question=span(lib.pvg_request_question, request, i), role=role, seed=lib.pvg_request_seed(request, i),
                          solution=None if kind == RequestKind.PROVE else span(lib.pvg_request_solution, request, i),
                          answer=_reference(request, i) if kind == RequestKind.GRADE or role == Role.SNEAKY else None))
    return Request(kind, lib.pvg_request_id(request), lib.pvg_request_temperature(request), items)


def _reference(request: Any, item: int) -> Optional[str]:
    try:
        return span(lib.pvg_request_answer, request, item)
    except LookupError:
        return None


def write_reply(core: Core, request: Request, reply: Any, answers: Answers) -> None:
    if isinstance(answers, (str, bytes)) or not hasattr(answers, "__iter__"):
        raise TypeError(f"an answer for each item is wanted, in a list for example; {type(answers).__name__} was given")
    given = list(answers)
    if len(given) != len(request):
        raise ValueError(f"{len(request)} items were asked, and {len(given)} answers given")
    write = {RequestKind.PROVE: _write_text, RequestKind.VERIFY: _write_score, RequestKind.GRADE: _write_verdict}[request.kind]
    for index, answer in enumerate(given):
        status = write(reply, index, answer)
        if status != _native.PVG_OK:
            said = (lib.pvg_error_message(core.pointer) or b"").decode("utf-8", "replace")
            raise BY_STATUS.get(status, InternalError)(said, "exchange", "pvg_reply")


def _write_text(reply: Any, index: int, answer: Any) -> int:
    if not isinstance(answer, str):
        raise TypeError(f"the solution of item {index} must be a str, not {type(answer).__name__}")
    encoded = answer.encode("utf-8")
    return lib.pvg_reply_text(reply, index, encoded, len(encoded))


def _write_score(reply: Any, index: int, answer: Any) -> int:
    return lib.pvg_reply_score(reply, index, float(answer))


def _write_verdict(reply: Any, index: int, answer: Any) -> int:
    if isinstance(answer, bool):
        answer = Verdict.CORRECT if answer else Verdict.WRONG
    return lib.pvg_reply_verdict(reply, index, int(Verdict(answer)))


def _read_feedback(feedback: Any) -> Feedback:
    items = [Outcome(span(lib.pvg_feedback_question, feedback, i), span(lib.pvg_feedback_solution, feedback, i),
                     Role(lib.pvg_feedback_role(feedback, i)), Verdict(lib.pvg_feedback_verdict(feedback, i)),
                     lib.pvg_feedback_reward(feedback, i)) for i in range(lib.pvg_feedback_count(feedback))]
    return Feedback(RequestKind(lib.pvg_feedback_kind(feedback)), lib.pvg_feedback_id(feedback), items)


# ---- hooks ----

class Host:
    """What a host gave for a player."""

    def __init__(self, core: Core, answer: Optional[AnswerFunction], learn: Optional[LearnFunction],
                 finish: Optional[Callable[[], Any]]):
        self.core = core
        self.answer = answer
        self.learn = learn
        self.finish = finish


#: Players that live, by the number that the library hands back.
_hosts: Dict[int, Host] = {}
_numbers = itertools.count(1)


def _on_answer(user: int, request: Any, reply: Any) -> int:
    host = _hosts[user]
    try:
        try:
            _interrupts.enter_hook()
            asked = read_request(request)
            assert host.answer is not None
            write_reply(host.core, asked, reply, host.answer(asked))
            return _native.PVG_OK
        finally:
            _interrupts.leave_hook()
    except BaseException as error:  # raised again where the library was called
        host.core.raised.append(error)
        lib.pvg_reply_fail(reply, f"{type(error).__name__}: {error}".replace("\0", " ").encode("utf-8", "replace"))
        return _native.PVG_E_CALLBACK


_answer = _native.pvg_hooks_answer_fn(_on_answer)


def _on_learn(user: int, feedback: Any) -> int:
    host = _hosts[user]
    try:
        try:
            _interrupts.enter_hook()
            assert host.learn is not None
            host.learn(_read_feedback(feedback))
            return _native.PVG_OK
        finally:
            _interrupts.leave_hook()
    except BaseException as error:
        host.core.raised.append(error)
        return _native.PVG_E_CALLBACK


_learn = _native.pvg_hooks_learn_fn(_on_learn)


def _on_finish(user: int) -> None:
    host = _hosts.pop(user)
    if host.finish is None:
        return
    try:
        host.finish()
    except BaseException as error:  # it may be the collector that lets go, or the end of the process
        unraisable(error, host.finish, "Exception ignored in a player's finish")


_finish = _native.pvg_hooks_finish_fn(_on_finish)


def hooks_for(host: Host) -> _native.pvg_hooks:
    """Hooks that lead to `host`, which lives until the library has finished with them."""
    hooks = _native.pvg_hooks()
    lib.pvg_hooks_init(ctypes.byref(hooks), ctypes.sizeof(hooks))
    hooks.user = next(_numbers)
    hooks.finish = _finish
    if host.answer is not None:
        hooks.answer = _answer
    if host.learn is not None:
        hooks.learn = _learn
    _hosts[hooks.user] = host
    return hooks


def drop(hooks: _native.pvg_hooks) -> None:
    """Hooks that the library never took."""
    _hosts.pop(hooks.user or 0, None)


__all__ = ["AnswerFunction", "Answers", "Feedback", "Item", "LearnFunction", "Outcome", "Request"]
