"""Made-up worksheets, as Moodle writes them, and a real grade book to fill them from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.model.report import GradeReport
from grader.store import GradeBook, JobKey


class Line(NamedTuple):
    """One participant."""

    pid: int
    name: str
    group: str = ""
    grade: str = ""
    feedback: str = ""
    maximum: str = ""
    changeable: str = ""
    number: str = ""


ENGLISH = ("Identifier", "Full name", "ID number", "Email address", "Status", "Group", "Grade", "Maximum Grade",
           "Grade can be changed", "Last modified (submission)", "Online text", "Last modified (grade)",
           "Feedback comments")  # fmt: skip
FRENCH = ("Identifiant", "Nom complet", "Numéro d’identification", "Adresse de courriel", "Statut", "Groupe", "Note",
          "Note maximale", "La note peut être modifiée", "Dernière modification (travail remis)", "Texte en ligne",
          "Dernière modification (note)", "Feedback par commentaires")  # fmt: skip


def worksheet(
    lines: Iterable[Line],
    *,
    french: bool = False,
    separator: str = ",",
    end: str = "\r\n",
    encoding: str = "utf-8",
    mark: bytes = b"",
    quoting: int = csv.QUOTE_MINIMAL,
) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(FRENCH if french else ENGLISH)
    prefix, yes = ("Participant", "Oui") if french else ("Participant ", "Yes")
    for line in lines:
        writer.writerow(
            [
                f"{prefix}{line.pid}",
                line.name,
                line.number,
                f"e{line.pid}@univ.fr",
                'Remis pour évaluation, "à temps"\nhier',
                line.group,
                line.grade,
                line.maximum or ("20,00" if french else "20.00"),
                line.changeable or yes,
                "lundi 2 novembre 2026, 08:00",
                "",
                "-",
                line.feedback,
            ]
        )
    return mark + stream.getvalue().encode(encoding)


def cells(raw: bytes, separator: str = ",", encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode(encoding), newline=""), delimiter=separator))


def keep(folder: Path, reports: Sequence[GradeReport]) -> Path:
    """A grade book with these grades, filled through its own methods."""
    path = folder / "grades.db"
    with GradeBook.open(f"sqlite:///{path}") as book:
        for one in reports:
            book.save_rubric(
                version=one.rubric_version, exercise=one.exercise, canonical=one.exercise, text=one.exercise
            )
            key = JobKey(
                student=one.student,
                exercise=one.exercise,
                notebook_sha256=one.notebook_sha256,
                rubric_version=one.rubric_version,
                reference_sha256="0" * 64,
                seed=one.seed,
                tier=one.tier,
            )
            book.save(key, one)
    return path
