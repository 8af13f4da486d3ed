"""The game: base models, then rounds of a fresh verifier and a fresh prover."""
from __future__ import annotations

import ctypes
import html
from dataclasses import dataclass
from typing import Callable, Iterator, List, NamedTuple, Optional, Union

from . import _native
from ._core import Handle, PathLike, file_name, lib, octets, string, whole
from ._native import Event
from .context import Context, core_of
from .data import Dataset
from .display import Display, display_for
from .exchange import Answers, Request, read_request, write_reply
from .models import Model
from .players import Grader, Prover, Verifier
from .report import Report, Sample
from .settings import SettingsLike, settings_in


@dataclass(frozen=True)
class Progress:
    """Where a game stands."""
    round: int        #: 0-based; -1 before the first
    rounds: int
    stage: str        #: "base", "verifier", "prover", ...
    stage_index: int
    stages: int
    note: str         #: the newest numbers in words
    done: int         #: units of work within the stage
    total: int
    fraction: float   #: of the whole game's expected work, 0 to 1
    seconds: float    #: spent working so far, earlier runs included

    def __str__(self) -> str:
        where = f"round {self.round + 1}/{self.rounds} " if self.round >= 0 else ""
        units = f" {self.done}/{self.total}" if self.total else ""
        return f"{100 * self.fraction:3.0f} %  {where}{self.stage}{units}  {self.note}".rstrip()

    def _repr_html_(self) -> str:
        return (f"<progress value='{self.fraction:.4f}' max='1' style='width:20em'></progress> "
                f"<code>{html.escape(str(self))}</code>")


class Round(NamedTuple):
    number: int       #: from 0
    report: Report


#: How to show progress: True (a line in a terminal, a bar in Jupyter), False, or a function that is told.
Show = Union[bool, Callable[[Progress], object]]


