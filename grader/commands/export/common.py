"""What the exports share: options, the grades that count, files in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from grader.commands.people import no_grade
from grader.config import Settings
from grader.disk import whole_file
from grader.errors import ConfigError, ExportError, StoreError
from grader.export.groups import for_each_member
from grader.export.marks import without_manual
from grader.export.rounding import Scale
from grader.late import late_policy
from grader.model.file_words import unreadable, unwritable
from grader.model.nearest import meant_or_known
from grader.model.report import GradeReport
from grader.model.text import exact, say

if TYPE_CHECKING:
    from grader.store import GradeBook

Function = TypeVar("Function", bound=Callable[..., Any])
_LARGEST = 50 << 20
"""Bytes of a file to fill in; a class of thousands has one of a few hundred thousand."""


def _positive(value: str) -> Decimal:
    """A decimal number above 0, written with either sign."""
    try:
        number = Decimal(value.replace(",", "."))
    except InvalidOperation:
        number = Decimal(0)
    if not (number.is_finite() and number > 0):
        raise click.BadParameter(f"{value!r} is no number above 0.")
    return number


_OPTIONS: dict[str, Callable[[Any], Any]] = {
    "only": click.option(
        "--only",
        multiple=True,
        metavar="EXERCISE",
        help="Count this exercise only; may be given again. Default: all that those in question handed in.",
    ),
    "missing": click.option(
        "--missing-is-zero",
        is_flag=True,
        help="Count a missing notebook as 0 where others of the student are there; without, there is no grade.",
    ),
    "manual": click.option(
        "--without-manual",
        is_flag=True,
        help="Leave out what a person marks by hand: grades are out of the rest.",
    ),
    "scale": click.option(
        "--scale", type=_positive, default="20", metavar="N", help="What grades are out of; default 20."
    ),
    "step": click.option(
        "--step",
        type=_positive,
        default="0.01",
        metavar="N",
        help="Round half up to a multiple of this: 0.01 (the default), 0.25, 0.5, 1.",
    ),
    "replace": click.option(
        "--replace",
        is_flag=True,
        help="Replace what stands in the file already; without, it is left and listed.",
    ),
    "dry_run": click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing."),
    "to": click.option(
        "--out",
        "to",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write here; default: the file that was given, in place.",
    ),
}


def export_options(*names: str) -> Callable[[Function], Function]:
    """Give a command some of the options that exports share."""

    def decorate(function: Function) -> Function:
        for name in reversed(names):
            function = _OPTIONS[name](function)
        return function

    return decorate


def open_book(settings: Settings) -> GradeBook:
    """The grade book, which must be there, adding up by the course's late policy; raises StoreError, ConfigError."""
    from grader.store import GradeBook  # here, so that `grade --help` need not wait for it

    return GradeBook.open(settings.db, create=False, late=late_policy(settings))


def standing_reports(
    book: GradeBook, exercises: Sequence[str], *, leaves_out_manual: bool
) -> list[GradeReport]:
    """All grades that stand, of these exercises only where any are named.

    Raises: StoreError when there is no grade yet; ConfigError when an exercise has none.
    """
    reports = list(book.reports())
    if not reports:
        raise StoreError(no_grade(book.path))
    known = sorted({report.exercise for report in reports})
    for name in exercises:
        if name not in known:
            hint = meant_or_known(name, known)
            raise ConfigError(
                say("--only {name}: the grade book has no grade of it; {hint}", name=name, hint=hint)
            )
    chosen = [report for report in reports if not exercises or report.exercise in exercises]
    return [without_manual(report) for report in chosen] if leaves_out_manual else chosen


def member_reports(
    book: GradeBook, exercises: Sequence[str], *, leaves_out_manual: bool
) -> list[GradeReport]:
    """As `standing_reports`, a group's grade once for each of its members."""
    return for_each_member(standing_reports(book, exercises, leaves_out_manual=leaves_out_manual))


def checked_scale(top: Decimal, step: Decimal) -> Scale:
    """A scale with its step; raises ConfigError when the step is larger."""
    if step > top:
        raise ConfigError(
            say("--step {step} is more than the whole scale, {top}.", step=exact(step), top=exact(top))
        )
    return Scale(top, step)


def read_file(path: Path) -> bytes:
    """A file to fill in, whole; raises ExportError."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except OSError as error:
        raise ExportError(unreadable(path, error)) from error
    if len(raw) > _LARGEST:
        raise ExportError(say("{path} is too large to be a table of grades.", path=str(path)))
    return raw


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Put the file's name before what is wrong with its content; raises the same errors."""
    try:
        yield
    except (ConfigError, ExportError) as error:
        raise type(error)(say("{path}: {fault}", path=str(path), fault=error.text)) from error


def write_file(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all; raises ExportError."""
    try:
        with whole_file(path) as stream:
            stream.write(content)
    except OSError as error:
        raise ExportError(unwritable(path, error)) from error
