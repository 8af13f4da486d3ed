"""Measuring anybody's solutions, and putting the numbers of many runs together."""
from __future__ import annotations

import ctypes
import json
import math
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Optional

from . import _native
from ._core import Handle, lib, octets, string, whole
from ._native import Finding, Role, Verdict
from .context import Context, core_of
from .data import Dataset
from .players import Verifier
from .report import Report, Sample
from .settings import SettingsLike, settings_in

NAN = math.nan


class Measurement(Handle):
    """What solutions show, whoever wrote them: how often they are right, whether their steps are, how legible they are, how
    well verifiers tell them apart (docs/measures.md). add() solutions, then let verifiers score them, then take reports; each
    measure whose ingredients are there is taken, and `notes` say what was left out."""

    _destroy = lib.pvg_measurement_destroy
    _kind = _native.pvg_measurement

    def __init__(self, dataset: Optional[Dataset] = None, settings: SettingsLike = None, *, context: Optional[Context] = None):
        """dataset: the problems, where solutions name them by id."""
        super().__init__(core_of(context, dataset))
        core = self._core
        core.call(lib.pvg_measurement_create, core.pointer, dataset, settings_in(core, settings), ctypes.byref(self._pointer))

    def add(self, solution: str, *, id: Optional[str] = None, question: Optional[str] = None, gold: Optional[str] = None,
            chain: Optional[str] = None, role: Role = Role.NEUTRAL, verdict: Verdict = Verdict.UNGRADED, round: int = -1,
            step: int = 0, greedy: bool = False, truncated: bool = False, tokens: int = 0, score: float = NAN, reward: float = NAN,
            kl: float = NAN, entropy: float = NAN) -> None:
        """One solution of the dataset's problem `id`, or of `question`. UNGRADED: it is graded where a reference answer is
        known. round -1: of none, such as a base prover's. step: of training; 0: drawn to be measured."""
        written, asked = solution.encode("utf-8"), None if question is None else question.encode("utf-8")
        one = _native.pvg_solution()
        lib.pvg_solution_init(ctypes.byref(one), ctypes.sizeof(one))
        one.text, one.text_length = written, len(written)
        if asked is not None:
            one.question, one.question_length = asked, len(asked)
        one.id = None if id is None else octets(id, "id")
        one.gold = None if gold is None else octets(gold, "gold")
        one.chain = None if chain is None else octets(chain, "chain")
        one.role, one.verdict, one.round, one.step = int(role), int(verdict), whole(round, "round", 32), whole(step, "step", 64)
        one.greedy, one.truncated, one.tokens = int(greedy), int(truncated), whole(tokens, "tokens", 32)
        one.score, one.reward, one.kl, one.entropy = score, reward, kl, entropy
        self._core.call(lib.pvg_measurement_add, self, ctypes.byref(one))

    def add_samples(self, samples: Iterable[Sample], *, round: int = -1, greedy: bool = False) -> None:
        """The samples of a report."""
        for one in samples:
            self.add(one.solution, id=one.id or None, question=one.question, gold=one.gold or None, role=one.role,
                     verdict=one.verdict, round=round, greedy=greedy, tokens=one.tokens, score=one.score)

    def verifier(self, name: str, verifier: Verifier) -> None:
        """Let a verifier score every solution: a row of that name in the summary's tables."""
        self._core.work(lib.pvg_measurement_verifier, self, octets(name, "name"), verifier)

    def judge(self, verifier: Verifier) -> None:
        """Let an independent judge score every solution: a verifier that no prover was trained against."""
        self._core.work(lib.pvg_measurement_judge, self, verifier)

    @property
    def rounds(self) -> int:
        """The highest round that a solution was of, plus 1."""
        return int(self._core.ask(lib.pvg_measurement_rounds, self))

    def report(self, round: int = -1) -> Report:
        """Of one round's solutions; -1: of those of no round, and the tables of verifiers by provers."""
        report = Report._made(self._core)
        self._core.work(lib.pvg_measurement_report, self, whole(round, "round", 32), ctypes.byref(report._pointer))
        return report

    @property
    def notes(self) -> List[str]:
        """What the reports so far had to leave out, and why."""
        found: List[str] = []
        with self._core.lock:
            while (note := self._core.ask(lib.pvg_measurement_note, self, len(found))) is not None:
                found.append(string(note))
        return found

    def to_dict(self) -> Dict[str, Any]:
        """{"summary": report, "rounds": [report or None, ...], "notes": [...]}."""
        return dict(json.loads(self._core.text(lib.pvg_measurement_json, self)))


