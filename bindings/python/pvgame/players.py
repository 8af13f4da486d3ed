"""Provers, verifiers and graders, the library's own or the host's, and measuring them."""
from __future__ import annotations

import array
import ctypes
import itertools
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Type, TypeVar

from . import _native
from ._core import Core, Handle, lib, octets, string, tell, whole
from ._native import Role, Verdict
from .context import Context, core_of
from .data import Dataset
from .exchange import AnswerFunction, Host, LearnFunction, drop, hooks_for
from .models import Model, room_for
from .report import Report
from .settings import SettingsLike, settings_in

P = TypeVar("P", bound="_Player")


class _Player(Handle):
    _from_hooks: Callable[..., int]

    @classmethod
    def host(cls: Type[P], answer: Optional[AnswerFunction] = None, *, learn: Optional[LearnFunction] = None,
             finish: Optional[Callable[[], Any]] = None, name: str = "host", context: Optional[Context] = None) -> P:
        """The host's own. answer(request) gives one answer an item; without it requests are pulled: Game.step then gives
        Event.NEEDS_REPLY, and Game.pending and Game.submit do the rest. learn(feedback) receives rewards or labels.
        finish() runs once, when the player is gone. What any of them raises goes through to the caller of the library.
        Inside of them no other object of the same context may be used."""
        core = core_of(context)
        made: P = cls.__new__(cls)
        Handle.__init__(made, core)
        hooks = hooks_for(Host(core, answer, learn, finish))
        try:
            core.call(cls._from_hooks, core.pointer, octets(name, "name"), ctypes.byref(hooks), ctypes.byref(made._pointer))
        except BaseException:
            drop(hooks)
            raise
        return made


class Prover(_Player):
    """Writes solutions: the library's own, a model with an LM head, or the host's (Prover.host)."""

    _destroy = lib.pvg_prover_destroy
    _kind = _native.pvg_prover
    _from_hooks = lib.pvg_prover_from_hooks

    def __init__(self, model: Model, settings: SettingsLike = None):
        """Prompts and sampling come from the roles.* and sampling.* settings. The model is shared, not copied."""
        super().__init__(model._core)
        core = self._core
        core.call(lib.pvg_prover_from_model, core.pointer, model, settings_in(core, settings), ctypes.byref(self._pointer))

    def generate(self, dataset: Dataset, role: Role = Role.NEUTRAL, samples: int = 1, *, temperature: float = 1.0,
                 seed: int = 1) -> Report:
        """`samples` solutions for every problem, graded, as the report's samples; temperature 0 is greedy."""
        report = Report._made(self._core)
        self._core.work(lib.pvg_prover_generate, self, dataset, int(role), whole(samples, "samples", 32), float(temperature),
                        whole(seed, "seed", 64, signed=False), ctypes.byref(report._pointer))
        return report


class Part(NamedTuple):
    """One token's share of a score."""
    end: int       #: byte of the solution (in UTF-8) at which the token ends
    value: float
    text: str


class Verifier(_Player):
    """Gives a solution a number, higher for more convincing: the library's own, a model with a scalar head, or the host's
    (Verifier.host). It sees every solution in the neutral role."""

    _destroy = lib.pvg_verifier_destroy
    _kind = _native.pvg_verifier
    _from_hooks = lib.pvg_verifier_from_hooks

    def __init__(self, model: Model, settings: SettingsLike = None):
        super().__init__(model._core)
        core = self._core
        core.call(lib.pvg_verifier_from_model, core.pointer, model, settings_in(core, settings), ctypes.byref(self._pointer))

    def score(self, questions: Sequence[str], solutions: Sequence[str], out: Any = None) -> Any:
        """The score of each solution; a model trained with cross-entropy gives the log-odds of being correct.

        out: a buffer of as many 64-bit floats (a NumPy array of float64), filled where it is and given back; else a new
        array.array, which numpy.asarray takes without a copy. On failure `out` is as it was."""
        if isinstance(questions, str) or isinstance(solutions, str):
            raise TypeError("score takes lists of texts: [question], [solution] for one")
        count = len(questions)
        if len(solutions) != count:
            raise ValueError(f"{count} questions and {len(solutions)} solutions: as many of both are wanted")
        result = array.array("d", bytes(8 * count)) if out is None else out
        room = room_for(result, count, ctypes.c_double, "d", "out")
        asked, written = _Texts(questions), _Texts(solutions)
        self._core.work(lib.pvg_verifier_score, self, count, asked.begins, asked.lengths, written.begins, written.lengths, room)
        return result

    def score_one(self, question: str, solution: str) -> float:
        return float(self.score([question], [solution])[0])

    def parts(self, question: str, solution: str) -> List[Part]:
        """Where the score comes from, token by token. Models with a summed or averaged head only."""
        asked, written = question.encode("utf-8"), solution.encode("utf-8")
        room = len(written) + 2  # a token is a byte or more, and the end token
        ends, values, needed = (ctypes.c_size_t * room)(), (ctypes.c_float * room)(), ctypes.c_size_t()
        self._core.work(lib.pvg_verifier_parts, self, asked, len(asked), written, len(written), ends, values, room,
                        ctypes.byref(needed))
        begins = [0, *ends[:needed.value]]
        return [Part(ends[i], values[i], written[begins[i]:ends[i]].decode("utf-8", "replace")) for i in range(needed.value)]


