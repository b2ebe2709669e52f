"""Moodle's archive of feedback files: `<name>_<participant id>_assignsubmission_file/feedback.html`.

Moodle takes the number for the participant's: so a group's feedback lies once in the folder of each of its members,
and never in one that bears the group's number, which could be a stranger's.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from grader.disk import whole_file
from grader.export.marks import Mark
from grader.export.moodle import Row
from grader.export.people import moodle_name
from grader.model.report import GradeReport

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The same pages give the same archive."""


def write_feedback(path: Path, graded: Mapping[Row, Mark], page: Callable[[GradeReport], str]) -> int:
    """Write the archive; `page` renders one grade's page, self-contained. How many files it holds.

    Raises: OSError.
    """
    rows: dict[str, list[Row]] = {}
    for row, mark in graded.items():
        rows.setdefault(mark.student, []).append(row)
    count = 0
    with whole_file(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for mark in {mark.student: mark for mark in graded.values()}.values():
            for report in mark.reports:
                content = page(report).encode("utf-8", "replace")
                name = "feedback" if len(mark.reports) == 1 else re.sub(r"[^\w-]+", "-", report.exercise)
                for row in rows[mark.student]:
                    entry = f"{moodle_name(row.name)}_{row.pid}_assignsubmission_file/{name}.html"
                    archive.writestr(zipfile.ZipInfo(entry, _WHEN), content, zipfile.ZIP_DEFLATED)
                    count += 1
    return count
