"""Writes all files of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from grader.model.report import ClassReport, GradeReport
from grader.model.text import Language
from grader.reports.files import safe_names, write_whole
from grader.reports.grades_csv import render_csv
from grader.reports.html import render_index, render_student_page
from grader.reports.results import json_pieces
from grader.reports.similarity import Similarities


def write_reports(
    class_report: ClassReport,
    out: Path,
    language: Language,
    whole: Callable[[GradeReport], GradeReport] = lambda report: report,
) -> list[Path]:
    """Write `grades.csv`, `results.json`, `index.html` and the students' pages; return their paths.

    `whole` finds a grade with all that its page shows; each is let go of before the next is looked for.

    Raises:
        ReportError: a file cannot be written; those before it are whole.
    """
    places = page_places(class_report)
    exercises = {exercise.id: exercise for exercise in class_report.exercises}
    written = [out / "grades.csv", out / "results.json"]
    write_whole(written[0], render_csv(class_report))

    similarities = Similarities() if Similarities.available() else None

    def pages() -> Iterator[GradeReport]:
        for light in class_report.reports:
            report = whole(light)
            if similarities is not None:
                similarities.add(report, light, exercises.get(report.exercise))
            path = out / places[report.student, report.exercise]
            write_whole(path, render_student_page(report, exercises.get(report.exercise), language))
            written.append(path)
            yield report

    write_whole(written[1], json_pieces(class_report, language, pages()))

    def link(report: GradeReport) -> str:
        return quote(places[report.student, report.exercise])

    index = out / "index.html"
    similar = None if similarities is None else similarities.pairs()
    write_whole(index, render_index(class_report, language, link, similar))
    return [*written, index]


def page_places(class_report: ClassReport) -> dict[tuple[str, str], str]:
    """Where each page lies below the report's folder, by student and exercise: `students/<student>/<exercise>.html`."""
    students = safe_names(report.student for report in class_report.reports)
    exercises = safe_names(report.exercise for report in class_report.reports)
    return {
        (
            report.student,
            report.exercise,
        ): f"students/{students[report.student]}/{exercises[report.exercise]}.html"
        for report in class_report.reports
    }
