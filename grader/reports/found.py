"""The terminal: what was found, before anything of it is graded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from rich.console import Console

from grader.i18n import render
from grader.model.submission import Intake, SetAside
from grader.model.text import Language, Text, say
from grader.reports.lines import print_line, print_note
from grader.reports.plain_text import fit

PLAIN = "plain"
"""The layout in which names alone tell whose a notebook is."""
_MOST = 12
"""Names in a line; the dry run's table marks all."""


def print_intake(intake: Intake, language: Language, console: Console | None = None) -> None:
    """Say what was found.

    Layout, students, notebooks of each exercise, those that only their content told, late ones, people of one name,
    what cannot be read, duplicates, and each file that is set aside.
    """
    console = console or Console(stderr=True)
    print_line(console, _counts(intake), language)
    for note in (*intake.notes, *_facts(intake)):
        console.print(fit(f"  {render(note, language)}"), markup=False, highlight=False)
    for submission in intake.submissions:
        if submission.problem is not None:
            print_note(console, submission.path, submission.problem, language)
    _list(console, [file for file in intake.set_aside if not file.is_superseded], language)
    older = [file for file in intake.set_aside if file.is_superseded]
    if older:
        count = say("Duplicates, of which the newest counts: {count}", count=len(older))
        console.print(f"  {render(count, language)}", markup=False, highlight=False)
    _list(console, older, language)


def _counts(intake: Intake) -> Text:
    if any(s.members for s in intake.submissions):
        units = {s.student: s.members for s in intake.submissions}
        return say(
            "Found: students {students}, groups {groups}, notebooks {notebooks}, set aside {aside} (layout: {layout})",
            students=len({p for u, members in units.items() for p in [m.student for m in members] or [u]}),
            groups=sum(map(bool, units.values())),
            notebooks=len(intake.submissions),
            aside=len(intake.set_aside),
            layout=intake.layout,
        )
    return say(
        "Found: students {students}, notebooks {notebooks}, set aside {aside} (layout: {layout})",
        students=len({s.student for s in intake.submissions}),
        notebooks=len(intake.submissions),
        aside=len(intake.set_aside),
        layout=intake.layout,
    )


def _facts(intake: Intake) -> Iterable[Text]:
    found = intake.submissions
    if PLAIN in intake.layout.split(", ") and found:  # no LMS said so
        names = list(dict.fromkeys(s.name for s in found))
        yield say("Students, by the names of folders and files: {names}", names=_some(names))
    counts = Counter(s.exercise for s in found)
    if counts:
        shown = ", ".join(f"{exercise} {counts[exercise]}" for exercise in sorted(counts))
        yield say("Exercises: {exercises}", exercises=shown)
    for exercise in sorted(counts):
        told = [s.path for s in found if s.exercise == exercise and s.by_content]
        if told:
            yield say("Taken for {exercise} by content alone: {files}", exercise=exercise, files=_some(told))
    late = list(dict.fromkeys(s.name for s in found if s.late))
    if late:
        yield say("Late: {names}", names=_some(late))
    people: dict[str, set[str]] = defaultdict(set)
    for submission in found:
        people[submission.name.casefold()].add(submission.student)
    for submission in found:
        same = people.pop(submission.name.casefold(), set())
        if len(same) > 1:
            yield say(
                "Several students are called {name}: {students}. They are told apart by their numbers.",
                name=submission.name,
                students=", ".join(sorted(same)),
            )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST]) + (", …" if len(names) > _MOST else "")


def _list(console: Console, files: Iterable[SetAside], language: Language) -> None:
    for file in files:
        print_note(console, file.path, file.reason, language)
