"""Progress while a game is played: a line in a terminal, a bar in Jupyter, a line a stage in a log."""
from __future__ import annotations

import shutil
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Iterator, Optional, TextIO, Union

if TYPE_CHECKING:
    from .game import Game, Progress

EVERY = 0.1  # seconds between two pictures


class Display:
    """Shows nothing."""

    def tell(self, game: Game) -> None:
        pass

    def close(self) -> None:
        pass


class Teller(Display):
    """Tells a function of the host's."""

    def __init__(self, function: Callable[[Progress], object]):
        self.function = function

    def tell(self, game: Game) -> None:
        self.function(game.progress)


class Paced(Display):
    """Something that is drawn anew at most every tenth of a second."""

    def __init__(self) -> None:
        self.next = 0.0
        self.newest: Optional[Progress] = None
        self.began: Optional[float] = None
        self.fraction_at_start = 0.0

    def tell(self, game: Game) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + EVERY
        self.newest = game.progress
        if self.began is None:
            self.began, self.fraction_at_start = now, self.newest.fraction
        self.draw(self.newest, self.left(now))

    def left(self, now: float) -> str:
        """An estimate of the time that is left, in words."""
        assert self.newest is not None and self.began is not None
        done = self.newest.fraction - self.fraction_at_start
        if done < 0.02:
            return ""
        seconds = (now - self.began) * (1 - self.newest.fraction) / done
        return f"{seconds:.0f} s left" if seconds < 120 else f"{seconds / 60:.0f} min left"

    def draw(self, progress: Progress, left: str) -> None:
        raise NotImplementedError


class Terminal(Paced):
    def __init__(self, stream: TextIO):
        super().__init__()
        self.stream = stream

    def draw(self, progress: Progress, left: str) -> None:
        columns = shutil.get_terminal_size().columns - 1
        self.stream.write("\r\x1b[K" + f"{progress}  {left}".rstrip()[:columns])
        self.stream.flush()

    def close(self) -> None:
        self.stream.write("\r\x1b[K")
        self.stream.flush()


class Log(Display):
    """A plain line for every stage."""

    def __init__(self, stream: TextIO):
        self.stream = stream
        self.stage = ""

    def tell(self, game: Game) -> None:
        now = game.progress
        stage = f"{now.round}{now.stage}"
        if stage != self.stage:
            self.stage = stage
            print(now, file=self.stream, flush=True)


class Jupyter(Paced):
    def __init__(self, show: Callable[..., Any]):
        super().__init__()
        self.handle = show(_Html(""), display_id=True)

    def draw(self, progress: Progress, left: str) -> None:
        self.handle.update(_Html(f"{progress._repr_html_()} {left}"))

    def close(self) -> None:
        if self.newest is not None:
            self.handle.update(_Html(self.newest._repr_html_()))


class _Html:
    def __init__(self, text: str):
        self.text = text

    def _repr_html_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return ""


def _notebook() -> Optional[Callable[..., Any]]:
    """IPython's display function where a notebook's kernel runs."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display  # type: ignore[import]
    return display  # type: ignore[no-any-return]


@contextmanager
def display_for(show: Union[bool, Callable[[Progress], object]]) -> Iterator[Display]:
    if callable(show):
        display: Display = Teller(show)
    elif not show:
        display = Display()
    elif notebook := _notebook():
        display = Jupyter(notebook)
    else:
        display = Terminal(sys.stderr) if sys.stderr.isatty() else Log(sys.stderr)
    try:
        yield display
    finally:
        display.close()
