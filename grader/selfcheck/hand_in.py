"""Writes the file to hand in: a zip of the notebook, byte for byte, and a receipt of its check."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

from grader.errors import ReportError
from grader.i18n import render
from grader.model.check_report import CheckReport
from grader.model.file_words import unwritable
from grader.model.receipt import SUFFIX, Receipt
from grader.model.text import say
from grader.selfcheck.fresh import NotebookFile
from grader.selfcheck.reporting import hidden_words

DATE = (1980, 1, 1, 0, 0, 0)
"""Of the files in the zip: the same notebook and check give the same bytes."""


def receipt_of(report: CheckReport) -> Receipt:
    """What the check says, with words that it is no grade."""
    no_grade = say("A self-check is no grade: the notebook is run and asked again, with other inputs.")
    return Receipt(
        schema=1,
        exercise=report.exercise,
        notebook=f"{report.exercise}.ipynb",
        notebook_sha256=report.notebook_sha256,
        checked_at=report.checked_at,
        passed=report.passed,
        points=report.points,
        out_of=report.out_of,
        hidden_criteria=report.hidden_criteria,
        remark=f"{hidden_words(report)} {render(no_grade, report.language)}",
        rubric_version=report.rubric_version,
        tier=report.tier,
        versions=report.versions,
    )


def hand_in(report: CheckReport, file: NotebookFile) -> Path:
    """Write `<exercise>.zip` beside the notebook; an earlier one of ours is replaced.

    Raises: ReportError when it cannot be written, or when a file of that name is something else.
    """
    receipt = receipt_of(report)
    target = file.path.parent / f"{report.exercise}.zip"
    if target.exists() and not _is_ours(target, report.exercise):
        raise ReportError(
            say(
                "{path} is there already, and is no file of `grade check --bundle`; move it away.",
                path=str(target),
            )
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(receipt.notebook, DATE), file.raw, zipfile.ZIP_DEFLATED)
        text = receipt.model_dump_json(by_alias=True, indent=1)
        archive.writestr(zipfile.ZipInfo(f"{report.exercise}{SUFFIX}", DATE), text, zipfile.ZIP_DEFLATED)
    new = target.with_name(f".{target.name}.new")
    try:
        new.write_bytes(buffer.getvalue())
        os.replace(new, target)
    except OSError as error:
        raise ReportError(unwritable(target, error)) from error
    return target


def _is_ours(path: Path, exercise: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return f"{exercise}{SUFFIX}" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
