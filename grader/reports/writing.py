"""Writes all files of a report."""

from __future__ import annotations

from pathlib import Path

from grader.model.report import ClassReport
from grader.model.text import Language
from grader.reports.files import write_whole
from grader.reports.grades_csv import render_csv
from grader.reports.results import render_json, results_of


def write_reports(class_report: ClassReport, out: Path, language: Language) -> list[Path]:
    """Write `grades.csv`, `results.json`, `index.html` and the students' pages; return their paths.

    Raises:
        ReportError: a file cannot be written; those before it are whole.
    """
    files = {
        out / "grades.csv": render_csv(class_report),
        out / "results.json": render_json(results_of(class_report, language)),
    }
    for path, text in files.items():
        write_whole(path, text)
    return list(files)