class Game(Handle):
    """A whole prover-verifier game. run() plays it; iterating over it, or over rounds(), plays it piece by piece:

        for number, report in Game("tiny").rounds():
            print(number, report["verifier_auc"])

    Ctrl-C stops it between two steps of work with KeyboardInterrupt; nothing is lost, and playing on gives the same bits."""

    _destroy = lib.pvg_scheduler_destroy
    _kind = _native.pvg_scheduler

    def __init__(self, settings: SettingsLike = None, dataset: Optional[Dataset] = None, *, prover: Optional[Prover] = None,
                 verifier: Optional[Verifier] = None, grader: Optional[Grader] = None, directory: Optional[PathLike] = None,
                 context: Optional[Context] = None):
        """settings: Settings, a preset's name, or a mapping. dataset: else built-in problems. prover, verifier, grader: the
        host's own, in place of the library's. directory: a new or empty folder in which everything is kept."""
        named = settings if isinstance(settings, Handle) else None
        super().__init__(core_of(context, dataset, prover, verifier, grader, named))
        core = self._core
        core.work(lib.pvg_scheduler_create, core.pointer, settings_in(core, settings), dataset, ctypes.byref(self._pointer))
        self._seat(prover, verifier, grader)
        if directory is not None:
            core.work(lib.pvg_scheduler_set_directory, self, file_name(directory))

    @classmethod
    def resume(cls, directory: PathLike, *, prover: Optional[Prover] = None, verifier: Optional[Verifier] = None,
               grader: Optional[Grader] = None, context: Optional[Context] = None) -> Game:
        """Go on from the newest checkpoint of a run directory: to the same bits as an uninterrupted run. Host players must be
        given again."""
        core = core_of(context, prover, verifier, grader)
        made: Game = cls.__new__(cls)
        Handle.__init__(made, core)
        core.work(lib.pvg_scheduler_resume, core.pointer, file_name(directory), ctypes.byref(made._pointer))
        made._seat(prover, verifier, grader)
        return made

    def _seat(self, prover: Optional[Prover], verifier: Optional[Verifier], grader: Optional[Grader]) -> None:
        self._event = ctypes.c_int32()  # what the library told and nobody was told yet; 0: nothing
        if prover is not None:
            self._core.call(lib.pvg_scheduler_set_prover, self, prover)
        if verifier is not None:
            self._core.call(lib.pvg_scheduler_set_verifier, self, verifier)
        if grader is not None:
            self._core.call(lib.pvg_scheduler_set_grader, self, grader)

    @property
    def _rounds_done(self) -> int:
        now = self.progress
        return now.rounds if now.stage.startswith("last_") or now.stage == "done" else max(now.round, 0)

    # ---- playing ----

    def step(self) -> Event:
        """One unit of work."""
        if self._event.value == 0:  # else an interruption came right after the work
            self._core.work(lib.pvg_scheduler_step, self, ctypes.byref(self._event))
        event = Event(self._event.value)
        self._event.value = 0
        return event

    def __iter__(self) -> Iterator[Event]:
        """Play, and tell of every event up to FINISHED. After NEEDS_REPLY, submit() before the next."""
        while True:
            event = self.step()
            yield event
            if event == Event.FINISHED:
                return

    def rounds(self, *, progress: Show = False) -> Iterator[Round]:
        """Play, and give every round with its report as it ends."""
        with display_for(progress) as display:
            told = self._rounds_done
            while self._shown(display) != Event.FINISHED:
                while told < self._rounds_done:
                    told += 1
                    yield Round(told - 1, self.report(told - 1))

    def run(self, *, progress: Show = False) -> Report:
        """Play to the end; the report of the game as a whole."""
        with display_for(progress) as display:
            while self._shown(display) != Event.FINISHED:
                pass
        return self.report()

    def _shown(self, display: Display) -> Event:
        event = self.step()
        if event == Event.NEEDS_REPLY:
            self._event.value = event
            self._core.call(lib.pvg_scheduler_run, self)  # says that a pulled player must be stepped
        display.tell(self)
        return event

    @property
    def pending(self) -> Request:
        """What a pulled player is asked; after Event.NEEDS_REPLY."""
        return self._pending()[0]

    def _pending(self) -> tuple[Request, _native.pvg_reply]:
        request, reply = _native.pvg_request(), _native.pvg_reply()
        with self._core.lock:
            self._core.call(lib.pvg_scheduler_pending, self, ctypes.byref(request), ctypes.byref(reply))
            return read_request(request), reply

    def submit(self, answers: Answers) -> None:
        """Answer the pending request, one answer an item. If one is not accepted the request stays open."""
        with self._core.lock:
            request, reply = self._pending()
            write_reply(self._core, request, reply, answers)
            self._core.work(lib.pvg_scheduler_submit, self)

    def checkpoint(self) -> None:
        """Write a checkpoint into the run directory now; also done after every stage and every checkpoint.minutes."""
        self._core.work(lib.pvg_scheduler_checkpoint, self)

    # ---- looking at it ----

    @property
    def progress(self) -> Progress:
        now = _native.pvg_progress(struct_size=ctypes.sizeof(_native.pvg_progress))
        with self._core.lock:
            self._core.call(lib.pvg_scheduler_progress, self, ctypes.byref(now))
            return Progress(now.round, now.rounds, string(now.stage), now.stage_index, now.stages, string(now.note), now.done,
                            now.total, now.fraction, now.seconds)

    def report(self, round: int = -1) -> Report:
        """Of a round, or -1: of the game as a whole. docs/game.md says what is measured. NotFoundError before the round."""
        report = Report._made(self._core)
        self._core.call(lib.pvg_scheduler_report, self, whole(round, "round", 32), ctypes.byref(report._pointer))
        return report

    def reports(self) -> List[Report]:
        """Of every round that ended."""
        return [self.report(number) for number in range(self._rounds_done)]

    def samples(self) -> Iterator[Sample]:
        """The test samples of every round that ended."""
        for report in self.reports():
            yield from report.samples

    def model(self, which: str) -> Model:
        """A copy of the newest "base", "verifier_base", "prover", "prover_sneaky" (separate weights only) or "verifier"."""
        made = Model._made(self._core)
        self._core.call(lib.pvg_scheduler_model, self, octets(which, "which"), ctypes.byref(made._pointer))
        return made

    def __repr__(self) -> str:
        return "<pvgame.Game closed>" if self.closed else f"<pvgame.Game {self.progress}>"

    def _repr_html_(self) -> str:
        return repr(self) if self.closed else self.progress._repr_html_()