@dataclass(frozen=True)
class Summary:
    """One metric over seeds."""
    seeds: int
    bounds: int        #: of them, lower bounds: then the mean is one, too
    mean: float
    low: float         #: of the mean's interval (Student's t over seeds); NaN under one seed
    high: float
    deviation: float
    least: float
    most: float


@dataclass(frozen=True)
class Claim:
    """One claim of Kirchner et al. 2024, judged."""
    id: str
    figure: str        #: of the paper
    title: str
    paper: str         #: its numbers
    rule: str          #: what decides
    finding: Finding
    measured: str      #: the comparisons with their numbers, one a line


class Experiment(Handle):
    """The numbers of many runs put together, and the paper's claims judged on them. An arm is one way of playing, run under
    several seeds."""

    _destroy = lib.pvg_experiment_destroy
    _kind = _native.pvg_experiment

    def __init__(self, level: float = 0.9, *, context: Optional[Context] = None):
        """level: of all intervals."""
        super().__init__(core_of(context))
        self._core.call(lib.pvg_experiment_create, self._core.pointer, float(level), ctypes.byref(self._pointer))

    def arm(self, name: str, kind: str = "", ratio: float = NAN) -> None:
        """kind: what it is to the claims, "game", "correctness" and so on; any other kind is put together only. ratio: the
        verifier's parameters over the prover's."""
        self._core.call(lib.pvg_experiment_arm, self, octets(name, "name"), octets(kind, "kind"), float(ratio))

    def add(self, arm: str, seed: int, metric: str, value: float, *, round: int = -1, at_least: bool = False) -> None:
        """One number of one run; at_least: it is a lower bound. round -1: it belongs to the whole run."""
        self._core.call(lib.pvg_experiment_add, self, octets(arm, "arm"), whole(seed, "seed", 64, signed=False),
                        whole(round, "round", 32), octets(metric, "metric"), float(value), int(at_least))

    def add_report(self, arm: str, seed: int, report: Report, *, round: int = -1, prefix: str = "") -> None:
        """All metrics of a report, `prefix` before their names."""
        core = self._core
        if report._core is core:
            core.call(lib.pvg_experiment_add_report, self, octets(arm, "arm"), whole(seed, "seed", 64, signed=False),
                      whole(round, "round", 32), octets(prefix, "prefix"), report)
        else:
            for name, value in report.metrics.items():
                self.add(arm, seed, prefix + name, value, round=round)

    def summary(self, arm: str, metric: str, *, round: int = -1) -> Summary:
        one = _native.pvg_summary(struct_size=ctypes.sizeof(_native.pvg_summary))
        self._core.call(lib.pvg_experiment_summary, self, octets(arm, "arm"), whole(round, "round", 32), octets(metric, "metric"),
                        ctypes.byref(one))
        return Summary(one.seeds, one.bounds, one.mean, one.low, one.high, one.deviation, one.least, one.most)

    def claims(self) -> List[Claim]:
        """Every claim of the paper, judged on what was added."""
        one = _native.pvg_claim(struct_size=ctypes.sizeof(_native.pvg_claim))
        found = []
        with self._core.lock:
            for index in range(lib.pvg_claim_count()):
                self._core.call(lib.pvg_experiment_claim, self, index, ctypes.byref(one))
                found.append(Claim(string(one.id), string(one.figure), string(one.title), string(one.paper), string(one.rule),
                                   Finding(one.finding), string(one.measured)))
        return found

    def to_dict(self) -> Dict[str, Any]:
        """{"level", "arms", "metrics", "claims", "plane"}: everything put together."""
        return dict(json.loads(self._core.text(lib.pvg_experiment_json, self)))
