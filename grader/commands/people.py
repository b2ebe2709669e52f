"""Finds one student, and his grades, by anything that tells him from the others, without regard to case and accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import ConfigError
from grader.model.nearest import nearest
from grader.model.report import GradeReport
from grader.model.text import Text, say

if TYPE_CHECKING:
    from grader.store import GradeBook


def find_student(word: str, students: Mapping[str, str]) -> str:
    """The identifier of the student that `word` means; `students` are names by identifier.

    The identifier comes first, then the whole name, then whole words of it, their beginnings, and any part; the first
    of these that fits anybody decides. Case and accents count only where they alone tell two students apart.
    Raises: ConfigError when nobody fits, with the nearest name, or when several do, with all of them.
    """
    ways: tuple[Callable[[str, str], bool], ...] = (
        lambda id_, name: word in (id_, name),
        lambda id_, name: _plain(word) in (_plain(id_), _plain(name)),
        lambda id_, name: _words(word) <= _words(name),
        lambda id_, name: all(any(own.startswith(w) for own in _words(name)) for w in _words(word)),
        lambda id_, name: _plain(word) in _plain(name) or _plain(word) in _plain(id_),
    )
    for fits in ways:
        found = [id_ for id_, name in students.items() if _words(word) and fits(id_, name)]
        if len(found) == 1:
            return found[0]
        if found:
            people = "; ".join(sorted(f"{students[id_]} ({id_})" for id_ in found))
            raise ConfigError(
                say(
                    "'{word}' may be any of these students: {people}. Say more, or the identifier.",
                    word=word,
                    people=people,
                )
            )
    meant = _meant(word, students)
    if meant is None:
        raise ConfigError(say("No student '{word}' in the grade book.", word=word))
    raise ConfigError(
        say("No student '{word}' in the grade book; did you mean '{meant}'?", word=word, meant=meant)
    )


def choose_reports(
    reports: Sequence[GradeReport], student: str, exercise: str | None = None
) -> list[GradeReport]:
    """The grades of the student that a word means, or the one for an exercise.

    Raises: ConfigError when nobody, or several, fit, or that exercise has no grade.
    """
    identifier = find_student(student, {r.student: r.name for r in reports})
    found = [r for r in reports if r.student == identifier]
    if exercise is None:
        return found
    chosen = [r for r in found if r.exercise == exercise]
    if not chosen:
        meant = nearest(exercise, sorted(r.exercise for r in found), like=50)
        if meant is None:
            raise ConfigError(
                say("{name} has no grade for '{exercise}'.", name=found[0].name, exercise=exercise)
            )
        raise ConfigError(
            say(
                "{name} has no grade for '{exercise}'; did you mean '{meant}'?",
                name=found[0].name,
                exercise=exercise,
                meant=meant,
            )
        )
    return chosen


def choose_standing(book: GradeBook, student: str, exercise: str | None = None) -> list[GradeReport]:
    """As `choose_reports`, of all grades that stand; reads only those of that student."""
    works = book.works()
    identifier = find_student(student, {id_: name for (id_, _), name in works.items()})
    own = [work for work in works if work[0] == identifier]
    return choose_reports(list(book.reports(own)), identifier, exercise)


def no_grade(path: Path) -> Text:
    """That there is no grade to speak of."""
    return say("The grade book {path} holds no grade yet: grade something first.", path=str(path))


def _meant(word: str, students: Mapping[str, str]) -> str | None:
    known = {_plain(name): name for names in students.items() for name in names}
    found = nearest(_plain(word), known)
    return None if found is None else known[found]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", _plain(text)))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()