class _Texts:
    """Texts as the library takes many of them: where each begins, and its length. One block of memory holds them all, for
    an object for each would cost more than scoring it."""

    def __init__(self, texts: Sequence[str]):
        encoded = [text.encode("utf-8") for text in texts]
        count = len(encoded)
        self.block = b"".join(encoded)
        begin = ctypes.cast(ctypes.c_char_p(self.block), ctypes.c_void_p).value or 0
        lengths = array.array("L", map(len, encoded))
        begins = array.array("L", itertools.accumulate(lengths, initial=begin))
        self.begins = (ctypes.c_char_p * count).from_buffer(begins) if count else None
        self.lengths = (ctypes.c_size_t * count).from_buffer(lengths) if count else None


class Grade(NamedTuple):
    verdict: Verdict
    extracted: str    #: the answer text that was read


class Grader(_Player):
    """Says whether a final answer is right: the built-in one, which reads answers by the rules of docs/grader.md and compares
    them exactly, or the host's (Grader.host)."""

    _destroy = lib.pvg_grader_destroy
    _kind = _native.pvg_grader
    _from_hooks = lib.pvg_grader_from_hooks

    def __init__(self, settings: SettingsLike = None, *, context: Optional[Context] = None):
        super().__init__(core_of(context))
        core = self._core
        core.call(lib.pvg_grader_create, core.pointer, settings_in(core, settings), ctypes.byref(self._pointer))

    def grade(self, gold: str, solution: str, *, question: Optional[str] = None, truncated: bool = False) -> Grade:
        """gold: the reference answer (FormatError when it cannot be read). question: for a host's grader. truncated: the
        solution ran into its length limit."""
        right, written = gold.encode("utf-8"), solution.encode("utf-8")
        verdict, needed = ctypes.c_int32(), ctypes.c_size_t()
        room = ctypes.create_string_buffer(len(written) + 1)
        self._core.work(lib.pvg_grader_grade, self, None if question is None else octets(question, "question"), right, len(right),
                        written, len(written), int(truncated), ctypes.byref(verdict), room, len(room), ctypes.byref(needed))
        return Grade(Verdict(verdict.value), room.raw[:needed.value].decode("utf-8", "replace"))


def evaluate(dataset: Dataset, prover: Optional[Prover] = None, role: Role = Role.NEUTRAL, verifier: Optional[Verifier] = None,
             grader: Optional[Grader] = None, settings: SettingsLike = None) -> Report:
    """Measure a prover, and a verifier on its solutions: accuracy greedy and sampled, pass@k, the verifier's AUC and more, with
    intervals NAME_low and NAME_high. Without a prover the dataset's labelled solutions are judged."""
    core = dataset._core
    report = Report._made(core)
    core.work(lib.pvg_evaluate, core.pointer, dataset, prover, int(role), verifier, grader, settings_in(core, settings),
              ctypes.byref(report._pointer))
    return report


def evaluate_table(dataset: Dataset, provers: Sequence[Prover], verifiers: Sequence[Verifier], grader: Optional[Grader] = None,
                   settings: SettingsLike = None) -> Report:
    """Every verifier on every prover: tables "auc", "sneaky_score" and "helpful_score", verifiers in rows."""
    core = dataset._core
    report = Report._made(core)
    prover_array = (_native.pvg_prover * len(provers))(*(prover._open() for prover in provers))
    verifier_array = (_native.pvg_verifier * len(verifiers))(*(verifier._open() for verifier in verifiers))
    core.work(lib.pvg_evaluate_table, core.pointer, dataset, len(provers), prover_array, len(verifiers), verifier_array, grader,
              settings_in(core, settings), ctypes.byref(report._pointer))
    return report


AttackProgress = Callable[[str, int, int], object]
_attacks: Dict[int, Tuple[Core, AttackProgress]] = {}
_numbers = itertools.count(1)


def _on_attack(user: int, what: bytes, done: int, total: int) -> None:
    core, function = _attacks[user]
    tell(core, function, string(what), done, total)


_tell = _native.pvg_attack_options_progress_fn(_on_attack)


def attack(base: Model, verifier: Verifier, settings: SettingsLike = None, dataset: Optional[Dataset] = None, *,
           start: Optional[Model] = None, helpful: Optional[Prover] = None, grader: Optional[Grader] = None,
           progress: Optional[AttackProgress] = None) -> Report:
    """Can a frozen verifier be exploited, and how soon? For every reward of attack.rewards a sneaky prover is trained from
    `start` against it, with the KL to `base`; then best-of-n of `start` is tried.

    The settings must be those that the models were trained with. dataset: else built-in problems. start: a model that knows
    its role (Game.model("start")); else `base`. helpful: the prover whose right solutions set what is convincing.
    progress(what, done, total). The metrics are those that pvg_attack's text in pvgame.h lists: "src_steps_to_exploit",
    "best_of_8" and so on."""
    core = base._core
    report = Report._made(core)
    options = _native.pvg_attack_options(struct_size=ctypes.sizeof(_native.pvg_attack_options))
    given = [one._open() if one is not None else None for one in (start, helpful, grader)]
    options.start, options.helpful, options.grader = given
    number = next(_numbers)
    if progress is not None:
        _attacks[number] = (core, progress)
        options.progress, options.user = _tell, number
    try:
        core.work(lib.pvg_attack, core.pointer, settings_in(core, settings), dataset, base, verifier, ctypes.byref(options),
                  ctypes.byref(report._pointer))
    finally:
        _attacks.pop(number, None)
    return report
