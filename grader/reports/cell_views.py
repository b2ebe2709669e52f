"""An executed notebook as things to show: code, plain text, PNG pictures; a student's HTML, SVG or scripts never.

The notebook comes out of a student's kernel, so nothing about its form is believed.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from markupsafe import Markup

from grader.model.execution import CellRun
from grader.model.exercise import Exercise
from grader.model.report import CriterionResult, GradeReport
from grader.model.run_order import Mark, mark_of, run_order
from grader.model.verdict import Verdict
from grader.reports.highlighting import highlighted
from grader.reports.images import png_data_uri
from grader.reports.plain_text import cut, fit

_HEADING = 90
_MOST_OUTPUTS = 50


@dataclass(frozen=True)
class OutputView:
    """One output of a cell."""

    kind: Literal["text", "warning", "error", "picture", "hidden"]
    text: str = ""
    """Plain text, or the picture's `data:` address, or the media type that is not shown."""
    left_out: int = 0
    """Characters left out of the middle."""


@dataclass(frozen=True)
class CellView:
    """One cell."""

    index: int
    kind: Literal["code", "text"]
    source: Markup | str
    heading: str
    """A text's first heading, else its first line's beginning."""
    given: bool
    """Handed out with the exercise, and unchanged."""
    run: CellRun | None
    outputs: tuple[OutputView, ...]
    outputs_left_out: int
    mark: Mark | None
    """What was done to a damaged one before it ran."""
    remarks: tuple[CriterionResult, ...]
    """What was judged of this cell; what was skipped is told elsewhere."""


def cell_views(report: GradeReport, exercise: Exercise | None) -> tuple[CellView, ...]:
    """The executed notebook's cells as they ran; empty when there was no execution or nothing readable came out."""
    if report.execution is None:
        return ()
    given = _texts(exercise.handout) if exercise is not None else frozenset()
    runs = {run.index: run for run in report.execution.cells}
    remarks: dict[int, list[CriterionResult]] = defaultdict(list)
    for result in report.criteria:
        if result.judgement.cell is not None and result.judgement.verdict is not Verdict.SKIPPED:
            remarks[result.judgement.cell].append(result)
    cells = _cells(report.execution.notebook)
    return tuple(
        _view(index, cells[index], given, runs.get(index), tuple(remarks[index]))
        for index in run_order(cells)
    )


def code_cells(notebook: str) -> list[tuple[int, str]]:
    """Index and text of each code cell; empty where the notebook cannot be read."""
    cells = enumerate(_cells(notebook))
    return [(i, fit(_joined(cell.get("source")))) for i, cell in cells if cell.get("cell_type") == "code"]


def _view(
    index: int,
    cell: Mapping[str, Any],
    given: frozenset[str],
    run: CellRun | None,
    remarks: tuple[CriterionResult, ...],
) -> CellView:
    is_code = cell.get("cell_type") == "code"
    source = fit(_joined(cell.get("source")))
    shown, _ = cut(source, 200_000)
    outputs = cell.get("outputs")
    listed = [o for o in outputs if isinstance(o, dict)] if is_code and isinstance(outputs, list) else []
    return CellView(
        index=index,
        kind="code" if is_code else "text",
        source=highlighted(shown.rstrip("\n")) if is_code else shown.strip(),
        heading="" if is_code else _heading(source),
        given="".join(source.split()) in given,
        run=run,
        outputs=tuple(view for o in _merged(listed[:_MOST_OUTPUTS]) for view in _outputs(o)),
        outputs_left_out=max(0, len(listed) - _MOST_OUTPUTS),
        mark=mark_of(cell),
        remarks=remarks,
    )


def _outputs(output: Mapping[str, Any]) -> Iterator[OutputView]:
    kind = output.get("output_type")
    if kind == "stream":
        text, left_out = cut(fit(_joined(output.get("text"))).rstrip("\n"))
        if text:
            yield OutputView("warning" if output.get("name") == "stderr" else "text", text, left_out)
    elif kind == "error":
        trace = fit("\n".join(t for t in _list(output.get("traceback")) if isinstance(t, str)))
        name, value = fit(_joined(output.get("ename"))), fit(_joined(output.get("evalue")))
        text, left_out = cut(trace or f"{name}: {value}", 6000)
        yield OutputView("error", text, left_out)
    elif kind in ("display_data", "execute_result"):
        yield from _data(output.get("data"))


def _data(data: Any) -> Iterator[OutputView]:
    if not isinstance(data, dict):
        return
    picture = png_data_uri(_joined(data.get("image/png")))
    if picture is not None:
        yield OutputView("picture", picture)
        return
    text, left_out = cut(fit(_joined(data.get("text/plain"))).rstrip("\n"))
    if text:
        yield OutputView("text", text, left_out)
    elif data:
        yield OutputView("hidden", fit(str(next(iter(data))))[:60])


def _merged(outputs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Neighbouring pieces of one stream become one, so that a progress bar's carriage returns meet."""
    last: dict[str, Any] | None = None
    for output in outputs:
        joins = last is not None and output.get("output_type") == last.get("output_type") == "stream"
        if last is not None and joins and output.get("name") == last.get("name"):
            last = {**last, "text": _joined(last.get("text")) + _joined(output.get("text"))}
            continue
        if last is not None:
            yield last
        last = output
    if last is not None:
        yield last


def _cells(notebook: str) -> list[dict[str, Any]]:
    try:
        content = json.loads(notebook)
    except (ValueError, RecursionError):
        return []
    cells = content.get("cells") if isinstance(content, dict) else None
    return [cell if isinstance(cell, dict) else {} for cell in cells] if isinstance(cells, list) else []


@lru_cache(maxsize=32)
def _texts(notebook: str) -> frozenset[str]:
    return frozenset("".join(_joined(cell.get("source")).split()) for cell in _cells(notebook))


def _heading(source: str) -> str:
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    first = next((line for line in lines if line.startswith("#")), lines[0] if lines else "")
    plain = re.sub(r"[`*]|^#+", "", first).strip()
    return plain if len(plain) <= _HEADING else f"{plain[:_HEADING].rstrip()}…"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(piece for piece in value if isinstance(piece, str))
    return value if isinstance(value, str) else ""
