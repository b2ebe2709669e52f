"""What notebooks ask for and this machine lacks: one line each, with how many it touches and what would help."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rich.console import Console

from grader import modules
from grader.i18n import render
from grader.model.lack import Lack, lack_of
from grader.model.report import ClassReport, GradeReport
from grader.model.text import Language, Text, say
from grader.reports.index_parts import Shared
from grader.reports.lines import print_line

_SUBJECTS = {"network": say("internet"), "screen": say("screen")}


def print_missing(
    found: Iterable[tuple[Lack, int]], language: Language, console: Console | None = None
) -> None:
    """Before anything is graded: what notebooks import and is not here."""
    header = say("Not on this machine; points that hang on it will wait for a person:")
    _print(header, found, language, console or Console(stderr=True))


def print_lacks(class_report: ClassReport, language: Language, console: Console) -> None:
    """At the end: what points wait for, because it was not here."""
    found = [(lack, len(places)) for lack, places in _places(class_report).items()]
    header = say("Not on this machine; points that hang on it wait for a person:")
    _print(header, found, language, console)
    if any(lack.kind == "package" for lack, _ in found):
        print_line(console, say("Once it is installed, grade again with `--again`."), language)


def shared_reasons(class_report: ClassReport) -> tuple[Shared, ...]:
    """For the instructor's page, each with the notebooks that wait; what touches most comes first."""
    return tuple(
        Shared(
            reason=lack.words,
            help=lack_words(lack, len(places)),
            places=tuple((report, cell) for report, cell, _ in places),
            points=sum((points for *_, points in places), Decimal(0)),
        )
        for lack, places in _places(class_report).items()
    )


def lack_words(lack: Lack, count: int) -> Text:
    """How many notebooks it touches, and what would help."""
    package = modules.package_of(lack.name)
    match lack.kind:
        case "package" if package is not None and not modules.is_installed(lack.name):
            return say(
                "notebooks {count}, not installed; `{command}` installs it",
                count=count,
                command=modules.install_command([package]),
            )
        case "package":
            return say("notebooks {count}, could not be imported", count=count)
        case "unknown":
            return say(
                "notebooks {count}, no module of this name is known: a file that was not handed in, perhaps, or a slip",
                count=count,
            )
        case "python":
            return say("notebooks {count}, the Python here was built without it", count=count)
        case "library":
            return say("notebooks {count}, a part of the system that is not installed", count=count)
        case _:
            return say("notebooks {count}, kernels have none", count=count)


def _places(class_report: ClassReport) -> dict[Lack, list[tuple[GradeReport, int | None, Decimal]]]:
    """By what is lacking: each notebook once, the cell that shows it, and the points that wait."""
    found: dict[Lack, list[tuple[GradeReport, int | None, Decimal]]] = {}
    for report in class_report.reports:
        own: dict[Lack, tuple[int | None, Decimal]] = {}
        for result in report.criteria:
            lack = lack_of(result.judgement)
            if lack is not None:
                cell, points = own.get(lack, (result.judgement.cell, Decimal(0)))
                own[lack] = (cell, points + result.out_of)
        for lack, (cell, points) in own.items():
            found.setdefault(lack, []).append((report, cell, points))
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0].name)))


def _print(header: Text, found: Iterable[tuple[Lack, int]], language: Language, console: Console) -> None:
    lines = [
        f"  {render(_SUBJECTS[lack.kind], language) if lack.kind in _SUBJECTS else lack.name}:"
        f" {render(lack_words(lack, count), language)}"
        for lack, count in found
    ]
    if lines:
        print_line(console, header, language)
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
