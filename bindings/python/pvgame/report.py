"""Reports: named numbers, tables and samples."""
from __future__ import annotations

import ctypes
import html
import json
import math
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple, Union, overload

from . import _native
from ._core import Core, Handle, lib, string
from ._native import Role, Verdict


@dataclass(frozen=True)
class Sample:
    """One solution with what was said of it."""
    id: str           #: the problem's
    question: str
    solution: str
    gold: str         #: the reference answer
    role: Role
    verdict: Verdict
    score: float      #: the verifier's; NaN when not scored
    tokens: int       #: of the solution, the end token included; 0 for a host's text

    @property
    def correct(self) -> bool:
        return self.verdict == Verdict.CORRECT


class Samples(Sequence[Sample]):
    """The samples of a report, read when asked for."""

    def __init__(self, report: Report):
        self._report = report

    def __len__(self) -> int:
        return int(self._report._core.ask(lib.pvg_report_sample_count, self._report))

    @overload
    def __getitem__(self, index: int) -> Sample: ...

    @overload
    def __getitem__(self, index: slice) -> List[Sample]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[Sample, List[Sample]]:
        count = len(self)
        if isinstance(index, slice):
            return [self._get(i) for i in range(*index.indices(count))]
        at = index + count if index < 0 else index
        if not 0 <= at < count:
            raise IndexError(f"sample {index} of {count}")
        return self._get(at)

    def __iter__(self) -> Iterator[Sample]:
        return (self._get(index) for index in range(len(self)))

    def _get(self, index: int) -> Sample:
        core = self._report._core
        one = _native.pvg_sample(struct_size=ctypes.sizeof(_native.pvg_sample))
        with core.lock:
            core.call(lib.pvg_report_sample, self._report, index, ctypes.byref(one))
            return Sample(string(one.id), string(one.question), string(one.solution), string(one.gold), Role(one.role),
                          Verdict(one.verdict), one.score, one.tokens)

    def __repr__(self) -> str:
        return f"<pvgame.Samples: {len(self)}>"


class Report(Handle, Mapping[str, float]):
    """Named numbers (report["verifier_auc"]; NaN when one could not be measured), tables and samples. It depends on nothing
    that it was made from."""

    _destroy = lib.pvg_report_destroy
    _kind = _native.pvg_report

    def __init__(self) -> None:
        raise TypeError("reports are given by Prover.generate, evaluate, evaluate_table and Game.report")

    @classmethod
    def _made(cls, core: Core) -> Report:
        made: Report = cls.__new__(cls)
        Handle.__init__(made, core)
        return made

    def __getitem__(self, name: str) -> float:
        value = self.metrics.get(name)
        if value is None:
            raise KeyError(f"{name}: this report has {', '.join(self.metrics) or 'no metrics'}")
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.metrics)

    def __len__(self) -> int:
        return int(self._core.ask(lib.pvg_report_metric_count, self))

    def __bool__(self) -> bool:
        return True

    @property
    def metrics(self) -> Dict[str, float]:
        ask = self._core.ask
        with self._core.lock:
            return {string(ask(lib.pvg_report_metric_name, self, i)): ask(lib.pvg_report_metric_value, self, i)
                    for i in range(len(self))}

    @property
    def tables(self) -> Dict[str, List[List[float]]]:
        """"auc" (rows: verifiers, columns: provers), "sneaky_score" and so on."""
        with self._core.lock:
            count = self._core.ask(lib.pvg_report_table_count, self)
            return {string(self._core.ask(lib.pvg_report_table_name, self, table)): self._table(table) for table in range(count)}

    def _table(self, table: int) -> List[List[float]]:
        rows, columns, cell = ctypes.c_size_t(), ctypes.c_size_t(), ctypes.c_double()
        self._core.call(lib.pvg_report_table_size, self, table, ctypes.byref(rows), ctypes.byref(columns))
        result = []
        for row in range(rows.value):
            line = []
            for column in range(columns.value):
                self._core.call(lib.pvg_report_table_cell, self, table, row, column, ctypes.byref(cell))
                line.append(cell.value)
            result.append(line)
        return result

    def table_names(self, name: str) -> Tuple[List[str], List[str]]:
        """What the rows and the columns of a table are about; "" where that was not said."""
        with self._core.lock:
            count = self._core.ask(lib.pvg_report_table_count, self)
            names = [string(self._core.ask(lib.pvg_report_table_name, self, table)) for table in range(count)]
            if name not in names:
                raise KeyError(f"{name}: this report has {', '.join(names) or 'no tables'}")
            table, rows, columns = names.index(name), ctypes.c_size_t(), ctypes.c_size_t()
            self._core.call(lib.pvg_report_table_size, self, table, ctypes.byref(rows), ctypes.byref(columns))
            ask = self._core.ask
            return ([string(ask(lib.pvg_report_table_row_name, self, table, i)) for i in range(rows.value)],
                    [string(ask(lib.pvg_report_table_column_name, self, table, i)) for i in range(columns.value)])

    @property
    def samples(self) -> Samples:
        return Samples(self)

    def to_dict(self) -> Dict[str, Any]:
        """Metrics and tables as the library writes them to JSON (null for NaN); samples are not included."""
        return dict(json.loads(self._core.text(lib.pvg_report_json, self)))

    __hash__ = Handle.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        if self.closed:
            return "<pvgame.Report closed>"
        return f"<pvgame.Report: {len(self)} metrics, {len(self.tables)} tables, {len(self.samples)} samples>"

    def __str__(self) -> str:
        width = max(map(len, self.metrics), default=0)
        lines = [f"{name:{width}}  {number(value)}" for name, value in self.metrics.items()]
        for name, rows in self.tables.items():
            lines += [f"{name}:"] + ["  " + "  ".join(f"{number(cell):>7}" for cell in row) for row in rows]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{html.escape(name)}</td><td>{number(value)}</td></tr>" for name, value in self.metrics.items())
        tables = "".join(f"<p>{html.escape(name)}</p>{_html_table(cells)}" for name, cells in self.tables.items())
        return f"<table>{rows}</table>{tables}"


def _html_table(rows: List[List[float]]) -> str:
    return "<table>" + "".join("<tr>" + "".join(f"<td>{number(cell)}</td>" for cell in row) + "</tr>" for row in rows) + "</table>"


def number(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.0f}" if value == round(value) and abs(value) >= 2 else f"{value:.3f}"
