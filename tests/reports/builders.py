"""Class reports to render: a small class with every kind of outcome, and as hostile as a test wants it."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from grader.model.evidence import Evidence
from grader.model.execution import CellError, CellRun, Ending, Execution
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.report import ClassReport, CriterionResult, GradeReport, RunInfo
from grader.model.rubric import Criterion, Rubric, Task
from grader.model.submission import SetAside
from grader.model.text import Bilingual, Language, Text, say
from grader.model.verdict import Verdict
from grader.reports.html import Link, render_index
from grader.reports.similarity import Pair

ROOT = Path(__file__).parents[2]
XOR = "03_XOR_pytorch"
REGRESSION = "01_regression_lineaire"
WHEN = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
TITLES = {
    XOR: Bilingual(fr="Le XOR avec PyTorch", en="XOR with PyTorch"),
    REGRESSION: Bilingual(fr="Régression linéaire", en="Linear regression"),
}


class Fixed(Criterion):
    """A criterion for rubrics that only need to exist."""

    kind: str = "matches_reference"

    def judge(self, evidence: Evidence) -> Judgement:
        return judgement(Verdict.ACCEPTED)


def exercise(exercise_id: str = XOR, handout: str | None = None) -> Exercise:
    title = TITLES.get(exercise_id, Bilingual(fr=exercise_id, en=exercise_id))
    path = ROOT / "exercises" / exercise_id / f"{exercise_id}.ipynb"
    text = handout if handout is not None else path.read_text("utf-8") if path.exists() else executed()
    rubric = Rubric(
        schema=1,
        exercise=exercise_id,
        title=title,
        tasks=(Task(id="a", title=title, points=Decimal(1)),),
        criteria=(Fixed(id="a.b", task="a", points=Decimal(1), title=title),),
    )
    return Exercise(
        id=exercise_id,
        rubric=rubric,
        rubric_version="0123456789ab",
        reference=text,
        reference_sha256="0" * 64,
        handout=text,
    )


def judgement(verdict: Verdict, summary: Text | None = None, share: str = "0.5", **more: Any) -> Judgement:
    scores = {Verdict.ACCEPTED: Decimal(1), Verdict.PARTIALLY_ACCEPTED: Decimal(share)}
    score = scores.get(verdict, Decimal(0)) if verdict.is_judged else None
    return Judgement(verdict=verdict, score=score, summary=summary or say("right"), **more)


def criterion(
    verdict: Verdict = Verdict.ACCEPTED,
    *,
    id_: str = "train.steps",
    title: Bilingual | str = "the training loop",
    points: str = "2",
    kind: str = "update_step",
    summary: Text | None = None,
    **more: Any,
) -> CriterionResult:
    judged = judgement(verdict, summary, **more)
    out_of = Decimal(points)
    return CriterionResult(
        id=id_,
        task=id_.partition(".")[0],
        kind=kind,
        title=title if isinstance(title, Bilingual) else Bilingual(fr=title, en=title),
        public=True,
        judgement=judged,
        points=None if judged.score is None else out_of * judged.score,
        out_of=out_of,
    )


def report(
    *criteria: CriterionResult,
    student: str = "12",
    name: str = "Zoé Lefèvre",
    exercise_id: str = XOR,
    verdict: Verdict | None = None,
    **more: Any,
) -> GradeReport:
    results = criteria or (criterion(),)
    judged = [r.points for r in results if r.points is not None]
    points = sum(judged, Decimal(0)) if judged else None
    out_of = sum((r.out_of for r in results), Decimal(0))
    partly = Verdict.PARTIALLY_ACCEPTED if points and points < out_of else Verdict.WRONG_ANSWER
    told = Verdict.NEEDS_REVIEW if points is None else Verdict.ACCEPTED if points == out_of else partly
    fields: dict[str, Any] = {
        "student": student,
        "name": name,
        "exercise": exercise_id,
        "path": f"{name}_{student}_assignsubmission_file/{exercise_id}.ipynb",
        "notebook_sha256": "ab" * 32,
        "rubric_version": "0123456789ab",
        "seed": 1,
        "tier": "strong",
        "verdict": verdict or told,
        "points": points,
        "undecided": sum((r.out_of for r in results if r.points is None), Decimal(0)),
        "out_of": out_of,
        "criteria": results,
        "wall_s": 2.25,
        "graded_at": WHEN,
    }
    return GradeReport(**{**fields, **more})


def class_of(*reports: GradeReport, notes: tuple[SetAside, ...] = ()) -> ClassReport:
    ids = dict.fromkeys(r.exercise for r in reports)
    return ClassReport(
        run=RunInfo(
            seed=1,
            tier="strong",
            versions={"grade": "0.1.0", "python": "3.11.7", "torch": "2.13.0"},
            rubrics=dict.fromkeys(ids, "0123456789ab"),
        ),
        exercises=tuple(exercise(i) for i in ids),
        reports=reports,
        intake_notes=notes,
    )


def executed(*cells: dict[str, Any]) -> str:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": list(outputs),
        "execution_count": 1,
    }


def stream(text: str, name: Literal["stdout", "stderr"] = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def display(**data: str) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": {k.replace("__", "/"): v for k, v in data.items()},
        "metadata": {},
    }


def execution(notebook: str, *, failed: int | None = None, ended: Ending = "raised") -> Execution:
    count = len(json.loads(notebook)["cells"])
    error = CellError(name="NameError", message="name 'losses' is not defined")
    runs = tuple(
        CellRun(index=i, ended=ended, error=error)
        if i == failed
        else CellRun(index=i, ended="completed", wall_s=0.25)
        for i in range(count)
    )
    return Execution(
        ended="completed" if failed is None else ended,
        cells=runs,
        notebook=notebook,
        tier="strong",
        wall_s=2.0,
    )


def png(width: int = 4, height: int = 3) -> str:
    stream_ = io.BytesIO()
    Image.new("RGB", (width, height), (58, 74, 140)).save(stream_, "PNG")
    return base64.b64encode(stream_.getvalue()).decode()


def index_text(
    class_report: ClassReport, language: Language, link: Link, similar: Sequence[Pair] | None = None
) -> str:
    return "".join(render_index(class_report, language, link, similar))
