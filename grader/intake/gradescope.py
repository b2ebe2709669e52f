"""Gradescope's export of an assignment: `assignment_<n>_export/submission_<id>/…` and `submission_metadata.yml`.

The list names those who handed in, `:submitters:` with `:name`, `:sid` and `:email` each, and when: `:created_at:`. A
group's submission is everybody's who is named. Without the list, the submission's number stands for the student.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from yaml import YAMLError

from grader.intake.archive import METADATA
from grader.intake.files import Found, nfc
from grader.intake.layout import Layout, Opened, Owner, Person
from grader.intake.notebook import LIMIT_BYTES
from grader.intake.plain_yaml import read_plain
from grader.model.moments import moment
from grader.model.text import Text, say

_FOLDER = re.compile(r"^submission_\d+$")


def _open(found: Sequence[Found], exercises: frozenset[str]) -> Opened | None:
    if not any(_FOLDER.match(part) for file in found for part in file.parts[:-1]):
        return None
    people: dict[str, tuple[Person, ...]] = {}
    times: dict[str, datetime] = {}
    notes: list[Text] = []
    for file in found:
        if file.parts[-1] == METADATA and not any(map(_FOLDER.match, file.parts[:-1])):
            listed = _listed(file)
            if listed is None:
                notes.append(
                    say("{path} cannot be read: it does not tell who handed in what.", path=file.shown)
                )
                continue
            people.update(_people(listed))
            times.update(_times(listed))

    def owner(file: Found) -> Owner | None:
        depth = next((d for d, part in enumerate(file.parts[:-1]) if _FOLDER.match(part)), None)
        if depth is None:
            return None
        folder = file.parts[depth]
        first, *others = people.get(folder) or (Person(folder, folder),)
        *folders, name = file.parts[depth + 1 :]
        return Owner(
            *(first.student, first.name, name, tuple(folders)),
            handed_in_at=times.get(folder),
            others=tuple(others),
        )

    return Opened(owner, tuple(notes))


def _listed(file: Found) -> dict[str, dict[str, Any]] | None:
    """The list's entries by the submissions' folders; None where it cannot be read."""
    try:
        raw = file.read(LIMIT_BYTES + 1)
        listed = read_plain(raw) if len(raw) <= LIMIT_BYTES else None
    except (OSError, YAMLError, UnicodeError, ValueError):
        return None
    if not isinstance(listed, dict):
        return None
    return {key: value for key, value in listed.items() if isinstance(key, str) and isinstance(value, dict)}


def _people(listed: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[Person, ...]]:
    return {
        key: tuple(_persons(submitters, key))
        for key, entry in listed.items()
        if isinstance(submitters := entry.get(":submitters"), list)
    }


def _times(listed: Mapping[str, Mapping[str, Any]]) -> dict[str, datetime]:
    told = {key: entry.get(":created_at") for key, entry in listed.items()}
    return {key: at for key, text in told.items() if isinstance(text, str) and (at := moment(text))}


def _persons(submitters: Iterable[Any], folder: str) -> Iterable[Person]:
    for number, listed in enumerate(submitters, start=1):
        fields: Mapping[Any, Any] = listed if isinstance(listed, dict) else {}
        told = {
            key: nfc(v.strip())
            for key in (":sid", ":email", ":name")
            if isinstance(v := fields.get(key), str)
        }
        student = told.get(":sid") or told.get(":email") or told.get(":name") or f"{folder}-{number}"
        yield Person(student, told.get(":name") or student)


GRADESCOPE = Layout("gradescope", _open)
