"""Finds one student, and his grades, by anything that tells him from the others, without regard to case and accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import ConfigError
from grader.model.nearest import nearest
from grader.model.people import Work
from grader.model.report import GradeReport
from grader.model.text import Text, say

if TYPE_CHECKING:
    from grader.store import GradeBook


Find = Callable[[str, Mapping[str, str]], str]
"""From a word to the identifier of the student that it means; students are names by identifier."""
_Way = Callable[[str, str, str], bool]
"""Whether a word fits an identifier and a name."""
_MOST_LIKE = 5


def find_student(word: str, students: Mapping[str, str]) -> str:
    """The identifier of the student that `word` means; `students` are names by identifier.

    The identifier comes first, then the whole name, then whole words of it, their beginnings, and any part; the first
    of these that fits anybody decides. Case and accents count only where they alone tell two students apart.
    Raises: ConfigError when nobody fits, with the nearest name, or when several do, with all of them.
    """
    found = _found(word, students, (*_EXACT, *_WHOLE_WORDS, *_PARTS))
    if found is not None:
        return found
    meant = _meant(word, students)
    if meant is None:
        raise ConfigError(say("No student '{word}' in the grade book.", word=word))
    raise ConfigError(
        say("No student '{word}' in the grade book; did you mean '{meant}'?", word=word, meant=meant)
    )


def find_by_whole_words(word: str, students: Mapping[str, str]) -> str:
    """As `find_student`, where something is to be changed: an identifier, a name, or whole words of one; no part.

    Raises: ConfigError when nobody fits, with those who are like it, or when several do, with all of them.
    """
    return _found_or_like(word, students, (*_EXACT, *_WHOLE_WORDS))


def find_exactly(word: str, students: Mapping[str, str]) -> str:
    """As `find_student`, where nobody looks on, as in a table: the identifier, or the whole name.

    Raises: ConfigError when nobody fits, with those who are like it, or when several do, with all of them.
    """
    return _found_or_like(word, students, _EXACT)


def _found_or_like(word: str, students: Mapping[str, str], ways: Sequence[_Way]) -> str:
    found = _found(word, students, ways)
    if found is not None:
        return found
    like = _like(word, students)
    if not like:
        raise ConfigError(say("No student '{word}' in the grade book.", word=word))
    raise ConfigError(
        say(
            "No student '{word}' in the grade book; like it are: {people}. Write the identifier, or the whole name.",
            word=word,
            people=_named(like, students),
        )
    )


def _found(word: str, students: Mapping[str, str], ways: Sequence[_Way]) -> str | None:
    for fits in ways:
        found = [id_ for id_, name in students.items() if _words(word) and fits(word, id_, name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ConfigError(
                say(
                    "'{word}' may be any of these students: {people}. Say more, or the identifier.",
                    word=word,
                    people=_named(found, students),
                )
            )
    return None


def _named(identifiers: Sequence[str], students: Mapping[str, str]) -> str:
    return "; ".join(sorted(f"{students[id_]} ({id_})" for id_ in identifiers))


def choose_reports(
    reports: Sequence[GradeReport], student: str, exercise: str | None = None, *, find: Find = find_student
) -> list[GradeReport]:
    """The grades of the student that a word means, or the one for an exercise; `find` says how exact the word must be.

    Of who is in a group they are the group's, which go before a grade of the student alone.
    Raises: ConfigError when nobody, or several, fit, or that exercise has no grade.
    """
    return _chosen(reports, find(student, names_of(reports)), exercise)


def choose_standing(
    book: GradeBook, student: str, exercise: str | None = None, *, find: Find = find_student
) -> list[GradeReport]:
    """As `choose_reports`, of all grades that stand; reads only those of that student.

    Raises: ConfigError also when the student was taken out of the class.
    """
    works = book.works()
    try:
        identifier = find(student, names_of(works.values()))
    except ConfigError as error:
        _tell_of_removed(book, student, error)
        raise
    own = [key for key, work in works.items() if _is_in(work, identifier)]
    return _chosen(list(book.reports(own)), identifier, exercise)


def names_of(works: Iterable[GradeReport | Work]) -> dict[str, str]:
    """Names by identifier: of those who handed in, and of the members of groups.

    A group that is called by its members' names has none of its own: these mean the members.
    """
    found = list(works)
    members = {member.student: member.name for work in found for member in work.members}
    return members | {work.student: _own_name(work) for work in found}


def _own_name(work: GradeReport | Work) -> str:
    is_listed = bool(work.members) and all(member.name in work.name for member in work.members)
    return work.student if is_listed else work.name


def _is_in(work: GradeReport | Work, identifier: str) -> bool:
    return identifier == work.student or any(identifier == member.student for member in work.members)


def _chosen(reports: Sequence[GradeReport], identifier: str, exercise: str | None) -> list[GradeReport]:
    own = [report for report in reports if _is_in(report, identifier)]
    in_groups = {report.exercise for report in own if report.student != identifier}
    found = [report for report in own if report.student != identifier or report.exercise not in in_groups]
    if exercise is None:
        return found
    chosen = [r for r in found if r.exercise == exercise]
    if len(chosen) > 1:
        raise ConfigError(
            say(
                "{student} is in several groups that have a grade for {exercise}: {groups}. Name the group.",
                student=identifier,
                exercise=exercise,
                groups=", ".join(report.student for report in chosen),
            )
        )
    if not chosen:
        meant = nearest(exercise, sorted(r.exercise for r in found), like=50)
        name = names_of(found)[identifier]
        if meant is None:
            raise ConfigError(say("{name} has no grade for '{exercise}'.", name=name, exercise=exercise))
        raise ConfigError(
            say(
                "{name} has no grade for '{exercise}'; did you mean '{meant}'?",
                name=name,
                exercise=exercise,
                meant=meant,
            )
        )
    return chosen


def _tell_of_removed(book: GradeBook, word: str, error: ConfigError) -> None:
    """Say that it is somebody who was taken out; nothing where it is not."""
    removed = {person.student: person.name for person in book.removed_people()}
    try:
        identifier = find_by_whole_words(word, removed)
    except ConfigError:
        return
    raise ConfigError(
        say(
            "{name} ({student}) was taken out of the class; `grade people restore {student}` brings them back.",
            name=removed[identifier],
            student=identifier,
        )
    ) from error


def no_grade(path: Path) -> Text:
    """That there is no grade to speak of."""
    return say("The grade book {path} holds no grade yet: grade something first.", path=str(path))


def _meant(word: str, students: Mapping[str, str]) -> str | None:
    known = {_plain(name): name for names in students.items() for name in names}
    found = nearest(_plain(word), known)
    return None if found is None else known[found]


def _like(word: str, students: Mapping[str, str]) -> list[str]:
    """Those of whom the word is a part, and the nearest in spelling."""
    parts = [
        id_ for id_, name in students.items() if _words(word) and any(p(word, id_, name) for p in _PARTS)
    ]
    known = {_plain(told): id_ for id_, name in students.items() for told in (id_, name)}
    meant = nearest(_plain(word), known)
    return list(dict.fromkeys([*parts, *([] if meant is None else [known[meant]])]))[:_MOST_LIKE]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", _plain(text)))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()


_EXACT: tuple[_Way, ...] = (
    lambda word, id_, name: word == id_,
    lambda word, id_, name: word == name,
    lambda word, id_, name: _plain(word) in (_plain(id_), _plain(name)),
)
_WHOLE_WORDS: tuple[_Way, ...] = (lambda word, id_, name: _words(word) <= _words(name),)
_PARTS: tuple[_Way, ...] = (
    lambda word, id_, name: all(any(own.startswith(w) for own in _words(name)) for w in _words(word)),
    lambda word, id_, name: _plain(word) in _plain(name) or _plain(word) in _plain(id_),
)
