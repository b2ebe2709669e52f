"""What notebooks ask for and this machine lacks: one line each, with how many it touches and what would help."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from rich.console import Console

from grader import modules
from grader.i18n import render
from grader.model.base import Frozen
from grader.model.judgement import Judgement
from grader.model.lack import Lack, lack_of
from grader.model.report import ClassReport, CriterionResult, GradeReport
from grader.model.shared_reason import shared_reason
from grader.model.text import Language, Text, say
from grader.reports.index_parts import Shared
from grader.reports.lines import print_line

Place = tuple[GradeReport, CriterionResult, Decimal]
Reason = TypeVar("Reason", bound=Frozen)
_SUBJECTS = {"network": say("internet"), "screen": say("screen")}


def print_missing(
    found: Iterable[tuple[Lack, int]], language: Language, console: Console | None = None
) -> None:
    """Before anything is graded: what notebooks import and is not here."""
    header = say("Not on this machine; points that hang on it will wait for a person:")
    _print(header, found, language, console or Console(stderr=True))


def print_lacks(class_report: ClassReport, language: Language, console: Console) -> None:
    """At the end: what points wait for, because it was not here."""
    found = [(lack, len(places)) for lack, places in _places(class_report, lack_of)]
    found.sort(key=lambda item: (-item[1], item[0].name))
    header = say("Not on this machine; points that hang on it wait for a person:")
    _print(header, found, language, console)
    if any(lack.kind == "package" for lack, _ in found):
        print_line(console, say("Once it is installed, grade again with `--again`."), language)


def shared_reasons(class_report: ClassReport) -> tuple[Shared, ...]:
    """For the instructor's page, each with the notebooks that wait; what touches most comes first."""
    found = [
        Shared(
            reason=reason,
            help=_help(places),
            places=tuple((report, result.judgement.cell) for report, result, _ in places),
            points=sum((points for *_, points in places), Decimal(0)),
        )
        for reason, places in _places(class_report, shared_reason)
    ]
    return tuple(sorted(found, key=lambda shared: -len(shared.places)))


def _help(places: Sequence[Place]) -> Text:
    lack = lack_of(places[0][1].judgement)
    if lack is not None:
        return lack_words(lack, len(places))
    return say("A call of the student's code ended the kernel; what was to be asked after it was not asked.")


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


def _places(
    class_report: ClassReport, reason_of: Callable[[Judgement], Reason | None]
) -> list[tuple[Reason, list[Place]]]:
    """By reason: each notebook once, with the first criterion that waits for it, and the points of all."""
    found: dict[str, tuple[Reason, dict[int, Place]]] = {}
    for number, report in enumerate(class_report.reports):
        for result in report.criteria:
            reason = reason_of(result.judgement)
            if reason is not None:
                _, places = found.setdefault(reason.model_dump_json(), (reason, {}))
                _, first, points = places.get(number, (report, result, Decimal(0)))
                places[number] = (report, first, points + result.out_of)
    return [(reason, list(places.values())) for reason, places in found.values()]


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
