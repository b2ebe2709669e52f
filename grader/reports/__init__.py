"""Renders a class report: the terminal, `grades.csv`, `results.json`, and HTML pages; called by the pipeline."""

from grader.reports.found import print_intake
from grader.reports.lacking import print_missing
from grader.reports.terminal import Progress, print_summary
from grader.reports.writing import write_reports

__all__ = ["Progress", "print_intake", "print_missing", "print_summary", "write_reports"]
