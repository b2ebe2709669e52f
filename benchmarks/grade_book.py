"""How long exports, marks and reports take with a large class in the grade book.

    python -m benchmarks.grade_book                   # 500 made-up students by four exercises
    python -m benchmarks.grade_book --students 30

Each is a command of its own, as an instructor gives it: Python's start is in its time.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.class_page import made_up
from benchmarks.measuring import machine, measure
from benchmarks.sample_class import ROOT
from grader.catalog import canonical_json, read_catalog
from grader.criteria import KINDS
from grader.model.execution import Execution
from grader.model.exercise import Exercise
from grader.model.report import GradeReport
from grader.store import GradeBook, JobKey

ONE = "03_XOR_pytorch"
"""Fills the files that hold one grade a student."""
COMMANDS = (
    ("export", "moodle", "moodle.csv", "--without-manual", "--dry-run"),
    ("export", "moodle", "moodle.csv", "--without-manual", "--feedback", "feedback.zip"),
    ("export", "canvas", "--without-manual"),
    ("export", "canvas", "gradebook.csv", "--only", ONE, "--without-manual", "--dry-run"),
    ("export", "apogee", "apogee.txt", "--without-manual", "--absent", "ABI", "--dry-run"),
    ("export", "csv"),
    ("export", "junit"),
    ("export", "gradescope"),
    ("show", "00007"),
    ("mark", "--list-needed"),
    ("mark", "00007", ONE, "discuss.text", "1", "-m", "Read."),
    ("report",),
)
_APOGEE = (
    "XX-APO_COLONNES-XX\r\n"
    "apoL_a01_code\tType Objet\tCode\tVersion\tAnnée\tSession\tAdmission/Admissibilité\tType Rés.\t\t"
    "Etudiant\tNuméro\r\n"
    "apoL_c0001\tELP\tINF501\t\t2026\t0\t1\tN\tINF501\t0\t1\tNote\r\n"
    "APO_COL_VAL_FIN\r\n\r\nXX-APO_VALEURS-XX\r\n"
    "apoL_a01_code\tapoL_a02_nom\tapoL_a03_prenom\tapoL_c0001\r\n"
)


def key_of(report: GradeReport, exercise: Exercise) -> JobKey:
    """What a grade is kept under."""
    return JobKey(
        student=report.student,
        exercise=report.exercise,
        notebook_sha256=report.notebook_sha256,
        rubric_version=report.rubric_version,
        reference_sha256=exercise.reference_sha256,
        seed=report.seed,
        tier=report.tier,
    )


def fill(folder: Path, reports: Sequence[GradeReport], exercises: dict[str, Exercise]) -> None:
    """A grade book, each grade with the notebook that was run: the reference."""
    with GradeBook.open(f"sqlite:///{folder / 'grades.db'}") as book:
        for exercise in exercises.values():
            book.save_rubric(
                version=exercise.rubric_version,
                exercise=exercise.id,
                canonical=canonical_json(exercise.rubric),
                text=(ROOT / "reference" / exercise.id / "rubric.toml").read_text(encoding="utf-8"),
            )
        for report in reports:
            exercise = exercises[report.exercise]
            run = Execution(ended="completed", notebook=exercise.reference, tier=report.tier)
            book.save(key_of(report, exercise), report.model_copy(update={"execution": run}))


def write_files_to_fill(folder: Path, names: dict[str, str]) -> None:
    """What Moodle, Canvas and Apogée gave, for these students (number to name)."""
    moodle = [["Identifier", "Full name", "Status", "Grade", "Maximum Grade", "Feedback comments"]]
    moodle += [[f"Participant {number}", name, "", "", "20.00", ""] for number, name in names.items()]
    title = f"{ONE} (1)"
    canvas = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title]]
    canvas += [["    Points Possible", "", "", "", "", "20.00"]]
    canvas += [[name, number, "", "", "", ""] for number, name in names.items()]
    for file, rows in (("moodle.csv", moodle), ("gradebook.csv", canvas)):
        stream = io.StringIO()
        csv.writer(stream).writerows(rows)
        (folder / file).write_text(stream.getvalue(), encoding="utf-8")
    lines = [f"{number}\t{name.upper()}\t\t\r\n" for number, name in names.items()]
    (folder / "apogee.txt").write_text(_APOGEE + "".join(lines), encoding="latin-1", newline="")


def main() -> None:
    """Read the command line, fill a grade book, time the commands, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--students", type=int, default=500)
    chosen = parser.parse_args()
    exercises = read_catalog(ROOT / "exercises", ROOT / "reference", KINDS)
    reports = made_up(chosen.students, exercises).reports
    places = ["--exercises", str(ROOT / "exercises"), "--reference", str(ROOT / "reference")]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GRADE_LANG": "en"}
    print(
        f"{machine()}, {len(reports)} grades\n\n| command | wall s | CPU s | peak memory, MB |\n|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory(prefix="grade-book-") as name:
        folder = Path(name)
        fill(folder, reports, {exercise.id: exercise for exercise in exercises})
        write_files_to_fill(folder, {report.student: report.name for report in reports})
        for command in COMMANDS:
            more = places if command[:2] in (("export", "moodle"), ("report",)) else []
            line = [sys.executable, "-m", "grader", *command, *more]
            log = folder / "log.txt"
            cost = measure(line, cwd=folder, env=environment, log=log)
            if cost.code:
                sys.exit(f"{' '.join(line)}\n{log.read_text(encoding='utf-8')[-2000:]}")
            figures = f"{cost.wall_s:.1f} | {cost.cpu_s:.1f} | {cost.peak_bytes / 1e6:.0f}"
            print(f"| `{' '.join(command)}` | {figures} |", flush=True)


if __name__ == "__main__":
    main()
