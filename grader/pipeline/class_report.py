"""Puts grades together into the report of a class, in an order that does not depend on who was graded first."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from grader.errors import ReportError
from grader.model.exercise import Exercise
from grader.model.file_words import reason_of
from grader.model.report import ClassReport, GradeReport, RunInfo
from grader.model.submission import SetAside
from grader.model.text import say
from grader.pipeline.light import Lightener
from grader.reports.files import advice
from grader.versions import versions


def class_report_of(
    reports: Iterable[GradeReport],
    exercises: Iterable[Exercise],
    *,
    seed: int,
    tier: str,
    notes: Iterable[SetAside] = (),
    unsteady: Iterable[tuple[str, str]] = (),
) -> ClassReport:
    """A class report in the order of names, students and exercises; of each grade it holds what is light."""
    exercises = tuple(exercises)
    lightener = Lightener()
    rubrics = {exercise.id: exercise.rubric_version for exercise in exercises}
    return ClassReport(
        run=RunInfo(seed=seed, tier=tier, versions=versions(), rubrics=rubrics),
        exercises=exercises,
        reports=tuple(sorted((lightener.light(report) for report in reports), key=_place)),
        intake_notes=tuple(notes),
        unsteady=tuple(sorted(unsteady)),
    )


def check_writable(folder: Path) -> None:
    """Make the folder and a file in it, so that a report is not refused after hours of grading.

    Raises:
        ReportError: it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * 2**16)
    except OSError as error:
        raise ReportError(
            say(
                "Reports cannot be written to {folder}: {reason}. {advice}",
                folder=str(folder),
                reason=reason_of(error),
                advice=advice(error),
            )
        ) from error


def _place(report: GradeReport) -> tuple[str, str, str]:
    letters = unicodedata.normalize("NFKD", report.name.casefold())
    without_accents = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return without_accents, report.student, report.exercise
