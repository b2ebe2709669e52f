"""`grade export gradescope`: results, and the archive with which Gradescope runs this grader."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rich_click as click

from grader.commands.export.common import (
    export_options,
    member_reports,
    open_book,
    read_file,
    standing_reports,
    write_file,
)
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.config import Settings
from grader.errors import ConfigError, ExportError
from grader.export.autograder import write_autograder
from grader.export.gradescope import results_of
from grader.model.file_words import unwritable
from grader.model.report import GradeReport
from grader.model.text import Language, say
from grader.reports.files import safe_names

EXAMPLES = """
Examples: `grade export gradescope --out results/`; `pip wheel --no-deps --wheel-dir dist .`, and then
`grade export gradescope --autograder autograder.zip --wheel dist/grade-*.whl --only 02_autograd`.
"""
_WHEEL = re.compile(r"[\w.+-]+\.whl", re.ASCII)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog=EXAMPLES)
@click.option(
    "--out", "to", type=click.Path(path_type=Path), default="gradescope", metavar="DIR", show_default=True
)
@click.option(
    "--single", type=_FILE, metavar="FILE", help="Write all there is into one file: one student's work."
)
@click.option(
    "--autograder",
    type=_FILE,
    metavar="ZIP",
    help="Write the archive with which Gradescope runs this grader.",
)
@click.option("--wheel", type=_FILE, metavar="WHL", help="The package of grade that goes into the archive.")
@export_options("only", "manual")
@settings_options("exercises", "reference", "db", "lang")
def gradescope(
    to: Path,
    single: Path | None,
    autograder: Path | None,
    wheel: Path | None,
    only: tuple[str, ...],
    without_manual: bool,
    **flags: Any,
) -> None:
    """Write Gradescope's `results.json` for each student and exercise, below a folder.

    With --autograder, write the archive instead that is uploaded as an assignment's autograder: it holds solutions.
    """
    settings = settings_of(flags)
    if autograder is not None:
        _pack(autograder, wheel, only, settings, without_manual=without_manual)
        target = autograder
    else:
        with open_book(settings) as book:
            of_whom = member_reports if single is None else standing_reports
            reports = of_whom(book, only, leaves_out_manual=without_manual)
        target = single or to
        if single is not None:
            _write(single, reports, settings.lang)
        else:
            students = safe_names(report.student for report in reports)
            names = safe_names(report.exercise for report in reports)
            for report in reports:
                place = to / students[report.student] / names[report.exercise] / "results.json"
                _write(place, [report], settings.lang)
    tell(say("Written: {path}", path=str(target)), settings.lang)


def _write(path: Path, reports: Sequence[GradeReport], language: Language) -> None:
    content = json.dumps(results_of(reports, language), ensure_ascii=False, indent=1) + "\n"
    write_file(path, content.encode("utf-8", "replace"))


def _pack(
    path: Path, wheel: Path | None, only: Sequence[str], settings: Settings, *, without_manual: bool
) -> None:
    if wheel is None:
        raise ConfigError(
            say("--autograder needs --wheel, the package of grade: `pip wheel --no-deps .` makes it.")
        )
    if not _WHEEL.fullmatch(wheel.name):
        raise ConfigError(
            say("{path} is no wheel by its name: `pip wheel --no-deps .` makes one.", path=str(wheel))
        )
    known = sorted(
        folder.name for folder in settings.reference.glob("*/") if (folder / "rubric.toml").is_file()
    )
    unknown = [name for name in only if name not in known]
    if unknown or not known:
        raise ConfigError(
            say(
                "No exercise {names} in {path}; there are: {known}.",
                names=", ".join(unknown),
                path=str(settings.reference),
                known=", ".join(known) or say("none"),
            )
        )
    try:
        write_autograder(
            path,
            (wheel.name, read_file(wheel)),
            {"exercises": settings.exercises, "reference": settings.reference},
            only or known,
            settings.lang,
            without_manual=without_manual,
        )
    except OSError as error:
        raise ExportError(unwritable(path, error)) from error
