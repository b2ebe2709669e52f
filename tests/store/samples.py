"""Grades for tests of the store: small, but with all their parts."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from grader.model.execution import CellRun, Execution
from grader.model.judgement import Judgement
from grader.model.packed import Packed
from grader.model.report import CriterionResult, GradeReport
from grader.model.submission import Submission
from grader.model.text import Bilingual, say
from grader.model.verdict import Verdict
from grader.store import GradeBook, JobKey

RUBRIC = "0123456789ab"


def open_book(folder: Path) -> GradeBook:
    book = GradeBook.open(f"sqlite:///{folder / 'grades.db'}")
    book.save_rubric(version=RUBRIC, exercise="01_regression_lineaire", canonical="{}", text="# a rubric\n")
    return book


def submission(student: str = "ada", notebook: str = "{}", **changes: object) -> Submission:
    made = Submission(
        student=student,
        name="Ada Lovelace",
        exercise="01_regression_lineaire",
        path=f"{student}/01.ipynb",
        sha256=hashlib.sha256(notebook.encode()).hexdigest(),
        notebook=Packed.of(notebook),
    )
    return made.model_copy(update=changes)


def key_of(handed_in: Submission, **changes: object) -> JobKey:
    key = JobKey(
        student=handed_in.student,
        exercise=handed_in.exercise,
        notebook_sha256=handed_in.sha256,
        rubric_version=RUBRIC,
        reference_sha256="f" * 64,
        seed=0,
        tier="strong",
    )
    return key.model_copy(update=changes)


def result(verdict: Verdict = Verdict.PARTIALLY_ACCEPTED, score: str | None = "0.75") -> CriterionResult:
    decimal = None if score is None else Decimal(score)
    return CriterionResult(
        id="gradients.values",
        task="gradients",
        kind="gradient",
        title=Bilingual(fr="Les gradients", en="The gradients"),
        public=True,
        judgement=Judgement(
            verdict=verdict, score=decimal, summary=say("{share} of the cases agree.", share=0.75)
        ),
        points=None if decimal is None else decimal * 2,
        out_of=Decimal(2),
    )


def report(
    handed_in: Submission, outcome: CriterionResult | None = None, executed: str = '{"cells": []}'
) -> GradeReport:
    outcome = outcome or result()
    return GradeReport(
        student=handed_in.student,
        name=handed_in.name,
        exercise=handed_in.exercise,
        path=handed_in.path,
        notebook_sha256=handed_in.sha256,
        rubric_version=RUBRIC,
        seed=0,
        tier="strong",
        verdict=outcome.judgement.verdict,
        points=outcome.points,
        undecided=Decimal(2) if outcome.points is None else Decimal(0),
        out_of=Decimal(2),
        criteria=(outcome,),
        execution=Execution(
            ended="completed", cells=(CellRun(index=0, ended="completed"),), notebook=executed, tier="strong"
        ),
        graded_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    )
