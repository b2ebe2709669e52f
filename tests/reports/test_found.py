"""What is said of a class before it is graded."""

from __future__ import annotations

import io

from rich.console import Console

from grader.model.submission import Intake, SetAside, Submission
from grader.model.text import say
from grader.reports import print_intake


def submission(student: str, name: str, exercise: str = "a", **more: object) -> Submission:
    made = Submission(
        student=student,
        name=name,
        exercise=exercise,
        path=f"{name}/{exercise}.ipynb",
        sha256="0",
        notebook=None,
    )
    return made.model_copy(update=more)


def lines(intake: Intake, language: str = "en") -> list[str]:
    stream = io.StringIO()
    print_intake(intake, "fr" if language == "fr" else "en", Console(file=stream, width=200))
    return stream.getvalue().splitlines()


def test_exercises_late_ones_namesakes_duplicates_and_notes_are_told() -> None:
    intake = Intake(
        layout="canvas",
        submissions=(
            submission("1", "Jean Martin", late=True),
            submission("2", "Jean Martin"),
            submission("2", "Jean Martin", "b", late=True),
            submission("3", "Zoé", "b", by_content=True),
        ),
        set_aside=(
            SetAside(path="old.ipynb", reason=say("right"), is_superseded=True),
            SetAside(path="x.py", reason=say("wrong")),
        ),
        notes=(say("right"),),
    )
    assert lines(intake) == [
        "Found: students 3, notebooks 4, set aside 2 (layout: canvas)",
        "  right",
        "  Exercises: a 2, b 2",
        "  Taken for b by content alone: Zoé/b.ipynb",
        "  Late: Jean Martin",
        "  Several students are called Jean Martin: 1, 2. They are told apart by their numbers.",
        "  x.py: wrong",
        "  Duplicates, of which the newest counts: 1",
        "  old.ipynb: right",
    ]
    assert "  En retard\u202f: Jean Martin" in lines(intake, "fr")


def test_students_whom_only_names_tell_are_listed() -> None:
    found = (submission("ada", "ada"), submission("ada", "ada", "b"), submission("bob", "bob"))
    told = "  Students, by the names of folders and files: ada, bob"
    assert told in lines(Intake(layout="plain", submissions=found))
    assert told in lines(Intake(layout="canvas, plain", submissions=found))
    assert told not in lines(Intake(layout="canvas", submissions=found))


def test_many_late_ones_do_not_fill_the_screen() -> None:
    late = tuple(submission(str(n), f"N{n:02d}", late=True) for n in range(30))
    told = lines(Intake(layout="canvas", submissions=late))[2]
    assert told.endswith("N11, …")


def test_names_cannot_steer_the_terminal() -> None:
    told = lines(Intake(layout="plain", submissions=(submission("1", "[bold]\x1b[2JZoé", late=True),)))
    assert "  Late: [bold]Zoé" in told
