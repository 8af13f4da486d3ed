"""Pictures of a game, where matplotlib is installed."""
from __future__ import annotations

from typing import Any, Iterable, List, Optional, Sequence, Union

from .game import Game
from .report import Report

ROUND_METRICS = ("verifier_auc_base", "verifier_auc", "helpful_accuracy", "control_auc_operand", "control_auc_result")


def _axes(axes: Optional[Any]) -> Any:
    if axes is not None:
        return axes
    try:
        from matplotlib import pyplot  # type: ignore[import]
    except ImportError:
        raise ImportError("plots need matplotlib: apt install python3-matplotlib, or pip install matplotlib") from None
    return pyplot.subplots()[1]


def plot_rounds(reports: Union[Game, Sequence[Report]], metrics: Iterable[str] = ROUND_METRICS, axes: Optional[Any] = None) -> Any:
    """Metrics by round, a line each; those that no report has are left out. Gives the axes."""
    rounds = reports.reports() if isinstance(reports, Game) else list(reports)
    axes = _axes(axes)
    for name in metrics:
        if any(name in report for report in rounds):
            axes.plot(range(len(rounds)), [report.metrics.get(name, float("nan")) for report in rounds], marker="o", label=name)
    axes.set_xlabel("round")
    axes.set_xticks(range(len(rounds)))
    axes.set_ylim(0, 1)
    axes.axhline(0.5, color="grey", linewidth=0.5)
    axes.legend()
    return axes


def plot_table(report: Report, name: str = "auc", axes: Optional[Any] = None) -> Any:
    """A table of a report as coloured cells: verifiers in rows, provers in columns. Gives the axes."""
    cells: List[List[float]] = report.tables[name]
    axes = _axes(axes)
    axes.imshow(cells, vmin=0, vmax=1, cmap="viridis")
    for row, line in enumerate(cells):
        for column, value in enumerate(line):
            if value == value:
                axes.text(column, row, f"{value:.2f}", ha="center", va="center", color="white" if value < 0.6 else "black")
    axes.set_xticks(range(len(cells[0]) if cells else 0))
    axes.set_yticks(range(len(cells)))
    axes.set_xlabel("prover of round")
    axes.set_ylabel("verifier of round")
    axes.set_title(name)
    return axes
