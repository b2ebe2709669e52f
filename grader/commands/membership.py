"""`grade people`: who is in the class, and who left it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console
from rich.table import Table

from grader.commands.export.common import open_book
from grader.commands.mark.giving import author_of
from grader.commands.options import settings_of, settings_options
from grader.commands.people import find_by_whole_words, names_of, no_grade
from grader.commands.telling import tell
from grader.errors import ConfigError, StoreError
from grader.i18n import render
from grader.model.people import RemovedPerson, Work
from grader.model.text import Language, Text, say
from grader.reports.plain_text import fit

if TYPE_CHECKING:
    from grader.store import GradeBook

EXAMPLES = """
Examples: `grade people list`; `grade people remove 20231117 -m "Left in October."`; `grade people restore 20231117`.
"""


@click.group(epilog=EXAMPLES)
def people() -> None:
    """Who is in the class: list them, take out who left, bring back who came again.

    The grades of who left stay in the grade book; they come in no report, no export and no list.
    """


@people.command("list", epilog="Examples: `grade people list`; `grade people list --db old.db --lang fr`.")
@settings_options("db", "lang")
def list_command(**flags: Any) -> None:
    """List who has a grade, groups with their members, and who was taken out."""
    settings = settings_of(flags)
    with open_book(settings) as book:
        works, removed = book.works(), book.removed_people()
        if not works and not removed:
            raise StoreError(no_grade(book.path))
    _print_works(works.values(), settings.lang)
    for person in removed:
        tell(_taken_out(person), settings.lang)
    units = {work.student: work for work in works.values()}
    counts = say("Students {students}, groups {groups}, taken out {removed}.",
                 students=len({s for work in units.values() for s in _single(work)}),
                 groups=sum(bool(work.members) for work in units.values()), removed=len(removed))  # fmt: skip
    tell(counts, settings.lang)


@people.command(
    "remove",
    epilog='Examples: `grade people remove 20231117 -m "Left in October."`; `grade people remove "Zoé Lefèvre" ada`.',
)
@click.argument("students", metavar="STUDENT…", nargs=-1, required=True)
@click.option("-m", "--message", "reason", default="", metavar="WHY", help="Why, for the staff.")
@click.option("--by", envvar="GRADE_AUTHOR", metavar="NAME", help="Who does it; default: the account's name.")
@settings_options("db", "lang")
def remove_command(students: tuple[str, ...], reason: str, by: str | None, **flags: Any) -> None:
    """Take out who left the class: in no report, no export and no list any more. No grade is deleted.

    STUDENT is an identifier, a name, or whole words of one that are nobody else's. Of a group the others stay.
    """
    settings = settings_of(flags)
    author = author_of(by)
    with open_book(settings) as book:
        names = names_of(book.works().values())
        if not names:
            raise StoreError(no_grade(book.path))
        found = dict.fromkeys(find_by_whole_words(word, names) for word in students)
        now = datetime.now(UTC)
        left = [
            RemovedPerson(student=s, name=names[s], reason=reason.strip(), author=author, removed_at=now)
            for s in found
        ]
        book.remove_people(left)
    for person in left:
        tell(_taken_out(person), settings.lang)
    tell(say("`grade report` writes the reports anew."), settings.lang)


@people.command("restore", epilog="Examples: `grade people restore 20231117`.")
@click.argument("students", metavar="STUDENT…", nargs=-1, required=True)
@settings_options("db", "lang")
def restore_command(students: tuple[str, ...], **flags: Any) -> None:
    """Bring back who was taken out: the grades from before stand again, with their marks."""
    settings = settings_of(flags)
    with open_book(settings) as book:
        found = {person.student: person for person in _chosen(book, students)}
        book.restore_people(found)
    for person in found.values():
        words = say("{name} ({student}): brought back.", name=fit(person.name), student=fit(person.student))
        tell(words, settings.lang)
    tell(say("`grade report` writes the reports anew."), settings.lang)


def _chosen(book: GradeBook, words: Iterable[str]) -> Iterable[RemovedPerson]:
    removed = {person.student: person for person in book.removed_people()}
    if not removed:
        raise ConfigError(say("Nobody was taken out of the class."))
    names = {student: person.name for student, person in removed.items()}
    return [removed[find_by_whole_words(word, names)] for word in words]


def _single(work: Work) -> tuple[str, ...]:
    return tuple(member.student for member in work.members) or (work.student,)


def _print_works(works: Iterable[Work], language: Language) -> None:
    found: dict[str, list[Work]] = {}
    for work in works:
        found.setdefault(work.student, []).append(work)
    table = Table(box=None, pad_edge=False)
    for title in (say("Student"), say("Identifier"), say("Exercises"), say("Group of")):
        table.add_column(render(title, language), overflow="fold")
    for student, own in sorted(found.items(), key=lambda pair: (pair[1][0].name.casefold(), pair[0])):
        members = ", ".join(f"{m.name} ({m.student})" for m in own[-1].members)
        table.add_row(*map(fit, (own[0].name, student, str(len(own)), members)))
    Console().print(table, markup=False)


def _taken_out(person: RemovedPerson) -> Text:
    return say(
        "{name} ({student}): taken out by {author}, {when}. {reason}",
        name=fit(person.name),
        student=fit(person.student),
        author=fit(person.author),
        when=f"{person.removed_at:%F %R} UTC",
        reason=fit(person.reason),
    )
